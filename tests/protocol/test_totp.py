"""TOTP: the vectors of RFC 4226 and RFC 6238, the window, and what people's apps read."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognate.protocol import totp

SECRET = b"12345678901234567890"


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (0, "755224"), (1, "287082"), (2, "359152"), (3, "969429"), (4, "338314"),
        (5, "254676"), (6, "287922"), (7, "162583"), (8, "399871"), (9, "520489"),
    ],
)  # fmt: skip
def test_the_counter_vectors_of_rfc_4226_come_out(step, code):
    """Appendix D."""
    assert totp.code_at(SECRET, step) == code


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_time_vectors_of_rfc_6238_come_out(seconds, eight_digits):
    """Appendix B shows eight digits; six are the last six of them."""
    step = totp.step_at(at(seconds))

    assert totp.code_at(SECRET, step) == eight_digits[2:]
    assert totp.matching_step(SECRET, eight_digits[2:], at(seconds)) == step


def test_a_code_keeps_its_leading_zeros():
    zeros = next(step for step in range(1000) if totp.code_at(SECRET, step).startswith("0"))

    assert len(totp.code_at(SECRET, zeros)) == 6


@pytest.mark.parametrize(
    ("offset", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_code_is_good_one_step_either_way(offset, good):
    now = at(1_700_000_010)
    step = totp.step_at(now) + offset

    found = totp.matching_step(SECRET, totp.code_at(SECRET, step), now)

    assert found == (step if good else None)


def test_the_window_can_be_closed_or_widened():
    now = at(1_700_000_010)
    earlier = totp.code_at(SECRET, totp.step_at(now) - 2)

    assert totp.matching_step(SECRET, earlier, now, window=0) is None
    assert totp.matching_step(SECRET, earlier, now, window=2) == totp.step_at(now) - 2


def test_the_step_changes_every_thirty_seconds():
    start = at(1_700_000_010)

    assert totp.step_at(start + timedelta(seconds=29)) == totp.step_at(start)
    assert totp.step_at(start + timedelta(seconds=30)) == totp.step_at(start) + 1


@pytest.mark.parametrize("code", ["", "75522", "7552240", "755224 ", " 755224", "٧٥٥٢٢٤", "75522x"])
def test_a_code_in_another_spelling_does_not_match(code):
    assert totp.matching_step(SECRET, code, at(0)) is None


@given(st.binary(min_size=1, max_size=64))
def test_a_secret_is_spelled_in_base32_without_padding(secret):
    text = totp.encode_secret(secret)

    assert text == b32encode(secret).decode().rstrip("=")
    assert totp.decode_secret(text) == totp.decode_secret(text.lower()) == secret
    assert totp.decode_secret(b32encode(secret).decode()) == secret


def test_a_drawn_secret_has_the_length_cognito_s_have():
    assert len(totp.encode_secret(bytes(totp.SECRET_BYTES))) == 52


@pytest.mark.parametrize("text", ["A", "1", "ABC 2345", "ÄÄÄÄÄÄÄÄ", "ABCDEFG!", "0O0O0O0O"])
def test_what_is_not_base32_is_refused(text):
    with pytest.raises(ValueError, match="not a Base32 value"):
        totp.decode_secret(text)


def test_the_uri_survives_names_with_reserved_characters():
    uri = totp.otpauth_uri(SECRET, issuer="Größe & Söhne: GmbH", account="ada+1@example.com")

    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path.count(":") == 1
    assert unquote(parts.path) == "/Größe & Söhne: GmbH:ada+1@example.com"
    assert parse_qs(parts.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
        "issuer": ["Größe & Söhne: GmbH"],
    }
    assert "+" not in parts.query  # some apps read it as a plus sign
