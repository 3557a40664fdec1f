"""Queries for the links between users and their identities elsewhere."""

import hashlib
from collections.abc import Sequence

from cognate.domain.ids import PoolId, Sub
from cognate.domain.linked_identities import LinkedIdentity
from cognate.storage.connection import Connection
from cognate.storage.documents import Documents

DOCUMENTS = Documents(LinkedIdentity)


def digest(value: str) -> bytes:
    """Values are as long as people please; keys are not."""
    return hashlib.sha256(value.encode()).digest()


class LinkedIdentities:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(
        self, pool_id: PoolId, provider: str, attribute: str, value: str
    ) -> LinkedIdentity | None:
        row = await self._connection.one(
            "SELECT document FROM linked_identities"
            " WHERE pool_id = ? AND provider = ? AND attribute = ? AND value_digest = ?",
            pool_id,
            provider,
            attribute,
            digest(value),
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def save(self, link: LinkedIdentity) -> None:
        await self._connection.run(
            "INSERT INTO linked_identities"
            " (pool_id, provider, attribute, value_digest, sub, document)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (pool_id, provider, attribute, value_digest)"
            " DO UPDATE SET sub = excluded.sub, document = excluded.document",
            link.pool_id,
            link.provider,
            link.attribute,
            digest(link.value),
            link.sub,
            DOCUMENTS.encode(link),
        )

    async def delete(self, link: LinkedIdentity) -> None:
        await self._connection.run(
            "DELETE FROM linked_identities"
            " WHERE pool_id = ? AND provider = ? AND attribute = ? AND value_digest = ?",
            link.pool_id,
            link.provider,
            link.attribute,
            digest(link.value),
        )

    async def of_user(self, pool_id: PoolId, sub: Sub) -> Sequence[LinkedIdentity]:
        rows = await self._connection.all(
            "SELECT document FROM linked_identities WHERE pool_id = ? AND sub = ?", pool_id, sub
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def attributes_of(self, pool_id: PoolId, provider: str, *, limit: int) -> Sequence[str]:
        found: list[str] = []
        while len(found) < limit:  # one step of the index each, however many links there are
            row = await self._connection.one(
                "SELECT attribute FROM linked_identities"
                " WHERE pool_id = ? AND provider = ? AND attribute > ?"
                " ORDER BY attribute LIMIT 1",
                pool_id,
                provider,
                found[-1] if found else "",
            )
            if row is None:
                break
            found.append(row[0])
        return found
