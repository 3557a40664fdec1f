"""Attributes as administrators write them: the schema, the verification flags, the aliases."""

from datetime import timedelta

import pytest

from cognate.domain.codes import verification_of
from cognate.domain.ids import PoolId, Sub
from tests.stories.refusals import refused

OLD = "ada@old.example"
NEW = "ada@new.example"


def named(**values):
    return [{"Name": name, "Value": value} for name, value in values.items()]


@pytest.fixture
def a_member(cognito):
    """`a_member(pool, "ada", email=…)`: a user of the pool, made without a message."""

    def create(pool, username="ada", **attributes):
        user = cognito.admin_create_user(
            UserPoolId=pool,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=named(**attributes),
        )["User"]
        return next(a["Value"] for a in user["Attributes"] if a["Name"] == "sub")

    return create


@pytest.fixture
def write(cognito):
    def write(pool, username="ada", **attributes):
        cognito.admin_update_user_attributes(
            UserPoolId=pool, Username=username, UserAttributes=named(**attributes)
        )

    return write


@pytest.fixture
def read(cognito):
    def read(pool, username="ada"):
        user = cognito.admin_get_user(UserPoolId=pool, Username=username)
        return {a["Name"]: a["Value"] for a in user["UserAttributes"] if a["Name"] != "sub"}

    return read


@pytest.fixture
def waiting_code(app, loop_thread):
    """`waiting_code(pool, sub, "email")` → the stored code that proves the attribute, or None."""

    def find(pool, sub, attribute):
        return loop_thread.run(
            app.store.codes.find(PoolId(pool), Sub(sub), verification_of(attribute))
        )

    return find


# --- values --------------------------------------------------------------------------------------


def test_attributes_are_written_and_others_stay(cognito, a_pool, a_member, write, read, clock):
    pool = a_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])
    a_member(pool, name="Ada", gender="f")
    later = clock.advance(timedelta(minutes=1))

    write(pool, name="Augusta Ada", locale="en", **{"custom:team": "engines"})

    assert read(pool) == {
        "name": "Augusta Ada",
        "gender": "f",
        "locale": "en",
        "custom:team": "engines",
    }
    stored = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert stored["UserLastModifiedDate"] == later
    assert stored["UserCreateDate"] < later
    assert stored["UserAttributes"][0]["Name"] == "sub"


def test_an_administrator_writes_what_only_developers_may(a_pool, a_member, write, read):
    pool = a_pool(
        Schema=[
            {"Name": "score", "AttributeDataType": "Number", "DeveloperOnlyAttribute": True},
        ]
    )
    a_member(pool)

    write(pool, **{"dev:custom:score": "7"})

    assert read(pool) == {"dev:custom:score": "7"}


def test_an_empty_value_removes_the_attribute(a_pool, a_member, write, read):
    pool = a_pool()
    a_member(pool, name="Ada", locale="en")

    write(pool, name="")

    assert read(pool) == {"locale": "en"}


def test_removing_is_also_an_operation(cognito, a_pool, a_member, read):
    pool = a_pool()
    a_member(pool, name="Ada", locale="en", email=OLD, email_verified="true")

    cognito.admin_delete_user_attributes(
        UserPoolId=pool, Username="ada", UserAttributeNames=["name", "email", "zoneinfo"]
    )

    assert read(pool) == {"locale": "en"}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"custom:team": "core", "custom:x": "y"},
            "Invalid user attributes: user.custom:team: Attribute does not exist in the schema.\n"
            "user.custom:x: Attribute does not exist in the schema.\n",
        ),
        ({"custom:badge": "8"}, "user.custom:badge: Attribute cannot be updated.\n"),
        ({"sub": "me"}, "user.sub: Attribute cannot be updated.\n"),
        (
            {"family_name": ""},
            "Invalid user attributes: family_name: Required attribute cannot be deleted.",
        ),
        ({"email": "ada"}, "Invalid email address format."),
        ({"phone_number": "0100"}, "Invalid phone number format."),
        (
            {"custom:age": "old"},
            "Attributes did not conform to the schema: custom:age: Invalid number value.\n",
        ),
        (
            {"custom:age": "151"},
            "Attributes did not conform to the schema: "
            "custom:age: Number value is too large. Maximum value is 150.\n",
        ),
        (
            {"custom:nick": "toolong"},
            "Attributes did not conform to the schema: "
            "custom:nick: String value is too long. Maximum length is 5.\n",
        ),
        (
            {"custom:adult": "yes"},
            "Attributes did not conform to the schema: custom:adult: Invalid boolean value.\n",
        ),
        (
            {"custom:since": "yesterday"},
            "Attributes did not conform to the schema: custom:since: Invalid date value.\n",
        ),
        ({"email_verified": "true"}, "Email is required to verify/un-verify an email"),
        (
            {"phone_number_verified": "false"},
            "Phone Number is required to verify/un-verify a phone number",
        ),
        (
            {"email": "", "email_verified": "true"},
            "Email is required to verify/un-verify an email",
        ),
    ],
)
def test_what_the_schema_does_not_allow_is_refused(a_pool, a_member, write, read, given, text):
    pool = a_pool(
        Schema=[
            {"Name": "family_name", "Required": True},
            {"Name": "badge", "AttributeDataType": "Number", "Mutable": False},
            {
                "Name": "age",
                "AttributeDataType": "Number",
                "NumberAttributeConstraints": {"MinValue": "0", "MaxValue": "150"},
            },
            {
                "Name": "nick",
                "AttributeDataType": "String",
                "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "5"},
            },
            {"Name": "adult", "AttributeDataType": "Boolean"},
            {"Name": "since", "AttributeDataType": "DateTime"},
        ]
    )
    before = {"family_name": "Lovelace", "custom:badge": "7"}
    a_member(pool, **before)

    with refused("InvalidParameterException", text):
        write(pool, name="not written either", **given)

    assert read(pool) == before


def test_an_attribute_needs_a_value(cognito, a_pool, a_member):
    pool = a_pool()
    a_member(pool)

    with refused("InvalidParameterException", "Attribute value for picture must not be null"):
        cognito.admin_update_user_attributes(
            UserPoolId=pool, Username="ada", UserAttributes=[{"Name": "picture"}]
        )


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (
            ["custom:team"],
            "Invalid user attributes: user.custom:team: Attribute does not exist in the schema.\n",
        ),
        (["sub"], "user.sub: Attribute cannot be updated.\n"),
        (
            ["name", "phone_number"],
            "Invalid user attributes: phone_number: Required attribute cannot be deleted.",
        ),
    ],
)
def test_what_must_stay_is_not_removed(cognito, a_pool, a_member, read, names, text):
    pool = a_pool(Schema=[{"Name": "phone_number", "Required": True}])
    before = {"phone_number": "+15550100", "name": "Ada"}
    a_member(pool, **before)

    with refused("InvalidParameterException", text):
        cognito.admin_delete_user_attributes(
            UserPoolId=pool, Username="ada", UserAttributeNames=names
        )

    assert read(pool) == before


# --- verification flags --------------------------------------------------------------------------


def test_a_new_address_is_unverified_and_gets_a_code(
    a_pool, a_member, write, read, inbox, waiting_code
):
    pool = a_pool(AutoVerifiedAttributes=["email"])
    sub = a_member(pool, email=OLD, email_verified="true")

    write(pool, email=NEW)

    assert read(pool) == {"email": NEW, "email_verified": "false"}
    (message,) = inbox(NEW)
    assert message.body == f"Your verification code is {message.code}. "
    code = waiting_code(pool, sub, "email")
    assert code.expires_at == code.issued_at + timedelta(hours=24)
    assert code.pending_value is None
    assert inbox(OLD) == []


def test_without_automatic_verification_no_code_is_sent(a_pool, a_member, write, read, inbox):
    pool = a_pool()
    a_member(pool, email=OLD, email_verified="true")

    write(pool, email=NEW)

    assert read(pool) == {"email": NEW, "email_verified": "false"}
    assert inbox(NEW) == []


def test_an_address_that_comes_verified_needs_no_code(a_pool, a_member, write, read, inbox):
    pool = a_pool(AutoVerifiedAttributes=["email"])
    a_member(pool, email=OLD)

    write(pool, email=NEW, email_verified="True")

    assert read(pool) == {"email": NEW, "email_verified": "true"}
    assert inbox(NEW) == []


def test_the_same_address_again_keeps_its_flag(a_pool, a_member, write, read, inbox):
    pool = a_pool(AutoVerifiedAttributes=["email"])
    a_member(pool, email=OLD, email_verified="true")

    write(pool, email=OLD, name="Ada")

    assert read(pool) == {"email": OLD, "email_verified": "true", "name": "Ada"}
    assert inbox(OLD) == []


def test_a_flag_can_be_taken_back(a_pool, a_member, write, read):
    pool = a_pool()
    a_member(pool, email=OLD, email_verified="true")

    write(pool, email_verified="false")

    assert read(pool) == {"email": OLD, "email_verified": "false"}


def test_a_number_is_verified_by_sms(a_pool, a_member, write, inbox, waiting_code):
    pool = a_pool(AutoVerifiedAttributes=["email", "phone_number"])
    sub = a_member(pool)

    write(pool, email=NEW, phone_number="+15550100")

    (sms,), (mail,) = inbox("+15550100"), inbox(NEW)
    assert (sms.channel, mail.channel) == ("sms", "email")
    assert waiting_code(pool, sub, "phone_number").attribute == "phone_number"
    assert waiting_code(pool, sub, "email").attribute == "email"


def test_a_code_that_went_to_the_old_address_does_not_prove_the_new_one(
    a_pool, a_member, write, waiting_code
):
    pool = a_pool(AutoVerifiedAttributes=["email"])
    sub = a_member(pool)
    write(pool, email=OLD)

    write(pool, email=NEW, email_verified="true")

    assert waiting_code(pool, sub, "email") is None


# --- verification before the update --------------------------------------------------------------


@pytest.fixture
def a_careful_pool(a_pool):
    return a_pool(
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
    )


def test_a_value_that_must_be_verified_first_waits(
    a_careful_pool, a_member, write, read, inbox, waiting_code
):
    sub = a_member(a_careful_pool, email=OLD, email_verified="true")

    write(a_careful_pool, email=NEW, name="Ada")

    assert read(a_careful_pool) == {"email": OLD, "email_verified": "true", "name": "Ada"}
    assert len(inbox(NEW)) == 1
    assert waiting_code(a_careful_pool, sub, "email").pending_value == NEW


def test_an_administrator_who_vouches_for_it_need_not_wait(
    a_careful_pool, a_member, write, read, inbox
):
    a_member(a_careful_pool, email=OLD, email_verified="true")

    write(a_careful_pool, email=NEW, email_verified="true")

    assert read(a_careful_pool) == {"email": NEW, "email_verified": "true"}
    assert inbox(NEW) == []


def test_writing_the_old_value_again_calls_the_change_off(
    a_careful_pool, a_member, write, read, waiting_code
):
    sub = a_member(a_careful_pool, email=OLD, email_verified="true")
    write(a_careful_pool, email=NEW)

    write(a_careful_pool, email=OLD)

    assert waiting_code(a_careful_pool, sub, "email") is None
    assert read(a_careful_pool) == {"email": OLD, "email_verified": "true"}


# --- sign-in names -------------------------------------------------------------------------------


def test_an_alias_moves_with_its_verification(cognito, a_pool, a_member, write):
    pool = a_pool(AliasAttributes=["email"])
    a_member(pool, email=OLD, email_verified="true")

    write(pool, email=NEW)

    for address in (OLD, NEW):
        with refused("UserNotFoundException", "User does not exist."):
            cognito.admin_get_user(UserPoolId=pool, Username=address)
    write(pool, email_verified="true")
    assert cognito.admin_get_user(UserPoolId=pool, Username=NEW)["Username"] == "ada"


def test_somebody_elses_verified_alias_is_refused(a_pool, a_member, write, read):
    pool = a_pool(
        AliasAttributes=["email", "phone_number", "preferred_username"],
        UsernameConfiguration={"CaseSensitive": False},
    )
    a_member(
        pool,
        "ada",
        email=OLD,
        email_verified="true",
        phone_number="+15550100",
        phone_number_verified="true",
        preferred_username="countess",
    )
    a_member(pool, "bob")

    for given, kind in [
        ({"email": OLD.upper(), "email_verified": "true"}, "email"),
        ({"phone_number": "+15550100", "phone_number_verified": "true"}, "phone_number"),
        ({"preferred_username": "Countess"}, "preferred_username"),
        ({"preferred_username": "ADA"}, "preferred_username"),
    ]:
        with refused("AliasExistsException", f"An account with the given {kind} already exists."):
            write(pool, "bob", **given)
    assert read(pool, "bob") == {}
    # Unverified it may stand beside the other's, and one's own is no conflict.
    write(pool, "bob", email=OLD)
    write(pool, "ada", preferred_username="Ada")
    with refused("AliasExistsException", "An account with the given email already exists."):
        write(pool, "bob", email_verified="true")


def test_a_sign_in_address_changes_at_once_and_stays_one_users(cognito, a_pool, write, read):
    pool = a_pool(UsernameAttributes=["email"])
    for address in (OLD, "bob@example.com"):
        cognito.admin_create_user(UserPoolId=pool, Username=address)

    write(pool, OLD, email=NEW)

    assert read(pool, NEW) == {"email": NEW, "email_verified": "false"}
    with refused("UserNotFoundException", "User does not exist."):
        read(pool, OLD)
    with refused("AliasExistsException", "An account with the given email already exists."):
        write(pool, NEW, email="bob@example.com")


def test_a_sign_in_address_that_waits_must_be_free_already(cognito, a_pool, write, read):
    pool = a_pool(
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
    )
    for address in (OLD, "bob@example.com"):
        cognito.admin_create_user(UserPoolId=pool, Username=address)

    with refused("AliasExistsException", "An account with the given email already exists."):
        write(pool, OLD, email="bob@example.com")

    assert read(pool, OLD) == {"email": OLD}


def test_the_last_sign_in_name_is_not_removed(cognito, a_pool, write, read):
    pool = a_pool(UsernameAttributes=["email", "phone_number"])
    cognito.admin_create_user(UserPoolId=pool, Username=OLD)

    with refused(
        "InvalidParameterException",
        "Invalid user attributes: email: Required attribute cannot be deleted.",
    ):
        write(pool, OLD, email="")

    assert read(pool, OLD) == {"email": OLD}
