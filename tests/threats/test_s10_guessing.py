"""
S10, second-factor bypass and brute force: one throttle for all flows, and everything once.

Cases: Zitadel CVE-2025-64102, CVE-2025-64103, CVE-2026-105211 (code returned to the caller),
GHSA-7j7j-66cv-m239; Kratos GHSA-wc43-73w7-x2f5; Keycloak CVE-2026-9798 (another flow ignores the
lock-out).
"""

import asyncio
from collections import Counter
from datetime import timedelta

import msgspec
import pytest

from cognate.protocol import totp
from tests.threats.conftest import CODE

GUESSES = 1_000
FREE_FAILURES = 5
LOCKED = "Password attempts exceeded"
INCORRECT = "Incorrect username or password."
MISMATCH = "Invalid verification code provided, please try again."
TOO_OFTEN = "Attempt limit exceeded, please try after some time."
AT_ONCE = 64


def messages(answers):
    return Counter(answer.message for answer in answers)


async def at_once(calls):
    return await asyncio.gather(*calls)


@pytest.fixture
async def ada(a_target):
    return await a_target()


# --- passwords -----------------------------------------------------------------------------------


async def test_of_1000_wrong_passwords_at_once_no_more_than_the_limit_is_judged(direct, ada):
    answers = await at_once(
        direct.sign_in(ada.client_id, "ada", f"wrong-Horse{number}!") for number in range(GUESSES)
    )

    assert messages(answers) == {INCORRECT: FREE_FAILURES, LOCKED: GUESSES - FREE_FAILURES}
    locked = await direct.sign_in(ada.client_id, "ada", ada.password)
    assert locked.message == LOCKED


async def test_of_1000_guesses_at_a_name_that_is_not_there_as_many_are_judged(direct, a_target):
    hiding = await a_target(client={"PreventUserExistenceErrors": "ENABLED"})

    answers = await at_once(
        direct.sign_in(hiding.client_id, "nobody", f"wrong-Horse{number}!")
        for number in range(GUESSES)
    )

    assert messages(answers) == {INCORRECT: FREE_FAILURES, LOCKED: GUESSES - FREE_FAILURES}


async def test_every_door_counts_the_same_failures(direct, ada, clock):
    """Two by the public door, two by the administrators', one by a token: then none opens."""
    signed_in = await direct.sign_in(ada.client_id, "ada", ada.password)
    token = signed_in.content["AuthenticationResult"]["AccessToken"]
    wrong = {"USERNAME": "ada", "PASSWORD": "wrong-Horse1!"}

    async def by_admin(parameters):
        return await direct.ask(
            "AdminInitiateAuth",
            **ada.of_pool,
            ClientId=ada.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters=parameters,
        )

    async def by_change(previous):
        return await direct.ask(
            "ChangePassword",
            AccessToken=token,
            PreviousPassword=previous,
            ProposedPassword="Another-horse2!",
        )

    failures = [await direct.sign_in(ada.client_id, "ada", "wrong-Horse1!") for _ in range(2)]
    failures += [await by_admin(wrong) for _ in range(2)]
    failures += [await by_change("wrong-Horse1!")]
    assert messages(failures) == {INCORRECT: FREE_FAILURES}

    right = [
        await direct.sign_in(ada.client_id, "ada", ada.password),
        await by_admin({"USERNAME": "ada", "PASSWORD": ada.password}),
        await by_change(ada.password),
    ]
    assert messages(right) == {LOCKED: 3}
    clock.advance(timedelta(minutes=15))
    assert (await direct.sign_in(ada.client_id, "ada", ada.password)).status == 200


async def test_the_lock_grows_with_every_failure_and_ends(direct, ada, clock):
    for _ in range(FREE_FAILURES):
        await direct.sign_in(ada.client_id, "ada", "wrong-Horse1!")

    waited = []
    for _ in range(11):
        seconds = 0
        while (await direct.sign_in(ada.client_id, "ada", "wrong-Horse1!")).message == LOCKED:
            clock.advance(timedelta(seconds=1))
            seconds += 1
        waited.append(seconds)

    assert waited == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]


# --- second factors ------------------------------------------------------------------------------


@pytest.fixture
async def with_app(direct, ada):
    """Ada with an authenticator app as her second factor; its secret."""
    await direct(
        "SetUserPoolMfaConfig",
        **ada.of_pool,
        MfaConfiguration="OPTIONAL",
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    signed_in = await direct.sign_in(ada.client_id, "ada", ada.password)
    token = signed_in.content["AuthenticationResult"]["AccessToken"]
    offered = await direct("AssociateSoftwareToken", AccessToken=token)
    return totp.decode_secret(offered["SecretCode"]), token


@pytest.fixture
async def secret(direct, with_app, clock):
    shared, token = with_app
    code = totp.code_at(shared, totp.step_at(clock.now()))
    await direct("VerifySoftwareToken", AccessToken=token, UserCode=code)
    await direct(
        "SetUserMFAPreference",
        AccessToken=token,
        SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True},
    )
    clock.advance(timedelta(minutes=1))
    return shared


async def sessions(direct, ada, count):
    answers = [await direct.sign_in(ada.client_id, "ada", ada.password) for _ in range(count)]
    return [answer.content["Session"] for answer in answers]


def with_code(direct, ada, session, code):
    return direct.ask(
        "RespondToAuthChallenge",
        ClientId=ada.client_id,
        ChallengeName="SOFTWARE_TOKEN_MFA",
        Session=session,
        ChallengeResponses={"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": code},
    )


def wrong_codes(secret, now, count):
    near = {totp.code_at(secret, totp.step_at(now) + step) for step in range(-2, 3)}
    return [code for number in range(count + 5) if (code := f"{number:06d}") not in near][:count]


async def test_of_1000_wrong_second_factors_at_once_no_more_than_the_limit_is_judged(
    direct, ada, secret, clock
):
    open_sessions = await sessions(direct, ada, 20)

    answers = await at_once(
        with_code(direct, ada, open_sessions[number % 20], code)
        for number, code in enumerate(wrong_codes(secret, clock.now(), GUESSES))
    )

    judged = [answer for answer in answers if answer.message != LOCKED]
    assert [answer.error for answer in judged] == ["CodeMismatchException"] * FREE_FAILURES
    right = totp.code_at(secret, totp.step_at(clock.now()))
    assert (await with_code(direct, ada, open_sessions[0], right)).message == LOCKED


async def test_a_right_password_in_between_does_not_forgive_wrong_second_factors(
    direct, ada, secret, clock
):
    judged = 0
    for code in wrong_codes(secret, clock.now(), 20):
        answer = await direct.sign_in(ada.client_id, "ada", ada.password)
        if answer.status == 200:
            await with_code(direct, ada, answer.content["Session"], code)
            judged += 1

    assert judged == FREE_FAILURES


async def test_of_64_uses_of_one_code_of_an_app_at_once_one_wins(direct, ada, secret, clock):
    open_sessions = await sessions(direct, ada, AT_ONCE)
    code = totp.code_at(secret, totp.step_at(clock.now()))

    answers = await at_once(with_code(direct, ada, one, code) for one in open_sessions)

    assert [answer.status for answer in answers].count(200) == 1


async def test_of_64_uses_of_one_session_at_once_one_wins(direct, ada):
    await direct("AdminSetUserPassword", **ada.of_user, Password=ada.password, Permanent=False)
    [session] = await sessions(direct, ada, 1)

    answers = await at_once(
        direct.ask(
            "RespondToAuthChallenge",
            ClientId=ada.client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=session,
            ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": "Another-horse2!"},
        )
        for _ in range(AT_ONCE)
    )

    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.error for answer in answers if answer.error} == {"NotAuthorizedException"}


# --- codes ---------------------------------------------------------------------------------------


async def sign_up(direct, ada, name="eve"):
    return await direct(
        "SignUp",
        ClientId=ada.client_id,
        Username=name,
        Password=ada.password,
        UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
    )


async def test_of_1000_wrong_reset_codes_at_once_no_more_than_the_limit_is_judged(direct, ada):
    await direct("ForgotPassword", ClientId=ada.client_id, Username="ada")

    def confirmed(code):
        return direct.ask(
            "ConfirmForgotPassword",
            ClientId=ada.client_id,
            Username="ada",
            ConfirmationCode=code,
            Password="Another-horse2!",
        )

    answers = await at_once(confirmed(f"{number:06d}") for number in range(GUESSES))

    assert messages(answers) == {MISMATCH: 15, TOO_OFTEN: GUESSES - 15}
    assert (await confirmed(CODE)).message == TOO_OFTEN
    assert (await direct.sign_in(ada.client_id, "ada", ada.password)).status == 200


async def test_of_1000_wrong_confirmation_codes_at_once_no_more_than_the_limit_is_judged(
    direct, ada
):
    await sign_up(direct, ada)

    def confirmed(code):
        return direct.ask(
            "ConfirmSignUp", ClientId=ada.client_id, Username="eve", ConfirmationCode=code
        )

    answers = await at_once(confirmed(f"{number:06d}") for number in range(GUESSES))

    assert messages(answers) == {MISMATCH: 15, TOO_OFTEN: GUESSES - 15}
    assert (await confirmed(CODE)).message == TOO_OFTEN


async def test_of_1000_wrong_verification_codes_at_once_no_more_than_the_limit_is_judged(
    direct, ada
):
    signed_in = await direct.sign_in(ada.client_id, "ada", ada.password)
    token = signed_in.content["AuthenticationResult"]["AccessToken"]
    of_email = {"AccessToken": token, "AttributeName": "email"}
    await direct("GetUserAttributeVerificationCode", **of_email)

    answers = await at_once(
        direct.ask("VerifyUserAttribute", {**of_email, "Code": f"{number:06d}"})
        for number in range(GUESSES)
    )

    assert messages(answers) == {MISMATCH: 15, TOO_OFTEN: GUESSES - 15}
    right = await direct.ask("VerifyUserAttribute", {**of_email, "Code": CODE})
    assert right.message == TOO_OFTEN


async def test_a_new_code_does_not_forgive_wrong_ones(direct, ada):
    """Otherwise asking again would buy fifteen more guesses."""
    judged = 0
    for number in range(40):
        if number % 10 == 0:
            await direct.ask("ForgotPassword", ClientId=ada.client_id, Username="ada")
        answer = await direct.ask(
            "ConfirmForgotPassword",
            ClientId=ada.client_id,
            Username="ada",
            ConfirmationCode=f"{number:06d}",
            Password="Another-horse2!",
        )
        judged += answer.message == MISMATCH

    assert judged == 15


async def test_of_64_uses_of_one_code_at_once_one_wins(direct, ada):
    await sign_up(direct, ada)
    await direct("ForgotPassword", ClientId=ada.client_id, Username="ada")
    # Fewer than the limit of the hour, or that would decide.
    confirmations = [
        direct.ask("ConfirmSignUp", ClientId=ada.client_id, Username="eve", ConfirmationCode=CODE)
        for _ in range(AT_ONCE)
    ]
    resets = [
        direct.ask(
            "ConfirmForgotPassword",
            ClientId=ada.client_id,
            Username="ada",
            ConfirmationCode=CODE,
            Password=f"Another-horse{number}!",
        )
        for number in range(AT_ONCE)
    ]

    for calls in (confirmations, resets):
        answers = await at_once(calls)

        assert [answer.status for answer in answers].count(200) == 1
        assert {answer.error for answer in answers if answer.error} <= {
            "ExpiredCodeException",
            "LimitExceededException",
            "NotAuthorizedException",
        }


async def test_no_answer_holds_a_code(direct, ada):
    signed_in = await direct.sign_in(ada.client_id, "ada", ada.password)
    token = signed_in.content["AuthenticationResult"]["AccessToken"]
    of_client = {"ClientId": ada.client_id}

    answers = [
        await sign_up(direct, ada),
        await direct("ResendConfirmationCode", **of_client, Username="eve"),
        await direct("ForgotPassword", **of_client, Username="ada"),
        await direct("AdminResetUserPassword", **ada.of_user),
        await direct("GetUserAttributeVerificationCode", AccessToken=token, AttributeName="email"),
        await direct("AdminGetUser", **ada.of_user),
    ]

    for answer in answers:
        assert CODE not in msgspec.json.encode(answer).decode()
