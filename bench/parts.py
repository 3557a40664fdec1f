"""The parts of a run. Each is bounded in count and in time, and fills its place in the results."""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench import floor
from bench.contenders import LIST_POOLS, Cognate, Contender
from bench.goals import POINT_OPERATIONS
from bench.latency import Round, percentile, summed_up
from bench.load import Sample, drive
from bench.neighbours import Neighbours, Usage
from bench.operations import (
    ADMIN_GET_USER,
    OPERATIONS,
    PASSWORD_SIGN_IN,
    Operation,
    Shape,
    Target,
)
from bench.processes import CORES, load_cores, running
from bench.results import Hashing, Memory, Results, Row, Start
from bench.tokens import WrongToken

T = TypeVar("T")

HASHING_CONNECTIONS = 8
READ_INTERVAL = 0.01  # seconds between two reads while every core hashes
TOO_SLOW = 1000.0  # ms for one answer: the others are not measured beyond


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """
    How much is measured. `growth`: sizes for us; `peers_growth`: for the others. `tails`: two sizes
    whose p99 are compared, the larger one the last of `growth`.
    """

    seconds: float
    rounds: int
    connections: tuple[int, ...]
    users: int
    growth: tuple[int, ...]
    peers_growth: tuple[int, ...]
    starts: int
    hashing_rounds: int
    hashing_seconds: float
    floor_seconds: float
    patience: float
    tails: tuple[int, int]
    tail_rounds: int
    tail_seconds: float


FULL = Effort(
    seconds=1.0,
    rounds=3,
    connections=(1, 8, 32),
    users=1000,
    growth=(1_000, 10_000, 100_000, 1_000_000),
    peers_growth=(1_000, 10_000, 100_000, 1_000_000),
    starts=7,
    hashing_rounds=5,
    hashing_seconds=3.0,
    floor_seconds=1.0,
    patience=420.0,
    tails=(10_000, 1_000_000),
    tail_rounds=7,
    tail_seconds=1.5,
)
# Everything that is published, with fewer rounds: about six minutes.
BRIEF = Effort(
    seconds=0.6,
    rounds=2,
    connections=(1, 8, 32),
    users=1000,
    growth=(1_000, 100_000, 1_000_000),
    peers_growth=(1_000,),
    starts=5,
    hashing_rounds=3,
    hashing_seconds=3.0,
    floor_seconds=0.5,
    patience=20.0,
    tails=(100_000, 1_000_000),
    tail_rounds=5,
    tail_seconds=1.0,
)
QUICK = Effort(
    seconds=0.4,
    rounds=1,
    connections=(8,),
    users=300,
    growth=(300, 3000),
    peers_growth=(300,),
    starts=3,
    hashing_rounds=2,
    hashing_seconds=1.5,
    floor_seconds=0.2,
    patience=10.0,
    tails=(300, 3000),
    tail_rounds=2,
    tail_seconds=0.5,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run: what to measure, how hard, where to put data, and what was found."""

    contenders: Sequence[Contender]
    effort: Effort
    directory: Path
    results: Results
    neighbours: Neighbours

    def say(self, text: str) -> None:
        print(f"   {text}", flush=True)


def measure_floor(bench: Bench) -> None:
    effort = bench.effort
    found = floor.measure(effort.floor_seconds, cores=len(CORES), wait=bench.neighbours.wait)
    bench.results.floor = found
    bench.say(
        f"Argon2id {found.argon2id_ms:.1f} ms, {found.argon2id_all_cores:.0f}/s on all cores;"
        f" RS256 {found.sign_us:.0f}/{found.verify_us:.0f} µs; SRP {found.srp_ms:.2f} ms"
    )


def measure_start(bench: Bench) -> None:
    """From the start of the process to the first good answer; then its memory."""
    for contender in bench.contenders:
        empty, resident, signing = [], [], []
        existing: list[float] = []
        for attempt in range(bench.effort.starts):
            directory = bench.directory / f"start-{contender.name}-{attempt}"
            started = _started(bench, contender, directory)
            empty.append(started.seconds)
            resident.append(started.resident_mb)
            signing.append(floor.signature_us(set(CORES)))
        users = 0
        if isinstance(contender, Cognate):
            users = max(size for size in bench.effort.growth if size <= 100_000)
            directory = bench.directory / "start-existing"
            with contender.with_users(directory, users):
                pass
            existing = [
                _started(bench, contender, directory).seconds for _ in range(bench.effort.starts)
            ]
        start = Start(
            contender=contender.name,
            empty=statistics.median(empty),
            existing=statistics.median(existing) if existing else None,
            existing_users=users,
            resident_mb=statistics.median(resident),
            sign_us=statistics.median(signing),
        )
        bench.results.start.append(start)
        bench.say(f"{start.contender}: {start.empty:.3f} s, {start.resident_mb:.0f} MB")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Started:
    """One start: seconds to the first answer, memory after it, cores that others used."""

    seconds: float
    resident_mb: float
    foreign_cores: float


def _started(bench: Bench, contender: Contender, directory: Path) -> _Started:
    def once() -> _Started:
        command, port = contender.empty(directory)
        usage, own = Usage.now(), time.process_time()
        with running(command, port=port, first=LIST_POOLS, cores=set(CORES)) as server:
            own = time.process_time() - own + server.cpu_seconds()
            return _Started(
                seconds=server.seconds_to_first_answer,
                resident_mb=server.resident_mb(),
                foreign_cores=usage.foreign_cores(own=own),
            )

    return bench.neighbours.undisturbed(once, lambda started: started.foreign_cores)


def measure_operations(bench: Bench) -> None:
    """Every operation at every number of connections; the servers take turns, round by round."""
    effort = bench.effort
    with ExitStack() as stack, on_cores(load_cores()):
        targets = [
            stack.enter_context(
                contender.with_users(bench.directory / f"operations-{contender.name}", effort.users)
            )
            for contender in bench.contenders
        ]
        for operation in OPERATIONS:
            able = [target for target in targets if _can_run(bench, operation, target)]
            for connections in effort.connections:
                rows = _in_turns(bench, operation, able, connections)
                bench.results.operations += rows
                for row in rows:
                    bench.say(_line(row))


def _can_run(bench: Bench, operation: Operation, target: Target) -> bool:
    if operation.can_run(target):
        return True
    bench.results.note(f"{target.contender} has no {operation.title}.")
    return False


def _in_turns(
    bench: Bench, operation: Operation, targets: Sequence[Target], connections: int
) -> list[Row]:
    shape = Shape(connections=connections, seconds=bench.effort.seconds)
    rounds: dict[str, list[Round]] = {target.contender: [] for target in targets}
    for _ in range(bench.effort.rounds):
        for target in targets:
            rounds[target.contender].append(_quiet_round(bench, operation, target, shape))
    return [
        Row(
            contender=target.contender,
            operation=operation.name,
            users=target.users,
            connections=connections,
            figures=summed_up(rounds[target.contender]),
        )
        for target in targets
    ]


def _quiet_round(bench: Bench, operation: Operation, target: Target, shape: Shape) -> Round:
    return bench.neighbours.undisturbed(
        lambda: run(operation.measure(target, shape)), lambda taken: taken.foreign_cores
    )


def measure_hashing(bench: Bench) -> None:
    """Password sign-ins on all cores against the bare Argon2id rate, and reads meanwhile."""
    effort, cores = bench.effort, set(CORES)
    errors: dict[str, int] = {}
    tokens = 0
    directory = bench.directory / "hashing"
    with Cognate().with_users(directory, effort.users, cores=cores) as target, on_cores(cores):
        run(_sign_ins_and_reads(target, 0.5))  # connections, statements and tables are warm
        pairs = [
            bench.neighbours.undisturbed(
                lambda: _hashed_beside(target, effort.hashing_seconds),
                lambda pair: pair.foreign_cores,
            )
            for _ in range(effort.hashing_rounds)
        ]
        for pair in pairs:
            tokens += _verified(target, pair.signed_in)
            for sample in (pair.signed_in, pair.read):
                for name, count in sample.errors.items():
                    errors[name] = errors.get(name, 0) + count
    reads = sorted(latency for pair in pairs for latency in pair.read.latencies)
    sign_ins = [pair.sign_in_rate for pair in pairs]
    bench.results.hashing = found = Hashing(
        cores=len(cores),
        connections=HASHING_CONNECTIONS,
        argon2id_rates=tuple(pair.argon2id_rate for pair in pairs),
        sign_in_rates=tuple(sign_ins),
        ratio=statistics.median(pair.sign_in_rate / pair.argon2id_rate for pair in pairs),
        read_p50=percentile(reads, 0.5) * 1e3,
        read_p99=percentile(reads, 0.99) * 1e3,
        errors=errors,
        tokens=tokens,
    )
    bench.say(
        f"{statistics.median(sign_ins):.0f} sign-ins/s, {found.ratio:.0%} of Argon2id alone;"
        f" reads p50 {found.read_p50:.2f} ms, p99 {found.read_p99:.2f} ms"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Password sign-ins, and the mean of the bare Argon2id rate before and after them."""

    argon2id_rate: float
    signed_in: Sample
    read: Sample
    foreign_cores: float

    @property
    def sign_in_rate(self) -> float:
        return len(self.signed_in.latencies) / self.signed_in.seconds


def _hashed_beside(target: Target, seconds: float) -> _Pair:
    usage, own = Usage.now(), time.process_time() + target.server.cpu_seconds()
    before = floor.argon2id_rate(len(CORES), seconds / 2)
    signed_in, read = run(_sign_ins_and_reads(target, seconds))
    after = floor.argon2id_rate(len(CORES), seconds / 2)
    own = time.process_time() + target.server.cpu_seconds() - own
    return _Pair(
        argon2id_rate=statistics.mean((before, after)),
        signed_in=signed_in,
        read=read,
        foreign_cores=usage.foreign_cores(own=own),
    )


async def _sign_ins_and_reads(target: Target, seconds: float) -> tuple[Sample, Sample]:
    port = target.server.port
    signed_in, read = await asyncio.gather(
        drive(
            port,
            PASSWORD_SIGN_IN.exchanges(target),
            connections=HASHING_CONNECTIONS,
            seconds=seconds,
            most=100_000,
            keep=True,
        ),
        drive(
            port,
            ADMIN_GET_USER.exchanges(target),
            connections=1,
            seconds=seconds,
            most=100_000,
            interval=READ_INTERVAL,
        ),
    )
    return signed_in, read


def _verified(target: Target, sample: Sample) -> int:
    verified = 0
    for _, exchange, _, body in sample.kept:
        try:
            verified += target.judge.judge_answer(body, username=exchange.owner)
        except WrongToken:
            sample.count("WrongToken")
    return verified


def measure_growth(bench: Bench) -> None:
    """The same operations with more and more users, until a server takes too long."""
    effort = bench.effort
    for contender in bench.contenders:
        ours = isinstance(contender, Cognate)
        shared = bench.directory / f"growth-{contender.name}"
        sizes = effort.growth if ours else effort.peers_growth
        for users, larger in zip(sizes, (*sizes[1:], None), strict=True):
            # Ours grows in place; the others begin anew with each size.
            directory = shared if ours else shared / str(users)
            begin = time.perf_counter()
            with on_cores(load_cores()), contender.with_users(directory, users) as target:
                loaded = time.perf_counter() - begin
                bench.say(f"{contender.name}, {users:,} users loaded in {loaded:.0f} s")
                name, slowest = _grown(bench, target, (1, 8) if ours else (8,))
                memory = Memory(
                    contender=contender.name, users=users, mb=target.server.resident_mb()
                )
                bench.results.memory.append(memory)
                bench.say(f"{memory.mb:.0f} MB")
            if not ours and larger is not None and slowest * larger / users > TOO_SLOW:
                bench.results.note(
                    f"{contender.name} was measured with up to {users:,} users: its {name} takes"
                    f" {slowest:.0f} ms there, so with {larger:,} one answer would take over"
                    f" {TOO_SLOW / 1e3:.0f} s."
                )
                break


def measure_tails(bench: Bench) -> None:
    """Point operations with few and with many users, in turns, on servers side by side."""
    few, many = bench.effort.tails
    cognate = Cognate()
    with ExitStack() as stack, on_cores(load_cores()):
        targets = [
            stack.enter_context(cognate.with_users(directory, users))
            for users, directory in (
                (few, bench.directory / "few-users"),
                (many, bench.directory / f"growth-{cognate.name}"),
            )
        ]
        for name in POINT_OPERATIONS:
            operation = next(operation for operation in OPERATIONS if operation.name == name)
            shape = Shape(connections=1, seconds=bench.effort.tail_seconds)
            rounds: list[list[Round]] = [[] for _ in targets]
            for _ in range(bench.effort.tail_rounds):
                for target, taken in zip(targets, rounds, strict=True):
                    taken.append(_quiet_round(bench, operation, target, shape))
            for target, taken in zip(targets, rounds, strict=True):
                row = Row(
                    contender=cognate.name,
                    operation=name,
                    users=target.users,
                    connections=1,
                    figures=summed_up(taken),
                )
                bench.results.tails.append(row)
                bench.say(_line(row))


def _grown(bench: Bench, target: Target, connections: Sequence[int]) -> tuple[str, float]:
    """Measure one size; the slowest operation, and the milliseconds it takes for one answer."""
    slowest = ("", 0.0)
    for operation in OPERATIONS:
        if not _can_run(bench, operation, target):
            continue
        for each in connections:
            (row,) = _in_turns(bench, operation, [target], each)
            bench.results.growth.append(row)
            bench.say(_line(row))
            slowest = max(
                slowest, (operation.name, row.figures.p50 / each), key=lambda pair: pair[1]
            )
    return slowest


def _line(row: Row) -> str:
    figures = row.figures
    errors = f"  ERRORS {figures.errors}" if figures.errors else ""
    return (
        f"{row.contender:13} {row.operation:17} {row.users:>8} users {row.connections:>2} conn"
        f" {figures.rate:>9.1f}/s {figures.p50:>8.2f} / {figures.p99:.2f} ms"
        f"  {figures.cpu:>7.0f} µs CPU ({figures.rate_per_core:.0f}/s/core)"
        f"  generator {figures.generator_cpu:.0f} µs, {figures.generator_busy:.0%}{errors}"
    )


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """Keep this process off the server's core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def run(work: Awaitable[T]) -> T:
    import uvloop

    async def main() -> T:
        return await work

    return uvloop.run(main())


PARTS: dict[str, Callable[[Bench], None]] = {
    "floor": measure_floor,
    "start": measure_start,
    "hashing": measure_hashing,
    "operations": measure_operations,
    "growth": measure_growth,
    "tails": measure_tails,
}
