"""Queries for the access keys of API callers."""

from collections.abc import Sequence
from datetime import datetime

from cognate.domain.keys import AccessKey
from cognate.storage.connection import (
    Connection,
    Row,
    instant,
    maybe_instant,
    maybe_millis,
    millis,
)

COLUMNS = "access_key_id, sealed_secret, user_name, policy, created_at, revoked_at"


class AccessKeys:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, access_key_id: str) -> AccessKey | None:
        row = await self._connection.one(
            f"SELECT {COLUMNS} FROM access_keys WHERE access_key_id = ?",  # noqa: S608 - a constant
            access_key_id,
        )
        return None if row is None else _access_key(row)

    async def add(self, key: AccessKey) -> None:
        await self._connection.run(
            f"INSERT INTO access_keys ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
            key.access_key_id,
            key.sealed_secret,
            key.user_name,
            key.policy,
            millis(key.created_at),
            maybe_millis(key.revoked_at),
        )

    async def all(self) -> Sequence[AccessKey]:
        rows = await self._connection.all(
            f"SELECT {COLUMNS} FROM access_keys ORDER BY created_at, access_key_id"  # noqa: S608 - a constant
        )
        return [_access_key(row) for row in rows]

    async def revoke(self, access_key_id: str, *, now: datetime) -> bool:
        revoked = await self._connection.run(
            "UPDATE access_keys SET revoked_at = ? WHERE access_key_id = ? AND revoked_at IS NULL",
            millis(now),
            access_key_id,
        )
        return revoked == 1


def _access_key(row: Row) -> AccessKey:
    return AccessKey(
        access_key_id=row[0],
        sealed_secret=row[1],
        user_name=row[2],
        policy=row[3],
        created_at=instant(row[4]),
        revoked_at=maybe_instant(row[5]),
    )
