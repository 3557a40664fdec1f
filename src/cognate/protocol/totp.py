"""
Time-based one-time passwords (RFC 6238) as authenticator apps expect them: SHA-1, 6 digits, 30 s.

A step is the number of 30-second intervals since 1970. A code is good once: the caller stores the
step that matched and refuses it, and every earlier one, the next time (RFC 6238 section 5.2).
"""

import hmac
from base64 import b32decode, b32encode
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_SECONDS: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 32  # what callers draw: 52 Base32 characters, the length Cognito's have


def step_at(now: datetime) -> int:
    """The step that an aware datetime lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int) -> str:
    """The six digits of a step, leading zeros kept (RFC 4226 section 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: bytes, code: str, now: datetime, window: int = 1) -> int | None:
    """
    The latest step, at most `window` steps from now either way, whose code this is.

    Every step is compared in constant time and none is left out, so the time tells nothing.
    """
    current, given = step_at(now), code.encode()
    matched = None
    for step in range(max(current - window, 0), current + window + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), given):
            matched = step
    return matched


def encode_secret(secret: bytes) -> str:
    """Base32 without padding, as SecretCode shows it and people type it."""
    return b32encode(secret).rstrip(b"=").decode()


def decode_secret(text: str) -> bytes:
    """
    The secret spelled in Base32, of either case, padded or not (RFC 4648 section 6).

    Raises:
        ValueError: not Base32.
    """
    spelled = text.rstrip("=")
    try:
        return b32decode(spelled + "=" * (-len(spelled) % 8), casefold=True)
    except ValueError as cause:  # binascii.Error is one, and so is a character beyond ASCII
        raise ValueError("not a Base32 value") from cause


def otpauth_uri(secret: bytes, *, issuer: str, account: str) -> str:
    """
    What the QR code of an authenticator app holds (Google Authenticator wiki, Key Uri Format).

    Algorithm, digits and period are the format's defaults and left out.
    """
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    query = urlencode({"secret": encode_secret(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"
