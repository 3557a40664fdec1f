"""
S7, rotation of refresh tokens: races and replays.

Cases: Keycloak CVE-2026-1035 (race), CVE-2026-9802 (replay after a restart); Better Auth
CVE-2026-53517; NocoDB CVE-2026-126280 (row count not checked); django-oauth-toolkit #1617 (the
grace period covered older generations).
"""

import asyncio
from datetime import timedelta

import pytest

from cognate.app import build
from tests.direct import Direct
from tests.inprocess import TestEntropy

REUSED = ("RefreshTokenReuseException", "NotAuthorizedException")
AT_ONCE = 64


@pytest.fixture
def rotating(a_target):
    async def make(grace: int = 0):
        rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": grace}
        flows = ["ALLOW_USER_PASSWORD_AUTH"]
        return await a_target(client={"RefreshTokenRotation": rotation, "ExplicitAuthFlows": flows})

    return make


async def first_tokens(direct, ada):
    answer = await direct.sign_in(ada.client_id, ada.username, ada.password)
    return answer.content["AuthenticationResult"]


async def refreshed(direct, ada, token):
    return await direct.ask("GetTokensFromRefreshToken", ClientId=ada.client_id, RefreshToken=token)


async def test_of_64_uses_of_one_token_at_once_one_wins_and_the_family_ends(direct, rotating):
    ada = await rotating()
    token = (await first_tokens(direct, ada))["RefreshToken"]

    answers = await asyncio.gather(*(refreshed(direct, ada, token) for _ in range(AT_ONCE)))

    won = [answer for answer in answers if answer.status == 200]
    assert len(won) == 1
    assert {answer.error for answer in answers if answer.status != 200} <= set(REUSED)
    successor = won[0].content["AuthenticationResult"]
    after = await refreshed(direct, ada, successor["RefreshToken"])
    assert (after.error, after.message) == (
        "NotAuthorizedException",
        "Refresh Token has been revoked",
    )
    dead = await direct.ask("GetUser", AccessToken=successor["AccessToken"])
    assert (dead.error, dead.message) == (
        "NotAuthorizedException",
        "Access Token has been revoked",
    )


async def test_a_token_that_was_rotated_away_is_refused_by_a_server_started_later(
    direct, app, rotating, clock
):
    ada = await rotating()
    first = (await first_tokens(direct, ada))["RefreshToken"]
    assert (await refreshed(direct, ada, first)).status == 200

    again = await build(app.settings, clock=clock, entropy=TestEntropy())
    replayed = await refreshed(Direct(app=again), ada, first)
    await again.close()

    assert replayed.error == "RefreshTokenReuseException"


async def test_retries_within_the_grace_period_all_get_the_one_successor(direct, rotating):
    ada = await rotating(grace=60)
    token = (await first_tokens(direct, ada))["RefreshToken"]

    answers = await asyncio.gather(*(refreshed(direct, ada, token) for _ in range(AT_ONCE)))

    successors = {answer.content["AuthenticationResult"]["RefreshToken"] for answer in answers}
    assert len(successors) == 1
    assert token not in successors


async def test_the_grace_period_covers_the_direct_predecessor_alone(direct, rotating, clock):
    ada = await rotating(grace=60)
    first = (await first_tokens(direct, ada))["RefreshToken"]
    second = (await refreshed(direct, ada, first)).content["AuthenticationResult"]["RefreshToken"]
    third = (await refreshed(direct, ada, second)).content["AuthenticationResult"]["RefreshToken"]
    clock.advance(timedelta(seconds=1))

    replayed = await refreshed(direct, ada, first)

    assert replayed.error == "RefreshTokenReuseException"
    assert (await refreshed(direct, ada, third)).message == "Refresh Token has been revoked"


async def test_the_grace_period_ends(direct, rotating, clock):
    ada = await rotating(grace=60)
    first = (await first_tokens(direct, ada))["RefreshToken"]
    second = (await refreshed(direct, ada, first)).content["AuthenticationResult"]["RefreshToken"]
    clock.advance(timedelta(seconds=60))

    replayed = await refreshed(direct, ada, first)

    assert replayed.error == "RefreshTokenReuseException"
    assert (await refreshed(direct, ada, second)).message == "Refresh Token has been revoked"


async def test_revoking_and_refreshing_at_once_ends_revoked(direct, rotating):
    ada = await rotating()
    token = (await first_tokens(direct, ada))["RefreshToken"]

    answers = await asyncio.gather(
        *(refreshed(direct, ada, token) for _ in range(8)),
        direct.ask("RevokeToken", ClientId=ada.client_id, Token=token),
    )

    assert answers[-1].status == 200
    won = [answer for answer in answers[:-1] if answer.status == 200]
    assert len(won) <= 1
    for answer in won:
        successor = answer.content["AuthenticationResult"]["RefreshToken"]
        assert (await refreshed(direct, ada, successor)).status == 400
