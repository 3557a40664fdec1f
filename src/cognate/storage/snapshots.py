"""A pool's rows as they were at one moment, read beside everything else that goes on."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from typing import Any

from cognate.domain.ids import PoolId
from cognate.ports.store import Rows
from cognate.storage.aside import Aside
from cognate.storage.pool_rows import TRAVELS, schema_version, selection


class SqliteSnapshot:
    """Over a connection of its own, in a read transaction: the log keeps what it still needs."""

    def __init__(self, raw: sqlite3.Connection, pool_id: PoolId) -> None:
        self._raw = raw
        self._pool_id = pool_id
        self._aside = Aside("sqlite-snapshot")
        self.tables = TRAVELS
        self.schema_version = schema_version()
        raw.execute("PRAGMA query_only = ON")
        raw.execute("BEGIN")
        raw.execute("SELECT 1 FROM pools LIMIT 1").fetchone()  # from here on nothing moves

    async def count(self, table: str) -> int:
        sql = f"SELECT count(*) FROM {table} WHERE pool_id = ?"  # noqa: S608 - the schema's own names
        found: int = await self._aside.run(
            lambda: self._raw.execute(sql, (self._pool_id,)).fetchone()[0]
        )
        return found

    async def columns(self, table: str) -> Sequence[str]:
        return [row[1] for row in self._raw.execute(f"PRAGMA table_info({table})")]

    async def rows(self, table: str, columns: Sequence[str], *, size: int) -> AsyncIterator[Rows]:
        cursor = self._raw.execute(selection(table, columns), (self._pool_id,))
        while found := await self._aside.run(lambda: cursor.fetchmany(size)):
            yield found

    def close(self) -> None:
        self._aside.close()
        self._raw.close()


class PostgresqlSnapshot:
    """Over one connection, in a transaction that sees the database as it was when it began."""

    def __init__(self, raw: Any, pool_id: PoolId) -> None:
        self._raw = raw
        self._pool_id = pool_id
        self.tables = TRAVELS
        self.schema_version = schema_version()

    async def count(self, table: str) -> int:
        sql = f"SELECT count(*) FROM {table} WHERE pool_id = $1"  # noqa: S608 - the schema's own names
        found: int = await self._raw.fetchval(sql, self._pool_id)
        return found

    async def columns(self, table: str) -> Sequence[str]:
        rows = await self._raw.fetch(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
            table,
        )
        return [row[0] for row in rows]

    async def rows(self, table: str, columns: Sequence[str], *, size: int) -> AsyncIterator[Rows]:
        sql = selection(table, columns).replace("?", "$1")
        cursor = await self._raw.cursor(sql, self._pool_id)
        while found := await cursor.fetch(size):
            yield [tuple(row) for row in found]
