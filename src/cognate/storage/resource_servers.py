"""Queries for resource servers."""

from collections.abc import Sequence

from cognate.domain.ids import PoolId
from cognate.domain.resource_servers import ResourceServer
from cognate.storage.connection import Connection
from cognate.storage.documents import RememberedDocuments

DOCUMENTS = RememberedDocuments(ResourceServer)


class ResourceServers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, identifier: str) -> ResourceServer | None:
        row = await self._connection.one(
            "SELECT document FROM resource_servers WHERE pool_id = ? AND identifier = ?",
            pool_id,
            identifier,
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def add(self, server: ResourceServer) -> bool:
        added = await self._connection.run(
            "INSERT INTO resource_servers (pool_id, identifier, document) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            server.pool_id,
            server.identifier,
            DOCUMENTS.encode(server),
        )
        return added == 1

    async def save(self, server: ResourceServer) -> None:
        await self._connection.run(
            "UPDATE resource_servers SET document = ? WHERE pool_id = ? AND identifier = ?",
            DOCUMENTS.encode(server),
            server.pool_id,
            server.identifier,
        )

    async def delete(self, pool_id: PoolId, identifier: str) -> bool:
        deleted = await self._connection.run(
            "DELETE FROM resource_servers WHERE pool_id = ? AND identifier = ?",
            pool_id,
            identifier,
        )
        return deleted == 1

    async def page(self, pool_id: PoolId, *, after: str, limit: int) -> Sequence[ResourceServer]:
        rows = await self._connection.all(
            "SELECT document FROM resource_servers WHERE pool_id = ? AND identifier > ?"
            " ORDER BY identifier LIMIT ?",
            pool_id,
            after,
            limit,
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def count(self, pool_id: PoolId) -> int:
        row = await self._connection.one(
            "SELECT count(*) FROM resource_servers WHERE pool_id = ?", pool_id
        )
        return 0 if row is None else int(row[0])
