"""Servers that are killed with everything they started, and requests that may stay unanswered."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/cognito-idp/aws4_request,"
    " SignedHeaders=host, Signature=00"
)
COGNATE = Path(sys.executable).with_name("cognate")
PATIENCE = 60.0  # seconds for what takes milliseconds
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)|http://localhost:(\d+)")


class Unanswered(Exception):
    """The server went away before it answered: what was asked may be done, or not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`error`: its name, None for a success."""

    error: str | None
    body: dict[str, Any]

    @property
    def granted(self) -> bool:
        return self.error is None


@dataclass(slots=True, kw_only=True)
class KillableServer:
    """`cognate serve` in a process group of its own; the same port after each start."""

    directory: Path
    database: str
    workers: int = 1
    port: int = 0
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        with (self.directory / "server.log").open("a") as log:
            self._process = subprocess.Popen(
                [
                    *(COGNATE, "serve", "--port", str(self.port)),
                    *("--database", self.database, "--data", str(self.directory)),
                    *("--workers", str(self.workers), "--insecure-fast-passwords"),
                    *("--fixed-code", "123456", "--log-level", "warning"),
                    *("--public-url", "http://cognate.test"),  # all nodes issue the same tokens
                ],
                env={k: v for k, v in os.environ.items() if not k.startswith("COGNATE_")},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := ADDRESS.search(line):
                self.port = int(found[1] or found[2])
                return
        raise AssertionError(f"the server did not start: {self.log()[-2000:]}")

    def kill(self) -> None:
        """At once, with every process it started; nothing is told to anybody."""
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def log(self) -> str:
        return (self.directory / "server.log").read_text(errors="replace")


class Caller:
    """Calls the servers in turn; counts what they acknowledge, and kills at a given count."""

    def __init__(self, servers: Sequence[KillableServer]) -> None:
        self._servers = list(servers)
        self._turn = 0
        self.acknowledged = 0
        self._kill_at: int | None = None
        self._doomed: KillableServer | None = None
        self.killed = asyncio.Event()

    def kill_after(self, acknowledged: int, doomed: KillableServer) -> None:
        self.killed.clear()
        self._kill_at = self.acknowledged + acknowledged
        self._doomed = doomed

    def use(self, servers: Sequence[KillableServer]) -> None:
        self._servers = list(servers)

    async def __call__(self, operation: str, **request: Any) -> Answer:
        """
        Raises:
            Unanswered: the server went away.
        """
        self._turn += 1
        server = self._servers[self._turn % len(self._servers)]
        try:
            answer = await asyncio.wait_for(_post(server.port, operation, request), PATIENCE)
        except (OSError, EOFError) as cause:
            raise Unanswered from cause
        self.acknowledged += 1
        if self._kill_at is not None and self.acknowledged >= self._kill_at:
            assert self._doomed is not None
            self._doomed.kill()
            self._kill_at = None
            self.killed.set()
        return answer

    async def twins(self, operation: str, **request: Any) -> list[Answer | Unanswered]:
        """The same request twice at the same time."""

        async def one() -> Answer | Unanswered:
            try:
                return await self(operation, **request)
            except Unanswered as unanswered:
                return unanswered

        return list(await asyncio.gather(one(), one()))


async def _post(port: int, operation: str, request: dict[str, Any]) -> Answer:
    body = json.dumps(request).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(
            f"POST / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n"
            "Content-Type: application/x-amz-json-1.1\r\n"
            f"X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\n"
            f"X-Amz-Date: 20260101T000000Z\r\nAuthorization: {SIGNED}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"(?i)content-length: *(\d+)", head)
        answer = await reader.readexactly(int(found[1])) if found else await reader.read()
    finally:
        writer.close()
    status = int(head.split()[1])
    content = json.loads(answer) if answer else {}
    return Answer(None if status == 200 else content["__type"], content)
