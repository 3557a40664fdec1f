"""Domains of user pools."""

from dataclasses import replace
from urllib.parse import urlsplit

from cognate.domain.domains import CLASSIC, MANAGED_LOGIN, Failover, PoolDomain, check_domain
from cognate.domain.pools import Pool
from cognate.domain.tiers import includes, unavailable
from cognate.errors import InvalidParameterException
from cognate.operations.operation import Operations
from cognate.ports import Call, Transaction
from cognate.signin.lookup import existing_pool
from cognate.wire.cognito_idp import (
    CreateUserPoolDomainRequest,
    CreateUserPoolDomainResponse,
    CustomDomainConfigType,
    DeleteUserPoolDomainRequest,
    DeleteUserPoolDomainResponse,
    DescribeUserPoolDomainRequest,
    DescribeUserPoolDomainResponse,
    DomainDescriptionType,
    FailoverType,
    RoutingType,
    UpdateUserPoolDomainRequest,
    UpdateUserPoolDomainResponse,
)


async def create_user_pool_domain(
    call: Call, request: CreateUserPoolDomainRequest
) -> CreateUserPoolDomainResponse:
    """
    Give a pool a prefix domain, or a custom one where a certificate is named.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a name that is not allowed or taken, or the pool has a domain of
            this kind.
        FeatureUnavailableInTierException: managed login, which the pool's tier does not have.

    Source: Cognito API reference, CreateUserPoolDomain; oauth-and-login.md, section 1.
    """
    now = call.clock.now()
    version = request.managed_login_version
    domain = _with_settings(
        PoolDomain(name=request.domain, created_at=now, modified_at=now),
        version=CLASSIC if version is None else version,
        custom=request.custom_domain_config,
        routing=request.routing,
    )

    async def create(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        _check(pool, domain)
        present = pool.custom_domain if domain.is_custom else pool.prefix_domain
        if present is not None:
            raise InvalidParameterException("User pool already has a domain configured.")
        if not await tx.domains.add(domain.name, pool.pool_id):
            raise InvalidParameterException("Domain already associated with another user pool.")
        await tx.pools.save(_with_domain(pool, domain))

    await call.store.change(create)
    return CreateUserPoolDomainResponse(
        managed_login_version=domain.managed_login_version,
        cloud_front_domain=_own_host(call) if domain.is_custom else None,
        routing=_routing(domain),
    )


def _with_settings(
    domain: PoolDomain,
    *,
    version: int | None,
    custom: CustomDomainConfigType | None,
    routing: RoutingType | None,
) -> PoolDomain:
    """What was not given stays."""
    failover = None if routing is None else routing.failover
    return replace(
        domain,
        managed_login_version=domain.managed_login_version if version is None else version,
        certificate_arn=domain.certificate_arn if custom is None else custom.certificate_arn,
        security_policy=domain.security_policy if custom is None else custom.security_policy,
        failover=(
            domain.failover
            if failover is None
            else Failover(
                secondary_region=failover.secondary_region,
                health_check_id=failover.primary_route53_health_check_id,
            )
        ),
    )


def _check(pool: Pool, domain: PoolDomain) -> None:
    check_domain(domain)
    if domain.managed_login_version == MANAGED_LOGIN and not includes(pool.tier, "ESSENTIALS"):
        raise unavailable(pool.tier, "Managed Login")
    region = None if domain.failover is None else domain.failover.secondary_region
    if region is not None and (pool.replica is None or pool.replica.region != region):
        raise InvalidParameterException(f"The user pool has no replica in {region}.")


def _with_domain(pool: Pool, domain: PoolDomain) -> Pool:
    if domain.is_custom:
        return replace(pool, custom_domain=domain)
    return replace(pool, prefix_domain=domain)


def _own_host(call: Call) -> str | None:
    """What a custom domain's DNS record must lead to: no distribution, but this server."""
    return urlsplit(call.deployment.public_url).hostname


def _routing(domain: PoolDomain) -> RoutingType | None:
    if domain.failover is None:
        return None
    return RoutingType(
        failover=FailoverType(
            secondary_region=domain.failover.secondary_region,
            primary_route53_health_check_id=domain.failover.health_check_id,
        )
    )


async def describe_user_pool_domain(
    call: Call, request: DescribeUserPoolDomainRequest
) -> DescribeUserPoolDomainResponse:
    """
    A domain and whose it is; an empty description where nobody has it.

    Source: Cognito API reference, DescribeUserPoolDomain.
    """
    pool_id = await call.store.domains.pool_of(request.domain)
    pool = None if pool_id is None else await call.store.pools.find(pool_id)
    domain = None if pool is None else pool.domain_named(request.domain)
    if pool is None or domain is None:
        return DescribeUserPoolDomainResponse(domain_description=DomainDescriptionType())
    return DescribeUserPoolDomainResponse(
        domain_description=DomainDescriptionType(
            user_pool_id=pool.pool_id,
            aws_account_id=pool.account_id,
            domain=domain.name,
            cloud_front_distribution=_own_host(call),
            version=f"{domain.modified_at:%Y%m%d%H%M%S}",
            status="ACTIVE",
            custom_domain_config=(
                None
                if domain.certificate_arn is None
                else CustomDomainConfigType(
                    certificate_arn=domain.certificate_arn,
                    security_policy=domain.security_policy,  # type: ignore[arg-type]  # read from the wire
                )
            ),
            managed_login_version=domain.managed_login_version,
            routing=_routing(domain),
        )
    )


async def update_user_pool_domain(
    call: Call, request: UpdateUserPoolDomainRequest
) -> UpdateUserPoolDomainResponse:
    """
    Change what is given of a domain's login version, certificate and routing; its name stays.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: the pool has no such domain, or one that cannot be so.
        FeatureUnavailableInTierException: managed login, which the pool's tier does not have.

    Source: Cognito API reference, UpdateUserPoolDomain.
    """
    now = call.clock.now()

    async def update(tx: Transaction) -> PoolDomain:
        pool = await existing_pool(tx, request.user_pool_id)
        present = _existing_domain(pool, request.domain)
        if request.custom_domain_config is not None and not present.is_custom:
            raise InvalidParameterException("A prefix domain cannot become a custom domain.")
        domain = _with_settings(
            replace(present, modified_at=now),
            version=request.managed_login_version,
            custom=request.custom_domain_config,
            routing=request.routing,
        )
        _check(pool, domain)
        await tx.pools.save(_with_domain(pool, domain))
        return domain

    domain = await call.store.change(update)
    return UpdateUserPoolDomainResponse(
        managed_login_version=domain.managed_login_version,
        cloud_front_domain=_own_host(call) if domain.is_custom else None,
        routing=_routing(domain),
    )


def _existing_domain(pool: Pool, name: str) -> PoolDomain:
    domain = pool.domain_named(name)
    if domain is None:
        raise InvalidParameterException("No such domain or user pool exists.")
    return domain


async def delete_user_pool_domain(
    call: Call, request: DeleteUserPoolDomainRequest
) -> DeleteUserPoolDomainResponse:
    """
    Take a domain from its pool; anybody may have the name now.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: the pool has no such domain.

    Source: Cognito API reference, DeleteUserPoolDomain.
    """

    async def delete(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        domain = _existing_domain(pool, request.domain)
        await tx.domains.delete(domain.name, pool.pool_id)
        if domain.is_custom:
            await tx.pools.save(replace(pool, custom_domain=None))
        else:
            await tx.pools.save(replace(pool, prefix_domain=None))

    await call.store.change(delete)
    return DeleteUserPoolDomainResponse()


OPERATIONS: Operations = {
    "CreateUserPoolDomain": create_user_pool_domain,
    "DeleteUserPoolDomain": delete_user_pool_domain,
    "DescribeUserPoolDomain": describe_user_pool_domain,
    "UpdateUserPoolDomain": update_user_pool_domain,
}
