"""
S8, enumeration: where a client hides who exists, answer, shape and time are those of anybody.

Cases: Zitadel CVE-2026-23511; Cognito's own SignUp, which still tells (reported in 2020).
"""

import math
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from statistics import fmean, median, variance
from time import perf_counter_ns
from typing import Any

import pytest
import pytest_asyncio

from tests.populated import FLOWS
from tests.threats.conftest import serving

CALLS = 2_000  # of each kind, in the test that goes by Welch
FEW_CALLS = 120
# Reading the record of somebody who is there takes this long. Behind a network whose delays vary by
# 100 µs the same number of calls gives t = 1.6 for it.
UNSEEN = 5_000  # nanoseconds
TRIES = 4  # neighbours on the machine disturb a short run, and never all of them
KNOWN, UNKNOWN = "ada", "eve"
QUIET = timedelta(minutes=61)  # no count of failures or of messages lasts longer
HIDING = {
    "PreventUserExistenceErrors": "ENABLED",
    "ExplicitAuthFlows": [*FLOWS, "ALLOW_USER_AUTH"],
}


@pytest_asyncio.fixture
async def app(tmp_path, clock):
    """The work that is done decides, not the database."""
    async with serving(clock, tmp_path, log_level="error") as built:
        yield built


def begin(flow: str, **more: str) -> Callable[[str], Any]:
    def request(name: str) -> Any:
        return "InitiateAuth", {"AuthFlow": flow, "AuthParameters": {"USERNAME": name, **more}}

    return request


def named(operation: str, **more: str) -> Callable[[str], Any]:
    return lambda name: (operation, {"Username": name, **more})


WAYS: dict[str, Callable[[str], Any]] = {
    "password": begin("USER_PASSWORD_AUTH", PASSWORD="wrong-Horse1!"),
    "srp": begin("USER_SRP_AUTH", SRP_A="a" * 768),
    "choice": begin("USER_AUTH"),
    "forgot": named("ForgotPassword"),
    "reset": named("ConfirmForgotPassword", ConfirmationCode="000000", Password="Another-horse2!"),
    "confirm": named("ConfirmSignUp", ConfirmationCode="000000"),
    "resend": named("ResendConfirmationCode"),
}


@pytest.fixture
async def ada(a_target):
    return await a_target(client=HIDING)


def shape(answer: Any) -> Any:
    """What of an answer is not the user's: its status, its members and how long each is."""
    if answer.status != 200:
        return answer.status, answer.error, answer.message
    return answer.status, lengths(answer.content)


def lengths(value: Any) -> Any:
    if isinstance(value, dict):
        # SRP_B is a random number, now and then a digit shorter.
        return {key: key == "SRP_B" or lengths(inner) for key, inner in value.items()}
    return len(re.sub(r"^[a-z]\*\*\*@[a-z]\*\*\*$", "", value)) if isinstance(value, str) else value


@pytest.mark.parametrize("way", WAYS)
async def test_known_and_unknown_users_are_answered_alike(direct, ada, way):
    answers = {}
    for name in (KNOWN, UNKNOWN):
        operation, request = WAYS[way](name)
        answers[name] = [
            shape(await direct.ask(operation, {**request, "ClientId": ada.client_id}))
            for _ in range(18)  # beyond every limit
        ]

    assert answers[KNOWN] == answers[UNKNOWN]


@pytest.mark.parametrize("way", ["password", "srp", "forgot", "reset", "confirm", "resend"])
async def test_a_disabled_user_is_answered_like_nobody(direct, ada, way):
    await direct("AdminDisableUser", **ada.of_user)
    answers = {}
    for name in (KNOWN, UNKNOWN):
        operation, request = WAYS[way](name)
        answers[name] = [
            shape(await direct.ask(operation, {**request, "ClientId": ada.client_id}))
            for _ in range(3)
        ]

    assert answers[KNOWN] == answers[UNKNOWN]


# --- time ----------------------------------------------------------------------------------------


async def timed(call: Callable[[], Awaitable[Any]]) -> int:
    """Nanoseconds."""
    began = perf_counter_ns()
    await call()
    return perf_counter_ns() - began


async def interleaved(direct, clock, ada, way, calls) -> tuple[list[int], list[int]]:
    """How long known and unknown users took, in turn; each call beyond the memory of the last."""
    taken: dict[str, list[int]] = {KNOWN: [], UNKNOWN: []}
    for number in range(calls + 10):
        for name in (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN):
            clock.advance(QUIET)
            operation, request = WAYS[way](name)
            body = {**request, "ClientId": ada.client_id}
            elapsed = await timed(partial(direct.ask, operation, body))
            if number >= 10:  # the first ones warm caches
                taken[name].append(elapsed)
    return taken[KNOWN], taken[UNKNOWN]


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    spread = variance(one) / len(one) + variance(other) / len(other)
    return (fmean(one) - fmean(other)) / math.sqrt(spread)


def without_disturbances(values: Sequence[int]) -> list[int]:
    """The nine tenths that were not interrupted: a pause of the machine is nobody's secret."""
    return sorted(values)[: len(values) * 9 // 10]


@pytest.mark.parametrize("way", WAYS)
async def test_known_and_unknown_users_take_about_as_long(direct, clock, ada, way):
    apart = []
    for _ in range(TRIES):
        known, unknown = await interleaved(direct, clock, ada, way, FEW_CALLS)
        apart.append(abs(median(known) - median(unknown)) / median(known))
        if apart[-1] < 0.2:
            return

    raise AssertionError(f"medians differ by {[f'{one:.0%}' for one in apart]}")


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS)
async def test_no_test_of_statistics_tells_known_from_unknown_users(direct, clock, ada, way):
    found = []
    for number in count():
        known, unknown = await interleaved(direct, clock, ada, way, CALLS)
        one, other = without_disturbances(known), without_disturbances(unknown)
        found.append((welch(one, other), fmean(one) - fmean(other)))
        if abs(found[-1][0]) < 3 or abs(found[-1][1]) < UNSEEN:
            return
        if number == TRIES:
            break

    raise AssertionError(f"t and nanoseconds: {found}")
