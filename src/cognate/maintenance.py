"""
What is done from time to time: forgetting what has had its day, and letting metrics be read.

Any number of processes may do the same at once; nothing here needs to be done by only one.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from cognate.domain.ids import PoolId
from cognate.domain.networks import KNOWN_FOR
from cognate.domain.risk import EVENTS_KEPT
from cognate.ports import Clock, Store, Transaction

log = logging.getLogger(__name__)

EVERY = 600.0  # seconds between two purges
FIRST_AFTER = 30.0  # seconds: start is a feature
PUBLISH_EVERY = 1.0  # seconds
BATCH = 500  # rows per change: SQLite has one writer, and others wait for it
POOLS_AT_ONCE = 100

# How long each is kept after it stopped to matter.
CODES_KEPT = timedelta(hours=48)  # the longest-lived code is good for 24 hours
ATTEMPTS_KEPT = timedelta(hours=24)  # limits count over an hour, locks last fifteen minutes
# The access tokens of a family that has just expired live for up to a day, and ask for it.
FAMILIES_KEPT = timedelta(days=1)
OFFERED_DEVICES_KEPT = timedelta(days=1)  # an access token, which confirms one, lives no longer
FAILED_MESSAGES_KEPT = timedelta(days=7)
# A job takes its file for a quarter of an hour, starts within a day, and runs for minutes.
IMPORT_FILES_KEPT = timedelta(days=2)
INBOX_MESSAGES_KEPT = 1000  # the newest

Purge: TypeAlias = Callable[[Transaction], Awaitable[int]]


class Maintenance:
    """`publish`: called every second, so that other processes see this one's counts."""

    def __init__(self, *, store: Store, clock: Clock, publish: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._publish = publish
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._purging(), name="maintenance"),
            asyncio.create_task(self._publishing(), name="metrics"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._publish()

    async def _publishing(self) -> None:
        while True:
            await asyncio.sleep(PUBLISH_EVERY)
            self._publish()

    async def _purging(self) -> None:
        await asyncio.sleep(FIRST_AFTER)
        while True:
            try:
                purged = await self.purge()
            except Exception:
                # The database may be away; what is stale now is stale later, too.
                log.exception("not purged")
            else:
                log.info("purged", extra={"purged": purged})
            await asyncio.sleep(EVERY)

    async def purge(self) -> int:
        """Forget everything that has had its day; how many rows that were."""
        now = self._clock.now()

        purges: tuple[Purge, ...] = (
            lambda tx: tx.challenge_sessions.purge(now=now, limit=BATCH),
            lambda tx: tx.codes.purge(before=now - CODES_KEPT, limit=BATCH),
            lambda tx: tx.attempts.purge(before=now - ATTEMPTS_KEPT, limit=BATCH),
            lambda tx: tx.messages.purge_failed(before=now - FAILED_MESSAGES_KEPT, limit=BATCH),
            lambda tx: tx.messages.purge_kept(keep=INBOX_MESSAGES_KEPT, limit=BATCH),
            lambda tx: tx.import_jobs.purge_files(before=now - IMPORT_FILES_KEPT, limit=BATCH),
            lambda tx: tx.devices.purge_awaited(now=now, limit=BATCH),
            lambda tx: tx.devices.purge_offered(before=now - OFFERED_DEVICES_KEPT, limit=BATCH),
            lambda tx: tx.known_networks.purge(before=now - KNOWN_FOR, limit=BATCH),
            lambda tx: tx.auth_events.purge(before=now - EVENTS_KEPT, limit=BATCH),
        )
        purged = 0
        for purge in purges:
            purged += await self._in_batches(purge)
        return purged + await self._purge_families(now)

    async def _purge_families(self, now: datetime) -> int:
        """Pool by pool, so that a database spread over pools is asked where they lie."""
        purged = 0
        pool_id = PoolId("")
        while pools := await self._store.pools.ids(after=pool_id, limit=POOLS_AT_ONCE):
            for pool_id in pools:
                purged += await self._in_batches(_families_of(pool_id, now - FAMILIES_KEPT))
        return purged

    async def _in_batches(self, purge: Purge) -> int:
        purged = 0
        while True:
            batch = await self._store.change(purge)
            purged += batch
            if batch < BATCH:
                return purged


def _families_of(pool_id: PoolId, now: datetime) -> Purge:
    async def families(tx: Transaction) -> int:
        return await tx.families.purge(pool_id, now=now, limit=BATCH)

    return families
