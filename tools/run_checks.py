"""
Run everything that a change must pass, cheapest first. The first failure ends it and is named.

pytest comes last, so that its closing line closes the whole.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Check:
    """A command; programs are those of .venv/bin."""

    what: str
    command: tuple[str, ...]


CHECKS = (
    Check("Form", ("ruff", "format", "--check", ".")),
    Check("Rules of the code", ("ruff", "check", ".")),
    Check("Types", ("mypy",)),
    Check("Which way imports point", ("lint-imports",)),
    Check(
        "The wire layer is what the service model says",
        ("python", "tools/generate_wire.py", "--check"),
    ),
    Check(
        "The generated pages of the reference say what the code says",
        ("python", "tools/generate_docs.py", "--check"),
    ),
    Check("Tests, on SQLite and PostgreSQL", ("pytest", "-n", "2", "--dist", "worksteal")),
)


def main() -> int:
    programs = REPOSITORY / ".venv" / "bin"
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    for check in CHECKS:
        typed = " ".join(check.command)
        print(f"\n== {check.what}: {typed}", flush=True)
        began = monotonic()
        done = subprocess.run(
            [programs / check.command[0], *check.command[1:]],
            check=False,
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            print(f"\nFAILED: {check.what}. To see it alone: .venv/bin/{typed}", file=sys.stderr)
            return 1
        if check is not CHECKS[-1]:
            print(f"   passed in {monotonic() - began:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
