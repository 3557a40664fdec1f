"""Messages to users, as they wait in the outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cognate.domain.ids import PoolId

MessageState = Literal["queued", "kept", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    One message of one pool. `code` and `link` stand in `body` already; they are apart for the
    development inbox. `recipient` is an address or a phone number.
    """

    recipient: str
    channel: Literal["email", "sms"]
    subject: str | None
    body: str
    code: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMessage:
    """A message in the outbox: content sealed under its pool's data key."""

    pool_id: PoolId
    message_id: str
    state: MessageState
    sealed_content: bytes
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
