"""Half a million users in by CSV, a million out and in again: as fast as promised, memory flat."""

import argparse

import pytest

from bench import transfer

MEMORY_MB = 700  # whatever the number of users

pytestmark = pytest.mark.soak


def test_users_go_in_and_out_as_fast_as_the_page_says(tmp_path):
    options = argparse.Namespace(users=1_000_000, rows=500_000, database=None)

    figures = {figure.name: figure for figure in transfer.measured(tmp_path, options).commands}

    assert figures["import"].rate >= transfer.IMPORT_GOAL
    for name in ("export", "restore"):
        assert figures[name].seconds <= transfer.MOVE_GOAL
    assert all(figure.resident_mb <= MEMORY_MB for figure in figures.values())
