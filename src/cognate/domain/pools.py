"""User pools: their settings as records, and the rules that follow from them alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal, TypeAlias

from cognate.domain.attributes import STANDARD_ATTRIBUTES, SchemaAttribute
from cognate.domain.domains import PoolDomain
from cognate.domain.ids import PoolId, pool_arn, pool_name_for_srp
from cognate.domain.log_deliveries import AUTHENTICATION_EVENTS, LogDelivery
from cognate.domain.passwords import PasswordPolicy
from cognate.domain.replicas import Replica
from cognate.domain.sessions import SessionSettings
from cognate.errors import InvalidParameterException

DEFAULT_CODE_MESSAGE = "Your verification code is {####}. "
DEFAULT_CODE_SUBJECT = "Your verification code"
DEFAULT_INVITATION = "Your username is {username} and temporary password is {####}. "
DEFAULT_INVITATION_SUBJECT = "Your temporary password"

MAXIMUM_POOLS = 1000  # of one account in one region (user-pools.md J.3)
MAXIMUM_TAGS = 50

MfaMode = Literal["OFF", "OPTIONAL", "ON"]

# What a sign-in's strength is called in `acr`, where the pool gives no other name.
DEFAULT_ACR_VALUES = {f"Level{level}": f"urn:cognito:loa:{level}" for level in range(1, 5)}


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
    verify_before_update: tuple[str, ...] = ()
    mfa: MfaSettings = MfaSettings()
    web_authn: WebAuthnSettings | None = None
    device: DeviceSettings | None = None
    sessions: SessionSettings | None = None
    admin_create_only: bool = False
    recovery: tuple[RecoveryOption, ...] | None = None
    tier: str = "ESSENTIALS"
    tags: Mapping[str, str] = field(default_factory=dict)
    given_acr_values: Mapping[str, str] = field(default_factory=dict)
    prefix_domain: PoolDomain | None = None
    custom_domain: PoolDomain | None = None
    log_deliveries: tuple[LogDelivery, ...] = ()
    replica: Replica | None = None
    echoed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def acr_values(self) -> dict[str, str]:
        """All four levels (Level1 … Level4), under the pool's own names where it gave some."""
        return {**DEFAULT_ACR_VALUES, **self.given_acr_values}

    @property
    def sends_own_email(self) -> bool:
        """Whether e-mails leave through the owner's sender (EmailSendingAccount DEVELOPER)."""
        account = self.echoed.get("EmailConfiguration", {}).get("EmailSendingAccount")
        return bool(account == "DEVELOPER")

    @property
    def enforces_threat_protection(self) -> bool:
        """Acts on what it sees, rather than only recording it."""
        mode = self.echoed.get("UserPoolAddOns", {}).get("AdvancedSecurityMode")
        return bool(mode == "ENFORCED")

    @property
    def tracks_devices(self) -> bool:
        """Whether any of the two settings was given, whatever it says (user-pools.md E.13)."""
        return self.device is not None and self.device != DeviceSettings()

    @property
    def protects_from_threats(self) -> bool:
        mode = self.echoed.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF")
        return bool(mode != "OFF")

    @property
    def exports_user_activity(self) -> bool:
        return any(delivery.source == AUTHENTICATION_EVENTS for delivery in self.log_deliveries)

    @property
    def aws_issuers(self) -> tuple[str, str]:
        """
        What the service calls the pool's issuer, the form that the pool chose first. Verifiers
        take both for one pool.

        Source: user-pools.md B; oauth-and-login.md 1.
        """
        original = f"https://cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"
        updated = f"https://issuer-cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"
        chosen = self.echoed.get("IssuerConfiguration", {}).get("Type")
        return (updated, original) if chosen == "UPDATED" else (original, updated)

    @property
    def has_domain(self) -> bool:
        return self.prefix_domain is not None or self.custom_domain is not None

    def domain_named(self, name: str) -> PoolDomain | None:
        for domain in (self.prefix_domain, self.custom_domain):
            if domain is not None and domain.name == name:
                return domain
        return None

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


# --- rules that a pool's settings keep together ---------------------------------------------------

Check: TypeAlias = Callable[[Pool], None]


def check_settings(pool: Pool) -> None:
    """
    Every rule between settings, in order.

    Raises:
        InvalidParameterException: the first rule that the settings break.
    """
    for check in CHECKS:
        check(pool)


def names_are_aliases_or_attributes(pool: Pool) -> None:
    if pool.alias_attributes and pool.username_attributes:
        raise InvalidParameterException(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
        )


def preferred_username_is_alias_or_required(pool: Pool) -> None:
    name = "preferred_username"
    if name in pool.alias_attributes and pool.schema_by_name[name].required:
        raise InvalidParameterException(
            "preferred_username cannot be both an alias and a required attribute."
        )


def pending_attributes_are_verified(pool: Pool) -> None:
    if not set(pool.verify_before_update) <= set(pool.auto_verified):
        raise InvalidParameterException(
            "All attributes in AttributesRequireVerificationBeforeUpdate must exist in"
            " AutoVerifiedAttributes"
        )


def recovery_is_unambiguous(pool: Pool) -> None:
    options = pool.recovery or ()
    names = {option.name for option in options}
    if len(names) < len(options) or len({option.priority for option in options}) < len(options):
        raise InvalidParameterException(
            "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms."
        )
    if "admin_only" in names and len(names) > 1:
        raise InvalidParameterException(
            "Account Recovery Setting cannot use admin_only setting with any other recovery"
            " mechanisms."
        )


def invitations_name_user_and_password(pool: Pool) -> None:
    for text in (pool.templates.invitation_email_message, pool.templates.invitation_sms_message):
        if text is not None and not ("{username}" in text and "{####}" in text):
            raise InvalidParameterException(
                "Invitation messages must contain {username} and {####}."
            )


def own_email_has_a_source(pool: Pool) -> None:
    if pool.sends_own_email and not pool.echoed["EmailConfiguration"].get("SourceArn"):
        raise InvalidParameterException(
            "Source ARN is required to use DEVELOPER email sending owner"
        )


def custom_senders_have_a_key(pool: Pool) -> None:
    senders = ("CustomSMSSender", "CustomEmailSender")
    if any(sender in pool.lambda_config for sender in senders) and not pool.lambda_config.get(
        "KMSKeyID"
    ):
        raise InvalidParameterException(
            "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used."
        )


def customer_key_is_named(pool: Pool) -> None:
    key = pool.echoed.get("KeyConfiguration", {})
    if key.get("KeyType") == "CUSTOMER_MANAGED_KEY" and not key.get("KmsKeyArn"):
        raise InvalidParameterException("KmsKeyArn is required for a CUSTOMER_MANAGED_KEY.")


def first_factors_fit(pool: Pool) -> None:
    factors = set(pool.first_factors)
    if "PASSWORD" not in factors:  # a passkey has another factor beside it by this rule too
        raise InvalidParameterException(
            "Password should be configured as one of the allowed first auth factors."
        )
    if not factors <= {"PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}:
        raise InvalidParameterException(
            "First auth factors are PASSWORD, EMAIL_OTP, SMS_OTP and WEB_AUTHN."
        )
    if pool.mfa.mode == "ON" and factors & {"EMAIL_OTP", "SMS_OTP"}:
        raise InvalidParameterException(
            "EMAIL_OTP and SMS_OTP cannot be first auth factors when MFA is required."
        )


def email_mfa_can_be_sent(pool: Pool) -> None:
    if not pool.mfa.email_enabled:
        return
    if not pool.sends_own_email:
        raise InvalidParameterException(
            "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an"
            " EmailSendingAccount of COGNITO_DEFAULT."
        )
    if [option.name for option in pool.recovery or ()] == ["verified_email"]:
        raise InvalidParameterException(
            "Cannot set EmailMfaConfiguration when email is the only account recovery mechanism."
        )


def acr_values_are_distinct(pool: Pool) -> None:
    if len(set(pool.acr_values.values())) < len(DEFAULT_ACR_VALUES):
        raise InvalidParameterException("The AcrValue of every level must be unique.")


CHECKS: tuple[Check, ...] = (
    names_are_aliases_or_attributes,
    preferred_username_is_alias_or_required,
    pending_attributes_are_verified,
    recovery_is_unambiguous,
    invitations_name_user_and_password,
    own_email_has_a_source,
    custom_senders_have_a_key,
    customer_key_is_named,
    first_factors_fit,
    email_mfa_can_be_sent,
    acr_values_are_distinct,
)


def check_mfa_has_a_method(pool: Pool) -> None:
    """
    The rule of CreateUserPool and UpdateUserPool, which can configure SMS alone: another method
    counts where SetUserPoolMfaConfig has switched it on.

    Raises:
        InvalidParameterException: MFA is on or optional, and nobody could have any.
    """
    mfa = pool.mfa
    if mfa.mode != "OFF" and not (
        mfa.sms_enabled or mfa.software_token_enabled or mfa.email_enabled
    ):
        raise InvalidParameterException(
            "SMS configuration and Auto verification for phone_number are required when MFA is"
            " required/optional"
        )


def check_deletable(pool: Pool) -> None:
    """
    Whether the pool may be deleted.

    Raises:
        InvalidParameterException: it is protected, or has a domain.
    """
    if pool.deletion_protection:
        raise InvalidParameterException(
            "The user pool cannot be deleted because deletion protection is activated. Deletion"
            " protection must be inactivated first."
        )
    if pool.has_domain:
        raise InvalidParameterException(
            "User pool cannot be deleted. It has a domain configured that should be deleted first."
        )
