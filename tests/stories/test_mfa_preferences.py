"""Switching one's second factors on and off, and choosing the one asked first."""

import pytest

from tests.stories.factor_steps import (
    ADA,
    OWN_EMAIL,
    PHONE,
    mfa,
    password_of,
    prefer,
    register_app,
)
from tests.stories.refusals import refused
from tests.stories.steps import tokens_of

ON, OFF = {"Enabled": True}, {"Enabled": False}
FIRST = {"Enabled": True, "PreferredMfa": True}


def lacking(factor):
    return f"User does not have delivery config set to turn on {factor}"


@pytest.fixture
def ada(cognito, a_pool, a_user):
    """A user of a pool where all factors are optional, with both addresses."""
    pool_id = a_pool(EmailConfiguration=OWN_EMAIL)
    mfa(cognito, pool_id, "OPTIONAL", "TOTP", "SMS", "EMAIL")
    return a_user(pool_id=pool_id, attributes={"email": ADA, "phone_number": PHONE})


@pytest.fixture
def preferences(cognito):
    """`preferences(ada)` → (what is switched on, what is asked first), by every answer alike."""

    def read(user):
        stored = cognito.admin_get_user(UserPoolId=user.pool_id, Username=user.username)
        factors = cognito.admin_get_user_auth_factors(
            UserPoolId=user.pool_id, Username=user.username
        )
        for answer in (stored, factors):
            assert answer.get("UserMFASettingList") == stored.get("UserMFASettingList")
            assert answer.get("PreferredMfaSetting") == stored.get("PreferredMfaSetting")
        return stored.get("UserMFASettingList"), stored.get("PreferredMfaSetting")

    return read


def test_nothing_is_shown_where_nothing_is_set(cognito, ada, preferences):
    assert preferences(ada) == (None, None)
    own = cognito.get_user(AccessToken=tokens_of(cognito, ada)["AccessToken"])
    assert "UserMFASettingList" not in own
    assert "PreferredMfaSetting" not in own


def test_a_user_switches_factors_on_and_prefers_one(cognito, ada, preferences):
    access_token = tokens_of(cognito, ada)["AccessToken"]

    cognito.set_user_mfa_preference(
        AccessToken=access_token, SMSMfaSettings=ON, EmailMfaSettings=FIRST
    )

    assert preferences(ada) == (["SMS_MFA", "EMAIL_OTP"], "EMAIL_OTP")
    own = cognito.get_user(AccessToken=access_token)
    assert own["UserMFASettingList"] == ["SMS_MFA", "EMAIL_OTP"]
    assert own["PreferredMfaSetting"] == "EMAIL_OTP"
    factors = cognito.get_user_auth_factors(AccessToken=access_token)
    assert factors["Username"] == "ada"
    assert factors["ConfiguredUserAuthFactors"] == ["PASSWORD"]


def test_what_is_left_out_stays(cognito, ada, preferences):
    prefer(cognito, ada, SMS=ON, Email=FIRST)

    prefer(cognito, ada, SMS=OFF)
    without_sms = preferences(ada)
    prefer(cognito, ada, Email=ON)

    assert without_sms == (["EMAIL_OTP"], "EMAIL_OTP")
    assert preferences(ada) == (["EMAIL_OTP"], "EMAIL_OTP")


def test_a_new_preference_takes_the_old_ones_place(cognito, ada, preferences):
    prefer(cognito, ada, Email=FIRST)
    prefer(cognito, ada, SMS=FIRST)

    assert preferences(ada)[1] == "SMS_MFA"
    assert password_of(cognito, ada)["ChallengeName"] == "SMS_MFA"


@pytest.mark.parametrize("wanted", [OFF, {"Enabled": True, "PreferredMfa": False}])
def test_a_preference_is_given_up(cognito, ada, preferences, wanted):
    prefer(cognito, ada, SMS=FIRST, Email=ON)

    prefer(cognito, ada, SMS=wanted)

    assert preferences(ada)[1] is None


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"SoftwareToken": ON}, lacking("SOFTWARE_TOKEN_MFA")),
        ({"SMS": FIRST, "Email": FIRST}, "Only one MFA method can be preferred."),
        (
            {"SMS": {"Enabled": False, "PreferredMfa": True}},
            "A preferred MFA method has to be enabled.",
        ),
    ],
)
def test_what_cannot_be_set_is_refused(cognito, ada, preferences, wanted, text):
    access_token = tokens_of(cognito, ada)["AccessToken"]
    prefer(cognito, ada, SMS=ON)

    with refused("InvalidParameterException", text):
        prefer(cognito, ada, **wanted)
    with refused("InvalidParameterException", text):
        cognito.set_user_mfa_preference(
            AccessToken=access_token,
            **{f"{name}MfaSettings": value for name, value in wanted.items()},
        )

    assert preferences(ada) == (["SMS_MFA"], None)


@pytest.mark.parametrize(("setting", "factor"), [("SMS", "SMS_MFA"), ("Email", "EMAIL_OTP")])
def test_a_factor_needs_an_address(cognito, a_pool, a_user, setting, factor):
    pool_id = a_pool(EmailConfiguration=OWN_EMAIL)
    mfa(cognito, pool_id, "OPTIONAL", "SMS", "EMAIL")
    bob = a_user(username="bob", pool_id=pool_id)

    with refused("InvalidParameterException", lacking(factor)):
        prefer(cognito, bob, **{setting: ON})


def test_strangers_and_unknown_pools_are_called_so(cognito, ada):
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_set_user_mfa_preference(
            UserPoolId=ada.pool_id, Username="nobody", SMSMfaSettings=ON
        )
    with refused("ResourceNotFoundException", "User pool us-east-1_nowhere does not exist."):
        cognito.admin_set_user_mfa_preference(
            UserPoolId="us-east-1_nowhere", Username="ada", SMSMfaSettings=ON
        )
    with refused("NotAuthorizedException", "Invalid Access Token"):
        cognito.set_user_mfa_preference(AccessToken="a.b.c", SMSMfaSettings=ON)


# --- where MFA is required -----------------------------------------------------------------------


def test_mfa_cannot_be_switched_off_where_it_is_required(cognito, ada, preferences):
    access_token = tokens_of(cognito, ada)["AccessToken"]
    prefer(cognito, ada, SMS=ON, Email=ON)
    mfa(cognito, ada.pool_id, "ON", "TOTP", "SMS", "EMAIL")
    text = "MFA is required in the user pool."

    prefer(cognito, ada, Email=OFF)  # one is left
    with refused("InvalidParameterException", text):
        prefer(cognito, ada, SMS=OFF)
    with refused("InvalidParameterException", text):
        cognito.set_user_mfa_preference(AccessToken=access_token, SMSMfaSettings=OFF)
    with refused("InvalidParameterException", text):
        cognito.set_user_settings(AccessToken=access_token, MFAOptions=[])
    with refused("InvalidParameterException", text):
        cognito.admin_set_user_settings(UserPoolId=ada.pool_id, Username="ada", MFAOptions=[])
    prefer(cognito, ada, SMS=OFF, Email=ON)  # another in its place

    assert preferences(ada) == (["EMAIL_OTP"], None)


def test_an_app_cannot_be_switched_off_where_mfa_is_required(cognito, ada, preferences, clock):
    register_app(cognito, clock, tokens_of(cognito, ada)["AccessToken"])
    prefer(cognito, ada, SoftwareToken=ON)
    mfa(cognito, ada.pool_id, "ON", "TOTP", "SMS", "EMAIL")

    with refused("InvalidParameterException", "MFA is required in the user pool."):
        prefer(cognito, ada, SoftwareToken=OFF)

    assert preferences(ada) == (["SOFTWARE_TOKEN_MFA"], None)


# --- the old operation ---------------------------------------------------------------------------


def test_the_old_operation_switches_sms(cognito, ada, preferences):
    access_token = tokens_of(cognito, ada)["AccessToken"]
    sms = [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]

    cognito.set_user_settings(AccessToken=access_token, MFAOptions=sms)
    switched_on = preferences(ada)
    cognito.admin_set_user_settings(UserPoolId=ada.pool_id, Username="ada", MFAOptions=[])

    assert switched_on == (["SMS_MFA"], None)
    assert preferences(ada) == (None, None)
    for wrong in (
        {"DeliveryMedium": "EMAIL", "AttributeName": "email"},
        {"DeliveryMedium": "SMS", "AttributeName": "email"},
    ):
        with refused("InvalidParameterException", "Only SMS to phone_number can be set."):
            cognito.set_user_settings(AccessToken=access_token, MFAOptions=[wrong])
