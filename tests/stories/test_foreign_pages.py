"""A developer's browser shows other people's pages too: what those may ask the local server."""

import json

import pytest

from cognate.config import Settings
from cognate.protocol import sigv4
from cognate.system import SystemClock
from tests.inprocess import ENDPOINT
from tests.stories.access_keys import a_key

__all__ = ["a_key"]  # a fixture

TARGET = "AWSCognitoIdentityProviderService."
REFUSAL = {
    "__type": "AccessDeniedException",
    "message": (
        "In development mode any access key is accepted, so web pages of other origins may not"
        " call signed operations. Serve the page from localhost, or sign with a key of `cognate"
        " keys create`."
    ),
}
FOREIGN = [
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example:9229",
    "http://localhost@evil.example",
    "https://cognate.test",  # another scheme is another origin
    "http://cognate.test:81",
    "http://192.0.2.7:9229",
    "http://[",
    "",
]


@pytest.fixture
def list_pools(http):
    """`list_pools(origin, key=…, host=…)` → the answer to a signed call of a page of `origin`."""

    def ask(origin, *, key=("anything", "at all"), host="cognate.test"):
        signed = sigv4.sign(
            sigv4.SignedRequest(
                method="POST",
                path="/",
                query="",
                headers=(
                    ("Host", host),
                    ("X-Amz-Target", TARGET + "ListUserPools"),
                    ("Content-Type", "application/x-amz-json-1.1"),
                ),
                body=b'{"MaxResults": 10}',
            ),
            sigv4.Credentials(access_key_id=key[0], secret=key[1], session_token=None),
            SystemClock.real_now(),
            region="us-east-1",
            service="cognito-idp",
        )
        headers = {**dict(signed.headers), "Origin": origin}
        return http("POST", "/", headers=headers, body=b'{"MaxResults": 10}')

    return ask


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_may_not_administer_the_local_server(list_pools, origin):
    answer = list_pools(origin)

    assert answer.status == 400
    assert json.loads(answer.body) == REFUSAL


def test_a_name_that_was_made_to_lead_here_is_foreign_too(list_pools):
    answer = list_pools("http://rebound.example:9229", host="rebound.example:9229")

    assert json.loads(answer.body) == REFUSAL


@pytest.mark.parametrize(
    "origin",
    [
        ENDPOINT,
        "http://localhost",
        "http://localhost:5173",
        "https://localhost:3000",
        "http://app.localhost:3000",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:3000",
        "capacitor://localhost",
    ],
)
def test_pages_of_this_machine_may(list_pools, origin):
    assert json.loads(list_pools(origin).body) == {"UserPools": []}


def test_pages_that_the_server_itself_shows_under_its_address_may(list_pools):
    answer = list_pools("http://192.0.2.7:9229", host="192.0.2.7:9229")

    assert answer.status == 200


def test_a_page_that_signs_with_a_key_of_ours_may_come_from_anywhere(list_pools, a_key):
    answer = list_pools("https://admin.example.com", key=a_key())

    assert answer.status == 200


@pytest.mark.parametrize("origin", ["https://app.example.com", "null", "http://localhost:3000"])
def test_what_nobody_signs_is_open_to_every_page(http, a_pool, a_client, origin):
    client = a_client(a_pool())
    body = {"ClientId": client["ClientId"], "Username": "ada", "Password": "Correct-horse1!"}

    answer = http(
        "POST",
        "/",
        headers={
            "X-Amz-Target": TARGET + "SignUp",
            "Content-Type": "application/x-amz-json-1.1",
            "Origin": origin,
        },
        body=json.dumps(body).encode(),
    )

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.fixture
def production(tmp_path, database_url):
    return Settings(
        data=tmp_path,
        database=database_url,
        public_url=ENDPOINT,
        mode="production",
        insecure_fast_passwords=True,  # only a command line refuses it
    )


class TestProduction:
    @pytest.fixture
    def settings(self, production):
        return production

    def test_a_key_proves_a_page_of_any_origin(self, list_pools, a_key):
        assert list_pools("https://admin.example.com", key=a_key()).status == 200

    def test_a_key_that_is_none_of_ours_proves_nothing(self, list_pools):
        answer = list_pools("http://localhost:3000")

        assert json.loads(answer.body)["__type"] == "UnrecognizedClientException"
