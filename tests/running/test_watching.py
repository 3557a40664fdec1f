"""What can be seen of the server from outside: log lines and metrics."""

import json
import logging
import mmap
import re

import pytest

from cognate import logs
from cognate.cli.processes import PLACE, SharedBoard
from cognate.errors import ServiceUnavailableException
from cognate.web.metrics import AloneBoard, Counts, Metrics
from tests.inprocess import ask
from tests.running.conftest import a_message, a_pool, put

TARGET = "AWSCognitoIdentityProviderService."
SECRETS = ("ada@example.com", "Correct-horse1!", "eyJhbGciOi", "AKIAIOSFODNN7EXAMPLE")


@pytest.fixture
def lines(capfd):
    """The log lines written meanwhile, parsed."""
    return lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]


# --- log lines -----------------------------------------------------------------------------------


async def test_every_request_leaves_one_line_without_anything_of_its_content(a_server, lines):
    app = await a_server()

    answer = await ask(
        app,
        "POST",
        "/?token=eyJhbGciOi",
        headers={
            "X-Amz-Target": f"{TARGET}SignUp",
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/",
            "User-Agent": "ada@example.com",
        },
        body=b'{"ClientId":"nobody","Username":"ada@example.com","Password":"Correct-horse1!"}',
    )
    await ask(app, "GET", "/ada@example.com/eyJhbGciOi")

    first, second = lines()
    assert first["level"] == "info"
    assert first["event"] == "request"
    assert first["request_id"] == answer.headers["x-amzn-requestid"]
    assert first["operation"] == "SignUp"
    assert first["status"] == 400
    assert first["error"] == "ResourceNotFoundException"
    assert first["duration_ms"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["time"])
    assert (second["operation"], second["status"]) == ("other", 404)
    for secret in SECRETS:
        assert secret not in json.dumps([first, second])


async def test_requests_are_not_logged_above_level_info(a_server, lines):
    app = await a_server(log_level="warning")

    await ask(app, "GET", "/health/live")

    assert lines() == []


@pytest.fixture
def configured():
    """`configured(level)` → what the standard library's loggers then write."""
    root = logging.getLogger()
    before, level_before = [*root.handlers], root.level
    written: list[bytes] = []

    def configure(level):
        logs.configure(level, write=written.append)
        return lambda: [json.loads(line) for line in written]

    yield configure
    root.handlers[:] = before
    root.setLevel(level_before)
    for name in ("uvicorn", "uvicorn.error", "asyncio", "aiosmtplib"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def fail():
    raise ServiceUnavailableException from ValueError("ada@example.com")


@pytest.mark.parametrize(("level", "has_words"), [("info", False), ("debug", True)])
def test_an_exception_leaves_its_type_and_place_and_its_words_only_for_debugging(
    configured, level, has_words
):
    lines = configured(level)

    try:
        fail()
    except ServiceUnavailableException:
        logging.getLogger("cognate.web").exception("failed", extra={"request_id": "r", "sub": "s"})

    (line,) = lines()
    assert (line["level"], line["event"], line["request_id"]) == ("error", "failed", "r")
    assert "sub" not in line
    assert [one["type"] for one in line["exception"]] == [
        "ServiceUnavailableException",
        "ValueError",
    ]
    assert line["exception"][0]["at"][-1].endswith(" fail")
    assert ("ada@example.com" in json.dumps(line)) is has_words


def test_other_libraries_arguments_stay_out(configured):
    lines = configured("info")

    logging.getLogger("uvicorn.error").warning("Unsupported upgrade %s", "ada@example.com")
    logging.getLogger("uvicorn.error").info("Started")

    (line,) = lines()
    assert line["event"] == "uvicorn.error: Unsupported upgrade %s"


# --- metrics -------------------------------------------------------------------------------------


async def metrics_of(app):
    answer = await ask(app, "GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return dict(line.rsplit(" ", 1) for line in answer.body.decode().splitlines() if line[0] != "#")


async def test_requests_are_counted_by_operation_and_error(a_server):
    app = await a_server()
    target = {"X-Amz-Target": f"{TARGET}InitiateAuth"}
    for _ in range(3):
        await ask(app, "POST", "/", headers=target, body=b"{}")
    await ask(app, "POST", "/", headers={"X-Amz-Target": f'{TARGET}No"such\n'}, body=b"{}")

    told = await metrics_of(app)

    of = 'operation="InitiateAuth"'
    assert told[f'cognate_requests_total{{{of},error="InvalidParameterException"}}'] == "3"
    unknown = 'cognate_requests_total{operation="unknown",error="UnknownOperationException"}'
    assert told[unknown] == "1"
    assert told[f'cognate_request_duration_seconds_bucket{{{of},le="+Inf"}}'] == "3"
    assert told[f"cognate_request_duration_seconds_count{{{of}}}"] == "3"
    assert float(told[f"cognate_request_duration_seconds_sum{{{of}}}"]) > 0
    assert int(told["cognate_process_resident_memory_bytes"].split("e")[0].split(".")[0]) > 0
    assert told["cognate_arithmetic_queue_length"] == "0"


async def test_the_backlog_of_messages_is_told(a_server):
    app = await a_server(mode="production")
    pool = await a_pool(app)
    for _ in range(2):
        await put(app, pool, a_message())

    assert (await metrics_of(app))["cognate_outbox_backlog"] == "2"


def test_a_histogram_counts_what_took_at_most_so_long():
    counts = Counts()
    for seconds in (0.0005, 0.001, 0.0011, 99):
        counts.observe("GetUser", None, seconds)

    assert counts.buckets["GetUser"][:2] == [2, 1]
    assert counts.buckets["GetUser"][-1] == 1
    assert sum(counts.buckets["GetUser"]) == 4


async def nothing():
    return {}


def metrics_on(board):
    return Metrics(
        process=lambda: {"cognate_arithmetic_queue_length": 2}, shared=nothing, board=board
    )


async def test_whichever_process_is_asked_tells_of_all():
    memory = mmap.mmap(-1, 2 * PLACE)
    one, two = (metrics_on(SharedBoard(memory, place, 2)) for place in range(2))
    one.observe("GetUser", None, 0.1)
    two.observe("GetUser", None, 0.1)
    two.observe("GetUser", "NotAuthorizedException", 0.1)
    one.post()
    two.post()

    for metrics in (one, two):
        text = (await metrics.text()).decode()
        assert 'cognate_requests_total{operation="GetUser",error=""} 2' in text
        assert "cognate_request_duration_seconds_count" in text
        assert "cognate_arithmetic_queue_length 4" in text


async def test_a_process_in_place_of_one_that_died_goes_on_counting():
    memory = mmap.mmap(-1, PLACE)
    before = metrics_on(SharedBoard(memory, 0, 1))
    before.observe("GetUser", None, 0.1)
    before.post()

    after = metrics_on(SharedBoard(memory, 0, 1))
    after.observe("GetUser", None, 0.1)

    assert 'operation="GetUser",error=""} 2' in (await after.text()).decode()


def test_a_text_that_is_just_being_written_counts_as_the_one_before():
    memory = mmap.mmap(-1, 2 * PLACE)
    writer, reader = (SharedBoard(memory, place, 2) for place in range(2))
    writer.post(b"first")
    assert list(reader.others()) == [b"first"]

    writer.post(b"second")
    memory[8:10] = b"SE"  # between two bytes of the copy

    assert list(reader.others()) == [b"first"]


def test_alone_there_is_nobody_else():
    assert list(AloneBoard().others()) == []
