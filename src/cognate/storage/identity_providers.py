"""Queries for identity providers and the identifiers that lead to them."""

from collections.abc import Sequence

from cognate.domain.identity_providers import IdentityProvider
from cognate.domain.ids import PoolId
from cognate.storage.connection import Connection
from cognate.storage.documents import RememberedDocuments

DOCUMENTS = RememberedDocuments(IdentityProvider)


class IdentityProviders:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, name: str) -> IdentityProvider | None:
        row = await self._connection.one(
            "SELECT document FROM identity_providers WHERE pool_id = ? AND name = ?", pool_id, name
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def name_of(self, pool_id: PoolId, identifier: str) -> str | None:
        row = await self._connection.one(
            "SELECT name FROM identity_provider_identifiers WHERE pool_id = ? AND identifier = ?",
            pool_id,
            identifier,
        )
        return None if row is None else str(row[0])

    async def add(self, provider: IdentityProvider) -> bool:
        added = await self._connection.run(
            "INSERT INTO identity_providers (pool_id, name, document) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            provider.pool_id,
            provider.name,
            DOCUMENTS.encode(provider),
        )
        if added == 0:
            return False
        await self._add_identifiers(provider)
        return True

    async def save(self, provider: IdentityProvider) -> None:
        await self._connection.run(
            "UPDATE identity_providers SET document = ? WHERE pool_id = ? AND name = ?",
            DOCUMENTS.encode(provider),
            provider.pool_id,
            provider.name,
        )
        await self._delete_identifiers(provider.pool_id, provider.name)
        await self._add_identifiers(provider)

    async def _add_identifiers(self, provider: IdentityProvider) -> None:
        for identifier in provider.identifiers:
            await self._connection.run(
                "INSERT INTO identity_provider_identifiers (pool_id, identifier, name)"
                " VALUES (?, ?, ?)",
                provider.pool_id,
                identifier,
                provider.name,
            )

    async def _delete_identifiers(self, pool_id: PoolId, name: str) -> None:
        await self._connection.run(
            "DELETE FROM identity_provider_identifiers WHERE pool_id = ? AND name = ?",
            pool_id,
            name,
        )

    async def delete(self, pool_id: PoolId, name: str) -> bool:
        await self._delete_identifiers(pool_id, name)
        deleted = await self._connection.run(
            "DELETE FROM identity_providers WHERE pool_id = ? AND name = ?", pool_id, name
        )
        return deleted == 1

    async def page(self, pool_id: PoolId, *, after: str, limit: int) -> Sequence[IdentityProvider]:
        rows = await self._connection.all(
            "SELECT document FROM identity_providers WHERE pool_id = ? AND name > ?"
            " ORDER BY name LIMIT ?",
            pool_id,
            after,
            limit,
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def names(self, pool_id: PoolId) -> Sequence[str]:
        rows = await self._connection.all(
            "SELECT name FROM identity_providers WHERE pool_id = ? ORDER BY name", pool_id
        )
        return [row[0] for row in rows]
