"""What a way of sending messages must be able to do, and how it says that it could not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cognate.domain.messages import Message


class DeliveryFailed(Exception):
    """Not now: the server is away, busy, or does not let us in. Worth another attempt."""


class Undeliverable(DeliveryFailed):
    """Never: there is no such recipient, or the message was refused for what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """
    A message on its way. `message_id` is the same at every attempt, so that a receiver can tell a
    repeated delivery. `sender` and `reply_to`: the pool's own addresses, None for the server's.
    """

    message: Message
    message_id: str
    now: datetime
    sender: str | None = None
    reply_to: str | None = None


class Sender(Protocol):
    async def send(self, outgoing: Outgoing) -> None:
        """
        Hand the message over; returning means that the next server has taken charge of it.

        Raises:
            DeliveryFailed: it was not taken; `Undeliverable` where it never will be.
        """
