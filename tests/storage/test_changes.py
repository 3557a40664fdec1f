"""
What a change promises, on both databases: whole or not at all, run again where it collided, durable
when it returns, alone among its neighbours.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from cognate.errors import ServiceUnavailableException
from cognate.ports.store import AlreadyStored
from tests.storage.conftest import CALLERS, winners
from tests.storage.records import (
    LATER,
    NOW,
    POOL,
    a_client,
    a_code,
    a_family,
    a_group,
    a_pool,
    a_user,
    attempts,
    sub_of,
)


class RefusedError(Exception):
    """What a body raises in these stories."""


async def test_a_change_answers_what_its_body_returns(store):
    async def body(tx):
        await tx.pools.add(POOL)
        return {"whatever": [1, None]}

    assert await store.change(body) == {"whatever": [1, None]}


async def test_raising_rolls_everything_back_and_reaches_the_caller(store, inspector):
    refused = RefusedError("no")

    async def body(tx):
        await tx.pools.add(POOL)
        await tx.users.add(POOL, a_user())
        await tx.groups.add_member(POOL.pool_id, "readers", sub_of(1), now=NOW)
        raise refused

    with pytest.raises(RefusedError) as caught:
        await store.change(body)

    assert caught.value is refused
    assert await inspector.rows(pool_id=POOL.pool_id) == {}


async def test_a_body_reads_what_it_wrote_and_nobody_else_does_before_the_end(store):
    outside: list[object] = []

    async def body(tx):
        await tx.pools.add(POOL)
        inside = await tx.pools.find(POOL.pool_id)
        written.set()
        for _ in range(20):  # long enough for the reader to have its turn, where it can have one
            await tx.pools.find(POOL.pool_id)
        return inside

    async def read():
        await written.wait()
        outside.append(await store.pools.find(POOL.pool_id))

    written = asyncio.Event()
    inside, _ = await asyncio.gather(store.change(body), read())

    assert inside == POOL
    assert outside in ([None], [POOL])  # before the commit or after it, never amid
    assert await store.pools.find(POOL.pool_id) == POOL


async def test_a_reader_elsewhere_sees_a_change_as_soon_as_it_returned(store, opened, database_url):
    elsewhere = await opened(database_url)
    try:
        for number in range(20):

            async def add(tx, number=number):
                await tx.users.add(POOL, a_user(number))

            await store.change(add)
            assert await store.users.find(POOL.pool_id, sub_of(number)) is not None
            assert await elsewhere.users.find(POOL.pool_id, sub_of(number)) is not None
    finally:
        await elsewhere.close()


async def test_a_change_is_acknowledged_after_it_can_be_read_by_everybody(store, inspector):
    async def add(tx):
        await tx.pools.add(POOL)

    acknowledged = asyncio.ensure_future(store.change(add))
    await acknowledged

    assert await inspector.rows(pool_id=POOL.pool_id) == {"pools": 1}


async def test_two_processes_lose_no_update(store, opened, database_url):
    elsewhere = await opened(database_url)

    async def count(tx):
        before = await tx.attempts.find(POOL.pool_id, sub_of(1), "password")
        await tx.attempts.save(attempts(1 if before is None else before.count + 1))

    try:
        await asyncio.gather(*(one.change(count) for _ in range(25) for one in (store, elsewhere)))
    finally:
        await elsewhere.close()

    found = await store.attempts.find(POOL.pool_id, sub_of(1), "password")
    assert found is not None
    assert found.count == 50


async def test_what_two_changes_decide_from_each_others_rows_is_as_if_one_came_first(store):
    """Write skew: each may leave the group if the other is still in it."""
    for number in (1, 2):

        async def join(tx, number=number):
            if number == 1:
                await tx.groups.add(a_group())
            await tx.users.add(POOL, a_user(number))
            await tx.groups.add_member(POOL.pool_id, "readers", sub_of(number), now=NOW)

        await store.change(join)

    async def leave(number):
        async def body(tx):
            members = await tx.groups.members(POOL.pool_id, "readers", after="", limit=10)
            if len(members) < 2:
                return False
            await tx.groups.remove_member(POOL.pool_id, "readers", sub_of(number))
            return True

        return await store.change(body)

    assert sorted(await asyncio.gather(leave(1), leave(2))) == [False, True]
    left = await store.groups.members(POOL.pool_id, "readers", after="", limit=10)
    assert len(left) == 1


async def test_the_answer_of_a_body_that_was_run_again_is_its_last_ones(store):
    runs: list[int] = []

    async def count(tx):
        runs.append(1)
        before = await tx.attempts.find(POOL.pool_id, sub_of(1), "password")
        after = attempts(1 if before is None else before.count + 1)
        await tx.attempts.save(after)
        return after.count

    answers = await asyncio.gather(*(store.change(count) for _ in range(CALLERS)))

    assert sorted(answers) == list(range(1, CALLERS + 1))
    assert len(runs) >= CALLERS


async def test_a_failing_change_does_not_hurt_those_who_share_its_commit(store):
    async def add(tx, number):
        await tx.users.add(POOL, a_user(number))
        return number

    async def refuse(tx):
        await tx.users.add(POOL, a_user(1001))
        raise RefusedError

    async def store_twice(tx):
        await tx.users.add(POOL, a_user(1002))
        await tx.users.add(POOL, a_user(1002))

    async def send_nonsense(tx):
        await tx.users.add(POOL, a_user(1003))
        await tx.codes.save(a_code(b"\x02" * 32))
        await tx.attempts.save(attempts(2**70))

    def neighbour(number):
        return store.change(lambda tx: add(tx, number))

    answers = await asyncio.gather(
        neighbour(1),
        store.change(refuse),
        neighbour(2),
        store.change(store_twice),
        neighbour(3),
        store.change(send_nonsense),
        neighbour(4),
        return_exceptions=True,
    )

    assert answers[::2] == [1, 2, 3, 4]
    assert [type(answer) for answer in answers[1:4:2]] == [RefusedError, AlreadyStored]
    assert isinstance(answers[5], Exception)
    assert not isinstance(answers[5], ServiceUnavailableException)  # a mistake of ours, not theirs
    for number in (1, 2, 3, 4):
        assert await store.users.find(POOL.pool_id, sub_of(number)) is not None
    for number in (1001, 1002, 1003):
        assert await store.users.find(POOL.pool_id, sub_of(number)) is None


@pytest.mark.parametrize("wait", [lambda: asyncio.sleep(0), lambda: asyncio.sleep(0.001)])
async def test_a_body_that_waits_for_something_else_fails_clearly_and_stores_nothing(store, wait):
    async def body(tx):
        await tx.pools.add(POOL)
        await wait()

    with pytest.raises(RuntimeError, match="a change may await nothing but its transaction"):
        await store.change(body)

    assert await store.pools.find(POOL.pool_id) is None
    assert await store.change(lambda tx: tx.pools.add(POOL)) is True  # as good as before


async def test_a_body_that_hides_its_foreign_wait_fails_all_the_same(store):
    async def body(tx):
        with suppress(RuntimeError):
            await asyncio.sleep(0)
        await tx.pools.add(POOL)

    with pytest.raises(RuntimeError, match="a change may await nothing but its transaction"):
        await store.change(body)

    assert await store.pools.find(POOL.pool_id) is None


async def test_a_change_inside_a_change_is_refused(store):
    async def outer(tx):
        await tx.pools.add(POOL)
        await store.change(lambda inner: inner.pools.add(a_pool("bbbbbbbbb")))

    with pytest.raises(RuntimeError, match="a change may await nothing but its transaction"):
        await store.change(outer)

    assert await store.pools.ids(after="", limit=10) == []


async def test_reading_beside_the_transaction_is_refused_inside_a_change(store):
    async def body(tx):
        await tx.pools.add(POOL)
        return await store.pools.find(POOL.pool_id)

    with pytest.raises(RuntimeError, match="a change may await nothing but its transaction"):
        await store.change(body)

    assert await store.pools.find(POOL.pool_id) is None


async def test_writing_outside_a_change_is_refused(store):
    with pytest.raises(RuntimeError, match="writes go through"):
        await store.pools.add(POOL)
    with pytest.raises(RuntimeError, match="writes go through"):
        await store.pools.delete(POOL.pool_id)


async def test_others_read_while_a_large_change_is_under_way(store, inspector):
    await inspector.random_users(POOL.pool_id, 20_000)
    other = a_pool("bbbbbbbbb")
    await store.change(lambda tx: tx.pools.add(other))

    deletion = asyncio.ensure_future(store.change(lambda tx: tx.pools.delete(POOL.pool_id)))
    reads = 0
    while not deletion.done():
        assert await store.pools.find(other.pool_id) == other
        reads += 1
        await asyncio.sleep(0)
    await deletion

    assert reads > 10
    assert await store.users.estimate(POOL.pool_id) == 0


async def test_a_caller_who_goes_away_leaves_a_change_that_is_whole_or_not_there(store):
    async def body(tx):
        await tx.pools.add(POOL)
        await tx.clients.add(a_client())
        await tx.users.add(POOL, a_user())

    for steps in range(12):  # cancelled at every stage of its way
        caller = asyncio.ensure_future(store.change(body))
        for _ in range(steps):
            await asyncio.sleep(0)
        caller.cancel()
        await asyncio.wait([caller])
        # Whatever is decided afterwards comes after it.
        there = await store.change(lambda tx: tx.pools.find(POOL.pool_id)) is not None

        assert (await store.clients.pool_of(a_client().client_id) is not None) is there
        assert (await store.users.find(POOL.pool_id, sub_of(1)) is not None) is there
        await store.change(lambda tx: tx.pools.delete(POOL.pool_id))

    answers = await asyncio.gather(
        *(store.change(lambda tx: tx.pools.find(POOL.pool_id)) for _ in range(CALLERS))
    )
    assert answers == [None] * CALLERS  # no connection was lost on the way


async def test_closing_ends_what_was_accepted_and_refuses_what_comes_later(
    opened, database_url, inspector
):
    store = await opened(database_url)

    async def add(tx, number):
        await tx.users.add(POOL, a_user(number))

    accepted = [
        asyncio.ensure_future(store.change(lambda tx, n=n: add(tx, n))) for n in range(CALLERS)
    ]
    await asyncio.sleep(0)  # each of them has called
    closing = asyncio.ensure_future(store.close())
    await asyncio.sleep(0)

    with pytest.raises(ServiceUnavailableException):
        await store.change(lambda tx: tx.pools.add(POOL))
    await asyncio.gather(*accepted)
    await closing
    with pytest.raises(ServiceUnavailableException):
        await store.change(lambda tx: tx.pools.add(POOL))
    with pytest.raises(ServiceUnavailableException):
        await store.pools.find(POOL.pool_id)
    with pytest.raises(ServiceUnavailableException):
        await store.check()

    await store.close()  # twice does no harm
    assert await inspector.query("SELECT count(*) FROM users") == [(CALLERS,)]
    assert await inspector.query("SELECT count(*) FROM pools") == [(0,)]


async def test_a_refusal_is_remembered_in_a_change_of_its_own(store):
    """The pattern of attempts that are charged first: the charge stays, the rest is undone."""

    async def charge(tx):
        await tx.attempts.save(attempts(1))

    async def judge(tx):
        await tx.attempts.save(attempts(2))
        raise RefusedError

    await store.change(charge)
    with pytest.raises(RefusedError):
        await store.change(judge)

    assert await store.attempts.find(POOL.pool_id, sub_of(1), "password") == attempts(1)


async def test_several_single_use_things_in_one_change_are_won_together(store, change):
    """A caller who redeems the code has the session too, and the successor of the family."""
    code, family = a_code(), a_family()
    await change.codes.save(code)
    await change.families.add(family)

    async def take_all(tx):
        return (
            await tx.codes.redeem(code)
            and await tx.challenge_sessions.use(POOL.pool_id, "a session", expires_at=LATER)
            and await tx.families.rotate(family, now=NOW)
        )

    assert await winners(store, take_all) == 1
    found = await store.families.find(POOL.pool_id, family.origin_jti)
    assert found == replace(family, generation=1, rotated_at=NOW)
