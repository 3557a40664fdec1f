"""Rows of users as Cognito's import reads them. Source: user-pools.md J.1."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognate.domain.attributes import AttributeDefinition, schema_of
from cognate.domain.ids import PoolId, Sub
from cognate.domain.pools import MfaSettings, Pool
from cognate.domain.users import MfaPreference, User, UserStatus
from cognate.protocol.foreign_hashes import HashAlgorithm
from cognate.transfer.csv_users import (
    NOT_VERIFIED,
    RowReader,
    RowRefused,
    RowWriter,
    UnreadableFile,
    header_of,
    joined,
    split,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
POOL = Pool(
    pool_id=PoolId("us-east-1_EXAMPLE12"),
    name="a pool",
    region="us-east-1",
    account_id="000000000000",
    created_at=NOW,
    modified_at=NOW,
    data_key_id="00" * 8,
    signing_keys=(),
    schema=schema_of([AttributeDefinition(name="team")]),
    auto_verified=("email", "phone_number"),
)
# What a value can be once it was trimmed, and has no line end: those cannot be written.
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])).map(str.strip)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("a,b,c", ["a", "b", "c"]),
        (" a , b ,", ["a", "b", ""]),
        ("Lovelace\\, Ada,x", ["Lovelace, Ada", "x"]),
        ('"quoted,"', ['"quoted', '"']),
        ("back\\slash,x", ["back\\slash", "x"]),
        ("", [""]),
    ],
)
def test_commas_part_values_but_where_a_backslash_stands_before_them(line, values):
    assert split(line) == values


@given(st.lists(VALUES, min_size=1))
def test_what_was_written_is_what_is_read(values):
    assert split(joined(values)) == values


def test_a_line_end_inside_a_value_becomes_a_blank():
    assert joined(["12 High Street\r\nLondon", "x"]) == "12 High Street London,x"


def a_user(**changes):
    attributes = {"email": "ada@example.com", "email_verified": "true"}
    user = User(
        pool_id=POOL.pool_id,
        sub=Sub("2f1c7a6e-90a1-4a3b-8c5d-1b2a3c4d5e6f"),
        username="ada",
        status=UserStatus.CONFIRMED,
        created_at=NOW,
        modified_at=NOW,
        attributes=attributes,
    )
    return replace(user, **changes)


def read_back(pool, user, password_hash=""):
    writer = RowWriter(pool, with_hashes=True)
    reader = RowReader(pool, split(writer.header), HashAlgorithm.ARGON2ID)
    return reader.read(writer.row(user, password_hash))


def test_a_user_who_is_exported_can_be_imported():
    attributes = {
        "email": "ada@example.com",
        "email_verified": "true",
        "birthdate": "1815-12-10",
        "updated_at": "1760000000",
        "name": "Lovelace, Ada",
        "custom:team": "engines\\",
    }
    phc = "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlIHNh$" + "A" * 43

    found = read_back(POOL, a_user(attributes=attributes), phc)

    assert found.username == "ada"
    assert found.attributes == attributes
    assert found.foreign_hash is not None
    assert found.foreign_hash.text == phc


def test_who_signs_in_with_an_address_is_exported_by_it():
    pool = replace(POOL, username_attributes=("email",))

    found = read_back(pool, a_user(username="2f1c7a6e-90a1-4a3b-8c5d-1b2a3c4d5e6f"))

    assert found.username == "ada@example.com"


@pytest.mark.parametrize(
    ("mode", "enabled", "text"),
    [("OFF", (), "false"), ("ON", (), "true"), ("OPTIONAL", (), "false"),
     ("OPTIONAL", ("SMS_MFA",), "true")],
)  # fmt: skip
def test_mfa_is_exported_as_the_pool_will_take_it(mode, enabled, text):
    pool = replace(POOL, mfa=MfaSettings(mode=mode, sms_enabled=True))
    writer = RowWriter(pool, with_hashes=False)

    row = split(writer.row(a_user(mfa=MfaPreference(enabled=enabled)), ""))

    assert dict(zip(split(writer.header), row, strict=True))["cognito:mfa_enabled"] == text


def a_reader(pool=POOL):
    return RowReader(pool, header_of(pool), None)


def a_row(pool=POOL, **values):
    given_values = {
        "cognito:username": "ada",
        "email": "ada@example.com",
        "email_verified": "true",
    } | values
    return joined([given_values.get(column, "") for column in header_of(pool)])


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"email_verified": ""}, NOT_VERIFIED),
        ({"email": "", "email_verified": ""}, NOT_VERIFIED),
        ({"email": ""}, "Email is required to verify/un-verify an email"),
        ({"phone_number": "0155"}, "phone_number: Invalid phone number format."),
        ({"email_verified": "yes"}, "email_verified: Invalid boolean value."),
        ({"birthdate": "13/01/2000"}, "birthdate: There is no such day."),
        ({"updated_at": "-1"}, "updated_at: The time is written in seconds since 1970."),
        ({"cognito:username": "a" * 129}, "cognito:username is longer than 128 characters."),
        ({"name": "n" * 2049}, "name: String attributes cannot have a length of more than 2048"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(values, reason):
    with pytest.raises(RowRefused) as refusal:
        a_reader().read(a_row(**values))

    assert str(refusal.value) == reason


def test_where_mfa_is_required_nobody_comes_in_without():
    pool = replace(POOL, mfa=MfaSettings(mode="ON", sms_enabled=True))

    with pytest.raises(RowRefused, match="must be true: the user pool requires MFA"):
        a_reader(pool).read(a_row(pool, **{"cognito:mfa_enabled": "FALSE"}))

    assert a_reader(pool).read(a_row(pool)).mfa == MfaPreference()


def test_a_header_of_another_pool_is_refused():
    columns = header_of(POOL)

    with pytest.raises(UnreadableFile, match="does not have the column custom:team"):
        RowReader(POOL, columns[:-1], None)
