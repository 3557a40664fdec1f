"""
Envelopes for secrets at rest and for state in strangers' hands: AES-256-GCM (NIST SP 800-38D).

An envelope is a version byte (1), a 12-byte nonce, the ciphertext and a 16-byte tag. The context
says what the envelope is for (`b"totp|pool|sub"`); it is authenticated, not stored, so an envelope
opens only in the place it was made for.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12  # SP 800-38D section 8.2: random nonces, below 2^32 envelopes a key
TAG_BYTES: Final = 16
VERSION: Final = b"\x01"


class SealBroken(Exception):
    """The envelope was changed, belongs to another context, or another key sealed it."""


def seal(key: bytes, plaintext: bytes, context: bytes, *, nonce: bytes) -> bytes:
    """
    Seal `plaintext` under a 32-byte key; 29 bytes longer than it. `nonce`: 12 fresh random bytes.

    Raises:
        ValueError: a key or nonce of another length.
    """
    _check_key(key)
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, VERSION + context)


def open_sealed(key: bytes, envelope: bytes, context: bytes) -> bytes:
    """
    The plaintext of an envelope made by `seal` with the same key and context.

    Raises:
        SealBroken: for every other envelope, without saying why.
        ValueError: a key of another length (the caller's mistake, not the envelope's).
    """
    _check_key(key)
    if len(envelope) < len(VERSION) + NONCE_BYTES + TAG_BYTES or envelope[:1] != VERSION:
        raise SealBroken
    nonce, ciphertext = envelope[1 : 1 + NONCE_BYTES], envelope[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, VERSION + context)
    except InvalidTag as cause:
        raise SealBroken from cause


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a sealing key has {KEY_BYTES} bytes")
