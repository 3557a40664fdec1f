"""A store on each database, and a second way in that knows nothing of the store."""

import asyncio
import random  # noqa: TID251 - the same numbers each time
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest

from cognate.ports import Store, Transaction
from cognate.storage.postgresql import PostgresqlStore
from cognate.storage.sqlite import SqliteStore, path_of

T = TypeVar("T")

CALLERS = 64
# Ours, and of no pool.
OF_NO_POOL = frozenset({"access_keys", "provisioned_limits", "schema_lock", "schema_migrations"})


@pytest.fixture
def opened() -> Callable[[str], Awaitable[Store]]:
    """`await opened(url)`: one more store on that database; the story closes it."""

    async def open_one(url: str) -> Store:
        if url.startswith("sqlite:"):
            return SqliteStore(path_of(url))
        return await PostgresqlStore.open(url)

    return open_one


@pytest.fixture
async def store(
    opened: Callable[[str], Awaitable[Store]], database_url: str
) -> AsyncIterator[Store]:
    one = await opened(database_url)
    yield one
    await one.close()


async def winners(store: Store, attempt: Callable[[Transaction], Awaitable[bool]]) -> int:
    """How many of sixty-four callers at once are told that they won."""
    return sum(await asyncio.gather(*(store.change(attempt) for _ in range(CALLERS))))


class Changes:
    """`await change.codes.save(code)`: one method of a repository, in a change of its own."""

    def __init__(self, store: Store, repository: str | None = None) -> None:
        self._store = store
        self._repository = repository

    def __getattr__(self, name: str) -> Any:
        if self._repository is None:
            return Changes(self._store, name)
        repository = self._repository

        async def alone(*values: Any, **named: Any) -> Any:
            async def body(tx: Transaction) -> Any:
                return await getattr(getattr(tx, repository), name)(*values, **named)

            return await self._store.change(body)

        return alone


@pytest.fixture
def change(store: Store) -> Changes:
    return Changes(store)


class Inspector:
    """SQL on the database, beside the store. `?` for values."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._is_sqlite = url.startswith("sqlite:")

    async def query(self, sql: str, *values: Any) -> list[Any]:
        if self._is_sqlite:
            with closing(sqlite3.connect(self._url.removeprefix("sqlite:///"))) as raw, raw:
                return raw.execute(sql, values).fetchall()
        raw = await asyncpg.connect(self._url)
        try:
            for number in range(1, len(values) + 1):
                sql = sql.replace("?", f"${number}", 1)
            return [tuple(row) for row in await raw.fetch(sql, *values)]
        finally:
            await raw.close()

    async def tables(self) -> dict[str, dict[str, str]]:
        """Every table with its columns and their types: TEXT, BIGINT, or BLOB/bytea."""
        if self._is_sqlite:
            rows = await self.query(
                "SELECT m.name, c.name, c.type FROM sqlite_schema m"
                " JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
            )
        else:
            rows = await self.query(
                "SELECT table_name, column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = 'public'"
            )
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in rows:
            found.setdefault(table, {})[column] = kind.upper()
        return found

    async def a_row_everywhere(self, **names: str) -> list[str]:
        """A made-up row in every table that has the columns `names`, holding those values."""
        filled = []
        for table, columns in (await self.tables()).items():
            if not names.keys() <= columns.keys():
                continue
            made_up = {
                column: names.get(column, "made up" if kind == "TEXT" else 1)
                for column, kind in columns.items()
            }
            for column, kind in columns.items():
                if kind in ("BLOB", "BYTEA"):
                    made_up[column] = b"{}"  # type: ignore[assignment]  # any value a column takes
            places = ", ".join("?" for _ in made_up)
            await self.query(
                f"INSERT INTO {table} ({', '.join(made_up)}) VALUES ({places})",  # noqa: S608 - the schema's own names
                *made_up.values(),
            )
            filled.append(table)
        return filled

    async def rows(self, **names: str) -> dict[str, int]:
        """In how many rows of each table the columns `names` hold those values, where in any."""
        condition = " AND ".join(f"{name} = ?" for name in names)
        found = {}
        for table, columns in (await self.tables()).items():
            if names.keys() <= columns.keys():
                [(count,)] = await self.query(
                    f"SELECT count(*) FROM {table} WHERE {condition}",  # noqa: S608 - the schema's own names
                    *names.values(),
                )
                if count:
                    found[table] = count
        return found

    async def random_users(self, pool_id: str, count: int) -> None:
        """So many rows of users with subs that the same numbers always give."""
        chance = random.Random(20260102)  # noqa: S311 - nothing secret
        rows = [
            (pool_id, str(UUID(int=chance.getrandbits(128))), f"user{n}", "CONFIRMED", 1, b"{}")
            for n in range(count)
        ]
        names = "pool_id, sub, username_key, status, enabled, document"
        if self._is_sqlite:
            with closing(sqlite3.connect(self._url.removeprefix("sqlite:///"))) as raw, raw:
                raw.executemany(f"INSERT INTO users ({names}) VALUES (?, ?, ?, ?, ?, ?)", rows)  # noqa: S608 - a constant
            return
        raw = await asyncpg.connect(self._url)
        try:
            await raw.copy_records_to_table("users", records=rows, columns=names.split(", "))
        finally:
            await raw.close()


@pytest.fixture
def inspector(database_url: str) -> Inspector:
    return Inspector(database_url)
