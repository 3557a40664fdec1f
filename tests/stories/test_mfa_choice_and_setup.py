"""Several second factors to choose from, and none yet where one is required."""

from datetime import timedelta

import pytest

from cognate.domain.attempts import FREE_FAILURES
from tests.stories.factor_steps import (
    ADA,
    INVALID_SESSION,
    LOCKED,
    OWN_EMAIL,
    PHONE,
    USED_SESSION,
    WRONG_MESSAGE_CODE,
    Authenticator,
    answer,
    assurance_of,
    listed,
    mfa,
    password_of,
    prefer,
    register_app,
    with_attributes,
)
from tests.stories.refusals import refused
from tests.stories.steps import another, attributes, named, sign_in, tokens_of

MISMATCH = "Code mismatch and fail enable Software Token MFA"
STEP = timedelta(seconds=30)


@pytest.fixture
def pool(cognito, a_pool):
    """`pool("ON", "TOTP")`: a pool with this mode and these factors."""

    def create(mode, *factors, **more):
        pool_id = a_pool(EmailConfiguration=OWN_EMAIL, **more)
        if mode != "OFF":
            mfa(cognito, pool_id, mode, *factors)
        return pool_id

    return create


@pytest.fixture
def with_everything(cognito, pool, a_user, clock):
    """`with_everything()`: a user with all three factors switched on, and their app."""

    def create(mode="OPTIONAL"):
        pool_id = pool("OPTIONAL", "TOTP", "SMS", "EMAIL")
        user = a_user(pool_id=pool_id, attributes={"email": ADA, "phone_number": PHONE})
        app = register_app(cognito, clock, tokens_of(cognito, user)["AccessToken"])
        on = {"Enabled": True}
        prefer(cognito, user, SMS=on, Email=on, SoftwareToken=on)
        mfa(cognito, pool_id, mode, "TOTP", "SMS", "EMAIL")
        clock.advance(3 * STEP)
        return user, app

    return create


# --- what the mode means -------------------------------------------------------------------------


def test_off_asks_nobody(cognito, with_everything):
    ada, _ = with_everything()
    cognito.set_user_pool_mfa_config(UserPoolId=ada.pool_id, MfaConfiguration="OFF")

    signed_in = password_of(cognito, ada)

    assert assurance_of(signed_in) == ("urn:cognito:loa:1", ["pwd"])


def test_optional_asks_those_who_switched_a_factor_on(cognito, pool, a_user):
    pool_id = pool("OPTIONAL", "SMS")
    ada = a_user(pool_id=pool_id, attributes={"phone_number": PHONE})

    before = password_of(cognito, ada)
    prefer(cognito, ada, SMS={"Enabled": True})
    after = password_of(cognito, ada)

    assert "AuthenticationResult" in before
    assert after["ChallengeName"] == "SMS_MFA"


@pytest.mark.parametrize(
    ("factors", "attributes", "challenge"),
    [
        (("SMS",), {"phone_number": PHONE}, "SMS_MFA"),
        (("EMAIL",), {"email": ADA}, "EMAIL_OTP"),
        (("SMS", "EMAIL"), {"email": ADA}, "EMAIL_OTP"),
        (("SMS", "EMAIL"), {"email": ADA, "phone_number": PHONE}, "SELECT_MFA_TYPE"),
        (("TOTP", "SMS"), {"phone_number": PHONE}, "SMS_MFA"),
        (("TOTP", "SMS"), {}, "MFA_SETUP"),
        (("TOTP",), {"email": ADA, "phone_number": PHONE}, "MFA_SETUP"),
    ],
)
def test_on_asks_everybody_by_what_their_attributes_allow(
    cognito, pool, a_user, factors, attributes, challenge
):
    ada = a_user(pool_id=pool("ON", *factors), attributes=attributes)

    assert password_of(cognito, ada)["ChallengeName"] == challenge


def test_the_only_way_to_recover_an_account_is_no_second_factor(cognito, pool, a_user):
    pool_id = pool(
        "ON",
        "TOTP",
        "SMS",
        AccountRecoverySetting={
            "RecoveryMechanisms": [{"Name": "verified_phone_number", "Priority": 1}]
        },
    )
    ada = a_user(pool_id=pool_id, attributes={"phone_number": PHONE})

    assert password_of(cognito, ada)["ChallengeName"] == "MFA_SETUP"


def test_required_and_impossible_is_refused(cognito, pool, a_user):
    ada = a_user(pool_id=pool("ON", "SMS"))

    with refused(
        "InvalidParameterException",
        "MFA is required and the user has no method that can be used.",
    ):
        password_of(cognito, ada)


def test_a_registered_app_counts_in_a_pool_that_requires_mfa(cognito, pool, a_user, clock):
    pool_id = pool("OPTIONAL", "TOTP", "SMS")
    ada = a_user(pool_id=pool_id, attributes={"phone_number": PHONE})
    register_app(cognito, clock, tokens_of(cognito, ada)["AccessToken"])
    mfa(cognito, pool_id, "ON", "TOTP", "SMS")

    assert password_of(cognito, ada)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_an_app_stays_good_when_the_pool_offers_none_any_more(cognito, pool, a_user, clock):
    ada = a_user(pool_id=pool("OPTIONAL", "TOTP"), attributes={"phone_number": PHONE})
    app = register_app(cognito, clock, tokens_of(cognito, ada)["AccessToken"])
    prefer(cognito, ada, SoftwareToken={"Enabled": True})
    mfa(cognito, ada.pool_id, "OPTIONAL", "SMS")
    clock.advance(3 * STEP)

    asked = password_of(cognito, ada)

    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert "AuthenticationResult" in answer(
        cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code()
    )


def test_mfa_comes_behind_a_new_password(cognito, pool, a_client):
    pool_id = pool("ON", "SMS")
    client_id = a_client(pool_id)["ClientId"]
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="ada",
        TemporaryPassword="Temp0rary!",
        MessageAction="SUPPRESS",
        UserAttributes=named(phone_number=PHONE),
    )

    first = sign_in(cognito, client_id, "ada", "Temp0rary!")
    second = answer(cognito, client_id, first, NEW_PASSWORD="Fresh-horse1!")

    assert first["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert second["ChallengeName"] == "SMS_MFA"
    assert "AuthenticationResult" not in second


# --- choosing ------------------------------------------------------------------------------------


def test_a_user_with_several_factors_chooses(cognito, with_everything, inbox):
    ada, _ = with_everything()

    asked = password_of(cognito, ada)
    by_mail = answer(cognito, ada.client_id, asked, ANSWER="EMAIL_OTP")
    signed_in = answer(cognito, ada.client_id, by_mail, EMAIL_OTP_CODE=inbox(ADA)[0].code)

    assert asked["ChallengeName"] == "SELECT_MFA_TYPE"
    assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == "ada"
    assert set(listed(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"])) == {
        "SMS_MFA",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
    }
    assert by_mail["ChallengeName"] == "EMAIL_OTP"
    assert inbox(PHONE) == []
    assert assurance_of(signed_in) == ("urn:cognito:loa:3", ["pwd", "email_otp", "mfa"])


@pytest.mark.parametrize(
    ("chosen", "challenge"),
    [
        ("SMS_MFA", "SMS_MFA"),
        ("EMAIL_MFA", "EMAIL_OTP"),  # its name in one text of the service
        ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA"),
    ],
)
def test_every_choice_leads_to_its_challenge(cognito, with_everything, chosen, challenge):
    ada, _ = with_everything()
    asked = password_of(cognito, ada)

    assert answer(cognito, ada.client_id, asked, ANSWER=chosen)["ChallengeName"] == challenge
    with refused("NotAuthorizedException", USED_SESSION):
        answer(cognito, ada.client_id, asked, ANSWER=chosen)


def test_only_what_was_offered_can_be_chosen(cognito, pool, a_user):
    ada = a_user(
        pool_id=pool("ON", "SMS", "EMAIL"), attributes={"email": ADA, "phone_number": PHONE}
    )
    asked = password_of(cognito, ada)

    for wrong in ("SOFTWARE_TOKEN_MFA", "PASSWORD", "MFA_SETUP"):
        with refused("InvalidParameterException", f"{wrong} is not an MFA type of the user."):
            answer(cognito, ada.client_id, asked, ANSWER=wrong)
    with refused("InvalidParameterException", "Missing required parameter ANSWER"):
        answer(cognito, ada.client_id, asked)
    assert answer(cognito, ada.client_id, asked, ANSWER="SMS_MFA")["ChallengeName"] == "SMS_MFA"


def test_the_preferred_factor_is_asked_without_a_choice(cognito, with_everything):
    ada, _ = with_everything("ON")
    prefer(cognito, ada, SMS={"Enabled": True, "PreferredMfa": True})

    assert password_of(cognito, ada)["ChallengeName"] == "SMS_MFA"


# --- setting up at sign-in -----------------------------------------------------------------------


@pytest.fixture
def at_setup(cognito, pool, a_user):
    """`at_setup("TOTP")`: a user of a pool that requires MFA, and what they are asked."""

    def create(*factors, **more):
        ada = a_user(pool_id=pool("ON", *factors), **more)
        return ada, password_of(cognito, ada)

    return create


def test_an_app_is_set_up_while_signing_in(cognito, at_setup, clock):
    ada, asked = at_setup("TOTP")

    secret = cognito.associate_software_token(Session=asked["Session"])
    app = Authenticator(secret["SecretCode"], clock)
    verified = cognito.verify_software_token(
        Session=secret["Session"], UserCode=app.code(), FriendlyDeviceName="telephone"
    )
    signed_in = answer(cognito, ada.client_id, {**asked, "Session": verified["Session"]})
    clock.advance(3 * STEP)
    next_time = password_of(cognito, ada)

    assert asked["ChallengeName"] == "MFA_SETUP"
    assert asked["ChallengeParameters"] == {
        "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]',
        "USER_ID_FOR_SRP": "ada",
    }
    assert verified["Status"] == "SUCCESS"
    assert len({asked["Session"], secret["Session"], verified["Session"]}) == 3
    assert assurance_of(signed_in) == ("urn:cognito:loa:4", ["pwd", "otp", "mfa"])
    assert next_time["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert next_time["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"] == "telephone"
    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert stored["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]


def test_each_session_of_the_chain_serves_once(cognito, at_setup, clock):
    ada, asked = at_setup("TOTP")

    secret = cognito.associate_software_token(Session=asked["Session"])
    with refused("NotAuthorizedException", USED_SESSION):
        cognito.associate_software_token(Session=asked["Session"])
    app = Authenticator(secret["SecretCode"], clock)
    verified = cognito.verify_software_token(Session=secret["Session"], UserCode=app.code())
    with refused("NotAuthorizedException", USED_SESSION):
        cognito.verify_software_token(Session=secret["Session"], UserCode=app.code())
    last = {**asked, "Session": verified["Session"]}
    answer(cognito, ada.client_id, last)
    with refused("NotAuthorizedException", USED_SESSION):
        answer(cognito, ada.client_id, last)


def test_the_answer_needs_the_session_that_verifying_gave(cognito, at_setup):
    ada, asked = at_setup("TOTP")
    text = "MFA has not been set up with this session."

    with refused("InvalidParameterException", text):
        answer(cognito, ada.client_id, asked)
    with refused("InvalidParameterException", text):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE="123456")
    secret = cognito.associate_software_token(Session=asked["Session"])
    with refused("InvalidParameterException", text):
        answer(cognito, ada.client_id, {**asked, "Session": secret["Session"]})


def test_a_wrong_code_at_set_up_leaves_the_session_good(cognito, at_setup, clock):
    _, asked = at_setup("TOTP")
    secret = cognito.associate_software_token(Session=asked["Session"])
    app = Authenticator(secret["SecretCode"], clock)

    with refused("EnableSoftwareTokenMFAException", MISMATCH):
        cognito.verify_software_token(Session=secret["Session"], UserCode=app.another_code())
    verified = cognito.verify_software_token(Session=secret["Session"], UserCode=app.code())

    assert verified["Status"] == "SUCCESS"


def test_wrong_codes_at_set_up_lock_like_others(cognito, at_setup, clock):
    ada, asked = at_setup("TOTP")
    secret = cognito.associate_software_token(Session=asked["Session"])
    app = Authenticator(secret["SecretCode"], clock)
    for _ in range(FREE_FAILURES):
        with refused("EnableSoftwareTokenMFAException", MISMATCH):
            cognito.verify_software_token(Session=secret["Session"], UserCode=app.another_code())

    with refused("NotAuthorizedException", LOCKED):
        cognito.verify_software_token(Session=secret["Session"], UserCode=app.code())
    with refused("NotAuthorizedException", LOCKED):
        password_of(cognito, ada)


def test_verifying_registers_even_where_the_last_answer_never_comes(cognito, at_setup, clock):
    ada, asked = at_setup("TOTP")
    secret = cognito.associate_software_token(Session=asked["Session"])
    app = Authenticator(secret["SecretCode"], clock)
    cognito.verify_software_token(Session=secret["Session"], UserCode=app.code())

    assert password_of(cognito, ada)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_a_session_of_set_up_serves_its_user_and_client_only(
    cognito, at_setup, a_client, a_user, clock
):
    ada, asked = at_setup("TOTP")
    a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    other_client = a_client(ada.pool_id)["ClientId"]
    secret = cognito.associate_software_token(Session=asked["Session"])
    app = Authenticator(secret["SecretCode"], clock)
    verified = cognito.verify_software_token(Session=secret["Session"], UserCode=app.code())
    last = {**asked, "Session": verified["Session"]}

    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, ada.client_id, last, USERNAME="bob")
    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, other_client, last)
    assert "AuthenticationResult" in answer(cognito, ada.client_id, last)


def test_a_disabled_user_sets_nothing_up(cognito, at_setup):
    ada, asked = at_setup("TOTP")
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    with refused("NotAuthorizedException", "User is disabled."):
        cognito.associate_software_token(Session=asked["Session"])


def test_an_address_is_set_up_while_signing_in(cognito, at_setup, inbox):
    ada, asked = at_setup("TOTP", "EMAIL")

    by_mail = answer(cognito, ada.client_id, asked, EMAIL=ADA)
    code = inbox(ADA)[0].code
    with refused("CodeMismatchException", WRONG_MESSAGE_CODE):
        answer(cognito, ada.client_id, by_mail, EMAIL_OTP_CODE=another(code))
    before = attributes(cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada"))
    signed_in = answer(cognito, ada.client_id, by_mail, EMAIL_OTP_CODE=code)
    next_time = password_of(cognito, ada)

    assert listed(asked["ChallengeParameters"]["MFAS_CAN_SETUP"]) == [
        "SOFTWARE_TOKEN_MFA",
        "EMAIL_OTP",
    ]
    assert by_mail["ChallengeName"] == "EMAIL_OTP"
    assert by_mail["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "a***@e***"
    assert "email" not in before
    assert assurance_of(signed_in) == ("urn:cognito:loa:3", ["pwd", "email_otp", "mfa"])
    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert attributes(stored)["email"] == ADA
    assert attributes(stored)["email_verified"] == "true"
    assert stored["UserMFASettingList"] == ["EMAIL_OTP"]
    assert stored["PreferredMfaSetting"] == "EMAIL_OTP"
    assert next_time["ChallengeName"] == "EMAIL_OTP"


def test_an_address_cannot_be_set_up_where_it_is_no_factor(cognito, at_setup):
    ada, asked = at_setup("TOTP")

    with refused("InvalidParameterException", "MFA has not been set up with this session."):
        answer(cognito, ada.client_id, asked, EMAIL=ADA)


def test_what_is_no_address_is_refused(cognito, at_setup):
    ada, asked = at_setup("TOTP", "EMAIL")

    with refused("InvalidParameterException", "Invalid email address format."):
        answer(cognito, ada.client_id, asked, EMAIL="ada at example")


def test_an_address_that_signs_somebody_else_in_cannot_be_set_up(
    cognito, a_pool, a_client, a_user, inbox
):
    pool_id = a_pool(EmailConfiguration=OWN_EMAIL, UsernameAttributes=["email", "phone_number"])
    client_id = a_client(pool_id)["ClientId"]
    a_user(username=ADA, pool_id=pool_id, client_id=client_id)
    bob = a_user(username="+15550199", pool_id=pool_id, client_id=client_id)
    mfa(cognito, pool_id, "ON", "TOTP", "EMAIL")
    asked = sign_in(cognito, client_id, "+15550199", bob.password)
    by_mail = answer(cognito, client_id, asked, EMAIL=ADA)

    with refused("AliasExistsException", "An account with the given email already exists."):
        answer(cognito, client_id, by_mail, EMAIL_OTP_CODE=inbox(ADA)[0].code)


def test_a_telephone_number_given_to_the_user_ends_the_set_up(cognito, at_setup):
    ada, asked = at_setup("TOTP", "SMS")
    with_attributes(cognito, ada, phone_number=PHONE)

    again = password_of(cognito, ada)

    assert asked["ChallengeName"] == "MFA_SETUP"
    assert again["ChallengeName"] == "SMS_MFA"


def test_a_self_registered_user_is_led_to_set_up(cognito, pool, a_client, inbox):
    pool_id = pool("ON", "TOTP", AutoVerifiedAttributes=["email"])
    client_id = a_client(pool_id)["ClientId"]
    cognito.sign_up(
        ClientId=client_id,
        Username="ada",
        Password="Correct-horse1!",
        UserAttributes=named(email=ADA),
    )
    cognito.confirm_sign_up(ClientId=client_id, Username="ada", ConfirmationCode=inbox(ADA)[0].code)

    asked = sign_in(cognito, client_id, "ada", "Correct-horse1!")

    assert asked["ChallengeName"] == "MFA_SETUP"
