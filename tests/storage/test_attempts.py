"""Attempt counters: none is lost, however many count at once."""

import asyncio

from cognate.domain.attempts import counted
from tests.storage.records import LATER, LONG_AGO, NOW, POOL, attempts, sub_of

CALLERS = 50


async def test_a_counter_is_found_as_it_was_stored_and_by_its_kind(store, change):
    await change.attempts.save(attempts(3))

    assert await store.attempts.find(POOL.pool_id, sub_of(1), "password") == attempts(3)
    assert await store.attempts.find(POOL.pool_id, sub_of(1), "forgot_password") is None
    assert await store.attempts.find(POOL.pool_id, sub_of(2), "password") is None


async def test_fifty_at_once_count_to_fifty(store):
    async def count(tx):
        before = await tx.attempts.find(POOL.pool_id, sub_of(1), "password")
        after = counted(before, pool_id=POOL.pool_id, sub=sub_of(1), kind="password", now=NOW)
        await tx.attempts.save(after)
        return after.count

    counts = await asyncio.gather(*(store.change(count) for _ in range(CALLERS)))

    assert sorted(counts) == list(range(1, CALLERS + 1))
    found = await store.attempts.find(POOL.pool_id, sub_of(1), "password")
    assert found is not None
    assert found.count == CALLERS


async def test_a_cleared_counter_is_gone_and_the_others_stay(store, change):
    other = attempts(2, kind="forgot_password")
    await change.attempts.save(attempts(7))
    await change.attempts.save(other)

    await change.attempts.clear(POOL.pool_id, sub_of(1), "password")

    assert await store.attempts.find(POOL.pool_id, sub_of(1), "password") is None
    assert await store.attempts.find(POOL.pool_id, sub_of(1), "forgot_password") == other


async def test_quiet_counters_are_forgotten_a_few_at_a_time(store, change):
    for number in range(4):
        old = attempts(sub=sub_of(number), last_at=LONG_AGO)
        await change.attempts.save(old)
    await change.attempts.save(attempts(sub=sub_of(9), last_at=LATER))

    forgotten = [await change.attempts.purge(before=NOW, limit=3) for _ in range(3)]

    assert forgotten == [3, 1, 0]
    assert await store.attempts.find(POOL.pool_id, sub_of(9), "password") is not None
