"""Codes sent to users: what is stored of one, how long it lives. Source: user-pools.md B."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cognate.domain.ids import PoolId, Sub

Medium = Literal["EMAIL", "SMS"]

# What a code is for; a new code of one purpose replaces the earlier one.
SIGN_UP = "sign_up"
FORGOT_PASSWORD = "forgot_password"


def verification_of(attribute: str) -> str:
    """The purpose of a code that proves `attribute` (email or phone_number)."""
    return f"verify_{attribute}"


SIGN_UP_LIFETIME = timedelta(hours=24)
VERIFICATION_LIFETIME = timedelta(hours=24)
FORGOT_PASSWORD_LIFETIME = timedelta(hours=1)
DIGITS = 6
FIRST_FACTOR_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """
    A code that was sent. `code_hash` is a keyed digest, never the code.

    `attribute`: where it went. `pending_value`: the new value that it will prove, where the old
    one stays in force until then.
    """

    pool_id: PoolId
    sub: Sub
    purpose: str
    code_hash: bytes
    attribute: str
    issued_at: datetime
    expires_at: datetime
    pending_value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where a code goes, as answers show it."""

    attribute: str
    medium: Medium
    destination: str  # masked


def medium_of(attribute: str) -> Medium:
    return "SMS" if attribute == "phone_number" else "EMAIL"
