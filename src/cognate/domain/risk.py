"""
How risky a sign-in looks, and what a pool or client does about it. Source: user-pools.md J.4.

The judgement looks at what this service knows itself: devices and addresses that the user signed
in with before, and how fast failures come. Nobody outside is asked.
"""

import enum
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from cognate.domain.ids import PoolId, Sub
from cognate.domain.networks import network_of

EventType = Literal["SignIn", "SignUp", "ForgotPassword", "PasswordChange", "ResendCode"]
EventResponse = Literal["Pass", "Fail", "InProgress"]

HISTORY = 50  # events that the judgement looks back on
VELOCITY_WINDOW = timedelta(minutes=10)
FAST_FAILURES = 3
VERY_FAST_FAILURES = 8
EVENTS_KEPT = timedelta(days=730)
ALL_EVENTS = ("SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP")


class RiskLevel(enum.IntEnum):
    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def wire_name(self) -> str | None:
        return None if self is RiskLevel.NONE else self.name.capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskConfiguration:
    """
    What was set for a pool (`client_id` is "") or for one client. The three parts are as on the
    wire; None was not set.
    """

    pool_id: PoolId
    client_id: str
    modified_at: datetime
    compromised_credentials: Mapping[str, Any] | None = None
    account_takeover: Mapping[str, Any] | None = None
    exceptions: Mapping[str, Any] | None = None

    def blocks_compromised(self, event: str) -> bool:
        """Whether a known-compromised password is refused in `event` (default: everywhere)."""
        if self.compromised_credentials is None:
            return False
        events = self.compromised_credentials.get("EventFilter") or ALL_EVENTS
        action = self.compromised_credentials.get("Actions", {}).get("EventAction")
        return event in events and action == "BLOCK"

    def takeover_action(self, level: RiskLevel) -> tuple[str, bool]:
        """The action for a level, and whether the user is told by mail."""
        if self.account_takeover is None or level is RiskLevel.NONE:
            return "NO_ACTION", False
        name = f"{level.name.capitalize()}Action"
        action = self.account_takeover.get("Actions", {}).get(name)
        if action is None:
            return "NO_ACTION", False
        return str(action["EventAction"]), bool(action.get("Notify"))

    def exception_for(self, address: str) -> Literal["blocked", "skipped"] | None:
        """What the address lists say; a blocked range wins."""
        exceptions = self.exceptions or {}
        if within(address, exceptions.get("BlockedIPRangeList") or ()):
            return "blocked"
        if within(address, exceptions.get("SkippedIPRangeList") or ()):
            return "skipped"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthEvent:
    """Something that a user did. `event_id`: for sign-ins, the one in the tokens."""

    pool_id: PoolId
    sub: Sub
    event_id: str
    event_type: EventType
    created_at: datetime
    response: EventResponse
    level: RiskLevel = RiskLevel.NONE
    decision: str = "NoRisk"  # NoRisk | AccountTakeover | Block
    compromised: bool = False
    challenges: tuple[tuple[str, str], ...] = ()  # (Password | Mfa, Success | Failure)
    address: str | None = None
    device_name: str | None = None
    feedback: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known of one request: its address, its program, a device that proves itself."""

    address: str | None
    device_name: str
    remembered_device: bool


def within(address: str, ranges: Sequence[str]) -> bool:
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(one in ipaddress.ip_network(text, strict=False) for text in ranges)


def is_range(text: str) -> bool:
    """Whether `text` is CIDR notation."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


def level_of(
    circumstances: Circumstances, history: Sequence[AuthEvent], *, now: datetime
) -> RiskLevel:
    """
    The level of a sign-in, against the user's latest events (newest first).

    A first sign-in, a remembered device and a known address are no risk by themselves; something
    unknown is low, two things unknown medium, and failures in quick succession raise the level.
    Where the user is known to be, only failures from there do: else strangers who fail on purpose
    would keep the user out.
    """
    here = network_of(circumstances.address)
    passed = [event for event in history if _was_good(event)]
    is_home = circumstances.remembered_device or here in {
        network_of(event.address) for event in passed
    }
    recent = [
        event
        for event in history
        if event.response == "Fail"
        and now - event.created_at <= VELOCITY_WINDOW
        and (not is_home or network_of(event.address) == here)
    ]
    score = int(len(recent) >= FAST_FAILURES) + int(len(recent) >= VERY_FAST_FAILURES)
    if passed and not circumstances.remembered_device:
        score += int(not is_home)
        score += int(circumstances.device_name not in {event.device_name for event in passed})
    return RiskLevel(min(score, RiskLevel.HIGH))


def _was_good(event: AuthEvent) -> bool:
    distrusted = event.feedback.get("FeedbackValue") == "Invalid"
    return event.event_type == "SignIn" and event.response == "Pass" and not distrusted
