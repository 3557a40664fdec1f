"""Creating, describing, changing and deleting user pools."""

import re
from collections.abc import Mapping
from dataclasses import replace

from cognate.domain.attributes import schema_of, with_custom_attributes
from cognate.domain.ids import PoolId
from cognate.domain.pools import (
    MAXIMUM_POOLS,
    Pool,
    SigningKeyRef,
    check_deletable,
    check_mfa_has_a_method,
    check_settings,
)
from cognate.domain.tiers import check_tier
from cognate.errors import (
    InvalidParameterException,
    LimitExceededException,
    UserPoolTaggingException,
)
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question, page_size
from cognate.operations.user_pools.pool_answers import description, user_pool
from cognate.operations.user_pools.pool_settings import definitions, with_settings
from cognate.operations.user_pools.tags import tag_fault
from cognate.ports import Call, Transaction
from cognate.signin.lookup import existing_pool
from cognate.wire.cognito_idp import (
    AddCustomAttributesRequest,
    AddCustomAttributesResponse,
    CreateUserPoolRequest,
    CreateUserPoolResponse,
    DeleteUserPoolRequest,
    DescribeUserPoolRequest,
    DescribeUserPoolResponse,
    ListUserPoolsRequest,
    ListUserPoolsResponse,
    UpdateUserPoolRequest,
    UpdateUserPoolResponse,
)

CUSTOM_ID_TAG = "_custom_id_"
ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ID_LENGTH = 9
MAXIMUM_ID_LENGTH = 55
ID = re.compile(r"[A-Za-z0-9_-]+_[0-9a-zA-Z]+")
REGION = re.compile(r"[A-Za-z0-9_-]{1,32}")


async def create_user_pool(call: Call, request: CreateUserPoolRequest) -> CreateUserPoolResponse:
    """
    Create a pool with keys of its own, in the region that the request was signed for.

    Raises:
        InvalidParameterException: settings that contradict each other, or a fixed id that is
            malformed or taken (development).
        FeatureUnavailableInTierException: a setting that the pool's tier does not have.
        UserPoolTaggingException: tags that cannot be set.
        LimitExceededException: the account has as many pools as it may in this region.

    Source: Cognito API reference, CreateUserPool; user-pools.md C.1.
    """
    tags = request.user_pool_tags or {}
    _check_tags(tags)
    pool_id = _new_id(call, tags)
    now = call.clock.now()
    names = request.username_configuration
    pool = with_settings(
        Pool(
            pool_id=pool_id,
            name=request.pool_name,
            region=call.caller.region,
            account_id=call.caller.account_id,
            created_at=now,
            modified_at=now,
            data_key_id="",
            signing_keys=(),
            schema=schema_of(definitions(request.schema or ())),
            alias_attributes=tuple(dict.fromkeys(request.alias_attributes or ())),
            username_attributes=tuple(dict.fromkeys(request.username_attributes or ())),
            case_sensitive=None if names is None else names.case_sensitive,
        ),
        request,
    )
    _check(pool, previous_tier=None)

    data_key = await call.keys.new_data_key(pool_id)
    id_key, access_key = await call.keys.new_signing_keys(data_key)
    pool = replace(
        pool,
        data_key_id=data_key.key_id,
        signing_keys=(
            SigningKeyRef(kid=id_key.kid, use="id"),
            SigningKeyRef(kid=access_key.kid, use="access"),
        ),
    )

    async def create(tx: Transaction) -> None:
        count = await tx.pools.count(account_id=pool.account_id, region=pool.region)
        if count >= MAXIMUM_POOLS:
            raise LimitExceededException(
                f"The account has {MAXIMUM_POOLS} user pools, which is the limit."
            )
        if not await tx.pools.add(pool):
            raise InvalidParameterException(f"User pool {pool_id} already exists.")
        await tx.key_records.add_data_key(data_key)
        await tx.key_records.add_signing_key(id_key)
        await tx.key_records.add_signing_key(access_key)

    await call.store.change(create)
    return CreateUserPoolResponse(user_pool=user_pool(pool, users=0))


def _check_tags(tags: Mapping[str, str]) -> None:
    fault = tag_fault(tags)
    if fault is not None:
        raise UserPoolTaggingException(fault)


def _new_id(call: Call, tags: Mapping[str, str]) -> PoolId:
    """A fresh id in the caller's region; in development the one that the tag fixes."""
    fixed = tags.get(CUSTOM_ID_TAG)
    if fixed is not None:
        if not call.deployment.development:
            raise InvalidParameterException(
                f"The tag {CUSTOM_ID_TAG} fixes an id in development mode only."
            )
        if len(fixed) > MAXIMUM_ID_LENGTH or ID.fullmatch(fixed) is None:
            raise InvalidParameterException(
                f"The tag {CUSTOM_ID_TAG} must hold a user pool id of the form REGION_NAME."
            )
        return PoolId(fixed)
    if REGION.fullmatch(call.caller.region) is None:
        raise InvalidParameterException("The request is signed for no region.")
    return PoolId(f"{call.caller.region}_{call.entropy.text(ID_ALPHABET, ID_LENGTH)}")


def _check(pool: Pool, *, previous_tier: str | None) -> None:
    check_settings(pool)
    check_mfa_has_a_method(pool)
    check_tier(pool, previous=previous_tier)


async def describe_user_pool(
    call: Call, request: DescribeUserPoolRequest
) -> DescribeUserPoolResponse:
    """
    Raises:
        ResourceNotFoundException: no such pool.

    Source: Cognito API reference, DescribeUserPool.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    users = await call.store.users.estimate(pool.pool_id)
    return DescribeUserPoolResponse(user_pool=user_pool(pool, users=users))


async def update_user_pool(call: Call, request: UpdateUserPoolRequest) -> UpdateUserPoolResponse:
    """
    Replace a pool's settings: what is not given returns to its default, but for what
    `with_settings` keeps, and for schema and sign-in names, which never change.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: settings that contradict each other.
        FeatureUnavailableInTierException: a setting that the pool's tier does not have.
        TierChangeNotAllowedException: a lower tier, while a feature is on that it lacks.
        UserPoolTaggingException: tags that cannot be set.

    Source: Cognito API reference, UpdateUserPool; user-pools.md C.1, C.9.
    """
    _check_tags(request.user_pool_tags or {})
    now = call.clock.now()

    async def update(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        changed = with_settings(pool, request)
        _check(changed, previous_tier=pool.tier)
        await tx.pools.save(replace(changed, modified_at=now))

    await call.store.change(update)
    return UpdateUserPoolResponse()


async def delete_user_pool(call: Call, request: DeleteUserPoolRequest) -> None:
    """
    Delete a pool with everything in it, at once and for ever.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: it is protected.

    Source: Cognito API reference, DeleteUserPool.
    """

    async def delete(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        check_deletable(pool)
        await tx.pools.delete(pool.pool_id)

    await call.store.change(delete)


async def list_user_pools(call: Call, request: ListUserPoolsRequest) -> ListUserPoolsResponse:
    """
    The account's pools in the region that the request was signed for, in order of their ids.

    Raises:
        InvalidParameterException: a token that continues no list of this account and region.

    Source: Cognito API reference, ListUserPools.
    """
    account_id, region = call.caller.account_id, call.caller.region
    question = Question(operation="ListUserPools", parameters=(account_id, region))
    keys = await call.keys.of_server()
    now = call.clock.now()
    after = ""
    if request.next_token is not None:
        (after,) = question.position(keys, request.next_token, now=now)
    limit = page_size(request.max_results)
    pools = await call.store.pools.page(
        account_id=account_id, region=region, after=after, limit=limit + 1
    )
    page = pools[:limit]
    more = len(pools) > limit
    return ListUserPoolsResponse(
        user_pools=[description(pool) for pool in page],
        next_token=question.token(keys, (page[-1].pool_id,), now=now) if more else None,
    )


async def add_custom_attributes(
    call: Call, request: AddCustomAttributesRequest
) -> AddCustomAttributesResponse:
    """
    Add custom attributes to a pool's schema; they can never be changed or removed.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a name that is taken, a required attribute, bounds that no
            value fits, or too many attributes.

    Source: Cognito API reference, AddCustomAttributes; user-pools.md C.2.
    """
    added = definitions(request.custom_attributes)
    now = call.clock.now()

    async def add(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        schema = with_custom_attributes(pool.schema, added)
        await tx.pools.save(replace(pool, schema=schema, modified_at=now))

    await call.store.change(add)
    return AddCustomAttributesResponse()


OPERATIONS: Operations = {
    "AddCustomAttributes": add_custom_attributes,
    "CreateUserPool": create_user_pool,
    "DeleteUserPool": delete_user_pool,
    "DescribeUserPool": describe_user_pool,
    "ListUserPools": list_user_pools,
    "UpdateUserPool": update_user_pool,
}
