"""Joining identities elsewhere to users of a pool, and parting them."""

from dataclasses import dataclass
from datetime import datetime

from cognate.domain import codes
from cognate.domain.attributes import VERIFIABLE
from cognate.domain.identity_providers import RESERVED_NAMES, IdentityProvider
from cognate.domain.linked_identities import (
    ATTRIBUTES_PER_PROVIDER,
    LINKS_PER_USER,
    LOCAL_PROVIDER,
    MAXIMUM_VALUE_LENGTH,
    SUBJECT,
    LinkedIdentity,
    blocked,
    check_source,
    check_subject,
    federated_username,
    with_link,
    without_link,
)
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus
from cognate.errors import (
    InvalidParameterException,
    LimitExceededException,
    UserNotFoundException,
)
from cognate.operations.operation import Operations
from cognate.operations.user_pools.identity_providers import existing_provider
from cognate.ports import Call, Repositories, Transaction
from cognate.signin.lookup import existing_pool, existing_user
from cognate.wire.cognito_idp import (
    AdminDisableProviderForUserRequest,
    AdminDisableProviderForUserResponse,
    AdminLinkProviderForUserRequest,
    AdminLinkProviderForUserResponse,
    ProviderUserIdentifierType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A user as a provider knows them; for the pool's own users the provider is `Cognito`."""

    provider: str
    attribute: str
    value: str

    @property
    def is_local(self) -> bool:
        return self.provider == LOCAL_PROVIDER


def _named(given: ProviderUserIdentifierType, member: str) -> _Named:
    if not given.provider_name or not given.provider_attribute_value:
        raise InvalidParameterException(
            f"{member} needs a ProviderName and a ProviderAttributeValue."
        )
    if len(given.provider_attribute_value) > MAXIMUM_VALUE_LENGTH:
        raise InvalidParameterException(
            f"ProviderAttributeValue cannot be longer than {MAXIMUM_VALUE_LENGTH} characters."
        )
    return _Named(
        provider=given.provider_name,
        attribute=given.provider_attribute_name or "",
        value=given.provider_attribute_value,
    )


async def admin_link_provider_for_user(
    call: Call, request: AdminLinkProviderForUserRequest
) -> AdminLinkProviderForUserResponse:
    """
    Let somebody who will come from a provider be a user that is there already.

    Raises:
        ResourceNotFoundException: no such pool, or no such provider in it.
        UserNotFoundException: no such user to link to.
        InvalidParameterException: users of the provider cannot be told so, or the identity is
            somebody's already.
        LimitExceededException: the user has as many identities, or the provider is linked by as
            many attributes, as there may be.

    Source: Cognito API reference, AdminLinkProviderForUser; federation.md, section 6.
    """
    source = _named(request.source_user, "SourceUser")
    destination = _named(request.destination_user, "DestinationUser")
    now = call.clock.now()

    async def link(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        provider = await _source_provider(tx, pool, source)
        user = await _destination(tx, pool, destination)
        await _check_is_nobody(tx, pool, source, user)
        await _check_limits(tx, pool, source, user)
        made = LinkedIdentity(
            pool_id=pool.pool_id,
            provider=provider.name,
            attribute=source.attribute,
            value=source.value,
            sub=user.sub,
            linked_at=now,
        )
        await tx.linked_identities.save(made)
        if user.status is UserStatus.UNCONFIRMED:
            await _forget_unconfirmed_credentials(tx, user)
        await tx.users.save(pool, with_link(user, made, provider))

    await call.store.change(link)
    return AdminLinkProviderForUserResponse()


async def _source_provider(tx: Transaction, pool: Pool, source: _Named) -> IdentityProvider:
    if source.provider in RESERVED_NAMES:
        raise _local_source()
    provider = await existing_provider(tx, pool, source.provider)
    check_source(provider, source.attribute)
    return provider


def _local_source() -> InvalidParameterException:
    return InvalidParameterException(
        "Invalid SourceUser: Cognito users with a username/password may not be passed in as a"
        " SourceUser, only as a DestinationUser"
    )


async def _destination(tx: Transaction, pool: Pool, destination: _Named) -> User:
    if destination.is_local:
        return await existing_user(tx, pool, destination.value)
    await existing_provider(tx, pool, destination.provider)
    user = await _federated_profile(tx, pool, destination)
    if user is None:
        raise UserNotFoundException
    return user


async def _federated_profile(store: Repositories, pool: Pool, named: _Named) -> User | None:
    """The user who came from the provider with this subject, and has a profile for it."""
    return await store.users.find_by_username(pool, federated_username(named.provider, named.value))


async def _check_is_nobody(tx: Transaction, pool: Pool, source: _Named, user: User) -> None:
    """The source has no profile, and no link."""
    present = await tx.linked_identities.find(
        pool.pool_id, source.provider, source.attribute, source.value
    )
    if present is not None and present.sub == user.sub:
        raise InvalidParameterException("SourceUser is already linked to DestinationUser")
    if present is not None:
        raise InvalidParameterException("SourceUser is already linked to another user")
    if source.attribute != SUBJECT:
        return
    profile = await _federated_profile(tx, pool, source)
    if profile is None:
        return
    if profile.status is UserStatus.EXTERNAL_PROVIDER:
        raise InvalidParameterException(
            "Merging is not currently supported, provide a SourceUser that has not been signed up"
            " in order to link"
        )
    raise _local_source()


async def _check_limits(tx: Transaction, pool: Pool, source: _Named, user: User) -> None:
    links = await tx.linked_identities.of_user(pool.pool_id, user.sub)
    if sum(not link.is_blocked for link in links) >= LINKS_PER_USER:
        raise LimitExceededException(
            f"A user cannot be linked to more than {LINKS_PER_USER} identities."
        )
    attributes = await tx.linked_identities.attributes_of(
        pool.pool_id, source.provider, limit=ATTRIBUTES_PER_PROVIDER
    )
    if source.attribute not in attributes and len(attributes) >= ATTRIBUTES_PER_PROVIDER:
        raise LimitExceededException(
            f"An identity provider cannot be linked by more than {ATTRIBUTES_PER_PROVIDER}"
            " attributes."
        )


async def _forget_unconfirmed_credentials(tx: Transaction, user: User) -> None:
    """
    Whoever signed up under this name never proved that it is theirs: their password must not open
    what another proves to own (threats.md S2).
    """
    await tx.credentials.delete(user.pool_id, user.sub)
    await _forget_codes(tx, user)


async def _forget_codes(tx: Transaction, user: User) -> None:
    verifications = (codes.verification_of(name) for name in VERIFIABLE)
    for purpose in (codes.SIGN_UP, codes.FORGOT_PASSWORD, *verifications):
        await tx.codes.delete(user.pool_id, user.sub, purpose)


async def admin_disable_provider_for_user(
    call: Call, request: AdminDisableProviderForUserRequest
) -> AdminDisableProviderForUserResponse:
    """
    End a link, keep a federated user from coming in again, or take a local user's password.

    Raises:
        ResourceNotFoundException: no such pool.
        UserNotFoundException: nobody comes from the provider so.
        InvalidParameterException: an attribute that users of the provider are not told by.

    Source: Cognito API reference, AdminDisableProviderForUser; federation.md, section 6.
    """
    named = _named(request.user, "User")
    check_subject(named.provider, named.attribute)
    now = call.clock.now()

    async def disable(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        if named.is_local:
            await _take_password(tx, pool, named, now=now)
        else:
            await _part(tx, pool, named, now=now)

    await call.store.change(disable)
    return AdminDisableProviderForUserResponse()


async def _take_password(tx: Transaction, pool: Pool, named: _Named, *, now: datetime) -> None:
    """From now on the user can come from providers only, as one who never had a password."""
    user = await existing_user(tx, pool, named.value)
    await tx.credentials.delete(pool.pool_id, user.sub)
    await _forget_codes(tx, user)
    await tx.users.save(pool, user.with_status(UserStatus.EXTERNAL_PROVIDER, now=now))


async def _part(tx: Transaction, pool: Pool, named: _Named, *, now: datetime) -> None:
    link = await tx.linked_identities.find(
        pool.pool_id, named.provider, named.attribute, named.value
    )
    if link is not None and link.is_blocked:
        return
    if link is not None:
        await tx.linked_identities.delete(link)
        user = await tx.users.find(pool.pool_id, link.sub)
        if user is not None:
            await tx.users.save(pool, without_link(user, link, now=now))
        return
    profile = await _federated_profile(tx, pool, named) if named.attribute == SUBJECT else None
    if profile is None or profile.status is not UserStatus.EXTERNAL_PROVIDER:
        raise UserNotFoundException
    own = LinkedIdentity(
        pool_id=pool.pool_id,
        provider=named.provider,
        attribute=named.attribute,
        value=named.value,
        sub=profile.sub,
        linked_at=now,
    )
    await tx.linked_identities.save(blocked(own))
    await tx.users.save(pool, without_link(profile, own, now=now))


OPERATIONS: Operations = {
    "AdminDisableProviderForUser": admin_disable_provider_for_user,
    "AdminLinkProviderForUser": admin_link_provider_for_user,
}
