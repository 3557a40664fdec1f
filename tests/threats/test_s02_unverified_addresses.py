"""
S2, takeover by an unproven address: whoever only claims an address has nothing of its owner's.

Cases: Logto CVE-2026-15611; Zitadel CVE-2026-105207, CVE-2025-64717; Mastodon GHSA-vm39-j3vx-pch3;
the pre-hijacking study of 75 services. What concerns providers is tested with federation.
"""

from dataclasses import replace

import pytest

from tests.threats.conftest import CODE

EMAIL = "victim@example.com"
ATTACKERS = "Attackers-horse1!"
VICTIMS = "Victims-horse1!"
INCORRECT = "Incorrect username or password."


@pytest.fixture
async def pool(a_target):
    """Sign-in by user name, and by an e-mail address that is proven."""
    return await a_target(AliasAttributes=["email"])


def sign_up(direct, pool, name, password, email=EMAIL):
    return direct.ask(
        "SignUp",
        ClientId=pool.client_id,
        Username=name,
        Password=password,
        UserAttributes=[{"Name": "email", "Value": email}],
    )


def confirm(direct, pool, name, code=CODE, **more):
    return direct.ask(
        "ConfirmSignUp", ClientId=pool.client_id, Username=name, ConfirmationCode=code, **more
    )


async def confirmed_by_admin(direct, pool, name, password, email):
    """An account whose address nobody has proven."""
    assert (await sign_up(direct, pool, name, password, email)).status == 200
    await direct("AdminConfirmSignUp", **pool.of_pool, Username=name)


async def test_an_account_that_claims_an_address_first_does_not_bar_its_owner(direct, pool):
    await confirmed_by_admin(direct, pool, "attacker", ATTACKERS, EMAIL)

    assert (await sign_up(direct, pool, "victim", VICTIMS)).status == 200
    assert (await confirm(direct, pool, "victim")).status == 200

    assert (await direct.sign_in(pool.client_id, EMAIL, VICTIMS)).status == 200
    by_attacker = await direct.sign_in(pool.client_id, EMAIL, ATTACKERS)
    assert by_attacker.message == INCORRECT


async def test_a_claimed_address_is_no_way_to_sign_in(direct, pool):
    await confirmed_by_admin(direct, pool, "attacker", ATTACKERS, EMAIL)

    answer = await direct.sign_in(pool.client_id, EMAIL, ATTACKERS)

    assert answer.error == "UserNotFoundException"


async def test_a_claimed_address_gets_no_reset_code(direct, pool):
    await confirmed_by_admin(direct, pool, "attacker", ATTACKERS, EMAIL)

    answer = await direct.ask("ForgotPassword", ClientId=pool.client_id, Username="attacker")

    assert answer.error == "InvalidParameterException"
    assert answer.message == (
        "Cannot reset password for the user as there is no registered/verified email "
        "or phone_number"
    )


async def test_the_tokens_of_a_claimant_call_the_address_unproven(direct, pool):
    await confirmed_by_admin(direct, pool, "attacker", ATTACKERS, EMAIL)

    signed_in = await direct.sign_in(pool.client_id, "attacker", ATTACKERS)

    token = signed_in.content["AuthenticationResult"]["AccessToken"]
    told = {
        a["Name"]: a["Value"]
        for a in (await direct("GetUser", AccessToken=token))["UserAttributes"]
    }
    assert (told["email"], told["email_verified"]) == (EMAIL, "false")


async def test_no_client_writes_that_an_address_is_proven(direct, pool):
    claimed = [{"Name": "email", "Value": EMAIL}, {"Name": "email_verified", "Value": "true"}]
    at_sign_up = await direct.ask(
        "SignUp",
        ClientId=pool.client_id,
        Username="attacker",
        Password=ATTACKERS,
        UserAttributes=claimed,
    )
    signed_in = await direct.sign_in(pool.client_id, pool.username, pool.password)
    later = await direct.ask(
        "UpdateUserAttributes",
        AccessToken=signed_in.content["AuthenticationResult"]["AccessToken"],
        UserAttributes=claimed,
    )

    assert at_sign_up.error == "NotAuthorizedException"
    assert later.error == "NotAuthorizedException"


async def test_a_proven_address_is_taken_by_proof_alone(direct, pool):
    """The owner proves it last, and it is theirs; the earlier holder loses the sign-in name."""
    assert (await sign_up(direct, pool, "first", ATTACKERS)).status == 200
    assert (await confirm(direct, pool, "first")).status == 200
    assert (await sign_up(direct, pool, "second", VICTIMS)).status == 200

    guessed = await confirm(direct, pool, "second", "000000", ForceAliasCreation=True)
    without_force = await confirm(direct, pool, "second")
    assert guessed.error == "CodeMismatchException"
    assert without_force.error == "AliasExistsException"
    assert (await direct.sign_in(pool.client_id, EMAIL, ATTACKERS)).status == 200

    assert (await confirm(direct, pool, "second", ForceAliasCreation=True)).status == 200
    assert (await direct.sign_in(pool.client_id, EMAIL, VICTIMS)).status == 200
    assert (await direct.sign_in(pool.client_id, EMAIL, ATTACKERS)).message == INCORRECT


async def test_a_reset_in_the_name_of_an_address_reaches_its_prover(direct, pool):
    """A trojan account with the same, unproven address gets neither the code nor the reset."""
    assert (await sign_up(direct, pool, "victim", VICTIMS)).status == 200
    assert (await confirm(direct, pool, "victim")).status == 200
    await confirmed_by_admin(direct, pool, "attacker", ATTACKERS, EMAIL)

    await direct("ForgotPassword", ClientId=pool.client_id, Username=EMAIL)
    await direct(
        "ConfirmForgotPassword",
        ClientId=pool.client_id,
        Username=EMAIL,
        ConfirmationCode=CODE,
        Password="Another-horse2!",
    )

    assert (await direct.sign_in(pool.client_id, "victim", "Another-horse2!")).status == 200
    assert (await direct.sign_in(pool.client_id, "attacker", ATTACKERS)).status == 200


async def test_where_addresses_are_user_names_an_unconfirmed_claim_signs_nobody_in(direct, pool):
    made = await direct("CreateUserPool", PoolName="p", UsernameAttributes=["email"])
    client = await direct(
        "CreateUserPoolClient",
        UserPoolId=made["UserPool"]["Id"],
        ClientName="c",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )
    of_addresses = replace(pool, client_id=client["UserPoolClient"]["ClientId"])
    assert (await sign_up(direct, of_addresses, EMAIL, ATTACKERS)).status == 200

    answer = await direct.sign_in(of_addresses.client_id, EMAIL, ATTACKERS)

    assert answer.error == "UserNotConfirmedException"
