"""Finding pools, clients and users by the names that callers give."""

from cognate.domain.attributes import is_email, is_phone_number
from cognate.domain.clients import Client
from cognate.domain.ids import ClientId, PoolId
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import ResourceNotFoundException, UserNotFoundException
from cognate.ports import Repositories


async def existing_pool(store: Repositories, pool_id: str) -> Pool:
    """
    Raises:
        ResourceNotFoundException: no such pool.
    """
    pool = await store.pools.find(PoolId(pool_id))
    if pool is None:
        raise ResourceNotFoundException(f"User pool {pool_id} does not exist.")
    return pool


async def existing_client(store: Repositories, pool: Pool, client_id: str) -> Client:
    """
    Raises:
        ResourceNotFoundException: no such client in the pool.
    """
    client = await store.clients.find(pool.pool_id, ClientId(client_id))
    if client is None:
        raise no_client(client_id)
    return client


async def client_and_pool(store: Repositories, client_id: str) -> tuple[Pool, Client]:
    """
    The client of an unsigned request and its pool.

    Raises:
        ResourceNotFoundException: no such client.
    """
    pool_id = await store.clients.pool_of(ClientId(client_id))
    if pool_id is None:
        raise no_client(client_id)
    pool = await existing_pool(store, pool_id)
    return pool, await existing_client(store, pool, client_id)


def no_client(client_id: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"User pool client {client_id} does not exist.")


async def find_user(store: Repositories, pool: Pool, name: str) -> User | None:
    """The user whose user name or sign-in alias is `name` (user-pools.md C.4)."""
    user = await store.users.find_by_username(pool, name)
    if user is not None:
        return user
    for kind in (*pool.username_attributes, *pool.alias_attributes):
        if _may_be(kind, name):
            user = await store.users.find_by_alias(pool, kind, name)
            if user is not None:
                return user
    return None


async def existing_user(store: Repositories, pool: Pool, name: str) -> User:
    """
    Raises:
        UserNotFoundException: no user of the pool is called so.
    """
    user = await find_user(store, pool, name)
    if user is None:
        raise UserNotFoundException
    return user


async def reread(tx: Repositories, user: User) -> User:
    """
    The user as stored now, for a change that was prepared with an earlier reading.

    Raises:
        UserNotFoundException: deleted meanwhile.
    """
    present = await tx.users.find(user.pool_id, user.sub)
    if present is None:
        raise UserNotFoundException
    return present


def _may_be(kind: str, name: str) -> bool:
    if kind == "email":
        return is_email(name)
    if kind == "phone_number":
        return is_phone_number(name)
    return True
