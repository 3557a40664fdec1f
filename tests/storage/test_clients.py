"""App clients: their ids are unique over all pools."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cognate.domain.clients import ClientSecret, RefreshTokenRotation
from tests.storage.conftest import winners
from tests.storage.records import LATER, NOW, POOL, a_client, a_pool


async def test_a_client_is_found_as_it_was_stored(store, change):
    client = a_client(
        secrets=(ClientSecret(secret_id="s--1", sealed=b"\x00\xff", created_at=NOW),),
        explicit_flows=("ALLOW_USER_SRP_AUTH",),
        validity_units={"AccessToken": "minutes"},
        rotation=RefreshTokenRotation(enabled=True, retry_grace_period=timedelta(seconds=59)),
        echoed={"AnalyticsConfiguration": {"ApplicationId": "x"}},
    )

    assert await change.clients.add(client) is True

    assert await store.clients.find(POOL.pool_id, client.client_id) == client
    assert await store.clients.pool_of(client.client_id) == POOL.pool_id


async def test_a_client_is_not_found_in_another_pool(store, change):
    await change.clients.add(a_client())

    assert await store.clients.find(a_pool("bbbbbbbbb").pool_id, a_client().client_id) is None
    assert await store.clients.pool_of(a_client("b").client_id) is None


async def test_a_clients_id_is_given_once_over_all_pools(store, change):
    in_another_pool = a_client(pool=a_pool("bbbbbbbbb"))

    assert await winners(store, lambda tx: tx.clients.add(a_client())) == 1
    assert await change.clients.add(in_another_pool) is False

    assert await store.clients.pool_of(a_client().client_id) == POOL.pool_id
    assert await store.clients.count(in_another_pool.pool_id) == 0


async def test_a_saved_client_replaces_the_one_before(store, change):
    await change.clients.add(a_client())
    changed = replace(a_client(), name="renamed", modified_at=LATER)

    await change.clients.save(changed)

    assert await store.clients.find(POOL.pool_id, changed.client_id) == changed


async def test_a_client_is_deleted_once_and_its_id_is_free_again(store, change):
    client = a_client()
    await change.clients.add(client)

    elsewhere = await change.clients.delete(a_pool("b").pool_id, client.client_id)
    first = await change.clients.delete(POOL.pool_id, client.client_id)
    second = await change.clients.delete(POOL.pool_id, client.client_id)

    assert (elsewhere, first, second) == (False, True, False)
    assert await store.clients.find(POOL.pool_id, client.client_id) is None
    assert await store.clients.pool_of(client.client_id) is None
    assert await change.clients.add(client) is True


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_pages_hold_each_client_of_the_pool_once_in_order(store, change, limit):
    ours = [a_client(letter) for letter in "dace1"]
    for client in (*ours, a_client("b", pool=a_pool("bbbbbbbbb"))):
        await change.clients.add(client)

    seen: list = []
    while page := await store.clients.page(
        POOL.pool_id, after=seen[-1].client_id if seen else "", limit=limit
    ):
        assert len(page) <= limit
        seen += page

    assert seen == sorted(ours, key=lambda client: client.client_id)
    assert await store.clients.count(POOL.pool_id) == len(ours)
