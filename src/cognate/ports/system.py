"""Time and chance."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant: aware, UTC, whole milliseconds."""

    def real_now(self) -> datetime:
        """The machine's time, for what clients date by their own clocks; see `/_cognate/clock`."""


class Entropy(Protocol):
    def token(self, size: int) -> bytes:
        """`size` unpredictable bytes."""

    def uuid(self) -> str:
        """A random UUID (version 4), lower case."""

    def text(self, alphabet: str, length: int) -> str:
        """`length` characters, each drawn evenly from `alphabet`."""

    async def rsa_key(self) -> bytes:
        """A fresh RSA-2048 private key: PKCS 8 DER. Takes 20 to 100 ms, outside the loop."""
