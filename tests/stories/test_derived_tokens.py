"""Tokens without a sign-in: an application's own, and those exchanged for somebody's."""

import json
from datetime import timedelta

import jwt
import pytest

from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused

SECRET = "an0own0secret0of0the0caller"
EXCHANGE = ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION", "ALLOW_TOKEN_EXCHANGE_DELEGATION"]


@pytest.fixture
def shop(cognito, a_pool):
    """A pool whose resource server `shop` has the scopes read and write."""
    pool = a_pool()
    cognito.create_resource_server(
        UserPoolId=pool,
        Identifier="shop",
        Name="Shop",
        Scopes=[
            {"ScopeName": "read", "ScopeDescription": "Read"},
            {"ScopeName": "write", "ScopeDescription": "Write"},
        ],
    )
    return pool


@pytest.fixture
def robot(cognito, shop):
    """A client that gets tokens for itself."""
    return cognito.create_user_pool_client(
        UserPoolId=shop,
        ClientName="robot",
        ClientSecret=SECRET,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["shop/read", "shop/write"],
    )["UserPoolClient"]["ClientId"]


@pytest.fixture
def broker(cognito, shop):
    """A client that exchanges tokens of users."""
    return cognito.create_user_pool_client(
        UserPoolId=shop,
        ClientName="broker",
        ExplicitAuthFlows=EXCHANGE,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        CallbackURLs=["https://example.com/cb"],
        AllowedOAuthScopes=["openid", "aws.cognito.signin.user.admin", "shop/read"],
    )["UserPoolClient"]["ClientId"]


@pytest.fixture
def signed_in(cognito, a_user):
    """`signed_in(pool_id)` → a user and the tokens of a fresh sign-in."""

    def sign_in(pool_id, username="ada"):
        user = a_user(pool_id=pool_id, username=username)
        answer = cognito.initiate_auth(
            ClientId=user.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
        )
        return user, answer["AuthenticationResult"]

    return sign_in


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_an_application_gets_a_token_for_itself(cognito, http, shop, robot):
    answer = cognito.get_client_token(ClientId=robot, Secret=SECRET)

    result = answer["ClientAuthenticationResult"]
    keys = jwt.PyJWKSet.from_json(http("GET", f"/{shop}/.well-known/jwks.json").body.decode())
    key = keys[jwt.get_unverified_header(result["AccessToken"])["kid"]]
    claims = jwt.decode(
        result["AccessToken"],
        key,
        algorithms=["RS256"],
        options={"verify_exp": False, "verify_iat": False},
    )
    assert (result["TokenType"], result["ExpiresIn"]) == ("Bearer", 3600)
    assert claims["sub"] == claims["client_id"] == robot
    assert (claims["scope"], claims["token_use"]) == ("shop/read shop/write", "access")
    assert claims["exp"] - claims["iat"] == 3600
    assert not {"username", "origin_jti", "cognito:groups"} & set(claims)


def test_an_application_may_ask_for_less(cognito, robot):
    answer = cognito.get_client_token(ClientId=robot, Secret=SECRET, Scopes=["shop/read"])

    token = answer["ClientAuthenticationResult"]["AccessToken"]
    assert claims_of(token)["scope"] == "shop/read"


def test_an_application_proves_itself_by_its_secret_without_a_signature(http, robot):
    answer = http(
        "POST",
        "/",
        headers={
            "x-amz-target": "AWSCognitoIdentityProviderService.GetClientToken",
            "content-type": "application/x-amz-json-1.1",
        },
        body=json.dumps({"ClientId": robot, "Secret": SECRET}).encode(),
    )

    assert answer.status == 200


def test_a_wrong_secret_or_scope_is_refused(cognito, robot, broker):
    with refused("NotAuthorizedException", f"Unable to verify secret for client {robot}"):
        cognito.get_client_token(ClientId=robot, Secret="x" * 24)
    with refused("InvalidParameterException", "Scope shop/admin is not allowed for this client."):
        cognito.get_client_token(ClientId=robot, Secret=SECRET, Scopes=["shop/admin"])
    with refused("NotAuthorizedException", f"Unable to verify secret for client {broker}"):
        cognito.get_client_token(ClientId=broker, Secret=SECRET)
    with refused("ResourceNotFoundException", "User pool client nobody does not exist."):
        cognito.get_client_token(ClientId="nobody", Secret=SECRET)


def test_an_applications_token_does_not_speak_for_a_user(cognito, robot):
    answer = cognito.get_client_token(ClientId=robot, Secret=SECRET)
    token = answer["ClientAuthenticationResult"]["AccessToken"]

    with refused("NotAuthorizedException", "Access Token does not have required scopes"):
        cognito.get_user(AccessToken=token)


def test_a_users_token_is_exchanged_for_one_of_another_client(cognito, shop, broker, signed_in):
    user, tokens = signed_in(shop)

    answer = cognito.get_derived_token(
        ClientId=broker,
        SubjectToken=tokens["AccessToken"],
        SubjectTokenType="ACCESS_TOKEN",
        Resources=["https://api.example.com"],
    )

    claims = claims_of(answer["IssuedToken"])
    assert (claims["sub"], claims["client_id"]) == (user.sub, broker)
    assert claims["aud"] == "https://api.example.com"
    assert claims["origin_jti"] == claims_of(tokens["AccessToken"])["origin_jti"]
    assert "act" not in claims
    assert answer["Scopes"] == ["aws.cognito.signin.user.admin"]
    assert (answer["TokenType"], answer["IssuedTokenType"]) == ("Bearer", "ACCESS_TOKEN")
    assert cognito.get_user(AccessToken=answer["IssuedToken"])["Username"] == "ada"


def test_who_acts_is_in_the_token(cognito, shop, broker, robot, signed_in):
    _, tokens = signed_in(shop)
    robots = cognito.get_client_token(ClientId=robot, Secret=SECRET)

    answer = cognito.get_derived_token(
        ClientId=broker,
        SubjectToken=tokens["IdToken"],
        SubjectTokenType="ID_TOKEN",
        ActorToken=robots["ClientAuthenticationResult"]["AccessToken"],
        ActorTokenType="ACCESS_TOKEN",
        Scopes=["shop/read"],
    )

    claims = claims_of(answer["IssuedToken"])
    assert claims["act"] == {"sub": robot}
    assert claims["scope"] == "shop/read"


def test_an_id_token_may_be_asked_for(cognito, shop, broker, signed_in):
    user, tokens = signed_in(shop)

    answer = cognito.get_derived_token(
        ClientId=broker,
        SubjectToken=tokens["AccessToken"],
        SubjectTokenType="ACCESS_TOKEN",
        RequestedTokenType="ID_TOKEN",
    )

    claims = claims_of(answer["IssuedToken"])
    assert (claims["aud"], claims["token_use"], claims["sub"]) == (broker, "id", user.sub)
    assert (answer["TokenType"], answer["IssuedTokenType"]) == ("N_A", "ID_TOKEN")


def test_what_was_exchanged_dies_with_the_subjects_tokens(cognito, shop, broker, signed_in):
    user, tokens = signed_in(shop)
    derived = cognito.get_derived_token(
        ClientId=broker, SubjectToken=tokens["AccessToken"], SubjectTokenType="ACCESS_TOKEN"
    )["IssuedToken"]

    cognito.revoke_token(ClientId=user.client_id, Token=tokens["RefreshToken"])

    with refused("NotAuthorizedException", "Access Token has been revoked"):
        cognito.get_user(AccessToken=derived)
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        cognito.get_derived_token(
            ClientId=broker, SubjectToken=tokens["AccessToken"], SubjectTokenType="ACCESS_TOKEN"
        )


def test_exchanges_that_may_not_be(cognito, shop, broker, a_pool, a_client, clock, signed_in):
    user, tokens = signed_in(shop)
    _, strangers = signed_in(a_pool())
    subject = {"SubjectToken": tokens["AccessToken"], "SubjectTokenType": "ACCESS_TOKEN"}

    with refused("InvalidParameterException", "Token exchange is not enabled for this client."):
        cognito.get_derived_token(ClientId=user.client_id, **subject)
    with refused("NotAuthorizedException", "Subject token is not of this user pool."):
        cognito.get_derived_token(
            ClientId=broker,
            SubjectToken=strangers["AccessToken"],
            SubjectTokenType="ACCESS_TOKEN",
        )
    with refused("NotAuthorizedException", "Invalid Access Token"):
        cognito.get_derived_token(
            ClientId=broker, SubjectToken=tokens["IdToken"], SubjectTokenType="ACCESS_TOKEN"
        )
    with refused(
        "InvalidParameterException", "Either Audiences or Resources can be given, not both."
    ):
        cognito.get_derived_token(
            ClientId=broker, Audiences=["a"], Resources=["https://b"], **subject
        )
    with refused("InvalidParameterException", "None of the requested scopes is allowed."):
        cognito.get_derived_token(ClientId=broker, Scopes=["shop/write"], **subject)
    clock.advance(timedelta(hours=2))
    with refused("NotAuthorizedException", "Access Token has expired"):
        cognito.get_derived_token(ClientId=broker, **subject)
