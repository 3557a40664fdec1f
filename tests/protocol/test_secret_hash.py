"""SecretHash: the vector of spec user-pools B, and what does not pass for it."""

import pytest

from cognate.protocol.secret_hash import matches, secret_hash

SECRET = "13ka4h7u28d9oo44tqpq9djqsfvhvu8rk4d2ighvpu0k8fj1c2r9"
CLIENT = "26cb2c60kq7nbmas7rbme9b6pp"
HASH = "JeNFMOHrmUOKtDpmxwj6sf3w7j1MzNOmxfNdt8wKJYc="


def test_the_published_hash_comes_out():
    assert secret_hash(SECRET, "testuser", CLIENT) == HASH
    assert matches(HASH, client_secret=SECRET, username="testuser", client_id=CLIENT)


@pytest.mark.parametrize(
    ("given", "username"),
    [
        ("", "testuser"),
        (HASH[:-1], "testuser"),
        (HASH + "=", "testuser"),
        ("é", "testuser"),
        (HASH, "Testuser"),
        (HASH.lower(), "testuser"),
        (HASH, "testuser2"),
    ],
)
def test_anything_else_does_not_match(given, username):
    assert not matches(given, client_secret=SECRET, username=username, client_id=CLIENT)


def test_another_client_or_secret_gives_another_hash():
    assert not matches(HASH, client_secret=SECRET + "0", username="testuser", client_id=CLIENT)
    assert not matches(HASH, client_secret=SECRET, username="testuser", client_id="x" + CLIENT)
