"""Groups of a pool and who is in them. Source: user-pools.md D.6."""

from dataclasses import replace

from cognate.domain.groups import GROUPS_PER_POOL, GROUPS_PER_USER, Group
from cognate.domain.pools import Pool
from cognate.errors import (
    GroupExistsException,
    LimitExceededException,
    ResourceNotFoundException,
)
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question, page_size
from cognate.operations.user_pools.user_shapes import user_type
from cognate.ports import Call, Repositories, Transaction
from cognate.signin.lookup import existing_pool, existing_user, reread
from cognate.wire.cognito_idp import (
    AdminAddUserToGroupRequest,
    AdminListGroupsForUserRequest,
    AdminListGroupsForUserResponse,
    AdminRemoveUserFromGroupRequest,
    CreateGroupRequest,
    CreateGroupResponse,
    DeleteGroupRequest,
    GetGroupRequest,
    GetGroupResponse,
    GroupType,
    ListGroupsRequest,
    ListGroupsResponse,
    ListUsersInGroupRequest,
    ListUsersInGroupResponse,
    UpdateGroupRequest,
    UpdateGroupResponse,
)


async def create_group(call: Call, request: CreateGroupRequest) -> CreateGroupResponse:
    """
    Make a group.

    Raises:
        ResourceNotFoundException: no such pool.
        GroupExistsException: the name is taken.
        LimitExceededException: the pool has ten thousand groups.

    Source: Cognito API reference, CreateGroup.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    now = call.clock.now()
    group = Group(
        pool_id=pool.pool_id,
        name=request.group_name,
        description=request.description or None,
        role_arn=request.role_arn,
        precedence=request.precedence,
        created_at=now,
        modified_at=now,
    )

    async def create(tx: Transaction) -> None:
        if await tx.groups.find(pool.pool_id, group.name) is not None:
            raise GroupExistsException
        if await tx.groups.count(pool.pool_id) >= GROUPS_PER_POOL:
            raise LimitExceededException(f"A user pool has at most {GROUPS_PER_POOL} groups.")
        await tx.groups.add(group)

    await call.store.change(create)
    return CreateGroupResponse(group=_group_type(group))


async def get_group(call: Call, request: GetGroupRequest) -> GetGroupResponse:
    """
    Raises:
        ResourceNotFoundException: no such pool, or no such group in it.

    Source: Cognito API reference, GetGroup.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    group = await _existing_group(call.store, pool, request.group_name)
    return GetGroupResponse(group=_group_type(group))


async def update_group(call: Call, request: UpdateGroupRequest) -> UpdateGroupResponse:
    """
    Change what is sent of description, role and precedence; an empty description removes it.

    Raises:
        ResourceNotFoundException: no such pool, or no such group in it.

    Source: Cognito API reference, UpdateGroup.
    """
    pool = await existing_pool(call.store, request.user_pool_id)

    async def update(tx: Transaction) -> Group:
        group = await _existing_group(tx, pool, request.group_name)
        description = group.description if request.description is None else request.description
        changed = replace(
            group,
            description=description or None,
            role_arn=group.role_arn if request.role_arn is None else request.role_arn,
            precedence=group.precedence if request.precedence is None else request.precedence,
            modified_at=call.clock.now(),
        )
        await tx.groups.save(changed)
        return changed

    return UpdateGroupResponse(group=_group_type(await call.store.change(update)))


async def delete_group(call: Call, request: DeleteGroupRequest) -> None:
    """
    Delete a group and its memberships.

    Raises:
        ResourceNotFoundException: no such pool, or no such group in it.

    Source: Cognito API reference, DeleteGroup.
    """
    pool = await existing_pool(call.store, request.user_pool_id)

    async def delete(tx: Transaction) -> None:
        if not await tx.groups.delete(pool.pool_id, request.group_name):
            raise _no_group()

    await call.store.change(delete)


async def list_groups(call: Call, request: ListGroupsRequest) -> ListGroupsResponse:
    """
    The groups of a pool, by name.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a token of another question.

    Source: Cognito API reference, ListGroups.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    question = Question(operation="ListGroups", parameters=(pool.pool_id,))
    after, limit = await _after(call, pool, question, request.next_token), page_size(request.limit)
    groups = await call.store.groups.page(pool.pool_id, after=after, limit=limit + 1)
    last = groups[limit - 1].name if len(groups) > limit else None
    return ListGroupsResponse(
        groups=[_group_type(group) for group in groups[:limit]],
        next_token=await _token(call, pool, question, last),
    )


async def admin_add_user_to_group(call: Call, request: AdminAddUserToGroupRequest) -> None:
    """
    Put a user into a group; one who is in it already stays.

    Raises:
        ResourceNotFoundException: no such pool, or no such group in it.
        UserNotFoundException: no such user in the pool.
        LimitExceededException: the user is in a hundred groups.

    Source: Cognito API reference, AdminAddUserToGroup.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)

    async def add(tx: Transaction) -> None:
        await reread(tx, user)
        group = await _existing_group(tx, pool, request.group_name)
        present = await tx.groups.of_user(pool.pool_id, user.sub)
        if any(other.name == group.name for other in present):
            return
        if len(present) >= GROUPS_PER_USER:
            raise LimitExceededException(f"A user is in at most {GROUPS_PER_USER} groups.")
        await tx.groups.add_member(pool.pool_id, group.name, user.sub, now=call.clock.now())

    await call.store.change(add)


async def admin_remove_user_from_group(
    call: Call, request: AdminRemoveUserFromGroupRequest
) -> None:
    """
    Take a user out of a group; one who is not in it is no fault.

    Raises:
        ResourceNotFoundException: no such pool, or no such group in it.
        UserNotFoundException: no such user in the pool.

    Source: Cognito API reference, AdminRemoveUserFromGroup.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)

    async def remove(tx: Transaction) -> None:
        group = await _existing_group(tx, pool, request.group_name)
        await tx.groups.remove_member(pool.pool_id, group.name, user.sub)

    await call.store.change(remove)


async def admin_list_groups_for_user(
    call: Call, request: AdminListGroupsForUserRequest
) -> AdminListGroupsForUserResponse:
    """
    The groups that a user is in, by name.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: no such user in the pool.
        InvalidParameterException: a token of another question.

    Source: Cognito API reference, AdminListGroupsForUser.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    user = await existing_user(call.store, pool, request.username)
    question = Question(operation="AdminListGroupsForUser", parameters=(pool.pool_id, user.sub))
    after, limit = await _after(call, pool, question, request.next_token), page_size(request.limit)
    groups = [
        group
        for group in await call.store.groups.of_user(pool.pool_id, user.sub)
        if group.name > after
    ]
    last = groups[limit - 1].name if len(groups) > limit else None
    return AdminListGroupsForUserResponse(
        groups=[_group_type(group) for group in groups[:limit]],
        next_token=await _token(call, pool, question, last),
    )


async def list_users_in_group(
    call: Call, request: ListUsersInGroupRequest
) -> ListUsersInGroupResponse:
    """
    The members of a group.

    Raises:
        ResourceNotFoundException: no such pool, or no such group in it.
        InvalidParameterException: a token of another question.

    Source: Cognito API reference, ListUsersInGroup.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    group = await _existing_group(call.store, pool, request.group_name)
    question = Question(operation="ListUsersInGroup", parameters=(pool.pool_id, group.name))
    after, limit = await _after(call, pool, question, request.next_token), page_size(request.limit)
    members = await call.store.groups.members(
        pool.pool_id, group.name, after=after, limit=limit + 1
    )
    last = members[limit - 1].sub if len(members) > limit else None
    return ListUsersInGroupResponse(
        users=[user_type(user) for user in members[:limit]],
        next_token=await _token(call, pool, question, last),
    )


async def _existing_group(store: Repositories, pool: Pool, name: str) -> Group:
    group = await store.groups.find(pool.pool_id, name)
    if group is None:
        raise _no_group()
    return group


def _no_group() -> ResourceNotFoundException:
    return ResourceNotFoundException("Group not found.")


async def _after(call: Call, pool: Pool, question: Question, token: str | None) -> str:
    """The name after which the page begins."""
    if token is None:
        return ""
    keys = await call.keys.of_pool(pool)
    return question.position(keys, token, now=call.clock.now())[0]


async def _token(call: Call, pool: Pool, question: Question, last: str | None) -> str | None:
    if last is None:
        return None
    return question.token(await call.keys.of_pool(pool), (last,), now=call.clock.now())


def _group_type(group: Group) -> GroupType:
    return GroupType(
        group_name=group.name,
        user_pool_id=group.pool_id,
        description=group.description,
        role_arn=group.role_arn,
        precedence=group.precedence,
        creation_date=group.created_at.timestamp(),
        last_modified_date=group.modified_at.timestamp(),
    )


OPERATIONS: Operations = {
    "AdminAddUserToGroup": admin_add_user_to_group,
    "AdminListGroupsForUser": admin_list_groups_for_user,
    "AdminRemoveUserFromGroup": admin_remove_user_from_group,
    "CreateGroup": create_group,
    "DeleteGroup": delete_group,
    "GetGroup": get_group,
    "ListGroups": list_groups,
    "ListUsersInGroup": list_users_in_group,
    "UpdateGroup": update_group,
}
