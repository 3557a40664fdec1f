"""Saying that a call is refused, with the error's name and its text."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(name: str, text: str) -> Iterator[None]:
    """`with refused("UserNotFoundException", "User does not exist."): …`."""
    with pytest.raises(ClientError) as refusal:
        yield
    error = refusal.value.response["Error"]
    assert (error["Code"], error["Message"]) == (name, text)
