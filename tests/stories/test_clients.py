"""App clients: what they are when nothing is said, how they change, and what is refused."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from cognate.config import Settings
from cognate.domain.ids import ClientId, PoolId
from cognate.operations.user_pools.clients import create_user_pool_client
from cognate.operations.user_pools.pools import create_user_pool
from cognate.wire.cognito_idp import CreateUserPoolClientRequest, CreateUserPoolRequest
from tests.inprocess import ENDPOINT
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
NO_CLIENT = "0000000000000000000000000a"
OWN_SECRET = "my_own_secret_of_32_characters+x"
OAUTH = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid"],
    "CallbackURLs": ["https://example.com/callback"],
}


@pytest.fixture
def described(cognito):
    def describe(client):
        return cognito.describe_user_pool_client(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"]
        )["UserPoolClient"]

    return describe


@pytest.fixture
def bare_client(cognito, a_pool):
    """`bare_client(**CreateUserPoolClient arguments)` → a client of a new pool."""

    def create(**arguments):
        pool_id = arguments.pop("UserPoolId", None) or a_pool()
        return cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="app", **arguments)[
            "UserPoolClient"
        ]

    return create


# --- creating ------------------------------------------------------------------------------------


def test_a_client_that_only_has_a_name_shows_every_default(bare_client, a_pool, clock):
    pool_id = a_pool()

    client = bare_client(UserPoolId=pool_id)

    assert re.fullmatch("[a-z0-9]{26}", client["ClientId"])
    assert client == {
        "UserPoolId": pool_id,
        "ClientName": "app",
        "ClientId": client["ClientId"],
        "ClientType": "REGULAR",
        "CreationDate": clock.now(),
        "LastModifiedDate": clock.now(),
        "RefreshTokenValidity": 30,
        "AuthSessionValidity": 3,
        "AllowedOAuthFlowsUserPoolClient": False,
        "PreventUserExistenceErrors": "LEGACY",
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
    }


def test_settings_come_back_as_they_were_given(a_pool, bare_client, described):
    pool_id = a_pool(Schema=[{"Name": "plan", "AttributeDataType": "String"}])
    given = {
        **OAUTH,
        "RefreshTokenValidity": 48,
        "AccessTokenValidity": 300,
        "IdTokenValidity": 10,
        "TokenValidityUnits": {
            "AccessToken": "seconds",
            "IdToken": "minutes",
            "RefreshToken": "hours",
        },
        "ReadAttributes": ["email", "email_verified", "custom:plan"],
        "WriteAttributes": ["email", "custom:plan"],
        "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH"],
        "SupportedIdentityProviders": ["COGNITO"],
        "CallbackURLs": ["https://example.com/callback", "myapp://callback"],
        "LogoutURLs": ["http://localhost:3000/out"],
        "DefaultRedirectURI": "myapp://callback",
        "AnalyticsConfiguration": {"ApplicationId": "0123abcd", "UserDataShared": False},
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": False,
        "EnablePropagateAdditionalUserContextData": True,
        "AuthSessionValidity": 15,
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 60},
    }

    client = bare_client(UserPoolId=pool_id, GenerateSecret=True, **given)

    assert {name: client[name] for name in given} == given
    assert described(client) == client


@pytest.mark.parametrize(
    ("units", "shown"),
    [
        (None, 30),
        ({"AccessToken": "minutes"}, 30),
        ({"RefreshToken": "days"}, 30),
        ({"RefreshToken": "hours"}, 720),
        ({"RefreshToken": "minutes"}, 43_200),
        ({"RefreshToken": "seconds"}, 2_592_000),
    ],
)
@pytest.mark.parametrize("given", [{}, {"RefreshTokenValidity": 0}])
def test_no_refresh_validity_means_thirty_days(bare_client, units, shown, given):
    units_given = {} if units is None else {"TokenValidityUnits": units}

    client = bare_client(**given, **units_given, AccessTokenValidity=10 if units_given else 1)

    assert client["RefreshTokenValidity"] == shown


def test_an_empty_list_stands_for_none(bare_client):
    client = bare_client(
        ExplicitAuthFlows=[], ReadAttributes=[], WriteAttributes=[], CallbackURLs=[]
    )

    assert not {"ExplicitAuthFlows", "ReadAttributes", "WriteAttributes", "CallbackURLs"} & set(
        client
    )


def test_a_rotation_that_is_off_has_no_grace_period(bare_client):
    client = bare_client(
        RefreshTokenRotation={"Feature": "DISABLED", "RetryGracePeriodSeconds": 10},
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
    )

    assert client["RefreshTokenRotation"] == {"Feature": "DISABLED"}


def test_old_flow_names_are_kept_as_they_are(bare_client):
    client = bare_client(ExplicitAuthFlows=["ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"])

    assert client["ExplicitAuthFlows"] == ["ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"]


def test_clients_cannot_be_made_in_a_pool_that_does_not_exist(bare_client):
    with refused("ResourceNotFoundException", f"User pool {NO_POOL} does not exist."):
        bare_client(UserPoolId=NO_POOL)


def test_a_pool_has_at_most_a_thousand_clients(cognito, bare_client, app, loop_thread):
    client = bare_client()
    pool_id, client_id = PoolId(client["UserPoolId"]), ClientId(client["ClientId"])

    async def copies(tx):
        original = await tx.clients.find(pool_id, client_id)
        for number in range(999):
            await tx.clients.add(replace(original, client_id=ClientId(f"copy{number}")))

    loop_thread.run(app.store.change(copies))

    with refused("LimitExceededException", "The user pool has 1000 clients, which is the limit."):
        bare_client(UserPoolId=pool_id)
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId="copy0")
    bare_client(UserPoolId=pool_id)


# --- a fixed id (development) --------------------------------------------------------------------


def test_a_name_fixes_the_client_s_id_in_development(cognito, a_pool, described):
    pool_id = a_pool()

    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="_custom_id_:my_app")[
        "UserPoolClient"
    ]

    assert client["ClientId"] == "my_app"
    assert described(client)["ClientName"] == "_custom_id_:my_app"
    cognito.update_user_pool_client(
        UserPoolId=pool_id, ClientId="my_app", ClientName="_custom_id_:my_app"
    )


def test_a_fixed_id_that_is_taken_in_any_pool_is_refused(cognito, a_pool):
    cognito.create_user_pool_client(UserPoolId=a_pool(), ClientName="_custom_id_:mine")

    with refused("InvalidParameterException", "User pool client mine already exists."):
        cognito.create_user_pool_client(UserPoolId=a_pool(), ClientName="_custom_id_:mine")


@pytest.mark.parametrize("name", ["_custom_id_:", "_custom_id_:my app", "_custom_id_:a-b", "a:b"])
def test_no_other_name_has_a_colon(cognito, a_pool, name):
    with refused(
        "InvalidParameterException",
        f"1 validation error detected: Value '{name}' at 'clientName' failed to satisfy"
        r" constraint: Member must satisfy regular expression pattern: [\w\s+=,.@-]+",
    ):
        cognito.create_user_pool_client(UserPoolId=a_pool(), ClientName=name)


class TestInProduction:
    @pytest.fixture
    def settings(self, tmp_path, database_url):
        return Settings(
            data=tmp_path, database=database_url, public_url=ENDPOINT, mode="production"
        )

    def test_no_name_fixes_an_id(self, app, loop_thread):
        pool = loop_thread.run(
            create_user_pool(app.call(), CreateUserPoolRequest(pool_name="p"))
        ).user_pool

        client = loop_thread.run(
            create_user_pool_client(
                app.call(),
                CreateUserPoolClientRequest(user_pool_id=pool.id, client_name="_custom_id_:mine"),
            )
        ).user_pool_client

        assert re.fullmatch("[a-z0-9]{26}", client.client_id)


# --- settings that are refused -------------------------------------------------------------------

RANGE = "Invalid range for token validity."
ORDER = (
    "Access and Id Token expiration times must be less than or equal to refresh token expiration"
    " times."
)
MIXED = "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names."


def validity(**given):
    units = {token: unit for token, (_, unit) in given.items()}
    values = {f"{token}Validity": value for token, (value, _) in given.items()}
    return {**values, "TokenValidityUnits": units}


INVALID_PARAMETERS = {
    "two generations of flow names": (
        {"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "USER_PASSWORD_AUTH"]},
        MIXED,
    ),
    "old admin flow beside a new name": (
        {"ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]},
        MIXED,
    ),
    "rotation beside plain refreshing": (
        {
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "RefreshTokenRotation": {"Feature": "ENABLED"},
        },
        "ALLOW_REFRESH_TOKEN_AUTH is not a permitted ExplicitAuthFlow when refresh token rotation"
        " is enabled.",
    ),
    "access token below five minutes": (validity(AccessToken=(299, "seconds")), RANGE),
    "access token above a day": (validity(AccessToken=(86_401 // 60 + 1, "minutes")), RANGE),
    "access token of 25 hours by default unit": ({"AccessTokenValidity": 25}, RANGE),
    "ID token below five minutes": (validity(IdToken=(4, "minutes")), RANGE),
    "ID token above a day": (validity(IdToken=(2, "days")), RANGE),
    "refresh token below an hour": (validity(RefreshToken=(59, "minutes")), RANGE),
    "refresh token above ten years": ({"RefreshTokenValidity": 3651}, RANGE),
    "largest number in the largest unit": (
        validity(RefreshToken=(315_360_000, "days")),
        RANGE,
    ),
    "access token beyond the refresh token": (
        validity(AccessToken=(2, "hours"), RefreshToken=(1, "hours")),
        ORDER,
    ),
    "ID token beyond the refresh token": (
        validity(IdToken=(61, "minutes"), RefreshToken=(60, "minutes")),
        ORDER,
    ),
    "reading an unknown attribute": (
        {"ReadAttributes": ["email", "custom:unknown"]},
        "Invalid read attributes specified while {} a client",
    ),
    "writing an unknown attribute": (
        {"WriteAttributes": ["email", "custom:unknown"]},
        "Invalid write attributes specified while {} a client",
    ),
    "writing a verified flag": (
        {"WriteAttributes": ["email", "email_verified"]},
        "Invalid write attributes specified while {} a client",
    ),
    "writing sub": (
        {"WriteAttributes": ["sub"]},
        "Invalid write attributes specified while {} a client",
    ),
    "user context without a secret": (
        {"EnablePropagateAdditionalUserContextData": True},
        "Client Secret is required to set EnablePropagateAdditionalUserContextData as true",
    ),
    "default redirect that is not registered": (
        {**OAUTH, "DefaultRedirectURI": "https://example.com/other"},
        "The default redirect URI https://example.com/other is not in the callback URIs list.",
    ),
    "unknown identity provider": (
        {"SupportedIdentityProviders": ["COGNITO", "Google"]},
        "The provider Google does not exist for User Pool {pool}.",
    ),
}
INVALID_FLOWS = {
    "OAuth without flows": (
        {"AllowedOAuthFlowsUserPoolClient": True, "AllowedOAuthScopes": ["openid"]},
        "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to"
        " use OAuth flows.",
    ),
    "OAuth without scopes": (
        {"AllowedOAuthFlowsUserPoolClient": True, "AllowedOAuthFlows": ["code"]},
        "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to"
        " use OAuth flows.",
    ),
    "client_credentials with code": (
        {**OAUTH, "AllowedOAuthFlows": ["client_credentials", "code"]},
        "client_credentials flow can not be selected along with code flow or implicit flow.",
    ),
    "client_credentials without a secret": (
        {"AllowedOAuthFlows": ["client_credentials"]},
        "client_credentials flow can not be selected if client does not have a client secret.",
    ),
    "code without a callback": (
        {**OAUTH, "CallbackURLs": []},
        "CallbackUrls can not be empty when code flow or implicit flow is selected",
    ),
    "implicit without a callback": (
        {**OAUTH, "AllowedOAuthFlows": ["implicit"], "CallbackURLs": []},
        "CallbackUrls can not be empty when code flow or implicit flow is selected",
    ),
}
INVALID_SCOPES = {
    "unknown scope": (
        {**OAUTH, "AllowedOAuthScopes": ["openid", "api/read"]},
        "Invalid scope requested: api/read",
    )
}
REFUSED = [
    (name, fault, *table[fault])
    for name, table in (
        ("InvalidParameterException", INVALID_PARAMETERS),
        ("InvalidOAuthFlowException", INVALID_FLOWS),
        ("ScopeDoesNotExistException", INVALID_SCOPES),
    )
    for fault in table
]
each_fault = pytest.mark.parametrize(
    ("error", "arguments", "text"),
    [pytest.param(name, arguments, text, id=fault) for name, fault, arguments, text in REFUSED],
)


@each_fault
def test_a_client_cannot_be_made_with(cognito, bare_client, a_pool, error, arguments, text):
    pool_id = a_pool()

    with refused(error, text.replace("{}", "creating").replace("{pool}", pool_id)):
        bare_client(UserPoolId=pool_id, **arguments)

    assert cognito.list_user_pool_clients(UserPoolId=pool_id)["UserPoolClients"] == []


@each_fault
def test_nor_changed_to(cognito, bare_client, described, error, arguments, text):
    client = bare_client()
    pool_id = client["UserPoolId"]

    with refused(error, text.replace("{}", "updating").replace("{pool}", pool_id)):
        cognito.update_user_pool_client(
            UserPoolId=pool_id, ClientId=client["ClientId"], **arguments
        )

    assert described(client) == client


@pytest.mark.parametrize(
    "arguments",
    [
        validity(AccessToken=(5, "minutes")),
        validity(IdToken=(300, "seconds")),
        validity(AccessToken=(1, "days"), RefreshToken=(1, "days")),
        validity(RefreshToken=(60, "minutes")),
        {"RefreshTokenValidity": 3650},
        validity(RefreshToken=(315_360_000, "seconds")),
    ],
)
def test_the_ends_of_the_ranges_are_allowed(bare_client, arguments):
    client = bare_client(**arguments)

    assert {name: client[name] for name in arguments} == arguments


@pytest.mark.parametrize("scope", ["openid", "email", "phone", "profile"])
def test_a_machine_has_no_scope_about_users(bare_client, scope):
    with refused(
        "InvalidOAuthFlowException", f"{scope} is not supported with client_credentials flow"
    ):
        bare_client(
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=[scope],
        )


def test_a_client_in_a_lite_pool_cannot_let_users_choose_factors(bare_client, a_pool):
    with refused(
        "FeatureUnavailableInTierException",
        "The following features need to be disabled for the LITE pricing tier configured:"
        " Passwordless Sign-In",
    ):
        bare_client(UserPoolId=a_pool(UserPoolTier="LITE"), ExplicitAuthFlows=["ALLOW_USER_AUTH"])


GOOD_URLS = [
    "https://example.com",
    "https://example.com/callback?x=1&y=2",
    "https://127.0.0.1:8443/",
    "http://localhost/callback",
    "http://localhost:3000",
    "http://127.0.0.1:3000/",
    "http://[::1]:3000/",
    "HTTP://LocalHost:3000/",
    "myapp://callback",
    "com.example.app:/callback",
]
BAD_URLS = {
    "https://example.com/#part": "cannot use fragment",
    "https://example.com/#": "cannot use fragment",
    "myapp://callback#part": "cannot use fragment",
    "http://example.com/callback": "cannot use the HTTP protocol.",
    "http://localhost.example.com/": "cannot use the HTTP protocol.",
    "http://127.0.0.1.example.com/": "cannot use the HTTP protocol.",
    "http://192.168.0.1/": "cannot use the HTTP protocol.",
    "http://[::2]/": "cannot use the HTTP protocol.",
    "http://localhost@example.com/": "is not an absolute URL.",
    "https://example.com@evil.example/": "is not an absolute URL.",
    "http://localhost\\@example.com/": "is not an absolute URL.",
    "https:\\\\example.com": "is not an absolute URL.",
    "javascript:alert(1)": "cannot use the javascript scheme.",
    "JavaScript:alert(1)": "cannot use the javascript scheme.",
    "data:text/html,hello": "cannot use the data scheme.",
    "vbscript:x": "cannot use the vbscript scheme.",
    "file:///etc/passwd": "cannot use the file scheme.",
    "blob:https://example.com/1": "cannot use the blob scheme.",
    "/callback": "is not an absolute URL.",
    "//example.com/callback": "is not an absolute URL.",
    "example.com/callback": "is not an absolute URL.",
    "https:": "is not an absolute URL.",
    "https://": "is not an absolute URL.",
    "https:///callback": "is not an absolute URL.",
    "https:example.com": "is not an absolute URL.",
    "https://[::1": "is not an absolute URL.",
    "1app://callback": "is not an absolute URL.",
}


@pytest.mark.parametrize("url", GOOD_URLS)
def test_where_browsers_may_be_sent(bare_client, url):
    client = bare_client(CallbackURLs=[url], LogoutURLs=[url])

    assert client["CallbackURLs"] == client["LogoutURLs"] == [url]


@pytest.mark.parametrize("url", BAD_URLS)
@pytest.mark.parametrize("setting", ["CallbackURLs", "LogoutURLs"])
def test_where_they_may_not(bare_client, setting, url):
    with refused("InvalidParameterException", f"{url} {BAD_URLS[url]}"):
        bare_client(**{setting: ["https://example.com", url]})


# --- changing ------------------------------------------------------------------------------------


def test_an_update_returns_what_it_does_not_give_to_its_default(
    cognito, bare_client, a_pool, described, clock
):
    pool_id = a_pool()
    bare = bare_client(UserPoolId=pool_id)
    client = bare_client(
        UserPoolId=pool_id,
        GenerateSecret=True,
        **OAUTH,
        ReadAttributes=["email"],
        WriteAttributes=["email"],
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"],
        LogoutURLs=["https://example.com/out"],
        SupportedIdentityProviders=["COGNITO"],
        AccessTokenValidity=2,
        RefreshTokenValidity=5,
        AuthSessionValidity=10,
        EnableTokenRevocation=False,
        EnablePropagateAdditionalUserContextData=True,
        PreventUserExistenceErrors="ENABLED",
        RefreshTokenRotation={"Feature": "ENABLED"},
    )
    later = clock.advance(timedelta(minutes=1))

    answer = cognito.update_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])

    changed = answer["UserPoolClient"]
    assert changed == {
        **bare,
        "ClientId": client["ClientId"],
        "ClientSecret": client["ClientSecret"],
        "LastModifiedDate": later,
    }
    assert described(client) == changed


def test_an_update_replaces_what_it_gives(cognito, bare_client):
    client = bare_client(CallbackURLs=["https://example.com/one"])

    changed = cognito.update_user_pool_client(
        UserPoolId=client["UserPoolId"],
        ClientId=client["ClientId"],
        ClientName="renamed",
        CallbackURLs=["https://example.com/two"],
    )["UserPoolClient"]

    assert changed["ClientName"] == "renamed"
    assert changed["CallbackURLs"] == ["https://example.com/two"]


def test_a_list_of_attributes_does_not_grow_with_the_schema(cognito, bare_client, described):
    client = bare_client(ReadAttributes=["email"])

    cognito.add_custom_attributes(
        UserPoolId=client["UserPoolId"],
        CustomAttributes=[{"Name": "plan", "AttributeDataType": "String"}],
    )

    assert described(client)["ReadAttributes"] == ["email"]


@pytest.mark.parametrize(
    "operation",
    [
        "describe_user_pool_client",
        "update_user_pool_client",
        "delete_user_pool_client",
        "add_user_pool_client_secret",
        "list_user_pool_client_secrets",
    ],
)
def test_a_client_that_is_not_in_the_pool(cognito, a_pool, bare_client, operation):
    call = getattr(cognito, operation)
    elsewhere = bare_client()["ClientId"]

    for client_id in (NO_CLIENT, elsewhere):
        with refused("ResourceNotFoundException", f"User pool client {client_id} does not exist."):
            call(UserPoolId=a_pool(), ClientId=client_id)
    with refused("ResourceNotFoundException", f"User pool {NO_POOL} does not exist."):
        call(UserPoolId=NO_POOL, ClientId=elsewhere)


# --- deleting, listing ---------------------------------------------------------------------------


def test_a_deleted_client_signs_nobody_in_and_its_tokens_are_refused(cognito, a_user):
    ada = a_user()
    sign_in = {
        "ClientId": ada.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": ada.password},
    }
    token = cognito.initiate_auth(**sign_in)["AuthenticationResult"]["AccessToken"]

    cognito.delete_user_pool_client(UserPoolId=ada.pool_id, ClientId=ada.client_id)

    gone = f"User pool client {ada.client_id} does not exist."
    with refused("ResourceNotFoundException", gone):
        cognito.initiate_auth(**sign_in)
    with refused("ResourceNotFoundException", gone):
        cognito.describe_user_pool_client(UserPoolId=ada.pool_id, ClientId=ada.client_id)
    with refused("NotAuthorizedException", "Invalid Access Token"):
        cognito.get_user(AccessToken=token)


def test_the_list_of_clients_shows_little_of_each(cognito, bare_client):
    client = bare_client(GenerateSecret=True)

    listed = cognito.list_user_pool_clients(UserPoolId=client["UserPoolId"])

    shown = ("ClientId", "UserPoolId", "ClientName")
    assert listed["UserPoolClients"] == [{name: client[name] for name in shown}]
    assert "NextToken" not in listed


def test_clients_are_listed_page_by_page(cognito, a_pool, bare_client):
    pool_id = a_pool()
    made = {bare_client(UserPoolId=pool_id)["ClientId"] for _ in range(5)}
    paginator = cognito.get_paginator("list_user_pool_clients")

    pages = list(paginator.paginate(UserPoolId=pool_id, PaginationConfig={"PageSize": 2}))

    assert [len(page["UserPoolClients"]) for page in pages] == [2, 2, 1]
    assert {c["ClientId"] for page in pages for c in page["UserPoolClients"]} == made


def test_a_page_has_sixty_clients_where_no_size_is_asked_for(cognito, a_pool, bare_client):
    pool_id = a_pool()
    for _ in range(61):
        bare_client(UserPoolId=pool_id)

    first = cognito.list_user_pool_clients(UserPoolId=pool_id)
    rest = cognito.list_user_pool_clients(UserPoolId=pool_id, NextToken=first["NextToken"])

    assert len(first["UserPoolClients"]) == 60
    assert len(rest["UserPoolClients"]) == 1


def test_clients_are_listed_by_type(cognito, bare_client):
    client = bare_client()
    pool_id = client["UserPoolId"]

    def listed(kind):
        answer = cognito.list_user_pool_clients(UserPoolId=pool_id, ClientType=kind)
        return [one["ClientId"] for one in answer["UserPoolClients"]]

    assert listed("REGULAR") == [client["ClientId"]]
    assert listed("DCR") == []


def test_a_token_is_good_for_its_own_list_alone(cognito, a_pool, bare_client):
    pool_id, other = a_pool(), a_pool()
    for _ in range(2):
        bare_client(UserPoolId=pool_id)
    token = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=1)["NextToken"]

    for arguments in (
        {"UserPoolId": other, "NextToken": token},
        {"UserPoolId": pool_id, "NextToken": token, "ClientType": "DCR"},
        {"UserPoolId": pool_id, "NextToken": "nonsense"},
    ):
        with refused("InvalidParameterException", "Invalid pagination token"):
            cognito.list_user_pool_clients(MaxResults=1, **arguments)
    with refused("ResourceNotFoundException", f"User pool {NO_POOL} does not exist."):
        cognito.list_user_pool_clients(UserPoolId=NO_POOL)


# --- secrets -------------------------------------------------------------------------------------


@pytest.fixture
def secrets_of(cognito):
    def secrets(client):
        return cognito.list_user_pool_client_secrets(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"]
        )["ClientSecrets"]

    return secrets


@pytest.fixture
def add_secret(cognito):
    def add(client, **arguments):
        return cognito.add_user_pool_client_secret(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"], **arguments
        )["ClientSecretDescriptor"]

    return add


@pytest.fixture
def delete_secret(cognito):
    def delete(client, secret_id):
        cognito.delete_user_pool_client_secret(
            UserPoolId=client["UserPoolId"],
            ClientId=client["ClientId"],
            ClientSecretId=secret_id,
        )

    return delete


@pytest.fixture
def accepted(cognito):
    """`accepted(client, secret)`: whether RevokeToken takes the secret for the client's."""

    def revoke(client, secret):
        try:
            cognito.revoke_token(ClientId=client["ClientId"], ClientSecret=secret, Token="unknown")
        except cognito.exceptions.UnauthorizedException:
            return False
        return True

    return revoke


def test_a_generated_secret_is_shown_with_the_client(bare_client, described, accepted):
    client = bare_client(GenerateSecret=True)

    assert re.fullmatch("[a-z0-9]{51,52}", client["ClientSecret"])
    assert described(client)["ClientSecret"] == client["ClientSecret"]
    assert accepted(client, client["ClientSecret"])
    assert not accepted(client, client["ClientSecret"][:-1] + "_")


def test_a_client_may_bring_its_own_secret(bare_client, accepted):
    client = bare_client(ClientSecret=OWN_SECRET)

    assert client["ClientSecret"] == OWN_SECRET
    assert accepted(client, OWN_SECRET)


def test_a_secret_is_generated_or_brought_not_both(bare_client):
    with refused(
        "InvalidParameterException", "GenerateSecret and ClientSecret cannot be used together."
    ):
        bare_client(GenerateSecret=True, ClientSecret=OWN_SECRET)


def test_no_secret_lies_open_in_the_database(bare_client, add_secret, app, loop_thread):
    client = bare_client(ClientSecret=OWN_SECRET)
    second = add_secret(client)["ClientSecretValue"]

    stored = loop_thread.run(
        app.store.clients.find(PoolId(client["UserPoolId"]), ClientId(client["ClientId"]))
    )

    assert len(stored.secrets) == 2
    for secret, shown in zip(stored.secrets, (OWN_SECRET, second), strict=True):
        assert shown.encode() not in secret.sealed


def test_a_second_secret_is_shown_once(
    bare_client, add_secret, secrets_of, described, accepted, clock
):
    client = bare_client(GenerateSecret=True)
    first_second = int(clock.now().timestamp())
    later = clock.advance(timedelta(hours=1))

    added = add_secret(client)

    assert re.fullmatch("[a-z0-9]{51,52}", added["ClientSecretValue"])
    assert added["ClientSecretId"] == f"{client['ClientId']}--{int(later.timestamp())}"
    assert added["ClientSecretCreateDate"] == later
    assert described(client)["ClientSecret"] == client["ClientSecret"]
    assert secrets_of(client) == [
        {
            "ClientSecretId": f"{client['ClientId']}--{first_second}",
            "ClientSecretCreateDate": client["CreationDate"],
        },
        {"ClientSecretId": added["ClientSecretId"], "ClientSecretCreateDate": later},
    ]
    assert accepted(client, client["ClientSecret"])
    assert accepted(client, added["ClientSecretValue"])


def test_a_brought_second_secret_is_never_shown(bare_client, add_secret, accepted):
    client = bare_client(GenerateSecret=True)

    added = add_secret(client, ClientSecret=OWN_SECRET)

    assert "ClientSecretValue" not in added
    assert accepted(client, OWN_SECRET)


def test_two_secrets_of_one_second_have_two_ids(bare_client, add_secret, secrets_of):
    client = bare_client(GenerateSecret=True)

    add_secret(client)

    assert len({secret["ClientSecretId"] for secret in secrets_of(client)}) == 2


def test_a_client_has_two_secrets_at_most(bare_client, add_secret, secrets_of):
    client = bare_client(GenerateSecret=True)
    add_secret(client)

    with refused("LimitExceededException", "A client cannot have more than 2 secrets."):
        add_secret(client)

    assert len(secrets_of(client)) == 2


def test_a_public_client_stays_public(bare_client, add_secret, secrets_of):
    client = bare_client()

    with refused(
        "InvalidParameterException", "Secrets cannot be added to a client without a secret."
    ):
        add_secret(client)

    assert secrets_of(client) == []


def test_a_dynamically_registered_client_gets_no_second_secret(
    bare_client, add_secret, app, loop_thread
):
    client = bare_client(GenerateSecret=True)

    async def register(tx):
        stored = await tx.clients.find(PoolId(client["UserPoolId"]), ClientId(client["ClientId"]))
        await tx.clients.save(replace(stored, client_type="DCR"))

    loop_thread.run(app.store.change(register))

    with refused(
        "InvalidParameterException", "Secrets cannot be added to a dynamically registered client."
    ):
        add_secret(client)


def test_an_old_secret_is_deleted_after_the_new_one_is_in_use(
    bare_client, add_secret, delete_secret, secrets_of, described, accepted
):
    client = bare_client(GenerateSecret=True)
    added = add_secret(client)
    old = secrets_of(client)[0]["ClientSecretId"]

    delete_secret(client, old)

    assert [secret["ClientSecretId"] for secret in secrets_of(client)] == [added["ClientSecretId"]]
    assert not accepted(client, client["ClientSecret"])
    assert accepted(client, added["ClientSecretValue"])
    assert "ClientSecret" not in described(client)


def test_the_last_secret_stays(bare_client, delete_secret, secrets_of):
    client = bare_client(GenerateSecret=True)
    (only,) = secrets_of(client)

    with refused("InvalidParameterException", "The last secret of a client cannot be deleted."):
        delete_secret(client, only["ClientSecretId"])

    assert secrets_of(client) == [only]


def test_a_secret_that_the_client_does_not_have(bare_client, delete_secret):
    client = bare_client(GenerateSecret=True)

    with refused("ResourceNotFoundException", "Client secret unknown--1 does not exist."):
        delete_secret(client, "unknown--1")
    with refused("ResourceNotFoundException", f"User pool client {NO_CLIENT} does not exist."):
        delete_secret({**client, "ClientId": NO_CLIENT}, "unknown--1")


def test_the_list_of_secrets_has_no_second_page(cognito, bare_client):
    client = bare_client(GenerateSecret=True)

    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.list_user_pool_client_secrets(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"], NextToken="next"
        )
