"""What a run found, as it is kept in JSON and shown on the page."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench.floor import Floor
from bench.latency import Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where it was measured."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    node: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """
    `empty`: seconds to the first answer with nothing in it; `existing`: with `existing_users`.
    `sign_us`: of an RS256 signature meanwhile.
    """

    contender: str
    empty: float
    existing: float | None
    existing_users: int
    resident_mb: float
    sign_us: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One operation of one server, the median of its rounds."""

    contender: str
    operation: str
    users: int
    connections: int
    figures: Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashing:
    """
    Password sign-ins on all cores, each round between two of the Argon2id rate alone.

    `read_p50`, `read_p99`: milliseconds of AdminGetUser meanwhile, paced.
    """

    cores: int
    connections: int
    argon2id_rates: tuple[float, ...]
    sign_in_rates: tuple[float, ...]
    ratio: float
    read_p50: float
    read_p99: float
    errors: dict[str, int]
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Resident memory after a pool of this size was used by every operation."""

    contender: str
    users: int
    mb: float


@dataclass(slots=True, kw_only=True)
class Results:
    """
    Parts that were not run are empty. `tails`: point operations of Cognate with few and with many
    users, in turns. `disturbed`: of so many `rounds`, those in which other processes used more than
    a little CPU. `notes`: what was left out, and why.
    """

    date: str
    command: str
    machine: Machine
    versions: dict[str, str]
    seconds: float = 0.0
    floor: Floor | None = None
    start: list[Start] = field(default_factory=list)
    operations: list[Row] = field(default_factory=list)
    hashing: Hashing | None = None
    growth: list[Row] = field(default_factory=list)
    tails: list[Row] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    rounds: int = 0
    disturbed: int = 0
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def bad_answers(self) -> dict[str, int]:
        """Errors of Cognate: any is a failure of the run."""
        found: dict[str, int] = {}
        for row in (*self.operations, *self.growth, *self.tails):
            if row.contender == "Cognate":
                for name, count in row.figures.errors.items():
                    found[name] = found.get(name, 0) + count
        for name, count in (self.hashing.errors if self.hashing else {}).items():
            found[name] = found.get(name, 0) + count
        return found


def save(results: Results, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def load(path: Path) -> Results:
    return msgspec.json.decode(path.read_bytes(), type=Results)
