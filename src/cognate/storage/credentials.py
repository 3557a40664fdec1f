"""Queries for what is kept of passwords."""

from collections.abc import Sequence

from cognate.domain.ids import PoolId, Sub
from cognate.domain.passwords import Credential
from cognate.storage.connection import Connection
from cognate.storage.documents import Documents

DOCUMENTS = Documents(Credential)


class Credentials:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, sub: Sub) -> Credential | None:
        row = await self._connection.one(
            "SELECT document FROM credentials WHERE pool_id = ? AND sub = ?", pool_id, sub
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def exists(self, pool_id: PoolId, sub: Sub) -> bool:
        row = await self._connection.one(
            "SELECT 1 FROM credentials WHERE pool_id = ? AND sub = ?", pool_id, sub
        )
        return row is not None

    async def save(self, pool_id: PoolId, sub: Sub, credential: Credential) -> None:
        await self._connection.run(
            "INSERT INTO credentials (pool_id, sub, document) VALUES (?, ?, ?)"
            " ON CONFLICT (pool_id, sub) DO UPDATE SET document = excluded.document",
            pool_id,
            sub,
            DOCUMENTS.encode(credential),
        )

    async def add_many(
        self, pool_id: PoolId, credentials: Sequence[tuple[Sub, Credential]]
    ) -> None:
        await self._connection.insert(
            "credentials",
            ("pool_id", "sub", "document"),
            [(pool_id, sub, DOCUMENTS.encode(credential)) for sub, credential in credentials],
        )

    async def delete(self, pool_id: PoolId, sub: Sub) -> None:
        await self._connection.run(
            "DELETE FROM credentials WHERE pool_id = ? AND sub = ?", pool_id, sub
        )
