"""How failures are counted, and what a right answer takes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cognate.domain.attempts import (
    Attempts,
    counted,
    is_locked,
    kind_of_guess,
    locked_until,
    without_one,
)
from cognate.domain.ids import PoolId, Sub

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def attempts(count, *, since=NOW, last_at=NOW):
    return Attempts(
        pool_id=PoolId("us-east-1_p"),
        sub=Sub("s"),
        kind="password",
        count=count,
        since=since,
        last_at=last_at,
    )


@pytest.mark.parametrize(
    ("count", "seconds"),
    [(5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (16, 900), (1000, 900)],
)
def test_the_lock_doubles_up_to_fifteen_minutes(count, seconds):
    until = NOW + timedelta(seconds=seconds)

    assert locked_until(attempts(count)) == until
    assert is_locked(attempts(count), now=until - timedelta(milliseconds=1))
    assert not is_locked(attempts(count), now=until)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_four_failures_lock_nobody(count):
    assert locked_until(attempts(count)) is None
    assert not is_locked(None, now=NOW)


def test_fifteen_quiet_minutes_begin_a_new_count():
    quiet, busy = NOW + timedelta(minutes=15), NOW + timedelta(minutes=14, seconds=59)

    def count(now):
        return counted(
            attempts(9), pool_id=PoolId("us-east-1_p"), sub=Sub("s"), kind="password", now=now
        )

    assert count(quiet) == attempts(1, since=quiet, last_at=quiet)
    assert count(busy) == attempts(10, last_at=busy)


LATER = NOW + SECOND


@pytest.mark.parametrize(
    ("present", "charged", "before", "left"),
    [
        # Nobody else: as it was.
        (attempts(1), attempts(1), None, None),
        (attempts(4, last_at=LATER), attempts(4, last_at=LATER), attempts(3), attempts(3)),
        # Others have failed meanwhile: theirs stay.
        (attempts(6, last_at=LATER), attempts(4), attempts(3), attempts(5, last_at=LATER)),
        (attempts(2, last_at=LATER), attempts(1), None, attempts(1, last_at=LATER)),
        # Others were right, too, and took theirs back already.
        (attempts(1), attempts(2), attempts(1), None),
        # Forgotten meanwhile, or begun anew: this one is not in it.
        (None, attempts(4), attempts(3), None),
        (attempts(2, since=LATER), attempts(4), attempts(3), attempts(2, since=LATER)),
    ],
)
def test_a_right_answer_takes_back_itself_alone(present, charged, before, left):
    assert without_one(present, charged, before) == left


def test_any_order_of_taking_back_ends_in_the_same_count():
    first, second, third = attempts(3), attempts(4), attempts(5)
    befores = {first: attempts(2), second: first, third: second}

    for order in ((first, second, third), (third, second, first), (second, third, first)):
        present = attempts(6)  # the three that were right, and one that was wrong
        for charged in order:
            left = without_one(present, charged, befores[charged])
            assert left is not None
            present = left
        assert present == attempts(3)


def test_guesses_from_a_known_device_are_counted_apart():
    assert kind_of_guess(None) == "password"
    assert kind_of_guess("us-east-1_a") == "password us-east-1_a"
    assert kind_of_guess("us-east-1_a") != kind_of_guess("us-east-1_b")
    assert replace(attempts(5), kind=kind_of_guess("us-east-1_a")) != attempts(5)
