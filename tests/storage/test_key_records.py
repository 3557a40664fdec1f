"""Data keys, signing keys and access keys, all of them sealed."""

from dataclasses import replace

import pytest

from cognate.domain.keys import SERVER
from cognate.ports.store import AlreadyStored
from tests.storage.conftest import winners
from tests.storage.records import (
    LATER,
    NOW,
    POOL,
    a_data_key,
    a_pool,
    a_signing_certificate,
    a_signing_key,
    an_access_key,
)


async def test_data_keys_are_found_by_id_and_listed_oldest_first(store, change):
    newer = a_data_key("aa", created_at=LATER)
    older = a_data_key("bb", created_at=NOW)
    of_server = replace(a_data_key("cc"), pool_id=SERVER)
    for key in (newer, older, of_server):
        await change.key_records.add_data_key(key)

    assert await store.key_records.data_keys(POOL.pool_id) == [older, newer]
    assert await store.key_records.data_key(POOL.pool_id, "aa") == newer
    assert await store.key_records.data_key(POOL.pool_id, "cc") is None
    assert await store.key_records.data_keys(SERVER) == [of_server]


async def test_the_master_keys_in_use_are_named_once_each(store, change):
    assert await store.key_records.master_key_ids() == []
    for number, master in enumerate(("second", "first", "second")):
        key = a_data_key(f"{number:016x}", master_key_id=master)
        await change.key_records.add_data_key(key)

    assert await store.key_records.master_key_ids() == ["first", "second"]


async def test_a_signing_key_is_found_in_its_pool(store, change):
    await change.key_records.add_signing_key(a_signing_key())

    assert await store.key_records.signing_key(POOL.pool_id, "a kid") == a_signing_key()
    assert await store.key_records.signing_key(POOL.pool_id, "another") is None
    assert await store.key_records.signing_key(a_pool("b").pool_id, "a kid") is None


async def test_a_pool_has_one_certificate(store, change):
    await change.key_records.add_signing_certificate(a_signing_certificate())

    found = await store.key_records.signing_certificate(POOL.pool_id)

    assert found == a_signing_certificate()
    assert await store.key_records.signing_certificate(a_pool("b").pool_id) is None
    with pytest.raises(AlreadyStored):
        await change.key_records.add_signing_certificate(a_signing_certificate())


async def test_a_certificate_goes_with_its_pool(store, change):
    await change.pools.add(POOL)
    await change.key_records.add_signing_certificate(a_signing_certificate())

    await change.pools.delete(POOL.pool_id)

    assert await store.key_records.signing_certificate(POOL.pool_id) is None


async def test_a_key_is_stored_once(store, change):
    await change.key_records.add_data_key(a_data_key())
    await change.key_records.add_signing_key(a_signing_key())
    await change.access_keys.add(an_access_key())

    with pytest.raises(AlreadyStored):
        await change.key_records.add_data_key(a_data_key())
    with pytest.raises(AlreadyStored):
        await change.key_records.add_signing_key(a_signing_key())
    with pytest.raises(AlreadyStored):
        await change.access_keys.add(an_access_key())


async def test_access_keys_are_found_by_id_and_listed_oldest_first(store, change):
    newer = an_access_key("AKIA1", created_at=LATER)
    older = an_access_key("AKIA2")
    await change.access_keys.add(newer)
    await change.access_keys.add(older)

    assert await store.access_keys.find("AKIA1") == newer
    assert await store.access_keys.find("akia1") is None
    assert await store.access_keys.all() == [older, newer]


async def test_an_access_key_is_revoked_once(store, change):
    await change.access_keys.add(an_access_key())

    won = await winners(store, lambda tx: tx.access_keys.revoke("AKIAEXAMPLE", now=LATER))

    assert won == 1
    assert await store.access_keys.find("AKIAEXAMPLE") == an_access_key(revoked_at=LATER)
    assert await change.access_keys.revoke("AKIAOTHER", now=LATER) is False
