"""What SQLite alone can meet: full disks, other processes' locks, a busy loop, a growing log."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cognate.errors import ServiceUnavailableException
from cognate.storage import sqlite, turns
from cognate.storage.aside import Aside
from cognate.storage.sqlite import SqliteStore, path_of
from tests.storage.records import POOL, a_credential, a_pool, a_user, attempts, sub_of

OWNER_ALONE = 0o600
LARGE = 2**20  # bytes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "cognate.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    one = SqliteStore(path)
    yield one
    await one.close()


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_every_file_is_its_owners_alone_whatever_the_umask(path):
    before = os.umask(0)
    try:
        store = SqliteStore(path)
        await store.change(lambda tx: tx.pools.add(POOL))
    finally:
        os.umask(before)

    files = {file.name: permissions(file) for file in path.parent.iterdir()}
    assert set(files) == {"cognate.db", "cognate.db-wal", "cognate.db-shm", "cognate.db-turn"}
    assert set(files.values()) == {OWNER_ALONE}
    assert permissions(path.parent) == 0o700
    await store.close()


async def test_a_file_that_is_there_keeps_its_permissions(path):
    await SqliteStore(path).close()
    path.chmod(0o640)

    await SqliteStore(path).close()

    assert permissions(path) == 0o640


async def test_closing_leaves_one_file_with_everything_in_it(path, store):
    await store.change(lambda tx: tx.pools.add(POOL))

    await store.close()

    assert not path.with_name("cognate.db-wal").exists()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM pools").fetchone() == (1,)


async def test_every_write_is_synchronous_and_logged(path, store):
    for raw in (store._writer, store._reader):
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert raw.execute("PRAGMA fullfsync").fetchone() == (1,)
    assert store._reader.execute("PRAGMA query_only").fetchone() == (1,)


# --- changes share commits ---------------------------------------------------------------------


async def test_changes_that_wait_together_share_a_commit_and_each_is_acknowledged_after_it(
    store, monkeypatch
):
    commits: list[int] = []
    acknowledged: list[int] = []
    commit = store._commit

    async def counted(batch):
        assert acknowledged == commits and not any(c.future.done() for c in batch)  # noqa: PT018
        await commit(batch)
        commits.extend(range(len(commits), len(commits) + len(batch)))

    monkeypatch.setattr(store, "_commit", counted)

    async def add(number):
        await store.change(lambda tx: tx.users.add(POOL, a_user(number)))
        acknowledged.append(number)

    await asyncio.gather(*(add(number) for number in range(100)))

    assert len(acknowledged) == len(commits) == 100


async def test_a_hundred_callers_need_far_fewer_commits(store):
    begun: list[str] = []
    store._writer.set_trace_callback(
        lambda sql: begun.append(sql) if sql.startswith("BEGIN") else None
    )

    await asyncio.gather(
        *(store.change(lambda tx, n=n: tx.users.add(POOL, a_user(n))) for n in range(100))
    )

    assert 1 <= len(begun) <= 3


async def test_a_change_that_writes_nothing_waits_for_no_disk(store, monkeypatch):
    async def never(*_):
        raise AssertionError("asked the disk")

    monkeypatch.setattr(store._aside, "run", never)

    assert await store.change(lambda tx: tx.pools.find(POOL.pool_id)) is None


async def test_a_loop_that_is_always_busy_still_writes(store):
    """Without help, a thread never gets the interpreter from a loop with much to do."""
    done = False
    turns_taken = 0

    async def busy() -> None:
        nonlocal turns_taken
        while not done:
            turns_taken += 1
            sum(range(2000))  # some hundred microseconds
            await asyncio.sleep(0)

    burning = asyncio.ensure_future(busy())
    for number in range(20):
        await store.change(lambda tx, n=number: tx.users.add(POOL, a_user(n)))
    done = True
    await burning

    assert turns_taken < 20 * 2000


async def test_work_aside_is_done_in_order_and_its_errors_come_back():
    aside = Aside("a thread")
    order: list[int] = []

    def fail() -> None:
        order.append(2)
        raise LookupError("two")

    def tell() -> str:
        order.append(3)
        return threading.current_thread().name

    results = await asyncio.gather(
        aside.run(lambda: order.append(1)),
        aside.run(fail),
        aside.run(tell),
        return_exceptions=True,
    )
    aside.close()

    assert order == [1, 2, 3]
    assert results[0] is None
    assert isinstance(results[1], LookupError)
    assert results[2] == "a thread"


def test_a_loop_that_ends_amid_a_write_leaves_a_database_that_opens(path):
    """As when a command is interrupted: nobody closes the store."""

    callers: list[asyncio.Future[None]] = []

    async def add(store: SqliteStore, number: int) -> None:
        await store.change(lambda tx: tx.users.add(POOL, a_user(number)))

    async def interrupted() -> None:
        store = SqliteStore(path)
        callers.extend(asyncio.ensure_future(add(store, number)) for number in range(50))
        await asyncio.sleep(0)

    async def opened_again() -> int:
        store = SqliteStore(path)
        try:
            await store.change(lambda tx: tx.pools.add(POOL))
            return await store.users.estimate(POOL.pool_id)
        finally:
            await store.close()

    asyncio.run(interrupted())

    assert asyncio.run(opened_again()) in (0, 50)


# --- when the disk or another process stands in the way -------------------------------------------


@contextmanager
def a_full_disk(store: SqliteStore) -> Iterator[None]:
    """No page more than there are."""
    (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        store._writer.execute("PRAGMA max_page_count = 1073741823")


async def test_a_full_disk_refuses_changes_and_is_forgotten_when_there_is_room_again(store):
    await store.change(lambda tx: tx.pools.add(POOL))

    with a_full_disk(store):
        for _ in range(2):
            with pytest.raises(ServiceUnavailableException):
                await store.change(
                    lambda tx: tx.credentials.save(
                        POOL.pool_id, sub_of(1), a_credential("x" * LARGE)
                    )
                )
        assert await store.pools.find(POOL.pool_id) == POOL  # reading goes on

    await store.change(
        lambda tx: tx.credentials.save(POOL.pool_id, sub_of(1), a_credential("x" * LARGE))
    )
    assert await store.credentials.find(POOL.pool_id, sub_of(1)) == a_credential("x" * LARGE)


async def test_of_changes_that_share_a_commit_only_the_one_too_large_for_the_disk_is_refused(store):
    await store.change(lambda tx: tx.attempts.save(attempts(1)))

    with a_full_disk(store):
        answers = await asyncio.gather(
            store.change(lambda tx: tx.attempts.save(attempts(2))),
            store.change(
                lambda tx: tx.credentials.save(POOL.pool_id, sub_of(1), a_credential("x" * LARGE))
            ),
            store.change(lambda tx: tx.attempts.save(attempts(3))),
            return_exceptions=True,
        )

    assert [type(answer) for answer in answers] == [
        type(None),
        ServiceUnavailableException,
        type(None),
    ]
    assert await store.attempts.find(POOL.pool_id, sub_of(1), "password") == attempts(3)


async def test_a_commit_that_fails_refuses_everyone_in_it_and_stores_nothing(store, monkeypatch):
    async def refuse(_):
        raise_error("disk I/O error", sqlite3.SQLITE_IOERR)

    async def taken(tx):
        await tx.users.add(POOL, a_user(1))
        raise LookupError("a refusal that rests on what was never stored")

    with monkeypatch.context() as patch:
        patch.setattr(store._aside, "run", refuse)
        answers = await asyncio.gather(
            store.change(lambda tx: tx.pools.add(POOL)),
            store.change(taken),
            store.change(lambda tx: tx.pools.add(a_pool("bbbbbbbbb"))),
            return_exceptions=True,
        )

    assert [type(answer) for answer in answers] == [ServiceUnavailableException] * 3
    assert await store.pools.ids(after="", limit=10) == []
    assert await store.change(lambda tx: tx.pools.add(POOL)) is True


def raise_error(text: str, code: int) -> None:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    raise error


async def test_a_file_that_became_read_only_refuses_changes_and_recovers(path, store):
    await store.change(lambda tx: tx.pools.add(POOL))

    store._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(ServiceUnavailableException):
        await store.change(lambda tx: tx.pools.add(a_pool("bbbbbbbbb")))
    store._writer.execute("PRAGMA query_only = OFF")

    assert await store.change(lambda tx: tx.pools.add(a_pool("bbbbbbbbb"))) is True


async def test_another_process_that_holds_the_file_too_long_is_told_as_unavailable(
    path, store, monkeypatch
):
    monkeypatch.setattr(turns, "TURN_TIMEOUT", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(ServiceUnavailableException):
            await store.change(lambda tx: tx.pools.add(POOL))
        assert await store.pools.find(POOL.pool_id) is None  # reading goes on
        other.execute("ROLLBACK")

    assert await store.change(lambda tx: tx.pools.add(POOL)) is True


async def test_a_change_waits_for_another_process_to_end_its_own(path, store):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(store.change(lambda tx: tx.pools.add(POOL)))
        for _ in range(50):
            await asyncio.sleep(0)
        assert not waiting.done()

        other.execute("COMMIT")

        assert await waiting is True


async def test_who_waits_at_the_turnstile_comes_next(path):
    """A process that has just written does not begin again before one that waits."""
    path.parent.mkdir()
    ours, theirs = turns.Turnstile(path.with_name("x")), turns.Turnstile(path.with_name("x"))
    try:
        assert theirs.enter()
        assert theirs.enter()  # once more is no matter
        assert not ours.enter()
        theirs.leave()
        assert ours.enter()
        assert not theirs.enter()
    finally:
        ours.close()
        theirs.close()


@pytest.mark.parametrize("content", [b"not a database, but long enough to be one" * 100])
async def test_a_file_that_is_no_database_is_refused_by_name(path, content):
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(ServiceUnavailableException) as refused:
        SqliteStore(path)

    assert refused.value.message == f"The database {path} cannot be opened: file is not a database"


async def test_a_directory_in_the_files_place_is_refused_by_name(path):
    path.mkdir(parents=True)

    with pytest.raises(ServiceUnavailableException, match="cannot be opened"):
        SqliteStore(path)


async def test_a_damaged_file_is_told_as_unavailable(path, store):
    await store.change(lambda tx: tx.pools.add(POOL))
    for number in range(200):
        await store.change(lambda tx, n=number: tx.users.add(POOL, a_user(n)))
    await store.close()
    damaged = bytearray(path.read_bytes())
    damaged[8192:] = bytes(len(damaged) - 8192)
    path.write_bytes(damaged)

    try:
        again = SqliteStore(path)
    except ServiceUnavailableException:
        return
    try:
        with pytest.raises(ServiceUnavailableException):
            await again.users.page(POOL, condition=None, after=None, limit=200)
        with pytest.raises(ServiceUnavailableException):
            await again.change(lambda tx: tx.pools.delete(POOL.pool_id))
    finally:
        await again.close()


# --- the log ------------------------------------------------------------------------------------


async def test_the_log_stays_small_under_fifty_thousand_writes_and_readers(path, store):
    """Reads are statements of their own, so no reader keeps the log from being written back."""
    log = path.with_name("cognate.db-wal")
    largest = 0

    async def write(number):
        await store.change(
            lambda tx: tx.credentials.save(
                POOL.pool_id, sub_of(number % 500), a_credential("x" * 500)
            )
        )

    for batch in range(200):
        await asyncio.gather(*(write(batch * 250 + n) for n in range(250)))
        await store.users.page(POOL, condition=None, after=None, limit=60)
        largest = max(largest, log.stat().st_size)

    assert largest < 4 * sqlite.CHECKPOINT_PAGES * 4096


WRITER = """
import asyncio, sys
from pathlib import Path
from cognate.storage.sqlite import SqliteStore
from tests.storage.records import POOL, a_user

async def main():
    store = SqliteStore(Path(sys.argv[1]))
    for n in range(int(sys.argv[2]), int(sys.argv[2]) + 100):
        await store.change(lambda tx: tx.users.add(POOL, a_user(n)))
    await store.close()

asyncio.run(main())
"""


def test_several_processes_write_to_one_file(path, inspect_file):
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, str(start)])
        for start in (0, 1000, 2000)
    ]

    assert [process.wait() for process in processes] == [0, 0, 0]

    assert inspect_file("SELECT count(*) FROM users") == [(300,)]


@pytest.fixture
def inspect_file(path):
    def query(sql: str) -> list:
        with closing(sqlite3.connect(path)) as raw:
            return raw.execute(sql).fetchall()

    return query


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///relative/x.db", "relative/x.db"),
        ("sqlite:////absolute/x.db", "/absolute/x.db"),
        ("sqlite:x.db", "x.db"),
    ],
)
def test_urls_name_files(url, expected):
    assert path_of(url) == Path(expected)
