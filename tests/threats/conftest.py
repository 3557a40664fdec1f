"""A server in the test's own loop, on each database, and somebody to attack."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from cognate.app import App, build
from cognate.config import Settings
from tests.direct import Direct
from tests.inprocess import ENDPOINT, FrozenClock, TestEntropy
from tests.populated import FLOWS, PASSWORD

CODE = "123456"  # what every code is here


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@contextlib.asynccontextmanager
async def serving(clock: FrozenClock, data: Path, **settings: Any) -> AsyncIterator[App]:
    """A server with these settings beside the usual ones; SQLite unless they say otherwise."""
    usual = {"public_url": ENDPOINT, "insecure_fast_passwords": True, "fixed_code": CODE}
    app = await build(
        Settings(data=data, **{**usual, **settings}), clock=clock, entropy=TestEntropy()
    )
    yield app
    await app.close()


@pytest_asyncio.fixture
async def app(tmp_path: Path, database_url: str, clock: FrozenClock) -> AsyncIterator[App]:
    """Override in a module where storage does not matter, or other settings do."""
    async with serving(clock, tmp_path, database=database_url) as built:
        yield built


@pytest.fixture
def direct(app: App) -> Direct:
    return Direct(app=app)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Somebody with a password and a proven e-mail address, and the client that they use."""

    pool_id: str
    client_id: str
    username: str
    password: str

    @property
    def of_pool(self) -> dict[str, str]:
        return {"UserPoolId": self.pool_id}

    @property
    def of_user(self) -> dict[str, str]:
        return {"UserPoolId": self.pool_id, "Username": self.username}


@pytest.fixture
def a_target(direct: Direct) -> Callable[..., Awaitable[Target]]:
    """`await a_target(client={CreateUserPoolClient arguments}, **CreateUserPool arguments)`."""

    async def make(*, client: dict[str, Any] | None = None, **pool: Any) -> Target:
        settings = {"PoolName": "a pool", "AutoVerifiedAttributes": ["email"], **pool}
        pool_id = (await direct("CreateUserPool", **settings))["UserPool"]["Id"]
        wanted = {"ClientName": "an app", "ExplicitAuthFlows": FLOWS, **(client or {})}
        made = await direct("CreateUserPoolClient", UserPoolId=pool_id, **wanted)
        target = Target(
            pool_id=pool_id,
            client_id=made["UserPoolClient"]["ClientId"],
            username="ada",
            password=PASSWORD,
        )
        await direct(
            "AdminCreateUser",
            **target.of_user,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": "ada@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        await direct("AdminSetUserPassword", **target.of_user, Password=PASSWORD, Permanent=True)
        return target

    return make
