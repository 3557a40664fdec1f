"""
Writing the attributes of a user, for administrators and for users themselves.

The two differ in what is checked before (`check_by_admin`, `check_by_client`); the write is one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from cognate.domain import codes, user_attributes
from cognate.domain.attributes import VERIFIABLE
from cognate.domain.clients import Client
from cognate.domain.codes import Delivery
from cognate.domain.message_texts import code_message
from cognate.domain.pools import Pool
from cognate.domain.user_attributes import AttributeWrite, flag_of
from cognate.domain.users import User, aliases
from cognate.errors import (
    AliasExistsException,
    InvalidParameterException,
)
from cognate.ports import Call, PoolKeys, Transaction
from cognate.signin import writing
from cognate.signin.codes import delivery_to, new_code, store_code
from cognate.signin.lookup import reread


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The user as stored now, and where codes went."""

    user: User
    deliveries: tuple[Delivery, ...]


def check_by_admin(pool: Pool, given: Mapping[str, str]) -> None:
    """
    What a signed caller may write: all that the schema has and that may change.

    Raises:
        InvalidParameterException: the first rule that is broken.
    """
    unknown = [name for name in given if name not in pool.schema_by_name]
    if unknown:
        lines = "".join(
            f"user.{name}: Attribute does not exist in the schema.\n" for name in unknown
        )
        raise InvalidParameterException(f"Invalid user attributes: {lines}")
    writing.check_mutable(pool, given)
    _check_removals(pool, given)
    writing.check_values(pool, given)


def check_by_client(pool: Pool, client: Client, user: User, given: Mapping[str, str]) -> None:
    """
    What `user` may write through `client`, and must: a required attribute without a value.

    Raises:
        InvalidParameterException: the schema does not allow it, or a required one is missing.
        NotAuthorizedException: the client may not write it.
    """
    writing.check_writable(pool, client, given)
    writing.check_mutable(pool, given)
    _check_removals(pool, given)
    writing.check_values(pool, given)
    if any(given.values()):
        writing.check_required(pool, {**user.attributes, **given})


def _check_removals(pool: Pool, given: Mapping[str, str]) -> None:
    required = [name for name, value in given.items() if not value and _is_required(pool, name)]
    if required:
        raise _not_removable(required)


def _is_required(pool: Pool, name: str) -> bool:
    return pool.schema_by_name[name].required


def _not_removable(names: Collection[str]) -> InvalidParameterException:
    lines = "\n".join(f"{name}: Required attribute cannot be deleted." for name in names)
    return InvalidParameterException(f"Invalid user attributes: {lines}")


async def write(call: Call, pool: Pool, user: User, given: Mapping[str, str]) -> Written:
    """
    Write what was checked before; an empty value removes. Codes go where a value is to be proven.

    Raises:
        AliasExistsException: another user has such a sign-in name.
        InvalidParameterException: a flag without a value, or the last sign-in name removed.
        UserNotFoundException: the user was deleted meanwhile.
    """
    given = user_attributes.normalised(pool, given)
    keys = await call.keys.of_pool(pool)
    fresh_codes = {name: new_code(call) for name in VERIFIABLE}

    async def body(tx: Transaction) -> Written:
        present = await reread(tx, user)
        plan = user_attributes.planned(pool, present, given)
        user_attributes.check_flags(given, {**present.attributes, **given})
        changed = present.with_attributes(plan.changed, now=call.clock.now())
        _check_keeps_a_name(pool, present, changed)
        # A value that waits for its code must be free already.
        waiting = {name: plan.codes[name] for name in plan.pending}
        await check_aliases_free(
            tx, pool, changed.with_attributes(waiting, now=changed.modified_at)
        )
        await forget_codes(tx, present, plan.replaced)
        await _forget_reverted(tx, present, given)
        await tx.users.save(pool, changed)
        return await _send_codes(call, tx, keys, pool, changed, plan=plan, fresh_codes=fresh_codes)

    return await call.store.change(body)


def _check_keeps_a_name(pool: Pool, before: User, after: User) -> None:
    """Whoever signs in by an attribute cannot lose the last one of them."""
    held = [kind for kind in pool.username_attributes if before.attributes.get(kind)]
    if held and not any(after.attributes.get(kind) for kind in pool.username_attributes):
        raise _not_removable(held)


async def _forget_reverted(tx: Transaction, present: User, given: Mapping[str, str]) -> None:
    """Writing the old value again calls off the change to another that waits for its code."""
    for name in VERIFIABLE:
        if name in given and given[name] == present.attributes.get(name, ""):
            purpose = codes.verification_of(name)
            code = await tx.codes.find(present.pool_id, present.sub, purpose)
            if code is not None and code.pending_value is not None:
                await tx.codes.delete(present.pool_id, present.sub, purpose)


async def _send_codes(  # noqa: PLR0913 - a part of `write`
    call: Call,
    tx: Transaction,
    keys: PoolKeys,
    pool: Pool,
    user: User,
    *,
    plan: AttributeWrite,
    fresh_codes: Mapping[str, str],
) -> Written:
    for name, value in plan.codes.items():
        await store_code(
            call,
            tx,
            keys,
            pool,
            user,
            purpose=codes.verification_of(name),
            code=fresh_codes[name],
            attribute=name,
            lifetime=codes.VERIFICATION_LIFETIME,
            message=code_message(pool, attribute=name, recipient=value, code=fresh_codes[name]),
            pending_value=value if name in plan.pending else None,
        )
    deliveries = tuple(delivery_to(name, value) for name, value in plan.codes.items())
    return Written(user=user, deliveries=deliveries)


async def forget_codes(tx: Transaction, user: User, attributes: Collection[str]) -> None:
    """Codes that went to a value which is no longer the user's prove nothing."""
    for name in attributes:
        for purpose in (codes.SIGN_UP, codes.FORGOT_PASSWORD, codes.verification_of(name)):
            code = await tx.codes.find(user.pool_id, user.sub, purpose)
            if code is not None and code.attribute == name:
                await tx.codes.delete(user.pool_id, user.sub, purpose)


# --- sign-in names -------------------------------------------------------------------------------


async def taken_alias(tx: Transaction, pool: Pool, user: User) -> str | None:
    """The kind of a sign-in name of `user` that somebody else has, or None."""
    for kind in aliases(pool, user):
        value = user.attributes[kind]
        holder = await tx.users.find_by_alias(pool, kind, value)
        if holder is None and kind == "preferred_username":
            holder = await tx.users.find_by_username(pool, value)
        if holder is not None and holder.sub != user.sub:
            return kind
    return None


async def check_aliases_free(tx: Transaction, pool: Pool, user: User) -> None:
    """
    Call inside the change that saves `user`.

    Raises:
        AliasExistsException: a sign-in name of theirs is somebody else's.
    """
    kind = await taken_alias(tx, pool, user)
    if kind is not None:
        raise alias_exists(kind)


def alias_exists(kind: str) -> AliasExistsException:
    return AliasExistsException(f"An account with the given {kind} already exists.")


async def take_aliases(tx: Transaction, pool: Pool, user: User, *, now: datetime) -> None:
    """
    Make the verified aliases of `user` free: who had one before is no longer verified.

    Call inside the change that saves `user`, before it does. A preferred_username and username
    attributes do not move, so `check_aliases_free` has the last word.
    """
    for kind in VERIFIABLE:
        if kind not in pool.alias_attributes or not user.is_verified(kind):
            continue
        holder = await tx.users.find_by_alias(pool, kind, user.attributes[kind])
        if holder is not None and holder.sub != user.sub:
            await tx.users.save(pool, holder.with_attributes({flag_of(kind): "false"}, now=now))
