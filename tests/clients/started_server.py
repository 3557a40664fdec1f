"""Cognate as people start it: a process of its own, reached over a socket."""

import json
import os
import re
import selectors
import signal
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

REPOSITORY = Path(__file__).parent.parent.parent
COGNATE = REPOSITORY / ".venv" / "bin" / "cognate"
STARTED_WITHIN = 30.0  # seconds; it takes less than one, neighbours may take their share
STOPPED_WITHIN = 15.0  # seconds
ADDRESS = re.compile(rb"https?://[\w.\[\]:-]+:\d+")


@dataclass(slots=True, kw_only=True)
class StartedServer:
    """
    `arguments`: of `cognate`, without the port. `directory`: where it runs and keeps its data and
    what it said (`server.log`). The port is the server's choice, the same again after a restart.
    """

    arguments: Sequence[str]
    directory: Path
    url: str = ""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        port = urlsplit(self.url).port or 0
        with (self.directory / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [COGNATE, *self.arguments, "--port", str(port)],
                cwd=self.directory,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        try:
            self.url = self._printed_address()
            self.get("/health/ready")
        except BaseException:
            self.kill()
            raise

    def _printed_address(self) -> str:
        """The first address on its standard output."""
        assert self._process is not None
        assert self._process.stdout is not None
        printed = b""
        give_up = time.monotonic() + STARTED_WITHIN
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while time.monotonic() < give_up:
                if not selector.select(timeout=give_up - time.monotonic()):
                    continue
                chunk = os.read(self._process.stdout.fileno(), 65536)
                printed += chunk
                lines = printed.rpartition(b"\n")[0]
                if found := ADDRESS.search(lines):
                    return found[0].decode()
                if not chunk:
                    break
        raise AssertionError(f"no address from cognate; it said {printed!r} and {self.log()}")

    def stop(self) -> None:
        """As a service manager does; it must end by itself, without an error."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(timeout=STOPPED_WITHIN)
        finally:
            self.kill()
        assert status == 0, f"cognate ended with {status}: {self.log()}"

    def kill(self) -> None:
        """Nothing of it is left after this."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def restart(self) -> None:
        """A new process at the same address, on the same data."""
        self.stop()
        self.start()

    def log(self) -> str:
        return (self.directory / "server.log").read_text(errors="replace")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
            return bytes(answer.read())

    def inbox(self, recipient: str) -> list[dict[str, Any]]:
        """The messages to that address, newest first."""
        found: list[dict[str, Any]] = json.loads(
            self.get(f"/_cognate/inbox?to={quote(recipient)}")
        )["messages"]
        return found

    def code(self, recipient: str) -> str:
        """The code of the newest message to that address."""
        code = self.inbox(recipient)[0]["code"]
        assert isinstance(code, str)
        return code

    def jwks(self, pool_id: str) -> dict[str, Any]:
        keys: dict[str, Any] = json.loads(self.get(f"/{pool_id}/.well-known/jwks.json"))
        return keys

    def advance_clock(self, seconds: int) -> None:
        request = urllib.request.Request(
            f"{self.url}/_cognate/clock",
            data=json.dumps({"advance": seconds}).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200


def _environment() -> dict[str, str]:
    """This process's, without settings of Cognate that the person at the keyboard may have."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COGNATE_")}


def another_code(code: str) -> str:
    """One that was not sent."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"
