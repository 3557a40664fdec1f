"""
Metrics in Prometheus's text format, version 0.0.4.

Labels come from closed lists (operations of the model, error classes), never from a caller. With
several processes on one socket a scrape meets any of them, so each posts its counts on a board
that all can read, and whoever is asked adds them up.
"""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol, TypeAlias

import msgspec

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Counts(msgspec.Struct):
    """
    What one process has seen. `requests`: operation, then error name ("" for none), to a count.
    `buckets`: by operation, how many requests took at most each bound, the last one for longer;
    `seconds`: their sum. `gauges`: states of this process that add up.
    """

    requests: dict[str, dict[str, int]] = {}
    buckets: dict[str, list[int]] = {}
    seconds: dict[str, float] = {}
    gauges: dict[str, float] = {}

    def observe(self, operation: str, error: str | None, seconds: float) -> None:
        errors = self.requests.setdefault(operation, {})
        errors[error or ""] = errors.get(error or "", 0) + 1
        buckets = self.buckets.setdefault(operation, [0] * (len(BUCKETS) + 1))
        buckets[bisect_left(BUCKETS, seconds)] += 1
        self.seconds[operation] = self.seconds.get(operation, 0.0) + seconds

    def add(self, other: "Counts") -> None:
        for operation, errors in other.requests.items():
            own = self.requests.setdefault(operation, {})
            for error, count in errors.items():
                own[error] = own.get(error, 0) + count
        for operation, counted in other.buckets.items():
            present = self.buckets.get(operation, [0] * len(counted))
            self.buckets[operation] = [a + b for a, b in zip(present, counted, strict=True)]
        for operation, seconds in other.seconds.items():
            self.seconds[operation] = self.seconds.get(operation, 0.0) + seconds
        for name, value in other.gauges.items():
            self.gauges[name] = self.gauges.get(name, 0.0) + value


class Board(Protocol):
    """Where the processes of one server post their counts."""

    def own(self) -> bytes:
        """What the process before this one in the same place posted last; may be empty."""

    def post(self, counts: bytes) -> None: ...

    def others(self) -> Iterable[bytes]: ...


class AloneBoard:
    """For a single process: there are no others."""

    def own(self) -> bytes:
        return b""

    def post(self, counts: bytes) -> None:
        """Nobody reads it."""

    def others(self) -> Iterable[bytes]:
        return ()


ProcessGauges: TypeAlias = Callable[[], Mapping[str, float]]
SharedGauges: TypeAlias = Callable[[], Awaitable[Mapping[str, float]]]

# Name to help text. Those of a process add up; those of the server are one number for all.
PROCESS_GAUGES = {
    "cognate_arithmetic_queue_length": "Password and SRP computations that wait for a core.",
    "cognate_process_resident_memory_bytes": "Memory of the server's processes.",
}
SHARED_GAUGES = {"cognate_outbox_backlog": "Messages that wait to be delivered."}


class Metrics:
    """`process`: this process's gauges now; `shared`: those that are one number for all."""

    def __init__(self, *, process: ProcessGauges, shared: SharedGauges, board: Board) -> None:
        self._process = process
        self._shared = shared
        self._board = board
        self._counts = Counts()
        if before := board.own():
            self._counts = msgspec.json.decode(before, type=Counts)

    def observe(self, operation: str, error: str | None, seconds: float) -> None:
        self._counts.observe(operation, error, seconds)

    def post(self) -> None:
        """Let the other processes see the counts."""
        self._counts.gauges = dict(self._process())
        self._board.post(msgspec.json.encode(self._counts))

    async def text(self) -> bytes:
        self._counts.gauges = dict(self._process())
        total = Counts()
        total.add(self._counts)
        for posted in self._board.others():
            total.add(msgspec.json.decode(posted, type=Counts))
        lines = [*_requests(total), *_durations(total)]
        for name, text in PROCESS_GAUGES.items():
            lines += _gauge(name, text, total.gauges.get(name, 0.0))
        shared = await self._shared()
        for name, text in SHARED_GAUGES.items():
            if name in shared:
                lines += _gauge(name, text, shared[name])
        return ("\n".join(lines) + "\n").encode()


def _requests(counts: Counts) -> Iterable[str]:
    yield "# HELP cognate_requests_total Requests by operation and error."
    yield "# TYPE cognate_requests_total counter"
    for operation, errors in sorted(counts.requests.items()):
        for error, count in sorted(errors.items()):
            yield f'cognate_requests_total{{operation="{operation}",error="{error}"}} {count}'


def _durations(counts: Counts) -> Iterable[str]:
    name = "cognate_request_duration_seconds"
    yield f"# HELP {name} How long requests took, from the last byte of one to its answer."
    yield f"# TYPE {name} histogram"
    for operation, buckets in sorted(counts.buckets.items()):
        running = 0
        for bound, count in zip((*BUCKETS, None), buckets, strict=True):
            running += count
            label = "+Inf" if bound is None else f"{bound:g}"
            yield f'{name}_bucket{{operation="{operation}",le="{label}"}} {running}'
        yield f'{name}_sum{{operation="{operation}"}} {counts.seconds[operation]:.6f}'
        yield f'{name}_count{{operation="{operation}"}} {running}'


def _gauge(name: str, text: str, value: float) -> Iterable[str]:
    return (f"# HELP {name} {text}", f"# TYPE {name} gauge", f"{name} {value:g}")
