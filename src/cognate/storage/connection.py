"""What repositories need of a database, and how values become columns."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = Sequence[Any]
Value: TypeAlias = str | bytes | int | None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Connection(Protocol):
    """SQL with `?` for values. Awaiting never suspends on SQLite."""

    async def one(self, sql: str, *values: Value) -> Row | None: ...

    async def all(self, sql: str, *values: Value) -> Sequence[Row]: ...

    async def run(self, sql: str, *values: Value) -> int:
        """How many rows were changed."""


def millis(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def maybe_millis(instant: datetime | None) -> int | None:
    return None if instant is None else millis(instant)


def instant(value: int) -> datetime:
    return EPOCH + value * MILLISECOND


def maybe_instant(value: int | None) -> datetime | None:
    return None if value is None else instant(value)
