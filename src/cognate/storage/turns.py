"""
Turns of the processes that write to one SQLite file.

SQLite's own lock keeps them apart, but who waits for it asks at growing intervals, up to a tenth
of a second, and finds it taken again by a process that hardly let go of it: some wait for seconds.
So whoever writes next holds a lock beside the file until it is its turn. It is taken for fairness
alone; where the file system has no such locks, writing is as safe, and less fair.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

TURN_TIMEOUT: Final = 30.0  # seconds
INTERVAL: Final = 0.0005  # seconds between two looks


class Turnstile:
    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(f"{path}-turn", os.O_RDWR | os.O_CREAT, 0o600)
        self._never = threading.Event()

    def enter(self) -> bool:
        """False where another process stands in it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # no such locks here
        return True

    def leave(self) -> None:
        with contextlib.suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def waited(self, ready: Callable[[], bool]) -> bool:
        """Look until `ready()`, in a thread that nobody waits for; False after the timeout."""
        for _ in range(int(TURN_TIMEOUT / INTERVAL)):
            if ready():
                return True
            self._never.wait(INTERVAL)
        return ready()

    def close(self) -> None:
        os.close(self._descriptor)
