"""Creating, describing, changing and deleting app clients, and their secrets."""

import re
from collections.abc import Sequence
from dataclasses import replace

from cognate.domain.clients import (
    MAXIMUM_CLIENTS,
    SYSTEM_SCOPES,
    USER_POOL_PROVIDER,
    Client,
    ClientSecret,
    Surroundings,
    check_settings,
)
from cognate.domain.ids import ClientId
from cognate.domain.pools import Pool
from cognate.domain.resource_servers import MAXIMUM_SERVERS
from cognate.errors import InvalidParameterException, LimitExceededException
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question, page_size
from cognate.operations.user_pools.client_settings import user_pool_client, with_settings
from cognate.ports import Call, PoolKeys, Transaction
from cognate.signin.lookup import existing_client, existing_pool, no_client
from cognate.signin.secret_hash import PURPOSE
from cognate.wire.cognito_idp import (
    AddUserPoolClientSecretRequest,
    AddUserPoolClientSecretResponse,
    ClientSecretDescriptorType,
    CreateUserPoolClientRequest,
    CreateUserPoolClientResponse,
    DeleteUserPoolClientRequest,
    DeleteUserPoolClientSecretRequest,
    DeleteUserPoolClientSecretResponse,
    DescribeUserPoolClientRequest,
    DescribeUserPoolClientResponse,
    ListUserPoolClientSecretsRequest,
    ListUserPoolClientSecretsResponse,
    ListUserPoolClientsRequest,
    ListUserPoolClientsResponse,
    UpdateUserPoolClientRequest,
    UpdateUserPoolClientResponse,
    UserPoolClientDescription,
)

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
ID_LENGTH = 26
SECRET_LENGTH = 52
CUSTOM_ID_PREFIX = "_custom_id_:"
ID = re.compile(r"[A-Za-z0-9_+]{1,128}")


async def create_user_pool_client(
    call: Call, request: CreateUserPoolClientRequest
) -> CreateUserPoolClientResponse:
    """
    Create an app client, with a secret where one is asked for or given.

    In development a `ClientName` of the form `_custom_id_:ID` fixes the client's id.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException, InvalidOAuthFlowException, ScopeDoesNotExistException,
            FeatureUnavailableInTierException: settings that `domain.clients.CHECKS` refuses.
        LimitExceededException: the pool has as many clients as it may.

    Source: Cognito API reference, CreateUserPoolClient; user-pools.md C.8.
    """
    if request.generate_secret and request.client_secret is not None:
        raise InvalidParameterException("GenerateSecret and ClientSecret cannot be used together.")
    pool = await existing_pool(call.store, request.user_pool_id)
    keys = await call.keys.of_pool(pool)
    client_id = _new_id(call, request.client_name)
    now = call.clock.now()
    client = Client(
        pool_id=pool.pool_id,
        client_id=client_id,
        name=request.client_name,
        created_at=now,
        modified_at=now,
    )
    secret = _new_secret(call) if request.generate_secret else request.client_secret
    if secret is not None:
        made = ClientSecret(
            secret_id=client.new_secret_id(now),
            sealed=keys.seal(PURPOSE, secret.encode()),
            created_at=now,
            is_described=True,
        )
        client = replace(client, secrets=(made,))
    client = with_settings(client, request)

    async def create(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        check_settings(client, await _surroundings(tx, pool, client, "creating"))
        if await tx.clients.count(pool.pool_id) >= MAXIMUM_CLIENTS:
            raise LimitExceededException(
                f"The user pool has {MAXIMUM_CLIENTS} clients, which is the limit."
            )
        if not await tx.clients.add(client):
            raise InvalidParameterException(f"User pool client {client_id} already exists.")

    await call.store.change(create)
    return CreateUserPoolClientResponse(user_pool_client=user_pool_client(client, secret=secret))


def _new_id(call: Call, name: str) -> ClientId:
    if name.startswith(CUSTOM_ID_PREFIX) and call.deployment.development:
        fixed = name.removeprefix(CUSTOM_ID_PREFIX)
        if ID.fullmatch(fixed) is None:
            raise InvalidParameterException(
                f"A ClientName that begins with {CUSTOM_ID_PREFIX} must go on with a client id."
            )
        return ClientId(fixed)
    return ClientId(call.entropy.text(ALPHABET, ID_LENGTH))


def _new_secret(call: Call) -> str:
    return call.entropy.text(ALPHABET, SECRET_LENGTH)


async def _surroundings(tx: Transaction, pool: Pool, client: Client, doing: str) -> Surroundings:
    """Scopes and providers are read only where the client names any that are not built in."""
    scopes: list[str] = []
    if not set(client.oauth_scopes or ()) <= SYSTEM_SCOPES:
        servers = await tx.resource_servers.page(pool.pool_id, after="", limit=MAXIMUM_SERVERS)
        scopes = [name for server in servers for name in server.scope_names]
    providers: Sequence[str] = ()
    if not set(client.identity_providers or ()) <= {USER_POOL_PROVIDER}:
        providers = await tx.identity_providers.names(pool.pool_id)
    return Surroundings(pool=pool, scopes=scopes, identity_providers=providers, doing=doing)


async def describe_user_pool_client(
    call: Call, request: DescribeUserPoolClientRequest
) -> DescribeUserPoolClientResponse:
    """
    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.

    Source: Cognito API reference, DescribeUserPoolClient.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    keys = await call.keys.of_pool(pool)
    return DescribeUserPoolClientResponse(
        user_pool_client=user_pool_client(client, secret=_described_secret(keys, client))
    )


def _described_secret(keys: PoolKeys, client: Client) -> str | None:
    """The secret that was made with the client, as long as it has it."""
    for secret in client.secrets:
        if secret.is_described:
            return keys.open(PURPOSE, secret.sealed).decode()
    return None


async def update_user_pool_client(
    call: Call, request: UpdateUserPoolClientRequest
) -> UpdateUserPoolClientResponse:
    """
    Replace a client's settings: what is not given returns to its default. Id and secrets stay.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        InvalidParameterException, InvalidOAuthFlowException, ScopeDoesNotExistException,
            FeatureUnavailableInTierException: settings that `domain.clients.CHECKS` refuses.

    Source: Cognito API reference, UpdateUserPoolClient; user-pools.md C.8.
    """
    keys = await call.keys.of_pool(await existing_pool(call.store, request.user_pool_id))
    now = call.clock.now()

    async def update(tx: Transaction) -> Client:
        pool = await existing_pool(tx, request.user_pool_id)
        client = with_settings(await existing_client(tx, pool, request.client_id), request)
        check_settings(client, await _surroundings(tx, pool, client, "updating"))
        client = replace(client, modified_at=now)
        await tx.clients.save(client)
        return client

    client = await call.store.change(update)
    return UpdateUserPoolClientResponse(
        user_pool_client=user_pool_client(client, secret=_described_secret(keys, client))
    )


async def delete_user_pool_client(call: Call, request: DeleteUserPoolClientRequest) -> None:
    """
    Delete a client; tokens of it are refused from now on.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.

    Source: Cognito API reference, DeleteUserPoolClient.
    """

    async def delete(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        if not await tx.clients.delete(pool.pool_id, ClientId(request.client_id)):
            raise no_client(request.client_id)

    await call.store.change(delete)


async def list_user_pool_clients(
    call: Call, request: ListUserPoolClientsRequest
) -> ListUserPoolClientsResponse:
    """
    A pool's clients in order of their ids, all or those of one type.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a token that continues no list of this pool and type.

    Source: Cognito API reference, ListUserPoolClients.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    keys = await call.keys.of_pool(pool)
    question = Question(
        operation="ListUserPoolClients", parameters=(pool.pool_id, request.client_type)
    )
    now = call.clock.now()
    after = ""
    if request.next_token is not None:
        (after,) = question.position(keys, request.next_token, now=now)
    limit = page_size(request.max_results)
    clients = await call.store.clients.page(pool.pool_id, after=after, limit=limit + 1)
    page = clients[:limit]
    return ListUserPoolClientsResponse(
        # A page may be short of what the type leaves out: the token, not the length, says more.
        user_pool_clients=[
            UserPoolClientDescription(
                client_id=client.client_id, user_pool_id=pool.pool_id, client_name=client.name
            )
            for client in page
            if request.client_type in (None, client.client_type)
        ],
        next_token=(
            question.token(keys, (page[-1].client_id,), now=now) if len(clients) > limit else None
        ),
    )


async def add_user_pool_client_secret(
    call: Call, request: AddUserPoolClientSecretRequest
) -> AddUserPoolClientSecretResponse:
    """
    Give a client a second secret, so that the first can be replaced without an outage.

    A generated value is in this answer and nowhere else; a given one is never shown.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        InvalidParameterException: the client is public, or was registered dynamically.
        LimitExceededException: it has two secrets.

    Source: Cognito API reference, AddUserPoolClientSecret; user-pools.md C.8.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    keys = await call.keys.of_pool(pool)
    generated = _new_secret(call) if request.client_secret is None else None
    value = generated or request.client_secret or ""
    sealed = keys.seal(PURPOSE, value.encode())
    now = call.clock.now()

    async def add(tx: Transaction) -> ClientSecret:
        client = await existing_client(tx, pool, request.client_id)
        secret = ClientSecret(secret_id=client.new_secret_id(now), sealed=sealed, created_at=now)
        await tx.clients.save(client.with_secret(secret, now=now))
        return secret

    secret = await call.store.change(add)
    return AddUserPoolClientSecretResponse(
        client_secret_descriptor=_descriptor(secret, value=generated)
    )


def _descriptor(secret: ClientSecret, *, value: str | None = None) -> ClientSecretDescriptorType:
    return ClientSecretDescriptorType(
        client_secret_id=secret.secret_id,
        client_secret_value=value,
        client_secret_create_date=secret.created_at.timestamp(),
    )


async def list_user_pool_client_secrets(
    call: Call, request: ListUserPoolClientSecretsRequest
) -> ListUserPoolClientSecretsResponse:
    """
    A client's secrets without their values, the oldest first; there are two at most.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        InvalidParameterException: any token, as no answer has one.

    Source: Cognito API reference, ListUserPoolClientSecrets.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    if request.next_token is not None:
        raise InvalidParameterException("Invalid pagination token")
    return ListUserPoolClientSecretsResponse(
        client_secrets=[_descriptor(secret) for secret in client.secrets]
    )


async def delete_user_pool_client_secret(
    call: Call, request: DeleteUserPoolClientSecretRequest
) -> DeleteUserPoolClientSecretResponse:
    """
    Delete one of a client's two secrets.

    Raises:
        ResourceNotFoundException: no such pool, client or secret.
        InvalidParameterException: it is the client's only secret.

    Source: Cognito API reference, DeleteUserPoolClientSecret; user-pools.md C.8.
    """
    now = call.clock.now()

    async def delete(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        client = await existing_client(tx, pool, request.client_id)
        await tx.clients.save(client.without_secret(request.client_secret_id, now=now))

    await call.store.change(delete)
    return DeleteUserPoolClientSecretResponse()


OPERATIONS: Operations = {
    "AddUserPoolClientSecret": add_user_pool_client_secret,
    "CreateUserPoolClient": create_user_pool_client,
    "DeleteUserPoolClient": delete_user_pool_client,
    "DeleteUserPoolClientSecret": delete_user_pool_client_secret,
    "DescribeUserPoolClient": describe_user_pool_client,
    "ListUserPoolClientSecrets": list_user_pool_client_secrets,
    "ListUserPoolClients": list_user_pool_clients,
    "UpdateUserPoolClient": update_user_pool_client,
}
