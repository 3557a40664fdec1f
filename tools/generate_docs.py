"""
Write the pages of docs/reference that are made from the code; `--check` fails where one is stale.
"""

import sys
from pathlib import Path

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


PAGES = {"operations.md": supported_operations}


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
