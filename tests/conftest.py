"""
What every test may have: an empty database of each kind, and a word about what is missing.

A test that takes `database_url` runs once on SQLite and once on PostgreSQL. One PostgreSQL serves
the whole run, all xdist workers included. It is started by the first test that needs it and ends
with the run, however that ends: it watches a lock that this process holds (see
`tools/postgresql_server.py`). Each worker has one database there, emptied before every test, which
takes 3 ms; a new one takes 150 ms.
"""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import hypothesis
import pytest

T = TypeVar("T")

REPOSITORY = Path(__file__).parent.parent
SERVER = REPOSITORY / "tools" / "postgresql_server.py"
KINDS = ("sqlite", "postgresql")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

SCHEMA_FINGERPRINT = """
    SELECT coalesce(md5(string_agg(concat_ws(' ', attrelid, attnum, attname, atttypid), ',' ORDER BY
        attrelid, attnum)), '')
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace
"""
OTHER_CONNECTIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


# How long an example takes says something about the neighbours on this machine only.
hypothesis.settings.register_profile("cognate", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "cognate")


# --- options, markers, what is missing --------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=[*KINDS, "both"],
        default="both",
        help="the databases that tests with `database_url` run on (default: both)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = metafunc.config.getoption("database")
    kinds = KINDS if chosen == "both" else (chosen,)
    for name in ("database_url", "unmigrated_database_url"):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, kinds, indirect=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot run, and say why; where CI says it is complete, fail."""
    missing = None
    if item.get_closest_marker("browser") and not any(map(shutil.which, CHROMIUM_NAMES)):
        missing = "Chromium"
    if item.get_closest_marker("clients"):
        if shutil.which("node") is None:
            missing = "Node"
        elif not (REPOSITORY / "tests" / "clients" / "node_modules").is_dir():
            missing = "tests/clients/node_modules (`npm ci` there)"
    if missing is not None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"{missing} is missing; `make test` installs it where it may")


# --- the run's directory: who holds its lock keeps the server alive ----------------------------

RUN_DIRECTORY = pytest.StashKey[Path]()
RUN_LOCK = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        config.stash[RUN_DIRECTORY] = Path(config.workerinput["run_directory"])
        return
    directory = Path(tempfile.mkdtemp(prefix="cognate-tests-"))
    lock = os.open(directory / "alive", os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    config.stash[RUN_DIRECTORY], config.stash[RUN_LOCK] = directory, lock


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["run_directory"] = str(node.config.stash[RUN_DIRECTORY])


def pytest_unconfigure(config: pytest.Config) -> None:
    lock = config.stash.get(RUN_LOCK, None)
    if lock is None:
        return
    os.close(lock)
    directory = config.stash[RUN_DIRECTORY]
    with (directory / "server-lock").open("w") as server_lock:
        fcntl.flock(server_lock, fcntl.LOCK_EX)  # free once the server is gone
    shutil.rmtree(directory)


# --- PostgreSQL -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQLServer:
    """The run's server. Its names are `postgresql_server.Address`'s."""

    socket_directory: str
    port: int
    user: str
    password: str
    data_directory: str

    def url(self, database: str) -> str:
        """By its socket: the fastest way, without a password."""
        return f"postgresql://{self.user}@/{database}?host={self.socket_directory}&port={self.port}"

    def tcp_url(self, database: str) -> str:
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> PostgreSQLServer:
    """The one server of this run, started by whoever asks first."""
    directory = pytestconfig.stash[RUN_DIRECTORY]
    address = directory / "server.json"
    with (directory / "starting").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not address.exists():
            started = subprocess.run(
                [sys.executable, SERVER, "--while-locked", directory / "alive"],
                capture_output=True,
                check=False,
                text=True,
            )
            if started.returncode != 0:
                pytest.fail(started.stderr, pytrace=False)
            address.write_text(started.stdout)
    return PostgreSQLServer(**json.loads(address.read_text()))


class PostgreSQLDatabases:
    """One worker's databases: one that is emptied again and again, new ones on request."""

    def __init__(self, server: PostgreSQLServer, prefix: str) -> None:
        self._server = server
        self._prefix = prefix
        self._numbers = count()
        # With a loop of its own, so that the tests' loops never meet it.
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._admin = self._run(asyncpg.connect(server.url("postgres")))
        self._reused: tuple[str, Any] | None = None  # the database's name, a connection to it
        self._fingerprint = ""
        self._own_rows: frozenset[str] = frozenset()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        async def awaited() -> T:
            return await work

        return self._runner.run(awaited())

    def new(self) -> str:
        """The name of a new database with nothing in it."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self._run(self._admin.execute(f"CREATE DATABASE {name} TEMPLATE template0"))
        return name

    def drop(self, name: str) -> None:
        self._run(self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)"))

    def empty(self) -> str:
        """The URL of a database that has our schema and no rows."""
        if self._reused is None or not self._run(self._emptied(self._reused[1])):
            self._reused = self._run(self._migrated(self.new()))
        return self._server.url(self._reused[0])

    async def _migrated(self, name: str) -> tuple[str, Any]:
        from cognate.storage.postgresql import PostgresqlStore

        store = await PostgresqlStore.open(self._server.url(name), connections=1)
        await store.close()
        connection = await asyncpg.connect(self._server.url(name))
        self._fingerprint = await connection.fetchval(SCHEMA_FINGERPRINT)
        own_rows = set()
        for table in await self._tables(connection):
            if await connection.fetchrow(f'SELECT 1 FROM "{table}"'):  # noqa: S608 - our own names
                own_rows.add(table)
        self._own_rows = frozenset(own_rows)
        return name, connection

    async def _emptied(self, connection: Any) -> bool:
        """False where the test before left another schema, or cut the connection."""
        if connection.is_closed():
            return False
        await connection.execute(OTHER_CONNECTIONS)  # else one left open may hold a lock
        if await connection.fetchval(SCHEMA_FINGERPRINT) != self._fingerprint:
            await connection.close()
            return False
        await connection.execute("SET session_replication_role = replica")  # no foreign keys
        for table in await self._tables(connection):
            if table not in self._own_rows:  # what the migrations wrote themselves stays
                await connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - our own names
        return True

    async def _tables(self, connection: Any) -> list[str]:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [row["tablename"] for row in rows]

    def close(self) -> None:
        if self._reused is not None:
            self._run(self._reused[1].close())
        self._run(self._admin.close())
        self._runner.close()


@pytest.fixture(scope="session")
def postgresql_databases(
    postgresql_server: PostgreSQLServer, request: pytest.FixtureRequest
) -> Iterator[PostgreSQLDatabases]:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    databases = PostgreSQLDatabases(postgresql_server, f"test_{worker}")
    yield databases
    databases.close()


# --- what tests take --------------------------------------------------------------------------


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the kind in the test's id: `sqlite:////…/cognate.db` or `postgresql://…`."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/cognate.db"
    databases: PostgreSQLDatabases = request.getfixturevalue("postgresql_databases")
    return databases.empty()


@pytest.fixture
def unmigrated_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that never saw our schema: for tests of migrations."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/unmigrated.db"
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
    databases: PostgreSQLDatabases = request.getfixturevalue("postgresql_databases")
    name = databases.new()
    yield server.url(name)
    databases.drop(name)
