"""
An offline list of compromised passwords: SHA-1 digests in upper-case hexadecimal, one a line in
order, each with an optional `:COUNT` behind. That is the form in which such lists are published.
"""

import hashlib
from pathlib import Path

DIGEST_LENGTH = 40  # hexadecimal characters
LONGEST_LINE = 64  # bytes


class NoList:
    """Without a list no password is known to be compromised."""

    def contains(self, password: str) -> bool:
        return False

    def close(self) -> None:
        """There is nothing open."""


class SortedFile:
    """
    Looks a digest up by bisection: about thirty short reads in a list of a billion lines.

    Raises:
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = self._file.seek(0, 2)

    def close(self) -> None:
        self._file.close()

    def contains(self, password: str) -> bool:
        # SHA-1 is the published lists' own form; nothing is protected by it.
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        low, high = 0, self._size
        while low < high:
            middle = (low + high) // 2
            start, digest = self._line_at_or_after(middle, high)
            if digest is None or digest > wanted:
                high = middle
            elif digest < wanted:
                low = start + 1
            else:
                return True
        return self._first_line(low) == wanted

    def _line_at_or_after(self, position: int, high: int) -> tuple[int, str | None]:
        """The first line that begins at or after `position` and before `high`."""
        start = position
        if position > 0:
            self._file.seek(position - 1)
            start = position - 1 + len(self._file.readline(LONGEST_LINE * 2))
        if start >= high:
            return start, None
        return start, self._first_line(start)

    def _first_line(self, start: int) -> str:
        self._file.seek(start)
        return self._file.read(DIGEST_LENGTH).decode("ascii", "replace").upper()
