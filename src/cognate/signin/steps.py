"""What comes next in a sign-in: one pure decision, taken again after every answer."""

from dataclasses import dataclass

from cognate.domain import assurance
from cognate.domain.factors import (
    METHODS,
    active_second_factors,
    factors_for_step_up,
    factors_to_set_up,
    has_second_factor_due,
    passkey_is_both,
    second_factor_is_proven,
    usual_second_factors,
)
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus
from cognate.errors import InvalidParameterException, NotAuthorizedException

PASSWORD_VERIFIER = "PASSWORD_VERIFIER"
NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"
SELECT_CHALLENGE = "SELECT_CHALLENGE"
SELECT_MFA_TYPE = "SELECT_MFA_TYPE"
MFA_SETUP = "MFA_SETUP"
DEVICE_SRP_AUTH = "DEVICE_SRP_AUTH"
DEVICE_PASSWORD_VERIFIER = "DEVICE_PASSWORD_VERIFIER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """
    How far a sign-in has come: challenges answered, methods proven (`amr`).

    `targets`: levels of assurance that were asked for, best first. `remembered_device`: the client
    named one that can prove itself. `demanded`: risk asks for a second factor, "required" or "if
    configured".
    """

    answered: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    targets: tuple[int, ...] = ()
    remembered_device: bool = False
    demanded: str | None = None


def next_challenge(pool: Pool, user: User, progress: Progress) -> str | None:
    """
    The challenge to issue now, or None when the user is signed in.

    Raises:
        NotAuthorizedException: risk requires a second factor and the user has none; or a factor
            that does not stand alone did.
        InvalidParameterException: MFA is required and nothing can be used or set up; or none of
            the levels can be reached.
    """
    answered, methods, targets = progress.answered, progress.methods, progress.targets
    must_change = user.status is UserStatus.FORCE_CHANGE_PASSWORD
    if must_change and NEW_PASSWORD_REQUIRED not in answered:
        return NEW_PASSWORD_REQUIRED
    if assurance.PASSWORD not in methods:
        _check_stands_alone(pool, user, methods)
        target_level(pool, user, methods, targets)
        return None
    device_due = progress.remembered_device and DEVICE_PASSWORD_VERIFIER not in answered
    instead_of_mfa = bool(pool.device and pool.device.challenge_required_on_new_device)
    excused = progress.remembered_device and instead_of_mfa and progress.demanded is None
    if progress.demanded == "required" and not active_second_factors(pool, user):
        raise NotAuthorizedException("Unable to login because of security reasons")
    second = _second_factor(pool, user, methods, targets, excused=excused)
    if second is not None:
        return second
    return DEVICE_SRP_AUTH if device_due else None


def _check_stands_alone(pool: Pool, user: User, methods: tuple[str, ...]) -> None:
    """No password: such factors are offered where no second one is due, which may change."""
    is_both = passkey_is_both(pool, user) and assurance.PASSKEYS.intersection(methods)
    if has_second_factor_due(pool, user) and not is_both:
        raise NotAuthorizedException("Invalid session for the user.")


def _second_factor(
    pool: Pool, user: User, methods: tuple[str, ...], targets: tuple[int, ...], *, excused: bool
) -> str | None:
    is_due = not excused and _is_due(pool, user, methods)
    if is_due and not second_factors(pool, user, methods, ()):
        if factors_to_set_up(pool):
            return MFA_SETUP
        raise InvalidParameterException(
            "MFA is required and the user has no method that can be used."
        )
    if not is_due and not _is_raised(pool, user, methods, targets):
        return None
    choices = second_factors(pool, user, methods, targets)
    if user.mfa.preferred in choices:
        return user.mfa.preferred
    return choices[0] if len(choices) == 1 else SELECT_MFA_TYPE


def second_factors(
    pool: Pool, user: User, methods: tuple[str, ...], targets: tuple[int, ...]
) -> tuple[str, ...]:
    """
    What may be asked beside the password: what the user switched on, or what their attributes
    allow; on the way to a level, what leads there.
    """
    usual = usual_second_factors(pool, user)
    if not _is_raised(pool, user, methods, targets):
        return usual
    level = target_level(pool, user, methods, targets)
    leading = tuple(
        factor
        for factor in factors_for_step_up(pool, user)
        if assurance.level_of((*methods, METHODS[factor])) >= level
    )
    # One that is due anyway is better than one more.
    return tuple(factor for factor in leading if factor in usual) or leading


def target_level(pool: Pool, user: User, methods: tuple[str, ...], targets: tuple[int, ...]) -> int:
    """
    The first of `targets` within reach, 0 where none was asked for.

    Raises:
        InvalidParameterException: none is.
    """
    if not targets:
        return 0
    reach = level_within_reach(pool, user, methods)
    for level in targets:
        if level <= reach:
            return level
    raise InvalidParameterException("The user cannot reach any of the requested ACR values.")


def level_within_reach(pool: Pool, user: User, methods: tuple[str, ...]) -> int:
    """The best level that `methods` and one second factor earn together."""
    ways = [methods]
    if assurance.PASSWORD in methods:
        ways += [(*methods, METHODS[factor]) for factor in factors_for_step_up(pool, user)]
    return max(assurance.level_of(way) for way in ways)


def _is_due(pool: Pool, user: User, methods: tuple[str, ...]) -> bool:
    return has_second_factor_due(pool, user) and not second_factor_is_proven(pool, user, methods)


def _is_raised(pool: Pool, user: User, methods: tuple[str, ...], targets: tuple[int, ...]) -> bool:
    return assurance.level_of(methods) < target_level(pool, user, methods, targets)
