"""Queries for sign-in sessions that were used."""

from datetime import datetime

from cognate.domain.ids import PoolId
from cognate.storage.connection import Connection, millis


class ChallengeSessions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def use(self, pool_id: PoolId, session_id: str, *, expires_at: datetime) -> bool:
        used = await self._connection.run(
            "INSERT INTO used_sessions (pool_id, session_id, expires_at) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            pool_id,
            session_id,
            millis(expires_at),
        )
        return used == 1

    async def is_used(self, pool_id: PoolId, session_id: str) -> bool:
        row = await self._connection.one(
            "SELECT 1 FROM used_sessions WHERE pool_id = ? AND session_id = ?", pool_id, session_id
        )
        return row is not None

    async def purge(self, *, now: datetime, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM used_sessions WHERE (pool_id, session_id) IN"
            " (SELECT pool_id, session_id FROM used_sessions WHERE expires_at < ? LIMIT ?)",
            millis(now),
            limit,
        )
