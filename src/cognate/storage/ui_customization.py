"""Queries for the looks of the classic pages."""

from cognate.domain.ids import PoolId
from cognate.domain.ui_customization import UICustomization
from cognate.storage.connection import Connection
from cognate.storage.documents import Documents

DOCUMENTS = Documents(UICustomization)


class UICustomizations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, client_id: str) -> UICustomization | None:
        row = await self._connection.one(
            "SELECT document FROM ui_customizations WHERE pool_id = ? AND client_id = ?",
            pool_id,
            client_id,
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def save(self, customization: UICustomization) -> None:
        await self._connection.run(
            "INSERT INTO ui_customizations (pool_id, client_id, document) VALUES (?, ?, ?)"
            " ON CONFLICT (pool_id, client_id) DO UPDATE SET document = excluded.document",
            customization.pool_id,
            customization.client_id,
            DOCUMENTS.encode(customization),
        )

    async def delete(self, pool_id: PoolId, client_id: str) -> None:
        await self._connection.run(
            "DELETE FROM ui_customizations WHERE pool_id = ? AND client_id = ?",
            pool_id,
            client_id,
        )
