"""A thread beside the loop, for what takes long in SQLite: commits, sweeps, others' turns."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# A thread needs the interpreter to begin and to report. A busy loop gives it up and takes it back
# too fast for a waiting thread to get hold of it, so the loop stands still for a moment, again and
# again, until the work is done: that costs a tenth of the loop at most, and writes keep their pace
# (docs/decisions/0010).
PERIOD = 0.002  # seconds
MOMENT = 0.0002  # seconds; shorter where the work is done


class Aside:
    def __init__(self, name: str) -> None:
        self._works: queue.SimpleQueue[_Work[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    async def run(self, perform: Callable[[], T]) -> T:
        """What `perform` returns, performed in the thread; one at a time, in order."""
        work = _Work(perform, asyncio.get_running_loop())
        self._works.put(work)
        return await work.outcome()

    def close(self) -> None:
        """After the last work was done."""
        self._works.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (work := self._works.get()) is not None:
            work.do()


class _Work(Generic[T]):
    def __init__(self, perform: Callable[[], T], loop: asyncio.AbstractEventLoop) -> None:
        self._perform = perform
        self._loop = loop
        self._told: asyncio.Future[None] = loop.create_future()
        self._done = threading.Lock()
        self._done.acquire()
        self._result: T | None = None
        self._error: BaseException | None = None

    def do(self) -> None:
        """In the thread."""
        try:
            self._result = self._perform()
        except BaseException as error:  # noqa: BLE001 - raised where the work is awaited
            self._error = error
        self._done.release()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._tell)

    async def outcome(self) -> T:
        self._timer = self._loop.call_later(PERIOD, self._stand_still)
        try:
            await self._told
        finally:
            self._timer.cancel()
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # None is a T here

    def _stand_still(self) -> None:
        if self._done.acquire(timeout=MOMENT):
            self._tell()
        else:
            self._timer = self._loop.call_later(PERIOD, self._stand_still)

    def _tell(self) -> None:
        if not self._told.done():
            self._told.set_result(None)
