"""Queries for styles of the managed login pages, and their images."""

from collections.abc import Sequence

from cognate.domain.ids import ClientId, PoolId
from cognate.domain.managed_login_branding import Asset, Style
from cognate.storage.connection import Connection, Row
from cognate.storage.documents import Documents

DOCUMENTS = Documents(Style)


class ManagedLoginStyles:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, style_id: str) -> Style | None:
        return _style(
            await self._connection.one(
                "SELECT document FROM managed_login_styles WHERE pool_id = ? AND style_id = ?",
                pool_id,
                style_id,
            )
        )

    async def find_by_client(self, pool_id: PoolId, client_id: ClientId) -> Style | None:
        return _style(
            await self._connection.one(
                "SELECT document FROM managed_login_styles WHERE pool_id = ? AND client_id = ?",
                pool_id,
                client_id,
            )
        )

    async def add(self, style: Style) -> bool:
        added = await self._connection.run(
            "INSERT INTO managed_login_styles (pool_id, style_id, client_id, document)"
            " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            style.pool_id,
            style.style_id,
            style.client_id,
            DOCUMENTS.encode(style),
        )
        return added == 1

    async def save(self, style: Style) -> None:
        await self._connection.run(
            "UPDATE managed_login_styles SET document = ? WHERE pool_id = ? AND style_id = ?",
            DOCUMENTS.encode(style),
            style.pool_id,
            style.style_id,
        )

    async def delete(self, pool_id: PoolId, style_id: str) -> bool:
        await self.delete_assets(pool_id, style_id)
        deleted = await self._connection.run(
            "DELETE FROM managed_login_styles WHERE pool_id = ? AND style_id = ?",
            pool_id,
            style_id,
        )
        return deleted == 1

    async def count(self, pool_id: PoolId) -> int:
        row = await self._connection.one(
            "SELECT count(*) FROM managed_login_styles WHERE pool_id = ?", pool_id
        )
        return 0 if row is None else int(row[0])

    async def assets(self, pool_id: PoolId, style_id: str) -> Sequence[Asset]:
        rows = await self._connection.all(
            "SELECT category, color_mode, extension, resource_id, content"
            " FROM managed_login_assets WHERE pool_id = ? AND style_id = ?"
            " ORDER BY category, color_mode, resource_id",
            pool_id,
            style_id,
        )
        return [
            Asset(
                category=row[0],
                color_mode=row[1],
                extension=row[2],
                resource_id=row[3],
                content=bytes(row[4]),
            )
            for row in rows
        ]

    async def save_asset(self, style: Style, asset: Asset) -> None:
        await self._connection.run(
            "INSERT INTO managed_login_assets (pool_id, style_id, category, color_mode,"
            " resource_id, client_id, extension, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (pool_id, style_id, category, color_mode, resource_id)"
            " DO UPDATE SET extension = excluded.extension, content = excluded.content",
            style.pool_id,
            style.style_id,
            asset.category,
            asset.color_mode,
            asset.resource_id,
            style.client_id,
            asset.extension,
            asset.content,
        )

    async def delete_assets(self, pool_id: PoolId, style_id: str) -> None:
        await self._connection.run(
            "DELETE FROM managed_login_assets WHERE pool_id = ? AND style_id = ?",
            pool_id,
            style_id,
        )


def _style(row: Row | None) -> Style | None:
    return None if row is None else DOCUMENTS.decode(row[0])
