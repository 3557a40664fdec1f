"""The grammar of ListUsers' filter (user-pools.md D.5)."""

import pytest

from cognate.domain.user_filters import UserFilter, parse
from cognate.errors import InvalidParameterException


@pytest.mark.parametrize(
    ("text", "attribute", "value", "prefix"),
    [
        ('email = "ada@example.com"', "email", "ada@example.com", False),
        ('email="ada@example.com"', "email", "ada@example.com", False),
        ('email ^= "ada"', "email", "ada", True),
        ('email^="ada"', "email", "ada", True),
        ('"email"^="ada"', "email", "ada", True),
        ('  "family_name"  =  "Lovelace"  ', "family_name", "Lovelace", False),
        ('cognito:user_status = "CONFIRMED"', "cognito:user_status", "CONFIRMED", False),
        ('username = "Ada"', "username", "Ada", False),
        ('sub = "0A1B"', "sub", "0a1b", False),
        ('status = "Enabled"', "status", "Enabled", False),
        (r'name = "the \"first\""', "name", 'the "first"', False),
        (r'name = "back\\slash"', "name", r"back\slash", False),
        (r'name = "\\"', "name", "\\", False),
        ('name = ""', "name", "", False),
        ('name ^= ""', "name", "", True),
        ("name = \"a = 'b'\"", "name", "a = 'b'", False),
    ],
)
def test_one_condition_is_read(text, attribute, value, prefix):
    assert parse(text) == UserFilter(attribute=attribute, value=value, prefix=prefix)


@pytest.mark.parametrize("text", ["", 'username ^= ""', 'status ^= ""', 'sub ^= ""'])
def test_what_every_user_fits_is_no_condition(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "email",
        "email =",
        "email = ada",
        "email = 'ada'",
        'email "ada"',
        '= "ada"',
        'email = "ada',
        'email = ada"',
        'email = "a" and name = "b"',
        'email = "a""b"',
        'email == "ada"',
        'email ^ = "ada"',
        'email != "ada"',
        r'email = "\a"',
        'email = "a\\"',
        '"email = "ada"',
        '"" = "ada"',
        " ",
        "\\",
    ],
)
def test_bad_grammar_is_refused(text):
    with pytest.raises(InvalidParameterException) as refusal:
        parse(text)

    assert refusal.value.message == "Error while parsing filter"


@pytest.mark.parametrize(
    "attribute", ["custom:team", "gender", "Email", "phone", "email_verified", "enabled"]
)
def test_an_attribute_without_an_index_is_refused(attribute):
    with pytest.raises(InvalidParameterException) as refusal:
        parse(f'{attribute} = "x"')

    assert refusal.value.message == f"Invalid search attribute: {attribute}"
