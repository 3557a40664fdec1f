"""
Signed tokens (JWS compact form, RFC 7515) with RS256 and nothing else.

A key is an RS256 key because it is one of this module's keys; the header of a token never chooses
the algorithm (RFC 8725 section 3.1). Tokens of other algorithms, from other issuers, are not read
here. Signing costs one RSA signature and about 2 us, verifying one RSA check and about 5 us.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    RSAPublicNumbers,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

from cognate.protocol import base64url

ALGORITHM: Final = "RS256"
MODULUS_BITS: Final = 2048  # what Cognito's JWKS documents show, and RFC 7518 section 3.3's least
MAX_TOKEN_BYTES: Final = 64 * 1024

_PADDING: Final = PKCS1v15()
_HASH: Final = SHA256()
_encode_json: Final = msgspec.json.Encoder().encode


class InvalidToken(Exception):
    """The token is not one that the given keys signed. `reason` is for logs, not for strangers."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RS256 verification key. `kid` is the name tokens call it by."""

    kid: str
    rsa: RSAPublicKey

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object]) -> "PublicKey":
        """
        Read a JWK (RFC 7517, RFC 7518 section 6.3.1).

        Raises:
            ValueError: not an RSA signature key with a `kid`, of at least 2,048 bits, or one
                meant for another algorithm.
        """
        kid, n, e = jwk.get("kid"), jwk.get("n"), jwk.get("e")
        if jwk.get("kty") != "RSA" or not (
            isinstance(kid, str) and isinstance(n, str) and isinstance(e, str)
        ):
            raise ValueError("not an RSA key with kid, n and e")
        if jwk.get("alg", ALGORITHM) != ALGORITHM or jwk.get("use", "sig") != "sig":
            raise ValueError("not an RS256 signature key")
        modulus = int.from_bytes(base64url.decode(n), "big")
        exponent = int.from_bytes(base64url.decode(e), "big")
        if modulus.bit_length() < MODULUS_BITS:
            raise ValueError(f"an RS256 key has at least {MODULUS_BITS} bits")
        return cls(kid, RSAPublicNumbers(exponent, modulus).public_key())


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An RS256 signing key. `header` is the first part of every token it signs, encoded."""

    kid: str
    rsa: RSAPrivateKey = field(repr=False)
    header: bytes = field(repr=False)

    @classmethod
    def load(cls, kid: str, der: bytes) -> "PrivateKey":
        """
        Open a key that `generate_rsa_key` wrote, in microseconds: it is not validated again.

        Never for keys from elsewhere: checking that a key is sound takes 26 ms, and is skipped.

        Raises:
            ValueError: not an RSA key in PKCS #8.
        """
        # Imported here: 10 ms (it brings SSH's formats) that a start does not need.
        from cryptography.hazmat.primitives.serialization import load_der_private_key

        rsa = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(rsa, RSAPrivateKey):
            raise ValueError("not an RSA key")
        header = base64url.encode(_encode_json({"kid": kid, "alg": ALGORITHM}))
        return cls(kid, rsa, header.encode())

    def public(self) -> PublicKey:
        return PublicKey(self.kid, self.rsa.public_key())


KeyOfKid = Callable[[str], PublicKey | None] | Mapping[str, PublicKey]
"""Where `verify` finds the key that a token names."""


class _Header(msgspec.Struct):
    """A JWS header; members that are absent stay UNSET, which nothing a sender writes equals."""

    alg: Any = msgspec.UNSET
    kid: Any = msgspec.UNSET
    crit: Any = msgspec.UNSET
    b64: Any = msgspec.UNSET


_decode_header: Final = msgspec.json.Decoder(_Header).decode
_decode_claims: Final = msgspec.json.Decoder(dict[str, Any]).decode


def generate_rsa_key() -> bytes:
    """
    A new RSA-2048 private key as PKCS #8 DER, from OpenSSL's own random source.

    Takes 20 to 100 ms: not for the loop.
    """
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = generate_private_key(public_exponent=65537, key_size=MODULUS_BITS)
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def key_id(key: RSAPublicKey) -> str:
    """
    A name that follows from the key: its RFC 7638 SHA-256 thumbprint, in 44 characters of Base64.

    Cognito's key ids look so (43 characters and `=`), `+` and `/` included.
    """
    members = _rsa_members(key)
    thumbprint = sha256(_encode_json({"e": members["e"], "kty": "RSA", "n": members["n"]}))
    return b64encode(thumbprint.digest()).decode()


def public_jwk(key: PrivateKey | PublicKey) -> dict[str, str]:
    """The JWK as Cognito's JWKS documents show it (RFC 7517; spec user-pools G.1)."""
    rsa = key.rsa.public_key() if isinstance(key, PrivateKey) else key.rsa
    members = _rsa_members(rsa)
    return {
        "alg": ALGORITHM,
        "e": members["e"],
        "kid": key.kid,
        "kty": "RSA",
        "n": members["n"],
        "use": "sig",
    }


def sign(claims: Mapping[str, object], key: PrivateKey) -> str:
    """The claims as a token, its header exactly `{"kid":…,"alg":"RS256"}` (no `typ`)."""
    signing_input = key.header + b"." + base64url.encode(_encode_json(claims)).encode()
    signature = key.rsa.sign(signing_input, _PADDING, _HASH)
    return f"{signing_input.decode()}.{base64url.encode(signature)}"


def verify(token: str, key_of_kid: KeyOfKid) -> dict[str, Any]:
    """
    The claims of a token that one of our keys signed. Expiry, audience and the rest are not judged.

    Raises:
        InvalidToken: for anything else, whatever is wrong with it.
    """
    header_part, claims_part, signature_part = _parts(token)
    header = _header(header_part)
    if header.alg != ALGORITHM:
        raise InvalidToken("the algorithm is not RS256")
    if header.crit is not msgspec.UNSET or header.b64 is not msgspec.UNSET:
        raise InvalidToken("critical header parameters are not understood")  # RFC 7515 4.1.11
    if not isinstance(header.kid, str):
        raise InvalidToken("no key id")
    key = key_of_kid(header.kid) if callable(key_of_kid) else key_of_kid.get(header.kid)
    if key is None:
        raise InvalidToken("unknown key id")
    signature = _decode_part(signature_part)
    try:
        key.rsa.verify(signature, header_part + b"." + claims_part, _PADDING, _HASH)
    except InvalidSignature as cause:
        raise InvalidToken("the signature does not match") from cause
    return _claims(claims_part)


def unverified_header(token: str) -> dict[str, Any]:
    """
    What the header says, believed by nobody: for choosing an issuer or explaining a token.

    Raises:
        InvalidToken: not three parts, or the first is not a JSON object.
    """
    return _claims(_parts(token)[0])


def unverified_claims(token: str) -> dict[str, Any]:
    """
    What the claims say, believed by nobody.

    Raises:
        InvalidToken: not three parts, or the second is not a JSON object.
    """
    return _claims(_parts(token)[1])


def _parts(token: str) -> tuple[bytes, bytes, bytes]:
    if len(token) > MAX_TOKEN_BYTES:
        raise InvalidToken("too long")
    try:
        parts = token.encode("ascii").split(b".")
    except UnicodeEncodeError as cause:
        raise InvalidToken("not ASCII") from cause
    if len(parts) != 3:
        raise InvalidToken("not three parts")
    return parts[0], parts[1], parts[2]


def _decode_part(part: bytes) -> bytes:
    try:
        return base64url.decode(part)
    except ValueError as cause:
        raise InvalidToken("a part is not base64url") from cause


def _header(part: bytes) -> _Header:
    try:
        return _decode_header(_decode_part(part))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as cause:
        raise InvalidToken("the header is not a JSON object") from cause


def _claims(part: bytes) -> dict[str, Any]:
    try:
        return _decode_claims(_decode_part(part))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as cause:
        raise InvalidToken("a part is not a JSON object") from cause


def _rsa_members(key: RSAPublicKey) -> dict[str, str]:
    """`n` and `e` in base64url of their shortest big-endian form (RFC 7518 section 6.3.1)."""
    numbers = key.public_numbers()
    return {
        name: base64url.encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))
        for name, value in (("e", numbers.e), ("n", numbers.n))
    }
