"""amazon-cognito-identity-js, as published on npm, in Node."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.clients.conftest import PASSWORD
from tests.clients.node_client import NodeClient, Refused
from tests.clients.started_server import another_code

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def node(node_client) -> NodeClient:
    client: NodeClient = node_client("identity_js.mjs")
    return client


@pytest.fixture
def in_pool(server, node) -> Callable[[Any], NodeClient]:
    """`in_pool(pool)`: the library set up for that pool, knowing no user."""

    def configure(pool: Any) -> NodeClient:
        settings = {"UserPoolId": pool.pool_id, "ClientId": pool.client_id, "endpoint": server.url}
        node.ask("configure", settings)
        client: NodeClient = node
        return client

    return configure


def refusal(error: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    """What applications switch on: `error.name` and `error.message`; `code` is the old name."""
    assert error.value.fields["code"] == error.value.name
    return error.value.name, error.value.message


def test_a_user_signs_up_confirms_and_signs_in_by_srp(server, a_pool, in_pool):
    pool = a_pool()
    js = in_pool(pool)

    signed_up = js.ask("signUp", "ada", PASSWORD, {"email": "ada@example.com"})

    assert signed_up["userConfirmed"] is False
    with pytest.raises(Refused) as unconfirmed:
        js.ask("authenticateUser", "ada", PASSWORD)
    assert refusal(unconfirmed) == ("UserNotConfirmedException", "User is not confirmed.")
    first = server.code("ada@example.com")
    js.ask("resendConfirmationCode", "ada")
    code = server.code("ada@example.com")
    with pytest.raises(Refused) as wrong:
        js.ask("confirmRegistration", "ada", another_code(code))
    assert refusal(wrong) == (
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    )
    assert len(server.inbox("ada@example.com")) == 2
    if first != code:  # one chance in a million says nothing
        with pytest.raises(Refused) as replaced:
            js.ask("confirmRegistration", "ada", first)
        assert replaced.value.name == "CodeMismatchException"
    assert js.ask("confirmRegistration", "ada", code) == "SUCCESS"

    signed_in = js.ask("authenticateUser", "ada", PASSWORD)

    assert signed_in["called"] == "onSuccess"
    assert signed_in["result"]["isValid"] is True
    claims = jwt.decode(signed_in["result"]["idToken"], options={"verify_signature": False})
    assert claims["sub"] == signed_up["userSub"]
    assert claims["cognito:username"] == "ada"
    with pytest.raises(Refused) as taken:
        js.ask("signUp", "ada", PASSWORD, {"email": "ada@example.com"})
    assert refusal(taken) == ("UsernameExistsException", "User already exists")


def test_an_email_address_signs_in_by_srp_and_by_password(a_pool, a_user, in_pool):
    pool = a_pool(UsernameAttributes=["email"])
    sub = a_user(pool, "ada@example.com")
    js = in_pool(pool)

    for flow in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH"):
        tokens = js.ask("authenticateUser", "ada@example.com", PASSWORD, flow)["result"]
        claims = jwt.decode(tokens["accessToken"], options={"verify_signature": False})
        assert claims["username"] == sub


@pytest.mark.parametrize("flow", ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"])
def test_wrong_passwords_and_strangers_are_refused_by_name(a_pool, a_user, in_pool, flow):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)

    with pytest.raises(Refused) as wrong:
        js.ask("authenticateUser", "ada", "Wrong-horse1!", flow)
    with pytest.raises(Refused) as stranger:
        js.ask("authenticateUser", "nobody", PASSWORD, flow)

    assert refusal(wrong) == ("NotAuthorizedException", "Incorrect username or password.")
    assert refusal(stranger) == ("UserNotFoundException", "User does not exist.")


def test_a_locked_user_is_refused_with_the_right_password_too(a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)
    texts = []

    for _ in range(6):
        with pytest.raises(Refused) as refused:
            js.ask("authenticateUser", "ada", "Wrong-horse1!", "USER_PASSWORD_AUTH")
        texts.append(refused.value.message)
    with pytest.raises(Refused) as locked:
        js.ask("authenticateUser", "ada", PASSWORD)

    assert texts == ["Incorrect username or password."] * 5 + ["Password attempts exceeded"]
    assert refusal(locked) == ("NotAuthorizedException", "Password attempts exceeded")


def test_a_disabled_user_is_refused(cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)
    cognito.admin_disable_user(UserPoolId=pool.pool_id, Username="ada")

    with pytest.raises(Refused) as disabled:
        js.ask("authenticateUser", "ada", PASSWORD)

    assert refusal(disabled) == ("NotAuthorizedException", "User is disabled.")


def test_a_session_is_kept_and_refreshed(a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)
    with pytest.raises(Refused) as nobody:
        js.ask("getSession", "ada")
    assert nobody.value.message == "Local storage is missing an ID Token, Please authenticate"
    signed_in = js.ask("authenticateUser", "ada", PASSWORD)["result"]

    kept = js.ask("getSession", "ada")
    renewed = js.ask("refreshSession", "ada")

    assert kept == signed_in
    assert renewed["accessToken"] != kept["accessToken"]
    assert renewed["refreshToken"] == kept["refreshToken"]
    assert renewed["isValid"] is True


def test_attributes_are_read_changed_and_verified(server, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)
    js.ask("authenticateUser", "ada", PASSWORD)

    js.ask("updateAttributes", "ada", {"email": "lovelace@example.com", "given_name": "Ada"})
    asked = js.ask("getAttributeVerificationCode", "ada", "email")
    code = server.code("lovelace@example.com")
    with pytest.raises(Refused) as wrong:
        js.ask("verifyAttribute", "ada", "email", another_code(code))
    verified = js.ask("verifyAttribute", "ada", "email", code)

    assert asked["called"] == "inputVerificationCode"
    assert refusal(wrong)[0] == "CodeMismatchException"
    assert verified == {"called": "onSuccess", "result": "SUCCESS"}
    found = js.ask("getUserAttributes", "ada")
    assert found.pop("sub")
    assert found == {
        "email": "lovelace@example.com",
        "email_verified": "true",
        "given_name": "Ada",
    }
    with pytest.raises(Refused) as not_ours:
        js.ask("updateAttributes", "ada", {"custom:unknown": "1"})
    assert not_ours.value.name in ("InvalidParameterException", "NotAuthorizedException")


def test_a_password_is_changed(a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)
    js.ask("authenticateUser", "ada", PASSWORD)

    with pytest.raises(Refused) as wrong:
        js.ask("changePassword", "ada", "Wrong-horse1!", "New-horse2!")
    with pytest.raises(Refused) as weak:
        js.ask("changePassword", "ada", PASSWORD, "new-horse2!")
    assert js.ask("changePassword", "ada", PASSWORD, "New-horse2!") == "SUCCESS"

    assert refusal(wrong) == ("NotAuthorizedException", "Incorrect username or password.")
    assert refusal(weak) == (
        "InvalidPasswordException",
        "Password did not conform with policy: Password must have uppercase characters",
    )
    with pytest.raises(Refused):
        js.ask("authenticateUser", "ada", PASSWORD)
    assert js.ask("authenticateUser", "ada", "New-horse2!")["called"] == "onSuccess"


def test_a_forgotten_password_is_replaced(server, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)

    asked = js.ask("forgotPassword", "ada")
    code = server.code("ada@example.com")
    with pytest.raises(Refused) as wrong:
        js.ask("confirmPassword", "ada", another_code(code), "New-horse2!")
    confirmed = js.ask("confirmPassword", "ada", code, "New-horse2!")
    with pytest.raises(Refused) as reused:
        js.ask("confirmPassword", "ada", code, "Newer-horse3!")

    assert asked["called"] == "inputVerificationCode"
    assert asked["result"]["CodeDeliveryDetails"] == {
        "AttributeName": "email",
        "DeliveryMedium": "EMAIL",
        "Destination": "a***@e***",
    }
    assert refusal(wrong)[0] == "CodeMismatchException"
    assert confirmed == {"called": "onSuccess", "result": "SUCCESS"}
    assert refusal(reused) == (
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
    )
    assert js.ask("authenticateUser", "ada", "New-horse2!")["called"] == "onSuccess"


def test_a_temporary_password_asks_for_a_new_one_and_for_what_the_pool_requires(
    cognito, a_pool, in_pool
):
    pool = a_pool(Schema=[{"Name": "given_name", "Required": True}])
    cognito.admin_create_user(
        UserPoolId=pool.pool_id,
        Username="ada",
        TemporaryPassword="Temp0rary!",
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": "ada@example.com"}],
    )
    js = in_pool(pool)

    asked = js.ask("authenticateUser", "ada", "Temp0rary!")

    assert asked["called"] == "newPasswordRequired"
    assert asked["userAttributes"]["email"] == "ada@example.com"
    assert asked["requiredAttributes"] == ["given_name"]
    with pytest.raises(Refused) as weak:
        js.ask("completeNewPasswordChallenge", "ada", "weak", {"given_name": "Ada"})
    assert refusal(weak)[0] == "InvalidPasswordException"
    done = js.ask("completeNewPasswordChallenge", "ada", PASSWORD, {"given_name": "Ada"})
    assert done["called"] == "onSuccess"
    assert js.ask("getUserAttributes", "ada")["given_name"] == "Ada"
    with pytest.raises(Refused) as old:
        js.ask("authenticateUser", "ada", "Temp0rary!")
    assert refusal(old)[0] == "NotAuthorizedException"


def test_signing_out_everywhere_ends_other_sessions(cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)
    elsewhere = js.ask("authenticateUser", "ada", PASSWORD)["result"]
    js.ask("authenticateUser", "ada", PASSWORD)

    assert js.ask("globalSignOut", "ada") == {"called": "onSuccess", "result": "SUCCESS"}

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="has been revoked"):
        cognito.get_user(AccessToken=elsewhere["accessToken"])
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="has been revoked"):
        cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": elsewhere["refreshToken"]},
        )


def test_a_user_who_is_deleted_meanwhile_is_told_so(cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)
    js.ask("authenticateUser", "ada", PASSWORD)
    cognito.admin_delete_user(UserPoolId=pool.pool_id, Username="ada")

    with pytest.raises(Refused) as deleted:
        js.ask("getUserAttributes", "ada")

    assert refusal(deleted)[0] == "UserNotFoundException"


def test_a_user_deletes_the_account(cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)
    js.ask("authenticateUser", "ada", PASSWORD)

    assert js.ask("deleteUser", "ada") == "SUCCESS"

    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_get_user(UserPoolId=pool.pool_id, Username="ada")
