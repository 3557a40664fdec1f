"""Devices: offered at a sign-in, confirmed, remembered, proven by SRP, forgotten."""

import base64
from datetime import UTC, timedelta

import pytest

from cognate.domain.attempts import FREE_FAILURES
from tests.stories.factor_steps import (
    ADA,
    EVERY_FLOW,
    INVALID_SESSION,
    LOCKED,
    PHONE,
    USED_SESSION,
    answer,
    assurance_of,
    choose,
    claims_of,
    mfa,
    password_of,
    prefer,
)
from tests.stories.refusals import refused
from tests.stories.srp_client import DeviceClient, SrpClient
from tests.stories.steps import INCORRECT, attributes, sign_in, tokens_of
from tests.stories.test_srp import N

GONE = ("ResourceNotFoundException", "Device does not exist.")
UNKNOWN_KEY = "us-east-1_11111111-2222-3333-4444-555555555555"


@pytest.fixture
def tracking(cognito, a_pool, a_client, a_user):
    """`tracking(prompt=False, skip=True)`: a user of a pool that tracks devices."""

    def create(*, prompt=False, skip=True, client=None, username="ada", **more):
        pool_id = a_pool(
            DeviceConfiguration={
                "ChallengeRequiredOnNewDevice": skip,
                "DeviceOnlyRememberedOnUserPrompt": prompt,
            },
            **more,
        )
        made = a_client(pool_id, ExplicitAuthFlows=EVERY_FLOW, **(client or {}))
        return a_user(
            pool_id=pool_id,
            client_id=made["ClientId"],
            username=username,
            attributes={"phone_number": PHONE},
        )

    return create


@pytest.fixture
def confirm(cognito):
    """`confirm(signed_in)`: the device that a sign-in offered confirms itself."""

    def create(signed_in, *, name=None):
        result = signed_in["AuthenticationResult"]
        device = DeviceClient(result["NewDeviceMetadata"])
        confirmed = cognito.confirm_device(
            AccessToken=result["AccessToken"],
            DeviceKey=device.key,
            DeviceSecretVerifierConfig=device.verifier_config,
            **({"DeviceName": name} if name else {}),
        )
        device.needs_confirmation = confirmed["UserConfirmationNecessary"]
        return device

    return create


def by_device(cognito, user, device, **more):
    """The answer to the right password from `device`."""
    return password_of(cognito, user, DEVICE_KEY=device.key, **more)


def proven(cognito, user, device, asked):
    """Both steps of the device's proof, from DEVICE_SRP_AUTH on."""
    verifier = answer(cognito, user.client_id, asked, USERNAME=user.username, **device.first())
    return answer(
        cognito, user.client_id, verifier, USERNAME=user.username, **device.proof(verifier)
    )


# --- the arithmetic ------------------------------------------------------------------------------


def test_the_tests_own_device_computes_what_the_specification_says():
    device = DeviceClient({"DeviceKey": UNKNOWN_KEY, "DeviceGroupKey": "-aBcDeFg1"})

    assert device.verifier_config["Salt"] == "AODh4uPk5ebn6Onq6+zt7u8="
    assert f"{device.x:x}" == ("e16ee981307a20b410865fe0cdca3b127c17a58c1b0ebede784d5b59ca610cd5")


# --- offered and confirmed -----------------------------------------------------------------------


def test_a_sign_in_without_a_device_is_offered_one(cognito, tracking):
    ada = tracking()

    first = password_of(cognito, ada)["AuthenticationResult"]["NewDeviceMetadata"]
    second = password_of(cognito, ada)["AuthenticationResult"]["NewDeviceMetadata"]

    assert first["DeviceKey"].startswith("us-east-1_")
    assert len(first["DeviceKey"]) == len("us-east-1_") + 36
    assert first["DeviceGroupKey"].startswith("-")
    assert len(first["DeviceGroupKey"]) == 9
    assert first["DeviceKey"] != second["DeviceKey"]
    assert cognito.admin_list_devices(UserPoolId=ada.pool_id, Username="ada")["Devices"] == []


def test_without_tracking_no_device_is_offered(cognito, a_user):
    ada = a_user()

    signed_in = password_of(cognito, ada, DEVICE_KEY=UNKNOWN_KEY)

    assert "NewDeviceMetadata" not in signed_in["AuthenticationResult"]


@pytest.mark.parametrize(
    "configuration",
    [{}, {"ChallengeRequiredOnNewDevice": False}, {"DeviceOnlyRememberedOnUserPrompt": True}],
)
def test_any_setting_switches_tracking_on(cognito, a_pool, a_user, configuration):
    ada = a_user(pool_id=a_pool(DeviceConfiguration=configuration))

    offered = "NewDeviceMetadata" in password_of(cognito, ada)["AuthenticationResult"]

    assert offered == bool(configuration)


@pytest.mark.parametrize("prompt", [False, True])
def test_confirming_remembers_unless_the_user_is_to_be_asked(cognito, tracking, confirm, prompt):
    ada = tracking(prompt=prompt)

    device = confirm(password_of(cognito, ada), name="Ada's telephone")
    [seen] = cognito.admin_list_devices(UserPoolId=ada.pool_id, Username="ada")["Devices"]

    assert device.needs_confirmation is prompt
    status = {one["Name"]: one["Value"] for one in seen["DeviceAttributes"]}
    assert status["dev:device_remembered_status"] == ("not_remembered" if prompt else "remembered")


def test_a_device_is_confirmed_once_and_by_its_user(cognito, tracking, confirm, a_user):
    ada = tracking()
    signed_in = password_of(cognito, ada)
    result = signed_in["AuthenticationResult"]
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    key = result["NewDeviceMetadata"]["DeviceKey"]
    config = DeviceClient(result["NewDeviceMetadata"]).verifier_config

    with refused(*GONE):
        cognito.confirm_device(
            AccessToken=tokens_of(cognito, bob)["AccessToken"],
            DeviceKey=key,
            DeviceSecretVerifierConfig=config,
        )
    with refused(*GONE):
        cognito.confirm_device(
            AccessToken=result["AccessToken"],
            DeviceKey=UNKNOWN_KEY,
            DeviceSecretVerifierConfig=config,
        )
    confirm(signed_in)
    with refused("DeviceKeyExistsException", "Device already exists."):
        confirm(signed_in)
    with refused("NotAuthorizedException", "Invalid Access Token"):
        cognito.confirm_device(
            AccessToken="a.b.c", DeviceKey=key, DeviceSecretVerifierConfig=config
        )


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (None, "Missing required parameter DeviceSecretVerifierConfig"),
        ({}, "Missing required parameter DeviceSecretVerifierConfig"),
        ({"Salt": "AQ=="}, "Missing required parameter DeviceSecretVerifierConfig"),
        ({"Salt": "%", "PasswordVerifier": "AQ=="}, "Invalid device secret verifier."),
        ({"Salt": "AQ==", "PasswordVerifier": "%"}, "Invalid device secret verifier."),
        ({"Salt": "AQ==", "PasswordVerifier": "AA=="}, "Invalid device secret verifier."),
        (
            {
                "Salt": "AQ==",
                "PasswordVerifier": base64.b64encode(b"\xff" * 385).decode(),
            },
            "Invalid device secret verifier.",
        ),
        (
            {"Salt": base64.b64encode(b"x" * 65).decode(), "PasswordVerifier": "BQ=="},
            "Invalid device secret salt.",
        ),
    ],
)
def test_what_is_no_verifier_is_refused(cognito, tracking, config, text):
    ada = tracking()
    result = password_of(cognito, ada)["AuthenticationResult"]

    with refused("InvalidParameterException", text):
        cognito.confirm_device(
            AccessToken=result["AccessToken"],
            DeviceKey=result["NewDeviceMetadata"]["DeviceKey"],
            **({} if config is None else {"DeviceSecretVerifierConfig": config}),
        )


# --- signing in from a device --------------------------------------------------------------------


def test_a_remembered_device_proves_itself(cognito, tracking, confirm, clock):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    clock.advance(timedelta(hours=1))

    asked = by_device(cognito, ada, device)
    verifier = answer(cognito, ada.client_id, asked, **device.first())
    signed_in = answer(cognito, ada.client_id, verifier, USERNAME="ada", **device.proof(verifier))

    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert asked["ChallengeParameters"] == {"USERNAME": "ada", "DEVICE_KEY": device.key}
    assert "AuthenticationResult" not in asked
    assert verifier["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"
    assert set(verifier["ChallengeParameters"]) == {
        "SRP_B",
        "SALT",
        "SECRET_BLOCK",
        "USERNAME",
        "DEVICE_KEY",
    }
    assert claims_of(signed_in)["device_key"] == device.key
    assert assurance_of(signed_in) == ("urn:cognito:loa:1", ["pwd"])
    assert "NewDeviceMetadata" not in signed_in["AuthenticationResult"]
    seen = cognito.admin_get_device(UserPoolId=ada.pool_id, Username="ada", DeviceKey=device.key)[
        "Device"
    ]
    assert seen["DeviceLastAuthenticatedDate"] == clock.now().replace(microsecond=0)


def test_a_remembered_device_stands_for_the_second_factor(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    mfa(cognito, ada.pool_id, "OPTIONAL", "SMS")
    prefer(cognito, ada, SMS={"Enabled": True})

    elsewhere = password_of(cognito, ada)
    asked = by_device(cognito, ada, device)
    signed_in = proven(cognito, ada, device, asked)

    assert elsewhere["ChallengeName"] == "SMS_MFA"
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert "AuthenticationResult" in signed_in


def test_where_the_pool_does_not_say_so_the_second_factor_is_asked_too(
    cognito, tracking, confirm, inbox
):
    ada = tracking(skip=False)
    device = confirm(password_of(cognito, ada))
    mfa(cognito, ada.pool_id, "OPTIONAL", "SMS")
    prefer(cognito, ada, SMS={"Enabled": True})

    asked = by_device(cognito, ada, device)
    then = answer(cognito, ada.client_id, asked, SMS_MFA_CODE=inbox(PHONE)[0].code)
    signed_in = proven(cognito, ada, device, then)

    assert asked["ChallengeName"] == "SMS_MFA"
    assert then["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert claims_of(signed_in)["device_key"] == device.key


def test_a_device_that_is_not_remembered_is_asked_for_nothing_and_excused_from_nothing(
    cognito, tracking, confirm
):
    ada = tracking(prompt=True)
    device = confirm(password_of(cognito, ada))
    plain = by_device(cognito, ada, device)
    mfa(cognito, ada.pool_id, "OPTIONAL", "SMS")
    prefer(cognito, ada, SMS={"Enabled": True})

    asked = by_device(cognito, ada, device)

    assert "AuthenticationResult" in plain
    assert "NewDeviceMetadata" not in plain["AuthenticationResult"]
    assert "device_key" not in claims_of(plain)
    assert asked["ChallengeName"] == "SMS_MFA"


def test_remembering_and_not_is_the_users_choice(cognito, tracking, confirm):
    ada = tracking(prompt=True)
    signed_in = password_of(cognito, ada)
    access_token = signed_in["AuthenticationResult"]["AccessToken"]
    device = confirm(signed_in)

    cognito.update_device_status(
        AccessToken=access_token, DeviceKey=device.key, DeviceRememberedStatus="remembered"
    )
    remembered = by_device(cognito, ada, device)
    cognito.admin_update_device_status(
        UserPoolId=ada.pool_id,
        Username="ada",
        DeviceKey=device.key,
        DeviceRememberedStatus="not_remembered",
    )

    assert remembered["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert "AuthenticationResult" in by_device(cognito, ada, device)


def test_after_srp_the_device_is_asked_for_in_the_same_way(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    client = SrpClient(ada.pool_id, ada.password)

    begun = cognito.initiate_auth(
        ClientId=ada.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=client.first("ada")
    )
    asked = answer(
        cognito, ada.client_id, begun, **{**client.proof(begun), "DEVICE_KEY": device.key}
    )

    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert "AuthenticationResult" in proven(cognito, ada, device, asked)


def test_a_chosen_password_asks_for_the_device_too(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))

    asked = choose(
        cognito,
        ada.client_id,
        PREFERRED_CHALLENGE="PASSWORD",
        PASSWORD=ada.password,
        DEVICE_KEY=device.key,
    )

    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"


def test_pycognito_answers_without_the_session(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    by_device(cognito, ada, device)

    def respond(challenge, **responses):
        return cognito.respond_to_auth_challenge(
            ClientId=ada.client_id,
            ChallengeName=challenge,
            ChallengeResponses={"USERNAME": "ada", **responses},
        )

    verifier = respond("DEVICE_SRP_AUTH", **device.first())
    signed_in = respond("DEVICE_PASSWORD_VERIFIER", **device.proof(verifier))

    assert claims_of(signed_in)["device_key"] == device.key
    with refused("NotAuthorizedException", USED_SESSION):
        respond("DEVICE_SRP_AUTH", **device.first())


def test_without_a_sign_in_that_waits_for_it_a_device_gets_no_answer(
    cognito, tracking, confirm, a_client, clock
):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    other = a_client(ada.pool_id)["ClientId"]

    def respond(client_id=ada.client_id, username="ada"):
        cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="DEVICE_SRP_AUTH",
            ChallengeResponses={"USERNAME": username, **device.first()},
        )

    with refused("NotAuthorizedException", INVALID_SESSION):
        respond()
    by_device(cognito, ada, device)
    with refused("NotAuthorizedException", INVALID_SESSION):
        respond(username="nobody")
    with refused("NotAuthorizedException", INVALID_SESSION):
        respond(client_id=other)
    clock.advance(timedelta(minutes=3))
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        respond()


def test_a_wrong_proof_is_refused_and_leaves_the_session_good(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    asked = by_device(cognito, ada, device)
    verifier = answer(cognito, ada.client_id, asked, **device.first())
    thief = DeviceClient({"DeviceKey": device.key, "DeviceGroupKey": device.group})
    thief.secret = base64.b64encode(b"guessed").decode()

    with refused("NotAuthorizedException", INCORRECT):
        answer(cognito, ada.client_id, verifier, USERNAME="ada", **thief.proof(verifier))
    with refused("InvalidParameterException", "Missing required parameter TIMESTAMP"):
        answer(
            cognito,
            ada.client_id,
            verifier,
            USERNAME="ada",
            **{**device.proof(verifier), "TIMESTAMP": ""},
        )
    signed_in = answer(cognito, ada.client_id, verifier, USERNAME="ada", **device.proof(verifier))

    assert "AuthenticationResult" in signed_in
    with refused("NotAuthorizedException", USED_SESSION):
        answer(cognito, ada.client_id, verifier, USERNAME="ada", **device.proof(verifier))


@pytest.mark.parametrize("number", ["0", "multiple of N"])
def test_a_first_number_that_needs_no_secret_is_refused(cognito, tracking, confirm, number):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    asked = by_device(cognito, ada, device)

    with refused("NotAuthorizedException", INCORRECT):
        answer(
            cognito,
            ada.client_id,
            asked,
            DEVICE_KEY=device.key,
            SRP_A="0" if number == "0" else f"{5 * N:x}",
        )


def test_another_device_cannot_take_ones_place(cognito, tracking, confirm):
    ada = tracking()
    first = confirm(password_of(cognito, ada))
    second = confirm(password_of(cognito, ada))
    asked = by_device(cognito, ada, first)

    with refused("InvalidParameterException", "DEVICE_KEY is not the device of this sign-in."):
        answer(cognito, ada.client_id, asked, **second.first())
    verifier = answer(cognito, ada.client_id, asked, **first.first())
    with refused("NotAuthorizedException", INCORRECT):
        answer(
            cognito,
            ada.client_id,
            verifier,
            USERNAME="ada",
            **{**second.proof(verifier), "DEVICE_KEY": first.key},
        )


def test_the_password_is_asked_for_on_a_known_device_as_well(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))

    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, ada.client_id, "ada", "Wrong-horse1!", DEVICE_KEY=device.key)


# --- devices that are not there ------------------------------------------------------------------


def test_an_unknown_device_is_told_so_wherever_it_is_named(cognito, tracking, confirm, a_user):
    ada = tracking()
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    bobs = confirm(password_of(cognito, bob))
    offered = password_of(cognito, ada)["AuthenticationResult"]["NewDeviceMetadata"]["DeviceKey"]

    for key in (UNKNOWN_KEY, bobs.key, offered):
        with refused(*GONE):
            password_of(cognito, ada, DEVICE_KEY=key)
        with refused(*GONE):
            choose(cognito, ada.client_id, DEVICE_KEY=key)
    client = SrpClient(ada.pool_id, ada.password)
    begun = cognito.initiate_auth(
        ClientId=ada.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=client.first("ada")
    )
    with refused(*GONE):
        answer(cognito, ada.client_id, begun, **{**client.proof(begun), "DEVICE_KEY": UNKNOWN_KEY})
    # Clients drop the key, and try again.
    signed_in = answer(cognito, ada.client_id, begun, **client.proof(begun))
    assert "NewDeviceMetadata" in signed_in["AuthenticationResult"]


def test_a_device_tells_nobody_who_exists(cognito, tracking):
    ada = tracking(client={"PreventUserExistenceErrors": "ENABLED"})

    for name in ("ada", "nobody"):
        with refused(*GONE):
            sign_in(cognito, ada.client_id, name, "Wrong-horse1!", DEVICE_KEY=UNKNOWN_KEY)


def test_a_device_forgotten_amid_the_sign_in_is_gone(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    asked = by_device(cognito, ada, device)
    other = by_device(cognito, ada, device)
    verifier = answer(cognito, ada.client_id, other, **device.first())

    cognito.admin_forget_device(UserPoolId=ada.pool_id, Username="ada", DeviceKey=device.key)

    with refused(*GONE):
        answer(cognito, ada.client_id, asked, **device.first())
    with refused(*GONE):
        answer(cognito, ada.client_id, verifier, USERNAME="ada", **device.proof(verifier))
    with refused(*GONE):
        by_device(cognito, ada, device)


# --- locks ---------------------------------------------------------------------------------------


def test_whoever_knows_only_the_name_does_not_lock_a_known_device_out(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    for _ in range(FREE_FAILURES):
        with refused("NotAuthorizedException", INCORRECT):
            sign_in(cognito, ada.client_id, "ada", "Wrong-horse1!")
    with refused("NotAuthorizedException", LOCKED):
        password_of(cognito, ada)

    signed_in = proven(cognito, ada, device, by_device(cognito, ada, device))

    assert "AuthenticationResult" in signed_in
    with refused("NotAuthorizedException", LOCKED):
        password_of(cognito, ada)  # for strangers it stays


def test_guesses_on_a_known_device_are_limited_like_others(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    for _ in range(FREE_FAILURES):
        with refused("NotAuthorizedException", INCORRECT):
            sign_in(cognito, ada.client_id, "ada", "Wrong-horse1!", DEVICE_KEY=device.key)

    with refused("NotAuthorizedException", LOCKED):
        by_device(cognito, ada, device)
    assert "AuthenticationResult" in password_of(cognito, ada)


def test_a_new_password_ends_every_lock(cognito, tracking, confirm, inbox):
    ada = tracking(AutoVerifiedAttributes=["email"])
    cognito.admin_update_user_attributes(
        UserPoolId=ada.pool_id,
        Username="ada",
        UserAttributes=[
            {"Name": "email", "Value": ADA},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    device = confirm(password_of(cognito, ada))
    for _ in range(FREE_FAILURES):
        with refused("NotAuthorizedException", INCORRECT):
            sign_in(cognito, ada.client_id, "ada", "Wrong-horse1!", DEVICE_KEY=device.key)
    cognito.forgot_password(ClientId=ada.client_id, Username="ada")
    cognito.confirm_forgot_password(
        ClientId=ada.client_id,
        Username="ada",
        ConfirmationCode=inbox(ADA)[0].code,
        Password="Fresh-horse1!",
    )

    asked = sign_in(cognito, ada.client_id, "ada", "Fresh-horse1!", DEVICE_KEY=device.key)

    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"


# --- refreshing ----------------------------------------------------------------------------------


def refreshed(cognito, user, refresh_token, **more):
    return cognito.initiate_auth(
        ClientId=user.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": refresh_token, **more},
    )


def test_confirming_binds_the_tokens_to_the_device(cognito, tracking, confirm):
    ada = tracking()
    signed_in = password_of(cognito, ada)
    token = signed_in["AuthenticationResult"]["RefreshToken"]
    before = refreshed(cognito, ada, token)
    device = confirm(signed_in)

    after = refreshed(cognito, ada, token, DEVICE_KEY=device.key)

    assert "device_key" not in claims_of(before)
    assert claims_of(after)["device_key"] == device.key
    with refused("NotAuthorizedException", "Invalid Refresh Token"):
        refreshed(cognito, ada, token)
    with refused("NotAuthorizedException", "Invalid Refresh Token"):
        refreshed(cognito, ada, token, DEVICE_KEY=UNKNOWN_KEY)
    with refused("NotAuthorizedException", "Invalid Refresh Token"):
        cognito.get_tokens_from_refresh_token(RefreshToken=token, ClientId=ada.client_id)
    again = cognito.get_tokens_from_refresh_token(
        RefreshToken=token, ClientId=ada.client_id, DeviceKey=device.key
    )
    assert claims_of(again)["device_key"] == device.key


def test_tokens_of_a_proven_device_are_its_own(cognito, tracking, confirm):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    signed_in = proven(cognito, ada, device, by_device(cognito, ada, device))
    token = signed_in["AuthenticationResult"]["RefreshToken"]

    with refused("NotAuthorizedException", "Invalid Refresh Token"):
        refreshed(cognito, ada, token)
    assert claims_of(refreshed(cognito, ada, token, DEVICE_KEY=device.key))["device_key"] == (
        device.key
    )


def test_a_forgotten_device_refreshes_nothing(cognito, tracking, confirm):
    ada = tracking()
    signed_in = password_of(cognito, ada)
    device = confirm(signed_in)
    result = signed_in["AuthenticationResult"]
    cognito.forget_device(AccessToken=result["AccessToken"], DeviceKey=device.key)

    with refused(*GONE):
        refreshed(cognito, ada, result["RefreshToken"], DEVICE_KEY=device.key)


def test_an_administrators_sign_in_is_not_refreshed_where_devices_are_tracked(cognito, tracking):
    ada = tracking()
    result = cognito.admin_initiate_auth(
        UserPoolId=ada.pool_id,
        ClientId=ada.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": ada.password},
    )["AuthenticationResult"]

    with refused("NotAuthorizedException", "Invalid Refresh Token"):
        refreshed(cognito, ada, result["RefreshToken"])


# --- looking after devices -----------------------------------------------------------------------


def test_users_and_administrators_see_a_device(cognito, tracking, confirm, clock):
    ada = tracking()
    began = clock.now()
    signed_in = password_of(cognito, ada)
    clock.advance(timedelta(milliseconds=1500))
    device = confirm(signed_in, name="Ada's telephone")
    access_token = signed_in["AuthenticationResult"]["AccessToken"]
    own = {
        "device_status": "valid",
        "device_name": "Ada's telephone",
        "last_ip_used": "127.0.0.1",
    }

    def shown(answered):
        return {one["Name"]: one["Value"] for one in answered["DeviceAttributes"]}

    by_user = cognito.get_device(AccessToken=access_token, DeviceKey=device.key)["Device"]
    [listed] = cognito.list_devices(AccessToken=access_token)["Devices"]
    by_admin = cognito.admin_get_device(
        UserPoolId=ada.pool_id, Username="ada", DeviceKey=device.key
    )["Device"]
    [admin_listed] = cognito.admin_list_devices(UserPoolId=ada.pool_id, Username="ada")["Devices"]

    owner = f"ada.{ada.pool_id}"
    arn = f"arn:aws:cognito-idp:us-east-1:000000000000:owner/{owner}/device/{device.key}"
    assert by_user == listed
    assert by_admin == admin_listed
    assert shown(by_user) == own
    assert shown(by_admin) == {
        **own,
        "dev:device_arn": arn,
        "dev:device_owner": owner,
        "dev:device_remembered_status": "remembered",
        "dev:device_sdk": "aws-sdk",
    }
    assert by_user["DeviceKey"] == device.key
    assert by_user["DeviceCreateDate"].astimezone(UTC) == began
    assert by_user["DeviceLastModifiedDate"].astimezone(UTC) == clock.now()
    assert by_user["DeviceLastAuthenticatedDate"].astimezone(UTC) == began.replace(microsecond=0)


def test_devices_are_listed_page_by_page(cognito, tracking, confirm, a_user):
    ada = tracking()
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    keys = {confirm(password_of(cognito, ada)).key for _ in range(5)}
    confirm(password_of(cognito, bob))
    access_token = tokens_of(cognito, ada)["AccessToken"]

    def pages(call, **arguments):
        seen: list[str] = []
        token: dict[str, str] = {}
        while True:
            page = call(Limit=2, **arguments, **token)
            assert len(page["Devices"]) <= 2
            seen += [one["DeviceKey"] for one in page["Devices"]]
            if "PaginationToken" not in page:
                return seen
            token = {"PaginationToken": page["PaginationToken"]}

    own = pages(cognito.list_devices, AccessToken=access_token)
    by_admin = pages(cognito.admin_list_devices, UserPoolId=ada.pool_id, Username="ada")
    first = cognito.list_devices(AccessToken=access_token, Limit=2)

    assert own == by_admin
    assert len(own) == 5
    assert set(own) == keys
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.list_devices(
            AccessToken=tokens_of(cognito, bob)["AccessToken"],
            PaginationToken=first["PaginationToken"],
        )


def test_a_device_is_forgotten(cognito, tracking, confirm):
    ada = tracking()
    signed_in = password_of(cognito, ada)
    access_token = signed_in["AuthenticationResult"]["AccessToken"]
    device = confirm(signed_in)
    second = confirm(password_of(cognito, ada))

    cognito.forget_device(AccessToken=access_token, DeviceKey=device.key)
    cognito.admin_forget_device(UserPoolId=ada.pool_id, Username="ada", DeviceKey=second.key)

    assert cognito.list_devices(AccessToken=access_token)["Devices"] == []
    for key in (device.key, second.key, UNKNOWN_KEY):
        with refused(*GONE):
            cognito.get_device(AccessToken=access_token, DeviceKey=key)
        with refused(*GONE):
            cognito.forget_device(AccessToken=access_token, DeviceKey=key)
        with refused(*GONE):
            cognito.update_device_status(
                AccessToken=access_token, DeviceKey=key, DeviceRememberedStatus="remembered"
            )
        with refused(*GONE):
            cognito.admin_get_device(UserPoolId=ada.pool_id, Username="ada", DeviceKey=key)
        with refused(*GONE):
            cognito.admin_forget_device(UserPoolId=ada.pool_id, Username="ada", DeviceKey=key)
        with refused(*GONE):
            cognito.admin_update_device_status(
                UserPoolId=ada.pool_id, Username="ada", DeviceKey=key
            )


def test_an_offered_device_is_none_yet(cognito, tracking):
    ada = tracking()
    result = password_of(cognito, ada)["AuthenticationResult"]
    key, token = result["NewDeviceMetadata"]["DeviceKey"], result["AccessToken"]

    with refused(*GONE):
        cognito.get_device(AccessToken=token, DeviceKey=key)
    with refused(*GONE):
        cognito.update_device_status(
            AccessToken=token, DeviceKey=key, DeviceRememberedStatus="remembered"
        )
    with refused(*GONE):
        cognito.forget_device(AccessToken=token, DeviceKey=key)


def test_one_user_does_not_reach_anothers_device(cognito, tracking, confirm, a_user):
    ada = tracking()
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    device = confirm(password_of(cognito, ada))
    bobs = tokens_of(cognito, bob)["AccessToken"]

    with refused(*GONE):
        cognito.get_device(AccessToken=bobs, DeviceKey=device.key)
    with refused(*GONE):
        cognito.forget_device(AccessToken=bobs, DeviceKey=device.key)
    with refused(*GONE):
        cognito.update_device_status(
            AccessToken=bobs, DeviceKey=device.key, DeviceRememberedStatus="not_remembered"
        )
    with refused(*GONE):
        cognito.admin_get_device(UserPoolId=ada.pool_id, Username="bob", DeviceKey=device.key)
    with refused("InvalidParameterException", "Missing required parameter AccessToken"):
        cognito.get_device(DeviceKey=device.key)


def test_a_deleted_users_devices_are_gone(cognito, tracking, confirm, a_user):
    ada = tracking()
    device = confirm(password_of(cognito, ada))
    cognito.admin_delete_user(UserPoolId=ada.pool_id, Username="ada")
    again = a_user(username="ada", pool_id=ada.pool_id, client_id=ada.client_id)

    with refused(*GONE):
        password_of(cognito, again, DEVICE_KEY=device.key)
    assert attributes(cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada"))
