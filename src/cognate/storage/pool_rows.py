"""
A pool's rows as they lie, for archives: whatever table they are in, today's and tomorrow's.

Both databases have the same tables with the same values in them, so a row of one is a row of the
other.
"""

from collections.abc import Mapping, Sequence

from cognate.domain.ids import PoolId
from cognate.storage.connection import Connection, Value
from cognate.storage.migrations import SQLITE_TYPES, migrations
from cognate.storage.pools import OWNED

# What does not travel: keys (they are sealed anew), messages that are being sent from here,
# and what is under way here.
STAYS = ("data_keys", "messages", "import_files", "active_imports", "pool_restores")
TRAVELS = tuple(table for table in OWNED if table not in STAYS)


def schema_version() -> int:
    return max(migration.version for migration in migrations(SQLITE_TYPES))


class PoolRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> None:
        """
        Raises:
            LookupError: not a table of a pool's rows.
        """
        if table not in TRAVELS:
            raise LookupError(table)
        await self._connection.insert(table, columns, rows)

    async def restored(self, pool_id: PoolId) -> tuple[str, int] | None:
        row = await self._connection.one(
            "SELECT archive_id, chunks FROM pool_restores WHERE pool_id = ?", pool_id
        )
        return None if row is None else (row[0], row[1])

    async def save_restored(self, pool_id: PoolId, archive_id: str, chunks: int) -> None:
        await self._connection.run(
            "INSERT INTO pool_restores (pool_id, archive_id, chunks) VALUES (?, ?, ?)"
            " ON CONFLICT (pool_id) DO UPDATE"
            " SET archive_id = excluded.archive_id, chunks = excluded.chunks",
            pool_id,
            archive_id,
            chunks,
        )

    async def end_restore(self, pool_id: PoolId) -> None:
        await self._connection.run("DELETE FROM pool_restores WHERE pool_id = ?", pool_id)

    async def clear(self, pool_id: PoolId) -> None:
        """All rows of a pool whose restore is not to be continued."""
        for table in OWNED:
            await self._connection.sweep(f"DELETE FROM {table} WHERE pool_id = ?", pool_id)  # noqa: S608 - names from above


def selection(table: str, columns: Sequence[str]) -> str:
    """In the order of the table's key, in which rows go back in fastest."""
    key = ", ".join(_KEYS[table])
    return f"SELECT {', '.join(columns)} FROM {table} WHERE pool_id = ? ORDER BY {key}"  # noqa: S608 - the schema's own names


def _keys() -> Mapping[str, tuple[str, ...]]:
    """The primary key of every table, read from the migrations."""
    found = {}
    for migration in migrations(SQLITE_TYPES):
        for statement in migration.statements:
            words = statement.split()
            if words[:2] != ["CREATE", "TABLE"]:
                continue
            _, marked, rest = statement.partition("PRIMARY KEY (")
            if marked:
                found[words[2]] = tuple(name.strip() for name in rest.partition(")")[0].split(","))
            else:
                before = statement.partition("PRIMARY KEY")[0].rpartition("\n")[2]
                found[words[2]] = (before.split()[0],)
    return found


_KEYS = _keys()
