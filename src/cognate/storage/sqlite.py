"""
SQLite: everything runs in the loop, but for commits; changes that wait together share one.

Durability: WAL with synchronous=FULL; a change is acknowledged after the commit that holds it.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from cognate.domain.ids import PoolId
from cognate.errors import ServiceUnavailableException
from cognate.ports.store import AlreadyStored
from cognate.storage.aside import Aside
from cognate.storage.bodies import Driven, Gate
from cognate.storage.connection import Row, Value, storable, storable_rows
from cognate.storage.migrations import CREATE_REGISTER, SQLITE_TYPES, migrations, tables, unapplied
from cognate.storage.repositories import SqlRepositories
from cognate.storage.snapshots import SqliteSnapshot
from cognate.storage.turns import TURN_TIMEOUT, Turnstile

T = TypeVar("T")

# Readers meet a lock only while another process recovers the file or closes it as the last one.
READ_TIMEOUT = 5.0  # seconds
CHANGES_PER_COMMIT = 256
STATEMENTS = 512  # prepared statements kept per connection
PAGE_CACHE_KIB = 8 * 1024
# For a process that does nothing but write a million rows: indexes of random keys fit in.
ROOMY_CACHE_KIB = 256 * 1024
ROOMY_CHECKPOINT_PAGES = 32 * 1024
CHECKPOINT_PAGES = 1000  # of 4 KiB: at this size the log is written back into the file
LOG_BYTES_KEPT = 8 * 1024 * 1024  # what a longer log is cut to, once it has been written back

# Primary result codes that speak of the machine or of another process, not of a wrong statement.
UNAVAILABLE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
TAKEN: Final = (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE)


def _result_code(error: BaseException) -> int:
    """SQLite's extended result code; 0 where the error does not come from SQLite."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code


def _is_busy(error: sqlite3.Error) -> bool:
    return _result_code(error) & 0xFF == sqlite3.SQLITE_BUSY


def refusal(error: Exception) -> Exception:
    """What a caller is told: the machine's troubles by one name, mistakes of ours as they are."""
    code = _result_code(error)
    told = error
    if code & 0xFF in UNAVAILABLE:
        told = ServiceUnavailableException()
    elif code in TAKEN:
        told = AlreadyStored(str(error))
    if told is not error:
        told.__cause__ = error
    return told


class ReadConnection:
    """Answers at once, from what was committed: awaiting never suspends."""

    def __init__(self, raw: sqlite3.Connection, gate: Gate) -> None:
        self._raw = raw
        self._gate = gate
        self.closed = False

    async def one(self, sql: str, *values: Value) -> Row | None:
        self.check()
        try:
            row: Row | None = self._raw.execute(sql, storable(values)).fetchone()
        except sqlite3.Error as error:
            raise refusal(error)  # noqa: B904 - has its cause
        return row

    async def all(self, sql: str, *values: Value) -> Sequence[Row]:
        self.check()
        try:
            return self._raw.execute(sql, storable(values)).fetchall()
        except sqlite3.Error as error:
            raise refusal(error)  # noqa: B904 - has its cause

    async def run(self, sql: str, *values: Value) -> int:
        raise RuntimeError("writes go through Store.change")

    sweep = run

    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> None:
        raise RuntimeError("writes go through Store.change")

    def check(self) -> None:
        self._gate.check()
        if self.closed:
            raise ServiceUnavailableException


class ChangeConnection:
    """The writer's: answers at once too, but for sweeps."""

    def __init__(self, raw: sqlite3.Connection, aside: Aside) -> None:
        self._raw = raw
        self._aside = aside
        self.is_waiting = False
        self.failure: Exception | None = None

    async def one(self, sql: str, *values: Value) -> Row | None:
        try:
            row: Row | None = self._raw.execute(sql, storable(values)).fetchone()
        except sqlite3.Error as error:
            self.failure = self.failure or error
            raise
        return row

    async def all(self, sql: str, *values: Value) -> Sequence[Row]:
        try:
            return self._raw.execute(sql, storable(values)).fetchall()
        except sqlite3.Error as error:
            self.failure = self.failure or error
            raise

    async def run(self, sql: str, *values: Value) -> int:
        try:
            return self._raw.execute(sql, storable(values)).rowcount
        except sqlite3.Error as error:
            self.failure = self.failure or error
            raise

    async def sweep(self, sql: str, *values: Value) -> int:
        self.is_waiting = True
        try:
            cursor = await self._aside.run(lambda: self._raw.execute(sql, storable(values)))
        except sqlite3.Error as error:
            self.failure = self.failure or error
            raise
        finally:
            self.is_waiting = False
        return cursor.rowcount

    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> None:
        places = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - the schema's own names
        given = storable_rows(rows)
        self.is_waiting = True
        try:
            await self._aside.run(lambda: self._raw.executemany(sql, given))
        except sqlite3.Error as error:
            self.failure = self.failure or error
            raise
        finally:
            self.is_waiting = False


@dataclass(slots=True, eq=False)
class _Change(Generic[T]):
    body: Callable[[SqlRepositories], Awaitable[T]]
    future: "asyncio.Future[T]"
    result: T | None = None
    error: Exception | None = None

    def settle(self) -> None:
        if self.future.done():  # its caller went away; what was accepted was done all the same
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # None is a T here


class SqliteStore(SqlRepositories):
    """
    One SQLite file. Several processes may open the same one.

    Raises:
        ServiceUnavailableException: the file cannot be opened or written.
        SchemaError: a newer version made it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with contextlib.ExitStack() as opened:
            try:
                _create(path)
                self._turnstile = opened.enter_context(contextlib.closing(Turnstile(path)))
                self._writer = opened.enter_context(contextlib.closing(self._first(path)))
                _migrate(self._writer)
                self._writer.execute("PRAGMA busy_timeout = 0")  # nothing waits in the loop
                self._reader = opened.enter_context(contextlib.closing(connect(path)))
                self._reader.execute(f"PRAGMA busy_timeout = {int(READ_TIMEOUT * 1000)}")
                self._reader.execute("PRAGMA query_only = ON")
            except (OSError, sqlite3.Error) as error:
                raise ServiceUnavailableException(
                    f"The database {path} cannot be opened: {error}"
                ) from error
            opened.pop_all()
        self._gate = Gate()
        self._aside = Aside("sqlite-commits")
        self._reading = ReadConnection(self._reader, self._gate)
        self._changing = ChangeConnection(self._writer, self._aside)
        self._transaction = SqlRepositories(self._changing)
        super().__init__(self._reading)
        self._waiting: deque[_Change[Any]] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._closed = False

    def _first(self, path: Path) -> sqlite3.Connection:
        """
        A connection to a file that may be new.

        Giving it its log is the one step that SQLite does not wait for where others take it too.
        """
        found: list[sqlite3.Connection] = []

        def connected() -> bool:
            try:
                found.append(connect(path))
            except sqlite3.OperationalError as error:
                if _is_busy(error):
                    return False
                raise
            return True

        return found[0] if self._turnstile.waited(connected) else connect(path)

    async def change(self, body: Callable[[SqlRepositories], Awaitable[T]]) -> T:
        self._gate.check()
        if self._closed:
            raise ServiceUnavailableException
        loop = asyncio.get_running_loop()
        change: _Change[T] = _Change(body, loop.create_future())
        self._waiting.append(change)
        if self._writing is None:
            self._writing = loop.create_task(self._write())
        return await change.future

    @contextlib.asynccontextmanager
    async def snapshot(self, pool_id: PoolId) -> AsyncIterator[SqliteSnapshot]:
        self._reading.check()
        try:
            with contextlib.closing(SqliteSnapshot(connect(self._path), pool_id)) as snapshot:
                yield snapshot
        except sqlite3.Error as error:
            raise refusal(error)  # noqa: B904 - has its cause

    def take_room(self) -> None:
        self._writer.execute(f"PRAGMA cache_size = -{ROOMY_CACHE_KIB}")
        self._writer.execute(f"PRAGMA wal_autocheckpoint = {ROOMY_CHECKPOINT_PAGES}")

    async def check(self) -> None:
        await self._reading.one("SELECT 1 FROM pools LIMIT 1")

    async def clear(self) -> None:
        async def empty(_: SqlRepositories) -> None:
            for name in tables(migrations(SQLITE_TYPES)):
                await self._changing.sweep(f"DELETE FROM {name}")  # noqa: S608 - names from the schema

        await self.change(empty)

    async def close(self) -> None:
        """What was accepted is done first."""
        self._closed = True
        if self._writing is not None:
            await asyncio.wait([self._writing])
        if not self._reading.closed:
            self._reading.closed = True
            self._aside.close()
            self._reader.close()
            self._writer.close()
            self._turnstile.close()

    # --- writing: one task, while there is something to write -------------------------------------

    async def _write(self) -> None:
        batch: list[_Change[Any]] = []
        try:
            while self._waiting:
                batch = [
                    self._waiting.popleft()
                    for _ in range(min(len(self._waiting), CHANGES_PER_COMMIT))
                ]
                await self._commit(batch)
                for change in batch:
                    change.settle()
        except BaseException:
            # The loop is being torn down, perhaps amid a commit: nothing more is written.
            self._closed = True
            for change in (*batch, *self._waiting):
                change.error = ServiceUnavailableException()
                change.settle()
            raise
        finally:
            self._writing = None

    async def _commit(self, batch: list[_Change[Any]]) -> None:
        """All of `batch` in one transaction; what each of them came to stands in it."""
        remaining = list(batch)
        try:
            # A full disk costs the whole transaction: the others begin again, without the one
            # that met it.
            while (spoiler := await self._together(remaining)) is not None:
                remaining.remove(spoiler)
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                # An error that bars rolling back has ended the transaction by itself.
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
            for change in remaining:
                change.error = refusal(error)

    async def _together(self, changes: list[_Change[Any]]) -> _Change[Any] | None:
        """Run and commit; or, with nothing done, the change that SQLite ended everything for."""
        await self._begin()
        before = self._writer.total_changes
        for change in changes:
            await self._run(change)
            if not self._writer.in_transaction:
                return change
        if self._writer.total_changes == before:
            self._writer.execute("ROLLBACK")  # nothing was written: nothing to wait for
        else:
            await self._aside.run(lambda: self._writer.execute("COMMIT"))
        return None

    async def _begin(self) -> None:
        """At once, where no other process writes or waits to write."""
        if self._turnstile.enter() and self._begun():
            self._turnstile.leave()
        else:
            await self._aside.run(self._wait_and_begin)

    def _wait_and_begin(self) -> None:
        try:
            if not (
                self._turnstile.waited(self._turnstile.enter)
                and self._turnstile.waited(self._begun)
            ):
                self._writer.execute("BEGIN IMMEDIATE")  # once more, to be told why not
        finally:
            self._turnstile.leave()

    def _begun(self) -> bool:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if _is_busy(error):
                return False
            raise
        return True

    async def _run(self, change: _Change[T]) -> None:
        """One body to its end; where it raises, nothing of it stays, and its neighbours do."""
        self._writer.execute("SAVEPOINT change")
        self._changing.failure = change.error = None
        try:
            change.result = await Driven(
                lambda: change.body(self._transaction), self._changing, self._gate
            )
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits the change
            change.error = refusal(error)
            if not self._writer.in_transaction:
                return
            self._writer.execute("ROLLBACK TO change")
        self._writer.execute("RELEASE change")


# --- opening -------------------------------------------------------------------------------------


def _create(path: Path) -> None:
    """
    A new file is its owner's alone; the log and its index get the file's permissions.

    An existing one is not touched: closing a file that this process has open elsewhere would drop
    SQLite's locks on it (POSIX).
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def connect(path: Path) -> sqlite3.Connection:
    """
    Raises:
        sqlite3.Error: no database, or none that can keep a write-ahead log.
    """
    raw = sqlite3.connect(
        path,
        timeout=TURN_TIMEOUT,
        isolation_level=None,
        cached_statements=STATEMENTS,
        check_same_thread=False,
    )
    try:
        (mode,) = raw.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise sqlite3.NotSupportedError(f"its file system allows no log (mode {mode})")
        # What builds of SQLite set differently is set here.
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA fullfsync = ON")  # macOS: else a write may stay in the disk's cache
        raw.execute("PRAGMA checkpoint_fullfsync = ON")
        raw.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        raw.execute(f"PRAGMA journal_size_limit = {LOG_BYTES_KEPT}")
        raw.execute(f"PRAGMA cache_size = -{PAGE_CACHE_KIB}")
    except BaseException:
        raw.close()
        raise
    return raw


def _migrate(raw: sqlite3.Connection) -> None:
    known = migrations(SQLITE_TYPES)
    if not unapplied(known, _applied(raw)):
        return
    raw.execute("BEGIN IMMEDIATE")  # one process migrates, the others wait here
    try:
        raw.execute(CREATE_REGISTER)
        for migration in unapplied(known, _applied(raw)):
            for statement in migration.statements:
                raw.execute(statement)
            raw.execute(
                "INSERT INTO schema_migrations (version, name) VALUES (?, ?)",
                (migration.version, migration.name),
            )
        raw.execute("COMMIT")
    except BaseException:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise


def _applied(raw: sqlite3.Connection) -> list[int]:
    known = raw.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
    ).fetchone()
    if known is None:
        return []
    return [row[0] for row in raw.execute("SELECT version FROM schema_migrations")]


def path_of(url: str) -> Path:
    """The file of `sqlite:///relative`, `sqlite:////absolute` or `sqlite:path`."""
    return Path(url.removeprefix("sqlite:").removeprefix("///"))
