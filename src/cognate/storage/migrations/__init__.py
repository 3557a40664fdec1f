"""
Numbered migrations, applied at start in order, each once.

A file is expand-only (add tables, columns with defaults, indexes), so that two versions of the
server can run side by side; what is no longer used is dropped by a later release.
"""

import importlib.resources
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

SQLITE_TYPES = {"text": "TEXT", "bytes": "BLOB"}
POSTGRESQL_TYPES = {"text": 'TEXT COLLATE "C"', "bytes": "BYTEA"}

CREATE_REGISTER = (
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)"
)


class SchemaError(Exception):
    """The database's schema is not one that this version knows, in words for its keeper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    version: int
    name: str
    statements: tuple[str, ...]


def migrations(types: Mapping[str, str]) -> list[Migration]:
    """Every migration in order, with the types of one database."""
    found = []
    for file in importlib.resources.files(__package__).iterdir():
        if not file.name.endswith(".sql"):
            continue
        text = file.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
        sql = "\n".join(lines)
        for name, replacement in types.items():
            sql = sql.replace("{" + name + "}", replacement)
        statements = tuple(part.strip() for part in sql.split(";") if part.strip())
        number, _, rest = file.name.removesuffix(".sql").partition("_")
        found.append(Migration(version=int(number), name=rest, statements=statements))
    return sorted(found, key=lambda migration: migration.version)


def unapplied(known: Collection[Migration], applied: Collection[int]) -> list[Migration]:
    """
    Those of `known` that a database with the versions `applied` still lacks.

    Raises:
        SchemaError: the database has one that is not known here: a newer version made it.
    """
    newer = sorted(set(applied) - {migration.version for migration in known})
    if newer:
        raise SchemaError(
            f"The database was made by a newer version of Cognate: its schema has migration"
            f" {newer[-1]}, this version knows up to {max(m.version for m in known)}."
        )
    return [migration for migration in known if migration.version not in applied]


def tables(known: Collection[Migration]) -> list[str]:
    """Every table that the migrations create."""
    return [
        found[1]
        for migration in known
        for statement in migration.statements
        if (found := re.match(r"CREATE TABLE (\w+)", statement)) is not None
    ]
