"""
What an archive's key is made from: a passphrase, or the key pair of whoever is to read it.

Passphrases go through Argon2id (RFC 9106, its second choice: 64 MiB, three passes), key pairs are
X25519 (RFC 7748) in PEM files as OpenSSL writes them. A key is made for one archive alone.
"""

from typing import Any, Final, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from cognate.protocol import base64url

KEY_BYTES: Final = 32
MEMORY: Final = 64 * 1024  # KiB
PASSES: Final = 3
LANES: Final = 4

PASSPHRASE: Final = "passphrase"
RECIPIENT: Final = "recipient"


class LockError(Exception):
    """A key file or passphrase that cannot be used, in words for its owner."""


class Lock(Protocol):
    """Makes an archive's key. `salt`: 16 random bytes of that archive's own."""

    def closed(self, salt: bytes) -> tuple[bytes, dict[str, str]]:
        """The key, and what the archive says of how it was made."""


class Unlocking(Protocol):
    def opened(self, salt: bytes, description: dict[str, str]) -> bytes:
        """
        Raises:
            LockError: the archive was locked in another way.
        """


class Passphrase:
    """
    Raises:
        LockError: it is empty.
    """

    def __init__(self, text: str) -> None:
        if not text:
            raise LockError("the passphrase is empty")
        self._text = text

    def closed(self, salt: bytes) -> tuple[bytes, dict[str, str]]:
        return self._key(salt), {"kind": PASSPHRASE}

    def opened(self, salt: bytes, description: dict[str, str]) -> bytes:
        if description.get("kind") != PASSPHRASE:
            raise LockError("the archive is locked for a key pair, not with a passphrase")
        return self._key(salt)

    def _key(self, salt: bytes) -> bytes:
        from argon2.low_level import Type, hash_secret_raw

        return hash_secret_raw(
            self._text.encode(),
            salt,
            time_cost=PASSES,
            memory_cost=MEMORY,
            parallelism=LANES,
            hash_len=KEY_BYTES,
            type=Type.ID,
        )


class Recipient:
    """
    The reader's public key. `ephemeral`: a fresh private key, 32 random bytes.

    Raises:
        LockError: not the PEM text of an X25519 public key.
    """

    def __init__(self, pem: bytes, ephemeral: bytes) -> None:
        self._public: X25519PublicKey = _loaded(load_pem_public_key, pem, X25519PublicKey)
        self._ephemeral = X25519PrivateKey.from_private_bytes(ephemeral)

    def closed(self, salt: bytes) -> tuple[bytes, dict[str, str]]:
        own = self._ephemeral.public_key()
        key = _agreed(self._ephemeral.exchange(self._public), salt, own, self._public)
        return key, {"kind": RECIPIENT, "ephemeral": base64url.encode(_raw(own))}


class Identity:
    """
    The reader's private key.

    Raises:
        LockError: not the PEM text of an X25519 private key, or protected by a password.
    """

    def __init__(self, pem: bytes) -> None:
        self._private: X25519PrivateKey = _loaded(
            lambda text: load_pem_private_key(text, None), pem, X25519PrivateKey
        )

    def opened(self, salt: bytes, description: dict[str, str]) -> bytes:
        if description.get("kind") != RECIPIENT:
            raise LockError("the archive is locked with a passphrase, not for a key pair")
        try:
            ephemeral = X25519PublicKey.from_public_bytes(
                base64url.decode(description.get("ephemeral", ""))
            )
            shared = self._private.exchange(ephemeral)
        except ValueError as cause:
            raise LockError("the archive's description of its key is malformed") from cause
        return _agreed(shared, salt, ephemeral, self._private.public_key())


def _agreed(
    shared: bytes, salt: bytes, ephemeral: X25519PublicKey, recipient: X25519PublicKey
) -> bytes:
    """HKDF (RFC 5869), bound to both public keys (RFC 7748 section 6.1)."""
    info = b"cognate pool archive" + _raw(ephemeral) + _raw(recipient)
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(shared)


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _loaded(load: Any, pem: bytes, kind: type[Any]) -> Any:
    try:
        key = load(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise LockError("the key file is not a key in PEM form without a password") from cause
    if not isinstance(key, kind):
        raise LockError("the key is not an X25519 key")
    return key
