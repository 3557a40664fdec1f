"""
Requests made from the service model alone: minimal, maximal, and with one constraint broken.

What a shape cannot tell (which pool there is, which flow the client allows) comes from `known`, by
the name of the member or of the map's key.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.contract.shapes import TEXTS, model

SERVICE = "cognito-idp"
SHAPES = model(SERVICE)["shapes"]
REQUESTS = model(SERVICE)["requests"]
NUMBERS = ("integer", "long", "float", "double")
CONTAINERS = ("structure", "list", "map")
# For shapes that no ordinary text fits: they demand a length, or a character class of their own.
ODD_TEXTS = (
    "",
    "\n",
    "é",
    "😀",
    " ",
    "!",
    "-",
    "_",
    "a b",
    "#",
    "a/b",
    "<>",
    "a" * 21,
    "{####}",
    "{##x##}",
)


def shape_of(operation: str) -> str:
    """The name of an operation's request shape."""
    return str(REQUESTS[operation])


def request_of(operation: str, known: Mapping[str, Any], *, maximal: bool = False) -> Any:
    """A request that the model allows. `maximal`: every member is there."""
    return _sample(shape_of(operation), "", known, maximal)


def members_of(operation: str) -> Mapping[str, str]:
    """A request's members, with the names of their shapes."""
    return SHAPES[shape_of(operation)]["members"] if operation in REQUESTS else {}


def _sample(name: str, member: str, known: Mapping[str, Any], maximal: bool) -> Any:
    shape = SHAPES[name]
    if member in known and not isinstance(known[member], str):
        return known[member]
    match shape["type"]:
        case "structure":
            wanted = shape["members"] if maximal else shape.get("required", ())
            return {one: _sample(shape["members"][one], one, known, maximal) for one in wanted}
        case "list":
            element = _sample(shape["member"], member, known, maximal)
            return [element] * max(shape.get("min", 0), 1)
        case "map":
            key = _sample(shape["key"], "", known, maximal)
            return {key: _sample(shape["value"], "", known, maximal)}
        case "string":
            preferred = [known[member]] if isinstance(known.get(member), str) else []
            enum = shape.get("enum", ())
            return next(
                text
                for text in (*preferred, *enum, *TEXTS, "x" * shape.get("min", 0))
                if not list(violated(shape, text))
            )
        case "integer" | "long" | "float" | "double":
            return shape.get("min", 1) or min(1, shape.get("max", 1))
        case "timestamp":
            return 1_750_000_000
        case "boolean":
            return True
        case "blob":
            return "AAEC"
        case _:
            return {}


def violated(shape: Mapping[str, Any], value: Any) -> Iterator[str]:
    """The texts of the constraints that `value`, of the right type, breaks."""
    if "enum" in shape:
        if value not in shape["enum"]:
            yield f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"
        return
    if "pattern" in shape and re.search(shape["python_pattern"], value) is None:
        yield f"Member must satisfy regular expression pattern: {shape['pattern']}"
    what = "value" if shape["type"] in NUMBERS else "length"
    size = value if what == "value" else len(value)
    if size > shape.get("max", size):
        yield f"Member must have {what} less than or equal to {shape['max']}"
    if size < shape.get("min", size):
        yield f"Member must have {what} greater than or equal to {shape['min']}"


def _all_constraints(shape: Mapping[str, Any]) -> list[str]:
    if "enum" in shape:
        return [f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"]
    what = "value" if shape["type"] in NUMBERS else "length"
    texts = []
    if "pattern" in shape:
        texts.append(f"Member must satisfy regular expression pattern: {shape['pattern']}")
    if "max" in shape:
        texts.append(f"Member must have {what} less than or equal to {shape['max']}")
    if "min" in shape:
        texts.append(f"Member must have {what} greater than or equal to {shape['min']}")
    return texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A request with one value broken, and what a refusal says: where, and every constraint."""

    request: Any
    place: str
    constraints: tuple[str, ...]


def broken(operation: str, request: Any) -> Iterator[Broken]:
    """`request` again and again, each time with another constraint of the model broken."""
    for value, place, constraints in _broken(shape_of(operation), request, ""):
        yield Broken(request=value, place=place, constraints=constraints)


Found = tuple[Any, str, tuple[str, ...]]


def _broken(name: str, value: Any, at: str) -> Iterator[Found]:
    """Replacements for `value`, the places that they are wrong at, and the constraints there."""
    shape = SHAPES[name]
    for wrong, constraints in _wrong(shape, value):
        yield wrong, at, constraints
    match shape["type"]:
        case "structure":
            for member, inner in shape["members"].items():
                place = f"{at}.{member[0].lower()}{member[1:]}".removeprefix(".")
                if member in shape.get("required", ()):
                    without = {one: other for one, other in value.items() if one != member}
                    yield without, place, ("Member must not be null",)
                if member in value:
                    for wrong, where, constraints in _broken(inner, value[member], place):
                        yield {**value, member: wrong}, where, constraints
        case "list" if value:
            yield from _broken_elements(shape, value, at)
        case "map" if value:
            yield from _broken_entries(shape, value, at)


def _broken_elements(shape: Mapping[str, Any], value: list[Any], at: str) -> Iterator[Found]:
    element = SHAPES[shape["member"]]
    if element["type"] in CONTAINERS:
        inside = _broken(shape["member"], value[0], f"{at}.1.member")
        for wrong, where, constraints in inside:
            yield [wrong, *value[1:]], where, constraints
        return
    texts = ", ".join(_all_constraints(element))
    for wrong, _ in _wrong(element, value[0]):
        text = f"Member must satisfy constraint: [{texts}]"
        yield [wrong, *value[1:]], at, (text,)


def _broken_entries(shape: Mapping[str, Any], value: dict[str, Any], at: str) -> Iterator[Found]:
    keys, values = SHAPES[shape["key"]], SHAPES[shape["value"]]
    first, *others = value
    rest = {other: value[other] for other in others}
    texts = ", ".join(_all_constraints(keys))
    for wrong, _ in _wrong(keys, first):
        yield {wrong: value[first], **rest}, at, (f"Map keys must satisfy constraint: [{texts}]",)
    if values["type"] in CONTAINERS:
        for wrong, where, constraints in _broken(
            shape["value"], value[first], f"{at}.{first}.member"
        ):
            yield {first: wrong, **rest}, where, constraints
        return
    texts = ", ".join(_all_constraints(values))
    for wrong, _ in _wrong(values, value[first]):
        yield {first: wrong, **rest}, at, (f"Map value must satisfy constraint: [{texts}]",)


def _wrong(shape: Mapping[str, Any], value: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """
    For each constraint of the shape one value that breaks it; with everything that it breaks,
    which is more than one constraint only where no value breaks that one alone.
    """
    for wanted in _all_constraints(shape):
        found = None
        for candidate in _candidates(shape, value):
            texts = tuple(violated(shape, candidate))
            if wanted in texts and (found is None or len(texts) < len(found[1])):
                found = (candidate, texts)
        if found is not None:
            yield found


def _candidates(shape: Mapping[str, Any], value: Any) -> Iterator[Any]:
    low, high = shape.get("min", 0), shape.get("max")
    match shape["type"]:
        case "string":
            yield from ("NO_SUCH_VALUE", *ODD_TEXTS)
            for text in (value, "x", "1", "arn:aws:iam::1:role/x", "us-east-1_a", "{####}"):
                yield text[: max(low - 1, 0)]
                if high is not None:
                    missing = high + 1 - len(text)
                    yield from (
                        text + text[-1:] * missing,
                        "x" * missing + text,
                        text + "x" * missing,
                    )
        case "list":
            yield value[: max(low - 1, 0)]
            if high is not None and value:
                yield value[:1] * (high + 1)
        case "map":
            yield {}
            if high is not None and value and "pattern" not in SHAPES[shape["key"]]:
                one = next(iter(value.values()))
                keys = (f"k{number}" for number in range(high + 1))
                yield dict.fromkeys(keys, one)
        case "integer" | "long" | "float" | "double":
            yield low - 1
            if high is not None:
                yield high + 1
        case _:
            return
