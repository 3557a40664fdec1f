"""Queries for attempt counters."""

from datetime import datetime

from cognate.domain.attempts import PASSWORD, Attempts
from cognate.domain.ids import PoolId, Sub
from cognate.storage.connection import Connection, instant, millis


class AttemptCounters:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, sub: Sub, kind: str) -> Attempts | None:
        row = await self._connection.one(
            "SELECT count, since, last_at FROM attempts WHERE pool_id = ? AND sub = ? AND kind = ?",
            pool_id,
            sub,
            kind,
        )
        if row is None:
            return None
        return Attempts(
            pool_id=pool_id,
            sub=sub,
            kind=kind,
            count=row[0],
            since=instant(row[1]),
            last_at=instant(row[2]),
        )

    async def save(self, attempts: Attempts) -> None:
        await self._connection.run(
            "INSERT INTO attempts (pool_id, sub, kind, count, since, last_at)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (pool_id, sub, kind) DO UPDATE SET count = excluded.count,"
            " since = excluded.since, last_at = excluded.last_at",
            attempts.pool_id,
            attempts.sub,
            attempts.kind,
            attempts.count,
            millis(attempts.since),
            millis(attempts.last_at),
        )

    async def clear(self, pool_id: PoolId, sub: Sub, kind: str) -> None:
        await self._connection.run(
            "DELETE FROM attempts WHERE pool_id = ? AND sub = ? AND kind = ?", pool_id, sub, kind
        )

    async def clear_guesses(self, pool_id: PoolId, sub: Sub) -> None:
        await self._connection.run(
            "DELETE FROM attempts WHERE pool_id = ? AND sub = ? AND (kind = ? OR kind LIKE ?)",
            pool_id,
            sub,
            PASSWORD,
            f"{PASSWORD} %",
        )

    async def purge(self, *, before: datetime, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM attempts WHERE (pool_id, sub, kind) IN"
            " (SELECT pool_id, sub, kind FROM attempts WHERE last_at < ? LIMIT ?)",
            millis(before),
            limit,
        )
