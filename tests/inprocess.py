"""The real AWS SDK joined to the application inside this process: real serialisers, no sockets."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from cognate.app import App
from cognate.protocol.jose import generate_rsa_key
from cognate.system import SystemClock, SystemEntropy

T = TypeVar("T")

ENDPOINT = "http://cognate.test"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DIFFERENT_RSA_KEYS = 8


class FrozenClock(SystemClock):
    """Stands still until it is told to advance."""

    def __init__(self) -> None:
        super().__init__()
        self._now = START

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:  # type: ignore[override]  # tests read the new time
        self._now += by
        return self._now


@cache
def _rsa_keys() -> "itertools.cycle[bytes]":
    return itertools.cycle([generate_rsa_key() for _ in range(DIFFERENT_RSA_KEYS)])


class TestEntropy(SystemEntropy):
    """Real chance, but RSA keys from a small store: making one takes longer than a test."""

    __test__ = False

    async def rsa_key(self) -> bytes:
        return next(_rsa_keys())


class LoopThread:
    """One event loop in a thread of its own, for the whole run."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@dataclass(slots=True)
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


async def ask(
    app: App,
    method: str,
    target: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    address: str = "127.0.0.1",
) -> Answer:
    """One HTTP request to the application, as an ASGI server would make it."""
    parts = urlsplit(target)
    scope = {
        "type": "http",
        "method": method,
        "path": parts.path or "/",
        "raw_path": (parts.path or "/").encode(),
        "query_string": parts.query.encode(),
        "headers": [
            (name.lower().encode(), value.encode("latin-1"))
            for name, value in (headers or {}).items()
        ],
        "client": (address, 50000),
        "scheme": "http",
        "http_version": "1.1",
    }
    answer = Answer()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app.asgi(scope, receive, send)
    return answer


class _Raw:
    """What botocore reads a body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._body

    def read(self, *_: Any, **__: Any) -> bytes:
        return self._body


def sdk_client(
    service: str,
    current: Callable[[], App],
    loop: LoopThread,
    *,
    region: str = "us-east-1",
    credentials: tuple[str, str] = ("test", "test"),
) -> Any:
    """
    A boto3 client whose requests go to `current()` instead of a socket. `credentials`: the id and
    the secret of the access key that it signs with.
    """
    client = boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=region,
        aws_access_key_id=credentials[0],
        aws_secret_access_key=credentials[1],
        config=Config(retries={"max_attempts": 0, "mode": "standard"}),
    )

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        body = request.body or b""
        headers = {
            name: value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        headers.setdefault("host", urlsplit(request.url).netloc)
        answer = loop.run(
            ask(
                current(),
                request.method,
                request.url,
                headers=headers,
                body=body.encode() if isinstance(body, str) else body,
            )
        )
        return AWSResponse(request.url, answer.status, answer.headers, _Raw(answer.body))

    client.meta.events.register("before-send", send)
    return client
