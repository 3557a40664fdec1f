"""One user: read, delete, enable, disable, confirm."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from cognate.domain import codes
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus
from cognate.errors import NotAuthorizedException, UserNotFoundException
from cognate.operations.operation import Operations
from cognate.operations.user_pools.token_operations import end_all_tokens
from cognate.operations.user_pools.user_shapes import attribute_list
from cognate.ports import Call, Transaction
from cognate.signin.lookup import existing_pool, existing_user, reread
from cognate.wire.cognito_idp import (
    AdminConfirmSignUpRequest,
    AdminConfirmSignUpResponse,
    AdminDeleteUserRequest,
    AdminDisableUserRequest,
    AdminDisableUserResponse,
    AdminEnableUserRequest,
    AdminEnableUserResponse,
    AdminGetUserRequest,
    AdminGetUserResponse,
)

UserChange: TypeAlias = Callable[[Transaction, Pool, User], Awaitable[None]]


async def admin_get_user(call: Call, request: AdminGetUserRequest) -> AdminGetUserResponse:
    """
    Everything about a user but their secrets.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.

    Source: Cognito API reference, AdminGetUser.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    return AdminGetUserResponse(
        username=user.username,
        user_attributes=attribute_list(user),
        user_create_date=user.created_at.timestamp(),
        user_last_modified_date=user.modified_at.timestamp(),
        enabled=user.enabled,
        user_status=user.status.value,
        preferred_mfa_setting=user.mfa.preferred,
        user_mfa_setting_list=list(user.mfa.enabled) or None,
    )


async def admin_delete_user(call: Call, request: AdminDeleteUserRequest) -> None:
    """
    Delete a user and all that is kept of them, tokens too; the name is free again.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.

    Source: Cognito API reference, AdminDeleteUser; user-pools.md D.4.
    """

    async def delete(tx: Transaction, _: Pool, user: User) -> None:
        if not await tx.users.delete(user):
            raise UserNotFoundException

    await _change(call, request.user_pool_id, request.username, delete)


async def admin_enable_user(call: Call, request: AdminEnableUserRequest) -> AdminEnableUserResponse:
    """
    Let a disabled user sign in again.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.

    Source: Cognito API reference, AdminEnableUser.
    """

    async def enable(tx: Transaction, pool: Pool, user: User) -> None:
        await tx.users.save(pool, replace(user, enabled=True, modified_at=call.clock.now()))

    await _change(call, request.user_pool_id, request.username, enable)
    return AdminEnableUserResponse()


async def admin_disable_user(
    call: Call, request: AdminDisableUserRequest
) -> AdminDisableUserResponse:
    """
    Keep a user from signing in and end all their tokens.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.

    Source: Cognito API reference, AdminDisableUser; user-pools.md D.4.
    """

    async def disable(tx: Transaction, pool: Pool, user: User) -> None:
        disabled = replace(user, enabled=False, modified_at=call.clock.now())
        await tx.users.save(pool, disabled)
        await end_all_tokens(call, tx, pool, disabled)

    await _change(call, request.user_pool_id, request.username, disable)
    return AdminDisableUserResponse()


async def admin_confirm_sign_up(
    call: Call, request: AdminConfirmSignUpRequest
) -> AdminConfirmSignUpResponse:
    """
    Confirm a user who signed up, without the code. Verification flags stay as they are.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        NotAuthorizedException: the user is not UNCONFIRMED.

    Source: Cognito API reference, AdminConfirmSignUp; user-pools.md D.1, F.1.
    """

    async def confirm(tx: Transaction, pool: Pool, user: User) -> None:
        if user.status is not UserStatus.UNCONFIRMED:
            raise NotAuthorizedException(
                f"User cannot be confirmed. Current status is {user.status.value}"
            )
        now = call.clock.now()
        await tx.users.save(pool, user.with_status(UserStatus.CONFIRMED, now=now))
        await tx.codes.delete(pool.pool_id, user.sub, codes.SIGN_UP)

    await _change(call, request.user_pool_id, request.username, confirm)
    return AdminConfirmSignUpResponse()


async def _change(call: Call, pool_id: str, username: str, body: UserChange) -> None:
    """Do `body` with the user as stored at that moment."""
    pool = await existing_pool(call.store, pool_id)
    user = await existing_user(call.store, pool, username)

    async def change(tx: Transaction) -> None:
        await body(tx, pool, await reread(tx, user))

    await call.store.change(change)


OPERATIONS: Operations = {
    "AdminConfirmSignUp": admin_confirm_sign_up,
    "AdminDeleteUser": admin_delete_user,
    "AdminDisableUser": admin_disable_user,
    "AdminEnableUser": admin_enable_user,
    "AdminGetUser": admin_get_user,
}
