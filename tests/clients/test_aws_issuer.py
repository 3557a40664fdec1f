"""CognitoJwtVerifier of aws-jwt-verify, which takes AWS's issuer alone, on `--issuer aws`."""

import boto3
import pytest

from tests.clients.conftest import PASSWORD
from tests.clients.node_client import Refused
from tests.clients.started_server import StartedServer

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module", params=["ORIGINAL", "UPDATED"])
def issuer_type(request):
    return request.param


@pytest.fixture(scope="module")
def aws_like(tmp_path_factory):
    """A started server whose tokens name AWS's host."""
    directory = tmp_path_factory.mktemp("aws-like")
    server = StartedServer(
        arguments=["serve", "--data", "data", "--issuer", "aws", "--insecure-fast-passwords"],
        directory=directory,
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def signed_in(aws_like, issuer_type):
    """Pool id, client id and tokens of a user."""
    cognito = boto3.client(
        "cognito-idp",
        endpoint_url=aws_like.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    pool_id = cognito.create_user_pool(
        PoolName="a pool", IssuerConfiguration={"Type": issuer_type}
    )["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="a client",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True
    )
    tokens = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    cognito.close()
    return pool_id, client_id, tokens


@pytest.mark.parametrize(("use", "token"), [("id", "IdToken"), ("access", "AccessToken")])
def test_it_takes_our_tokens_when_it_is_given_our_keys(
    aws_like, node_client, signed_in, use, token
):
    pool_id, client_id, tokens = signed_in
    node = node_client("aws_sdk.mjs")
    expected = {"userPoolId": pool_id, "clientId": client_id, "tokenUse": use}

    claims = node.ask("verifyAsCognito", tokens[token], expected, aws_like.jwks(pool_id))

    assert claims["token_use"] == use
    with pytest.raises(Refused) as refused:
        node.ask(
            "verifyAsCognito",
            tokens[token],
            {**expected, "clientId": "another"},
            aws_like.jwks(pool_id),
        )
    assert refused.value.class_name in ("JwtInvalidAudienceError", "CognitoJwtInvalidClientIdError")
