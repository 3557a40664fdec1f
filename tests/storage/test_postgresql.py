"""What PostgreSQL alone can meet: cut connections, restarts, standbys, and not knowing."""

import asyncio
import shutil
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from cognate.errors import ServiceUnavailableException
from cognate.storage.postgresql import CONNECTIONS, PostgresqlStore, numbered
from tests.conftest import PostgreSQLDatabases, PostgreSQLServer
from tests.storage.records import POOL, a_pool, attempts, sub_of

TERMINATE_OURS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'cognate'
"""
TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def url(postgresql_databases: PostgreSQLDatabases) -> str:
    return postgresql_databases.empty()


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresqlStore]:
    one = await PostgresqlStore.open(url)
    yield one
    await one.close()


async def run(url: str, sql: str) -> None:
    raw = await asyncpg.connect(url)
    try:
        await raw.execute(sql)
    finally:
        await raw.close()


def run_at_once(url: str, sql: str) -> None:
    """From inside a body, which may wait for nothing: in a thread, while the loop stands still."""
    thread = threading.Thread(target=lambda: asyncio.run(run(url, sql)))
    thread.start()
    thread.join()


async def test_reads_and_changes_recover_from_terminated_connections_unnoticed(store, url):
    await asyncio.gather(*(store.change(lambda tx: tx.pools.find(POOL.pool_id)) for _ in range(9)))
    await run(url, TERMINATE_OURS)

    assert await store.pools.find(POOL.pool_id) is None
    await run(url, TERMINATE_OURS)
    assert await store.change(lambda tx: tx.pools.add(POOL)) is True


async def test_a_change_whose_connection_is_cut_before_the_commit_is_run_again(store, url):
    runs: list[int] = []

    async def count(tx):
        runs.append(1)
        await tx.attempts.save(attempts(len(runs)))
        if len(runs) == 1:
            run_at_once(url, TERMINATE_OURS)
        await tx.pools.add(POOL)
        return len(runs)

    assert await store.change(count) == 2

    assert await store.attempts.find(POOL.pool_id, sub_of(1), "password") == attempts(2)


async def test_a_change_whose_connection_is_cut_every_time_is_told_as_unavailable(store, url):
    runs: list[int] = []

    async def unlucky(tx):
        runs.append(1)
        run_at_once(url, TERMINATE_OURS)
        await tx.pools.add(POOL)

    with pytest.raises(ServiceUnavailableException):
        await store.change(unlucky)

    assert 1 < len(runs) < 10
    assert await store.pools.find(POOL.pool_id) is None


# --- a connection lost amid the commit ------------------------------------------------------------


class CuttingProxy:
    """Between the store and the server; cuts a connection that says COMMIT, if told to."""

    def __init__(self, url: str) -> None:
        query = parse_qs(urlsplit(url).query)
        self._socket = f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"
        self._url = urlsplit(url)
        self.cut: str | None = None  # "before" or "after" the server has the COMMIT
        self._relays: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            yield f"postgresql://{self._url.username}@127.0.0.1:{port}{self._url.path}?sslmode=disable"
        for relay in self._relays:
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _connected(
        self, from_store: asyncio.StreamReader, to_store: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        from_server, to_server = await asyncio.open_unix_connection(self._socket)
        answers = asyncio.ensure_future(self._relay(from_server, to_store))
        self._relays.add(answers)
        try:
            while data := await from_store.read(65536):
                if self.cut and b"COMMIT" in data:
                    if self.cut == "after":
                        answers.cancel()
                        to_server.write(data)
                        await from_server.read(1)  # it has answered: the commit is done
                    return
                to_server.write(data)
        finally:
            answers.cancel()
            to_store.close()
            to_server.close()

    async def _relay(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
        target.close()


@pytest.mark.parametrize(("cut", "stored"), [("before", False), ("after", True)])
async def test_a_change_whose_commit_nobody_answered_is_not_run_again(url, cut, stored):
    """Whether it was done cannot be known; running it again could do it twice."""
    proxy = CuttingProxy(url)
    runs: list[int] = []

    async def count(tx):
        runs.append(1)
        before = await tx.attempts.find(POOL.pool_id, sub_of(1), "password")
        await tx.attempts.save(attempts(1 if before is None else before.count + 1))

    async with proxy.listening() as through_proxy:
        store = await PostgresqlStore.open(through_proxy)
        proxy.cut = cut
        with pytest.raises(ServiceUnavailableException):
            await store.change(count)
        proxy.cut = None

        assert len(runs) == 1
        found = await store.attempts.find(POOL.pool_id, sub_of(1), "password")
        assert (found is not None) is stored
        await store.change(count)
        await store.close()


# --- servers that come and go ---------------------------------------------------------------------


class OwnServer:
    """A server of this story's own, to stop and start."""

    def __init__(self, directory: Path) -> None:
        sys.path.insert(0, str(TOOLS))
        try:
            import postgresql_server
        finally:
            sys.path.remove(str(TOOLS))
        self._server = postgresql_server.Server(directory)
        self._server.start()
        address = self._server.address
        self.url = (
            f"postgresql://{address.user}@/postgres"
            f"?host={address.socket_directory}&port={address.port}"
        )

    def stop(self) -> None:
        self._server.stop()

    def start_again(self) -> None:
        self._server._call("pg_ctl", "--wait", "--timeout=60", "start")


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    directory = Path(tempfile.mkdtemp(prefix="cognate-pg-"))  # short: it holds a socket
    server = OwnServer(directory)
    yield server
    server.stop()
    shutil.rmtree(directory, ignore_errors=True)


async def test_a_restart_of_the_server_is_told_as_unavailable_and_then_forgotten(own_server):
    store = await PostgresqlStore.open(own_server.url)
    await asyncio.gather(*(store.change(lambda tx: tx.pools.find(POOL.pool_id)) for _ in range(9)))
    await store.change(lambda tx: tx.pools.add(POOL))

    own_server.stop()
    for attempt in (store.check(), store.pools.find(POOL.pool_id)):
        with pytest.raises(ServiceUnavailableException):
            await attempt
    with pytest.raises(ServiceUnavailableException):
        await store.change(lambda tx: tx.pools.add(a_pool("bbbbbbbbb")))
    own_server.start_again()

    await store.check()
    assert await store.pools.find(POOL.pool_id) == POOL
    assert await store.change(lambda tx: tx.pools.add(a_pool("bbbbbbbbb"))) is True
    await store.close()


async def test_more_nodes_than_the_server_has_connections_for_are_told_as_unavailable(own_server):
    await run(own_server.url, "ALTER SYSTEM SET max_connections = 8")
    await run(own_server.url, "ALTER SYSTEM SET superuser_reserved_connections = 0")
    own_server.stop()
    own_server.start_again()
    store = await PostgresqlStore.open(own_server.url)

    async def slow(tx):
        return await tx.pools.find(POOL.pool_id)

    answers = await asyncio.gather(
        *(store.change(slow) for _ in range(4 * CONNECTIONS)), return_exceptions=True
    )

    assert {type(answer) for answer in answers} <= {type(None), ServiceUnavailableException}
    assert await store.change(slow) is None
    await store.close()


async def test_a_server_that_became_a_standby_refuses_changes_until_another_answers(store, url):
    database = urlsplit(url).path.removeprefix("/")
    await run(url, f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    await run(url, TERMINATE_OURS)
    with pytest.raises(ServiceUnavailableException):
        await store.change(lambda tx: tx.pools.add(POOL))
    assert await store.pools.find(POOL.pool_id) is None  # reading goes on

    raw = await asyncpg.connect(url)
    await raw.execute("SET default_transaction_read_only = off")
    await raw.execute(f"ALTER DATABASE {database} RESET default_transaction_read_only")
    await raw.close()

    assert await store.change(lambda tx: tx.pools.add(POOL)) is True


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda url: url.replace("host=", "host=/nowhere"), "cannot be reached"),
        (lambda url: url.replace("/test_", "/no_such_"), "refuses us"),
    ],
    ids=["no server", "no such database"],
)
async def test_a_database_that_is_not_there_is_told_at_start(url, change, told):
    with pytest.raises(ServiceUnavailableException, match=told):
        await PostgresqlStore.open(change(url))


async def test_a_wrong_password_is_told_at_start_and_not_shown(
    postgresql_server: PostgreSQLServer,
):
    wrong = postgresql_server.tcp_url("postgres").replace(postgresql_server.password, "my-secret")

    with pytest.raises(ServiceUnavailableException, match="password authentication failed") as no:
        await PostgresqlStore.open(wrong)

    assert "my-secret" not in str(no.value)


async def test_every_change_is_serializable_and_waits_for_the_disk(store, url):
    settings: dict[str, str] = {}

    async def look(connection):
        for name in ("transaction_isolation", "synchronous_commit", "application_name"):
            row = await connection.one(f"SELECT current_setting('{name}')")
            settings[name] = row[0]

    await store._change(look)

    assert settings == {
        "transaction_isolation": "serializable",
        "synchronous_commit": "on",
        "application_name": "cognate",
    }


async def test_closing_a_store_whose_server_is_gone_ends(own_server):
    store = await PostgresqlStore.open(own_server.url)
    await store.change(lambda tx: tx.pools.add(POOL))
    own_server.stop()

    await store.close()

    with pytest.raises(ServiceUnavailableException):
        await store.check()
    own_server.start_again()


WRITER = """
import asyncio, sys
from cognate.storage.postgresql import PostgresqlStore
from tests.storage.records import POOL, attempts, sub_of

async def main():
    store = await PostgresqlStore.open(sys.argv[1])

    async def count(tx):
        before = await tx.attempts.find(POOL.pool_id, sub_of(1), "password")
        await tx.attempts.save(attempts(1 if before is None else before.count + 1))

    await asyncio.gather(*(store.change(count) for _ in range(30)))
    await store.close()

asyncio.run(main())
"""


async def test_several_nodes_that_count_at_once_lose_nothing(store, url):
    nodes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, url) for _ in range(4)
    ]

    assert [await node.wait() for node in nodes] == [0] * 4

    found = await store.attempts.find(POOL.pool_id, sub_of(1), "password")
    assert found is not None
    assert found.count == 120


def test_values_are_numbered_in_their_order():
    assert numbered("SELECT ? WHERE a = ? AND b > ?") == "SELECT $1 WHERE a = $2 AND b > $3"
    assert numbered("SELECT 1") == "SELECT 1"
