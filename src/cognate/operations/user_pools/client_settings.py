"""An app client's settings: read from the requests that give them, shown in answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

import msgspec

from cognate.domain.clients import (
    DEFAULT_REFRESH_TOKEN_VALIDITY,
    UNITS,
    Client,
    RefreshTokenRotation,
)
from cognate.wire.cognito_idp import (
    AnalyticsConfigurationType,
    CreateUserPoolClientRequest,
    RefreshTokenRotationType,
    TokenValidityUnitsType,
    UpdateUserPoolClientRequest,
    UserPoolClientType,
)

SettingsRequest: TypeAlias = CreateUserPoolClientRequest | UpdateUserPoolClientRequest

DEFAULT_SESSION_VALIDITY = 3  # minutes


def with_settings(client: Client, request: SettingsRequest) -> Client:
    """
    The client with every setting that both requests have: as given, or back to its default.

    An empty list stands for none given. Only the name is kept where it is not given.
    """
    units = (
        None
        if request.token_validity_units is None
        else msgspec.to_builtins(request.token_validity_units)
    )
    hides = request.prevent_user_existence_errors
    revokes = request.enable_token_revocation
    analytics = request.analytics_configuration
    return replace(
        client,
        name=request.client_name or client.name,
        explicit_flows=_given(request.explicit_auth_flows),
        read_attributes=_given(request.read_attributes),
        write_attributes=_given(request.write_attributes),
        refresh_token_validity=request.refresh_token_validity or _thirty_days(units or {}),
        access_token_validity=request.access_token_validity,
        id_token_validity=request.id_token_validity,
        validity_units=units,
        auth_session_validity=request.auth_session_validity or DEFAULT_SESSION_VALIDITY,
        hides_user_existence=None if hides is None else hides == "ENABLED",
        token_revocation=True if revokes is None else revokes,
        rotation=_rotation(request.refresh_token_rotation),
        allows_oauth=bool(request.allowed_o_auth_flows_user_pool_client),
        oauth_flows=_given(request.allowed_o_auth_flows),
        oauth_scopes=_given(request.allowed_o_auth_scopes),
        callback_urls=_given(request.callback_urls),
        logout_urls=_given(request.logout_urls),
        default_redirect_uri=request.default_redirect_uri,
        identity_providers=_given(request.supported_identity_providers),
        propagates_user_context=bool(request.enable_propagate_additional_user_context_data),
        echoed=(
            {} if analytics is None else {"AnalyticsConfiguration": msgspec.to_builtins(analytics)}
        ),
    )


def _given(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys(values)) if values else None


def _thirty_days(units: Mapping[str, str]) -> int:
    """What 0 and absent stand for, in the unit of the client's refresh tokens."""
    unit = UNITS[units.get("RefreshToken", "days")]
    return timedelta(days=DEFAULT_REFRESH_TOKEN_VALIDITY) // unit


def _rotation(given: RefreshTokenRotationType | None) -> RefreshTokenRotation | None:
    if given is None:
        return None
    return RefreshTokenRotation(
        enabled=given.feature == "ENABLED",
        retry_grace_period=timedelta(seconds=given.retry_grace_period_seconds or 0),
    )


def user_pool_client(client: Client, *, secret: str | None) -> UserPoolClientType:
    """A client as answers show it. What was not set and has no default is absent."""
    analytics = client.echoed.get("AnalyticsConfiguration")
    return UserPoolClientType(
        user_pool_id=client.pool_id,
        client_id=client.client_id,
        client_name=client.name,
        client_secret=secret,
        client_type=client.client_type,
        creation_date=client.created_at.timestamp(),
        last_modified_date=client.modified_at.timestamp(),
        refresh_token_validity=client.refresh_token_validity,
        access_token_validity=client.access_token_validity,
        id_token_validity=client.id_token_validity,
        token_validity_units=(
            None
            if client.validity_units is None
            else msgspec.convert(client.validity_units, TokenValidityUnitsType)
        ),
        read_attributes=_listed(client.read_attributes),
        write_attributes=_listed(client.write_attributes),
        explicit_auth_flows=_listed(client.explicit_flows),
        supported_identity_providers=_listed(client.identity_providers),
        callback_urls=_listed(client.callback_urls),
        logout_urls=_listed(client.logout_urls),
        default_redirect_uri=client.default_redirect_uri,
        allowed_o_auth_flows=_listed(client.oauth_flows),
        allowed_o_auth_scopes=_listed(client.oauth_scopes),
        allowed_o_auth_flows_user_pool_client=client.allows_oauth,
        analytics_configuration=(
            None if analytics is None else msgspec.convert(analytics, AnalyticsConfigurationType)
        ),
        prevent_user_existence_errors="ENABLED" if client.hides_user_existence else "LEGACY",
        enable_token_revocation=client.token_revocation,
        enable_propagate_additional_user_context_data=client.propagates_user_context,
        auth_session_validity=client.auth_session_validity,
        refresh_token_rotation=_rotation_shown(client.rotation),
    )


def _listed(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _rotation_shown(rotation: RefreshTokenRotation | None) -> RefreshTokenRotationType | None:
    """The grace period belongs to a rotation that is on."""
    if rotation is None:
        return None
    if not rotation.enabled:
        return RefreshTokenRotationType(feature="DISABLED")
    return RefreshTokenRotationType(
        feature="ENABLED",
        retry_grace_period_seconds=int(rotation.retry_grace_period.total_seconds()),
    )
