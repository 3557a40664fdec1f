"""Networks that users signed in from: the newest few, and for a while."""

from datetime import timedelta

from tests.storage.records import LATER, LONG_AGO, NOW, POOL, a_user, sub_of

HOME = "192.0.2.0/24"


async def test_a_network_is_known_of_its_user_alone(store, change):
    await change.known_networks.note(POOL.pool_id, sub_of(1), HOME, now=NOW, keep=10)

    assert await store.known_networks.seen_at(POOL.pool_id, sub_of(1), HOME) == NOW
    assert await store.known_networks.seen_at(POOL.pool_id, sub_of(1), "192.0.3.0/24") is None
    assert await store.known_networks.seen_at(POOL.pool_id, sub_of(2), HOME) is None


async def test_a_network_that_is_noted_again_has_the_later_time(store, change):
    await change.known_networks.note(POOL.pool_id, sub_of(1), HOME, now=NOW, keep=10)
    await change.known_networks.note(POOL.pool_id, sub_of(1), HOME, now=LATER, keep=10)

    assert await store.known_networks.seen_at(POOL.pool_id, sub_of(1), HOME) == LATER


async def test_of_more_networks_than_are_kept_the_oldest_is_forgotten(store, change):
    for number in range(4):
        at = NOW + timedelta(minutes=number)
        await change.known_networks.note(
            POOL.pool_id, sub_of(1), f"192.0.{number}.0/24", now=at, keep=3
        )
    await change.known_networks.note(POOL.pool_id, sub_of(2), HOME, now=LONG_AGO, keep=3)

    known = [
        await store.known_networks.seen_at(POOL.pool_id, sub_of(1), f"192.0.{number}.0/24")
        for number in range(4)
    ]
    assert [at is not None for at in known] == [False, True, True, True]
    assert await store.known_networks.seen_at(POOL.pool_id, sub_of(2), HOME) == LONG_AGO


async def test_old_networks_are_purged_and_no_others(store, change):
    await change.known_networks.note(POOL.pool_id, sub_of(1), HOME, now=LONG_AGO, keep=10)
    await change.known_networks.note(POOL.pool_id, sub_of(2), HOME, now=NOW, keep=10)

    assert await change.known_networks.purge(before=NOW, limit=10) == 1
    assert await store.known_networks.seen_at(POOL.pool_id, sub_of(1), HOME) is None
    assert await store.known_networks.seen_at(POOL.pool_id, sub_of(2), HOME) == NOW


async def test_a_users_networks_go_with_the_user(store, change):
    user = a_user()
    await change.users.add(POOL, user)
    await change.known_networks.note(POOL.pool_id, user.sub, HOME, now=NOW, keep=10)

    await change.users.delete(user)

    assert await store.known_networks.seen_at(POOL.pool_id, user.sub, HOME) is None
