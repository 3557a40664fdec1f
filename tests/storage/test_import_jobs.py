"""Import jobs: one of an account at a time, worked on by one node, its file read piece by piece."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cognate.domain.import_jobs import ImportJob, JobStatus, Turn
from cognate.ports.store import AlreadyStored
from tests.storage.conftest import winners
from tests.storage.records import LATER, LONG_AGO, NOW, POOL, a_pool

ACCOUNT = ("000000000000", "us-east-1")


def a_job(name: str = "import-1", **given: object) -> ImportJob:
    job = ImportJob(
        pool_id=POOL.pool_id,
        job_id=name,
        name="users",
        role_arn="arn:aws:iam::000000000000:role/x",
        algorithm=None,
        created_at=NOW,
    )
    return replace(job, **given)  # type: ignore[arg-type]  # members by name


def a_turn(name: str = "import-1", **given: object) -> Turn:
    turn = Turn(pool_id=POOL.pool_id, job_id=name, leased_by="", leased_until=NOW)
    return replace(turn, **given)  # type: ignore[arg-type]  # members by name


async def test_a_job_is_added_once_and_saved(store, change):
    await change.import_jobs.add(a_job())
    with pytest.raises(AlreadyStored):
        await change.import_jobs.add(a_job())
    done = a_job(status=JobStatus.SUCCEEDED, imported=3, completed_at=LATER)

    await change.import_jobs.save(done)

    assert await store.import_jobs.find(POOL.pool_id, "import-1") == done
    assert await store.import_jobs.find(a_pool("b").pool_id, "import-1") is None


async def test_jobs_come_newest_first_and_each_once(store, change):
    jobs = [a_job(f"{n}", created_at=NOW + n * timedelta(milliseconds=1)) for n in (1, 0, 2)]
    jobs.append(a_job("9"))
    for job in jobs:
        await change.import_jobs.add(job)

    seen: list[ImportJob] = []
    while page := await store.import_jobs.page(
        POOL.pool_id,
        before=(seen[-1].created_at, seen[-1].job_id) if seen else None,
        limit=3,
    ):
        assert len(page) <= 3
        seen += page

    assert [job.job_id for job in seen] == ["2", "1", "9", "0"]
    assert await store.import_jobs.count(POOL.pool_id) == len(jobs)


async def test_an_account_has_one_active_import(store, change):
    assert await winners(store, lambda tx: tx.import_jobs.activate(*ACCOUNT, a_turn())) == 1
    assert await change.import_jobs.activate(*ACCOUNT, a_turn("import-2")) is False
    assert await change.import_jobs.activate("111111111111", "us-east-1", a_turn("3")) is True

    await change.import_jobs.deactivate(POOL.pool_id, "import-1")

    assert await change.import_jobs.activate(*ACCOUNT, a_turn("import-2")) is True


async def test_a_turn_is_taken_by_exactly_one_node_and_kept_by_it(store, change):
    await change.import_jobs.activate(*ACCOUNT, a_turn())
    [turn] = await store.import_jobs.waiting(now=NOW, limit=9)
    assert turn == a_turn()

    assert await winners(store, lambda tx: tx.import_jobs.lease(turn, by="me", until=LATER)) == 1

    assert await store.import_jobs.waiting(now=NOW, limit=9) == []
    mine = a_turn(leased_by="me", leased_until=LATER)
    assert await change.import_jobs.lease(mine, by="me", until=LATER + timedelta(minutes=1)) is True
    assert await change.import_jobs.lease(turn, by="another", until=LATER) is False


async def test_a_turn_whose_node_died_waits_again_after_its_time(store, change):
    await change.import_jobs.activate(*ACCOUNT, a_turn())
    await change.import_jobs.lease(a_turn(), by="dead", until=LATER)

    assert await store.import_jobs.waiting(now=LATER, limit=9) == [
        a_turn(leased_by="dead", leased_until=LATER)
    ]


async def test_a_file_is_read_on_from_any_byte(store, change):
    job = a_job(upload_id="new")
    for upload, position, content in (
        ("new", 0, b"name,em"),
        ("new", 7, b"ail\n\x00\xff"),
        ("old", 0, b"something else"),
    ):
        await change.import_jobs.add_piece(job, upload, position, content, now=NOW)

    read = b""
    while piece := await store.import_jobs.piece_at(job, len(read)):
        read += piece

    assert read == b"name,email\n\x00\xff"
    assert await store.import_jobs.piece_at(job, 9) == b"l\n\x00\xff"
    await change.import_jobs.delete_files(job, but="new")
    assert await store.import_jobs.piece_at(replace(job, upload_id="old"), 0) == b""
    assert await store.import_jobs.piece_at(job, 0) == b"name,em"
    await change.import_jobs.delete_files(job)
    assert await store.import_jobs.piece_at(job, 0) == b""


async def test_old_files_are_forgotten_a_few_at_a_time(store, change):
    job = a_job(upload_id="old")
    for position in range(5):
        await change.import_jobs.add_piece(job, "old", position, b"x", now=LONG_AGO)
    await change.import_jobs.add_piece(job, "new", 0, b"x", now=LATER)

    purged = [await change.import_jobs.purge_files(before=NOW, limit=3) for _ in range(3)]

    assert purged == [3, 2, 0]
    assert await store.import_jobs.piece_at(replace(job, upload_id="new"), 0) == b"x"


async def test_log_lines_come_in_the_order_of_the_file(store, change):
    job = a_job()
    for first, lines in ((10, ["ten", "elevenü"]), (1, ["one"]), (200, [""])):
        await change.import_jobs.add_log(job, first, lines, now=NOW)

    found = []
    after = 0
    while (entry := await store.import_jobs.log(POOL.pool_id, job.job_id, after=after)) is not None:
        found.append(entry)
        after = entry[0]

    assert found == [(1, ["one"]), (10, ["ten", "elevenü"]), (200, [""])]
