"""Queries for codes that were sent."""

from datetime import datetime

from cognate.domain.codes import Code
from cognate.domain.ids import PoolId, Sub
from cognate.storage.connection import Connection, millis
from cognate.storage.documents import Documents

DOCUMENTS = Documents(Code)


class Codes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, sub: Sub, purpose: str) -> Code | None:
        row = await self._connection.one(
            "SELECT document FROM codes WHERE pool_id = ? AND sub = ? AND purpose = ?",
            pool_id,
            sub,
            purpose,
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def save(self, code: Code) -> None:
        await self._connection.run(
            "INSERT INTO codes (pool_id, sub, purpose, code_hash, issued_at, document)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (pool_id, sub, purpose) DO UPDATE SET code_hash = excluded.code_hash,"
            " issued_at = excluded.issued_at, document = excluded.document",
            code.pool_id,
            code.sub,
            code.purpose,
            code.code_hash,
            millis(code.issued_at),
            DOCUMENTS.encode(code),
        )

    async def redeem(self, code: Code) -> bool:
        redeemed = await self._connection.run(
            "DELETE FROM codes WHERE pool_id = ? AND sub = ? AND purpose = ? AND code_hash = ?"
            " AND issued_at = ?",
            code.pool_id,
            code.sub,
            code.purpose,
            code.code_hash,
            millis(code.issued_at),
        )
        return redeemed == 1

    async def delete(self, pool_id: PoolId, sub: Sub, purpose: str) -> None:
        await self._connection.run(
            "DELETE FROM codes WHERE pool_id = ? AND sub = ? AND purpose = ?",
            pool_id,
            sub,
            purpose,
        )

    async def purge(self, *, before: datetime, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM codes WHERE (pool_id, sub, purpose) IN"
            " (SELECT pool_id, sub, purpose FROM codes WHERE issued_at < ? LIMIT ?)",
            millis(before),
            limit,
        )
