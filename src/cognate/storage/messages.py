"""Queries for the outbox."""

from collections.abc import Sequence
from datetime import datetime

from cognate.domain.ids import PoolId
from cognate.domain.messages import QueuedMessage
from cognate.storage.connection import Connection, Row, instant, millis

COLUMNS = "pool_id, message_id, state, sealed_content, attempts, created_at, next_attempt_at"


class Messages:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, message: QueuedMessage) -> None:
        await self._connection.run(
            f"INSERT INTO messages ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
            message.pool_id,
            message.message_id,
            message.state,
            message.sealed_content,
            message.attempts,
            millis(message.created_at),
            millis(message.next_attempt_at),
        )

    async def due(self, *, now: datetime, limit: int) -> Sequence[QueuedMessage]:
        rows = await self._connection.all(
            f"SELECT {COLUMNS} FROM messages WHERE state = 'queued' AND next_attempt_at <= ?"  # noqa: S608 - a constant
            " ORDER BY next_attempt_at, pool_id, message_id LIMIT ?",
            millis(now),
            limit,
        )
        return [_message(row) for row in rows]

    async def claim(self, message: QueuedMessage, *, until: datetime) -> bool:
        claimed = await self._connection.run(
            "UPDATE messages SET next_attempt_at = ?, attempts = attempts + 1"
            " WHERE pool_id = ? AND message_id = ? AND state = 'queued' AND next_attempt_at = ?"
            " AND attempts = ?",
            millis(until),
            message.pool_id,
            message.message_id,
            millis(message.next_attempt_at),
            message.attempts,
        )
        return claimed == 1

    async def settle(self, message: QueuedMessage) -> None:
        await self._connection.run(
            "UPDATE messages SET state = ?, attempts = ?, next_attempt_at = ?"
            " WHERE pool_id = ? AND message_id = ?",
            message.state,
            message.attempts,
            millis(message.next_attempt_at),
            message.pool_id,
            message.message_id,
        )

    async def delete(self, pool_id: PoolId, message_id: str) -> None:
        await self._connection.run(
            "DELETE FROM messages WHERE pool_id = ? AND message_id = ?", pool_id, message_id
        )

    async def newest(self, *, limit: int) -> Sequence[QueuedMessage]:
        rows = await self._connection.all(
            f"SELECT {COLUMNS} FROM messages ORDER BY created_at DESC, message_id DESC LIMIT ?",  # noqa: S608 - a constant
            limit,
        )
        return [_message(row) for row in rows]

    async def backlog(self) -> int:
        row = await self._connection.one("SELECT count(*) FROM messages WHERE state = 'queued'")
        return 0 if row is None else int(row[0])

    async def purge_failed(self, *, before: datetime, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM messages WHERE (pool_id, message_id) IN"
            " (SELECT pool_id, message_id FROM messages"
            " WHERE state = 'failed' AND created_at < ? LIMIT ?)",
            millis(before),
            limit,
        )

    async def purge_kept(self, *, keep: int, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM messages WHERE (pool_id, message_id) IN"
            " (SELECT pool_id, message_id FROM messages WHERE state = 'kept'"
            " ORDER BY created_at DESC, message_id DESC LIMIT ? OFFSET ?)",
            limit,
            keep,
        )


def _message(row: Row) -> QueuedMessage:
    return QueuedMessage(
        pool_id=PoolId(row[0]),
        message_id=row[1],
        state=row[2],
        sealed_content=row[3],
        attempts=row[4],
        created_at=instant(row[5]),
        next_attempt_at=instant(row[6]),
    )
