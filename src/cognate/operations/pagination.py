"""
Where a list goes on: opaque tokens that only the same question can use. Source: user-pools.md A.6.

The question (operation and parameters, not the page size) is part of what seals the token, so a
token for another pool, another filter or another operation does not open.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from cognate.errors import InvalidParameterException
from cognate.ports import PoolKeys
from cognate.ports.keys import SealError
from cognate.protocol import base64url

MAXIMUM_PAGE = 60


class Position(msgspec.Struct, frozen=True):
    """What a token holds: where the last page ended, and when it was given (epoch seconds)."""

    after: tuple[str, ...]
    issued_at: float


_decode = msgspec.json.Decoder(Position).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    One list that is read page by page. `parameters`: all that tells it from another question.
    `lifetime`: how long a token is good; None is for ever.
    """

    operation: str
    parameters: Sequence[object] = ()
    lifetime: timedelta | None = None

    @property
    def purpose(self) -> str:
        asked = hashlib.sha256(msgspec.json.encode(list(self.parameters))).hexdigest()
        return f"pagination {self.operation} {asked}"

    def token(self, keys: PoolKeys, after: Sequence[str], *, now: datetime) -> str:
        position = Position(after=tuple(after), issued_at=now.timestamp())
        return base64url.encode(keys.seal(self.purpose, msgspec.json.encode(position)))

    def position(self, keys: PoolKeys, token: str, *, now: datetime) -> tuple[str, ...]:
        """
        What was given to `token`.

        Raises:
            InvalidParameterException: not a token of this question, or an old one.
        """
        try:
            position = _decode(keys.open(self.purpose, base64url.decode(token)))
        except (ValueError, SealError) as cause:
            raise InvalidParameterException("Invalid pagination token") from cause
        if (
            self.lifetime is not None
            and now.timestamp() >= position.issued_at + self.lifetime.total_seconds()
        ):
            raise InvalidParameterException("Invalid pagination token")
        return position.after


def page_size(limit: int | None) -> int:
    """0 and absent mean the most that there is."""
    return limit or MAXIMUM_PAGE
