"""User pools: their settings as records, and the rules that follow from them alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from cognate.domain.attributes import STANDARD_ATTRIBUTES, SchemaAttribute
from cognate.domain.ids import PoolId, pool_arn, pool_name_for_srp
from cognate.domain.passwords import PasswordPolicy

DEFAULT_CODE_MESSAGE = "Your verification code is {####}. "
DEFAULT_CODE_SUBJECT = "Your verification code"
DEFAULT_INVITATION = "Your username is {username} and temporary password is {####}. "
DEFAULT_INVITATION_SUBJECT = "Your temporary password"

MfaMode = Literal["OFF", "OPTIONAL", "ON"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeyRef:
    """A signing key that tokens of the pool may bear; the newest active one of a use signs."""

    kid: str
    use: Literal["id", "access"]
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplates:
    """
    Texts with `{####}` (codes), `{##text##}` (links) and `{username}`; None is the default text.
    """

    default_email_option: str = "CONFIRM_WITH_CODE"
    email_message: str | None = None
    email_subject: str | None = None
    email_message_by_link: str | None = None
    email_subject_by_link: str | None = None
    sms_message: str | None = None
    sms_authentication_message: str | None = None
    email_mfa_message: str | None = None
    email_mfa_subject: str | None = None
    invitation_email_message: str | None = None
    invitation_email_subject: str | None = None
    invitation_sms_message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaSettings:
    """Which second factors the pool allows. `sms`, `email`: None where not configured."""

    mode: MfaMode = "OFF"
    sms_enabled: bool = False
    software_token_enabled: bool = False
    email_enabled: bool = False
    software_token_configured: bool = False  # the setting was sent at all, so it is answered
    sms_configured: bool = False
    email_configured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAuthnSettings:
    """None members were not set; their effective defaults follow user-pools.md C.7."""

    relying_party_id: str | None = None
    user_verification: str | None = None
    factor_configuration: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """Device tracking is on where this record exists and has any field."""

    challenge_required_on_new_device: bool | None = None
    only_remembered_on_user_prompt: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryOption:
    """One way to recover an account: verified_email, verified_phone_number or admin_only."""

    name: str
    priority: int


@dataclass(frozen=True, kw_only=True)
class Pool:
    """
    One user pool.

    `echoed` holds settings without behaviour here, in wire form, answered as they were given.
    Tuples keep the order in which they were given.
    """

    pool_id: PoolId
    name: str
    region: str
    account_id: str
    created_at: datetime
    modified_at: datetime
    data_key_id: str
    signing_keys: tuple[SigningKeyRef, ...]
    password_policy: PasswordPolicy = field(default_factory=PasswordPolicy)
    first_factors: tuple[str, ...] = ("PASSWORD",)
    deletion_protection: bool = False
    lambda_config: Mapping[str, Any] = field(default_factory=dict)
    schema: tuple[SchemaAttribute, ...] = STANDARD_ATTRIBUTES
    auto_verified: tuple[str, ...] = ()
    alias_attributes: tuple[str, ...] = ()
    username_attributes: tuple[str, ...] = ()
    case_sensitive: bool | None = None
    templates: MessageTemplates = MessageTemplates()
    templates_given: bool = False
    verify_before_update: tuple[str, ...] = ()
    mfa: MfaSettings = MfaSettings()
    web_authn: WebAuthnSettings | None = None
    device: DeviceSettings | None = None
    admin_create_only: bool = False
    recovery: tuple[RecoveryOption, ...] | None = None
    tier: str = "ESSENTIALS"
    tags: Mapping[str, str] = field(default_factory=dict)
    echoed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return pool_arn(self.region, self.account_id, self.pool_id)

    @property
    def srp_name(self) -> str:
        return pool_name_for_srp(self.pool_id)

    @property
    def folds_case(self) -> bool:
        """Names compare without case only where the pool was created so (default: with case)."""
        return self.case_sensitive is False

    @property
    def temporary_password_lifetime(self) -> timedelta:
        return timedelta(days=self.password_policy.temporary_password_validity_days or 7)

    @cached_property
    def schema_by_name(self) -> Mapping[str, SchemaAttribute]:
        return {attribute.name: attribute for attribute in self.schema}

    def name_key(self, name: str) -> str:
        """The form in which two user names of this pool are compared."""
        return name.lower() if self.folds_case else name

    def signing_kid(self, use: Literal["id", "access"]) -> str:
        return next(key.kid for key in self.signing_keys if key.use == use and key.active)

    def knows_signing_key(self, kid: str, use: Literal["id", "access"]) -> bool:
        return any(key.kid == kid and key.use == use for key in self.signing_keys)
