"""Looking passwords up in a list that is too long to read."""

import hashlib
from contextlib import closing

import pytest

from cognate.keys.compromised import NoList, SortedFile

WORDS = [f"word-{number}" for number in range(500)]


def digest(word):
    return hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()


def a_list(tmp_path, words, *, counts=True, end="\n"):
    lines = [
        f"{one}:{number * 37}" if counts else one
        for number, one in enumerate(sorted(map(digest, words)))
    ]
    path = tmp_path / "list.txt"
    path.write_bytes(end.join(lines).encode() + (end.encode() if lines else b""))
    return path


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("length", [0, 1, 2, 3, 10, 500])
def test_every_word_of_a_list_is_found_and_no_other(tmp_path, counts, end, length):
    words = WORDS[:length]
    with closing(SortedFile(a_list(tmp_path, words, counts=counts, end=end))) as listed:
        assert all(listed.contains(word) for word in words)
        assert not any(listed.contains(f"other-{number}") for number in range(500))


def test_a_list_in_lower_case_is_read_all_the_same(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("".join(f"{digest(word).lower()}\n" for word in sorted(WORDS, key=digest)))

    with closing(SortedFile(path)) as listed:
        assert all(listed.contains(word) for word in WORDS)


def test_without_a_list_nothing_is_known():
    assert not NoList().contains("password")


def test_a_list_that_is_not_there_is_told_of_at_once(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        SortedFile(tmp_path / "nowhere.txt")
