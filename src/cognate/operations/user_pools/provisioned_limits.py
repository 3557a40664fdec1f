"""Request rates of the account, by category of operations."""

from cognate.domain.provisioned_limits import (
    FREE_RATES,
    ProvisionedLimit,
    category_of,
    check_rate,
)
from cognate.operations.operation import Operations
from cognate.ports import Call, Transaction
from cognate.wire.cognito_idp import (
    GetProvisionedLimitRequest,
    GetProvisionedLimitResponse,
    LimitDefinitionType,
    LimitType,
    UpdateProvisionedLimitRequest,
    UpdateProvisionedLimitResponse,
)


async def get_provisioned_limit(
    call: Call, request: GetProvisionedLimitRequest
) -> GetProvisionedLimitResponse:
    """
    How many requests a second the account may make of a category in the caller's Region.

    Raises:
        InvalidParameterException: attributes that do not name one category.
        ResourceNotFoundException: no such category.

    Source: Cognito API reference, GetProvisionedLimit; user-pools.md J.3.
    """
    category = category_of(request.limit_definition.attributes)
    account_id, region = call.caller.account_id, call.caller.region
    rate = await call.store.provisioned_limits.rate(
        account_id=account_id, region=region, category=category
    )
    limit = ProvisionedLimit(
        account_id=account_id,
        region=region,
        category=category,
        rate=FREE_RATES[category] if rate is None else rate,
    )
    return GetProvisionedLimitResponse(limit=_limit_type(request.limit_definition, limit))


async def update_provisioned_limit(
    call: Call, request: UpdateProvisionedLimitRequest
) -> UpdateProvisionedLimitResponse:
    """
    Grant the account another rate, between the free one and the most that there is.

    Raises:
        InvalidParameterException: attributes that do not name one category, or less than is free.
        ResourceNotFoundException: no such category.
        ServiceQuotaExceededException: more than an account may have.

    Source: Cognito API reference, UpdateProvisionedLimit; user-pools.md J.3.
    """
    limit = ProvisionedLimit(
        account_id=call.caller.account_id,
        region=call.caller.region,
        category=category_of(request.limit_definition.attributes),
        rate=request.requested_limit_value,
    )
    check_rate(limit)

    async def update(tx: Transaction) -> None:
        await tx.provisioned_limits.save(limit)

    await call.store.change(update)
    return UpdateProvisionedLimitResponse(limit=_limit_type(request.limit_definition, limit))


def _limit_type(definition: LimitDefinitionType, limit: ProvisionedLimit) -> LimitType:
    return LimitType(
        limit_definition=definition,
        provisioned_limit_value=limit.rate,
        free_limit_value=limit.free_rate,
    )


OPERATIONS: Operations = {
    "GetProvisionedLimit": get_provisioned_limit,
    "UpdateProvisionedLimit": update_provisioned_limit,
}
