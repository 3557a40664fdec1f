"""Master keys: from a file or the environment, never shown, never made twice."""

import os
import stat
import subprocess
import sys

import pytest

from cognate.keys.master import MasterKeyError, MasterKeys, from_environment, from_file, key_id_of
from cognate.protocol import base64url

KEY = bytes(range(32))
OTHER = bytes(range(32, 64))
TEXT = base64url.encode(KEY)
OTHER_TEXT = base64url.encode(OTHER)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "master.key"


def test_a_missing_file_is_made_for_its_owner_alone_and_read_again(path):
    before = os.umask(0)
    try:
        made = from_file(path, fresh=KEY)
    finally:
        os.umask(before)

    assert made == MasterKeys.of([KEY])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["master.key"]  # no draft is left
    assert path.read_text() == TEXT + "\n"
    assert from_file(path, fresh=OTHER) == made


def test_a_missing_file_is_not_made_where_there_is_data_already(path):
    with pytest.raises(MasterKeyError) as refused:
        from_file(path, fresh=None)

    assert str(refused.value) == f"{path} is missing, and there is data that its key sealed"
    assert not path.exists()


MAKE = """
import sys
from pathlib import Path
from cognate.keys.master import from_file
print("ready", flush=True)
sys.stdin.readline()
print(from_file(Path(sys.argv[1]), fresh=bytes([int(sys.argv[2])]) * 32).current)
"""


def test_processes_that_start_at_once_get_the_same_key(path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE, path, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    keys = {process.communicate()[0].strip() for process in processes}

    assert len(keys) == 1
    assert keys == {from_file(path, fresh=None).current}
    assert [file.name for file in path.parent.iterdir()] == ["master.key"]


def test_a_file_with_several_keys_seals_with_the_first_and_opens_with_all(path):
    path.parent.mkdir()
    path.write_text(f"{OTHER_TEXT}\n\n  {TEXT}  \n")

    keys = from_file(path, fresh=None)

    assert keys.current == key_id_of(OTHER)
    assert keys.by_id == {key_id_of(OTHER): OTHER, key_id_of(KEY): KEY}


def test_keys_of_the_environment_are_separated_by_commas_the_current_one_first():
    keys = from_environment(f"{OTHER_TEXT}, {TEXT}")

    assert keys.current == key_id_of(OTHER)
    assert keys.by_id == {key_id_of(OTHER): OTHER, key_id_of(KEY): KEY}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TEXT[:-1], "a master key is base64url text without padding"),
        (TEXT + "=", "a master key is base64url text without padding"),
        (TEXT[:-4], "a master key has 32 bytes, not 29"),
        (TEXT + "AAAA", "a master key has 32 bytes, not 35"),
        (TEXT.replace("A", "é", 1), "a master key is base64url text without padding"),
        ("", "a master key has 32 bytes, not 0"),
    ],
)
def test_what_is_no_key_is_refused_in_words_that_do_not_show_it(text, told):
    with pytest.raises(MasterKeyError) as refused:
        from_environment(f"{OTHER_TEXT},{text}")

    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "{path} holds no key"),
        (b"\n \n", "{path} holds no key"),
        (b"short\n", "{path}, line 1: a master key is base64url text without padding"),
        (
            f"{TEXT}\n{TEXT[:-4]}\n".encode(),
            "{path}, line 2: a master key has 32 bytes, not 29",
        ),
        (b"\xff\xfe" + TEXT.encode(), "{path} cannot be used: not text"),
    ],
    ids=["empty", "blank", "no key", "cut", "not text"],
)
def test_a_file_that_holds_no_key_is_refused_by_its_name(path, content, told):
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(MasterKeyError) as refused:
        from_file(path, fresh=KEY)

    assert str(refused.value) == told.format(path=path)
    assert path.read_bytes() == content


def test_a_directory_in_the_files_place_is_refused_by_its_name(path):
    path.mkdir(parents=True)

    with pytest.raises(MasterKeyError) as refused:
        from_file(path, fresh=KEY)

    assert str(refused.value) == f"{path} cannot be used: Is a directory"


def test_a_keys_id_does_not_tell_the_key():
    assert key_id_of(KEY) != key_id_of(OTHER)
    assert len(key_id_of(KEY)) == 16
    assert KEY.hex()[:8] not in key_id_of(KEY)
