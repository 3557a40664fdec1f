"""Proving an e-mail address or phone number by a code, and changing one without losing it."""

from datetime import timedelta

import pytest

from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused
from tests.stories.steps import (
    NO_CODE,
    TOO_OFTEN,
    WRONG_CODE,
    another,
    attributes,
    named,
    sign_in,
    tokens_of,
)

ADA = "ada@example.com"
NEW = "new@example.com"
PHONE = "+15550100"
NOT_VERIFIABLE = "Invalid attribute name. Only phone_number and email can be verified."


@pytest.fixture
def access(cognito):
    def token(user):
        return tokens_of(cognito, user)["AccessToken"]

    return token


@pytest.fixture
def send(cognito):
    """`send(token, attribute)` → where the code went."""

    def ask(token, attribute="email"):
        answer = cognito.get_user_attribute_verification_code(
            AccessToken=token, AttributeName=attribute
        )
        return answer["CodeDeliveryDetails"]

    return ask


@pytest.fixture
def verify(cognito):
    def answer(token, code, attribute="email"):
        return cognito.verify_user_attribute(AccessToken=token, AttributeName=attribute, Code=code)

    return answer


@pytest.fixture
def update(cognito):
    def write(token, **values):
        answer = cognito.update_user_attributes(AccessToken=token, UserAttributes=named(**values))
        return answer["CodeDeliveryDetailsList"]

    return write


@pytest.fixture
def shown(cognito):
    """`shown(token)` → the caller's attributes."""

    def read(token):
        return attributes(cognito.get_user(AccessToken=token))

    return read


# --- asking for a code ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribute", "value", "delivery"),
    [
        ("email", ADA, {"Destination": "a***@e***", "DeliveryMedium": "EMAIL"}),
        ("phone_number", PHONE, {"Destination": "+****0100", "DeliveryMedium": "SMS"}),
    ],
)
def test_a_code_proves_an_address(
    a_user, access, send, verify, shown, inbox, attribute, value, delivery
):
    ada = a_user(attributes={attribute: value})
    token = access(ada)

    sent = send(token, attribute)
    [message] = inbox(value)
    answer = verify(token, message.code, attribute)

    assert sent == {**delivery, "AttributeName": attribute}
    assert message.body == f"Your verification code is {message.code}. "
    assert set(answer) == {"ResponseMetadata"}
    assert shown(token)[f"{attribute}_verified"] == "true"


@pytest.mark.parametrize("attribute", ["name", "sub", "email_verified", "custom:x"])
def test_only_addresses_are_verified(a_user, access, send, verify, attribute):
    ada = a_user(attributes={"name": "Ada"})
    token = access(ada)

    with refused("InvalidParameterException", NOT_VERIFIABLE):
        send(token, attribute)
    with refused("InvalidParameterException", NOT_VERIFIABLE):
        verify(token, "123456", attribute)


def test_without_an_address_there_is_nothing_to_send_to(a_user, access, send):
    ada = a_user()

    with refused("InvalidParameterException", "The user has no email to verify."):
        send(access(ada))


def test_a_wrong_code_does_not_use_up_the_right_one(a_user, access, send, verify, shown, inbox):
    ada = a_user(attributes={"email": ADA})
    token = access(ada)
    send(token)
    code = inbox(ADA)[0].code

    with refused("CodeMismatchException", WRONG_CODE):
        verify(token, another(code))
    assert shown(token).get("email_verified") != "true"

    assert verify(token, code)


def test_a_code_is_good_once(a_user, access, send, verify, inbox):
    ada = a_user(attributes={"email": ADA})
    token = access(ada)
    send(token)
    code = inbox(ADA)[0].code
    verify(token, code)

    with refused("ExpiredCodeException", NO_CODE):
        verify(token, code)


def test_a_code_lives_for_a_day(a_pool, a_client, a_user, access, send, verify, inbox, clock):
    pool = a_pool()
    client = a_client(pool, AccessTokenValidity=1, TokenValidityUnits={"AccessToken": "days"})
    ada = a_user(pool_id=pool, client_id=client["ClientId"], attributes={"email": ADA})
    send(access(ada))
    code = inbox(ADA)[0].code

    clock.advance(timedelta(hours=24))

    with refused("ExpiredCodeException", NO_CODE):
        verify(access(ada), code)


def test_a_code_is_good_for_its_user_and_attribute_only(a_user, access, send, verify, inbox):
    ada = a_user(attributes={"email": ADA, "phone_number": PHONE})
    eve = a_user(
        username="eve",
        pool_id=ada.pool_id,
        client_id=ada.client_id,
        attributes={"email": "eve@example.com"},
    )
    send(access(ada))
    code = inbox(ADA)[0].code

    with refused("ExpiredCodeException", NO_CODE):
        verify(access(eve), code)
    with refused("ExpiredCodeException", NO_CODE):
        verify(access(ada), code, "phone_number")


def test_a_code_for_the_old_address_does_not_prove_the_new_one(
    a_user, access, send, verify, update, shown, inbox
):
    ada = a_user(attributes={"email": ADA})
    token = access(ada)
    send(token)
    update(token, email="victim@example.com")

    with refused("ExpiredCodeException", NO_CODE):
        verify(token, inbox(ADA)[0].code)
    assert shown(token)["email_verified"] == "false"


# --- codes that come with a change ---------------------------------------------------------------


def test_a_changed_address_is_sent_a_code_where_the_pool_verifies_it(
    a_pool, a_user, access, update, verify, shown, inbox
):
    pool = a_pool(AutoVerifiedAttributes=["email", "phone_number"])
    ada = a_user(pool_id=pool, attributes={"email": ADA, "email_verified": "true"})
    token = access(ada)

    sent = update(token, email=NEW, phone_number=PHONE)

    assert sorted(sent, key=lambda one: one["AttributeName"]) == [
        {"Destination": "n***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"},
        {"Destination": "+****0100", "DeliveryMedium": "SMS", "AttributeName": "phone_number"},
    ]
    assert shown(token)["email"] == NEW
    assert shown(token)["email_verified"] == "false"
    verify(token, inbox(NEW)[0].code)
    verify(token, inbox(PHONE)[0].code, "phone_number")
    assert shown(token)["email_verified"] == shown(token)["phone_number_verified"] == "true"


@pytest.fixture
def careful(a_pool, a_client, a_user):
    """`careful(**CreateUserPool arguments)` → ada, whose address stays till a new one is proven."""

    def create(**pool):
        pool_id = a_pool(
            AutoVerifiedAttributes=["email"],
            UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
            **pool,
        )
        by_address = bool(pool.get("UsernameAttributes"))
        return a_user(
            username=ADA if by_address else "ada",
            pool_id=pool_id,
            attributes={"email": ADA, "email_verified": "true"},
        )

    return create


def test_the_old_address_stays_until_the_new_one_is_proven(
    careful, access, update, verify, shown, inbox, cognito
):
    ada = careful(UsernameAttributes=["email"])
    token = access(ada)

    sent = update(token, email=NEW)
    meanwhile = shown(token)

    assert sent == [
        {"Destination": "n***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    ]
    assert (meanwhile["email"], meanwhile["email_verified"]) == (ADA, "true")
    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, ADA, PASSWORD)
    with refused("UserNotFoundException", "User does not exist."):
        sign_in(cognito, ada.client_id, NEW, PASSWORD)

    verify(token, inbox(NEW)[0].code)

    afterwards = shown(token)
    assert (afterwards["email"], afterwards["email_verified"]) == (NEW, "true")
    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, NEW, PASSWORD)
    with refused("UserNotFoundException", "User does not exist."):
        sign_in(cognito, ada.client_id, ADA, PASSWORD)


def test_a_code_for_an_address_that_waits_can_be_sent_again(
    careful, access, update, send, verify, shown, inbox, clock
):
    ada = careful()
    token = access(ada)
    update(token, email=NEW)
    clock.advance(timedelta(minutes=1))

    sent = send(token)
    verify(token, inbox(NEW)[0].code)

    assert sent["Destination"] == "n***@e***"
    assert shown(token)["email"] == NEW


def test_an_address_that_somebody_took_meanwhile_stays_theirs(
    careful, a_user, access, update, verify, inbox, shown
):
    ada = careful(UsernameAttributes=["email"])
    token = access(ada)
    update(token, email=NEW)
    a_user(username=NEW, pool_id=ada.pool_id, client_id=ada.client_id)

    with refused("AliasExistsException", "An account with the given email already exists."):
        verify(token, inbox(NEW)[0].code)
    assert shown(token)["email"] == ADA


def test_a_reset_code_to_the_old_address_dies_with_it(
    careful, access, update, verify, inbox, cognito, clock
):
    ada = careful()
    token = access(ada)
    cognito.forgot_password(ClientId=ada.client_id, Username="ada")
    update(token, email=NEW)
    verify(token, inbox(NEW)[0].code)

    with refused("ExpiredCodeException", NO_CODE):
        cognito.confirm_forgot_password(
            ClientId=ada.client_id,
            Username="ada",
            ConfirmationCode=inbox(ADA)[0].code,
            Password="Fresh-horse2!",
        )


def test_an_alias_moves_to_whoever_proves_it_last(
    a_pool, a_user, access, send, verify, cognito, inbox
):
    pool = a_pool(AliasAttributes=["email"])
    first = a_user(
        username="first", pool_id=pool, attributes={"email": ADA, "email_verified": "true"}
    )
    second = a_user(
        username="second",
        pool_id=pool,
        client_id=first.client_id,
        attributes={"email": ADA},
    )
    token = access(second)

    send(token)
    verify(token, inbox(ADA)[0].code)

    assert cognito.admin_get_user(UserPoolId=pool, Username=ADA)["Username"] == "second"
    loser = cognito.admin_get_user(UserPoolId=pool, Username="first")
    assert attributes(loser)["email_verified"] == "false"


# --- limits --------------------------------------------------------------------------------------


def test_five_codes_an_hour_are_sent(a_user, access, send, inbox, clock):
    ada = a_user(attributes={"email": ADA})
    token = access(ada)
    for _ in range(5):
        send(token)

    with refused("LimitExceededException", TOO_OFTEN):
        send(token)
    assert len(inbox(ADA)) == 5
    clock.advance(timedelta(hours=1))

    assert send(access(ada))


def test_fifteen_codes_an_hour_are_judged(a_user, access, send, verify, inbox):
    ada = a_user(attributes={"email": ADA})
    token = access(ada)
    send(token)
    code = inbox(ADA)[0].code
    for _ in range(15):
        with refused("CodeMismatchException", WRONG_CODE):
            verify(token, another(code))

    with refused("LimitExceededException", TOO_OFTEN):
        verify(token, code)
