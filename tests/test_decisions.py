"""The pages in `docs/decisions` can be found and read alike."""

import re
from pathlib import Path

import pytest

DECISIONS = Path(__file__).parent.parent / "docs" / "decisions"
PAGES = sorted(DECISIONS.glob("[0-9]*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_tells_its_context_choice_and_consequence(page):
    parts = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert parts == ["Context", "Choice", "Consequence"]


def test_the_index_lists_every_decision_once_and_in_order():
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")

    listed = re.findall(r"^\| \[\d{4}\]\((.+?)\)", index, flags=re.MULTILINE)

    assert listed == [page.name for page in PAGES]
