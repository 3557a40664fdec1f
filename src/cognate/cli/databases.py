"""Working on the database itself, without a server in between."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cognate.app import App, build
from cognate.cli.serving import told_as_failures
from cognate.config import Settings

T = TypeVar("T")


def on_database(settings: Settings, work: Callable[[App], Awaitable[T]]) -> T:
    """
    Raises:
        Failure: the database cannot be used.
    """

    async def run() -> T:
        app = await build(settings)
        try:
            await app.check()
            return await work(app)
        finally:
            await app.close()

    with told_as_failures():
        return asyncio.run(run())
