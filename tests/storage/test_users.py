"""Users: their names are unique, their aliases follow their attributes, their deletion is whole."""

from dataclasses import replace

import pytest

from cognate.domain.users import MfaPreference, UserStatus
from cognate.ports.store import AlreadyStored
from cognate.storage.users import COUNTED_EXACTLY
from tests.storage.conftest import CALLERS, winners
from tests.storage.records import LATER, NOW, POOL, a_pool, a_user, sub_of

ALIASED = a_pool("aliased00", alias_attributes=("email", "phone_number", "preferred_username"))
BY_EMAIL = a_pool("byemail00", username_attributes=("email", "phone_number"))
FOLDING = a_pool("folding00", case_sensitive=False, username_attributes=("email",))


async def test_a_user_is_found_as_they_were_stored(store, change):
    user = a_user(
        attributes={"email": "ada@example.com", "custom:note": "a\x00b\ufffd😀", "name": "Ada"},
        enabled=False,
        mfa=MfaPreference(enabled=("SMS_MFA",), preferred="SMS_MFA"),
        signed_out_at=LATER,
    )

    await change.users.add(POOL, user)

    assert await store.users.find(POOL.pool_id, user.sub) == user
    assert await store.users.find_by_username(POOL, user.username) == user
    assert await store.users.find(a_pool("bbbbbbbbb").pool_id, user.sub) is None
    assert await store.users.find(POOL.pool_id, sub_of(2)) is None


async def test_user_names_differ_by_case_only_where_the_pool_says_so(store, change):
    ada, other = a_user(1, POOL, username="Ada"), a_user(2, POOL, username="ada")
    folded = a_user(3, FOLDING, username="Ada")
    await change.users.add(POOL, ada)
    await change.users.add(POOL, other)
    await change.users.add(FOLDING, folded)

    assert await store.users.find_by_username(POOL, "Ada") == ada
    assert await store.users.find_by_username(POOL, "ada") == other
    assert await store.users.find_by_username(POOL, "ADA") is None
    assert await store.users.find_by_username(FOLDING, "aDA") == folded


async def test_of_many_who_look_first_exactly_one_gets_the_name(store):
    async def sign_up(tx):
        if await tx.users.find_by_username(POOL, "ada") is not None:
            return False
        taken.append(1)
        await tx.users.add(POOL, a_user(len(taken), username="ada"))
        return True

    taken: list[int] = []

    assert await winners(store, sign_up) == 1
    assert await store.users.estimate(POOL.pool_id) == 1


async def test_of_many_who_look_first_exactly_one_gets_the_alias(store):
    async def sign_up(tx):
        if await tx.users.find_by_alias(BY_EMAIL, "email", "ada@example.com") is not None:
            return False
        number = len(numbers)
        numbers.append(number)
        ada = a_user(number, BY_EMAIL, attributes={"email": "ada@example.com"})
        await tx.users.add(BY_EMAIL, ada)
        return True

    numbers: list[int] = []

    assert await winners(store, sign_up) == 1
    assert await store.users.estimate(BY_EMAIL.pool_id) == 1


@pytest.mark.parametrize(
    "second",
    [
        a_user(2, BY_EMAIL, username="ada"),
        a_user(1, BY_EMAIL, username="another"),
        a_user(2, BY_EMAIL, username="another", attributes={"email": "ada@example.com"}),
    ],
    ids=["the user name", "the sub", "an alias"],
)
async def test_storing_twice_what_is_unique_is_refused_by_name(store, change, second):
    first = a_user(1, BY_EMAIL, username="ada", attributes={"email": "ada@example.com"})
    await change.users.add(BY_EMAIL, first)

    with pytest.raises(AlreadyStored):
        await change.users.add(BY_EMAIL, second)

    assert await store.users.find_by_alias(BY_EMAIL, "email", "ada@example.com") == first
    assert await store.users.estimate(BY_EMAIL.pool_id) == 1


async def test_a_refusal_that_the_change_overlooks_undoes_it_all_the_same(store, change):
    await change.users.add(POOL, a_user(1))

    async def careless(tx):
        await tx.groups.add_member(POOL.pool_id, "readers", sub_of(1), now=NOW)
        try:
            await tx.users.add(POOL, a_user(1))
        except Exception as error:  # noqa: BLE001 - that is what this change does wrong
            return type(error).__name__

    with pytest.raises(AlreadyStored):
        await store.change(careless)

    await change.users.add(POOL, a_user(2))  # the store is as good as before


async def test_an_alias_counts_when_verified_a_preferred_name_always(store, change):
    ada = a_user(
        1,
        ALIASED,
        attributes={
            "email": "ada@example.com",
            "email_verified": "true",
            "phone_number": "+15550100",
            "preferred_username": "countess",
        },
    )
    await change.users.add(ALIASED, ada)

    assert await store.users.find_by_alias(ALIASED, "email", "ada@example.com") == ada
    assert await store.users.find_by_alias(ALIASED, "phone_number", "+15550100") is None
    assert await store.users.find_by_alias(ALIASED, "preferred_username", "countess") == ada
    assert await store.users.find_by_alias(ALIASED, "email", "countess") is None


async def test_saving_moves_the_aliases_to_the_new_attributes(store, change):
    ada = a_user(1, BY_EMAIL, attributes={"email": "ada@example.com", "phone_number": "+15550100"})
    await change.users.add(BY_EMAIL, ada)
    moved = ada.with_attributes({"email": "countess@example.com", "phone_number": None}, now=LATER)

    await change.users.save(BY_EMAIL, moved)

    assert await store.users.find(BY_EMAIL.pool_id, ada.sub) == moved
    assert await store.users.find_by_alias(BY_EMAIL, "email", "countess@example.com") == moved
    assert await store.users.find_by_alias(BY_EMAIL, "email", "ada@example.com") is None
    assert await store.users.find_by_alias(BY_EMAIL, "phone_number", "+15550100") is None
    another = a_user(2, BY_EMAIL, attributes={"email": "ada@example.com"})
    await change.users.add(BY_EMAIL, another)  # the old name is free


async def test_saving_an_alias_that_another_holds_is_refused_and_changes_nothing(store, change):
    ada = a_user(1, BY_EMAIL, attributes={"email": "ada@example.com"})
    eve = a_user(2, BY_EMAIL, attributes={"email": "eve@example.com"})
    await change.users.add(BY_EMAIL, ada)
    await change.users.add(BY_EMAIL, eve)
    greedy = eve.with_attributes({"email": "ada@example.com"}, now=LATER)

    with pytest.raises(AlreadyStored):
        await change.users.save(BY_EMAIL, greedy)

    assert await store.users.find(BY_EMAIL.pool_id, eve.sub) == eve
    assert await store.users.find_by_alias(BY_EMAIL, "email", "eve@example.com") == eve
    assert await store.users.find_by_alias(BY_EMAIL, "email", "ada@example.com") == ada


async def test_saving_state_keeps_the_names(store, change):
    ada = a_user(1, BY_EMAIL, attributes={"email": "ada@example.com"})
    await change.users.add(BY_EMAIL, ada)
    disabled = replace(ada, enabled=False, status=UserStatus.RESET_REQUIRED)

    await change.users.save(BY_EMAIL, disabled)

    assert await store.users.find_by_alias(BY_EMAIL, "email", "ada@example.com") == disabled
    assert await store.users.find_by_username(BY_EMAIL, "user1") == disabled


async def test_saving_a_user_who_is_gone_brings_nobody_back(store, change, inspector):
    await change.users.save(BY_EMAIL, a_user(1, BY_EMAIL))

    assert await inspector.rows(pool_id=BY_EMAIL.pool_id) == {}


@pytest.mark.parametrize(
    ("held", "asked", "found"),
    [
        ("Ada@Example.com", "ada@example.COM", True),
        ("a" * 2000 + "@example.com", "A" * 2000 + "@example.com", True),
        ("a" * 2000 + "@example.com", "a" * 2000 + "@example.net", False),
        ("a\x00b@example.com", "a\x00b@example.com", True),
        ("a%@example.com", "ab@example.com", False),
        ("a_@example.com", "ab@example.com", False),
        ("𝔞@example.com", "𝔞@example.com", True),
    ],
    ids=["case", "long", "long, other end", "NUL", "percent", "underscore", "beyond the BMP"],
)
async def test_an_alias_is_compared_whole_and_without_case_where_the_pool_folds(
    store, change, held, asked, found
):
    user = a_user(1, FOLDING, attributes={"email": held})
    await change.users.add(FOLDING, user)

    assert await store.users.find_by_alias(FOLDING, "email", asked) == (user if found else None)


async def test_a_deleted_user_leaves_no_row_in_any_table_and_is_deleted_once(
    store, change, inspector
):
    gone = a_user(1)
    filled = await inspector.a_row_everywhere(pool_id=POOL.pool_id, sub=gone.sub)
    assert "users" in filled

    first = await change.users.delete(gone)
    second = await change.users.delete(gone)

    assert (first, second) == (True, False)
    assert await inspector.rows(pool_id=POOL.pool_id, sub=gone.sub) == {}


async def test_a_deleted_users_names_are_free_and_the_neighbours_stay(store, change):
    ada = a_user(1, BY_EMAIL, username="ada", attributes={"email": "ada@example.com"})
    eve = a_user(2, BY_EMAIL, username="eve", attributes={"email": "eve@example.com"})
    await change.users.add(BY_EMAIL, ada)
    await change.users.add(BY_EMAIL, eve)

    await change.users.delete(ada)

    assert await store.users.find_by_username(BY_EMAIL, "ada") is None
    assert await store.users.find_by_alias(BY_EMAIL, "email", "eve@example.com") == eve
    again = replace(ada, sub=sub_of(3))
    await change.users.add(BY_EMAIL, again)
    assert await store.users.find_by_username(BY_EMAIL, "ada") == again


async def test_of_many_who_delete_exactly_one_did(store, change):
    await change.users.add(POOL, a_user(1))

    assert await winners(store, lambda tx: tx.users.delete(a_user(1))) == 1


async def test_small_pools_are_counted_exactly(store, change):
    for number in range(CALLERS):
        await change.users.add(POOL, a_user(number))
    await change.users.add(BY_EMAIL, a_user(1, BY_EMAIL))

    assert await store.users.estimate(POOL.pool_id) == CALLERS
    assert await store.users.estimate(BY_EMAIL.pool_id) == 1
    assert await store.users.estimate(ALIASED.pool_id) == 0


@pytest.mark.parametrize(
    ("there_are", "at_least", "at_most"),
    [
        (COUNTED_EXACTLY, COUNTED_EXACTLY, COUNTED_EXACTLY),
        (COUNTED_EXACTLY + 1, COUNTED_EXACTLY + 1, round(COUNTED_EXACTLY * 1.05)),
        (40_000, 38_000, 42_000),
    ],
)
async def test_large_pools_are_estimated_within_a_few_percent(
    store, inspector, there_are, at_least, at_most
):
    await inspector.random_users(POOL.pool_id, there_are)

    assert at_least <= await store.users.estimate(POOL.pool_id) <= at_most


async def test_many_users_come_at_once_with_all_their_names(store, change):
    users = [
        a_user(number, BY_EMAIL, attributes={"email": f"{number}@example.com", "name": "a\x00b"})
        for number in range(300)
    ]

    await change.users.add_many(BY_EMAIL, users)

    assert await store.users.find_by_username(BY_EMAIL, "user299") == users[299]
    assert await store.users.find_by_alias(BY_EMAIL, "email", "7@example.com") == users[7]
    again = [a_user(500, BY_EMAIL, username="new"), replace(users[0], sub=sub_of(501))]
    with pytest.raises(AlreadyStored):
        await change.users.add_many(BY_EMAIL, again)
    assert await store.users.find_by_username(BY_EMAIL, "new") is None
    await change.users.delete(users[7])
    assert await store.users.find_by_alias(BY_EMAIL, "email", "7@example.com") is None


async def test_names_that_are_taken_are_told_from_those_that_are_not(store, change):
    held = a_user(1, BY_EMAIL, username="ada", attributes={"email": "a\x00@example.com"})
    await change.users.add(BY_EMAIL, held)
    await change.users.add(BY_EMAIL, a_user(2, BY_EMAIL, username="Eve"))
    many = {f"free{number}" for number in range(1000)}

    taken = await store.users.taken_usernames(BY_EMAIL, many | {"ada", "Eve", "eve"})
    emails = await store.users.taken_aliases(BY_EMAIL, "email", many | {"a\x00@example.com", "ada"})

    assert taken == {"ada", "Eve"}
    assert emails == {"a\x00@example.com"}
    assert await store.users.taken_usernames(BY_EMAIL, []) == set()
