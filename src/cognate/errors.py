"""
The errors a caller can meet. A class's name is its name on the wire; its `default` is the text
that the service uses where there is only one.

Source: the service models' error shapes; texts from user-pools.md section I.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """
    A bound on requests: `quota` of them in `window` seconds, or at once where there is no window.
    `remaining`: how many may come now; more of them may in `reset` seconds.
    """

    name: str
    quota: int
    window: int | None
    remaining: int
    reset: int


class AWSError(Exception):
    """An error of an AWS operation, sent as `{"__type": NAME, "message": TEXT}`."""

    default: ClassVar[str] = ""
    status: ClassVar[int] = 400

    def __init__(self, message: str | None = None, *, reason_code: str | None = None) -> None:
        self.message = self.default if message is None else message
        self.reason_code = reason_code
        super().__init__(self.message)

    @property
    def name(self) -> str:
        return type(self).__name__


# --- errors of the front door: not in the operations' models -------------------------------------


class AccessDeniedException(AWSError):
    """A signed caller whose key's policy does not allow the action."""


class ExpiredTokenException(AWSError):
    default = "The security token included in the request is expired"


class IncompleteSignatureException(AWSError):
    """The Authorization header lacks a part of AWS Signature Version 4."""


class InvalidSignatureException(AWSError):
    default = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method. "
        "Consult the service documentation for details."
    )


class MissingAuthenticationTokenException(AWSError):
    default = "Missing Authentication Token"


class NotImplemented501(AWSError):
    """An operation that Cognate does not have; its wire name is `NotImplemented`."""

    status = 501

    @property
    def name(self) -> str:
        return "NotImplemented"


class RequestEntityTooLargeException(AWSError):
    default = "Request entity too large"
    status = 413


class SerializationException(AWSError):
    """The body is not what JSON 1.1 and the operation's shapes allow."""


class ServiceUnavailableException(AWSError):
    """The server is shutting down or its storage cannot be reached; the client may retry."""

    default = "The service is unavailable. Please try again."
    status = 503


class UnknownOperationException(AWSError):
    """No such operation in the service's model, or no target named."""


class UnrecognizedClientException(AWSError):
    default = "The security token included in the request is invalid."


# --- errors of the user-pool operations ----------------------------------------------------------


class AliasExistsException(AWSError):
    default = "An account with the given email already exists."


class CodeDeliveryFailureException(AWSError):
    """The message could not be handed over; the text is the delivery service's."""


class CodeMismatchException(AWSError):
    default = "Invalid verification code provided, please try again."


class ConcurrentModificationException(AWSError):
    default = "The resource was changed by another request. Please try again."


class DeviceKeyExistsException(AWSError):
    default = "Device already exists."


class DuplicateProviderException(AWSError):
    """A provider of this name is in the pool already."""


class EnableSoftwareTokenMFAException(AWSError):
    default = "Code mismatch and fail enable Software Token MFA"


class ExpiredCodeException(AWSError):
    default = "Invalid code provided, please request a code again."


class FeatureUnavailableInTierException(AWSError):
    default = "This feature is not available in the user pool's current tier."


class ForbiddenException(AWSError):
    default = "Request is not allowed."


class GroupExistsException(AWSError):
    default = "A group with the name already exists."


class InternalErrorException(AWSError):
    default = "Internal error"
    status = 500


class InvalidEmailRoleAccessPolicyException(AWSError):
    """The e-mail identity may not be used."""


class InvalidLambdaResponseException(AWSError):
    default = "Unrecognizable lambda output"


class InvalidOAuthFlowException(AWSError):
    """The OAuth flows given do not fit each other or the client."""


class InvalidParameterException(AWSError):
    """What was sent is not allowed; the text tells which part."""


class InvalidPasswordException(AWSError):
    default = "Password did not conform with policy"


class InvalidSmsRoleAccessPolicyException(AWSError):
    """The role for SMS may not publish."""


class InvalidSmsRoleTrustRelationshipException(AWSError):
    """The role for SMS cannot be assumed."""


class InvalidUserPoolConfigurationException(AWSError):
    """The pool's settings do not allow the operation."""


class LimitExceededException(AWSError):
    default = "Attempt limit exceeded, please try after some time."


class ManagedLoginBrandingExistsException(AWSError):
    default = "A managed login branding style already exists for the app client."


class MFAMethodNotFoundException(AWSError):
    default = "No MFA method found for the user."


class NotAuthorizedException(AWSError):
    default = "Incorrect username or password."


class OperationNotEnabledException(AWSError):
    default = "This operation is not enabled for the user pool."


class PasswordHistoryPolicyViolationException(AWSError):
    default = "Password has previously been used"


class PasswordResetRequiredException(AWSError):
    default = "Password reset required for the user"


class PreconditionNotMetException(AWSError):
    """Something that the operation needs is not so yet."""


class RefreshTokenReuseException(AWSError):
    default = "Refresh token has already been used."


class ResourceNotFoundException(AWSError):
    """A pool, client, group or other thing does not exist; the text names it."""


class ScopeDoesNotExistException(AWSError):
    """A custom scope that no resource server of the pool defines."""


class ServiceQuotaExceededException(AWSError):
    """More than the account may be granted; the text tells the bound."""


class SoftwareTokenMFANotFoundException(AWSError):
    default = "Software Token MFA has not been enabled by the userPool"


class TermsExistsException(AWSError):
    default = "Terms of this name already exist for the app client."


class TierChangeNotAllowedException(AWSError):
    """The new tier lacks a feature that the pool uses."""


class TooManyFailedAttemptsException(AWSError):
    default = "Too many failed attempts."


class TooManyRequestsException(AWSError):
    """`limits`: the bounds that counted the request, the exceeded one among them."""

    default = "Rate exceeded"

    def __init__(self, message: str | None = None, *, limits: Sequence[RateLimit] = ()) -> None:
        self.limits = limits
        super().__init__(message)

    @property
    def retry_after(self) -> int:
        """Seconds, at least one."""
        return max([1, *(limit.reset for limit in self.limits if limit.remaining == 0)])


class UnauthorizedException(AWSError):
    default = "Unauthorized"


class UnexpectedLambdaException(AWSError):
    """A trigger could not be invoked."""


class UnsupportedIdentityProviderException(AWSError):
    """A provider name that the pool does not have."""


class UnsupportedOperationException(AWSError):
    default = "This operation is not supported."


class UnsupportedTokenTypeException(AWSError):
    default = "Unsupported token type."


class UnsupportedUserStateException(AWSError):
    """The user's status does not allow the operation."""


class UserImportInProgressException(AWSError):
    default = "A user import job is in progress."


class UserLambdaValidationException(AWSError):
    """A trigger refused; the text carries its words."""


class UsernameExistsException(AWSError):
    default = "User already exists"


class UserNotConfirmedException(AWSError):
    default = "User is not confirmed."


class UserNotFoundException(AWSError):
    default = "User does not exist."


class UserPoolAddOnNotEnabledException(AWSError):
    default = "User pool add-on is not enabled."


class UserPoolTaggingException(AWSError):
    """A tag that cannot be set or updated."""


class WebAuthnChallengeNotFoundException(AWSError):
    default = "The passkey challenge was not found or has expired."


class WebAuthnClientMismatchException(AWSError):
    default = "The access token is of another client than the passkey request."


class WebAuthnConfigurationMissingException(AWSError):
    default = "The user pool has no relying party id for passkeys."


class WebAuthnCredentialNotSupportedException(AWSError):
    default = "The passkey credential is not supported."


class WebAuthnNotEnabledException(AWSError):
    default = "Passkeys are not enabled for the user pool."


class WebAuthnOriginNotAllowedException(AWSError):
    default = "The passkey's origin is not allowed."


class WebAuthnRelyingPartyMismatchException(AWSError):
    default = "The passkey's relying party does not match."
