"""
Why a request was refused, in AWS's words.

Walks the parsed body along the model that is checked in beside the structs, and finds what
msgspec found and everything it did not get to. Loaded only when a request has been refused.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from cognate.wire.decoding import NOT_AN_OBJECT, NOT_JSON, SERIALIZATION, TOO_DEEP, InvalidRequest
from cognate.wire.service import OperationModel, Service, Shape

# A refusal quotes the request: these bounds keep it from being a way to make us send more than
# we received. AWS states none.
MAX_QUOTED_CHARACTERS = 1_000
MAX_VIOLATIONS = 100
# The walk takes some 3 µs for a value and runs in the server's only loop.
MAX_VALUES = 10_000
UNEXAMINED = f"The values after the first {MAX_VALUES} were not examined"

# What Java's `int` and `long` hold; the models' integer and long shapes are read into them.
INTEGERS = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
NUMBERS = {*INTEGERS, "float", "double"}
# The exact types msgspec parses JSON into, by the shapes they fit. A bool is no int here.
JSON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}
# How Java's deserializer calls them in a refusal.
JAVA_TYPES = {
    "string": "a String",
    "blob": "a ByteBuffer",
    "boolean": "a Boolean",
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "double": "a Double",
    "timestamp": "a Date",
}


class ShapeModel(msgspec.Struct, frozen=True):
    """One shape a request can reach. `pattern` is the model's text, `python_pattern` ours."""

    type: str
    min: int | None = None
    max: int | None = None
    enum: list[str] = []
    pattern: str | None = None
    python_pattern: str | None = None
    sensitive: bool = False
    members: dict[str, str] = {}
    required: list[str] = []
    member: str = ""
    key: str = ""
    value: str = ""


class ServiceModel(msgspec.Struct, frozen=True):
    """A service's constraints. `violation` names its validation error, `requests` the shapes."""

    violation: str
    requests: dict[str, str]
    shapes: dict[str, ShapeModel]


class WrongType(Exception):
    """A value's JSON type is not the shape's."""


class TooManyValues(Exception):
    """The walk has seen MAX_VALUES and found no end."""


def explain(
    service: Service, operation: OperationModel, request: type[Shape], body: bytes
) -> Shape:
    """
    Raise the error for a body that could not be decoded.

    Returns the struct after all where a member was given twice and only the last one counts (it
    is what a Java server reads, while msgspec checks each), and where a map has entries without a
    value: amazon-cognito-identity-js forgets a device by the entry `"DEVICE_KEY": null`.

    Raises:
        InvalidRequest: as `decode_request` says.
    """
    try:
        parsed = msgspec.json.decode(body)
    except RecursionError:
        raise InvalidRequest(SERIALIZATION, TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidRequest(SERIALIZATION, NOT_JSON) from None

    if not isinstance(parsed, dict):
        raise InvalidRequest(SERIALIZATION, NOT_AN_OBJECT)

    model = _service_model(service.name)
    shape = model.requests[operation.name]
    try:
        violations = find_violations(model, shape, parsed)
    except WrongType as wrong:
        raise InvalidRequest(SERIALIZATION, str(wrong)) from None
    except RecursionError:
        raise InvalidRequest(SERIALIZATION, TOO_DEEP) from None
    if violations:
        raise InvalidRequest(model.violation, worded(violations))
    try:
        return msgspec.convert(without_null_entries(model.shapes, shape, parsed), request)
    except msgspec.ValidationError as unexplained:
        raise InvalidRequest(SERIALIZATION, NOT_JSON) from unexplained


def without_null_entries(shapes: dict[str, ShapeModel], name: str, value: Any) -> Any:
    """The value of the shape called `name`, its maps without the entries that are null."""
    shape = shapes[name]
    if isinstance(value, dict) and shape.type == "map":
        return {
            key: without_null_entries(shapes, shape.value, item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, dict) and shape.type == "structure":
        return {
            member: without_null_entries(shapes, shape.members[member], item)
            for member, item in value.items()
            if member in shape.members
        }
    if isinstance(value, list) and shape.type == "list":
        return [without_null_entries(shapes, shape.member, item) for item in value]
    return value


def worded(violations: list[str]) -> str:
    count = len(violations)
    plural = "error" if count == 1 else "errors"
    return f"{count} validation {plural} detected: {'; '.join(violations)}"


def find_violations(model: ServiceModel, shape: str, parsed: object) -> list[str]:
    """
    The violations of the value of a request shape, in the model's order.

    A wrong type goes before any violation, unless the walk has ended before it: at
    MAX_VIOLATIONS, or after MAX_VALUES.

    Raises:
        WrongType: with the text for the caller.
    """
    walk = bounded(_Walk(model.shapes).value(shape, parsed, Place("", hidden=False)))
    return list(islice(walk, MAX_VIOLATIONS))


def bounded(walk: Iterator[str]) -> Iterator[str]:
    """The walk's violations, and where it went on too long, that it did."""
    try:
        yield from walk
    except TooManyValues:
        yield UNEXAMINED


class Place(msgspec.Struct, frozen=True):
    """Where a value stands: its path for the message, and whether something around it is secret."""

    path: str
    hidden: bool

    def inside(self, step: str, *, hidden: bool) -> "Place":
        return Place(f"{self.path}.{step}".removeprefix("."), hidden or self.hidden)


class _Walk:
    """The rules, shape by shape. Each method yields the violations of one value."""

    def __init__(self, shapes: dict[str, ShapeModel]) -> None:
        self.shapes = shapes
        self.values_left = MAX_VALUES

    def check(self, shape: ShapeModel, value: Any) -> None:
        """
        Raises:
            WrongType: see `check_type`.
            TooManyValues: this is one too many.
        """
        self.values_left -= 1
        if self.values_left < 0:
            raise TooManyValues
        check_type(shape, value)

    def value(self, name: str, value: Any, at: Place) -> Iterator[str]:
        """The violations of a value of the shape called `name`, and of all inside it."""
        shape = self.shapes[name]
        if value is None:
            yield violation("" if at.hidden else " null", at.path, "Member must not be null")
            return
        self.check(shape, value)
        broken = [constraint for constraint, holds in constraints(shape, value) if not holds]
        if broken:
            quoted = self.quoted(name, value, at)
            for constraint in broken:
                yield violation(quoted, at.path, constraint)

        if shape.type == "structure":
            yield from self.structure(shape, value, at)
        elif shape.type == "list":
            yield from self.elements(name, value, at)
        elif shape.type == "map":
            yield from self.entries(name, value, at)

    def structure(self, shape: ShapeModel, value: dict[str, Any], at: Place) -> Iterator[str]:
        for member, name in shape.members.items():
            given = value.get(member)
            if given is not None or member in shape.required:
                place = at.inside(lower_first(member), hidden=self.shapes[name].sensitive)
                yield from self.value(name, given, place)

    def elements(self, name: str, value: list[Any], at: Place) -> Iterator[str]:
        element = self.shapes[name].member
        if self.is_plain(element):
            yield from self.plain("Member", name, element, value, value, at)
            return
        hidden = self.shapes[element].sensitive
        for number, item in enumerate(value, start=1):
            yield from self.value(element, item, at.inside(f"{number}.member", hidden=hidden))

    def entries(self, name: str, value: dict[str, Any], at: Place) -> Iterator[str]:
        shape = self.shapes[name]
        value = {key: item for key, item in value.items() if item is not None}
        yield from self.plain("Map keys", name, shape.key, value, list(value), at)
        if self.is_plain(shape.value):
            items = list(value.values())
            yield from self.plain("Map value", name, shape.value, value, items, at)
            return
        hidden = self.shapes[shape.value].sensitive
        for key, item in value.items():
            shown = "" if self.shapes[shape.key].sensitive else key[:MAX_QUOTED_CHARACTERS]
            yield from self.value(shape.value, item, at.inside(f"{shown}.member", hidden=hidden))

    def plain(
        self, subject: str, container: str, element: str, whole: Any, items: list[Any], at: Place
    ) -> Iterator[str]:
        """
        One violation of the whole list or map for all its elements that are neither.

        It names every constraint of the element's shape, whichever was broken.
        """
        shape = self.shapes[element]
        nulls = any(item is None for item in items)
        broken = nulls
        for item in items:
            if item is not None:
                self.check(shape, item)
                broken = broken or not all(holds for _, holds in constraints(shape, item))
        if broken:
            texts = [text for text, _ in constraints(shape, None)]
            texts += ["Member must not be null"] if nulls else []
            constraint = f"{subject} must satisfy constraint: [{', '.join(texts)}]"
            yield violation(self.quoted(container, whole, at), at.path, constraint)

    def is_plain(self, name: str) -> bool:
        return self.shapes[name].type not in ("structure", "list", "map")

    def holds_secrets(self, name: str) -> bool:
        """Whether the shape or anything inside it is sensitive. The models have no recursion."""
        shape = self.shapes[name]
        inside = [shape.member, shape.key, shape.value, *shape.members.values()]
        return shape.sensitive or any(self.holds_secrets(each) for each in inside if each)

    def quoted(self, name: str, value: Any, at: Place) -> str:
        """The value as Java prints it, cut to MAX_QUOTED_CHARACTERS; nothing for a secret."""
        if at.hidden or self.holds_secrets(name):
            return ""
        return f" '{''.join(clipped(self.printed(name, value), MAX_QUOTED_CHARACTERS))}'"

    def printed(self, name: str, value: Any) -> Iterator[str]:
        shape = self.shapes[name]
        if value is None:
            yield "null"
        elif type(value) not in JSON_TYPES.get(shape.type, ()):
            return  # a document, or a wrong type the walk has not come to yet
        elif shape.type == "list":
            yield "["
            for position, item in enumerate(value):
                yield ", " if position else ""
                yield from self.printed(shape.member, item)
            yield "]"
        elif shape.type == "map":
            yield "{"
            for position, (key, item) in enumerate(value.items()):
                yield f"{', ' if position else ''}{key}="
                yield from self.printed(shape.value, item)
            yield "}"
        elif shape.type == "structure":
            given = [member for member in shape.members if value.get(member) is not None]
            yield f"{name}("
            for position, member in enumerate(given):
                yield f"{', ' if position else ''}{lower_first(member)}="
                yield from self.printed(shape.members[member], value[member])
            yield ")"
        elif shape.type == "boolean":
            yield "true" if value else "false"
        else:
            yield str(value)


def constraints(shape: ShapeModel, value: Any) -> Iterator[tuple[str, bool]]:
    """
    The shape's constraints as AWS words them, each with whether the value meets it.

    Lengths count code points, as msgspec does. For None only the texts have a meaning.
    """
    if shape.enum:
        text = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        yield text, value in shape.enum
        return
    if shape.pattern is not None and shape.python_pattern is not None:
        text = f"Member must satisfy regular expression pattern: {shape.pattern}"
        matched = value is not None and re.search(shape.python_pattern, value) is not None
        yield text, matched
    if shape.max is None and shape.min is None:
        return
    what = "value" if shape.type in NUMBERS else "length"
    size = 0 if value is None else measure(shape, value)
    if shape.max is not None:
        text = f"Member must have {what} less than or equal to {shape.max}"
        yield text, size <= shape.max
    if shape.min is not None:
        text = f"Member must have {what} greater than or equal to {shape.min}"
        yield text, size >= shape.min


def measure(shape: ShapeModel, value: Any) -> float:
    """What `min` and `max` bound: a number itself, else characters, bytes, elements or entries."""
    if shape.type in NUMBERS:
        number: float = value
        return number
    return len(msgspec.convert(value, bytes) if shape.type == "blob" else value)


def check_type(shape: ShapeModel, value: Any) -> None:
    """
    Raises:
        WrongType: the JSON type of the value, which is not None, is not the shape's.
    """
    if shape.type == "document":
        return
    if type(value) not in JSON_TYPES[shape.type]:
        raise WrongType(wrong_type(shape, value))
    if shape.type in INTEGERS:
        low, high = INTEGERS[shape.type]
        if not low <= value <= high:
            raise WrongType(wrong_type(shape, value))
    elif shape.type == "blob":
        try:
            msgspec.convert(value, bytes)
        except msgspec.ValidationError:
            raise WrongType("A blob member is not valid Base64.") from None


def wrong_type(shape: ShapeModel, value: Any) -> str:
    """The text for a value of another JSON type than the shape's."""
    if isinstance(value, dict):
        return "Start of structure or map found where not expected."
    if isinstance(value, list):
        return "Start of list found where not expected."
    if shape.type == "list":
        return "Expected list or null."
    if shape.type in ("structure", "map"):
        return "Expected map or null."
    match value:
        case bool():
            token = "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            token = "STRING_VALUE"
        case float():
            token = "DECIMAL_VALUE"
        case _:
            token = "NUMBER_VALUE"
    return f"{token} can not be converted to {JAVA_TYPES[shape.type]}"


def violation(quoted: str, path: str, constraint: str) -> str:
    """`quoted` is the value in quotes with a space before it, or empty."""
    return f"Value{quoted} at '{path}' failed to satisfy constraint: {constraint}"


def lower_first(member: str) -> str:
    return member[:1].lower() + member[1:]


def clipped(pieces: Iterator[str], limit: int) -> Iterator[str]:
    """The pieces, until together they have `limit` characters."""
    for piece in pieces:
        yield piece[:limit]
        limit -= len(piece)
        if limit <= 0:
            return


@cache
def _service_model(name: str) -> ServiceModel:
    path = Path(__file__).with_name(f"{name.replace('-', '_')}_model.json")
    return msgspec.json.decode(path.read_bytes(), type=ServiceModel)
