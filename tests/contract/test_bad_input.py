"""Whatever is sent, the answer is AWS-shaped: never a traceback, never a 500."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognate.app import App, build
from cognate.config import Settings
from cognate.operations.table import OPERATIONS
from cognate.wire.cognito_idp import SERVICE
from tests.contract.shapes import requests_of
from tests.inprocess import ENDPOINT, Answer, FrozenClock, LoopThread, TestEntropy, ask

BUILT = sorted(OPERATIONS["cognito-idp"])
HEADERS = {
    "content-type": "application/x-amz-json-1.1",
    "authorization": "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/cognito-idp/aws4_request,"
    " SignedHeaders=host;x-amz-date, Signature=00",
    "x-amz-date": "20260102T030405Z",
    "host": "cognate.test",
}


@pytest.fixture(scope="module")
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, loop_thread: LoopThread) -> Iterator[App]:
    data: Path = tmp_path_factory.mktemp("bad-input")
    chosen = Settings(data=data, public_url=ENDPOINT, insecure_fast_passwords=True)
    built = loop_thread.run(build(chosen, clock=FrozenClock(), entropy=TestEntropy()))
    yield built
    loop_thread.run(built.close())


@pytest.fixture(scope="module")
def post(app: App, loop_thread: LoopThread) -> Any:
    def send(target: str | None, body: bytes, **headers: str) -> Answer:
        sent = {**HEADERS, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if target is not None:
            sent["x-amz-target"] = f"{SERVICE.target_prefix}.{target}"
        return loop_thread.run(ask(app, "POST", "/", headers=sent, body=body))

    return send


@pytest.fixture(scope="module")
def known(post: Any) -> dict[str, list[str]]:
    """A pool, a client and a signed-in user, so that requests get past the first look-up."""

    def call(operation: str, **request: Any) -> Any:
        answer = post(operation, msgspec.json.encode(request))
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body) if answer.body else None

    pool = call("CreateUserPool", PoolName="p")["UserPool"]["Id"]
    client = call(
        "CreateUserPoolClient",
        UserPoolId=pool,
        ClientName="c",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    call("SignUp", ClientId=client, Username="ada", Password="Correct-horse1!")
    call("AdminConfirmSignUp", UserPoolId=pool, Username="ada")
    tokens = call(
        "InitiateAuth",
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Correct-horse1!"},
    )["AuthenticationResult"]
    return {
        "UserPoolId": [pool],
        "ClientId": [client],
        "Username": ["ada"],
        "AccessToken": [tokens["AccessToken"]],
        "RefreshToken": [tokens["RefreshToken"]],
    }


def refusal(answer: Answer) -> tuple[int, str]:
    content = msgspec.json.decode(answer.body)
    assert answer.headers["x-amzn-errortype"] == content["__type"] + ":"
    assert answer.headers["x-amzn-requestid"]
    assert "Traceback" not in content["message"]
    return answer.status, content["__type"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "SerializationException"),
        (b"not json", "SerializationException"),
        (b"[]", "SerializationException"),
        (b'"text"', "SerializationException"),
        (b"null", "SerializationException"),
        (b'{"ClientId": 7}', "SerializationException"),
        (b'{"ClientId": {"a": 1}}', "SerializationException"),
        (b'{"ClientId": "\xff\xfe"}', "SerializationException"),
        (b'{"AuthParameters": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "SerializationException"),
        (b"{" * 100_000, "SerializationException"),
        (b'{"ClientId": NaN}', "SerializationException"),
        (b"", "InvalidParameterException"),
        (b"{}", "InvalidParameterException"),
        (b'{"ClientId": null, "AuthFlow": null}', "InvalidParameterException"),
        (b'{"ClientId": "' + b"x" * 1_000_000 + b'"}', "InvalidParameterException"),
    ],
)
def test_a_body_that_is_no_request_is_refused_in_awss_words(post, body, error):
    answer = post("InitiateAuth", body)

    assert refusal(answer) == (400, error)


def test_a_body_over_the_limit_is_refused_before_it_is_read(post):
    answer = post("SignUp", b'{"Username": "' + b"x" * 1_100_000 + b'"}')

    assert refusal(answer) == (413, "RequestEntityTooLargeException")


@pytest.mark.parametrize(
    "target", ["NoSuchOperation", "", "InitiateAuth.", "initiateauth", "é" * 50]
)
def test_an_unknown_target_is_an_unknown_operation(post, target):
    answer = post(target.encode().decode("latin-1"), b"{}")

    assert refusal(answer) == (400, "UnknownOperationException")


def test_a_missing_target_is_an_unknown_operation(post):
    assert refusal(post(None, b"{}")) == (400, "UnknownOperationException")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "", "é"])
def test_another_content_type_is_refused(post, media_type):
    answer = post("InitiateAuth", b"{}", content_type=media_type)

    assert refusal(answer) == (400, "SerializationException")


def test_a_long_value_is_not_echoed_in_a_header(post):
    answer = post("InitiateAuth", b'{"AuthFlow": "' + b"x" * 500_000 + b'"}')

    assert refusal(answer) == (400, "InvalidParameterException")
    assert sum(len(k) + len(v) for k, v in answer.headers.items()) < 4_096


def test_what_cognate_lacks_says_so(post):
    lacking = sorted(set(SERVICE.operations) - set(BUILT))
    for name in lacking:
        answer = post(name, b"{}")

        assert answer.status == 501
        assert msgspec.json.decode(answer.body) == {
            "__type": "NotImplemented",
            "message": f"Cognate does not have {name} yet.",
        }


@pytest.mark.parametrize("name", BUILT)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_request_of_its_shape_is_answered_or_refused(post, known, name, data):
    request = data.draw(requests_of(SERVICE, name, known))

    answer = post(name, msgspec.json.encode(request))

    if answer.status != 200:
        status, error = refusal(answer)
        assert status == 400, (status, error, answer.body)
        assert error in SERVICE.operations[name].errors, error
