"""A pool's users as the CSV files that Cognito itself imports, with hashes of one algorithm."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from cognate.domain.ids import PoolId
from cognate.domain.import_jobs import FILE_BYTES, ROWS
from cognate.domain.passwords import Credential
from cognate.domain.users import User, UserStatus
from cognate.ports import Store
from cognate.ports.store import Snapshot
from cognate.protocol import foreign_hashes
from cognate.protocol.foreign_hashes import HashAlgorithm, UnusableHash
from cognate.transfer.archive import NoSuchPool, Progress, Transfer
from cognate.transfer.csv_users import RowWriter

ROWS_AT_ONCE = 2000

_user = msgspec.json.Decoder(User).decode
_credential = msgspec.json.Decoder(Credential).decode


@dataclass(slots=True, kw_only=True)
class CsvExport:
    """
    What was written. `without_hash`: users who will have to set a new password.
    `unverified`: users whom the service will refuse, for want of a verified address.
    `federated`: users of other providers, who are left out: they come back with their sign-in.
    """

    users: int = 0
    files: int = 0
    without_hash: int = 0
    unverified: int = 0
    federated: int = 0


class _Files:
    """As many files as the service's bounds ask for. `open_next`: the next one, by its number."""

    def __init__(self, open_next: Callable[[int], BinaryIO], header: str) -> None:
        self._open_next = open_next
        self._header = (header + "\n").encode()
        self._file: BinaryIO | None = None
        self._rows = self._bytes = 0
        self.count = 0

    def add(self, row: str) -> None:
        line = (row + "\n").encode()
        if self._file is None or self._rows >= ROWS or self._bytes + len(line) > FILE_BYTES:
            self.close()
            self.count += 1
            self._file = self._open_next(self.count)
            self._file.write(self._header)
            self._rows, self._bytes = 0, len(self._header)
        self._file.write(line)
        self._rows += 1
        self._bytes += len(line)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


async def export_csv(
    store: Store,
    pool_id: PoolId,
    open_next: Callable[[int], BinaryIO],
    *,
    algorithm: HashAlgorithm,
    progress: Progress,
) -> CsvExport:
    """
    Write the pool's users as they are now.

    Raises:
        NoSuchPool: there is none.
    """
    pool = await store.pools.find(pool_id)
    if pool is None:
        raise NoSuchPool(pool_id)
    writer = RowWriter(pool, with_hashes=True)
    files = _Files(open_next, writer.header)
    done = CsvExport()
    try:
        async with store.snapshot(pool_id) as snapshot:
            count = await snapshot.count("users")
            transfer = Transfer(total=count, total_users=count)
            async for user, credential in _users(snapshot):
                transfer.note("users", 1)
                if user.status is UserStatus.EXTERNAL_PROVIDER:
                    done.federated += 1
                    continue
                usable = _hash(user, credential, algorithm)
                done.without_hash += not usable
                done.unverified += not any(user.is_verified(name) for name in pool.auto_verified)
                files.add(writer.row(user, usable))
                done.users += 1
                progress(transfer)
    finally:
        files.close()
    done.files = files.count
    return done


def _hash(user: User, credential: Credential | None, algorithm: HashAlgorithm) -> str:
    """The user's hash, where the service can take it over as it is."""
    if credential is None or user.status is not UserStatus.CONFIRMED:
        return ""
    foreign = credential.foreign_hash
    if foreign is not None:
        return foreign.text if foreign.algorithm is algorithm else ""
    if credential.password_hash is None or algorithm is not HashAlgorithm.ARGON2ID:
        return ""
    try:
        foreign_hashes.check(algorithm, credential.password_hash)
    except UnusableHash:
        return ""
    return credential.password_hash


async def _users(snapshot: Snapshot) -> AsyncIterator[tuple[User, Credential | None]]:
    """Both tables are in the order of `sub`: read side by side."""
    credentials = _documents(snapshot, "credentials")
    sub, document = await anext(credentials, ("", b""))
    async for user_sub, user_document in _documents(snapshot, "users"):
        while sub and sub < user_sub:
            sub, document = await anext(credentials, ("", b""))
        credential = _credential(document) if sub == user_sub else None
        yield _user(user_document), credential


async def _documents(snapshot: Snapshot, table: str) -> AsyncIterator[tuple[str, bytes]]:
    async for rows in snapshot.rows(table, ("sub", "document"), size=ROWS_AT_ONCE):
        for sub, document in rows:
            yield str(sub), bytes(document)  # type: ignore[arg-type]  # as these columns are
