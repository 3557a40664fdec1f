"""Servers built in the test's own loop, and pools in them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest_asyncio

from cognate.app import App, build
from cognate.config import Settings
from cognate.domain.messages import Message
from cognate.domain.pools import Pool
from cognate.operations.table import OPERATIONS
from cognate.wire.cognito_idp import CreateUserPoolRequest
from tests.inprocess import ENDPOINT, FrozenClock, TestEntropy


@pytest_asyncio.fixture
async def a_server(tmp_path: Path, database_url: str) -> Any:
    """`await a_server(mode="production", …)` → an App on the test's database; as many as wanted."""
    built: list[App] = []

    async def make(*, clock: FrozenClock | None = None, **settings: Any) -> App:
        wanted = replace(
            Settings(
                data=tmp_path,
                database=database_url,
                public_url=ENDPOINT,
                insecure_fast_passwords=True,
            ),
            **settings,
        )
        app = await build(wanted, clock=clock or FrozenClock(), entropy=TestEntropy())
        built.append(app)
        return app

    yield make
    for app in built:
        await app.close()


async def a_pool(app: App, **settings: Any) -> Pool:
    created = await OPERATIONS["cognito-idp"]["CreateUserPool"](
        app.call(), CreateUserPoolRequest(pool_name="a pool", **settings)
    )
    pool = await app.store.pools.find(created.user_pool.id)
    assert pool is not None
    return pool


async def put(app: App, pool: Pool, message: Message) -> None:
    """As an operation does: inside a change."""
    call = app.call()
    keys = await call.keys.of_pool(pool)

    async def change(tx: Any) -> None:
        await call.outbox.put(tx, keys, pool, message)

    await app.store.change(change)


def a_message(**parts: Any) -> Message:
    given: dict[str, Any] = {
        "recipient": "ada@example.com",
        "channel": "email",
        "subject": "Your verification code",
        "body": "Your verification code is 123456. ",
        "code": "123456",
    }
    return Message(**(given | parts))


MakeServer = Callable[..., Awaitable[App]]
