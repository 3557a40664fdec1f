"""What repositories need of a database, and how values become columns."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = Sequence[Any]
Value: TypeAlias = str | bytes | int | None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

NUL = "\x00"  # PostgreSQL's text cannot hold it
REPLACEMENT = "\ufffd"


class Connection(Protocol):
    """SQL with `?` for values."""

    async def one(self, sql: str, *values: Value) -> Row | None: ...

    async def all(self, sql: str, *values: Value) -> Sequence[Row]: ...

    async def run(self, sql: str, *values: Value) -> int:
        """How many rows were changed."""

    async def sweep(self, sql: str, *values: Value) -> int:
        """As `run`, for a statement that may change any number of rows."""

    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> None:
        """Many new rows of one table, the fastest way that the database has."""


def storable(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """
    Columns are names and keys, never a person's words (those lie in documents): a NUL in one is
    stored, and looked for, as U+FFFD.
    """
    for value in values:
        if isinstance(value, str) and NUL in value:
            return tuple(
                value.replace(NUL, REPLACEMENT) if isinstance(value, str) else value
                for value in values
            )
    return values


def storable_rows(rows: Sequence[Sequence[Value]]) -> Sequence[Sequence[Value]]:
    """As `storable`; the same list where nothing had to change."""
    for row in rows:
        if any(isinstance(value, str) and NUL in value for value in row):
            return [storable(tuple(row)) for row in rows]
    return rows


def millis(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def maybe_millis(instant: datetime | None) -> int | None:
    return None if instant is None else millis(instant)


def instant(value: int) -> datetime:
    return EPOCH + value * MILLISECOND


def maybe_instant(value: int | None) -> datetime | None:
    return None if value is None else instant(value)
