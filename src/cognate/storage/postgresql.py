"""
PostgreSQL and its family: serializable transactions, run again where they collide.

No sequences, no LISTEN/NOTIFY, no advisory locks: what a distributed database of the family lacks.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import count
from typing import Any, TypeVar

import asyncpg

from cognate.domain.ids import PoolId
from cognate.errors import ServiceUnavailableException
from cognate.ports.store import AlreadyStored
from cognate.storage.bodies import Driven, Gate
from cognate.storage.connection import Row, Value, storable, storable_rows
from cognate.storage.migrations import (
    CREATE_REGISTER,
    POSTGRESQL_TYPES,
    migrations,
    tables,
    unapplied,
)
from cognate.storage.repositories import SqlRepositories
from cognate.storage.snapshots import PostgresqlSnapshot

T = TypeVar("T")

CONNECTIONS = 16  # a process; a server allows a hundred unless told otherwise
STATEMENTS = 1024  # prepared statements kept per connection: all there are
CONNECT_TIMEOUT = 10.0  # seconds
STATEMENT_TIMEOUT = 60.0  # seconds, so that a server that vanished is noticed
IDLE_TIMEOUT = "60s"  # the server ends the transaction of a node that vanished, and its locks
CLOSE_TIMEOUT = 30.0  # seconds for changes under way

FIRST_PAUSE = 0.002  # seconds before another attempt; doubles up to LONGEST_PAUSE
LONGEST_PAUSE = 0.2
AGAIN_AT_ONCE = 2

COLLISIONS = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,  # another node has migrated meanwhile
)
# Two changes that both found a key free: run again, the later one sees the earlier.
TAKEN = (asyncpg.UniqueViolationError,)
UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, terminated, not yet started
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby, after a switch-over
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.StatementCompletionUnknownError,
    asyncpg.InvalidAuthorizationSpecificationError,  # passwords change, databases go
    asyncpg.InvalidCatalogNameError,
)
# How often an attempt is made that ended so, with nothing committed.
ATTEMPTS = {COLLISIONS: 40, TAKEN: 8, UNAVAILABLE: 4}

_numbered: dict[str, str] = {}


def numbered(sql: str) -> str:
    """`?` for values becomes `$1`, `$2`, …; no statement here has a question mark in a literal."""
    known = _numbered.get(sql)
    if known is None:
        parts = sql.split("?")
        known = parts[0] + "".join(f"${i}{part}" for i, part in enumerate(parts[1:], start=1))
        _numbered[sql] = known
    return known


def attempts_after(error: BaseException) -> int:
    """How many attempts a piece of work is worth that ended with `error` and left no trace."""
    if isinstance(error, TimeoutError):
        return 1  # it has waited long enough
    return next((n for errors, n in ATTEMPTS.items() if isinstance(error, errors)), 1)


def refusal(error: Exception) -> Exception:
    """What a caller is told: the server's troubles by one name, mistakes of ours as they are."""
    told = error
    if isinstance(error, (*COLLISIONS, *UNAVAILABLE, _LostAmidCommit)):
        told = ServiceUnavailableException()
    elif isinstance(error, TAKEN):
        told = AlreadyStored(str(error))
    if told is not error:
        told.__cause__ = error
    return told


class _LostAmidCommit(Exception):
    """Whether the change was done is not known: it is not tried again."""


class Server:
    """The pool of connections, and what is tried again."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool
        self.gate = Gate()
        self._again = asyncio.Semaphore(AGAIN_AT_ONCE)
        self._closed = False
        self._under_way = 0
        self._idle = asyncio.Event()

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        raw = await self._pool.acquire(timeout=STATEMENT_TIMEOUT)
        try:
            yield raw
        finally:
            # One that cannot be given back in order is closed, whatever was done on it.
            with contextlib.suppress(*UNAVAILABLE):
                await self._pool.release(raw)

    async def attempted(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns, which leaves no trace where it raises."""
        if self._closed:
            raise ServiceUnavailableException
        self._under_way += 1
        try:
            return await self._attempts(work)
        finally:
            self._under_way -= 1
            if self._under_way == 0:
                self._idle.set()

    async def close(self) -> None:
        """What is under way is done first, unless the server does not answer."""
        self._closed = True
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                while self._under_way:
                    self._idle.clear()
                    await self._idle.wait()
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _attempts(self, work: Callable[[], Awaitable[T]]) -> T:
        pause = FIRST_PAUSE
        for attempt in count(1):
            try:
                if attempt == 1:
                    return await work()
                # Few of those that collided at once, so that they do not meet each other again.
                async with self._again:
                    return await work()
            except Exception as error:  # noqa: BLE001 - raised again, by its name
                if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
                    # A standby now; another server, or this one later, takes new connections.
                    await self._pool.expire_connections()
                if attempt >= attempts_after(error):
                    raise refusal(error)  # noqa: B904 - has its cause
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        raise AssertionError("unreachable")


class PooledConnection:
    """Each statement on any free connection: for reads outside a change."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def one(self, sql: str, *values: Value) -> Row | None:
        row: Row | None = await self._read("fetchrow", sql, values)
        return row

    async def all(self, sql: str, *values: Value) -> Sequence[Row]:
        rows: Sequence[Row] = await self._read("fetch", sql, values)
        return rows

    async def run(self, sql: str, *values: Value) -> int:
        raise RuntimeError("writes go through Store.change")

    sweep = run

    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> None:
        raise RuntimeError("writes go through Store.change")

    async def _read(self, method: str, sql: str, values: tuple[Value, ...]) -> Any:
        self._server.gate.check()

        async def read() -> Any:
            async with self._server.connection() as raw:
                return await getattr(raw, method)(numbered(sql), *storable(values))

        return await self._server.attempted(read)


class TransactionConnection:
    """Statements of one transaction."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.is_waiting = False
        self.failure: Exception | None = None

    async def one(self, sql: str, *values: Value) -> Row | None:
        return await self._waited(self._raw.fetchrow(numbered(sql), *storable(values)))

    async def all(self, sql: str, *values: Value) -> Sequence[Row]:
        return await self._waited(self._raw.fetch(numbered(sql), *storable(values)))

    async def run(self, sql: str, *values: Value) -> int:
        status: str = await self._waited(self._raw.execute(numbered(sql), *storable(values)))
        changed = status.rpartition(" ")[2]
        return int(changed) if changed.isdigit() else 0

    async def sweep(self, sql: str, *values: Value) -> int:
        return await self.run(sql, *values)

    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> None:
        await self._waited(
            self._raw.copy_records_to_table(table, columns=columns, records=storable_rows(rows))
        )

    async def _waited(self, answer: Awaitable[T]) -> T:
        self.is_waiting = True
        try:
            return await answer
        except Exception as error:
            self.failure = self.failure or error
            raise
        finally:
            self.is_waiting = False


class PostgresqlStore(SqlRepositories):
    """One PostgreSQL database, shared by any number of equal nodes."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._server = Server(pool)
        self._reading = PooledConnection(self._server)
        super().__init__(self._reading)

    @classmethod
    async def open(cls, url: str, *, connections: int = CONNECTIONS) -> "PostgresqlStore":
        """
        Raises:
            ServiceUnavailableException: no database answers at `url`, or it refuses us.
            SchemaError: a newer version made the database's schema.
        """
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=connections,
                reset=_as_it_is,
                timeout=CONNECT_TIMEOUT,
                command_timeout=STATEMENT_TIMEOUT,
                statement_cache_size=STATEMENTS,
                max_cached_statement_lifetime=0,
                server_settings={
                    "application_name": "cognate",
                    "synchronous_commit": "on",
                    "idle_in_transaction_session_timeout": IDLE_TIMEOUT,
                },
            )
        except asyncpg.PostgresError as error:
            raise ServiceUnavailableException(f"The database refuses us: {error}") from error
        except UNAVAILABLE as error:
            raise ServiceUnavailableException(
                f"The database cannot be reached: {type(error).__name__}"
            ) from error
        try:
            async with pool.acquire() as raw:
                await _migrate(raw)
        except (*UNAVAILABLE, asyncpg.InsufficientPrivilegeError) as error:
            pool.terminate()
            raise ServiceUnavailableException(
                f"The database's schema could not be prepared: {error}"
            ) from error
        except BaseException:
            pool.terminate()
            raise
        return cls(pool)

    async def change(self, body: Callable[[SqlRepositories], Awaitable[T]]) -> T:
        return await self._change(lambda connection: body(SqlRepositories(connection)))

    async def _change(self, body: Callable[[TransactionConnection], Awaitable[T]]) -> T:
        self._server.gate.check()

        async def attempt() -> T:
            async with self._server.connection() as raw:
                transaction = raw.transaction(isolation="serializable")
                await transaction.start()
                connection = TransactionConnection(raw)
                try:
                    result = await Driven(lambda: body(connection), connection, self._server.gate)
                except BaseException:
                    # Where that fails the connection is gone, and the transaction with it.
                    with contextlib.suppress(*UNAVAILABLE):
                        await transaction.rollback()
                    raise
                try:
                    await transaction.commit()
                except UNAVAILABLE as error:
                    raise _LostAmidCommit from error
                return result

        return await self._server.attempted(attempt)

    @contextlib.asynccontextmanager
    async def snapshot(self, pool_id: PoolId) -> AsyncIterator[PostgresqlSnapshot]:
        async with contextlib.AsyncExitStack() as opened:
            try:
                raw = await opened.enter_async_context(self._server.connection())
                await opened.enter_async_context(
                    raw.transaction(isolation="repeatable_read", readonly=True)
                )
            except UNAVAILABLE as error:
                raise refusal(error)  # noqa: B904 - has its cause
            try:
                yield PostgresqlSnapshot(raw, pool_id)
            # Other troubles are those of whoever reads the rows.
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                raise refusal(error)  # noqa: B904 - has its cause

    def take_room(self) -> None:
        """The server has its own memory."""

    async def check(self) -> None:
        await self._reading.one("SELECT 1")

    async def clear(self) -> None:
        async def empty(connection: TransactionConnection) -> None:
            for name in tables(migrations(POSTGRESQL_TYPES)):
                await connection.run(f"DELETE FROM {name}")  # noqa: S608 - names from the schema

        await self._change(empty)

    async def close(self) -> None:
        await self._server.close()


async def _as_it_is(_: Any) -> None:
    """A connection given back needs no cleaning: nothing here changes its session."""


# --- migrating -----------------------------------------------------------------------------------


async def _migrate(raw: Any) -> None:
    known = migrations(POSTGRESQL_TYPES)
    if not unapplied(known, await _applied(raw)):
        return
    await _create_lock(raw)
    # One process migrates, the others wait at the lock's row; each statement after it sees what
    # was committed meanwhile.
    async with raw.transaction(isolation="read_committed"):
        await raw.fetchrow("SELECT id FROM schema_lock WHERE id = 1 FOR UPDATE")
        for migration in unapplied(known, await _applied(raw)):
            for statement in migration.statements:
                await raw.execute(statement)
            await raw.execute(
                "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)",
                migration.version,
                migration.name,
            )


async def _applied(raw: Any) -> list[int]:
    if await raw.fetchval("SELECT to_regclass('schema_migrations')") is None:
        return []
    return [row[0] for row in await raw.fetch("SELECT version FROM schema_migrations")]


async def _create_lock(raw: Any) -> None:
    for _ in range(ATTEMPTS[COLLISIONS]):
        try:
            await raw.execute(CREATE_REGISTER)
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
