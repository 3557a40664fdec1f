"""AWS Amplify 6 in Node: second factors, choice-based sign-in, devices, passkeys on a list."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.conftest import ALL_FLOWS, PASSWORD
from tests.clients.factors import (
    BOTH_RECOVERIES,
    NO_DEVICE,
    OWN_EMAIL,
    SPENT_TOTP,
    UNVERIFIED_TOTP,
    WRONG_CODE,
    WRONG_TOTP,
    Authenticator,
    set_mfa,
)
from tests.clients.node_client import NodeClient, Refused
from tests.clients.started_server import another_code
from tests.stories.virtual_authenticator import VirtualAuthenticator

pytestmark = pytest.mark.clients

ADA = "ada@example.com"
PHONE = "+15550100003"
SIGNED_IN = {"isSignedIn": True, "nextStep": {"signInStep": "DONE"}}
CHOICE = {"ExplicitAuthFlows": [*ALL_FLOWS, "ALLOW_USER_AUTH"]}
FACTORS = {
    "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]}
}


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


def sign_in(amplify: NodeClient, **options: Any) -> Any:
    request: dict[str, Any] = {"username": "ada", "password": PASSWORD}
    if options.get("authFlowType") == "USER_AUTH" and "PASSWORD" not in options.get(
        "preferredChallenge", ""
    ):
        del request["password"]
    return amplify.ask("signIn", {**request, "options": options})


def confirm(amplify: NodeClient, answer: str) -> Any:
    return amplify.ask("confirmSignIn", {"challengeResponse": answer})


def step(answer: Any) -> str:
    assert answer["isSignedIn"] is False
    name: str = answer["nextStep"]["signInStep"]
    return name


def test_an_authenticator_app_is_set_up_preferred_and_asked_for(cognito, a_pool, a_user, in_pool):
    pool = a_pool()
    set_mfa(cognito, pool, "OPTIONAL", "TOTP")
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify)
    assert amplify.ask("fetchMFAPreference") == {}

    app = Authenticator(amplify.ask("setUpTOTP")["sharedSecret"])
    with pytest.raises(Refused) as unverified:
        amplify.ask("verifyTOTPSetup", {"code": app.wrong_code()})
    amplify.ask("verifyTOTPSetup", {"code": app.code()})
    amplify.ask("updateMFAPreference", {"totp": "PREFERRED"})
    with pytest.raises(Refused) as no_number:
        amplify.ask("updateMFAPreference", {"sms": "ENABLED"})

    assert refusal(unverified) == UNVERIFIED_TOTP
    assert refusal(no_number) == (
        "InvalidParameterException",
        "User does not have delivery config set to turn on SMS_MFA",
    )
    assert amplify.ask("fetchMFAPreference") == {"enabled": ["TOTP"], "preferred": "TOTP"}
    amplify.ask("signOut")
    assert step(sign_in(amplify)) == "CONFIRM_SIGN_IN_WITH_TOTP_CODE"
    with pytest.raises(Refused) as wrong:
        confirm(amplify, app.wrong_code())
    with pytest.raises(Refused) as spent:
        confirm(amplify, app.code())
    assert refusal(wrong) == WRONG_TOTP
    assert refusal(spent) == SPENT_TOTP
    assert confirm(amplify, app.next_code()) == SIGNED_IN


def test_of_several_factors_one_is_chosen_and_its_code_sent(
    server, cognito, a_pool, a_user, in_pool
):
    pool = a_pool(EmailConfiguration=OWN_EMAIL, AccountRecoverySetting=BOTH_RECOVERIES)
    set_mfa(cognito, pool, "OPTIONAL", "SMS", "EMAIL")
    a_user(pool, "ada", phone=PHONE)
    amplify = in_pool(pool)
    sign_in(amplify)
    amplify.ask("updateMFAPreference", {"sms": "ENABLED", "email": "ENABLED"})
    amplify.ask("signOut")

    asked = sign_in(amplify)
    assert step(asked) == "CONTINUE_SIGN_IN_WITH_MFA_SELECTION"
    assert sorted(asked["nextStep"]["allowedMFATypes"]) == ["EMAIL", "SMS"]
    with pytest.raises(Refused) as neither:
        confirm(amplify, "PIGEON")
    by_sms = confirm(amplify, "SMS")
    assert by_sms["nextStep"] == {
        "signInStep": "CONFIRM_SIGN_IN_WITH_SMS_CODE",
        "codeDeliveryDetails": {"deliveryMedium": "SMS", "destination": "+*******0003"},
    }
    assert confirm(amplify, server.code(PHONE)) == SIGNED_IN
    amplify.ask("signOut")

    sign_in(amplify)
    by_email = confirm(amplify, "EMAIL")
    assert by_email["nextStep"] == {
        "signInStep": "CONFIRM_SIGN_IN_WITH_EMAIL_CODE",
        "codeDeliveryDetails": {"deliveryMedium": "EMAIL", "destination": "a***@e***"},
    }
    code = server.code(ADA)
    with pytest.raises(Refused) as wrong:
        confirm(amplify, another_code(code))
    assert refusal(neither)[0] == "IncorrectMFAMethod"  # Amplify's own
    assert refusal(wrong) == WRONG_CODE
    assert confirm(amplify, code) == SIGNED_IN


def test_a_pool_that_demands_a_factor_has_it_set_up_during_the_sign_in(
    server, cognito, a_pool, a_user, in_pool
):
    pool = a_pool(EmailConfiguration=OWN_EMAIL, AccountRecoverySetting=BOTH_RECOVERIES)
    set_mfa(cognito, pool, "ON", "TOTP", "EMAIL")
    for name in ("ada", "bob"):
        cognito.admin_create_user(
            UserPoolId=pool.pool_id, Username=name, MessageAction="SUPPRESS", UserAttributes=[]
        )
        cognito.admin_set_user_password(
            UserPoolId=pool.pool_id, Username=name, Password=PASSWORD, Permanent=True
        )
    amplify = in_pool(pool)

    asked = sign_in(amplify)
    assert step(asked) == "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION"
    assert sorted(asked["nextStep"]["allowedMFATypes"]) == ["EMAIL", "TOTP"]
    setup = confirm(amplify, "TOTP")
    assert step(setup) == "CONTINUE_SIGN_IN_WITH_TOTP_SETUP"
    app = Authenticator(setup["nextStep"]["totpSetupDetails"]["sharedSecret"])
    with pytest.raises(Refused) as unverified:
        confirm(amplify, app.wrong_code())
    assert refusal(unverified) == UNVERIFIED_TOTP
    assert confirm(amplify, app.code()) == SIGNED_IN
    amplify.ask("signOut")

    amplify.ask("signIn", {"username": "bob", "password": PASSWORD})
    assert step(confirm(amplify, "EMAIL")) == "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP"
    assert step(confirm(amplify, "bob@example.com")) == "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"
    assert confirm(amplify, server.code("bob@example.com")) == SIGNED_IN
    assert amplify.ask("fetchMFAPreference")["enabled"] == ["EMAIL"]


def test_a_code_by_email_or_sms_is_enough_where_the_pool_allows_it(server, a_pool, a_user, in_pool):
    pool = a_pool(client=CHOICE, Policies=FACTORS)
    a_user(pool, "ada", phone=PHONE)
    amplify = in_pool(pool)

    for preferred, address, medium in (
        ("EMAIL_OTP", ADA, "EMAIL"),
        ("SMS_OTP", PHONE, "SMS"),
    ):
        asked = sign_in(amplify, authFlowType="USER_AUTH", preferredChallenge=preferred)
        assert step(asked) == f"CONFIRM_SIGN_IN_WITH_{medium}_CODE"
        code = server.code(address)
        with pytest.raises(Refused) as wrong:
            confirm(amplify, another_code(code))
        assert refusal(wrong) == WRONG_CODE
        assert confirm(amplify, code) == SIGNED_IN
        amplify.ask("signOut")


def test_the_first_factor_is_chosen(server, a_pool, a_user, in_pool):
    pool = a_pool(client=CHOICE, Policies=FACTORS)
    a_user(pool, "ada")
    amplify = in_pool(pool)

    asked = sign_in(amplify, authFlowType="USER_AUTH")
    assert step(asked) == "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION"
    assert sorted(asked["nextStep"]["availableChallenges"]) == [
        "EMAIL_OTP",
        "PASSWORD",
        "PASSWORD_SRP",
    ]
    with pytest.raises(Refused) as not_available:
        confirm(amplify, "SMS_OTP")
    assert refusal(not_available) == (
        "InvalidParameterException",
        "SMS_OTP is not available for the user.",
    )
    assert step(confirm(amplify, "EMAIL_OTP")) == "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"
    assert confirm(amplify, server.code(ADA)) == SIGNED_IN
    amplify.ask("signOut")

    for factor in ("PASSWORD", "PASSWORD_SRP"):
        sign_in(amplify, authFlowType="USER_AUTH")
        assert step(confirm(amplify, factor)) == "CONFIRM_SIGN_IN_WITH_PASSWORD"
        with pytest.raises(Refused) as wrong:
            confirm(amplify, "Wrong-horse1!")
        assert refusal(wrong) == ("NotAuthorizedException", "Incorrect username or password.")
        sign_in(amplify, authFlowType="USER_AUTH")
        confirm(amplify, factor)
        assert confirm(amplify, PASSWORD) == SIGNED_IN
        amplify.ask("signOut")


def test_a_preferred_password_signs_in_at_once(a_pool, a_user, in_pool):
    pool = a_pool(client=CHOICE)
    a_user(pool, "ada")
    amplify = in_pool(pool)

    for factor in ("PASSWORD", "PASSWORD_SRP"):
        options = {"authFlowType": "USER_AUTH", "preferredChallenge": factor}
        request = {"username": "ada", "password": "Wrong-horse1!", "options": options}
        with pytest.raises(Refused) as wrong:
            amplify.ask("signIn", request)
        assert refusal(wrong) == ("NotAuthorizedException", "Incorrect username or password.")
        assert sign_in(amplify, **options) == SIGNED_IN
        amplify.ask("signOut")


def test_a_client_without_the_flow_offers_no_choice(a_pool, a_user, in_pool):
    pool = a_pool()
    a_user(pool, "ada")
    amplify = in_pool(pool)

    with pytest.raises(Refused) as not_allowed:
        sign_in(amplify, authFlowType="USER_AUTH")

    assert refusal(not_allowed) == (
        "InvalidParameterException",
        "USER_AUTH flow not enabled for this client",
    )


def test_who_confirmed_the_sign_up_is_signed_in_by_it(server, a_pool, in_pool):
    pool = a_pool(client=CHOICE, Policies=FACTORS, UsernameAttributes=["email"])
    amplify = in_pool(pool)
    amplify.ask(
        "signUp",
        {
            "username": ADA,
            "options": {
                "userAttributes": {"email": ADA},
                "autoSignIn": {"authFlowType": "USER_AUTH"},
            },
        },
    )

    confirmed = amplify.ask(
        "confirmSignUp", {"username": ADA, "confirmationCode": server.code(ADA)}
    )

    assert confirmed["nextStep"] == {"signUpStep": "COMPLETE_AUTO_SIGN_IN"}
    assert amplify.ask("autoSignIn") == SIGNED_IN
    assert amplify.ask("fetchUserAttributes")["email_verified"] == "true"
    with pytest.raises(Refused) as over:
        amplify.ask("autoSignIn")
    assert refusal(over)[0] == "AutoSignInException"  # Amplify's own


def test_a_remembered_device_signs_in_without_the_second_factor(cognito, a_pool, a_user, in_pool):
    pool = a_pool(
        DeviceConfiguration={
            "ChallengeRequiredOnNewDevice": True,
            "DeviceOnlyRememberedOnUserPrompt": True,
        }
    )
    set_mfa(cognito, pool, "OPTIONAL", "TOTP")
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify)
    app = Authenticator(amplify.ask("setUpTOTP")["sharedSecret"])
    amplify.ask("verifyTOTPSetup", {"code": app.code()})
    amplify.ask("updateMFAPreference", {"totp": "PREFERRED"})

    (device,) = amplify.ask("fetchDevices")
    assert device["name"] == "Amplify in a test"
    amplify.ask("signOut")
    assert step(sign_in(amplify)) == "CONFIRM_SIGN_IN_WITH_TOTP_CODE"
    confirm(amplify, app.next_code())
    amplify.ask("rememberDevice")
    amplify.ask("signOut")

    for flow in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH"):
        assert sign_in(amplify, authFlowType=flow) == SIGNED_IN
        assert amplify.ask("fetchAuthSession", {"forceRefresh": True})["tokens"] is not None
        amplify.ask("signOut")

    sign_in(amplify)
    amplify.ask("forgetDevice")
    with pytest.raises(Refused) as nothing_to_forget:
        amplify.ask("forgetDevice", {"device": {"id": device["id"]}})
    assert refusal(nothing_to_forget) == NO_DEVICE
    amplify.ask("signOut")
    assert step(sign_in(amplify)) == "CONFIRM_SIGN_IN_WITH_TOTP_CODE"


@pytest.mark.parametrize("flow", ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"])
def test_a_device_that_was_forgotten_elsewhere_is_replaced(cognito, a_pool, a_user, in_pool, flow):
    pool = a_pool(DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": False})
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify)
    (gone,) = amplify.ask("fetchDevices")
    amplify.ask("signOut")
    cognito.admin_forget_device(UserPoolId=pool.pool_id, Username="ada", DeviceKey=gone["id"])

    assert sign_in(amplify, authFlowType=flow) == SIGNED_IN  # after dropping the key

    (new,) = amplify.ask("fetchDevices")
    assert new["id"] != gone["id"]


def test_passkeys_are_listed_and_deleted(cognito, a_pool, a_user, in_pool):
    pool = a_pool(client=CHOICE, Policies=FACTORS)
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool.pool_id,
        MfaConfiguration="OFF",
        WebAuthnConfiguration={"RelyingPartyId": "shop.example"},
    )
    a_user(pool, "ada")
    amplify = in_pool(pool)
    sign_in(amplify)
    # Amplify makes passkeys in browsers alone.
    token = amplify.ask("fetchAuthSession")["tokens"]["accessToken"]
    passkey = VirtualAuthenticator(origin="https://shop.example")
    options = cognito.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    cognito.complete_web_authn_registration(AccessToken=token, Credential=passkey.register(options))

    (listed,) = amplify.ask("listWebAuthnCredentials")["credentials"]
    amplify.ask("deleteWebAuthnCredential", {"credentialId": passkey.id})
    with pytest.raises(Refused) as unknown:
        amplify.ask("deleteWebAuthnCredential", {"credentialId": passkey.id})

    assert (listed["credentialId"], listed["relyingPartyId"]) == (passkey.id, "shop.example")
    assert amplify.ask("listWebAuthnCredentials")["credentials"] == []
    assert refusal(unknown) == ("ResourceNotFoundException", "Passkey does not exist.")
