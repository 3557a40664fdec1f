"""Queries for users, their names and their search keys."""

from collections.abc import Collection, Sequence

from cognate.domain.ids import PoolId, Sub
from cognate.domain.pools import Pool
from cognate.domain.user_filters import UserFilter, fits
from cognate.domain.users import (
    SEARCH_KEY_LENGTH,
    SEARCHABLE,
    User,
    alias_key,
    aliases,
    search_key,
    search_keys,
)
from cognate.ports.store import UserPage
from cognate.storage.connection import Connection, Row, storable
from cognate.storage.documents import Documents

DOCUMENTS = Documents(User)

LAST = "\U0010ffff"  # the last code point
SURROGATES = range(0xD800, 0xE000)  # code points that no text holds
COUNTED_EXACTLY = 10_000
LOOKED_UP_TOGETHER = 250
_PLACES = ", ".join("?" for _ in range(LOOKED_UP_TOGETHER))
SUB_DIGITS = 8  # hexadecimal, in front; enough to say where among all subs one lies

OWNED = (
    "user_aliases",
    "user_search",
    "credentials",
    "group_members",
    "codes",
    "attempts",
    "known_networks",
    "token_families",
    "software_tokens",
    "passkeys",
    "auth_events",
    "passkey_challenges",
    "devices",
    "awaited_devices",
    "linked_identities",
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

    async def add_many(self, pool: Pool, users: Sequence[User]) -> None:
        """Each table's rows in the order of its key: neighbours lie on one page."""
        rows = [
            (
                user.pool_id,
                user.sub,
                pool.name_key(user.username),
                user.status.value,
                int(user.enabled),
                DOCUMENTS.encode(user),
            )
            for user in users
        ]
        await self._connection.insert(
            "users",
            ("pool_id", "sub", "username_key", "status", "enabled", "document"),
            sorted(rows, key=_second),
        )
        await self._connection.insert(
            "user_aliases",
            ("pool_id", "kind", "alias_key", "sub"),
            sorted(
                (user.pool_id, kind, key, user.sub)
                for user in users
                for kind, key in aliases(pool, user).items()
            ),
        )
        await self._connection.insert(
            "user_search",
            ("pool_id", "attribute", "search_key", "sub"),
            sorted((user.pool_id, *key, user.sub) for user in users for key in search_keys(user)),
        )

    async def taken_usernames(self, pool: Pool, keys: Collection[str]) -> set[str]:
        return await self._present(
            "SELECT username_key FROM users WHERE pool_id = ? AND username_key IN",
            [pool.pool_id],
            keys,
        )

    async def taken_aliases(self, pool: Pool, kind: str, keys: Collection[str]) -> set[str]:
        return await self._present(
            "SELECT alias_key FROM user_aliases WHERE pool_id = ? AND kind = ? AND alias_key IN",
            [pool.pool_id, kind],
            keys,
        )

    async def _present(self, select: str, first: Sequence[str], keys: Collection[str]) -> set[str]:
        """Which of `keys` there are; in statements of one length, so that they stay prepared."""
        wanted = sorted(keys)
        found: set[str] = set()
        for start in range(0, len(wanted), LOOKED_UP_TOGETHER):
            part = wanted[start : start + LOOKED_UP_TOGETHER]
            part += part[-1:] * (LOOKED_UP_TOGETHER - len(part))
            rows = await self._connection.all(f"{select} ({_PLACES})", *first, *part)
            found.update(row[0] for row in rows)
        return {key for key in wanted if storable((key,))[0] in found}

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
            rows = await self._all(pool, sub, limit + 1)
        elif condition.attribute in SEARCHABLE:
            rows = await self._by_search_key(pool, condition, key, sub, limit + 1)
        else:
            rows = await self._by_column(pool, condition, key, sub, limit + 1)
        users = [DOCUMENTS.decode(row[2]) for row in rows[:limit]]
        if (
            condition is not None
            and condition.attribute in SEARCHABLE
            and len(search_key(condition.value)) == SEARCH_KEY_LENGTH
        ):
            users = [user for user in users if fits(user, condition)]
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
        below, end = _below_end("s.search_key", wanted)
        return await self._connection.all(
            select + " AND (s.search_key, s.sub) > (?, ?) AND s.search_key >= ?"
            f"{below} ORDER BY s.search_key, s.sub LIMIT ?",
            pool.pool_id,
            condition.attribute,
            key or wanted,
            sub,
            wanted,
            *end,
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
        below, end = _below_end(column, wanted)
        return await self._connection.all(
            f"SELECT {column}, sub, document FROM users"  # noqa: S608 - names from above
            f" WHERE pool_id = ? AND ({column}, sub) > (?, ?) AND {column} >= ?{below}"
            f" ORDER BY {column}, sub LIMIT ?",
            pool.pool_id,
            key or wanted,
            sub,
            wanted,
            *end,
            limit,
        )

    async def _by_enabled(
        self, pool: Pool, condition: UserFilter, sub: str, limit: int
    ) -> Sequence[Row]:
        wanted = [
            enabled
            for text, enabled in (("Disabled", 0), ("Enabled", 1))
            if (text.startswith(condition.value) if condition.prefix else text == condition.value)
        ]
        if len(wanted) == 1:
            return await self._connection.all(
                "SELECT '', sub, document FROM users"
                " WHERE pool_id = ? AND enabled = ? AND sub > ? ORDER BY sub LIMIT ?",
                pool.pool_id,
                wanted[0],
                sub,
                limit,
            )
        return await self._all(pool, sub, limit) if wanted else []

    async def _all(self, pool: Pool, sub: str, limit: int) -> Sequence[Row]:
        return await self._connection.all(
            "SELECT '', sub, document FROM users WHERE pool_id = ? AND sub > ?"
            " ORDER BY sub LIMIT ?",
            pool.pool_id,
            sub,
            limit,
        )

    async def estimate(self, pool_id: PoolId) -> int:
        """
        Subs are random. Where the ten-thousandth lies among all that there could be tells, within
        two in a hundred, how many there are.
        """
        row = await self._connection.one(
            "SELECT count(*), max(sub) FROM"
            " (SELECT sub FROM users WHERE pool_id = ? ORDER BY sub LIMIT ?) AS first",
            pool_id,
            COUNTED_EXACTLY + 1,
        )
        counted: int = 0 if row is None else row[0]
        if row is None or counted <= COUNTED_EXACTLY:
            return counted
        share: float = (int(row[1][:SUB_DIGITS], 16) + 1) / 16**SUB_DIGITS
        return max(counted, round(counted / share))


def prefix_end(prefix: str) -> str | None:
    """
    The first text after all that begin with `prefix`, as both databases compare: by code points.
    None where nothing comes after them.
    """
    stem = prefix.rstrip(LAST)
    if not stem:
        return None
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(SURROGATES.stop if following in SURROGATES else following)


def _below_end(column: str, prefix: str) -> tuple[str, tuple[str, ...]]:
    """The condition that ends a range of texts with one prefix, and its value."""
    end = prefix_end(prefix)
    return ("", ()) if end is None else (f" AND {column} < ?", (end,))


def _second(row: Row) -> str:
    return str(row[1])


def _user(row: Row | None) -> User | None:
    return None if row is None else DOCUMENTS.decode(row[0])
