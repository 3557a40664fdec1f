"""The ring: what one master key sealed, only that one opens; older ones stay good while at hand."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cognate.app import App, build, open_store
from cognate.config import Settings
from cognate.domain.ids import PoolId
from cognate.domain.pools import Pool, SigningKeyRef
from cognate.keys.master import MasterKeyError, MasterKeys, key_id_of
from cognate.keys.ring import KeyRing
from cognate.ports import Store
from cognate.ports.keys import SealError
from cognate.protocol import base64url
from tests.inprocess import FrozenClock, TestEntropy
from tests.storage.records import a_pool

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))
TEXT, OTHER_TEXT = base64url.encode(KEY), base64url.encode(OTHER)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    one = await open_store(Settings(database=database_url))
    yield one
    await one.close()


@pytest.fixture
def ring(store: Store) -> Callable[..., KeyRing]:
    """`ring(KEY, OTHER)`: as a process that starts with those master keys, the first current."""

    def of(*keys: bytes) -> KeyRing:
        return KeyRing(
            store=store,
            master=MasterKeys.of(list(keys)),
            entropy=TestEntropy(),
            clock=FrozenClock(),
        )

    return of


@pytest.fixture
def made(store: Store) -> Callable[[KeyRing, str], Awaitable[Pool]]:
    """`await made(ring, "aaaaaaaaa")`: a pool with keys of its own, stored."""

    async def make(keys: KeyRing, name: str) -> Pool:
        pool_id = PoolId(f"us-east-1_{name}")
        data_key = await keys.new_data_key(pool_id)
        signing = await keys.new_signing_keys(data_key)
        pool = a_pool(
            name,
            data_key_id=data_key.key_id,
            signing_keys=tuple(
                SigningKeyRef(kid=key.kid, use="id" if key.use == "id" else "access")
                for key in signing
            ),
        )

        async def add(tx):
            await tx.pools.add(pool)
            await tx.key_records.add_data_key(data_key)
            for key in signing:
                await tx.key_records.add_signing_key(key)

        await store.change(add)
        return pool

    return make


async def test_what_was_sealed_opens_after_a_restart(ring, made):
    before = ring(KEY)
    pool = await made(before, "aaaaaaaaa")
    sealed = (await before.of_pool(pool)).seal("a purpose", b"a secret")
    signed_with = await before.signing_key(pool, "access")

    after = ring(KEY)

    assert (await after.of_pool(pool)).open("a purpose", sealed) == b"a secret"
    assert (await after.signing_key(pool, "access")).kid == signed_with.kid
    await after.check()


async def test_a_wrong_master_key_is_told_apart_by_its_id(ring, made):
    pool = await made(ring(KEY), "aaaaaaaaa")
    stranger = ring(OTHER)
    words = (
        f"the data was sealed under the master key {key_id_of(KEY)}, which is not at hand;"
        f" this is {key_id_of(OTHER)}"
    )

    for attempt in (stranger.check(), stranger.of_pool(pool)):
        with pytest.raises(MasterKeyError) as refused:
            await attempt
        assert str(refused.value) == words


async def test_a_new_master_key_in_front_of_the_old_one_opens_old_and_seals_new(ring, made, store):
    old_pool = await made(ring(KEY), "aaaaaaaaa")
    rotated = ring(OTHER, KEY)
    await rotated.check()
    new_pool = await made(rotated, "bbbbbbbbb")

    keys = await rotated.of_pool(old_pool)
    assert keys.open("a purpose", keys.seal("a purpose", b"a secret")) == b"a secret"
    assert (await store.key_records.data_keys(new_pool.pool_id))[0].master_key_id == key_id_of(
        OTHER
    )

    # A node that has not been told of the new key yet opens what it can, and says what it cannot.
    late = ring(KEY)
    await late.of_pool(old_pool)
    with pytest.raises(MasterKeyError, match=key_id_of(OTHER)):
        await late.of_pool(new_pool)


async def test_processes_that_start_at_once_share_one_server_key(ring, store):
    first, second = ring(KEY), ring(KEY)

    sealed = (await first.of_server()).seal("a purpose", b"a secret")

    assert (await second.of_server()).open("a purpose", sealed) == b"a secret"
    assert len(await store.key_records.data_keys(PoolId(""))) == 1


@pytest.mark.parametrize("place", range(0, 60, 7))
async def test_a_data_key_that_was_altered_is_refused(ring, made, store, place):
    pool = await made(ring(KEY), "aaaaaaaaa")
    [record] = await store.key_records.data_keys(pool.pool_id)
    altered = bytearray(record.sealed_key)
    altered[place] ^= 1

    async def alter(tx):
        await tx.pools.delete(pool.pool_id)
        await tx.pools.add(pool)
        await tx.key_records.add_data_key(replace(record, sealed_key=bytes(altered)))

    await store.change(alter)

    with pytest.raises(MasterKeyError) as refused:
        await ring(KEY).of_pool(pool)
    assert str(refused.value) == f"the data key of {pool.pool_id} was altered"


async def test_a_data_key_that_was_moved_to_another_pool_is_refused(ring, made, store):
    mine = await made(ring(KEY), "aaaaaaaaa")
    [record] = await store.key_records.data_keys(mine.pool_id)
    other = a_pool("bbbbbbbbb", data_key_id=record.key_id)

    async def move(tx):
        await tx.pools.add(other)
        await tx.key_records.add_data_key(replace(record, pool_id=other.pool_id))

    await store.change(move)

    with pytest.raises(MasterKeyError, match="was altered"):
        await ring(KEY).of_pool(other)


async def test_a_pool_whose_keys_are_gone_is_told_so(ring, made, store):
    pool = await made(ring(KEY), "aaaaaaaaa")

    async def lose(tx):
        await tx.pools.delete(pool.pool_id)
        await tx.pools.add(pool)

    await store.change(lose)

    with pytest.raises(MasterKeyError, match="the data key of us-east-1_aaaaaaaaa is not stored"):
        await ring(KEY).of_pool(pool)


async def test_what_is_sealed_opens_for_its_pool_and_purpose_only(ring, made):
    keys = ring(KEY)
    mine = await keys.of_pool(await made(keys, "aaaaaaaaa"))
    theirs = await keys.of_pool(await made(keys, "bbbbbbbbb"))
    sealed = mine.seal("a purpose", b"a secret")

    assert b"a secret" not in sealed
    assert mine.seal("a purpose", b"a secret") != sealed
    for stranger, purpose in ((theirs, "a purpose"), (mine, "another")):
        with pytest.raises(SealError):
            stranger.open(purpose, sealed)
    for broken in (
        b"",
        sealed[:8],
        sealed[:-1],
        sealed + b"\x00",
        bytes([sealed[0] ^ 1]) + sealed[1:],
    ):
        with pytest.raises(SealError):
            mine.open("a purpose", broken)
    assert mine.digest("a purpose", b"x") != theirs.digest("a purpose", b"x")
    assert mine.digest("a purpose", b"x") != mine.digest("another", b"x")


async def test_no_secret_stands_in_the_database(ring, made, store, database_url):
    from tests.storage.conftest import Inspector

    keys = ring(KEY)
    pool = await made(keys, "aaaaaaaaa")
    private = await keys.signing_key(pool, "id")

    inspector = Inspector(database_url)
    for table, columns in (await inspector.tables()).items():
        for row in await inspector.query(f"SELECT * FROM {table}"):  # noqa: S608 - the schema's own names
            for value in row:
                if isinstance(value, bytes):
                    assert KEY not in value, (table, columns)
                    modulus = private.rsa.private_numbers().d.to_bytes(256, "big")
                    assert modulus not in value, (table, columns)


# --- a server that starts -------------------------------------------------------------------------


@asynccontextmanager
async def a_server(settings: Settings) -> AsyncIterator[App]:
    app = await build(settings, entropy=TestEntropy())
    try:
        await app.check()
        yield app
    finally:
        await app.close()


async def test_a_server_whose_key_file_is_gone_does_not_start_and_makes_no_other(
    tmp_path: Path, database_url
):
    settings = Settings(data=tmp_path, database=database_url)
    async with a_server(settings):
        pass
    (tmp_path / "master.key").rename(tmp_path / "elsewhere")

    with pytest.raises(MasterKeyError, match="is missing, and there is data that its key sealed"):
        async with a_server(settings):
            pass

    assert not (tmp_path / "master.key").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "master.key")
    async with a_server(settings):
        pass


async def test_a_server_with_another_key_does_not_start(tmp_path: Path, database_url):
    settings = Settings(data=tmp_path, database=database_url, master_key=TEXT)
    async with a_server(settings):
        pass

    with pytest.raises(MasterKeyError, match=f"sealed under the master key {key_id_of(KEY)}"):
        async with a_server(replace(settings, master_key=OTHER_TEXT)):
            pass
    async with a_server(replace(settings, master_key=f"{OTHER_TEXT},{TEXT}")):
        pass


async def test_an_altered_key_file_keeps_the_server_from_starting(tmp_path: Path, database_url):
    settings = Settings(data=tmp_path, database=database_url)
    async with a_server(settings):
        pass
    file = tmp_path / "master.key"
    text = file.read_text()
    file.write_text(("B" if text[0] == "A" else "A") + text[1:])

    with pytest.raises(MasterKeyError, match="which is not at hand"):
        async with a_server(settings):
            pass
