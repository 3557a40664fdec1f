"""Temporary passwords: made where none is given, good for as many days as the policy says."""

from dataclasses import replace

from cognate.domain.passwords import Credential, PasswordPolicy
from cognate.domain.pools import Pool
from cognate.ports import Call, Entropy
from cognate.signin import passwords

# Without characters that are mistaken for one another, or that mean something in HTML.
LETTERS_AND_DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
SYMBOLS = "!@$%^*-_=+?"
SHORTEST = 12  # characters: with 56 to choose from, 69 bits


def generated(entropy: Entropy, policy: PasswordPolicy) -> str:
    """A password that the policy accepts; any such password of its length is as likely."""
    alphabet = LETTERS_AND_DIGITS + (SYMBOLS if policy.require_symbols else "")
    length = max(policy.minimum_length, SHORTEST)
    password = entropy.text(alphabet, length)
    while policy.broken_rule(password) is not None:
        password = entropy.text(alphabet, length)
    return password


async def temporary_credential(
    call: Call, pool: Pool, username: str, password: str, *, previous: Credential | None
) -> Credential:
    """
    What to store for a temporary password. Slow: call it outside a change.

    Raises:
        InvalidPasswordException, PasswordHistoryPolicyViolationException: the pool's policy.
        TooManyRequestsException: the server is busy.
    """
    credential = await passwords.new_credential(call, pool, username, password, previous=previous)
    expires_at = call.clock.now() + pool.temporary_password_lifetime
    return replace(credential, expires_at=expires_at)
