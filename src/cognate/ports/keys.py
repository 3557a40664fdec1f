"""Sealing, keyed digests and signatures under a pool's own keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from cognate.domain.ids import PoolId
from cognate.domain.keys import DataKey, SigningKey
from cognate.domain.pools import Pool
from cognate.protocol.jose import PrivateKey, PublicKey


class SealError(Exception):
    """Something sealed was altered, cut, or sealed for another purpose or pool."""


class PoolKeys(Protocol):
    """The keys of one pool, ready to use; nothing here waits."""

    def seal(self, purpose: str, plaintext: bytes) -> bytes:
        """Encrypt so that only this pool, for this purpose, can open it."""

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """
        Raises:
            SealError: not sealed by this pool for this purpose.
        """

    def digest(self, purpose: str, data: bytes) -> bytes:
        """32 bytes that only the holder of the pool's key can compute (HMAC-SHA-256)."""


class Keys(Protocol):
    async def of_pool(self, pool: Pool) -> PoolKeys: ...

    async def of_server(self) -> PoolKeys:
        """The keys for what belongs to no pool (access keys)."""

    async def new_data_key(self, pool_id: PoolId) -> DataKey:
        """A fresh data key, sealed under the master key; the caller stores it."""

    def exposed(self, data_key: DataKey) -> bytes:
        """
        A data key in clear: 32 bytes, for an archive that is sealed itself.

        Raises:
            MasterKeyError: the master key that sealed it is not at hand.
        """

    def adopted(self, pool_id: PoolId, key_id: str, key: bytes, *, created_at: datetime) -> DataKey:
        """A data key from elsewhere, sealed under the master key; the caller stores it."""

    async def new_signing_keys(self, data_key: DataKey) -> tuple[SigningKey, SigningKey]:
        """Fresh keys for ID tokens and for access tokens; the caller stores them."""

    async def signing_key(self, pool: Pool, use: Literal["id", "access"]) -> PrivateKey: ...

    async def public_key(self, pool: Pool, kid: str) -> PublicKey | None:
        """The key `kid` of this pool, or None."""

    async def jwks(self, pool: Pool) -> list[Mapping[str, str]]:
        """Every key that a live token of the pool may bear, as JWKs."""
