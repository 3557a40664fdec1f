"""Sessions of unfinished sign-ins: each is used once."""

from tests.storage.conftest import winners
from tests.storage.records import LATER, LONG_AGO, NOW, POOL, a_pool


async def test_a_session_is_used_by_exactly_one_caller(store):
    assert not await store.challenge_sessions.is_used(POOL.pool_id, "a session")

    won = await winners(
        store, lambda tx: tx.challenge_sessions.use(POOL.pool_id, "a session", expires_at=LATER)
    )

    assert won == 1
    assert await store.challenge_sessions.is_used(POOL.pool_id, "a session")
    assert not await store.challenge_sessions.is_used(POOL.pool_id, "another")
    assert not await store.challenge_sessions.is_used(a_pool("bbbbbbbbb").pool_id, "a session")


async def test_used_sessions_are_forgotten_after_their_time_a_few_at_a_time(store, change):
    for number in range(5):
        await change.challenge_sessions.use(POOL.pool_id, f"old {number}", expires_at=LONG_AGO)
    await change.challenge_sessions.use(POOL.pool_id, "still good", expires_at=LATER)

    forgotten = [await change.challenge_sessions.purge(now=NOW, limit=3) for _ in range(3)]

    assert forgotten == [3, 2, 0]
    assert await store.challenge_sessions.is_used(POOL.pool_id, "still good")
