"""
Java regular expressions, as the service models write them, in Python's dialect.

A service model's pattern must match the whole value, by `java.util.regex` rules: `\\w \\d \\s` are
ASCII, `.` stops at five line terminators, `\\p{L}` and its like name Unicode categories, which
`re` does not know. The result is safe to search with: it is anchored and takes linear time.

Sources: java.util.regex.Pattern's documentation; Unicode 16 general categories.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Code points outside L, M, N, P and S: separators, then control, format, surrogate and private use.
# Written out rather than asked of `unicodedata`, whose age differs between Python versions; a
# contract test holds it against the running one. Unassigned code points count as inside.
SEPARATORS = (
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)
OTHERS = (
    (0x0, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x600, 0x605),
    (0x61C, 0x61C),
    (0x6DD, 0x6DD),
    (0x70F, 0x70F),
    (0x890, 0x891),
    (0x8E2, 0x8E2),
    (0x180E, 0x180E),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x2064),
    (0x2066, 0x206F),
    (0xD800, 0xF8FF),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0001, 0xE0001),
    (0xE0020, 0xE007F),
    (0xF0000, 0x10FFFF),
)
# What `.` does not match in Java.
LINE_TERMINATORS = r"\n\r\x85\u2028\u2029"
# `\s` of a class that already holds everything visible: the same, taken out of the complement.
ASCII_SPACES = frozenset(map(ord, " \t\n\x0b\f\r"))

VISIBLE = frozenset({r"\p{L}", r"\p{M}", r"\p{S}", r"\p{N}", r"\p{P}"})


def to_python(java: str) -> str:
    """
    The pattern for `re.search` that matches exactly the values Java's `matches()` accepts.

    Raises:
        ValueError: the pattern uses something that has no translation here.
    """
    body = java.removeprefix("^").removesuffix("$")
    every_dot = body.startswith("(?s)")
    pieces = tokens(body.removeprefix("(?s)"), dot_matches_all=every_dot)
    if body != java and has_top_level_choice(pieces):
        raise ValueError(f"{java!r}: an anchor that belongs to one alternative has no translation")
    return linear(pieces) or rf"\A(?a:{''.join(piece.text for piece in pieces)})\Z"


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a pattern: a set of characters, a literal character, or anything else."""

    kind: str  # "set", "literal", "quantifier", "other"
    text: str


TOKEN = re.compile(
    r"""
    (?P<set>   \[ (?: \\. | [^\]\\] )+ \] | \\[wdsWDS] | \. )
  | (?P<quantifier> [*+?] | \{\d+(?:,\d*)?\} )
  | (?P<other> \(\?<!  | \(\?: | [()|] )
  | (?P<literal> \\[^A-Za-z0-9] | [^\\\[\](){}*+?.^$|] )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(java: str, *, dot_matches_all: bool) -> list[Piece]:
    """The pattern cut into pieces, each already in Python's dialect."""
    pieces: list[Piece] = []
    position = 0
    while position < len(java):
        match = TOKEN.match(java, position)
        if match is None or match.lastgroup is None:
            raise ValueError(f"no translation for {java[position:]!r} in {java!r}")
        text = match.group()
        if match.lastgroup == "set":
            text = character_set(text, dot_matches_all=dot_matches_all)
        pieces.append(Piece(match.lastgroup, text))
        position = match.end()
    return pieces


def character_set(java: str, *, dot_matches_all: bool) -> str:
    if java == ".":
        return r"[\s\S]" if dot_matches_all else f"[^{LINE_TERMINATORS}]"
    if not java.startswith("["):
        return java
    negated = java.startswith("[^")
    content = java[2 if negated else 1 : -1]
    properties = frozenset(re.findall(r"\\p\{\w+\}", content))
    rest = re.sub(r"\\p\{\w+\}", "", content)
    if not properties:
        return java
    if properties == {r"\p{Z}"}:
        return f"[{'^' if negated else ''}{rest}{written(SEPARATORS)}]"
    if negated:
        raise ValueError(f"no translation for {java!r}")
    if VISIBLE <= properties <= VISIBLE | {r"\p{Z}"}:
        return visible(rest, with_separators=r"\p{Z}" in properties)
    if properties == {r"\p{L}", r"\p{N}", r"\p{Z}"} and "_" in rest:
        # Python's own Unicode `\w` is exactly letters, numbers and the underscore.
        return rf"(?u:[\w{rest.replace('_', '')}{written(SEPARATORS)}])"
    raise ValueError(f"no translation for {java!r}")


def visible(rest: str, *, with_separators: bool) -> str:
    """Everything but what is invisible: shorter, and faster to match, than all that is visible."""
    outside = set(spread(OTHERS))
    if not with_separators:
        outside |= spread(SEPARATORS)
    named = {r"\s": ASCII_SPACES, r"\t": {9}, r"\n": {10}, r"\r": {13}, " ": {32}, "*": {42}}
    while rest:
        item = next((name for name in named if rest.startswith(name)), None)
        if item is None:
            raise ValueError(f"no translation for {rest!r} beside \\p{{…}}")
        outside -= named[item]
        rest = rest.removeprefix(item)
    return f"[^{written(joined(outside))}]"


def spread(ranges: tuple[tuple[int, int], ...]) -> set[int]:
    return {point for first, last in ranges for point in range(first, last + 1)}


def joined(points: set[int]) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for point in sorted(points):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1] = (ranges[-1][0], point)
        else:
            ranges.append((point, point))
    return tuple(ranges)


def written(ranges: tuple[tuple[int, int], ...]) -> str:
    return "".join(
        code_point(first) + (f"-{code_point(last)}" if last > first else "")
        for first, last in ranges
    )


def code_point(point: int) -> str:
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def has_top_level_choice(pieces: list[Piece]) -> bool:
    depth = 0
    for piece in pieces:
        if piece.kind == "other":
            depth += piece.text.startswith("(") - (piece.text == ")")
            if piece.text == "|" and depth == 0:
                return True
    return False


def linear(pieces: list[Piece]) -> str | None:
    """
    A pattern such as `S*ab S*cd S*` without backtracking, where one set S holds all literals too.

    A value matches when it consists of S throughout and the literals follow one another in it, so
    taking each literal at its first place is enough. None for any other pattern, whose sets do not
    overlap with what follows them.
    """
    kinds = "".join(piece.kind[0] for piece in pieces)  # s(et), q(uantifier), l(iteral), o(ther)
    if not re.fullmatch(r"sq(l+sq)+", kinds):
        return None
    runs = {piece.text for piece in pieces if piece.kind == "set"}
    quantifiers = [piece.text for piece in pieces if piece.kind == "quantifier"]
    literals = [piece.text for piece in pieces if piece.kind == "literal"]
    if len(runs) > 1 or not {"*", "+"}.issuperset(quantifiers):
        return None
    whole = runs.pop()
    if not all(re.fullmatch(f"(?a:{whole})", text.removeprefix("\\")) for text in literals):
        return None

    words = "".join(p.text if p.kind == "literal" else "\n" for p in pieces).split()
    steps = [
        f"(?>.{quantifier}?{word})" for quantifier, word in zip(quantifiers, words, strict=False)
    ]
    ending = "." if quantifiers[-1] == "+" else ""
    return rf"\A(?a:(?={whole}*+\Z)(?s:{''.join(steps)}{ending}))"
