"""Authenticator apps, passkeys and devices."""

from dataclasses import replace

from cognate.domain.devices import DeviceStatus
from cognate.domain.passkeys import PasskeyChallenge
from tests.storage.conftest import winners
from tests.storage.records import (
    LATER,
    LONG_AGO,
    NOW,
    POOL,
    a_device,
    a_passkey,
    a_software_token,
    sub_of,
)


async def test_a_software_token_is_found_as_it_was_stored_and_replaced(store, change):
    token = a_software_token(sealed_pending=b"\x02", device_name="Telefon 😀")
    await change.software_tokens.save(a_software_token())

    await change.software_tokens.save(token)

    assert await store.software_tokens.find(POOL.pool_id, sub_of(1)) == token
    assert await store.software_tokens.find(POOL.pool_id, sub_of(2)) is None


async def test_a_step_is_spent_by_exactly_one_caller_and_the_earlier_ones_with_it(store, change):
    await change.software_tokens.save(a_software_token(last_step=10))

    def spend(step):
        return lambda tx: tx.software_tokens.spend(POOL.pool_id, sub_of(1), step=step)

    assert await winners(store, spend(12)) == 1
    assert await store.change(spend(11)) is False
    assert await store.change(spend(13)) is True

    found = await store.software_tokens.find(POOL.pool_id, sub_of(1))
    assert found == a_software_token(last_step=13)


async def test_a_software_token_is_deleted_once(store, change):
    await change.software_tokens.save(a_software_token())

    def delete(tx):
        return tx.software_tokens.delete(POOL.pool_id, sub_of(1))

    assert [await store.change(delete), await store.change(delete)] == [True, False]
    assert await store.software_tokens.find(POOL.pool_id, sub_of(1)) is None


async def test_passkeys_are_found_listed_counted_replaced_and_deleted(store, change):
    first, second = a_passkey("b-passkey"), a_passkey("a-passkey")
    theirs = a_passkey("theirs", sub=sub_of(2))
    for passkey in (first, second, theirs):
        await change.passkeys.save(passkey)
    used = replace(first, sign_count=7)
    await change.passkeys.save(used)

    assert await store.passkeys.of_user(POOL.pool_id, sub_of(1)) == [second, used]
    assert await store.passkeys.count(POOL.pool_id, sub_of(1)) == 2
    assert await store.passkeys.find(POOL.pool_id, sub_of(1), "b-passkey") == used
    assert await store.passkeys.find(POOL.pool_id, sub_of(1), "theirs") is None

    def delete(tx):
        return tx.passkeys.delete(POOL.pool_id, sub_of(1), "b-passkey")

    assert await winners(store, delete) == 1
    assert await store.passkeys.of_user(POOL.pool_id, sub_of(1)) == [second]


async def test_a_passkeys_challenge_is_taken_by_exactly_one_caller(store, change):
    old, new = (
        PasskeyChallenge(
            pool_id=POOL.pool_id,
            sub=sub_of(1),
            challenge=challenge,
            client_id="a client",
            expires_at=LATER,
        )
        for challenge in (b"old", b"new")
    )
    await change.passkeys.save_challenge(old)
    await change.passkeys.save_challenge(new)

    async def take(tx):
        return await tx.passkeys.take_challenge(POOL.pool_id, sub_of(1)) == new

    assert await winners(store, take) == 1


async def test_devices_are_found_replaced_and_deleted(store, change):
    device = a_device(status=DeviceStatus.OFFERED)
    await change.devices.save(device)
    confirmed = replace(device, status=DeviceStatus.REMEMBERED, sealed_verifier=b"\x00\xff")

    await change.devices.save(confirmed)

    assert await store.devices.find(POOL.pool_id, sub_of(1), device.device_key) == confirmed
    assert await store.devices.find(POOL.pool_id, sub_of(2), device.device_key) is None

    def delete(tx):
        return tx.devices.delete(POOL.pool_id, sub_of(1), device.device_key)

    assert await winners(store, delete) == 1
    assert await store.devices.find(POOL.pool_id, sub_of(1), device.device_key) is None


async def test_pages_hold_each_confirmed_device_once_in_order(store, change):
    confirmed = [a_device(f"device {n}") for n in (3, 1, 2)]
    others = [
        a_device("device 0", status=DeviceStatus.OFFERED),
        a_device("device 4", sub=sub_of(2)),
    ]
    for device in (*confirmed, *others):
        await change.devices.save(device)

    first = await store.devices.page(POOL.pool_id, sub_of(1), after="", limit=2)
    rest = await store.devices.page(POOL.pool_id, sub_of(1), after=first[-1].device_key, limit=2)

    assert [*first, *rest] == sorted(confirmed, key=lambda device: device.device_key)


async def test_the_last_sign_in_that_waits_for_a_device_counts(store, change):
    for session in ("first", "second"):
        await change.devices.await_proof(
            POOL.pool_id, sub_of(1), "device", session, expires_at=LATER
        )

    assert await store.devices.awaited(POOL.pool_id, sub_of(1), "device") == "second"
    assert await store.devices.awaited(POOL.pool_id, sub_of(1), "another") is None


async def test_sign_ins_past_their_time_and_devices_never_confirmed_are_forgotten(store, change):
    offered = a_device("offered", status=DeviceStatus.OFFERED, created_at=LONG_AGO)
    fresh = a_device("fresh", status=DeviceStatus.OFFERED)
    confirmed = a_device("confirmed", created_at=LONG_AGO)
    for device in (offered, fresh, confirmed):
        await change.devices.save(device)
    for key, expires_at in (("past", LONG_AGO), ("waiting", LATER)):
        await change.devices.await_proof(
            POOL.pool_id, sub_of(1), key, "a session", expires_at=expires_at
        )

    purged = [
        await change.devices.purge_awaited(now=NOW, limit=9),
        await change.devices.purge_awaited(now=NOW, limit=9),
        await change.devices.purge_offered(before=NOW, limit=9),
        await change.devices.purge_offered(before=NOW, limit=9),
    ]

    assert purged == [1, 0, 1, 0]
    assert await store.devices.find(POOL.pool_id, sub_of(1), "offered") is None
    assert await store.devices.find(POOL.pool_id, sub_of(1), "fresh") == fresh
    assert await store.devices.find(POOL.pool_id, sub_of(1), "confirmed") == confirmed
    assert await store.devices.awaited(POOL.pool_id, sub_of(1), "past") is None
    assert await store.devices.awaited(POOL.pool_id, sub_of(1), "waiting") == "a session"
