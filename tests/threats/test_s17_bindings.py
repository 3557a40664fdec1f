"""
S17, what is issued to one is used by another: sessions and tokens are bound to client and user.

Cases: Zitadel CVE-2026-55672; Hydra GHSA-3p3g-vpw6-4w66.
"""

import pytest

from cognate.app import build
from tests.direct import Direct
from tests.inprocess import TestEntropy
from tests.populated import FLOWS

INVALID = ("NotAuthorizedException", "Invalid session for the user.")
NEW = "Another-horse2!"


def refusal(answer):
    return (answer.error, answer.message)


@pytest.fixture
async def ada(a_target):
    return await a_target()


@pytest.fixture
async def other_client(direct, ada):
    created = await direct(
        "CreateUserPoolClient", **ada.of_pool, ClientName="another", ExplicitAuthFlows=FLOWS
    )
    return created["UserPoolClient"]["ClientId"]


async def challenged(direct, ada, name="bob"):
    """The session of a sign-in that waits for a new password."""
    await direct("AdminCreateUser", **ada.of_pool, Username=name, MessageAction="SUPPRESS")
    await direct("AdminSetUserPassword", **ada.of_pool, Username=name, Password="Temp0rary-horse!")
    return (await direct.sign_in(ada.client_id, name, "Temp0rary-horse!")).content["Session"]


async def answered(direct, client_id, session, name="bob", challenge="NEW_PASSWORD_REQUIRED"):
    return await direct.ask(
        "RespondToAuthChallenge",
        ClientId=client_id,
        ChallengeName=challenge,
        Session=session,
        ChallengeResponses={"USERNAME": name, "NEW_PASSWORD": NEW, "ANSWER": "PASSWORD"},
    )


async def test_a_session_is_its_clients(direct, ada, other_client):
    session = await challenged(direct, ada)

    assert refusal(await answered(direct, other_client, session)) == INVALID
    assert (await answered(direct, ada.client_id, session)).status == 200


async def test_a_session_is_its_users(direct, ada):
    session = await challenged(direct, ada)

    assert refusal(await answered(direct, ada.client_id, session, name="ada")) == INVALID
    assert refusal(await answered(direct, ada.client_id, session, name="nobody")) == INVALID


async def test_a_session_answers_the_challenge_that_it_was_issued_with(direct, ada):
    session = await challenged(direct, ada)

    for challenge in ("SELECT_CHALLENGE", "SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"):
        answer = await answered(direct, ada.client_id, session, challenge=challenge)

        assert refusal(answer) == INVALID, challenge


async def test_a_session_of_the_public_door_does_not_open_the_administrators(direct, ada):
    session = await challenged(direct, ada)
    answers = {"USERNAME": "bob", "NEW_PASSWORD": NEW}

    by_admin = await direct.ask(
        "AdminRespondToAuthChallenge",
        **ada.of_pool,
        ClientId=ada.client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=session,
        ChallengeResponses=answers,
    )

    assert refusal(by_admin) == INVALID


async def test_a_session_of_another_pool_is_none(direct, ada, a_target):
    other = await a_target()
    session = await challenged(direct, ada)
    await challenged(direct, other)  # a user of the same name is there, too

    assert refusal(await answered(direct, other.client_id, session)) == INVALID


async def test_a_used_session_is_refused_by_a_server_started_later(direct, app, clock, ada):
    session = await challenged(direct, ada)
    assert (await answered(direct, ada.client_id, session)).status == 200

    again = await build(app.settings, clock=clock, entropy=TestEntropy())
    replayed = await answered(Direct(app=again), ada.client_id, session)
    await again.close()

    assert refusal(replayed) == (
        "NotAuthorizedException",
        "Invalid session for the user, session can only be used once.",
    )


async def test_a_refresh_token_is_its_clients(direct, ada, other_client):
    signed_in = await direct.sign_in(ada.client_id, ada.username, ada.password)
    token = signed_in.content["AuthenticationResult"]["RefreshToken"]

    stolen = await direct.ask(
        "GetTokensFromRefreshToken", ClientId=other_client, RefreshToken=token
    )
    by_flow = await direct.ask(
        "InitiateAuth",
        ClientId=other_client,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": token},
    )
    revoked = await direct.ask("RevokeToken", ClientId=other_client, Token=token)

    assert (
        refusal(stolen) == refusal(by_flow) == ("NotAuthorizedException", "Invalid Refresh Token")
    )
    assert refusal(revoked) == ("UnauthorizedException", "Token was not issued to this client.")


async def test_one_token_is_not_another(direct, ada):
    signed_in = await direct.sign_in(ada.client_id, ada.username, ada.password)
    tokens = signed_in.content["AuthenticationResult"]

    for wrong in (tokens["AccessToken"], tokens["IdToken"]):
        answer = await direct.ask(
            "GetTokensFromRefreshToken", ClientId=ada.client_id, RefreshToken=wrong
        )

        assert refusal(answer) == ("NotAuthorizedException", "Invalid Refresh Token")
    answer = await direct.ask("GetUser", AccessToken=tokens["IdToken"])
    assert refusal(answer) == ("NotAuthorizedException", "Invalid Access Token")


async def test_a_code_is_its_users_and_for_its_purpose(direct, ada):
    """Every code here has the same digits; what it is for and whose it is decide."""
    await direct("SignUp", ClientId=ada.client_id, Username="eve", Password=ada.password)
    await direct("ForgotPassword", ClientId=ada.client_id, Username="ada")

    as_confirmation = await direct.ask(
        "ConfirmSignUp", ClientId=ada.client_id, Username="eve", ConfirmationCode="123456"
    )
    signed_in = await direct.sign_in(ada.client_id, ada.username, ada.password)
    as_verification = await direct.ask(
        "VerifyUserAttribute",
        AccessToken=signed_in.content["AuthenticationResult"]["AccessToken"],
        AttributeName="email",
        Code="123456",
    )

    assert as_confirmation.error == "ExpiredCodeException"
    assert as_verification.error == "ExpiredCodeException"
