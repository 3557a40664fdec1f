"""The operations that are measured, each as a stream of prepared requests."""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Protocol

from bench.floor import signature_us
from bench.latency import Round, percentile
from bench.load import Exchange, Sample, drive
from bench.neighbours import Usage
from bench.people import PASSWORD, attributes, number, username, wire_attributes
from bench.processes import Server, server_core
from bench.requests import Template, request
from bench.srp_client import SrpClient
from bench.tokens import TokenJudge, WrongToken

ZERO = number(0)
RESULT = b"AuthenticationResult"
PAGE = 60  # users in one answer, the most that ListUsers gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A user who is signed in."""

    username: str
    access_token: str
    refresh_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    A server with `users` in one pool. `srp_users`: who can sign in by SRP; empty where the server
    has no SRP. `new_users`: numbers for users to create, never given twice.
    """

    contender: str
    server: Server
    pool_id: str
    client_id: str
    users: int
    sessions: tuple[Session, ...]
    srp_users: tuple[str, ...]
    judge: TokenJudge
    new_users: Iterator[int]

    def some_users(self) -> Iterator[int]:
        chance = random.Random(self.users)  # noqa: S311 - picks users, keeps no secret
        while True:
            yield chance.randrange(self.users)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How hard, how long (seconds), and how many requests at most."""

    connections: int
    seconds: float
    most: int = 1_000_000


class Operation(Protocol):
    """`name` is the column in results, `title` what a reader sees."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    def can_run(self, target: Target) -> bool: ...
    async def measure(self, target: Target, shape: Shape) -> Round: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """One request, one answer. `tokens`: the answer holds some, and each is verified."""

    name: str
    title: str
    exchanges: Callable[[Target], Iterator[Exchange]]
    tokens: bool = False
    most: int = 1_000_000

    def can_run(self, target: Target) -> bool:
        return target.users > 0

    async def measure(self, target: Target, shape: Shape) -> Round:
        watch = _Watch(target.server)
        sample = await drive(
            target.server.port,
            self.exchanges(target),
            connections=shape.connections,
            seconds=shape.seconds,
            most=min(self.most, shape.most),
            keep=self.tokens,
        )
        watch.stop()
        verified = 0
        if self.tokens:
            verified = _verify(target, sample)
        return _round(watch, sample, sample.latencies, sample.seconds, verified)


@dataclass(frozen=True, slots=True, kw_only=True)
class SrpSignIn:
    """
    Two requests. All first ones are sent, then the client's arithmetic is done while nobody
    waits, then all second ones: the figures hold the server's work alone.
    """

    name: str = "srp sign-in"
    title: str = "SRP sign-in (both calls)"

    def can_run(self, target: Target) -> bool:
        return bool(target.srp_users)

    async def measure(self, target: Target, shape: Shape) -> Round:
        client = SrpClient.prepared()
        watch = _Watch(target.server)
        first = await drive(
            target.server.port,
            self._first(target, client),
            connections=shape.connections,
            seconds=shape.seconds / 2,
            most=shape.most,
            keep=True,
        )
        watch.pause()
        began = sorted(first.kept, key=lambda kept: kept[0])
        answers = [
            self._second(target, client, exchange.owner, body) for _, exchange, _, body in began
        ]
        watch.resume()
        second = await drive(
            target.server.port,
            iter(answers),
            connections=shape.connections,
            seconds=shape.seconds * 4,  # what was begun is finished
            most=shape.most,
            keep=True,
        )
        watch.stop()
        verified = _verify(target, second)
        for name, times in first.errors.items():
            second.errors[name] = second.errors.get(name, 0) + times
        whole = [latency + began[ordinal][2] for ordinal, _, latency, _ in second.kept]
        return _round(watch, second, whole, first.seconds + second.seconds, verified)

    @staticmethod
    def _first(target: Target, client: SrpClient) -> Iterator[Exchange]:
        for name in cycle(target.srp_users):
            yield Exchange(
                request(
                    "InitiateAuth",
                    {
                        "ClientId": target.client_id,
                        "AuthFlow": "USER_SRP_AUTH",
                        "AuthParameters": {"USERNAME": name, "SRP_A": client.public_hex},
                    },
                ),
                b"PASSWORD_VERIFIER",
                name,
            )

    @staticmethod
    def _second(target: Target, client: SrpClient, owner: str, body: bytes) -> Exchange:
        begun = json.loads(body)
        challenge = begun["ChallengeParameters"]
        content = {
            "ClientId": target.client_id,
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": client.responses(target.pool_id, challenge, password=PASSWORD),
        }
        if "Session" in begun:
            content["Session"] = begun["Session"]
        return Exchange(request("RespondToAuthChallenge", content), RESULT, owner)


def _create_user(target: Target) -> Iterator[Exchange]:
    for index in target.new_users:
        yield Exchange(
            request(
                "AdminCreateUser",
                {
                    "UserPoolId": target.pool_id,
                    "Username": f"new{number(index)}",
                    "TemporaryPassword": PASSWORD,
                    "MessageAction": "SUPPRESS",
                    "UserAttributes": wire_attributes(index),
                },
            ),
            f"new{number(index)}".encode(),
        )


def _password_sign_in(target: Target) -> Iterator[Exchange]:
    template = Template(
        "InitiateAuth",
        {
            "ClientId": target.client_id,
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": username(0), "PASSWORD": PASSWORD},
        },
        username(0),
    )
    for index in target.some_users():
        yield Exchange(template.filled(username(index)), RESULT, username(index))


def _refresh(target: Target) -> Iterator[Exchange]:
    exchanges = [
        Exchange(
            request(
                "InitiateAuth",
                {
                    "ClientId": target.client_id,
                    "AuthFlow": "REFRESH_TOKEN_AUTH",
                    "AuthParameters": {"REFRESH_TOKEN": session.refresh_token},
                },
            ),
            RESULT,
            session.username,
        )
        for session in target.sessions
    ]
    return cycle(exchanges)


def _get_user(target: Target) -> Iterator[Exchange]:
    exchanges = [
        Exchange(
            request("GetUser", {"AccessToken": session.access_token}), session.username.encode()
        )
        for session in target.sessions
    ]
    return cycle(exchanges)


def _admin_get_user(target: Target) -> Iterator[Exchange]:
    template = Template(
        "AdminGetUser", {"UserPoolId": target.pool_id, "Username": username(0)}, username(0)
    )
    for index in target.some_users():
        name = username(index)
        yield Exchange(template.filled(name), name.encode())


def _list_filtered(target: Target) -> Iterator[Exchange]:
    email = attributes(0)["email"]
    template = Template(
        "ListUsers", {"UserPoolId": target.pool_id, "Filter": f'email = "{email}"'}, username(0)
    )
    for index in target.some_users():
        name = username(index)
        yield Exchange(template.filled(name), name.encode())


def _list_page(target: Target) -> Iterator[Exchange]:
    exchange = Exchange(
        request("ListUsers", {"UserPoolId": target.pool_id, "Limit": PAGE}), b'"Users"'
    )
    while True:
        yield exchange


class _Watch:
    """What the server and this process use between start and stop, pauses left out."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.sign_us = signature_us(server_core())
        self.server_cpu = self.own_cpu = self.seconds = self.foreign = 0.0
        self.resume()

    def resume(self) -> None:
        self._usage = Usage.now()
        self._from = self._now()

    def pause(self) -> None:
        before, after = self._from, self._now()
        server, own = after[0] - before[0], after[1] - before[1]
        seconds = after[2] - before[2]
        self.server_cpu += server
        self.own_cpu += own
        self.seconds += seconds
        self.foreign += self._usage.foreign_cores(own=server + own) * seconds

    stop = pause

    def _now(self) -> tuple[float, float, float]:
        return self._server.cpu_seconds(), time.process_time(), time.perf_counter()


def _verify(target: Target, sample: Sample) -> int:
    """How many tokens were good; an answer with a bad one counts as an error."""
    verified = 0
    for _, exchange, _, body in sample.kept:
        try:
            verified += target.judge.judge_answer(body, username=exchange.owner)
        except WrongToken:
            sample.count("WrongToken")
    return verified


def _round(
    watch: _Watch, sample: Sample, latencies: list[float], seconds: float, tokens: int
) -> Round:
    answers = len(latencies)
    ordered = sorted(latencies) or [0.0]
    return Round(
        answers=answers,
        seconds=max(seconds, 1e-9),
        p50=percentile(ordered, 0.50) * 1e3,
        p99=percentile(ordered, 0.99) * 1e3,
        cpu=watch.server_cpu / max(answers, 1) * 1e6,
        generator_cpu=watch.own_cpu / max(answers, 1) * 1e6,
        generator_busy=watch.own_cpu / watch.seconds,
        sign_us=watch.sign_us,
        foreign_cores=watch.foreign / watch.seconds,
        errors=sample.errors,
        tokens=tokens,
    )


# Creating comes last: it changes the size of the pool.
ADMIN_GET_USER = Simple(name="AdminGetUser", title="AdminGetUser", exchanges=_admin_get_user)
PASSWORD_SIGN_IN = Simple(
    name="password sign-in",
    title="password sign-in",
    exchanges=_password_sign_in,
    tokens=True,
)
OPERATIONS: tuple[Operation, ...] = (
    ADMIN_GET_USER,
    Simple(name="GetUser", title="GetUser", exchanges=_get_user),
    Simple(
        name="ListUsers filter", title='ListUsers, filter `email = "…"`', exchanges=_list_filtered
    ),
    Simple(name="ListUsers", title=f"ListUsers, a page of {PAGE}", exchanges=_list_page),
    Simple(name="refresh", title="refresh", exchanges=_refresh, tokens=True),
    PASSWORD_SIGN_IN,
    SrpSignIn(),
    Simple(
        name="AdminCreateUser",
        title="AdminCreateUser with a password",
        exchanges=_create_user,
        most=300,
    ),
)
