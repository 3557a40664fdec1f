"""Refreshing, revoking, and signing out everywhere."""

from dataclasses import replace

from cognate.domain.clients import Client
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import (
    InvalidParameterException,
    NotAuthorizedException,
    ResourceNotFoundException,
    UnauthorizedException,
    UnsupportedOperationException,
    UnsupportedTokenTypeException,
)
from cognate.operations.operation import Operations
from cognate.operations.user_pools.authentication import authentication_result
from cognate.ports import Call, Transaction
from cognate.signin import secret_hash
from cognate.signin.access import authorized_without_telling
from cognate.signin.lookup import client_and_pool, existing_pool, existing_user
from cognate.signin.refresh_tokens import content_of
from cognate.signin.refreshing import refresh
from cognate.wire.cognito_idp import (
    AdminUserGlobalSignOutRequest,
    AdminUserGlobalSignOutResponse,
    GetTokensFromRefreshTokenRequest,
    GetTokensFromRefreshTokenResponse,
    GlobalSignOutRequest,
    GlobalSignOutResponse,
    RevokeTokenRequest,
    RevokeTokenResponse,
)

JWT_PARTS = 3


async def get_tokens_from_refresh_token(
    call: Call, request: GetTokensFromRefreshTokenRequest
) -> GetTokensFromRefreshTokenResponse:
    """
    Fresh tokens, and a new refresh token where the client rotates them.

    Raises:
        ResourceNotFoundException: no such client.
        NotAuthorizedException: wrong client secret, or the token is not good.
        RefreshTokenReuseException: it was rotated away already.

    Source: Cognito API reference, GetTokensFromRefreshToken.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    await _check_secret(call, pool, client, request.client_secret)
    tokens = await refresh(
        call,
        pool,
        client,
        request.refresh_token,
        device_key=request.device_key,
        metadata=request.client_metadata or {},
    )
    return GetTokensFromRefreshTokenResponse(authentication_result=authentication_result(tokens))


async def _check_secret(call: Call, pool: Pool, client: Client, given: str | None) -> None:
    if not client.secrets:
        if given is not None:
            raise NotAuthorizedException(
                f"Client {client.client_id} is not configured for secret but secret was received"
            )
        return
    if given is None:
        raise NotAuthorizedException(
            f"Client {client.client_id} is configured for secret but secret was not received"
        )
    if not await secret_hash.is_client_secret(call, pool, client, given):
        raise NotAuthorizedException(f"Unable to verify secret for client {client.client_id}")


async def revoke_token(call: Call, request: RevokeTokenRequest) -> RevokeTokenResponse:
    """
    Revoke a refresh token and the access tokens that descend from it. Unknown ones: success.

    Raises:
        InvalidParameterException: no such client (the model has no other name for it).
        UnauthorizedException: wrong client secret, or another client's token.
        UnsupportedOperationException: the client has revocation switched off.
        UnsupportedTokenTypeException: an ID or access token.

    Source: Cognito API reference, RevokeToken; user-pools.md G.6.
    """
    try:
        pool, client = await client_and_pool(call.store, request.client_id)
    except ResourceNotFoundException as cause:
        raise InvalidParameterException(cause.message) from cause
    if client.secrets and (
        request.client_secret is None
        or not await secret_hash.is_client_secret(call, pool, client, request.client_secret)
    ):
        raise UnauthorizedException("Client secret is not valid.")
    if not client.token_revocation:
        raise UnsupportedOperationException("Token revocation is not enabled for this client.")
    if request.token.count(".") == JWT_PARTS - 1:
        raise UnsupportedTokenTypeException
    content = content_of(await call.keys.of_pool(pool), request.token)
    family = content and await call.store.families.find(pool.pool_id, content.origin_jti)
    if not family:
        return RevokeTokenResponse()
    if family.client_id != client.client_id:
        raise UnauthorizedException("Token was not issued to this client.")
    origin_jti = family.origin_jti

    async def revoke(tx: Transaction) -> None:
        await tx.families.revoke(pool.pool_id, origin_jti, now=call.clock.now())

    await call.store.change(revoke)
    return RevokeTokenResponse()


async def global_sign_out(call: Call, request: GlobalSignOutRequest) -> GlobalSignOutResponse:
    """
    End every token of the token's owner, with all clients.

    Raises:
        NotAuthorizedException: as `access.authorized_without_telling` says.

    Source: Cognito API reference, GlobalSignOut.
    """
    bearer = await authorized_without_telling(call, request.access_token)
    await _sign_out(call, bearer.pool, bearer.user)
    return GlobalSignOutResponse()


async def admin_user_global_sign_out(
    call: Call, request: AdminUserGlobalSignOutRequest
) -> AdminUserGlobalSignOutResponse:
    """
    End every token of a user, with all clients.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.

    Source: Cognito API reference, AdminUserGlobalSignOut.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    await _sign_out(call, pool, user)
    return AdminUserGlobalSignOutResponse()


async def _sign_out(call: Call, pool: Pool, user: User) -> None:
    async def sign_out(tx: Transaction) -> None:
        await end_all_tokens(call, tx, pool, user)

    await call.store.change(sign_out)


async def end_all_tokens(call: Call, tx: Transaction, pool: Pool, user: User) -> None:
    """Every family, and by time the tokens of clients that have revocation switched off."""
    now = call.clock.now()
    await tx.families.revoke_all(pool.pool_id, user.sub, now=now)
    present = await tx.users.find(pool.pool_id, user.sub)
    if present is not None:
        await tx.users.save(pool, replace(present, signed_out_at=now))


OPERATIONS: Operations = {
    "AdminUserGlobalSignOut": admin_user_global_sign_out,
    "GetTokensFromRefreshToken": get_tokens_from_refresh_token,
    "GlobalSignOut": global_sign_out,
    "RevokeToken": revoke_token,
}
