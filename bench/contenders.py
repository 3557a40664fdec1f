"""The servers that are measured beside one another, as installed from their registries."""

import contextlib
import importlib.metadata
import importlib.util
import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from bench import people
from bench.operations import RESULT, Session, Target
from bench.processes import Command, Server, ask, free_port, running, server_core
from bench.requests import get, request
from bench.tokens import TokenJudge

HERE = Path(__file__).parent
REPOSITORY = HERE.parent
HOST = "cognito-idp.us-east-1.amazonaws.com"
LIST_POOLS = request("ListUserPools", {"MaxResults": 1})
PEERS_SESSIONS = 50  # users who sign in before a peer is measured …
PEERS_PATIENCE = 10.0  # … in so many seconds, one at least


class CannotSeed(Exception):
    """A server did not take its users."""


class Contender(Protocol):
    """`sizes`: the pools it is measured with, as far as it stays usable."""

    @property
    def name(self) -> str: ...
    def version(self) -> str: ...
    def missing(self) -> str | None:
        """Why it cannot run here, or None."""

    def empty(self, directory: Path) -> tuple[Command, int]:
        """How it is started with nothing in it, and on which port."""

    def with_users(
        self, directory: Path, users: int, *, cores: set[int] | None = None
    ) -> contextlib.AbstractContextManager[Target]:
        """The server with that many users; `cores`: where it may run, else on its own one."""


@dataclass(frozen=True, slots=True)
class Cognate:
    """SQLite with synchronous=FULL, one process: the defaults of `cognate serve`."""

    name: str = "Cognate"
    url: str = "http://cognate.test"

    def version(self) -> str:
        return importlib.metadata.version("cognate")

    def missing(self) -> str | None:
        return None

    def empty(self, directory: Path) -> tuple[Command, int]:
        port = free_port()
        program = Path(sys.executable).with_name("cognate")
        arguments = [program, "serve", "--port", str(port), "--data", directory / "data"]
        return _command([*map(str, arguments), "--public-url", self.url], directory), port

    @contextlib.contextmanager
    def with_users(
        self, directory: Path, users: int, *, cores: set[int] | None = None
    ) -> Iterator[Target]:
        data = directory / "data"
        seeding = [sys.executable, "-m", "bench.seed_cognate", str(data), str(users), self.url]
        subprocess.run(seeding, cwd=REPOSITORY, check=True)
        state = json.loads((data / "bench.json").read_bytes())
        command, port = self.empty(directory)
        with running(command, port=port, first=LIST_POOLS, cores=cores or server_core()) as server:
            yield Target(
                contender=self.name,
                server=server,
                pool_id=state["pool_id"],
                client_id=state["client_id"],
                users=users,
                sessions=tuple(Session(**session) for session in state["sessions"]),
                srp_users=tuple(session["username"] for session in state["sessions"]),
                judge=_judge(server, state, issuer=f"{self.url}/{state['pool_id']}"),
                new_users=count(users),
            )


@dataclass(frozen=True, slots=True)
class Moto:
    """moto server. It has SRP's messages, but takes any proof: there is no arithmetic in it."""

    name: str = "moto"

    def version(self) -> str:
        return importlib.metadata.version("moto")

    def missing(self) -> str | None:
        return None if importlib.util.find_spec("moto") else "moto is not installed"

    def empty(self, directory: Path) -> tuple[Command, int]:
        port = free_port()
        program = Path(sys.executable).with_name("moto_server")
        return _command([str(program), "-H", "127.0.0.1", "-p", str(port)], directory), port

    @contextlib.contextmanager
    def with_users(
        self, directory: Path, users: int, *, cores: set[int] | None = None
    ) -> Iterator[Target]:
        port, summary = free_port(), directory / "moto.json"
        arguments = [sys.executable, "-m", "bench.seed_moto", str(port), str(users), str(summary)]
        command = _command(arguments, directory, working=REPOSITORY)
        with running(command, port=port, first=LIST_POOLS, cores=cores or server_core()) as server:
            state = json.loads(summary.read_bytes())
            sessions = _signed_in(server, state["client_id"], users)
            yield Target(
                contender=self.name,
                server=server,
                pool_id=state["pool_id"],
                client_id=state["client_id"],
                users=users,
                sessions=sessions,
                srp_users=tuple(session.username for session in sessions),
                judge=_judge(server, state, issuer=f"https://{HOST}/{state['pool_id']}"),
                new_users=count(users),
            )


@dataclass(frozen=True, slots=True)
class CognitoLocal:
    """cognito-local, its users written into the JSON file that is its database."""

    name: str = "cognito-local"

    def version(self) -> str:
        package = HERE / "node_modules" / "cognito-local" / "package.json"
        return str(json.loads(package.read_bytes())["version"])

    def missing(self) -> str | None:
        if shutil.which("node") is None or shutil.which("npm") is None:
            return "Node and npm are not installed"
        installed = _npm_ci()
        return None if installed else "npm ci failed in bench/"

    def empty(self, directory: Path) -> tuple[Command, int]:
        port = free_port()
        settings = directory / ".cognito" / "config.json"
        settings.parent.mkdir(parents=True, exist_ok=True)
        # By default it takes e-mail addresses only for user names.
        settings.write_text('{"UserPoolDefaults": {"UsernameAttributes": []}}', encoding="utf-8")
        script = HERE / "node_modules" / "cognito-local" / "lib" / "bin" / "start.js"
        return _command(
            ["node", str(script)],
            directory,
            environment={"HOST": "127.0.0.1", "PORT": str(port)},
        ), port

    @contextlib.contextmanager
    def with_users(
        self, directory: Path, users: int, *, cores: set[int] | None = None
    ) -> Iterator[Target]:
        state = self._create_pool(directory)
        self._write_users(directory, state["pool_id"], users)
        command, port = self.empty(directory)
        with running(command, port=port, first=LIST_POOLS, cores=cores or server_core()) as server:
            issuer = f"http://127.0.0.1:{port}/{state['pool_id']}"
            yield Target(
                contender=self.name,
                server=server,
                pool_id=state["pool_id"],
                client_id=state["client_id"],
                users=users,
                sessions=_signed_in(server, state["client_id"], users),
                srp_users=(),
                judge=_judge(server, state, issuer=issuer),
                new_users=count(users),
            )

    def _create_pool(self, directory: Path) -> dict[str, str]:
        command, port = self.empty(directory)
        with running(command, port=port, first=LIST_POOLS, cores=server_core()):
            pool = _asked(port, "CreateUserPool", {"PoolName": "bench"})["UserPool"]
            client = _asked(
                port,
                "CreateUserPoolClient",
                {"UserPoolId": pool["Id"], "ClientName": "bench"},
            )["UserPoolClient"]
        return {"pool_id": pool["Id"], "client_id": client["ClientId"]}

    @staticmethod
    def _write_users(directory: Path, pool_id: str, users: int) -> None:
        file = directory / ".cognito" / "db" / f"{pool_id}.json"
        stored = json.loads(file.read_bytes())
        now = "2026-01-01T00:00:00.000Z"
        stored["Users"] = {
            people.username(index): {
                "Username": people.username(index),
                "Password": people.PASSWORD,
                "Attributes": [
                    *people.wire_attributes(index),
                    {"Name": "sub", "Value": str(uuid.uuid4())},
                ],
                "Enabled": True,
                "UserStatus": "CONFIRMED",
                "UserCreateDate": now,
                "UserLastModifiedDate": now,
                "RefreshTokens": [],
            }
            for index in range(users)
        }
        file.write_text(json.dumps(stored, indent=2), encoding="utf-8")


CONTENDERS: tuple[Contender, ...] = (Cognate(), Moto(), CognitoLocal())


def _command(
    arguments: Sequence[str],
    directory: Path,
    *,
    environment: dict[str, str] | None = None,
    working: Path | None = None,
) -> Command:
    directory.mkdir(parents=True, exist_ok=True)
    return Command(
        arguments=arguments,
        directory=working or directory,
        environment=environment or {},
        log=directory / "log.txt",
    )


def _asked(port: int, operation: str, content: dict[str, Any]) -> dict[str, Any]:
    status, body = ask(port, request(operation, content))
    if status != 200:
        raise CannotSeed(f"{operation}: {status} {body[:300]!r}")
    answer: dict[str, Any] = json.loads(body)
    return answer


def _signed_in(server: Server, client_id: str, users: int) -> tuple[Session, ...]:
    """Some users signed in through the API, one after the other, as many as time allows."""
    sessions: list[Session] = []
    before = server.cpu_seconds()
    for index in people.sample(users, PEERS_SESSIONS):
        if sessions and server.cpu_seconds() - before > PEERS_PATIENCE:
            break
        name = people.username(index)
        answer = _asked(
            server.port,
            "InitiateAuth",
            {
                "ClientId": client_id,
                "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": name, "PASSWORD": people.PASSWORD},
            },
        )
        result = answer[RESULT.decode()]
        sessions.append(
            Session(
                username=name,
                access_token=result["AccessToken"],
                refresh_token=result["RefreshToken"],
            )
        )
    return tuple(sessions)


def _judge(server: Server, state: dict[str, Any], *, issuer: str) -> TokenJudge:
    status, document = ask(server.port, get(f"/{state['pool_id']}/.well-known/jwks.json", HOST))
    if status != 200:
        raise CannotSeed(f"jwks.json: {status} {document[:300]!r}")
    return TokenJudge.from_jwks(document, issuer=issuer, client_id=state["client_id"])


def _npm_ci() -> bool:
    """Install what the lock file says, unless that was done."""
    stamp = HERE / "node_modules" / ".cognate-bench"
    lock = (HERE / "package-lock.json").read_bytes()
    if stamp.exists() and stamp.read_bytes() == lock:
        return True
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        cwd=HERE,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode == 0:
        stamp.write_bytes(lock)
    return done.returncode == 0
