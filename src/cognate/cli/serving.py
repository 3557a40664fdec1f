"""
One server process: its socket, its loop, its signals.

The socket is bound before anything slow is done, so a taken port is told at once, and callers that
are early wait instead of being refused.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import uvloop

from cognate import logs
from cognate.app import App, build
from cognate.cli.errors import Failure
from cognate.cli.http_server import Config, Server
from cognate.config import Settings
from cognate.errors import ServiceUnavailableException
from cognate.keys.master import MasterKeyError
from cognate.web.metrics import Board

log = logging.getLogger(__name__)

BACKLOG = 2048  # connections that wait to be accepted
KEEP_ALIVE = 75  # seconds; longer than the minute after which load balancers close idle connections
GRACE = 25  # seconds for requests under way; supervisors kill after 30

Prepare = Callable[[App], Awaitable[None]]
Announce = Callable[[App], None]


def serve(settings: Settings) -> int:
    """
    Run the server until it is told to stop; its exit status.

    Raises:
        ConfigurationError, Failure: it cannot be started.
    """
    with listening(settings) as listener:
        settings = at(listener, settings)
        logs.configure(settings.log_level)
        if settings.workers > 1:
            from cognate.cli.processes import supervise

            return supervise(settings, listener, announce=say_where)
        return run_process(settings, listener, announce=say_where)


def say_where(app: App) -> None:
    mode = app.settings.mode
    print(f"Cognate listens on {listening_url(app.settings)} ({mode} mode)", flush=True)


def listening_url(settings: Settings) -> str:
    """Where the socket is; the public URL may be another machine's."""
    return replace(settings, public_url=None).own_url


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """
    A socket at the host and port of `settings`.

    Raises:
        Failure: it cannot be had.
    """
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as cause:
        raise Failure(f"host {settings.host} is not an address of this machine") from cause
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as cause:
            raise Failure(
                f"cannot listen on {settings.host} port {settings.port}: {cause.strerror}"
            ) from cause
        yield listener


def at(listener: socket.socket, settings: Settings) -> Settings:
    """The settings with the port that the machine chose, where it was to choose."""
    return replace(settings, port=listener.getsockname()[1])


@contextlib.contextmanager
def told_as_failures() -> Iterator[None]:
    """What keeps a server from starting, in one line."""
    try:
        yield
    except ServiceUnavailableException as cause:
        raise Failure(f"the database cannot be used: {_reason(cause)}") from cause
    except MasterKeyError as cause:
        raise Failure(f"the master key does not fit: {cause}") from cause
    except OSError as cause:
        raise Failure(f"{cause.filename or 'a file'}: {cause.strerror or cause}") from cause


def _reason(error: ServiceUnavailableException) -> str:
    cause = error.__cause__
    return error.message if cause is None else str(cause) or type(cause).__name__


class _Server(Server):
    """uvicorn's, telling when it accepts requests."""

    def __init__(self, config: Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._tell_started()


def run_process(
    settings: Settings,
    listener: socket.socket,
    *,
    announce: Announce | None = None,
    prepare: Prepare | None = None,
    board: Board | None = None,
    lifeline: int | None = None,
) -> int:
    """
    Answer requests on `listener` until SIGTERM or SIGINT; requests under way are finished.

    `prepare` is awaited before the first answer, `announce` called when there can be one.
    `lifeline`: a pipe whose other end a supervisor holds; the process ends with it.

    Raises:
        ConfigurationError, Failure: it cannot be started.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    with told_as_failures(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serving(settings, listener, announce, prepare, board, lifeline))
    return 0


def _leave(*_: Any) -> None:
    """Before the first answer there is nothing to finish."""
    sys.exit(0)


async def _serving(
    settings: Settings,
    listener: socket.socket,
    announce: Announce | None,
    prepare: Prepare | None,
    board: Board | None,
    lifeline: int | None,
) -> None:
    app = await build(settings, board=board)
    try:
        await app.check()
        if prepare is not None:
            await prepare(app)
        config = Config(
            app.asgi,
            interface="asgi3",
            http="httptools",
            ws="none",
            loop="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
        )

        def started() -> None:
            gc.freeze()  # what is there now stays: the collector need not look at it again
            if announce is not None:
                announce(app)

        server = _Server(config, started)

        def stop(*_: Any) -> None:
            server.should_exit = True

        # uvicorn handles signals while it serves, then raises them again for these.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        if lifeline is not None:
            asyncio.get_running_loop().add_reader(lifeline, stop)
        await server.serve(sockets=[listener])
    finally:
        await app.close()
