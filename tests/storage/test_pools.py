"""Pools: found by id, paged by account and region, gone with everything in them."""

from dataclasses import replace

import pytest

from cognate.domain.attributes import SchemaAttribute
from cognate.domain.pools import (
    DeviceSettings,
    MessageTemplates,
    MfaSettings,
    RecoveryOption,
    SigningKeyRef,
)
from tests.storage.conftest import OF_NO_POOL, winners
from tests.storage.records import LATER, POOL, a_client, a_pool, a_user


async def test_a_pool_is_found_as_it_was_stored(store, change):
    pool = replace(
        POOL,
        signing_keys=(SigningKeyRef(kid="k1", use="id"), SigningKeyRef(kid="k2", use="access")),
        lambda_config={"PreSignUp": "arn:aws:lambda:…", "KMSKeyID": None},
        schema=(SchemaAttribute(name="custom:ünï", data_type="Number", maximum="9.5"),),
        templates=MessageTemplates(email_message="Hello {####} 😀"),
        mfa=MfaSettings(mode="OPTIONAL", sms_enabled=True),
        device=DeviceSettings(challenge_required_on_new_device=True),
        recovery=(RecoveryOption(name="verified_email", priority=1),),
        case_sensitive=False,
        tags={"stage": "test"},
        echoed={"SmsConfiguration": {"SnsCallerArn": "arn:…", "Deep": [1, True, None]}},
    )

    assert await change.pools.add(pool) is True

    assert await store.pools.find(pool.pool_id) == pool
    assert await store.pools.find(a_pool("bbbbbbbbb").pool_id) is None


async def test_a_pools_id_is_given_once(store, change):
    other = replace(POOL, name="another with the same id")

    assert await winners(store, lambda tx: tx.pools.add(POOL)) == 1
    assert await change.pools.add(other) is False

    assert await store.pools.find(POOL.pool_id) == POOL


async def test_a_saved_pool_replaces_the_one_before(store, change):
    await change.pools.add(POOL)
    changed = replace(POOL, name="renamed", modified_at=LATER)

    await change.pools.save(changed)

    assert await store.pools.find(POOL.pool_id) == changed


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_pages_hold_each_pool_of_an_account_and_region_once_in_order(store, change, limit):
    ours = [a_pool(f"{letter}00000000") for letter in "dAbCe"]
    theirs = a_pool("zzzzzzzzz", account_id="111111111111")
    elsewhere = a_pool("yyyyyyyyy", region="eu-central-1")
    for pool in (*ours, theirs, elsewhere):
        await change.pools.add(pool)

    seen: list = []
    while page := await store.pools.page(
        account_id="000000000000",
        region="us-east-1",
        after=seen[-1].pool_id if seen else "",
        limit=limit,
    ):
        assert len(page) <= limit
        seen += page

    assert seen == sorted(ours, key=lambda pool: pool.pool_id)
    assert await store.pools.count(account_id="000000000000", region="us-east-1") == len(ours)
    assert await store.pools.count(account_id="111111111111", region="us-east-1") == 1


async def test_ids_run_over_the_pools_of_every_account(store, change):
    pools = [
        a_pool("ccccccccc"),
        a_pool("aaaaaaaaa", account_id="111111111111"),
        a_pool("bbbbbbbbb", region="eu-central-1"),
    ]
    for pool in pools:
        await change.pools.add(pool)
    in_order = sorted(pool.pool_id for pool in pools)

    first = await store.pools.ids(after="", limit=2)
    rest = await store.pools.ids(after=first[-1], limit=2)

    assert [*first, *rest] == in_order


async def test_a_deleted_pool_leaves_no_row_in_any_table(store, change, inspector):
    filled = await inspector.a_row_everywhere(pool_id=POOL.pool_id)
    kept = await inspector.a_row_everywhere(
        pool_id="us-east-1_kept", client_id="another", region="us-east-1"
    )
    assert set(filled) == set(await inspector.tables()) - OF_NO_POOL

    await change.pools.delete(POOL.pool_id)

    assert await inspector.rows(pool_id=POOL.pool_id) == {}
    assert await inspector.rows(pool_id="us-east-1_kept") == dict.fromkeys(kept, 1)


async def test_a_deleted_pool_frees_its_clients_ids(store, change):
    await change.pools.add(POOL)
    await change.clients.add(a_client())
    await change.users.add(POOL, a_user())

    await change.pools.delete(POOL.pool_id)

    assert await store.clients.pool_of(a_client().client_id) is None
    assert await store.users.find(POOL.pool_id, a_user().sub) is None
    again = a_client(pool=a_pool("bbbbbbbbb"))
    assert await change.clients.add(again) is True


async def test_clearing_empties_every_table_and_keeps_the_schema(store, change, inspector):
    await inspector.a_row_everywhere(pool_id=POOL.pool_id)
    tables = await inspector.tables()

    await store.clear()

    for table in tables:
        if table not in ("schema_lock", "schema_migrations"):
            assert await inspector.query(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - the schema's own names
    assert await inspector.query("SELECT count(*) FROM schema_migrations") != [(0,)]
    assert await change.pools.add(POOL) is True
