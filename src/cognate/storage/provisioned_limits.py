"""Queries for the request rates that accounts are granted."""

from cognate.domain.provisioned_limits import ProvisionedLimit
from cognate.storage.connection import Connection


class ProvisionedLimits:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def rate(self, *, account_id: str, region: str, category: str) -> int | None:
        row = await self._connection.one(
            "SELECT rate FROM provisioned_limits"
            " WHERE account_id = ? AND region = ? AND category = ?",
            account_id,
            region,
            category,
        )
        return None if row is None else int(row[0])

    async def save(self, limit: ProvisionedLimit) -> None:
        await self._connection.run(
            "INSERT INTO provisioned_limits (account_id, region, category, rate)"
            " VALUES (?, ?, ?, ?)"
            " ON CONFLICT (account_id, region, category) DO UPDATE SET rate = excluded.rate",
            limit.account_id,
            limit.region,
            limit.category,
            limit.rate,
        )
