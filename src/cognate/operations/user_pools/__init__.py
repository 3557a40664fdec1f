"""
Operations of user pools: `cognito-idp`.

Each module lists its own in `OPERATIONS`; here stands which module has which, so that none is
imported before it is called. A test holds the two lists against each other.
"""

from cognate.operations.operation import ByModule, Operations

OPERATIONS: Operations = ByModule(
    __name__,
    {
        "account": (
            "ChangePassword",
            "DeleteUser",
            "DeleteUserAttributes",
            "GetUser",
            "UpdateUserAttributes",
        ),
        "attributes": (
            "AdminDeleteUserAttributes",
            "AdminUpdateUserAttributes",
        ),
        "authentication": (
            "AdminInitiateAuth",
            "AdminRespondToAuthChallenge",
            "InitiateAuth",
            "RespondToAuthChallenge",
        ),
        "clients": (
            "AddUserPoolClientSecret",
            "CreateUserPoolClient",
            "DeleteUserPoolClient",
            "DeleteUserPoolClientSecret",
            "DescribeUserPoolClient",
            "ListUserPoolClientSecrets",
            "ListUserPoolClients",
            "UpdateUserPoolClient",
        ),
        "creating": ("AdminCreateUser",),
        "derived_tokens": (
            "GetClientToken",
            "GetDerivedToken",
        ),
        "devices": (
            "AdminForgetDevice",
            "AdminGetDevice",
            "AdminListDevices",
            "AdminUpdateDeviceStatus",
            "ConfirmDevice",
            "ForgetDevice",
            "GetDevice",
            "ListDevices",
            "UpdateDeviceStatus",
        ),
        "domains": (
            "CreateUserPoolDomain",
            "DeleteUserPoolDomain",
            "DescribeUserPoolDomain",
            "UpdateUserPoolDomain",
        ),
        "factors": (
            "AdminDeleteSoftwareToken",
            "AdminGetUserAuthFactors",
            "AdminSetUserMFAPreference",
            "AdminSetUserSettings",
            "AssociateSoftwareToken",
            "GetUserAuthFactors",
            "SetUserMFAPreference",
            "SetUserSettings",
            "VerifySoftwareToken",
        ),
        "groups": (
            "AdminAddUserToGroup",
            "AdminListGroupsForUser",
            "AdminRemoveUserFromGroup",
            "CreateGroup",
            "DeleteGroup",
            "GetGroup",
            "ListGroups",
            "ListUsersInGroup",
            "UpdateGroup",
        ),
        "identity_providers": (
            "CreateIdentityProvider",
            "DeleteIdentityProvider",
            "DescribeIdentityProvider",
            "GetIdentityProviderByIdentifier",
            "ListIdentityProviders",
            "UpdateIdentityProvider",
        ),
        "import_jobs": (
            "CreateUserImportJob",
            "DescribeUserImportJob",
            "GetCSVHeader",
            "ListUserImportJobs",
            "StartUserImportJob",
            "StopUserImportJob",
        ),
        "linked_identities": (
            "AdminDisableProviderForUser",
            "AdminLinkProviderForUser",
        ),
        "listing": ("ListUsers",),
        "log_deliveries": (
            "GetLogDeliveryConfiguration",
            "SetLogDeliveryConfiguration",
        ),
        "managed_login_branding": (
            "CreateManagedLoginBranding",
            "DeleteManagedLoginBranding",
            "DescribeManagedLoginBranding",
            "DescribeManagedLoginBrandingByClient",
            "UpdateManagedLoginBranding",
        ),
        "mfa": (
            "GetUserPoolMfaConfig",
            "SetUserPoolMfaConfig",
        ),
        "passkeys": (
            "CompleteWebAuthnRegistration",
            "DeleteWebAuthnCredential",
            "ListWebAuthnCredentials",
            "StartWebAuthnRegistration",
        ),
        "passwords": (
            "AdminResetUserPassword",
            "AdminSetUserPassword",
        ),
        "pools": (
            "AddCustomAttributes",
            "CreateUserPool",
            "DeleteUserPool",
            "DescribeUserPool",
            "ListUserPools",
            "UpdateUserPool",
        ),
        "provisioned_limits": (
            "GetProvisionedLimit",
            "UpdateProvisionedLimit",
        ),
        "recovery": (
            "ConfirmForgotPassword",
            "ForgotPassword",
        ),
        "replicas": (
            "CreateUserPoolReplica",
            "DeleteUserPoolReplica",
            "ListUserPoolReplicas",
            "UpdateUserPoolReplica",
        ),
        "resource_servers": (
            "CreateResourceServer",
            "DeleteResourceServer",
            "DescribeResourceServer",
            "ListResourceServers",
            "UpdateResourceServer",
        ),
        "risk": (
            "AdminListUserAuthEvents",
            "AdminUpdateAuthEventFeedback",
            "DescribeRiskConfiguration",
            "SetRiskConfiguration",
            "UpdateAuthEventFeedback",
        ),
        "sessions": (
            "AdminListUserSessions",
            "AdminRevokeUserSession",
            "GetUserPoolClientSessionConfiguration",
            "GetUserPoolSessionConfiguration",
            "ListUserSessions",
            "RevokeUserSession",
            "SetUserPoolClientSessionConfiguration",
            "SetUserPoolSessionConfiguration",
        ),
        "sign_up": (
            "ConfirmSignUp",
            "ResendConfirmationCode",
            "SignUp",
        ),
        "signing_certificates": ("GetSigningCertificate",),
        "tags": (
            "ListTagsForResource",
            "TagResource",
            "UntagResource",
        ),
        "terms": (
            "CreateTerms",
            "DeleteTerms",
            "DescribeTerms",
            "DescribeTermsByClient",
            "ListTerms",
            "UpdateTerms",
        ),
        "token_operations": (
            "AdminUserGlobalSignOut",
            "GetTokensFromRefreshToken",
            "GlobalSignOut",
            "RevokeToken",
        ),
        "ui_customization": (
            "GetUICustomization",
            "SetUICustomization",
        ),
        "users": (
            "AdminConfirmSignUp",
            "AdminDeleteUser",
            "AdminDisableUser",
            "AdminEnableUser",
            "AdminGetUser",
        ),
        "verification": (
            "GetUserAttributeVerificationCode",
            "VerifyUserAttribute",
        ),
    },
)
