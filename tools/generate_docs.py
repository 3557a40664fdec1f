"""
Write the pages of docs/reference that are made from the code; `--check` fails where one is stale.
"""

import sys
from dataclasses import fields
from pathlib import Path

from cognate.cli.options import HELP, NOT_TYPED
from cognate.config import PREFIX, Settings
from cognate.operations.table import OPERATIONS
from cognate.wire.cognito_identity import SERVICE as COGNITO_IDENTITY
from cognate.wire.cognito_idp import SERVICE as COGNITO_IDP
from cognate.wire.service import Service

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
SERVICES: tuple[Service, ...] = (COGNITO_IDP, COGNITO_IDENTITY)


def supported_operations() -> str:
    """The table of operations: those in the code's own tables, against the service models."""
    lines = [
        "# Supported operations",
        "",
        "Made from the code by `make docs`; a test holds it against the code. What is not built "
        "answers with HTTP 501 and says so.",
    ]
    for service in SERVICES:
        built = OPERATIONS.get(service.name, {})
        lines += [
            "",
            f"## {service.name}: {len(built)} of {len(service.operations)}",
            "",
            "| operation | built | called |",
            "| --- | --- | --- |",
        ]
        for name in sorted(service.operations):
            signed = "signed" if service.operations[name].signed else "without AWS credentials"
            lines.append(f"| {name} | {'yes' if name in built else 'no'} | {signed} |")
    return "\n".join(lines) + "\n"


def settings() -> str:
    """The table of settings: every field of `Settings`, in the words of `--help`."""
    lines = [
        "# Settings",
        "",
        "Made from the code by `make docs`. Each setting is an option of `cognate serve` and"
        " `cognate dev`, a variable of the environment, and a line of `cognate.toml` in the"
        " directory where it is started (for `dev`: in the project). The command line wins over"
        " the environment, the environment over the file. Switches take `true` or `false` in the"
        " environment and in the file.",
        "",
        "| option | environment | cognate.toml | what it sets |",
        "| --- | --- | --- | --- |",
    ]
    for setting in fields(Settings):
        name = setting.name
        key = name.replace("_", "-")
        option = "none" if name in NOT_TYPED else f"`--{key}`"
        text = ({**HELP, **NOT_TYPED})[name].replace("|", "\\|")
        lines.append(f"| {option} | `{PREFIX}{name.upper()}` | `{key}` | {text} |")
    lines += [
        "",
        "`cognate dev` takes all but `--mode` and `--workers`: it is one process in development"
        " mode.",
    ]
    return "\n".join(lines) + "\n"


PAGES = {"operations.md": supported_operations, "settings.md": settings}


def main(arguments: list[str]) -> int:
    stale = []
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        file, text = REFERENCE / name, page()
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            file.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        print(f"stale: {', '.join(stale)}; run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
