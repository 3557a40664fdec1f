"""
What exists in development mode only, below /_cognate: the inbox, emptying everything, moving time.

A developer's browser also shows other people's pages. Those must not reach in: a request whose
Host is a foreign name (DNS rebinding) or whose Origin is another site is refused.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from cognate.ports import Call
from cognate.web import inbox
from cognate.web.http import Request, Response
from cognate.web.inbox import Inbox
from cognate.web.origins import host_name, is_address

FARTHEST = timedelta(days=36500)  # a hundred years; the calendar ends somewhere


class MovableClock(Protocol):
    def advance(self, by: timedelta) -> object: ...


class _Advance(msgspec.Struct, forbid_unknown_fields=True):
    advance: float  # seconds


class DevelopmentPages:
    """
    `forget`: drops what is remembered of what was emptied. `alone`: whether this process is the
    only one; a clock and what is remembered are each process's own.
    """

    def __init__(
        self,
        *,
        call: Callable[[], Call],
        inbox: Inbox,
        clock: MovableClock,
        forget: Callable[[], None],
        alone: bool,
    ) -> None:
        self._call = call
        self._inbox = inbox
        self._clock = clock
        self._forget = forget
        self._alone = alone

    async def __call__(self, request: Request) -> Response | None:
        """The answer below /_cognate, or None where nothing is there."""
        page = self._page(request)
        if page is None:
            return None
        if not self._is_own_host(request.headers.get("host")):
            return _refused(
                403, "Host is not an address of this server; see --public-url for its name."
            )
        if request.method == "POST" and not self._is_own_origin(request):
            return _refused(403, "Another site may not do this.")
        return await page(request)

    def _page(self, request: Request) -> Callable[[Request], Awaitable[Response]] | None:
        reads = request.method in ("GET", "HEAD")
        match request.path:
            case "/_cognate/inbox" if reads:
                return self._as_json
            case "/_cognate/inbox/" if reads:
                return self._as_page
            case path if reads and path in inbox.ASSETS:
                return self._asset
            case "/_cognate/reset" if request.method == "POST":
                return self._reset
            case "/_cognate/clock" if request.method == "POST":
                return self._move_clock
            case _:
                return None

    async def _as_json(self, request: Request) -> Response:
        return await self._inbox.as_json(self._call(), request)

    async def _as_page(self, request: Request) -> Response:
        return await self._inbox.as_page(self._call(), request)

    async def _asset(self, request: Request) -> Response:
        return inbox.asset(request.path)

    async def _reset(self, request: Request) -> Response:
        """Empty the database, forget keys, put the clock right."""
        if not self._alone:
            return _refused(409, "With several workers nothing is emptied: use --workers 1.")
        await self._call().store.clear()
        self._forget()
        return Response(body=b"{}", headers=_JSON, operation="reset")

    async def _move_clock(self, request: Request) -> Response:
        """`{"advance": SECONDS}`: forward only, as time goes."""
        if not self._alone:
            return _refused(409, "With several workers the clock is not moved: use --workers 1.")
        try:
            seconds = msgspec.json.decode(request.body, type=_Advance).advance
        except msgspec.DecodeError:
            return _refused(400, 'The body is {"advance": SECONDS}.')
        if not 0 <= seconds <= FARTHEST.total_seconds():
            return _refused(400, "The clock is moved forward, by at most a hundred years.")
        self._clock.advance(timedelta(seconds=seconds))
        now = self._call().clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Response(body=msgspec.json.encode({"now": now}), headers=_JSON, operation="clock")

    def _is_own_host(self, host: str | None) -> bool:
        """
        Whether a request came by an address or by a name that only its owner can give us. An
        address written as numbers is always the right server; no browser omits Host.
        """
        if host is None:
            return True
        name = host_name(f"http://{host}")
        if name is None:
            return False
        own = host_name(self._call().deployment.public_url)
        if name in ("localhost", own) or name.endswith(".localhost"):
            return True
        return is_address(name)

    def _is_own_origin(self, request: Request) -> bool:
        """Browsers send Origin with every POST; other clients send none."""
        origin = request.headers.get("origin")
        if origin is None:
            return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
        public = urlsplit(self._call().deployment.public_url)
        own = {f"{public.scheme}://{public.netloc}"}
        if host := request.headers.get("host"):
            own |= {f"http://{host}", f"https://{host}"}
        return origin in own


_JSON = {"content-type": "application/json", "cache-control": "no-store"}


def _refused(status: int, text: str) -> Response:
    return Response(
        status=status,
        body=msgspec.json.encode({"message": text}),
        headers=_JSON,
        operation="development",
        error="Refused",
    )
