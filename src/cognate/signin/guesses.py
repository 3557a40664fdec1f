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
    Attempts,
    counted,
    counted_in_window,
    is_locked,
    kind_of_guess,
    without_one,
)
from cognate.domain.ids import PoolId, Sub
from cognate.domain.networks import KNOWN_AT_MOST, KNOWN_FOR, NOTED_AGAIN_AFTER, network_of
from cognate.errors import LimitExceededException, NotAuthorizedException
from cognate.ports import Call, Repositories, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An attempt that was charged: the count with it, and without it (None: it was the first)."""

    after: Attempts
    before: Attempts | None

    async def give_back(self, tx: Transaction) -> None:
        """The answer was right, and more is asked: this one does not count, and no other less."""
        pool_id, sub, kind = self.after.pool_id, self.after.sub, self.after.kind
        present = await tx.attempts.find(pool_id, sub, kind)
        left = without_one(present, self.after, self.before)
        if left is None:
            await tx.attempts.clear(pool_id, sub, kind)
        elif left != present:
            await tx.attempts.save(left)


@contextlib.asynccontextmanager
async def charged(
    call: Call, pool_id: PoolId, sub: Sub, *, device_key: str | None = None
) -> AsyncIterator[Charge]:
    """
    Judge an answer inside; one at a time for each user in this process. `device_key`: of a device
    that is known to be the user's. Without one the network counts that the call comes from.

    Raises:
        NotAuthorizedException: too many failures; this attempt is not counted.
    """
    async with call.turns.of(pool_id, sub):

        async def charge(tx: Transaction) -> Charge:
            now = call.clock.now()
            kind = kind_of_guess(device_key or await _known_network(call, tx, pool_id, sub))
            before = await tx.attempts.find(pool_id, sub, kind)
            if is_locked(before, now=now):
                raise NotAuthorizedException("Password attempts exceeded")
            after = counted(before, pool_id=pool_id, sub=sub, kind=kind, now=now)
            await tx.attempts.save(after)
            return Charge(after=after, before=before)

        yield await call.store.change(charge)


async def _known_network(call: Call, store: Repositories, pool_id: PoolId, sub: Sub) -> str | None:
    """The network of the call, where the user signed in from there not long ago."""
    network = network_of(call.inquiry.source_ip)
    seen_at = await store.known_networks.seen_at(pool_id, sub, network)
    return network if seen_at is not None and call.clock.now() < seen_at + KNOWN_FOR else None


async def pardon(
    call: Call, tx: Transaction, pool_id: PoolId, sub: Sub, *, device_key: str | None
) -> None:
    """
    The user has signed in: what was guessed before from there is forgotten, and from now on it is
    a place of theirs.
    """
    home = device_key or await _known_network(call, tx, pool_id, sub)
    await tx.attempts.clear(pool_id, sub, kind_of_guess(home))
    network, now = network_of(call.inquiry.source_ip), call.clock.now()
    seen_at = await tx.known_networks.seen_at(pool_id, sub, network)
    if network and (seen_at is None or now >= seen_at + NOTED_AGAIN_AFTER):
        await tx.known_networks.note(pool_id, sub, network, now=now, keep=KNOWN_AT_MOST)


async def forget_failures(tx: Transaction, pool_id: PoolId, sub: Sub) -> None:
    """The user has set a new password by a code: all guesses, from wherever, are forgotten."""
    await tx.attempts.clear_guesses(pool_id, sub)


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
