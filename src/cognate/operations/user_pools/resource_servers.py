"""Resource servers of a pool and the custom scopes that they define."""

from collections.abc import Sequence
from dataclasses import replace

from cognate.domain.pools import Pool
from cognate.domain.resource_servers import (
    MAXIMUM_SERVERS,
    ResourceServer,
    Scope,
    check_resource_server,
)
from cognate.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
)
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question
from cognate.operations.user_pools.pages import start_of, token_after
from cognate.ports import Call, Repositories, Transaction
from cognate.signin.lookup import existing_pool
from cognate.wire.cognito_idp import (
    CreateResourceServerRequest,
    CreateResourceServerResponse,
    DeleteResourceServerRequest,
    DescribeResourceServerRequest,
    DescribeResourceServerResponse,
    ListResourceServersRequest,
    ListResourceServersResponse,
    ResourceServerScopeType,
    ResourceServerType,
    UpdateResourceServerRequest,
    UpdateResourceServerResponse,
)

MAXIMUM_PAGE = 50


async def create_resource_server(
    call: Call, request: CreateResourceServerRequest
) -> CreateResourceServerResponse:
    """
    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: the identifier is taken or the service's own, or a scope is
            given twice.
        LimitExceededException: the pool has as many as it may.

    Source: Cognito API reference, CreateResourceServer.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    server = ResourceServer(
        pool_id=pool.pool_id,
        identifier=request.identifier,
        name=request.name,
        scopes=_scopes(request.scopes),
    )
    check_resource_server(server)

    async def create(tx: Transaction) -> None:
        await existing_pool(tx, pool.pool_id)
        if await tx.resource_servers.count(pool.pool_id) >= MAXIMUM_SERVERS:
            raise LimitExceededException(
                f"A user pool cannot have more than {MAXIMUM_SERVERS} resource servers."
            )
        if not await tx.resource_servers.add(server):
            raise InvalidParameterException(
                f"{server.identifier} already exists in user pool {pool.pool_id}"
            )

    await call.store.change(create)
    return CreateResourceServerResponse(resource_server=_resource_server(server))


def _scopes(given: Sequence[ResourceServerScopeType] | None) -> tuple[Scope, ...]:
    return tuple(
        Scope(name=scope.scope_name, description=scope.scope_description) for scope in given or ()
    )


async def describe_resource_server(
    call: Call, request: DescribeResourceServerRequest
) -> DescribeResourceServerResponse:
    """
    Raises:
        ResourceNotFoundException: no such pool, or no such resource server in it.

    Source: Cognito API reference, DescribeResourceServer.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    server = await _existing_server(call.store, pool, request.identifier)
    return DescribeResourceServerResponse(resource_server=_resource_server(server))


async def update_resource_server(
    call: Call, request: UpdateResourceServerRequest
) -> UpdateResourceServerResponse:
    """
    Replace name and scopes; without scopes it has none. Clients keep the scopes that they name.

    Raises:
        ResourceNotFoundException: no such pool, or no such resource server in it.
        InvalidParameterException: a scope is given twice.

    Source: Cognito API reference, UpdateResourceServer.
    """

    async def update(tx: Transaction) -> ResourceServer:
        pool = await existing_pool(tx, request.user_pool_id)
        present = await _existing_server(tx, pool, request.identifier)
        server = replace(present, name=request.name, scopes=_scopes(request.scopes))
        check_resource_server(server)
        await tx.resource_servers.save(server)
        return server

    server = await call.store.change(update)
    return UpdateResourceServerResponse(resource_server=_resource_server(server))


async def delete_resource_server(call: Call, request: DeleteResourceServerRequest) -> None:
    """
    Delete a resource server: no token bears its scopes any more.

    Raises:
        ResourceNotFoundException: no such pool, or no such resource server in it.

    Source: Cognito API reference, DeleteResourceServer.
    """

    async def delete(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        if not await tx.resource_servers.delete(pool.pool_id, request.identifier):
            raise _no_server()

    await call.store.change(delete)


async def list_resource_servers(
    call: Call, request: ListResourceServersRequest
) -> ListResourceServersResponse:
    """
    The resource servers of a pool, by identifier.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a token of another question.

    Source: Cognito API reference, ListResourceServers.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    question = Question(operation="ListResourceServers", parameters=(pool.pool_id,))
    after = await start_of(call, pool, question, request.next_token)
    limit = request.max_results or MAXIMUM_PAGE
    servers = await call.store.resource_servers.page(pool.pool_id, after=after, limit=limit + 1)
    last = servers[limit - 1].identifier if len(servers) > limit else None
    return ListResourceServersResponse(
        resource_servers=[_resource_server(server) for server in servers[:limit]],
        next_token=await token_after(call, pool, question, last),
    )


async def _existing_server(store: Repositories, pool: Pool, identifier: str) -> ResourceServer:
    server = await store.resource_servers.find(pool.pool_id, identifier)
    if server is None:
        raise _no_server()
    return server


def _no_server() -> ResourceNotFoundException:
    return ResourceNotFoundException("Resource server not found.")


def _resource_server(server: ResourceServer) -> ResourceServerType:
    return ResourceServerType(
        user_pool_id=server.pool_id,
        identifier=server.identifier,
        name=server.name,
        scopes=[
            ResourceServerScopeType(scope_name=scope.name, scope_description=scope.description)
            for scope in server.scopes
        ]
        or None,
    )


OPERATIONS: Operations = {
    "CreateResourceServer": create_resource_server,
    "DeleteResourceServer": delete_resource_server,
    "DescribeResourceServer": describe_resource_server,
    "ListResourceServers": list_resource_servers,
    "UpdateResourceServer": update_resource_server,
}
