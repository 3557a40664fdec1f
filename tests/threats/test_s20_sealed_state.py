"""
S20, forgeable state: whatever a client holds for us is refused when one bit of it is another.

Case: Zitadel CVE-2026-119128.
"""

import base64
from collections.abc import Iterator

import pytest_asyncio

from cognate.protocol import base64url
from tests.threats.conftest import serving

SRP_A = "a" * 768


@pytest_asyncio.fixture
async def app(tmp_path, clock):
    """Nothing here depends on the database."""
    async with serving(clock, tmp_path) as built:
        yield built


def flipped(content: bytes) -> Iterator[bytes]:
    """`content` with each of its bits turned, one at a time."""
    for position in range(len(content) * 8):
        changed = bytearray(content)
        changed[position // 8] ^= 1 << position % 8
        yield bytes(changed)


async def accepted(direct, operation, requests):
    """The requests that were not refused as the state of somebody else."""
    return [
        request
        for request in requests
        if (await direct.ask(operation, request)).error
        not in ("NotAuthorizedException", "InvalidParameterException")
    ]


async def test_no_bit_of_a_session_may_be_turned(direct, a_target):
    ada = await a_target()
    await direct("AdminSetUserPassword", **ada.of_user, Password=ada.password, Permanent=False)
    signed_in = await direct.sign_in(ada.client_id, ada.username, ada.password)
    session = signed_in.content["Session"]
    good = {
        "ClientId": ada.client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ChallengeResponses": {"USERNAME": "ada", "NEW_PASSWORD": "Another-horse2!"},
    }

    turned = [base64url.encode(bits) for bits in flipped(base64url.decode(session))]

    assert (
        await accepted(
            direct, "RespondToAuthChallenge", [{**good, "Session": one} for one in turned]
        )
        == []
    )
    untouched = await direct.ask("RespondToAuthChallenge", {**good, "Session": session})
    assert untouched.status == 200


async def test_no_bit_of_a_refresh_token_may_be_turned(direct, a_target):
    ada = await a_target()
    signed_in = await direct.sign_in(ada.client_id, ada.username, ada.password)
    token = signed_in.content["AuthenticationResult"]["RefreshToken"]
    parts = token.split(".")

    turned = [
        ".".join([*parts[:number], base64url.encode(bits), *parts[number + 1 :]])
        for number, part in enumerate(parts)
        for bits in flipped(base64url.decode(part))
    ]
    turned += [".".join(parts[:4]), ".".join([*parts, ""]), ".".join(reversed(parts)), f"{token}A"]

    requests = [{"ClientId": ada.client_id, "RefreshToken": one} for one in turned]
    assert await accepted(direct, "GetTokensFromRefreshToken", requests) == []
    # A refusal ended nothing: otherwise a stranger's noise would sign users out.
    untouched = {"ClientId": ada.client_id, "RefreshToken": token}
    assert (await direct.ask("GetTokensFromRefreshToken", untouched)).status == 200


async def test_no_bit_of_an_access_token_may_be_turned(direct, a_target):
    ada = await a_target()
    signed_in = await direct.sign_in(ada.client_id, ada.username, ada.password)
    token = signed_in.content["AuthenticationResult"]["AccessToken"]
    parts = token.split(".")

    turned = [
        ".".join([*parts[:number], base64url.encode(bits), *parts[number + 1 :]])
        for number, part in enumerate(parts)
        for bits in flipped(base64url.decode(part))
    ]

    assert await accepted(direct, "GetUser", [{"AccessToken": one} for one in turned]) == []
    assert (await direct.ask("GetUser", AccessToken=token)).status == 200


async def test_no_bit_of_a_pagination_token_may_be_turned(direct, a_target):
    ada = await a_target()
    await direct("AdminCreateUser", **ada.of_pool, Username="bob", MessageAction="SUPPRESS")
    for name in ("one", "two"):
        await direct("CreateGroup", **ada.of_pool, GroupName=name)
    lists = {
        "ListUsers": ("PaginationToken", {**ada.of_pool, "Limit": 1}),
        "ListGroups": ("NextToken", {**ada.of_pool, "Limit": 1}),
    }

    for operation, (member, request) in lists.items():
        token = (await direct(operation, **request))[member]
        turned = [base64url.encode(bits) for bits in flipped(base64url.decode(token))]

        requests = [{**request, member: one} for one in turned]
        assert await accepted(direct, operation, requests) == [], operation
        assert (await direct.ask(operation, {**request, member: token})).status == 200


async def test_no_bit_of_a_secret_block_may_be_turned(direct, a_target):
    ada = await a_target()
    begun = await direct(
        "InitiateAuth",
        ClientId=ada.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "ada", "SRP_A": SRP_A},
    )
    block = base64.b64decode(begun["ChallengeParameters"]["SECRET_BLOCK"])

    def answer(secret_block: bytes) -> object:
        return {
            "ClientId": ada.client_id,
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": {
                "USERNAME": "ada",
                "PASSWORD_CLAIM_SECRET_BLOCK": base64.b64encode(secret_block).decode(),
                "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(bytes(32)).decode(),
                "TIMESTAMP": "Fri Jan 2 03:04:05 UTC 2026",
            },
        }

    answers = [await direct.ask("RespondToAuthChallenge", answer(b)) for b in flipped(block)]
    untouched = await direct.ask("RespondToAuthChallenge", answer(block))

    assert {(one.error, one.message) for one in answers} == {
        ("NotAuthorizedException", "Invalid session for the user.")
    }
    # That one was opened, and its wrong proof was judged.
    assert untouched.message == "Incorrect username or password."
