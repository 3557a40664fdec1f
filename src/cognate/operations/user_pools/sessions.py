"""Sessions of users: settings of pools and clients, listing and ending. Source: J.5."""

from collections.abc import Sequence
from dataclasses import replace

from cognate.domain.families import TokenFamily
from cognate.domain.pools import Pool
from cognate.domain.sessions import DEFAULT_SSO_MINUTES, LISTED_AT_MOST, SessionSettings
from cognate.domain.users import User
from cognate.errors import (
    FeatureUnavailableInTierException,
    InvalidParameterException,
    ResourceNotFoundException,
)
from cognate.operations.operation import Operations
from cognate.ports import Call, Transaction
from cognate.signin import sessions
from cognate.signin.access import authorized
from cognate.signin.lookup import existing_client, existing_pool, existing_user
from cognate.wire.cognito_idp import (
    AdminListUserSessionsRequest,
    AdminListUserSessionsResponse,
    AdminRevokeUserSessionRequest,
    AdminRevokeUserSessionResponse,
    ClientSSOSessionConfigType,
    GetUserPoolClientSessionConfigurationRequest,
    GetUserPoolClientSessionConfigurationResponse,
    GetUserPoolSessionConfigurationRequest,
    GetUserPoolSessionConfigurationResponse,
    ListUserSessionsRequest,
    ListUserSessionsResponse,
    RevokeUserSessionRequest,
    RevokeUserSessionResponse,
    SessionDescriptionType,
    SetUserPoolClientSessionConfigurationRequest,
    SetUserPoolClientSessionConfigurationResponse,
    SetUserPoolSessionConfigurationRequest,
    SetUserPoolSessionConfigurationResponse,
    UserPoolTokenSessionConfigType,
)


async def get_user_pool_session_configuration(
    call: Call, request: GetUserPoolSessionConfigurationRequest
) -> GetUserPoolSessionConfigurationResponse:
    """
    How the pool tracks sessions; never set: not at all.

    Raises:
        ResourceNotFoundException: no such pool.
        FeatureUnavailableInTierException: the pool is on the Lite plan.

    Source: Cognito API reference, GetUserPoolSessionConfiguration.
    """
    pool = await _capable_pool(call, request.user_pool_id)
    settings = pool.sessions or SessionSettings()
    return GetUserPoolSessionConfigurationResponse(
        user_pool_id=pool.pool_id,
        user_session_tracking=_tracking(settings),
        token_session=UserPoolTokenSessionConfigType(max_per_user=settings.max_per_user),
    )


async def set_user_pool_session_configuration(
    call: Call, request: SetUserPoolSessionConfigurationRequest
) -> SetUserPoolSessionConfigurationResponse:
    """
    Replace how the pool tracks sessions.

    Raises:
        ResourceNotFoundException: no such pool.
        FeatureUnavailableInTierException: the pool is on the Lite plan.

    Source: Cognito API reference, SetUserPoolSessionConfiguration.
    """
    pool = await _capable_pool(call, request.user_pool_id)
    settings = SessionSettings(
        tracking=request.user_session_tracking == "ENABLED",
        max_per_user=request.token_session.max_per_user,
    )

    async def save(tx: Transaction) -> None:
        present = await existing_pool(tx, pool.pool_id)
        await tx.pools.save(replace(present, sessions=settings, modified_at=call.clock.now()))

    await call.store.change(save)
    return SetUserPoolSessionConfigurationResponse(
        user_pool_id=pool.pool_id,
        user_session_tracking=_tracking(settings),
        token_session=UserPoolTokenSessionConfigType(max_per_user=settings.max_per_user),
    )


async def get_user_pool_client_session_configuration(
    call: Call, request: GetUserPoolClientSessionConfigurationRequest
) -> GetUserPoolClientSessionConfigurationResponse:
    """
    How long the browser session of the pages serves this client.

    Raises:
        ResourceNotFoundException: no such pool or client.
        FeatureUnavailableInTierException: the pool is on the Lite plan.

    Source: Cognito API reference, GetUserPoolClientSessionConfiguration.
    """
    pool = await _capable_pool(call, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    minutes = client.sso_session_minutes
    return GetUserPoolClientSessionConfigurationResponse(
        user_pool_id=pool.pool_id,
        client_id=client.client_id,
        sso_session=ClientSSOSessionConfigType(
            max_validity_minutes=DEFAULT_SSO_MINUTES if minutes is None else minutes
        ),
    )


async def set_user_pool_client_session_configuration(
    call: Call, request: SetUserPoolClientSessionConfigurationRequest
) -> SetUserPoolClientSessionConfigurationResponse:
    """
    Set how long the browser session of the pages serves this client; 0: never.

    Raises:
        ResourceNotFoundException: no such pool or client.
        FeatureUnavailableInTierException: the pool is on the Lite plan.
        InvalidParameterException: the pool does not track sessions.

    Source: Cognito API reference, SetUserPoolClientSessionConfiguration.
    """
    pool = await _capable_pool(call, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    if pool.sessions is None or not pool.sessions.tracking:
        raise InvalidParameterException("User session tracking is not enabled for the user pool.")
    minutes = request.sso_session.max_validity_minutes

    async def save(tx: Transaction) -> None:
        present = await existing_client(tx, pool, client.client_id)
        await tx.clients.save(
            replace(present, sso_session_minutes=minutes, modified_at=call.clock.now())
        )

    await call.store.change(save)
    return SetUserPoolClientSessionConfigurationResponse(
        user_pool_id=pool.pool_id,
        client_id=client.client_id,
        sso_session=ClientSSOSessionConfigType(max_validity_minutes=minutes),
    )


async def list_user_sessions(
    call: Call, request: ListUserSessionsRequest
) -> ListUserSessionsResponse:
    """
    The caller's own live sessions, newest use first.

    Raises:
        NotAuthorizedException: the access token is not good.
        InvalidParameterException: the pool is on the Lite plan; or a pagination token: there is
            one page only.

    Source: Cognito API reference, ListUserSessions.
    """
    bearer = await authorized(call, request.access_token)
    _check_has_sessions(bearer.pool)
    _check_first_page(request.next_token)
    current = bearer.family.origin_jti if bearer.family else None
    found = await _live(call, bearer.pool, bearer.user)
    return ListUserSessionsResponse(
        sessions=[_shape(family, is_current=family.origin_jti == current) for family in found]
    )


async def admin_list_user_sessions(
    call: Call, request: AdminListUserSessionsRequest
) -> AdminListUserSessionsResponse:
    """
    A user's live sessions, newest use first.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        InvalidParameterException: the pool is on the Lite plan; or a pagination token: there is
            one page only.

    Source: Cognito API reference, AdminListUserSessions.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    _check_has_sessions(pool)
    user = await existing_user(call.store, pool, request.username)
    _check_first_page(request.next_token)
    found = await _live(call, pool, user)
    return AdminListUserSessionsResponse(
        sessions=[_shape(family, is_current=False) for family in found]
    )


async def revoke_user_session(
    call: Call, request: RevokeUserSessionRequest
) -> RevokeUserSessionResponse:
    """
    End one of the caller's own sessions, but not the one that asks.

    Raises:
        NotAuthorizedException: the access token is not good.
        InvalidParameterException: the pool is on the Lite plan; or it is the session of this
            very token.
        ResourceNotFoundException: no such live session of the caller's.

    Source: Cognito API reference, RevokeUserSession.
    """
    bearer = await authorized(call, request.access_token)
    _check_has_sessions(bearer.pool)
    family = await _named(call, bearer.pool, bearer.user, request.session_id)
    if bearer.family is not None and family.origin_jti == bearer.family.origin_jti:
        raise InvalidParameterException("The current session cannot be revoked.")
    await _revoke(call, family)
    return RevokeUserSessionResponse()


async def admin_revoke_user_session(
    call: Call, request: AdminRevokeUserSessionRequest
) -> AdminRevokeUserSessionResponse:
    """
    End one session of a user.

    Raises:
        ResourceNotFoundException: no such pool, or no such live session of the user.
        UserNotFoundException: no such user in the pool.
        InvalidParameterException: the pool is on the Lite plan.

    Source: Cognito API reference, AdminRevokeUserSession.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    _check_has_sessions(pool)
    user = await existing_user(call.store, pool, request.username)
    await _revoke(call, await _named(call, pool, user, request.session_id))
    return AdminRevokeUserSessionResponse()


async def _capable_pool(call: Call, pool_id: str) -> Pool:
    pool = await existing_pool(call.store, pool_id)
    if not sessions.are_in_tier(pool):
        raise FeatureUnavailableInTierException
    return pool


def _check_has_sessions(pool: Pool) -> None:
    """For operations whose model has no FeatureUnavailableInTierException."""
    if not sessions.are_in_tier(pool):
        raise InvalidParameterException(FeatureUnavailableInTierException.default)


def _check_first_page(next_token: str | None) -> None:
    if next_token is not None:
        raise InvalidParameterException("Invalid pagination token")


def _tracking(settings: SessionSettings) -> str:
    return "ENABLED" if settings.tracking else "DISABLED"


async def _live(call: Call, pool: Pool, user: User) -> Sequence[TokenFamily]:
    families = await call.store.families.of_user(pool.pool_id, user.sub, now=call.clock.now())
    tracked = [family for family in families if family.session is not None]
    tracked.sort(
        key=lambda family: family.session.last_active_at if family.session else family.issued_at,
        reverse=True,
    )
    return tracked[:LISTED_AT_MOST]


async def _named(call: Call, pool: Pool, user: User, session_id: str) -> TokenFamily:
    families = await call.store.families.of_user(pool.pool_id, user.sub, now=call.clock.now())
    for family in families:
        if family.session is not None and family.session.session_id == session_id:
            return family
    raise ResourceNotFoundException("Session does not exist.")


async def _revoke(call: Call, family: TokenFamily) -> None:
    async def revoke(tx: Transaction) -> None:
        await tx.families.revoke(family.pool_id, family.origin_jti, now=call.clock.now())

    await call.store.change(revoke)


def _shape(family: TokenFamily, *, is_current: bool) -> SessionDescriptionType:
    session = family.session
    assert session is not None  # noqa: S101 - only tracked families are listed
    return SessionDescriptionType(
        session_id=session.session_id,
        session_type="TOKEN",
        client_id=family.client_id,
        create_date=family.issued_at.timestamp(),
        last_active_date=session.last_active_at.timestamp(),
        device_type=session.device_type,
        last_ip_address=session.last_ip,
        is_current_session=is_current,
    )


OPERATIONS: Operations = {
    "AdminListUserSessions": admin_list_user_sessions,
    "AdminRevokeUserSession": admin_revoke_user_session,
    "GetUserPoolClientSessionConfiguration": get_user_pool_client_session_configuration,
    "GetUserPoolSessionConfiguration": get_user_pool_session_configuration,
    "ListUserSessions": list_user_sessions,
    "RevokeUserSession": revoke_user_session,
    "SetUserPoolClientSessionConfiguration": set_user_pool_client_session_configuration,
    "SetUserPoolSessionConfiguration": set_user_pool_session_configuration,
}
