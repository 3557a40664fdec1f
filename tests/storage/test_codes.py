"""Codes: one of each purpose, used up by exactly one caller."""

from dataclasses import replace
from datetime import timedelta

from cognate.domain.codes import FORGOT_PASSWORD
from tests.storage.conftest import winners
from tests.storage.records import LATER, LONG_AGO, NOW, POOL, a_code, sub_of


async def test_a_code_is_found_as_it_was_stored_and_by_its_purpose(store, change):
    code = a_code(pending_value="new@example.com")

    await change.codes.save(code)

    assert await store.codes.find(POOL.pool_id, sub_of(1), code.purpose) == code
    assert await store.codes.find(POOL.pool_id, sub_of(1), FORGOT_PASSWORD) is None
    assert await store.codes.find(POOL.pool_id, sub_of(2), code.purpose) is None


async def test_a_code_is_redeemed_by_exactly_one_caller(store, change):
    await change.codes.save(a_code())

    assert await winners(store, lambda tx: tx.codes.redeem(a_code())) == 1

    assert await store.codes.find(POOL.pool_id, sub_of(1), a_code().purpose) is None


async def test_a_code_that_was_replaced_is_redeemed_by_nobody(store, change):
    old = a_code(b"\x01" * 32)
    same_digits_later = replace(old, issued_at=NOW + timedelta(milliseconds=1))
    new = a_code(b"\x02" * 32, issued_at=LATER)
    await change.codes.save(old)
    await change.codes.save(new)

    assert await change.codes.redeem(old) is False
    assert await change.codes.redeem(same_digits_later) is False

    assert await store.codes.find(POOL.pool_id, sub_of(1), old.purpose) == new
    assert await change.codes.redeem(new) is True


async def test_a_redemption_that_is_rolled_back_leaves_the_code_good(store, change):
    await change.codes.save(a_code())

    async def redeem_and_refuse(tx):
        assert await tx.codes.redeem(a_code())
        raise LookupError

    for _ in range(2):
        try:
            await store.change(redeem_and_refuse)
        except LookupError:
            continue

    assert await winners(store, lambda tx: tx.codes.redeem(a_code())) == 1


async def test_deleting_a_code_spares_the_other_purposes(store, change):
    other = a_code(purpose=FORGOT_PASSWORD)
    await change.codes.save(a_code())
    await change.codes.save(other)

    await change.codes.delete(POOL.pool_id, sub_of(1), a_code().purpose)

    assert await store.codes.find(POOL.pool_id, sub_of(1), a_code().purpose) is None
    assert await store.codes.find(POOL.pool_id, sub_of(1), FORGOT_PASSWORD) == other


async def test_old_codes_are_forgotten_a_few_at_a_time(store, change):
    for number in range(5):
        await change.codes.save(a_code(sub=sub_of(number), issued_at=LONG_AGO))
    await change.codes.save(a_code(sub=sub_of(9)))

    forgotten = [await change.codes.purge(before=NOW, limit=3) for _ in range(3)]

    assert forgotten == [3, 2, 0]
    assert await store.codes.find(POOL.pool_id, sub_of(9), a_code().purpose) is not None
