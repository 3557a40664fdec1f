"""Identity providers of a pool: SAML, OpenID Connect and the social ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from cognate.domain.attributes import with_identities
from cognate.domain.identity_providers import (
    MAXIMUM_PROVIDERS,
    NEVER_SHOWN,
    RESERVED_NAMES,
    SECRETS,
    IdentityProvider,
    check_acr_mapping,
    check_details,
    check_name,
    checked_mapping,
    completed,
    metadata_of,
)
from cognate.domain.pools import Pool
from cognate.errors import (
    DuplicateProviderException,
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
    UnsupportedIdentityProviderException,
)
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question, page_size
from cognate.operations.user_pools.pages import start_of, token_after
from cognate.ports import Call, PoolKeys, Repositories, Transaction
from cognate.signin.lookup import existing_pool
from cognate.wire.cognito_idp import (
    CreateIdentityProviderRequest,
    CreateIdentityProviderResponse,
    DeleteIdentityProviderRequest,
    DescribeIdentityProviderRequest,
    DescribeIdentityProviderResponse,
    GetIdentityProviderByIdentifierRequest,
    GetIdentityProviderByIdentifierResponse,
    IdentityProviderType,
    ListIdentityProvidersRequest,
    ListIdentityProvidersResponse,
    ProviderDescription,
    UpdateIdentityProviderRequest,
    UpdateIdentityProviderResponse,
)

T = TypeVar("T")

MAXIMUM_PAGE = 50  # what the model's list of providers holds, whatever was asked for


async def create_identity_provider(
    call: Call, request: CreateIdentityProviderRequest
) -> CreateIdentityProviderResponse:
    """
    Let users of another identity provider sign in to the pool; its secrets are kept sealed.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a name, details or a mapping that its type cannot have, or an
            identifier that another provider has.
        DuplicateProviderException: the pool has a provider of this name.
        LimitExceededException: the pool has as many as it may.

    Source: Cognito API reference, CreateIdentityProvider; federation.md, section 1.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    keys = await call.keys.of_pool(pool)
    now = call.clock.now()
    check_name(request.provider_name, request.provider_type)
    provider = IdentityProvider(
        pool_id=pool.pool_id,
        name=request.provider_name,
        type=request.provider_type,
        created_at=now,
        modified_at=now,
    )
    provider = _with_details(call, keys, provider, request.provider_details, now=now)
    provider = _with_rest(
        provider,
        pool,
        mapping=request.attribute_mapping or {},
        identifiers=request.idp_identifiers or (),
        acr_mapping=request.acr_mapping,
    )

    async def create(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        names = await tx.identity_providers.names(pool.pool_id)
        if provider.name in names:
            raise DuplicateProviderException(
                f"{provider.name} already exists in user pool {pool.pool_id}"
            )
        if len(names) >= MAXIMUM_PROVIDERS:
            raise LimitExceededException(
                f"A user pool cannot have more than {MAXIMUM_PROVIDERS} identity providers."
            )
        await _check_identifiers(tx, provider)
        await tx.identity_providers.add(provider)
        schema = with_identities(pool.schema)
        if schema != pool.schema:
            await tx.pools.save(replace(pool, schema=schema))

    await call.store.change(create)
    return CreateIdentityProviderResponse(identity_provider=_provider_type(keys, provider))


def _with_details(
    call: Call,
    keys: PoolKeys,
    provider: IdentityProvider,
    given: Mapping[str, str],
    *,
    now: datetime,
) -> IdentityProvider:
    """
    The provider with these details instead of its present ones, but for secrets that are never
    shown: whoever sends back what was described cannot send those.

    Raises:
        InvalidParameterException: details that its type cannot have.
    """
    hidden = {key: value for key, value in _opened(keys, provider).items() if key in NEVER_SHOWN}
    details = completed(provider.type, {**hidden, **given})
    check_details(provider.type, details, plain=call.deployment.development)
    entity_id = None
    document = details.get("MetadataFile")
    if document:
        metadata = metadata_of(document, now=now)
        entity_id = metadata.entity_id
        details["SSORedirectBindingURI"] = metadata.sign_in_url or ""
        if metadata.sign_out_url is not None:
            details["SLORedirectBindingURI"] = metadata.sign_out_url
    return replace(
        provider,
        details={key: value for key, value in details.items() if key not in SECRETS},
        sealed_details={
            key: keys.seal(provider.sealing_purpose(key), value.encode())
            for key, value in details.items()
            if key in SECRETS
        },
        entity_id=entity_id,
    )


def _with_rest(
    provider: IdentityProvider,
    pool: Pool,
    *,
    mapping: Mapping[str, str],
    identifiers: Sequence[str],
    acr_mapping: Mapping[str, str] | None,
) -> IdentityProvider:
    """
    Raises:
        InvalidParameterException: a mapping that the pool or the type cannot have.
    """
    check_acr_mapping(provider.type, acr_mapping)
    return replace(
        provider,
        mapping=checked_mapping(pool, provider.type, mapping),
        identifiers=tuple(dict.fromkeys(identifiers)),
        acr_mapping=acr_mapping or None,
    )


async def _check_identifiers(tx: Transaction, provider: IdentityProvider) -> None:
    for identifier in provider.identifiers:
        holder = await tx.identity_providers.name_of(provider.pool_id, identifier)
        if holder is not None and holder != provider.name:
            raise InvalidParameterException(
                f"The identifier {identifier} is used by another identity provider of user pool"
                f" {provider.pool_id}"
            )


async def describe_identity_provider(
    call: Call, request: DescribeIdentityProviderRequest
) -> DescribeIdentityProviderResponse:
    """
    A provider, client secret included; Apple's private key is not shown.

    Raises:
        ResourceNotFoundException: no such pool, or no such provider in it.

    Source: Cognito API reference, DescribeIdentityProvider.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    provider = await existing_provider(call.store, pool, request.provider_name)
    keys = await call.keys.of_pool(pool)
    return DescribeIdentityProviderResponse(identity_provider=_provider_type(keys, provider))


async def get_identity_provider_by_identifier(
    call: Call, request: GetIdentityProviderByIdentifierRequest
) -> GetIdentityProviderByIdentifierResponse:
    """
    As DescribeIdentityProvider, found by one of the provider's identifiers.

    Raises:
        ResourceNotFoundException: no such pool, or no provider with this identifier in it.

    Source: Cognito API reference, GetIdentityProviderByIdentifier.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    identifier = request.idp_identifier
    name = await call.store.identity_providers.name_of(pool.pool_id, identifier)
    if name is None:
        raise ResourceNotFoundException(
            f"Identity provider with identifier {identifier} does not exist."
        )
    provider = await existing_provider(call.store, pool, name)
    keys = await call.keys.of_pool(pool)
    return GetIdentityProviderByIdentifierResponse(identity_provider=_provider_type(keys, provider))


async def update_identity_provider(
    call: Call, request: UpdateIdentityProviderRequest
) -> UpdateIdentityProviderResponse:
    """
    Replace what is given of details, mappings and identifiers; name and type stay.

    Raises:
        ResourceNotFoundException: no such pool, or no such provider in it.
        UnsupportedIdentityProviderException: the pool's own users are no such provider.
        InvalidParameterException: details or a mapping that the type cannot have, or an
            identifier that another provider has.

    Source: Cognito API reference, UpdateIdentityProvider.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    keys = await call.keys.of_pool(pool)
    now = call.clock.now()
    _check_is_external(request.provider_name)

    async def update(tx: Transaction) -> IdentityProvider:
        pool = await existing_pool(tx, request.user_pool_id)
        present = await existing_provider(tx, pool, request.provider_name)
        provider = replace(present, modified_at=now)
        if request.provider_details is not None:
            provider = _with_details(call, keys, provider, request.provider_details, now=now)
        provider = _with_rest(
            provider,
            pool,
            mapping=_or(request.attribute_mapping, dict(present.mapping)),
            identifiers=_or(request.idp_identifiers, list(present.identifiers)),
            acr_mapping=_or(request.acr_mapping, present.acr_mapping),
        )
        await _check_identifiers(tx, provider)
        await tx.identity_providers.save(provider)
        return provider

    provider = await call.store.change(update)
    return UpdateIdentityProviderResponse(identity_provider=_provider_type(keys, provider))


def _or(given: T | None, present: T) -> T:
    return present if given is None else given


def _check_is_external(name: str) -> None:
    if name in RESERVED_NAMES:
        raise UnsupportedIdentityProviderException(
            f"The identity provider {name} cannot be changed or deleted."
        )


async def delete_identity_provider(call: Call, request: DeleteIdentityProviderRequest) -> None:
    """
    Delete a provider; who came by it stays, and cannot come by it again.

    Raises:
        ResourceNotFoundException: no such pool, or no such provider in it.
        UnsupportedIdentityProviderException: the pool's own users are no such provider.

    Source: Cognito API reference, DeleteIdentityProvider.
    """

    async def delete(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        _check_is_external(request.provider_name)
        if not await tx.identity_providers.delete(pool.pool_id, request.provider_name):
            raise no_provider(request.provider_name)

    await call.store.change(delete)


async def list_identity_providers(
    call: Call, request: ListIdentityProvidersRequest
) -> ListIdentityProvidersResponse:
    """
    The providers of a pool, by name, without their details.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a token of another question.

    Source: Cognito API reference, ListIdentityProviders.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    question = Question(operation="ListIdentityProviders", parameters=(pool.pool_id,))
    after = await start_of(call, pool, question, request.next_token)
    limit = min(page_size(request.max_results), MAXIMUM_PAGE)
    providers = await call.store.identity_providers.page(pool.pool_id, after=after, limit=limit + 1)
    last = providers[limit - 1].name if len(providers) > limit else None
    return ListIdentityProvidersResponse(
        providers=[
            ProviderDescription(
                provider_name=provider.name,
                provider_type=provider.type,
                creation_date=provider.created_at.timestamp(),
                last_modified_date=provider.modified_at.timestamp(),
            )
            for provider in providers[:limit]
        ],
        next_token=await token_after(call, pool, question, last),
    )


async def existing_provider(store: Repositories, pool: Pool, name: str) -> IdentityProvider:
    """
    Raises:
        ResourceNotFoundException: no such provider in the pool.
    """
    provider = await store.identity_providers.find(pool.pool_id, name)
    if provider is None:
        raise no_provider(name)
    return provider


def no_provider(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Identity provider {name} does not exist.")


def _opened(keys: PoolKeys, provider: IdentityProvider) -> dict[str, str]:
    return {
        key: keys.open(provider.sealing_purpose(key), sealed).decode()
        for key, sealed in provider.sealed_details.items()
    }


def _provider_type(keys: PoolKeys, provider: IdentityProvider) -> IdentityProviderType:
    shown = {key: value for key, value in _opened(keys, provider).items() if key not in NEVER_SHOWN}
    return IdentityProviderType(
        user_pool_id=provider.pool_id,
        provider_name=provider.name,
        provider_type=provider.type,
        provider_details={**provider.details, **shown},
        attribute_mapping=dict(provider.mapping),
        idp_identifiers=list(provider.identifiers),
        acr_mapping=None if provider.acr_mapping is None else dict(provider.acr_mapping),
        last_modified_date=provider.modified_at.timestamp(),
        creation_date=provider.created_at.timestamp(),
    )


OPERATIONS: Operations = {
    "CreateIdentityProvider": create_identity_provider,
    "DeleteIdentityProvider": delete_identity_provider,
    "DescribeIdentityProvider": describe_identity_provider,
    "GetIdentityProviderByIdentifier": get_identity_provider_by_identifier,
    "ListIdentityProviders": list_identity_providers,
    "UpdateIdentityProvider": update_identity_provider,
}
