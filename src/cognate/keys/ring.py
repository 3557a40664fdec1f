"""Pools' keys, opened once and kept: the pool's record names each, so none is stale."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, TypeAlias, TypeVar

from cognate.domain.ids import PoolId
from cognate.domain.keys import SERVER, DataKey, SigningKey
from cognate.domain.pools import Pool
from cognate.keys.master import MasterKeyError, MasterKeys
from cognate.ports.keys import SealError
from cognate.ports.store import Store, Transaction
from cognate.ports.system import Clock, Entropy
from cognate.protocol import sealing
from cognate.protocol.jose import PrivateKey, PublicKey, key_id, public_jwk

T = TypeVar("T")

KeyPair: TypeAlias = tuple[PrivateKey, PublicKey]

REMEMBERED = 4096
DATA_KEY_ID_BYTES = 8


class OpenPoolKeys:
    """
    One pool's data key. What it seals bears the key's id in front, and is bound to the pool and to
    the purpose.
    """

    def __init__(
        self, pool_id: PoolId, key_id: str, key: bytes, nonce: Callable[[], bytes]
    ) -> None:
        self._pool_id = pool_id
        self._key_id = bytes.fromhex(key_id)
        self._sealing_key = _derived(key, "sealing")
        self._digest_key = _derived(key, "digests")
        self._nonce = nonce

    def _context(self, purpose: str) -> bytes:
        return f"{self._pool_id}/{purpose}".encode()

    def seal(self, purpose: str, plaintext: bytes) -> bytes:
        return self._key_id + sealing.seal(
            self._sealing_key, plaintext, self._context(purpose), nonce=self._nonce()
        )

    def open(self, purpose: str, sealed: bytes) -> bytes:
        if not hmac.compare_digest(sealed[:DATA_KEY_ID_BYTES], self._key_id):
            raise SealError
        try:
            return sealing.open_sealed(
                self._sealing_key, sealed[DATA_KEY_ID_BYTES:], self._context(purpose)
            )
        except sealing.SealBroken as cause:
            raise SealError from cause

    def digest(self, purpose: str, data: bytes) -> bytes:
        return hmac.digest(self._digest_key, purpose.encode() + b"\x00" + data, "sha256")


class KeyRing:
    def __init__(self, *, store: Store, master: MasterKeys, entropy: Entropy, clock: Clock) -> None:
        self._store = store
        self._master = master
        self._entropy = entropy
        self._clock = clock
        self._data_keys: OrderedDict[tuple[str, str], OpenPoolKeys] = OrderedDict()
        self._signing_keys: OrderedDict[tuple[str, str], KeyPair] = OrderedDict()
        self._server: OpenPoolKeys | None = None

    def forget(self) -> None:
        """After everything was emptied."""
        self._data_keys.clear()
        self._signing_keys.clear()
        self._server = None

    async def check(self) -> None:
        """
        See that everything can be opened.

        Raises:
            MasterKeyError: something was sealed under a master key that is not at hand.
        """
        for master_key_id in await self._store.key_records.master_key_ids():
            self._master_key(master_key_id)
        await self.of_server()

    async def of_pool(self, pool: Pool) -> OpenPoolKeys:
        known = self._data_keys.get((pool.pool_id, pool.data_key_id))
        if known is not None:
            return known
        record = await self._store.key_records.data_key(pool.pool_id, pool.data_key_id)
        if record is None:
            raise MasterKeyError(f"the data key of {pool.pool_id} is not stored")
        return _remember(self._data_keys, (pool.pool_id, pool.data_key_id), self._opened(record))

    async def of_server(self) -> OpenPoolKeys:
        if self._server is None:
            fresh = await self.new_data_key(SERVER)

            async def first_data_key(tx: Transaction) -> DataKey:
                existing = await tx.key_records.data_keys(SERVER)
                if not existing:
                    await tx.key_records.add_data_key(fresh)
                return existing[0] if existing else fresh

            self._server = self._opened(await self._store.change(first_data_key))
        return self._server

    async def new_data_key(self, pool_id: PoolId) -> DataKey:
        return self.adopted(
            pool_id,
            self._entropy.token(DATA_KEY_ID_BYTES).hex(),
            self._entropy.token(sealing.KEY_BYTES),
            created_at=self._clock.now(),
        )

    def _master_key(self, key_id: str) -> bytes:
        known = self._master.by_id.get(key_id)
        if known is None:
            raise MasterKeyError(
                f"the data was sealed under the master key {key_id}, which is not at hand;"
                f" this is {', '.join(self._master.by_id)}"
            )
        return known

    def exposed(self, data_key: DataKey) -> bytes:
        return self._key_in(data_key)

    def adopted(self, pool_id: PoolId, key_id: str, key: bytes, *, created_at: datetime) -> DataKey:
        sealed = sealing.seal(
            self._master.by_id[self._master.current],
            key,
            f"{pool_id}/{key_id}".encode(),
            nonce=self._entropy.token(sealing.NONCE_BYTES),
        )
        return DataKey(
            pool_id=pool_id,
            key_id=key_id,
            master_key_id=self._master.current,
            sealed_key=sealed,
            created_at=created_at,
        )

    def _key_in(self, record: DataKey) -> bytes:
        try:
            return sealing.open_sealed(
                self._master_key(record.master_key_id),
                record.sealed_key,
                f"{record.pool_id}/{record.key_id}".encode(),
            )
        except sealing.SealBroken as cause:
            raise MasterKeyError(f"the data key of {record.pool_id} was altered") from cause

    def _opened(self, record: DataKey) -> OpenPoolKeys:
        key = self._key_in(record)
        return OpenPoolKeys(
            record.pool_id,
            record.key_id,
            key,
            lambda: self._entropy.token(sealing.NONCE_BYTES),
        )

    async def new_signing_keys(self, data_key: DataKey) -> tuple[SigningKey, SigningKey]:
        keys = self._opened(data_key)
        return (
            await self._new_signing_key(data_key.pool_id, keys, "id"),
            await self._new_signing_key(data_key.pool_id, keys, "access"),
        )

    async def _new_signing_key(
        self, pool_id: PoolId, keys: OpenPoolKeys, use: Literal["id", "access"]
    ) -> SigningKey:
        der = await self._entropy.rsa_key()
        kid = key_id(PrivateKey.load("", der).rsa.public_key())
        return SigningKey(
            pool_id=pool_id,
            kid=kid,
            use=use,
            sealed_private_key=keys.seal("signing key", der),
            created_at=self._clock.now(),
        )

    async def signing_key(self, pool: Pool, use: Literal["id", "access"]) -> PrivateKey:
        return (await self._key_pair(pool, pool.signing_kid(use)))[0]

    async def _key_pair(self, pool: Pool, kid: str) -> KeyPair:
        known = self._signing_keys.get((pool.pool_id, kid))
        if known is not None:
            return known
        record = await self._store.key_records.signing_key(pool.pool_id, kid)
        if record is None:
            raise MasterKeyError(f"the signing key {kid} of {pool.pool_id} is not stored")
        keys = await self.of_pool(pool)
        key = PrivateKey.load(kid, keys.open("signing key", record.sealed_private_key))
        return _remember(self._signing_keys, (pool.pool_id, kid), (key, key.public()))

    async def public_key(self, pool: Pool, kid: str) -> PublicKey | None:
        if not any(key.kid == kid for key in pool.signing_keys):
            return None
        return (await self._key_pair(pool, kid))[1]

    async def jwks(self, pool: Pool) -> list[Mapping[str, str]]:
        return [public_jwk((await self._key_pair(pool, key.kid))[1]) for key in pool.signing_keys]


def _derived(key: bytes, use: str) -> bytes:
    """A key for one use (HKDF-Expand of RFC 5869 with one block; the data key is uniform)."""
    return hmac.digest(key, b"cognate " + use.encode() + b"\x01", hashlib.sha256)


def _remember(known: OrderedDict[tuple[str, str], T], key: tuple[str, str], value: T) -> T:
    known[key] = value
    if len(known) > REMEMBERED:
        known.popitem(last=False)
    return value
