"""
A whole pool in one sealed file, and back: users, credentials, keys, live refresh tokens.

The file holds the pool's rows as they lie; what is sealed in them stays sealed, by the pool's data
key, which travels inside and is sealed anew where it arrives. So nobody notices the move. Reading
sees one moment; writing goes portion by portion, each with a note of how far it came, and the pool
is seen only when all of it is there.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, Final, TypeVar

import msgspec

from cognate.domain.ids import PoolId
from cognate.domain.pools import Pool
from cognate.ports import Entropy, Keys, Store, Transaction
from cognate.ports.store import AlreadyStored, Rows, Snapshot
from cognate.transfer.locks import Lock, Unlocking
from cognate.transfer.sealed_file import SALT_BYTES, ArchiveError, Reader, Writer, unpacked

T = TypeVar("T")

ROWS_AT_ONCE: Final = 2000
PORTIONS_AT_ONCE: Final = 50  # in one change
BYTES_AT_ONCE: Final = 16 * 1024 * 1024
AHEAD: Final = 4  # chunks that are being packed, or read ahead
THREADS: Final = 2
USERS: Final = "users"


class NoSuchPool(Exception):
    """There is no pool of this id."""


class PoolExists(Exception):
    """A pool of the archive's id is here already."""


class CarriedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A data key of the pool, in clear: the archive around it is sealed."""

    key_id: str
    key: bytes
    created_at: datetime


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The first chunk. `schema`: the version of the tables. `rows`: how many of each there are."""

    schema: int
    pool: Pool
    data_keys: list[CarriedKey]
    rows: dict[str, int]


class Portion(msgspec.Struct, frozen=True, array_like=True):
    """One of the other chunks: rows of one table."""

    table: str
    columns: list[str]
    rows: list[list[Any]]  # text, bytes, whole numbers and nothing


@dataclass(slots=True, kw_only=True)
class Transfer:
    """How far a transfer has come. `users`: of them; `resumed`: rows that were there before."""

    total: int
    total_users: int
    rows: int = 0
    users: int = 0
    resumed: int = 0

    def note(self, table: str, rows: int) -> None:
        self.rows += rows
        if table == USERS:
            self.users += rows


Progress = Callable[[Transfer], None]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Portion).decode


# --- out -----------------------------------------------------------------------------------------


async def export(  # noqa: PLR0913 - what it takes from where, and where it goes
    store: Store,
    keys: Keys,
    entropy: Entropy,
    pool_id: PoolId,
    file: BinaryIO,
    lock: Lock,
    *,
    progress: Progress,
) -> Transfer:
    """
    Write the pool as it is now into `file`.

    Raises:
        NoSuchPool: there is none.
    """
    pool = await store.pools.find(pool_id)
    if pool is None:
        raise NoSuchPool(pool_id)
    # Read first: the keys that it names are in every later moment, too.
    data_keys = [
        CarriedKey(key_id=record.key_id, key=keys.exposed(record), created_at=record.created_at)
        for record in await store.key_records.data_keys(pool_id)
    ]
    with ThreadPoolExecutor(THREADS) as threads:
        writer = await _in(threads, lambda: Writer(file, lock, entropy.token(SALT_BYTES)))
        async with store.snapshot(pool_id) as snapshot:
            rows = {table: await snapshot.count(table) for table in snapshot.tables}
            manifest = Manifest(
                schema=snapshot.schema_version, pool=pool, data_keys=data_keys, rows=rows
            )
            transfer = Transfer(total=sum(rows.values()), total_users=rows[USERS])
            chunks = _Chunks(writer, threads)
            await chunks.add(msgspec.json.encode(manifest))
            async for table, columns, portion in _portions(snapshot):
                await chunks.add_portion(table, columns, portion)
                transfer.note(table, len(portion))
                progress(transfer)
            await chunks.end()
    return transfer


async def _portions(snapshot: Snapshot) -> AsyncIterator[tuple[str, Sequence[str], Rows]]:
    for table in snapshot.tables:
        columns = await snapshot.columns(table)
        async for rows in snapshot.rows(table, columns, size=ROWS_AT_ONCE):
            yield table, columns, rows


class _Chunks:
    """Packs some chunks at once, and writes them in order."""

    def __init__(self, writer: Writer, threads: ThreadPoolExecutor) -> None:
        self._writer = writer
        self._threads = threads
        self._number = 0
        self._packing: deque[asyncio.Future[bytes]] = deque()

    async def add(self, content: bytes) -> None:
        await self._put(lambda: content, last=False)

    async def add_portion(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        await self._put(lambda: _encode((table, columns, rows)), last=False)

    async def end(self) -> None:
        await self._put(lambda: b"", last=True)
        while self._packing:
            await self._write_next()

    async def _put(self, content: Callable[[], bytes], *, last: bool) -> None:
        number, sealer = self._number, self._writer.sealer
        self._number += 1
        self._packing.append(
            asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: sealer.sealed(number, content(), last=last)
            )
        )
        if len(self._packing) > AHEAD:
            await self._write_next()

    async def _write_next(self) -> None:
        chunk = await self._packing.popleft()
        await _in(self._threads, lambda: self._writer.write(chunk))


# --- in ------------------------------------------------------------------------------------------


async def restore(
    store: Store,
    keys: Keys,
    file: BinaryIO,
    unlocking: Unlocking,
    *,
    account_id: str,
    progress: Progress,
) -> tuple[Pool, Transfer]:
    """
    Make the archive's pool here, as one of `account_id`; go on where an earlier attempt ended.

    Nothing is written before all of the archive was found unaltered.

    Raises:
        ArchiveError: it cannot be read, or something of it is in another pool here.
        LockError: it was locked in another way.
        PoolExists: the pool is here already.
    """
    with ThreadPoolExecutor(THREADS) as threads:
        reader = await _in(threads, lambda: Reader(file, unlocking))
        chunks = await _in(threads, reader.verify)
        reader.rewind()
        manifest = _manifest(unpacked((await _in(threads, lambda: reader.packed(0)))[0]))
        pool = replace(manifest.pool, account_id=account_id)
        await _check_version(store, manifest)
        transfer = Transfer(
            total=sum(manifest.rows.values()), total_users=manifest.rows.get(USERS, 0)
        )
        done = await _begun(store, pool.pool_id, reader.header.archive_id)
        arriving = _Arriving(store, pool.pool_id, reader.header.archive_id)
        async for number, portion, size in _read_ahead(reader, chunks):
            if number < done:
                transfer.resumed += len(portion.rows)
            else:
                await arriving.add(number, portion, size)
            transfer.note(portion.table, len(portion.rows))
            progress(transfer)
        await arriving.store_held()
        if transfer.rows != transfer.total:
            raise ArchiveError("the archive does not hold what it says")
        await _finish(store, keys, pool, manifest)
    return pool, transfer


def _manifest(content: bytes) -> Manifest:
    try:
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as cause:
        raise ArchiveError("the archive was made by another version of Cognate") from cause


async def _check_version(store: Store, manifest: Manifest) -> None:
    async with store.snapshot(manifest.pool.pool_id) as snapshot:
        known = snapshot.schema_version
    if manifest.schema > known:
        raise ArchiveError(
            f"the archive was made by a newer version of Cognate: its tables are of version"
            f" {manifest.schema}, this one knows up to {known}"
        )


async def _begun(store: Store, pool_id: PoolId, archive_id: str) -> int:
    """How many chunks are in from an earlier attempt; what another archive left is deleted."""

    async def begin(tx: Transaction) -> int:
        if await tx.pools.find(pool_id) is not None:
            raise PoolExists(pool_id)
        present = await tx.pool_rows.restored(pool_id)
        if present is not None and present[0] == archive_id:
            return present[1]
        await tx.pool_rows.clear(pool_id)
        await tx.pool_rows.save_restored(pool_id, archive_id, 0)
        return 0

    return await store.change(begin)


async def _read_ahead(reader: Reader, chunks: int) -> AsyncIterator[tuple[int, Portion, int]]:
    """Every portion with its chunk's number and its size; the next ones are read meanwhile."""

    def read(number: int) -> tuple[Portion, int]:
        content = unpacked(reader.packed(number)[0])
        return _decode(content), len(content)

    # One thread reads, so that the file is read in order.
    with ThreadPoolExecutor(1) as alone:
        loop = asyncio.get_running_loop()
        reading: deque[tuple[int, asyncio.Future[tuple[Portion, int]]]] = deque()
        for number in range(1, chunks - 1):
            reading.append((number, loop.run_in_executor(alone, read, number)))
            if len(reading) > AHEAD:
                first, future = reading.popleft()
                yield first, *(await future)
        while reading:
            first, future = reading.popleft()
            yield first, *(await future)


class _Arriving:
    """
    Stores some portions together: the fewer changes, the fewer pages of indexes are written twice.
    """

    def __init__(self, store: Store, pool_id: PoolId, archive_id: str) -> None:
        self._store = store
        self._pool_id = pool_id
        self._archive_id = archive_id
        self._held: list[Portion] = []
        self._size = 0
        self._next = 0

    async def add(self, number: int, portion: Portion, size: int) -> None:
        if "pool_id" not in portion.columns:
            raise ArchiveError("the archive does not hold what it says")
        place = portion.columns.index("pool_id")
        if any(row[place] != self._pool_id for row in portion.rows):
            raise ArchiveError("the archive holds rows of another pool")
        self._held.append(portion)
        self._size += size
        self._next = number + 1
        if len(self._held) >= PORTIONS_AT_ONCE or self._size >= BYTES_AT_ONCE:
            await self.store_held()

    async def store_held(self) -> None:
        if not self._held:
            return
        try:
            await self._store.change(self._insert)
        except AlreadyStored as cause:
            raise ArchiveError(
                "something that may exist once (an app client, a domain) is here already,"
                " in another pool"
            ) from cause
        except LookupError as cause:
            raise ArchiveError(
                f"the archive has a table that this version does not have: {cause}"
            ) from cause
        self._held, self._size = [], 0

    async def _insert(self, tx: Transaction) -> None:
        restored = await tx.pool_rows.restored(self._pool_id)
        if restored is None or restored[0] != self._archive_id:
            raise ArchiveError("another restore of this pool has begun meanwhile")
        for portion in self._held:
            await tx.pool_rows.insert(portion.table, portion.columns, portion.rows)
        await tx.pool_rows.save_restored(self._pool_id, self._archive_id, self._next)


async def _finish(store: Store, keys: Keys, pool: Pool, manifest: Manifest) -> None:
    """All at once: the keys, and with the pool itself everything becomes visible."""
    records = [
        keys.adopted(pool.pool_id, carried.key_id, carried.key, created_at=carried.created_at)
        for carried in manifest.data_keys
    ]

    async def finish(tx: Transaction) -> None:
        for record in records:
            await tx.key_records.add_data_key(record)
        await tx.pool_rows.end_restore(pool.pool_id)
        if not await tx.pools.add(pool):
            raise PoolExists(pool.pool_id)

    await store.change(finish)


async def _in(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, work)
