"""
The load generator: prepared requests over a few keep-alive connections, each waiting its answer.

One protocol object per connection on uvloop, no HTTP library: about ten microseconds a request, so
that the server is what is measured. Every answer is looked at; bodies are kept only where asked.
"""

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

HEAD_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
ERROR_TYPE = re.compile(rb'"(?:__type|code)"\s*:\s*"([^"]{1,80})"')
CONNECT_TIMEOUT = 10.0  # seconds
PATIENCE = 30.0  # seconds that a round waits for the answers still under way


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    One request as sent, and the bytes that a right answer's body holds. `owner`: the user whose
    tokens it asks for.
    """

    request: bytes
    expected: bytes
    owner: str = ""


@dataclass(slots=True, kw_only=True)
class Sample:
    """
    What one drive saw. `latencies`: seconds, in order of arrival. `kept`: which request (counted
    from 0), its exchange, its latency and the body of the answer.
    """

    latencies: list[float] = field(default_factory=list)
    kept: list[tuple[int, Exchange, float, bytes]] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def count(self, error: str) -> None:
        self.errors[error] = self.errors.get(error, 0) + 1


class _Drive:
    """The state that the connections of one drive share."""

    def __init__(
        self, port: int, exchanges: Iterator[Exchange], *, most: int, keep: bool, interval: float
    ) -> None:
        self.port = port
        self.exchanges = exchanges
        self.most = most
        self.keep = keep
        self.interval = interval
        self.sample = Sample()
        self.begun = 0
        self.until = 0.0
        self.last_answer = 0.0
        self.active = 0
        self.finished = asyncio.Event()

    def next(self) -> Exchange | None:
        if self.begun >= self.most or time.perf_counter() >= self.until:
            return None
        exchange = next(self.exchanges, None)
        if exchange is not None:
            self.begun += 1
        return exchange

    async def connect(self, connection: "_Connection") -> None:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            await asyncio.get_running_loop().create_connection(
                lambda: connection, "127.0.0.1", self.port
            )

    def retire(self) -> None:
        self.active -= 1
        if self.active == 0:
            self.finished.set()


class _Connection(asyncio.Protocol):
    """One client: opens its connection anew where the server closes it after an answer."""

    def __init__(self, drive: _Drive) -> None:
        self._drive = drive
        self._transport: asyncio.Transport | None = None
        self._exchange: Exchange | None = None
        self._reconnecting: asyncio.Task[None] | None = None
        self._ordinal = 0
        self._sent = 0.0
        self._head = b""
        self._chunks: list[bytes] = []
        self._missing = -1  # bytes of the body still to come; -1: the head is not complete

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one but in name

    def connection_lost(self, exc: Exception | None) -> None:
        if self._exchange is not None:
            self._exchange = None
            self._drive.sample.count("ConnectionLost")
            self._drive.retire()

    def close(self) -> None:
        self._exchange = None
        if self._reconnecting is not None:
            self._reconnecting.cancel()
        if self._transport is not None:
            self._transport.abort()

    async def _reconnect(self) -> None:
        began = time.perf_counter()
        try:
            await self._drive.connect(self)
        except OSError:
            self._drive.sample.count("CannotConnect")
            self._drive.retire()
        else:
            self.send(began)

    def send(self, began: float = 0.0) -> None:
        """The next request; `began`: when its connection was asked for, where it needed one."""
        drive = self._drive
        exchange = drive.next()
        self._exchange = exchange
        if exchange is None:
            drive.retire()
            return
        assert self._transport is not None
        self._ordinal = drive.begun - 1
        self._head, self._chunks, self._missing = b"", [], -1
        self._sent = began or time.perf_counter()
        self._transport.write(exchange.request)

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._head += data
            end = self._head.find(HEAD_END)
            if end < 0:
                return
            length = CONTENT_LENGTH.search(self._head, 0, end + 2)
            if length is None:
                self._answered(b"", status=0)  # chunked: none of the servers here does so
                return
            data = self._head[end + len(HEAD_END) :]
            self._missing = int(length[1])
        self._chunks.append(data)
        self._missing -= len(data)
        if self._missing <= 0:
            body = data if len(self._chunks) == 1 else b"".join(self._chunks)
            self._answered(body, status=int(self._head[9:12]))

    def _answered(self, body: bytes, *, status: int) -> None:
        drive, exchange = self._drive, self._exchange
        if exchange is None:
            return
        now = time.perf_counter()
        drive.last_answer = now
        self._exchange = None
        sample = drive.sample
        if status != 200:
            found = ERROR_TYPE.search(body)
            sample.count(found[1].decode() if found else f"HTTP {status}")
        elif exchange.expected not in body:
            sample.count("WrongAnswer")
        else:
            sample.latencies.append(now - self._sent)
            if drive.keep:
                sample.kept.append((self._ordinal, exchange, now - self._sent, body))
        if CLOSES.search(self._head):
            assert self._transport is not None
            self._transport.close()
            self._reconnecting = asyncio.create_task(self._reconnect())
        elif drive.interval:
            asyncio.get_running_loop().call_later(drive.interval, self.send)
        else:
            self.send()


async def drive(  # noqa: PLR0913 - a load has this many parts
    port: int,
    exchanges: Iterator[Exchange],
    *,
    connections: int,
    seconds: float,
    most: int,
    keep: bool = False,
    interval: float = 0.0,
) -> Sample:
    """
    Send `exchanges` for `seconds`, or until `most` are sent or none is left.

    Each connection sends its next request when its answer is there, after `interval` seconds. Where
    a server closes the connection, opening the next one is part of the next request. The time
    counted ends with the last answer.
    """
    state = _Drive(port, exchanges, most=most, keep=keep, interval=interval)
    made = [_Connection(state) for _ in range(connections)]
    try:
        for connection in made:
            await state.connect(connection)
        state.active = len(made)
        begin = state.last_answer = time.perf_counter()
        state.until = begin + seconds
        for connection in made:
            connection.send()
        try:
            async with asyncio.timeout(seconds + PATIENCE):
                await state.finished.wait()
        except TimeoutError:
            state.sample.count("NoAnswerInTime")
        state.sample.seconds = state.last_answer - begin
    finally:
        for connection in made:
            connection.close()
    return state.sample
