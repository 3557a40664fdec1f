"""
The models' Java patterns, translated: each compiles, means the same, and takes linear time.

`TRANSLATIONS` is every pattern a request can meet, from the checked-in models.
"""

import json
import re
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

WIRE = Path(__file__).resolve().parents[2] / "src/cognate/wire"
TRANSLATIONS = {
    shape["pattern"]: shape["python_pattern"]
    for path in WIRE.glob("*_model.json")
    for shape in json.loads(path.read_text())["shapes"].values()
    if "pattern" in shape
}
VISIBLE = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"
MESSAGE = r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*"
LINK = rf"{MESSAGE}\{{##{MESSAGE}##\}}{MESSAGE}"
CODE = rf"{MESSAGE}\{{####\}}{MESSAGE}"
ADDRESS = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+@[\p{L}\p{M}\p{S}\p{N}\p{P}]+"

# Characters that stand for those like them: every general category but surrogates, every bracket,
# sign and line end that a pattern names.
ALPHABET = (
    "aZf09_-+=/,.@:;#*{}()|\\\"'~!?^$%<> \t\n\r\x0b\f\x00\x7f\x85\xa0\xad"
    "éß中אǅʰ\u0301\u0903\u20dd٣Ⅷ½—«»‿€˄™\u2028\u2029\u3000\u200b\u061c\ue000\ufeff"
    "😀𝟘\U00020000\U000e0001\U0010ffff"
)


def accepts(java: str, value: str) -> bool:
    return re.search(TRANSLATIONS[java], value) is not None


def test_there_are_patterns_to_test():
    assert len(TRANSLATIONS) > 50
    assert {VISIBLE, LINK, CODE, ADDRESS, "(?s).*", r".*\{####\}.*"} <= set(TRANSLATIONS)


@pytest.mark.parametrize("java", TRANSLATIONS)
def test_a_pattern_compiles_without_a_warning_and_is_anchored(java):
    # Warnings are errors in this project's tests.
    re.purge()

    compiled = re.compile(TRANSLATIONS[java])

    assert compiled.pattern.startswith(r"\A(?a:")


# --- the same meaning ----------------------------------------------------------------------------

LONG_ID = "0d5f6b1c-7a43-4e3e-a9a3-1f2a3b4c5d6e"


@pytest.mark.parametrize(
    ("java", "good", "bad"),
    [
        (r"[\w-]+_[0-9a-zA-Z]+", ["us-east-1_aB3"], ["us-east-1", "_a", "é_a", "a_b\n", "a_é"]),
        (r"[0-9]+", ["123456"], ["", "12a", "١٢٣", "123456\n", " 1"]),
        (r"[\S]+", ["pässwörd\xa0\u2003"], ["a b", "a\n", "a\tb", ""]),
        (r"[\w+=,.@-]*", ["", "a_Z9+=,.@-"], ["é", "a/b", "a\n"]),
        (VISIBLE, ["ada", "größe", "中文", "😀", "a\u0301", "a@b.c"], ["a b", "a\xa0", "a\u200b"]),
        (VISIBLE, ["§", "½", "‿"], ["", "a\n", "\x00", "\u202e", "\ufeff", "\ue000"]),
        ("(?s).*", ["", "a\nb", "\u2028"], []),
        (r".*\{####\}.*", ["{####}", "code {####}!"], ["{###}", "a\n{####}", "{####}\u2028", ""]),
        (CODE, ["{####}", "a\n{####} *", "{####}{####}"], ["{###}", "{####}\x00", "\xa0{####}"]),
        (LINK, ["{##click##}", "a {## b ##} c", "{####}"], ["{##click#}", "##}{##", "{##}"]),
        (ADDRESS, ["a@b", "a@@b", "@@@"], ["@b", "a@", "a@b c", "ab"]),
        (
            "^(terms-of-use|privacy-policy)$",
            ["terms-of-use"],
            ["terms-of-use\n", "xprivacy-policy"],
        ),
        ("^(tkn|sso)[a-z0-9]{25}$", ["tkn" + "a" * 25], ["tkn" + "a" * 24, "sso" + "a" * 26]),
        (
            "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[4][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$",
            [LONG_ID],
            [LONG_ID.replace("4e3e", "5e3e"), LONG_ID + "\n"],
        ),
        (
            "^[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?$",
            ["a", "my-domain", "a" * 63],
            ["", "-a", "a-", "a" * 64, "A"],
        ),
        (
            r"[^_\p{Z}][\p{L}\p{M}\p{S}\p{N}\p{P}][^_\p{Z}]+",
            ["Google", "abc"],
            ["ab", "_bc", "a b", "abc d", "abc_"],
        ),
        (r"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+", ["!a.b"], ['a"', "a/b", "a\\b", "a b", "é"]),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", ["a b\u3000中½_.:/=+-@"], ["", "a\u0301", "a!", "a\n"]),
        (
            r"[\u0009\u000A\u000D\u0020-\u00FF]+",
            ["{\n\t}", "ÿ"],
            ["", "Ā", "\x00"],
        ),
        (
            # In Java, \u10000 is U+1000 and a zero: no character beyond the first plane fits.
            r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
            ["{\n}", "中\ue000"],
            ["", "\x00", "\uffff", "😀"],
        ),
        ("[\\w-]+:[0-9a-f-]+", ["us-east-1:" + LONG_ID], ["us-east-1:xyz", "us-east-1_a"]),
    ],
)
def test_a_pattern_accepts_and_refuses(java, good, bad):
    assert [value for value in good if not accepts(java, value)] == []
    assert [value for value in bad if accepts(java, value)] == []


@pytest.mark.parametrize("java", [p for p in TRANSLATIONS if re.fullmatch(r"\[[^\]]*\][+*]", p)])
def test_a_class_of_unicode_categories_holds_exactly_the_assigned_characters_of_them(java):
    points = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    assigned = "".join(c for c in points if unicodedata.category(c) != "Cn")
    one_character = re.compile(TRANSLATIONS[java].removeprefix(r"\A").removesuffix(r"\Z"))

    inside = set("".join(one_character.findall(assigned)))

    spelled = naive(java.rstrip("+*"), set(assigned))
    assert inside == spelled


def naive(java_class: str, characters: set[str]) -> set[str]:
    """The characters a Java class holds, asked one by one of `unicodedata`: slow, and obvious."""
    negated = java_class.startswith("[^")
    content = java_class[2 if negated else 1 : -1]
    categories = set(re.findall(r"\\p\{(\w)\}", content))
    rest = re.sub(r"\\p\{\w\}", "", content)
    plain = re.compile(f"(?a:[{rest}])") if rest else re.compile("(?!)")
    held = {c for c in characters if unicodedata.category(c)[0] in categories or plain.match(c)}
    return characters - held if negated else held


@pytest.mark.parametrize("java", TRANSLATIONS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_translation_agrees_with_the_pattern_taken_literally(java, data):
    words = ["{##", "##}", "{####}", "arn:", "us-east-1", "cognito:", "import-", "Level1", LONG_ID]
    pieces = st.one_of(st.sampled_from(ALPHABET), st.sampled_from(words))
    value = "".join(data.draw(st.lists(pieces, max_size=8)))

    assert accepts(java, value) == (literally(java).fullmatch(value) is not None)


def literally(java: str) -> re.Pattern[str]:
    """The pattern over this file's alphabet alone: its classes spelled out, nothing rewritten."""
    characters = set(ALPHABET) | set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    )

    def spelled(match: re.Match[str]) -> str:
        if r"\p" not in match.group():
            return match.group()
        return f"[{''.join(map(re.escape, sorted(naive(match.group(), characters))))}]"

    text = re.sub(r"\[(?:\\.|[^\]\\])+\]", spelled, java)
    if text == "(?s).*":
        text = r"[\s\S]*"
    text = re.sub(r"(?<!\\)\.(?=\*)", "[^\\\\n\\\\r\x85\u2028\u2029]", text)
    return re.compile(text.removeprefix("^").removesuffix("$"), re.ASCII)


# --- linear time (threats S21) -------------------------------------------------------------------

SIZE = 64 * 1024
UNITS = [
    "a",
    "1",
    "-",
    "_",
    ":",
    "@",
    "a_",
    "a:",
    "a@",
    " ",
    "é",
    "😀",
    "\n",
    "/",
    "arn:",
    "arn:a:",
]
UNITS += ["{##", "##}", "{####}", "{##a", "{###", "{##a##}", "^a|", "|aaa", "=", ".", "a.", "0-"]


@pytest.mark.parametrize("java", TRANSLATIONS)
def test_no_value_of_64_kib_takes_a_pattern_ten_milliseconds(java):
    pattern = re.compile(TRANSLATIONS[java])

    slow = {}
    for unit in UNITS:
        body = unit * (SIZE // len(unit))
        for value in (
            body,
            body + "\x00",
            "\x00" + body,
            "arn:a:b:" + body + "\x00",
            body + "{####}",
        ):
            elapsed = min(timed(pattern, value) for _ in range(3))
            if elapsed > 0.010:
                slow[unit] = elapsed

    assert slow == {}


def timed(pattern: re.Pattern[str], value: str) -> float:
    """Seconds of this thread's own processor time: neighbours do not count."""
    start = time.thread_time()
    pattern.search(value)
    return time.thread_time() - start
