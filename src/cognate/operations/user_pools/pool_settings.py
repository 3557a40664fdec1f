"""A pool's settings, read from the requests that give them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import msgspec

from cognate.domain.attributes import AttributeDefinition
from cognate.domain.passwords import DEFAULT_TEMPORARY_VALIDITY_DAYS, PasswordPolicy
from cognate.domain.pools import (
    DeviceSettings,
    MessageTemplates,
    MfaSettings,
    Pool,
    RecoveryOption,
)
from cognate.errors import InvalidParameterException
from cognate.wire.cognito_idp import (
    AccountRecoverySettingType,
    AdminCreateUserConfigType,
    CreateUserPoolRequest,
    DcrConfigurationType,
    DeviceConfigurationType,
    LambdaConfigType,
    MessageTemplateType,
    PasswordPolicyType,
    SchemaAttributeType,
    SignInPolicyType,
    UpdateUserPoolRequest,
    UserAttributeUpdateSettingsType,
    UserPoolPolicyType,
    VerificationMessageTemplateType,
)
from cognate.wire.service import Shape

SettingsRequest: TypeAlias = CreateUserPoolRequest | UpdateUserPoolRequest

# Echoed settings that an update without them leaves as they are (user-pools.md C.1).
KEPT = ("DcrConfiguration", "KeyConfiguration", "IssuerConfiguration")


def with_settings(pool: Pool, request: SettingsRequest) -> Pool:
    """
    The pool with every setting that both requests have: as given, or back to its default.

    Kept where not given: name, tier, tags, and what `KEPT` names.

    Raises:
        InvalidParameterException: two members of the request contradict each other.
    """
    policies = request.policies or UserPoolPolicyType()
    sign_in = policies.sign_in_policy or SignInPolicyType()
    pending = request.user_attribute_update_settings or UserAttributeUpdateSettingsType()
    creation = request.admin_create_user_config or AdminCreateUserConfigType()
    acr = request.acr_configuration or {}
    changed = replace(
        pool,
        name=request.pool_name or pool.name,
        password_policy=_password_policy(policies.password_policy, creation),
        first_factors=_tuple(sign_in.allowed_first_auth_factors) or ("PASSWORD",),
        deletion_protection=request.deletion_protection == "ACTIVE",
        lambda_config=_lambda_config(request.lambda_config),
        auto_verified=_tuple(request.auto_verified_attributes),
        templates=_templates(pool.templates, request),
        verify_before_update=_tuple(pending.attributes_require_verification_before_update),
        mfa=_mfa(pool.mfa, request),
        device=_device(request.device_configuration),
        admin_create_only=bool(creation.allow_admin_create_user_only),
        recovery=_recovery(request.account_recovery_setting),
        tags=pool.tags if request.user_pool_tags is None else request.user_pool_tags,
        given_acr_values={level: given.acr_value for level, given in acr.items()},
        echoed=_echoed(pool.echoed, request),
    )
    return replace(changed, tier=_tier(changed, request.user_pool_tier))


def _tuple(values: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values or ()))


def _password_policy(
    given: PasswordPolicyType | None, creation: AdminCreateUserConfigType
) -> PasswordPolicy:
    unused_days = creation.unused_account_validity_days
    temporary_days = given.temporary_password_validity_days if given else None
    if unused_days and temporary_days:
        raise InvalidParameterException(
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of"
            " UnusedAccountValidityDays"
        )
    days = temporary_days or unused_days or DEFAULT_TEMPORARY_VALIDITY_DAYS
    if given is None:
        return PasswordPolicy(temporary_password_validity_days=days)
    # In a policy that is given, what is missing is off: Go's SDK leaves false out.
    return PasswordPolicy(
        minimum_length=given.minimum_length or PasswordPolicy().minimum_length,
        require_uppercase=bool(given.require_uppercase),
        require_lowercase=bool(given.require_lowercase),
        require_numbers=bool(given.require_numbers),
        require_symbols=bool(given.require_symbols),
        temporary_password_validity_days=days,
        history_size=given.password_history_size or 0,
    )


def _lambda_config(given: LambdaConfigType | None) -> Mapping[str, Any]:
    """In wire form. The pre-token trigger stands under both its names, whichever was given."""
    config: dict[str, Any] = {} if given is None else msgspec.to_builtins(given)
    plain = config.get("PreTokenGeneration")
    versioned = config.get("PreTokenGenerationConfig")
    if plain and versioned and plain != versioned["LambdaArn"]:
        raise InvalidParameterException(
            "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda"
            " function ARN's"
        )
    if versioned:
        config["PreTokenGeneration"] = versioned["LambdaArn"]
    elif plain:
        config["PreTokenGenerationConfig"] = {"LambdaVersion": "V1_0", "LambdaArn": plain}
    return config


def _templates(present: MessageTemplates, request: SettingsRequest) -> MessageTemplates:
    """The texts of e-mail MFA belong to SetUserPoolMfaConfig, so they stay."""
    template = request.verification_message_template or VerificationMessageTemplateType()
    creation = request.admin_create_user_config or AdminCreateUserConfigType()
    invitation = creation.invite_message_template or MessageTemplateType()
    return MessageTemplates(
        default_email_option=template.default_email_option or "CONFIRM_WITH_CODE",
        email_message=_one_of(
            "EmailMessage", template.email_message, request.email_verification_message
        ),
        email_subject=_one_of(
            "EmailSubject", template.email_subject, request.email_verification_subject
        ),
        email_message_by_link=template.email_message_by_link,
        email_subject_by_link=template.email_subject_by_link,
        sms_message=_one_of("SmsMessage", template.sms_message, request.sms_verification_message),
        sms_authentication_message=request.sms_authentication_message,
        email_mfa_message=present.email_mfa_message,
        email_mfa_subject=present.email_mfa_subject,
        invitation_email_message=invitation.email_message,
        invitation_email_subject=invitation.email_subject,
        invitation_sms_message=invitation.sms_message,
    )


def _one_of(member: str, in_template: str | None, outside: str | None) -> str | None:
    """A text that has two places in a request, and one in a pool."""
    if in_template is not None and outside is not None and in_template != outside:
        raise InvalidParameterException(
            f"{member} of VerificationMessageTemplate and the verification message outside of it"
            " must be the same."
        )
    return outside if in_template is None else in_template


def _mfa(present: MfaSettings, request: SettingsRequest) -> MfaSettings:
    """These requests can configure SMS alone; the other methods stay as they are."""
    mode = request.mfa_configuration or "OFF"
    has_sms = mode != "OFF" and request.sms_configuration is not None
    return replace(present, mode=mode, sms_enabled=has_sms, sms_configured=has_sms)


def _device(given: DeviceConfigurationType | None) -> DeviceSettings | None:
    if given is None:
        return None
    return DeviceSettings(
        challenge_required_on_new_device=given.challenge_required_on_new_device,
        only_remembered_on_user_prompt=given.device_only_remembered_on_user_prompt,
    )


def _recovery(given: AccountRecoverySettingType | None) -> tuple[RecoveryOption, ...] | None:
    if given is None or given.recovery_mechanisms is None:
        return None
    return tuple(
        RecoveryOption(name=option.name, priority=option.priority)
        for option in given.recovery_mechanisms
    )


def _echoed(present: Mapping[str, Any], request: SettingsRequest) -> Mapping[str, Any]:
    """Settings in wire form, with the defaults that Cognito adds to them."""
    given: dict[str, Shape | None] = {
        "EmailConfiguration": request.email_configuration,
        "SmsConfiguration": request.sms_configuration,
        "UserPoolAddOns": request.user_pool_add_ons,
        "DcrConfiguration": _registration(request.dcr_configuration),
        "KeyConfiguration": request.key_configuration,
        "IssuerConfiguration": request.issuer_configuration,
    }
    echoed: dict[str, Any] = {
        name: msgspec.to_builtins(shape) for name, shape in given.items() if shape is not None
    }
    for name in KEPT:
        if name not in echoed and name in present:
            echoed[name] = present[name]
    return {
        **echoed,
        "EmailConfiguration": {
            "EmailSendingAccount": "COGNITO_DEFAULT",
            **echoed.get("EmailConfiguration", {}),
        },
        "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY", **echoed.get("KeyConfiguration", {})},
        "IssuerConfiguration": {"Type": "ORIGINAL", **echoed.get("IssuerConfiguration", {})},
    }


def _registration(given: DcrConfigurationType | None) -> DcrConfigurationType | None:
    """
    A configuration without EnableStatus switches dynamic registration on.

    Source: oauth-and-login.md, section 9.
    """
    if given is None:
        return None
    authenticated, anyone = given.authenticated_grant_types, given.open_dcr_grant_types
    return DcrConfigurationType(
        enable_status=given.enable_status or "Enabled",
        open_dcr_enabled=bool(given.open_dcr_enabled),
        authenticated_grant_types=(
            ["code", "client_credentials"] if authenticated is None else authenticated
        ),
        open_dcr_grant_types=["code"] if anyone is None else anyone,
        allowed_scopes=given.allowed_scopes,
    )


def _tier(pool: Pool, given: str | None) -> str:
    """As given; PLUS where threat protection is asked for without naming a tier."""
    if given is not None:
        return given
    return "PLUS" if pool.protects_from_threats else pool.tier


def definitions(given: Sequence[SchemaAttributeType]) -> list[AttributeDefinition]:
    """
    Raises:
        InvalidParameterException: an attribute without a name.
    """
    return [_definition(attribute) for attribute in given]


def _definition(given: SchemaAttributeType) -> AttributeDefinition:
    """Bounds that are not of its type do not count."""
    if given.name is None:
        raise InvalidParameterException("A schema attribute needs a name.")
    lengths, values = given.string_attribute_constraints, given.number_attribute_constraints
    minimum = maximum = None
    if lengths is not None and given.attribute_data_type in ("String", None):
        minimum, maximum = lengths.min_length, lengths.max_length
    if values is not None and given.attribute_data_type in ("Number", None):
        minimum, maximum = values.min_value, values.max_value
    return AttributeDefinition(
        name=given.name,
        data_type=given.attribute_data_type,
        developer_only=given.developer_only_attribute,
        mutable=given.mutable,
        required=given.required,
        minimum=minimum,
        maximum=maximum,
    )
