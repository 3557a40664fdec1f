"""
Emptying the outbox: take what is due, hand it to its sender, try again where that failed.

Any number of processes may do this. Each message is leased to one at a time by an atomic claim; a
process that dies with a message in hand leaves the lease to run out, and another sends it: at
least once, under one Message-ID.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cognate.domain.messages import Message, QueuedMessage
from cognate.domain.pools import Pool
from cognate.messages.outbox import content_of
from cognate.messages.sender import DeliveryFailed, Outgoing, Sender, Undeliverable
from cognate.ports import Clock, Keys, Store, Transaction

log = logging.getLogger(__name__)

BATCH = 50
AT_ONCE = 8  # deliveries under way in one process
SENDING_TIMEOUT = 60.0  # seconds; well below the lease, so that no two hold one message
LEASE = timedelta(minutes=3)
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)  # no code lives longer
POLL = 1.0  # seconds between looks at the outbox: other processes put messages there too
SETTLING = 0.02  # seconds that a change which rang the bell may take to commit
PATIENCE = 10.0  # seconds that a stopping server waits for deliveries under way


class Bell:
    """Wakes the worker; rung from any thread, also after the loop has ended."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is there to wake
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float) -> bool:
        """True where it was rung before `seconds` had passed."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class DeliveryWorker:
    """
    `senders`: by channel. `keeps`: in development messages stay in the inbox after they were sent,
    and without a sender they simply lie there; in production what was sent is forgotten, and what
    has no sender has failed.
    """

    def __init__(
        self,
        *,
        store: Store,
        keys: Keys,
        clock: Clock,
        senders: Mapping[str, Sender],
        keeps: bool,
        bell: Bell,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._senders = senders
        self._keeps = keeps
        self._bell = bell
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    # --- running ---------------------------------------------------------------------------------

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="outbox")

    async def stop(self) -> None:
        """Finish the deliveries under way, but do not wait long for them."""
        self._stopping = True
        self._bell.ring()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=PATIENCE)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self.deliver_due()
            except Exception:
                # The database may be away; the outbox is still there when it is back.
                log.exception("outbox not read")
            if await self._bell.wait(POLL) and not self._stopping:
                await asyncio.sleep(SETTLING)

    # --- delivering ------------------------------------------------------------------------------

    async def deliver_due(self) -> int:
        """Attempt everything that is due now; how many attempts there were."""
        attempts = 0
        while not self._stopping:
            due = await self._store.messages.due(now=self._clock.now(), limit=BATCH)
            if not due:
                return attempts
            at_once = asyncio.Semaphore(AT_ONCE)
            taken = await asyncio.gather(*(self._take(message, at_once) for message in due))
            attempts += sum(taken)
            if not any(taken):  # others are quicker; leave it to them
                return attempts
        return attempts

    async def _take(self, queued: QueuedMessage, at_once: asyncio.Semaphore) -> bool:
        async with at_once:
            if self._stopping:
                return False
            until = self._clock.now() + LEASE

            async def claim(tx: Transaction) -> bool:
                return await tx.messages.claim(queued, until=until)

            if not await self._store.change(claim):
                return False
            await self._attempt(
                replace(queued, attempts=queued.attempts + 1, next_attempt_at=until)
            )
            return True

    async def _attempt(self, queued: QueuedMessage) -> None:
        told = {"message_id": queued.message_id, "attempts": queued.attempts}
        try:
            pool = await self._store.pools.find(queued.pool_id)
            if pool is None:  # deleted meanwhile, and its messages with it
                await self._forget(queued)
                return
            message = content_of(await self._keys.of_pool(pool), queued)
            told["channel"] = message.channel
            await self._send(pool, queued, message, told)
        except Undeliverable as error:
            log.error("message cannot be delivered", extra=told | {"error": _cause_of(error)})  # noqa: TRY400 - the cause's words may name the recipient
            await self._settle(replace(queued, state="failed"))
        except DeliveryFailed as error:
            log.warning("message not delivered", extra=told | {"error": _cause_of(error)})
            await self._settle(after_failure(queued, now=self._clock.now()))
        except Exception:
            log.exception("message not delivered", extra=told)
            await self._settle(after_failure(queued, now=self._clock.now()))

    async def _send(
        self, pool: Pool, queued: QueuedMessage, message: Message, told: Mapping[str, object]
    ) -> None:
        sender = self._senders.get(message.channel)
        if sender is None:
            if not self._keeps:
                log.error("no sender is configured", extra=dict(told))
            await self._settle(replace(queued, state="kept" if self._keeps else "failed"))
            return
        email: Any = pool.echoed.get("EmailConfiguration") or {}
        own = email.get("EmailSendingAccount") == "DEVELOPER"
        outgoing = Outgoing(
            message=message,
            message_id=queued.message_id,
            now=self._clock.now(),
            sender=email.get("From") if own else None,
            reply_to=email.get("ReplyToEmailAddress"),
        )
        try:
            async with asyncio.timeout(SENDING_TIMEOUT):
                await sender.send(outgoing)
        except TimeoutError as cause:
            raise DeliveryFailed from cause
        if self._keeps:
            await self._settle(replace(queued, state="kept"))
        else:
            await self._forget(queued)

    async def _settle(self, queued: QueuedMessage) -> None:
        async def settle(tx: Transaction) -> None:
            await tx.messages.settle(queued)

        await self._store.change(settle)

    async def _forget(self, queued: QueuedMessage) -> None:
        async def forget(tx: Transaction) -> None:
            await tx.messages.delete(queued.pool_id, queued.message_id)

        await self._store.change(forget)


def after_failure(queued: QueuedMessage, *, now: datetime) -> QueuedMessage:
    """When it is tried again: each wait twice as long, up to an hour; after a day never."""
    if now - queued.created_at >= GIVE_UP_AFTER:
        return replace(queued, state="failed")
    doublings = min(queued.attempts - 1, 10)
    delay = min(FIRST_DELAY * 2**doublings, LONGEST_DELAY)
    return replace(queued, next_attempt_at=now + delay)


def _cause_of(error: DeliveryFailed) -> str:
    return type(error.__cause__ or error).__name__
