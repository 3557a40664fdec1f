"""Queries for refresh-token families."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cognate.domain.families import TokenFamily
from cognate.domain.ids import OriginJti, PoolId, Sub
from cognate.storage.connection import Connection, Row, maybe_instant, maybe_millis, millis
from cognate.storage.documents import Documents

DOCUMENTS = Documents(TokenFamily)


class Families:
    """The columns beside the document are those that change by compare-and-set."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, origin_jti: OriginJti) -> TokenFamily | None:
        row = await self._connection.one(
            "SELECT document, generation, rotated_at, revoked_at FROM token_families"
            " WHERE pool_id = ? AND origin_jti = ?",
            pool_id,
            origin_jti,
        )
        return None if row is None else _family(row)

    async def add(self, family: TokenFamily) -> None:
        await self._connection.run(
            "INSERT INTO token_families (pool_id, origin_jti, sub, generation, rotated_at,"
            " revoked_at, expires_at, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            family.pool_id,
            family.origin_jti,
            family.sub,
            family.generation,
            maybe_millis(family.rotated_at),
            maybe_millis(family.revoked_at),
            millis(family.expires_at),
            DOCUMENTS.encode(family),
        )

    async def rotate(self, family: TokenFamily, *, now: datetime) -> bool:
        rotated = await self._connection.run(
            "UPDATE token_families SET generation = generation + 1, rotated_at = ?"
            " WHERE pool_id = ? AND origin_jti = ? AND generation = ? AND revoked_at IS NULL",
            millis(now),
            family.pool_id,
            family.origin_jti,
            family.generation,
        )
        return rotated == 1

    async def revoke(self, pool_id: PoolId, origin_jti: OriginJti, *, now: datetime) -> bool:
        revoked = await self._connection.run(
            "UPDATE token_families SET revoked_at = ?"
            " WHERE pool_id = ? AND origin_jti = ? AND revoked_at IS NULL",
            millis(now),
            pool_id,
            origin_jti,
        )
        return revoked == 1

    async def save_details(self, family: TokenFamily) -> None:
        await self._connection.run(
            "UPDATE token_families SET document = ? WHERE pool_id = ? AND origin_jti = ?",
            DOCUMENTS.encode(family),
            family.pool_id,
            family.origin_jti,
        )

    async def of_user(self, pool_id: PoolId, sub: Sub, *, now: datetime) -> Sequence[TokenFamily]:
        rows = await self._connection.all(
            "SELECT document, generation, rotated_at, revoked_at FROM token_families"
            " WHERE pool_id = ? AND sub = ? AND revoked_at IS NULL AND expires_at > ?",
            pool_id,
            sub,
            millis(now),
        )
        return [_family(row) for row in rows]

    async def revoke_all(self, pool_id: PoolId, sub: Sub, *, now: datetime) -> int:
        return await self._connection.run(
            "UPDATE token_families SET revoked_at = ?"
            " WHERE pool_id = ? AND sub = ? AND revoked_at IS NULL",
            millis(now),
            pool_id,
            sub,
        )

    async def purge(self, pool_id: PoolId, *, now: datetime, limit: int) -> int:
        return await self._connection.run(
            "DELETE FROM token_families WHERE pool_id = ? AND origin_jti IN"
            " (SELECT origin_jti FROM token_families WHERE pool_id = ? AND expires_at < ? LIMIT ?)",
            pool_id,
            pool_id,
            millis(now),
            limit,
        )


def _family(row: Row) -> TokenFamily:
    family = DOCUMENTS.decode(row[0])
    if row[1] == 0 and row[3] is None:
        return family
    return replace(
        family,
        generation=row[1],
        rotated_at=maybe_instant(row[2]),
        revoked_at=maybe_instant(row[3]),
    )
