"""The outbox: each message is taken by one worker at a time, and none is lost."""

from dataclasses import replace
from datetime import timedelta

from tests.storage.conftest import winners
from tests.storage.records import LATER, LONG_AGO, NOW, POOL, a_message, a_pool

SECOND = timedelta(seconds=1)


async def test_what_is_due_comes_oldest_first_and_no_more_than_asked(store, change):
    due = [
        a_message("third", next_attempt_at=NOW),
        a_message("second", next_attempt_at=NOW - SECOND),
        a_message("first", next_attempt_at=NOW - 2 * SECOND),
        a_message("fourth", pool=a_pool("zzzzzzzzz"), next_attempt_at=NOW),
    ]
    others = [
        a_message("later", next_attempt_at=NOW + SECOND),
        a_message("kept", state="kept"),
        a_message("failed", state="failed"),
    ]
    for message in (*due, *others):
        await change.messages.add(message)

    assert await store.messages.due(now=NOW, limit=10) == [due[2], due[1], due[0], due[3]]
    assert await store.messages.due(now=NOW, limit=2) == [due[2], due[1]]
    assert await store.messages.backlog() == len(due) + 1


async def test_a_message_is_claimed_by_exactly_one_worker(store, change):
    await change.messages.add(a_message())

    assert await winners(store, lambda tx: tx.messages.claim(a_message(), until=LATER)) == 1

    assert await store.messages.due(now=NOW, limit=10) == []
    [again] = await store.messages.due(now=LATER, limit=10)
    assert again == a_message(attempts=1, next_attempt_at=LATER)


async def test_a_claim_until_the_present_instant_is_still_one_workers(store, change):
    await change.messages.add(a_message())

    assert await winners(store, lambda tx: tx.messages.claim(a_message(), until=NOW)) == 1


async def test_a_message_whose_worker_died_is_claimed_again_after_its_time(store, change):
    await change.messages.add(a_message())
    await change.messages.claim(a_message(), until=LATER)
    [again] = await store.messages.due(now=LATER, limit=10)

    assert await winners(store, lambda tx: tx.messages.claim(again, until=LATER + SECOND)) == 1
    assert await change.messages.claim(a_message(), until=LATER) is False


async def test_a_settled_message_is_due_no_more(store, change):
    await change.messages.add(a_message())
    failed = replace(a_message(), state="failed", attempts=9, next_attempt_at=LATER)

    await change.messages.settle(failed)

    assert await store.messages.newest(limit=10) == [failed]
    assert await store.messages.due(now=LATER, limit=10) == []
    assert await store.messages.backlog() == 0


async def test_a_deleted_message_is_gone(store, change):
    await change.messages.add(a_message())

    await change.messages.delete(POOL.pool_id, "message")

    assert await store.messages.newest(limit=10) == []


async def test_the_newest_come_first(store, change):
    messages = [a_message(f"{n}", created_at=NOW + n * SECOND) for n in (2, 0, 1)]
    messages.append(a_message("9", created_at=NOW + 2 * SECOND))
    for message in messages:
        await change.messages.add(message)

    newest = await store.messages.newest(limit=3)

    assert [message.message_id for message in newest] == ["9", "2", "1"]


async def test_old_failures_are_forgotten_a_few_at_a_time(store, change):
    for number in range(5):
        old = a_message(f"{number}", state="failed", created_at=LONG_AGO)
        await change.messages.add(old)
    fresh = a_message("fresh", state="failed", created_at=LATER)
    waiting = a_message("waiting", created_at=LONG_AGO)
    await change.messages.add(fresh)
    await change.messages.add(waiting)

    forgotten = [await change.messages.purge_failed(before=NOW, limit=3) for _ in range(3)]

    assert forgotten == [3, 2, 0]
    assert await store.messages.newest(limit=10) == [fresh, waiting]


async def test_of_the_kept_only_the_newest_stay(store, change):
    for number in range(6):
        kept = a_message(f"{number}", state="kept", created_at=NOW + number * SECOND)
        await change.messages.add(kept)
    waiting = a_message("waiting", created_at=LONG_AGO)
    await change.messages.add(waiting)

    forgotten = [await change.messages.purge_kept(keep=2, limit=3) for _ in range(3)]

    assert forgotten == [3, 1, 0]
    left = await store.messages.newest(limit=10)
    assert [message.message_id for message in left] == ["5", "4", "waiting"]
