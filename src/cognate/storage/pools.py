"""Queries for pools."""

from collections.abc import Sequence

from cognate.domain.ids import PoolId
from cognate.domain.pools import Pool
from cognate.storage.connection import Connection
from cognate.storage.documents import RememberedDocuments

DOCUMENTS = RememberedDocuments(Pool)

# Every table whose rows belong to a pool, and go with it.
OWNED = (
    "clients",
    "client_pools",
    "users",
    "user_aliases",
    "user_search",
    "credentials",
    "user_groups",
    "group_members",
    "codes",
    "attempts",
    "known_networks",
    "token_families",
    "used_sessions",
    "data_keys",
    "signing_keys",
    "signing_certificates",
    "messages",
    "software_tokens",
    "passkeys",
    "risk_configurations",
    "auth_events",
    "passkey_challenges",
    "devices",
    "awaited_devices",
    "domains",
    "resource_servers",
    "identity_providers",
    "identity_provider_identifiers",
    "linked_identities",
    "managed_login_styles",
    "managed_login_assets",
    "ui_customizations",
    "terms",
    "import_jobs",
    "import_files",
    "active_imports",
    "job_logs",
    "pool_restores",
)


class Pools:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId) -> Pool | None:
        row = await self._connection.one("SELECT document FROM pools WHERE pool_id = ?", pool_id)
        return None if row is None else DOCUMENTS.decode(row[0])

    async def add(self, pool: Pool) -> bool:
        added = await self._connection.run(
            "INSERT INTO pools (pool_id, account_id, region, document) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            pool.pool_id,
            pool.account_id,
            pool.region,
            DOCUMENTS.encode(pool),
        )
        return added == 1

    async def save(self, pool: Pool) -> None:
        await self._connection.run(
            "UPDATE pools SET document = ? WHERE pool_id = ?", DOCUMENTS.encode(pool), pool.pool_id
        )

    async def delete(self, pool_id: PoolId) -> None:
        for table in OWNED:
            await self._connection.sweep(f"DELETE FROM {table} WHERE pool_id = ?", pool_id)  # noqa: S608 - names from above
        await self._connection.run("DELETE FROM pools WHERE pool_id = ?", pool_id)

    async def page(self, *, account_id: str, region: str, after: str, limit: int) -> Sequence[Pool]:
        rows = await self._connection.all(
            "SELECT document FROM pools WHERE account_id = ? AND region = ? AND pool_id > ?"
            " ORDER BY pool_id LIMIT ?",
            account_id,
            region,
            after,
            limit,
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def count(self, *, account_id: str, region: str) -> int:
        row = await self._connection.one(
            "SELECT count(*) FROM pools WHERE account_id = ? AND region = ?", account_id, region
        )
        return 0 if row is None else int(row[0])

    async def ids(self, *, after: str, limit: int) -> Sequence[PoolId]:
        rows = await self._connection.all(
            "SELECT pool_id FROM pools WHERE pool_id > ? ORDER BY pool_id LIMIT ?", after, limit
        )
        return [PoolId(row[0]) for row in rows]
