"""
IAM policies: reading the JSON documents and deciding what they allow.

What cannot be judged is refused when it is read, never passed over when it is used.

Source: IAM user guide, "IAM JSON policy element reference" and "Policy evaluation logic".
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias

from cognate.protocol.iam_conditions import Absence, Condition, parse_conditions
from cognate.protocol.iam_patterns import Facts, MalformedPolicy, Pattern

__all__ = ["Context", "Decision", "MalformedPolicy", "Policy", "Principal", "evaluate"]

VERSIONS: Final = ("2008-10-17", "2012-10-17")
DEFAULT_VERSION: Final = "2008-10-17"  # what a document without Version means
VERSION_WITH_VARIABLES: Final = "2012-10-17"

_POLICY_ELEMENTS: Final = {"Version", "Id", "Statement"}
_STATEMENT_ELEMENTS: Final = {
    "Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
_PRINCIPAL_KINDS: Final = {"AWS", "Federated", "Service", "CanonicalUser"}


class Decision(Enum):
    ALLOW = "allow"
    IMPLICIT_DENY = "implicit deny"  # no statement speaks for it
    EXPLICIT_DENY = "explicit deny"  # a statement speaks against it


Context: TypeAlias = Mapping[str, str | Sequence[str]]
"""Condition keys (`aws:SourceIp`, of any case) and their values; an absent key is unknown."""

Principal: TypeAlias = tuple[str, str]
"""A kind of principal and a name it goes by, as in a policy: `("Service", "x.amazonaws.com")`."""


@dataclass(frozen=True, slots=True)
class _Names:
    """An Action or Resource element, or with `excluded` a NotAction or NotResource."""

    patterns: tuple[Pattern, ...]
    excluded: bool

    def cover(self, text: str, facts: Facts) -> bool:
        matched = [pattern.matches(text, facts) for pattern in self.patterns]
        if self.excluded:
            # A variable without value could exclude anything: then nothing is covered.
            return not any(found is not False for found in matched)
        return any(matched)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    allows: bool
    principals: frozenset[Principal] | None
    actions: _Names
    resources: _Names | None
    conditions: tuple[Condition | Absence, ...]

    def applies(
        self, action: str, resource: str, facts: Facts, principals: frozenset[Principal]
    ) -> bool:
        return (
            self._concerns(principals)
            and self.actions.cover(action.lower(), facts)
            and (self.resources is None or self.resources.cover(resource, facts))
            and all(condition.holds(facts) for condition in self.conditions)
        )

    def _concerns(self, principals: frozenset[Principal]) -> bool:
        if self.principals is None or ("*", "*") in self.principals:
            return True
        return any(
            principal in self.principals or (principal[0], "*") in self.principals
            for principal in principals
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document, read and found judgeable."""

    statements: tuple[_Statement, ...]

    @classmethod
    def parse(cls, document: str | bytes | Mapping[str, object]) -> "Policy":
        """
        Read a document: its JSON text, or what became of it.

        Statements with a Principal (trust and resource policies) need no Resource.

        Raises:
            MalformedPolicy: with what is wrong: no JSON, an element missing, unknown, doubled or
                of the wrong kind, an operator that is not one of IAM's. NotPrincipal is not judged.
        """
        policy = document if isinstance(document, Mapping) else _json(document)
        _known(policy, _POLICY_ELEMENTS, "a policy")
        version = policy.get("Version", DEFAULT_VERSION)
        if version not in VERSIONS:
            raise MalformedPolicy(f"Version is one of {', '.join(VERSIONS)}")
        given = policy.get("Statement")
        statements = list(given) if isinstance(given, list | tuple) else [given]
        if given is None or not statements:
            raise MalformedPolicy("a policy has a Statement")
        variables = version == VERSION_WITH_VARIABLES
        return cls(tuple(_statement(statement, variables) for statement in statements))


def evaluate(
    policies: Iterable[Policy],
    action: str,
    resource: str,
    context: Context,
    *,
    principals: frozenset[Principal] = frozenset(),
) -> Decision:
    """
    What the policies say together: one Deny that applies outweighs every Allow.

    `principals` are all the names the caller goes by; they matter to statements with a Principal.
    """
    facts = {
        key.lower(): (value,) if isinstance(value, str) else tuple(value)
        for key, value in context.items()
    }
    decision = Decision.IMPLICIT_DENY
    for policy in policies:
        for statement in policy.statements:
            if statement.applies(action, resource, facts, principals):
                if not statement.allows:
                    return Decision.EXPLICIT_DENY
                decision = Decision.ALLOW
    return decision


def _json(text: str | bytes) -> Mapping[str, object]:
    def without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise MalformedPolicy("an element stands twice")  # readers would differ about it
        return found

    try:
        document = json.loads(text, object_pairs_hook=without_doubles, parse_float=Decimal)
    except MalformedPolicy:
        raise
    except (ValueError, RecursionError) as cause:
        raise MalformedPolicy("a policy is a JSON document") from cause
    if not isinstance(document, dict):
        raise MalformedPolicy("a policy is a JSON object")
    return document


def _known(found: Mapping[str, object], known: set[str], where: str) -> None:
    for element in found:
        if element not in known:
            raise MalformedPolicy(f"{where} has no element {str(element)[:64]!r}")


def _statement(statement: object, variables: bool) -> _Statement:
    if not isinstance(statement, Mapping):
        raise MalformedPolicy("a statement is an object")
    _known(statement, _STATEMENT_ELEMENTS, "a statement")
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise MalformedPolicy("Effect is Allow or Deny")
    principals = _principals(statement["Principal"]) if "Principal" in statement else None
    actions = _names(statement, "Action", variables=False)
    if actions is None:
        raise MalformedPolicy("a statement has Action or NotAction")
    resources = _names(statement, "Resource", variables=variables)
    if resources is None and principals is None:
        raise MalformedPolicy("a statement has Resource or NotResource")
    return _Statement(
        allows=effect == "Allow",
        principals=principals,
        actions=actions,
        resources=resources,
        conditions=parse_conditions(statement.get("Condition", {}), variables),
    )


def _names(statement: Mapping[str, object], element: str, *, variables: bool) -> _Names | None:
    present = [name for name in (element, f"Not{element}") if name in statement]
    if len(present) > 1:
        raise MalformedPolicy(f"a statement has {element} or Not{element}, not both")
    if not present:
        return None
    texts = _texts(statement[present[0]], present[0])
    if element == "Action":
        texts = [text.lower() for text in texts]
        if any(":" not in text and text.strip("*") for text in texts):
            raise MalformedPolicy("an action is * or a service, a colon and a name")
    patterns = tuple(Pattern.of(text, variables=variables) for text in texts)
    return _Names(patterns, excluded=present[0] != element)


def _texts(value: object, element: str) -> list[str]:
    given = list(value) if isinstance(value, list | tuple) else [value]
    texts = [text for text in given if isinstance(text, str) and text]
    if not texts or len(texts) != len(given):
        raise MalformedPolicy(f"{element} is a text or a list of texts")
    return texts


def _principals(value: object) -> frozenset[Principal]:
    if value == "*":
        return frozenset({("*", "*")})
    if not isinstance(value, Mapping) or not value:
        raise MalformedPolicy("Principal is * or an object")
    _known(value, _PRINCIPAL_KINDS, "Principal")
    return frozenset(
        ("*", "*") if (kind, name) == ("AWS", "*") else (kind, name)
        for kind, names in value.items()
        for name in _texts(names, f"Principal.{kind}")
    )
