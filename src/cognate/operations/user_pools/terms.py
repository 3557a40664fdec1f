"""Terms of use and privacy policies of clients."""

from dataclasses import replace

from cognate.domain.ids import ClientId
from cognate.domain.pools import Pool
from cognate.domain.terms import MAXIMUM_TERMS, Terms, check_links
from cognate.errors import (
    LimitExceededException,
    ResourceNotFoundException,
    TermsExistsException,
)
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question, page_size
from cognate.operations.user_pools.pages import start_of, token_after
from cognate.ports import Call, Repositories, Transaction
from cognate.signin.lookup import existing_client, existing_pool
from cognate.wire.cognito_idp import (
    CreateTermsRequest,
    CreateTermsResponse,
    DeleteTermsRequest,
    DescribeTermsByClientRequest,
    DescribeTermsByClientResponse,
    DescribeTermsRequest,
    DescribeTermsResponse,
    ListTermsRequest,
    ListTermsResponse,
    TermsDescriptionType,
    TermsType,
    UpdateTermsRequest,
    UpdateTermsResponse,
)

SOURCE = "LINK"  # the only TermsSource that there is
ENFORCEMENT = "NONE"  # and the only Enforcement


async def create_terms(call: Call, request: CreateTermsRequest) -> CreateTermsResponse:
    """
    Link a client's terms of use or privacy policy, for each language that has its own.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        TermsExistsException: the client has a document of this name.
        InvalidParameterException: no links, or one that is no https address.
        LimitExceededException: the pool has as many documents as it may.

    Source: Cognito API reference, CreateTerms; user-pools.md J.8.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    check_links(request.links)
    now = call.clock.now()
    terms = Terms(
        pool_id=pool.pool_id,
        terms_id=call.entropy.uuid(),
        client_id=client.client_id,
        name=request.terms_name,
        links=request.links or {},
        created_at=now,
        modified_at=now,
    )

    async def create(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        await existing_client(tx, pool, request.client_id)
        if await tx.terms.find_by_client(pool.pool_id, client.client_id, terms.name):
            raise TermsExistsException
        if await tx.terms.count(pool.pool_id) >= MAXIMUM_TERMS:
            raise LimitExceededException(
                f"A user pool cannot have more than {MAXIMUM_TERMS} terms documents."
            )
        await tx.terms.add(terms)

    await call.store.change(create)
    return CreateTermsResponse(terms=_terms_type(terms))


async def describe_terms(call: Call, request: DescribeTermsRequest) -> DescribeTermsResponse:
    """
    Raises:
        ResourceNotFoundException: no such pool, or no such document in it.

    Source: Cognito API reference, DescribeTerms.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    terms = await _existing_terms(call.store, pool, request.terms_id)
    return DescribeTermsResponse(terms=_terms_type(terms))


async def describe_terms_by_client(
    call: Call, request: DescribeTermsByClientRequest
) -> DescribeTermsByClientResponse:
    """
    Raises:
        ResourceNotFoundException: no such pool, no such client in it, or no such document of the
            client.

    Source: Cognito API reference, DescribeTermsByClient.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    terms = await call.store.terms.find_by_client(
        pool.pool_id, ClientId(client.client_id), request.terms_name
    )
    if terms is None:
        raise ResourceNotFoundException(
            f"User pool client {client.client_id} has no {request.terms_name} terms."
        )
    return DescribeTermsByClientResponse(terms=_terms_type(terms))


async def update_terms(call: Call, request: UpdateTermsRequest) -> UpdateTermsResponse:
    """
    Change a document's name or replace its links; what is not given stays.

    Raises:
        ResourceNotFoundException: no such pool, or no such document in it.
        TermsExistsException: the client has another document of the new name.
        InvalidParameterException: a link that is no https address.

    Source: Cognito API reference, UpdateTerms.
    """
    now = call.clock.now()

    async def update(tx: Transaction) -> Terms:
        pool = await existing_pool(tx, request.user_pool_id)
        present = await _existing_terms(tx, pool, request.terms_id)
        if request.links is not None:
            check_links(request.links)
        terms = replace(
            present,
            name=request.terms_name or present.name,
            links=request.links or present.links,
            modified_at=now,
        )
        namesake = await tx.terms.find_by_client(pool.pool_id, terms.client_id, terms.name)
        if namesake is not None and namesake.terms_id != terms.terms_id:
            raise TermsExistsException
        await tx.terms.save(terms)
        return terms

    return UpdateTermsResponse(terms=_terms_type(await call.store.change(update)))


async def delete_terms(call: Call, request: DeleteTermsRequest) -> None:
    """
    Raises:
        ResourceNotFoundException: no such pool, or no such document in it.

    Source: Cognito API reference, DeleteTerms.
    """

    async def delete(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        if not await tx.terms.delete(pool.pool_id, request.terms_id):
            raise _no_terms(request.terms_id)

    await call.store.change(delete)


async def list_terms(call: Call, request: ListTermsRequest) -> ListTermsResponse:
    """
    The documents of a pool, by id, without client and links.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a token of another question.

    Source: Cognito API reference, ListTerms.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    question = Question(operation="ListTerms", parameters=(pool.pool_id,))
    after = await start_of(call, pool, question, request.next_token)
    limit = page_size(request.max_results)
    found = await call.store.terms.page(pool.pool_id, after=after, limit=limit + 1)
    last = found[limit - 1].terms_id if len(found) > limit else None
    return ListTermsResponse(
        terms=[
            TermsDescriptionType(
                terms_id=terms.terms_id,
                terms_name=terms.name,
                enforcement=ENFORCEMENT,
                creation_date=terms.created_at.timestamp(),
                last_modified_date=terms.modified_at.timestamp(),
            )
            for terms in found[:limit]
        ],
        next_token=await token_after(call, pool, question, last),
    )


async def _existing_terms(store: Repositories, pool: Pool, terms_id: str) -> Terms:
    terms = await store.terms.find(pool.pool_id, terms_id)
    if terms is None:
        raise _no_terms(terms_id)
    return terms


def _no_terms(terms_id: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Terms {terms_id} do not exist.")


def _terms_type(terms: Terms) -> TermsType:
    return TermsType(
        terms_id=terms.terms_id,
        user_pool_id=terms.pool_id,
        client_id=terms.client_id,
        terms_name=terms.name,
        terms_source=SOURCE,
        enforcement=ENFORCEMENT,
        links=dict(terms.links),
        creation_date=terms.created_at.timestamp(),
        last_modified_date=terms.modified_at.timestamp(),
    )


OPERATIONS: Operations = {
    "CreateTerms": create_terms,
    "DeleteTerms": delete_terms,
    "DescribeTerms": describe_terms,
    "DescribeTermsByClient": describe_terms_by_client,
    "ListTerms": list_terms,
    "UpdateTerms": update_terms,
}
