"""Signing up, confirming by code or link, and what a stranger learns by trying."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from cognate.operations.user_pools import sign_up as operations
from cognate.wire.cognito_idp import SignUpRequest
from tests.inprocess import ENDPOINT
from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused
from tests.stories.steps import (
    INCORRECT,
    NO_CODE,
    NOT_FOUND,
    TOO_OFTEN,
    WRONG_CODE,
    another,
    attributes,
    hash_of,
    named,
    sign_in,
)

ADA = "ada@example.com"
PHONE = "+15550100"


@pytest.fixture
def sign_up(cognito):
    """`sign_up(client, username="ada", **attributes)` → the answer of SignUp."""

    def register(client, username="ada", *, password=PASSWORD, **values):
        return cognito.sign_up(
            ClientId=client["ClientId"],
            Username=username,
            Password=password,
            UserAttributes=named(**values),
        )

    return register


@pytest.fixture
def confirm(cognito):
    """`confirm(client, username, code)` → the answer of ConfirmSignUp."""

    def answer(client, username, code, **more):
        return cognito.confirm_sign_up(
            ClientId=client["ClientId"], Username=username, ConfirmationCode=code, **more
        )

    return answer


@pytest.fixture
def shop(a_pool, a_client):
    """A pool that verifies e-mail addresses, and its client; `shop(**CreateUserPool arguments)`."""

    def create(*, client=None, **pool):
        pool.setdefault("AutoVerifiedAttributes", ["email"])
        pool_id = a_pool(**pool)
        return pool_id, a_client(pool_id, **(client or {}))

    return create


# --- signing up ----------------------------------------------------------------------------------


def test_a_code_sent_to_the_address_confirms_a_sign_up(
    cognito, shop, sign_up, confirm, inbox, clock
):
    pool, client = shop()

    answer = sign_up(client, email=ADA, name="Ada")
    waiting = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    [message] = inbox(ADA)
    clock.advance(timedelta(minutes=5))
    confirm(client, "ada", message.code)
    confirmed = cognito.admin_get_user(UserPoolId=pool, Username="ada")

    assert answer["UserConfirmed"] is False
    assert answer["CodeDeliveryDetails"] == {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    assert "Session" not in answer
    assert attributes(waiting) == {
        "sub": answer["UserSub"],
        "email": ADA,
        "email_verified": "false",
        "name": "Ada",
    }
    assert waiting["UserStatus"] == "UNCONFIRMED"
    assert waiting["Enabled"] is True
    assert len(message.code) == 6
    assert message.code.isdigit()
    assert message.subject == "Your verification code"
    assert message.body == f"Your verification code is {message.code}. "
    assert message.link is None
    assert confirmed["UserStatus"] == "CONFIRMED"
    assert confirmed["UserLastModifiedDate"] == clock.now()
    assert attributes(confirmed)["email_verified"] == "true"
    assert "AuthenticationResult" in sign_in(cognito, client["ClientId"], "ada", PASSWORD)


def test_without_anything_to_verify_nothing_is_sent(cognito, shop, sign_up, inbox):
    pool, client = shop(AutoVerifiedAttributes=[])

    answer = sign_up(client, email=ADA)

    assert set(answer) == {"UserConfirmed", "UserSub", "ResponseMetadata"}
    assert inbox(ADA) == []
    with refused(
        "InvalidParameterException", "Cannot resend codes. Auto verification not turned on."
    ):
        cognito.resend_confirmation_code(ClientId=client["ClientId"], Username="ada")
    cognito.admin_confirm_sign_up(UserPoolId=pool, Username="ada")
    assert "AuthenticationResult" in sign_in(cognito, client["ClientId"], "ada", PASSWORD)


def test_without_the_attribute_nothing_is_sent(cognito, shop, sign_up):
    _, client = shop()

    answer = sign_up(client)

    assert "CodeDeliveryDetails" not in answer
    with refused(
        "InvalidParameterException", "Cannot resend codes. Auto verification not turned on."
    ):
        cognito.resend_confirmation_code(ClientId=client["ClientId"], Username="ada")


def test_where_both_are_verified_only_the_phone_gets_a_code(cognito, shop, sign_up, confirm, inbox):
    pool, client = shop(AutoVerifiedAttributes=["email", "phone_number"])

    answer = sign_up(client, email=ADA, phone_number=PHONE)
    [message] = inbox(PHONE)
    confirm(client, "ada", message.code)

    assert answer["CodeDeliveryDetails"] == {
        "Destination": "+****0100",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    assert inbox(ADA) == []
    assert message.channel == "sms"
    assert message.subject is None
    verified = attributes(cognito.admin_get_user(UserPoolId=pool, Username="ada"))
    assert (verified["phone_number_verified"], verified["email_verified"]) == ("true", "false")


def test_the_pools_own_words_are_sent(shop, sign_up, inbox):
    _, client = shop(
        EmailConfiguration={
            "EmailSendingAccount": "DEVELOPER",
            "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/shop@example.com",
        },
        VerificationMessageTemplate={
            "DefaultEmailOption": "CONFIRM_WITH_CODE",
            "EmailMessage": "Welcome! {####} is your code, {####}.",
            "EmailSubject": "Welcome",
        },
    )

    sign_up(client, email=ADA)

    [message] = inbox(ADA)
    assert message.subject == "Welcome"
    assert message.body == f"Welcome! {message.code} is your code, {message.code}."


def test_a_link_confirms_where_the_pool_says_so(shop, sign_up, confirm, inbox, cognito):
    pool, client = shop(
        VerificationMessageTemplate={
            "DefaultEmailOption": "CONFIRM_WITH_LINK",
            "EmailMessageByLink": "Hello. {##Yes, it is me##} Bye.",
            "EmailSubjectByLink": "Is it you?",
        }
    )

    sign_up(client, username="ada&co+1", email=ADA)
    [message] = inbox(ADA)
    link = urlsplit(message.link)
    query = parse_qs(link.query)
    confirm(client, query["user_name"][0], query["confirmation_code"][0])

    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{ENDPOINT}/confirmUser"
    assert query["client_id"] == [client["ClientId"]]
    assert query["user_name"] == ["ada&co+1"]
    assert message.subject == "Is it you?"
    assert message.body.startswith('Hello. <a href="http://cognate.test/confirmUser?client_id=')
    assert message.body.endswith('">Yes, it is me</a> Bye.')
    assert message.link.replace("&", "&amp;") in message.body
    user = cognito.admin_get_user(UserPoolId=pool, Username="ada&co+1")
    assert user["UserStatus"] == "CONFIRMED"


def test_a_link_has_words_of_its_own_by_default(shop, sign_up, inbox):
    _, client = shop(VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_LINK"})

    sign_up(client, email=ADA)

    [message] = inbox(ADA)
    assert message.subject == "Your verification link"
    assert message.body.startswith("Please click the link below to verify your email address. <a ")
    assert message.body.endswith(">Verify Email</a>")


def test_a_phone_gets_a_code_even_where_e_mails_carry_links(shop, sign_up, inbox):
    _, client = shop(
        AutoVerifiedAttributes=["phone_number"],
        VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_LINK"},
    )

    sign_up(client, phone_number=PHONE)

    [message] = inbox(PHONE)
    assert message.link is None
    assert message.code in message.body


def test_what_is_kept_of_a_code_is_no_code(app, shop, sign_up, inbox, loop_thread):
    pool, client = shop()

    sub = sign_up(client, email=ADA)["UserSub"]

    stored = loop_thread.run(app.store.codes.find(pool, sub, "sign_up"))
    assert inbox(ADA)[0].code.encode() not in stored.code_hash
    assert len(stored.code_hash) == 32


# --- what is refused at sign-up ------------------------------------------------------------------


def test_only_administrators_make_users_where_the_pool_says_so(shop, sign_up):
    _, client = shop(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})

    with refused("NotAuthorizedException", "SignUp is not permitted for this user pool"):
        sign_up(client, email=ADA)


def test_an_unknown_client_is_refused(cognito, app):
    unknown = "a" * 26

    with refused("ResourceNotFoundException", f"User pool client {unknown} does not exist."):
        cognito.sign_up(ClientId=unknown, Username="ada", Password=PASSWORD)


def test_a_taken_name_is_refused(shop, sign_up):
    _, client = shop()
    sign_up(client, email=ADA)

    with refused("UsernameExistsException", "User already exists"):
        sign_up(client, email="other@example.com")


def test_names_fold_case_only_where_the_pool_does(shop, sign_up):
    _, folding = shop(UsernameConfiguration={"CaseSensitive": False})
    _, strict = shop(UsernameConfiguration={"CaseSensitive": True})
    sign_up(folding, username="ada")
    sign_up(strict, username="ada")

    with refused("UsernameExistsException", "User already exists"):
        sign_up(folding, username="ADA")
    assert sign_up(strict, username="ADA")["UserSub"]


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("Sh0rt!", "Password not long enough"),
        ("correct-horse1!", "Password must have uppercase characters"),
        ("CORRECT-HORSE1!", "Password must have lowercase characters"),
        ("Correct-horse!", "Password must have numeric characters"),
        ("CorrectHorse1", "Password must have symbol characters"),
    ],
)
def test_a_password_against_the_policy_is_refused(shop, sign_up, cognito, password, rule):
    pool, client = shop()

    with refused("InvalidPasswordException", f"Password did not conform with policy: {rule}"):
        sign_up(client, password=password)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=pool, Username="ada")


def test_a_sign_up_needs_a_password(cognito, shop):
    _, client = shop()

    with refused(
        "InvalidParameterException",
        "1 validation error detected: Value at 'password' failed to satisfy constraint: "
        "Member must not be null",
    ):
        cognito.sign_up(ClientId=client["ClientId"], Username="ada")


def test_required_attributes_are_required(shop, sign_up):
    _, client = shop(
        Schema=[{"Name": "email", "Required": True}, {"Name": "given_name", "Required": True}]
    )

    with refused(
        "InvalidParameterException",
        "Attributes did not conform to the schema: given_name: The attribute is required\n"
        "email: The attribute is required\n",
    ):
        sign_up(client)
    with refused(
        "InvalidParameterException",
        "Attributes did not conform to the schema: given_name: The attribute is required\n",
    ):
        sign_up(client, email=ADA, given_name="")
    assert sign_up(client, email=ADA, given_name="Ada")["UserSub"]


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ({"email": "no address"}, "Invalid email address format."),
        ({"phone_number": "0555 0100"}, "Invalid phone number format."),
        (
            {"custom:unknown": "x"},
            "Attributes did not conform to the schema: "
            "custom:unknown: Attribute does not exist in the schema.\n",
        ),
        (
            {"birthdate": "2000"},
            "Attributes did not conform to the schema: "
            "birthdate: String value is too short. Minimum length is 10.\n",
        ),
    ],
)
def test_an_attribute_that_cannot_be_is_refused(shop, sign_up, attribute, text):
    _, client = shop()

    with refused("InvalidParameterException", text):
        sign_up(client, **attribute)


def test_an_attribute_without_a_value_is_refused(cognito, shop):
    _, client = shop()

    with refused("InvalidParameterException", "Attribute value for picture must not be null"):
        cognito.sign_up(
            ClientId=client["ClientId"],
            Username="ada",
            Password=PASSWORD,
            UserAttributes=[{"Name": "picture"}],
        )


@pytest.mark.parametrize("flag", ["email_verified", "phone_number_verified", "sub"])
def test_nobody_vouches_for_themselves(shop, sign_up, flag):
    _, client = shop()

    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        sign_up(client, email=ADA, phone_number=PHONE, **{flag: "true"})


def test_a_client_writes_what_it_may(shop, sign_up):
    _, client = shop(client={"WriteAttributes": ["email", "name"]})

    assert sign_up(client, username="bob", email="bob@example.com", name="Bob")["UserSub"]
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        sign_up(client, email=ADA, picture="https://example.com/ada.png")


def test_what_is_set_once_can_be_set_at_sign_up(cognito, shop, sign_up):
    pool, client = shop(
        Schema=[{"Name": "tenant", "AttributeDataType": "String", "Mutable": False}]
    )

    sign_up(client, **{"custom:tenant": "42"})

    user = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert attributes(user)["custom:tenant"] == "42"


def test_developer_attributes_are_not_for_users(shop, sign_up):
    _, client = shop(
        Schema=[{"Name": "tier", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}]
    )

    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        sign_up(client, **{"dev:custom:tier": "gold"})


# --- the client's secret -------------------------------------------------------------------------


def test_a_client_with_a_secret_proves_it_at_every_step(cognito, shop, inbox, clock):
    _, client = shop(client={"GenerateSecret": True})
    client_id, good = client["ClientId"], hash_of(client, "ada")
    calls = [
        lambda **proof: cognito.sign_up(
            ClientId=client_id,
            Username="ada",
            Password=PASSWORD,
            UserAttributes=named(email=ADA),
            **proof,
        ),
        lambda **proof: cognito.resend_confirmation_code(
            ClientId=client_id, Username="ada", **proof
        ),
        lambda **proof: cognito.confirm_sign_up(
            ClientId=client_id, Username="ada", ConfirmationCode=inbox(ADA)[0].code, **proof
        ),
    ]

    for call in calls:
        with refused(
            "NotAuthorizedException",
            f"Client {client_id} is configured with secret but SECRET_HASH was not received",
        ):
            call()
        with refused(
            "NotAuthorizedException", f"Unable to verify secret hash for client {client_id}"
        ):
            call(SecretHash=hash_of(client, "bob"))
        assert call(SecretHash=good)
        clock.advance(timedelta(seconds=1))


def test_a_client_without_a_secret_sends_no_hash(cognito, shop):
    _, client = shop()

    with refused(
        "NotAuthorizedException",
        f"Client {client['ClientId']} is not configured for secret but secret was received",
    ):
        cognito.sign_up(
            ClientId=client["ClientId"], Username="ada", Password=PASSWORD, SecretHash="abc="
        )


# --- names ---------------------------------------------------------------------------------------


def test_where_addresses_are_user_names_the_user_gets_an_id(cognito, shop, sign_up, confirm, inbox):
    pool, client = shop(UsernameAttributes=["email", "phone_number"])

    sub = sign_up(client, username=ADA)["UserSub"]
    confirm(client, ADA, inbox(ADA)[0].code)

    user = cognito.admin_get_user(UserPoolId=pool, Username=ADA)
    assert user["Username"] == sub
    assert attributes(user) == {"sub": sub, "email": ADA, "email_verified": "true"}
    assert "AuthenticationResult" in sign_in(cognito, client["ClientId"], ADA, PASSWORD)
    assert "AuthenticationResult" in sign_in(cognito, client["ClientId"], sub, PASSWORD)


def test_an_address_is_a_user_name_once(shop, sign_up):
    _, client = shop(UsernameAttributes=["email", "phone_number"])
    sign_up(client, username=ADA, phone_number=PHONE)

    with refused("UsernameExistsException", "An account with the given email already exists."):
        sign_up(client, username=ADA)
    with refused(
        "UsernameExistsException", "An account with the given phone_number already exists."
    ):
        sign_up(client, username=PHONE)
    with refused(
        "UsernameExistsException", "An account with the given phone_number already exists."
    ):
        sign_up(client, username="bob@example.com", phone_number=PHONE)


@pytest.mark.parametrize(
    ("kinds", "name", "text"),
    [
        (["email"], "ada", "Username should be an email."),
        (["email"], PHONE, "Username should be an email."),
        (["phone_number"], ADA, "Username should be a phone number."),
        (
            ["email", "phone_number"],
            "ada",
            "Username should be either an email or a phone number.",
        ),
    ],
)
def test_a_user_name_is_the_address_that_the_pool_asks_for(shop, sign_up, kinds, name, text):
    _, client = shop(UsernameAttributes=kinds, AutoVerifiedAttributes=[])

    with refused("InvalidParameterException", text):
        sign_up(client, username=name)


@pytest.mark.parametrize(
    ("alias", "name", "text"),
    [
        (
            "email",
            ADA,
            "Username cannot be of email format, since user pool is configured for email alias.",
        ),
        (
            "phone_number",
            PHONE,
            "Username cannot be of phone number format, "
            "since user pool is configured for phone number alias.",
        ),
    ],
)
def test_a_user_name_does_not_look_like_an_alias(shop, sign_up, alias, name, text):
    _, client = shop(AliasAttributes=[alias])

    with refused("InvalidParameterException", text):
        sign_up(client, username=name)


def test_a_preferred_user_name_waits_for_the_confirmation(shop, sign_up):
    _, client = shop(AliasAttributes=["email", "preferred_username"])

    with refused(
        "InvalidParameterException",
        "The preferred_username can be set only after the user is confirmed.",
    ):
        sign_up(client, email=ADA, preferred_username="countess")


def test_an_alias_signs_in_once_it_is_verified(cognito, shop, sign_up, confirm, inbox):
    _, client = shop(AliasAttributes=["email"])
    sign_up(client, email=ADA)

    with refused("UserNotFoundException", "User does not exist."):
        sign_in(cognito, client["ClientId"], ADA, PASSWORD)
    confirm(client, "ada", inbox(ADA)[0].code)

    assert "AuthenticationResult" in sign_in(cognito, client["ClientId"], ADA, PASSWORD)


def test_an_alias_moves_only_when_told_to(cognito, shop, sign_up, confirm, inbox, clock):
    pool, client = shop(AliasAttributes=["email"])
    sign_up(client, username="first", email=ADA)
    confirm(client, "first", inbox(ADA)[0].code)
    clock.advance(timedelta(seconds=1))
    sign_up(client, username="second", email=ADA)
    code = inbox(ADA)[0].code

    with refused("AliasExistsException", "An account with the given email already exists."):
        confirm(client, "second", code)
    waiting = cognito.admin_get_user(UserPoolId=pool, Username="second")
    confirm(client, "second", code, ForceAliasCreation=True)

    assert waiting["UserStatus"] == "UNCONFIRMED"
    assert cognito.admin_get_user(UserPoolId=pool, Username=ADA)["Username"] == "second"
    loser = cognito.admin_get_user(UserPoolId=pool, Username="first")
    assert attributes(loser)["email_verified"] == "false"
    assert loser["UserStatus"] == "CONFIRMED"


# --- confirming ----------------------------------------------------------------------------------


def test_a_wrong_code_does_not_use_up_the_right_one(shop, sign_up, confirm, inbox):
    _, client = shop()
    sign_up(client, email=ADA)
    code = inbox(ADA)[0].code

    with refused("CodeMismatchException", WRONG_CODE):
        confirm(client, "ada", another(code))

    assert confirm(client, "ada", code)


def test_a_code_lives_for_a_day(shop, sign_up, confirm, inbox, clock, cognito):
    _, client = shop()
    sign_up(client, email=ADA)
    code = inbox(ADA)[0].code

    clock.advance(timedelta(hours=24))

    with refused("ExpiredCodeException", NO_CODE):
        confirm(client, "ada", code)
    cognito.resend_confirmation_code(ClientId=client["ClientId"], Username="ada")
    clock.advance(timedelta(hours=24) - timedelta(milliseconds=1))
    assert confirm(client, "ada", inbox(ADA)[0].code)


def test_a_new_code_voids_the_earlier_one(cognito, shop, sign_up, confirm, inbox, clock):
    _, client = shop()
    sign_up(client, email=ADA)
    clock.advance(timedelta(seconds=1))

    answer = cognito.resend_confirmation_code(ClientId=client["ClientId"], Username="ada")
    newer, older = inbox(ADA)

    assert answer["CodeDeliveryDetails"]["Destination"] == "a***@e***"
    if newer.code != older.code:  # one in a million is the same
        with refused("CodeMismatchException", WRONG_CODE):
            confirm(client, "ada", older.code)
    assert confirm(client, "ada", newer.code)


def test_another_users_code_confirms_nobody_else(shop, sign_up, confirm, inbox):
    _, client = shop()
    sign_up(client, username="ada", email=ADA)
    sign_up(client, username="eve", email="eve@example.com")
    ours, theirs = inbox(ADA)[0].code, inbox("eve@example.com")[0].code

    if ours != theirs:
        with refused("CodeMismatchException", WRONG_CODE):
            confirm(client, "ada", theirs)
    assert confirm(client, "ada", ours)


def test_a_user_is_confirmed_once(cognito, shop, sign_up, confirm, inbox):
    _, client = shop()
    sign_up(client, email=ADA)
    code = inbox(ADA)[0].code
    confirm(client, "ada", code)

    with refused("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"):
        confirm(client, "ada", code)
    with refused("InvalidParameterException", "User is already confirmed."):
        cognito.resend_confirmation_code(ClientId=client["ClientId"], Username="ada")


def test_a_user_whom_an_administrator_made_is_not_confirmed_by_a_code(cognito, shop, confirm):
    pool, client = shop()
    cognito.admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")

    with refused(
        "NotAuthorizedException",
        "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD",
    ):
        confirm(client, "ada", "123456")


def test_a_disabled_user_is_neither_confirmed_nor_written_to(
    cognito, shop, sign_up, confirm, inbox
):
    pool, client = shop()
    sign_up(client, email=ADA)
    cognito.admin_disable_user(UserPoolId=pool, Username="ada")

    with refused("NotAuthorizedException", "User is disabled."):
        confirm(client, "ada", inbox(ADA)[0].code)
    with refused("NotAuthorizedException", "User is disabled."):
        cognito.resend_confirmation_code(ClientId=client["ClientId"], Username="ada")


def test_a_code_for_an_address_that_was_changed_proves_nothing(
    cognito, shop, sign_up, confirm, inbox
):
    pool, client = shop()
    sign_up(client, email=ADA)
    cognito.admin_update_user_attributes(
        UserPoolId=pool, Username="ada", UserAttributes=named(email="victim@example.com")
    )

    with refused("ExpiredCodeException", NO_CODE):
        confirm(client, "ada", inbox(ADA)[0].code)


def test_unknown_names_are_called_so(cognito, shop, confirm):
    _, client = shop()

    with refused("UserNotFoundException", NOT_FOUND):
        confirm(client, "nobody", "123456")
    with refused("UserNotFoundException", NOT_FOUND):
        cognito.resend_confirmation_code(ClientId=client["ClientId"], Username="nobody")


def test_an_unconfirmed_user_learns_so_with_the_right_password_only(cognito, shop, sign_up):
    _, client = shop()
    sign_up(client, email=ADA)

    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, client["ClientId"], "ada", "Wrong-horse1!")
    with refused("UserNotConfirmedException", "User is not confirmed."):
        sign_in(cognito, client["ClientId"], "ada", PASSWORD)


# --- limits --------------------------------------------------------------------------------------


def test_fifteen_codes_an_hour_are_judged(shop, sign_up, confirm, inbox, clock):
    _, client = shop()
    sign_up(client, email=ADA)
    code = inbox(ADA)[0].code

    for _ in range(15):
        with refused("CodeMismatchException", WRONG_CODE):
            confirm(client, "ada", another(code))
    with refused("LimitExceededException", TOO_OFTEN):
        confirm(client, "ada", code)
    clock.advance(timedelta(hours=1))

    assert confirm(client, "ada", code)


def test_five_codes_an_hour_are_sent_again(cognito, shop, sign_up, inbox, clock):
    _, client = shop()
    sign_up(client, email=ADA)

    def resend():
        cognito.resend_confirmation_code(ClientId=client["ClientId"], Username="ada")

    for _ in range(5):
        resend()
    with refused("LimitExceededException", TOO_OFTEN):
        resend()
    assert len(inbox(ADA)) == 6
    clock.advance(timedelta(hours=1))
    resend()

    assert len(inbox(ADA)) == 7


# --- who exists ----------------------------------------------------------------------------------


@pytest.fixture
def discreet(shop):
    """As `shop`, with a client that hides who exists."""

    def create(**pool):
        return shop(client={"PreventUserExistenceErrors": "ENABLED"}, **pool)

    return create


def test_resending_looks_the_same_for_everybody(cognito, discreet, sign_up, inbox):
    pool, client = discreet()
    sign_up(client, username="ada", email=ADA)
    cognito.admin_create_user(UserPoolId=pool, Username="bob", MessageAction="SUPPRESS")
    sign_up(client, username="eve", email="eve@example.com")
    cognito.admin_disable_user(UserPoolId=pool, Username="eve")

    def resend(name):
        answer = cognito.resend_confirmation_code(ClientId=client["ClientId"], Username=name)
        return answer["CodeDeliveryDetails"]

    for name in ("ada", "nobody", "bob", "eve"):
        delivery = resend(name)
        assert set(delivery) == {"Destination", "DeliveryMedium", "AttributeName"}
        assert (delivery["DeliveryMedium"], delivery["AttributeName"]) == ("EMAIL", "email")
        assert delivery["Destination"][1:6] == "***@" + delivery["Destination"][5]
        assert resend(name) == delivery
    assert resend("nobody") == resend("NOBODY")
    assert resend("ghost@example.com")["Destination"] == "g***@e***"
    assert len(inbox(ADA)) == 3
    assert len(inbox("eve@example.com")) == 1


def test_confirming_tells_nothing_of_names_that_await_nothing(
    cognito, discreet, sign_up, confirm, inbox, clock
):
    _, client = discreet()
    sign_up(client, username="ada", email=ADA)
    confirm(client, "ada", inbox(ADA)[0].code)
    clock.advance(timedelta(hours=1))

    for name in ("ada", "nobody"):
        for _ in range(15):
            with refused("ExpiredCodeException", NO_CODE):
                confirm(client, name, "123456")
        with refused("LimitExceededException", TOO_OFTEN):
            confirm(client, name, "123456")


def test_a_taken_name_is_told_even_there(discreet, sign_up):
    _, client = discreet()
    sign_up(client)

    with refused("UsernameExistsException", "User already exists"):
        sign_up(client)


def test_nothing_is_kept_of_what_only_looked_like_a_message(app, cognito, discreet, loop_thread):
    _, client = discreet()

    cognito.resend_confirmation_code(ClientId=client["ClientId"], Username="nobody")

    assert loop_thread.run(app.store.messages.newest(limit=10)) == []


def test_of_two_who_want_one_name_at_once_one_gets_it(app, shop, loop_thread):
    _, client = shop(UsernameAttributes=["email"])
    request = SignUpRequest(client_id=client["ClientId"], username=ADA, password=PASSWORD)

    async def both():
        return await asyncio.gather(
            *(operations.sign_up(app.call(), request) for _ in range(8)), return_exceptions=True
        )

    outcomes = loop_thread.run(both())

    refusals = [type(one).__name__ for one in outcomes if isinstance(one, Exception)]
    assert refusals == ["UsernameExistsException"] * 7


def test_refusals_of_sign_up_are_bad_requests(shop, sign_up):
    _, client = shop()
    sign_up(client)

    with pytest.raises(ClientError) as refusal:
        sign_up(client)

    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
