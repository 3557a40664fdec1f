"""
The inbox of development mode: every message that would have reached a user, as JSON and as a page.

The page holds no script or style of its own, so its policy can forbid both inside it; message
texts are shown as texts, whatever they contain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import msgspec

from cognate.domain.messages import Message, QueuedMessage
from cognate.ports import Call, PoolKeys
from cognate.web.http import Request, Response

SHOWN = 1000  # the newest

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
ASSETS = {
    "/_cognate/inbox/inbox.css": "text/css; charset=utf-8",
    "/_cognate/inbox/inbox.js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message as the inbox shows it; the names are those of the JSON."""

    id: str
    to: str
    channel: str
    subject: str | None
    body: str
    code: str | None
    link: str | None
    created: str  # ISO 8601, UTC

    @property
    def safe_link(self) -> str | None:
        """Only what a browser opens as a page."""
        if self.link is None or urlsplit(self.link).scheme not in ("http", "https"):
            return None
        return self.link


class Inbox:
    """`content_of` opens a stored message with its pool's keys (SealError where it cannot)."""

    def __init__(self, content_of: Callable[[PoolKeys, QueuedMessage], Message]) -> None:
        self._content_of = content_of

    async def letters(self, call: Call, recipient: str | None) -> Sequence[Letter]:
        """The newest first, to `recipient` alone where given (addresses without case)."""
        wanted = None if recipient is None else recipient.casefold()
        found = []
        for queued in await call.store.messages.newest(limit=SHOWN):
            letter = await self._letter(call, queued)
            if letter is not None and (wanted is None or letter.to.casefold() == wanted):
                found.append(letter)
        return found

    async def _letter(self, call: Call, queued: QueuedMessage) -> Letter | None:
        pool = await call.store.pools.find(queued.pool_id)
        if pool is None:
            return None
        message = self._content_of(await call.keys.of_pool(pool), queued)
        return Letter(
            id=queued.message_id,
            to=message.recipient,
            channel=message.channel,
            subject=message.subject,
            body=message.body,
            code=message.code,
            link=message.link,
            created=queued.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        )

    async def as_json(self, call: Call, request: Request) -> Response:
        """`{"messages": […]}`, newest first."""
        found = await self.letters(call, recipient_of(request))
        return Response(
            body=msgspec.json.encode({"messages": found}),
            headers={"content-type": "application/json", **SECURITY_HEADERS},
            operation="inbox",
        )

    async def as_page(self, call: Call, request: Request) -> Response:
        recipient = recipient_of(request)
        found = await self.letters(call, recipient)
        body = _template().render(letters=found, recipient=recipient)
        return Response(
            body=body.encode(),
            headers={
                "content-type": "text/html; charset=utf-8",
                "content-security-policy": PAGE_POLICY,
                **SECURITY_HEADERS,
            },
            operation="inbox",
        )


def recipient_of(request: Request) -> str | None:
    """`to` of the query. A plus sign that was not encoded has become a blank: it is put back."""
    given = request.parameters.get("to", "")
    if given.startswith(" "):
        given = "+" + given[1:]
    return given.strip() or None


def asset(path: str) -> Response:
    """
    Raises:
        KeyError: there is no such file.
    """
    content_type = ASSETS[path]
    name = path.rpartition("/")[2]
    return Response(
        body=(files("cognate.web") / "assets" / name).read_bytes(),
        headers={"content-type": content_type, **SECURITY_HEADERS},
        operation="inbox",
    )


@cache
def _template() -> Any:
    # Imported with the first page: start is a feature.
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = (files("cognate.web") / "templates" / "inbox.html").read_text(encoding="utf-8")
    return environment.from_string(text)
