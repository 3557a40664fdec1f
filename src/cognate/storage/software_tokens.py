"""Queries for authenticator apps."""

from dataclasses import replace

from cognate.domain.ids import PoolId, Sub
from cognate.domain.software_tokens import SoftwareToken
from cognate.storage.connection import Connection
from cognate.storage.documents import Documents

DOCUMENTS = Documents(SoftwareToken)


class SoftwareTokens:
    """The step used last is a column: it changes by compare-and-set."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, sub: Sub) -> SoftwareToken | None:
        row = await self._connection.one(
            "SELECT document, last_step FROM software_tokens WHERE pool_id = ? AND sub = ?",
            pool_id,
            sub,
        )
        return None if row is None else replace(DOCUMENTS.decode(row[0]), last_step=row[1])

    async def save(self, token: SoftwareToken) -> None:
        await self._connection.run(
            "INSERT INTO software_tokens (pool_id, sub, last_step, document) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (pool_id, sub) DO UPDATE SET last_step = excluded.last_step,"
            " document = excluded.document",
            token.pool_id,
            token.sub,
            token.last_step,
            DOCUMENTS.encode(token),
        )

    async def spend(self, pool_id: PoolId, sub: Sub, *, step: int) -> bool:
        spent = await self._connection.run(
            "UPDATE software_tokens SET last_step = ?"
            " WHERE pool_id = ? AND sub = ? AND last_step < ?",
            step,
            pool_id,
            sub,
            step,
        )
        return spent == 1

    async def delete(self, pool_id: PoolId, sub: Sub) -> bool:
        deleted = await self._connection.run(
            "DELETE FROM software_tokens WHERE pool_id = ? AND sub = ?", pool_id, sub
        )
        return deleted == 1
