"""Groups of a pool: made, changed, filled, listed, deleted."""

from datetime import timedelta

import pytest

from cognate.domain.groups import GROUPS_PER_POOL, GROUPS_PER_USER, Group
from cognate.domain.ids import PoolId
from cognate.protocol.jose import unverified_claims
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
NO_GROUP = ("ResourceNotFoundException", "Group not found.")
ROLE = "arn:aws:iam::123456789012:role/staff"
OTHER_ROLE = "arn:aws:iam::123456789012:role/chief"


@pytest.fixture
def groups_of(cognito):
    def names(pool, username="ada"):
        answer = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=username)
        return [group["GroupName"] for group in answer["Groups"]]

    return names


@pytest.fixture
def a_member(cognito):
    def create(pool, username="ada"):
        cognito.admin_create_user(UserPoolId=pool, Username=username, MessageAction="SUPPRESS")
        return username

    return create


# --- groups --------------------------------------------------------------------------------------


def test_a_group_is_made_with_what_is_said_of_it(cognito, a_pool, clock):
    pool = a_pool()

    made = cognito.create_group(
        UserPoolId=pool, GroupName="staff", Description="Who works here", RoleArn=ROLE, Precedence=0
    )["Group"]

    assert made == {
        "GroupName": "staff",
        "UserPoolId": pool,
        "Description": "Who works here",
        "RoleArn": ROLE,
        "Precedence": 0,
        "CreationDate": clock.now(),
        "LastModifiedDate": clock.now(),
    }
    assert cognito.get_group(UserPoolId=pool, GroupName="staff")["Group"] == made


def test_what_was_not_said_is_absent(cognito, a_pool):
    group = cognito.create_group(UserPoolId=a_pool(), GroupName="staff")["Group"]

    assert set(group) == {"GroupName", "UserPoolId", "CreationDate", "LastModifiedDate"}


def test_a_group_is_made_once_in_a_pool(cognito, a_pool):
    pool, other = a_pool(), a_pool()
    cognito.create_group(UserPoolId=pool, GroupName="staff", Description="first")

    with refused("GroupExistsException", "A group with the name already exists."):
        cognito.create_group(UserPoolId=pool, GroupName="staff", Description="second")

    assert cognito.get_group(UserPoolId=pool, GroupName="staff")["Group"]["Description"] == "first"
    cognito.create_group(UserPoolId=pool, GroupName="Staff")
    cognito.create_group(UserPoolId=other, GroupName="staff")


def test_a_change_leaves_what_it_does_not_name(cognito, a_pool, clock):
    pool = a_pool()
    made = cognito.create_group(
        UserPoolId=pool, GroupName="staff", Description="Who works here", RoleArn=ROLE, Precedence=7
    )["Group"]
    later = clock.advance(timedelta(minutes=1))

    changed = cognito.update_group(
        UserPoolId=pool, GroupName="staff", Precedence=0, RoleArn=OTHER_ROLE
    )["Group"]

    assert changed == made | {"Precedence": 0, "RoleArn": OTHER_ROLE, "LastModifiedDate": later}
    assert cognito.get_group(UserPoolId=pool, GroupName="staff")["Group"] == changed
    emptied = cognito.update_group(UserPoolId=pool, GroupName="staff", Description="")["Group"]
    assert "Description" not in emptied
    assert emptied["Precedence"] == 0


def test_a_deleted_group_leaves_its_members_without_it(cognito, a_pool, a_member, groups_of):
    pool = a_pool()
    a_member(pool)
    for name in ("staff", "chiefs"):
        cognito.create_group(UserPoolId=pool, GroupName=name)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username="ada", GroupName=name)

    cognito.delete_group(UserPoolId=pool, GroupName="staff")

    assert groups_of(pool) == ["chiefs"]
    with refused(*NO_GROUP):
        cognito.get_group(UserPoolId=pool, GroupName="staff")
    cognito.create_group(UserPoolId=pool, GroupName="staff")
    assert cognito.list_users_in_group(UserPoolId=pool, GroupName="staff")["Users"] == []


def test_groups_are_listed_page_by_page(cognito, a_pool):
    pool = a_pool()
    for name in ("c", "a", "b"):
        cognito.create_group(UserPoolId=pool, GroupName=name)
    cognito.create_group(UserPoolId=a_pool(), GroupName="elsewhere")

    first = cognito.list_groups(UserPoolId=pool, Limit=2)
    second = cognito.list_groups(UserPoolId=pool, Limit=2, NextToken=first["NextToken"])

    assert [group["GroupName"] for group in first["Groups"]] == ["a", "b"]
    assert [group["GroupName"] for group in second["Groups"]] == ["c"]
    assert "NextToken" not in second
    assert len(cognito.list_groups(UserPoolId=pool, Limit=0)["Groups"]) == 3
    assert "NextToken" not in cognito.list_groups(UserPoolId=pool, Limit=3)


def test_a_pool_has_at_most_ten_thousand_groups(cognito, a_pool, app, loop_thread, clock):
    pool = a_pool()

    async def fill(tx):
        for number in range(GROUPS_PER_POOL - 1):
            await tx.groups.add(
                Group(
                    pool_id=PoolId(pool),
                    name=f"group{number}",
                    description=None,
                    role_arn=None,
                    precedence=None,
                    created_at=clock.now(),
                    modified_at=clock.now(),
                )
            )

    loop_thread.run(app.store.change(fill))

    cognito.create_group(UserPoolId=pool, GroupName="the-last")
    with refused("LimitExceededException", "A user pool has at most 10000 groups."):
        cognito.create_group(UserPoolId=pool, GroupName="one-too-many")


# --- members -------------------------------------------------------------------------------------


def test_a_user_is_put_into_a_group_and_taken_out(cognito, a_pool, a_member, groups_of):
    pool = a_pool()
    a_member(pool)
    a_member(pool, "bob")
    cognito.create_group(UserPoolId=pool, GroupName="staff")
    membership = {"UserPoolId": pool, "Username": "ada", "GroupName": "staff"}

    for _ in range(2):  # twice is once
        cognito.admin_add_user_to_group(**membership)

        assert groups_of(pool) == ["staff"]
        assert groups_of(pool, "bob") == []
        members = cognito.list_users_in_group(UserPoolId=pool, GroupName="staff")["Users"]
        assert members == [
            user
            for user in cognito.list_users(UserPoolId=pool)["Users"]
            if user["Username"] == "ada"
        ]
    for _ in range(2):
        cognito.admin_remove_user_from_group(**membership)

        assert groups_of(pool) == []
        assert cognito.list_users_in_group(UserPoolId=pool, GroupName="staff")["Users"] == []


def test_a_deleted_user_leaves_their_groups(cognito, a_pool, a_member, groups_of):
    pool = a_pool()
    a_member(pool)
    cognito.create_group(UserPoolId=pool, GroupName="staff")
    cognito.admin_add_user_to_group(UserPoolId=pool, Username="ada", GroupName="staff")

    cognito.admin_delete_user(UserPoolId=pool, Username="ada")

    assert cognito.list_users_in_group(UserPoolId=pool, GroupName="staff")["Users"] == []
    a_member(pool)
    assert groups_of(pool) == []


def test_members_are_listed_page_by_page(cognito, a_pool, a_member):
    pool = a_pool()
    cognito.create_group(UserPoolId=pool, GroupName="staff")
    for number in range(5):
        username = a_member(pool, f"user{number}")
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=username, GroupName="staff")

    asked = {"UserPoolId": pool, "GroupName": "staff", "Limit": 2}
    pages = [cognito.list_users_in_group(**asked)]
    while token := pages[-1].get("NextToken"):
        pages.append(cognito.list_users_in_group(NextToken=token, **asked))

    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    names = sorted(user["Username"] for page in pages for user in page["Users"])
    assert names == [f"user{number}" for number in range(5)]


def test_a_users_groups_are_listed_page_by_page(cognito, a_pool, a_member):
    pool = a_pool()
    a_member(pool)
    for name in ("c", "a", "b"):
        cognito.create_group(UserPoolId=pool, GroupName=name, RoleArn=ROLE)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username="ada", GroupName=name)

    asked = {"UserPoolId": pool, "Username": "ada", "Limit": 2}
    first = cognito.admin_list_groups_for_user(**asked)
    second = cognito.admin_list_groups_for_user(NextToken=first["NextToken"], **asked)

    assert [group["GroupName"] for group in first["Groups"]] == ["a", "b"]
    assert first["Groups"][0]["RoleArn"] == ROLE
    assert [group["GroupName"] for group in second["Groups"]] == ["c"]
    assert "NextToken" not in second


def test_a_user_is_in_at_most_a_hundred_groups(cognito, a_pool, a_member, groups_of):
    pool = a_pool()
    a_member(pool)
    for number in range(GROUPS_PER_USER + 1):
        cognito.create_group(UserPoolId=pool, GroupName=f"group{number:03}")
    membership = {"UserPoolId": pool, "Username": "ada"}
    for number in range(GROUPS_PER_USER):
        cognito.admin_add_user_to_group(GroupName=f"group{number:03}", **membership)

    with refused("LimitExceededException", "A user is in at most 100 groups."):
        cognito.admin_add_user_to_group(GroupName="group100", **membership)

    cognito.admin_add_user_to_group(GroupName="group000", **membership)
    answer = cognito.admin_list_groups_for_user(**membership)
    assert len(answer["Groups"]) == 60
    assert "NextToken" in answer


def test_the_best_group_comes_first_in_tokens(cognito, a_user):
    ada = a_user()
    for name, precedence, role in [
        ("later", 20, OTHER_ROLE),
        ("first", 0, ROLE),
        ("unranked", None, OTHER_ROLE),
    ]:
        ranked = {} if precedence is None else {"Precedence": precedence}
        cognito.create_group(UserPoolId=ada.pool_id, GroupName=name, RoleArn=role, **ranked)
        cognito.admin_add_user_to_group(UserPoolId=ada.pool_id, Username="ada", GroupName=name)

    tokens = cognito.initiate_auth(
        ClientId=ada.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": ada.password},
    )["AuthenticationResult"]

    claims = unverified_claims(tokens["IdToken"])
    assert claims["cognito:groups"] == ["first", "later", "unranked"]
    assert claims["cognito:preferred_role"] == ROLE
    assert sorted(claims["cognito:roles"]) == sorted([ROLE, OTHER_ROLE])
    assert unverified_claims(tokens["AccessToken"])["cognito:groups"] == [
        "first",
        "later",
        "unranked",
    ]


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_group", {}),
        ("update_group", {"Description": "x"}),
        ("delete_group", {}),
        ("list_users_in_group", {}),
        ("admin_add_user_to_group", {"Username": "ada"}),
        ("admin_remove_user_from_group", {"Username": "ada"}),
    ],
)
def test_an_unknown_group_and_one_of_another_pool_are_refused(
    cognito, a_pool, a_member, operation, arguments
):
    pool, foreign = a_pool(), a_pool()
    a_member(pool)
    cognito.create_group(UserPoolId=foreign, GroupName="foreign")
    call = getattr(cognito, operation)

    for name in ("unknown", "foreign"):
        with refused(*NO_GROUP):
            call(UserPoolId=pool, GroupName=name, **arguments)
    with refused("ResourceNotFoundException", f"User pool {NO_POOL} does not exist."):
        call(UserPoolId=NO_POOL, GroupName="foreign", **arguments)


def test_an_unknown_pool_has_no_groups(cognito):
    for call in (
        lambda: cognito.create_group(UserPoolId=NO_POOL, GroupName="staff"),
        lambda: cognito.list_groups(UserPoolId=NO_POOL),
    ):
        with refused("ResourceNotFoundException", f"User pool {NO_POOL} does not exist."):
            call()


def test_a_token_belongs_to_its_list(cognito, a_pool, a_member):
    pool, other = a_pool(), a_pool()
    for name in ("a", "b"):
        cognito.create_group(UserPoolId=pool, GroupName=name)
        for username in ("ada", "bob"):
            if name == "a":
                a_member(pool, username)
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=username, GroupName=name)
    groups = cognito.list_groups(UserPoolId=pool, Limit=1)["NextToken"]
    adas = cognito.admin_list_groups_for_user(UserPoolId=pool, Username="ada", Limit=1)["NextToken"]
    members = cognito.list_users_in_group(UserPoolId=pool, GroupName="a", Limit=1)["NextToken"]

    for call in (
        lambda: cognito.list_groups(UserPoolId=pool, NextToken=adas),
        lambda: cognito.list_groups(UserPoolId=other, NextToken=groups),
        lambda: cognito.list_groups(UserPoolId=pool, NextToken="made-up"),
        lambda: cognito.admin_list_groups_for_user(UserPoolId=pool, Username="bob", NextToken=adas),
        lambda: cognito.list_users_in_group(UserPoolId=pool, GroupName="b", NextToken=members),
        lambda: cognito.list_users_in_group(UserPoolId=pool, GroupName="a", NextToken=groups),
    ):
        with refused("InvalidParameterException", "Invalid pagination token"):
            call()
