"""Which second factors and passkeys a pool allows."""

from datetime import timedelta
from typing import Any

import pytest

from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x"}
OWN_EMAIL = {
    "EmailSendingAccount": "DEVELOPER",
    "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/a@example.com",
}
OFF_WITH_FACTOR = (
    "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
)
ON_WITHOUT_FACTOR = (
    "Invalid MFA configuration given, can't disable all MFAs with a required or optional"
    " configuration."
)


@pytest.fixture
def configured(cognito):
    def get(pool_id):
        return body_of(cognito.get_user_pool_mfa_config(UserPoolId=pool_id))

    return get


@pytest.fixture
def configure(cognito):
    def put(pool_id, **arguments):
        return body_of(cognito.set_user_pool_mfa_config(UserPoolId=pool_id, **arguments))

    return put


def body_of(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_an_untouched_pool_has_mfa_off(a_pool, configured):
    assert configured(a_pool()) == {"MfaConfiguration": "OFF"}


def test_everything_at_once_comes_back_as_it_was_given(cognito, a_pool, configure, configured):
    pool_id = a_pool(EmailConfiguration=OWN_EMAIL)
    given = {
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {
            "SmsAuthenticationMessage": "code {####}",
            "SmsConfiguration": SMS,
        },
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "EmailMfaConfiguration": {"Message": "code {####}", "Subject": "code"},
        "WebAuthnConfiguration": {
            "RelyingPartyId": "auth.example.com",
            "UserVerification": "required",
            "FactorConfiguration": "SINGLE_FACTOR",
        },
    }

    answer = configure(pool_id, **given)

    assert answer == given
    assert configured(pool_id) == given
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["MfaConfiguration"] == "OPTIONAL"
    assert pool["SmsConfiguration"] == SMS
    assert pool["SmsAuthenticationMessage"] == "code {####}"


def test_a_factor_left_out_is_turned_off(a_pool, configure, configured):
    pool_id = a_pool()
    configure(
        pool_id,
        MfaConfiguration="ON",
        SmsMfaConfiguration={"SmsConfiguration": SMS},
        SoftwareTokenMfaConfiguration={"Enabled": True},
        WebAuthnConfiguration={"RelyingPartyId": "auth.example.com"},
    )

    configure(pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True})

    assert configured(pool_id) == {
        "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
    }


def test_sms_uses_what_the_pool_has(a_pool, configure):
    pool_id = a_pool(SmsConfiguration=SMS, SmsAuthenticationMessage="code {####}")

    answer = configure(pool_id, MfaConfiguration="ON", SmsMfaConfiguration={})

    assert answer["SmsMfaConfiguration"] == {
        "SmsConfiguration": SMS,
        "SmsAuthenticationMessage": "code {####}",
    }


def test_a_factor_can_be_named_and_off(a_pool, configure):
    answer = configure(
        a_pool(), MfaConfiguration="OFF", SoftwareTokenMfaConfiguration={"Enabled": False}
    )

    assert answer == {
        "MfaConfiguration": "OFF",
        "SoftwareTokenMfaConfiguration": {"Enabled": False},
    }


@pytest.mark.parametrize(
    "relying_party", ["example.com", "auth.example.co.uk", "localhost", "a-b.example.com"]
)
def test_passkeys_need_no_mfa(a_pool, configure, relying_party):
    answer = configure(
        a_pool(),
        MfaConfiguration="OFF",
        WebAuthnConfiguration={"RelyingPartyId": relying_party, "UserVerification": "preferred"},
    )

    assert answer["WebAuthnConfiguration"] == {
        "RelyingPartyId": relying_party,
        "UserVerification": "preferred",
    }


def test_the_pool_is_modified(cognito, a_pool, configure, clock):
    pool_id = a_pool()
    later = clock.advance(timedelta(minutes=1))

    configure(pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True})

    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["LastModifiedDate"] == later


def test_a_pool_that_does_not_exist(cognito):
    text = f"User pool {NO_POOL} does not exist."

    with refused("ResourceNotFoundException", text):
        cognito.get_user_pool_mfa_config(UserPoolId=NO_POOL)
    with refused("ResourceNotFoundException", text):
        cognito.set_user_pool_mfa_config(UserPoolId=NO_POOL)


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "off with an app": (
        {"MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": {"Enabled": True}},
        OFF_WITH_FACTOR,
    ),
    "off with SMS": (
        {"MfaConfiguration": "OFF", "SmsMfaConfiguration": {"SmsConfiguration": SMS}},
        OFF_WITH_FACTOR,
    ),
    "off with e-mail": (
        {"MfaConfiguration": "OFF", "EmailMfaConfiguration": {"Subject": "code"}},
        OFF_WITH_FACTOR,
    ),
    "left out with an app": (
        {"SoftwareTokenMfaConfiguration": {"Enabled": True}},
        OFF_WITH_FACTOR,
    ),
    "on without a factor": ({"MfaConfiguration": "ON"}, ON_WITHOUT_FACTOR),
    "optional without a factor": (
        {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": False}},
        ON_WITHOUT_FACTOR,
    ),
    "on with nothing but passkeys": (
        {"MfaConfiguration": "ON", "WebAuthnConfiguration": {"RelyingPartyId": "example.com"}},
        ON_WITHOUT_FACTOR,
    ),
    "SMS without a sender": (
        {"MfaConfiguration": "ON", "SmsMfaConfiguration": {}},
        "SMS configuration and Auto verification for phone_number are required when MFA is"
        " required/optional",
    ),
    "e-mail without an own sender": (
        {"MfaConfiguration": "ON", "EmailMfaConfiguration": {"Subject": "code"}},
        "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an"
        " EmailSendingAccount of COGNITO_DEFAULT.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_configured(a_pool, configure, configured, fault):
    arguments, text = FAULTS[fault]
    pool_id = a_pool()

    with refused("InvalidParameterException", text):
        configure(pool_id, **arguments)

    assert configured(pool_id) == {"MfaConfiguration": "OFF"}


@pytest.mark.parametrize(
    "relying_party",
    ["com", "https://example.com", "example.com:443", "example.com/", "-a.example.com", "a..b"],
)
def test_a_relying_party_is_a_domain_name(a_pool, configure, relying_party):
    with refused(
        "InvalidParameterException",
        "RelyingPartyId must be a domain name that is not a public suffix.",
    ):
        configure(a_pool(), WebAuthnConfiguration={"RelyingPartyId": relying_party})


def test_e_mail_cannot_be_factor_and_only_way_to_recover(a_pool, configure):
    pool_id = a_pool(
        EmailConfiguration=OWN_EMAIL,
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
    )

    with refused(
        "InvalidParameterException",
        "Cannot set EmailMfaConfiguration when email is the only account recovery mechanism.",
    ):
        configure(pool_id, MfaConfiguration="ON", EmailMfaConfiguration={})


def test_mfa_by_e_mail_is_not_in_the_lite_tier(a_pool, configure):
    pool_id = a_pool(UserPoolTier="LITE", EmailConfiguration=OWN_EMAIL)

    with refused(
        "FeatureUnavailableInTierException",
        "The following features need to be disabled for the LITE pricing tier configured:"
        " Email MFA",
    ):
        configure(pool_id, MfaConfiguration="ON", EmailMfaConfiguration={})


def test_mfa_is_not_required_of_users_who_begin_with_a_code(a_pool, configure):
    pool_id = a_pool(
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    )

    with refused(
        "InvalidParameterException",
        "EMAIL_OTP and SMS_OTP cannot be first auth factors when MFA is required.",
    ):
        configure(pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True})
    configure(pool_id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration={"Enabled": True})
