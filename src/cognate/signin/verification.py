"""
Proving an e-mail address or phone number by a code that was sent there.

Source: user-pools.md C.4, C.6, D.3, F.1.
"""

from cognate.domain import codes
from cognate.domain.attributes import VERIFIABLE
from cognate.domain.codes import Delivery
from cognate.domain.message_texts import code_message
from cognate.domain.pools import Pool
from cognate.domain.user_attributes import flag_of
from cognate.domain.users import User
from cognate.errors import InvalidParameterException
from cognate.ports import Call, Transaction
from cognate.signin import guesses, user_attributes
from cognate.signin.codes import delivery_to, judged, new_code, redeem, store_code
from cognate.signin.lookup import reread


async def send_code(call: Call, pool: Pool, user: User, attribute: str) -> Delivery:
    """
    Send a code that proves `attribute`: its value, or the one that waits to take its place.

    Raises:
        InvalidParameterException: nothing that can be verified, or without a value.
        LimitExceededException: too often in this hour.
    """
    _check_verifiable(attribute)
    await guesses.count_hourly(call, pool.pool_id, user.sub, "get_attribute_code")
    keys = await call.keys.of_pool(pool)
    code, purpose = new_code(call), codes.verification_of(attribute)

    async def send(tx: Transaction) -> Delivery:
        present = await reread(tx, user)
        earlier = await tx.codes.find(pool.pool_id, present.sub, purpose)
        pending = earlier.pending_value if earlier is not None else None
        recipient = pending or present.attributes.get(attribute)
        if not recipient:
            raise InvalidParameterException(f"The user has no {attribute} to verify.")
        await store_code(
            call,
            tx,
            keys,
            pool,
            present,
            purpose=purpose,
            code=code,
            attribute=attribute,
            lifetime=codes.VERIFICATION_LIFETIME,
            message=code_message(pool, attribute=attribute, recipient=recipient, code=code),
            pending_value=pending,
        )
        return delivery_to(attribute, recipient)

    return await call.store.change(send)


async def verify(call: Call, pool: Pool, user: User, *, attribute: str, code: str) -> User:
    """
    Take the code back: the attribute is verified, and a value that waited for it takes its place.

    An alias moves here from whoever had it before: control of the address is proven.

    Raises:
        InvalidParameterException: nothing that can be verified.
        CodeMismatchException, ExpiredCodeException: a wrong code, or none that is good.
        AliasExistsException: the value has become somebody else's user name meanwhile.
        LimitExceededException: too often in this hour.
    """
    _check_verifiable(attribute)
    await guesses.count_hourly(call, pool.pool_id, user.sub, "verify_attribute")
    keys = await call.keys.of_pool(pool)
    purpose = codes.verification_of(attribute)
    await judged(
        call, call.store, keys, pool_id=pool.pool_id, sub=user.sub, purpose=purpose, given=code
    )

    async def settle(tx: Transaction) -> User:
        present = await reread(tx, user)
        redeemed = await redeem(call, tx, keys, present, purpose=purpose, given=code)
        now = call.clock.now()
        changes: dict[str, str | None] = {flag_of(attribute): "true"}
        if redeemed.pending_value is not None:
            changes[attribute] = redeemed.pending_value
            await user_attributes.forget_codes(tx, present, [attribute])
        verified = present.with_attributes(changes, now=now)
        await user_attributes.take_aliases(tx, pool, verified, now=now)
        await user_attributes.check_aliases_free(tx, pool, verified)
        await tx.users.save(pool, verified)
        return verified

    return await call.store.change(settle)


def _check_verifiable(attribute: str) -> None:
    if attribute not in VERIFIABLE:
        raise InvalidParameterException(
            "Invalid attribute name. Only phone_number and email can be verified."
        )
