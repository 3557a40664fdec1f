"""Knowing passwords that were found in breaches."""

from typing import Protocol


class CompromisedPasswords(Protocol):
    def contains(self, password: str) -> bool:
        """Whether it is on the list; a few disk reads at most, and nothing leaves the machine."""

    def close(self) -> None: ...
