"""What is remembered of a user's sign-ins: events, and networks they came from."""

from dataclasses import replace
from datetime import timedelta

from cognate.domain.risk import AuthEvent
from tests.storage.records import LATER, LONG_AGO, NOW, POOL, sub_of

MILLISECOND = timedelta(milliseconds=1)


def an_event(name: str, **given: object) -> AuthEvent:
    event = AuthEvent(
        pool_id=POOL.pool_id,
        sub=sub_of(1),
        event_id=name,
        event_type="SignIn",
        created_at=NOW,
        response="Pass",
        challenges=(("Password", "Success"),),
        feedback={"FeedbackValue": "Valid"},
    )
    return replace(event, **given)  # type: ignore[arg-type]  # members by name


async def test_events_come_newest_first_and_each_once(store, change):
    events = [an_event(f"{n}", created_at=NOW + n * MILLISECOND) for n in (2, 0, 1)]
    events += [an_event("9", created_at=NOW + MILLISECOND), an_event("8", sub=sub_of(2))]
    for event in events:
        await change.auth_events.save(event)

    seen: list[AuthEvent] = []
    while page := await store.auth_events.page(
        POOL.pool_id,
        sub_of(1),
        before=(seen[-1].created_at, seen[-1].event_id) if seen else None,
        limit=2,
    ):
        assert len(page) <= 2
        seen += page

    assert [event.event_id for event in seen] == ["2", "9", "1", "0"]


async def test_an_event_is_replaced_under_its_id(store, change):
    await change.auth_events.save(an_event("1"))
    judged = an_event("1", decision="Block", compromised=True)

    await change.auth_events.save(judged)

    assert await store.auth_events.find(POOL.pool_id, sub_of(1), "1") == judged
    assert await store.auth_events.find(POOL.pool_id, sub_of(2), "1") is None


async def test_old_events_are_forgotten_a_few_at_a_time(store, change):
    for number in range(5):
        await change.auth_events.save(an_event(f"{number}", created_at=LONG_AGO))
    await change.auth_events.save(an_event("fresh"))

    assert [await change.auth_events.purge(before=NOW, limit=3) for _ in range(3)] == [3, 2, 0]
    assert await store.auth_events.find(POOL.pool_id, sub_of(1), "fresh") is not None


async def test_the_networks_that_a_user_came_from_last_are_kept(store, change):
    for number in range(5):
        await change.known_networks.note(
            POOL.pool_id, sub_of(1), f"10.0.{number}", now=NOW + number * MILLISECOND, keep=3
        )

    kept = [
        network
        for network in (f"10.0.{number}" for number in range(5))
        if await store.known_networks.seen_at(POOL.pool_id, sub_of(1), network) is not None
    ]
    assert kept == ["10.0.2", "10.0.3", "10.0.4"]
    assert await store.known_networks.seen_at(POOL.pool_id, sub_of(2), "10.0.4") is None


async def test_networks_not_seen_for_long_are_forgotten(store, change):
    for number in range(3):
        await change.known_networks.note(
            POOL.pool_id, sub_of(number), "10.0.0", now=LONG_AGO, keep=9
        )
    await change.known_networks.note(POOL.pool_id, sub_of(9), "10.0.0", now=LATER, keep=9)

    assert [await change.known_networks.purge(before=NOW, limit=2) for _ in range(3)] == [2, 1, 0]
    assert await store.known_networks.seen_at(POOL.pool_id, sub_of(9), "10.0.0") == LATER
