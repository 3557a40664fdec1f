"""Groups and who is in them."""

from dataclasses import replace

import pytest

from cognate.ports.store import AlreadyStored
from tests.storage.conftest import winners
from tests.storage.records import LATER, NOW, POOL, a_group, a_pool, a_user, sub_of

ELSEWHERE = a_pool("bbbbbbbbb")


async def test_a_group_is_found_as_it_was_stored(store, change):
    group = a_group("Größe %_ 😀", description="x", role_arn="arn:…", precedence=0)

    await change.groups.add(group)

    assert await store.groups.find(POOL.pool_id, group.name) == group
    assert await store.groups.find(POOL.pool_id, "GRÖßE %_ 😀") is None
    assert await store.groups.find(ELSEWHERE.pool_id, group.name) is None


async def test_of_many_who_look_first_exactly_one_makes_the_group(store, change):
    async def make(tx):
        if await tx.groups.find(POOL.pool_id, "readers") is not None:
            return False
        await tx.groups.add(a_group())
        return True

    assert await winners(store, make) == 1
    with pytest.raises(AlreadyStored):
        await change.groups.add(a_group())


async def test_a_saved_group_replaces_the_one_before(store, change):
    await change.groups.add(a_group())
    changed = replace(a_group(), precedence=3, modified_at=LATER)

    await change.groups.save(changed)

    assert await store.groups.find(POOL.pool_id, "readers") == changed


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_pages_hold_each_group_once_by_name(store, change, limit):
    names = ["b", "B", "a", "ä", "😀", "\uffff", "z%"]
    for name in names:
        await change.groups.add(a_group(name))
    await change.groups.add(a_group("c", pool=ELSEWHERE))

    seen: list[str] = []
    while page := await store.groups.page(
        POOL.pool_id, after=seen[-1] if seen else "", limit=limit
    ):
        assert len(page) <= limit
        seen += [group.name for group in page]

    assert seen == sorted(names)
    assert await store.groups.count(POOL.pool_id) == len(names)


async def test_a_member_is_added_once_and_removed(store, change):
    await change.users.add(POOL, a_user(1))
    await change.groups.add(a_group())
    await change.groups.add_member(POOL.pool_id, "readers", sub_of(1), now=NOW)
    await change.groups.add_member(POOL.pool_id, "readers", sub_of(1), now=LATER)
    assert await store.groups.of_user(POOL.pool_id, sub_of(1)) == [a_group()]

    await change.groups.remove_member(POOL.pool_id, "readers", sub_of(1))
    await change.groups.remove_member(POOL.pool_id, "readers", sub_of(1))

    assert await store.groups.of_user(POOL.pool_id, sub_of(1)) == []
    assert await store.groups.members(POOL.pool_id, "readers", after="", limit=10) == []


async def test_a_users_groups_come_by_name_and_from_their_pool_alone(store, change):
    await change.users.add(POOL, a_user(1))
    for pool in (POOL, ELSEWHERE):
        for name in ("writers", "Readers", "admins"):
            await change.groups.add(a_group(name, pool))
            await change.groups.add_member(pool.pool_id, name, sub_of(1), now=NOW)

    groups = await store.groups.of_user(POOL.pool_id, sub_of(1))

    assert groups == [a_group("Readers"), a_group("admins"), a_group("writers")]


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_members_come_each_once_in_order_of_their_subs(store, change, limit):
    members = [a_user(number) for number in (5, 3, 9, 1)]
    for user in (*members, a_user(4)):
        await change.users.add(POOL, user)
    for user in members:
        await change.groups.add_member(POOL.pool_id, "readers", user.sub, now=NOW)

    seen: list = []
    while page := await store.groups.members(
        POOL.pool_id, "readers", after=seen[-1].sub if seen else "", limit=limit
    ):
        assert len(page) <= limit
        seen += page

    assert seen == sorted(members, key=lambda user: user.sub)


async def test_a_deleted_group_leaves_its_members_in_no_group(store, change, inspector):
    await change.users.add(POOL, a_user(1))
    await change.groups.add(a_group())
    await change.groups.add(a_group("writers"))
    await change.groups.add_member(POOL.pool_id, "readers", sub_of(1), now=NOW)
    await change.groups.add_member(POOL.pool_id, "writers", sub_of(1), now=NOW)

    first = await change.groups.delete(POOL.pool_id, "readers")
    second = await change.groups.delete(POOL.pool_id, "readers")

    assert (first, second) == (True, False)
    assert await store.groups.of_user(POOL.pool_id, sub_of(1)) == [a_group("writers")]
    await change.groups.add(a_group())
    assert await store.groups.members(POOL.pool_id, "readers", after="", limit=10) == []
