"""What is forgotten from time to time, and what is not."""

from datetime import timedelta

import pytest

from cognate import maintenance
from cognate.domain.attempts import Attempts
from cognate.domain.codes import Code
from cognate.domain.families import TokenFamily
from cognate.domain.ids import ClientId, OriginJti, Sub
from tests.inprocess import FrozenClock
from tests.running.conftest import a_message, a_pool, put

ADA = Sub("ada")


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
async def app(a_server, clock):
    return await a_server(clock=clock)


async def test_a_used_session_is_remembered_until_it_would_have_expired(app, clock):
    pool = await a_pool(app)
    for name, lifetime in (("short", 3), ("long", 15)):
        expires_at = clock.now() + timedelta(minutes=lifetime)
        await app.store.change(
            lambda tx, name=name, expires_at=expires_at: tx.challenge_sessions.use(
                pool.pool_id, name, expires_at=expires_at
            )
        )

    clock.advance(timedelta(minutes=4))
    assert await app.maintenance.purge() == 1

    assert not await app.store.challenge_sessions.is_used(pool.pool_id, "short")
    assert await app.store.challenge_sessions.is_used(pool.pool_id, "long")


async def test_codes_and_counters_are_forgotten_when_they_no_longer_matter(app, clock):
    pool = await a_pool(app)

    async def both(tx):
        await tx.codes.save(
            Code(
                pool_id=pool.pool_id,
                sub=ADA,
                purpose="sign_up",
                code_hash=b"",
                attribute="email",
                issued_at=clock.now(),
                expires_at=clock.now() + timedelta(hours=24),
            )
        )
        await tx.attempts.save(
            Attempts(
                pool_id=pool.pool_id,
                sub=ADA,
                kind="password",
                count=7,
                since=clock.now(),
                last_at=clock.now(),
            )
        )

    await app.store.change(both)

    clock.advance(timedelta(hours=24))
    assert await app.maintenance.purge() == 0  # the code is good until now, the counter counts
    clock.advance(timedelta(hours=1))
    assert await app.maintenance.purge() == 1
    assert await app.store.attempts.find(pool.pool_id, ADA, "password") is None
    assert await app.store.codes.find(pool.pool_id, ADA, "sign_up") is not None
    clock.advance(timedelta(hours=24))
    assert await app.maintenance.purge() == 1
    assert await app.store.codes.find(pool.pool_id, ADA, "sign_up") is None


async def test_a_family_is_kept_while_its_last_access_token_may_live(app, clock):
    pools = [await a_pool(app), await a_pool(app)]

    async def one_in_each(tx):
        for pool in pools:
            await tx.families.add(
                TokenFamily(
                    pool_id=pool.pool_id,
                    origin_jti=OriginJti("family"),
                    sub=ADA,
                    client_id=ClientId("client"),
                    event_id="event",
                    auth_time=clock.now(),
                    issued_at=clock.now(),
                    expires_at=clock.now() + timedelta(hours=1),
                )
            )

    await app.store.change(one_in_each)

    clock.advance(timedelta(hours=25))
    assert await app.maintenance.purge() == 0
    clock.advance(timedelta(milliseconds=1))
    assert await app.maintenance.purge() == 2
    for pool in pools:
        assert await app.store.families.find(pool.pool_id, OriginJti("family")) is None


async def test_the_inbox_keeps_the_newest_messages(app, clock, monkeypatch):
    monkeypatch.setattr(maintenance, "INBOX_MESSAGES_KEPT", 3)
    pool = await a_pool(app)
    for number in range(5):
        clock.advance(timedelta(seconds=1))
        await put(app, pool, a_message(subject=str(number)))
    before = await app.store.messages.newest(limit=10)

    assert await app.maintenance.purge() == 2

    assert list(await app.store.messages.newest(limit=10)) == list(before[:3])


async def test_failed_messages_are_kept_for_a_week_and_waiting_ones_for_ever(a_server, clock):
    app = await a_server(clock=clock, mode="production", smtp="smtp://127.0.0.1:1")
    pool = await a_pool(app)
    await put(app, pool, a_message(channel="sms", recipient="+15551234567"))
    await app.deliveries.deliver_due()
    await put(app, pool, a_message())

    clock.advance(timedelta(days=7))
    assert await app.maintenance.purge() == 0
    clock.advance(timedelta(milliseconds=1))
    assert await app.maintenance.purge() == 1
    assert [message.state for message in await app.store.messages.newest(limit=10)] == ["queued"]


async def test_much_is_forgotten_in_small_changes(app, clock, monkeypatch):
    monkeypatch.setattr(maintenance, "BATCH", 4)
    pool = await a_pool(app)

    async def ten(tx):
        for number in range(10):
            await tx.challenge_sessions.use(pool.pool_id, str(number), expires_at=clock.now())

    await app.store.change(ten)
    clock.advance(timedelta(seconds=1))

    assert await app.maintenance.purge() == 10
