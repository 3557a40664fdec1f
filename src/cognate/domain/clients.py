"""App clients: how an application may talk to its pool. Source: user-pools.md C.8."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cognate.domain.attributes import STANDARD_NAMES, VERIFIED_FLAGS, SchemaAttribute
from cognate.domain.ids import ClientId, PoolId

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """One of a client's at most two secrets, sealed under the pool's data key."""

    secret_id: str  # CLIENT_ID--EPOCH_SECONDS
    sealed: bytes
    created_at: datetime


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
        if attribute.name in VERIFIED_FLAGS or attribute.name == "sub" or attribute.developer_only:
            return False
        if attribute.required:
            return True
        if self.write_attributes is None:
            return attribute.name in STANDARD_NAMES or attribute.name.startswith("custom:")
        return attribute.name in self.write_attributes
