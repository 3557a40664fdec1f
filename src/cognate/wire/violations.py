"""
Why a request was refused, in AWS's words.

Walks the parsed body along the model that is checked in beside the structs, and finds what
msgspec found and everything it did not get to. Loaded only when a request has been refused.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn

import msgspec

from cognate.wire.decoding import NOT_JSON, SERIALIZATION, TOO_DEEP, InvalidRequest
from cognate.wire.service import OperationModel, Service, Shape

# A refusal quotes the request: these bounds keep it from being a way to make us send more than
# we received. AWS states none.
MAX_QUOTED_CHARACTERS = 1_000
MAX_VIOLATIONS = 100

# What Java's `int` and `long` hold; the models' integer and long shapes are read into them.
INTEGERS = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
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


def explain(
    service: Service, operation: OperationModel, request: type[Shape], body: bytes
) -> Shape:
    """
    Raise the error for a body that could not be decoded.

    Returns the struct after all where a member was given twice and only the last one counts: it
    is what a Java server reads, while msgspec checks each.

    Raises:
        InvalidRequest: as `decode_request` says.
    """
    try:
        parsed = msgspec.json.decode(body)
    except RecursionError:
        raise InvalidRequest(SERIALIZATION, TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidRequest(SERIALIZATION, NOT_JSON) from None

    model = _service_model(service.name)
    try:
        violations = find_violations(model, model.requests[operation.name], parsed)
    except WrongType as wrong:
        raise InvalidRequest(SERIALIZATION, str(wrong)) from None
    except RecursionError:
        raise InvalidRequest(SERIALIZATION, TOO_DEEP) from None
    if violations:
        raise InvalidRequest(model.violation, worded(violations))
    try:
        return msgspec.convert(parsed, request)
    except msgspec.ValidationError as unexplained:
        raise InvalidRequest(SERIALIZATION, NOT_JSON) from unexplained


def worded(violations: list[str]) -> str:
    count = len(violations)
    plural = "error" if count == 1 else "errors"
    return f"{count} validation {plural} detected: {'; '.join(violations)}"


def find_violations(model: ServiceModel, shape: str, parsed: object) -> list[str]:
    """
    The violations of the value of a request shape, in the model's order.

    No more than MAX_VIOLATIONS, but the whole value is looked at: a wrong type anywhere goes
    before any violation.

    Raises:
        WrongType: with the text for the caller.
    """
    found: list[str] = []
    for violation in _Walk(model.shapes).value(shape, parsed, path="", hidden=False):
        if len(found) < MAX_VIOLATIONS:
            found.append(violation)
    return found


class _Walk:
    """The rules, shape by shape. Each method yields the violations of one value."""

    def __init__(self, shapes: dict[str, ShapeModel]) -> None:
        self.shapes = shapes

    def value(self, name: str, value: Any, *, path: str, hidden: bool) -> Iterator[str]:
        """`hidden`: the value stands inside one that is sensitive."""
        shape = self.shapes[name]
        check_type(shape, value)
        hidden = hidden or shape.sensitive

        broken = [constraint for constraint, holds in constraints(shape, value) if not holds]
        if broken:
            quoted = "" if hidden or self.holds_secrets(name) else f" '{self.quote(name, value)}'"
            for constraint in broken:
                yield f"Value{quoted} at '{path}' failed to satisfy constraint: {constraint}"

        if shape.type == "structure":
            yield from self.structure(shape, value, path=path, hidden=hidden)
        elif shape.type == "list":
            yield from self.elements(name, value, path=path, hidden=hidden)
        elif shape.type == "map":
            yield from self.entries(name, value, path=path, hidden=hidden)

    def structure(
        self, shape: ShapeModel, value: dict[str, Any], *, path: str, hidden: bool
    ) -> Iterator[str]:
        for member, name in shape.members.items():
            member_path = f"{path}.{lower_first(member)}".removeprefix(".")
            given = value.get(member)
            if given is not None:
                yield from self.value(name, given, path=member_path, hidden=hidden)
            elif member in shape.required:
                secret = hidden or self.shapes[name].sensitive
                yield missing(member_path, secret=secret)

    def elements(self, name: str, value: list[Any], *, path: str, hidden: bool) -> Iterator[str]:
        element = self.shapes[name].member
        if self.is_plain(element):
            yield from self.inner(name, element, value, value, path, "Member", hidden)
            return
        for number, item in enumerate(value, start=1):
            item_path = f"{path}.{number}.member"
            if item is None:
                yield missing(item_path, secret=hidden or self.shapes[element].sensitive)
            else:
                yield from self.value(element, item, path=item_path, hidden=hidden)

    def entries(
        self, name: str, value: dict[str, Any], *, path: str, hidden: bool
    ) -> Iterator[str]:
        shape = self.shapes[name]
        yield from self.inner(name, shape.key, value, list(value), path, "Map keys", hidden)
        if self.is_plain(shape.value):
            items = list(value.values())
            yield from self.inner(name, shape.value, value, items, path, "Map value", hidden)
            return
        for key, item in value.items():
            shown = (
                "" if hidden or self.shapes[shape.key].sensitive else key[:MAX_QUOTED_CHARACTERS]
            )
            item_path = f"{path}.{shown}.member"
            if item is None:
                yield missing(item_path, secret=hidden or self.shapes[shape.value].sensitive)
            else:
                yield from self.value(shape.value, item, path=item_path, hidden=hidden)

    def inner(
        self,
        container: str,
        element: str,
        whole: Any,
        items: list[Any],
        path: str,
        subject: str,
        hidden: bool,
    ) -> Iterator[str]:
        """
        One violation of the whole list or map for all its plain elements.

        It names every constraint of the element's shape, whichever was broken.
        """
        shape = self.shapes[element]
        nulls = any(item is None for item in items)
        broken = nulls
        for item in items:
            if item is not None:
                check_type(shape, item)
                broken = broken or not all(holds for _, holds in constraints(shape, item))
        if not broken:
            return
        texts = [text for text, _ in constraints(shape, None)]
        if nulls:
            texts.append("Member must not be null")
        secret = hidden or self.holds_secrets(container)
        quoted = "" if secret else f" '{self.quote(container, whole)}'"
        yield (
            f"Value{quoted} at '{path}' failed to satisfy constraint: "
            f"{subject} must satisfy constraint: [{', '.join(texts)}]"
        )

    def is_plain(self, name: str) -> bool:
        return self.shapes[name].type not in ("structure", "list", "map")

    def holds_secrets(self, name: str) -> bool:
        """Whether the shape or anything inside it is sensitive. The models have no recursion."""
        shape = self.shapes[name]
        inside = [shape.member, shape.key, shape.value, *shape.members.values()]
        return shape.sensitive or any(self.holds_secrets(each) for each in inside if each)

    def quote(self, name: str, value: Any) -> str:
        """The value as Java prints it, cut to MAX_QUOTED_CHARACTERS."""
        return "".join(clipped(self.printed(name, value), MAX_QUOTED_CHARACTERS))

    def printed(self, name: str, value: Any) -> Iterator[str]:
        shape = self.shapes[name]
        if value is None:
            yield "null"
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
    numeric = shape.type in INTEGERS
    what = "value" if numeric else "length"
    if value is None:
        size = 0
    elif shape.type == "blob":
        size = len(msgspec.convert(value, bytes))
    else:
        size = value if numeric else len(value)
    if shape.max is not None:
        text = f"Member must have {what} less than or equal to {shape.max}"
        yield text, size <= shape.max
    if shape.min is not None:
        text = f"Member must have {what} greater than or equal to {shape.min}"
        yield text, size >= shape.min


def check_type(shape: ShapeModel, value: Any) -> None:
    """
    Raises:
        WrongType: the JSON type of the value, which is not None, is not the shape's.
    """
    match shape.type, value:
        case ("document", _) | ("structure" | "map", dict()) | ("list", list()):
            return
        case ("string", str()) | ("boolean", bool()):
            return
        case ("blob", str()):
            check_base64(value)
        case ("integer" | "long", int()) if not isinstance(value, bool):
            low, high = INTEGERS[shape.type]
            if not low <= value <= high:
                refuse_scalar(shape, value)
        case ("float" | "double" | "timestamp", int() | float()) if not isinstance(value, bool):
            return
        case (_, dict()):
            raise WrongType("Start of structure or map found where not expected.")
        case (_, list()):
            raise WrongType("Start of list found where not expected.")
        case ("structure" | "map", _):
            raise WrongType("Expected map or null.")
        case ("list", _):
            raise WrongType("Expected list or null.")
        case _:
            refuse_scalar(shape, value)


def check_base64(value: str) -> None:
    try:
        msgspec.convert(value, bytes)
    except msgspec.ValidationError:
        raise WrongType("A blob member is not valid Base64.") from None


def refuse_scalar(shape: ShapeModel, value: Any) -> NoReturn:
    match value:
        case bool():
            token = "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            token = "STRING_VALUE"
        case float():
            token = "DECIMAL_VALUE"
        case _:
            token = "NUMBER_VALUE"
    raise WrongType(f"{token} can not be converted to {JAVA_TYPES[shape.type]}")


def missing(path: str, *, secret: bool) -> str:
    shown = "Value" if secret else "Value null"
    return f"{shown} at '{path}' failed to satisfy constraint: Member must not be null"


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
    path = files("cognate.wire") / f"{name.replace('-', '_')}_model.json"
    return msgspec.json.decode(path.read_bytes(), type=ServiceModel)
