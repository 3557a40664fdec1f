"""Queries for data keys and signing keys."""

from collections.abc import Sequence

from cognate.domain.ids import PoolId
from cognate.domain.keys import DataKey, SigningCertificate, SigningKey
from cognate.storage.connection import Connection, Row, instant, millis


class KeyRecords:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def data_keys(self, pool_id: PoolId) -> Sequence[DataKey]:
        rows = await self._connection.all(
            "SELECT pool_id, key_id, master_key_id, sealed_key, created_at FROM data_keys"
            " WHERE pool_id = ? ORDER BY created_at, key_id",
            pool_id,
        )
        return [_data_key(row) for row in rows]

    async def data_key(self, pool_id: PoolId, key_id: str) -> DataKey | None:
        row = await self._connection.one(
            "SELECT pool_id, key_id, master_key_id, sealed_key, created_at FROM data_keys"
            " WHERE pool_id = ? AND key_id = ?",
            pool_id,
            key_id,
        )
        return None if row is None else _data_key(row)

    async def master_key_ids(self) -> Sequence[str]:
        rows = await self._connection.all(
            "SELECT DISTINCT master_key_id FROM data_keys ORDER BY master_key_id"
        )
        return [row[0] for row in rows]

    async def add_data_key(self, key: DataKey) -> None:
        await self._connection.run(
            "INSERT INTO data_keys (pool_id, key_id, master_key_id, sealed_key, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            key.pool_id,
            key.key_id,
            key.master_key_id,
            key.sealed_key,
            millis(key.created_at),
        )

    async def signing_key(self, pool_id: PoolId, kid: str) -> SigningKey | None:
        row = await self._connection.one(
            "SELECT purpose, sealed_private_key, created_at FROM signing_keys"
            " WHERE pool_id = ? AND kid = ?",
            pool_id,
            kid,
        )
        if row is None:
            return None
        return SigningKey(
            pool_id=pool_id,
            kid=kid,
            use=row[0],
            sealed_private_key=row[1],
            created_at=instant(row[2]),
        )

    async def add_signing_key(self, key: SigningKey) -> None:
        await self._connection.run(
            "INSERT INTO signing_keys (pool_id, kid, purpose, sealed_private_key, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            key.pool_id,
            key.kid,
            key.use,
            key.sealed_private_key,
            millis(key.created_at),
        )

    async def signing_certificate(self, pool_id: PoolId) -> SigningCertificate | None:
        row = await self._connection.one(
            "SELECT certificate, sealed_private_key, created_at FROM signing_certificates"
            " WHERE pool_id = ?",
            pool_id,
        )
        if row is None:
            return None
        return SigningCertificate(
            pool_id=pool_id,
            certificate=row[0],
            sealed_private_key=row[1],
            created_at=instant(row[2]),
        )

    async def add_signing_certificate(self, made: SigningCertificate) -> None:
        await self._connection.run(
            "INSERT INTO signing_certificates"
            " (pool_id, certificate, sealed_private_key, created_at) VALUES (?, ?, ?, ?)",
            made.pool_id,
            made.certificate,
            made.sealed_private_key,
            millis(made.created_at),
        )


def _data_key(row: Row) -> DataKey:
    return DataKey(
        pool_id=PoolId(row[0]),
        key_id=row[1],
        master_key_id=row[2],
        sealed_key=row[3],
        created_at=instant(row[4]),
    )
