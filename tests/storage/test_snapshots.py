"""A pool's rows as they were at one moment, and back in again."""

import asyncio

import pytest

from cognate.errors import ServiceUnavailableException
from tests.storage.records import NOW, POOL, a_credential, a_family, a_group, a_pool, a_user, sub_of

RESTORED = a_pool("restored0")


async def all_rows(snapshot, size=3):
    found = {}
    for table in snapshot.tables:
        columns = await snapshot.columns(table)
        rows = []
        async for portion in snapshot.rows(table, columns, size=size):
            assert 0 < len(portion) <= size
            rows += [tuple(row) for row in portion]
        assert len(rows) == await snapshot.count(table)
        found[table] = (list(columns), rows)
    return found


async def fill(change):
    await change.pools.add(POOL)
    await change.groups.add(a_group())
    for number in range(7):
        await change.users.add(POOL, a_user(number, attributes={"name": "Ada\x00😀"}))
        await change.credentials.save(POOL.pool_id, sub_of(number), a_credential())
        await change.groups.add_member(POOL.pool_id, "readers", sub_of(number), now=NOW)
    await change.users.add(a_pool("bbbbbbbbb"), a_user(1, a_pool("bbbbbbbbb")))


async def test_a_snapshot_holds_the_rows_of_its_pool_in_the_order_of_their_keys(store, change):
    await fill(change)

    async with store.snapshot(POOL.pool_id) as snapshot:
        found = await all_rows(snapshot)

    columns, rows = found["users"]
    assert [row[columns.index("sub")] for row in rows] == [sub_of(n) for n in range(7)]
    assert {row[columns.index("pool_id")] for row in rows} == {POOL.pool_id}
    assert len(found["group_members"][1]) == 7


async def test_nothing_moves_in_a_snapshot_while_everything_moves_around_it(store, change):
    await fill(change)

    async with store.snapshot(POOL.pool_id) as snapshot:
        before = await all_rows(snapshot)
        await change.pools.delete(POOL.pool_id)
        await change.users.add(POOL, a_user(99))

        assert await all_rows(snapshot) == before
        assert await snapshot.count("users") == 7
    async with store.snapshot(POOL.pool_id) as snapshot:
        assert await snapshot.count("users") == 1


async def test_several_snapshots_and_changes_go_on_at_once(store, change):
    await fill(change)

    async def read():
        async with store.snapshot(POOL.pool_id) as snapshot:
            return await all_rows(snapshot)

    async def write():
        for number in range(10):
            await change.families.add(a_family(f"{number}"))

    first, _, second = await asyncio.gather(read(), write(), read())

    assert first["users"] == second["users"]


async def test_rows_go_back_in_as_they_came_out(store, change):
    await fill(change)
    async with store.snapshot(POOL.pool_id) as snapshot:
        archived = await all_rows(snapshot)
    await change.pools.delete(POOL.pool_id)

    for table, (columns, rows) in archived.items():
        await change.pool_rows.insert(table, columns, rows)

    assert await store.users.find(POOL.pool_id, sub_of(3)) == a_user(
        3, attributes={"name": "Ada\x00😀"}
    )
    assert await store.groups.members(POOL.pool_id, "readers", after=sub_of(5), limit=9) == [
        a_user(6, attributes={"name": "Ada\x00😀"})
    ]
    async with store.snapshot(POOL.pool_id) as snapshot:
        assert await all_rows(snapshot) == archived


@pytest.mark.parametrize("table", ["data_keys", "access_keys", "no_such_table", "users; --"])
async def test_rows_of_other_tables_are_refused(store, change, table):
    with pytest.raises(LookupError):
        await change.pool_rows.insert(table, ["pool_id"], [[POOL.pool_id]])


async def test_how_far_a_restore_came_is_kept(store, change):
    assert await store.pool_rows.restored(POOL.pool_id) is None
    await change.pool_rows.save_restored(POOL.pool_id, "an archive", 1)
    await change.pool_rows.save_restored(POOL.pool_id, "an archive", 2)
    assert await store.pool_rows.restored(POOL.pool_id) == ("an archive", 2)

    await change.pool_rows.end_restore(POOL.pool_id)

    assert await store.pool_rows.restored(POOL.pool_id) is None


async def test_a_restore_given_up_leaves_no_rows(store, change, inspector):
    await fill(change)

    await change.pool_rows.clear(POOL.pool_id)

    assert set(await inspector.rows(pool_id=POOL.pool_id)) <= {"pools"}


async def test_what_goes_wrong_around_a_snapshot_keeps_its_name(store, change):
    """A full disk where the archive goes is not the database's trouble."""

    async def read():
        async with store.snapshot(POOL.pool_id):
            raise OSError("no space left for the archive")

    with pytest.raises(OSError, match="no space left for the archive"):
        await read()

    await store.change(lambda tx: tx.pools.add(RESTORED))  # and nothing is held


async def test_a_closed_store_gives_no_snapshots(opened, database_url):
    store = await opened(database_url)
    await store.close()

    with pytest.raises(ServiceUnavailableException):
        async with store.snapshot(POOL.pool_id):
            pass
