"""Tags of user pools, by the pool's ARN."""

from collections.abc import Mapping
from dataclasses import replace

from cognate.domain.ids import PoolId
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
        tags = {**pool.tags, **request.tags}
        fault = tag_fault(tags)
        if fault is not None:
            raise InvalidParameterException(fault)
        await tx.pools.save(replace(pool, tags=tags))

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
        tags = {key: value for key, value in pool.tags.items() if key not in request.tag_keys}
        await tx.pools.save(replace(pool, tags=tags))

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
    return ListTagsForResourceResponse(tags=dict(pool.tags))


async def _pool_of(store: Repositories, arn: str) -> Pool:
    pool = await store.pools.find(PoolId(arn.rpartition("/")[2]))
    if pool is None or pool.arn != arn:
        raise ResourceNotFoundException(f"Resource {arn} does not exist.")
    return pool


OPERATIONS: Operations = {
    "ListTagsForResource": list_tags_for_resource,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}
