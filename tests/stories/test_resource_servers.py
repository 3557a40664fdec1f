"""Resource servers and the scopes that clients may name."""

import pytest

from cognate.domain.ids import PoolId
from cognate.domain.resource_servers import MAXIMUM_SERVERS, ResourceServer
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
NO_SERVER = ("ResourceNotFoundException", "Resource server not found.")
READ = {"ScopeName": "read", "ScopeDescription": "See the orders"}
WRITE = {"ScopeName": "write", "ScopeDescription": "Change the orders"}


@pytest.fixture
def a_server(cognito):
    def create(pool, identifier="orders", **arguments):
        arguments.setdefault("Name", "The orders")
        answer = cognito.create_resource_server(UserPoolId=pool, Identifier=identifier, **arguments)
        return answer["ResourceServer"]

    return create


def test_a_resource_server_is_made_with_its_scopes(cognito, a_pool, a_server):
    pool = a_pool()

    made = a_server(pool, "https://orders.example.com", Scopes=[READ, WRITE])

    assert made == {
        "UserPoolId": pool,
        "Identifier": "https://orders.example.com",
        "Name": "The orders",
        "Scopes": [READ, WRITE],
    }
    found = cognito.describe_resource_server(UserPoolId=pool, Identifier=made["Identifier"])
    assert found["ResourceServer"] == made


def test_it_may_have_no_scopes(a_pool, a_server):
    assert "Scopes" not in a_server(a_pool())


def test_an_identifier_is_taken_once_in_a_pool(a_pool, a_server):
    pool, other = a_pool(), a_pool()
    a_server(pool)

    with refused("InvalidParameterException", f"orders already exists in user pool {pool}"):
        a_server(pool, Name="Another")

    a_server(other)


def test_a_scope_is_given_once(cognito, a_pool, a_server):
    pool = a_pool()
    twice = ("InvalidParameterException", "The scope read is given more than once.")

    with refused(*twice):
        a_server(pool, Scopes=[READ, WRITE, {**READ, "ScopeDescription": "Otherwise"}])

    a_server(pool, Scopes=[READ])
    with refused(*twice):
        cognito.update_resource_server(
            UserPoolId=pool, Identifier="orders", Name="The orders", Scopes=[READ, READ]
        )


@pytest.mark.parametrize("identifier", ["aws.cognito", "aws.cognito.signin.user"])
def test_the_service_s_own_scopes_are_nobody_s(a_pool, a_server, identifier):
    with refused("InvalidParameterException", "Identifiers cannot begin with aws.cognito."):
        a_server(a_pool(), identifier)


def test_a_pool_has_twenty_five_at_most(app, loop_thread, cognito, a_pool, a_server):
    pool = a_pool()

    async def fill(tx):
        for number in range(MAXIMUM_SERVERS - 1):
            await tx.resource_servers.add(
                ResourceServer(pool_id=PoolId(pool), identifier=f"s{number}", name="A server")
            )

    loop_thread.run(app.store.change(fill))
    a_server(pool, "the-last")

    with refused(
        "LimitExceededException", "A user pool cannot have more than 25 resource servers."
    ):
        a_server(pool, "one-more")


def test_a_change_replaces_name_and_scopes(cognito, a_pool, a_server):
    pool = a_pool()
    a_server(pool, Scopes=[READ])

    changed = cognito.update_resource_server(
        UserPoolId=pool, Identifier="orders", Name="All orders", Scopes=[WRITE]
    )["ResourceServer"]

    assert (changed["Name"], changed["Scopes"]) == ("All orders", [WRITE])

    changed = cognito.update_resource_server(UserPoolId=pool, Identifier="orders", Name="None")
    assert "Scopes" not in changed["ResourceServer"]


def test_they_are_listed_by_identifier_page_by_page(cognito, a_pool, a_server):
    pool, other = a_pool(), a_pool()
    for identifier in ("c", "a", "b"):
        a_server(pool, identifier)
    a_server(other, "d")

    first = cognito.list_resource_servers(UserPoolId=pool, MaxResults=2)
    rest = cognito.list_resource_servers(
        UserPoolId=pool, MaxResults=2, NextToken=first["NextToken"]
    )

    assert [one["Identifier"] for one in first["ResourceServers"]] == ["a", "b"]
    assert [one["Identifier"] for one in rest["ResourceServers"]] == ["c"]
    assert "NextToken" not in rest
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.list_resource_servers(UserPoolId=other, NextToken=first["NextToken"])


def test_a_deleted_one_is_gone(cognito, a_pool, a_server):
    pool = a_pool()
    a_server(pool)

    cognito.delete_resource_server(UserPoolId=pool, Identifier="orders")

    with refused(*NO_SERVER):
        cognito.describe_resource_server(UserPoolId=pool, Identifier="orders")
    with refused(*NO_SERVER):
        cognito.delete_resource_server(UserPoolId=pool, Identifier="orders")


def test_another_pool_s_is_as_good_as_none(cognito, a_pool, a_server):
    pool, other = a_pool(), a_pool()
    a_server(pool, Scopes=[READ])

    with refused(*NO_SERVER):
        cognito.describe_resource_server(UserPoolId=other, Identifier="orders")
    with refused(*NO_SERVER):
        cognito.update_resource_server(UserPoolId=other, Identifier="orders", Name="Mine")
    with refused(*NO_SERVER):
        cognito.delete_resource_server(UserPoolId=other, Identifier="orders")

    found = cognito.describe_resource_server(UserPoolId=pool, Identifier="orders")
    assert found["ResourceServer"]["Name"] == "The orders"


def test_a_pool_that_is_not_there_has_none(cognito, app):
    gone = ("ResourceNotFoundException", f"User pool {NO_POOL} does not exist.")
    for call, arguments in (
        (cognito.create_resource_server, {"Identifier": "orders", "Name": "The orders"}),
        (cognito.describe_resource_server, {"Identifier": "orders"}),
        (cognito.update_resource_server, {"Identifier": "orders", "Name": "The orders"}),
        (cognito.delete_resource_server, {"Identifier": "orders"}),
        (cognito.list_resource_servers, {}),
    ):
        with refused(*gone):
            call(UserPoolId=NO_POOL, **arguments)


# --- what clients may name -----------------------------------------------------------------------

OAUTH = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "CallbackURLs": ["https://app.example.com/back"],
}


def test_a_client_names_scopes_that_exist(cognito, a_pool, a_client, a_server):
    pool = a_pool()
    a_server(pool, Scopes=[READ])

    client = a_client(pool, **OAUTH, AllowedOAuthScopes=["openid", "orders/read"])

    assert client["AllowedOAuthScopes"] == ["openid", "orders/read"]
    for unknown in ("orders/write", "other/read", "orders", "orders/"):
        with refused("ScopeDoesNotExistException", f"Invalid scope requested: {unknown}"):
            a_client(pool, **OAUTH, AllowedOAuthScopes=["openid", unknown])
        with refused("ScopeDoesNotExistException", f"Invalid scope requested: {unknown}"):
            cognito.update_user_pool_client(
                UserPoolId=pool,
                ClientId=client["ClientId"],
                **OAUTH,
                AllowedOAuthScopes=[unknown],
            )


def test_another_pool_s_scopes_are_none(a_pool, a_client, a_server):
    pool, other = a_pool(), a_pool()
    a_server(pool, Scopes=[READ])

    with refused("ScopeDoesNotExistException", "Invalid scope requested: orders/read"):
        a_client(other, **OAUTH, AllowedOAuthScopes=["orders/read"])


def test_a_scope_that_a_client_names_can_go(cognito, a_pool, a_client, a_server):
    pool = a_pool()
    a_server(pool, Scopes=[READ])
    client = a_client(pool, **OAUTH, AllowedOAuthScopes=["orders/read"])

    cognito.delete_resource_server(UserPoolId=pool, Identifier="orders")

    shown = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client["ClientId"])
    assert shown["UserPoolClient"]["AllowedOAuthScopes"] == ["orders/read"]
    with refused("ScopeDoesNotExistException", "Invalid scope requested: orders/read"):
        cognito.update_user_pool_client(
            UserPoolId=pool,
            ClientId=client["ClientId"],
            **OAUTH,
            AllowedOAuthScopes=["orders/read"],
        )
