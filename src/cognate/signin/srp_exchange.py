"""One SRP exchange, whoever proves themselves by it: a user's password or a device's secret."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cognate.errors import InvalidParameterException, NotAuthorizedException
from cognate.ports import Call
from cognate.protocol import srp
from cognate.signin.parameters import required

SERVER_SECRET_BYTES = 32
FRESHNESS = timedelta(minutes=5)  # how far TIMESTAMP may be off


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The server's half: B in hexadecimal, and what judging the answer needs, kept sealed."""

    server_public: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the client sends back; the timestamp is hashed exactly as it was received."""

    signature: bytes
    secret_block: bytes
    timestamp: str
    signed_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        return abs(now - self.signed_at) <= FRESHNESS


def client_public(answers: Mapping[str, str]) -> int:
    """
    SRP_A as a number.

    Raises:
        InvalidParameterException: missing or not hexadecimal.
        NotAuthorizedException: a multiple of N, whose key needs no password.
    """
    try:
        number = srp.decode_client_public(required(answers, "SRP_A"))
    except ValueError as cause:
        raise InvalidParameterException("Invalid SRP_A") from cause
    if number % srp.N == 0:
        raise NotAuthorizedException
    return number


async def offer(call: Call, answers: Mapping[str, str], verifier: int) -> Offer:
    """Answer SRP_A; raises what `client_public` raises."""
    number = client_public(answers)
    b = int.from_bytes(call.entropy.token(SERVER_SECRET_BYTES), "big")
    public = await call.passwords.compute(lambda: srp.server_public(verifier, b))
    return Offer(
        server_public=srp.pad(public).hex().lstrip("0"),
        # All digits, so that the length of what is sealed depends on nothing secret.
        details={"A": f"{number:x}", "b": f"{b:0{2 * SERVER_SECRET_BYTES}x}"},
    )


def claim_of(answers: Mapping[str, str]) -> Claim:
    """
    Raises:
        InvalidParameterException: a part is missing, or the timestamp is none.
        NotAuthorizedException: the signature or the secret block is not Base64.
    """
    signature = _decoded(required(answers, "PASSWORD_CLAIM_SIGNATURE"))
    secret_block = _decoded(required(answers, "PASSWORD_CLAIM_SECRET_BLOCK"))
    timestamp = required(answers, "TIMESTAMP")
    signed_at = srp.parse_timestamp(timestamp)
    if signed_at is None:
        raise InvalidParameterException("Invalid TIMESTAMP format")
    return Claim(
        signature=signature, secret_block=secret_block, timestamp=timestamp, signed_at=signed_at
    )


async def expected_signature(
    call: Call,
    details: Mapping[str, str],
    claim: Claim,
    *,
    verifier: int,
    pool_name: str,
    username: str,
) -> bytes:
    """What PASSWORD_CLAIM_SIGNATURE must be, if the secret is the verifier's."""
    a_public, b = int(details["A"], 16), int(details["b"], 16)

    def slow() -> bytes:
        b_public = srp.server_public(verifier, b)
        key = srp.server_key(client_public=a_public, server_public=b_public, b=b, verifier=verifier)
        return srp.claim_signature(key, pool_name, username, claim.secret_block, claim.timestamp)

    return await call.passwords.compute(slow)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as cause:
        raise NotAuthorizedException from cause
