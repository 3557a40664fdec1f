"""Identity providers of a pool: what each type needs, what is shown of it, who may name it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from cognate.domain.identity_providers import MAXIMUM_PROVIDERS, IdentityProvider
from cognate.domain.ids import PoolId
from tests.inprocess import START
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
NO_PROVIDER = ("ResourceNotFoundException", "Identity provider Corporate does not exist.")

OIDC = {
    "client_id": "our-client",
    "client_secret": "our-secret",
    "attributes_request_method": "GET",
    "oidc_issuer": "https://id.example.com",
    "authorize_scopes": "openid email",
}
SOCIAL = {"client_id": "our-client", "client_secret": "our-secret", "authorize_scopes": "email"}
APPLE = {
    "client_id": "com.example.app",
    "team_id": "TEAM",
    "key_id": "KEY",
    "private_key": "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg",
    "authorize_scopes": "email name",
}


@pytest.fixture
def a_provider(cognito):
    """`a_provider(pool, "Corporate", "OIDC", {…details})` → the provider."""

    def create(pool, name="Corporate", kind="OIDC", details=OIDC, **arguments):
        return cognito.create_identity_provider(
            UserPoolId=pool,
            ProviderName=name,
            ProviderType=kind,
            ProviderDetails=details,
            **arguments,
        )["IdentityProvider"]

    return create


@pytest.fixture
def described(cognito):
    def describe(pool, name="Corporate"):
        answer = cognito.describe_identity_provider(UserPoolId=pool, ProviderName=name)
        return answer["IdentityProvider"]

    return describe


# --- making ---------------------------------------------------------------------------------------


def test_an_oidc_provider_is_made_and_described(a_pool, a_provider, described, clock):
    pool = a_pool()

    made = a_provider(
        pool,
        AttributeMapping={"email": "mail"},
        IdpIdentifiers=["corp", "corp.example.com"],
        AcrMapping={"Level2": "urn:example:two"},
    )

    assert made == {
        "UserPoolId": pool,
        "ProviderName": "Corporate",
        "ProviderType": "OIDC",
        "ProviderDetails": {**OIDC, "attributes_url_add_attributes": "false"},
        "AttributeMapping": {"email": "mail", "username": "sub"},
        "IdpIdentifiers": ["corp", "corp.example.com"],
        "AcrMapping": {"Level2": "urn:example:two"},
        "CreationDate": clock.now(),
        "LastModifiedDate": clock.now(),
    }
    assert described(pool) == made


@pytest.mark.parametrize(
    ("kind", "details", "subject", "added"),
    [
        (
            "Google",
            SOCIAL,
            "sub",
            {
                "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
                "attributes_url_add_attributes": "true",
                "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
                "oidc_issuer": "https://accounts.google.com",
                "token_request_method": "POST",
                "token_url": "https://www.googleapis.com/oauth2/v4/token",
            },
        ),
        (
            "Facebook",
            {**SOCIAL, "api_version": "v19.0"},
            "id",
            {
                "attributes_url": "https://graph.facebook.com/v19.0/me?fields=",
                "attributes_url_add_attributes": "true",
                "authorize_url": "https://www.facebook.com/v19.0/dialog/oauth",
                "token_request_method": "GET",
                "token_url": "https://graph.facebook.com/v19.0/oauth/access_token",
            },
        ),
        (
            "LoginWithAmazon",
            SOCIAL,
            "user_id",
            {
                "attributes_url": "https://api.amazon.com/user/profile",
                "attributes_url_add_attributes": "false",
                "authorize_url": "https://www.amazon.com/ap/oa",
                "token_request_method": "POST",
                "token_url": "https://api.amazon.com/auth/o2/token",
            },
        ),
    ],
)
def test_a_social_provider_brings_its_addresses(
    a_pool, a_provider, described, kind, details, subject, added
):
    pool = a_pool()

    a_provider(pool, kind, kind, details)

    shown = described(pool, kind)
    assert shown["ProviderDetails"] == {**details, **added}
    assert shown["AttributeMapping"] == {"username": subject}


def test_addresses_of_its_own_win(a_pool, a_provider):
    own = {**SOCIAL, "token_url": "https://fake-google.example.com/token"}

    shown = a_provider(a_pool(), "Google", "Google", own)["ProviderDetails"]

    assert shown["token_url"] == "https://fake-google.example.com/token"
    assert shown["oidc_issuer"] == "https://accounts.google.com"


def test_apple_s_private_key_is_never_shown(cognito, a_pool, a_provider, described):
    pool = a_pool()

    made = a_provider(pool, "SignInWithApple", "SignInWithApple", APPLE)

    assert "private_key" not in made["ProviderDetails"]
    assert made["ProviderDetails"]["token_url"] == "https://appleid.apple.com/auth/token"
    assert "private_key" not in described(pool, "SignInWithApple")["ProviderDetails"]
    # What was described can be sent back.
    cognito.update_identity_provider(
        UserPoolId=pool,
        ProviderName="SignInWithApple",
        ProviderDetails={**made["ProviderDetails"], "key_id": "OTHER"},
    )
    assert described(pool, "SignInWithApple")["ProviderDetails"]["key_id"] == "OTHER"


def test_secrets_lie_sealed(app, loop_thread, a_pool, a_provider):
    pool = a_pool()
    a_provider(pool)
    a_provider(pool, "SignInWithApple", "SignInWithApple", APPLE)

    for name, key, secret in (
        ("Corporate", "client_secret", "our-secret"),
        ("SignInWithApple", "private_key", APPLE["private_key"]),
    ):
        stored = loop_thread.run(app.store.identity_providers.find(PoolId(pool), name))
        assert key not in stored.details
        assert secret.encode() not in stored.sealed_details[key]


def test_the_schema_has_identities_once_there_is_a_provider(cognito, a_pool, a_provider):
    pool = a_pool(Schema=[{"Name": "tenant", "AttributeDataType": "String"}])

    def names():
        schema = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["SchemaAttributes"]
        return [attribute["Name"] for attribute in schema]

    assert "identities" not in names()
    a_provider(pool)
    a_provider(pool, "Google", "Google", SOCIAL)

    schema = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["SchemaAttributes"]
    assert schema[-2:] == [
        {
            "Name": "identities",
            "AttributeDataType": "String",
            "DeveloperOnlyAttribute": False,
            "Mutable": True,
            "Required": False,
            "StringAttributeConstraints": {},
        },
        {
            "Name": "custom:tenant",
            "AttributeDataType": "String",
            "DeveloperOnlyAttribute": False,
            "Mutable": True,
            "Required": False,
            "StringAttributeConstraints": {},
        },
    ]
    assert names().count("identities") == 1
    cognito.delete_identity_provider(UserPoolId=pool, ProviderName="Google")
    assert names().count("identities") == 1


def test_nobody_writes_identities(cognito, a_pool, a_client, a_user, a_provider):
    pool = a_pool()
    a_provider(pool)
    client = a_client(pool)["ClientId"]
    a_user(pool_id=pool, client_id=client)
    given = [{"Name": "identities", "Value": "[]"}]
    fixed = ("InvalidParameterException", "user.identities: Attribute cannot be updated.\n")

    with refused(*fixed):
        cognito.admin_update_user_attributes(UserPoolId=pool, Username="ada", UserAttributes=given)
    with refused(*fixed):
        cognito.admin_create_user(UserPoolId=pool, Username="bob", UserAttributes=given)
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        cognito.sign_up(
            ClientId=client, Username="bob", Password="Correct-horse1!", UserAttributes=given
        )
    with refused(
        "InvalidParameterException", "Invalid write attributes specified while creating a client"
    ):
        a_client(pool, WriteAttributes=["identities"])
    a_client(pool, ReadAttributes=["identities"])


# --- rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["COGNITO", "Cognito"])
def test_the_pool_s_own_name_is_reserved(a_pool, a_provider, name):
    with refused("InvalidParameterException", f"The provider name {name} is reserved."):
        a_provider(a_pool(), name)


@pytest.mark.parametrize(
    ("name", "kind", "details"),
    [("MyGoogle", "Google", SOCIAL), ("Google", "OIDC", OIDC), ("Facebook", "Google", SOCIAL)],
)
def test_a_social_provider_is_called_by_its_type(a_pool, a_provider, name, kind, details):
    with refused("InvalidParameterException", f"Provider {name} cannot be of type {kind}."):
        a_provider(a_pool(), name, kind, details)


def test_a_name_is_taken_once_in_a_pool(a_pool, a_provider):
    pool, other = a_pool(), a_pool()
    a_provider(pool)

    with refused("DuplicateProviderException", f"Corporate already exists in user pool {pool}"):
        a_provider(pool)

    a_provider(pool, "corporate")
    a_provider(other)


@pytest.mark.parametrize(
    ("kind", "details", "missing"),
    [
        (
            "OIDC",
            {},
            "client_id, client_secret, attributes_request_method, oidc_issuer, authorize_scopes",
        ),
        ("OIDC", {**OIDC, "client_secret": ""}, "client_secret"),
        ("Google", {"client_id": "us"}, "client_secret, authorize_scopes"),
        ("Facebook", {**SOCIAL, "client_id": ""}, "client_id"),
        ("LoginWithAmazon", {}, "client_id, client_secret, authorize_scopes"),
        ("SignInWithApple", SOCIAL, "team_id, key_id, private_key"),
    ],
)
def test_each_type_needs_its_details(a_pool, a_provider, kind, details, missing):
    name = "Corporate" if kind == "OIDC" else kind

    with refused("InvalidParameterException", f"Missing required ProviderDetails: {missing}"):
        a_provider(a_pool(), name, kind, details)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("attributes_request_method", "PUT", "attributes_request_method must be GET or POST."),
        ("token_request_method", "get", "token_request_method must be GET or POST."),
        (
            "attributes_url_add_attributes",
            "yes",
            "attributes_url_add_attributes must be true or false.",
        ),
        ("oidc_issuer", "id.example.com", "oidc_issuer is not a valid URL."),
        ("token_url", "javascript:alert(1)", "token_url is not a valid URL."),
        ("jwks_uri", "https://user@id.example.com/keys", "jwks_uri is not a valid URL."),
        (
            "authorize_url",
            "https://id.example.com\\@evil.example",
            "authorize_url is not a valid URL.",
        ),
        ("attributes_url", "https://id.example.com/me#x", "attributes_url cannot have a fragment."),
    ],
)
def test_details_have_values_that_can_be_used(a_pool, a_provider, key, value, text):
    with refused("InvalidParameterException", text):
        a_provider(a_pool(), details={**OIDC, key: value})


def test_attributes_are_mapped_to_those_that_users_have(a_pool, a_provider):
    pool = a_pool(Schema=[{"Name": "tenant", "AttributeDataType": "String"}])

    made = a_provider(pool, AttributeMapping={"custom:tenant": "org", "username": "sub"})

    assert made["AttributeMapping"] == {"custom:tenant": "org", "username": "sub"}
    for target in ("custom:other", "sub", "identities"):
        with refused(
            "InvalidParameterException", f"Invalid attribute mapping: {target} cannot be mapped."
        ):
            a_provider(pool, "Another", AttributeMapping={target: "org"})
    with refused("InvalidParameterException", "Invalid attribute mapping: email has no claim."):
        a_provider(pool, "Another", AttributeMapping={"email": ""})


def test_the_user_name_is_always_the_subject(a_pool, a_provider):
    with refused(
        "InvalidParameterException",
        "The attribute mapping of username is the provider's subject and cannot be changed.",
    ):
        a_provider(a_pool(), AttributeMapping={"username": "email"})


def test_levels_are_mapped_for_oidc_alone(a_pool, a_provider):
    with refused("InvalidParameterException", "AcrMapping is supported for OIDC providers only."):
        a_provider(a_pool(), "Google", "Google", SOCIAL, AcrMapping={"Level1": "one"})


def test_an_identifier_leads_to_one_provider(cognito, a_pool, a_provider):
    pool, other = a_pool(), a_pool()
    a_provider(pool, IdpIdentifiers=["corp"])
    taken = (
        "InvalidParameterException",
        f"The identifier corp is used by another identity provider of user pool {pool}",
    )

    with refused(*taken):
        a_provider(pool, "Another", IdpIdentifiers=["new", "corp"])
    a_provider(pool, "Another", IdpIdentifiers=["new"])
    with refused(*taken):
        cognito.update_identity_provider(
            UserPoolId=pool, ProviderName="Another", IdpIdentifiers=["corp"]
        )

    def found(pool, identifier):
        answer = cognito.get_identity_provider_by_identifier(
            UserPoolId=pool, IdpIdentifier=identifier
        )
        return answer["IdentityProvider"]["ProviderName"]

    assert (found(pool, "corp"), found(pool, "new")) == ("Corporate", "Another")
    with refused(
        "ResourceNotFoundException", "Identity provider with identifier corp does not exist."
    ):
        found(other, "corp")
    a_provider(other, IdpIdentifiers=["corp", "corp"])
    assert found(other, "corp") == "Corporate"


def test_a_pool_has_three_hundred_at_most(app, loop_thread, a_pool, a_provider):
    pool = a_pool()

    async def fill(tx):
        for number in range(MAXIMUM_PROVIDERS - 1):
            await tx.identity_providers.add(
                IdentityProvider(
                    pool_id=PoolId(pool),
                    name=f"Provider{number}",
                    type="OIDC",
                    created_at=START,
                    modified_at=START,
                )
            )

    loop_thread.run(app.store.change(fill))
    a_provider(pool)

    with refused(
        "LimitExceededException", "A user pool cannot have more than 300 identity providers."
    ):
        a_provider(pool, "Another")


# --- SAML -----------------------------------------------------------------------------------------


def certificate(*, until=datetime(2036, 1, 1, tzinfo=UTC)):
    """Base64 of a certificate's DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(until - timedelta(days=3650))
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


def metadata(
    *, binding="HTTP-Redirect", key=None, use="signing", sso="https://idp.example.com/sso"
):
    """What an identity provider tells of itself."""
    return f"""<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="{use}">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
        <ds:X509Certificate>
          {key or certificate()}
        </ds:X509Certificate>
      </ds:X509Data></ds:KeyInfo>
    </md:KeyDescriptor>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
      Location="https://idp.example.com/slo"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:{binding}"
      Location="{sso}"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"""


def test_a_saml_provider_tells_its_addresses_by_its_metadata(a_pool, a_provider, described):
    pool = a_pool()
    details = {"MetadataFile": metadata(), "IDPSignout": "true", "IDPInit": "false"}

    a_provider(pool, kind="SAML", details=details, AttributeMapping={"email": "mail"})

    shown = described(pool)
    assert shown["ProviderDetails"] == {
        **details,
        "SSORedirectBindingURI": "https://idp.example.com/sso",
        "SLORedirectBindingURI": "https://idp.example.com/slo",
    }
    assert shown["AttributeMapping"] == {"email": "mail"}  # a NameID has no name


def test_what_was_described_of_saml_can_be_sent_back(cognito, a_pool, a_provider, described):
    pool = a_pool()
    a_provider(pool, kind="SAML", details={"MetadataFile": metadata()})
    shown = described(pool)["ProviderDetails"]
    shown["MetadataFile"] = metadata(sso="https://idp.example.com/new")

    cognito.update_identity_provider(
        UserPoolId=pool, ProviderName="Corporate", ProviderDetails=shown
    )

    stored = described(pool)["ProviderDetails"]
    assert stored["SSORedirectBindingURI"] == "https://idp.example.com/new"


def test_metadata_may_stay_where_it_is(a_pool, a_provider):
    details = {"MetadataURL": "https://idp.example.com/metadata"}

    made = a_provider(a_pool(), kind="SAML", details=details)

    assert made["ProviderDetails"] == details


@pytest.mark.parametrize(
    "details",
    [{}, {"MetadataURL": "https://idp.example.com/metadata", "MetadataFile": "<a/>"}],
)
def test_metadata_has_one_source(a_pool, a_provider, details):
    with refused(
        "InvalidParameterException",
        "ProviderDetails must have either MetadataURL or MetadataFile.",
    ):
        a_provider(a_pool(), kind="SAML", details=details)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("no XML", "The metadata is not well-formed XML."),
        ("<EntityDescriptor entityID='x'/>", "The metadata describes no entity."),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "The metadata has a document type declaration."),
        ("<a>" * 60 + "</a>" * 60, "The metadata is nested too deeply."),
        ("<a>\U0001f600</a>", "The metadata has characters of four bytes."),
        (
            metadata(binding="HTTP-POST"),
            "The metadata has no SingleSignOnService with the HTTP-Redirect binding.",
        ),
        (
            metadata(sso="javascript:alert(1)"),
            "The metadata has an address that is not a valid URL.",
        ),
        (metadata(key="%%%"), "The metadata has a certificate that is not Base64."),
        (metadata(key="AAAA"), "The metadata has no valid signing certificate."),
        (metadata(use="encryption"), "The metadata has no valid signing certificate."),
        (
            metadata(key=certificate(until=datetime(2025, 1, 1, tzinfo=UTC))),
            "The metadata has no valid signing certificate.",
        ),
    ],
)
def test_metadata_by_which_nobody_could_sign_in_is_refused(a_pool, a_provider, document, text):
    with refused("InvalidParameterException", text):
        a_provider(a_pool(), kind="SAML", details={"MetadataFile": document})


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("IDPSignout", "IDPSignout must be true or false."),
        ("IDPInit", "IDPInit must be true or false."),
        ("EncryptedResponses", "EncryptedResponses must be true or false."),
        ("RequestSigningAlgorithm", "RequestSigningAlgorithm must be rsa-sha256."),
    ],
)
def test_saml_s_switches_are_on_or_off(a_pool, a_provider, key, text):
    details = {"MetadataURL": "https://idp.example.com/metadata", key: "maybe"}

    with refused("InvalidParameterException", text):
        a_provider(a_pool(), kind="SAML", details=details)


# --- changing, listing, deleting ------------------------------------------------------------------


def test_a_change_leaves_what_it_does_not_name(cognito, a_pool, a_provider, described, clock):
    pool = a_pool()
    made = a_provider(
        pool,
        AttributeMapping={"email": "mail"},
        IdpIdentifiers=["corp"],
        AcrMapping={"Level1": "one"},
    )
    later = clock.advance(timedelta(minutes=1))

    cognito.update_identity_provider(
        UserPoolId=pool,
        ProviderName="Corporate",
        ProviderDetails={**OIDC, "client_secret": "another"},
    )

    assert described(pool) == {
        **made,
        "ProviderDetails": {**made["ProviderDetails"], "client_secret": "another"},
        "LastModifiedDate": later,
    }

    cognito.update_identity_provider(
        UserPoolId=pool,
        ProviderName="Corporate",
        AttributeMapping={"name": "cn"},
        IdpIdentifiers=[],
        AcrMapping={},
    )
    changed = described(pool)
    assert changed["AttributeMapping"] == {"name": "cn", "username": "sub"}
    assert changed["IdpIdentifiers"] == []
    assert "AcrMapping" not in changed
    assert changed["ProviderDetails"]["client_secret"] == "another"


def test_a_change_keeps_the_rules(cognito, a_pool, a_provider, described):
    pool = a_pool()
    made = a_provider(pool)

    with refused("InvalidParameterException", "Missing required ProviderDetails: client_secret"):
        details = {key: value for key, value in OIDC.items() if key != "client_secret"}
        cognito.update_identity_provider(
            UserPoolId=pool, ProviderName="Corporate", ProviderDetails=details
        )
    with refused("InvalidParameterException", "Invalid attribute mapping: sub cannot be mapped."):
        cognito.update_identity_provider(
            UserPoolId=pool, ProviderName="Corporate", AttributeMapping={"sub": "sub"}
        )

    assert described(pool) == made


def test_the_pool_s_own_users_are_no_provider_to_change(cognito, a_pool):
    pool = a_pool()
    text = "The identity provider COGNITO cannot be changed or deleted."

    with refused("UnsupportedIdentityProviderException", text):
        cognito.update_identity_provider(UserPoolId=pool, ProviderName="COGNITO")
    with refused("UnsupportedIdentityProviderException", text):
        cognito.delete_identity_provider(UserPoolId=pool, ProviderName="COGNITO")


def test_providers_are_listed_by_name_page_by_page(cognito, a_pool, a_provider, clock):
    pool, other = a_pool(), a_pool()
    for name in ("Third", "First", "Second"):
        a_provider(pool, name)
    a_provider(other, "Fourth")

    first = cognito.list_identity_providers(UserPoolId=pool, MaxResults=2)
    rest = cognito.list_identity_providers(
        UserPoolId=pool, MaxResults=2, NextToken=first["NextToken"]
    )

    assert first["Providers"] == [
        {
            "ProviderName": name,
            "ProviderType": "OIDC",
            "CreationDate": clock.now(),
            "LastModifiedDate": clock.now(),
        }
        for name in ("First", "Second")
    ]
    assert [provider["ProviderName"] for provider in rest["Providers"]] == ["Third"]
    assert "NextToken" not in rest
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.list_identity_providers(UserPoolId=other, NextToken=first["NextToken"])


def test_a_deleted_provider_is_gone_with_its_identifiers(cognito, a_pool, a_provider):
    pool = a_pool()
    a_provider(pool, IdpIdentifiers=["corp"])

    cognito.delete_identity_provider(UserPoolId=pool, ProviderName="Corporate")

    with refused(*NO_PROVIDER):
        cognito.describe_identity_provider(UserPoolId=pool, ProviderName="Corporate")
    with refused(*NO_PROVIDER):
        cognito.delete_identity_provider(UserPoolId=pool, ProviderName="Corporate")
    a_provider(pool, "Another", IdpIdentifiers=["corp"])


def test_another_pool_s_provider_is_as_good_as_none(cognito, a_pool, a_provider, described):
    pool, other = a_pool(), a_pool()
    made = a_provider(pool)

    with refused(*NO_PROVIDER):
        described(other)
    with refused(*NO_PROVIDER):
        cognito.update_identity_provider(
            UserPoolId=other, ProviderName="Corporate", AttributeMapping={}
        )
    with refused(*NO_PROVIDER):
        cognito.delete_identity_provider(UserPoolId=other, ProviderName="Corporate")

    assert described(pool) == made


def test_a_pool_that_is_not_there_has_none(cognito, app):
    gone = ("ResourceNotFoundException", f"User pool {NO_POOL} does not exist.")
    for call, arguments in (
        (
            cognito.create_identity_provider,
            {"ProviderName": "Corporate", "ProviderType": "OIDC", "ProviderDetails": OIDC},
        ),
        (cognito.describe_identity_provider, {"ProviderName": "Corporate"}),
        (cognito.update_identity_provider, {"ProviderName": "Corporate"}),
        (cognito.delete_identity_provider, {"ProviderName": "Corporate"}),
        (cognito.list_identity_providers, {}),
        (cognito.get_identity_provider_by_identifier, {"IdpIdentifier": "corp"}),
    ):
        with refused(*gone):
            call(UserPoolId=NO_POOL, **arguments)


# --- clients --------------------------------------------------------------------------------------


def test_a_client_names_providers_that_exist(cognito, a_pool, a_client, a_provider):
    pool, other = a_pool(), a_pool()
    a_provider(pool)

    client = a_client(pool, SupportedIdentityProviders=["COGNITO", "Corporate"])

    assert client["SupportedIdentityProviders"] == ["COGNITO", "Corporate"]
    unknown = "InvalidParameterException"
    with refused(unknown, f"The provider Google does not exist for User Pool {pool}."):
        a_client(pool, SupportedIdentityProviders=["Google"])
    with refused(unknown, f"The provider Google does not exist for User Pool {pool}."):
        cognito.update_user_pool_client(
            UserPoolId=pool, ClientId=client["ClientId"], SupportedIdentityProviders=["Google"]
        )
    with refused(unknown, f"The provider Corporate does not exist for User Pool {other}."):
        a_client(other, SupportedIdentityProviders=["Corporate"])
