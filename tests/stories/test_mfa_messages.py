"""Codes by SMS and e-mail as second factors."""

from datetime import timedelta

import pytest

from cognate.domain.attempts import FREE_FAILURES
from tests.stories.factor_steps import (
    ADA,
    EXPIRED_SESSION,
    INVALID_SESSION,
    LOCKED,
    OWN_EMAIL,
    PHONE,
    USED_SESSION,
    WRONG_MESSAGE_CODE,
    answer,
    assurance_of,
    at_once,
    mfa,
    password_of,
    prefer,
    texts_of,
    with_attributes,
)
from tests.stories.refusals import refused
from tests.stories.steps import INCORRECT, another, attributes, sign_in, tokens_of

BY = {
    "SMS": ("SMS_MFA", "SMS_MFA_CODE", PHONE),
    "EMAIL": ("EMAIL_OTP", "EMAIL_OTP_CODE", ADA),
}


@pytest.fixture
def with_code(cognito, a_pool, a_user):
    """`with_code("SMS")`: a user of a pool where MFA is optional, who is sent codes."""

    def create(*channels, username="ada", pool_id=None, client_id=None, **more):
        pool_id = pool_id or a_pool(EmailConfiguration=OWN_EMAIL, **more)
        mfa(cognito, pool_id, "OPTIONAL", "SMS", "EMAIL")
        user = a_user(
            username=username,
            pool_id=pool_id,
            client_id=client_id,
            attributes={"email": ADA, "phone_number": PHONE},
        )
        settings = {"SMS": "SMS", "EMAIL": "Email"}
        prefer(cognito, user, **{settings[one]: {"Enabled": True} for one in channels})
        return user

    return create


@pytest.mark.parametrize(
    ("channel", "medium", "masked", "acr", "amr"),
    [
        ("SMS", "SMS", "+****0100", "urn:cognito:loa:3", ["pwd", "sms", "mfa"]),
        ("EMAIL", "EMAIL", "a***@e***", "urn:cognito:loa:3", ["pwd", "email_otp", "mfa"]),
    ],
)
def test_a_code_is_sent_to_the_address_and_to_nobody_else(
    cognito, with_code, inbox, channel, medium, masked, acr, amr
):
    ada = with_code(channel)
    challenge, member, address = BY[channel]

    asked = password_of(cognito, ada)
    [message] = inbox(address)
    signed_in = answer(cognito, ada.client_id, asked, **{member: message.code})

    assert asked["ChallengeName"] == challenge
    assert asked["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": medium,
        "CODE_DELIVERY_DESTINATION": masked,
        "USER_ID_FOR_SRP": "ada",
    }
    assert len(message.code) == 6
    assert message.code.isdigit()
    assert message.body == f"Your verification code is {message.code}. "
    assert message.subject == (None if medium == "SMS" else "Your verification code")
    assert message.code not in str(asked)
    assert assurance_of(signed_in) == (acr, amr)


def test_the_pools_own_words_are_used(cognito, with_code, a_pool, inbox):
    ada = with_code("SMS")
    cognito.set_user_pool_mfa_config(
        UserPoolId=ada.pool_id,
        MfaConfiguration="OPTIONAL",
        SmsMfaConfiguration={
            "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"},
            "SmsAuthenticationMessage": "Come in with {####}!",
        },
        EmailMfaConfiguration={"Message": "Mail code {####}.", "Subject": "A code"},
    )

    password_of(cognito, ada)
    prefer(cognito, ada, SMS={"Enabled": False}, Email={"Enabled": True})
    password_of(cognito, ada)

    [by_sms] = inbox(PHONE)
    [by_mail] = inbox(ADA)
    assert by_sms.body == f"Come in with {by_sms.code}!"
    assert by_mail.body == f"Mail code {by_mail.code}."
    assert by_mail.subject == "A code"


@pytest.mark.parametrize("channel", ["SMS", "EMAIL"])
def test_a_wrong_code_leaves_the_session_good_and_the_right_one_uses_it_up(
    cognito, with_code, inbox, channel
):
    ada = with_code(channel)
    _, member, address = BY[channel]
    asked = password_of(cognito, ada)
    code = inbox(address)[0].code

    with refused("CodeMismatchException", WRONG_MESSAGE_CODE):
        answer(cognito, ada.client_id, asked, **{member: another(code)})
    assert "AuthenticationResult" in answer(cognito, ada.client_id, asked, **{member: code})
    with refused("NotAuthorizedException", USED_SESSION):
        answer(cognito, ada.client_id, asked, **{member: code})


def test_a_code_belongs_to_its_session(cognito, with_code, inbox, clock):
    ada = with_code("SMS")
    first = password_of(cognito, ada)
    clock.advance(timedelta(seconds=1))
    second = password_of(cognito, ada)
    newer, older = (message.code for message in inbox(PHONE))

    if newer != older:
        with refused("CodeMismatchException", WRONG_MESSAGE_CODE):
            answer(cognito, ada.client_id, second, SMS_MFA_CODE=older)
    assert "AuthenticationResult" in answer(cognito, ada.client_id, first, SMS_MFA_CODE=older)
    assert "AuthenticationResult" in answer(cognito, ada.client_id, second, SMS_MFA_CODE=newer)


def test_a_code_lives_as_long_as_its_session(cognito, with_code, inbox, clock):
    ada = with_code("SMS")
    asked = password_of(cognito, ada)
    code = inbox(PHONE)[0].code

    clock.advance(timedelta(minutes=3))

    with refused("NotAuthorizedException", EXPIRED_SESSION):
        answer(cognito, ada.client_id, asked, SMS_MFA_CODE=code)


def test_what_clients_send_beside_the_code_does_no_harm(cognito, with_code, inbox):
    ada = with_code("EMAIL")
    asked = password_of(cognito, ada)
    code = inbox(ADA)[0].code

    with refused("InvalidParameterException", "Missing required parameter EMAIL_OTP_CODE"):
        answer(cognito, ada.client_id, asked, SMS_MFA_CODE=code)
    signed_in = answer(
        cognito,
        ada.client_id,
        asked,
        EMAIL_MFA_CODE=code,
        SMS_MFA_CODE="000000",
        SOFTWARE_TOKEN_MFA_CODE="000000",
        ANSWER="?",
    )

    assert "AuthenticationResult" in signed_in


def test_a_code_that_comes_back_verifies_the_address(cognito, with_code, inbox):
    ada = with_code("SMS")
    before = attributes(cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada"))
    asked = password_of(cognito, ada)

    answer(cognito, ada.client_id, asked, SMS_MFA_CODE=inbox(PHONE)[0].code)

    after = attributes(cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada"))
    assert before.get("phone_number_verified") != "true"
    assert after["phone_number_verified"] == "true"
    assert after.get("email_verified") == before.get("email_verified")


def test_a_code_verifies_only_the_address_that_it_went_to(cognito, with_code, inbox):
    ada = with_code("EMAIL")
    asked = password_of(cognito, ada)
    code = inbox(ADA)[0].code
    with_attributes(cognito, ada, email="somebody.else@example.com")

    with refused("CodeMismatchException", WRONG_MESSAGE_CODE):
        answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=code)

    after = attributes(cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada"))
    assert after["email"] == "somebody.else@example.com"
    assert after.get("email_verified") != "true"


def test_an_alias_moves_to_whoever_proves_the_address(cognito, with_code, a_user, inbox):
    bob = with_code("EMAIL", username="bob", AliasAttributes=["email"])
    cognito.admin_update_user_attributes(
        UserPoolId=bob.pool_id,
        Username="bob",
        UserAttributes=[
            {"Name": "email", "Value": "old@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    ada = with_code("EMAIL", pool_id=bob.pool_id, client_id=bob.client_id)
    with_attributes(cognito, ada, email="old@example.com")
    asked = password_of(cognito, ada)

    answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=inbox("old@example.com")[0].code)

    holder = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="old@example.com")
    bobs = attributes(cognito.admin_get_user(UserPoolId=ada.pool_id, Username="bob"))
    assert holder["Username"] == "ada"
    assert bobs["email_verified"] == "false"


def test_wrong_codes_and_wrong_passwords_are_counted_together(cognito, with_code, inbox, clock):
    ada = with_code("SMS")
    asked = password_of(cognito, ada)
    code = inbox(PHONE)[0].code
    for _ in range(2):
        with refused("NotAuthorizedException", INCORRECT):
            sign_in(cognito, ada.client_id, "ada", "Wrong-horse1!")
    for _ in range(FREE_FAILURES - 2):
        with refused("CodeMismatchException", WRONG_MESSAGE_CODE):
            answer(cognito, ada.client_id, asked, SMS_MFA_CODE=another(code))

    with refused("NotAuthorizedException", LOCKED):
        answer(cognito, ada.client_id, asked, SMS_MFA_CODE=code)
    clock.advance(timedelta(seconds=1))

    assert "AuthenticationResult" in answer(cognito, ada.client_id, asked, SMS_MFA_CODE=code)


def test_of_many_parallel_guesses_five_are_judged(cognito, app, loop_thread, with_code, inbox):
    ada = with_code("SMS")
    asked = password_of(cognito, ada)
    wrong = {"USERNAME": "ada", "SMS_MFA_CODE": another(inbox(PHONE)[0].code)}

    outcomes = at_once(app, loop_thread, ada.client_id, [(asked, wrong)] * 200)

    assert texts_of(outcomes).count(WRONG_MESSAGE_CODE) == FREE_FAILURES
    assert texts_of(outcomes).count(LOCKED) == 200 - FREE_FAILURES


def test_a_session_of_one_user_does_not_serve_another(cognito, with_code, inbox):
    ada = with_code("SMS")
    bob = with_code("SMS", username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    asked = password_of(cognito, ada)
    adas = inbox(PHONE)[0].code
    password_of(cognito, bob)
    bobs = inbox(PHONE)[0].code

    for code in (adas, bobs):
        with refused("NotAuthorizedException", INVALID_SESSION):
            answer(cognito, ada.client_id, asked, USERNAME="bob", SMS_MFA_CODE=code)


def test_a_factor_that_the_pool_switched_off_is_not_asked_for(cognito, with_code, inbox):
    ada = with_code("SMS")
    mfa(cognito, ada.pool_id, "OPTIONAL", "EMAIL")

    assert "AuthenticationResult" in password_of(cognito, ada)
    assert inbox(PHONE) == []


def test_the_code_is_told_to_nobody_by_any_answer(cognito, with_code, inbox, clock):
    ada = with_code("EMAIL")
    asked = password_of(cognito, ada)
    code = inbox(ADA)[0].code
    access_token = answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=code)[
        "AuthenticationResult"
    ]["AccessToken"]
    clock.advance(timedelta(seconds=1))
    asked = password_of(cognito, ada)
    code = inbox(ADA)[0].code

    answers = [
        asked,
        cognito.get_user(AccessToken=access_token),
        cognito.get_user_auth_factors(AccessToken=access_token),
        cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada"),
        cognito.list_users(UserPoolId=ada.pool_id),
    ]

    assert all(code not in str({**one, "ResponseMetadata": None}) for one in answers)


def test_without_mfa_nobody_is_asked(cognito, a_user, inbox):
    ada = a_user(attributes={"email": ADA, "phone_number": PHONE})

    tokens_of(cognito, ada)

    assert inbox(ADA) == []
    assert inbox(PHONE) == []
