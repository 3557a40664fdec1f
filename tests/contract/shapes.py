"""Requests that an operation's own shape allows, made from the service model."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from cognate.wire.decoding import InvalidRequest, decode_request
from cognate.wire.service import Service

WIRE = Path(__file__).resolve().parents[2] / "src" / "cognate" / "wire"
TEXTS = (
    "a",
    "Ada Lovelace",
    "ada",
    "ada@example.com",
    "+15550100",
    "123456",
    "Correct-horse1!",
    "Your code is {####}",
    "Click {##here##}",
    "{username} {####}",
    "us-east-1_abcdefghi",
    "us-east-1_11111111-2222-3333-4444-555555555555",
    "arn:aws:iam::123456789012:role/somebody",
    "arn:aws:lambda:us-east-1:123456789012:function:f",
    "arn:aws:s3:::bucket",
    "arn:aws:ses:us-east-1:123456789012:identity/a@example.com",
    "https://example.com/callback",
    "email",
    "custom:tenant",
    "é中😀",
    "0d5f6b1c-7a43-4e3e-a9a3-1f2a3b4c5d6e",
    "0d5f6b1c-7a43-4e3e-89a3-1f2a3b4c5d6e",
    "tkn" + "a1" * 12 + "b",
    "import-abcdefghij",
    "terms-of-use",
    "cognito:default",
    "Level1",
    "us-west-2",
    "x" * 24,
    "x" * 64,
    "x.y.z",
    "1",
)


@cache
def model(service_name: str) -> dict[str, Any]:
    file = WIRE / f"{service_name.replace('-', '_')}_model.json"
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def requests_of(
    service: Service,
    operation: str,
    known: Mapping[str, Sequence[str]] | None = None,
    *,
    maximal: bool = False,
) -> st.SearchStrategy[dict[str, Any]]:
    """
    Requests that the wire accepts. `known`: values to prefer for members of these names (a pool
    that exists, a live access token). `maximal`: every member is there.
    """
    shapes = model(service.name)["shapes"]
    root = model(service.name)["requests"][operation]
    strategy = _values(shapes, root, "", known or {}, maximal)

    def fits(request: Any) -> bool:
        try:
            decode_request(service, service.operations[operation], msgspec.json.encode(request))
        except InvalidRequest:
            return False
        return True

    return strategy.filter(fits)


def _values(
    shapes: dict[str, Any],
    name: str,
    member: str,
    known: Mapping[str, Sequence[str]],
    maximal: bool,
) -> st.SearchStrategy[Any]:
    shape = shapes[name]
    if shape["type"] == "structure":
        members = {
            key: _values(shapes, of, key, known, maximal) for key, of in shape["members"].items()
        }
        if maximal:
            return st.fixed_dictionaries(members)
        required = {key: members.pop(key) for key in shape.get("required", [])}
        return st.fixed_dictionaries(required, optional=members)
    return _value(shapes, shape, member, known, maximal)


def _value(
    shapes: dict[str, Any],
    shape: dict[str, Any],
    member: str,
    known: Mapping[str, Sequence[str]],
    maximal: bool,
) -> st.SearchStrategy[Any]:
    low, high = shape.get("min", 0), shape.get("max", 3)
    match shape["type"]:
        case "list":
            element = _values(shapes, shape["member"], member, known, maximal)
            return st.lists(
                element, min_size=max(low, int(maximal)), max_size=max(low, min(high, 3))
            )
        case "map":
            keys = _values(shapes, shape["key"], "", known, maximal)
            value = _values(shapes, shape["value"], "", known, maximal)
            return st.dictionaries(keys, value, min_size=low, max_size=max(low, 2))
        case "string":
            return _text(shape, known.get(member, ()))
        case "blob":
            return st.sampled_from(["AAEC", "iVBORw0KGgo="])
        case "integer" | "long":
            return st.integers(shape.get("min", 0), min(shape.get("max", 1000), 2**31 - 1))
        case "boolean":
            return st.booleans()
        case "timestamp" | "double" | "float":
            return st.integers(0, 2**31)
        case _:
            return st.just({})


def _text(shape: dict[str, Any], preferred: Sequence[str]) -> st.SearchStrategy[str]:
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    low, high = shape.get("min", 0), shape.get("max", 4000)
    pattern = re.compile(shape["python_pattern"]) if "python_pattern" in shape else None

    def fits(text: str) -> bool:
        return low <= len(text) <= high and (pattern is None or pattern.search(text) is not None)

    candidates = [text for text in (*TEXTS, "x" * low) if fits(text)]
    wanted = [text for text in preferred if fits(text)]
    return st.sampled_from(wanted * 3 + candidates)
