"""The AWS SDK for JavaScript 3 in Node, and aws-jwt-verify on the tokens it gets."""

import base64
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.clients.conftest import ALL_FLOWS, PASSWORD
from tests.clients.node_client import NodeClient, Refused
from tests.clients.started_server import another_code

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def node(server, node_client) -> NodeClient:
    client: NodeClient = node_client("aws_sdk.mjs")
    client.ask(
        "configure",
        {
            "endpoint": server.url,
            "region": "us-east-1",
            "credentials": {"accessKeyId": "local", "secretAccessKey": "local"},
            "maxAttempts": 1,
        },
    )
    return client


@pytest.fixture
def send(node) -> Callable[..., Any]:
    """`send("SignUp", ClientId=…)`: one command."""

    def command(name: str, **given: Any) -> Any:
        return node.ask("send", name, given)

    return command


@pytest.fixture
def signed_in(a_pool, a_user, send) -> Callable[[], tuple[Any, dict[str, str]]]:
    """`signed_in()` → a new pool, the tokens of its user ada."""

    def create() -> tuple[Any, dict[str, str]]:
        pool = a_pool()
        a_user(pool, "ada")
        answer = send(
            "InitiateAuth",
            ClientId=pool.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        )
        return pool, answer["AuthenticationResult"]

    return create


def refusal(error: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    return error.value.name, error.value.message


def test_a_pool_is_made_and_a_user_signs_up_and_in(server, send):
    pool = send(
        "CreateUserPool",
        PoolName="customers",
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
    )["UserPool"]
    client = send(
        "CreateUserPoolClient",
        UserPoolId=pool["Id"],
        ClientName="web",
        ExplicitAuthFlows=ALL_FLOWS,
    )["UserPoolClient"]
    ada = {"ClientId": client["ClientId"], "Username": "ada@example.com"}

    assert pool["CreationDate"].endswith("Z")  # a Date, as the SDK made it of the seconds
    send("SignUp", **ada, Password=PASSWORD)
    code = server.code("ada@example.com")
    with pytest.raises(Refused) as wrong:
        send("ConfirmSignUp", **ada, ConfirmationCode=another_code(code))
    assert refusal(wrong) == (
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    )
    assert wrong.value.fields["$fault"] == "client"
    send("ConfirmSignUp", **ada, ConfirmationCode=code)
    with pytest.raises(Refused) as incorrect:
        send(
            "InitiateAuth",
            ClientId=client["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada@example.com", "PASSWORD": "Wrong-horse1!"},
        )
    assert refusal(incorrect) == ("NotAuthorizedException", "Incorrect username or password.")
    tokens = send(
        "InitiateAuth",
        ClientId=client["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada@example.com", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    found = send("GetUser", AccessToken=tokens["AccessToken"])["UserAttributes"]
    assert {"Name": "email", "Value": "ada@example.com"} in found


def test_pages_of_users_are_walked_through(node, cognito, a_pool):
    pool = a_pool()
    names = [f"user{number}" for number in range(5)]
    for name in names:
        cognito.admin_create_user(UserPoolId=pool.pool_id, Username=name, MessageAction="SUPPRESS")

    pages = node.ask("paginate", "ListUsers", {"UserPoolId": pool.pool_id})

    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    assert sorted(user["Username"] for page in pages for user in page["Users"]) == names


def test_tokens_verify_against_the_issuer_they_name(server, node, signed_in):
    pool, tokens = signed_in()
    issuer = f"{server.url}/{pool.pool_id}"

    access = node.ask("verify", tokens["AccessToken"], {"issuer": issuer, "audience": None})
    identity = node.ask("verify", tokens["IdToken"], {"issuer": issuer, "audience": pool.client_id})

    assert (access["token_use"], access["client_id"]) == ("access", pool.client_id)
    assert (identity["token_use"], identity["aud"]) == ("id", pool.client_id)
    assert identity["cognito:username"] == "ada"


def test_tokens_of_others_and_changed_tokens_do_not_verify(server, node, signed_in):
    (pool, tokens), (other, others) = signed_in(), signed_in()
    expected = {"issuer": f"{server.url}/{pool.pool_id}", "audience": pool.client_id}
    head, body, signature = tokens["IdToken"].split(".")
    eve = base64.urlsafe_b64decode(body + "===").replace(b'"ada"', b'"eve"')
    assert b'"eve"' in eve
    kid = jwt.get_unverified_header(tokens["IdToken"])["kid"]
    none = base64.urlsafe_b64encode(b'{"alg":"none","kid":"%s"}' % kid.encode())

    unsigned = f"{none.decode().rstrip('=')}.{body}.{signature}"
    renamed = f"{head}.{base64.urlsafe_b64encode(eve).decode().rstrip('=')}.{signature}"

    classes = {}
    for what, token, wanted in (
        ("another pool's", others["IdToken"], expected),
        ("another client's", tokens["IdToken"], {**expected, "audience": other.client_id}),
        ("an access token", tokens["AccessToken"], expected),
        ("another name", renamed, expected),
        ("no algorithm", unsigned, expected),
    ):
        with pytest.raises(Refused) as refused:
            node.ask("verify", token, wanted)
        classes[what] = refused.value.class_name

    assert classes == {
        "another pool's": "KidNotFoundInJwksError",
        "another client's": "JwtInvalidAudienceError",
        "an access token": "JwtInvalidAudienceError",
        "another name": "JwtInvalidSignatureError",
        "no algorithm": "JwtInvalidSignatureAlgorithmError",
    }


def test_an_expired_token_does_not_verify(server, node, a_pool, a_user, send):
    pool = a_pool()
    a_user(pool, "ada")
    tokens = send(
        "AdminInitiateAuth",
        UserPoolId=pool.pool_id,
        ClientId=pool.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    expected = {"issuer": f"{server.url}/{pool.pool_id}", "audience": pool.client_id}

    with pytest.raises(Refused) as expired:
        # Its clock is ours; a grace period below zero looks that many seconds ahead.
        node.ask("verify", tokens["IdToken"], {**expected, "graceSeconds": -3700})

    assert expired.value.class_name == "JwtExpiredError"
