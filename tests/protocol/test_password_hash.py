"""Argon2id: known answers, what is refused, and when a hash is due for renewal."""

import pytest

from cognate.protocol.password_hash import (
    INSECURE_FAST,
    OWASP,
    Parameters,
    hash_password,
    needs_rehash,
    parameters_of,
    verify,
)

SALT = bytes(range(16))

# From the tests of phc-winner-argon2 (test.c, version 19): Argon2id, salt "somesalt".
REFERENCE = [
    (
        "password",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ),
    (
        "password",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    ),
]


@pytest.mark.parametrize(("password", "phc"), REFERENCE)
def test_the_reference_implementation_s_hashes_are_read_and_written(password, phc):
    assert verify(phc, password)
    assert hash_password(password, b"somesalt", parameters_of(phc)) == phc


def test_a_password_is_known_again_and_no_other():
    phc = hash_password("Correct-horse1!", SALT, INSECURE_FAST)

    assert phc.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert verify(phc, "Correct-horse1!")
    for other in ["correct-horse1!", "Correct-horse1! ", "Correct-horse1", "", "x"]:
        assert not verify(phc, other)


def test_the_default_is_what_owasp_recommends():
    phc = hash_password("Correct-horse1!", SALT)

    assert parameters_of(phc) == OWASP == Parameters(memory=19456, passes=2, lanes=1)
    assert verify(phc, "Correct-horse1!")


def test_passwords_are_bytes_not_glyphs():
    composed, decomposed = "caf\u00e9", "cafe\u0301"

    assert not verify(hash_password(composed, SALT, INSECURE_FAST), decomposed)


def test_nul_bytes_do_not_end_a_password():
    assert not verify(hash_password("abc\x00def", SALT, INSECURE_FAST), "abc\x00xyz")


def test_a_hash_with_other_costs_than_today_s_is_due_for_renewal():
    phc = hash_password("Correct-horse1!", SALT, INSECURE_FAST)

    assert needs_rehash(phc)
    assert not needs_rehash(phc, INSECURE_FAST)
    assert needs_rehash(phc, Parameters(memory=16, passes=1))
    assert needs_rehash(phc, Parameters(memory=8, passes=2))


GOOD = hash_password("x", SALT, INSECURE_FAST)


@pytest.mark.parametrize(
    "phc",
    [
        "",
        "x",
        "$argon2id$" * 30_000,
        GOOD.replace("argon2id", "argon2i"),
        GOOD.replace("argon2id", "argon2d"),
        GOOD.replace("v=19", "v=16"),
        GOOD.replace("m=8", "m=0"),
        GOOD.replace("m=8", "m=-8"),
        GOOD.replace("m=8", "m=08"),
        GOOD.replace("m=8", "m=7"),
        GOOD.replace("p=1", "p=2"),
        GOOD.replace("m=8", "m=4294967295").replace("p=1", "p=16777216"),
        GOOD.replace("t=1", "t=٣"),
        GOOD[:-1] + "B",
        GOOD[:-2],
        GOOD + "\n",
        GOOD + "$",
        GOOD.rpartition("$")[0],
    ],
)
def test_what_is_not_such_a_hash_is_refused(phc):
    for use in (parameters_of, needs_rehash, lambda text: verify(text, "x")):
        with pytest.raises(ValueError, match="not an Argon2id PHC string"):
            use(phc)
