"""
Working off import jobs: some rows at a time, each portion in one change with the place it ends at.

So a job goes on where it stood, on whatever node, after a kill too. One node works on a job at a
time, by a lease that every portion renews. Source: user-pools.md J.1.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cognate.domain.ids import Sub
from cognate.domain.import_jobs import ROWS, ImportJob, JobStatus, Turn, log_line
from cognate.domain.passwords import Credential
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus, alias_key, aliases
from cognate.ports import Clock, Entropy, Store, Transaction
from cognate.transfer.csv_users import NewUser, RowReader, RowRefused, UnreadableFile, split

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 2000  # in one change: the fewer changes, the fewer pages of indexes are written
READ_AT_ONCE = 100  # rows, in the loop: other requests wait some milliseconds
LONGEST_LINE = 1024 * 1024  # bytes; what has no line end by then is no such file
LEASE = timedelta(seconds=30)
POLL = 1.0  # seconds between looks for jobs that nobody works on
PREFERRED_USERNAME = "preferred_username"

UNREADABLE = "The CSV file cannot be read."
TOO_MANY_ROWS = f"The CSV file has more than {ROWS} users."
EXISTS = "The user already exists."
SUCCEEDED = "The import succeeded."

Progress = Callable[[ImportJob], None]


class _Lost(Exception):
    """Another node has the job, or it is gone with its pool."""


def _quiet(_: ImportJob) -> None:
    """Nobody watches."""


class ImportRunner:
    """Takes jobs that nobody works on. `node`: what this process is called in leases."""

    def __init__(self, *, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self.node = entropy.uuid()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    # --- running ---------------------------------------------------------------------------------

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="imports")

    async def stop(self) -> None:
        """The portion under way is finished; another node goes on when the lease is over."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self.run_due()
            except Exception:
                # The database may be away; the job is still there when it is back.
                log.exception("import not continued")
            await asyncio.sleep(POLL)

    async def run_due(self, progress: Progress = _quiet) -> int:
        """Work off every job that waits; how many there were."""
        done = 0
        for turn in await self._store.import_jobs.waiting(now=self._clock.now(), limit=10):
            if await self.run(turn, progress):
                done += 1
        return done

    async def run(
        self, turn: Turn, progress: Progress = _quiet, *, rows_at_once: int = ROWS_AT_ONCE
    ) -> bool:
        """
        Work on one job to its end; False where another node is quicker. `rows_at_once`: in one
        change, for which all others wait.
        """
        own = await self._leased(turn)
        if own is None:
            return False
        pool = await self._store.pools.find(own.pool_id)
        job = await self._store.import_jobs.find(own.pool_id, own.job_id)
        if pool is None or job is None or not job.is_active:
            await self._drop(own)
            return False
        work = _Work(
            store=self._store,
            clock=self._clock,
            entropy=self._entropy,
            pool=pool,
            turn=own,
            progress=progress,
            rows_at_once=rows_at_once,
        )
        try:
            await work.run(job)
        except _Lost:
            return False
        return True

    async def _leased(self, turn: Turn) -> Turn | None:
        until = self._clock.now() + LEASE

        async def lease(tx: Transaction) -> bool:
            return await tx.import_jobs.lease(turn, by=self.node, until=until)

        if not await self._store.change(lease):
            return None
        return replace(turn, leased_by=self.node, leased_until=until)

    async def _drop(self, turn: Turn) -> None:
        async def drop(tx: Transaction) -> None:
            await tx.import_jobs.deactivate(turn.pool_id, turn.job_id)

        await self._store.change(drop)


@dataclass(slots=True)
class _Portion:
    """
    Some lines. `line`: the number of the first; `offset`: where in the file the next ones begin.
    """

    lines: list[bytes]
    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Read:
    """A row: its user and credential, or why there is none."""

    line: int
    user: User | None
    credential: Credential | None
    reason: str = ""


class _Lines:
    """The lines of a job's file, from where it was worked off."""

    def __init__(self, store: Store, job: ImportJob) -> None:
        self._store = store
        self._job = job
        self._buffer = b""
        self._read_to = self._at = job.offset
        self._line = job.line
        self._ended = False

    async def portion(self, limit: int) -> _Portion | None:
        """
        At most `limit` lines; None at the end.

        Raises:
            UnreadableFile: a line without an end.
        """
        while not self._ended and self._buffer.count(b"\n") < limit:
            piece = await self._store.import_jobs.piece_at(self._job, self._read_to)
            self._ended = not piece
            self._buffer += piece
            self._read_to += len(piece)
            if len(self._buffer) > LONGEST_LINE and b"\n" not in self._buffer:
                break
        parts = self._buffer.split(b"\n", limit)
        if len(parts) == 1 and not self._ended:
            raise UnreadableFile(UNREADABLE)
        more = len(parts) > limit or not self._ended
        rest = parts.pop() if more else b""
        if not more and not parts[-1]:
            parts.pop()  # behind the last line's end
        if not parts:
            return None
        self._at = self._read_to - len(rest)
        self._buffer = rest
        portion = _Portion(lines=parts, line=self._line + 1, offset=self._at)
        self._line += len(parts)
        return portion


@dataclass(slots=True, kw_only=True)
class _Work:
    """One job in one node's hands; `turn` is its lease."""

    store: Store
    clock: Clock
    entropy: Entropy
    pool: Pool
    turn: Turn
    progress: Progress
    rows_at_once: int
    lines: int = 1

    async def run(self, job: ImportJob) -> None:
        self.lines = job.lines
        try:
            if job.lines > ROWS + 1:
                raise UnreadableFile(TOO_MANY_ROWS)
            reader = await self._reader(job)
            lines = _Lines(self.store, job)
            if job.line == 0:
                header = await lines.portion(1)
                job = await self._begin(header)
            job = await self._work_off(reader, lines, job)
            if not job.is_active:
                return
        except UnreadableFile as error:
            reason = str(error)
            job = await self._settle(lambda job, now: job.broken(reason, now=now))
        else:
            job = await self._settle(lambda job, now: job.ended(now=now))
        self.progress(job)

    async def _reader(self, job: ImportJob) -> RowReader:
        header = await _Lines(self.store, replace(job, line=0, offset=0)).portion(1)
        if header is None:
            raise UnreadableFile(UNREADABLE)
        try:
            text = header.lines[0].decode()
        except UnicodeDecodeError as cause:
            raise UnreadableFile(UNREADABLE) from cause
        return RowReader(self.pool, split(text), job.algorithm)

    async def _begin(self, header: _Portion | None) -> ImportJob:
        offset = 0 if header is None else header.offset

        async def begin(tx: Transaction) -> ImportJob:
            present = await self._present(tx)
            begun = replace(present, line=1, offset=offset)
            if present.status is JobStatus.PENDING:
                begun = replace(begun, status=JobStatus.IN_PROGRESS)
            await tx.import_jobs.save(begun)
            return begun

        return await self.store.change(begin)

    async def _work_off(self, reader: RowReader, lines: _Lines, job: ImportJob) -> ImportJob:
        """All portions; while one is stored, the next one is read."""
        ahead = asyncio.create_task(self._read_portion(reader, lines))
        try:
            while (read := await ahead) is not None:
                ahead = asyncio.create_task(self._read_portion(reader, lines))
                job = await self._take(*read)
                self.progress(job)
                if not job.is_active:
                    break
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
        return job

    async def _read_portion(
        self, reader: RowReader, lines: _Lines
    ) -> tuple[_Portion, list[_Read]] | None:
        portion = await lines.portion(self.rows_at_once)
        if portion is None:
            return None
        now = self.clock.now()
        rows = []
        for number, line in enumerate(portion.lines, portion.line):
            if line.strip():
                rows.append(self._read(reader, number, line, now))
            if number % READ_AT_ONCE == 0:
                await asyncio.sleep(0)  # others' requests
        return portion, rows

    async def _take(self, portion: _Portion, rows: list[_Read]) -> ImportJob:
        """One portion: its users, its lines of the log, and where the next begins."""
        now = self.clock.now()
        until = now + LEASE

        async def take(tx: Transaction) -> tuple[ImportJob, Turn]:
            job = await self._present(tx)
            if not await tx.import_jobs.lease(self.turn, by=self.turn.leased_by, until=until):
                raise _Lost
            turn = replace(self.turn, leased_until=until)
            if job.status is JobStatus.STOPPING:
                stopped = job.stopped(now=now)
                await _end(tx, stopped)
                return stopped, turn
            if job.line != portion.line - 1:
                raise _Lost  # another node has been here
            outcomes = await _added(tx, self.pool, rows)
            if outcomes:
                await tx.import_jobs.add_log(
                    job, portion.line, [log_line(*outcome) for outcome in outcomes], now=now
                )
            told = [outcome for outcome, _, _ in outcomes]
            job = replace(
                job,
                line=portion.line - 1 + len(portion.lines),
                offset=portion.offset,
                imported=job.imported + told.count("SUCCEEDED"),
                skipped=job.skipped + told.count("SKIPPED"),
                failed=job.failed + told.count("FAILED"),
            )
            await tx.import_jobs.save(job)
            return job, turn

        job, self.turn = await self.store.change(take)
        return job

    def _read(self, reader: RowReader, number: int, line: bytes, now: datetime) -> _Read:
        try:
            found = reader.read(line.decode())
        except UnicodeDecodeError:
            return _Read(number, None, None, "The row is not UTF-8 text.")
        except RowRefused as refused:
            return _Read(number, None, None, str(refused))
        user = _user(self.pool, found, self._sub(number), now)
        credential = None
        if found.foreign_hash is not None:
            credential = Credential(
                password_hash=None,
                srp_salt=None,
                sealed_verifier=None,
                set_at=now,
                foreign_hash=found.foreign_hash,
            )
        return _Read(number, user, credential)

    def _sub(self, line: int) -> Sub:
        """
        Random, but three in four grow from line to line: new rows of most tables and indexes then
        lie side by side, which is what makes a large import quick. One in four lies anywhere in the
        first quarter, where `Users.estimate` looks.
        """
        drawn = self.entropy.uuid()
        share = int(drawn[:8], 16) / 2**32
        if line % 4:
            share = 1 + 3 * (line + share) / (self.lines + 1)
        return Sub(f"{int(share * 2**30):08x}{drawn[8:]}")

    async def _settle(self, outcome: Callable[[ImportJob, datetime], ImportJob]) -> ImportJob:
        now = self.clock.now()

        async def settle(tx: Transaction) -> ImportJob:
            job = outcome(await self._present(tx), now)
            await _end(tx, job)
            return job

        return await self.store.change(settle)

    async def _present(self, tx: Transaction) -> ImportJob:
        job = await tx.import_jobs.find(self.turn.pool_id, self.turn.job_id)
        if job is None or not job.is_active:
            raise _Lost
        return job


async def _end(tx: Transaction, job: ImportJob) -> None:
    await tx.import_jobs.save(job)
    await tx.import_jobs.deactivate(job.pool_id, job.job_id)
    await tx.import_jobs.delete_files(job)


def _user(pool: Pool, new: NewUser, sub: Sub, now: datetime) -> User:
    return User(
        pool_id=pool.pool_id,
        sub=sub,
        username=sub if pool.username_attributes else new.username,
        status=UserStatus.CONFIRMED if new.foreign_hash else UserStatus.RESET_REQUIRED,
        created_at=now,
        modified_at=now,
        attributes=new.attributes,
        mfa=new.mfa,
    )


# --- names that are taken ------------------------------------------------------------------------


@dataclass(slots=True)
class _Names:
    """Names that users have: their keys, and by kind those of their aliases."""

    usernames: set[str]
    aliases: dict[str, set[str]]


async def _added(tx: Transaction, pool: Pool, rows: Sequence[_Read]) -> list[tuple[str, int, str]]:
    """Add the users whose names are free; what became of every row."""
    users = [row.user for row in rows if row.user is not None]
    taken = await _taken(tx, pool, users)
    outcomes, added, credentials = [], [], []
    for row in rows:
        if row.user is None:
            outcomes.append(("FAILED", row.line, row.reason))
            continue
        kind = _conflict(pool, row.user, taken)
        if kind is None:
            _note(pool, row.user, taken)
            added.append(row.user)
            if row.credential is not None:
                credentials.append((row.user.sub, row.credential))
            outcomes.append(("SUCCEEDED", row.line, SUCCEEDED))
        elif kind == "username" or kind in pool.username_attributes:
            outcomes.append(("SKIPPED", row.line, EXISTS))
        else:
            reason = f"An account with the given {kind} already exists."
            outcomes.append(("FAILED", row.line, reason))
    if added:
        await tx.users.add_many(pool, added)
    if credentials:
        await tx.credentials.add_many(pool.pool_id, credentials)
    return outcomes


async def _taken(tx: Transaction, pool: Pool, users: Sequence[User]) -> _Names:
    """Which of the names that `users` would have are somebody's already."""
    usernames: set[str] = set()
    held: dict[str, set[str]] = {kind: set() for kind in _kinds(pool)}
    for user in users:
        if not pool.username_attributes:  # else it is a fresh id
            usernames.add(pool.name_key(user.username))
        for kind, key in aliases(pool, user).items():
            held[kind].add(key)
        if PREFERRED_USERNAME in held:
            # One name cannot be a user name and somebody's preferred one.
            held[PREFERRED_USERNAME].add(alias_key(pool, PREFERRED_USERNAME, user.username))
            if preferred := user.attributes.get(PREFERRED_USERNAME):
                usernames.add(pool.name_key(preferred))
    return _Names(
        usernames=await tx.users.taken_usernames(pool, usernames),
        aliases={
            kind: await tx.users.taken_aliases(pool, kind, keys) for kind, keys in held.items()
        },
    )


def _kinds(pool: Pool) -> tuple[str, ...]:
    return (*pool.username_attributes, *pool.alias_attributes)


def _conflict(pool: Pool, user: User, taken: _Names) -> str | None:
    """The kind of a name of `user` that is taken, or None."""
    if pool.name_key(user.username) in taken.usernames:
        return "username"
    held = aliases(pool, user)
    if PREFERRED_USERNAME in taken.aliases:
        if alias_key(pool, PREFERRED_USERNAME, user.username) in taken.aliases[PREFERRED_USERNAME]:
            return "username"
        preferred = user.attributes.get(PREFERRED_USERNAME)
        if preferred and pool.name_key(preferred) in taken.usernames:
            return PREFERRED_USERNAME
    return next((kind for kind, key in held.items() if key in taken.aliases[kind]), None)


def _note(pool: Pool, user: User, taken: _Names) -> None:
    """From now on these names are theirs: another row may want them, too."""
    taken.usernames.add(pool.name_key(user.username))
    for kind, key in aliases(pool, user).items():
        taken.aliases[kind].add(key)
