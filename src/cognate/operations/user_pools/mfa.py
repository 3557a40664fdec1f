"""Which second factors and passkeys a pool allows."""

import re
from dataclasses import replace
from typing import Any

import msgspec

from cognate.domain.pools import MfaSettings, Pool, WebAuthnSettings, check_settings
from cognate.domain.tiers import check_tier
from cognate.errors import InvalidParameterException
from cognate.operations.operation import Operations
from cognate.operations.user_pools.pool_answers import echoed
from cognate.ports import Call, Transaction
from cognate.signin.lookup import existing_pool
from cognate.wire.cognito_idp import (
    EmailMfaConfigType,
    GetUserPoolMfaConfigRequest,
    GetUserPoolMfaConfigResponse,
    SetUserPoolMfaConfigRequest,
    SetUserPoolMfaConfigResponse,
    SmsConfigurationType,
    SmsMfaConfigType,
    SoftwareTokenMfaConfigType,
    WebAuthnConfigurationType,
)

# A host name of several labels, each as RFC 1123 has them; a single label is a public suffix.
RELYING_PARTY_ID = re.compile(
    r"localhost|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]"
)


async def set_user_pool_mfa_config(
    call: Call, request: SetUserPoolMfaConfigRequest
) -> SetUserPoolMfaConfigResponse:
    """
    Replace a pool's second factors and passkey settings; a factor left out is turned off.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: factors while MFA is off, none while it is on, or settings
            that a factor cannot work with.
        FeatureUnavailableInTierException: the pool's tier lacks e-mail MFA.

    Source: Cognito API reference, SetUserPoolMfaConfig; user-pools.md C.7.
    """
    _check_relying_party(request.web_authn_configuration)
    now = call.clock.now()

    async def set_mfa(tx: Transaction) -> Pool:
        pool = await existing_pool(tx, request.user_pool_id)
        changed = _with_mfa(pool, request)
        _check_mode(changed.mfa)
        _check_sms(changed)
        check_settings(changed)
        check_tier(changed)
        changed = replace(changed, modified_at=now)
        await tx.pools.save(changed)
        return changed

    return SetUserPoolMfaConfigResponse(**_members(await call.store.change(set_mfa)))


def _with_mfa(pool: Pool, request: SetUserPoolMfaConfigRequest) -> Pool:
    sms, email = request.sms_mfa_configuration, request.email_mfa_configuration
    token, passkeys = request.software_token_mfa_configuration, request.web_authn_configuration
    stored = dict(pool.echoed)
    if sms is not None and sms.sms_configuration is not None:
        stored["SmsConfiguration"] = msgspec.to_builtins(sms.sms_configuration)
    return replace(
        pool,
        mfa=MfaSettings(
            mode=request.mfa_configuration or "OFF",
            sms_enabled=sms is not None,
            sms_configured=sms is not None,
            software_token_enabled=token is not None and bool(token.enabled),
            software_token_configured=token is not None,
            email_enabled=email is not None,
            email_configured=email is not None,
        ),
        templates=replace(
            pool.templates,
            sms_authentication_message=(
                pool.templates.sms_authentication_message
                if sms is None or sms.sms_authentication_message is None
                else sms.sms_authentication_message
            ),
            email_mfa_message=None if email is None else email.message,
            email_mfa_subject=None if email is None else email.subject,
        ),
        web_authn=(
            None
            if passkeys is None
            else WebAuthnSettings(
                relying_party_id=passkeys.relying_party_id,
                user_verification=passkeys.user_verification,
                factor_configuration=passkeys.factor_configuration,
            )
        ),
        echoed=stored,
    )


def _check_mode(mfa: MfaSettings) -> None:
    has_factor = mfa.sms_enabled or mfa.software_token_enabled or mfa.email_enabled
    if mfa.mode == "OFF" and has_factor:
        raise InvalidParameterException(
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
        )
    if mfa.mode != "OFF" and not has_factor:
        raise InvalidParameterException(
            "Invalid MFA configuration given, can't disable all MFAs with a required or optional"
            " configuration."
        )


def _check_sms(pool: Pool) -> None:
    if pool.mfa.sms_enabled and "SmsConfiguration" not in pool.echoed:
        raise InvalidParameterException(
            "SMS configuration and Auto verification for phone_number are required when MFA is"
            " required/optional"
        )


def _check_relying_party(passkeys: WebAuthnConfigurationType | None) -> None:
    given = None if passkeys is None else passkeys.relying_party_id
    if given is not None and RELYING_PARTY_ID.fullmatch(given) is None:
        raise InvalidParameterException(
            "RelyingPartyId must be a domain name that is not a public suffix."
        )


async def get_user_pool_mfa_config(
    call: Call, request: GetUserPoolMfaConfigRequest
) -> GetUserPoolMfaConfigResponse:
    """
    What is configured; nothing but `MfaConfiguration` for a pool where nothing is.

    Raises:
        ResourceNotFoundException: no such pool.

    Source: Cognito API reference, GetUserPoolMfaConfig.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    return GetUserPoolMfaConfigResponse(**_members(pool))


def _members(pool: Pool) -> dict[str, Any]:
    """The members that both answers have."""
    mfa, templates, passkeys = pool.mfa, pool.templates, pool.web_authn
    members: dict[str, Any] = {"mfa_configuration": mfa.mode}
    if mfa.sms_configured:
        members["sms_mfa_configuration"] = SmsMfaConfigType(
            sms_authentication_message=templates.sms_authentication_message,
            sms_configuration=echoed(pool, "SmsConfiguration", SmsConfigurationType),
        )
    if mfa.software_token_configured:
        members["software_token_mfa_configuration"] = SoftwareTokenMfaConfigType(
            enabled=mfa.software_token_enabled
        )
    if mfa.email_configured:
        members["email_mfa_configuration"] = EmailMfaConfigType(
            message=templates.email_mfa_message, subject=templates.email_mfa_subject
        )
    if passkeys is not None:
        members["web_authn_configuration"] = WebAuthnConfigurationType(
            relying_party_id=passkeys.relying_party_id,
            user_verification=passkeys.user_verification,  # type: ignore[arg-type]  # read from the wire
            factor_configuration=passkeys.factor_configuration,  # type: ignore[arg-type]  # read from the wire
        )
    return members


OPERATIONS: Operations = {
    "GetUserPoolMfaConfig": get_user_pool_mfa_config,
    "SetUserPoolMfaConfig": set_user_pool_mfa_config,
}
