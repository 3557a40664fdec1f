"""
Numbered migrations, applied at start in order, each once.

A file is expand-only (add tables, columns with defaults, indexes), so that two versions of the
server can run side by side; what is no longer used is dropped by a later release.
"""

import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass

SQLITE_TYPES = {"text": "TEXT", "bytes": "BLOB"}
POSTGRESQL_TYPES = {"text": 'TEXT COLLATE "C"', "bytes": "BYTEA"}


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
