"""Putting a message into the change that causes it, and reading it back."""

from collections.abc import Callable, Set

import msgspec

from cognate.domain.messages import Message, MessageState, QueuedMessage
from cognate.domain.pools import Pool
from cognate.ports import Clock, Entropy, PoolKeys, Transaction

PURPOSE = "message"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Message).decode


class StoredOutbox:
    """
    Writes messages, sealed. `kept`: the channels whose messages only lie in the development inbox;
    the others wait for the worker. `wake`: called when one does, from any thread; the change may
    not have committed yet.
    """

    def __init__(
        self, *, clock: Clock, entropy: Entropy, kept: Set[str], wake: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._entropy = entropy
        self._kept = kept
        self._wake = wake

    async def put(self, tx: Transaction, keys: PoolKeys, pool: Pool, message: Message) -> None:
        now = self._clock.now()
        state: MessageState = "kept" if message.channel in self._kept else "queued"
        await tx.messages.add(
            QueuedMessage(
                pool_id=pool.pool_id,
                message_id=self._entropy.uuid(),
                state=state,
                sealed_content=keys.seal(PURPOSE, _encode(message)),
                attempts=0,
                created_at=now,
                next_attempt_at=now,
            )
        )
        if state == "queued":
            self._wake()


def content_of(keys: PoolKeys, queued: QueuedMessage) -> Message:
    return _decode(keys.open(PURPOSE, queued.sealed_content))
