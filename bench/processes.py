"""
Servers as processes: started on chosen cores, asked what they used, ended.

Figures are the kernel's own accounting in /proc, so this runs on Linux.
"""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT = 60.0  # seconds until the first answer
STOP_TIMEOUT = 20.0
RETRY = 0.002  # seconds between two attempts to connect
TICKS = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))


class NotStarted(Exception):
    """A server ended, or did not answer in time; the text holds its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How a server is started. `environment` is added to ours; `log` takes all it prints."""

    arguments: Sequence[str]
    directory: Path
    environment: Mapping[str, str]
    log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    process: "subprocess.Popen[bytes]"
    port: int
    seconds_to_first_answer: float

    def cpu_seconds(self) -> float:
        """User and system time of all its threads, ended ones included (10 ms steps)."""
        fields = _stat(self.process.pid)
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_mb(self) -> float:
        """Of 1,000,000 bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (the second may hold blanks)."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return text.rpartition(")")[2].split()


def server_core() -> set[int]:
    return {CORES[0]}


def load_cores() -> set[int]:
    """Every core but the server's; the same one where there is only one."""
    return set(CORES[1:]) or {CORES[0]}


@contextlib.contextmanager
def running(command: Command, *, port: int, first: bytes, cores: set[int]) -> Iterator[Server]:
    """
    A server from its start to its end, after it has answered the request `first`.

    Raises:
        NotStarted: it ended, or gave no good answer in time.
    """
    command.log.parent.mkdir(parents=True, exist_ok=True)
    with command.log.open("ab") as log:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command.arguments,
            cwd=command.directory,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        os.sched_setaffinity(process.pid, cores)
        _wait_for_answer(process, port, first, command.log)
        seconds = time.perf_counter() - begin
        server = Server(process=process, port=port, seconds_to_first_answer=seconds)
        yield server
        server.stop()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait_for_answer(
    process: "subprocess.Popen[bytes]", port: int, request: bytes, log: Path
) -> None:
    deadline = time.perf_counter() + START_TIMEOUT
    while time.perf_counter() < deadline and process.poll() is None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            status, _ = ask(port, request)
            if status == 200:
                return
        time.sleep(RETRY)
    last_words = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise NotStarted(f"{' '.join(map(str, process.args))}\n{last_words}")  # type: ignore[arg-type]  # a list of words


def ask(port: int, request: bytes, *, timeout: float = 60.0) -> tuple[int, bytes]:
    """
    One request over a connection of its own: status and body.

    Raises:
        ConnectionError: refused, or closed before the answer was whole.
        TimeoutError: no answer in time.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(request)
        received = b""
        while True:
            head, end, body = received.partition(b"\r\n\r\n")
            if end:
                length = _content_length(head)
                if len(body) >= length:
                    return int(head[9:12]), body[:length]
            chunk = connection.recv(1 << 16)
            if not chunk:
                raise ConnectionError("closed before the answer was whole")
            received += chunk


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    raise ConnectionError("an answer without Content-Length")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
