"""
Other processes on the machine: waited for, seen, and told of.

A round begins when they are quiet, and is done again where they were not while it ran. Both are
bounded by one budget for the whole run; what stays disturbed is counted and shown.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.processes import TICKS

T = TypeVar("T")

QUIET = 0.15  # cores that others may use
GLANCE = 0.25  # seconds
AT_MOST = 3.0  # seconds of one wait
ATTEMPTS = 3


@dataclass(slots=True)
class Neighbours:
    """`patience`: seconds that the run may still spend on waiting and on doing rounds again."""

    patience: float
    rounds: int = 0
    disturbed: int = 0

    def wait(self) -> None:
        """Until others were quiet for a moment; three seconds at most, and as patience lasts."""
        end = time.perf_counter() + min(AT_MOST, self.patience)
        while time.perf_counter() < end:
            begin, before = time.perf_counter(), Usage.now()
            time.sleep(GLANCE)
            if before.foreign_cores(own=0.0) <= QUIET:
                return
            self.patience -= time.perf_counter() - begin

    def undisturbed(self, once: Callable[[], T], foreign_cores: Callable[[T], float]) -> T:
        """
        What `once` gives in a quiet moment; where there is none, in the quietest of three.

        `foreign_cores`: how many cores others used meanwhile, from what it gave.
        """
        tried: list[tuple[float, T]] = []
        for _ in range(ATTEMPTS):
            self.wait()
            begin = time.perf_counter()
            taken = once()
            tried.append((foreign_cores(taken), taken))
            if tried[-1][0] <= QUIET or self.patience <= 0:
                break
            self.patience -= time.perf_counter() - begin
        share, best = min(tried, key=lambda pair: pair[0])
        self.rounds += 1
        self.disturbed += share > QUIET
        return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the whole machine had used of its cores at one moment, in seconds."""

    at: float
    busy: float

    @classmethod
    def now(cls) -> "Usage":
        line = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
        user, nice, system = (int(ticks) for ticks in line.split()[1:4])
        # Interrupts are left out: on loopback they are our own packets.
        return cls(at=time.perf_counter(), busy=(user + nice + system) / TICKS)

    def foreign_cores(self, *, own: float) -> float:
        """Cores that were used since, beside the `own` seconds of CPU time."""
        now = Usage.now()
        return max(0.0, now.busy - self.busy - own) / max(now.at - self.at, 1e-9)
