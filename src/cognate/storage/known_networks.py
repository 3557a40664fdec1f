"""Queries for the networks that users signed in from."""

from datetime import datetime

from cognate.domain.ids import PoolId, Sub
from cognate.storage.connection import Connection, instant, millis


class KnownNetworks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def seen_at(self, pool_id: PoolId, sub: Sub, network: str) -> datetime | None:
        row = await self._connection.one(
            "SELECT seen_at FROM known_networks WHERE pool_id = ? AND sub = ? AND network = ?",
            pool_id,
            sub,
            network,
        )
        return None if row is None else instant(row[0])

    async def note(
        self, pool_id: PoolId, sub: Sub, network: str, *, now: datetime, keep: int
    ) -> None:
        await self._connection.run(
            "INSERT INTO known_networks (pool_id, sub, network, seen_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (pool_id, sub, network) DO UPDATE SET seen_at = excluded.seen_at",
            pool_id,
            sub,
            network,
            millis(now),
        )
        await self._connection.run(
            "DELETE FROM known_networks WHERE pool_id = ? AND sub = ? AND network NOT IN"
            " (SELECT network FROM known_networks WHERE pool_id = ? AND sub = ?"
            " ORDER BY seen_at DESC, network LIMIT ?)",
            pool_id,
            sub,
            pool_id,
            sub,
            keep,
        )

    async def purge(self, *, before: datetime, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM known_networks WHERE (pool_id, sub, network) IN"
            " (SELECT pool_id, sub, network FROM known_networks WHERE seen_at < ? LIMIT ?)",
            millis(before),
            limit,
        )
