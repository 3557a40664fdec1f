"""
The texts of IAM policies: wildcards and policy variables.

Wildcards are matched without backtracking, in one pass over the text, so
neither a policy nor a request can make a decision slow.

Source: IAM user guide, "IAM policy elements: Variables and tags" and "Resource".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class MalformedPolicy(ValueError):
    """The document is not a policy, or says something that cannot be judged here."""


Facts: TypeAlias = Mapping[str, tuple[str, ...]]
"""What is known of a request: condition keys in lower case, and their values."""


class Wildcard(Enum):
    ONE = "?"
    RUN = "*"


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}` or `${key, 'default'}`."""

    key: str
    default: str | None


Atom: TypeAlias = str | Wildcard  # one character, or a wildcard
Piece: TypeAlias = str | tuple[Atom, ...]  # what stands between two `*`, a text if it has no `?`


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with wildcards and policy variables. Without variables it is compiled once."""

    parts: tuple[Atom | Variable, ...]
    fixed: tuple[Atom, ...] | None
    pieces: tuple[Piece, ...]  # of `fixed`

    @classmethod
    def of(cls, text: str, *, variables: bool, wildcards: bool = True) -> "Pattern":
        parts = tuple(_parts(text, variables=variables, wildcards=wildcards))
        fixed = tuple(part for part in parts if not isinstance(part, Variable))
        if len(fixed) != len(parts):
            return cls(parts, None, ())
        return cls(parts, fixed, split_pieces(fixed))

    def atoms(self, facts: Facts) -> tuple[Atom, ...] | None:
        """The pattern with its variables filled in, their wildcards being plain characters."""
        if self.fixed is not None:
            return self.fixed
        atoms: list[Atom] = []
        for part in self.parts:
            if not isinstance(part, Variable):
                atoms.append(part)
                continue
            values = facts.get(part.key, ())
            value = values[0] if len(values) == 1 else part.default
            if value is None:
                return None
            atoms += value
        return tuple(atoms)

    def matches(self, text: str, facts: Facts) -> bool | None:
        """Whether the whole text has this form; None where a variable has no value."""
        if self.fixed is not None:
            return is_match(self.pieces, text)
        atoms = self.atoms(facts)
        return None if atoms is None else is_match(split_pieces(atoms), text)


def _parts(text: str, *, variables: bool, wildcards: bool) -> Iterable[Atom | Variable]:
    at = 0
    while at < len(text):
        if variables and text.startswith("${", at):
            end = text.find("}", at)
            if end < 0:
                raise MalformedPolicy("a policy variable is not closed")
            yield _variable(text[at + 2 : end])
            at = end + 1
            continue
        character = text[at]
        yield Wildcard(character) if wildcards and character in "*?" else character
        at += 1


def _variable(text: str) -> str | Variable:
    if text in ("*", "?", "$"):
        return text
    key, comma, rest = text.partition(",")
    default = rest.strip()
    if not key.strip() or (comma and not (len(default) > 1 and default[0] == default[-1] == "'")):
        raise MalformedPolicy("a policy variable is a key, or a key and a 'default'")
    return Variable(key.strip().lower(), default[1:-1] if comma else None)


def split_pieces(atoms: Iterable[Atom]) -> tuple[Piece, ...]:
    pieces: list[list[Atom]] = [[]]
    for atom in atoms:
        if atom is Wildcard.RUN:
            pieces.append([])
        else:
            pieces[-1].append(atom)
    return tuple(_piece(piece) for piece in pieces)


def _piece(atoms: Sequence[Atom]) -> Piece:
    characters = [atom for atom in atoms if isinstance(atom, str)]
    return "".join(characters) if len(characters) == len(atoms) else tuple(atoms)


def is_match(pieces: Sequence[Piece], text: str) -> bool:
    """First and last piece stand at the ends; each other one is taken where it first occurs."""
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(first) == len(text) and _stands_at(first, text, 0)
    at, end = len(first), len(text) - len(last)
    if end < at or not _stands_at(first, text, 0) or not _stands_at(last, text, end):
        return False
    for piece in pieces[1:-1]:
        found = _find(piece, text, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _stands_at(piece: Piece, text: str, at: int) -> bool:
    if isinstance(piece, str):
        return text.startswith(piece, at)
    there = text[at : at + len(piece)]
    return len(there) == len(piece) and all(
        atom is Wildcard.ONE or atom == character
        for atom, character in zip(piece, there, strict=True)
    )


def _find(piece: Piece, text: str, start: int, end: int) -> int:
    """
    Where a piece first occurs in text[start:end], or -1.

    With `?` in it, all candidate places are followed at once, a bit for each (the shift-and
    algorithm, Baeza-Yates and Gonnet 1992): one step for each character, however often it nearly
    fits.
    """
    if isinstance(piece, str):
        return text.find(piece, start, end)
    anything, exact = 0, dict[str, int]()
    for place, atom in enumerate(piece):
        if isinstance(atom, str):
            exact[atom] = exact.get(atom, 0) | 1 << place
        else:
            anything |= 1 << place
    reached, whole = 0, 1 << (len(piece) - 1)
    for at in range(start, end):
        reached = (reached << 1 | 1) & (exact.get(text[at], 0) | anything)
        if reached & whole:
            return at - len(piece) + 1
    return -1
