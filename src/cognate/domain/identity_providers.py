"""
Identity providers of a pool: others by whom users may sign in. Source: federation.md, section 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from cognate.domain.attributes import NEVER_WRITTEN
from cognate.domain.ids import PoolId
from cognate.domain.pools import Pool
from cognate.domain.web_addresses import address_fault
from cognate.errors import InvalidParameterException
from cognate.protocol import saml_metadata
from cognate.protocol.saml_metadata import MetadataError, SamlMetadata

MAXIMUM_PROVIDERS = 300  # of one pool (user-pools.md J.3)
SOCIAL = frozenset({"Facebook", "Google", "LoginWithAmazon", "SignInWithApple"})
RESERVED_NAMES = frozenset({"COGNITO", "Cognito"})
USERNAME = "username"  # a target of mappings that is no attribute: always the subject

# What a provider calls the user's id; SAML's NameID is no attribute.
SUBJECTS = {
    "Facebook": "id",
    "Google": "sub",
    "LoginWithAmazon": "user_id",
    "SignInWithApple": "sub",
    "OIDC": "sub",
}

# Details that are kept sealed; the latter are not even shown to administrators.
SECRETS = frozenset({"client_secret", "private_key"})
NEVER_SHOWN = frozenset({"private_key"})

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "OIDC": (
        "client_id",
        "client_secret",
        "attributes_request_method",
        "oidc_issuer",
        "authorize_scopes",
    ),
    "SAML": (),
    "Google": ("client_id", "client_secret", "authorize_scopes"),
    "Facebook": ("client_id", "client_secret", "authorize_scopes"),
    "LoginWithAmazon": ("client_id", "client_secret", "authorize_scopes"),
    "SignInWithApple": ("client_id", "team_id", "key_id", "private_key", "authorize_scopes"),
}
# What is true of a provider unless its details say otherwise.
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "OIDC": {"attributes_url_add_attributes": "false"},
    "SAML": {},
    "Google": {
        "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
        "attributes_url_add_attributes": "true",
        "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
        "oidc_issuer": "https://accounts.google.com",
        "token_request_method": "POST",
        "token_url": "https://www.googleapis.com/oauth2/v4/token",
    },
    "Facebook": {
        "attributes_url": "https://graph.facebook.com/{version}/me?fields=",
        "attributes_url_add_attributes": "true",
        "authorize_url": "https://www.facebook.com/{version}/dialog/oauth",
        "token_request_method": "GET",
        "token_url": "https://graph.facebook.com/{version}/oauth/access_token",
    },
    "LoginWithAmazon": {
        "attributes_url": "https://api.amazon.com/user/profile",
        "attributes_url_add_attributes": "false",
        "authorize_url": "https://www.amazon.com/ap/oa",
        "token_request_method": "POST",
        "token_url": "https://api.amazon.com/auth/o2/token",
    },
    "SignInWithApple": {
        "attributes_url_add_attributes": "false",
        "authorize_url": "https://appleid.apple.com/auth/authorize",
        "oidc_issuer": "https://appleid.apple.com",
        "token_request_method": "POST",
        "token_url": "https://appleid.apple.com/auth/token",
    },
}
FACEBOOK_VERSION = "v17.0"
# What the server finds out by itself: not taken from a request.
DERIVED = ("SSORedirectBindingURI", "SLORedirectBindingURI", "ActiveEncryptionCertificate")

ADDRESSES = (
    "oidc_issuer",
    "authorize_url",
    "token_url",
    "attributes_url",
    "jwks_uri",
    "MetadataURL",
)
FLAGS = ("true", "false")
METHODS = ("GET", "POST")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "attributes_request_method": METHODS,
    "token_request_method": METHODS,
    "attributes_url_add_attributes": FLAGS,
    "IDPSignout": FLAGS,
    "IDPInit": FLAGS,
    "EncryptedResponses": FLAGS,
    "RequestSigningAlgorithm": ("rsa-sha256",),
}
LAST_OF_BASIC_PLANE = "\uffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """
    `details`: the wire's ProviderDetails without secrets; `sealed_details` has those, each under
    the pool's data key for `sealing_purpose`. `mapping`: attribute of the pool to the provider's
    claim. `entity_id`: of a SAML provider whose metadata was read.
    """

    pool_id: PoolId
    name: str
    type: str
    created_at: datetime
    modified_at: datetime
    details: Mapping[str, str] = field(default_factory=dict)
    sealed_details: Mapping[str, bytes] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    acr_mapping: Mapping[str, str] | None = None
    entity_id: str | None = None

    def sealing_purpose(self, key: str) -> str:
        """Binds a sealed detail to its key and to this provider."""
        return f"identity provider {key} {self.name}"


def completed(provider_type: str, details: Mapping[str, str]) -> dict[str, str]:
    """The details with what is true of every provider of this type beneath them."""
    version = details.get("api_version") or FACEBOOK_VERSION
    defaults = {
        key: value.replace("{version}", version) for key, value in DEFAULTS[provider_type].items()
    }
    return {**defaults, **{key: value for key, value in details.items() if key not in DERIVED}}


# --- rules ---------------------------------------------------------------------------------------


def check_name(name: str, provider_type: str) -> None:
    """
    Raises:
        InvalidParameterException: the pool's own name, or one that belongs to another type.
    """
    if name in RESERVED_NAMES:
        raise InvalidParameterException(f"The provider name {name} is reserved.")
    if (provider_type in SOCIAL or name in SOCIAL) and name != provider_type:
        raise InvalidParameterException(f"Provider {name} cannot be of type {provider_type}.")


Check: TypeAlias = Callable[[str, Mapping[str, str]], None]


def check_details(provider_type: str, details: Mapping[str, str], *, plain: bool) -> None:
    """
    The details as completed, secrets among them. `plain`: providers may be reached by http.

    Raises:
        InvalidParameterException: one is missing, or has a value that it cannot have.
    """
    for check in (
        required_details_are_there,
        choices_are_known,
        metadata_has_one_source,
    ):
        check(provider_type, details)
    for key in ADDRESSES:
        fault = address_fault(details[key], plain=plain) if key in details else None
        if fault is not None:
            raise InvalidParameterException(f"{key} {fault}")


def required_details_are_there(provider_type: str, details: Mapping[str, str]) -> None:
    missing = [key for key in REQUIRED[provider_type] if not details.get(key)]
    if missing:
        raise InvalidParameterException(f"Missing required ProviderDetails: {', '.join(missing)}")


def choices_are_known(_: str, details: Mapping[str, str]) -> None:
    for key, values in CHOICES.items():
        if key in details and details[key] not in values:
            raise InvalidParameterException(f"{key} must be {' or '.join(values)}.")


def metadata_has_one_source(provider_type: str, details: Mapping[str, str]) -> None:
    if provider_type != "SAML":
        return
    if bool(details.get("MetadataURL")) == bool(details.get("MetadataFile")):
        raise InvalidParameterException(
            "ProviderDetails must have either MetadataURL or MetadataFile."
        )


def metadata_of(document: str, *, now: datetime) -> SamlMetadata:
    """
    Raises:
        InvalidParameterException: it cannot be read, or nobody could sign in by it.
    """
    if max(document) > LAST_OF_BASIC_PLANE:
        raise InvalidParameterException("The metadata has characters of four bytes.")
    try:
        metadata = saml_metadata.parse(document)
    except MetadataError as cause:
        raise InvalidParameterException(f"The metadata {cause}.") from cause
    if metadata.sign_in_url is None:
        raise InvalidParameterException(
            "The metadata has no SingleSignOnService with the HTTP-Redirect binding."
        )
    for url in (metadata.sign_in_url, metadata.sign_out_url):
        fault = None if url is None else address_fault(url, plain=True)
        if fault is not None:
            raise InvalidParameterException(f"The metadata has an address that {fault}")
    if not any(_is_valid(certificate, now=now) for certificate in metadata.certificates):
        raise InvalidParameterException("The metadata has no valid signing certificate.")
    return metadata


def _is_valid(certificate: bytes, *, now: datetime) -> bool:
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(certificate).not_valid_after_utc > now
    except ValueError:
        return False


def checked_mapping(pool: Pool, provider_type: str, mapping: Mapping[str, str]) -> dict[str, str]:
    """
    The mapping with what always stands in it: the subject is the user's name.

    Raises:
        InvalidParameterException: a target that users do not have, or that nobody writes.
    """
    subject = SUBJECTS.get(provider_type)
    if USERNAME in mapping and mapping[USERNAME] != subject:
        raise InvalidParameterException(
            "The attribute mapping of username is the provider's subject and cannot be changed."
        )
    for target, claim in mapping.items():
        known = target == USERNAME or target in pool.schema_by_name
        if not known or target in NEVER_WRITTEN:
            raise InvalidParameterException(
                f"Invalid attribute mapping: {target} cannot be mapped."
            )
        if not claim:
            raise InvalidParameterException(f"Invalid attribute mapping: {target} has no claim.")
    return dict(mapping) if subject is None else {**mapping, USERNAME: subject}


def check_acr_mapping(provider_type: str, mapping: Mapping[str, str] | None) -> None:
    """
    Raises:
        InvalidParameterException: the type has no such mapping.
    """
    if mapping and provider_type != "OIDC":
        raise InvalidParameterException("AcrMapping is supported for OIDC providers only.")
