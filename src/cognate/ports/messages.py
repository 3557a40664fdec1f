"""Sending messages: written with the change that causes them, delivered later."""

from typing import Protocol

from cognate.domain.messages import Message
from cognate.domain.pools import Pool
from cognate.ports.keys import PoolKeys
from cognate.ports.store import Transaction


class Outbox(Protocol):
    async def put(self, tx: Transaction, keys: PoolKeys, pool: Pool, message: Message) -> None:
        """
        Add `message` to the change `tx`; it is delivered, with retries, once that commits.

        `keys` are the pool's: the content waits sealed.
        """
