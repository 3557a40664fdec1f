"""Queries for app clients."""

from collections.abc import Sequence

from cognate.domain.clients import Client
from cognate.domain.ids import ClientId, PoolId
from cognate.storage.connection import Connection
from cognate.storage.documents import RememberedDocuments

DOCUMENTS = RememberedDocuments(Client)

# Every table whose rows belong to a client, and go with it.
OWNED = ("managed_login_styles", "managed_login_assets", "ui_customizations", "terms")


class Clients:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, client_id: ClientId) -> Client | None:
        row = await self._connection.one(
            "SELECT document FROM clients WHERE pool_id = ? AND client_id = ?", pool_id, client_id
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def pool_of(self, client_id: ClientId) -> PoolId | None:
        row = await self._connection.one(
            "SELECT pool_id FROM client_pools WHERE client_id = ?", client_id
        )
        return None if row is None else PoolId(row[0])

    async def add(self, client: Client) -> bool:
        added = await self._connection.run(
            "INSERT INTO client_pools (client_id, pool_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            client.client_id,
            client.pool_id,
        )
        if added == 0:
            return False
        await self._connection.run(
            "INSERT INTO clients (pool_id, client_id, document) VALUES (?, ?, ?)",
            client.pool_id,
            client.client_id,
            DOCUMENTS.encode(client),
        )
        return True

    async def save(self, client: Client) -> None:
        await self._connection.run(
            "UPDATE clients SET document = ? WHERE pool_id = ? AND client_id = ?",
            DOCUMENTS.encode(client),
            client.pool_id,
            client.client_id,
        )

    async def delete(self, pool_id: PoolId, client_id: ClientId) -> bool:
        for table in OWNED:
            await self._connection.run(
                f"DELETE FROM {table} WHERE pool_id = ? AND client_id = ?",  # noqa: S608 - names from above
                pool_id,
                client_id,
            )
        deleted = await self._connection.run(
            "DELETE FROM clients WHERE pool_id = ? AND client_id = ?", pool_id, client_id
        )
        await self._connection.run(
            "DELETE FROM client_pools WHERE client_id = ? AND pool_id = ?", client_id, pool_id
        )
        return deleted == 1

    async def page(self, pool_id: PoolId, *, after: str, limit: int) -> Sequence[Client]:
        rows = await self._connection.all(
            "SELECT document FROM clients WHERE pool_id = ? AND client_id > ?"
            " ORDER BY client_id LIMIT ?",
            pool_id,
            after,
            limit,
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def count(self, pool_id: PoolId) -> int:
        row = await self._connection.one("SELECT count(*) FROM clients WHERE pool_id = ?", pool_id)
        return 0 if row is None else int(row[0])
