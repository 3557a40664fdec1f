"""Where the file of an import job is sent: an address that proves itself, for fifteen minutes."""

import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from cognate.domain.import_jobs import FILE_BYTES, UPLOAD_LIFETIME, ImportJob
from cognate.ports import Entropy, PoolKeys, Store, Transaction

PATH = "/user-imports"
EXPIRES = "X-Cognate-Expires"
SIGNATURE = "X-Cognate-Signature"
PIECE_BYTES = 512 * 1024


class TooLarge(Exception):
    """More than an import file may have."""


class NotAwaited(Exception):
    """The job takes no file any more."""


def signed_url(own_url: str, keys: PoolKeys, job: ImportJob) -> str:
    expires = int((job.created_at + UPLOAD_LIFETIME).timestamp())
    query = urlencode({EXPIRES: str(expires), SIGNATURE: _signature(keys, job, str(expires))})
    return f"{own_url}{PATH}/{job.pool_id}/{job.job_id}?{query}"


def is_signed(keys: PoolKeys, job: ImportJob, *, expires: str, signature: str) -> bool:
    expected = _signature(keys, job, expires)
    return hmac.compare_digest(expected.encode(), signature.encode())


def _signature(keys: PoolKeys, job: ImportJob, expires: str) -> str:
    return keys.digest("import upload", f"{job.job_id} {expires}".encode()).hex()


async def receive(
    store: Store,
    entropy: Entropy,
    job: ImportJob,
    chunks: AsyncIterator[bytes],
    *,
    now: datetime,
) -> None:
    """
    Store what comes, piece by piece; the job has the file once all of it is there. A second
    upload replaces the first.

    Raises:
        TooLarge: more than 100 MB.
        NotAwaited: the job was started meanwhile.
        ConnectionAbortedError: of `chunks`, where the sender went away.
    """
    upload_id = entropy.token(8).hex()
    buffer, written, lines, ends_line = bytearray(), 0, 0, True
    async for chunk in chunks:
        buffer += chunk
        lines += chunk.count(b"\n")
        ends_line = chunk.endswith(b"\n") if chunk else ends_line
        if written + len(buffer) > FILE_BYTES:
            await _forget(store, job)
            raise TooLarge
        while len(buffer) >= PIECE_BYTES:
            await _store_piece(store, job, upload_id, written, bytes(buffer[:PIECE_BYTES]), now)
            del buffer[:PIECE_BYTES]
            written += PIECE_BYTES
    await _store_piece(store, job, upload_id, written, bytes(buffer), now)
    size = written + len(buffer)
    lines += not ends_line

    async def complete(tx: Transaction) -> None:
        present = await tx.import_jobs.find(job.pool_id, job.job_id)
        if present is None or not present.accepts_file(now=now):
            raise NotAwaited
        await tx.import_jobs.save(present.with_file(upload_id, size=size, lines=lines))
        await tx.import_jobs.delete_files(present, but=upload_id)

    await store.change(complete)


async def _store_piece(
    store: Store, job: ImportJob, upload_id: str, position: int, piece: bytes, now: datetime
) -> None:
    async def add(tx: Transaction) -> None:
        await tx.import_jobs.add_piece(job, upload_id, position, piece, now=now)

    await store.change(add)


async def _forget(store: Store, job: ImportJob) -> None:
    """What was sent of a file that is not taken; one that is there already stays."""

    async def forget(tx: Transaction) -> None:
        present = await tx.import_jobs.find(job.pool_id, job.job_id)
        kept = present.upload_id if present is not None else None
        await tx.import_jobs.delete_files(replace(job, upload_id=kept), but=kept)

    await store.change(forget)
