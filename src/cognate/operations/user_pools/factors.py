"""A user's second factors: registering an authenticator app, preferences, what can be used."""

from dataclasses import replace

from cognate.domain.factors import (
    EMAIL_OTP,
    MULTI_FACTOR_PASSKEY,
    SMS_MFA,
    SOFTWARE_TOKEN_MFA,
    active_second_factors,
    passkeys_may_be_both,
)
from cognate.domain.pools import Pool
from cognate.domain.tiers import includes
from cognate.domain.users import User
from cognate.errors import (
    InvalidParameterException,
    UserNotFoundException,
)
from cognate.operations.operation import Operations
from cognate.ports import Call, Transaction
from cognate.signin import setting_up, software_tokens
from cognate.signin.access import authorized, authorized_without_telling
from cognate.signin.challenges import first_factor_choice
from cognate.signin.lookup import existing_pool, existing_user
from cognate.wire.cognito_idp import (
    AdminDeleteSoftwareTokenRequest,
    AdminDeleteSoftwareTokenResponse,
    AdminGetUserAuthFactorsRequest,
    AdminGetUserAuthFactorsResponse,
    AdminSetUserMFAPreferenceRequest,
    AdminSetUserMFAPreferenceResponse,
    AdminSetUserSettingsRequest,
    AdminSetUserSettingsResponse,
    AssociateSoftwareTokenRequest,
    AssociateSoftwareTokenResponse,
    EmailMfaSettingsType,
    GetUserAuthFactorsRequest,
    GetUserAuthFactorsResponse,
    MFAOptionType,
    SetUserMFAPreferenceRequest,
    SetUserMFAPreferenceResponse,
    SetUserSettingsRequest,
    SetUserSettingsResponse,
    SMSMfaSettingsType,
    SoftwareTokenMfaSettingsType,
    VerifySoftwareTokenRequest,
    VerifySoftwareTokenResponse,
)

Settings = SMSMfaSettingsType | EmailMfaSettingsType | SoftwareTokenMfaSettingsType


async def associate_software_token(
    call: Call, request: AssociateSoftwareTokenRequest
) -> AssociateSoftwareTokenResponse:
    """
    A new secret for an authenticator app, by access token or by the session of MFA_SETUP.

    Raises:
        InvalidParameterException: neither or both were sent.
        NotAuthorizedException: the token or the session is not good.
        SoftwareTokenMFANotFoundException: the pool does not offer authenticator apps.

    Source: Cognito API reference, AssociateSoftwareToken.
    """
    _check_one(request.access_token, request.session)
    if request.access_token is not None:
        bearer = await authorized_without_telling(call, request.access_token)
        secret = await software_tokens.associate(call, bearer.pool, bearer.user)
        return AssociateSoftwareTokenResponse(secret_code=secret)
    step = await setting_up.opened(call, request.session or "")
    secret = await software_tokens.associate(call, step.pool, step.user)
    return AssociateSoftwareTokenResponse(
        secret_code=secret, session=await setting_up.advance(call, step, verified=False)
    )


async def verify_software_token(
    call: Call, request: VerifySoftwareTokenRequest
) -> VerifySoftwareTokenResponse:
    """
    Register the authenticator app whose secret was associated.

    Raises:
        InvalidParameterException: neither or both of access token and session were sent.
        NotAuthorizedException: the token or the session is not good; too many wrong codes.
        EnableSoftwareTokenMFAException: a wrong code, or nothing was associated.

    Source: Cognito API reference, VerifySoftwareToken.
    """
    _check_one(request.access_token, request.session)
    name = request.friendly_device_name
    if request.access_token is not None:
        bearer = await authorized(call, request.access_token)
        await software_tokens.verify(
            call, bearer.pool, bearer.user, request.user_code, device_name=name, switch_on=False
        )
        return VerifySoftwareTokenResponse(status="SUCCESS")
    step = await setting_up.opened(call, request.session or "")
    await software_tokens.verify(
        call, step.pool, step.user, request.user_code, device_name=name, switch_on=True
    )
    session = await setting_up.advance(call, step, verified=True)
    return VerifySoftwareTokenResponse(status="SUCCESS", session=session)


def _check_one(access_token: str | None, session: str | None) -> None:
    if (access_token is None) == (session is None):
        raise InvalidParameterException("Either AccessToken or Session is required, not both.")


async def admin_delete_software_token(
    call: Call, request: AdminDeleteSoftwareTokenRequest
) -> AdminDeleteSoftwareTokenResponse:
    """
    Take a user's authenticator app away.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        InvalidParameterException: the user has none.

    Source: Cognito API reference, AdminDeleteSoftwareToken.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)

    async def delete(tx: Transaction) -> None:
        present = await _present(tx, user)
        if not await tx.software_tokens.delete(pool.pool_id, user.sub):
            raise InvalidParameterException("User has not set up software token mfa")
        left = tuple(factor for factor in present.mfa.enabled if factor != SOFTWARE_TOKEN_MFA)
        preferred = present.mfa.preferred if present.mfa.preferred in left else None
        preference = replace(present.mfa, enabled=left, preferred=preferred, software_token=False)
        await tx.users.save(pool, replace(present, mfa=preference))

    await call.store.change(delete)
    return AdminDeleteSoftwareTokenResponse()


async def set_user_mfa_preference(
    call: Call, request: SetUserMFAPreferenceRequest
) -> SetUserMFAPreferenceResponse:
    """
    Switch the caller's own factors on or off, and choose the one asked first.

    Raises:
        NotAuthorizedException: the access token is not good.
        InvalidParameterException: a factor that the user does not have, or two preferred ones.

    Source: Cognito API reference, SetUserMFAPreference.
    """
    bearer = await authorized(call, request.access_token)
    await _prefer(call, bearer.pool, bearer.user, request)
    return SetUserMFAPreferenceResponse()


async def admin_set_user_mfa_preference(
    call: Call, request: AdminSetUserMFAPreferenceRequest
) -> AdminSetUserMFAPreferenceResponse:
    """
    Switch a user's factors on or off, and choose the one asked first.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        InvalidParameterException: a factor that the user does not have, or two preferred ones.

    Source: Cognito API reference, AdminSetUserMFAPreference.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    await _prefer(call, pool, user, request)
    return AdminSetUserMFAPreferenceResponse()


async def _prefer(
    call: Call,
    pool: Pool,
    user: User,
    request: SetUserMFAPreferenceRequest | AdminSetUserMFAPreferenceRequest,
) -> None:
    wanted: dict[str, Settings] = {
        factor: settings
        for factor, settings in (
            (SMS_MFA, request.sms_mfa_settings),
            (EMAIL_OTP, request.email_mfa_settings),
            (SOFTWARE_TOKEN_MFA, request.software_token_mfa_settings),
        )
        if settings is not None
    }
    if sum(bool(settings.preferred_mfa) for settings in wanted.values()) > 1:
        raise InvalidParameterException("Only one MFA method can be preferred.")

    async def save(tx: Transaction) -> None:
        present = await _present(tx, user)
        changed = present
        for factor, settings in wanted.items():
            changed = _with_factor(changed, factor, settings)
        if request.web_authn_mfa_settings is not None:
            enabled = bool(request.web_authn_mfa_settings.enabled)
            changed = _with_passkey(pool, changed, enabled=enabled)
        _check_keeps_one(pool, present, changed)
        await tx.users.save(pool, changed)

    await call.store.change(save)


def _with_factor(user: User, factor: str, settings: Settings) -> User:
    enabled = [name for name in user.mfa.enabled if name != factor]
    preferred = user.mfa.preferred
    if settings.enabled:
        if not _has(user, factor):
            raise InvalidParameterException(
                f"User does not have delivery config set to turn on {factor}"
            )
        enabled.append(factor)
    if preferred == factor and (not settings.enabled or settings.preferred_mfa is False):
        preferred = None
    if settings.preferred_mfa:
        if not settings.enabled:
            raise InvalidParameterException("A preferred MFA method has to be enabled.")
        preferred = factor
    return replace(user, mfa=replace(user.mfa, enabled=tuple(enabled), preferred=preferred))


def _has(user: User, factor: str) -> bool:
    match factor:
        case "SOFTWARE_TOKEN_MFA":
            return user.mfa.software_token
        case "SMS_MFA":
            return bool(user.attributes.get("phone_number"))
        case _:
            return bool(user.attributes.get("email"))


def _with_passkey(pool: Pool, user: User, *, enabled: bool) -> User:
    """With passkeys standing for both factors, or not; beside a method that works everywhere."""
    if enabled and not (passkeys_may_be_both(pool) and includes(pool.tier, "ESSENTIALS")):
        raise InvalidParameterException(
            f"Passkey MFA requires the FactorConfiguration {MULTI_FACTOR_PASSKEY} in the user pool."
        )
    if enabled and not active_second_factors(pool, user):
        raise InvalidParameterException("Passkey MFA requires another MFA method of the user.")
    return replace(user, mfa=replace(user.mfa, passkey=enabled))


def _check_keeps_one(pool: Pool, before: User, after: User) -> None:
    if pool.mfa.mode != "ON":
        return
    # A registered authenticator app is asked for whether it is switched on or not, so the
    # switches are looked at, too.
    for methods in (_switched_on, active_second_factors):
        if methods(pool, before) and not methods(pool, after):
            raise InvalidParameterException("MFA is required in the user pool.")


def _switched_on(_: Pool, user: User) -> tuple[str, ...]:
    return user.mfa.enabled


async def set_user_settings(call: Call, request: SetUserSettingsRequest) -> SetUserSettingsResponse:
    """
    The old way to switch SMS codes on or off for oneself.

    Raises:
        NotAuthorizedException: the access token is not good.
        InvalidParameterException: something else than SMS to phone_number, or no phone number.

    Source: Cognito API reference, SetUserSettings.
    """
    bearer = await authorized(call, request.access_token)
    await _set_sms(call, bearer.pool, bearer.user, request.mfa_options)
    return SetUserSettingsResponse()


async def admin_set_user_settings(
    call: Call, request: AdminSetUserSettingsRequest
) -> AdminSetUserSettingsResponse:
    """
    The old way to switch a user's SMS codes on or off.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        InvalidParameterException: something else than SMS to phone_number, or no phone number.

    Source: Cognito API reference, AdminSetUserSettings.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    await _set_sms(call, pool, user, request.mfa_options)
    return AdminSetUserSettingsResponse()


async def _set_sms(call: Call, pool: Pool, user: User, options: list[MFAOptionType]) -> None:
    for option in options:
        if option.delivery_medium != "SMS" or option.attribute_name != "phone_number":
            raise InvalidParameterException("Only SMS to phone_number can be set.")
    settings = SMSMfaSettingsType(enabled=bool(options))

    async def save(tx: Transaction) -> None:
        present = await _present(tx, user)
        changed = _with_factor(present, SMS_MFA, settings)
        _check_keeps_one(pool, present, changed)
        await tx.users.save(pool, changed)

    await call.store.change(save)


async def _present(tx: Transaction, user: User) -> User:
    present = await tx.users.find(user.pool_id, user.sub)
    if present is None:
        raise UserNotFoundException
    return present


async def get_user_auth_factors(
    call: Call, request: GetUserAuthFactorsRequest
) -> GetUserAuthFactorsResponse:
    """
    The caller's own factors: what may begin a sign-in, and what may follow.

    Raises:
        NotAuthorizedException: the access token is not good.

    Source: Cognito API reference, GetUserAuthFactors.
    """
    bearer = await authorized(call, request.access_token)
    user = bearer.user
    return GetUserAuthFactorsResponse(
        username=user.username,
        preferred_mfa_setting=user.mfa.preferred,
        user_mfa_setting_list=list(user.mfa.enabled) or None,
        configured_user_auth_factors=await _configured(call, bearer.pool, user),
    )


async def admin_get_user_auth_factors(
    call: Call, request: AdminGetUserAuthFactorsRequest
) -> AdminGetUserAuthFactorsResponse:
    """
    A user's factors: what may begin a sign-in, and what may follow.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.

    Source: Cognito API reference, AdminGetUserAuthFactors.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    return AdminGetUserAuthFactorsResponse(
        username=user.username,
        preferred_mfa_setting=user.mfa.preferred,
        user_mfa_setting_list=list(user.mfa.enabled) or None,
        configured_user_auth_factors=await _configured(call, pool, user),
    )


async def _configured(call: Call, pool: Pool, user: User) -> list[str]:
    """First factors by the names of SignInPolicy, so PASSWORD once."""
    available = await first_factor_choice.available(call, pool, user)
    return [factor for factor in available if factor != "PASSWORD_SRP"]


OPERATIONS: Operations = {
    "AdminDeleteSoftwareToken": admin_delete_software_token,
    "AdminGetUserAuthFactors": admin_get_user_auth_factors,
    "AdminSetUserMFAPreference": admin_set_user_mfa_preference,
    "AdminSetUserSettings": admin_set_user_settings,
    "AssociateSoftwareToken": associate_software_token,
    "GetUserAuthFactors": get_user_auth_factors,
    "SetUserMFAPreference": set_user_mfa_preference,
    "SetUserSettings": set_user_settings,
    "VerifySoftwareToken": verify_software_token,
}
