"""
The machine: time, chance, and threads for slow arithmetic.

The only module that may ask for any of them; everything else is handed what it needs.
"""

import asyncio
import contextlib
import os
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cognate.errors import RateLimit, TooManyRequestsException
from cognate.protocol.jose import generate_rsa_key

T = TypeVar("T")

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUEUED_PER_SLOT = 128  # at 15 ms a hash, a full queue waits two seconds


class SystemClock:
    """The machine's clock, which development mode can move forward."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def now(self) -> datetime:
        now = datetime.now(UTC) + self._offset
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def advance(self, by: timedelta) -> None:
        self._offset += by

    def reset(self) -> None:
        """Back to the machine's time."""
        self._offset = timedelta(0)

    @staticmethod
    def real_now() -> datetime:
        """For signature dates, which clients make by their own clocks."""
        return datetime.now(UTC)

    @staticmethod
    def tick() -> float:
        """Seconds that only ever grow: for how long something took."""
        return time.perf_counter()


class SystemEntropy:
    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def uuid(self) -> str:
        return str(uuid.uuid4())

    def text(self, alphabet: str, length: int) -> str:
        return "".join(secrets.choice(alphabet) for _ in range(length))

    async def rsa_key(self) -> bytes:
        return await asyncio.to_thread(generate_rsa_key)


class ArithmeticPool:
    """
    As many threads as cores for password hashes and SRP, behind a bounded queue.

    A full queue refuses at once, so that a flood of sign-ins costs the others their latency, not
    the server its memory.
    """

    def __init__(self, threads: int | None = None, *, queued: int | None = None) -> None:
        threads = threads or available_cores()
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="arithmetic")
        self._threads = threads
        self._capacity = threads + (QUEUED_PER_SLOT * threads if queued is None else queued)
        self._running = 0

    async def run(self, work: Callable[[], T]) -> T:
        """
        Raises:
            TooManyRequestsException: the queue is full.
        """
        if self._running >= self._capacity:
            full = RateLimit(
                name="arithmetic", quota=self._capacity, window=None, remaining=0, reset=1
            )
            raise TooManyRequestsException(limits=[full])
        self._running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._running -= 1

    @property
    def waiting(self) -> int:
        """How many computations have no core yet."""
        return max(self._running - self._threads, 0)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


def available_cores() -> int:
    """As many as this process may use; all of them where the machine does not say (macOS)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def resident_bytes() -> int:
    """The memory that this process holds; 0 where the machine does not tell (no /proc)."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class UserTurns:
    """One lock per user with guesses under way; none is kept for the others."""

    def __init__(self) -> None:
        self._locks: dict[tuple[str, str], tuple[asyncio.Lock, int]] = {}

    @contextlib.asynccontextmanager
    async def of(self, pool_id: str, sub: str) -> AsyncIterator[None]:
        key = (pool_id, sub)
        lock, waiting = self._locks.get(key, (None, 0))
        lock = lock or asyncio.Lock()
        self._locks[key] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._locks[key]
            if waiting == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, waiting - 1)
