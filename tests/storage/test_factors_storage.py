"""What guesses, preferences, sessions and devices need of storage beside `test_factors`."""

from dataclasses import replace
from datetime import timedelta

from cognate.domain.attempts import kind_of_guess
from cognate.domain.devices import DeviceStatus
from cognate.domain.sessions import TokenSession
from cognate.domain.users import MfaPreference
from tests.storage.records import (
    LONG_AGO,
    NOW,
    POOL,
    a_device,
    a_family,
    a_passkey,
    a_pool,
    a_user,
    attempts,
    sub_of,
)

DEVICE = "us-east-1_11111111-2222-3333-4444-555555555555"


async def test_all_guesses_of_a_user_are_forgotten_and_nothing_else(store, change):
    general, at_home = attempts(3), attempts(4, kind=kind_of_guess(DEVICE))
    hourly, odd = attempts(2, kind="forgot_password"), attempts(1, kind="passwordless")
    others = attempts(5, sub=sub_of(2), kind=kind_of_guess(DEVICE))
    for one in (general, at_home, hourly, odd, others):
        await change.attempts.save(one)

    await change.attempts.clear_guesses(POOL.pool_id, sub_of(1))

    for gone in (general, at_home):
        assert await store.attempts.find(POOL.pool_id, sub_of(1), gone.kind) is None
    for kept in (hourly, odd, others):
        assert await store.attempts.find(POOL.pool_id, kept.sub, kept.kind) == kept


async def test_devices_never_confirmed_are_forgotten_a_few_at_a_time(store, change):
    offered = [
        a_device(f"offered-{n}", status=DeviceStatus.OFFERED, created_at=LONG_AGO) for n in range(5)
    ]
    confirmed = a_device("confirmed", status=DeviceStatus.REMEMBERED, created_at=LONG_AGO)
    new = a_device("new", status=DeviceStatus.OFFERED, created_at=NOW)
    for one in (*offered, confirmed, new):
        await change.devices.save(one)

    purged = [await change.devices.purge_offered(before=NOW, limit=2) for _ in range(4)]

    assert purged == [2, 2, 1, 0]
    for kept in (confirmed, new):
        assert await store.devices.find(POOL.pool_id, sub_of(1), kept.device_key) == kept


async def test_sign_ins_that_wait_for_a_device_are_forgotten_a_few_at_a_time(store, change):
    for n in range(3):
        await change.devices.await_proof(
            POOL.pool_id, sub_of(1), f"device-{n}", "session", expires_at=LONG_AGO
        )
    await change.devices.await_proof(
        POOL.pool_id, sub_of(1), "waiting", "session", expires_at=NOW + timedelta(minutes=3)
    )

    purged = [await change.devices.purge_awaited(now=NOW, limit=2) for _ in range(3)]

    assert purged == [2, 1, 0]
    assert await store.devices.awaited(POOL.pool_id, sub_of(1), "waiting") == "session"


async def test_the_same_keys_of_another_pool_are_others(store, change):
    elsewhere = a_pool("elsewhere")
    ours, theirs = a_device(DEVICE), a_device(DEVICE, pool_id=elsewhere.pool_id)
    our_passkey = a_passkey("one")
    for device in (ours, theirs):
        await change.devices.save(device)
    await change.passkeys.save(our_passkey)

    await change.devices.delete(POOL.pool_id, sub_of(1), DEVICE)

    assert await store.devices.find(POOL.pool_id, sub_of(1), DEVICE) is None
    assert await store.devices.find(elsewhere.pool_id, sub_of(1), DEVICE) == theirs
    assert await store.passkeys.find(elsewhere.pool_id, sub_of(1), "one") is None


async def test_preferences_are_found_as_they_were_stored(store, change):
    await change.users.add(POOL, a_user())
    for passkey in (None, True, False):
        chosen = replace(
            a_user(),
            mfa=MfaPreference(
                enabled=("SMS_MFA", "EMAIL_OTP"),
                preferred="SMS_MFA",
                software_token=True,
                passkey=passkey,
            ),
        )
        await change.users.save(POOL, chosen)

        found = await store.users.find(POOL.pool_id, chosen.sub)
        assert found is not None
        assert found.mfa == chosen.mfa


async def test_a_familys_session_and_device_are_found_as_they_were_stored(store, change):
    session = TokenSession(
        session_id="tkn" + "a" * 25,
        device_type="Firefox on Linux",
        last_active_at=NOW,
        last_ip="2001:db8::1",
    )
    family = replace(a_family(), session=session, device_key=DEVICE)
    await change.families.add(family)
    later = replace(family, session=replace(session, last_ip=None, device_type="unknown"))

    await change.families.save_details(later)

    assert await store.families.find(family.pool_id, family.origin_jti) == later
