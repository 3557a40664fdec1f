"""The headers that repeat an error, for clients that do not read its body. Source: A.2."""

import json

import pytest

TARGET = "AWSCognitoIdentityProviderService."


@pytest.fixture
def refusal(http):
    """`refusal(target, body)` → the answer to an unsigned request."""

    def ask(operation, body):
        return http(
            "POST",
            "/",
            headers={
                "X-Amz-Target": TARGET + operation,
                "Content-Type": "application/x-amz-json-1.1",
            },
            body=json.dumps(body).encode(),
        )

    return ask


def test_name_and_text_stand_in_headers_as_well(refusal):
    answer = refusal("GetUser", {"AccessToken": "no-token"})

    assert answer.headers["x-amzn-errortype"] == "NotAuthorizedException:"
    assert answer.headers["x-amzn-errormessage"] == "Invalid Access Token"


def test_a_long_text_is_cut_in_the_header_and_whole_in_the_body(refusal):
    answer = refusal("InitiateAuth", {"AuthFlow": "x" * 5000, "ClientId": "c"})

    text = json.loads(answer.body)["message"]
    assert len(text) > 1000
    assert answer.headers["x-amzn-errormessage"] == text[:1000]


def test_what_a_caller_wrote_cannot_break_out_of_the_header(refusal):
    written = "a\r\nset-cookie: x=1\x00\x7f\u2028é"

    answer = refusal("InitiateAuth", {"AuthFlow": written, "ClientId": "c"})

    assert written in json.loads(answer.body)["message"]
    assert "'a  set-cookie: x=1????'" in answer.headers["x-amzn-errormessage"]
    assert "set-cookie" not in answer.headers
