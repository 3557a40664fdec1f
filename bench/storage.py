"""
How fast the store changes: `.venv/bin/python bench/storage.py [DATABASE URL] [--processes N]`.

A change is what a sign-up does: look for the name, add a user with their keys, save a counter.
Without a URL, SQLite in a temporary directory. Measured with one caller, with 64 at once, and both
again while the loop is never idle.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import uvloop

from cognate.app import open_store
from cognate.config import Settings
from cognate.domain.attempts import Attempts
from cognate.domain.ids import PoolId, Sub
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus
from cognate.ports import Store, Transaction

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BUSY = 0.001  # seconds that the loop computes between two looks at what else there is
POOL = Pool(
    pool_id=PoolId("us-east-1_benchmark"),
    name="a pool",
    region="us-east-1",
    account_id="000000000000",
    created_at=NOW,
    modified_at=NOW,
    data_key_id="00",
    signing_keys=(),
    username_attributes=("email",),
)


async def sign_up(tx: Transaction) -> None:
    name = str(uuid.uuid4())
    if await tx.users.find_by_username(POOL, name) is not None:
        raise LookupError(name)
    user = User(
        pool_id=POOL.pool_id,
        sub=Sub(name),
        username=name,
        status=UserStatus.CONFIRMED,
        created_at=NOW,
        modified_at=NOW,
        attributes={"email": f"{name}@example.com", "name": "Ada"},
    )
    await tx.users.add(POOL, user)
    await tx.attempts.save(
        Attempts(pool_id=POOL.pool_id, sub=user.sub, kind="x", count=1, since=NOW, last_at=NOW)
    )


async def measure(store: Store, *, callers: int, seconds: float, busy: float = 0.0) -> str:
    """Changes a second, and how long one takes."""
    took: list[float] = []
    begin = time.perf_counter()

    async def calling() -> None:
        while time.perf_counter() < begin + seconds:
            asked = time.perf_counter()
            await store.change(sign_up)
            took.append(time.perf_counter() - asked)

    async def burning() -> None:
        while time.perf_counter() < begin + seconds:
            until = time.perf_counter() + busy
            while time.perf_counter() < until:
                pass
            await asyncio.sleep(0)

    await asyncio.gather(*(calling() for _ in range(callers)), *([burning()] if busy else []))
    rate = len(took) / (time.perf_counter() - begin)
    took.sort()
    half, most = took[len(took) // 2], took[int(len(took) * 0.99)]
    return (
        f"{callers:3} callers{', busy loop' if busy else '':11} {rate:7.0f}/s"
        f"   p50 {half * 1000:6.2f}  p99 {most * 1000:6.2f}  most {took[-1] * 1000:6.1f} ms"
    )


async def one_process(url: str, seconds: float, loads: Sequence[tuple[int, float]]) -> None:
    store = await open_store(Settings(database=url))
    try:
        for callers, busy in loads:
            print(await measure(store, callers=callers, seconds=seconds, busy=busy), flush=True)
    finally:
        await store.close()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url", nargs="?")
    arguments.add_argument("--processes", type=int, default=1, help="at the same time")
    arguments.add_argument("--callers", type=int, help="in each process; else a series")
    arguments.add_argument("--seconds", type=float, default=3.0)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        url = chosen.url or f"sqlite:///{directory}/cognate.db"
        if chosen.processes > 1:
            command = [sys.executable, __file__, url, "--seconds", str(chosen.seconds)]
            command += ["--callers", str(chosen.callers or 16)]
            running = [subprocess.Popen(command) for _ in range(chosen.processes)]
            return max(process.wait() for process in running)
        loads = [(1, 0.0), (64, 0.0), (1, BUSY), (64, BUSY)]
        if chosen.callers:
            loads = [(chosen.callers, 0.0)]
        uvloop.run(one_process(url, chosen.seconds, loads))
    return 0


if __name__ == "__main__":
    sys.exit(main())
