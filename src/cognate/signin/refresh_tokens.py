"""
Refresh tokens: five parts as Cognito's have, made from the family's name and generation alone.

Nothing of a token is stored. Its secret part is a keyed digest, so the token of a generation is
always the same: a client that retries within the grace period gets the successor it missed.
"""

import hmac
from dataclasses import dataclass

import msgspec

from cognate.domain.ids import OriginJti
from cognate.ports import PoolKeys
from cognate.protocol import base64url

# What Cognito's refresh tokens say of themselves (user-pools.md B).
HEADER = base64url.encode(b'{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}')
PURPOSE = "refresh token"
MAXIMUM_LENGTH = 2048
IV_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenContent:
    origin_jti: OriginJti
    generation: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(RefreshTokenContent).decode


def refresh_token(keys: PoolKeys, content: RefreshTokenContent) -> str:
    body = _encode(content)
    secret = keys.digest(PURPOSE, body)
    rest = keys.digest(f"{PURPOSE} tail", body)
    parts = (secret, rest[:IV_BYTES], body, rest[IV_BYTES:])
    return ".".join((HEADER, *(base64url.encode(part) for part in parts)))


def content_of(keys: PoolKeys, token: str) -> RefreshTokenContent | None:
    """What `token` stands for, or None where this pool never made it."""
    parts = token.split(".")
    if len(token) > MAXIMUM_LENGTH or len(parts) != 5:
        return None
    try:
        content = _decode(base64url.decode(parts[3]))
    except (ValueError, msgspec.DecodeError):
        return None
    expected = refresh_token(keys, content)
    return content if hmac.compare_digest(expected.encode(), token.encode()) else None
