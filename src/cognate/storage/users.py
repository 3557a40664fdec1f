"""Queries for users, their names and their search keys."""

from collections.abc import Sequence

from cognate.domain.ids import PoolId, Sub
from cognate.domain.pools import Pool
from cognate.domain.user_filters import UserFilter
from cognate.domain.users import SEARCHABLE, User, alias_key, aliases, search_key, search_keys
from cognate.ports.store import UserPage
from cognate.storage.connection import Connection, Row
from cognate.storage.documents import Documents

DOCUMENTS = Documents(User)

# Beyond any text: a prefix p is the half-open range [p, p + LAST).
LAST = "\U0010ffff"
COUNTED_EXACTLY = 10_000
# Subs are random, so those that begin with 00 are one in 256.
SAMPLE_END = "01"
SAMPLE_SHARE = 256

OWNED = (
    "user_aliases",
    "user_search",
    "credentials",
    "group_members",
    "codes",
    "attempts",
    "token_families",
    "software_tokens",
    "passkeys",
    "passkey_challenges",
    "devices",
    "awaited_devices",
)


class Users:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, pool_id: PoolId, sub: Sub) -> User | None:
        return _user(
            await self._connection.one(
                "SELECT document FROM users WHERE pool_id = ? AND sub = ?", pool_id, sub
            )
        )

    async def find_by_username(self, pool: Pool, username: str) -> User | None:
        return _user(
            await self._connection.one(
                "SELECT document FROM users WHERE pool_id = ? AND username_key = ?",
                pool.pool_id,
                pool.name_key(username),
            )
        )

    async def find_by_alias(self, pool: Pool, kind: str, value: str) -> User | None:
        return _user(
            await self._connection.one(
                "SELECT u.document FROM user_aliases a"
                " JOIN users u ON u.pool_id = a.pool_id AND u.sub = a.sub"
                " WHERE a.pool_id = ? AND a.kind = ? AND a.alias_key = ?",
                pool.pool_id,
                kind,
                alias_key(pool, kind, value),
            )
        )

    async def add(self, pool: Pool, user: User) -> None:
        await self._connection.run(
            "INSERT INTO users (pool_id, sub, username_key, status, enabled, document)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            user.pool_id,
            user.sub,
            pool.name_key(user.username),
            user.status.value,
            int(user.enabled),
            DOCUMENTS.encode(user),
        )
        await self._add_names(pool, user)

    async def save(self, pool: Pool, user: User) -> None:
        before = await self.find(user.pool_id, user.sub)
        await self._connection.run(
            "UPDATE users SET status = ?, enabled = ?, document = ? WHERE pool_id = ? AND sub = ?",
            user.status.value,
            int(user.enabled),
            DOCUMENTS.encode(user),
            user.pool_id,
            user.sub,
        )
        if before is None or before.attributes == user.attributes:
            return
        for table in ("user_aliases", "user_search"):
            await self._connection.run(
                f"DELETE FROM {table} WHERE pool_id = ? AND sub = ?",  # noqa: S608 - names from above
                user.pool_id,
                user.sub,
            )
        await self._add_names(pool, user)

    async def _add_names(self, pool: Pool, user: User) -> None:
        for kind, key in aliases(pool, user).items():
            await self._connection.run(
                "INSERT INTO user_aliases (pool_id, kind, alias_key, sub) VALUES (?, ?, ?, ?)",
                user.pool_id,
                kind,
                key,
                user.sub,
            )
        for attribute, key in search_keys(user):
            await self._connection.run(
                "INSERT INTO user_search (pool_id, attribute, search_key, sub) VALUES (?, ?, ?, ?)",
                user.pool_id,
                attribute,
                key,
                user.sub,
            )

    async def delete(self, user: User) -> bool:
        for table in OWNED:
            await self._connection.run(
                f"DELETE FROM {table} WHERE pool_id = ? AND sub = ?",  # noqa: S608 - names from above
                user.pool_id,
                user.sub,
            )
        deleted = await self._connection.run(
            "DELETE FROM users WHERE pool_id = ? AND sub = ?", user.pool_id, user.sub
        )
        return deleted == 1

    async def page(
        self,
        pool: Pool,
        *,
        condition: UserFilter | None,
        after: tuple[str, str] | None,
        limit: int,
    ) -> UserPage:
        key, sub = after or ("", "")
        if condition is None:
            rows = await self._connection.all(
                "SELECT '', sub, document FROM users WHERE pool_id = ? AND sub > ?"
                " ORDER BY sub LIMIT ?",
                pool.pool_id,
                sub,
                limit + 1,
            )
        elif condition.attribute in SEARCHABLE:
            rows = await self._by_search_key(pool, condition, key, sub, limit + 1)
        else:
            rows = await self._by_column(pool, condition, key, sub, limit + 1)
        users = [DOCUMENTS.decode(row[2]) for row in rows[:limit]]
        more = len(rows) > limit
        return UserPage(
            users=users, after=(rows[limit - 1][0], rows[limit - 1][1]) if more else None
        )

    async def _by_search_key(
        self, pool: Pool, condition: UserFilter, key: str, sub: str, limit: int
    ) -> Sequence[Row]:
        wanted = search_key(condition.value)
        select = (
            "SELECT s.search_key, s.sub, u.document FROM user_search s"
            " JOIN users u ON u.pool_id = s.pool_id AND u.sub = s.sub"
            " WHERE s.pool_id = ? AND s.attribute = ?"
        )
        if not condition.prefix:
            return await self._connection.all(
                select + " AND s.search_key = ? AND s.sub > ? ORDER BY s.sub LIMIT ?",
                pool.pool_id,
                condition.attribute,
                wanted,
                sub,
                limit,
            )
        return await self._connection.all(
            select + " AND (s.search_key, s.sub) > (?, ?) AND s.search_key >= ?"
            " AND s.search_key < ? ORDER BY s.search_key, s.sub LIMIT ?",
            pool.pool_id,
            condition.attribute,
            key or wanted,
            sub,
            wanted,
            wanted + LAST,
            limit,
        )

    async def _by_column(
        self, pool: Pool, condition: UserFilter, key: str, sub: str, limit: int
    ) -> Sequence[Row]:
        match condition.attribute:
            case "username":
                column, wanted = "username_key", pool.name_key(condition.value)
            case "sub":
                column, wanted = "sub", condition.value
            case "cognito:user_status":
                column, wanted = "status", condition.value.upper()
            case _:  # status: "Enabled" or "Disabled", compared with case
                return await self._by_enabled(pool, condition, sub, limit)
        if not condition.prefix:
            return await self._connection.all(
                f"SELECT {column}, sub, document FROM users"  # noqa: S608 - names from above
                f" WHERE pool_id = ? AND {column} = ? AND sub > ? ORDER BY sub LIMIT ?",
                pool.pool_id,
                wanted,
                sub,
                limit,
            )
        return await self._connection.all(
            f"SELECT {column}, sub, document FROM users"  # noqa: S608 - names from above
            f" WHERE pool_id = ? AND ({column}, sub) > (?, ?) AND {column} >= ? AND {column} < ?"
            f" ORDER BY {column}, sub LIMIT ?",
            pool.pool_id,
            key or wanted,
            sub,
            wanted,
            wanted + LAST,
            limit,
        )

    async def _by_enabled(
        self, pool: Pool, condition: UserFilter, sub: str, limit: int
    ) -> Sequence[Row]:
        rows: Sequence[Row] = []
        for text, enabled in (("Disabled", 0), ("Enabled", 1)):
            fits = text.startswith(condition.value) if condition.prefix else text == condition.value
            if fits and not rows:
                rows = await self._connection.all(
                    "SELECT '', sub, document FROM users"
                    " WHERE pool_id = ? AND enabled = ? AND sub > ? ORDER BY sub LIMIT ?",
                    pool.pool_id,
                    enabled,
                    sub,
                    limit,
                )
        return rows

    async def estimate(self, pool_id: PoolId) -> int:
        row = await self._connection.one(
            "SELECT count(*) FROM (SELECT 1 FROM users WHERE pool_id = ? LIMIT ?) AS counted",
            pool_id,
            COUNTED_EXACTLY + 1,
        )
        counted = 0 if row is None else int(row[0])
        if counted <= COUNTED_EXACTLY:
            return counted
        row = await self._connection.one(
            "SELECT count(*) FROM users WHERE pool_id = ? AND sub < ?", pool_id, SAMPLE_END
        )
        return max(counted, 0 if row is None else int(row[0]) * SAMPLE_SHARE)


def _user(row: Row | None) -> User | None:
    return None if row is None else DOCUMENTS.decode(row[0])
