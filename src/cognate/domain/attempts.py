"""Counting attempts: the growing delay after wrong passwords, and hourly limits on codes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cognate.domain.ids import PoolId, Sub

PASSWORD = "password"  # at whatever proves the user: passwords, codes
FREE_FAILURES = 5
QUIET_RESET = timedelta(minutes=15)
LONGEST_LOCK = timedelta(minutes=15)
WINDOW = timedelta(hours=1)

# Attempts an hour and user. Source: user-pools.md F.3.
HOURLY_LIMITS = {
    "forgot_password": 5,
    "confirm_forgot_password": 15,
    "resend_confirmation_code": 5,
    "confirm_sign_up": 15,
    "change_password": 5,
    "get_attribute_code": 5,
    "verify_attribute": 15,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How often something was tried: `count` since `since`, last at `last_at`."""

    pool_id: PoolId
    sub: Sub
    kind: str
    count: int
    since: datetime
    last_at: datetime


def locked_until(attempts: Attempts | None) -> datetime | None:
    """
    Until when password attempts are refused: from the fifth failure on, 2^(n-5) seconds after the
    last, at most fifteen minutes. Source: user-pools.md F.3.
    """
    if attempts is None or attempts.count < FREE_FAILURES:
        return None
    exponent = min(attempts.count - FREE_FAILURES, 20)
    return attempts.last_at + min(timedelta(seconds=2**exponent), LONGEST_LOCK)


def is_locked(attempts: Attempts | None, *, now: datetime) -> bool:
    until = locked_until(attempts)
    return until is not None and now < until


def counted(
    attempts: Attempts | None, *, pool_id: PoolId, sub: Sub, kind: str, now: datetime
) -> Attempts:
    """One more failure; fifteen quiet minutes begin a new count."""
    if attempts is None or now - attempts.last_at >= QUIET_RESET:
        return Attempts(pool_id=pool_id, sub=sub, kind=kind, count=1, since=now, last_at=now)
    return Attempts(
        pool_id=pool_id,
        sub=sub,
        kind=kind,
        count=attempts.count + 1,
        since=attempts.since,
        last_at=now,
    )


def kind_of_guess(home: str | None) -> str:
    """
    What a guess is counted as: those from a device of the user's, or from a network that they
    signed in from, apart. So a stranger who knows only a name can lock out other strangers, and
    not the user at home.
    """
    return PASSWORD if home is None else f"{PASSWORD} {home}"


def without_one(
    present: Attempts | None, charged: Attempts, before: Attempts | None
) -> Attempts | None:
    """
    The count where the attempt that made it `charged` (it was `before`) turns out to be right;
    what others have added meanwhile stays. None: nothing is left to count.
    """
    if present == charged:
        return before
    if present is None or present.since != charged.since:
        return present  # forgotten meanwhile, and perhaps begun anew: this one is not in it
    return replace(present, count=present.count - 1) if present.count > 1 else None


def counted_in_window(
    attempts: Attempts | None, *, pool_id: PoolId, sub: Sub, kind: str, now: datetime
) -> Attempts:
    """One more in the hour that began with the first."""
    if attempts is None or now - attempts.since >= WINDOW:
        return Attempts(pool_id=pool_id, sub=sub, kind=kind, count=1, since=now, last_at=now)
    return Attempts(
        pool_id=pool_id,
        sub=sub,
        kind=kind,
        count=attempts.count + 1,
        since=attempts.since,
        last_at=now,
    )
