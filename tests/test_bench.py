"""The parts of the benchmark in which a wrong figure could hide."""

import asyncio
import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import repeat

import jwt
import pytest

from bench import charts, goals, report
from bench.floor import Floor
from bench.latency import Round, percentile, summed_up
from bench.load import Exchange, drive
from bench.neighbours import Neighbours
from bench.requests import Template, request
from bench.results import Hashing, Machine, Results, Row, load, save
from bench.srp_client import SrpClient
from bench.tokens import TokenJudge, WrongToken
from cognate.protocol import jose, srp

ISSUER = "http://cognate.test/us-east-1_AbCdEfGhI"
CLIENT = "1example23456789abcdefghij"
SVG = "{http://www.w3.org/2000/svg}"


def a_round(**figures) -> Round:
    stated = {
        "answers": 100,
        "seconds": 1.0,
        "p50": 1.0,
        "p99": 2.0,
        "cpu": 100.0,
        "generator_cpu": 10.0,
        "generator_busy": 0.1,
        "sign_us": 200.0,
        "foreign_cores": 0.0,
    }
    return Round(**{**stated, **figures})


# --- percentiles and medians ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        (range(1, 101), 0.50, 50),
        (range(1, 101), 0.99, 99),
        (range(1, 102), 0.99, 100),
        (range(1, 101), 1.00, 100),
        ([7], 0.01, 7),
        ([1, 2], 0.50, 1),
        ([1, 2], 0.51, 2),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(values, share, expected):
    assert percentile(list(values), share) == expected


def test_one_slow_round_does_not_move_the_figures():
    rounds = [a_round(p99=2.0), a_round(p99=900.0, answers=10), a_round(p99=3.0)]

    summed = summed_up(rounds)

    assert summed.p99 == 3.0
    assert math.isclose(summed.rate, 100)
    assert summed.answers == 210


def test_errors_and_tokens_of_every_round_are_added_up():
    rounds = [
        a_round(errors={"WrongToken": 1}, tokens=10),
        a_round(errors={"WrongToken": 2, "HTTP 500": 1}, tokens=20),
    ]

    summed = summed_up(rounds)

    assert summed.errors == {"WrongToken": 3, "HTTP 500": 1}
    assert summed.tokens == 30


# --- tokens ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def key() -> jose.PrivateKey:
    return jose.PrivateKey.load("a-key", jose.generate_rsa_key())


@pytest.fixture(scope="module")
def judge(key) -> TokenJudge:
    document = json.dumps({"keys": [jose.public_jwk(key)]}).encode()
    return TokenJudge.from_jwks(document, issuer=ISSUER, client_id=CLIENT)


def an_answer(key, *, access=None, identity=None) -> bytes:
    now = int(datetime.now(UTC).timestamp())  # noqa: TID251 - PyJWT goes by the real clock
    common = {"sub": "0a1b", "iss": ISSUER, "iat": now, "exp": now + 3600}
    access_claims = {"token_use": "access", "client_id": CLIENT, "username": "ada"}
    id_claims = {"token_use": "id", "aud": CLIENT, "cognito:username": "ada"}
    tokens = {
        "AccessToken": jose.sign({**common, **access_claims, **(access or {})}, key),
        "IdToken": jose.sign({**common, **id_claims, **(identity or {})}, key),
    }
    return json.dumps({"AuthenticationResult": tokens}).encode()


def test_good_tokens_are_counted(key, judge):
    assert judge.judge_answer(an_answer(key), username="ada") == 2


def test_a_forged_token_is_refused(judge):
    forger = jose.PrivateKey.load("a-key", jose.generate_rsa_key())

    with pytest.raises(WrongToken, match="Signature verification failed"):
        judge.judge_answer(an_answer(forger), username="ada")


def test_a_token_whose_claims_were_changed_is_refused(key, judge):
    result = json.loads(an_answer(key))["AuthenticationResult"]
    head, _, signature = result["AccessToken"].split(".")
    other = json.loads(an_answer(key, access={"username": "eve"}))["AuthenticationResult"]
    result["AccessToken"] = ".".join((head, other["AccessToken"].split(".")[1], signature))

    with pytest.raises(WrongToken, match="Signature verification failed"):
        judge.judge_answer(json.dumps({"AuthenticationResult": result}).encode(), username="ada")


def test_a_token_signed_with_nothing_is_refused(judge):
    unsigned = jwt.encode({"sub": "0a1b"}, key="", algorithm="none", headers={"kid": "a-key"})

    with pytest.raises(WrongToken):
        judge.judge(unsigned, use="access", username="ada")


def test_a_token_of_an_unpublished_key_is_refused(judge):
    stranger = jose.PrivateKey.load("another-key", jose.generate_rsa_key())

    with pytest.raises(WrongToken, match="does not publish"):
        judge.judge_answer(an_answer(stranger), username="ada")


@pytest.mark.parametrize(
    "wrong",
    [
        {"access": {"exp": 1_000_000_000}},
        {"access": {"iss": "http://elsewhere.test/us-east-1_AbCdEfGhI"}},
        {"access": {"token_use": "id"}},
        {"access": {"client_id": "another client"}},
        {"access": {"username": "eve"}},
        {"identity": {"aud": "another client"}},
        {"identity": {"cognito:username": "eve"}},
    ],
)
def test_a_good_signature_does_not_make_a_wrong_token_right(key, judge, wrong):
    with pytest.raises(WrongToken):
        judge.judge_answer(an_answer(key, **wrong), username="ada")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"ChallengeName": "PASSWORD_VERIFIER"}'])
def test_an_answer_without_tokens_is_refused(judge, body):
    with pytest.raises(WrongToken, match="holds no tokens"):
        judge.judge_answer(body, username="ada")


# --- SRP ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("password", "agrees"), [("Correct-horse1!", True), ("wrong", False)])
def test_the_srp_client_proves_the_right_password_only(password, agrees):
    client = SrpClient.prepared()
    salt, b, block = bytes(range(16, 32)), 0x1234567890ABCDEF, "c2VjcmV0"
    verifier = srp.verifier("AbCdEfGhI", "ada", "Correct-horse1!", salt)
    server_public = srp.server_public(verifier, b)
    challenge = {
        "USERNAME": "ada",
        "USER_ID_FOR_SRP": "ada",
        "SALT": salt.hex(),
        "SRP_B": f"{server_public:x}",
        "SECRET_BLOCK": block,
    }

    responses = client.responses("us-east-1_AbCdEfGhI", challenge, password=password)

    server_key = srp.server_key(
        client_public=client.public, server_public=server_public, b=b, verifier=verifier
    )
    expected = srp.claim_signature(
        server_key, "AbCdEfGhI", "ada", b"secret", responses["TIMESTAMP"]
    )
    assert srp.parse_timestamp(responses["TIMESTAMP"]) is not None
    assert (jwt.utils.base64url_encode(expected).rstrip(b"=") == _base64url(responses)) is agrees


def _base64url(responses: dict[str, str]) -> bytes:
    text = responses["PASSWORD_CLAIM_SIGNATURE"]
    return text.translate(str.maketrans("+/", "-_")).rstrip("=").encode()


# --- the load generator ---------------------------------------------------------------------------


class Answering:
    """A server that gives each request the next of its answers, however it is cut into pieces."""

    def __init__(self, answers: Iterator[list[bytes]]) -> None:
        self._answers = answers
        self.requests: list[bytes] = []
        self.connections = 0

    async def __aenter__(self) -> "Answering":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.requests.append(await reader.readuntil(b"END"))
                for piece in next(self._answers):
                    writer.write(piece)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, StopIteration):
            pass  # the client went away, or there is no answer left
        finally:
            writer.close()


def an_http_answer(body: bytes, *, status: int = 200, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n%s\r\n%s" % (status, len(body), more, body)


def exchanges(count: int) -> Iterator[Exchange]:
    return iter([Exchange(b"request %d END" % index, b"right") for index in range(count)])


async def test_every_answer_is_timed_and_kept_with_its_request():
    async with Answering(repeat([an_http_answer(b"right")])) as server:
        sample = await drive(
            server.port, exchanges(20), connections=4, seconds=30, most=1000, keep=True
        )

    assert len(sample.latencies) == 20
    assert sorted(ordinal for ordinal, _, _, _ in sample.kept) == list(range(20))
    assert all(exchange.request == b"request %d END" % n for n, exchange, _, _ in sample.kept)
    assert sample.errors == {}
    assert server.connections == 4


async def test_an_answer_may_come_in_pieces():
    whole = an_http_answer(b"all right, in pieces")
    pieces = [whole[:5], whole[5:30], whole[30:45], whole[45:]]

    async with Answering(repeat(pieces)) as server:
        sample = await drive(
            server.port, exchanges(3), connections=1, seconds=30, most=3, keep=True
        )

    assert [body for _, _, _, body in sample.kept] == [b"all right, in pieces"] * 3


async def test_what_is_not_the_expected_answer_is_an_error_by_its_name():
    answers = [
        [an_http_answer(b"right")],
        [an_http_answer(b"something else")],
        [an_http_answer(b'{"__type":"NotAuthorizedException"}', status=400)],
        [an_http_answer(b"", status=502)],
    ]

    async with Answering(iter(answers)) as server:
        sample = await drive(server.port, exchanges(4), connections=1, seconds=30, most=4)

    assert len(sample.latencies) == 1
    assert sample.errors == {"WrongAnswer": 1, "NotAuthorizedException": 1, "HTTP 502": 1}


async def test_a_connection_that_the_server_closes_with_its_answer_is_opened_again():
    answer = an_http_answer(b"right", more=b"Connection: close\r\n")

    async with Answering(repeat([answer])) as server:
        sample = await drive(server.port, exchanges(5), connections=1, seconds=30, most=5)

    assert len(sample.latencies) == 5
    assert server.connections >= 5


async def test_a_lost_connection_is_an_error_and_ends_no_run():
    async with Answering(iter([[an_http_answer(b"right")]])) as server:
        sample = await drive(server.port, exchanges(9), connections=1, seconds=30, most=9)

    assert len(sample.latencies) == 1
    assert sample.errors == {"ConnectionLost": 1}


async def test_no_more_is_sent_than_was_asked_for():
    async with Answering(repeat([an_http_answer(b"right")])) as server:
        sample = await drive(server.port, exchanges(100), connections=3, seconds=30, most=7)

    assert len(sample.latencies) == 7
    assert len(server.requests) == 7


def test_a_template_changes_one_part_and_nothing_else():
    template = Template("AdminGetUser", {"Username": "user0000000"}, "user0000000")

    filled = template.filled("user0000042")

    assert filled == request("AdminGetUser", {"Username": "user0000042"})


# --- other processes ------------------------------------------------------------------------------


class Rounds:
    """Rounds that others disturb by so many cores, one after the other."""

    def __init__(self, *disturbances: float) -> None:
        self.disturbances = list(disturbances)
        self.run = 0

    def __call__(self) -> float:
        self.run += 1
        return self.disturbances[self.run - 1]


class Unhurried(Neighbours):
    """Waits for nobody; what others do is told by the rounds."""

    def wait(self) -> None:
        assert self.patience > 0


def test_a_disturbed_round_is_done_again():
    neighbours, rounds = Unhurried(100.0), Rounds(0.9, 0.0)

    taken = neighbours.undisturbed(rounds, lambda share: share)

    assert (taken, rounds.run) == (0.0, 2)
    assert (neighbours.rounds, neighbours.disturbed) == (1, 0)


def test_of_disturbed_rounds_the_quietest_counts_and_is_told_of():
    neighbours, rounds = Unhurried(100.0), Rounds(0.9, 0.4, 0.6, 0.0)

    taken = neighbours.undisturbed(rounds, lambda share: share)

    assert (taken, rounds.run) == (0.4, 3)
    assert (neighbours.rounds, neighbours.disturbed) == (1, 1)


def test_without_patience_every_round_is_done_once():
    neighbours, rounds = Neighbours(0.0), Rounds(0.9, 0.0)

    taken = neighbours.undisturbed(rounds, lambda share: share)

    assert (taken, rounds.run) == (0.9, 1)
    assert neighbours.disturbed == 1


# --- page and charts ------------------------------------------------------------------------------


def some_results() -> Results:
    rows = [
        Row(
            contender=contender,
            operation=operation,
            users=users,
            connections=connections,
            figures=a_round(cpu=50.0, p99=1.0 if users < 100_000 else 1.4),
        )
        for contender in report.NAMES
        for operation in report.TITLES
        for users in (10_000, 1_000_000)
        for connections in (1, 8)
        if (contender, operation) != ("cognito-local", "srp sign-in")
    ]
    return Results(
        date="1 January 2026",
        command="make bench",
        machine=Machine(
            processor="a <fast> & small one",
            cores=2,
            memory_gib=24.0,
            system="Linux",
            python="3.11",
            node=None,
        ),
        versions={"Cognate": "0.1.0"},
        floor=Floor(
            argon2id_ms=14.0, argon2id_all_cores=140.0, sign_us=200.0, verify_us=15.0, srp_ms=1.5
        ),
        hashing=Hashing(
            cores=2,
            connections=8,
            argon2id_rates=(100.0, 100.0),
            sign_in_rates=(95.0,),
            ratio=0.95,
            read_p50=0.4,
            read_p99=4.0,
            errors={},
            tokens=190,
        ),
        operations=[row for row in rows if row.users == 10_000],
        growth=rows,
        tails=[row for row in rows if row.connections == 1 and row.contender == "Cognate"],
        notes=["cognito-local has no SRP sign-in (both calls)."],
    )


@pytest.mark.parametrize("draw", [report.operations_chart, report.growth_chart, report.floor_chart])
def test_a_chart_is_well_formed_and_stays_inside_its_frame(draw):
    drawing = ET.fromstring(draw(some_results()))  # noqa: S314 - our own text

    width, height = float(drawing.attrib["width"]), float(drawing.attrib["height"])
    for element in drawing.iter(f"{SVG}text"):
        assert 0 <= float(element.attrib["x"]) <= width
        assert 0 <= float(element.attrib["y"]) <= height
    for bar in drawing.iter(f"{SVG}rect"):
        if "x" in bar.attrib:
            assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= width
    for dot in drawing.iter(f"{SVG}circle"):
        assert 0 <= float(dot.attrib["cx"]) <= width
        assert 0 <= float(dot.attrib["cy"]) <= height


def test_a_chart_follows_light_and_dark_pages():
    drawing = report.operations_chart(some_results())

    light, _, dark = drawing.partition("@media (prefers-color-scheme: dark)")
    for name in (".page", ".grid", ".bar0", ".bar1", ".bar2", "text"):
        assert name in light
        assert name in dark


def test_a_longer_bar_is_a_larger_value():
    drawing = ET.fromstring(  # noqa: S314 - our own text
        charts.bars(
            "a title",
            series=("one", "two"),
            groups=[charts.Group(label="a group", values=(10.0, 900.0))],
        )
    )

    short, long = (
        float(bar.attrib["width"])
        for bar in drawing.iter(f"{SVG}rect")
        if float(bar.attrib.get("x", 0)) > charts.LABELS
    )
    assert 0 < short < long


def test_the_page_names_the_command_the_date_and_every_verdict():
    results = some_results()

    page = report.markdown(results)

    assert "`make bench` on 1 January 2026" in page
    for verdict in goals.verdicts(results):
        assert f"| {verdict.goal} | {verdict.measured} |" in page
    assert "cognito-local has no SRP sign-in" in page


def test_a_missed_goal_is_shown_as_missed():
    results = some_results()
    assert results.hashing is not None
    results.hashing = replace(results.hashing, ratio=0.5)

    first = next(goals.verdicts(results))

    assert not first.met
    assert "| 50.0% | **missed** |" in report.markdown(results)


def test_growth_is_judged_between_the_fewest_and_the_most_users():
    judged = {verdict.goal: verdict for verdict in goals.verdicts(some_results())}

    verdict = judged["AdminGetUser: p99 with 1,000,000 users ≤ 1.5 × with 10,000"]

    assert verdict.met
    assert verdict.measured == "1.40 × (1.00 → 1.40 ms)"


@pytest.mark.parametrize(
    ("cpu", "sign_us", "word"),
    [
        (100.0, 200.0, "met"),
        (150.0, 200.0, "missed"),
        (150.0, 300.0, "met at reference speed"),
        (100.0, 100.0, "met"),  # a fast core is not held against the figure that it measured
    ],
)
def test_a_slow_core_is_told_apart_from_a_slow_server(cpu, sign_us, word):
    results = some_results()
    results.operations = [
        replace(row, figures=a_round(cpu=cpu, sign_us=sign_us)) for row in results.operations
    ]

    judged = {verdict.goal: verdict for verdict in goals.verdicts(results)}

    assert judged["AdminGetUser ≥ 8,000 /s per core"].word == word


def test_a_wrong_answer_of_ours_fails_the_run_and_one_of_theirs_does_not():
    results = some_results()
    ours, theirs = (
        next(row for row in results.growth if row.contender == name) for name in ("Cognate", "moto")
    )

    results.growth = [replace(theirs, figures=a_round(errors={"HTTP 500": 3}))]
    assert results.bad_answers() == {}
    results.growth = [replace(ours, figures=a_round(errors={"WrongToken": 1}))]
    assert results.bad_answers() == {"WrongToken": 1}


def test_results_are_the_same_after_they_were_kept(tmp_path):
    results = some_results()

    save(results, tmp_path / "kept.json")

    assert load(tmp_path / "kept.json") == results
