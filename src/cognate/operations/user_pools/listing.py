"""Finding users: ListUsers, with one condition, page by page."""

from datetime import timedelta

from cognate.domain import user_filters
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question, page_size
from cognate.operations.user_pools.user_shapes import user_type
from cognate.ports import Call
from cognate.signin.lookup import existing_pool
from cognate.wire.cognito_idp import ListUsersRequest, ListUsersResponse

TOKEN_LIFETIME = timedelta(hours=1)


async def list_users(call: Call, request: ListUsersRequest) -> ListUsersResponse:
    """
    Users of a pool, in order of what they are filtered by.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a filter that cannot be read, or a token of another question.

    Source: Cognito API reference, ListUsers; user-pools.md D.5.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    condition = user_filters.parse(request.filter or "")
    wanted = request.attributes_to_get or []
    question = Question(
        operation="ListUsers",
        parameters=(pool.pool_id, request.filter or "", wanted),
        lifetime=TOKEN_LIFETIME,
    )
    keys = await call.keys.of_pool(pool)
    now = call.clock.now()
    after = None
    if request.pagination_token is not None:
        key, sub = question.position(keys, request.pagination_token, now=now)
        after = (key, sub)
    page = await call.store.users.page(
        pool, condition=condition, after=after, limit=page_size(request.limit)
    )
    return ListUsersResponse(
        users=[user_type(user, wanted) for user in page.users],
        pagination_token=question.token(keys, page.after, now=now) if page.after else None,
    )


OPERATIONS: Operations = {"ListUsers": list_users}
