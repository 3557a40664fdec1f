"""Proof Key for Code Exchange (RFC 7636), S256 only: `plain` proves nothing and is not here."""

import hmac
import re
from hashlib import sha256
from typing import Final

from cognate.protocol import base64url

METHOD: Final = "S256"

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # section 4.1
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # section 4.2: 32 bytes in base64url


def is_verifier(text: str) -> bool:
    return _VERIFIER.fullmatch(text) is not None


def is_challenge(text: str) -> bool:
    return _CHALLENGE.fullmatch(text) is not None


def challenge_of(verifier: str) -> str:
    """code_challenge = base64url(SHA-256(code_verifier)), 43 characters (section 4.2)."""
    return base64url.encode(sha256(verifier.encode()).digest())


def verifier_matches(verifier: str, challenge: str) -> bool:
    """Whether a well-formed verifier belongs to the challenge, compared in constant time."""
    if not is_verifier(verifier):
        return False
    return hmac.compare_digest(challenge_of(verifier).encode(), challenge.encode())
