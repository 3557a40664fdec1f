"""Credentials: one for each user, replaced by the next."""

from tests.storage.records import POOL, a_credential, a_pool, sub_of


async def test_a_credential_is_found_as_it_was_stored(store, change):
    await change.credentials.save(POOL.pool_id, sub_of(1), a_credential())

    assert await store.credentials.find(POOL.pool_id, sub_of(1)) == a_credential()
    assert await store.credentials.find(POOL.pool_id, sub_of(2)) is None
    assert await store.credentials.find(a_pool("bbbbbbbbb").pool_id, sub_of(1)) is None


async def test_the_next_credential_replaces_it(store, change):
    for password_hash in ("first", "second"):
        await change.credentials.save(POOL.pool_id, sub_of(1), a_credential(password_hash))

    assert await store.credentials.find(POOL.pool_id, sub_of(1)) == a_credential("second")


async def test_many_credentials_come_at_once_and_a_user_may_lose_theirs(store, change):
    await change.credentials.add_many(
        POOL.pool_id, [(sub_of(number), a_credential(f"{number}")) for number in range(300)]
    )

    assert await store.credentials.find(POOL.pool_id, sub_of(299)) == a_credential("299")
    await change.credentials.delete(POOL.pool_id, sub_of(299))
    assert await store.credentials.find(POOL.pool_id, sub_of(299)) is None
    assert await store.credentials.find(POOL.pool_id, sub_of(298)) == a_credential("298")


async def test_that_there_is_a_credential_is_known_without_reading_it(store, change):
    await change.credentials.save(POOL.pool_id, sub_of(1), a_credential())

    assert await store.credentials.exists(POOL.pool_id, sub_of(1))
    assert not await store.credentials.exists(POOL.pool_id, sub_of(2))
