"""The inbox, emptying everything, moving time: what development mode adds, and for whom."""

import json
import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from cognate.config import Settings
from cognate.domain.messages import Message
from tests.inprocess import ENDPOINT

HOST = ENDPOINT.removeprefix("http://")


@pytest.fixture(params=["development"])
def settings(request, tmp_path, database_url):
    return Settings(
        data=tmp_path,
        database=database_url,
        public_url=ENDPOINT,
        mode=request.param,
        insecure_fast_passwords=True,
    )


@pytest.fixture
def a_letter(app, a_pool, loop_thread):
    """`a_letter(recipient=…, …)`: a message put into the outbox of a new pool."""

    async def put(**parts):
        given = {
            "recipient": "ada@example.com",
            "channel": "email",
            "subject": "Your verification code",
            "body": "Your verification code is 123456. ",
            "code": "123456",
        }
        call = app.call()
        pool = await app.store.pools.find(pool_id)
        keys = await call.keys.of_pool(pool)

        async def change(tx):
            await call.outbox.put(tx, keys, pool, Message(**(given | parts)))

        await app.store.change(change)

    pool_id = a_pool()

    def write(**parts):
        loop_thread.run(put(**parts))

    return write


@pytest.fixture
def read_inbox(http):
    """`read_inbox("to=…")` → the messages of the JSON."""

    def read(query=""):
        answer = http("GET", f"/_cognate/inbox?{query}", headers={"Host": HOST})
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        return json.loads(answer.body)["messages"]

    return read


# --- the inbox -----------------------------------------------------------------------------------


def test_a_message_is_read_with_its_code(a_letter, read_inbox, clock):
    a_letter()

    (message,) = read_inbox("to=ada@example.com")

    assert re.fullmatch(r"[0-9a-f-]{36}", message.pop("id"))
    assert message == {
        "to": "ada@example.com",
        "channel": "email",
        "subject": "Your verification code",
        "body": "Your verification code is 123456. ",
        "code": "123456",
        "link": None,
        "created": clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


def test_the_newest_message_comes_first(a_letter, read_inbox, clock):
    for subject in ("first", "second", "third"):
        a_letter(subject=subject)
        clock.advance(timedelta(milliseconds=1))

    assert [message["subject"] for message in read_inbox()] == ["third", "second", "first"]


def test_an_inbox_is_one_recipients(a_letter, read_inbox):
    a_letter(recipient="Ada@Example.com", subject="to ada")
    a_letter(recipient="grace@example.com", subject="to grace")
    a_letter(recipient="+15551234567", channel="sms", subject=None)

    assert [m["subject"] for m in read_inbox("to=ada@example.com")] == ["to ada"]
    assert [m["channel"] for m in read_inbox(f"to={quote('+15551234567')}")] == ["sms"]
    assert [m["channel"] for m in read_inbox("to=+15551234567")] == ["sms"]  # not encoded
    assert read_inbox("to=nobody@example.com") == []
    assert len(read_inbox()) == 3


def page(http, query=""):
    answer = http("GET", f"/_cognate/inbox/{query}", headers={"Host": HOST})
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer


def test_the_page_shows_texts_as_texts(http, a_letter):
    a_letter(subject="<script>alert(1)</script>", body="</pre><img src=x onerror=alert(1)>")

    text = page(http).body.decode()

    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "123456" in text


def test_the_page_forbids_scripts_and_styles_that_are_not_its_files(http):
    answer = page(http)

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    text = answer.body.decode()
    assert "<style" not in text
    assert " style=" not in text
    assert re.findall(r"<script[^>]*>", text) == ['<script src="/_cognate/inbox/inbox.js" defer>']


@pytest.mark.parametrize(
    ("file", "content_type"),
    [
        ("inbox.css", "text/css; charset=utf-8"),
        ("inbox.js", "text/javascript; charset=utf-8"),
    ],
)
def test_the_pages_files_are_served(http, file, content_type):
    answer = http("GET", f"/_cognate/inbox/{file}", headers={"Host": HOST})

    assert answer.status == 200
    assert answer.headers["content-type"] == content_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.body


def test_only_a_web_address_becomes_a_link(http, a_letter):
    a_letter(link="https://example.org/confirm?code=1&user=ada", code=None)
    a_letter(link="javascript:alert(1)", code=None)

    text = page(http).body.decode()

    assert 'href="https://example.org/confirm?code=1&amp;user=ada"' in text
    assert 'href="javascript' not in text


def test_the_page_may_show_one_recipients_messages(http, a_letter):
    a_letter(recipient="ada@example.com", subject="to ada")
    a_letter(recipient="grace@example.com", subject="to grace")

    text = page(http, "?to=grace@example.com").body.decode()

    assert "to grace" in text
    assert "to ada" not in text
    assert 'value="grace@example.com"' in text


# --- emptying and time ---------------------------------------------------------------------------


def test_everything_can_be_emptied(http, cognito, a_user, a_letter, read_inbox):
    a_user()
    a_letter()

    answer = http("POST", "/_cognate/reset", headers={"Host": HOST})

    assert (answer.status, answer.body) == (200, b"{}")
    assert read_inbox() == []
    assert cognito.list_user_pools(MaxResults=10)["UserPools"] == []


def test_after_emptying_everything_works_again(http, a_user, cognito):
    a_user()
    http("POST", "/_cognate/reset", headers={"Host": HOST})

    ada = a_user()

    signed_in = cognito.initiate_auth(
        ClientId=ada.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": ada.username, "PASSWORD": ada.password},
    )
    assert "AuthenticationResult" in signed_in


def move(http, body, **headers):
    return http(
        "POST", "/_cognate/clock", headers={"Host": HOST, **headers}, body=json.dumps(body).encode()
    )


def test_the_clock_is_moved_forward(http, a_pool, cognito, clock):
    before = clock.now()

    answer = move(http, {"advance": 90.5})

    later = before + timedelta(seconds=90.5)
    assert answer.status == 200
    assert json.loads(answer.body) == {"now": later.strftime("%Y-%m-%dT%H:%M:%S.500Z")}
    pool = a_pool()
    assert cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["CreationDate"] == later


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"advance": -1}, "The clock is moved forward, by at most a hundred years."),
        ({"advance": 1e12}, "The clock is moved forward, by at most a hundred years."),
        ({"advance": "1"}, 'The body is {"advance": SECONDS}.'),
        ({"advance": True}, 'The body is {"advance": SECONDS}.'),
        ({"back": 1}, 'The body is {"advance": SECONDS}.'),
        ([], 'The body is {"advance": SECONDS}.'),
    ],
)
def test_the_clock_is_not_moved_otherwise(http, clock, body, words):
    before = clock.now()

    answer = move(http, body)

    assert answer.status == 400
    assert json.loads(answer.body) == {"message": words}
    assert clock.now() == before


# --- for whom ------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", ["production"], indirect=True)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_cognate/inbox"),
        ("GET", "/_cognate/inbox/"),
        ("GET", "/_cognate/inbox/inbox.js"),
        ("POST", "/_cognate/reset"),
        ("POST", "/_cognate/clock"),
    ],
)
def test_production_has_none_of_this(http, method, path):
    answer = http(method, path, headers={"Host": HOST}, body=b'{"advance": 1}')

    assert answer.status == 404


@pytest.mark.parametrize("path", ["/_cognate/reset", "/_cognate/clock"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://cognate.test.evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_changes_nothing(http, a_pool, cognito, clock, path, headers):
    a_pool()
    before = clock.now()

    answer = http("POST", path, headers={"Host": HOST, **headers}, body=b'{"advance": 1}')

    assert answer.status == 403
    assert clock.now() == before
    assert len(cognito.list_user_pools(MaxResults=10)["UserPools"]) == 1


def test_our_own_pages_may(http):
    answer = http("POST", "/_cognate/reset", headers={"Host": HOST, "Origin": ENDPOINT})

    assert answer.status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "cognate.test.evil.example:9229", "[", "127.1.evil"],
)
@pytest.mark.parametrize("path", ["/_cognate/inbox?to=ada@example.com", "/_cognate/inbox/"])
def test_a_name_that_somebody_else_may_own_does_not_lead_here(http, a_letter, path, host):
    a_letter()

    answer = http("GET", path, headers={"Host": host})

    assert answer.status == 403
    assert b"123456" not in answer.body


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:9229", "pool.localhost:9229", "127.0.0.1:9229", "[::1]:9229", HOST],
)
def test_the_servers_own_addresses_lead_here(http, host):
    assert http("GET", "/_cognate/inbox", headers={"Host": host}).status == 200


def test_no_page_of_another_site_may_read_the_inbox(http):
    answer = http(
        "GET", "/_cognate/inbox", headers={"Host": HOST, "Origin": "https://evil.example"}
    )

    assert "access-control-allow-origin" not in answer.headers
