"""
A started server for each module and each kind of database, and clients that know its address only.

Nothing here reaches into the server: what these tests see, every user of these clients sees.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from tests.clients.node_client import NodeClient
from tests.clients.started_server import StartedServer
from tests.conftest import KINDS

PASSWORD = "Correct-horse1!"
ALL_FLOWS = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module that names its `DATABASES` runs on those alone."""
    if "server" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("database")
        kinds = getattr(metafunc.module, "DATABASES", KINDS)
        wanted = [kind for kind in kinds if chosen in (kind, "both")]
        metafunc.parametrize("server", wanted, indirect=True, scope="module")


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartedServer]:
    """`cognate serve` on an empty database of the kind in the test's id."""
    directory = tmp_path_factory.mktemp("server")
    with ExitStack() as afterwards:
        if request.param == "sqlite":
            url = f"sqlite:///{directory}/cognate.db"
        else:
            databases = request.getfixturevalue("postgresql_databases")
            name = databases.new()
            afterwards.callback(databases.drop, name)
            url = request.getfixturevalue("postgresql_server").url(name)
        arguments = ["serve", "--data", str(directory / "data"), "--database", url]
        started = StartedServer(
            arguments=[*arguments, "--insecure-fast-passwords"], directory=directory
        )
        afterwards.callback(started.stop)
        started.start()
        yield started


@pytest.fixture(scope="module")
def cognito(server: StartedServer) -> Iterator[Any]:
    """The user-pool client of boto3, over a socket."""
    client = boto3.client(
        "cognito-idp",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    yield client
    client.close()


@pytest.fixture
def clock(server: StartedServer) -> Iterator[Callable[[int], None]]:
    """`clock(seconds)` moves the server's clock forward, for the length of the test."""
    yield server.advance_clock
    server.restart()  # time goes forward only; a new process reads the machine's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class APool:
    """A pool and a client in it."""

    pool_id: str
    client_id: str
    client_secret: str | None


@pytest.fixture
def a_pool(cognito: Any) -> Callable[..., APool]:
    """`a_pool(**CreateUserPool arguments)`; `client={…}`: arguments of CreateUserPoolClient."""

    def create(*, client: dict[str, Any] | None = None, **arguments: Any) -> APool:
        arguments = {"PoolName": "a pool", "AutoVerifiedAttributes": ["email"], **arguments}
        pool_id = cognito.create_user_pool(**arguments)["UserPool"]["Id"]
        wanted = {"ClientName": "a client", "ExplicitAuthFlows": ALL_FLOWS, **(client or {})}
        made = cognito.create_user_pool_client(UserPoolId=pool_id, **wanted)["UserPoolClient"]
        return APool(
            pool_id=pool_id, client_id=made["ClientId"], client_secret=made.get("ClientSecret")
        )

    return create


@pytest.fixture
def a_user(cognito: Any) -> Callable[..., str]:
    """
    `a_user(pool, "ada")` → the name of a confirmed user with a verified address; `phone="+1…"`:
    and a verified telephone number.
    """

    def create(
        pool: APool, username: str, password: str = PASSWORD, *, phone: str | None = None
    ) -> str:
        address = username if "@" in username else f"{username}@example.com"
        attributes = {"email": address, "email_verified": "true"}
        if phone is not None:
            attributes |= {"phone_number": phone, "phone_number_verified": "true"}
        created = cognito.admin_create_user(
            UserPoolId=pool.pool_id,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": text} for name, text in attributes.items()],
        )
        cognito.admin_set_user_password(
            UserPoolId=pool.pool_id, Username=username, Password=password, Permanent=True
        )
        name: str = created["User"]["Username"]
        return name

    return create


@pytest.fixture(scope="module")
def node_client() -> Iterator[Callable[[str], NodeClient]]:
    """`node_client("amplify.mjs")`: a Node process for the module's tests."""
    started = []

    def start(script: str) -> NodeClient:
        client = NodeClient(script)
        started.append(client)
        return client

    yield start
    for client in started:
        client.close()
