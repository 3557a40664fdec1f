"""
Pools in and out: export, restore and import, on the database itself.

Each can be interrupted and typed again: an export leaves nothing behind, a restore goes on where it
was, an import leaves out the users who are there.
"""

import asyncio
import contextlib
import getpass
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from cognate.app import App
from cognate.cli.databases import on_database
from cognate.cli.errors import Failure, Misuse
from cognate.cli.progress import ProgressLine, spoken
from cognate.config import Settings
from cognate.domain.ids import PoolId
from cognate.domain.import_jobs import FILE_BYTES, ImportJob, JobStatus, Turn
from cognate.errors import AWSError, ResourceNotFoundException
from cognate.ports import Transaction
from cognate.protocol.foreign_hashes import HashAlgorithm
from cognate.system import SystemEntropy
from cognate.transfer import archive, uploads
from cognate.transfer.import_jobs import LEASE
from cognate.transfer.locks import Identity, Lock, LockError, Passphrase, Recipient, Unlocking
from cognate.transfer.sealed_file import ArchiveError

READ_AT_ONCE = 1024 * 1024
ROWS_AT_ONCE = 20_000  # nobody waits for this process but whoever typed the command
COMMAND_LINE = "arn:aws:iam::000000000000:role/command-line"  # a job has a role; nobody assumes it


# --- export --------------------------------------------------------------------------------------


def export(
    settings: Settings,
    pool_id: str,
    file: Path,
    *,
    passphrase_file: Path | None,
    recipient: Path | None,
) -> int:
    """
    Write a pool into one sealed file.

    Raises:
        Misuse: the file is there, or a key that cannot be used.
        Failure: no such pool; the database or the file cannot be used.
    """
    if file.exists():
        raise Misuse(f"{file} is there already")
    lock = _lock(passphrase_file, recipient)
    line = ProgressLine("exported", "users")

    async def write(app: App) -> archive.Transfer:
        with _appearing(file) as opened:
            return await archive.export(
                app.store,
                app.keys,
                SystemEntropy(),
                PoolId(pool_id),
                opened,
                lock,
                progress=_shown_on(line),
            )

    try:
        done = on_database(settings, write)
    except archive.NoSuchPool as cause:
        raise Failure(f"there is no pool {pool_id}") from cause
    finally:
        line.end()
    print(
        f"Exported {pool_id} to {file}: {done.users:,} users, {done.rows:,} rows,"
        f" {file.stat().st_size:,} bytes, in {spoken(line.seconds)}."
    )
    return 0


def export_csv(settings: Settings, pool_id: str, file: Path, *, algorithm: HashAlgorithm) -> int:
    """
    Write a pool's users as CSV files that Cognito imports.

    Raises:
        Misuse: a file is there already.
        Failure: no such pool; the database or a file cannot be used.
    """
    from cognate.transfer.csv_export import CsvExport
    from cognate.transfer.csv_export import export_csv as written

    if file.exists():
        raise Misuse(f"{file} is there already")
    line = ProgressLine("exported", "users")
    names: list[Path] = []

    async def write(app: App) -> CsvExport:
        def open_next(number: int) -> BinaryIO:
            name = file if number == 1 else file.with_stem(f"{file.stem}-{number}")
            opened = _new(name)
            names.append(name)
            return opened

        return await written(
            app.store,
            PoolId(pool_id),
            open_next,
            algorithm=algorithm,
            progress=_shown_on(line),
        )

    try:
        done = on_database(settings, write)
    except archive.NoSuchPool as cause:
        raise Failure(f"there is no pool {pool_id}") from cause
    except BaseException:
        for name in names:
            name.unlink(missing_ok=True)
        raise
    finally:
        line.end()
    print(
        f"Exported {done.users:,} users of {pool_id} to {', '.join(map(str, names)) or 'no file'},"
        f" for an import job with PasswordHashingAlgorithm {algorithm.value}."
    )
    for count, text in (
        (done.without_hash, "have no such hash and will have to set a new password"),
        (done.unverified, "have no verified address, so Cognito will refuse them"),
        (done.federated, "come from other providers and were left out"),
    ):
        if count:
            print(f"{count:,} {text}.")
    return 0


@contextlib.contextmanager
def _appearing(file: Path) -> Iterator[BinaryIO]:
    """A file for its owner alone that appears whole, or not at all."""
    draft = file.with_name(f".{file.name}.part")
    draft.unlink(missing_ok=True)
    try:
        with _new(draft) as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def _new(file: Path) -> BinaryIO:
    """
    Raises:
        Misuse: it is there already.
    """
    try:
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError as cause:
        raise Misuse(f"{file} is there already") from cause


# --- restore -------------------------------------------------------------------------------------


def restore(
    settings: Settings, file: Path, *, passphrase_file: Path | None, identity: Path | None
) -> int:
    """
    Make the pool of an archive here.

    Raises:
        Misuse: a file or key that cannot be used.
        Failure: the archive cannot be read, its pool is here, or the database cannot be used.
    """
    unlocking = _unlocking(passphrase_file, identity)
    line = ProgressLine("restored", "users")

    async def read(app: App) -> tuple[str, archive.Transfer]:
        app.store.take_room()
        with _opened(file) as opened:
            pool, done = await archive.restore(
                app.store,
                app.keys,
                opened,
                unlocking,
                account_id=app.settings.account_id,
                progress=_shown_on(line),
            )
        return pool.pool_id, done

    try:
        pool_id, done = on_database(settings, read)
    except (ArchiveError, LockError) as cause:
        raise Failure(f"{file}: {cause}") from cause
    except archive.PoolExists as cause:
        raise Failure(f"the pool {cause} is here already; nothing was changed") from cause
    except KeyboardInterrupt:
        line.end()
        print(
            "cognate: interrupted; the same command goes on from here, and until it has ended"
            " nobody sees the pool",
            file=sys.stderr,
        )
        raise
    finally:
        line.end()
    resumed = f" ({done.resumed:,} rows were there from before)" if done.resumed else ""
    print(
        f"Restored {pool_id}: {done.users:,} users, {done.rows:,} rows{resumed},"
        f" in {spoken(line.seconds)}."
    )
    return 0


def _opened(file: Path) -> BinaryIO:
    """
    Raises:
        Misuse: it cannot be read.
    """
    try:
        return file.open("rb")
    except OSError as cause:
        raise Misuse(f"{file}: {cause.strerror}") from cause


# --- keys of archives ----------------------------------------------------------------------------


def _lock(passphrase_file: Path | None, recipient: Path | None) -> Lock:
    try:
        if recipient is not None:
            with _opened(recipient) as opened:
                return Recipient(opened.read(), SystemEntropy().token(32))
        return Passphrase(_passphrase(passphrase_file, twice=True))
    except LockError as cause:
        raise Misuse(str(cause)) from cause


def _unlocking(passphrase_file: Path | None, identity: Path | None) -> Unlocking:
    try:
        if identity is not None:
            with _opened(identity) as opened:
                return Identity(opened.read())
        return Passphrase(_passphrase(passphrase_file, twice=False))
    except LockError as cause:
        raise Misuse(str(cause)) from cause


def _passphrase(file: Path | None, *, twice: bool) -> str:
    """The first line of a file, or what is typed."""
    if file is not None:
        with _opened(file) as opened:
            return opened.readline().decode(errors="surrogateescape").rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Misuse("give the passphrase with --passphrase-file, or a key: nobody can be asked")
    typed = getpass.getpass("Passphrase of the archive: ")
    if twice and getpass.getpass("Again: ") != typed:
        raise Misuse("these are two passphrases")
    return typed


# --- import --------------------------------------------------------------------------------------


def import_csv(
    settings: Settings, pool_id: str, file: Path, *, algorithm: HashAlgorithm | None
) -> int:
    """
    Import users as an import job does, and wait for its end; status 1 where it failed.

    Raises:
        Misuse: the file cannot be read.
        Failure: no such pool, it cannot start, or the database cannot be used.
    """
    line = ProgressLine("read", "lines")

    async def run(app: App) -> ImportJob:
        app.store.take_room()
        with _opened(file) as opened:
            job, turn = await _prepared(app, pool_id, file.name, opened, algorithm)
        print(f"Import job {job.job_id}", flush=True)
        await _work(app, turn, line)
        found = await app.store.import_jobs.find(job.pool_id, job.job_id)
        return found or job

    try:
        job = on_database(settings, run)
    except AWSError as cause:
        raise Failure(cause.message) from cause
    except KeyboardInterrupt:
        line.end()
        print(
            "cognate: interrupted; the same command leaves out the users who are here by now",
            file=sys.stderr,
        )
        raise
    finally:
        line.end()
    print(
        f"{job.status.value}: {job.imported:,} users imported, {job.skipped:,} skipped,"
        f" {job.failed:,} failed, in {spoken(line.seconds)}. {job.message or ''}".rstrip()
    )
    if job.skipped or job.failed:
        print(f"Every row's outcome: cognate pool import-log {job.job_id}")
    return 0 if job.status is JobStatus.SUCCEEDED else 1


async def _prepared(
    app: App, pool_id: str, name: str, file: BinaryIO, algorithm: HashAlgorithm | None
) -> tuple[ImportJob, Turn]:
    """
    A job with its file, leased to this process.

    Raises:
        AWSError: as the operations do.
        Failure: the file is too large.
    """
    from cognate.operations.user_pools.import_jobs import new_job, started

    await app.imports.run_due()  # what an earlier command left when it was killed
    call = app.call()
    pool = await app.store.pools.find(PoolId(pool_id))
    if pool is None:
        raise ResourceNotFoundException(f"User pool {pool_id} does not exist.")
    job = await new_job(call, pool, name=name[:128], role_arn=COMMAND_LINE, algorithm=algorithm)
    try:
        await uploads.receive(app.store, call.entropy, job, _chunks(file), now=call.clock.now())
    except uploads.TooLarge as cause:
        raise Failure(f"the file has more than {FILE_BYTES // 2**20} MB") from cause
    now = call.clock.now()
    turn = Turn(
        pool_id=job.pool_id,
        job_id=job.job_id,
        leased_by=app.imports.node,
        leased_until=now + LEASE,
    )

    async def start(tx: Transaction) -> ImportJob:
        return await started(
            tx, pool, job.job_id, by=turn.leased_by, until=turn.leased_until, now=now
        )

    return await app.store.change(start), turn


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := file.read(READ_AT_ONCE):
        yield chunk


async def _work(app: App, turn: Turn, line: ProgressLine) -> None:
    def progress(job: ImportJob) -> None:
        line.show(job.line, job.lines, share=min(job.line / max(job.lines, 1), 1.0))

    try:
        await app.imports.run(turn, progress, rows_at_once=ROWS_AT_ONCE)
    except asyncio.CancelledError:

        async def stop(tx: Transaction) -> None:
            present = await tx.import_jobs.find(turn.pool_id, turn.job_id)
            if present is not None and present.is_active:
                await tx.import_jobs.save(present.stopped(now=app.clock.now()))
                await tx.import_jobs.deactivate(turn.pool_id, turn.job_id)
                await tx.import_jobs.delete_files(present)

        await app.store.change(stop)
        raise


def import_log(settings: Settings, job_id: str) -> int:
    """
    Print what became of every row of a job's file.

    Raises:
        Failure: there is no such job, or the database cannot be used.
    """

    async def show(app: App) -> bool:
        after = ""
        while pool_ids := await app.store.pools.ids(after=after, limit=100):
            for pool_id in pool_ids:
                if await app.store.import_jobs.find(pool_id, job_id) is not None:
                    await _print_log(app, pool_id, job_id)
                    return True
            after = pool_ids[-1]
        return False

    if not on_database(settings, show):
        raise Failure(f"there is no import job {job_id}")
    return 0


async def _print_log(app: App, pool_id: PoolId, job_id: str) -> None:
    after = 0
    while (found := await app.store.import_jobs.log(pool_id, job_id, after=after)) is not None:
        after, lines = found
        print("\n".join(lines))


def _shown_on(line: ProgressLine) -> Callable[[archive.Transfer], None]:
    def show(done: archive.Transfer) -> None:
        line.show(done.users, done.total_users, share=done.rows / max(done.total, 1))

    return show
