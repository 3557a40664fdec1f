"""
S3, changed addresses: the old one holds until the new one is proven, and case tells nobody apart.

Cases: Cognito's pools before June 2022; variants of an address by case.
"""

import pytest

from cognate.protocol.jose import unverified_claims
from tests.threats.conftest import CODE

KEEPS = {"AttributesRequireVerificationBeforeUpdate": ["email"]}


@pytest.fixture
async def ada(a_target):
    return await a_target(AliasAttributes=["email"], UserAttributeUpdateSettings=KEEPS)


@pytest.fixture
async def caseless(a_target):
    """As consoles and Terraform make pools; the API's own default is to tell cases apart."""
    return await a_target(AliasAttributes=["email"], UsernameConfiguration={"CaseSensitive": False})


async def tokens(direct, ada, name="ada"):
    answer = await direct.sign_in(ada.client_id, name, ada.password)
    return answer.content["AuthenticationResult"]


def change(direct, token, value):
    return direct.ask(
        "UpdateUserAttributes",
        AccessToken=token,
        UserAttributes=[{"Name": "email", "Value": value}],
    )


async def seen(direct, token):
    """The address and whether it is proven, as GetUser and as a fresh ID token tell."""
    answer = await direct("GetUser", AccessToken=token)
    found = {a["Name"]: a["Value"] for a in answer["UserAttributes"]}
    return found["email"], found["email_verified"]


async def in_id_token(direct, ada, refresh_token):
    answer = await direct(
        "GetTokensFromRefreshToken", ClientId=ada.client_id, RefreshToken=refresh_token
    )
    claims = unverified_claims(answer["AuthenticationResult"]["IdToken"])
    return claims["email"], claims["email_verified"]


async def test_the_old_address_holds_until_the_new_one_is_proven(direct, ada):
    live = await tokens(direct, ada)

    assert (await change(direct, live["AccessToken"], "new@example.com")).status == 200

    assert await seen(direct, live["AccessToken"]) == ("ada@example.com", "true")
    assert await in_id_token(direct, ada, live["RefreshToken"]) == ("ada@example.com", True)
    assert (await direct.sign_in(ada.client_id, "ada@example.com", ada.password)).status == 200
    by_new = await direct.sign_in(ada.client_id, "new@example.com", ada.password)
    assert by_new.error == "UserNotFoundException"

    await direct(
        "VerifyUserAttribute", AccessToken=live["AccessToken"], AttributeName="email", Code=CODE
    )

    assert await seen(direct, live["AccessToken"]) == ("new@example.com", "true")
    assert await in_id_token(direct, ada, live["RefreshToken"]) == ("new@example.com", True)
    by_old = await direct.sign_in(ada.client_id, "ada@example.com", ada.password)
    assert by_old.error == "UserNotFoundException"


async def test_a_wrong_code_changes_nothing(direct, ada):
    live = await tokens(direct, ada)
    await change(direct, live["AccessToken"], "new@example.com")

    refused = await direct.ask(
        "VerifyUserAttribute",
        AccessToken=live["AccessToken"],
        AttributeName="email",
        Code="000000",
    )

    assert refused.error == "CodeMismatchException"
    assert await seen(direct, live["AccessToken"]) == ("ada@example.com", "true")


async def test_where_the_new_address_shows_at_once_it_is_never_shown_as_proven(direct, a_target):
    ada = await a_target(AliasAttributes=["email"])
    live = await tokens(direct, ada)

    assert (await change(direct, live["AccessToken"], "new@example.com")).status == 200

    assert await seen(direct, live["AccessToken"]) == ("new@example.com", "false")
    assert await in_id_token(direct, ada, live["RefreshToken"]) == ("new@example.com", False)
    by_new = await direct.sign_in(ada.client_id, "new@example.com", ada.password)
    assert by_new.error == "UserNotFoundException"
    reset = await direct.ask("ForgotPassword", ClientId=ada.client_id, Username="ada")
    assert reset.error == "InvalidParameterException"


async def test_the_code_for_one_address_proves_no_other(direct, a_target):
    """Changed twice before the first code comes back: that code is void."""
    ada = await a_target(AliasAttributes=["email"], UserAttributeUpdateSettings=KEEPS)
    live = await tokens(direct, ada)
    await change(direct, live["AccessToken"], "mine@example.com")
    await change(direct, live["AccessToken"], "victim@example.com")

    await direct.ask(
        "VerifyUserAttribute", AccessToken=live["AccessToken"], AttributeName="email", Code=CODE
    )

    # Every code here has the same digits: it was the second one, and it proves the second.
    assert await seen(direct, live["AccessToken"]) == ("victim@example.com", "true")


@pytest.mark.parametrize("variant", ["ADA@example.com", "Ada@Example.COM", "ada@EXAMPLE.com"])
async def test_a_variant_by_case_is_the_same_address(direct, caseless, variant):
    signed_in = await direct.sign_in(caseless.client_id, variant, caseless.password)
    taken = await direct.ask(
        "AdminCreateUser",
        **caseless.of_pool,
        Username="eve",
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": variant},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    await direct("AdminCreateUser", **caseless.of_pool, Username="bob", MessageAction="SUPPRESS")
    changed = await direct.ask(
        "AdminUpdateUserAttributes",
        **caseless.of_pool,
        Username="bob",
        UserAttributes=[
            {"Name": "email", "Value": variant},
            {"Name": "email_verified", "Value": "true"},
        ],
    )

    assert signed_in.status == 200
    assert taken.error in {"UsernameExistsException", "AliasExistsException"}
    assert changed.error == "AliasExistsException"


@pytest.mark.parametrize("variant", ["ADA", "Ada"])
async def test_a_user_name_in_another_case_is_taken(direct, caseless, variant):
    taken = await direct.ask(
        "AdminCreateUser", **caseless.of_pool, Username=variant, MessageAction="SUPPRESS"
    )

    assert taken.error == "UsernameExistsException"
    assert (await direct.sign_in(caseless.client_id, variant, caseless.password)).status == 200
