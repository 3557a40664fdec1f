"""Queries for the way from a domain to its pool."""

from cognate.domain.ids import PoolId
from cognate.storage.connection import Connection


class Domains:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def pool_of(self, domain: str) -> PoolId | None:
        row = await self._connection.one("SELECT pool_id FROM domains WHERE domain = ?", domain)
        return None if row is None else PoolId(row[0])

    async def add(self, domain: str, pool_id: PoolId) -> bool:
        added = await self._connection.run(
            "INSERT INTO domains (domain, pool_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            domain,
            pool_id,
        )
        return added == 1

    async def delete(self, domain: str, pool_id: PoolId) -> None:
        await self._connection.run(
            "DELETE FROM domains WHERE domain = ? AND pool_id = ?", domain, pool_id
        )
