"""
Request rates that the service grants, by category of operation and for one user.

Source: user-pools.md J.3, J.2. Which operation belongs where is partly inferred.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from cognate.domain.provisioned_limits import FREE_RATES

# Operations on tags have a rate of their own, which no account can have raised (J.2).
TAGGING = "Tagging"
RATES: Mapping[str, int] = {**FREE_RATES, TAGGING: 5}  # requests per second

MEMBERS: Mapping[str, tuple[str, ...]] = {
    "UserAuthentication": (
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "InitiateAuth",
        "RespondToAuthChallenge",
    ),
    "UserCreation": ("AdminConfirmSignUp", "AdminCreateUser", "ConfirmSignUp", "SignUp"),
    "UserFederation": (),  # the answers of providers, which come to pages
    "UserAccountRecovery": (
        "AdminResetUserPassword",
        "AdminSetUserPassword",
        "ChangePassword",
        "ConfirmForgotPassword",
        "ForgotPassword",
    ),
    "UserRead": ("AdminGetUser", "AdminGetUserAuthFactors", "GetUser", "GetUserAuthFactors"),
    "UserUpdate": (
        "AdminDeleteUser",
        "AdminDeleteUserAttributes",
        "AdminDisableProviderForUser",
        "AdminDisableUser",
        "AdminEnableUser",
        "AdminLinkProviderForUser",
        "AdminUpdateUserAttributes",
        "DeleteUser",
        "DeleteUserAttributes",
        "UpdateUserAttributes",
        "VerifyUserAttribute",
    ),
    "UserToken": (
        "AdminUserGlobalSignOut",
        "GetDerivedToken",
        "GetTokensFromRefreshToken",
        "GlobalSignOut",
        "RevokeToken",
    ),
    "UserResourceRead": (
        "AdminGetDevice",
        "AdminListDevices",
        "AdminListGroupsForUser",
        "AdminListUserAuthEvents",
        "AdminListUserSessions",
        "GetDevice",
        "GetUserAttributeVerificationCode",
        "ListDevices",
        "ListUserSessions",
        "ListWebAuthnCredentials",
        "ResendConfirmationCode",
    ),
    "UserResourceUpdate": (
        "AdminAddUserToGroup",
        "AdminDeleteSoftwareToken",
        "AdminForgetDevice",
        "AdminRemoveUserFromGroup",
        "AdminRevokeUserSession",
        "AdminSetUserMFAPreference",
        "AdminSetUserSettings",
        "AdminUpdateAuthEventFeedback",
        "AdminUpdateDeviceStatus",
        "AssociateSoftwareToken",
        "CompleteWebAuthnRegistration",
        "ConfirmDevice",
        "DeleteWebAuthnCredential",
        "ForgetDevice",
        "RevokeUserSession",
        "SetUserMFAPreference",
        "SetUserSettings",
        "StartWebAuthnRegistration",
        "UpdateAuthEventFeedback",
        "UpdateDeviceStatus",
        "VerifySoftwareToken",
    ),
    "UserList": ("ListUsers", "ListUsersInGroup"),
    "UserPoolRead": ("DescribeUserPool", "ListUserPools"),
    "UserPoolUpdate": ("CreateUserPool", "DeleteUserPool", "UpdateUserPool"),
    "UserPoolResourceRead": (
        "DescribeIdentityProvider",
        "DescribeManagedLoginBranding",
        "DescribeManagedLoginBrandingByClient",
        "DescribeResourceServer",
        "DescribeRiskConfiguration",
        "DescribeTerms",
        "DescribeTermsByClient",
        "DescribeUserImportJob",
        "DescribeUserPoolDomain",
        "GetCSVHeader",
        "GetGroup",
        "GetIdentityProviderByIdentifier",
        "GetLogDeliveryConfiguration",
        "GetSigningCertificate",
        "GetUICustomization",
        "GetUserPoolMfaConfig",
        "GetUserPoolSessionConfiguration",
        "ListGroups",
        "ListIdentityProviders",
        "ListResourceServers",
        "ListTerms",
        "ListUserImportJobs",
        "ListUserPoolReplicas",
    ),
    "UserPoolResourceUpdate": (
        "AddCustomAttributes",
        "CreateGroup",
        "CreateIdentityProvider",
        "CreateManagedLoginBranding",
        "CreateResourceServer",
        "CreateTerms",
        "CreateUserImportJob",
        "CreateUserPoolDomain",
        "CreateUserPoolReplica",
        "DeleteGroup",
        "DeleteIdentityProvider",
        "DeleteManagedLoginBranding",
        "DeleteResourceServer",
        "DeleteTerms",
        "DeleteUserPoolDomain",
        "DeleteUserPoolReplica",
        "SetLogDeliveryConfiguration",
        "SetRiskConfiguration",
        "SetUICustomization",
        "SetUserPoolMfaConfig",
        "SetUserPoolSessionConfiguration",
        "StartUserImportJob",
        "StopUserImportJob",
        "UpdateGroup",
        "UpdateIdentityProvider",
        "UpdateManagedLoginBranding",
        "UpdateResourceServer",
        "UpdateTerms",
        "UpdateUserPoolDomain",
        "UpdateUserPoolReplica",
    ),
    "UserPoolClientRead": (
        "DescribeUserPoolClient",
        "GetUserPoolClientSessionConfiguration",
        "ListUserPoolClientSecrets",
        "ListUserPoolClients",
    ),
    "UserPoolClientUpdate": (
        "AddUserPoolClientSecret",
        "CreateUserPoolClient",
        "DeleteUserPoolClient",
        "DeleteUserPoolClientSecret",
        "SetUserPoolClientSessionConfiguration",
        "UpdateUserPoolClient",
    ),
    "ClientAuthentication": ("GetClientToken",),
    "LimitManagement": ("GetProvisionedLimit", "UpdateProvisionedLimit"),
    TAGGING: ("ListTagsForResource", "TagResource", "UntagResource"),
}
CATEGORY_OF: Mapping[str, str] = {
    operation: category for category, operations in MEMBERS.items() for operation in operations
}
ANSWERS = ("AdminRespondToAuthChallenge", "RespondToAuthChallenge")
ANSWERS_FACTOR = 3  # challenge answers have three times the rate of sign-ins

Access: TypeAlias = Literal["UserReads", "UserWrites"]
RATE_OF_ONE_USER = 10  # reads per second, and as many writes
USER_READS = ("UserRead", "UserResourceRead")
USER_WRITES = (
    "UserAccountRecovery",
    "UserCreation",
    "UserResourceUpdate",
    "UserToken",
    "UserUpdate",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """`name`: what it is called beside others; `factor`: how often the category's rate."""

    name: str
    category: str
    factor: int = 1


def quota_of(operation: str, challenge_name: str | None = None) -> Quota:
    """
    What a call of `operation` is counted against; `challenge_name`: of the challenge it answers.

    Raises:
        KeyError: not an operation of user pools.
    """
    if operation in ANSWERS:
        if challenge_name == "NEW_PASSWORD_REQUIRED":
            return Quota(name="UserAccountRecovery", category="UserAccountRecovery")
        return Quota(
            name="ChallengeAnswers", category=CATEGORY_OF[operation], factor=ANSWERS_FACTOR
        )
    category = CATEGORY_OF[operation]
    return Quota(name=category, category=category)


def access_of(operation: str) -> Access | None:
    """Whether `operation` reads or writes one user; None where it does neither."""
    category = CATEGORY_OF[operation]
    if category in USER_READS:
        return "UserReads"
    return "UserWrites" if category in USER_WRITES else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Tokens for requests: as many as one second may have, growing by as many a second."""

    rate: int
    tokens: float
    at: float  # epoch seconds

    @classmethod
    def full(cls, rate: int, *, now: float) -> "Bucket":
        return cls(rate=rate, tokens=rate, at=now)

    def refilled(self, rate: int, *, now: float) -> "Bucket":
        """As it is `now`, when the rate may be another. A clock set back refills nothing."""
        grown = self.tokens + max(now - self.at, 0.0) * rate + max(rate - self.rate, 0)
        return Bucket(rate=rate, tokens=min(grown, rate), at=now)

    @property
    def is_empty(self) -> bool:
        return self.tokens < 1

    def without_one(self) -> "Bucket":
        return replace(self, tokens=self.tokens - 1)
