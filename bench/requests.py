"""Requests as bytes, prepared so that sending one costs next to nothing."""

import json
from typing import Any

# Neither we (in development mode) nor the others check signatures of unknown keys, so none is
# computed; the scope is read by all of them.
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/cognito-idp/aws4_request,"
    " SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)
UNSIGNED = ("InitiateAuth", "RespondToAuthChallenge", "GetUser")


def request(operation: str, content: dict[str, Any]) -> bytes:
    """One operation's request, as an SDK sends it."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return head(operation, len(body)) + body


def head(operation: str, length: int) -> bytes:
    lines = [
        "POST / HTTP/1.1",
        "Host: cognito-idp.us-east-1.amazonaws.com",
        f"X-Amz-Target: AWSCognitoIdentityProviderService.{operation}",
        "Content-Type: application/x-amz-json-1.1",
        "User-Agent: cognate-bench",
        f"Content-Length: {length}",
    ]
    if operation not in UNSIGNED:
        lines += ["X-Amz-Date: 20260101T000000Z", f"Authorization: {AUTHORIZATION}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Template:
    """
    A request with one part that changes, of the same length each time.

    >>> Template("AdminGetUser", {"Username": "user0000000"}, "0000000").filled("0000007")
    """

    def __init__(self, operation: str, content: dict[str, Any], part: str) -> None:
        whole = request(operation, content)
        self._pieces = whole.split(part.encode())
        self._length = len(part)

    def filled(self, part: str) -> bytes:
        assert len(part) == self._length
        return part.encode().join(self._pieces)


def get(path: str, host: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
