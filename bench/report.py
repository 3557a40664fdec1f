"""`docs/performance.md` and its charts, made from the results of one run."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from bench import charts, goals, transfer
from bench.neighbours import QUIET
from bench.operations import OPERATIONS
from bench.people import SAMPLE
from bench.results import Results, Row

TITLES = {operation.name: operation.title for operation in OPERATIONS}
NAMES = ("Cognate", "moto", "cognito-local")
CHARTED_CONNECTIONS = 8


def write(results: Results, docs: Path) -> list[Path]:
    """The page and the charts; what was written."""
    folder = docs / "performance"
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {
        "operations.svg": operations_chart(results),
        "growth.svg": growth_chart(results),
        "floor.svg": floor_chart(results),
    }
    for name, drawing in drawings.items():
        (folder / name).write_text(drawing, encoding="utf-8")
    page = docs / "performance.md"
    page.write_text(markdown(results), encoding="utf-8")
    return [page, *(folder / name for name in drawings)]


def operations_chart(results: Results) -> str:
    groups = []
    for name, title in TITLES.items():
        values = []
        for contender in NAMES:
            row = goals.find(
                results.operations, name, connections=CHARTED_CONNECTIONS, contender=contender
            )
            values.append(row.figures.rate if row else None)
        groups.append(charts.Group(label=title.replace("`", ""), values=values))
    title = f"Answers per second on one core, {CHARTED_CONNECTIONS} connections"
    return charts.bars(title, series=NAMES, groups=groups)


def growth_chart(results: Results) -> str:
    drawn = []
    for name in TITLES:
        lines = [
            [
                (row.users, row.figures.rate)
                for row in results.growth
                if (row.contender, row.operation, row.connections)
                == (contender, name, CHARTED_CONNECTIONS)
                and row.figures.answers
            ]
            for contender in NAMES
        ]
        drawn.append(charts.Panel(label=name, lines=lines))
    return charts.panels(
        "Answers per second as the pool grows", series=NAMES, across="users", charts=drawn
    )


def floor_chart(results: Results) -> str:
    groups = [
        charts.Group(label=label, values=(whole, alone)) for label, alone, whole in _floors(results)
    ]
    return charts.bars(
        "Per second and core: whole requests, and their cryptography alone",
        series=("Cognate", "the crypto floor"),
        groups=groups,
        colours=(0, 2),
    )


def _floors(results: Results) -> list[tuple[str, float, float]]:
    """
    Operation, its floor per second and core, Cognate's rate per second of CPU time.

    The floor is scaled to the speed that the core had when the operation was measured.
    """
    floor = results.floor
    if floor is None:
        return []
    found = []
    for label, name, alone in (
        ("refresh: 2 signatures", "refresh", floor.refresh),
        ("SRP sign-in: SRP + 2 signatures", "srp sign-in", floor.srp_sign_in),
        ("password: Argon2id + 2 signatures", "password sign-in", floor.password_sign_in),
        ("GetUser: 1 verification", "GetUser", 1e6 / floor.verify_us),
    ):
        row = goals.find(results.operations, name, connections=CHARTED_CONNECTIONS)
        if row is not None:
            then = alone * floor.sign_us / row.figures.sign_us
            found.append((label, then, row.figures.rate_per_core))
    return found


def markdown(results: Results) -> str:
    parts = [
        _opening(results),
        _verdicts(results),
        "![Answers per second of the three servers](performance/operations.svg)",
        _operations(results),
        _floor(results),
        _hashing(results),
        _growth(results),
        _start_and_memory(results),
        transfer.section(),
        _method(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(results: Results) -> str:
    machine = results.machine
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    node = f", Node {machine.node}" if machine.node else ""
    return (
        "# Performance\n\n"
        f"Written by `{results.command}` on {results.date}, in {results.seconds / 60:.0f} minutes,"
        " from [the figures it kept](../bench/results/published.json). Do not edit: run it.\n\n"
        f"Machine: {machine.processor}, {machine.cores} cores, {machine.memory_gib:.0f} GiB,"
        f" {machine.system}, Python {machine.python}{node}. Measured: {versions}.\n\n"
        "Absolute figures belong to that machine and that hour. What is meant to hold elsewhere"
        " are the ratios within one run: to the cryptography that a request cannot do without,"
        " and to the other servers, measured in turns. Cognate commits every write durably"
        " (SQLite, WAL, synchronous=FULL) and hashes every password with Argon2id at OWASP's"
        " parameters; the other two keep passwords in clear text, moto keeps everything in memory"
        " and checks no SRP proof, and cognito-local writes its whole JSON file with each change"
        " and does not check the signature of an access token."
    )


def _verdicts(results: Results) -> str:
    rows = [
        (verdict.goal, verdict.measured, verdict.word if verdict.met else f"**{verdict.word}**")
        for verdict in goals.verdicts(results)
    ]
    if not rows:
        return ""
    return (
        "## Goals\n\n"
        + _table(("goal", "measured", ""), rows)
        + "\n\nReference speed: that of a core that makes an RS256 signature in"
        f" {goals.REFERENCE_SIGN_US:.0f} µs. Before each round the signatures of the server's core"
        " are timed, and the figure is scaled by what they take; a core that is throttled or shared"
        " does less of everything. By the clock: with 8 connections, waiting for the disk included."
    )


def _operations(results: Results) -> str:
    if not results.operations:
        return ""
    users = results.operations[0].users
    rows = []
    for row in results.operations:
        figures = row.figures
        rows.append(
            (
                TITLES[row.operation],
                row.contender,
                str(row.connections),
                _number(figures.rate),
                _number(figures.p50),
                _number(figures.p99),
                f"{figures.cpu:,.0f}",
                _errors(row),
                f"{figures.tokens:,}" if figures.tokens else "",
            )
        )
    heads = (
        "operation",
        "server",
        "connections",
        "per second",
        "p50 ms",
        "p99 ms",
        "CPU µs",
        "errors",
        "tokens verified",
    )
    return (
        f"## Operations, with {users:,} users\n\n"
        "Each server on one core, the load on another. `CPU µs`: of the server, for one answer.\n\n"
        + _table(heads, rows)
    )


def _floor(results: Results) -> str:
    floor = results.floor
    if floor is None:
        return ""
    rows = [
        ("Argon2id, m=19456 t=2 p=1", f"{floor.argon2id_ms:.1f} ms"),
        (
            f"the same on all {results.machine.cores} cores",
            f"{floor.argon2id_all_cores:.0f} per second",
        ),
        ("RS256 signature, 2048 bits", f"{floor.sign_us:.0f} µs"),
        ("RS256 verification", f"{floor.verify_us:.0f} µs"),
        ("SRP arithmetic of one sign-in, the server's half", f"{floor.srp_ms:.2f} ms"),
    ]
    shares = [
        (label, f"{alone:,.0f}", f"{whole:,.0f}", f"{whole / alone:.0%}")
        for label, alone, whole in _floors(results)
    ]
    text = (
        "## The crypto floor\n\n"
        "What the cryptography of a request takes by itself, called as the server calls it. In the"
        " chart and the second table it is scaled to the speed that the core had when the operation"
        " was measured.\n\n" + _table(("work", "takes"), rows)
    )
    if shares:
        heads = ("operation", "floor, per second and core", "Cognate, per second of CPU", "share")
        text += "\n\n![Cognate beside the crypto floor](performance/floor.svg)\n\n" + _table(
            heads, shares
        )
    return text


def _hashing(results: Results) -> str:
    found = results.hashing
    if found is None:
        return ""
    rows = [
        ("Argon2id alone, per second", _list(found.argon2id_rates)),
        ("password sign-ins, per second", _list(found.sign_in_rates)),
        ("the median of their ratios", f"{found.ratio:.1%}"),
        (
            "AdminGetUser meanwhile, p50 / p99 ms",
            f"{found.read_p50:.2f} / {found.read_p99:.2f}",
        ),
        ("errors", _counted(found.errors)),
        ("tokens verified", f"{found.tokens:,}"),
    ]
    return (
        "## While every core hashes\n\n"
        f"The server may use all {found.cores} cores, as it does by default;"
        f" {found.connections} connections sign in with passwords, one reads a user every ten"
        " milliseconds. Each round stands between two of the bare Argon2id rate on the same cores,"
        " whose mean it is compared with. The load generator shares these cores, and its time"
        " counts against us.\n\n" + _table(("", ""), rows)
    )


def _growth(results: Results) -> str:
    if not results.growth:
        return ""
    sizes = sorted({row.users for row in results.growth})
    heads = ("operation", "server", *(f"{size:,} users" for size in sizes))
    rates, tails = [], []
    for name, title in TITLES.items():
        for contender in NAMES:
            rows = [_grown(results, name, contender, size, connections=8) for size in sizes]
            if any(rows):
                cells = [
                    f"{_number(row.figures.rate)} ({_number(row.figures.p50)} /"
                    f" {_number(row.figures.p99)}){_shown_errors(row)}"
                    if row
                    else "–"
                    for row in rows
                ]
                rates.append((title, contender, *cells))
        rows = [_grown(results, name, "Cognate", size, connections=1) for size in sizes]
        if any(rows):
            cells = [
                f"{_number(row.figures.p50)} / {_number(row.figures.p99)}" if row else "–"
                for row in rows
            ]
            tails.append((title, *cells))
    return (
        "## Growth\n\n"
        "![Answers per second as the pool grows](performance/growth.svg)\n\n"
        "Per second, and in brackets p50 / p99 in ms, with 8 connections on one core; the users"
        " asked for are chosen at random from the whole pool.\n\n"
        + _table(heads, rates)
        + "\n\nCognate with one connection, where nothing queues: p50 / p99 in ms.\n\n"
        + _table(("operation", *heads[2:]), tails)
        + _tails(results)
    )


def _tails(results: Results) -> str:
    if not results.tails:
        return ""
    rows = [
        (
            TITLES[row.operation],
            f"{row.users:,}",
            f"{row.figures.answers:,}",
            _number(row.figures.p50),
            _number(row.figures.p99),
        )
        for row in results.tails
    ]
    return (
        "\n\nThe same two servers side by side, in turns, so that both sizes meet the same"
        " neighbours:\n\n" + _table(("operation", "users", "answers", "p50 ms", "p99 ms"), rows)
    )


def _grown(
    results: Results, operation: str, contender: str, users: int, *, connections: int
) -> Row | None:
    return goals.find(
        results.growth, operation, connections=connections, users=users, contender=contender
    )


def _start_and_memory(results: Results) -> str:
    parts = []
    if results.start:
        rows = [
            (
                start.contender,
                f"{start.empty:.3f}",
                f"{start.existing:.3f} ({start.existing_users:,} users)"
                if start.existing is not None
                else "–",
                f"{start.resident_mb:.0f}",
            )
            for start in results.start
        ]
        heads = ("server", "empty, s", "existing database, s", "resident MB")
        parts.append(
            "From the start of the process to the first good answer (ListUserPools), and the"
            " resident memory after it.\n\n" + _table(heads, rows)
        )
    if results.memory:
        sizes = sorted({memory.users for memory in results.memory})
        kept: list[Sequence[str]] = []
        for contender in NAMES:
            held = {
                memory.users: memory.mb
                for memory in results.memory
                if memory.contender == contender
            }
            if held:
                kept.append(
                    (contender, *(f"{held[size]:.0f}" if size in held else "–" for size in sizes))
                )
        sized = ("server", *(f"{size:,} users" for size in sizes))
        parts.append(
            "Resident MB after every operation was run on a pool of that size.\n\n"
            + _table(sized, kept)
        )
    return "## Start and memory\n\n" + "\n\n".join(parts) if parts else ""


def _method(results: Results) -> str:
    busiest = max(
        (row.figures.generator_busy for row in (*results.operations, *results.growth)), default=0.0
    )
    notes = [
        "The load comes from `bench/load.py`: prepared requests over keep-alive connections on"
        f" loopback, one under way on each. It never used more than {busiest:.0%} of its own core."
        " Requests carry a signature that nobody checks: Cognate runs in development mode.",
        "A round waits until other processes are quiet, and is done again where they used more than"
        f" {QUIET:.0%} of a core meanwhile, as long as patience lasts; {results.disturbed:,} of the"
        f" {results.rounds:,} rounds stayed disturbed.",
        "A figure is the median of several rounds, p50 and p99 are exact over all answers of a"
        " round, and the servers take turns within each operation. Every answer is looked at; one"
        " without the expected user counts as an error.",
        "Every token received is verified with PyJWT against the server's own JWKS document:"
        " signature, issuer, expiry, audience, purpose and user. That happens between the rounds.",
        "SRP: all first calls, then the client's arithmetic while no clock runs, then all second"
        " calls. The latency is the sum of the two calls.",
        "Users are loaded straight through Cognate's storage, in one change for 5,000 of them;"
        " those share one password hash (hashing a million would take hours)."
        f" {SAMPLE:,} of them, spread over the pool, have tokens and an SRP verifier of their own."
        " moto's users are put in through its models, cognito-local's into its JSON file.",
        "AdminCreateUser comes with a password, which Cognate hashes.",
        *results.notes,
    ]
    return "## How it was measured\n\n" + "\n".join(f"- {note}" for note in notes)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_cells(heads), _cells(["---"] * len(heads))]
    return "\n".join([*lines, *(_cells(row) for row in rows)])


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _number(value: float) -> str:
    """Three significant digits, or whole numbers from a hundred on."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.0f}" for value in values)


def _errors(row: Row) -> str:
    return _counted(row.figures.errors)


def _shown_errors(row: Row) -> str:
    return f" errors: {_errors(row)}" if row.figures.errors else ""


def _counted(errors: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(errors.items())) or "0"
