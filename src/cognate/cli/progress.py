"""How far long work has come: a line that changes on a terminal, one now and then elsewhere."""

import sys
from collections.abc import Callable
from typing import TextIO

from cognate.system import SystemClock

ON_TERMINAL = 0.2  # seconds between two looks
ELSEWHERE = 10.0
TRUSTED_AFTER = 1.0  # seconds; before that an estimate says nothing


class ProgressLine:
    """
    `verb` and `noun` as in "restored 1,000 users". `tick`: seconds that only ever grow.
    Everything goes to standard error: standard output is for what was asked for.
    """

    def __init__(
        self,
        verb: str,
        noun: str,
        *,
        stream: TextIO | None = None,
        tick: Callable[[], float] = SystemClock.tick,
    ) -> None:
        self._verb = verb
        self._noun = noun
        self._stream = stream or sys.stderr
        self._tick = tick
        self._terminal = self._stream.isatty()
        self._every = ON_TERMINAL if self._terminal else ELSEWHERE
        self._began = self._shown = tick()
        self._first: int | None = None
        self._width = 0

    def show(self, done: int, total: int, *, share: float) -> None:
        """`share`: of the work, which need not be that of the nouns."""
        now = self._tick()
        if self._first is None:
            self._first = done
        if now - self._shown < self._every:
            return
        self._shown = now
        self._write(self.line(done, total, share, seconds=now - self._began))

    def line(self, done: int, total: int, share: float, *, seconds: float) -> str:
        rate = (done - (self._first or 0)) / seconds if seconds else 0.0
        text = (
            f"{self._verb} {done:,} of {total:,} {self._noun} ({share:.0%}), {rate:,.0f} a second"
        )
        if 0 < share < 1 and seconds >= TRUSTED_AFTER:
            text += f", {spoken(seconds * (1 - share) / share)} left"
        return text

    @property
    def seconds(self) -> float:
        return self._tick() - self._began

    def end(self) -> None:
        """Make room for other lines."""
        if self._terminal and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()

    def _write(self, text: str) -> None:
        if self._terminal:
            self._stream.write("\r" + text.ljust(self._width))
            self._width = len(text)
        else:
            self._stream.write(text + "\n")
        self._stream.flush()


def spoken(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
