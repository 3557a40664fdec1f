"""Which factors a user has and may use, and what a sign-in asks for next, as tables."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cognate.domain import assurance, factors
from cognate.domain.ids import PoolId, Sub
from cognate.domain.pools import (
    DeviceSettings,
    MfaSettings,
    Pool,
    RecoveryOption,
    WebAuthnSettings,
)
from cognate.domain.users import MfaPreference, User, UserStatus
from cognate.errors import InvalidParameterException, NotAuthorizedException
from cognate.signin.steps import Progress, next_challenge, second_factors

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SMS, MAIL, APP = "SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"
BOTH = WebAuthnSettings(factor_configuration=factors.MULTI_FACTOR_PASSKEY)
PHONE = {"phone_number": "+15550100"}
ADDRESS = {"email": "ada@example.com"}
PROVEN_PHONE = {**PHONE, "phone_number_verified": "true"}


def pool(mode="OFF", *offered, **more):
    mfa = MfaSettings(
        mode=mode,
        sms_enabled=SMS in offered,
        email_enabled=MAIL in offered,
        software_token_enabled=APP in offered,
    )
    return Pool(
        pool_id=PoolId("us-east-1_p"),
        name="p",
        region="us-east-1",
        account_id="000000000000",
        created_at=NOW,
        modified_at=NOW,
        data_key_id="k",
        signing_keys=(),
        mfa=mfa,
        **more,
    )


def user(*enabled, attributes=None, preferred=None, app=False, **more):
    return User(
        pool_id=PoolId("us-east-1_p"),
        sub=Sub("s"),
        username="ada",
        status=more.pop("status", UserStatus.CONFIRMED),
        created_at=NOW,
        modified_at=NOW,
        attributes=attributes or {},
        mfa=MfaPreference(
            enabled=enabled,
            preferred=preferred,
            software_token=app,
            passkey=more.pop("passkey", None),
        ),
    )


# --- second factors ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "who", "active"),
    [
        (pool("ON", SMS, MAIL, APP), user(), ()),
        (pool("OPTIONAL", SMS), user(SMS, attributes=PHONE), (SMS,)),
        (pool("OPTIONAL", SMS), user(SMS), ()),  # switched on, and the number is gone
        (pool("OPTIONAL", SMS), user(attributes=PHONE), ()),
        (pool("OPTIONAL", MAIL), user(SMS, attributes=PHONE), ()),  # the pool offers it no more
        (pool("OPTIONAL", MAIL), user(MAIL, attributes=ADDRESS), (MAIL,)),
        (pool("OPTIONAL", APP), user(app=True), ()),
        (pool("OPTIONAL", APP), user(APP, app=True), (APP,)),
        (pool("OPTIONAL", SMS), user(APP, app=True), (APP,)),  # an app stays good
        (pool("OPTIONAL", APP), user(APP), ()),
        (pool("ON", APP), user(app=True), (APP,)),
        (
            pool("ON", SMS, MAIL, APP),
            user(APP, SMS, MAIL, app=True, attributes={**PHONE, **ADDRESS}),
            (SMS, MAIL, APP),
        ),
    ],
)
def test_active_second_factors(of, who, active):
    assert factors.active_second_factors(of, who) == active


PHONE_ONLY = (RecoveryOption(name="verified_phone_number", priority=1),)
EITHER = (*PHONE_ONLY, RecoveryOption(name="verified_email", priority=2))


@pytest.mark.parametrize(
    ("of", "attributes", "usable"),
    [
        (pool("ON", SMS, MAIL), {**PHONE, **ADDRESS}, (SMS, MAIL)),
        (pool("ON", SMS, MAIL), ADDRESS, (MAIL,)),
        (pool("ON", SMS), ADDRESS, ()),
        (pool("ON", SMS, recovery=PHONE_ONLY), PHONE, ()),
        (pool("ON", SMS, recovery=EITHER), PHONE, (SMS,)),
    ],
)
def test_factors_that_attributes_allow(of, attributes, usable):
    assert factors.factors_from_attributes(of, user(attributes=attributes)) == usable


# --- first factors -------------------------------------------------------------------------------

ALL = ("PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
PASSWORDS = ("PASSWORD_SRP", "PASSWORD")
EVERYTHING = {"has_password": True, "has_passkey": True}


@pytest.mark.parametrize(
    ("of", "who", "has", "offered"),
    [
        (pool(first_factors=ALL), user(attributes={**PHONE, **ADDRESS}), EVERYTHING,
         (*PASSWORDS, "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")),
        (pool(first_factors=ALL), user(), EVERYTHING, (*PASSWORDS, "WEB_AUTHN")),
        (pool(first_factors=ALL), user(attributes=ADDRESS),
         {"has_password": False, "has_passkey": False}, ("EMAIL_OTP",)),
        (pool(), user(attributes=ADDRESS), EVERYTHING, PASSWORDS),
        (pool(first_factors=ALL), user(attributes=ADDRESS, status=UserStatus.FORCE_CHANGE_PASSWORD),
         EVERYTHING, PASSWORDS),
        # A second factor is due: what stands alone is not offered, but a passkey for both.
        (pool("OPTIONAL", SMS, first_factors=ALL), user(SMS, attributes={**PHONE, **ADDRESS}),
         EVERYTHING, PASSWORDS),
        (pool("OPTIONAL", SMS, first_factors=ALL), user(attributes=ADDRESS), EVERYTHING,
         (*PASSWORDS, "EMAIL_OTP", "WEB_AUTHN")),
        (pool("ON", SMS, first_factors=ALL), user(attributes=ADDRESS), EVERYTHING, PASSWORDS),
        (pool("ON", SMS, first_factors=ALL, web_authn=BOTH), user(), EVERYTHING,
         (*PASSWORDS, "WEB_AUTHN")),
        (pool("ON", SMS, first_factors=ALL, web_authn=BOTH), user(passkey=False), EVERYTHING,
         PASSWORDS),
        (pool("ON", SMS, first_factors=ALL, web_authn=BOTH), user(passkey=True), EVERYTHING,
         (*PASSWORDS, "WEB_AUTHN")),
    ],
)  # fmt: skip
def test_first_factors(of, who, has, offered):
    assert factors.first_factors(of, who, **has) == offered


# --- levels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("methods", "level", "amr"),
    [
        (("pwd",), 1, ("pwd",)),
        (("sms",), 2, ("sms",)),
        (("email_otp",), 2, ("email_otp",)),
        (("hwk",), 3, ("hwk",)),
        (("swk",), 3, ("swk",)),
        (("pwd", "sms"), 3, ("pwd", "sms", "mfa")),
        (("pwd", "email_otp"), 3, ("pwd", "email_otp", "mfa")),
        (("pwd", "otp"), 4, ("pwd", "otp", "mfa")),
        (("email_otp", "pwd", "otp"), 4, ("email_otp", "pwd", "otp", "mfa")),
        (("pwd", "hwk"), 3, ("pwd", "hwk", "mfa")),
        (("pwd", "pwd"), 1, ("pwd",)),
        (("email_otp", "sms"), 2, ("email_otp", "sms", "mfa")),
        (("otp",), 1, ("otp",)),
        ((), 1, ()),
    ],
)
def test_levels_and_methods(methods, level, amr):
    assert assurance.level_of(methods) == level
    assert assurance.authentication_methods(methods) == amr


def test_levels_are_asked_for_by_the_pools_names():
    names = pool(given_acr_values={"Level3": "urn:shop:strong"}).acr_values

    assert assurance.levels_asked("urn:shop:strong urn:cognito:loa:1", names) == (3, 1)
    assert assurance.levels_asked("urn:cognito:loa:3 other", names) == ()
    assert assurance.levels_asked("", names) == ()


# --- what comes next -----------------------------------------------------------------------------

PASSWORD = Progress(methods=("pwd",))
REMEMBERED = Progress(methods=("pwd",), remembered_device=True)
REPLACES_MFA = DeviceSettings(challenge_required_on_new_device=True)
BESIDE_MFA = DeviceSettings(challenge_required_on_new_device=False)
TEMPORARY = UserStatus.FORCE_CHANGE_PASSWORD
WITH_SMS = user(SMS, attributes=PHONE)
WITH_BOTH = user(SMS, APP, app=True, attributes=PHONE)


@pytest.mark.parametrize(
    ("of", "who", "progress", "challenge"),
    [
        # OFF asks nobody, OPTIONAL those who want it, ON everybody.
        (pool("OFF"), WITH_SMS, PASSWORD, None),
        (pool("OPTIONAL", SMS), user(attributes=PHONE), PASSWORD, None),
        (pool("OPTIONAL", SMS), WITH_SMS, PASSWORD, SMS),
        (pool("ON", SMS), user(attributes=PHONE), PASSWORD, SMS),
        (pool("ON", SMS, MAIL), user(attributes={**PHONE, **ADDRESS}), PASSWORD, "SELECT_MFA_TYPE"),
        (pool("ON", APP, MAIL), user(), PASSWORD, "MFA_SETUP"),
        (pool("ON", APP, SMS), user(app=True, attributes=PHONE), PASSWORD, APP),
        # One, the preferred one, or a choice.
        (pool("OPTIONAL", SMS, APP), WITH_BOTH, PASSWORD, "SELECT_MFA_TYPE"),
        (
            pool("OPTIONAL", SMS, APP),
            replace(WITH_BOTH, mfa=replace(WITH_BOTH.mfa, preferred=APP)),
            PASSWORD,
            APP,
        ),
        (pool("OPTIONAL", SMS), user(SMS, attributes=PHONE, preferred=APP), PASSWORD, SMS),
        # Proven is proven; another factor than theirs is not.
        (pool("OPTIONAL", SMS), WITH_SMS, Progress(methods=("pwd", "sms")), None),
        (pool("OPTIONAL", SMS), WITH_SMS, Progress(methods=("email_otp", "pwd")), SMS),
        (pool("ON", SMS), user(attributes=PHONE), Progress(methods=("pwd", "sms")), None),
        (pool("ON", APP), user(APP, app=True), Progress(methods=("pwd", "otp")), None),
        # A temporary password comes first.
        (pool("ON", SMS), user(status=TEMPORARY), PASSWORD, "NEW_PASSWORD_REQUIRED"),
        (
            pool("ON", SMS),
            user(status=TEMPORARY, attributes=PHONE),
            Progress(methods=("pwd",), answered=("NEW_PASSWORD_REQUIRED",)),
            SMS,
        ),
        # What comes without a password stands alone.
        (pool(), user(), Progress(methods=("email_otp",)), None),
        (pool("OPTIONAL", SMS), user(), Progress(methods=("hwk",)), None),
        (pool("ON", SMS, web_authn=BOTH), user(), Progress(methods=("hwk",)), None),
        # A remembered device is asked for, in place of a second factor or beside it.
        (pool(device=BESIDE_MFA), user(), REMEMBERED, "DEVICE_SRP_AUTH"),
        (pool("OPTIONAL", SMS, device=REPLACES_MFA), WITH_SMS, REMEMBERED, "DEVICE_SRP_AUTH"),
        (pool("OPTIONAL", SMS, device=BESIDE_MFA), WITH_SMS, REMEMBERED, SMS),
        (
            pool("OPTIONAL", SMS, device=BESIDE_MFA),
            WITH_SMS,
            replace(REMEMBERED, methods=("pwd", "sms")),
            "DEVICE_SRP_AUTH",
        ),
        (
            pool("OPTIONAL", SMS, device=REPLACES_MFA),
            WITH_SMS,
            replace(REMEMBERED, answered=("DEVICE_PASSWORD_VERIFIER",)),
            None,
        ),
        (pool("OPTIONAL", SMS, device=REPLACES_MFA), WITH_SMS, PASSWORD, SMS),
        (pool("ON", SMS, device=REPLACES_MFA), user(), REMEMBERED, "DEVICE_SRP_AUTH"),
        # Risk asks even there.
        (
            pool("OPTIONAL", SMS, device=REPLACES_MFA),
            WITH_SMS,
            replace(REMEMBERED, demanded="if configured"),
            SMS,
        ),
        # A level that was asked for.
        (pool("OPTIONAL", APP), user(app=True), replace(PASSWORD, targets=(4,)), APP),
        (
            pool("OPTIONAL", SMS, APP),
            user(app=True, attributes=PROVEN_PHONE),
            replace(PASSWORD, targets=(3,)),
            "SELECT_MFA_TYPE",
        ),
        (
            pool("OPTIONAL", SMS, APP),
            user(app=True, attributes=PHONE),  # the number is not proven
            replace(PASSWORD, targets=(3,)),
            APP,
        ),
        (pool("OPTIONAL", SMS, APP), WITH_BOTH, replace(PASSWORD, targets=(4,)), APP),
        (
            pool("OPTIONAL", SMS, APP),
            user(SMS, app=True, attributes=PHONE),
            Progress(methods=("pwd", "otp"), targets=(4,)),
            SMS,  # at the level, and the user's own second factor is still due
        ),
        (pool("OPTIONAL", APP), user(app=True), replace(PASSWORD, targets=(1,)), None),
        (pool("OPTIONAL", SMS), user(attributes=PROVEN_PHONE), replace(PASSWORD, targets=(4, 3)),
         SMS),
        (pool(), user(), Progress(methods=("email_otp",), targets=(4, 2)), None),
        (pool("ON", APP), user(), replace(PASSWORD, targets=(4,)), "MFA_SETUP"),
    ],
)  # fmt: skip
def test_what_comes_next(of, who, progress, challenge):
    assert next_challenge(of, who, progress) == challenge


@pytest.mark.parametrize(
    ("of", "who", "progress", "error"),
    [
        (pool("ON", SMS), user(), PASSWORD, InvalidParameterException),
        (pool("ON", SMS), user(), Progress(methods=("hwk",)), NotAuthorizedException),
        (pool("OPTIONAL", SMS), WITH_SMS, Progress(methods=("email_otp",)), NotAuthorizedException),
        (pool("OPTIONAL", SMS), WITH_SMS, Progress(methods=("sms",)), NotAuthorizedException),
        (
            pool("ON", SMS, web_authn=BOTH),
            user(passkey=False),
            Progress(methods=("hwk",)),
            NotAuthorizedException,
        ),
        (pool(), user(app=True), replace(PASSWORD, targets=(4,)), InvalidParameterException),
        (pool(), user(), Progress(methods=("sms",), targets=(3,)), InvalidParameterException),
        (pool(), user(), replace(PASSWORD, demanded="required"), NotAuthorizedException),
    ],
)
def test_what_cannot_go_on_is_refused(of, who, progress, error):
    with pytest.raises(error):
        next_challenge(of, who, progress)


def test_the_choices_are_those_that_lead_on():
    of = pool("OPTIONAL", SMS, MAIL, APP)
    who = user(SMS, APP, app=True, attributes={**PHONE, **ADDRESS})

    assert second_factors(of, who, ("pwd",), ()) == (SMS, APP)
    assert second_factors(of, who, ("pwd",), (4,)) == (APP,)
    assert second_factors(of, who, ("pwd",), (3,)) == (SMS, APP)
