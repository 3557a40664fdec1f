"""A pool as answers show it: every default that Cognito answers. Source: user-pools.md C.1, C.2."""

from typing import TypeVar

import msgspec

from cognate.domain.attributes import SchemaAttribute
from cognate.domain.pools import MessageTemplates, Pool
from cognate.wire.cognito_idp import (
    AccountRecoverySettingType,
    AcrLevelConfigType,
    AdminCreateUserConfigType,
    DcrConfigurationType,
    DeviceConfigurationType,
    EmailConfigurationType,
    IssuerConfigurationType,
    KeyConfigurationType,
    LambdaConfigType,
    MessageTemplateType,
    NumberAttributeConstraintsType,
    PasswordPolicyType,
    RecoveryOptionType,
    SchemaAttributeType,
    SignInPolicyType,
    SmsConfigurationType,
    StringAttributeConstraintsType,
    UserAttributeUpdateSettingsType,
    UsernameConfigurationType,
    UserPoolAddOnsType,
    UserPoolDescriptionType,
    UserPoolPolicyType,
    UserPoolType,
    VerificationMessageTemplateType,
)
from cognate.wire.service import Shape

S = TypeVar("S", bound=Shape)


def description(pool: Pool) -> UserPoolDescriptionType:
    """A pool as ListUserPools shows it."""
    return UserPoolDescriptionType(
        id=pool.pool_id,
        name=pool.name,
        lambda_config=msgspec.convert(pool.lambda_config, LambdaConfigType),
        last_modified_date=pool.modified_at.timestamp(),
        creation_date=pool.created_at.timestamp(),
        replica_regions=None if pool.replica is None else [pool.replica.region],
    )


def user_pool(pool: Pool, *, users: int) -> UserPoolType:
    """A pool with about so many users. What was not set and has no default is absent."""
    templates = pool.templates
    return UserPoolType(
        id=pool.pool_id,
        name=pool.name,
        arn=pool.arn,
        creation_date=pool.created_at.timestamp(),
        last_modified_date=pool.modified_at.timestamp(),
        policies=UserPoolPolicyType(
            password_policy=_password_policy(pool),
            sign_in_policy=SignInPolicyType(allowed_first_auth_factors=list(pool.first_factors)),  # type: ignore[arg-type]  # read from the wire
        ),
        deletion_protection="ACTIVE" if pool.deletion_protection else "INACTIVE",
        lambda_config=msgspec.convert(pool.lambda_config, LambdaConfigType),
        schema_attributes=[schema_attribute(attribute) for attribute in pool.schema],
        auto_verified_attributes=list(pool.auto_verified) or None,
        alias_attributes=list(pool.alias_attributes) or None,
        username_attributes=list(pool.username_attributes) or None,
        username_configuration=(
            None
            if pool.case_sensitive is None
            else UsernameConfigurationType(case_sensitive=pool.case_sensitive)
        ),
        # Three texts stand in two places, as they may be given in either.
        sms_verification_message=templates.sms_message,
        email_verification_message=templates.email_message,
        email_verification_subject=templates.email_subject,
        verification_message_template=_verification_template(templates),
        sms_authentication_message=templates.sms_authentication_message,
        user_attribute_update_settings=UserAttributeUpdateSettingsType(
            attributes_require_verification_before_update=list(pool.verify_before_update)  # type: ignore[arg-type]  # read from the wire
        ),
        mfa_configuration=pool.mfa.mode,
        device_configuration=_device(pool),
        estimated_number_of_users=users,
        email_configuration=echoed(pool, "EmailConfiguration", EmailConfigurationType),
        sms_configuration=echoed(pool, "SmsConfiguration", SmsConfigurationType),
        user_pool_tags=dict(pool.tags),
        admin_create_user_config=_admin_create_user_config(pool),
        domain=None if pool.prefix_domain is None else pool.prefix_domain.name,
        custom_domain=None if pool.custom_domain is None else pool.custom_domain.name,
        user_pool_add_ons=echoed(pool, "UserPoolAddOns", UserPoolAddOnsType),
        dcr_configuration=echoed(pool, "DcrConfiguration", DcrConfigurationType),
        account_recovery_setting=_recovery(pool),
        user_pool_tier=pool.tier,
        key_configuration=echoed(pool, "KeyConfiguration", KeyConfigurationType),
        issuer_configuration=echoed(pool, "IssuerConfiguration", IssuerConfigurationType),
        acr_configuration={
            level: AcrLevelConfigType(acr_value=value) for level, value in pool.acr_values.items()
        },
    )


def echoed(pool: Pool, name: str, shape: type[S]) -> S | None:
    """A setting that is kept in wire form; None where it was not set."""
    stored = pool.echoed.get(name)
    return None if stored is None else msgspec.convert(stored, shape)


def _password_policy(pool: Pool) -> PasswordPolicyType:
    policy = pool.password_policy
    return PasswordPolicyType(
        minimum_length=policy.minimum_length,
        require_uppercase=policy.require_uppercase,
        require_lowercase=policy.require_lowercase,
        require_numbers=policy.require_numbers,
        require_symbols=policy.require_symbols,
        temporary_password_validity_days=policy.temporary_password_validity_days,
        password_history_size=policy.history_size or None,
    )


def schema_attribute(attribute: SchemaAttribute) -> SchemaAttributeType:
    """Text and numbers always show their constraints, empty where there are none."""
    lengths = values = None
    if attribute.data_type == "String":
        lengths = StringAttributeConstraintsType(
            min_length=attribute.minimum, max_length=attribute.maximum
        )
    elif attribute.data_type == "Number":
        values = NumberAttributeConstraintsType(
            min_value=attribute.minimum, max_value=attribute.maximum
        )
    return SchemaAttributeType(
        name=attribute.name,
        attribute_data_type=attribute.data_type,  # type: ignore[arg-type]  # read from the wire
        developer_only_attribute=attribute.developer_only,
        mutable=attribute.mutable,
        required=attribute.required,
        string_attribute_constraints=lengths,
        number_attribute_constraints=values,
    )


def _verification_template(templates: MessageTemplates) -> VerificationMessageTemplateType:
    return VerificationMessageTemplateType(
        default_email_option=templates.default_email_option,  # type: ignore[arg-type]  # read from the wire
        email_message=templates.email_message,
        email_subject=templates.email_subject,
        email_message_by_link=templates.email_message_by_link,
        email_subject_by_link=templates.email_subject_by_link,
        sms_message=templates.sms_message,
    )


def _device(pool: Pool) -> DeviceConfigurationType | None:
    if pool.device is None:
        return None
    return DeviceConfigurationType(
        challenge_required_on_new_device=pool.device.challenge_required_on_new_device,
        device_only_remembered_on_user_prompt=pool.device.only_remembered_on_user_prompt,
    )


def _admin_create_user_config(pool: Pool) -> AdminCreateUserConfigType:
    invitation = MessageTemplateType(
        email_message=pool.templates.invitation_email_message,
        email_subject=pool.templates.invitation_email_subject,
        sms_message=pool.templates.invitation_sms_message,
    )
    return AdminCreateUserConfigType(
        allow_admin_create_user_only=pool.admin_create_only,
        unused_account_validity_days=pool.password_policy.temporary_password_validity_days,
        invite_message_template=None if invitation == MessageTemplateType() else invitation,
    )


def _recovery(pool: Pool) -> AccountRecoverySettingType | None:
    if pool.recovery is None:
        return None
    return AccountRecoverySettingType(
        recovery_mechanisms=[
            RecoveryOptionType(name=option.name, priority=option.priority)  # type: ignore[arg-type]  # read from the wire
            for option in pool.recovery
        ]
    )
