"""User pools: what they are when nothing is said, how they change, and what is refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cognate.config import Settings
from cognate.domain.ids import PoolId
from cognate.errors import InvalidParameterException
from cognate.operations.user_pools.pools import create_user_pool
from cognate.wire.cognito_idp import CreateUserPoolRequest
from tests.inprocess import ENDPOINT
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:one"
OTHER_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:other"
KEY = "arn:aws:kms:us-east-1:123456789012:key/one"
SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x"}
OWN_EMAIL = {
    "EmailSendingAccount": "DEVELOPER",
    "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/a@example.com",
}
STANDARD_ATTRIBUTES = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
]


@pytest.fixture
def described(cognito):
    return lambda pool_id: cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]


def attribute_named(pool, name):
    return next(a for a in pool["SchemaAttributes"] if a["Name"] == name)


def attribute_names(pool):
    return [attribute["Name"] for attribute in pool["SchemaAttributes"]]


# --- creating ------------------------------------------------------------------------------------


def test_a_pool_that_only_has_a_name_shows_every_default(cognito, clock):
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]

    pool_id = pool["Id"]
    schema = pool.pop("SchemaAttributes")
    assert pool == {
        "Id": pool_id,
        "Name": "people",
        "Arn": f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool_id}",
        "CreationDate": clock.now(),
        "LastModifiedDate": clock.now(),
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 8,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": True,
                "TemporaryPasswordValidityDays": 7,
            },
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        },
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": []},
        "MfaConfiguration": "OFF",
        "EstimatedNumberOfUsers": 0,
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "UserPoolTags": {},
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": False,
            "UnusedAccountValidityDays": 7,
        },
        "UserPoolTier": "ESSENTIALS",
        "AcrConfiguration": {
            f"Level{level}": {"AcrValue": f"urn:cognito:loa:{level}"} for level in range(1, 5)
        },
        "IssuerConfiguration": {"Type": "ORIGINAL"},
        "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
    }
    assert [attribute["Name"] for attribute in schema] == STANDARD_ATTRIBUTES


def test_the_standard_attributes_have_the_service_s_constraints(cognito):
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]

    text = {
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"},
    }
    assert attribute_named(pool, "email") == {"Name": "email", **text}
    assert attribute_named(pool, "sub") == {
        **text,
        "Name": "sub",
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"},
    }
    assert attribute_named(pool, "birthdate")["StringAttributeConstraints"] == {
        "MinLength": "10",
        "MaxLength": "10",
    }
    assert attribute_named(pool, "updated_at") == {
        "Name": "updated_at",
        "AttributeDataType": "Number",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        "NumberAttributeConstraints": {"MinValue": "0"},
    }
    assert attribute_named(pool, "email_verified") == {
        "Name": "email_verified",
        "AttributeDataType": "Boolean",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
    }


def test_what_is_created_is_what_is_described(cognito, described):
    created = cognito.create_user_pool(PoolName="people", UserPoolTags={"a": "b"})["UserPool"]

    assert described(created["Id"]) == created


def test_the_number_of_users_is_told(cognito, a_pool, described):
    pool_id = a_pool()
    for name in ("ada", "bob"):
        cognito.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")

    assert described(pool_id)["EstimatedNumberOfUsers"] == 2


def test_the_signature_s_region_names_the_pool(sdk, app):
    pool = sdk("cognito-idp", region="eu-west-3").create_user_pool(PoolName="p")["UserPool"]

    region, _, name = pool["Id"].partition("_")
    assert region == "eu-west-3"
    assert len(name) == 9
    assert name.isalnum()
    assert pool["Arn"].startswith("arn:aws:cognito-idp:eu-west-3:")


def test_every_pool_signs_with_keys_of_its_own(app, loop_thread, a_pool):
    async def kids(pool_id):
        pool = await app.store.pools.find(PoolId(pool_id))
        return {key["kid"] for key in await app.keys.jwks(pool)}

    one, other = (loop_thread.run(kids(a_pool())) for _ in range(2))

    assert len(one) == len(other) == 2


def test_settings_come_back_as_they_were_given(cognito, described):
    given = {
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 12,
                "RequireUppercase": True,
                "RequireLowercase": False,
                "RequireNumbers": True,
                "RequireSymbols": False,
                "PasswordHistorySize": 4,
                "TemporaryPasswordValidityDays": 3,
            },
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN", "EMAIL_OTP"]},
        },
        "DeletionProtection": "ACTIVE",
        "LambdaConfig": {"PreSignUp": FUNCTION, "CustomMessage": FUNCTION},
        "AutoVerifiedAttributes": ["email"],
        "UsernameAttributes": ["email", "phone_number"],
        "UsernameConfiguration": {"CaseSensitive": False},
        "SmsAuthenticationMessage": "sign in with {####}",
        "VerificationMessageTemplate": {
            "SmsMessage": "prove it with {####}",
            "EmailMessage": "prove it with {####}",
            "EmailSubject": "proof",
            "EmailMessageByLink": "{##click##}",
            "EmailSubjectByLink": "click",
            "DefaultEmailOption": "CONFIRM_WITH_LINK",
        },
        "MfaConfiguration": "OPTIONAL",
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
        "DeviceConfiguration": {
            "ChallengeRequiredOnNewDevice": True,
            "DeviceOnlyRememberedOnUserPrompt": False,
        },
        "EmailConfiguration": {**OWN_EMAIL, "From": "a@example.com", "ConfigurationSet": "set"},
        "SmsConfiguration": {**SMS, "SnsRegion": "us-east-1"},
        "UserPoolTags": {"team": "blue"},
        "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"},
        "DcrConfiguration": {
            "EnableStatus": "Disabled",
            "OpenDcrEnabled": True,
            "AuthenticatedGrantTypes": ["code"],
            "OpenDcrGrantTypes": ["code"],
            "AllowedScopes": ["openid"],
        },
        "AccountRecoverySetting": {
            "RecoveryMechanisms": [
                {"Name": "verified_phone_number", "Priority": 1},
                {"Name": "verified_email", "Priority": 2},
            ]
        },
        "UserPoolTier": "PLUS",
        "KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": KEY},
        "IssuerConfiguration": {"Type": "UPDATED"},
    }
    invitation = {
        "EmailMessage": "hello {username} {####}",
        "EmailSubject": "hello",
        "SMSMessage": "hello {username} {####}",
    }

    pool_id = cognito.create_user_pool(
        PoolName="people",
        AdminCreateUserConfig={
            "AllowAdminCreateUserOnly": True,
            "InviteMessageTemplate": invitation,
        },
        AcrConfiguration={"Level2": {"AcrValue": "silver"}},
        **given,
    )["UserPool"]["Id"]

    pool = described(pool_id)
    assert {name: pool[name] for name in given} == given
    assert pool["AdminCreateUserConfig"] == {
        "AllowAdminCreateUserOnly": True,
        "UnusedAccountValidityDays": 3,
        "InviteMessageTemplate": invitation,
    }
    assert {level: acr["AcrValue"] for level, acr in pool["AcrConfiguration"].items()} == {
        "Level1": "urn:cognito:loa:1",
        "Level2": "silver",
        "Level3": "urn:cognito:loa:3",
        "Level4": "urn:cognito:loa:4",
    }


def test_a_verification_text_stands_in_both_of_its_places(cognito, a_pool, described):
    pool = described(
        a_pool(
            EmailVerificationMessage="mail {####}",
            EmailVerificationSubject="subject",
            SmsVerificationMessage="text {####}",
        )
    )

    assert pool["VerificationMessageTemplate"] == {
        "DefaultEmailOption": "CONFIRM_WITH_CODE",
        "EmailMessage": "mail {####}",
        "EmailSubject": "subject",
        "SmsMessage": "text {####}",
    }
    assert pool["EmailVerificationMessage"] == "mail {####}"
    assert pool["EmailVerificationSubject"] == "subject"
    assert pool["SmsVerificationMessage"] == "text {####}"


def test_in_a_password_policy_that_is_given_what_is_missing_is_off(a_pool, described):
    pool = described(a_pool(Policies={"PasswordPolicy": {"RequireNumbers": True}}))

    assert pool["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 8,
        "RequireUppercase": False,
        "RequireLowercase": False,
        "RequireNumbers": True,
        "RequireSymbols": False,
        "TemporaryPasswordValidityDays": 7,
    }


def test_the_old_setting_for_unused_accounts_is_the_temporary_password_s(a_pool, described):
    pool = described(a_pool(AdminCreateUserConfig={"UnusedAccountValidityDays": 5}))

    assert pool["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 5
    assert pool["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 5


@pytest.mark.parametrize(
    ("given", "version"),
    [
        ({"PreTokenGeneration": FUNCTION}, "V1_0"),
        (
            {"PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": FUNCTION}},
            "V2_0",
        ),
        (
            {
                "PreTokenGeneration": FUNCTION,
                "PreTokenGenerationConfig": {"LambdaVersion": "V3_0", "LambdaArn": FUNCTION},
            },
            "V3_0",
        ),
    ],
)
def test_the_pre_token_trigger_is_shown_under_both_names(a_pool, described, given, version):
    pool = described(a_pool(LambdaConfig=given))

    assert pool["LambdaConfig"] == {
        "PreTokenGeneration": FUNCTION,
        "PreTokenGenerationConfig": {"LambdaVersion": version, "LambdaArn": FUNCTION},
    }


def test_a_registration_setting_without_a_status_is_on(a_pool, described):
    pool = described(a_pool(DcrConfiguration={"OpenDcrEnabled": False}))

    assert pool["DcrConfiguration"] == {
        "EnableStatus": "Enabled",
        "OpenDcrEnabled": False,
        "AuthenticatedGrantTypes": ["code", "client_credentials"],
        "OpenDcrGrantTypes": ["code"],
    }


@pytest.mark.parametrize("mode", ["AUDIT", "ENFORCED"])
def test_threat_protection_without_a_tier_makes_a_plus_pool(a_pool, described, mode):
    pool = described(a_pool(UserPoolAddOns={"AdvancedSecurityMode": mode}))

    assert pool["UserPoolTier"] == "PLUS"


def test_mfa_by_sms_begins_with_the_pool(cognito, a_pool):
    pool_id = a_pool(MfaConfiguration="ON", SmsConfiguration=SMS)

    answer = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    assert answer["MfaConfiguration"] == "ON"
    assert answer["SmsMfaConfiguration"] == {"SmsConfiguration": SMS}


# --- a fixed id (development) --------------------------------------------------------------------


def test_a_tag_fixes_the_pool_s_id_in_development(cognito, described):
    tags = {"_custom_id_": "us-east-1_mine", "other": "x"}

    pool = cognito.create_user_pool(PoolName="p", UserPoolTags=tags)["UserPool"]

    assert pool["Id"] == "us-east-1_mine"
    assert described("us-east-1_mine")["UserPoolTags"] == tags


def test_a_fixed_id_that_is_taken_is_refused(cognito):
    arguments = {"PoolName": "p", "UserPoolTags": {"_custom_id_": "us-east-1_mine"}}
    cognito.create_user_pool(**arguments)

    with refused("InvalidParameterException", "User pool us-east-1_mine already exists."):
        cognito.create_user_pool(**arguments)


def test_a_fixed_id_is_free_again_after_the_pool_is_deleted(cognito, http):
    arguments = {"PoolName": "p", "UserPoolTags": {"_custom_id_": "us-east-1_mine"}}
    cognito.create_user_pool(**arguments)
    before = http("GET", "/us-east-1_mine/.well-known/jwks.json").body
    cognito.delete_user_pool(UserPoolId="us-east-1_mine")

    cognito.create_user_pool(**arguments)

    assert http("GET", "/us-east-1_mine/.well-known/jwks.json").body != before


@pytest.mark.parametrize(
    "fixed", ["mine", "us-east-1_", "us-east-1_a.b", "", f"us-east-1_{'a' * 46}", "us-east-1_a\n"]
)
def test_a_malformed_fixed_id_is_refused(cognito, fixed):
    with refused(
        "InvalidParameterException",
        "The tag _custom_id_ must hold a user pool id of the form REGION_NAME.",
    ):
        cognito.create_user_pool(PoolName="p", UserPoolTags={"_custom_id_": fixed})


class TestInProduction:
    @pytest.fixture
    def settings(self, tmp_path, database_url):
        return Settings(
            data=tmp_path, database=database_url, public_url=ENDPOINT, mode="production"
        )

    def test_no_tag_fixes_an_id(self, app, loop_thread):
        request = CreateUserPoolRequest(
            pool_name="p", user_pool_tags={"_custom_id_": "us-east-1_mine"}
        )

        with pytest.raises(InvalidParameterException) as refusal:
            loop_thread.run(create_user_pool(app.call(), request))

        assert refusal.value.message == (
            "The tag _custom_id_ fixes an id in development mode only."
        )
        assert loop_thread.run(app.store.pools.find(PoolId("us-east-1_mine"))) is None


# --- settings that contradict each other ---------------------------------------------------------

SMS_NEEDED = (
    "SMS configuration and Auto verification for phone_number are required when MFA is"
    " required/optional"
)
UNAMBIGUOUS = "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms."
CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "aliases and username attributes": (
        {"AliasAttributes": ["email"], "UsernameAttributes": ["email"]},
        "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.",
    ),
    "preferred_username as alias and required": (
        {
            "AliasAttributes": ["preferred_username"],
            "Schema": [{"Name": "preferred_username", "Required": True}],
        },
        "preferred_username cannot be both an alias and a required attribute.",
    ),
    "pending without auto-verified": (
        {
            "AutoVerifiedAttributes": ["email"],
            "UserAttributeUpdateSettings": {
                "AttributesRequireVerificationBeforeUpdate": ["phone_number"]
            },
        },
        "All attributes in AttributesRequireVerificationBeforeUpdate must exist in"
        " AutoVerifiedAttributes",
    ),
    "one recovery priority twice": (
        {
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Name": "verified_email", "Priority": 1},
                    {"Name": "verified_phone_number", "Priority": 1},
                ]
            }
        },
        UNAMBIGUOUS,
    ),
    "one recovery mechanism twice": (
        {
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Name": "verified_email", "Priority": 1},
                    {"Name": "verified_email", "Priority": 2},
                ]
            }
        },
        UNAMBIGUOUS,
    ),
    "admin_only with another": (
        {
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Name": "admin_only", "Priority": 1},
                    {"Name": "verified_email", "Priority": 2},
                ]
            }
        },
        "Account Recovery Setting cannot use admin_only setting with any other recovery"
        " mechanisms.",
    ),
    "invitation by e-mail without the password": (
        {"AdminCreateUserConfig": {"InviteMessageTemplate": {"EmailMessage": "Hi {username}"}}},
        "Invitation messages must contain {username} and {####}.",
    ),
    "invitation by SMS without the user name": (
        {"AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": "Hi, {####}"}}},
        "Invitation messages must contain {username} and {####}.",
    ),
    "own e-mail without a source": (
        {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}},
        "Source ARN is required to use DEVELOPER email sending owner",
    ),
    "custom e-mail sender without a key": (
        {"LambdaConfig": {"CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": FUNCTION}}},
        "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.",
    ),
    "custom SMS sender without a key": (
        {"LambdaConfig": {"CustomSMSSender": {"LambdaVersion": "V1_0", "LambdaArn": FUNCTION}}},
        "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.",
    ),
    "two pre-token functions": (
        {
            "LambdaConfig": {
                "PreTokenGeneration": FUNCTION,
                "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": OTHER_FUNCTION},
            }
        },
        "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda"
        " function ARN's",
    ),
    "customer key without its name": (
        {"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY"}},
        "KmsKeyArn is required for a CUSTOMER_MANAGED_KEY.",
    ),
    "no password": (
        {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["WEB_AUTHN"]}}},
        "Password should be configured as one of the allowed first auth factors.",
    ),
    "not a first factor": (
        {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SOFTWARE_TOKEN"]}}},
        "First auth factors are PASSWORD, EMAIL_OTP, SMS_OTP and WEB_AUTHN.",
    ),
    "one-time passwords first while MFA is required": (
        {
            "MfaConfiguration": "ON",
            "SmsConfiguration": SMS,
            "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}},
        },
        "EMAIL_OTP and SMS_OTP cannot be first auth factors when MFA is required.",
    ),
    "one acr value for two levels": (
        {"AcrConfiguration": {"Level1": {"AcrValue": "urn:cognito:loa:4"}}},
        "The AcrValue of every level must be unique.",
    ),
    "required MFA without a method": ({"MfaConfiguration": "ON"}, SMS_NEEDED),
    "optional MFA without a method": ({"MfaConfiguration": "OPTIONAL"}, SMS_NEEDED),
    "two validities of temporary passwords": (
        {
            "Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 7}},
            "AdminCreateUserConfig": {"UnusedAccountValidityDays": 7},
        },
        "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of"
        " UnusedAccountValidityDays",
    ),
    "two e-mail texts": (
        {
            "EmailVerificationMessage": "one {####}",
            "VerificationMessageTemplate": {"EmailMessage": "two {####}"},
        },
        "EmailMessage of VerificationMessageTemplate and the verification message outside of it"
        " must be the same.",
    ),
}
NOT_OF_UPDATES = {"aliases and username attributes", "preferred_username as alias and required"}


@pytest.mark.parametrize("contradiction", CONTRADICTIONS)
def test_a_pool_cannot_be_made_with_settings_that_contradict(cognito, contradiction):
    arguments, text = CONTRADICTIONS[contradiction]

    with refused("InvalidParameterException", text):
        cognito.create_user_pool(PoolName="p", **arguments)

    assert cognito.list_user_pools(MaxResults=10)["UserPools"] == []


@pytest.mark.parametrize("contradiction", sorted(CONTRADICTIONS.keys() - NOT_OF_UPDATES))
def test_nor_changed_to_them(cognito, a_pool, described, contradiction):
    arguments, text = CONTRADICTIONS[contradiction]
    pool_id = a_pool()
    before = described(pool_id)

    with refused("InvalidParameterException", text):
        cognito.update_user_pool(UserPoolId=pool_id, **arguments)

    assert described(pool_id) == before


# --- the schema ----------------------------------------------------------------------------------


def test_custom_attributes_are_called_custom(cognito):
    pool = cognito.create_user_pool(
        PoolName="p",
        Schema=[
            {
                "Name": "plan",
                "AttributeDataType": "String",
                "Mutable": False,
                "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "20"},
            },
            {
                "Name": "age",
                "AttributeDataType": "Number",
                "NumberAttributeConstraints": {"MinValue": "-1.5", "MaxValue": "200"},
            },
            {"Name": "secret", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
            {"Name": "member", "AttributeDataType": "Boolean"},
            {"Name": "since", "AttributeDataType": "DateTime"},
        ],
    )["UserPool"]

    common = {"DeveloperOnlyAttribute": False, "Mutable": True, "Required": False}
    assert pool["SchemaAttributes"][len(STANDARD_ATTRIBUTES) :] == [
        {
            **common,
            "Name": "custom:plan",
            "AttributeDataType": "String",
            "Mutable": False,
            "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "20"},
        },
        {
            **common,
            "Name": "custom:age",
            "AttributeDataType": "Number",
            "NumberAttributeConstraints": {"MinValue": "-1.5", "MaxValue": "200"},
        },
        {
            **common,
            "Name": "dev:custom:secret",
            "AttributeDataType": "String",
            "DeveloperOnlyAttribute": True,
            "StringAttributeConstraints": {},
        },
        {**common, "Name": "custom:member", "AttributeDataType": "Boolean"},
        {**common, "Name": "custom:since", "AttributeDataType": "DateTime"},
    ]


def test_a_standard_attribute_can_be_made_required_immutable_and_narrower(cognito):
    pool = cognito.create_user_pool(
        PoolName="p",
        Schema=[
            {
                "Name": "email",
                "Required": True,
                "Mutable": False,
                "StringAttributeConstraints": {"MaxLength": "100"},
            }
        ],
    )["UserPool"]

    assert attribute_names(pool) == STANDARD_ATTRIBUTES
    assert attribute_named(pool, "email") == {
        "Name": "email",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "100"},
    }


TEXT = {"Name": "x", "AttributeDataType": "String"}
BAD_ATTRIBUTES = {
    "required": (
        {**TEXT, "Required": True},
        "Required custom attributes are not supported currently.",
    ),
    "too long a minimum": (
        {**TEXT, "StringAttributeConstraints": {"MinLength": "2049"}},
        "user.custom:x: String attributes cannot have a length of more than 2048",
    ),
    "too long a maximum": (
        {**TEXT, "StringAttributeConstraints": {"MaxLength": "2049"}},
        "user.custom:x: String attributes cannot have a length of more than 2048",
    ),
    "maximum length below minimum": (
        {**TEXT, "StringAttributeConstraints": {"MinLength": "10", "MaxLength": "9"}},
        "user.custom:x: Max length cannot be less than min length.",
    ),
    "maximum value below minimum": (
        {
            "Name": "x",
            "AttributeDataType": "Number",
            "NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "0.5"},
        },
        "user.custom:x: Max value cannot be less than min value.",
    ),
    "length that is no number": (
        {**TEXT, "StringAttributeConstraints": {"MinLength": "-1"}},
        "user.custom:x: Attribute constraints must be numbers.",
    ),
    "value that is no number": (
        {
            "Name": "x",
            "AttributeDataType": "Number",
            "NumberAttributeConstraints": {"MaxValue": "1e999999"},
        },
        "user.custom:x: Attribute constraints must be numbers.",
    ),
    "no name": ({"AttributeDataType": "String"}, "A schema attribute needs a name."),
    "too long a name": (
        {"Name": "a" * 21, "AttributeDataType": "String"},
        f"1 validation error detected: Value '{'a' * 21}' at '{{}}.1.member.name' failed to"
        " satisfy constraint: Member must have length less than or equal to 20",
    ),
}


@pytest.mark.parametrize("fault", BAD_ATTRIBUTES)
def test_a_custom_attribute_that_no_pool_may_have(cognito, a_pool, described, fault):
    attribute, text = BAD_ATTRIBUTES[fault]
    pool_id = a_pool()

    with refused("InvalidParameterException", text.replace("{}", "schema")):
        cognito.create_user_pool(PoolName="p", Schema=[attribute])
    with refused("InvalidParameterException", text.replace("{}", "customAttributes")):
        cognito.add_custom_attributes(UserPoolId=pool_id, CustomAttributes=[attribute])

    assert attribute_names(described(pool_id)) == STANDARD_ATTRIBUTES


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        (
            {"Name": "email", "AttributeDataType": "Number"},
            "You can not change AttributeDataType or set developerOnlyAttribute for standard"
            " schema attribute email",
        ),
        (
            {"Name": "name", "DeveloperOnlyAttribute": True},
            "You can not change AttributeDataType or set developerOnlyAttribute for standard"
            " schema attribute name",
        ),
        (
            {"Name": "email", "StringAttributeConstraints": {"MaxLength": "3000"}},
            "user.email: String attributes cannot have a length of more than 2048",
        ),
        ({"Name": "sub", "Mutable": True}, "The attribute sub cannot be changed."),
    ],
)
def test_what_a_standard_attribute_cannot_become(cognito, attribute, text):
    with refused("InvalidParameterException", text):
        cognito.create_user_pool(PoolName="p", Schema=[attribute])


@pytest.mark.parametrize(("name", "full_name"), [("plan", "custom:plan"), ("email", "email")])
def test_a_schema_names_an_attribute_once(cognito, name, full_name):
    attribute = {"Name": name, "AttributeDataType": "String"}

    with refused(
        "InvalidParameterException",
        f"{full_name}: Existing attribute already has name {full_name}.",
    ):
        cognito.create_user_pool(PoolName="p", Schema=[attribute, attribute])


def test_custom_attributes_are_added_later(cognito, a_pool, described, clock):
    pool_id = a_pool(Schema=[{"Name": "one", "AttributeDataType": "String"}])
    later = clock.advance(timedelta(minutes=1))

    cognito.add_custom_attributes(
        UserPoolId=pool_id,
        CustomAttributes=[
            {"Name": "two", "AttributeDataType": "Boolean", "Mutable": False},
            {"Name": "email", "AttributeDataType": "String"},
        ],
    )

    pool = described(pool_id)
    assert attribute_names(pool)[20:] == ["custom:one", "custom:two", "custom:email"]
    assert attribute_named(pool, "custom:two")["Mutable"] is False
    assert pool["LastModifiedDate"] == later


def test_an_added_attribute_must_have_a_new_name(cognito, a_pool, described):
    pool_id = a_pool(Schema=[{"Name": "plan", "AttributeDataType": "String"}])

    with refused(
        "InvalidParameterException",
        "custom:plan: Existing attribute already has name custom:plan.",
    ):
        cognito.add_custom_attributes(
            UserPoolId=pool_id,
            CustomAttributes=[
                {"Name": "new", "AttributeDataType": "String"},
                {"Name": "plan", "AttributeDataType": "Number"},
            ],
        )

    assert attribute_names(described(pool_id))[20:] == ["custom:plan"]


def test_a_pool_has_at_most_fifty_custom_attributes(cognito, a_pool, described):
    many = [{"Name": f"a{number}", "AttributeDataType": "String"} for number in range(50)]
    pool_id = a_pool(Schema=many)

    with refused(
        "InvalidParameterException", "A user pool cannot have more than 50 custom attributes."
    ):
        cognito.add_custom_attributes(
            UserPoolId=pool_id, CustomAttributes=[{"Name": "one", "AttributeDataType": "String"}]
        )

    assert len(described(pool_id)["SchemaAttributes"]) == 70


def test_attributes_cannot_be_added_to_a_pool_that_does_not_exist(cognito):
    with refused("ResourceNotFoundException", f"User pool {NO_POOL} does not exist."):
        cognito.add_custom_attributes(
            UserPoolId=NO_POOL, CustomAttributes=[{"Name": "a", "AttributeDataType": "String"}]
        )


# --- changing ------------------------------------------------------------------------------------


def test_an_update_returns_what_it_does_not_give_to_its_default(cognito, described, clock):
    bare = cognito.create_user_pool(PoolName="people")["UserPool"]
    pool_id = cognito.create_user_pool(
        PoolName="people",
        Policies={
            "PasswordPolicy": {"MinimumLength": 20},
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]},
        },
        DeletionProtection="ACTIVE",
        LambdaConfig={"PreSignUp": FUNCTION},
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
        EmailVerificationMessage="m {####}",
        SmsAuthenticationMessage="m {####}",
        MfaConfiguration="OPTIONAL",
        SmsConfiguration=SMS,
        EmailConfiguration=OWN_EMAIL,
        DeviceConfiguration={"ChallengeRequiredOnNewDevice": True},
        AdminCreateUserConfig={
            "AllowAdminCreateUserOnly": True,
            "InviteMessageTemplate": {"EmailSubject": "hello"},
        },
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]},
        AcrConfiguration={"Level1": {"AcrValue": "low"}},
    )["UserPool"]["Id"]
    later = clock.advance(timedelta(hours=1))

    cognito.update_user_pool(UserPoolId=pool_id)

    changed = described(pool_id)
    own = {"Id": pool_id, "Arn": changed["Arn"], "LastModifiedDate": later}
    assert changed == {**bare, **own}


def test_an_update_keeps_what_cognito_keeps(cognito, described):
    kept = {
        "AliasAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": False},
        "UserPoolTags": {"team": "blue"},
        "UserPoolTier": "PLUS",
        "DcrConfiguration": {
            "EnableStatus": "Enabled",
            "OpenDcrEnabled": True,
            "AuthenticatedGrantTypes": [],
            "OpenDcrGrantTypes": ["code"],
        },
        "KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": KEY},
        "IssuerConfiguration": {"Type": "UPDATED"},
    }
    pool_id = cognito.create_user_pool(
        PoolName="people", Schema=[{"Name": "plan", "AttributeDataType": "String"}], **kept
    )["UserPool"]["Id"]

    cognito.update_user_pool(UserPoolId=pool_id, AutoVerifiedAttributes=["email"])

    pool = described(pool_id)
    assert pool["Name"] == "people"
    assert {name: pool[name] for name in kept} == kept
    assert attribute_names(pool)[20:] == ["custom:plan"]
    assert pool["AutoVerifiedAttributes"] == ["email"]


def test_an_update_replaces_what_it_gives(cognito, a_pool, described):
    pool_id = a_pool(UserPoolTags={"a": "b"})

    cognito.update_user_pool(
        UserPoolId=pool_id,
        PoolName="renamed",
        UserPoolTags={"c": "d"},
        UserPoolTier="PLUS",
        DeletionProtection="ACTIVE",
        IssuerConfiguration={"Type": "UPDATED"},
        AcrConfiguration={"Level4": {"AcrValue": "gold"}},
    )

    pool = described(pool_id)
    assert pool["Name"] == "renamed"
    assert pool["UserPoolTags"] == {"c": "d"}
    assert pool["UserPoolTier"] == "PLUS"
    assert pool["DeletionProtection"] == "ACTIVE"
    assert pool["IssuerConfiguration"] == {"Type": "UPDATED"}
    assert pool["AcrConfiguration"]["Level4"] == {"AcrValue": "gold"}


def test_a_description_sent_back_conflicts_over_the_old_setting(cognito, a_pool, described):
    pool_id = a_pool()
    pool = described(pool_id)
    back = {
        "UserPoolId": pool_id,
        "Policies": pool["Policies"],
        "AdminCreateUserConfig": pool["AdminCreateUserConfig"],
    }

    with refused(
        "InvalidParameterException",
        "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of"
        " UnusedAccountValidityDays",
    ):
        cognito.update_user_pool(**back)
    del back["AdminCreateUserConfig"]["UnusedAccountValidityDays"]
    cognito.update_user_pool(**back)


def test_a_pool_with_authenticator_apps_keeps_mfa_without_sms(cognito, a_pool):
    pool_id = a_pool()
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id,
        MfaConfiguration="ON",
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )

    cognito.update_user_pool(UserPoolId=pool_id, MfaConfiguration="OPTIONAL")

    answer = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    assert answer["MfaConfiguration"] == "OPTIONAL"
    assert answer["SoftwareTokenMfaConfiguration"] == {"Enabled": True}


def test_a_pool_with_mfa_by_e_mail_keeps_its_own_sender(cognito, a_pool):
    pool_id = a_pool(EmailConfiguration=OWN_EMAIL)
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id, MfaConfiguration="ON", EmailMfaConfiguration={"Subject": "code"}
    )

    with refused(
        "InvalidParameterException",
        "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an"
        " EmailSendingAccount of COGNITO_DEFAULT.",
    ):
        cognito.update_user_pool(UserPoolId=pool_id, MfaConfiguration="ON")
    cognito.update_user_pool(
        UserPoolId=pool_id, MfaConfiguration="ON", EmailConfiguration=OWN_EMAIL
    )

    answer = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    assert answer["EmailMfaConfiguration"] == {"Subject": "code"}


# --- tiers ---------------------------------------------------------------------------------------


def to_disable(tier, features):
    return (
        f"The following features need to be disabled for the {tier} pricing tier configured:"
        f" {features}"
    )


PRE_TOKEN_2 = {"PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": FUNCTION}}
BEYOND_LITE: dict[str, dict[str, Any]] = {
    "Threat Protection": {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}},
    "Token Customization with Pre-Token Generation Lambda V2_0": {"LambdaConfig": PRE_TOKEN_2},
    "Dynamic Client Registration": {"DcrConfiguration": {"EnableStatus": "Enabled"}},
    "Passwordless Sign-In": {
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    },
    "Password History": {"Policies": {"PasswordPolicy": {"PasswordHistorySize": 3}}},
    "Custom ACR Values": {"AcrConfiguration": {"Level1": {"AcrValue": "low"}}},
}
HOLDING_THE_TIER = list(BEYOND_LITE)[:3]


@pytest.mark.parametrize("feature", BEYOND_LITE)
def test_a_lite_pool_lacks_features(cognito, a_pool, feature):
    pool_id = a_pool(UserPoolTier="LITE")

    with refused("FeatureUnavailableInTierException", to_disable("LITE", feature)):
        cognito.create_user_pool(PoolName="p", UserPoolTier="LITE", **BEYOND_LITE[feature])
    with refused("FeatureUnavailableInTierException", to_disable("LITE", feature)):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE", **BEYOND_LITE[feature])


def test_an_essentials_pool_lacks_threat_protection(cognito):
    with refused(
        "FeatureUnavailableInTierException", to_disable("ESSENTIALS", "Threat Protection")
    ):
        cognito.create_user_pool(
            PoolName="p",
            UserPoolTier="ESSENTIALS",
            UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"},
        )


@pytest.mark.parametrize("feature", HOLDING_THE_TIER)
def test_a_feature_in_use_holds_the_tier(cognito, a_pool, described, feature):
    pool_id = a_pool(UserPoolTier="PLUS", **BEYOND_LITE[feature])

    with refused("TierChangeNotAllowedException", to_disable("LITE", feature)):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE", **BEYOND_LITE[feature])

    assert described(pool_id)["UserPoolTier"] == "PLUS"


def test_mfa_by_e_mail_holds_the_tier(cognito, a_pool):
    pool_id = a_pool(EmailConfiguration=OWN_EMAIL)
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id, MfaConfiguration="ON", EmailMfaConfiguration={}
    )

    with refused("TierChangeNotAllowedException", to_disable("LITE", "Email MFA")):
        cognito.update_user_pool(
            UserPoolId=pool_id,
            UserPoolTier="LITE",
            EmailConfiguration=OWN_EMAIL,
            MfaConfiguration="ON",
        )


def test_several_features_are_named_together(cognito):
    with refused(
        "FeatureUnavailableInTierException",
        to_disable("LITE", "Threat Protection, Passwordless Sign-In"),
    ):
        cognito.create_user_pool(
            PoolName="p",
            UserPoolTier="LITE",
            **BEYOND_LITE["Threat Protection"],
            **BEYOND_LITE["Passwordless Sign-In"],
        )


def test_a_tier_is_lowered_when_nothing_holds_it(cognito, a_pool, described):
    pool_id = a_pool(UserPoolTier="PLUS", **BEYOND_LITE["Threat Protection"])

    cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE")

    assert described(pool_id)["UserPoolTier"] == "LITE"


# --- tags at creation ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        (
            {f"tag{number}": "" for number in range(51)},
            "A resource cannot have more than 50 tags.",
        ),
        ({"aws:mine": "x"}, "Tag keys cannot begin with aws:"),
        ({"AWS:mine": "x"}, "Tag keys cannot begin with aws:"),
    ],
)
def test_tags_that_no_pool_may_have(cognito, a_pool, described, tags, text):
    pool_id = a_pool(UserPoolTags={"a": "b"})

    with refused("UserPoolTaggingException", text):
        cognito.create_user_pool(PoolName="p", UserPoolTags=tags)
    with refused("UserPoolTaggingException", text):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTags=tags)

    assert described(pool_id)["UserPoolTags"] == {"a": "b"}


# --- describing, deleting, listing ---------------------------------------------------------------


def test_a_pool_that_does_not_exist(cognito):
    text = f"User pool {NO_POOL} does not exist."

    with refused("ResourceNotFoundException", text):
        cognito.describe_user_pool(UserPoolId=NO_POOL)
    with refused("ResourceNotFoundException", text):
        cognito.update_user_pool(UserPoolId=NO_POOL)
    with refused("ResourceNotFoundException", text):
        cognito.delete_user_pool(UserPoolId=NO_POOL)


def test_a_deleted_pool_is_gone_with_its_clients_and_users(cognito, a_user, app, loop_thread):
    ada = a_user()

    cognito.delete_user_pool(UserPoolId=ada.pool_id)

    with refused("ResourceNotFoundException", f"User pool {ada.pool_id} does not exist."):
        cognito.describe_user_pool(UserPoolId=ada.pool_id)
    with refused("ResourceNotFoundException", f"User pool client {ada.client_id} does not exist."):
        cognito.initiate_auth(
            ClientId=ada.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": ada.password},
        )
    assert loop_thread.run(app.store.key_records.data_keys(PoolId(ada.pool_id))) == []
    assert loop_thread.run(app.store.users.estimate(PoolId(ada.pool_id))) == 0


def test_a_protected_pool_is_not_deleted(cognito, a_pool):
    pool_id = a_pool(DeletionProtection="ACTIVE")

    with refused(
        "InvalidParameterException",
        "The user pool cannot be deleted because deletion protection is activated. Deletion"
        " protection must be inactivated first.",
    ):
        cognito.delete_user_pool(UserPoolId=pool_id)
    cognito.update_user_pool(UserPoolId=pool_id, DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool_id)

    assert cognito.list_user_pools(MaxResults=10)["UserPools"] == []


def test_the_list_of_pools_shows_little_of_each(cognito, a_pool, clock):
    pool_id = a_pool(PoolName="people", LambdaConfig={"PreSignUp": FUNCTION})

    listed = cognito.list_user_pools(MaxResults=10)

    assert listed["UserPools"] == [
        {
            "Id": pool_id,
            "Name": "people",
            "LambdaConfig": {"PreSignUp": FUNCTION},
            "CreationDate": clock.now(),
            "LastModifiedDate": clock.now(),
        }
    ]
    assert "NextToken" not in listed


def test_pools_are_listed_page_by_page(cognito, a_pool):
    made = {a_pool() for _ in range(5)}

    pages = list(
        cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 2})
    )

    assert [len(page["UserPools"]) for page in pages] == [2, 2, 1]
    assert {pool["Id"] for page in pages for pool in page["UserPools"]} == made


def test_pools_are_listed_by_region(sdk, a_pool):
    here = a_pool()
    elsewhere = sdk("cognito-idp", region="eu-west-3")
    there = elsewhere.create_user_pool(PoolName="p")["UserPool"]["Id"]

    assert [pool["Id"] for pool in elsewhere.list_user_pools(MaxResults=9)["UserPools"]] == [there]
    assert here != there


def test_a_token_is_good_for_its_own_list_alone(cognito, sdk, a_pool, a_client):
    a_pool()
    pool_id = a_pool()
    for _ in range(2):
        a_client(pool_id)
    token = cognito.list_user_pools(MaxResults=1)["NextToken"]
    of_clients = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=1)["NextToken"]
    elsewhere = sdk("cognito-idp", region="eu-west-3")

    for client, bad in (
        (cognito, "nonsense"),
        (cognito, token[:-4] + "AAAA"),
        (cognito, of_clients),
        (elsewhere, token),
    ):
        with refused("InvalidParameterException", "Invalid pagination token"):
            client.list_user_pools(MaxResults=1, NextToken=bad)


def test_a_page_has_sixty_pools_at_most(cognito):
    with refused(
        "InvalidParameterException",
        "1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint:"
        " Member must have value less than or equal to 60",
    ):
        cognito.list_user_pools(MaxResults=61)


def test_an_account_has_at_most_a_thousand_pools_in_a_region(
    cognito, sdk, a_pool, app, loop_thread
):
    pool_id = a_pool()

    async def copies(tx):
        pool = await tx.pools.find(PoolId(pool_id))
        for number in range(999):
            await tx.pools.add(replace(pool, pool_id=PoolId(f"us-east-1_copy{number}")))

    loop_thread.run(app.store.change(copies))

    with refused("LimitExceededException", "The account has 1000 user pools, which is the limit."):
        cognito.create_user_pool(PoolName="one more")
    sdk("cognito-idp", region="eu-west-3").create_user_pool(PoolName="elsewhere")
    cognito.delete_user_pool(UserPoolId=pool_id)
    cognito.create_user_pool(PoolName="the thousandth again")
