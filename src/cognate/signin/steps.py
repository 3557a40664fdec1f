"""What comes next in a sign-in: one pure decision, taken again after every answer."""

from cognate.domain.factors import (
    active_second_factors,
    answers_count_as_second,
    factors_from_attributes,
    factors_to_set_up,
)
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus
from cognate.errors import InvalidParameterException

PASSWORD_VERIFIER = "PASSWORD_VERIFIER"
NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"


SELECT_CHALLENGE = "SELECT_CHALLENGE"
SELECT_MFA_TYPE = "SELECT_MFA_TYPE"
MFA_SETUP = "MFA_SETUP"
DEVICE_SRP_AUTH = "DEVICE_SRP_AUTH"
DEVICE_PASSWORD_VERIFIER = "DEVICE_PASSWORD_VERIFIER"


def next_challenge(
    pool: Pool,
    user: User,
    answered: tuple[str, ...],
    methods: tuple[str, ...],
    *,
    remembered_device: bool,
) -> str | None:
    """
    The challenge to issue now, or None when the user is signed in. `remembered_device`: the client
    named one that can prove itself.

    Raises:
        InvalidParameterException: MFA is required and nothing can be used or set up.
    """
    must_change = user.status is UserStatus.FORCE_CHANGE_PASSWORD
    if must_change and NEW_PASSWORD_REQUIRED not in answered:
        return NEW_PASSWORD_REQUIRED
    if "pwd" not in methods:
        return None  # what comes without a password stands alone
    device_due = remembered_device and DEVICE_PASSWORD_VERIFIER not in answered
    instead_of_mfa = bool(pool.device and pool.device.challenge_required_on_new_device)
    if not (remembered_device and instead_of_mfa):
        second = _second_factor(pool, user, answered)
        if second is not None:
            return second
    return DEVICE_SRP_AUTH if device_due else None


def _second_factor(pool: Pool, user: User, answered: tuple[str, ...]) -> str | None:
    if pool.mfa.mode == "OFF" or answers_count_as_second(answered):
        return None
    active = active_second_factors(pool, user)
    if user.mfa.preferred in active:
        return user.mfa.preferred
    if active:
        return active[0] if len(active) == 1 else SELECT_MFA_TYPE
    if pool.mfa.mode == "OPTIONAL":
        return None
    usable = factors_from_attributes(pool, user)
    if usable:
        return usable[0] if len(usable) == 1 else SELECT_MFA_TYPE
    if factors_to_set_up(pool):
        return MFA_SETUP
    raise InvalidParameterException("MFA is required and the user has no method that can be used.")
