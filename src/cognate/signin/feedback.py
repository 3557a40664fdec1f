"""Tokens in notices about risky sign-ins, with which users say whether it was them."""

from datetime import datetime, timedelta

import msgspec

from cognate.domain.users import User
from cognate.ports import PoolKeys
from cognate.ports.keys import SealError
from cognate.protocol import base64url

PURPOSE = "event feedback"
LIFETIME = timedelta(days=7)


class _Content(msgspec.Struct, frozen=True):
    sub: str
    event_id: str
    issued_at: float  # epoch seconds


_decode = msgspec.json.Decoder(_Content).decode


def token(keys: PoolKeys, user: User, event_id: str, *, now: datetime) -> str:
    """base64url text that proves that a notice about this event was read."""
    content = _Content(sub=user.sub, event_id=event_id, issued_at=now.timestamp())
    return base64url.encode(keys.seal(PURPOSE, msgspec.json.encode(content)))


def is_token(keys: PoolKeys, given: str, user: User, event_id: str, *, now: datetime) -> bool:
    try:
        content = _decode(keys.open(PURPOSE, base64url.decode(given)))
    except (SealError, ValueError):
        return False
    fresh = now.timestamp() < content.issued_at + LIFETIME.total_seconds()
    return fresh and content.sub == user.sub and content.event_id == event_id
