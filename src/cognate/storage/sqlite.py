"""
SQLite: a read connection in the loop, and one writer thread whose waiting changes share a commit.

Durability: WAL with synchronous=FULL; a change is acknowledged after the commit that holds it.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from cognate.errors import ServiceUnavailableException
from cognate.storage.connection import Row, Value
from cognate.storage.migrations import SQLITE_TYPES, migrations
from cognate.storage.repositories import SqlRepositories

T = TypeVar("T")

BUSY_TIMEOUT = 30.0  # seconds to wait for another process's write
CHANGES_PER_COMMIT = 256
STATEMENTS = 512  # prepared statements kept per connection
PAGE_CACHE_KIB = 8 * 1024


class SqliteConnection:
    """Answers at once: awaiting never suspends."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw

    async def one(self, sql: str, *values: Value) -> Row | None:
        row: Row | None = self.raw.execute(sql, values).fetchone()
        return row

    async def all(self, sql: str, *values: Value) -> Sequence[Row]:
        return self.raw.execute(sql, values).fetchall()

    async def run(self, sql: str, *values: Value) -> int:
        return self.raw.execute(sql, values).rowcount


def connect(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        cached_statements=STATEMENTS,
        check_same_thread=False,
    )
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute(f"PRAGMA cache_size = -{PAGE_CACHE_KIB}")
    return raw


@dataclass(slots=True)
class _Change(Generic[T]):
    body: Callable[[SqlRepositories], Awaitable[T]]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[T]"
    result: T | None = None
    error: BaseException | None = field(default=None)

    def settle(self) -> None:
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # None is a T here


class SqliteStore(SqlRepositories):
    """One SQLite file. Several processes may open the same one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._reader = connect(path)
        self._writer = connect(path)
        _migrate(self._writer)
        super().__init__(SqliteConnection(self._reader))
        self._repositories = SqlRepositories(SqliteConnection(self._writer))
        self._waiting: queue.SimpleQueue[_Change[Any] | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def change(self, body: Callable[[SqlRepositories], Awaitable[T]]) -> T:
        if self._closed:
            raise ServiceUnavailableException
        loop = asyncio.get_running_loop()
        change = _Change(body, loop, loop.create_future())
        self._waiting.put(change)
        # Shielded: a caller that goes away does not undo what was begun.
        return await asyncio.shield(change.future)

    async def check(self) -> None:
        try:
            self._reader.execute("SELECT 1 FROM pools LIMIT 1").fetchone()
        except sqlite3.Error as cause:
            raise ServiceUnavailableException from cause

    async def clear(self) -> None:
        names = await SqliteConnection(self._reader).all(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_migrations'"
            " AND name NOT LIKE 'sqlite_%'"
        )

        async def empty(_: SqlRepositories) -> None:
            for (name,) in names:
                self._writer.execute(f"DELETE FROM {name}")  # noqa: S608 - names from the schema

        await self.change(empty)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)
        self._reader.close()
        self._writer.close()

    def _write(self) -> None:
        """The writer thread: take what waits, run it all in one transaction, acknowledge."""
        last = False
        while not last:
            first = self._waiting.get()
            if first is None:
                return
            batch = [first]
            while len(batch) < CHANGES_PER_COMMIT:
                try:
                    change = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if change is None:
                    last = True
                    break
                batch.append(change)
            self._commit(batch)
            for loop in {change.loop for change in batch}:
                settled = [change for change in batch if change.loop is loop]
                loop.call_soon_threadsafe(_settle, settled)

    def _commit(self, batch: list[_Change[Any]]) -> None:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for change in batch:
                self._run(change)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            failure = ServiceUnavailableException()
            failure.__cause__ = error
            for change in batch:
                change.error = failure

    def _run(self, change: _Change[Any]) -> None:
        """Drive one body to its end inside a savepoint."""
        self._writer.execute("SAVEPOINT change")
        try:
            change.result = _drive(change.body(self._repositories))
        except sqlite3.OperationalError:
            raise  # the disk is full, the file is gone: the whole commit fails
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits the change
            change.error = error
            self._writer.execute("ROLLBACK TO change")
        self._writer.execute("RELEASE change")


def _settle(changes: list[_Change[Any]]) -> None:
    for change in changes:
        change.settle()


def _drive(body: Awaitable[T]) -> T:
    """Run a coroutine that never suspends."""
    assert isinstance(body, Coroutine)  # noqa: S101 - for the type checker
    try:
        body.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    body.close()
    raise RuntimeError("a change may await nothing but its transaction")


def _migrate(raw: sqlite3.Connection) -> None:
    raw.execute("BEGIN IMMEDIATE")  # one process migrates, the others wait here
    try:
        raw.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations ("
            "version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)"
        )
        applied = {row[0] for row in raw.execute("SELECT version FROM schema_migrations")}
        for migration in migrations(SQLITE_TYPES):
            if migration.version in applied:
                continue
            for statement in migration.statements:
                raw.execute(statement)
            raw.execute(
                "INSERT INTO schema_migrations (version, name) VALUES (?, ?)",
                (migration.version, migration.name),
            )
        raw.execute("COMMIT")
    except BaseException:
        raw.execute("ROLLBACK")
        raise


def path_of(url: str) -> Path:
    """The file of `sqlite:///relative`, `sqlite:////absolute` or `sqlite:path`."""
    return Path(url.removeprefix("sqlite:").removeprefix("///"))
