"""
Which factors a user has, and which a pool lets them use.

Source: user-pools.md C.7, E.6, E.12.
"""

from collections.abc import Collection

from cognate.domain import assurance
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus

SMS_MFA = "SMS_MFA"
EMAIL_OTP = "EMAIL_OTP"
SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"
SMS_OTP = "SMS_OTP"
PASSWORD = "PASSWORD"
PASSWORD_SRP = "PASSWORD_SRP"
WEB_AUTHN = "WEB_AUTHN"

SECOND_FACTORS = (SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA)
MULTI_FACTOR_PASSKEY = "MULTI_FACTOR_WITH_USER_VERIFICATION"

# The attribute that a code for this factor goes to.
DESTINATIONS = {
    SMS_MFA: "phone_number",
    SMS_OTP: "phone_number",
    EMAIL_OTP: "email",
}
# What an answer to it proves (`amr`).
METHODS = {
    SMS_MFA: assurance.SMS,
    EMAIL_OTP: assurance.EMAIL,
    SOFTWARE_TOKEN_MFA: assurance.SOFTWARE_TOKEN,
}
_RECOVERY_NAMES = {"phone_number": "verified_phone_number", "email": "verified_email"}


def enabled_in_pool(pool: Pool, factor: str) -> bool:
    match factor:
        case "SMS_MFA":
            return pool.mfa.sms_enabled
        case "EMAIL_OTP":
            return pool.mfa.email_enabled
        case _:
            return pool.mfa.software_token_enabled


def active_second_factors(pool: Pool, user: User) -> tuple[str, ...]:
    """
    The second factors that the user has switched on and can use now, in a fixed order.

    A registered authenticator app stays usable when the pool no longer offers one, and always
    counts where MFA is required.
    """
    active = []
    for factor in SECOND_FACTORS:
        if factor == SOFTWARE_TOKEN_MFA:
            chosen = factor in user.mfa.enabled or pool.mfa.mode == "ON"
            if user.mfa.software_token and chosen:
                active.append(factor)
        elif (
            factor in user.mfa.enabled
            and enabled_in_pool(pool, factor)
            and user.attributes.get(DESTINATIONS[factor])
        ):
            active.append(factor)
    return tuple(active)


def factors_from_attributes(pool: Pool, user: User) -> tuple[str, ...]:
    """
    Where MFA is required and nothing was chosen: methods that the user's attributes allow. An
    address that is the only way to recover the account is no second factor.
    """
    return tuple(
        factor
        for factor in (SMS_MFA, EMAIL_OTP)
        if enabled_in_pool(pool, factor)
        and user.attributes.get(DESTINATIONS[factor])
        and not _is_sole_recovery(pool, DESTINATIONS[factor])
    )


def usual_second_factors(pool: Pool, user: User) -> tuple[str, ...]:
    """What MFA asks this user for; () where nothing is due, or nothing can be asked."""
    active = active_second_factors(pool, user)
    if active or pool.mfa.mode != "ON":
        return active
    return factors_from_attributes(pool, user)


def factors_for_step_up(pool: Pool, user: User) -> tuple[str, ...]:
    """
    What can raise a sign-in by password: what MFA asks for anyway, and what is registered or
    proven, switched on or not.
    """
    if pool.mfa.mode == "OFF":
        return ()
    usual = usual_second_factors(pool, user)
    return tuple(
        factor
        for factor in SECOND_FACTORS
        if factor in usual
        or (factor == SOFTWARE_TOKEN_MFA and user.mfa.software_token)
        or (
            factor != SOFTWARE_TOKEN_MFA
            and enabled_in_pool(pool, factor)
            and user.is_verified(DESTINATIONS[factor])
        )
    )


def _is_sole_recovery(pool: Pool, attribute: str) -> bool:
    if pool.recovery is None:
        return False
    return [option.name for option in pool.recovery] == [_RECOVERY_NAMES[attribute]]


def factors_to_set_up(pool: Pool) -> tuple[str, ...]:
    """What MFA_SETUP can register now; SMS needs a phone number on the user first."""
    return tuple(
        factor for factor in (SOFTWARE_TOKEN_MFA, EMAIL_OTP) if enabled_in_pool(pool, factor)
    )


def first_factors(
    pool: Pool, user: User, *, has_password: bool, has_passkey: bool
) -> tuple[str, ...]:
    """
    What the user may begin a choice-based sign-in with: the pool's factors that the user has.

    One-time codes are not offered where a second factor is due; passkeys are where they stand for
    both factors.
    """
    if user.status is UserStatus.FORCE_CHANGE_PASSWORD:
        return (PASSWORD_SRP, PASSWORD) if has_password else ()
    has_mfa = has_second_factor_due(pool, user)
    offered: list[str] = []
    for factor in pool.first_factors:
        match factor:
            case "PASSWORD" if has_password:
                offered += [PASSWORD_SRP, PASSWORD]
            case "EMAIL_OTP" if user.attributes.get("email") and not has_mfa:
                offered.append(EMAIL_OTP)
            case "SMS_OTP" if user.attributes.get("phone_number") and not has_mfa:
                offered.append(SMS_OTP)
            case "WEB_AUTHN" if has_passkey and (not has_mfa or passkey_is_both(pool, user)):
                offered.append(WEB_AUTHN)
            case _:
                pass
    return tuple(offered)


def has_second_factor_due(pool: Pool, user: User) -> bool:
    """Whether a password alone does not sign the user in."""
    if pool.mfa.mode == "OPTIONAL":
        return bool(active_second_factors(pool, user))
    return pool.mfa.mode == "ON"


def passkeys_may_be_both(pool: Pool) -> bool:
    """Whether a passkey with user verification may stand for both factors."""
    settings = pool.web_authn
    return settings is not None and settings.factor_configuration == MULTI_FACTOR_PASSKEY


def passkey_is_both(pool: Pool, user: User) -> bool:
    """Whether it does for this user, who may have switched that off."""
    return passkeys_may_be_both(pool) and user.mfa.passkey is not False


def second_factor_is_proven(pool: Pool, user: User, methods: Collection[str]) -> bool:
    """
    Whether `methods`, a password among them, hold a second factor that counts for this user: one
    of those switched on, where any is.
    """
    if passkey_is_both(pool, user) and assurance.PASSKEYS.intersection(methods):
        return True
    counting = active_second_factors(pool, user) or SECOND_FACTORS
    return any(METHODS[factor] in methods for factor in counting)
