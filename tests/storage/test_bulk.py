"""Many rows at once, and the rows of one moment: what imports and archives stand on."""

from dataclasses import replace

import pytest

from cognate.domain.ids import PoolId
from cognate.domain.passwords import Credential
from cognate.domain.user_filters import parse
from cognate.ports.store import AlreadyStored
from tests.storage.records import NOW, POOL, a_user, sub_of

WITH_ALIAS = replace(POOL, alias_attributes=("email",))
PEOPLE = [
    a_user(number, attributes={"email": f"user{number}@example.com", "email_verified": "true"})
    for number in range(1, 601)
]
CREDENTIAL = Credential(password_hash="a hash", srp_salt=None, sealed_verifier=None, set_at=NOW)


async def test_users_added_together_are_found_like_any_other(store, change):
    await change.users.add_many(WITH_ALIAS, PEOPLE)
    await change.credentials.add_many(POOL.pool_id, [(user.sub, CREDENTIAL) for user in PEOPLE])

    ada = PEOPLE[400]
    assert await store.users.find(POOL.pool_id, ada.sub) == ada
    assert await store.users.find_by_username(WITH_ALIAS, ada.username) == ada
    assert await store.users.find_by_alias(WITH_ALIAS, "email", ada.attributes["email"]) == ada
    page = await store.users.page(
        WITH_ALIAS, condition=parse('email = "user401@example.com"'), after=None, limit=5
    )
    assert list(page.users) == [ada]
    assert await store.credentials.find(POOL.pool_id, ada.sub) == CREDENTIAL


async def test_names_that_are_taken_are_told_from_the_others(store, change):
    await change.users.add_many(WITH_ALIAS, PEOPLE)
    usernames = {f"user{number}" for number in range(1, 1201, 2)}

    taken = await store.users.taken_usernames(WITH_ALIAS, usernames)
    aliases = await store.users.taken_aliases(
        WITH_ALIAS, "email", {"user1@example.com", "nobody@example.com"}
    )

    assert taken == {f"user{number}" for number in range(1, 601, 2)}
    assert aliases == {"user1@example.com"}
    assert (
        await store.users.taken_aliases(WITH_ALIAS, "phone_number", {"user1@example.com"}) == set()
    )
    assert await store.users.taken_usernames(WITH_ALIAS, set()) == set()


async def test_where_one_is_stored_already_none_is_added(store, change):
    await change.users.add(WITH_ALIAS, PEOPLE[5])

    with pytest.raises(AlreadyStored):
        await change.users.add_many(WITH_ALIAS, PEOPLE)

    assert await store.users.find(POOL.pool_id, PEOPLE[4].sub) is None


async def test_a_null_character_is_stored_as_a_replacement(store, change):
    odd = replace(PEOPLE[0], username="a\x00b")

    await change.users.add_many(WITH_ALIAS, [odd, PEOPLE[1]])

    assert await store.users.find_by_username(WITH_ALIAS, "a\x00b") == odd


async def test_a_snapshot_does_not_see_what_comes_later(store, change):
    await change.users.add_many(WITH_ALIAS, PEOPLE)

    async with store.snapshot(POOL.pool_id) as snapshot:
        assert await snapshot.count("users") == len(PEOPLE)
        await change.users.delete(PEOPLE[0])
        await change.users.add(WITH_ALIAS, a_user(700))
        subs = [row[0] async for rows in snapshot.rows("users", ("sub",), size=100) for row in rows]

    assert subs == [sub_of(number) for number in range(1, 601)]
    assert await store.users.find(POOL.pool_id, PEOPLE[0].sub) is None


async def test_a_snapshot_holds_one_pool_in_the_order_of_its_keys(store, change):
    await change.users.add_many(WITH_ALIAS, PEOPLE)
    other = replace(POOL, pool_id=PoolId("us-east-1_otherpool"))

    async with store.snapshot(other.pool_id) as snapshot:
        found = [rows async for rows in snapshot.rows("user_aliases", ("sub",), size=10)]
        assert found == []
        assert "data_keys" not in snapshot.tables
        assert "messages" not in snapshot.tables
        assert {"users", "credentials", "token_families", "signing_keys"} <= set(snapshot.tables)
        columns = await snapshot.columns("users")

    assert columns == ["pool_id", "sub", "username_key", "status", "enabled", "document"]


async def test_only_rows_of_pools_are_inserted_as_they_lie(change):
    with pytest.raises(LookupError):
        await change.pool_rows.insert("access_keys", ("pool_id",), [("x",)])
