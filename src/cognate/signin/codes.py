"""Codes that are sent to users: made, stored as a keyed digest, handed to the outbox, redeemed."""

import hmac
from datetime import timedelta

from cognate.domain.attributes import masked
from cognate.domain.codes import DIGITS, Code, Delivery, medium_of
from cognate.domain.ids import PoolId, Sub
from cognate.domain.messages import Message
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import CodeMismatchException, ExpiredCodeException
from cognate.ports import Call, PoolKeys, Repositories, Transaction

NUMERALS = "0123456789"


def new_code(call: Call, digits: int = DIGITS) -> str:
    """Digits with leading zeros kept. A fixed code is repeated or cut to the length."""
    fixed = call.deployment.fixed_code
    if fixed is not None:
        return (fixed * digits)[:digits]
    return call.entropy.text(NUMERALS, digits)


def code_hash(keys: PoolKeys, sub: Sub, purpose: str, code: str) -> bytes:
    return keys.digest("code", f"{sub}/{purpose}/{code}".encode())


def delivery_to(attribute: str, value: str) -> Delivery:
    return Delivery(
        attribute=attribute, medium=medium_of(attribute), destination=masked(attribute, value)
    )


async def store_code(  # noqa: PLR0913 - a code has this many parts
    call: Call,
    tx: Transaction,
    keys: PoolKeys,
    pool: Pool,
    user: User,
    *,
    purpose: str,
    code: str,
    attribute: str,
    lifetime: timedelta,
    message: Message,
    pending_value: str | None = None,
) -> None:
    """
    Keep the digest of `code` and put `message`, which carries it, into the outbox.

    `keys` are the pool's, taken before the change began: nothing is waited for inside one.
    """
    now = call.clock.now()
    await tx.codes.save(
        Code(
            pool_id=pool.pool_id,
            sub=user.sub,
            purpose=purpose,
            code_hash=code_hash(keys, user.sub, purpose, code),
            attribute=attribute,
            issued_at=now,
            expires_at=now + lifetime,
            pending_value=pending_value,
        )
    )
    await call.outbox.put(tx, keys, pool, message)


async def judged(  # noqa: PLR0913 - a code is one user's, for one purpose
    call: Call,
    store: Repositories,
    keys: PoolKeys,
    *,
    pool_id: PoolId,
    sub: Sub,
    purpose: str,
    given: str,
) -> Code:
    """
    The code of `purpose`, where it is the one given; it stays good.

    Raises:
        ExpiredCodeException: none was sent, it was used, or it is too old.
        CodeMismatchException: another code than the one sent.
    """
    stored = await store.codes.find(pool_id, sub, purpose)
    expected = code_hash(keys, sub, purpose, given)
    if stored is None or call.clock.now() >= stored.expires_at:
        raise ExpiredCodeException
    if not hmac.compare_digest(stored.code_hash, expected):
        raise CodeMismatchException
    return stored


async def redeem(
    call: Call,
    tx: Transaction,
    keys: PoolKeys,
    user: User,
    *,
    purpose: str,
    given: str,
) -> Code:
    """
    Use up the code of `purpose`.

    Raises:
        ExpiredCodeException, CodeMismatchException: as `judged` says.
    """
    stored = await judged(
        call, tx, keys, pool_id=user.pool_id, sub=user.sub, purpose=purpose, given=given
    )
    if not await tx.codes.redeem(stored):
        raise ExpiredCodeException
    return stored
