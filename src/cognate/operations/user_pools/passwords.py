"""Passwords that administrators set, or have the user set anew."""

from cognate.domain.users import UserStatus
from cognate.operations.operation import Operations
from cognate.ports import Call, Transaction
from cognate.signin import recovery
from cognate.signin.lookup import existing_pool, existing_user, reread
from cognate.signin.passwords import new_credential
from cognate.signin.temporary_passwords import temporary_credential
from cognate.wire.cognito_idp import (
    AdminResetUserPasswordRequest,
    AdminResetUserPasswordResponse,
    AdminSetUserPasswordRequest,
    AdminSetUserPasswordResponse,
)


async def admin_set_user_password(
    call: Call, request: AdminSetUserPasswordRequest
) -> AdminSetUserPasswordResponse:
    """
    Set a user's password: temporary (FORCE_CHANGE_PASSWORD) unless `Permanent` (CONFIRMED).

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        InvalidPasswordException: the password breaks the pool's policy.
        PasswordHistoryPolicyViolationException: it was used before.

    Source: Cognito API reference, AdminSetUserPassword; user-pools.md D.1.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    previous = await call.store.credentials.find(pool.pool_id, user.sub)
    derive = new_credential if request.permanent else temporary_credential
    credential = await derive(call, pool, user.username, request.password, previous=previous)
    status = UserStatus.CONFIRMED if request.permanent else UserStatus.FORCE_CHANGE_PASSWORD

    async def set_password(tx: Transaction) -> None:
        present = await reread(tx, user)
        await tx.users.save(pool, present.with_status(status, now=call.clock.now()))
        await tx.credentials.save(pool.pool_id, user.sub, credential)

    await call.store.change(set_password)
    return AdminSetUserPasswordResponse()


async def admin_reset_user_password(
    call: Call, request: AdminResetUserPasswordRequest
) -> AdminResetUserPasswordResponse:
    """
    Make the user set a new password (RESET_REQUIRED) with a code that is sent to them.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        NotAuthorizedException: the user's status does not allow it, or the pool's recovery.
        InvalidParameterException: no verified contact to send the code to.

    Source: Cognito API reference, AdminResetUserPassword; user-pools.md F.1.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    await recovery.send_reset_code(call, pool, user, require_reset=True)
    return AdminResetUserPasswordResponse()


OPERATIONS: Operations = {
    "AdminResetUserPassword": admin_reset_user_password,
    "AdminSetUserPassword": admin_set_user_password,
}
