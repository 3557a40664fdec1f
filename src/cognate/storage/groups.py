"""Queries for groups and memberships."""

from collections.abc import Sequence
from datetime import datetime

from cognate.domain.groups import Group
from cognate.domain.ids import PoolId, Sub
from cognate.domain.users import User
from cognate.storage.connection import Connection, millis
from cognate.storage.documents import Documents
from cognate.storage.users import DOCUMENTS as USER_DOCUMENTS

DOCUMENTS = Documents(Group)


class Groups:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, name: str) -> Group | None:
        row = await self._connection.one(
            "SELECT document FROM user_groups WHERE pool_id = ? AND name = ?", pool_id, name
        )
        return None if row is None else DOCUMENTS.decode(row[0])

    async def add(self, group: Group) -> None:
        await self._connection.run(
            "INSERT INTO user_groups (pool_id, name, document) VALUES (?, ?, ?)",
            group.pool_id,
            group.name,
            DOCUMENTS.encode(group),
        )

    async def save(self, group: Group) -> None:
        await self._connection.run(
            "UPDATE user_groups SET document = ? WHERE pool_id = ? AND name = ?",
            DOCUMENTS.encode(group),
            group.pool_id,
            group.name,
        )

    async def delete(self, pool_id: PoolId, name: str) -> bool:
        await self._connection.sweep(
            "DELETE FROM group_members WHERE pool_id = ? AND name = ?", pool_id, name
        )
        deleted = await self._connection.run(
            "DELETE FROM user_groups WHERE pool_id = ? AND name = ?", pool_id, name
        )
        return deleted == 1

    async def page(self, pool_id: PoolId, *, after: str, limit: int) -> Sequence[Group]:
        rows = await self._connection.all(
            "SELECT document FROM user_groups WHERE pool_id = ? AND name > ? ORDER BY name LIMIT ?",
            pool_id,
            after,
            limit,
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def count(self, pool_id: PoolId) -> int:
        row = await self._connection.one(
            "SELECT count(*) FROM user_groups WHERE pool_id = ?", pool_id
        )
        return 0 if row is None else int(row[0])

    async def add_member(self, pool_id: PoolId, name: str, sub: Sub, *, now: datetime) -> None:
        await self._connection.run(
            "INSERT INTO group_members (pool_id, name, sub, added_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            pool_id,
            name,
            sub,
            millis(now),
        )

    async def remove_member(self, pool_id: PoolId, name: str, sub: Sub) -> None:
        await self._connection.run(
            "DELETE FROM group_members WHERE pool_id = ? AND name = ? AND sub = ?",
            pool_id,
            name,
            sub,
        )

    async def of_user(self, pool_id: PoolId, sub: Sub) -> Sequence[Group]:
        rows = await self._connection.all(
            "SELECT g.document FROM group_members m"
            " JOIN user_groups g ON g.pool_id = m.pool_id AND g.name = m.name"
            " WHERE m.pool_id = ? AND m.sub = ? ORDER BY m.name",
            pool_id,
            sub,
        )
        return [DOCUMENTS.decode(row[0]) for row in rows]

    async def members(
        self, pool_id: PoolId, name: str, *, after: str, limit: int
    ) -> Sequence[User]:
        rows = await self._connection.all(
            "SELECT u.document FROM group_members m"
            " JOIN users u ON u.pool_id = m.pool_id AND u.sub = m.sub"
            " WHERE m.pool_id = ? AND m.name = ? AND m.sub > ? ORDER BY m.sub LIMIT ?",
            pool_id,
            name,
            after,
            limit,
        )
        return [USER_DOCUMENTS.decode(row[0]) for row in rows]
