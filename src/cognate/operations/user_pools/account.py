"""What users do with their own account: read and write attributes, change password, delete."""

from cognate.domain.clients import Client
from cognate.domain.passwords import Credential
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import (
    InvalidParameterException,
    NotAuthorizedException,
    UserNotFoundException,
)
from cognate.operations.operation import Operations
from cognate.operations.user_pools.user_shapes import (
    attribute_list,
    attributes_of,
    delivery_details,
)
from cognate.ports import Call, Transaction
from cognate.signin import guesses, risk, user_attributes
from cognate.signin.access import authorized
from cognate.signin.passwords import new_credential
from cognate.wire.cognito_idp import (
    ChangePasswordRequest,
    ChangePasswordResponse,
    DeleteUserAttributesRequest,
    DeleteUserAttributesResponse,
    DeleteUserRequest,
    GetUserRequest,
    GetUserResponse,
    UpdateUserAttributesRequest,
    UpdateUserAttributesResponse,
)

DEVELOPER_PREFIX = "dev:"


async def get_user(call: Call, request: GetUserRequest) -> GetUserResponse:
    """
    The caller's account, as far as the client may read it.

    Raises:
        NotAuthorizedException, UserNotFoundException: as `access.authorized` says.

    Source: Cognito API reference, GetUser; user-pools.md C.3.
    """
    bearer = await authorized(call, request.access_token)
    user = bearer.user
    return GetUserResponse(
        username=user.username,
        user_attributes=attribute_list(user, _readable(bearer.client, user)),
        preferred_mfa_setting=user.mfa.preferred,
        user_mfa_setting_list=list(user.mfa.enabled) or None,
    )


def _readable(client: Client, user: User) -> set[str]:
    readable = {
        name
        for name in user.attributes
        if client.may_read(name) and not name.startswith(DEVELOPER_PREFIX)
    }
    return readable | {"sub"}


async def update_user_attributes(
    call: Call, request: UpdateUserAttributesRequest
) -> UpdateUserAttributesResponse:
    """
    Write the caller's attributes; "" removes one. Codes go where a new value is to be proven.

    Raises:
        NotAuthorizedException, UserNotFoundException: as `access.authorized` says; or an
            attribute that the client may not write.
        InvalidParameterException: the schema does not allow it, or a required one is missing.
        AliasExistsException: another user has such a sign-in name.

    Source: Cognito API reference, UpdateUserAttributes; user-pools.md D.3.
    """
    bearer = await authorized(call, request.access_token)
    given = attributes_of(request.user_attributes)
    user_attributes.check_by_client(bearer.pool, bearer.client, bearer.user, given)
    written = await user_attributes.write(call, bearer.pool, bearer.user, given)
    return UpdateUserAttributesResponse(
        code_delivery_details_list=[delivery_details(sent) for sent in written.deliveries]
    )


async def delete_user_attributes(
    call: Call, request: DeleteUserAttributesRequest
) -> DeleteUserAttributesResponse:
    """
    Remove attributes of the caller; one without a value is no fault.

    Raises:
        NotAuthorizedException, UserNotFoundException: as `access.authorized` says; or an
            attribute that the client may not write.
        InvalidParameterException: unknown, immutable or required ones.

    Source: Cognito API reference, DeleteUserAttributes.
    """
    bearer = await authorized(call, request.access_token)
    removed = dict.fromkeys(request.user_attribute_names, "")
    user_attributes.check_by_client(bearer.pool, bearer.client, bearer.user, removed)
    await user_attributes.write(call, bearer.pool, bearer.user, removed)
    return DeleteUserAttributesResponse()


async def change_password(call: Call, request: ChangePasswordRequest) -> ChangePasswordResponse:
    """
    Replace the caller's password. Tokens that are out stay good (user-pools.md G.6).

    Raises:
        NotAuthorizedException, UserNotFoundException: as `access.authorized` says; or the
            previous password is wrong, or was guessed at too often.
        InvalidPasswordException, PasswordHistoryPolicyViolationException: the pool's policy.
        InvalidParameterException: the previous password is missing.
        LimitExceededException: too often in this hour.

    Source: Cognito API reference, ChangePassword; user-pools.md F.1.
    """
    bearer = await authorized(call, request.access_token)
    pool, user = bearer.pool, bearer.user
    pool.password_policy.check(request.proposed_password)
    await guesses.count_hourly(call, pool.pool_id, user.sub, "change_password")
    compromised = await risk.check_new_password(
        call, pool, bearer.client, request.proposed_password, event="PASSWORD_CHANGE"
    )
    present = await call.store.credentials.find(pool.pool_id, user.sub)
    try:
        await _check_previous(call, pool, user, present, request.previous_password)
    except NotAuthorizedException:
        await risk.note(call, pool, user, "PasswordChange", "Fail")
        raise
    fresh = await new_credential(
        call, pool, user.username, request.proposed_password, previous=present
    )

    async def change(tx: Transaction) -> None:
        if await tx.credentials.find(pool.pool_id, user.sub) != present:
            raise NotAuthorizedException  # another change was faster: the previous one is wrong
        await tx.credentials.save(pool.pool_id, user.sub, fresh)

    await call.store.change(change)
    await risk.note(call, pool, user, "PasswordChange", "Pass", compromised=compromised)
    return ChangePasswordResponse()


async def _check_previous(
    call: Call, pool: Pool, user: User, present: Credential | None, given: str | None
) -> None:
    """Judge the previous password; whoever has none need not give one."""
    if present is None or not present.has_password:
        return
    if given is None:
        raise InvalidParameterException("Missing required parameter PreviousPassword")
    async with guesses.charged(call, pool.pool_id, user.sub) as charge:
        if not await call.passwords.verify(present, given):
            raise NotAuthorizedException
        await call.store.change(charge.give_back)


async def delete_user(call: Call, request: DeleteUserRequest) -> None:
    """
    Delete the caller and all that is kept of them; the name is free again.

    Raises:
        NotAuthorizedException, UserNotFoundException: as `access.authorized` says.

    Source: Cognito API reference, DeleteUser; user-pools.md D.4.
    """
    bearer = await authorized(call, request.access_token)

    async def delete(tx: Transaction) -> None:
        if not await tx.users.delete(bearer.user):
            raise UserNotFoundException

    await call.store.change(delete)


OPERATIONS: Operations = {
    "ChangePassword": change_password,
    "DeleteUser": delete_user,
    "DeleteUserAttributes": delete_user_attributes,
    "GetUser": get_user,
    "UpdateUserAttributes": update_user_attributes,
}
