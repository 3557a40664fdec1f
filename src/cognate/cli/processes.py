"""
Several server processes on one listening socket, watched by one that does nothing else.

They are forked after everything is imported, so they share that memory. One that dies is replaced;
when the watcher dies, its pipe closes and they end too.
"""

import gc
import logging
import mmap
import os
import signal
import socket
import struct
import sys
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cognate.app import build
from cognate.cli.errors import Failure
from cognate.cli.serving import Announce, run_process, told_as_failures
from cognate.config import ConfigurationError, Settings

log = logging.getLogger(__name__)

PLACE = 512 * 1024  # bytes on the board for each process; a full set of counts takes a tenth
HEADER = struct.Struct("<II")  # length, CRC-32
QUICK_DEATH = 5.0  # seconds; who dies sooner would only die again
QUICK_DEATHS = 5  # of those, one after the other, end it all


class SharedBoard:
    """
    Memory that all processes see, with a place for each. A text that is just being written does
    not match its checksum, and counts as the one before.
    """

    def __init__(self, memory: mmap.mmap, place: int, places: int) -> None:
        self._memory = memory
        self._place = place
        self._last: dict[int, bytes] = {}
        self._places = places

    def own(self) -> bytes:
        return self._read(self._place)

    def post(self, counts: bytes) -> None:
        if len(counts) > PLACE - HEADER.size:
            return
        start = self._place * PLACE
        header = HEADER.pack(len(counts), zlib.crc32(counts))
        self._memory[start : start + HEADER.size + len(counts)] = header + counts

    def others(self) -> Iterable[bytes]:
        for place in range(self._places):
            if place != self._place and (found := self._read(place)):
                yield found

    def _read(self, place: int) -> bytes:
        start = place * PLACE
        length, checksum = HEADER.unpack_from(self._memory, start)
        start += HEADER.size
        text = self._memory[start : start + min(length, PLACE)]
        if zlib.crc32(text) == checksum:
            self._last[place] = text
        return self._last.get(place, b"")


def supervise(settings: Settings, listener: socket.socket, *, announce: Announce) -> int:
    """
    Keep `settings.workers` processes answering on `listener` until SIGTERM or SIGINT.

    Raises:
        ConfigurationError, Failure: they could not be started.
    """
    import asyncio

    with told_as_failures():
        asyncio.run(_first_look(settings, announce))
    return _Supervisor(settings, listener).run()


async def _first_look(settings: Settings, announce: Announce) -> None:
    """Migrate, and meet every obstacle once, before there are several processes to meet it."""
    app = await build(settings)
    try:
        await app.check()
        announce(app)
    finally:
        await app.close()


@dataclass(slots=True)
class _Supervisor:
    settings: Settings
    listener: socket.socket
    places: dict[int, int] = field(default_factory=dict)  # process to place
    begun: dict[int, float] = field(default_factory=dict)
    stopping: bool = False

    def run(self) -> int:
        memory = mmap.mmap(-1, PLACE * self.settings.workers)
        ours, theirs = os.pipe()
        os.set_inheritable(ours, False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        gc.freeze()  # shared pages stay shared: the collector does not write into them
        for place in range(self.settings.workers):
            self._start(place, memory, (ours, theirs))
        quick_deaths = 0
        while self.places:
            process, status = os.wait()
            if process not in self.places:
                continue
            place = self.places.pop(process)
            lived = time.monotonic() - self.begun.pop(process)
            if self._is_stopping():
                continue
            log.warning("a server process ended", extra={"error": _ending(status)})
            quick_deaths = quick_deaths + 1 if lived < QUICK_DEATH else 0
            if quick_deaths >= QUICK_DEATHS:
                self._stop()
                self._wait_for_all()
                raise Failure("server processes end as soon as they begin")
            self._start(place, memory, (ours, theirs))
        return 0

    def _is_stopping(self) -> bool:
        """Set by a signal, between any two steps."""
        return self.stopping

    def _start(self, place: int, memory: mmap.mmap, pipe: tuple[int, int]) -> None:
        held = {signal.SIGTERM, signal.SIGINT}
        # A signal must not fall between the fork and the note of it.
        signal.pthread_sigmask(signal.SIG_BLOCK, held)
        process = os.fork()
        if process == 0:
            os.close(pipe[1])
            self._be_process(place, memory, lifeline=pipe[0])
        self.places[process] = place
        self.begun[process] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, held)
        if self._is_stopping():
            os.kill(process, signal.SIGTERM)

    def _be_process(self, place: int, memory: mmap.mmap, *, lifeline: int) -> None:
        """Never returns."""
        status = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
            board = SharedBoard(memory, place, self.settings.workers)
            status = run_process(self.settings, self.listener, board=board, lifeline=lifeline)
        except (ConfigurationError, Failure) as error:
            print(f"cognate: {error}", file=sys.stderr, flush=True)
        except SystemExit as ending:
            status = ending.code if isinstance(ending.code, int) else 1
        except BaseException:
            log.exception("a server process failed")
        finally:
            os._exit(status)

    def _stop(self, *_: Any) -> None:
        self.stopping = True
        self.listener.close()
        for process in self.places:
            os.kill(process, signal.SIGTERM)

    def _wait_for_all(self) -> None:
        while self.places:
            self.places.pop(os.wait()[0], None)


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else f"status {code}"
