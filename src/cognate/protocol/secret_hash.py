"""SecretHash: how a client proves its secret (Cognito guide, Computing secret hash values)."""

import hmac
from base64 import b64encode


def secret_hash(client_secret: str, username: str, client_id: str) -> str:
    """Base64 of HMAC-SHA256 over username and client id, keyed with the client's secret."""
    digest = hmac.digest(client_secret.encode(), f"{username}{client_id}".encode(), "sha256")
    return b64encode(digest).decode()


def matches(given: str, *, client_secret: str, username: str, client_id: str) -> bool:
    """Whether `given` is this hash, compared in constant time."""
    expected = secret_hash(client_secret, username, client_id)
    return hmac.compare_digest(expected.encode(), given.encode())
