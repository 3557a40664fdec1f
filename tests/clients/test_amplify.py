"""AWS Amplify 6, `aws-amplify/auth` as published on npm, in Node, with `userPoolEndpoint`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.conftest import PASSWORD
from tests.clients.node_client import NodeClient, Refused
from tests.clients.started_server import another_code

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def node(node_client) -> NodeClient:
    client: NodeClient = node_client("amplify.mjs")
    return client


@pytest.fixture
def in_pool(server, node) -> Callable[[Any], NodeClient]:
    """`in_pool(pool)`: Amplify configured for that pool, with nobody signed in."""

    def configure(pool: Any) -> NodeClient:
        node.ask(
            "configure",
            {
                "userPoolId": pool.pool_id,
                "userPoolClientId": pool.client_id,
                "userPoolEndpoint": server.url,
            },
        )
        client: NodeClient = node
        return client

    return configure


def refusal(error: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    return error.value.name, error.value.message


def sign_in(amplify: NodeClient, username: str, password: str = PASSWORD, **options: Any) -> Any:
    request = {"username": username, "password": password, "options": options}
    return amplify.ask("signIn", request)


SIGNED_IN = {"isSignedIn": True, "nextStep": {"signInStep": "DONE"}}


def test_a_user_signs_up_confirms_and_signs_in(server, a_pool, in_pool):
    pool = a_pool(UsernameAttributes=["email"])
    amplify = in_pool(pool)
    ada = "ada@example.com"

    signed_up = amplify.ask(
        "signUp",
        {
            "username": ada,
            "password": PASSWORD,
            "options": {"userAttributes": {"email": ada, "given_name": "Ada"}},
        },
    )

    assert signed_up["isSignUpComplete"] is False
    assert signed_up["nextStep"] == {
        "signUpStep": "CONFIRM_SIGN_UP",
        "codeDeliveryDetails": {
            "deliveryMedium": "EMAIL",
            "destination": "a***@e***",
            "attributeName": "email",
        },
    }
    unconfirmed = sign_in(amplify, ada)
    assert unconfirmed["isSignedIn"] is False
    assert unconfirmed["nextStep"]["signInStep"] == "CONFIRM_SIGN_UP"
    code = server.code(ada)
    with pytest.raises(Refused) as wrong:
        amplify.ask("confirmSignUp", {"username": ada, "confirmationCode": another_code(code)})
    assert refusal(wrong) == (
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    )
    confirmed = amplify.ask("confirmSignUp", {"username": ada, "confirmationCode": code})
    assert confirmed["isSignUpComplete"] is True

    assert sign_in(amplify, ada) == SIGNED_IN
    assert amplify.ask("getCurrentUser")["userId"] == signed_up["userId"]
    attributes = amplify.ask("fetchUserAttributes")
    assert attributes == {
        "sub": signed_up["userId"],
        "email": ada,
        "email_verified": "true",
        "given_name": "Ada",
    }


@pytest.mark.parametrize("flow", ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"])
def test_both_password_flows_sign_in_and_refuse(a_pool, a_user, in_pool, flow):
    pool = a_pool()
    a_user(pool, "ada")
    amplify = in_pool(pool)

    with pytest.raises(Refused) as wrong:
        sign_in(amplify, "ada", "Wrong-horse1!", authFlowType=flow)
    with pytest.raises(Refused) as stranger:
        sign_in(amplify, "nobody", authFlowType=flow)

    assert refusal(wrong) == ("NotAuthorizedException", "Incorrect username or password.")
    assert refusal(stranger) == ("UserNotFoundException", "User does not exist.")
    assert sign_in(amplify, "ada", authFlowType=flow) == SIGNED_IN


def test_a_flow_that_the_client_does_not_allow_is_refused(a_pool, a_user, in_pool):
    pool = a_pool(client={"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]})
    a_user(pool, "ada")
    amplify = in_pool(pool)

    with pytest.raises(Refused) as not_allowed:
        sign_in(amplify, "ada", authFlowType="USER_PASSWORD_AUTH")

    assert refusal(not_allowed) == (
        "InvalidParameterException",
        "USER_PASSWORD_AUTH flow not enabled for this client",
    )
    assert sign_in(amplify, "ada") == SIGNED_IN


def test_a_session_is_refreshed(a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify, "ada")

    first = amplify.ask("fetchAuthSession")
    same = amplify.ask("fetchAuthSession")
    renewed = amplify.ask("fetchAuthSession", {"forceRefresh": True})

    assert same == first
    assert renewed["tokens"]["accessToken"] != first["tokens"]["accessToken"]
    assert renewed["userSub"] == first["userSub"]
    before, after = (session["tokens"]["idTokenPayload"] for session in (first, renewed))
    assert after["origin_jti"] == before["origin_jti"]
    assert after["jti"] != before["jti"]


def test_a_rotated_refresh_token_is_taken_up(cognito, a_pool, a_user, in_pool):
    pool = a_pool(
        client={
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
            "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
        }
    )
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify, "ada")

    seen = [
        amplify.ask("fetchAuthSession", {"forceRefresh": True})["tokens"]["accessToken"]
        for _ in range(3)
    ]

    assert len(set(seen)) == 3


def test_attributes_are_changed_and_verified(server, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify, "ada")

    changed = amplify.ask(
        "updateUserAttributes",
        {"userAttributes": {"email": "lovelace@example.com", "given_name": "Ada"}},
    )

    assert changed["given_name"]["isUpdated"] is True
    assert changed["email"]["nextStep"]["updateAttributeStep"] == "CONFIRM_ATTRIBUTE_WITH_CODE"
    code = server.code("lovelace@example.com")
    answer = {"userAttributeKey": "email", "confirmationCode": another_code(code)}
    with pytest.raises(Refused) as wrong:
        amplify.ask("confirmUserAttribute", answer)
    assert refusal(wrong)[0] == "CodeMismatchException"
    amplify.ask("confirmUserAttribute", {**answer, "confirmationCode": code})
    attributes = amplify.ask("fetchUserAttributes")
    assert attributes["email"] == "lovelace@example.com"
    assert attributes["email_verified"] == "true"
    amplify.ask("deleteUserAttributes", {"userAttributeKeys": ["given_name"]})
    assert "given_name" not in amplify.ask("fetchUserAttributes")


def test_a_password_is_updated(a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify, "ada")

    with pytest.raises(Refused) as wrong:
        amplify.ask(
            "updatePassword", {"oldPassword": "Wrong-horse1!", "newPassword": "New-horse2!"}
        )
    amplify.ask("updatePassword", {"oldPassword": PASSWORD, "newPassword": "New-horse2!"})
    amplify.ask("signOut")

    assert refusal(wrong) == ("NotAuthorizedException", "Incorrect username or password.")
    with pytest.raises(Refused):
        sign_in(amplify, "ada")
    assert sign_in(amplify, "ada", "New-horse2!") == SIGNED_IN


def test_a_forgotten_password_is_reset(server, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    amplify = in_pool(pool)

    asked = amplify.ask("resetPassword", {"username": "ada"})

    assert asked["nextStep"]["resetPasswordStep"] == "CONFIRM_RESET_PASSWORD_WITH_CODE"
    assert asked["nextStep"]["codeDeliveryDetails"]["destination"] == "a***@e***"
    code = server.code("ada@example.com")
    confirmation = {"username": "ada", "newPassword": "New-horse2!"}
    with pytest.raises(Refused) as wrong:
        amplify.ask(
            "confirmResetPassword", {**confirmation, "confirmationCode": another_code(code)}
        )
    amplify.ask("confirmResetPassword", {**confirmation, "confirmationCode": code})
    with pytest.raises(Refused) as reused:
        amplify.ask("confirmResetPassword", {**confirmation, "confirmationCode": code})

    assert refusal(wrong)[0] == "CodeMismatchException"
    assert refusal(reused) == (
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
    )
    assert sign_in(amplify, "ada", "New-horse2!") == SIGNED_IN


def test_a_temporary_password_is_replaced_during_the_sign_in(cognito, a_pool, in_pool):
    pool = a_pool()
    cognito.admin_create_user(
        UserPoolId=pool.pool_id,
        Username="ada",
        TemporaryPassword="Temp0rary!",
        MessageAction="SUPPRESS",
    )
    amplify = in_pool(pool)

    asked = sign_in(amplify, "ada", "Temp0rary!")

    assert asked["nextStep"]["signInStep"] == "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED"
    with pytest.raises(Refused) as weak:
        amplify.ask("confirmSignIn", {"challengeResponse": "weak"})
    assert refusal(weak)[0] == "InvalidPasswordException"
    assert amplify.ask("confirmSignIn", {"challengeResponse": PASSWORD}) == SIGNED_IN


def test_a_sign_in_that_waits_too_long_has_to_begin_again(cognito, a_pool, in_pool, clock):
    pool = a_pool()
    cognito.admin_create_user(
        UserPoolId=pool.pool_id,
        Username="ada",
        TemporaryPassword="Temp0rary!",
        MessageAction="SUPPRESS",
    )
    amplify = in_pool(pool)
    sign_in(amplify, "ada", "Temp0rary!")

    clock(4 * 60)
    with pytest.raises(Refused) as late:
        amplify.ask("confirmSignIn", {"challengeResponse": PASSWORD})

    assert refusal(late) == (
        "NotAuthorizedException",
        "Invalid session for the user, session is expired.",
    )


def test_signing_out_revokes_here_and_global_sign_out_everywhere(cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    amplify = in_pool(pool)

    def token_after_sign_in() -> str:
        sign_in(amplify, "ada")
        token: str = amplify.ask("fetchAuthSession")["tokens"]["accessToken"]
        return token

    here = token_after_sign_in()
    amplify.ask("signOut")
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="has been revoked"):
        cognito.get_user(AccessToken=here)
    assert amplify.ask("fetchAuthSession")["tokens"] is None

    elsewhere = cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]
    token_after_sign_in()
    assert cognito.get_user(AccessToken=elsewhere)["Username"] == "ada"
    amplify.ask("signOut", {"global": True})
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="has been revoked"):
        cognito.get_user(AccessToken=elsewhere)


def test_a_session_that_was_ended_elsewhere_is_forgotten(cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify, "ada")

    cognito.admin_user_global_sign_out(UserPoolId=pool.pool_id, Username="ada")

    assert amplify.ask("fetchAuthSession", {"forceRefresh": True})["tokens"] is None
    with pytest.raises(Refused) as nobody:
        amplify.ask("getCurrentUser")
    assert refusal(nobody)[0] == "UserUnAuthenticatedException"


def test_a_user_deletes_the_account(cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify, "ada")

    amplify.ask("deleteUser")

    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_get_user(UserPoolId=pool.pool_id, Username="ada")
