"""Tags of user pools and of their replicas, by ARN."""

from collections.abc import Mapping
from dataclasses import replace

from cognate.domain.ids import PoolId, pool_arn
from cognate.domain.pools import MAXIMUM_TAGS, Pool
from cognate.errors import InvalidParameterException, ResourceNotFoundException
from cognate.operations.operation import Operations
from cognate.ports import Call, Repositories, Transaction
from cognate.wire.cognito_idp import (
    ListTagsForResourceRequest,
    ListTagsForResourceResponse,
    TagResourceRequest,
    TagResourceResponse,
    UntagResourceRequest,
    UntagResourceResponse,
)

RESERVED_PREFIX = "aws:"


def tag_fault(tags: Mapping[str, str]) -> str | None:
    """Why a pool may not have these tags, or None where it may (user-pools.md J.2)."""
    if len(tags) > MAXIMUM_TAGS:
        return f"A resource cannot have more than {MAXIMUM_TAGS} tags."
    if any(key.lower().startswith(RESERVED_PREFIX) for key in tags):
        return f"Tag keys cannot begin with {RESERVED_PREFIX}"
    return None


async def tag_resource(call: Call, request: TagResourceRequest) -> TagResourceResponse:
    """
    Set tags of a pool; the others stay.

    Raises:
        ResourceNotFoundException: no pool has this ARN.
        InvalidParameterException: tags that cannot be set, or more than fifty.

    Source: Cognito API reference, TagResource.
    """

    async def tag(tx: Transaction) -> None:
        pool = await _pool_of(tx, request.resource_arn)
        tags = {**_tags(pool, request.resource_arn), **request.tags}
        fault = tag_fault(tags)
        if fault is not None:
            raise InvalidParameterException(fault)
        await tx.pools.save(_with_tags(pool, request.resource_arn, tags))

    await call.store.change(tag)
    return TagResourceResponse()


async def untag_resource(call: Call, request: UntagResourceRequest) -> UntagResourceResponse:
    """
    Remove tags of a pool, as far as it has them.

    Raises:
        ResourceNotFoundException: no pool has this ARN.

    Source: Cognito API reference, UntagResource.
    """

    async def untag(tx: Transaction) -> None:
        pool = await _pool_of(tx, request.resource_arn)
        present = _tags(pool, request.resource_arn)
        tags = {key: value for key, value in present.items() if key not in request.tag_keys}
        await tx.pools.save(_with_tags(pool, request.resource_arn, tags))

    await call.store.change(untag)
    return UntagResourceResponse()


async def list_tags_for_resource(
    call: Call, request: ListTagsForResourceRequest
) -> ListTagsForResourceResponse:
    """
    Raises:
        ResourceNotFoundException: no pool has this ARN.

    Source: Cognito API reference, ListTagsForResource.
    """
    pool = await _pool_of(call.store, request.resource_arn)
    return ListTagsForResourceResponse(tags=dict(_tags(pool, request.resource_arn)))


async def _pool_of(store: Repositories, arn: str) -> Pool:
    """The pool that has this ARN, or whose replica has it."""
    pool = await store.pools.find(PoolId(arn.rpartition("/")[2]))
    if pool is None or arn not in (pool.arn, _replica_arn(pool)):
        raise ResourceNotFoundException(f"Resource {arn} does not exist.")
    return pool


def _replica_arn(pool: Pool) -> str | None:
    if pool.replica is None:
        return None
    return pool_arn(pool.replica.region, pool.account_id, pool.pool_id)


def _tags(pool: Pool, arn: str) -> Mapping[str, str]:
    return pool.tags if pool.replica is None or arn == pool.arn else pool.replica.tags


def _with_tags(pool: Pool, arn: str, tags: Mapping[str, str]) -> Pool:
    if pool.replica is None or arn == pool.arn:
        return replace(pool, tags=tags)
    return replace(pool, replica=replace(pool.replica, tags=tags))


OPERATIONS: Operations = {
    "ListTagsForResource": list_tags_for_resource,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}
