"""The ASGI application: which path goes where."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from cognate.errors import AWSError, RequestEntityTooLargeException, ServiceUnavailableException
from cognate.ports import Call
from cognate.web import aws, well_known
from cognate.web.aws import AwsProtocol
from cognate.web.http import Receive, Request, Response, Scope, Send, headers_of, read_body, respond

BODY_LIMIT = 1024 * 1024  # bytes
# Images travel in these requests (oauth-and-login.md 11, Branding).
LARGE_BODY_LIMIT = 2_621_440
LARGE_TARGETS = ("ManagedLoginBranding",)

Lifespan = Callable[[], Awaitable[None]]
# An answer for a path below /_cognate, or None where there is no such page.
DevelopmentPages = Callable[[Request], Awaitable[Response | None]]


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
        metrics: Callable[[], bytes],
        new_request_id: Callable[[], str],
        start: Lifespan,
        stop: Lifespan,
    ) -> None:
        self._protocol = protocol
        self._system_call = system_call
        self._development = development
        self._metrics = metrics
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
        request = Request(
            method=scope["method"],
            path=scope["path"],
            raw_path=scope.get("raw_path", scope["path"].encode()).decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            raw_headers=raw,
            body=b"",
            source_ip=scope["client"][0] if scope.get("client") else "",
            request_id=self._new_request_id(),
        )
        large = headers.get("x-amz-target", "").endswith(LARGE_TARGETS)
        limit = LARGE_BODY_LIMIT if large else BODY_LIMIT
        try:
            body = await read_body(receive, headers, limit=limit)
        except RequestEntityTooLargeException as error:
            await respond(send, aws.refusal(request, error))
            return
        except ConnectionAbortedError:
            return
        if body:
            request = replace(request, body=body)
        response = await self._route(request)
        if request.method == "HEAD":
            response = Response(status=response.status, headers=response.headers)
        await respond(send, response)

    async def _route(self, request: Request) -> Response:
        if request.method == "POST" and request.path == "/":
            return await self._protocol.handle(request)
        if request.method == "OPTIONS":
            return aws.preflight(request)
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
                return await self._document(well_known.jwks, pool_id)
            case [pool_id, ".well-known", "openid-configuration"]:
                return await self._document(well_known.openid_configuration, pool_id)
            case ["health", "live"]:
                return _plain(200, "ok")
            case ["health", "ready"]:
                return await self._ready()
            case ["metrics"]:
                return Response(
                    body=self._metrics(),
                    headers={"content-type": "text/plain; version=0.0.4; charset=utf-8"},
                )
            case _:
                return None

    async def _document(
        self, document: Callable[[Call, str], Awaitable[Response]], pool_id: str
    ) -> Response:
        try:
            return await document(self._system_call(), pool_id)
        except AWSError as error:
            return _plain(error.status, error.message)

    async def _ready(self) -> Response:
        try:
            await self._system_call().store.check()
        except ServiceUnavailableException:
            return _plain(503, "the database cannot be reached")
        return _plain(200, "ok")


def _plain(status: int, text: str) -> Response:
    return Response(
        status=status, body=f"{text}\n".encode(), headers={"content-type": "text/plain"}
    )
