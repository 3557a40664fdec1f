"""Forgotten passwords: who gets a code, what it allows, and what a stranger learns by asking."""

from datetime import timedelta

import pytest

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
    tokens_of,
)

ADA = "ada@example.com"
PHONE = "+15550100"
FRESH = "Fresh-horse2!"
NO_CONTACT = (
    "Cannot reset password for the user as there is no registered/verified email or phone_number"
)
VERIFIED_EMAIL = {"email": ADA, "email_verified": "true"}
VERIFIED_PHONE = {"phone_number": PHONE, "phone_number_verified": "true"}


@pytest.fixture
def forgot(cognito):
    """`forgot(client_id, username)` → where the code went."""

    def ask(client_id, username="ada", **more):
        answer = cognito.forgot_password(ClientId=client_id, Username=username, **more)
        return answer["CodeDeliveryDetails"]

    return ask


@pytest.fixture
def reset(cognito):
    """`reset(client_id, username, code, password)` → the answer of ConfirmForgotPassword."""

    def answer(client_id, username, code, password=FRESH, **more):
        return cognito.confirm_forgot_password(
            ClientId=client_id,
            Username=username,
            ConfirmationCode=code,
            Password=password,
            **more,
        )

    return answer


# --- the way through -----------------------------------------------------------------------------


def test_a_code_to_the_verified_address_sets_a_new_password(
    cognito, a_user, forgot, reset, inbox, clock
):
    ada = a_user(attributes=VERIFIED_EMAIL)

    delivery = forgot(ada.client_id)
    untouched = sign_in(cognito, ada.client_id, "ada", PASSWORD)
    [message] = inbox(ADA)
    clock.advance(timedelta(minutes=59))
    answer = reset(ada.client_id, "ada", message.code)

    assert delivery == {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    assert "AuthenticationResult" in untouched
    assert message.body == f"Your verification code is {message.code}. "
    assert set(answer) == {"ResponseMetadata"}
    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, ada.client_id, "ada", PASSWORD)
    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "ada", FRESH)
    user = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert user["UserStatus"] == "CONFIRMED"
    assert attributes(user)["email_verified"] == "true"


def test_a_code_is_good_once(a_user, forgot, reset, inbox):
    ada = a_user(attributes=VERIFIED_EMAIL)
    forgot(ada.client_id)
    code = inbox(ADA)[0].code
    reset(ada.client_id, "ada", code)

    with refused("ExpiredCodeException", NO_CODE):
        reset(ada.client_id, "ada", code, "Other-horse3!")


def test_a_code_lives_for_an_hour(a_user, forgot, reset, inbox, clock):
    ada = a_user(attributes=VERIFIED_EMAIL)
    forgot(ada.client_id)
    code = inbox(ADA)[0].code

    clock.advance(timedelta(hours=1))

    with refused("ExpiredCodeException", NO_CODE):
        reset(ada.client_id, "ada", code)


def test_a_wrong_code_does_not_use_up_the_right_one(a_user, forgot, reset, inbox):
    ada = a_user(attributes=VERIFIED_EMAIL)
    forgot(ada.client_id)
    code = inbox(ADA)[0].code

    with refused("CodeMismatchException", WRONG_CODE):
        reset(ada.client_id, "ada", another(code))

    assert reset(ada.client_id, "ada", code)


def test_without_a_code_there_is_none_to_be_right(a_user, reset):
    ada = a_user(attributes=VERIFIED_EMAIL)

    with refused("ExpiredCodeException", NO_CODE):
        reset(ada.client_id, "ada", "123456")


def test_a_code_for_one_thing_is_good_for_no_other(cognito, a_user, a_pool, forgot, inbox):
    pool = a_pool(AutoVerifiedAttributes=["email"])
    ada = a_user(pool_id=pool, attributes=VERIFIED_EMAIL)
    access = tokens_of(cognito, ada)["AccessToken"]
    forgot(ada.client_id)

    with refused("ExpiredCodeException", NO_CODE):
        cognito.verify_user_attribute(
            AccessToken=access, AttributeName="email", Code=inbox(ADA)[0].code
        )


def test_a_refused_password_leaves_the_code_good(a_user, forgot, reset, inbox):
    ada = a_user(attributes=VERIFIED_EMAIL)
    forgot(ada.client_id)
    code = inbox(ADA)[0].code

    with refused(
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough",
    ):
        reset(ada.client_id, "ada", code, "Sh0rt!")

    assert reset(ada.client_id, "ada", code)


def test_a_password_of_the_history_is_told_to_holders_of_the_code_only(
    a_user, a_pool, forgot, reset, inbox
):
    pool = a_pool(
        Policies={
            "PasswordPolicy": {
                "MinimumLength": 8,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": True,
                "PasswordHistorySize": 3,
            }
        }
    )
    ada = a_user(pool_id=pool, attributes=VERIFIED_EMAIL)
    forgot(ada.client_id)
    code = inbox(ADA)[0].code

    with refused("CodeMismatchException", WRONG_CODE):
        reset(ada.client_id, "ada", another(code), PASSWORD)
    with refused("PasswordHistoryPolicyViolationException", "Password has previously been used"):
        reset(ada.client_id, "ada", code, PASSWORD)
    assert reset(ada.client_id, "ada", code, FRESH)


def test_it_ends_a_lock_out(cognito, a_user, forgot, reset, inbox):
    ada = a_user(attributes=VERIFIED_EMAIL)
    for _ in range(5):
        with refused("NotAuthorizedException", INCORRECT):
            sign_in(cognito, ada.client_id, "ada", "Wrong-horse1!")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(cognito, ada.client_id, "ada", PASSWORD)

    forgot(ada.client_id)
    reset(ada.client_id, "ada", inbox(ADA)[0].code)

    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "ada", FRESH)


def test_it_leaves_the_tokens_that_are_out(cognito, a_user, forgot, reset, inbox):
    ada = a_user(attributes=VERIFIED_EMAIL)
    access = tokens_of(cognito, ada)["AccessToken"]

    forgot(ada.client_id)
    reset(ada.client_id, "ada", inbox(ADA)[0].code)

    assert cognito.get_user(AccessToken=access)["Username"] == "ada"


def test_a_user_whom_an_administrator_reset_comes_back_by_the_code(cognito, a_user, reset, inbox):
    ada = a_user(attributes=VERIFIED_EMAIL)
    cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        sign_in(cognito, ada.client_id, "ada", PASSWORD)

    reset(ada.client_id, "ada", inbox(ADA)[0].code)

    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "ada", FRESH)


def test_it_confirms_who_has_a_verified_address(cognito, a_pool, a_client, forgot, reset, inbox):
    pool = a_pool()
    client = a_client(pool)["ClientId"]
    cognito.sign_up(
        ClientId=client, Username="ada", Password=PASSWORD, UserAttributes=named(email=ADA)
    )
    with refused("InvalidParameterException", NO_CONTACT):
        forgot(client)
    cognito.admin_update_user_attributes(
        UserPoolId=pool, Username="ada", UserAttributes=named(email_verified="true")
    )

    forgot(client)
    reset(client, "ada", inbox(ADA)[0].code)

    user = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert user["UserStatus"] == "CONFIRMED"


def test_it_may_be_asked_for_by_an_alias(cognito, a_pool, a_user, forgot, reset, inbox):
    ada = a_user(pool_id=a_pool(AliasAttributes=["email"]), attributes=VERIFIED_EMAIL)

    forgot(ada.client_id, ADA)
    reset(ada.client_id, ADA, inbox(ADA)[0].code)

    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, ADA, FRESH)


def test_a_code_to_an_address_that_was_changed_is_void(cognito, a_user, forgot, reset, inbox):
    ada = a_user(attributes=VERIFIED_EMAIL)
    forgot(ada.client_id)
    cognito.admin_update_user_attributes(
        UserPoolId=ada.pool_id,
        Username="ada",
        UserAttributes=named(email="new@example.com", email_verified="true"),
    )

    with refused("ExpiredCodeException", NO_CODE):
        reset(ada.client_id, "ada", inbox(ADA)[0].code)


# --- where the code goes -------------------------------------------------------------------------


def test_the_phone_comes_first(a_user, forgot, inbox):
    ada = a_user(attributes={**VERIFIED_EMAIL, **VERIFIED_PHONE})

    delivery = forgot(ada.client_id)

    assert delivery == {
        "Destination": "+****0100",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    assert len(inbox(PHONE)) == 1
    assert inbox(ADA) == []


def test_what_is_not_verified_gets_none(a_user, forgot):
    ada = a_user(attributes={**VERIFIED_EMAIL, "phone_number": PHONE})

    assert forgot(ada.client_id)["DeliveryMedium"] == "EMAIL"


def test_the_pools_order_counts(a_pool, a_user, forgot):
    pool = a_pool(
        AccountRecoverySetting={
            "RecoveryMechanisms": [
                {"Name": "verified_phone_number", "Priority": 2},
                {"Name": "verified_email", "Priority": 1},
            ]
        }
    )
    ada = a_user(pool_id=pool, attributes={**VERIFIED_EMAIL, **VERIFIED_PHONE})
    bob = a_user(username="bob", pool_id=pool, client_id=ada.client_id, attributes=VERIFIED_PHONE)

    assert forgot(ada.client_id, "ada")["DeliveryMedium"] == "EMAIL"
    assert forgot(bob.client_id, "bob")["DeliveryMedium"] == "SMS"


@pytest.mark.parametrize(
    "held", [{}, {"email": ADA}, {"phone_number": PHONE, "phone_number_verified": "false"}]
)
def test_without_a_verified_contact_there_is_no_code(a_user, forgot, held):
    ada = a_user(attributes=held)

    with refused("InvalidParameterException", NO_CONTACT):
        forgot(ada.client_id)


# --- who gets none -------------------------------------------------------------------------------


def test_a_temporary_password_is_not_reset(cognito, a_pool, a_client, forgot):
    pool = a_pool()
    client = a_client(pool)["ClientId"]
    cognito.admin_create_user(
        UserPoolId=pool,
        Username="ada",
        MessageAction="SUPPRESS",
        UserAttributes=named(**VERIFIED_EMAIL),
    )

    with refused("NotAuthorizedException", "User password cannot be reset in the current state."):
        forgot(client)


def test_a_code_does_not_outlive_a_new_temporary_password(cognito, a_user, forgot, reset, inbox):
    ada = a_user(attributes=VERIFIED_EMAIL)
    forgot(ada.client_id)
    cognito.admin_set_user_password(
        UserPoolId=ada.pool_id, Username="ada", Password="Temp0rary!", Permanent=False
    )

    with refused("NotAuthorizedException", "User password cannot be reset in the current state."):
        reset(ada.client_id, "ada", inbox(ADA)[0].code)


@pytest.mark.parametrize("hides", ["LEGACY", "ENABLED"])
def test_where_only_administrators_recover_everybody_is_sent_to_them(
    a_pool, a_client, a_user, forgot, hides
):
    pool = a_pool(
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    )
    client = a_client(pool, PreventUserExistenceErrors=hides)["ClientId"]
    a_user(pool_id=pool, client_id=client, attributes=VERIFIED_EMAIL)

    for name in ("ada", "nobody"):
        with refused("NotAuthorizedException", "Contact administrator to reset password."):
            forgot(client, name)


def test_a_disabled_user_gets_none_and_sets_none(cognito, a_user, forgot, reset, inbox):
    ada = a_user(attributes=VERIFIED_EMAIL)
    forgot(ada.client_id)
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    with refused("NotAuthorizedException", "User is disabled."):
        forgot(ada.client_id)
    with refused("NotAuthorizedException", "User is disabled."):
        reset(ada.client_id, "ada", inbox(ADA)[0].code)


def test_unknown_names_are_called_so(a_user, forgot, reset):
    ada = a_user()

    with refused("UserNotFoundException", NOT_FOUND):
        forgot(ada.client_id, "nobody")
    with refused("UserNotFoundException", NOT_FOUND):
        reset(ada.client_id, "nobody", "123456")


def test_unknown_clients_are_called_so(app, forgot, reset):
    unknown = "a" * 26

    for call in (lambda: forgot(unknown), lambda: reset(unknown, "ada", "123456")):
        with refused("ResourceNotFoundException", f"User pool client {unknown} does not exist."):
            call()


def test_a_client_with_a_secret_proves_it(a_pool, a_client, a_user, forgot, reset, inbox):
    pool = a_pool()
    client = a_client(pool, GenerateSecret=True)
    client_id = client["ClientId"]
    a_user(pool_id=pool, client_id=client_id, attributes=VERIFIED_EMAIL)
    calls = (
        lambda **proof: forgot(client_id, "ada", **proof),
        lambda **proof: reset(client_id, "ada", inbox(ADA)[0].code, **proof),
    )

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
        assert call(SecretHash=hash_of(client, "ada"))


# --- limits --------------------------------------------------------------------------------------


def test_five_codes_an_hour_are_sent(a_user, forgot, inbox, clock):
    ada = a_user(attributes=VERIFIED_EMAIL)

    for _ in range(5):
        forgot(ada.client_id)
    with refused("LimitExceededException", TOO_OFTEN):
        forgot(ada.client_id)
    assert len(inbox(ADA)) == 5
    clock.advance(timedelta(hours=1))

    assert forgot(ada.client_id)


def test_fifteen_codes_an_hour_are_judged(a_user, forgot, reset, inbox, clock):
    ada = a_user(attributes=VERIFIED_EMAIL)
    forgot(ada.client_id)
    code = inbox(ADA)[0].code

    for _ in range(15):
        with refused("CodeMismatchException", WRONG_CODE):
            reset(ada.client_id, "ada", another(code))
    with refused("LimitExceededException", TOO_OFTEN):
        reset(ada.client_id, "ada", code)


# --- who exists ----------------------------------------------------------------------------------


@pytest.fixture
def discreet(a_pool, a_client):
    """A pool, and a client of it that hides who exists."""

    def create(**pool):
        pool_id = a_pool(**pool)
        return pool_id, a_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]

    return create


@pytest.fixture
def population(cognito, discreet, a_user):
    """
    A discreet client of a pool with all kinds of users: only ada can be sent a code; disabled,
    contactless and invited cannot, and nobody does not exist.
    """
    pool, client = discreet()
    a_user(username="ada", pool_id=pool, client_id=client, attributes=VERIFIED_EMAIL)
    a_user(
        username="disabled",
        pool_id=pool,
        client_id=client,
        attributes={"email": "disabled@example.com", "email_verified": "true"},
    )
    cognito.admin_disable_user(UserPoolId=pool, Username="disabled")
    a_user(username="contactless", pool_id=pool, client_id=client)
    cognito.admin_create_user(
        UserPoolId=pool,
        Username="invited",
        MessageAction="SUPPRESS",
        UserAttributes=named(email="invited@example.com", email_verified="true"),
    )
    return client


NAMES = ("ada", "disabled", "contactless", "invited", "nobody")


def test_asking_for_a_code_looks_the_same_for_everybody(population, forgot, inbox):
    for name in NAMES:
        delivery = forgot(population, name)
        assert set(delivery) == {"Destination", "DeliveryMedium", "AttributeName"}
        assert (delivery["DeliveryMedium"], delivery["AttributeName"]) == ("EMAIL", "email")
        assert len(delivery["Destination"]) == len("a***@e***")
        assert forgot(population, name) == delivery

    assert len(inbox(ADA)) == 2
    assert inbox("disabled@example.com") == inbox("invited@example.com") == []


def test_a_made_up_address_is_the_same_however_the_name_is_written(population, forgot):
    assert forgot(population, "nobody") == forgot(population, "NoBody")


def test_a_made_up_address_is_the_name_itself_where_it_is_one(discreet, forgot):
    _, client = discreet(UsernameAttributes=["email", "phone_number"])

    assert forgot(client, "ghost@where.example")["Destination"] == "g***@w***"
    assert forgot(client, "ghost@where.example")["DeliveryMedium"] == "EMAIL"


def test_a_made_up_address_is_of_the_kind_that_the_pool_uses(discreet, forgot):
    _, by_phone = discreet(
        AccountRecoverySetting={
            "RecoveryMechanisms": [{"Name": "verified_phone_number", "Priority": 1}]
        }
    )
    _, by_both = discreet(AutoVerifiedAttributes=["phone_number"])

    for client in (by_phone, by_both):
        delivery = forgot(client, "nobody")
        assert (delivery["DeliveryMedium"], delivery["AttributeName"]) == ("SMS", "phone_number")
        assert delivery["Destination"].startswith("+*******")
        assert delivery["Destination"][-4:].isdigit()
    assert forgot(by_both, "+15550199")["Destination"] == "+****0199"


def test_answering_looks_the_same_for_everybody(population, forgot, reset, clock):
    for name in NAMES:
        with refused("ExpiredCodeException", NO_CODE):
            reset(population, name, "123456")

    for name in NAMES:
        forgot(population, name)
        with refused("CodeMismatchException", WRONG_CODE):
            reset(population, name, "12345x")
        with refused(
            "InvalidPasswordException",
            "Password did not conform with policy: Password not long enough",
        ):
            reset(population, name, "12345x", "Sh0rt!")

    clock.advance(timedelta(hours=1))
    for name in NAMES:
        with refused("ExpiredCodeException", NO_CODE):
            reset(population, name, "123456")


def test_limits_look_the_same_for_everybody(population, forgot, reset):
    for name in NAMES:
        for _ in range(5):
            forgot(population, name)
        with refused("LimitExceededException", TOO_OFTEN):
            forgot(population, name)
        for _ in range(15):
            with refused("CodeMismatchException", WRONG_CODE):
                reset(population, name, "12345x")
        with refused("LimitExceededException", TOO_OFTEN):
            reset(population, name, "12345x")


def test_the_right_code_of_somebody_disabled_since_is_a_wrong_one(
    cognito, discreet, a_user, forgot, reset, inbox
):
    pool, client = discreet()
    a_user(pool_id=pool, client_id=client, attributes=VERIFIED_EMAIL)
    forgot(client)
    cognito.admin_disable_user(UserPoolId=pool, Username="ada")

    with refused("CodeMismatchException", WRONG_CODE):
        reset(client, "ada", inbox(ADA)[0].code)


def test_a_real_user_still_gets_through(cognito, population, forgot, reset, inbox):
    forgot(population, "ada")
    reset(population, "ada", inbox(ADA)[0].code)

    assert "AuthenticationResult" in sign_in(cognito, population, "ada", FRESH)
