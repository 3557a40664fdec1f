"""Queries for terms documents."""

from collections.abc import Sequence

from cognate.domain.ids import ClientId, PoolId
from cognate.domain.terms import Terms
from cognate.storage.connection import Connection, Row
from cognate.storage.documents import Documents

DOCUMENTS = Documents(Terms)


class TermsDocuments:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, terms_id: str) -> Terms | None:
        return _terms(
            await self._connection.one(
                "SELECT document FROM terms WHERE pool_id = ? AND terms_id = ?", pool_id, terms_id
            )
        )

    async def find_by_client(self, pool_id: PoolId, client_id: ClientId, name: str) -> Terms | None:
        return _terms(
            await self._connection.one(
                "SELECT document FROM terms WHERE pool_id = ? AND client_id = ? AND name = ?",
                pool_id,
                client_id,
                name,
            )
        )

    async def add(self, terms: Terms) -> None:
        await self._connection.run(
            "INSERT INTO terms (pool_id, terms_id, client_id, name, document)"
            " VALUES (?, ?, ?, ?, ?)",
            terms.pool_id,
            terms.terms_id,
            terms.client_id,
            terms.name,
            DOCUMENTS.encode(terms),
        )

    async def save(self, terms: Terms) -> None:
        await self._connection.run(
            "UPDATE terms SET name = ?, document = ? WHERE pool_id = ? AND terms_id = ?",
            terms.name,
            DOCUMENTS.encode(terms),
            terms.pool_id,
            terms.terms_id,
        )

    async def delete(self, pool_id: PoolId, terms_id: str) -> bool:
        deleted = await self._connection.run(
            "DELETE FROM terms WHERE pool_id = ? AND terms_id = ?", pool_id, terms_id
        )
        return deleted == 1

    async def page(self, pool_id: PoolId, *, after: str, limit: int) -> Sequence[Terms]:
        rows = await self._connection.all(
            "SELECT document FROM terms WHERE pool_id = ? AND terms_id > ?"
            " ORDER BY terms_id LIMIT ?",
            pool_id,
            after,
            limit,
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def count(self, pool_id: PoolId) -> int:
        row = await self._connection.one("SELECT count(*) FROM terms WHERE pool_id = ?", pool_id)
        return 0 if row is None else int(row[0])


def _terms(row: Row | None) -> Terms | None:
    return None if row is None else DOCUMENTS.decode(row[0])
