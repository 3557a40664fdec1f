"""
S11, lock-out as denial of service: who knows only a name cannot keep its owner out.

Cases: Keycloak GHSA-cq42-vhv7-xr7p; Cognito, where anybody who knows the name starts a reset.
"""

from datetime import timedelta

import pytest

from tests.threats.conftest import CODE

HOME, ELSEWHERE, STRANGERS = "198.51.100.7", "203.0.113.9", "192.0.2.66"
LOCKED = "Password attempts exceeded"
WRONG = "wrong-Horse1!"


@pytest.fixture
async def ada(direct, a_target):
    """She has signed in at home."""
    target = await a_target()
    at_home = await direct.at(HOME).sign_in(target.client_id, "ada", target.password)
    assert at_home.status == 200
    return target


async def locked_out(stranger, ada):
    """A stranger fails until nobody's guess is judged from where they are."""
    for _ in range(5):
        await stranger.sign_in(ada.client_id, "ada", WRONG)
    assert (await stranger.sign_in(ada.client_id, "ada", WRONG)).message == LOCKED


async def test_strangers_lock_out_strangers_and_not_the_owner_at_home(direct, ada):
    await locked_out(direct.at(STRANGERS), ada)

    elsewhere = await direct.at(ELSEWHERE).sign_in(ada.client_id, "ada", ada.password)
    at_home = await direct.at(HOME).sign_in(ada.client_id, "ada", ada.password)

    assert elsewhere.message == LOCKED
    assert at_home.status == 200


async def test_a_neighbouring_address_is_home_too_and_the_next_network_is_not(direct, ada):
    await locked_out(direct.at(STRANGERS), ada)

    neighbour = await direct.at("198.51.100.200").sign_in(ada.client_id, "ada", ada.password)
    beyond = await direct.at("198.51.101.7").sign_in(ada.client_id, "ada", ada.password)

    assert neighbour.status == 200
    assert beyond.message == LOCKED


async def test_her_coming_home_does_not_open_the_door_to_strangers(direct, ada):
    await locked_out(direct.at(STRANGERS), ada)

    await direct.at(HOME).sign_in(ada.client_id, "ada", ada.password)

    right = await direct.at(STRANGERS).sign_in(ada.client_id, "ada", ada.password)
    assert right.message == LOCKED


async def test_at_home_guessing_is_limited_too(direct, ada):
    await locked_out(direct.at(HOME), ada)

    at_home = await direct.at(HOME).sign_in(ada.client_id, "ada", ada.password)
    elsewhere = await direct.at(ELSEWHERE).sign_in(ada.client_id, "ada", ada.password)

    assert at_home.message == LOCKED
    assert elsewhere.status == 200


async def test_a_network_is_home_for_thirty_days(direct, ada, clock):
    clock.advance(timedelta(days=30))
    await locked_out(direct.at(STRANGERS), ada)

    at_home = await direct.at(HOME).sign_in(ada.client_id, "ada", ada.password)

    assert at_home.message == LOCKED


async def test_signing_in_keeps_a_network_known(direct, ada, clock):
    clock.advance(timedelta(days=29))
    await direct.at(HOME).sign_in(ada.client_id, "ada", ada.password)
    clock.advance(timedelta(days=29))
    await locked_out(direct.at(STRANGERS), ada)

    assert (await direct.at(HOME).sign_in(ada.client_id, "ada", ada.password)).status == 200


async def test_a_failed_sign_in_makes_no_home(direct, ada):
    for _ in range(3):
        await direct.at(STRANGERS).sign_in(ada.client_id, "ada", WRONG)

    for _ in range(2):
        await direct.at(ELSEWHERE).sign_in(ada.client_id, "ada", WRONG)

    # Five in all from nowhere known: each of them counted for all the others.
    for place in (STRANGERS, ELSEWHERE, "192.0.99.1"):
        answer = await direct.at(place).sign_in(ada.client_id, "ada", ada.password)
        assert answer.message == LOCKED


async def test_only_so_many_places_are_home(direct, ada, clock):
    """Each has guesses of its own: without a bound an owner's travels would be an attacker's."""
    for number in range(11):
        clock.advance(timedelta(hours=1))
        place = direct.at(f"203.0.{number}.1")
        assert (await place.sign_in(ada.client_id, "ada", ada.password)).status == 200
    await locked_out(direct.at(STRANGERS), ada)

    at_home = await direct.at(HOME).sign_in(ada.client_id, "ada", ada.password)
    latest = await direct.at("203.0.10.1").sign_in(ada.client_id, "ada", ada.password)

    assert at_home.message == LOCKED
    assert latest.status == 200


async def test_administrators_servers_say_where_their_user_is(direct, ada):
    """The address in ContextData counts, not the server's own."""

    async def by_server(password, address):
        return await direct.at("10.0.0.1").ask(
            "AdminInitiateAuth",
            **ada.of_pool,
            ClientId=ada.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": password},
            ContextData={
                "IpAddress": address,
                "ServerName": "example.com",
                "ServerPath": "/login",
                "HttpHeaders": [{"headerName": "User-Agent", "headerValue": "Firefox/1"}],
            },
        )

    for _ in range(5):
        await by_server(WRONG, STRANGERS)

    assert (await by_server(ada.password, STRANGERS)).message == LOCKED
    assert (await by_server(ada.password, HOME)).status == 200


async def test_a_reset_that_a_stranger_asks_for_changes_nothing(direct, ada):
    signed_in = await direct.at(HOME).sign_in(ada.client_id, "ada", ada.password)
    tokens = signed_in.content["AuthenticationResult"]
    before = await direct("AdminGetUser", **ada.of_user)

    for _ in range(10):
        await direct.at(STRANGERS).ask("ForgotPassword", ClientId=ada.client_id, Username="ada")

    assert await direct("AdminGetUser", **ada.of_user) == before
    assert (await direct.at(HOME).sign_in(ada.client_id, "ada", ada.password)).status == 200
    assert (await direct.ask("GetUser", AccessToken=tokens["AccessToken"])).status == 200
    # The last code that was sent is good, though more were asked for than are sent.
    reset = await direct.ask(
        "ConfirmForgotPassword",
        ClientId=ada.client_id,
        Username="ada",
        ConfirmationCode=CODE,
        Password="Another-horse2!",
    )
    assert reset.status == 200


async def test_a_reset_ends_every_lock(direct, ada):
    await locked_out(direct.at(STRANGERS), ada)
    await locked_out(direct.at(HOME), ada)
    await direct("ForgotPassword", ClientId=ada.client_id, Username="ada")
    await direct(
        "ConfirmForgotPassword",
        ClientId=ada.client_id,
        Username="ada",
        ConfirmationCode=CODE,
        Password="Another-horse2!",
    )

    for place in (HOME, ELSEWHERE):
        answer = await direct.at(place).sign_in(ada.client_id, "ada", "Another-horse2!")
        assert answer.status == 200
