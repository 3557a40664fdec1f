"""Refresh-token families: rotated by exactly one caller, revoked for good."""

from dataclasses import replace
from datetime import timedelta

from cognate.domain.ids import OriginJti
from tests.storage.conftest import winners
from tests.storage.records import LATER, LONG_AGO, NOW, POOL, a_family, a_pool, sub_of


async def test_a_family_is_found_as_it_was_stored(store, change):
    family = a_family(
        generation=4,
        rotated_at=NOW,
        revoked_at=LATER,
        refreshable=False,
        device_key="a device",
        scopes=("openid", "email"),
        acr="1",
        amr=("pwd", "otp"),
        details={"note": "x"},
    )

    await change.families.add(family)

    assert await store.families.find(POOL.pool_id, family.origin_jti) == family
    assert await store.families.find(a_pool("b").pool_id, family.origin_jti) is None
    assert await store.families.find(POOL.pool_id, OriginJti("other")) is None


async def test_a_family_is_rotated_by_exactly_one_caller(store, change):
    family = a_family()
    await change.families.add(family)

    assert await winners(store, lambda tx: tx.families.rotate(family, now=LATER)) == 1

    found = await store.families.find(POOL.pool_id, family.origin_jti)
    assert found == replace(family, generation=1, rotated_at=LATER)


async def test_each_generation_is_rotated_once(store, change):
    family = a_family()
    await change.families.add(family)

    for generation in range(5):
        present = await store.families.find(POOL.pool_id, family.origin_jti)
        assert present is not None
        assert present.generation == generation
        assert await change.families.rotate(present, now=NOW) is True
        assert await change.families.rotate(present, now=NOW) is False


async def test_a_revoked_family_is_not_rotated_and_keeps_the_first_instant(store, change):
    family = a_family()
    await change.families.add(family)

    def revoke(tx):
        return tx.families.revoke(POOL.pool_id, family.origin_jti, now=LATER)

    assert await winners(store, revoke) == 1
    much_later = LATER + timedelta(hours=1)
    assert not await change.families.revoke(POOL.pool_id, family.origin_jti, now=much_later)
    assert await change.families.rotate(family, now=LATER) is False

    found = await store.families.find(POOL.pool_id, family.origin_jti)
    assert found == replace(family, revoked_at=LATER)


async def test_rotation_and_revocation_at_once_end_in_a_revoked_family(store, change):
    family = a_family()
    await change.families.add(family)
    turns: list[int] = []

    async def rotate_or_revoke(tx):
        turns.append(1)
        if len(turns) % 2:
            return await tx.families.rotate(family, now=NOW)
        return await tx.families.revoke(POOL.pool_id, family.origin_jti, now=NOW)

    assert await winners(store, rotate_or_revoke) in (1, 2)

    found = await store.families.find(POOL.pool_id, family.origin_jti)
    assert found is not None
    assert found.revoked_at == NOW
    assert found.generation in (0, 1)


async def test_revoking_all_ends_every_family_of_the_user_and_no_other(store, change):
    mine = [a_family(f"mine {n}") for n in range(3)]
    ended = a_family("ended before", revoked_at=LONG_AGO)
    theirs = a_family("theirs", sub=sub_of(2))
    elsewhere = a_family("elsewhere", pool_id=a_pool("bbbbbbbbb").pool_id)
    for family in (*mine, ended, theirs, elsewhere):
        await change.families.add(family)

    revoked = await change.families.revoke_all(POOL.pool_id, sub_of(1), now=NOW)

    assert revoked == len(mine)
    for family in mine:
        found = await store.families.find(POOL.pool_id, family.origin_jti)
        assert found == replace(family, revoked_at=NOW)
    assert await store.families.find(POOL.pool_id, ended.origin_jti) == ended
    assert await store.families.find(POOL.pool_id, theirs.origin_jti) == theirs
    assert await store.families.find(elsewhere.pool_id, elsewhere.origin_jti) == elsewhere


async def test_a_users_live_families_are_listed(store, change):
    live = [a_family("live 1"), a_family("live 2", generation=2, rotated_at=NOW)]
    revoked = a_family("revoked", revoked_at=NOW)
    expired = a_family("expired", expires_at=NOW)
    theirs = a_family("theirs", sub=sub_of(2))
    for family in (*live, revoked, expired, theirs):
        await change.families.add(family)

    found = await store.families.of_user(POOL.pool_id, sub_of(1), now=NOW)

    assert sorted(found, key=lambda family: family.origin_jti) == live


async def test_details_are_saved_beside_what_changes_by_compare_and_set(store, change):
    family = a_family()
    await change.families.add(family)
    await change.families.rotate(family, now=LATER)

    await change.families.save_details(replace(family, device_key="a device"))

    found = await store.families.find(POOL.pool_id, family.origin_jti)
    assert found == replace(family, generation=1, rotated_at=LATER, device_key="a device")


async def test_expired_families_are_forgotten_a_few_at_a_time(store, change):
    for number in range(5):
        old = a_family(f"old {number}", expires_at=LONG_AGO)
        await change.families.add(old)
    elsewhere = a_family(pool_id=a_pool("bbbbbbbbb").pool_id, expires_at=LONG_AGO)
    await change.families.add(elsewhere)
    await change.families.add(a_family("live"))

    forgotten = [await change.families.purge(POOL.pool_id, now=NOW, limit=3) for _ in range(3)]

    assert forgotten == [3, 2, 0]
    assert await store.families.find(POOL.pool_id, OriginJti("live")) is not None
    assert await store.families.find(elsewhere.pool_id, elsewhere.origin_jti) is not None
