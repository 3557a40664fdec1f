"""
PostgreSQL and its family: serializable transactions, run again where they collide.

No sequences, no LISTEN/NOTIFY, no advisory locks: what a distributed database of the family lacks.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import asyncpg

from cognate.errors import ServiceUnavailableException
from cognate.storage.connection import Row, Value
from cognate.storage.migrations import POSTGRESQL_TYPES, migrations
from cognate.storage.repositories import SqlRepositories

T = TypeVar("T")

ATTEMPTS = 40
FIRST_PAUSE = 0.002  # seconds before a second attempt; doubles up to LONGEST_PAUSE
LONGEST_PAUSE = 0.2
COLLISIONS = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # Two changes that both found a key free: run again, the later one sees the earlier.
    asyncpg.UniqueViolationError,
)
UNREACHABLE = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, TimeoutError)

_numbered: dict[str, str] = {}


def numbered(sql: str) -> str:
    """`?` for values becomes `$1`, `$2`, …; no statement here has a question mark in a literal."""
    known = _numbered.get(sql)
    if known is None:
        parts = sql.split("?")
        known = parts[0] + "".join(f"${i}{part}" for i, part in enumerate(parts[1:], start=1))
        _numbered[sql] = known
    return known


class PooledConnection:
    """Each statement on any free connection: for reads outside a change."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool

    async def one(self, sql: str, *values: Value) -> Row | None:
        try:
            row: Row | None = await self._pool.fetchrow(numbered(sql), *values)
        except UNREACHABLE as cause:
            raise ServiceUnavailableException from cause
        return row

    async def all(self, sql: str, *values: Value) -> Sequence[Row]:
        try:
            rows: Sequence[Row] = await self._pool.fetch(numbered(sql), *values)
        except UNREACHABLE as cause:
            raise ServiceUnavailableException from cause
        return rows

    async def run(self, sql: str, *values: Value) -> int:
        raise RuntimeError("writes go through Store.change")


class TransactionConnection:
    """Statements of one transaction."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    async def one(self, sql: str, *values: Value) -> Row | None:
        row: Row | None = await self._raw.fetchrow(numbered(sql), *values)
        return row

    async def all(self, sql: str, *values: Value) -> Sequence[Row]:
        rows: Sequence[Row] = await self._raw.fetch(numbered(sql), *values)
        return rows

    async def run(self, sql: str, *values: Value) -> int:
        status: str = await self._raw.execute(numbered(sql), *values)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


class PostgresqlStore(SqlRepositories):
    """One PostgreSQL database, shared by any number of equal nodes."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        super().__init__(PooledConnection(pool))
        self._pool = pool

    @classmethod
    async def open(cls, url: str, *, connections: int = 16) -> "PostgresqlStore":
        """
        Raises:
            ServiceUnavailableException: no database answers at `url`.
        """
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=connections,
                server_settings={"application_name": "cognate", "synchronous_commit": "on"},
            )
            async with pool.acquire() as raw:
                await _migrate(raw)
        except UNREACHABLE as cause:
            raise ServiceUnavailableException(
                f"The database cannot be reached: {type(cause).__name__}"
            ) from cause
        return cls(pool)

    async def change(self, body: Callable[[SqlRepositories], Awaitable[T]]) -> T:
        pause = FIRST_PAUSE
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._attempt(body)
            except COLLISIONS:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        return await self._attempt(body)

    async def _attempt(self, body: Callable[[SqlRepositories], Awaitable[T]]) -> T:
        try:
            async with (
                self._pool.acquire() as raw,
                raw.transaction(isolation="serializable"),
            ):
                return await body(SqlRepositories(TransactionConnection(raw)))
        except UNREACHABLE as cause:
            raise ServiceUnavailableException from cause

    async def check(self) -> None:
        await self.pools.count(account_id="", region="")

    async def clear(self) -> None:
        async with self._pool.acquire() as raw:
            names = await raw.fetch(
                "SELECT table_name FROM information_schema.tables"
                " WHERE table_schema = current_schema()"
                " AND table_name NOT IN ('schema_migrations', 'schema_lock')"
            )
            async with raw.transaction():
                for (name,) in names:
                    await raw.execute(f"DELETE FROM {name}")  # noqa: S608 - names from the schema

    async def close(self) -> None:
        await self._pool.close()


async def _migrate(raw: Any) -> None:
    """One process migrates, the others wait at the lock's row."""
    await _create_lock(raw)
    async with raw.transaction():
        await raw.fetchrow("SELECT id FROM schema_lock WHERE id = 1 FOR UPDATE")
        rows = await raw.fetch("SELECT version FROM schema_migrations")
        applied = {row[0] for row in rows}
        for migration in migrations(POSTGRESQL_TYPES):
            if migration.version in applied:
                continue
            for statement in migration.statements:
                await raw.execute(statement)
            await raw.execute(
                "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)",
                migration.version,
                migration.name,
            )


async def _create_lock(raw: Any) -> None:
    for _ in range(ATTEMPTS):
        try:
            await raw.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations ("
                "version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)"
            )
            await raw.execute(
                "CREATE TABLE IF NOT EXISTS schema_lock (id BIGINT NOT NULL PRIMARY KEY)"
            )
            await raw.execute("INSERT INTO schema_lock (id) VALUES (1) ON CONFLICT DO NOTHING")
        # IF NOT EXISTS does not keep two creators apart; the loser looks again.
        except (asyncpg.UniqueViolationError, asyncpg.DuplicateTableError):
            await asyncio.sleep(FIRST_PAUSE)
        else:
            return
    raise ServiceUnavailableException("The database's schema could not be prepared.")
