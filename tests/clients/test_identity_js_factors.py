"""amazon-cognito-identity-js, as published on npm, in Node: second factors and devices."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest

from tests.clients.conftest import PASSWORD
from tests.clients.factors import (
    NO_DEVICE,
    SPENT_TOTP,
    UNVERIFIED_TOTP,
    WRONG_CODE,
    WRONG_TOTP,
    Authenticator,
    set_mfa,
)
from tests.clients.node_client import NodeClient, Refused
from tests.clients.started_server import another_code

pytestmark = pytest.mark.clients

ON = {"Enabled": True, "PreferredMfa": False}
PREFERRED = {"Enabled": True, "PreferredMfa": True}
OFF = {"Enabled": False, "PreferredMfa": False}


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
    assert error.value.fields["code"] == error.value.name
    return error.value.name, error.value.message


def register_app(js: NodeClient) -> Authenticator:
    """ada, who is signed in, registers an authenticator app."""
    app = Authenticator(js.ask("associateSoftwareToken", "ada")["secret"])
    assert js.ask("verifySoftwareToken", "ada", app.code(), "phone")["called"] == "onSuccess"
    return app


def claims(session: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(
        session["result"]["accessToken"], options={"verify_signature": False}
    )
    return found


def test_an_authenticator_app_is_registered_preferred_and_asked_for(
    cognito, a_pool, a_user, in_pool
):
    pool = a_pool()
    set_mfa(cognito, pool, "OPTIONAL", "TOTP")
    a_user(pool, "ada")
    js = in_pool(pool)
    js.ask("authenticateUser", "ada", PASSWORD)

    with pytest.raises(Refused) as nothing_to_prefer:
        js.ask("setUserMfaPreference", "ada", None, PREFERRED)
    app = Authenticator(js.ask("associateSoftwareToken", "ada")["secret"])
    with pytest.raises(Refused) as unverified:
        js.ask("verifySoftwareToken", "ada", app.wrong_code(), "phone")
    verified = js.ask("verifySoftwareToken", "ada", app.code(), "phone")
    assert js.ask("setUserMfaPreference", "ada", None, PREFERRED) == "SUCCESS"

    assert refusal(nothing_to_prefer) == (
        "InvalidParameterException",
        "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA",
    )
    assert refusal(unverified) == UNVERIFIED_TOTP
    assert verified["result"] == {"Status": "SUCCESS"}
    asked = js.ask("authenticateUser", "ada", PASSWORD)
    assert asked["called"] == "totpRequired"
    assert asked["parameters"] == {"FRIENDLY_DEVICE_NAME": "phone", "USER_ID_FOR_SRP": "ada"}
    with pytest.raises(Refused) as wrong:
        js.ask("sendMFACode", "ada", app.wrong_code(), "SOFTWARE_TOKEN_MFA")
    with pytest.raises(Refused) as spent:
        js.ask("sendMFACode", "ada", app.code(), "SOFTWARE_TOKEN_MFA")
    assert refusal(wrong) == WRONG_TOTP
    assert refusal(spent) == SPENT_TOTP
    signed_in = js.ask("sendMFACode", "ada", app.next_code(), "SOFTWARE_TOKEN_MFA")
    assert signed_in["called"] == "onSuccess"

    assert js.ask("setUserMfaPreference", "ada", None, OFF) == "SUCCESS"
    assert js.ask("authenticateUser", "ada", PASSWORD)["called"] == "onSuccess"


def test_a_code_by_sms_is_asked_for(server, cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    set_mfa(cognito, pool, "OPTIONAL", "SMS")
    a_user(pool, "ada", phone="+15550100001")
    a_user(pool, "bob")
    js = in_pool(pool)
    js.ask("authenticateUser", "bob", PASSWORD)
    with pytest.raises(Refused) as no_number:
        js.ask("setUserMfaPreference", "bob", PREFERRED, None)
    assert refusal(no_number) == (
        "InvalidParameterException",
        "User does not have delivery config set to turn on SMS_MFA",
    )
    js.ask("authenticateUser", "ada", PASSWORD)
    js.ask("setUserMfaPreference", "ada", PREFERRED, None)

    asked = js.ask("authenticateUser", "ada", PASSWORD, "USER_PASSWORD_AUTH")

    assert asked == {
        "called": "mfaRequired",
        "parameters": {
            "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
            "CODE_DELIVERY_DESTINATION": "+*******0001",
            "USER_ID_FOR_SRP": "ada",
        },
    }
    code = server.code("+15550100001")
    with pytest.raises(Refused) as wrong:
        js.ask("sendMFACode", "ada", another_code(code))
    assert refusal(wrong) == WRONG_CODE
    assert js.ask("sendMFACode", "ada", code)["called"] == "onSuccess"
    with pytest.raises(Refused) as again:
        js.ask("sendMFACode", "ada", code)
    assert refusal(again) == (
        "NotAuthorizedException",
        "Invalid session for the user, session can only be used once.",
    )


def test_who_has_two_factors_and_prefers_none_chooses(server, cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    set_mfa(cognito, pool, "OPTIONAL", "SMS", "TOTP")
    a_user(pool, "ada", phone="+15550100002")
    js = in_pool(pool)
    js.ask("authenticateUser", "ada", PASSWORD)
    app = register_app(js)
    js.ask("setUserMfaPreference", "ada", ON, ON)

    asked = js.ask("authenticateUser", "ada", PASSWORD)
    chosen = js.ask("sendMFASelectionAnswer", "ada", "SMS_MFA")
    by_sms = js.ask("sendMFACode", "ada", server.code("+15550100002"))
    js.ask("authenticateUser", "ada", PASSWORD)
    with pytest.raises(Refused) as no_factor:
        js.ask("sendMFASelectionAnswer", "ada", "PIGEON_MFA")
    also_chosen = js.ask("sendMFASelectionAnswer", "ada", "SOFTWARE_TOKEN_MFA")
    by_app = js.ask("sendMFACode", "ada", app.next_code(), "SOFTWARE_TOKEN_MFA")

    assert asked["called"] == "selectMFAType"
    assert set(asked["parameters"]) == {"MFAS_CAN_CHOOSE", "USER_ID_FOR_SRP"}
    assert (chosen["called"], also_chosen["called"]) == ("mfaRequired", "totpRequired")
    assert refusal(no_factor) == (
        "InvalidParameterException",
        "PIGEON_MFA is not an MFA type of the user.",
    )
    assert (by_sms["called"], by_app["called"]) == ("onSuccess", "onSuccess")


def test_a_pool_that_demands_a_factor_has_it_set_up_during_the_sign_in(
    cognito, a_pool, a_user, in_pool
):
    pool = a_pool()
    set_mfa(cognito, pool, "ON", "TOTP")
    a_user(pool, "ada")
    js = in_pool(pool)

    asked = js.ask("authenticateUser", "ada", PASSWORD)

    assert asked["called"] == "mfaSetup"
    assert asked["parameters"] == {
        "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]',
        "USER_ID_FOR_SRP": "ada",
    }
    app = Authenticator(js.ask("associateSoftwareToken", "ada")["secret"])
    with pytest.raises(Refused) as unverified:
        js.ask("verifySoftwareToken", "ada", app.wrong_code(), "phone")
    assert refusal(unverified) == UNVERIFIED_TOTP
    signed_in = js.ask("verifySoftwareToken", "ada", app.code(), "phone")
    assert signed_in["called"] == "onSuccess"
    assert signed_in["result"]["isValid"] is True
    assert js.ask("authenticateUser", "ada", PASSWORD)["called"] == "totpRequired"
    with pytest.raises(Refused) as still_demanded:
        js.ask("setUserMfaPreference", "ada", None, OFF)
    assert refusal(still_demanded) == (
        "InvalidParameterException",
        "MFA is required in the user pool.",
    )


def test_a_pool_without_authenticator_apps_makes_no_secret(a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    js = in_pool(pool)
    js.ask("authenticateUser", "ada", PASSWORD)

    with pytest.raises(Refused) as not_offered:
        js.ask("associateSoftwareToken", "ada")

    assert refusal(not_offered) == (
        "SoftwareTokenMFANotFoundException",
        "Software Token MFA has not been enabled by the userPool",
    )


def test_a_remembered_device_signs_in_without_the_second_factor(cognito, a_pool, a_user, in_pool):
    pool = a_pool(
        DeviceConfiguration={
            "ChallengeRequiredOnNewDevice": True,
            "DeviceOnlyRememberedOnUserPrompt": True,
        }
    )
    set_mfa(cognito, pool, "OPTIONAL", "TOTP")
    a_user(pool, "ada")
    js = in_pool(pool)
    first = js.ask("authenticateUser", "ada", PASSWORD)
    app = register_app(js)
    js.ask("setUserMfaPreference", "ada", None, PREFERRED)

    assert first["userConfirmationNecessary"] is True
    (device,) = js.ask("listDevices", "ada", 10)["result"]["Devices"]
    assert js.ask("getDevice", "ada")["result"]["Device"]["DeviceKey"] == device["DeviceKey"]
    attributes = {one["Name"]: one["Value"] for one in device["DeviceAttributes"]}
    assert attributes["device_name"] == "nodejs"
    js.ask("reload")
    assert js.ask("authenticateUser", "ada", PASSWORD)["called"] == "totpRequired"
    js.ask("sendMFACode", "ada", app.next_code(), "SOFTWARE_TOKEN_MFA")
    js.ask("setDeviceStatusRemembered", "ada")

    for flow in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH"):
        for _ in range(2):  # the second time with the key in the first request too
            signed_in = js.ask("authenticateUser", "ada", PASSWORD, flow)
            assert signed_in["called"] == "onSuccess"
            assert claims(signed_in)["device_key"] == device["DeviceKey"]
        js.ask("reload")

    js.ask("authenticateUser", "ada", PASSWORD)
    js.ask("setDeviceStatusNotRemembered", "ada")
    assert js.ask("authenticateUser", "ada", PASSWORD)["called"] == "totpRequired"


def test_devices_are_listed_page_after_page(cognito, a_pool, a_user, in_pool):
    pool = a_pool(DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": False})
    a_user(pool, "ada")
    client = cognito.create_user_pool_client(UserPoolId=pool.pool_id, ClientName="another browser")
    js = in_pool(pool)
    for browser in (pool, replace(pool, client_id=client["UserPoolClient"]["ClientId"])):
        in_pool(browser)
        confirmed = js.ask("authenticateUser", "ada", PASSWORD)
        assert "userConfirmationNecessary" not in confirmed

    first = js.ask("listDevices", "ada", 1)["result"]
    second = js.ask("listDevices", "ada", 1, first["PaginationToken"])["result"]
    with pytest.raises(Refused) as bad_page:
        js.ask("listDevices", "ada", 1, "no-page")

    keys = {device["DeviceKey"] for page in (first, second) for device in page["Devices"]}
    assert len(keys) == 2
    assert refusal(bad_page) == ("InvalidParameterException", "Invalid pagination token")


def test_a_device_that_was_forgotten_elsewhere_is_replaced(cognito, a_pool, a_user, in_pool):
    pool = a_pool(DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": False})
    a_user(pool, "ada")
    js = in_pool(pool)
    js.ask("authenticateUser", "ada", PASSWORD)
    gone = js.ask("getDevice", "ada")["result"]["Device"]["DeviceKey"]
    cognito.admin_forget_device(UserPoolId=pool.pool_id, Username="ada", DeviceKey=gone)

    with pytest.raises(Refused) as unknown:
        js.ask("getDevice", "ada")
    with pytest.raises(Refused) as nothing_to_forget:
        js.ask("forgetSpecificDevice", "ada", gone)
    js.ask("reload")
    js.ask("authenticateUser", "ada", PASSWORD)  # the library drops the key and tries again
    new = js.ask("getDevice", "ada")["result"]["Device"]["DeviceKey"]
    js.ask("forgetDevice", "ada")

    assert refusal(unknown) == NO_DEVICE
    assert refusal(nothing_to_forget) == NO_DEVICE
    assert new != gone
    assert js.ask("listDevices", "ada", 10)["result"]["Devices"] == []
    with pytest.raises(Refused) as none_named:
        js.ask("getDevice", "ada")
    assert refusal(none_named) == (
        "InvalidParameterException",
        "1 validation error detected: Value null at 'deviceKey' failed to satisfy constraint: "
        "Member must not be null",
    )
