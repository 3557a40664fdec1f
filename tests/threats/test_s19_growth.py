"""
S19, unbounded growth: no list, label or cache grows with what callers send.

Cases: Keycloak CVE-2026-16100 (metric labels from callers' text), GHSA-54f3-c6hg-865h (all offline
sessions loaded), CVE-2024-1249.
"""

import gc
import re

import msgspec
import pytest
import pytest_asyncio

from cognate.system import resident_bytes
from tests.direct import HEADERS
from tests.inprocess import ask
from tests.threats.conftest import serving

MIB = 2**20
BOUND = 20 * MIB
WARM = 2_000


@pytest_asyncio.fixture
async def app(tmp_path, clock):
    """Without log lines, which would be the test runner's memory."""
    async with serving(clock, tmp_path, log_level="error") as built:
        yield built


def bad_inputs(ada, number):
    """Eight requests that are wrong in different ways, and like no others."""
    text = f"nobody-{number}"
    of_client = {"ClientId": ada.client_id}
    parameters = {"USERNAME": text, "PASSWORD": f"wrong-{number}"}
    return [
        ("InitiateAuth", {**of_client, "AuthFlow": text}),
        (
            "InitiateAuth",
            {**of_client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters},
        ),
        ("GetUser", {"AccessToken": f"{text}.{text}.{text}"}),
        ("AdminGetUser", {"UserPoolId": f"us-east-1_Nowhere{number}", "Username": text}),
        ("AdminGetUser", {**ada.of_pool, "Username": text}),
        ("ListUsers", {**ada.of_pool, "Filter": f'email = "{text}'}),
        ("SignUp", {"ClientId": text.replace("-", ""), "Username": text, "Password": text}),
        (f"No{number}Operation", {text: text}),
    ]


async def send(app, ada, numbers):
    for number in numbers:
        for operation, request in bad_inputs(ada, number):
            headers = {
                **HEADERS,
                "x-amz-target": f"AWSCognitoIdentityProviderService.{operation}",
                "user-agent": f"agent/{number}",
                f"x-header-{number}": "1",
            }
            path = "/" if number % 2 else f"/{number}"
            body = msgspec.json.encode(request)
            answer = await ask(app, "POST", path, headers=headers, body=body)
            assert answer.status >= 400


async def growth(app, ada, requests):
    """Bytes that the process grew by, over that many bad requests after some to warm up."""
    await send(app, ada, range(WARM // 8))
    gc.collect()
    before = resident_bytes()
    await send(app, ada, range(WARM, WARM + requests // 8))
    gc.collect()
    return resident_bytes() - before


async def test_20_000_distinct_bad_inputs_leave_no_memory_behind(app, a_target):
    ada = await a_target()

    assert await growth(app, ada, 20_000) < BOUND


@pytest.mark.soak
async def test_a_million_distinct_bad_inputs_leave_no_memory_behind(app, a_target):
    ada = await a_target()

    assert await growth(app, ada, 1_000_000) < BOUND


async def test_no_label_of_a_metric_comes_from_a_caller(app, a_target):
    ada = await a_target()
    await send(app, ada, range(20))
    await labels(app)  # from now on it has a line of its own
    before = await labels(app)

    await send(app, ada, range(100, 400))

    assert await labels(app) == before


async def labels(app):
    text = (await ask(app, "GET", "/metrics")).body.decode()
    assert "nobody" not in text
    return sorted(re.findall(r"\{.*\}", text))
