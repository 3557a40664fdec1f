"""The password policy of a pool, and what is stored of a password."""

from dataclasses import dataclass
from datetime import datetime

from cognate.errors import InvalidPasswordException
from cognate.protocol.foreign_hashes import HashAlgorithm

SYMBOLS = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")
MAXIMUM_LENGTH = 256
DEFAULT_TEMPORARY_VALIDITY_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy:
    """
    Source: user-pools.md C.5. One failing rule is reported, length first.

    `history_size` counts the current password as the first.
    """

    minimum_length: int = 8
    require_uppercase: bool = True
    require_lowercase: bool = True
    require_numbers: bool = True
    require_symbols: bool = True
    temporary_password_validity_days: int = DEFAULT_TEMPORARY_VALIDITY_DAYS
    history_size: int = 0

    def check(self, password: str) -> None:
        """
        Raises:
            InvalidPasswordException: the first rule that the password breaks.
        """
        broken = self.broken_rule(password)
        if broken is not None:
            raise InvalidPasswordException(f"Password did not conform with policy: {broken}")

    def broken_rule(self, password: str) -> str | None:
        if len(password) < self.minimum_length:
            return "Password not long enough"
        if len(password) > MAXIMUM_LENGTH:
            return "Password too long"
        if self.require_uppercase and not any("A" <= c <= "Z" for c in password):
            return "Password must have uppercase characters"
        if self.require_lowercase and not any("a" <= c <= "z" for c in password):
            return "Password must have lowercase characters"
        if self.require_numbers and not any("0" <= c <= "9" for c in password):
            return "Password must have numeric characters"
        # A space counts as a symbol only inside.
        if self.require_symbols and not any(c in SYMBOLS for c in password.strip(" ")):
            return "Password must have symbol characters"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignHash:
    """A hash that another system made; `text` in the form of its algorithm (user-pools.md J.1)."""

    algorithm: HashAlgorithm
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """
    What is kept to check a user's password.

    `password_hash`: PHC text, or None where only a foreign hash or no password exists.
    `srp_salt`: 16 bytes. `sealed_verifier`: the SRP verifier under the pool's data key.
    `history`: hashes of earlier passwords, newest first.
    `expires_at`: set for temporary passwords only.
    `foreign_hash`: stands for the password until the user first gives it in clear.
    """

    password_hash: str | None
    srp_salt: bytes | None
    sealed_verifier: bytes | None
    set_at: datetime
    expires_at: datetime | None = None
    history: tuple[str, ...] = ()
    foreign_hash: ForeignHash | None = None

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None or self.foreign_hash is not None
