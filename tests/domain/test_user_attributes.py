"""What a write of attributes means, before anything is stored (user-pools.md C.6, D.3)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cognate.domain.attributes import SchemaAttribute
from cognate.domain.ids import PoolId, Sub
from cognate.domain.pools import Pool
from cognate.domain.user_attributes import AttributeWrite, check_flags, normalised, planned
from cognate.domain.users import User, UserStatus
from cognate.errors import InvalidParameterException

NOW = datetime(2026, 1, 2, tzinfo=UTC)
POOL = Pool(
    pool_id=PoolId("us-east-1_abcdefghi"),
    name="a pool",
    region="us-east-1",
    account_id="000000000000",
    created_at=NOW,
    modified_at=NOW,
    data_key_id="00",
    signing_keys=(),
    auto_verified=("email",),
)
ADA = User(
    pool_id=POOL.pool_id,
    sub=Sub("0b1c"),
    username="ada",
    status=UserStatus.CONFIRMED,
    created_at=NOW,
    modified_at=NOW,
    attributes={
        "email": "ada@old.example",
        "email_verified": "true",
        "phone_number": "+15550100",
        "phone_number_verified": "true",
    },
)
NEW = "ada@new.example"


def test_a_new_address_is_unverified_and_gets_a_code_where_the_pool_verifies_by_itself():
    assert planned(POOL, ADA, {"email": NEW}) == AttributeWrite(
        changed={"email": NEW, "email_verified": "false"},
        codes={"email": NEW},
        replaced=frozenset({"email"}),
    )


def test_a_new_number_gets_none_where_the_pool_does_not():
    assert planned(POOL, ADA, {"phone_number": "+15550199"}) == AttributeWrite(
        changed={"phone_number": "+15550199", "phone_number_verified": "false"},
        replaced=frozenset({"phone_number"}),
    )


def test_a_flag_that_comes_with_the_address_is_taken_over():
    assert planned(POOL, ADA, {"email": NEW, "email_verified": "true"}) == AttributeWrite(
        changed={"email": NEW, "email_verified": "true"}, replaced=frozenset({"email"})
    )


def test_the_same_address_again_keeps_its_flag():
    assert planned(POOL, ADA, {"email": "ada@old.example", "name": "Ada"}) == AttributeWrite(
        changed={"email": "ada@old.example", "name": "Ada"}
    )


def test_an_address_that_must_be_verified_first_waits():
    pool = replace(POOL, verify_before_update=("email",))

    assert planned(pool, ADA, {"email": NEW, "email_verified": "false"}) == AttributeWrite(
        changed={}, codes={"email": NEW}, pending=frozenset({"email"})
    )


def test_an_address_that_comes_verified_does_not_wait():
    pool = replace(POOL, verify_before_update=("email",))

    assert planned(pool, ADA, {"email": NEW, "email_verified": "true"}) == AttributeWrite(
        changed={"email": NEW, "email_verified": "true"}, replaced=frozenset({"email"})
    )


def test_an_address_that_goes_takes_its_flag_with_it():
    assert planned(POOL, ADA, {"email": ""}) == AttributeWrite(
        changed={"email": None, "email_verified": None}, replaced=frozenset({"email"})
    )


def test_a_flag_alone_changes_nothing_else():
    assert planned(POOL, ADA, {"email_verified": "false"}) == AttributeWrite(
        changed={"email_verified": "false"}
    )


def test_booleans_are_stored_in_one_spelling():
    pool = replace(
        POOL, schema=(*POOL.schema, SchemaAttribute(name="custom:adult", data_type="Boolean"))
    )

    assert normalised(
        pool, {"email_verified": "True", "custom:adult": "FALSE", "name": "True", "unknown": "TRUE"}
    ) == {"email_verified": "true", "custom:adult": "false", "name": "True", "unknown": "TRUE"}


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        ("email_verified", "Email is required to verify/un-verify an email"),
        (
            "phone_number_verified",
            "Phone Number is required to verify/un-verify a phone number",
        ),
    ],
)
def test_a_flag_needs_a_value_to_speak_of(flag, text):
    check_flags({flag: "true"}, {flag.removesuffix("_verified"): "something"})
    check_flags({flag: ""}, {})

    with pytest.raises(InvalidParameterException) as refusal:
        check_flags({flag: "true"}, {})

    assert refusal.value.message == text
