"""
`kill -9` amid writes, again and again: nothing acknowledged is lost, nothing is honoured twice.

Each round runs users through their lives at the same time, every single-use thing asked for twice
at once, kills after a number of acknowledged answers, starts again and asks about everything.
"""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest

from tests.faults.killable import Caller, KillableServer, Unanswered
from tests.faults.lives import Ledger, Life

AT_ONCE = 12  # users whose lives go on at the same time
MOST_ANSWERS = 150  # before the kill

StartServers = Callable[..., list[KillableServer]]


@pytest.fixture
def servers(tmp_path: Path, database_url: str) -> Iterator[StartServers]:
    """`servers(nodes, workers=…)`: started, on the test's database; killed afterwards."""
    started: list[KillableServer] = []

    def start(nodes: int, *, workers: int) -> list[KillableServer]:
        for _ in range(nodes):
            server = KillableServer(directory=tmp_path, database=database_url, workers=workers)
            started.append(server)
            server.start()
        return started

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def is_whole(database_url: str) -> Callable[[], bool]:
    """Whether SQLite finds its file in order; PostgreSQL was not killed."""

    def check() -> bool:
        if not database_url.startswith("sqlite:"):
            return True
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as raw:
            return bool(raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)])

    return check


class Rounds:
    """Rounds of lives on some servers, of which the first is killed in each."""

    def __init__(self, servers: list[KillableServer]) -> None:
        self._servers = servers
        self._call = Caller(servers)
        self._chance = random.Random(len(servers))  # noqa: S311 - nothing secret
        self._numbers = count()
        self._pool_id = self._client_id = ""
        self._lives: list[Life] = []

    async def make_a_pool(self) -> None:
        pool = await self._call(
            "CreateUserPool", PoolName="a pool", AutoVerifiedAttributes=["email"]
        )
        assert pool.granted, pool
        self._pool_id = pool.body["UserPool"]["Id"]
        client = await self._call(
            "CreateUserPoolClient",
            UserPoolId=self._pool_id,
            ClientName="a client",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
            RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
        )
        assert client.granted, client
        self._client_id = client.body["UserPoolClient"]["ClientId"]

    async def one(self) -> None:
        lived: list[Life] = []
        doomed = self._servers[0]
        self._call.use(self._servers)
        self._call.kill_after(self._chance.randint(1, MOST_ANSWERS), doomed)

        async def lives() -> None:
            while not self._call.killed.is_set():
                life = self._new_life()
                lived.append(life)
                with suppress(Unanswered):
                    await life.live()

        await asyncio.gather(*(lives() for _ in range(AT_ONCE)))

        if len(self._servers) > 1:  # another node knows it all, before the dead one is back
            self._call.use(self._servers[1:])
            await self._check(lived[::2])
            doomed.start()
            self._call.use([doomed])
            await self._check(lived[1::2])
        else:
            doomed.start()
            await self._check(lived)
        self._lives += lived

    async def look_back(self) -> None:
        """What was there after its own round is there after all of them."""
        for life in self._lives:
            if life.ledger.exists and life.ledger.confirmed:
                answer = await life.try_password(life.ledger.password)
                assert answer.granted, (answer, life.ledger)

    def _new_life(self) -> Life:
        return Life(
            call=self._call,
            pool_id=self._pool_id,
            client_id=self._client_id,
            ledger=Ledger(username=f"user-{next(self._numbers)}"),
        )

    async def _check(self, lives: list[Life]) -> None:
        waiting = iter(lives)

        async def check() -> None:
            for life in waiting:
                await life.check()

        await asyncio.gather(*(check() for _ in range(AT_ONCE)))


async def killed_and_checked(servers: list[KillableServer], rounds: int) -> None:
    story = Rounds(servers)
    await story.make_a_pool()
    for _ in range(rounds):
        await story.one()
    await story.look_back()


@pytest.mark.parametrize(
    ("nodes", "workers", "rounds"),
    [
        pytest.param(1, 1, 6, id="one-process"),
        pytest.param(1, 2, 3, id="two-workers"),
        pytest.param(2, 1, 3, id="two-nodes"),
        pytest.param(1, 1, 100, id="one-process-long", marks=pytest.mark.soak),
        pytest.param(1, 2, 100, id="two-workers-long", marks=pytest.mark.soak),
        pytest.param(2, 1, 100, id="two-nodes-long", marks=pytest.mark.soak),
    ],
)
async def test_a_killed_server_lost_nothing_it_acknowledged(
    servers, is_whole, nodes, workers, rounds
):
    await killed_and_checked(servers(nodes, workers=workers), rounds)

    assert is_whole()
