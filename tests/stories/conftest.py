"""Builders for stories: a server, the SDK joined to it, pools, clients, users, and the inbox."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cognate.app import App, build
from cognate.config import Settings
from cognate.messages.outbox import content_of
from tests.inprocess import ENDPOINT, Answer, FrozenClock, LoopThread, TestEntropy, ask, sdk_client

PASSWORD = "Correct-horse1!"


@pytest.fixture(scope="session")
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


class Current:
    """The application of the test under way; SDK clients live longer."""

    app: App


@pytest.fixture(scope="session")
def current() -> Current:
    return Current()


@pytest.fixture(scope="session")
def sdk(current: Current, loop_thread: LoopThread) -> Callable[..., Any]:
    """`sdk("cognito-idp", region=…)`: a client joined to the test's application."""
    made: dict[tuple[str, str], Any] = {}

    def client(service: str, *, region: str = "us-east-1") -> Any:
        if (service, region) not in made:
            made[service, region] = sdk_client(
                service, lambda: current.app, loop_thread, region=region
            )
        return made[service, region]

    return client


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Override in a module to build the server otherwise."""
    return Settings(
        data=tmp_path,
        database=database_url,
        public_url=ENDPOINT,
        insecure_fast_passwords=True,
    )


@pytest.fixture
def app(
    settings: Settings, clock: FrozenClock, loop_thread: LoopThread, current: Current
) -> Iterator[App]:
    built = loop_thread.run(build(settings, clock=clock, entropy=TestEntropy()))
    current.app = built
    yield built
    loop_thread.run(built.close())


@pytest.fixture
def cognito(app: App, sdk: Callable[..., Any]) -> Any:
    """The user-pool client of boto3."""
    return sdk("cognito-idp")


@pytest.fixture
def http(app: App, loop_thread: LoopThread) -> Callable[..., Answer]:
    """`http("GET", "/path", headers={…}, body=b"…")`."""

    def request(
        method: str, target: str, *, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        return loop_thread.run(ask(app, method, target, headers=headers, body=body))

    return request


@pytest.fixture
def a_pool(cognito: Any) -> Callable[..., str]:
    """`a_pool(**CreateUserPool arguments)` → the pool's id."""

    def create(**arguments: Any) -> str:
        arguments.setdefault("PoolName", "a pool")
        return str(cognito.create_user_pool(**arguments)["UserPool"]["Id"])

    return create


@pytest.fixture
def a_client(cognito: Any) -> Callable[..., dict[str, Any]]:
    """`a_client(pool_id, **CreateUserPoolClient arguments)` → the client; every flow allowed."""

    def create(pool_id: str, **arguments: Any) -> dict[str, Any]:
        arguments.setdefault("ClientName", "a client")
        arguments.setdefault(
            "ExplicitAuthFlows",
            [
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
        )
        answer = cognito.create_user_pool_client(UserPoolId=pool_id, **arguments)
        client: dict[str, Any] = answer["UserPoolClient"]
        return client

    return create


@dataclass(frozen=True, slots=True, kw_only=True)
class AUser:
    pool_id: str
    client_id: str
    username: str
    password: str
    sub: str


@pytest.fixture
def a_user(
    cognito: Any, a_pool: Callable[..., str], a_client: Callable[..., dict[str, Any]]
) -> Callable[..., AUser]:
    """
    `a_user(username="ada", attributes={…}, pool_id=…, client_id=…)` → a confirmed user with a
    permanent password, in a new pool with a new client unless given.
    """

    def create(
        *,
        username: str = "ada",
        password: str = PASSWORD,
        attributes: dict[str, str] | None = None,
        pool_id: str | None = None,
        client_id: str | None = None,
    ) -> AUser:
        pool = pool_id or a_pool()
        client = client_id or a_client(pool)["ClientId"]
        created = cognito.admin_create_user(
            UserPoolId=pool,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": name, "Value": value} for name, value in (attributes or {}).items()
            ],
        )["User"]
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=username, Password=password, Permanent=True
        )
        sub = next(a["Value"] for a in created["Attributes"] if a["Name"] == "sub")
        return AUser(
            pool_id=pool,
            client_id=client,
            username=created["Username"],
            password=password,
            sub=sub,
        )

    return create


@pytest.fixture
def inbox(app: App, loop_thread: LoopThread) -> Callable[[str], list[Any]]:
    """`inbox("ada@example.com")` → the messages to that address, newest first."""

    async def read(recipient: str) -> list[Any]:
        found = []
        for queued in await app.store.messages.newest(limit=100):
            pool = await app.store.pools.find(queued.pool_id)
            assert pool is not None
            message = content_of(await app.keys.of_pool(pool), queued)
            if message.recipient == recipient:
                found.append(message)
        return found

    def messages(recipient: str) -> list[Any]:
        return loop_thread.run(read(recipient))

    return messages
