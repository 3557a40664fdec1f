"""Attributes that administrators write."""

from cognate.operations.operation import Operations
from cognate.operations.user_pools.user_shapes import attributes_of
from cognate.ports import Call
from cognate.signin import user_attributes
from cognate.signin.lookup import existing_pool, existing_user
from cognate.wire.cognito_idp import (
    AdminDeleteUserAttributesRequest,
    AdminDeleteUserAttributesResponse,
    AdminUpdateUserAttributesRequest,
    AdminUpdateUserAttributesResponse,
)


async def admin_update_user_attributes(
    call: Call, request: AdminUpdateUserAttributesRequest
) -> AdminUpdateUserAttributesResponse:
    """
    Write attributes, verification flags and developer-only ones included; "" removes one.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        InvalidParameterException: the schema does not allow it.
        AliasExistsException: another user has such a sign-in name.

    Source: Cognito API reference, AdminUpdateUserAttributes; user-pools.md D.3.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    given = attributes_of(request.user_attributes)
    user_attributes.check_by_admin(pool, given)
    await user_attributes.write(call, pool, user, given)
    return AdminUpdateUserAttributesResponse()


async def admin_delete_user_attributes(
    call: Call, request: AdminDeleteUserAttributesRequest
) -> AdminDeleteUserAttributesResponse:
    """
    Remove attributes; one without a value is no fault.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        InvalidParameterException: unknown, immutable or required ones.

    Source: Cognito API reference, AdminDeleteUserAttributes; user-pools.md D.3.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    removed = dict.fromkeys(request.user_attribute_names, "")
    user_attributes.check_by_admin(pool, removed)
    await user_attributes.write(call, pool, user, removed)
    return AdminDeleteUserAttributesResponse()


OPERATIONS: Operations = {
    "AdminDeleteUserAttributes": admin_delete_user_attributes,
    "AdminUpdateUserAttributes": admin_update_user_attributes,
}
