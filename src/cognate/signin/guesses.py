"""
Guessing at a user's password, or at anything that proves the user, costs an attempt.

The attempt is charged before the answer is looked at and given back when it was right, so that
any number of parallel guesses is judged no more often than the limit allows, on all nodes together.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from cognate.domain.attempts import (
    HOURLY_LIMITS,
    PASSWORD,
    Attempts,
    counted,
    counted_in_window,
    is_locked,
)
from cognate.domain.ids import PoolId, Sub
from cognate.errors import LimitExceededException, NotAuthorizedException
from cognate.ports import Call, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An attempt that was charged; `before` is the count without it."""

    pool_id: PoolId
    sub: Sub
    before: Attempts | None

    async def give_back(self, tx: Transaction) -> None:
        """The answer was right, and more is asked: this one does not count."""
        if self.before is None:
            await tx.attempts.clear(self.pool_id, self.sub, PASSWORD)
        else:
            await tx.attempts.save(self.before)


@contextlib.asynccontextmanager
async def charged(call: Call, pool_id: PoolId, sub: Sub) -> AsyncIterator[Charge]:
    """
    Judge an answer inside; one at a time for each user in this process.

    Raises:
        NotAuthorizedException: too many failures; this attempt is not counted.
    """
    async with call.turns.of(pool_id, sub):

        async def charge(tx: Transaction) -> Charge:
            now = call.clock.now()
            before = await tx.attempts.find(pool_id, sub, PASSWORD)
            if is_locked(before, now=now):
                raise NotAuthorizedException("Password attempts exceeded")
            await tx.attempts.save(
                counted(before, pool_id=pool_id, sub=sub, kind=PASSWORD, now=now)
            )
            return Charge(pool_id=pool_id, sub=sub, before=before)

        yield await call.store.change(charge)


async def forget_failures(tx: Transaction, pool_id: PoolId, sub: Sub) -> None:
    """The user has proven who they are: signed in, or set a new password by a code."""
    await tx.attempts.clear(pool_id, sub, PASSWORD)


async def count_hourly(call: Call, pool_id: PoolId, sub: Sub, kind: str) -> None:
    """
    Count one more attempt of `kind` in this hour (user-pools.md F.3).

    Raises:
        LimitExceededException: there were too many.
    """

    async def count(tx: Transaction) -> None:
        attempts = counted_in_window(
            await tx.attempts.find(pool_id, sub, kind),
            pool_id=pool_id,
            sub=sub,
            kind=kind,
            now=call.clock.now(),
        )
        if attempts.count > HOURLY_LIMITS[kind]:
            raise LimitExceededException
        await tx.attempts.save(attempts)

    await call.store.change(count)
