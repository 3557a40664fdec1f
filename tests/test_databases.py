"""The databases that tests are given: empty each time, and gone with the run."""

import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

REPOSITORY = Path(__file__).parent.parent

STORY = """
import os, signal
from pathlib import Path
from tests.conftest import RUN_DIRECTORY

def test_on_postgresql(database_url, postgresql_server, pytestconfig):
    data = Path(postgresql_server.data_directory)
    assert data.is_dir()
    Path(os.environ["SHOW"]).write_text(f"{pytestconfig.stash[RUN_DIRECTORY]}\\n{data}")
    if os.environ.get("DIE"):
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_a_database_shows_no_trace_of_the_test_before(database_url, turn):
    if database_url.startswith("sqlite:"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
            assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
            connection.execute("CREATE TABLE client_pools (client_id TEXT)")
        return

    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetch("SELECT * FROM client_pools") == []
        assert await connection.fetch("SELECT * FROM user_search") == []
        await connection.execute("INSERT INTO client_pools VALUES ('a client', 'a pool')")
        await connection.execute("DROP TABLE user_search")
    finally:
        await connection.close()


async def test_a_database_for_migrations_has_no_tables(unmigrated_database_url):
    if unmigrated_database_url.startswith("sqlite:"):
        assert not Path(unmigrated_database_url.removeprefix("sqlite:///")).exists()
        return

    connection = await asyncpg.connect(unmigrated_database_url)
    try:
        assert await connection.fetch("SELECT * FROM pg_tables WHERE schemaname = 'public'") == []
    finally:
        await connection.close()


async def test_the_server_asks_for_a_password_outside_its_own_directory(postgresql_server):
    stranger = postgresql_server.tcp_url("postgres").replace(postgresql_server.password, "wrong")

    known = await asyncpg.connect(postgresql_server.tcp_url("postgres"))
    await known.close()

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(stranger)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_server_is_gone_when_the_run_has_ended(tmp_path, workers):
    ended, run_directory, data_directory = a_run(tmp_path, workers=workers)

    assert ended.returncode == 0, ended.stdout
    assert not data_directory.exists()
    assert not run_directory.exists()


def test_the_server_goes_also_when_the_run_is_killed(tmp_path):
    killed, run_directory, data_directory = a_run(tmp_path, die="yes")

    assert killed.returncode == -signal.SIGKILL
    with (run_directory / "server-lock").open() as server_lock:
        fcntl.flock(server_lock, fcntl.LOCK_EX)  # held for as long as the server is there
    assert not data_directory.exists()
    shutil.rmtree(run_directory)


def a_run(
    directory: Path, *, workers: str = "0", die: str = ""
) -> tuple[subprocess.CompletedProcess[str], Path, Path]:
    """A run of its own with one test on PostgreSQL; its directory and its server's."""
    story, shown = directory / "test_story.py", directory / "shown"
    story.write_text(STORY)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.conftest", "-n", workers),
            *("--config-file", REPOSITORY / "pyproject.toml", "--database", "postgresql", story),
        ],
        check=False,
        cwd=REPOSITORY,
        env=environment | {"SHOW": str(shown), "DIE": die},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    run_directory, data_directory = shown.read_text().splitlines()
    return ended, Path(run_directory), Path(data_directory)
