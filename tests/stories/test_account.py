"""What people do with their own account by an access token: read, write, change, delete."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused
from tests.stories.steps import (
    INCORRECT,
    TOO_OFTEN,
    attributes,
    named,
    sign_in,
    tokens_of,
)

ADA = "ada@example.com"
FRESH = "Fresh-horse2!"
UNAUTHORIZED_WRITE = "A client attempted to write unauthorized attribute"


@pytest.fixture
def access(cognito):
    """`access(user)` → a fresh access token."""

    def token(user):
        return tokens_of(cognito, user)["AccessToken"]

    return token


@pytest.fixture
def of_client(a_pool, a_client, a_user):
    """`of_client(client={…}, attributes={…}, **CreateUserPool arguments)` → ada, of that client."""

    def create(*, client=None, attributes=None, username="ada", **pool):
        pool_id = a_pool(**pool)
        client_id = a_client(pool_id, **(client or {}))["ClientId"]
        return a_user(
            pool_id=pool_id, client_id=client_id, username=username, attributes=attributes
        )

    return create


@pytest.fixture
def update(cognito):
    def write(token, **values):
        answer = cognito.update_user_attributes(AccessToken=token, UserAttributes=named(**values))
        return answer["CodeDeliveryDetailsList"]

    return write


# --- reading -------------------------------------------------------------------------------------


def test_people_read_their_own_account(cognito, a_user, access):
    ada = a_user(attributes={"email": ADA, "email_verified": "true", "name": "Ada"})

    user = cognito.get_user(AccessToken=access(ada))

    assert user["Username"] == "ada"
    assert user["UserAttributes"][0] == {"Name": "sub", "Value": ada.sub}
    assert attributes(user) == {
        "sub": ada.sub,
        "email": ADA,
        "email_verified": "true",
        "name": "Ada",
    }
    assert not {"MFAOptions", "PreferredMfaSetting", "UserMFASettingList"} & set(user)


def test_a_client_shows_what_it_may_read(cognito, of_client, access):
    ada = of_client(client={"ReadAttributes": ["name"]}, attributes={"email": ADA, "name": "Ada"})

    user = cognito.get_user(AccessToken=access(ada))

    assert attributes(user) == {"sub": ada.sub, "name": "Ada"}


def test_developer_attributes_are_not_shown(cognito, of_client, access):
    ada = of_client(
        Schema=[{"Name": "tier", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}],
        attributes={"dev:custom:tier": "gold", "name": "Ada"},
    )

    user = cognito.get_user(AccessToken=access(ada))

    assert attributes(user) == {"sub": ada.sub, "name": "Ada"}


# --- writing attributes --------------------------------------------------------------------------


def test_people_write_their_attributes(cognito, a_user, access, update, clock):
    ada = a_user(attributes={"name": "Ada", "nickname": "A"})
    token = access(ada)
    later = clock.advance(timedelta(minutes=1))

    deliveries = update(
        token, name="Ada Lovelace", picture="https://example.com/a.png", nickname=""
    )

    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert deliveries == []
    assert attributes(stored) == {
        "sub": ada.sub,
        "name": "Ada Lovelace",
        "picture": "https://example.com/a.png",
    }
    assert stored["UserLastModifiedDate"] == later


def test_a_new_address_is_unproven(a_user, access, update, cognito, inbox):
    ada = a_user(attributes={"email": ADA, "email_verified": "true"})
    token = access(ada)

    assert update(token, email="new@example.com") == []

    user = attributes(cognito.get_user(AccessToken=token))
    assert (user["email"], user["email_verified"]) == ("new@example.com", "false")
    assert inbox("new@example.com") == []


def test_the_same_address_stays_proven(a_user, access, update, cognito):
    ada = a_user(attributes={"email": ADA, "email_verified": "true"})
    token = access(ada)

    update(token, email=ADA)

    assert attributes(cognito.get_user(AccessToken=token))["email_verified"] == "true"


@pytest.mark.parametrize("flag", ["email_verified", "phone_number_verified", "sub"])
def test_nobody_vouches_for_themselves(a_user, access, update, flag):
    ada = a_user(attributes={"email": ADA})

    with refused("NotAuthorizedException", UNAUTHORIZED_WRITE):
        update(access(ada), **{flag: "true"})


def test_a_client_writes_what_it_may(of_client, access, update):
    ada = of_client(client={"WriteAttributes": ["name"]})
    token = access(ada)

    assert update(token, name="Ada") == []
    with refused("NotAuthorizedException", UNAUTHORIZED_WRITE):
        update(token, picture="https://example.com/a.png")


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ({"email": "no address"}, "Invalid email address format."),
        ({"phone_number": "0555"}, "Invalid phone number format."),
        (
            {"custom:unknown": "x"},
            "Attributes did not conform to the schema: "
            "custom:unknown: Attribute does not exist in the schema.\n",
        ),
        (
            {"updated_at": "yesterday"},
            "Attributes did not conform to the schema: updated_at: Invalid number value.\n",
        ),
    ],
)
def test_an_attribute_that_cannot_be_is_refused(a_user, access, update, attribute, text):
    ada = a_user()

    with refused("InvalidParameterException", text):
        update(access(ada), **attribute)


def test_an_attribute_without_a_value_is_refused(cognito, a_user, access):
    ada = a_user()

    with refused("InvalidParameterException", "Attribute value for picture must not be null"):
        cognito.update_user_attributes(
            AccessToken=access(ada), UserAttributes=[{"Name": "picture"}]
        )


def test_what_is_set_once_stays(of_client, access, update, cognito):
    ada = of_client(
        Schema=[{"Name": "tenant", "AttributeDataType": "String", "Mutable": False}],
        attributes={"custom:tenant": "42"},
    )
    token = access(ada)

    with refused("InvalidParameterException", "user.custom:tenant: Attribute cannot be updated.\n"):
        update(token, **{"custom:tenant": "43"})
    assert attributes(cognito.get_user(AccessToken=token))["custom:tenant"] == "42"


def test_a_required_attribute_that_is_missing_must_come_along(
    cognito, a_pool, a_client, a_user, access, update
):
    pool = a_pool(Schema=[{"Name": "given_name", "Required": True}])
    ada = a_user(pool_id=pool)  # administrators may leave it out
    token = access(ada)

    with refused(
        "InvalidParameterException",
        "Attributes did not conform to the schema: given_name: The attribute is required\n",
    ):
        update(token, nickname="A")
    assert update(token, nickname="A", given_name="Ada") == []


def test_a_required_attribute_is_not_deleted(cognito, of_client, access, update):
    ada = of_client(
        Schema=[{"Name": "phone_number", "Required": True}],
        attributes={"phone_number": "+15550100"},
    )
    token = access(ada)
    text = "Invalid user attributes: phone_number: Required attribute cannot be deleted."

    with refused("InvalidParameterException", text):
        update(token, phone_number="")
    with refused("InvalidParameterException", text):
        cognito.delete_user_attributes(AccessToken=token, UserAttributeNames=["phone_number"])


def test_attributes_are_deleted(cognito, a_user, access):
    ada = a_user(attributes={"email": ADA, "email_verified": "true", "name": "Ada"})
    token = access(ada)

    answer = cognito.delete_user_attributes(
        AccessToken=token, UserAttributeNames=["email", "nickname"]
    )

    assert set(answer) == {"ResponseMetadata"}
    assert attributes(cognito.get_user(AccessToken=token)) == {"sub": ada.sub, "name": "Ada"}


def test_deleting_is_writing(cognito, of_client, access):
    ada = of_client(client={"WriteAttributes": ["name"]}, attributes={"picture": "p"})
    token = access(ada)

    with refused("NotAuthorizedException", UNAUTHORIZED_WRITE):
        cognito.delete_user_attributes(AccessToken=token, UserAttributeNames=["picture"])
    with refused("NotAuthorizedException", UNAUTHORIZED_WRITE):
        cognito.delete_user_attributes(AccessToken=token, UserAttributeNames=["sub"])
    with refused(
        "InvalidParameterException",
        "Attributes did not conform to the schema: "
        "custom:x: Attribute does not exist in the schema.\n",
    ):
        cognito.delete_user_attributes(AccessToken=token, UserAttributeNames=["custom:x"])


def test_the_only_sign_in_name_is_not_deleted(cognito, of_client, access):
    ada = of_client(UsernameAttributes=["email"], username=ADA)

    with refused(
        "InvalidParameterException",
        "Invalid user attributes: email: Required attribute cannot be deleted.",
    ):
        cognito.delete_user_attributes(AccessToken=access(ada), UserAttributeNames=["email"])


def test_a_new_address_is_the_new_sign_in_name(cognito, of_client, access, update):
    ada = of_client(UsernameAttributes=["email"], username=ADA)
    token = access(ada)

    update(token, email="new@example.com")

    with refused("UserNotFoundException", "User does not exist."):
        sign_in(cognito, ada.client_id, ADA, PASSWORD)
    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "new@example.com", PASSWORD)


def test_a_sign_in_name_is_one_users(cognito, of_client, a_user, access, update):
    ada = of_client(UsernameAttributes=["email"], username=ADA)
    a_user(username="bob@example.com", pool_id=ada.pool_id, client_id=ada.client_id)

    with refused("AliasExistsException", "An account with the given email already exists."):
        update(access(ada), email="bob@example.com")


def test_a_preferred_user_name_is_taken_at_once_and_once(
    cognito, of_client, a_user, access, update
):
    ada = of_client(AliasAttributes=["preferred_username"])
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    update(access(ada), preferred_username="countess")

    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "countess", PASSWORD)
    for name in ("countess", "ada"):
        with refused(
            "AliasExistsException",
            "An account with the given preferred_username already exists.",
        ):
            update(access(bob), preferred_username=name)


# --- changing the password -----------------------------------------------------------------------


@pytest.fixture
def change(cognito):
    def set_password(token, previous=PASSWORD, proposed=FRESH):
        return cognito.change_password(
            AccessToken=token, PreviousPassword=previous, ProposedPassword=proposed
        )

    return set_password


def test_people_change_their_password(cognito, a_user, access, change):
    ada = a_user()
    token = access(ada)

    answer = change(token)

    assert set(answer) == {"ResponseMetadata"}
    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, ada.client_id, "ada", PASSWORD)
    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "ada", FRESH)
    assert cognito.get_user(AccessToken=token)["Username"] == "ada"


def test_a_wrong_previous_password_changes_nothing(cognito, a_user, access, change):
    ada = a_user()

    with refused("NotAuthorizedException", INCORRECT):
        change(access(ada), previous="Wrong-horse1!")

    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "ada", PASSWORD)


def test_a_missing_previous_password_is_asked_for(cognito, a_user, access):
    ada = a_user()

    with refused("InvalidParameterException", "Missing required parameter PreviousPassword"):
        cognito.change_password(AccessToken=access(ada), ProposedPassword=FRESH)


def test_the_policy_holds(a_user, access, change):
    ada = a_user()

    with refused(
        "InvalidPasswordException",
        "Password did not conform with policy: Password must have symbol characters",
    ):
        change(access(ada), proposed="CorrectHorse1")


def test_the_history_holds(of_client, access, change):
    ada = of_client(Policies={"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 2}})
    token = access(ada)
    used = ("PasswordHistoryPolicyViolationException", "Password has previously been used")

    with refused(*used):
        change(token, PASSWORD, PASSWORD)
    change(token, PASSWORD, FRESH)
    with refused(*used):
        change(token, FRESH, PASSWORD)
    change(token, FRESH, "Third-horse3!")

    assert change(token, "Third-horse3!", PASSWORD)


def test_guesses_at_the_previous_password_count_as_guesses(cognito, a_user, access, change):
    ada = a_user()
    token = access(ada)
    for _ in range(5):
        with refused("NotAuthorizedException", INCORRECT):
            change(token, previous="Wrong-horse1!")

    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(cognito, ada.client_id, "ada", PASSWORD)


def test_five_changes_an_hour_are_tried(a_user, access, change, clock):
    ada = a_user()
    token = access(ada)
    passwords = [PASSWORD, *(f"Changed-horse{n}!" for n in range(6))]
    for previous, proposed in pairwise(passwords[:6]):
        change(token, previous, proposed)

    with refused("LimitExceededException", TOO_OFTEN):
        change(token, passwords[5], passwords[6])
    clock.advance(timedelta(hours=1) - timedelta(milliseconds=1))
    with refused("LimitExceededException", TOO_OFTEN):
        change(token, passwords[5], passwords[6])
    clock.advance(timedelta(milliseconds=1))

    later = access(replace(ada, password=passwords[5]))  # the first has expired, too
    assert change(later, passwords[5], passwords[6])


# --- deleting ------------------------------------------------------------------------------------


def test_people_delete_themselves(cognito, a_user, access):
    ada = a_user()
    first, second = access(ada), access(ada)

    answer = cognito.delete_user(AccessToken=first)

    assert set(answer) == {"ResponseMetadata"}
    for token in (first, second):
        with refused("UserNotFoundException", "User does not exist."):
            cognito.get_user(AccessToken=token)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        sign_in(cognito, ada.client_id, "ada", PASSWORD)


def test_the_name_of_a_deleted_user_is_free(cognito, a_user, access):
    ada = a_user(attributes={"email": ADA})
    token = access(ada)
    cognito.delete_user(AccessToken=token)

    other = a_user(pool_id=ada.pool_id, client_id=ada.client_id)

    assert other.sub != ada.sub
    with refused("UserNotFoundException", "User does not exist."):
        cognito.get_user(AccessToken=token)
    assert attributes(cognito.get_user(AccessToken=access(other))) == {"sub": other.sub}
