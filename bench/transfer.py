"""
Users in and out, measured: `.venv/bin/python bench/transfer.py [--users N] [--rows N]`.

Imports a CSV file with hashes, exports a pool and restores it elsewhere, each by the command that a
person types, in a process of its own. The figures go to `bench/results/transfer.json` and into
`docs/performance.md`.
"""

import argparse
import asyncio
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from bench import people  # noqa: E402 - the path is set above
from cognate.app import App, build  # noqa: E402
from cognate.config import Settings  # noqa: E402
from cognate.domain.families import TokenFamily  # noqa: E402
from cognate.domain.ids import ClientId, OriginJti, PoolId, Sub  # noqa: E402
from cognate.domain.passwords import Credential  # noqa: E402
from cognate.domain.pools import Pool  # noqa: E402
from cognate.domain.users import User, UserStatus  # noqa: E402
from cognate.operations.table import OPERATIONS  # noqa: E402
from cognate.ports import Transaction  # noqa: E402
from cognate.protocol import base64url  # noqa: E402
from cognate.transfer.csv_users import PASSWORD_HASH, header_of  # noqa: E402
from cognate.wire.cognito_idp import CreateUserPoolRequest  # noqa: E402

RESULTS = REPOSITORY / "bench" / "results" / "transfer.json"
PAGE = REPOSITORY / "docs" / "performance.md"
BEGIN, END = "<!-- transfer -->", "<!-- /transfer -->"

BATCH = 5000
VERIFIER_BYTES = 421  # a sealed SRP verifier
HASH = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"
IMPORT_GOAL = 8000  # rows a second, on two cores
MOVE_GOAL = 120.0  # seconds for a million users


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """
    One command. `cpu`: seconds of all its threads; `resident_mb`: the most it ever held; `load`:
    of the machine in the minute before it began; `file_mb`: what it read or wrote.
    """

    name: str
    users: int
    seconds: float
    cpu: float
    resident_mb: float
    load: float
    database: str
    file_mb: float

    @property
    def rate(self) -> float:
        return self.users / self.seconds


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    date: str
    cores: int
    commands: list[Figure]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure import, export and restore.")
    parser.add_argument(
        "--users", type=int, default=1_000_000, help="in the pool that moves; 0: none"
    )
    parser.add_argument("--rows", type=int, default=500_000, help="of the file to import; 0: none")
    parser.add_argument("--database", help="postgresql://… for both ends (default: SQLite)")
    parser.add_argument("--keep", action="store_true", help="write the figures down")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="transfer-") as folder:
        figures = measured(Path(folder), options)
    for figure in figures.commands:
        print(
            f"{figure.name:8} {figure.users:>9,} users  {figure.seconds:7.1f} s"
            f"  {figure.rate:>8,.0f} a second  {figure.cpu:6.1f} s CPU"
            f"  {figure.resident_mb:6.0f} MB"
        )
    if options.keep:
        RESULTS.parent.mkdir(exist_ok=True)
        kept = with_earlier(figures)
        RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
        place()
    return 0


def with_earlier(figures: Figures) -> Figures:
    """Commands that were left out this time keep their figures."""
    if not RESULTS.exists():
        return figures
    earlier = msgspec.json.decode(RESULTS.read_bytes(), type=Figures)
    new = {figure.name: figure for figure in figures.commands}
    old = {figure.name: figure for figure in earlier.commands}
    return msgspec.structs.replace(figures, commands=list({**old, **new}.values()))


def measured(folder: Path, options: argparse.Namespace) -> Figures:
    here, there, work = folder / "here", folder / "there", folder / "work"
    work.mkdir()
    passphrase = work / "passphrase"
    passphrase.write_text("a passphrase of several words\n", encoding="utf-8")
    archive, csv = work / "pool.archive", work / "users.csv"
    commands = []

    if options.rows:
        empty = asyncio.run(_prepared(here, options.database, csv, rows=options.rows))
        words = ["import", empty, str(csv), "--hashes", "BCRYPT"]
        commands.append(_run(options.rows, words, here, options, file=csv))
        csv.unlink()
    if options.users:
        pool_id = asyncio.run(_seeded(here, options.database, options.users))
        locked = ["--passphrase-file", str(passphrase)]
        words = ["export", pool_id, str(archive), *locked]
        commands.append(_run(options.users, words, here, options, file=archive))
        if options.database:
            asyncio.run(_delete(here, options.database, pool_id))
        else:
            shutil.rmtree(here)
        words = ["restore", str(archive), *locked]
        commands.append(_run(options.users, words, there, options, file=archive))
    return Figures(
        date=datetime.now(UTC).date().isoformat(),
        cores=len(os.sched_getaffinity(0)),
        commands=commands,
    )


def _run(
    users: int, command: list[str], data: Path, options: argparse.Namespace, *, file: Path
) -> Figure:
    """One command in its own process; its time from start to end."""
    database = ["--database", options.database] if options.database else []
    # The key of one end serves both where they are one database.
    place = data if not options.database else data.with_name("here")
    load = os.getloadavg()[0]
    began = time.perf_counter()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "cognate.cli.main", "pool", *command),
            *("--data", str(place), *database),
        ],
        cwd=REPOSITORY,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{command[0]} failed")
    return Figure(
        name=command[0],
        users=users,
        seconds=round(seconds, 2),
        cpu=round(usage.ru_utime + usage.ru_stime, 2),
        resident_mb=round(usage.ru_maxrss / 1024, 1),
        load=round(load, 1),
        database="PostgreSQL" if options.database else "SQLite",
        file_mb=round(file.stat().st_size / 1e6, 1),
    )


async def _app(data: Path, database: str | None) -> App:
    return await build(Settings(data=data, database=database, log_level="error"))


async def _prepared(data: Path, database: str | None, csv: Path, *, rows: int) -> str:
    """An empty pool, and a file of users for it, in no order of names or addresses."""
    app = await _app(data, database)
    pool = await _a_pool(app)
    await app.close()
    chance = random.Random(1)  # noqa: S311 - made-up users
    order = list(range(rows))
    chance.shuffle(order)
    columns = [*header_of(pool), PASSWORD_HASH]
    with csv.open("w", encoding="utf-8") as file:
        file.write(",".join(columns) + "\n")
        for index in order:
            row = {
                **people.attributes(index),
                "cognito:username": people.username(index),
                "cognito:mfa_enabled": "false",
                PASSWORD_HASH: HASH,
            }
            file.write(",".join(row.get(column, "") for column in columns) + "\n")
    return pool.pool_id


async def _a_pool(app: App) -> Pool:
    created = await OPERATIONS["cognito-idp"]["CreateUserPool"](
        app.call(),
        CreateUserPoolRequest(
            pool_name="bench", auto_verified_attributes=["email"], alias_attributes=["email"]
        ),
    )
    pool = await app.store.pools.find(created.user_pool.id)
    assert pool is not None
    return pool


async def _seeded(data: Path, database: str | None, users: int) -> str:
    """A pool whose users have a password, an SRP verifier and a live refresh token each."""
    app = await _app(data, database)
    pool = await _a_pool(app)
    chance = random.Random(2)  # noqa: S311 - made-up users
    for first in range(0, users, BATCH):
        await _add(app, pool, range(first, min(first + BATCH, users)), chance, users)
    await app.close()
    return pool.pool_id


async def _add(
    app: App, pool: Pool, indexes: Iterable[int], chance: random.Random, total: int
) -> None:
    now = app.clock.now()
    made, credentials, families = [], [], []
    for index in indexes:
        # In ascending order: this is not what is measured.
        tail = chance.getrandbits(96)
        sub = Sub(
            f"{int(index / total * 2**32):08x}-{tail >> 80:04x}-4{tail >> 68 & 0xFFF:03x}"
            f"-a{tail >> 56 & 0xFFF:03x}-{tail & 0xFFFFFFFFFFFF:012x}"
        )
        made.append(
            User(
                pool_id=pool.pool_id,
                sub=sub,
                username=people.username(index * 7919 % total),
                status=UserStatus.CONFIRMED,
                created_at=now,
                modified_at=now,
                attributes=people.attributes(index * 7919 % total),
            )
        )
        salt, digest = (base64url.encode(chance.randbytes(size)) for size in (16, 32))
        credentials.append(
            (
                sub,
                Credential(
                    password_hash=f"$argon2id$v=19$m=19456,t=2,p=1${salt}${digest}",
                    srp_salt=chance.randbytes(16),
                    sealed_verifier=chance.randbytes(VERIFIER_BYTES),
                    set_at=now,
                ),
            )
        )
        families.append(
            TokenFamily(
                pool_id=pool.pool_id,
                origin_jti=OriginJti(f"{sub[:24]}{index:012x}"),
                sub=sub,
                client_id=ClientId("a" * 26),
                event_id=sub,
                auth_time=now,
                issued_at=now,
                expires_at=now + timedelta(days=30),
            )
        )

    async def add(tx: Transaction) -> None:
        await tx.users.add_many(pool, made)
        await tx.credentials.add_many(pool.pool_id, credentials)
        for family in families:
            await tx.families.add(family)

    await app.store.change(add)


async def _delete(data: Path, database: str, pool_id: str) -> None:
    app = await _app(data, database)

    async def delete(tx: Transaction) -> None:
        await tx.pools.delete(PoolId(pool_id))

    await app.store.change(delete)
    await app.close()


# --- the page ------------------------------------------------------------------------------------


def section(path: Path = RESULTS) -> str:
    """The part of `docs/performance.md` on users in and out; empty where nothing was measured."""
    if not path.exists():
        return ""
    figures = msgspec.json.decode(path.read_bytes(), type=Figures)
    lines = [
        BEGIN,
        "## Users in and out",
        "",
        f"`bench/transfer.py`, {figures.date}, {figures.cores} cores. Each command in a process of"
        " its own, from start to end; other work on the machine is in the column of its load.",
        "",
        "| command | users | database | seconds | users a second | CPU seconds | memory at most"
        " | file | load before | goal |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    lines += [
        f"| `cognate pool {figure.name}` | {figure.users:,} | {figure.database}"
        f" | {figure.seconds:,.1f} | {figure.rate:,.0f} | {figure.cpu:,.1f}"
        f" | {figure.resident_mb:,.0f} MB | {figure.file_mb:,.0f} MB | {figure.load}"
        f" | {_verdict(figure)} |"
        for figure in figures.commands
    ]
    lines += [
        "",
        "Every user in the archive has a password hash, an SRP verifier and a live refresh token."
        " The imported rows have bcrypt hashes, and come in no order of their names or addresses.",
        END,
    ]
    return "\n".join(lines)


def _verdict(figure: Figure) -> str:
    if figure.name == "import":
        met = figure.rate >= IMPORT_GOAL
        goal = f"{IMPORT_GOAL:,} rows a second"
    else:
        met = figure.seconds * 1_000_000 / figure.users <= MOVE_GOAL
        goal = "a million in two minutes"
    return f"{goal}: {'met' if met else 'missed'}"


def place(page: Path = PAGE) -> None:
    """Put the section into the page, in the place of an earlier one."""
    text = page.read_text(encoding="utf-8") if page.exists() else "# Performance\n"
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    present = section()
    if pattern.search(text):
        text = pattern.sub(lambda _: present, text)
    else:
        text = f"{text.rstrip()}\n\n{present}\n"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
