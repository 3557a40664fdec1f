"""
Write `src/cognate/wire/` from the service models that botocore carries.

    python tools/generate_wire.py            rewrite the generated files
    python tools/generate_wire.py --check    exit 1, naming what differs, if they are out of date

For each service two files: `<service>.py`, the structs and the table of operations, and
`<service>_model.json`, the same constraints as data, read only to word a refusal.
No text of the models' documentation is copied.
"""

from __future__ import annotations

import argparse
import difflib
import gzip
import json
import keyword
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore
from botocore import xform_name
from java_patterns import to_python

ROOT = Path(__file__).resolve().parent.parent
WIRE = ROOT / "src" / "cognate" / "wire"
MODELS = Path(botocore.__file__).parent / "data"

JAVA_RANGES = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One service to generate: its folder among botocore's models, and the operations wanted."""

    folder: str
    module: str
    # Query-protocol errors carry another name for a broken constraint than the JSON services do.
    violation: str = "InvalidParameterException"
    only: tuple[str, ...] | None = None


SOURCES = (
    Source(folder="cognito-idp/2016-04-18", module="cognito_idp"),
    Source(folder="cognito-identity/2014-06-30", module="cognito_identity"),
    Source(
        folder="sts/2011-06-15",
        module="sts",
        violation="ValidationError",
        only=("AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity", "GetSessionToken"),
    ),
    Source(
        folder="logs/2014-03-28",
        module="logs",
        only=(
            "CreateLogGroup",
            "CreateLogStream",
            "DeleteLogGroup",
            "DeleteLogStream",
            "DeleteRetentionPolicy",
            "DescribeLogGroups",
            "DescribeLogStreams",
            "FilterLogEvents",
            "GetLogEvents",
            "ListTagsForResource",
            "PutLogEvents",
            "PutRetentionPolicy",
            "TagResource",
            "UntagResource",
        ),
    ),
)

# Names that annotations use: a member called so would be found in their stead.
SHADOWED = {
    "Annotated",
    "Blob",
    "Document",
    "Literal",
    "Meta",
    "bool",
    "dict",
    "float",
    "int",
    "list",
    "str",
}

Shape = Mapping[str, Any]


@dataclass(slots=True)
class Model:
    """One service model, with the questions the writer asks of it."""

    source: Source
    raw: Mapping[str, Any]
    inputs: set[str] = field(default_factory=set)
    outputs: set[str] = field(default_factory=set)
    class_names: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, source: Source) -> Model:
        with gzip.open(MODELS / source.folder / "service-2.json.gz") as file:
            model = cls(source, json.load(file))
        for name, operation in model.operations():
            for side, suffix, reached in (
                ("input", "Request", model.inputs),
                ("output", "Response", model.outputs),
            ):
                if side in operation:
                    shape = operation[side]["shape"]
                    reached.update(model.reachable(shape))
                    model.name_top_level(shape, name + suffix)
        return model

    def operations(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name in sorted(self.raw["operations"]):
            if self.source.only is None or name in self.source.only:
                yield name, self.raw["operations"][name]

    def shape(self, name: str) -> Shape:
        found: Shape = self.raw["shapes"][name]
        return found

    def reachable(self, name: str) -> set[str]:
        """The names of the shape and of everything inside it."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self.inside(current))
        return found

    def inside(self, name: str) -> list[str]:
        shape = self.shape(name)
        members = [member["shape"] for member in shape.get("members", {}).values()]
        return members + [
            shape[part]["shape"] for part in ("member", "key", "value") if part in shape
        ]

    def name_top_level(self, shape: str, wanted: str) -> None:
        """
        Give a request or response the name `<Operation>Request` or `<Operation>Response`.

        Cognito Identity calls its requests `…Input` and shares shapes between operations: the
        former are renamed, for the latter the wanted name becomes an alias.
        """
        if shape == wanted or shape == wanted.removesuffix("Request") + "Input":
            self.class_names[shape] = wanted
        else:
            self.aliases[wanted] = shape

    def class_name(self, shape: str) -> str:
        return self.class_names.get(shape, shape)


class Writer:
    """The text of one generated module."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.patterns: dict[str, str] = {}  # constant's name by Python pattern

    def module(self) -> str:
        structures = [self.structure(name) for name in self.structure_names()]
        enums = list(self.enums())
        aliases = [
            f"{alias}: TypeAlias = {self.model.class_name(shape)}"
            for alias, shape in sorted(self.model.aliases.items())
        ]
        patterns = [f"{name} = {pattern_literal(text)}" for text, name in self.patterns.items()]
        body = "\n\n".join(["\n".join(patterns), *enums, *structures, "\n".join(aliases)])
        return "\n".join([self.header(body), body, self.table()])

    def header(self, body: str) -> str:
        typing_names = [name for name in ("Annotated", "Literal", "TypeAlias") if f"{name}" in body]
        service_names = [n for n in ("Blob", "Document") if re.search(rf"[: \[]{n}\b", body)]
        service_names += ["OperationModel", "Service", "Shape"]
        return "\n".join(
            [
                "# Generated by `python tools/generate_wire.py`; do not edit.",
                f"# From botocore {botocore.__version__}, {self.model.source.folder}.",
                "# ruff: noqa: E501",
                f'"""The shapes of {self.model.raw["metadata"]["serviceFullName"]}, generated."""',
                "",
                "from __future__ import annotations  # constraints are built when first decoded",
                "",
                f"from typing import {', '.join(typing_names)}" if typing_names else "",
                "",
                "from msgspec import Meta, field"
                if "= field(" in body
                else "from msgspec import Meta",
                "",
                f"from cognate.wire.service import {', '.join(service_names)}",
                "",
            ]
        )

    def structure_names(self) -> list[str]:
        every = self.model.inputs | self.model.outputs
        names = [
            name
            for name in every
            if self.model.shape(name)["type"] == "structure"
            and not self.model.shape(name).get("document")
        ]
        return sorted(names, key=self.model.class_name)

    def enums(self) -> Iterator[str]:
        for name in sorted(self.model.inputs):
            shape = self.model.shape(name)
            if shape.get("enum"):
                values = ", ".join(json.dumps(value) for value in shape["enum"])
                yield f"{name}: TypeAlias = Literal[{values}]"

    def structure(self, name: str) -> str:
        shape = self.model.shape(name)
        is_input = name in self.model.inputs
        required = set(shape.get("required", ())) if is_input else set()
        style = self.rename_style()
        options = "" if style == "pascal" else f', rename="{style}"'
        lines = [f"class {self.model.class_name(name)}(Shape, frozen=True, kw_only=True{options}):"]
        for member, reference in shape.get("members", {}).items():
            lines.append("    " + self.member(member, reference, is_input, member in required))
        if len(lines) == 1:
            lines.append("    pass")
        return "\n".join(lines)

    def rename_style(self) -> str:
        camel = sum(
            member[0].islower()
            for name in self.structure_names()
            for member in self.model.shape(name).get("members", {})
        )
        pascal = sum(
            member[0].isupper()
            for name in self.structure_names()
            for member in self.model.shape(name).get("members", {})
        )
        return "camel" if camel > pascal else "pascal"

    def member(
        self, member: str, reference: Mapping[str, Any], is_input: bool, required: bool
    ) -> str:
        python_name = member_name(member)
        if python_name in SHADOWED:
            raise ValueError(f"{member} would hide a type in the annotations of its own class")
        type_text = self.type_text(reference["shape"], is_input)
        default: list[str] = []
        if not required:
            type_text += " | None"
            default.append("None")
        if renamed(python_name, self.rename_style()) != member:
            options = ["default=None"] if default else []
            default = [f"field({', '.join([*options, f'name={json.dumps(member)}'])})"]
        return f"{python_name}: {type_text}" + "".join(f" = {text}" for text in default)

    def type_text(self, name: str, is_input: bool) -> str:
        shape = self.model.shape(name)
        match shape["type"]:
            case "structure":
                return "Document" if shape.get("document") else self.model.class_name(name)
            case "list":
                inner = self.type_text(shape["member"]["shape"], is_input)
                return self.constrained(f"list[{inner}]", shape, is_input)
            case "map":
                key = self.type_text(shape["key"]["shape"], is_input)
                value = self.type_text(shape["value"]["shape"], is_input)
                return self.constrained(f"dict[{key}, {value}]", shape, is_input)
            case "string":
                if is_input and shape.get("enum"):
                    return name
                return self.constrained("str", shape, is_input, name)
            case "blob":
                return self.constrained("Blob", shape, is_input)
            case "integer" | "long":
                return self.constrained("int", shape, is_input)
            case "boolean":
                return "bool"
            case "timestamp" | "double" | "float":
                return "float"
            case other:
                raise ValueError(f"{name}: no Python type for a {other}")

    def constrained(self, base: str, shape: Shape, is_input: bool, name: str = "") -> str:
        if not is_input:
            return base
        options: list[str] = []
        if base == "int":
            low, high = JAVA_RANGES[shape["type"]]
            options.append(f"ge={max(shape.get('min', low), low)}")
            options.append(f"le={min(shape.get('max', high), high)}")
        else:
            if shape.get("min"):
                options.append(f"min_length={shape['min']}")
            if "max" in shape:
                options.append(f"max_length={shape['max']}")
            if "pattern" in shape:
                options.append(f"pattern={self.pattern(shape['pattern'], name)}")
        return f"Annotated[{base}, Meta({', '.join(options)})]" if options else base

    def pattern(self, java: str, shape_name: str) -> str:
        """The constant that holds the pattern, called after the first shape to use it."""
        text = to_python(java)
        if text not in self.patterns:
            self.patterns[text] = f"{xform_name(shape_name).upper()}_PATTERN"
        return self.patterns[text]

    def table(self) -> str:
        metadata = self.model.raw["metadata"]
        lines = [
            "",
            "SERVICE = Service(",
            f"    name={json.dumps(metadata.get('signingName', metadata['endpointPrefix']))},",
            f"    target_prefix={json.dumps(metadata.get('targetPrefix', ''))},",
            "    operations={",
        ]
        for name, operation in self.model.operations():
            errors = "".join(
                f"{json.dumps(error)}, " for error in error_names(self.model, operation)
            )
            lines += [
                f"{json.dumps(name)}: OperationModel(",
                f"name={json.dumps(name)},",
                f"request={self.side(operation, 'input')},",
                f"response={self.side(operation, 'output')},",
                f"signed={operation.get('authtype') != 'none'},",
                f"errors=({errors}),",
                "),",
            ]
        return "\n".join([*lines, "    },", ")", ""])

    def side(self, operation: Mapping[str, Any], side: str) -> str:
        return self.model.class_name(operation[side]["shape"]) if side in operation else "None"


def error_names(model: Model, operation: Mapping[str, Any]) -> list[str]:
    """The operation's modelled errors, by the code that goes on the wire."""
    names = [error["shape"] for error in operation.get("errors", ())]
    return sorted(model.shape(name).get("error", {}).get("code", name) for name in names)


def member_name(member: str) -> str:
    """The field's name: as the Python SDK spells it, with an underscore after a keyword."""
    name = xform_name(member)
    return f"{name}_" if keyword.iskeyword(name) else name


def renamed(python_name: str, style: str) -> str:
    """The wire name msgspec's own `rename` gives a field."""
    first, *rest = python_name.split("_")
    words = "".join(word.title() for word in rest)
    return (first.title() if style == "pascal" else first) + words


def pattern_literal(text: str) -> str:
    return f'r"{text}"' if '"' not in text and "\n" not in text else repr(text)


def model_json(model: Model) -> str:
    """The constraints as data: every shape a request can reach, in the model's own order."""
    shapes = {name: compact_shape(model.shape(name)) for name in sorted(model.inputs)}
    document = {
        "violation": model.source.violation,
        "requests": {
            name: operation["input"]["shape"]
            for name, operation in model.operations()
            if "input" in operation
        },
        "shapes": shapes,
    }
    lines = [
        "{",
        f'"violation": {json.dumps(document["violation"])},',
        f'"requests": {json.dumps(document["requests"])},',
        '"shapes": {',
        ",\n".join(f"{json.dumps(name)}: {json.dumps(shape)}" for name, shape in shapes.items()),
        "}",
        "}",
        "",
    ]
    return "\n".join(lines)


def compact_shape(shape: Shape) -> dict[str, Any]:
    compact: dict[str, Any] = {"type": "document" if shape.get("document") else shape["type"]}
    for part in ("min", "max", "enum", "required"):
        if part in shape:
            compact[part] = shape[part]
    if "pattern" in shape:
        compact["pattern"] = shape["pattern"]
        compact["python_pattern"] = to_python(shape["pattern"])
    if shape.get("sensitive"):
        compact["sensitive"] = True
    for part in ("member", "key", "value"):
        if part in shape:
            compact[part] = shape[part]["shape"]
    if shape["type"] == "structure":
        compact["members"] = {
            name: reference["shape"] for name, reference in shape.get("members", {}).items()
        }
    return compact


def formatted(source: str) -> str:
    """The source as ruff writes it, by fixed rules: the project's settings may change."""
    ruff = Path(sys.executable).with_name("ruff")
    options = ["--isolated", "--line-length", "100", "--target-version", "py311"]
    result = subprocess.run(
        [str(ruff), "format", *options, "--stdin-filename", "generated.py", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout


def generate() -> dict[Path, str]:
    """Every generated file's path and text."""
    files: dict[Path, str] = {}
    for source in SOURCES:
        model = Model.read(source)
        files[WIRE / f"{source.module}.py"] = formatted(Writer(model).module())
        files[WIRE / f"{source.module}_model.json"] = model_json(model)
    return files


def differences(path: Path, text: str) -> list[str]:
    """A summary of what would change in the file: nothing where it is current."""
    present = path.read_text(encoding="utf-8") if path.exists() else ""
    if present == text:
        return []
    changed = [
        line
        for line in difflib.unified_diff(present.splitlines(), text.splitlines(), lineterm="", n=0)
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    shown = [f"  {line[:140]}" for line in changed[:20]]
    return [f"{path.relative_to(ROOT)}: {len(changed)} lines differ", *shown]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Generate the wire layer from botocore's models.")
    parser.add_argument("--check", action="store_true", help="only say whether files are current")
    options = parser.parse_args(arguments)

    files = generate()
    if options.check:
        summary = [line for path, text in files.items() for line in differences(path, text)]
        print("\n".join(summary) or "The generated files are current.")
        return 1 if summary else 0
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
