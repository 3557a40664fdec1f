"""Jobs that import users from a CSV file: their states, and which follows which. Source: J.1."""

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cognate.domain.ids import PoolId
from cognate.protocol.foreign_hashes import HashAlgorithm

JOBS_PER_POOL = 1000
ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ID_LENGTH = 10  # behind `import-`
UPLOAD_LIFETIME = timedelta(minutes=15)
START_WITHIN = timedelta(hours=24)
FILE_BYTES = 100 * 1024 * 1024
ROWS = 500_000

STOPPED = "The Import Job was stopped by the developer."
TOO_MANY_FAILED = "Too many users have failed or been skipped during the import."
EXPIRED = "The Import Job was not started in time."


class JobStatus(enum.StrEnum):
    """Source: user-pools.md J.1."""

    CREATED = "Created"
    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    STOPPING = "Stopping"
    EXPIRED = "Expired"
    STOPPED = "Stopped"
    FAILED = "Failed"
    SUCCEEDED = "Succeeded"


ACTIVE = (JobStatus.PENDING, JobStatus.IN_PROGRESS, JobStatus.STOPPING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """
    One job. `upload_id`: names the file in the database, None before it is there; `size`: in bytes.
    `line`, `offset`: how far the file was worked off: lines, the header among them, and bytes.
    """

    pool_id: PoolId
    job_id: str
    name: str
    role_arn: str
    algorithm: HashAlgorithm | None
    created_at: datetime
    status: JobStatus = JobStatus.CREATED
    started_at: datetime | None = None
    completed_at: datetime | None = None
    message: str | None = None
    imported: int = 0
    skipped: int = 0
    failed: int = 0
    upload_id: str | None = None
    size: int = 0
    lines: int = 0
    line: int = 0
    offset: int = 0

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    def at(self, now: datetime) -> "ImportJob":
        """The job as it is now: one that nobody started has expired."""
        if self.status is JobStatus.CREATED and now >= self.created_at + START_WITHIN:
            return replace(
                self,
                status=JobStatus.EXPIRED,
                completed_at=self.created_at + START_WITHIN,
                message=EXPIRED,
            )
        return self

    def accepts_file(self, *, now: datetime) -> bool:
        return self.status is JobStatus.CREATED and now < self.created_at + UPLOAD_LIFETIME

    def with_file(self, upload_id: str, *, size: int, lines: int) -> "ImportJob":
        return replace(self, upload_id=upload_id, size=size, lines=lines)

    def started(self, *, now: datetime) -> "ImportJob":
        return replace(self, status=JobStatus.PENDING, started_at=now)

    def stopping(self) -> "ImportJob":
        return replace(self, status=JobStatus.STOPPING)

    def stopped(self, *, now: datetime) -> "ImportJob":
        return replace(self, status=JobStatus.STOPPED, completed_at=now, message=STOPPED)

    def broken(self, reason: str, *, now: datetime) -> "ImportJob":
        return replace(self, status=JobStatus.FAILED, completed_at=now, message=reason)

    def ended(self, *, now: datetime) -> "ImportJob":
        """
        After the last line. Failed where more users failed or were skipped than came in: the
        service does not tell its bound, and was seen to fail 32 against 14.
        """
        if self.failed + self.skipped > self.imported:
            return self.broken(TOO_MANY_FAILED, now=now)
        return replace(
            self,
            status=JobStatus.SUCCEEDED,
            completed_at=now,
            message="Import Job Completed Successfully.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The one import of an account that is under way, and whose work it is until when."""

    pool_id: PoolId
    job_id: str
    leased_by: str
    leased_until: datetime


def log_line(outcome: str, line: int, text: str) -> str:
    """As the service writes it: no data of the user's."""
    return f"[{outcome}] Line Number {line} - {text}"
