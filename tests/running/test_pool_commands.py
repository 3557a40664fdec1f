"""`cognate pool …`: what it does, says and returns, and that it can be interrupted."""

import asyncio
import io
import os
import signal
import stat
import subprocess
import threading
from dataclasses import replace

import bcrypt
import pytest

from cognate.app import build
from cognate.cli.main import main
from cognate.cli.progress import ProgressLine, spoken
from cognate.config import Settings
from cognate.domain.import_jobs import JobStatus, Turn
from cognate.operations.table import OPERATIONS
from cognate.transfer import archive, uploads
from cognate.transfer.csv_users import header_of
from cognate.transfer.import_jobs import LEASE, ROWS_AT_ONCE, ImportRunner
from cognate.transfer.locks import Passphrase
from cognate.transfer.sealed_file import ArchiveError
from cognate.wire.cognito_idp import CreateUserImportJobRequest, StartUserImportJobRequest
from tests.clients.started_server import COGNATE
from tests.inprocess import FrozenClock, TestEntropy
from tests.running.conftest import a_pool
from tests.storage.records import a_client

HASH = bcrypt.hashpw(b"old password", bcrypt.gensalt(4)).decode()
ROLE = "arn:aws:iam::123456789012:role/import-logs"
LOCK = Passphrase("a passphrase of several words")
A_CLIENT = a_client()


def csv_of(pool, users, *, hashes=False, bad=()):
    columns = [*header_of(pool), *(["password_hash"] if hashes else [])]
    lines = [",".join(columns)]
    for number in range(users):
        row = {
            "cognito:username": f"user{number:06}",
            "email": f"user{number:06}@example.com",
            "email_verified": "false" if number in bad else "true",
            "password_hash": HASH,
        }
        lines.append(",".join(row.get(column, "") for column in columns))
    return "\n".join(lines) + "\n"


class Place:
    """A directory and a database to type commands for."""

    def __init__(self, path, url, monkeypatch, capsys):
        self.path = path
        self.settings = Settings(data=path / "data", database=url, insecure_fast_passwords=True)
        self._capsys = capsys
        monkeypatch.chdir(path)

    def __call__(self, *words):
        """Status, output and errors of `cognate pool …`."""
        data = ["--data", str(self.settings.data), "--database", str(self.settings.database)]
        status = main(["pool", *map(str, words), *data])
        said = self._capsys.readouterr()
        return status, said.out, said.err

    def do(self, work):
        """What `await work(app)` returns."""

        async def run():
            app = await build(self.settings, entropy=TestEntropy())
            try:
                return await work(app)
            finally:
                await app.close()

        return asyncio.run(run())

    def pool(self):
        return self.do(lambda app: a_pool(app, auto_verified_attributes=["email"]))

    def users(self, pool):
        async def count(app):
            return await app.store.users.estimate(pool.pool_id)

        return self.do(count)

    def file(self, name, content):
        file = self.path / name
        file.write_text(content, encoding="utf-8")
        return file


@pytest.fixture
def here(tmp_path, database_url, monkeypatch, capsys):
    return Place(tmp_path, database_url, monkeypatch, capsys)


@pytest.fixture
def there(tmp_path, monkeypatch, capsys):
    """Another place, with another master key."""
    path = tmp_path / "there"
    path.mkdir()
    return Place(path, f"sqlite:///{path}/cognate.db", monkeypatch, capsys)


@pytest.fixture
def passphrase(tmp_path):
    file = tmp_path / "passphrase"
    file.write_text("a passphrase of several words\n", encoding="utf-8")
    return file


# --- export and restore --------------------------------------------------------------------------


def test_a_pool_goes_out_and_comes_in(here, there, passphrase):
    pool = here.pool()
    here("import", pool.pool_id, here.file("users.csv", csv_of(pool, 30)))
    file = here.path / "pool.archive"

    exported, said, _ = here("export", pool.pool_id, file, "--passphrase-file", passphrase)
    restored, told, _ = there("restore", file, "--passphrase-file", passphrase)

    assert exported == restored == 0
    assert f"Exported {pool.pool_id} to {file}: 30 users, " in said
    assert f"Restored {pool.pool_id}: 30 users, " in told
    assert there.users(pool) == 30
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(p.name for p in here.path.glob("*.part")) == []


def test_a_key_pair_stands_for_a_passphrase(here, there):
    for words in (
        ("genpkey", "-algorithm", "x25519", "-out", "identity.pem"),
        ("pkey", "-in", "identity.pem", "-pubout", "-out", "recipient.pem"),
    ):
        subprocess.run(["openssl", *words], check=True, cwd=here.path)
    pool = here.pool()
    file = here.path / "pool.archive"

    here("export", pool.pool_id, file, "--recipient", here.path / "recipient.pem")
    status, said, _ = there("restore", file, "--identity", here.path / "identity.pem")

    assert (status, said.partition(":")[0]) == (0, f"Restored {pool.pool_id}")


def test_what_cannot_be_exported_is_told(here, passphrase):
    pool = here.pool()
    file = here.path / "pool.archive"
    locked = ("--passphrase-file", passphrase)

    assert here("export", "us-east-1_nobody", file, *locked) == (
        1,
        "",
        "cognate: there is no pool us-east-1_nobody\n",
    )
    assert not file.exists()
    file.touch()
    assert here("export", pool.pool_id, file, *locked)[::2] == (
        2,
        f"cognate: {file} is there already\n",
    )
    assert here("export", pool.pool_id, here.path / "x", "--csv", *locked)[::2] == (
        2,
        "cognate: a CSV file is not sealed: Cognito reads it as it is\n",
    )
    assert here("export", pool.pool_id, here.path / "x", "--hashes", "BCRYPT")[0] == 2
    assert here("export", pool.pool_id, here.path / "x", "--recipient", passphrase)[::2] == (
        2,
        "cognate: the key file is not a key in PEM form without a password\n",
    )
    nowhere = here.path / "nowhere"
    assert here("export", pool.pool_id, here.path / "x", "--passphrase-file", nowhere)[::2] == (
        2,
        f"cognate: {nowhere}: No such file or directory\n",
    )


def test_an_archive_that_is_not_whole_changes_nothing(here, there, passphrase):
    pool = here.pool()
    file = here.path / "pool.archive"
    here("export", pool.pool_id, file, "--passphrase-file", passphrase)
    whole = file.read_bytes()
    other = here.file("other", "other words\n")

    def restored(content, key=passphrase):
        file.write_bytes(content)
        status, _, said = there("restore", file, "--passphrase-file", key)
        assert there.do(lambda app: app.store.pools.find(pool.pool_id)) is None
        assert there.do(lambda app: app.store.pool_rows.restored(pool.pool_id)) is None
        return status, said.removeprefix(f"cognate: {file}: ").rstrip()

    altered = bytearray(whole)
    altered[-100] ^= 1
    for content, reason in (
        (whole[:-1], "the archive is cut off"),
        (bytes(altered), "the archive was altered"),
        (whole + b"x", "there is something behind the archive's end"),
        (b"name,email\n", "the file is not a pool archive"),
    ):
        assert restored(content) == (1, reason)
    assert restored(whole, other) == (
        1,
        "the passphrase or key is not the archive's, or it was altered",
    )


def test_a_pool_that_is_here_is_not_restored_over(here, passphrase):
    pool = here.pool()
    file = here.path / "pool.archive"
    here("export", pool.pool_id, file, "--passphrase-file", passphrase)

    status, _, said = here("restore", file, "--passphrase-file", passphrase)

    assert (status, said) == (
        1,
        f"cognate: the pool {pool.pool_id} is here already; nothing was changed\n",
    )


class Interrupted(Exception):
    """Somebody pressed Ctrl-C, or the machine stopped."""


def test_an_interrupted_restore_is_seen_by_nobody_and_goes_on(here, there, passphrase, monkeypatch):
    monkeypatch.setattr(archive, "ROWS_AT_ONCE", 10)
    monkeypatch.setattr(archive, "PORTIONS_AT_ONCE", 3)
    pool = here.pool()
    here("import", pool.pool_id, here.file("users.csv", csv_of(pool, 100)))
    file = here.path / "pool.archive"
    here("export", pool.pool_id, file, "--passphrase-file", passphrase)

    def stopping(done):
        if done.rows > 150:
            raise Interrupted

    async def restore(app, progress=lambda _: None):
        with file.open("rb") as opened:
            return await archive.restore(
                app.store,
                app.keys,
                opened,
                Passphrase("a passphrase of several words"),
                account_id="000000000000",
                progress=progress,
            )

    with pytest.raises(Interrupted):
        there.do(lambda app: restore(app, stopping))
    assert there.do(lambda app: app.store.pools.find(pool.pool_id)) is None

    status, said, _ = there("restore", file, "--passphrase-file", passphrase)

    assert status == 0
    assert "rows were there from before" in said
    assert there.users(pool) == 100
    assert there.do(lambda app: app.store.pool_rows.restored(pool.pool_id)) is None


def test_another_archive_clears_what_an_unfinished_restore_left(
    here, there, passphrase, monkeypatch
):
    monkeypatch.setattr(archive, "ROWS_AT_ONCE", 10)
    monkeypatch.setattr(archive, "PORTIONS_AT_ONCE", 3)
    pool = here.pool()
    here("import", pool.pool_id, here.file("users.csv", csv_of(pool, 50)))
    first, second = here.path / "first", here.path / "second"
    for file in (first, second):
        here("export", pool.pool_id, file, "--passphrase-file", passphrase)

    def stopping(done):
        if done.rows > 60:
            raise Interrupted

    async def begin(app):
        with first.open("rb") as opened:
            await archive.restore(
                app.store, app.keys, opened, LOCK, account_id="0" * 12, progress=stopping
            )

    with pytest.raises(Interrupted):
        there.do(begin)

    assert there("restore", second, "--passphrase-file", passphrase)[0] == 0

    assert there.users(pool) == 50


def test_a_client_that_another_pool_has_is_not_taken_away(here, there, passphrase):
    pool, other = here.pool(), there.pool()

    async def add(app, owner):
        async def body(tx):
            await tx.clients.add(replace(A_CLIENT, pool_id=owner.pool_id))

        await app.store.change(body)

    here.do(lambda app: add(app, pool))
    there.do(lambda app: add(app, other))
    file = here.path / "pool.archive"
    here("export", pool.pool_id, file, "--passphrase-file", passphrase)

    status, _, said = there("restore", file, "--passphrase-file", passphrase)

    assert status == 1
    assert "something that may exist once (an app client, a domain) is here already" in said


def test_an_archive_of_a_newer_version_is_refused(here, there, monkeypatch):
    pool = here.pool()
    file = io.BytesIO()

    async def export(app):
        await archive.export(
            app.store, app.keys, TestEntropy(), pool.pool_id, file, LOCK, progress=lambda _: None
        )

    monkeypatch.setattr("cognate.storage.snapshots.schema_version", lambda: 999)
    here.do(export)
    monkeypatch.undo()
    file.seek(0)

    async def restore(app):
        await archive.restore(
            app.store, app.keys, file, LOCK, account_id="0" * 12, progress=lambda _: None
        )

    with pytest.raises(ArchiveError, match="made by a newer version of Cognate"):
        there.do(restore)


def test_nothing_is_left_of_an_interrupted_export(here, passphrase, monkeypatch):
    pool = here.pool()
    file = here.path / "pool.archive"

    async def fails(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(archive, "export", fails)
    status, _, _ = here("export", pool.pool_id, file, "--passphrase-file", passphrase)

    assert status == 130
    assert {p.name for p in here.path.iterdir()} <= {
        "data", "cognate.db", "cognate.db-turn", "cognate.db-wal", "cognate.db-shm", "passphrase",
        "there",
    }  # fmt: skip


def test_users_go_out_as_cognito_takes_them_in(here, there):
    pool = here.pool()
    content = csv_of(pool, 5, hashes=True)
    here("import", pool.pool_id, here.file("users.csv", content), "--hashes", "BCRYPT")
    file = here.path / "out.csv"

    status, said, _ = here("export", pool.pool_id, file, "--csv", "--hashes", "BCRYPT")

    assert status == 0
    assert said == (
        f"Exported 5 users of {pool.pool_id} to {file}, for an import job with"
        " PasswordHashingAlgorithm BCRYPT.\n"
    )
    # What was blank in the file is told now: nobody has MFA.
    place = header_of(pool).index("cognito:mfa_enabled")
    header, *rows = [line.split(",") for line in content.splitlines()]
    expected = [[*row[:place], "false", *row[place + 1 :]] for row in rows]
    found = [line.split(",") for line in file.read_text(encoding="utf-8").splitlines()]
    assert found[0] == header
    assert sorted(found[1:]) == expected
    other = there.pool()
    assert there("import", other.pool_id, file, "--hashes", "BCRYPT")[0] == 0
    assert there.users(other) == 5


def test_who_cannot_go_to_cognito_as_they_are_is_told(here):
    pool = here.pool()
    here(
        "import",
        pool.pool_id,
        here.file("users.csv", csv_of(pool, 3, hashes=True)),
        "--hashes",
        "BCRYPT",
    )

    _, said, _ = here("export", pool.pool_id, here.path / "out.csv", "--csv")

    assert "3 have no such hash and will have to set a new password.\n" in said


# --- import --------------------------------------------------------------------------------------


def test_an_import_says_what_it_did_and_keeps_a_log(here):
    pool = here.pool()
    file = here.file("users.csv", csv_of(pool, 10, bad={3}))

    status, said, _ = here("import", pool.pool_id, file)

    first, second, third = said.splitlines()
    job_id = first.removeprefix("Import job ")
    assert status == 0
    assert second.startswith("Succeeded: 9 users imported, 0 skipped, 1 failed, in ")
    assert third == f"Every row's outcome: cognate pool import-log {job_id}"
    status, log, _ = here("import-log", job_id)
    assert status == 0
    assert log.splitlines()[3] == (
        "[FAILED] Line Number 5 - The User Record does not set any of the auto verified"
        " attributes to true. (Example: email_verified to true)."
    )
    assert len(log.splitlines()) == 10


def test_an_import_that_fails_returns_one(here):
    pool = here.pool()

    status, said, _ = here("import", pool.pool_id, here.file("users.csv", "name\n"))

    assert status == 1
    assert "Failed: 0 users imported" in said
    assert here("import", "us-east-1_nobody", "users.csv")[::2] == (
        1,
        "cognate: User pool us-east-1_nobody does not exist.\n",
    )
    assert here("import", pool.pool_id, "nothing.csv")[::2] == (
        2,
        "cognate: nothing.csv: No such file or directory\n",
    )
    assert here("import-log", "import-0123456789")[::2] == (
        1,
        "cognate: there is no import job import-0123456789\n",
    )


def test_twenty_thousand_rows_come_in_and_the_same_file_changes_nothing(here):
    pool = here.pool()
    file = here.file("users.csv", csv_of(pool, 20_000, hashes=True))

    first, said, _ = here("import", pool.pool_id, file, "--hashes", "BCRYPT")
    second, again, _ = here("import", pool.pool_id, file, "--hashes", "BCRYPT")

    assert first == 0
    assert "Succeeded: 20,000 users imported, 0 skipped, 0 failed" in said
    assert second == 1
    assert "Failed: 0 users imported, 20,000 skipped, 0 failed" in again


async def a_started_job(app, pool, content):
    """A job that waits for a node."""
    operations, call = OPERATIONS["cognito-idp"], app.call()
    made = await operations["CreateUserImportJob"](
        call,
        CreateUserImportJobRequest(
            user_pool_id=pool.pool_id, job_name="a job", cloud_watch_logs_role_arn=ROLE
        ),
    )
    job = await app.store.import_jobs.find(pool.pool_id, made.user_import_job.job_id)

    async def chunks():
        yield content.encode()

    await uploads.receive(app.store, call.entropy, job, chunks(), now=app.clock.now())
    await operations["StartUserImportJob"](
        call, StartUserImportJobRequest(user_pool_id=pool.pool_id, job_id=job.job_id)
    )
    return job


async def test_another_node_goes_on_where_a_dead_one_stopped(a_server):
    clock = FrozenClock()
    app = await a_server(clock=clock)
    pool = await a_pool(app, auto_verified_attributes=["email"])
    rows = 3 * ROWS_AT_ONCE
    job = await a_started_job(app, pool, csv_of(pool, rows))

    def dying(job):
        if job.imported:
            raise Interrupted

    with pytest.raises(Interrupted):
        await app.imports.run_due(dying)
    half = await app.store.import_jobs.find(pool.pool_id, job.job_id)
    assert (half.status, half.imported) == (JobStatus.IN_PROGRESS, ROWS_AT_ONCE)
    other = ImportRunner(store=app.store, clock=clock, entropy=TestEntropy())
    assert await other.run_due() == 0  # the lease is not over

    clock.advance(LEASE)
    assert await other.run_due() == 1

    done = await app.store.import_jobs.find(pool.pool_id, job.job_id)
    assert (done.status, done.imported, done.skipped) == (JobStatus.SUCCEEDED, rows, 0)
    lines, after = [], 0
    while found := await app.store.import_jobs.log(pool.pool_id, job.job_id, after=after):
        after = found[0]
        lines += found[1]
    assert len(lines) == rows


async def test_of_two_nodes_one_works_on_a_job(a_server):
    app = await a_server()
    pool = await a_pool(app, auto_verified_attributes=["email"])
    await a_started_job(app, pool, csv_of(pool, 2 * ROWS_AT_ONCE))
    other = ImportRunner(store=app.store, clock=app.clock, entropy=TestEntropy())

    done = await asyncio.gather(app.imports.run_due(), other.run_due())

    assert sorted(done) == [0, 1]
    assert await app.store.users.estimate(pool.pool_id) == 2 * ROWS_AT_ONCE


async def test_a_node_whose_job_was_taken_over_stores_nothing_more(a_server):
    clock = FrozenClock()
    app = await a_server(clock=clock)
    pool = await a_pool(app, auto_verified_attributes=["email"])
    job = await a_started_job(app, pool, csv_of(pool, 2 * ROWS_AT_ONCE))
    other = ImportRunner(store=app.store, clock=clock, entropy=TestEntropy())
    [waiting] = await app.store.import_jobs.waiting(now=clock.now(), limit=1)
    stale = Turn(
        pool_id=waiting.pool_id,
        job_id=waiting.job_id,
        leased_by=waiting.leased_by,
        leased_until=waiting.leased_until,
    )

    assert await other.run(waiting) is True
    assert await app.imports.run(stale) is False

    done = await app.store.import_jobs.find(pool.pool_id, job.job_id)
    assert (done.imported, done.skipped) == (2 * ROWS_AT_ONCE, 0)


def test_an_import_that_is_interrupted_stops_and_can_be_typed_again(here):
    pool = here.pool()
    file = here.file("users.csv", csv_of(pool, 60_000))
    words = ["--data", str(here.settings.data), "--database", str(here.settings.database)]
    process = subprocess.Popen(
        [COGNATE, "pool", "import", pool.pool_id, str(file), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=here.path,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        # A run in the background ignores Ctrl-C, and would hand that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - forks before any thread of ours
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    assert process.stdout is not None
    job_id = process.stdout.readline().removeprefix("Import job ").strip()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    watchdog.cancel()

    async def found(app):
        return await app.store.import_jobs.find(pool.pool_id, job_id)

    job = here.do(found)
    assert process.returncode == 130
    assert "the same command leaves out the users who are here by now" in said
    assert job.status is JobStatus.STOPPED
    assert job.imported == here.users(pool) < 60_000
    assert here("import", pool.pool_id, file)[0] == (0 if job.imported <= 30_000 else 1)


# --- progress ------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Ticks:
    """Seconds as a test sets them."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(("stream", "between"), [(Terminal(), 0.2), (io.StringIO(), 10.0)])
def test_progress_is_shown_with_rate_and_estimate(stream, between):
    ticks = Ticks()
    line = ProgressLine("restored", "users", stream=stream, tick=ticks)

    line.show(0, 1000, share=0.0)
    ticks.now = between - 0.01
    line.show(100, 1000, share=0.1)
    assert stream.getvalue() == ""
    ticks.now = 20.0
    line.show(500, 1000, share=0.25)
    line.end()

    said = stream.getvalue()
    text = "restored 500 of 1,000 users (25%), 25 a second, 1 min 0 s left"
    assert text in said
    if stream.isatty():
        assert said == f"\r{text}\r{' ' * len(text)}\r"
    else:
        assert said == f"{text}\n"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")]
)
def test_durations_are_spoken(seconds, text):
    assert spoken(seconds) == text
