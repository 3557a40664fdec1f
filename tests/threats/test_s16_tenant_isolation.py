"""
S16, isolation of tenants: another pool's ids are as good as none.

Cases: Zitadel CVE-2025-27507, CVE-2026-105209, CVE-2026-109372; SuperTokens CVE-2026-123797,
CVE-2026-123800.
"""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from cognate.app import App
from cognate.operations.table import OPERATIONS
from tests.contract.samples import members_of, request_of
from tests.direct import Direct, Reply
from tests.inprocess import FrozenClock
from tests.populated import PASSWORD, populated
from tests.threats.conftest import serving

BUILT = sorted(OPERATIONS["cognito-idp"])
UUID = "0d5f6b1c-7a43-4e3e-89a3-1f2a3b4c5d6e"
# Names of one pool, with one of the same form that is nowhere.
NOWHERE: Mapping[str, str] = {
    "ClientId": "0nowhere0000000000000000",
    "ClientSecretId": f"0nowhere0000000000000000--{1_767_322_800_000}",
    "DEVICE_KEY": f"us-east-1_{UUID}",
    "DeviceKey": f"us-east-1_{UUID}",
    "Domain": "nowhere-domain",
    "EventId": UUID,
    "GroupName": "nowhere-staff",
    "Identifier": "https://nowhere.example",
    "ProviderName": "nowhere-login",
    "SessionId": "tkn" + "n" * 25,
    "USERNAME": "nowhere-ada",
    "Username": "nowhere-ada",
}
# Client-held state: what is nowhere is the same with another ending.
SEALED = ("REFRESH_TOKEN", "RefreshToken", "Session", "Token")


def scoped(name: str) -> list[str]:
    """The members of a request that name something in a pool which the request has told."""
    members = members_of(name)
    by_client = "ClientId" in members and "UserPoolId" not in members
    chosen = {"ClientId"} if by_client else set()
    # Nothing else tells the pool of these.
    alone = not {"UserPoolId", "ClientId", "AccessToken"} & set(members)
    return [] if alone else sorted((set(members) & {*NOWHERE, *SEALED}) - chosen)


CREATING = ("AdminCreate", "Create", "SignUp")
ENDING = ("AdminDelete", "AdminForget", "AdminRevoke", "Delete", "Forget", "Revoke", "AdminRemove")
# What makes something comes last, for then those names are there.
MATRIX = sorted(
    ((name, member) for name in BUILT for member in scoped(name)),
    key=lambda pair: (pair[0].startswith(CREATING), pair),
)
MAPS = [
    ("InitiateAuth", "USER_PASSWORD_AUTH", ("USERNAME", "DEVICE_KEY")),
    ("InitiateAuth", "USER_SRP_AUTH", ("USERNAME", "DEVICE_KEY")),
    ("InitiateAuth", "REFRESH_TOKEN_AUTH", ("REFRESH_TOKEN", "DEVICE_KEY")),
    ("AdminInitiateAuth", "ADMIN_USER_PASSWORD_AUTH", ("USERNAME", "DEVICE_KEY")),
    ("AdminInitiateAuth", "REFRESH_TOKEN_AUTH", ("REFRESH_TOKEN", "DEVICE_KEY")),
]


def nowhere(member: str, foreign: str) -> str:
    return NOWHERE.get(member) or f"{foreign[:-4]}AAAA"


def shown(answer: Reply, value: str) -> Any:
    """An answer without the name that was asked for; of a success, what kind it is."""
    if answer.status == 200:
        return (200, sorted(answer.content) if answer.content else None)
    return (answer.status, msgspec.json.encode(answer.content).decode().replace(value, "<it>"))


def rows(path: str, pool_id: str) -> list[Any]:
    """Everything that is stored of a pool."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        found = []
        for (table,) in tables.fetchall():
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            if "pool_id" in columns:
                query = f'SELECT * FROM "{table}" WHERE pool_id = ?'  # noqa: S608 - our own names
                found += [(table, *row) for row in connection.execute(query, (pool_id,))]
    return sorted(found, key=repr)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """SQLite alone, since its rows are looked at; the queries are the same text on both."""
    return str(tmp_path / "cognate.db")


@pytest_asyncio.fixture
async def app(tmp_path: Path, path: str, clock: FrozenClock) -> AsyncIterator[App]:
    async with serving(clock, tmp_path, database=f"sqlite:///{path}") as built:
        yield built


async def test_another_pools_ids_are_answered_as_those_of_nothing(
    direct: Direct, path: str
) -> None:
    here, there = await populated(direct, "here"), await populated(direct, "there")
    before = rows(path, there.pool_id)

    told_apart = {}
    for name, member in MATRIX:
        request = request_of(name, here.known)
        if "AccessToken" in members_of(name):
            request["AccessToken"] = here.known["AccessToken"]
        foreign = there.known[member]
        answers = [
            shown(await direct.ask(name, {**request, member: value}), value)
            for value in (foreign, nowhere(member, foreign))
        ]
        if answers[0] != answers[1]:
            told_apart[name, member] = answers

    assert told_apart == {}
    assert rows(path, there.pool_id) == before


async def test_another_pools_ids_inside_sign_ins_are_answered_as_those_of_nothing(
    direct: Direct, path: str
) -> None:
    here, there = await populated(direct, "here"), await populated(direct, "there")
    before = rows(path, there.pool_id)
    of_client = {"ClientId": here.client_id}

    told_apart = {}
    for name, flow, members in MAPS:
        request = {**of_client, "AuthFlow": flow}
        if name.startswith("Admin"):
            request["UserPoolId"] = here.pool_id
        parameters = {
            **{member: here.known[member] for member in members},
            **({"SRP_A": "a" * 768} if "SRP" in flow else {"PASSWORD": PASSWORD}),
        }
        for member in members:
            foreign = there.known[member]
            answers = [
                shown(
                    await direct.ask(
                        name, {**request, "AuthParameters": {**parameters, member: value}}
                    ),
                    value,
                )
                for value in (foreign, nowhere(member, foreign))
            ]
            if answers[0] != answers[1] or answers[0][0] == 200:
                told_apart[name, flow, member] = answers

    assert told_apart == {}
    assert rows(path, there.pool_id) == before


async def test_the_matrix_is_no_list_of_exceptions(direct: Direct) -> None:
    """What is right for the pool's own ids and wrong for others is most of the matrix."""
    here = await populated(direct, "here")

    telling = set()
    for name, member in MATRIX:
        request = request_of(name, here.known)
        if "AccessToken" in members_of(name):
            request["AccessToken"] = here.known["AccessToken"]
        value = nowhere(member, here.known[member])
        if name.startswith(ENDING):
            continue  # would take away what the next ones need
        own = await direct.ask(name, {**request, member: here.known[member]})
        other = await direct.ask(name, {**request, member: value})
        if shown(own, here.known[member]) != shown(other, value):
            telling.add((name, member))

    assert len(telling) > len(MATRIX) // 2
