"""The ASGI application: which path goes where."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from cognate.errors import AWSError, RequestEntityTooLargeException, ServiceUnavailableException
from cognate.ports import Call
from cognate.web import aws, uploads, well_known
from cognate.web.aws import AwsProtocol
from cognate.web.http import Receive, Request, Response, Scope, Send, headers_of, read_body, respond
from cognate.web.metrics import CONTENT_TYPE as METRICS_CONTENT_TYPE

log = logging.getLogger(__name__)

BODY_LIMIT = 1024 * 1024  # bytes
# Images travel in these requests (oauth-and-login.md 11, Branding).
LARGE_BODY_LIMIT = 2_621_440
LARGE_TARGETS = ("ManagedLoginBranding",)

Lifespan = Callable[[], Awaitable[None]]
# An answer for a path below /_cognate, or None where there is no such page.
DevelopmentPages = Callable[[Request], Awaitable[Response | None]]


class Monitor(Protocol):
    """Watches requests: how long each took and how it ended."""

    def tick(self) -> float:
        """Seconds that only ever grow."""

    def observe(self, request: Request, response: Response, seconds: float) -> None: ...

    async def metrics(self) -> bytes: ...


class Server:
    """
    `system_call`: makes a call for what nobody signs (discovery, keys). `development`: pages that
    exist in development mode only. `start` and `stop` follow the ASGI lifespan.
    """

    def __init__(  # noqa: PLR0913 - the composition root hands over each part once
        self,
        *,
        protocol: AwsProtocol,
        system_call: Callable[[], Call],
        development: DevelopmentPages | None,
        monitor: Monitor,
        new_request_id: Callable[[], str],
        start: Lifespan,
        stop: Lifespan,
    ) -> None:
        self._protocol = protocol
        self._system_call = system_call
        self._development = development
        self._monitor = monitor
        self._new_request_id = new_request_id
        self._start = start
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, raw = headers_of(scope)
        large = headers.get("x-amz-target", "").endswith(LARGE_TARGETS)
        limit = LARGE_BODY_LIMIT if large else BODY_LIMIT
        too_large = None
        body = b""
        uploads_file = uploads.is_upload(scope["method"], scope["path"])
        try:
            if not uploads_file:
                body = await read_body(receive, headers, limit=limit)
        except RequestEntityTooLargeException as error:
            too_large = error
        except ConnectionAbortedError:
            return
        request = Request(
            method=scope["method"],
            path=scope["path"],
            raw_path=scope.get("raw_path", scope["path"].encode()).decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            raw_headers=raw,
            body=body,
            source_ip=scope["client"][0] if scope.get("client") else "",
            request_id=self._new_request_id(),
        )
        if too_large is not None:
            response = aws.refusal(request, too_large)
            self._monitor.observe(request, response, 0)
            await respond(send, response)
            return
        began = self._monitor.tick()
        if uploads_file:
            try:
                response = await self._upload(request, receive)
            except ConnectionAbortedError:
                return
        else:
            response = await self._answer(request)
        self._monitor.observe(request, response, self._monitor.tick() - began)
        if request.method == "HEAD":
            response = replace(response, body=b"")
        await respond(send, response)

    async def _upload(self, request: Request, receive: Receive) -> Response:
        try:
            return await uploads.upload(self._system_call, request, receive)
        except ConnectionAbortedError:
            raise
        except Exception:
            log.exception("unexpected failure", extra={"request_id": request.request_id})
            return _plain(500, "Internal Server Error", operation="upload")

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._route(request)
        except Exception:
            log.exception("unexpected failure", extra={"request_id": request.request_id})
            return _plain(500, "Internal Server Error", operation="other")

    async def _route(self, request: Request) -> Response:
        if request.method == "POST" and request.path == "/":
            return await self._protocol.handle(request)
        if request.method == "OPTIONS":
            return replace(aws.preflight(request), operation="preflight")
        if request.method in ("GET", "HEAD"):
            found = await self._get(request)
            if found is not None:
                return found
        if self._development is not None and request.path.startswith("/_cognate"):
            found = await self._development(request)
            if found is not None:
                return found
        return _plain(404, "Not Found")

    async def _get(self, request: Request) -> Response | None:
        match request.path.split("/")[1:]:
            case [pool_id, ".well-known", "jwks.json"]:
                return await self._document("jwks", well_known.jwks, pool_id)
            case [pool_id, ".well-known", "openid-configuration"]:
                return await self._document("discovery", well_known.openid_configuration, pool_id)
            case ["health", "live"]:
                return _plain(200, "ok", operation="health")
            case ["health", "ready"]:
                return await self._ready()
            case ["metrics"]:
                return Response(
                    body=await self._monitor.metrics(),
                    headers={"content-type": METRICS_CONTENT_TYPE},
                    operation="metrics",
                )
            case _:
                return None

    async def _document(
        self, operation: str, document: Callable[[Call, str], Awaitable[Response]], pool_id: str
    ) -> Response:
        try:
            response = await document(self._system_call(), pool_id)
        except AWSError as error:
            response = replace(_plain(error.status, error.message), error=error.name)
        return replace(response, operation=operation)

    async def _ready(self) -> Response:
        try:
            await self._system_call().store.check()
        except ServiceUnavailableException:
            return _plain(503, "the database cannot be reached", operation="health")
        return _plain(200, "ok", operation="health")


def _plain(status: int, text: str, *, operation: str = "other") -> Response:
    return Response(
        status=status,
        body=f"{text}\n".encode(),
        headers={"content-type": "text/plain; charset=utf-8"},
        operation=operation,
    )
