"""Where browsers may be sent, and what a client's secrets are called."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from cognate.domain.clients import (
    LOOPBACK_HOSTS,
    UNSAFE_SCHEMES,
    Client,
    ClientSecret,
    redirect_fault,
)
from cognate.domain.ids import ClientId, PoolId

NOW = datetime(2026, 1, 2, 3, 4, 5, 999_000, tzinfo=UTC)
CLIENT = Client(
    pool_id=PoolId("us-east-1_aaaaaaaaa"),
    client_id=ClientId("abc"),
    name="app",
    created_at=NOW,
    modified_at=NOW,
)


def with_secret(client, secret_id):
    secret = ClientSecret(secret_id=secret_id, sealed=b"", created_at=NOW)
    return replace(client, secrets=(*client.secrets, secret))


def test_a_secret_is_called_after_the_second_it_was_made_in():
    assert CLIENT.new_secret_id(NOW) == f"abc--{int(NOW.timestamp())}"


def test_secrets_of_one_second_are_called_after_the_next_ones():
    client = with_secret(CLIENT, CLIENT.new_secret_id(NOW))
    client = with_secret(client, client.new_secret_id(NOW))

    assert [secret.secret_id for secret in client.secrets] == [
        CLIENT.new_secret_id(NOW),
        CLIENT.new_secret_id(NOW + timedelta(seconds=1)),
    ]


SCHEMES = [*sorted(UNSAFE_SCHEMES), "http", "https", "HTTP", "myapp"]
HOSTS = ["localhost", "127.0.0.1", "[::1]", "x.org"]
SIGNS = [":", "/", "//", "\\", "@", "#", "?", ".", "%2f", "8080", "é", "a"]
PIECES = st.sampled_from([*SCHEMES, *HOSTS, *SIGNS])


@given(st.lists(PIECES, max_size=8).map("".join))
@example("http://localhost#@x.org")
@example("http:\\\\localhost")
@example("http://[::1]:99999/")
def test_no_url_is_allowed_that_leads_a_browser_astray(url):
    if redirect_fault(url) is not None:
        return

    scheme, _, rest = url.partition(":")
    scheme = scheme.lower()
    assert "#" not in url
    assert scheme
    assert rest
    assert scheme not in UNSAFE_SCHEMES
    if scheme in ("http", "https"):
        parts = urlsplit(url)
        assert parts.hostname
        assert not {"@", "\\"} & set(parts.netloc)
        assert scheme == "https" or parts.hostname in LOOPBACK_HOSTS
