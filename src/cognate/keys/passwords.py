"""Hashing and checking passwords, with what SRP needs sealed beside the hash."""

import functools
from collections.abc import Callable
from typing import TypeVar

from cognate.domain.passwords import Credential
from cognate.domain.pools import Pool
from cognate.ports.keys import Keys
from cognate.ports.passwords import SlowWork
from cognate.ports.system import Clock, Entropy
from cognate.protocol import foreign_hashes, password_hash, srp
from cognate.protocol.password_hash import Parameters

T = TypeVar("T")

# A first byte of 0x10 and above: clients disagree about leading zeros of a salt.
LEAST_FIRST_SALT_BYTE = 0x10


class PasswordKeeper:
    def __init__(
        self, *, work: SlowWork, keys: Keys, entropy: Entropy, clock: Clock, parameters: Parameters
    ) -> None:
        self._work = work
        self._keys = keys
        self._entropy = entropy
        self._clock = clock
        self._parameters = parameters

    @functools.cached_property
    def _nobodys_hash(self) -> str:
        """Checked where there is no user, so that it takes as long as where there is one."""
        salt = self._entropy.token(password_hash.SALT_BYTES)
        return password_hash.hash_password("", salt, self._parameters)

    async def derive(
        self, pool: Pool, username: str, password: str, *, previous: Credential | None
    ) -> Credential:
        hash_salt = self._entropy.token(password_hash.SALT_BYTES)
        srp_salt = self._srp_salt()

        def slow() -> tuple[str, int]:
            return (
                password_hash.hash_password(password, hash_salt, self._parameters),
                srp.verifier(pool.srp_name, username, password, srp_salt),
            )

        hashed, verifier = await self._work.run(slow)
        keys = await self._keys.of_pool(pool)
        return Credential(
            password_hash=hashed,
            srp_salt=srp_salt,
            sealed_verifier=keys.seal("srp verifier", srp.encode_verifier(verifier)),
            set_at=self._clock.now(),
            history=_history(pool, previous),
        )

    def _srp_salt(self) -> bytes:
        salt = self._entropy.token(password_hash.SALT_BYTES)
        while salt[0] < LEAST_FIRST_SALT_BYTE:
            salt = self._entropy.token(password_hash.SALT_BYTES)
        return salt

    async def verify(self, credential: Credential | None, password: str) -> bool:
        foreign = None if credential is None else credential.foreign_hash
        if foreign is not None:
            return await self._work.run(
                lambda: foreign_hashes.verify(foreign.algorithm, foreign.text, password)
            )
        if credential is None or credential.password_hash is None:
            nobodys = self._nobodys_hash
            await self._work.run(lambda: password_hash.verify(nobodys, password))
            return False
        stored = credential.password_hash
        return await self._work.run(lambda: password_hash.verify(stored, password))

    async def was_used(self, credential: Credential, password: str, *, history: int) -> bool:
        if credential.foreign_hash is not None and await self.verify(credential, password):
            return True
        present = [credential.password_hash] if credential.password_hash else []
        for stored in [*present, *credential.history][:history]:
            if await self._work.run(functools.partial(password_hash.verify, stored, password)):
                return True
        return False

    async def compute(self, work: Callable[[], T]) -> T:
        return await self._work.run(work)


def _history(pool: Pool, previous: Credential | None) -> tuple[str, ...]:
    kept = pool.password_policy.history_size - 1  # the present password is the first
    if previous is None or previous.password_hash is None or kept < 1:
        return ()
    return (previous.password_hash, *previous.history)[:kept]
