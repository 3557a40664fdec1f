"""The schema: applied once, whoever starts first; never by a version that does not know it."""

import asyncio
import re
import sys
import threading

import pytest

from cognate.app import open_store
from cognate.config import ConfigurationError, Settings
from cognate.storage.migrations import (
    POSTGRESQL_TYPES,
    SQLITE_TYPES,
    Migration,
    SchemaError,
    migrations,
    tables,
    unapplied,
)
from tests.storage.conftest import Inspector
from tests.storage.records import POOL, a_pool

PROCESSES = 6
START = """
import asyncio, sys
from cognate.app import open_store
from cognate.config import Settings
from tests.storage.records import a_pool

async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    store = await open_store(Settings(database=sys.argv[1]))
    await store.change(lambda tx: tx.pools.add(a_pool(sys.argv[2])))
    await store.close()

asyncio.run(main())
"""


async def test_processes_that_start_at_once_on_a_new_database_all_succeed(
    unmigrated_database_url,
):
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", START, unmigrated_database_url, f"{number}" * 9),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        await process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")

    assert [await process.wait() for process in processes] == [0] * PROCESSES

    inspector = Inspector(unmigrated_database_url)
    applied = await inspector.query("SELECT version, name FROM schema_migrations ORDER BY version")
    assert applied == [(known.version, known.name) for known in migrations(SQLITE_TYPES)]
    assert await inspector.query("SELECT count(*) FROM pools") == [(PROCESSES,)]


async def test_a_second_start_changes_nothing(opened, unmigrated_database_url):
    first = await opened(unmigrated_database_url)
    await first.change(lambda tx: tx.pools.add(POOL))
    await first.close()

    second = await opened(unmigrated_database_url)

    assert await second.pools.find(POOL.pool_id) == POOL
    await second.close()


async def test_a_start_waits_for_no_writer_where_nothing_is_to_be_migrated(
    opened, unmigrated_database_url
):
    first = await opened(unmigrated_database_url)
    others = []

    async def slow(tx):
        await tx.pools.add(POOL)
        # Amid this change, in a thread with a loop of its own.
        start = threading.Thread(target=lambda: others.append(asyncio.run(open_and_close())))
        start.start()
        start.join()

    async def open_and_close():
        await (await opened(unmigrated_database_url)).close()
        return "opened"

    await first.change(slow)

    assert set(others) == {"opened"}
    await first.close()


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    opened, unmigrated_database_url
):
    await (await opened(unmigrated_database_url)).close()
    inspector = Inspector(unmigrated_database_url)
    await inspector.query("INSERT INTO schema_migrations VALUES (?, ?)", 9999, "from the future")
    latest = migrations(SQLITE_TYPES)[-1].version
    words = (
        "The database was made by a newer version of Cognate: its schema has migration 9999,"
        f" this version knows up to {latest}."
    )

    with pytest.raises(SchemaError) as refused:
        await opened(unmigrated_database_url)
    with pytest.raises(ConfigurationError) as told:
        await open_store(Settings(database=unmigrated_database_url))

    assert str(refused.value) == str(told.value) == words


async def test_a_migration_that_fails_leaves_no_half_of_it(
    opened, unmigrated_database_url, monkeypatch
):
    known = migrations(SQLITE_TYPES)
    broken = Migration(
        version=9999,
        name="broken",
        statements=("CREATE TABLE half (a BIGINT)", "CREATE TABLE half (a BIGINT)"),
    )
    for database in ("sqlite", "postgresql"):
        monkeypatch.setattr(
            f"cognate.storage.{database}.migrations", lambda types: [*migrations(types), broken]
        )

    with pytest.raises(Exception, match="half"):
        await opened(unmigrated_database_url)
    monkeypatch.undo()

    store = await opened(unmigrated_database_url)
    await store.change(lambda tx: tx.pools.add(a_pool("bbbbbbbbb")))
    await store.close()
    found = await Inspector(unmigrated_database_url).tables()
    assert "half" not in found
    assert set(tables(known)) <= set(found)


async def test_both_databases_get_the_same_tables_and_columns(opened, unmigrated_database_url):
    await (await opened(unmigrated_database_url)).close()

    found = await Inspector(unmigrated_database_url).tables()

    expected = set(tables(migrations(SQLITE_TYPES))) | {"schema_migrations"}
    assert set(found) - {"schema_lock"} == expected
    kinds = {kind for columns in found.values() for kind in columns.values()}
    assert kinds <= {"TEXT", "BIGINT", "BLOB", "BYTEA"}


def test_migrations_are_numbered_once_each_and_come_in_order():
    versions = [known.version for known in migrations(SQLITE_TYPES)]

    assert versions == sorted(set(versions))
    assert versions == [known.version for known in migrations(POSTGRESQL_TYPES)]


def test_no_placeholder_of_a_type_is_left_over():
    for known in (*migrations(SQLITE_TYPES), *migrations(POSTGRESQL_TYPES)):
        assert not any("{" in statement for statement in known.statements)


def test_what_is_not_applied_is_told_in_order():
    one, two, three = (Migration(version=version, name="", statements=()) for version in (1, 2, 3))

    assert unapplied([one, two, three], [2]) == [one, three]
    assert unapplied([one, two, three], []) == [one, two, three]
    assert unapplied([one], [1]) == []
    with pytest.raises(SchemaError, match="migration 3, this version knows up to 2"):
        unapplied([one, two], [1, 3])


# From names that are unique over all pools to their pool.
LOOKUPS = {"active_imports", "client_pools", "domains"}


def test_every_table_of_a_pools_data_is_keyed_by_the_pool_first():
    """So it spreads by pool, or by pool and user."""
    found = []
    for known in migrations(SQLITE_TYPES):
        for statement in known.statements:
            table = re.match(r"CREATE TABLE (\w+) \((.*)\)", statement, re.DOTALL)
            if table is None or "pool_id" not in table[2] or table[1] in LOOKUPS:
                continue
            found.append(table[1])
            key = re.search(r"PRIMARY KEY \((\w+)", table[2])
            first = table[2].split()[0] if key is None else key[1]
            assert first == "pool_id", table[1]
    assert "users" in found
