"""Finding users: filters, pages, and the attributes asked for."""

from datetime import timedelta

import pytest

from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
BAD_TOKEN = ("InvalidParameterException", "Invalid pagination token")


def named(**values):
    return [{"Name": name, "Value": value} for name, value in values.items()]


@pytest.fixture
def a_member(cognito):
    def create(pool, username, **attributes):
        user = cognito.admin_create_user(
            UserPoolId=pool,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=named(**attributes),
        )["User"]
        return next(a["Value"] for a in user["Attributes"] if a["Name"] == "sub")

    return create


@pytest.fixture
def found(cognito):
    """`found(pool, filter)` → the user names, in the order of the answer."""

    def names(pool, condition):
        users = cognito.list_users(UserPoolId=pool, Filter=condition)["Users"]
        return [user["Username"] for user in users]

    return names


def test_every_user_is_listed_as_administrators_see_them(cognito, a_pool, a_member):
    pool = a_pool()
    a_member(pool, "ada", email="ada@example.com")
    a_member(pool, "bob")
    a_member(a_pool(), "eve")

    answer = cognito.list_users(UserPoolId=pool)

    assert {user["Username"] for user in answer["Users"]} == {"ada", "bob"}
    assert "PaginationToken" not in answer
    ada = next(user for user in answer["Users"] if user["Username"] == "ada")
    stored = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert ada["Attributes"] == stored["UserAttributes"]
    assert ada["UserStatus"] == stored["UserStatus"]
    assert ada["UserCreateDate"] == stored["UserCreateDate"]
    assert ada["UserLastModifiedDate"] == stored["UserLastModifiedDate"]
    assert ada["Enabled"] is True
    assert "MFAOptions" not in ada


def test_an_empty_pool_lists_nobody(cognito, a_pool):
    assert cognito.list_users(UserPoolId=a_pool())["Users"] == []


@pytest.mark.parametrize(
    ("condition", "usernames"),
    [
        ("", {"ada", "Adam", "bob"}),
        ('username = "ada"', {"ada"}),
        ('username = "ADA"', set()),
        ('username ^= "ad"', {"ada"}),
        ('username ^= ""', {"ada", "Adam", "bob"}),
        ('email = "ada@example.com"', {"ada"}),
        ('email="ADA@Example.com"', {"ada"}),
        ('"email"^="ada"', {"ada", "Adam"}),
        ('email ^= ""', {"ada", "Adam"}),
        ('email = ""', set()),
        ('phone_number ^= "+1555"', {"bob"}),
        ('name = "the \\"enchantress\\""', {"ada"}),
        ('given_name = "augusta"', {"ada"}),
        ('family_name ^= "LOVE"', {"ada"}),
        ('preferred_username = "countess"', {"ada"}),
        ('cognito:user_status = "CONFIRMED"', {"bob"}),
        ('cognito:user_status = "force_change_password"', {"ada", "Adam"}),
        ('cognito:user_status ^= "Force"', {"ada", "Adam"}),
        ('status = "Enabled"', {"ada", "bob"}),
        ('status = "Disabled"', {"Adam"}),
        ('status = "enabled"', set()),
        ('status ^= "Dis"', {"Adam"}),
        ('status ^= ""', {"ada", "Adam", "bob"}),
    ],
)
def test_one_condition_finds_users(cognito, a_pool, a_member, found, condition, usernames):
    pool = a_pool()
    a_member(
        pool,
        "ada",
        email="ada@example.com",
        name='The "Enchantress"',
        given_name="Augusta",
        family_name="Lovelace",
        preferred_username="countess",
    )
    a_member(pool, "Adam", email="adam@example.com")
    a_member(pool, "bob", phone_number="+15550100")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="bob", Password="Correct-horse1!", Permanent=True
    )
    cognito.admin_disable_user(UserPoolId=pool, Username="Adam")

    names = found(pool, condition)

    assert set(names) == usernames
    assert len(names) == len(usernames)


def test_a_user_is_found_by_sub(a_pool, a_member, found):
    pool = a_pool()
    sub = a_member(pool, "ada")
    a_member(pool, "bob")

    assert found(pool, f'sub = "{sub}"') == ["ada"]
    assert found(pool, f'sub = "{sub.upper()}"') == ["ada"]
    assert found(pool, f'sub ^= "{sub[:13]}"') == ["ada"]


def test_the_name_that_is_an_id_is_what_the_username_filter_knows(a_pool, a_member, found):
    pool = a_pool(UsernameAttributes=["email"])
    sub = a_member(pool, "ada@example.com")

    assert found(pool, 'username = "ada@example.com"') == []
    assert found(pool, f'username = "{sub}"') == [sub]
    assert found(pool, 'email = "ada@example.com"') == [sub]


def test_users_come_in_order_of_what_they_are_filtered_by(a_pool, a_member, found):
    pool = a_pool()
    for username, family_name in [("c", "Lee"), ("a", "Lovelace"), ("b", "Larch")]:
        a_member(pool, username, family_name=family_name)

    assert found(pool, 'family_name ^= "l"') == ["b", "c", "a"]


def test_a_changed_attribute_is_found_by_its_new_value_alone(cognito, a_pool, a_member, found):
    pool = a_pool()
    a_member(pool, "ada", name="Augusta")

    cognito.admin_update_user_attributes(
        UserPoolId=pool, Username="ada", UserAttributes=named(name="Ada")
    )

    assert found(pool, 'name = "Ada"') == ["ada"]
    assert found(pool, 'name = "Augusta"') == []
    cognito.admin_delete_user(UserPoolId=pool, Username="ada")
    assert found(pool, 'name = "Ada"') == []


@pytest.mark.parametrize(
    "condition",
    ["email", "email = ada", 'email = "a" and name = "b"', 'email > "a"', '= "a"', 'email = "a'],
)
def test_a_filter_that_cannot_be_read_is_refused(cognito, a_pool, condition):
    pool = a_pool()

    with refused("InvalidParameterException", "Error while parsing filter"):
        cognito.list_users(UserPoolId=pool, Filter=condition)


def test_an_attribute_that_cannot_be_searched_is_refused(cognito, a_pool):
    pool = a_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])

    for attribute in ("custom:team", "gender", "email_verified"):
        with refused("InvalidParameterException", f"Invalid search attribute: {attribute}"):
            cognito.list_users(UserPoolId=pool, Filter=f'{attribute} = "x"')


def test_only_the_attributes_asked_for_are_told(cognito, a_pool, a_member):
    pool = a_pool()
    sub = a_member(pool, "ada", email="ada@example.com", name="Ada")

    def told(*wanted):
        (user,) = cognito.list_users(UserPoolId=pool, AttributesToGet=list(wanted))["Users"]
        return {a["Name"]: a["Value"] for a in user["Attributes"]}

    assert told("email") == {"email": "ada@example.com"}
    assert told("sub", "phone_number") == {"sub": sub}
    assert told() == {"sub": sub, "email": "ada@example.com", "name": "Ada"}


# --- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", ["", 'family_name ^= "L"', 'family_name = "Lee"'])
def test_pages_show_every_user_once(cognito, a_pool, a_member, condition):
    pool = a_pool()
    for number in range(7):
        a_member(pool, f"user{number}", family_name="Lee")

    asked = {"UserPoolId": pool, "Filter": condition, "Limit": 3}
    pages = [cognito.list_users(**asked)]
    while token := pages[-1].get("PaginationToken"):
        pages.append(cognito.list_users(PaginationToken=token, **asked))

    assert [len(page["Users"]) for page in pages] == [3, 3, 1]
    names = [user["Username"] for page in pages for user in page["Users"]]
    assert sorted(names) == [f"user{number}" for number in range(7)]


def test_a_page_holds_sixty_unless_fewer_are_asked_for(cognito, a_pool, a_member):
    pool = a_pool()
    for number in range(61):
        a_member(pool, f"user{number}")

    for arguments in ({}, {"Limit": 0}, {"Limit": 60}):
        answer = cognito.list_users(UserPoolId=pool, **arguments)
        assert len(answer["Users"]) == 60
        assert "PaginationToken" in answer
    paginator = cognito.get_paginator("list_users")
    users = [user for page in paginator.paginate(UserPoolId=pool) for user in page["Users"]]
    assert len(users) == 61


@pytest.fixture
def half_read(cognito, a_pool, a_member):
    """A question whose first page was read, and the token for the second."""
    pool = a_pool()
    for username in ("ada", "bob"):
        a_member(pool, username, name=username)
    asked = {"UserPoolId": pool, "Filter": 'name ^= ""', "Limit": 1}
    return asked, cognito.list_users(**asked)["PaginationToken"]


def test_a_token_is_good_for_an_hour(cognito, half_read, clock):
    asked, token = half_read

    clock.advance(timedelta(hours=1) - timedelta(milliseconds=1))
    page = cognito.list_users(PaginationToken=token, **asked)
    clock.advance(timedelta(milliseconds=1))

    assert [user["Username"] for user in page["Users"]] == ["bob"]
    with refused(*BAD_TOKEN):
        cognito.list_users(PaginationToken=token, **asked)


def test_a_token_belongs_to_its_question(cognito, half_read, a_pool):
    asked, token = half_read

    for other in (
        asked | {"Filter": 'name = "ada"'},
        asked | {"Filter": ""},
        asked | {"AttributesToGet": ["name"]},
        asked | {"UserPoolId": a_pool()},
    ):
        with refused(*BAD_TOKEN):
            cognito.list_users(PaginationToken=token, **other)


def test_an_altered_token_is_refused(cognito, half_read):
    asked, token = half_read

    for altered in ("x", token[:-4], ("A" if token[0] != "A" else "B") + token[1:], token + "=="):
        with refused(*BAD_TOKEN):
            cognito.list_users(PaginationToken=altered, **asked)


def test_an_unknown_pool_is_refused(cognito):
    with refused("ResourceNotFoundException", f"User pool {NO_POOL} does not exist."):
        cognito.list_users(UserPoolId=NO_POOL)
