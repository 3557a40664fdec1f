"""What a user may be called (user-pools.md C.4)."""

from datetime import UTC, datetime

import pytest

from cognate.domain.ids import PoolId, Sub
from cognate.domain.pools import Pool
from cognate.domain.usernames import sign_in_name, with_username_attribute
from cognate.domain.users import User, UserStatus
from cognate.errors import InvalidParameterException

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def a_pool(**settings) -> Pool:
    return Pool(
        pool_id=PoolId("us-east-1_abcdefghi"),
        name="a pool",
        region="us-east-1",
        account_id="000000000000",
        created_at=NOW,
        modified_at=NOW,
        data_key_id="00",
        signing_keys=(),
        **settings,
    )


def test_a_name_is_a_name_where_the_pool_says_nothing():
    assert with_username_attribute(a_pool(), "ada@example.com", {"name": "Ada"}) == {"name": "Ada"}


@pytest.mark.parametrize(
    ("kinds", "username", "attribute"),
    [
        (("email",), "ada@example.com", "email"),
        (("phone_number",), "+15550100", "phone_number"),
        (("phone_number", "email"), "ada@example.com", "email"),
        (("email", "phone_number"), "+15550100", "phone_number"),
    ],
)
def test_the_name_is_copied_into_the_attribute_that_it_is(kinds, username, attribute):
    pool = a_pool(username_attributes=kinds)

    assert with_username_attribute(pool, username, {"name": "Ada"}) == {
        "name": "Ada",
        attribute: username,
    }


@pytest.mark.parametrize(
    ("kinds", "username", "text"),
    [
        (("email",), "ada", "Username should be an email."),
        (("email",), "+15550100", "Username should be an email."),
        (("phone_number",), "ada@example.com", "Username should be a phone number."),
        (
            ("email", "phone_number"),
            "ada",
            "Username should be either an email or a phone number.",
        ),
    ],
)
def test_a_name_of_another_form_is_refused(kinds, username, text):
    with pytest.raises(InvalidParameterException) as refusal:
        with_username_attribute(a_pool(username_attributes=kinds), username, {})

    assert refusal.value.message == text


def test_an_attribute_that_says_otherwise_than_the_name_is_refused():
    pool = a_pool(username_attributes=("email",), case_sensitive=False)

    folded = with_username_attribute(pool, "ada@example.com", {"email": "ADA@example.com"})
    with pytest.raises(InvalidParameterException) as refusal:
        with_username_attribute(pool, "ada@example.com", {"email": "bob@example.com"})

    assert folded == {"email": "ada@example.com"}
    assert refusal.value.message == "Username and email do not match."


@pytest.mark.parametrize(
    ("alias", "username", "text"),
    [
        (
            "email",
            "ada@example.com",
            "Username cannot be of email format, since user pool is configured for email alias.",
        ),
        (
            "phone_number",
            "+15550100",
            "Username cannot be of phone number format, "
            "since user pool is configured for phone number alias.",
        ),
    ],
)
def test_a_name_cannot_look_like_an_alias(alias, username, text):
    other = "phone_number" if alias == "email" else "email"

    with pytest.raises(InvalidParameterException) as refusal:
        with_username_attribute(a_pool(alias_attributes=(alias,)), username, {})

    assert refusal.value.message == text
    assert with_username_attribute(a_pool(alias_attributes=(other,)), username, {}) == {}


def test_a_user_signs_in_with_the_attribute_where_the_user_name_is_an_id():
    user = User(
        pool_id=PoolId("us-east-1_abcdefghi"),
        sub=Sub("0b1c"),
        username="0b1c",
        status=UserStatus.CONFIRMED,
        created_at=NOW,
        modified_at=NOW,
        attributes={"phone_number": "+15550100"},
    )

    assert sign_in_name(a_pool(username_attributes=("email", "phone_number")), user) == "+15550100"
    assert sign_in_name(a_pool(alias_attributes=("phone_number",)), user) == "0b1c"
