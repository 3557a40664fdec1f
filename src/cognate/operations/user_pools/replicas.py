"""Replicas of user pools in another Region."""

from dataclasses import replace
from typing import Literal

from cognate.domain.ids import pool_arn
from cognate.domain.pools import Pool
from cognate.domain.replicas import Replica, check_region, check_replicable, check_status
from cognate.domain.tiers import includes, unavailable
from cognate.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
    UserPoolTaggingException,
)
from cognate.operations.operation import Operations
from cognate.operations.user_pools.tags import tag_fault
from cognate.ports import Call, Transaction
from cognate.signin.lookup import existing_pool
from cognate.wire.cognito_idp import (
    CreateUserPoolReplicaRequest,
    CreateUserPoolReplicaResponse,
    DeleteUserPoolReplicaRequest,
    DeleteUserPoolReplicaResponse,
    ListUserPoolReplicasRequest,
    ListUserPoolReplicasResponse,
    UpdateUserPoolReplicaRequest,
    UpdateUserPoolReplicaResponse,
    UserPoolReplicaType,
)


async def create_user_pool_replica(
    call: Call, request: CreateUserPoolReplicaRequest
) -> CreateUserPoolReplicaResponse:
    """
    Give a pool a replica in another Region; it is made at once, and stays INACTIVE.

    Raises:
        ResourceNotFoundException: no such pool.
        FeatureUnavailableInTierException: the pool's tier does not have replicas.
        InvalidParameterException: no other Region, or the pool is not set up for it.
        UserPoolTaggingException: tags that cannot be set.
        LimitExceededException: the pool has a replica.

    Source: Cognito API reference, CreateUserPoolReplica; user-pools.md J.7.
    """
    tags = request.user_pool_tags or {}
    fault = tag_fault(tags)
    if fault is not None:
        raise UserPoolTaggingException(fault)
    replica = Replica(region=request.region_name, created_at=call.clock.now(), tags=tags)

    async def create(tx: Transaction) -> Pool:
        pool = await existing_pool(tx, request.user_pool_id)
        if not includes(pool.tier, "ESSENTIALS"):
            raise unavailable(pool.tier, "Multi-Region Replication")
        check_region(replica.region, primary=pool.region)
        check_replicable(
            pool.echoed.get("KeyConfiguration", {}), pool.echoed.get("IssuerConfiguration", {})
        )
        if pool.replica is not None:
            raise LimitExceededException("A user pool cannot have more than one replica.")
        await tx.pools.save(replace(pool, replica=replica))
        return pool

    pool = await call.store.change(create)
    return CreateUserPoolReplicaResponse(
        user_pool_replica=_replica_type(pool, replica.region, "CREATING")
    )


async def update_user_pool_replica(
    call: Call, request: UpdateUserPoolReplicaRequest
) -> UpdateUserPoolReplicaResponse:
    """
    Set a replica's status: INACTIVE, as it is.

    Raises:
        ResourceNotFoundException: no such pool, or no such replica of it.
        InvalidParameterException: the pool's own Region.
        OperationNotEnabledException: ACTIVE.

    Source: Cognito API reference, UpdateUserPoolReplica; user-pools.md J.7.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    replica = _existing_replica(pool, request.region_name)
    check_status(request.status)
    return UpdateUserPoolReplicaResponse(
        user_pool_replica=_replica_type(pool, replica.region, "INACTIVE")
    )


async def delete_user_pool_replica(
    call: Call, request: DeleteUserPoolReplicaRequest
) -> DeleteUserPoolReplicaResponse:
    """
    Delete a replica, asked for in the pool's own Region.

    Raises:
        ResourceNotFoundException: no such pool, or no such replica of it.
        InvalidParameterException: the pool's own Region is named, another one asked, or a domain
            leads to the replica.

    Source: Cognito API reference, DeleteUserPoolReplica; user-pools.md J.7.
    """

    async def delete(tx: Transaction) -> Pool:
        pool = await existing_pool(tx, request.user_pool_id)
        _existing_replica(pool, request.region_name)
        if call.caller.region != pool.region:
            raise InvalidParameterException(
                f"A replica can be deleted from the primary Region {pool.region} only."
            )
        if pool.custom_domain is not None and pool.custom_domain.failover is not None:
            raise InvalidParameterException(
                f"The domain {pool.custom_domain.name} fails over to the replica."
            )
        await tx.pools.save(replace(pool, replica=None))
        return pool

    pool = await call.store.change(delete)
    return DeleteUserPoolReplicaResponse(
        user_pool_replica=_replica_type(pool, request.region_name, "DELETING")
    )


async def list_user_pool_replicas(
    call: Call, request: ListUserPoolReplicasRequest
) -> ListUserPoolReplicasResponse:
    """
    The pool itself, and its replica where it has one.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: any token, as no answer has one.

    Source: Cognito API reference, ListUserPoolReplicas.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    if request.next_token is not None:
        raise InvalidParameterException("Invalid pagination token")
    replicas = [_replica_type(pool, pool.region, "ACTIVE", role="PRIMARY")]
    if pool.replica is not None:
        replicas.append(_replica_type(pool, pool.replica.region, "INACTIVE"))
    return ListUserPoolReplicasResponse(user_pool_replicas=replicas)


def _existing_replica(pool: Pool, region: str) -> Replica:
    if region == pool.region:
        raise InvalidParameterException("The primary user pool is no replica.")
    if pool.replica is None or pool.replica.region != region:
        raise ResourceNotFoundException(
            f"User pool {pool.pool_id} does not have a replica in {region}."
        )
    return pool.replica


def _replica_type(
    pool: Pool,
    region: str,
    status: Literal["CREATING", "ACTIVE", "INACTIVE", "DELETING"],
    *,
    role: Literal["PRIMARY", "SECONDARY"] = "SECONDARY",
) -> UserPoolReplicaType:
    return UserPoolReplicaType(
        region_name=region,
        status=status,
        role=role,
        user_pool_arn=pool_arn(region, pool.account_id, pool.pool_id),
    )


OPERATIONS: Operations = {
    "CreateUserPoolReplica": create_user_pool_replica,
    "DeleteUserPoolReplica": delete_user_pool_replica,
    "ListUserPoolReplicas": list_user_pool_replicas,
    "UpdateUserPoolReplica": update_user_pool_replica,
}
