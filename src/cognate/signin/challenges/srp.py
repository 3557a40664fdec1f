"""
PASSWORD_VERIFIER: the password proven by SRP-6a, without being sent.

SECRET_BLOCK carries the sealed state of the exchange, so the answer is judged with or without its
Session (user-pools.md E.1, E.3).
"""

import base64
import hmac
from datetime import timedelta

from cognate.errors import InvalidParameterException, NotAuthorizedException
from cognate.ports import Call
from cognate.protocol import srp
from cognate.signin import guesses, standing, unknown_users
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.parameters import required

SERVER_SECRET_BYTES = 32
FRESHNESS = timedelta(minutes=5)  # how far TIMESTAMP may be off


async def issue(call: Call, attempt: Attempt) -> Issued:
    """
    Answer SRP_A with B, the salt and the secret block.

    Raises:
        InvalidParameterException: SRP_A missing or not hexadecimal.
        NotAuthorizedException: SRP_A is a multiple of N, or the user may not sign in.
    """
    try:
        client_public = srp.decode_client_public(required(attempt.answers, "SRP_A"))
    except ValueError as cause:
        raise InvalidParameterException("Invalid SRP_A") from cause
    if client_public % srp.N == 0:
        raise NotAuthorizedException
    salt, verifier = await _salt_and_verifier(call, attempt)
    b = int.from_bytes(call.entropy.token(SERVER_SECRET_BYTES), "big")
    server_public = await call.passwords.compute(lambda: srp.server_public(verifier, b))
    return Issued(
        parameters={
            "SRP_B": srp.pad(server_public).hex().lstrip("0"),
            "SALT": salt.hex(),
            "USERNAME": attempt.sign_in.username,
            "USER_ID_FOR_SRP": attempt.sign_in.username,
        },
        details={"A": f"{client_public:x}", "b": f"{b:x}"},
    )


async def _salt_and_verifier(call: Call, attempt: Attempt) -> tuple[bytes, int]:
    pool, user = attempt.pool, attempt.user
    if user is None:
        return await unknown_users.salt_and_verifier(call, pool, attempt.sign_in.username)
    standing.check_before_password(user, attempt.client)
    credential = await call.store.credentials.find(pool.pool_id, user.sub)
    if credential is None or credential.srp_salt is None or credential.sealed_verifier is None:
        return await unknown_users.salt_and_verifier(call, pool, user.username)
    keys = await call.keys.of_pool(pool)
    encoded = keys.open("srp verifier", credential.sealed_verifier)
    return credential.srp_salt, srp.decode_verifier(encoded)


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    Judge PASSWORD_CLAIM_SIGNATURE.

    Raises:
        InvalidParameterException: a part of the answer is missing.
        NotAuthorizedException: wrong, late, locked, disabled, or a temporary password too old.
    """
    answers, pool, user = attempt.answers, attempt.pool, attempt.user
    signature = _decoded(required(answers, "PASSWORD_CLAIM_SIGNATURE"))
    secret_block = required(answers, "PASSWORD_CLAIM_SECRET_BLOCK")
    timestamp = required(answers, "TIMESTAMP")
    signed_at = srp.parse_timestamp(timestamp)
    if signed_at is None:
        raise InvalidParameterException("Invalid TIMESTAMP format")
    username = attempt.sign_in.username
    sub = user.sub if user else await unknown_users.sub(call, pool, username)
    async with guesses.charged(call, pool.pool_id, sub) as charge:
        expected = await _expected_signature(call, attempt, secret_block, timestamp)
        now = call.clock.now()
        fresh = abs(now - signed_at) <= FRESHNESS
        if not hmac.compare_digest(expected, signature) or not fresh or user is None:
            raise NotAuthorizedException
        try:
            credential = await call.store.credentials.find(pool.pool_id, user.sub)
            standing.check_after_password(user, attempt.client, credential, now=now)
        except Exception:
            await call.store.change(charge.give_back)  # the password was right
            raise
        return Proven(user=user, methods=("pwd",), charge=charge)


async def _expected_signature(
    call: Call, attempt: Attempt, secret_block: str, timestamp: str
) -> bytes:
    details, username = attempt.sign_in.details, attempt.sign_in.username
    # The verifier as it is now: a password changed meanwhile makes the proof wrong.
    _, verifier = await _salt_and_verifier(call, attempt)
    client_public, b = int(details["A"], 16), int(details["b"], 16)

    def slow() -> bytes:
        server_public = srp.server_public(verifier, b)
        key = srp.server_key(
            client_public=client_public, server_public=server_public, b=b, verifier=verifier
        )
        return srp.claim_signature(
            key, attempt.pool.srp_name, username, _decoded(secret_block), timestamp
        )

    return await call.passwords.compute(slow)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as cause:
        raise NotAuthorizedException from cause
