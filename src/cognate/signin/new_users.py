"""Adding a user to a pool: their names must be free. Source: user-pools.md C.4, I."""

from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import UsernameExistsException
from cognate.ports import Transaction
from cognate.signin.user_attributes import check_aliases_free, taken_alias


async def add(tx: Transaction, pool: Pool, user: User, *, taken: str | None = None) -> None:
    """
    Store a new user. `taken`: the text where the user name is somebody's already.

    Raises:
        UsernameExistsException: so it is, or the e-mail address or phone number that stands for
            a user name in this pool.
        AliasExistsException: an alias of theirs is somebody else's.
    """
    if await tx.users.find_by_username(pool, user.username) is not None:
        raise UsernameExistsException(taken)
    if "preferred_username" in pool.alias_attributes:
        # Otherwise the new name would hide the other's alias, which is looked for second.
        holder = await tx.users.find_by_alias(pool, "preferred_username", user.username)
        if holder is not None:
            raise UsernameExistsException(taken)
    if pool.username_attributes:
        kind = await taken_alias(tx, pool, user)
        if kind is not None:
            raise UsernameExistsException(f"An account with the given {kind} already exists.")
    await check_aliases_free(tx, pool, user)
    await tx.users.add(pool, user)
