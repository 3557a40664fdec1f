"""App clients: how an application may talk to its pool. Source: user-pools.md C.8."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from cognate.domain.attributes import (
    NEVER_WRITTEN,
    STANDARD_NAMES,
    VERIFIED_FLAGS,
    SchemaAttribute,
)
from cognate.domain.ids import ClientId, PoolId
from cognate.domain.pools import Pool
from cognate.domain.tiers import includes, unavailable
from cognate.errors import (
    InvalidOAuthFlowException,
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
    ScopeDoesNotExistException,
)

DEFAULT_FLOWS = frozenset({"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"})
LEGACY_FLOWS = {
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY": "ALLOW_CUSTOM_AUTH",
}
UNITS = {
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
DEFAULT_REFRESH_TOKEN_VALIDITY = 30  # days
SHORTEST_TOKEN_LIFETIME = timedelta(minutes=5)  # of access and ID tokens
LONGEST_TOKEN_LIFETIME = timedelta(days=1)
SHORTEST_REFRESH_TOKEN_LIFETIME = timedelta(minutes=60)
LONGEST_REFRESH_TOKEN_LIFETIME = timedelta(days=3650)

MAXIMUM_CLIENTS = 1000  # of one pool (user-pools.md J.3)
MAXIMUM_SECRETS = 2

USER_POOL_PROVIDER = "COGNITO"  # the pool's own users, among identity providers
SYSTEM_SCOPES = frozenset(
    {
        "openid",
        "email",
        "phone",
        "profile",
        "aws.cognito.signin.user.admin",
        "aws.cognito/dcr/register",
    }
)
# Scopes about a user; client_credentials has none (oauth-and-login.md, section 4).
USER_SCOPES = SYSTEM_SCOPES - {"aws.cognito/dcr/register"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """
    One of a client's at most two secrets, sealed under the pool's data key.

    `is_described`: made with the client, so that DescribeUserPoolClient shows it; one that was
    added later is shown once.
    """

    secret_id: str  # CLIENT_ID--EPOCH_SECONDS
    sealed: bytes
    created_at: datetime
    is_described: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenRotation:
    enabled: bool
    retry_grace_period: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """
    One app client of one pool. None members were not set; what they then mean is in the
    properties. Validities are in the unit of `validity_units` (defaults hours, hours, days).
    """

    pool_id: PoolId
    client_id: ClientId
    name: str
    created_at: datetime
    modified_at: datetime
    secrets: tuple[ClientSecret, ...] = ()
    explicit_flows: tuple[str, ...] | None = None
    read_attributes: tuple[str, ...] | None = None
    write_attributes: tuple[str, ...] | None = None
    refresh_token_validity: int = DEFAULT_REFRESH_TOKEN_VALIDITY
    access_token_validity: int | None = None
    id_token_validity: int | None = None
    validity_units: Mapping[str, str] | None = None  # AccessToken, IdToken, RefreshToken
    auth_session_validity: int = 3  # minutes
    hides_user_existence: bool | None = None  # PreventUserExistenceErrors; None: not set
    token_revocation: bool = True
    rotation: RefreshTokenRotation | None = None
    sso_session_minutes: int | None = None
    client_type: str = "REGULAR"  # REGULAR | DCR (dynamically registered)
    allows_oauth: bool = False  # AllowedOAuthFlowsUserPoolClient
    oauth_flows: tuple[str, ...] | None = None  # code, implicit, client_credentials
    oauth_scopes: tuple[str, ...] | None = None
    callback_urls: tuple[str, ...] | None = None
    logout_urls: tuple[str, ...] | None = None
    default_redirect_uri: str | None = None
    identity_providers: tuple[str, ...] | None = None
    propagates_user_context: bool = False
    echoed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def allowed_flows(self) -> frozenset[str]:
        """The ALLOW_* flags in force, with older names translated (a legacy list adds to SRP)."""
        flows = self.explicit_flows
        if not flows:
            return DEFAULT_FLOWS
        if not any(flow in LEGACY_FLOWS for flow in flows):
            return frozenset(flows)
        translated = {LEGACY_FLOWS[flow] for flow in flows if flow in LEGACY_FLOWS}
        if "CUSTOM_AUTH_FLOW_ONLY" in flows:
            return frozenset(translated | {"ALLOW_REFRESH_TOKEN_AUTH"})
        return frozenset(translated | {"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"})

    @property
    def access_token_lifetime(self) -> timedelta:
        return self._lifetime("AccessToken", self.access_token_validity or 1, "hours")

    @property
    def id_token_lifetime(self) -> timedelta:
        return self._lifetime("IdToken", self.id_token_validity or 1, "hours")

    @property
    def refresh_token_lifetime(self) -> timedelta:
        validity = self.refresh_token_validity
        if not validity:  # 0 means thirty days, whatever the unit
            return timedelta(days=DEFAULT_REFRESH_TOKEN_VALIDITY)
        return self._lifetime("RefreshToken", validity, "days")

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(minutes=self.auth_session_validity)

    def _lifetime(self, token: str, validity: int, default_unit: str) -> timedelta:
        unit = (self.validity_units or {}).get(token) or default_unit
        return validity * UNITS[unit]

    def may_read(self, name: str) -> bool:
        if name == "sub":
            return True
        return self.read_attributes is None or name in self.read_attributes

    def may_write(self, attribute: SchemaAttribute) -> bool:
        """Required attributes are writable by every client; the verified flags by none."""
        if attribute.name in VERIFIED_FLAGS | NEVER_WRITTEN or attribute.developer_only:
            return False
        if attribute.required:
            return True
        if self.write_attributes is None:
            return attribute.name in STANDARD_NAMES or attribute.name.startswith("custom:")
        return attribute.name in self.write_attributes

    def new_secret_id(self, now: datetime) -> str:
        """The first free one from the second of `now` on: ids name the second of creation."""
        taken = {secret.secret_id for secret in self.secrets}
        second = int(now.timestamp())
        while f"{self.client_id}--{second}" in taken:
            second += 1
        return f"{self.client_id}--{second}"

    def with_secret(self, secret: ClientSecret, *, now: datetime) -> "Client":
        """
        Raises:
            InvalidParameterException: the client is public, or was registered dynamically.
            LimitExceededException: it has two secrets.
        """
        if self.client_type == "DCR":
            raise InvalidParameterException(
                "Secrets cannot be added to a dynamically registered client."
            )
        if not self.secrets:
            raise InvalidParameterException("Secrets cannot be added to a client without a secret.")
        if len(self.secrets) >= MAXIMUM_SECRETS:
            raise LimitExceededException(
                f"A client cannot have more than {MAXIMUM_SECRETS} secrets."
            )
        return replace(self, secrets=(*self.secrets, secret), modified_at=now)

    def without_secret(self, secret_id: str, *, now: datetime) -> "Client":
        """
        Raises:
            ResourceNotFoundException: the client has no such secret.
            InvalidParameterException: it is the only one.
        """
        rest = tuple(secret for secret in self.secrets if secret.secret_id != secret_id)
        if len(rest) == len(self.secrets):
            raise ResourceNotFoundException(f"Client secret {secret_id} does not exist.")
        if not rest:
            raise InvalidParameterException("The last secret of a client cannot be deleted.")
        return replace(self, secrets=rest, modified_at=now)


# --- rules that a client's settings keep together -------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a client's settings may name. `doing`: "creating" or "updating", for refusals."""

    pool: Pool
    scopes: Collection[str]  # custom ones: resource server identifier, slash, name
    identity_providers: Collection[str]  # beside the pool itself
    doing: str


Check: TypeAlias = Callable[[Client, Surroundings], None]


def check_settings(client: Client, surroundings: Surroundings) -> None:
    """
    Every rule, in order.

    Raises:
        InvalidParameterException, InvalidOAuthFlowException, ScopeDoesNotExistException,
            FeatureUnavailableInTierException: the first rule that the settings break.
    """
    for check in CHECKS:
        check(client, surroundings)


def flow_names_are_of_one_kind(client: Client, _: Surroundings) -> None:
    kinds = {flow in LEGACY_FLOWS for flow in client.explicit_flows or ()}
    if len(kinds) > 1:
        raise InvalidParameterException(
            "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names."
        )


def refresh_is_not_both_rotated_and_plain(client: Client, _: Surroundings) -> None:
    rotates = client.rotation is not None and client.rotation.enabled
    if rotates and "ALLOW_REFRESH_TOKEN_AUTH" in (client.explicit_flows or ()):
        raise InvalidParameterException(
            "ALLOW_REFRESH_TOKEN_AUTH is not a permitted ExplicitAuthFlow when refresh token"
            " rotation is enabled."
        )


def token_lifetimes_are_in_range(client: Client, _: Surroundings) -> None:
    short = (client.access_token_lifetime, client.id_token_lifetime)
    refresh = client.refresh_token_lifetime
    if not (
        all(SHORTEST_TOKEN_LIFETIME <= one <= LONGEST_TOKEN_LIFETIME for one in short)
        and SHORTEST_REFRESH_TOKEN_LIFETIME <= refresh <= LONGEST_REFRESH_TOKEN_LIFETIME
    ):
        raise InvalidParameterException("Invalid range for token validity.")
    if refresh < max(short):
        raise InvalidParameterException(
            "Access and Id Token expiration times must be less than or equal to refresh token"
            " expiration times."
        )


def attributes_are_in_the_schema(client: Client, surroundings: Surroundings) -> None:
    """The verified flags and what the server sets are readable, but no client may write them."""
    schema = surroundings.pool.schema_by_name
    never_written = VERIFIED_FLAGS | NEVER_WRITTEN
    for kind, names, excluded in (
        ("read", client.read_attributes, frozenset[str]()),
        ("write", client.write_attributes, never_written),
    ):
        if any(name not in schema or name in excluded for name in names or ()):
            raise InvalidParameterException(
                f"Invalid {kind} attributes specified while {surroundings.doing} a client"
            )


def user_context_needs_a_secret(client: Client, _: Surroundings) -> None:
    if client.propagates_user_context and not client.secrets:
        raise InvalidParameterException(
            "Client Secret is required to set EnablePropagateAdditionalUserContextData as true"
        )


def urls_can_be_redirected_to(client: Client, _: Surroundings) -> None:
    for url in (*(client.callback_urls or ()), *(client.logout_urls or ())):
        fault = redirect_fault(url)
        if fault is not None:
            raise InvalidParameterException(f"{url} {fault}")
    default = client.default_redirect_uri
    if default is not None and default not in (client.callback_urls or ()):
        raise InvalidParameterException(
            f"The default redirect URI {default} is not in the callback URIs list."
        )


def oauth_flows_fit(client: Client, _: Surroundings) -> None:
    flows = set(client.oauth_flows or ())
    if client.allows_oauth and not (flows and client.oauth_scopes):
        raise InvalidOAuthFlowException(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed"
            " to use OAuth flows."
        )
    if "client_credentials" in flows:
        if len(flows) > 1:
            raise InvalidOAuthFlowException(
                "client_credentials flow can not be selected along with code flow or implicit flow."
            )
        if not client.secrets:
            raise InvalidOAuthFlowException(
                "client_credentials flow can not be selected if client does not have a client"
                " secret."
            )
        for scope in client.oauth_scopes or ():
            if scope in USER_SCOPES:
                raise InvalidOAuthFlowException(
                    f"{scope} is not supported with client_credentials flow"
                )
    elif flows and client.allows_oauth and not client.callback_urls:
        raise InvalidOAuthFlowException(
            "CallbackUrls can not be empty when code flow or implicit flow is selected"
        )


def scopes_exist(client: Client, surroundings: Surroundings) -> None:
    for scope in client.oauth_scopes or ():
        if scope not in SYSTEM_SCOPES and scope not in surroundings.scopes:
            raise ScopeDoesNotExistException(f"Invalid scope requested: {scope}")


def identity_providers_exist(client: Client, surroundings: Surroundings) -> None:
    for name in client.identity_providers or ():
        if name != USER_POOL_PROVIDER and name not in surroundings.identity_providers:
            raise InvalidParameterException(
                f"The provider {name} does not exist for User Pool {client.pool_id}."
            )


def choice_of_factors_is_in_the_tier(client: Client, surroundings: Surroundings) -> None:
    tier = surroundings.pool.tier
    if "ALLOW_USER_AUTH" in (client.explicit_flows or ()) and not includes(tier, "ESSENTIALS"):
        raise unavailable(tier, "Passwordless Sign-In")


CHECKS: tuple[Check, ...] = (
    flow_names_are_of_one_kind,
    choice_of_factors_is_in_the_tier,
    refresh_is_not_both_rotated_and_plain,
    token_lifetimes_are_in_range,
    attributes_are_in_the_schema,
    user_context_needs_a_secret,
    urls_can_be_redirected_to,
    oauth_flows_fit,
    scopes_exist,
    identity_providers_exist,
)

# Schemes that a browser runs, shows or reads instead of handing the address to an application.
UNSAFE_SCHEMES = frozenset(
    {"about", "blob", "data", "file", "filesystem", "ftp", "javascript", "vbscript", "view-source"}
)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def redirect_fault(url: str) -> str | None:
    """
    Why browsers may not be sent to `url`, or None: it is absolute, has no fragment, and is https,
    http to this machine, or of an application's own scheme.

    Source: oauth-and-login.md, /oauth2/authorize, redirect_uri.
    """
    if "#" in url:
        return "cannot use fragment"
    scheme, colon, rest = url.partition(":")
    scheme = scheme.lower()
    if not colon or SCHEME.fullmatch(scheme) is None or not rest:
        return "is not an absolute URL."
    if scheme in UNSAFE_SCHEMES:
        return f"cannot use the {scheme} scheme."
    if scheme not in ("http", "https"):
        return None
    try:
        host = urlsplit(url).hostname if rest.startswith("//") else None
    except ValueError:
        host = None
    # Browsers read a backslash as a slash, and what stands before an @ as a name.
    if not host or "\\" in url or "@" in urlsplit(url).netloc:
        return "is not an absolute URL."
    if scheme == "http" and host not in LOOPBACK_HOSTS:
        return "cannot use the HTTP protocol."
    return None
