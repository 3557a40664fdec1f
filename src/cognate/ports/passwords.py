"""Password and SRP arithmetic: slow, so it runs beside the loop, in a bounded queue."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from cognate.domain.ids import PoolId
from cognate.domain.passwords import Credential
from cognate.domain.pools import Pool

T = TypeVar("T")


class SlowWork(Protocol):
    async def run(self, work: Callable[[], T]) -> T:
        """
        The result of `work`, run in one of as many threads as cores.

        Raises:
            TooManyRequestsException: the queue is full.
        """


class Turns(Protocol):
    """Lets guesses at one user's secrets pass one at a time in this process."""

    def of(self, pool_id: PoolId, sub: str) -> AbstractAsyncContextManager[None]: ...


class Passwords(Protocol):
    """Every method may raise TooManyRequestsException: all cores are busy, the queue is full."""

    async def derive(
        self, pool: Pool, username: str, password: str, *, previous: Credential | None
    ) -> Credential:
        """
        What to store for `password`: its hash and the sealed SRP verifier.

        `previous` goes into the history as far as the pool's policy keeps one.
        """

    async def verify(self, credential: Credential | None, password: str) -> bool:
        """Whether `password` is the credential's; None costs as much time and is never right."""

    async def was_used(self, credential: Credential, password: str, *, history: int) -> bool:
        """Whether `password` is among the last `history` ones, the present one included."""

    async def compute(self, work: Callable[[], T]) -> T:
        """Run other slow arithmetic (SRP) in the same bounded pool."""
