"""Where a pool's logs go."""

from dataclasses import replace

from cognate.domain.log_deliveries import (
    CLOUD_WATCH,
    FIREHOSE,
    S3,
    LogDelivery,
    check_deliveries,
)
from cognate.domain.pools import Pool
from cognate.domain.tiers import check_tier
from cognate.operations.operation import Operations
from cognate.ports import Call, Transaction
from cognate.signin.lookup import existing_pool
from cognate.wire.cognito_idp import (
    CloudWatchLogsConfigurationType,
    FirehoseConfigurationType,
    GetLogDeliveryConfigurationRequest,
    GetLogDeliveryConfigurationResponse,
    LogConfigurationType,
    LogDeliveryConfigurationType,
    S3ConfigurationType,
    SetLogDeliveryConfigurationRequest,
    SetLogDeliveryConfigurationResponse,
)


async def set_log_delivery_configuration(
    call: Call, request: SetLogDeliveryConfigurationRequest
) -> SetLogDeliveryConfigurationResponse:
    """
    Replace a pool's log deliveries; an empty list ends them.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a source twice, at a level or to a place that it cannot have.
        FeatureUnavailableInTierException: user activity, which the pool's tier does not export.

    Source: Cognito API reference, SetLogDeliveryConfiguration; user-pools.md J.4.
    """
    deliveries = tuple(_delivery(given) for given in request.log_configurations)

    async def set_deliveries(tx: Transaction) -> Pool:
        pool = await existing_pool(tx, request.user_pool_id)
        check_deliveries(deliveries)
        changed = replace(pool, log_deliveries=deliveries)
        check_tier(changed)
        await tx.pools.save(changed)
        return changed

    pool = await call.store.change(set_deliveries)
    return SetLogDeliveryConfigurationResponse(log_delivery_configuration=_configuration(pool))


def _delivery(given: LogConfigurationType) -> LogDelivery:
    log_group, bucket, stream = (
        given.cloud_watch_logs_configuration,
        given.s3_configuration,
        given.firehose_configuration,
    )
    destinations: list[tuple[str, str | None]] = []
    if log_group is not None:
        destinations.append((CLOUD_WATCH, log_group.log_group_arn))
    if bucket is not None:
        destinations.append((S3, bucket.bucket_arn))
    if stream is not None:
        destinations.append((FIREHOSE, stream.stream_arn))
    return LogDelivery(
        source=given.event_source, level=given.log_level, destinations=tuple(destinations)
    )


async def get_log_delivery_configuration(
    call: Call, request: GetLogDeliveryConfigurationRequest
) -> GetLogDeliveryConfigurationResponse:
    """
    Raises:
        ResourceNotFoundException: no such pool.

    Source: Cognito API reference, GetLogDeliveryConfiguration.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    return GetLogDeliveryConfigurationResponse(log_delivery_configuration=_configuration(pool))


def _configuration(pool: Pool) -> LogDeliveryConfigurationType:
    return LogDeliveryConfigurationType(
        user_pool_id=pool.pool_id,
        log_configurations=[_log_configuration(delivery) for delivery in pool.log_deliveries],
    )


def _log_configuration(delivery: LogDelivery) -> LogConfigurationType:
    ((kind, arn),) = delivery.destinations
    return LogConfigurationType(
        log_level=delivery.level,  # type: ignore[arg-type]  # read from the wire
        event_source=delivery.source,  # type: ignore[arg-type]  # read from the wire
        cloud_watch_logs_configuration=(
            CloudWatchLogsConfigurationType(log_group_arn=arn) if kind == CLOUD_WATCH else None
        ),
        s3_configuration=S3ConfigurationType(bucket_arn=arn) if kind == S3 else None,
        firehose_configuration=(
            FirehoseConfigurationType(stream_arn=arn) if kind == FIREHOSE else None
        ),
    )


OPERATIONS: Operations = {
    "GetLogDeliveryConfiguration": get_log_delivery_configuration,
    "SetLogDeliveryConfiguration": set_log_delivery_configuration,
}
