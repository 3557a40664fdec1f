"""Queries for import jobs: the jobs, their files and logs, and whose turn it is."""

from collections.abc import Sequence
from datetime import datetime

from cognate.domain.ids import PoolId
from cognate.domain.import_jobs import ImportJob, Turn
from cognate.storage.connection import Connection, Row, instant, millis
from cognate.storage.documents import Documents

DOCUMENTS = Documents(ImportJob)


class ImportJobs:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, job_id: str) -> ImportJob | None:
        row = await self._connection.one(
            "SELECT document FROM import_jobs WHERE pool_id = ? AND job_id = ?", pool_id, job_id
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def add(self, job: ImportJob) -> None:
        await self._connection.run(
            "INSERT INTO import_jobs (pool_id, job_id, created_at, document) VALUES (?, ?, ?, ?)",
            job.pool_id,
            job.job_id,
            millis(job.created_at),
            DOCUMENTS.encode(job),
        )

    async def save(self, job: ImportJob) -> None:
        await self._connection.run(
            "UPDATE import_jobs SET document = ? WHERE pool_id = ? AND job_id = ?",
            DOCUMENTS.encode(job),
            job.pool_id,
            job.job_id,
        )

    async def count(self, pool_id: PoolId) -> int:
        row = await self._connection.one(
            "SELECT count(*) FROM import_jobs WHERE pool_id = ?", pool_id
        )
        return 0 if row is None else int(row[0])

    async def page(
        self, pool_id: PoolId, *, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[ImportJob]:
        select = "SELECT document FROM import_jobs WHERE pool_id = ?"
        order = " ORDER BY created_at DESC, job_id DESC LIMIT ?"
        if before is None:
            rows = await self._connection.all(select + order, pool_id, limit)
        else:
            rows = await self._connection.all(
                f"{select} AND (created_at, job_id) < (?, ?){order}",
                pool_id,
                millis(before[0]),
                before[1],
                limit,
            )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    # --- whose turn it is ------------------------------------------------------------------------

    async def activate(self, account_id: str, region: str, turn: Turn) -> bool:
        added = await self._connection.run(
            "INSERT INTO active_imports"
            " (account_id, region, pool_id, job_id, leased_by, leased_until)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            account_id,
            region,
            turn.pool_id,
            turn.job_id,
            turn.leased_by,
            millis(turn.leased_until),
        )
        return added == 1

    async def waiting(self, *, now: datetime, limit: int) -> Sequence[Turn]:
        rows = await self._connection.all(
            "SELECT pool_id, job_id, leased_by, leased_until FROM active_imports"
            " WHERE leased_until <= ? ORDER BY leased_until LIMIT ?",
            millis(now),
            limit,
        )
        return [_turn(row) for row in rows]

    async def lease(self, turn: Turn, *, by: str, until: datetime) -> bool:
        changed = await self._connection.run(
            "UPDATE active_imports SET leased_by = ?, leased_until = ?"
            " WHERE pool_id = ? AND job_id = ? AND leased_by = ? AND leased_until = ?",
            by,
            millis(until),
            turn.pool_id,
            turn.job_id,
            turn.leased_by,
            millis(turn.leased_until),
        )
        return changed == 1

    async def deactivate(self, pool_id: PoolId, job_id: str) -> None:
        await self._connection.run(
            "DELETE FROM active_imports WHERE pool_id = ? AND job_id = ?", pool_id, job_id
        )

    # --- files -----------------------------------------------------------------------------------

    async def add_piece(
        self, job: ImportJob, upload_id: str, position: int, content: bytes, *, now: datetime
    ) -> None:
        await self._connection.run(
            "INSERT INTO import_files"
            " (pool_id, job_id, upload_id, position, uploaded_at, content)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            job.pool_id,
            job.job_id,
            upload_id,
            position,
            millis(now),
            content,
        )

    async def piece_at(self, job: ImportJob, offset: int) -> bytes:
        row = await self._connection.one(
            "SELECT position, content FROM import_files"
            " WHERE pool_id = ? AND job_id = ? AND upload_id = ? AND position <= ?"
            " ORDER BY position DESC LIMIT 1",
            job.pool_id,
            job.job_id,
            job.upload_id or "",
            offset,
        )
        return b"" if row is None else bytes(row[1][offset - row[0] :])

    async def delete_files(self, job: ImportJob, *, but: str | None = None) -> None:
        await self._connection.sweep(
            "DELETE FROM import_files WHERE pool_id = ? AND job_id = ? AND upload_id <> ?",
            job.pool_id,
            job.job_id,
            but or "",
        )

    async def purge_files(self, *, before: datetime, limit: int) -> int:
        return await self._connection.sweep(
            "DELETE FROM import_files WHERE (pool_id, job_id, upload_id, position) IN"
            " (SELECT pool_id, job_id, upload_id, position FROM import_files"
            " WHERE uploaded_at < ? ORDER BY uploaded_at LIMIT ?)",
            millis(before),
            limit,
        )

    # --- logs ------------------------------------------------------------------------------------

    async def add_log(
        self, job: ImportJob, first_line: int, lines: Sequence[str], *, now: datetime
    ) -> None:
        await self._connection.run(
            "INSERT INTO job_logs (pool_id, job_id, first_line, written_at, lines)"
            " VALUES (?, ?, ?, ?, ?)",
            job.pool_id,
            job.job_id,
            first_line,
            millis(now),
            "\n".join(lines).encode(),
        )

    async def log(
        self, pool_id: PoolId, job_id: str, *, after: int
    ) -> tuple[int, Sequence[str]] | None:
        row = await self._connection.one(
            "SELECT first_line, lines FROM job_logs"
            " WHERE pool_id = ? AND job_id = ? AND first_line > ? ORDER BY first_line LIMIT 1",
            pool_id,
            job_id,
            after,
        )
        return None if row is None else (row[0], bytes(row[1]).decode().split("\n"))


def _turn(row: Row) -> Turn:
    return Turn(
        pool_id=PoolId(row[0]),
        job_id=row[1],
        leased_by=row[2],
        leased_until=instant(row[3]),
    )
