"""Requests and responses over raw ASGI, as plain values."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from cognate.errors import RequestEntityTooLargeException

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    One request, its body read. `headers`: names in lower case, repeated ones joined by a comma;
    `raw_headers` keeps them apart. `path` is decoded, `raw_path` as it was sent.
    """

    method: str
    path: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    raw_headers: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str
    request_id: str

    @property
    def parameters(self) -> dict[str, str]:
        """Of the query; the first of repeated ones."""
        found: dict[str, str] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(name, value)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """
    `operation` and `error` are for log lines and metrics: names from closed lists, never a
    caller's text.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    operation: str = "other"
    error: str | None = None


def headers_of(scope: Scope) -> tuple[dict[str, str], list[tuple[str, str]]]:
    raw = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    joined: dict[str, str] = {}
    for name, value in raw:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined, raw


async def read_body(receive: Receive, headers: Mapping[str, str], *, limit: int) -> bytes:
    """
    Raises:
        RequestEntityTooLargeException: longer than `limit` bytes; the rest is not read.
        ConnectionAbortedError: the client went away before the end.
    """
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise RequestEntityTooLargeException
    chunks = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise RequestEntityTooLargeException
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def respond(send: Send, response: Response) -> None:
    headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
