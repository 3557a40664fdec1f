"""Temporary passwords that nobody gave: whatever the policy, they fit it."""

from itertools import product

import pytest

from cognate.domain.passwords import PasswordPolicy
from cognate.signin.temporary_passwords import SHORTEST, generated
from tests.inprocess import TestEntropy


@pytest.mark.parametrize("minimum_length", [6, 8, 99])
@pytest.mark.parametrize(
    ("upper", "lower", "digits", "symbols"), list(product((False, True), repeat=4))
)
def test_a_generated_password_fits_the_policy(minimum_length, upper, lower, digits, symbols):
    policy = PasswordPolicy(
        minimum_length=minimum_length,
        require_uppercase=upper,
        require_lowercase=lower,
        require_numbers=digits,
        require_symbols=symbols,
    )

    passwords = {generated(TestEntropy(), policy) for _ in range(20)}

    assert len(passwords) == 20
    for password in passwords:
        assert policy.broken_rule(password) is None
        assert len(password) == max(minimum_length, SHORTEST)
        assert not any(character.isspace() for character in password)
