"""
The Condition element of IAM policies: operators, and keys with no value or with several.

An operator that is not known is refused when it is read: a condition passed over when it is used
would be a door left open.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs.
multivalued context keys".
"""

import operator
import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import Any, Final, TypeAlias

from cognate.protocol.iam_patterns import (
    Atom,
    Facts,
    MalformedPolicy,
    Pattern,
    Piece,
    Wildcard,
    is_match,
    split_pieces,
)

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_EPOCH: Final = re.compile(r"[0-9]{1,12}")
_ARN_SEGMENTS: Final = 6

_Test: TypeAlias = Callable[[str, Facts], bool]  # of one value of the request
_Reader: TypeAlias = Callable[[str, bool], _Test]  # of one value of the policy; variables allowed?


def _string_equals(value: str, variables: bool) -> _Test:
    pattern = Pattern.of(value, variables=variables, wildcards=False)
    return lambda actual, facts: pattern.matches(actual, facts) is True


def _string_equals_ignore_case(value: str, variables: bool) -> _Test:
    pattern = Pattern.of(value, variables=variables, wildcards=False)

    def test(actual: str, facts: Facts) -> bool:
        atoms = pattern.atoms(facts)
        return atoms is not None and "".join(map(str, atoms)).lower() == actual.lower()

    return test


def _string_like(value: str, variables: bool) -> _Test:
    pattern = Pattern.of(value, variables=variables)
    return lambda actual, facts: pattern.matches(actual, facts) is True


def _arn_like(value: str, variables: bool) -> _Test:
    """Each of the six parts of an ARN by itself: a `*` ends at the next colon."""
    pattern = Pattern.of(value, variables=variables)

    def test(actual: str, facts: Facts) -> bool:
        atoms = pattern.atoms(facts)
        if atoms is None:
            return False
        if atoms == (Wildcard.RUN,):
            return True
        expected, segments = _arn_pieces(atoms), actual.split(":", _ARN_SEGMENTS - 1)
        return len(expected) == len(segments) == _ARN_SEGMENTS and all(
            map(is_match, expected, segments)
        )

    return test


def _arn_pieces(atoms: Sequence[Atom]) -> list[tuple[Piece, ...]]:
    segments: list[list[Atom]] = [[]]
    for atom in atoms:
        if atom == ":" and len(segments) < _ARN_SEGMENTS:
            segments.append([])
        else:
            segments[-1].append(atom)
    return [split_pieces(segment) for segment in segments]


def _compared(read: Callable[[str], Any], kind: str, holds: Callable[[Any, Any], bool]) -> _Reader:
    """A comparison of numbers, dates, … that answers False for values that are none."""

    def reader(value: str, variables: bool) -> _Test:
        expected = read(value)
        if expected is None:
            raise MalformedPolicy(f"not a {kind}: {value[:64]!r}")

        def test(actual: str, facts: Facts) -> bool:
            given = read(actual)
            return given is not None and holds(given, expected)

        return test

    return reader


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _date(text: str) -> datetime | None:
    """ISO 8601 (without an offset: UTC) or seconds since 1970."""
    try:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _binary(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except (Error, ValueError):
        return None


def _address(value: str, variables: bool) -> _Test:
    try:
        network = ip_network(value, strict=False)
    except ValueError as cause:
        raise MalformedPolicy(f"not an IP address or range: {value[:64]!r}") from cause

    def test(actual: str, facts: Facts) -> bool:
        try:
            return ip_address(actual) in network
        except ValueError:
            return False

    return test


@dataclass(frozen=True, slots=True)
class Operator:
    """How one value is tested; a negated operator holds where no value of the policy does."""

    read: _Reader
    negated: bool = False


_ORDERS: Final = {
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}

_OPERATORS: Final[Mapping[str, Operator]] = {
    "StringEquals": Operator(_string_equals),
    "StringNotEquals": Operator(_string_equals, negated=True),
    "StringEqualsIgnoreCase": Operator(_string_equals_ignore_case),
    "StringNotEqualsIgnoreCase": Operator(_string_equals_ignore_case, negated=True),
    "StringLike": Operator(_string_like),
    "StringNotLike": Operator(_string_like, negated=True),
    "ArnEquals": Operator(_arn_like),  # the same as ArnLike, by the reference
    "ArnLike": Operator(_arn_like),
    "ArnNotEquals": Operator(_arn_like, negated=True),
    "ArnNotLike": Operator(_arn_like, negated=True),
    "Bool": Operator(_compared(_boolean, "boolean", operator.eq)),
    "BinaryEquals": Operator(_compared(_binary, "Base64 value", operator.eq)),
    "IpAddress": Operator(_address),
    "NotIpAddress": Operator(_address, negated=True),
    "NumericEquals": Operator(_compared(_number, "number", operator.eq)),
    "NumericNotEquals": Operator(_compared(_number, "number", operator.eq), negated=True),
    "DateEquals": Operator(_compared(_date, "date", operator.eq)),
    "DateNotEquals": Operator(_compared(_date, "date", operator.eq), negated=True),
    **{f"Numeric{n}": Operator(_compared(_number, "number", o)) for n, o in _ORDERS.items()},
    **{f"Date{n}": Operator(_compared(_date, "date", o)) for n, o in _ORDERS.items()},
}


class Quantifier(Enum):
    """How a key of several values is tested. Without one: any, and for negated operators all."""

    NONE = ""
    ANY = "ForAnyValue:"
    ALL = "ForAllValues:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    key: str
    tests: tuple[_Test, ...]
    negated: bool
    quantifier: Quantifier
    if_exists: bool

    def holds(self, facts: Facts) -> bool:
        values = facts.get(self.key, ())
        if not values:
            return self._holds_without_value()
        results = (
            any(test(value, facts) for test in self.tests) != self.negated for value in values
        )
        needs_all = self.quantifier is Quantifier.ALL or (
            self.quantifier is Quantifier.NONE and self.negated
        )
        return all(results) if needs_all else any(results)

    def _holds_without_value(self) -> bool:
        match self.quantifier:
            case Quantifier.ALL:
                return True
            case Quantifier.ANY:
                return self.if_exists
            case Quantifier.NONE:
                return self.if_exists or self.negated


@dataclass(frozen=True, slots=True)
class Absence:
    """The operator Null: `true` where the key must be absent."""

    key: str
    expected: frozenset[bool]

    def holds(self, facts: Facts) -> bool:
        return (not facts.get(self.key)) in self.expected


def parse_conditions(value: object, variables: bool) -> tuple[Condition | Absence, ...]:
    """
    Read a Condition element; `variables` where the policy's version knows policy variables.

    Raises:
        MalformedPolicy: an unknown operator, or a value that its operator cannot compare.
    """
    if not isinstance(value, Mapping):
        raise MalformedPolicy("Condition is an object")
    conditions = []
    for name, keys in value.items():
        if not isinstance(keys, Mapping):
            raise MalformedPolicy(f"Condition.{str(name)[:64]} is an object of keys and values")
        for key, values in keys.items():
            conditions.append(_condition(str(name), str(key).lower(), _values(values), variables))
    return tuple(conditions)


def _condition(name: str, key: str, values: list[str], variables: bool) -> Condition | Absence:
    if name == "Null":
        expected = [_boolean(value) for value in values]
        if None in expected:
            raise MalformedPolicy("Null is true or false")
        return Absence(key, frozenset(bool(value) for value in expected))
    rest = name.rpartition(":")[2]
    base, quantifier = rest.removesuffix("IfExists"), name.removesuffix(rest)
    if quantifier not in {each.value for each in Quantifier} or base not in _OPERATORS:
        raise MalformedPolicy(f"not a condition operator: {name[:64]!r}")
    found = _OPERATORS[base]
    return Condition(
        key=key,
        tests=tuple(found.read(value, variables) for value in values),
        negated=found.negated,
        quantifier=Quantifier(quantifier),
        if_exists=base != rest,
    )


def _values(value: object) -> list[str]:
    """Condition values as text; booleans and numbers may stand bare."""
    values = list(value) if isinstance(value, list | tuple) else [value]
    if not values:
        raise MalformedPolicy("a condition has a value")
    return [_value(each) for each in values]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | Decimal):
        return str(value)
    raise MalformedPolicy("a condition's value is a text, a number or a boolean")
