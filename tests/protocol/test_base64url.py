"""Base64url: RFC 4648 section 10, RFC 7515 appendix C, and everything a lax reader would let by."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognate.protocol import base64url


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"f", "Zg"),
        (b"fo", "Zm8"),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg"),
        (b"fooba", "Zm9vYmE"),
        (b"foobar", "Zm9vYmFy"),
        (bytes([3, 236, 255, 224, 193]), "A-z_4ME"),
    ],
)
def test_the_vectors_read_both_ways(data, text):
    assert base64url.encode(data) == text
    assert base64url.decode(text) == data
    assert base64url.decode(text.encode()) == data


@given(st.binary(max_size=200))
def test_any_bytes_come_back(data):
    text = base64url.encode(data)

    assert text == urlsafe_b64encode(data).rstrip(b"=").decode()
    assert base64url.decode(text) == data


@given(st.text("ABCDEFGHQRSTZabcgkwz0189-_+/=! \n\té", max_size=12))
def test_what_is_read_has_exactly_one_spelling(text):
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize(
    "text",
    [
        "Zm9v!!!!",
        "Zé9v",
        "Zh",
        "Zm9",
        "Zm9vYmF",
        "AAA=AAAA",
        "Zm\x009",
        "A",
        "AAAAA",
        "Zg==",
        "Zg=",
        "Zm9v=",
        "====",
        "Z+8_",
        "Z/8-",
        "Zm 9",
        "Zm9v\n",
        "\nZm9v",
    ],
)
def test_other_spellings_are_refused(text):
    with pytest.raises(ValueError, match=r"^not a base64url value$"):
        base64url.decode(text)
