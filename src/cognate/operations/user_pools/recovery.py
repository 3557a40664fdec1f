"""Recovering an account: ForgotPassword, ConfirmForgotPassword."""

from cognate.operations.operation import Operations
from cognate.operations.user_pools.context_data import from_its_user
from cognate.operations.user_pools.user_shapes import delivery_details
from cognate.ports import Call
from cognate.signin import recovery, secret_hash
from cognate.signin.lookup import client_and_pool
from cognate.signin.recovery import Reset
from cognate.wire.cognito_idp import (
    ConfirmForgotPasswordRequest,
    ConfirmForgotPasswordResponse,
    ForgotPasswordRequest,
    ForgotPasswordResponse,
)


async def forgot_password(call: Call, request: ForgotPasswordRequest) -> ForgotPasswordResponse:
    """
    Send a code with which a new password can be set.

    Raises:
        ResourceNotFoundException: no such client.
        UserNotFoundException: no such user, and the client does not hide it.
        NotAuthorizedException: wrong secret hash; disabled; a state in which passwords are not
            reset; or only administrators reset them.
        InvalidParameterException: the user has no verified contact.
        LimitExceededException: too often in this hour.

    Source: Cognito API reference, ForgotPassword; user-pools.md F.2.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    call = from_its_user(call, client, request.user_context_data)
    await secret_hash.check(call, pool, client, request.secret_hash, [request.username])
    delivery = await recovery.forgot_password(call, pool, client, request.username)
    return ForgotPasswordResponse(code_delivery_details=delivery_details(delivery))


async def confirm_forgot_password(
    call: Call, request: ConfirmForgotPasswordRequest
) -> ConfirmForgotPasswordResponse:
    """
    Set a new password by the code that was sent.

    Raises:
        ResourceNotFoundException: no such client.
        InvalidPasswordException, PasswordHistoryPolicyViolationException: the pool's policy.
        UserNotFoundException: no such user, and the client does not hide it.
        NotAuthorizedException: wrong secret hash, or the user is disabled.
        CodeMismatchException, ExpiredCodeException: a wrong code, or none that is good.
        LimitExceededException: too often in this hour.

    Source: Cognito API reference, ConfirmForgotPassword; user-pools.md F.1.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    call = from_its_user(call, client, request.user_context_data)
    await secret_hash.check(call, pool, client, request.secret_hash, [request.username])
    await recovery.confirm_forgot_password(
        call,
        pool,
        client,
        Reset(
            username=request.username,
            code=request.confirmation_code,
            password=request.password,
        ),
    )
    return ConfirmForgotPasswordResponse()


OPERATIONS: Operations = {
    "ConfirmForgotPassword": confirm_forgot_password,
    "ForgotPassword": forgot_password,
}
