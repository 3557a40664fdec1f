"""Authenticator apps: registered, asked for, guessed at."""

import asyncio
from datetime import timedelta

import pytest

from cognate.domain.attempts import FREE_FAILURES
from cognate.operations.user_pools import authentication
from cognate.protocol import totp
from cognate.wire.cognito_idp import InitiateAuthRequest, RespondToAuthChallengeRequest
from tests.stories.factor_steps import (
    EXPIRED_SESSION,
    INVALID_SESSION,
    LOCKED,
    SPENT_TOTP,
    USED_SESSION,
    WRONG_TOTP,
    Authenticator,
    answer,
    assurance_of,
    at_once,
    mfa,
    password_of,
    prefer,
    register_app,
    successes_of,
    texts_of,
)
from tests.stories.refusals import refused
from tests.stories.steps import INCORRECT, sign_in, tokens_of

MISMATCH = "Code mismatch and fail enable Software Token MFA"
STEP = timedelta(seconds=30)


@pytest.fixture
def with_app(cognito, a_pool, a_user, clock):
    """`with_app()`: a user who has an app and has switched it on, and the app."""

    def create(*, mode="OPTIONAL", username="ada", pool_id=None, client_id=None):
        if pool_id is None:
            pool_id = a_pool()
            mfa(cognito, pool_id, "OPTIONAL", "TOTP")
        user = a_user(username=username, pool_id=pool_id, client_id=client_id)
        app = register_app(cognito, clock, tokens_of(cognito, user)["AccessToken"])
        prefer(cognito, user, SoftwareToken={"Enabled": True})
        mfa(cognito, pool_id, mode, "TOTP")
        clock.advance(STEP * 3)  # the code that registered it is spent
        return user, app

    return create


# --- registering ---------------------------------------------------------------------------------


def test_an_app_is_registered_by_access_token_and_asked_for_once_switched_on(
    cognito, a_user, clock
):
    ada = a_user()
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP")
    access_token = tokens_of(cognito, ada)["AccessToken"]

    secret = cognito.associate_software_token(AccessToken=access_token)
    app = Authenticator(secret["SecretCode"], clock)
    verified = cognito.verify_software_token(
        AccessToken=access_token, UserCode=app.code(), FriendlyDeviceName="Ada's telephone"
    )
    registered_only = password_of(cognito, ada)
    cognito.set_user_mfa_preference(
        AccessToken=access_token, SoftwareTokenMfaSettings={"Enabled": True}
    )
    asked = password_of(cognito, ada)
    clock.advance(STEP * 2)
    signed_in = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())

    assert len(secret["SecretCode"]) == 52
    assert set(secret["SecretCode"]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert "Session" not in secret
    assert verified["Status"] == "SUCCESS"
    assert "Session" not in verified
    assert "AuthenticationResult" in registered_only
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert asked["ChallengeParameters"] == {
        "USER_ID_FOR_SRP": "ada",
        "FRIENDLY_DEVICE_NAME": "Ada's telephone",
    }
    assert "AuthenticationResult" not in asked
    assert assurance_of(signed_in) == ("urn:cognito:loa:4", ["pwd", "otp", "mfa"])


def test_refreshed_tokens_say_how_the_sign_in_was_proven(cognito, with_app, clock):
    ada, app = with_app()
    asked = password_of(cognito, ada)
    signed_in = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    clock.advance(timedelta(minutes=30))

    refreshed = cognito.initiate_auth(
        ClientId=ada.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": signed_in["AuthenticationResult"]["RefreshToken"]},
    )

    assert assurance_of(refreshed) == assurance_of(signed_in)
    assert assurance_of(refreshed) == ("urn:cognito:loa:4", ["pwd", "otp", "mfa"])


def test_a_new_app_takes_the_old_ones_place_when_it_is_verified(cognito, with_app, clock):
    ada, old = with_app()
    asked = password_of(cognito, ada)
    access_token = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=old.code())[
        "AuthenticationResult"
    ]["AccessToken"]

    secret = cognito.associate_software_token(AccessToken=access_token)["SecretCode"]
    new = Authenticator(secret, clock)
    clock.advance(STEP * 3)
    asked = password_of(cognito, ada)
    with refused("CodeMismatchException", WRONG_TOTP):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=new.code())
    with_the_old = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=old.code())
    cognito.verify_software_token(AccessToken=access_token, UserCode=new.code())
    clock.advance(STEP * 3)
    asked = password_of(cognito, ada)
    with refused("CodeMismatchException", WRONG_TOTP):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=old.code())
    with_the_new = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=new.code())

    assert "AuthenticationResult" in with_the_old
    assert "AuthenticationResult" in with_the_new


def test_the_code_that_registered_an_app_signs_nobody_in(cognito, a_user, clock):
    ada = a_user()
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP")
    app = register_app(cognito, clock, tokens_of(cognito, ada)["AccessToken"])
    prefer(cognito, ada, SoftwareToken={"Enabled": True})
    asked = password_of(cognito, ada)

    with refused("ExpiredCodeException", SPENT_TOTP):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())


def test_a_wrong_code_registers_nothing(cognito, a_user, clock):
    ada = a_user()
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP")
    access_token = tokens_of(cognito, ada)["AccessToken"]
    secret = cognito.associate_software_token(AccessToken=access_token)["SecretCode"]
    app = Authenticator(secret, clock)

    with refused("EnableSoftwareTokenMFAException", MISMATCH):
        cognito.verify_software_token(AccessToken=access_token, UserCode=app.another_code())

    with refused(
        "InvalidParameterException",
        "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA",
    ):
        prefer(cognito, ada, SoftwareToken={"Enabled": True})
    verified = cognito.verify_software_token(AccessToken=access_token, UserCode=app.code())
    assert verified["Status"] == "SUCCESS"


def test_a_secret_is_verified_once(cognito, a_user, clock):
    ada = a_user()
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP")
    access_token = tokens_of(cognito, ada)["AccessToken"]
    app = register_app(cognito, clock, access_token)
    clock.advance(STEP * 3)

    with refused("EnableSoftwareTokenMFAException", MISMATCH):
        cognito.verify_software_token(AccessToken=access_token, UserCode=app.code())


def test_codes_for_no_secret_are_no_guesses(cognito, a_user):
    ada = a_user()
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP")
    access_token = tokens_of(cognito, ada)["AccessToken"]

    for _ in range(FREE_FAILURES + 1):
        with refused("EnableSoftwareTokenMFAException", MISMATCH):
            cognito.verify_software_token(AccessToken=access_token, UserCode="123456")

    assert "AuthenticationResult" in password_of(cognito, ada)


def test_guessing_at_a_secret_to_verify_is_limited_too(cognito, a_user, clock):
    ada = a_user()
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP")
    access_token = tokens_of(cognito, ada)["AccessToken"]
    secret = cognito.associate_software_token(AccessToken=access_token)["SecretCode"]
    app = Authenticator(secret, clock)
    for _ in range(FREE_FAILURES):
        with refused("EnableSoftwareTokenMFAException", MISMATCH):
            cognito.verify_software_token(AccessToken=access_token, UserCode=app.another_code())

    with refused("NotAuthorizedException", LOCKED):
        cognito.verify_software_token(AccessToken=access_token, UserCode=app.code())
    with refused("NotAuthorizedException", LOCKED):
        password_of(cognito, ada)


@pytest.mark.parametrize("mode", ["OFF", "OPTIONAL"])
def test_a_pool_without_apps_gives_no_secret(cognito, a_pool, a_user, mode):
    ada = a_user(pool_id=a_pool())
    if mode != "OFF":
        mfa(cognito, ada.pool_id, mode, "SMS")

    with refused(
        "SoftwareTokenMFANotFoundException",
        "Software Token MFA has not been enabled by the userPool",
    ):
        cognito.associate_software_token(AccessToken=tokens_of(cognito, ada)["AccessToken"])


def test_either_an_access_token_or_a_session_is_sent(cognito, a_user):
    ada = a_user()
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP")
    access_token = tokens_of(cognito, ada)["AccessToken"]
    text = "Either AccessToken or Session is required, not both."

    with refused("InvalidParameterException", text):
        cognito.associate_software_token()
    with refused("InvalidParameterException", text):
        cognito.associate_software_token(AccessToken=access_token, Session="s" * 20)
    with refused("InvalidParameterException", text):
        cognito.verify_software_token(UserCode="123456")
    with refused("InvalidParameterException", text):
        cognito.verify_software_token(AccessToken=access_token, Session="s" * 20, UserCode="123456")
    with refused("NotAuthorizedException", "Invalid Access Token"):
        cognito.associate_software_token(AccessToken="a.b.c")
    with refused("NotAuthorizedException", INVALID_SESSION):
        cognito.associate_software_token(Session="s" * 20)


def test_an_administrator_takes_an_app_away(cognito, with_app):
    ada, _ = with_app()

    cognito.admin_delete_software_token(UserPoolId=ada.pool_id, Username="ada")

    assert "AuthenticationResult" in password_of(cognito, ada)
    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert "UserMFASettingList" not in stored
    with refused("InvalidParameterException", "User has not set up software token mfa"):
        cognito.admin_delete_software_token(UserPoolId=ada.pool_id, Username="ada")


# --- codes and time ------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_off_by_one_step(cognito, with_app, steps):
    ada, app = with_app()
    asked = password_of(cognito, ada)

    signed_in = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code(steps=steps))

    assert "AuthenticationResult" in signed_in


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_clock_may_not_be_off_by_two(cognito, with_app, steps):
    ada, app = with_app()
    asked = password_of(cognito, ada)

    with refused("CodeMismatchException", WRONG_TOTP):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code(steps=steps))


def test_the_window_has_sharp_edges(cognito, with_app, clock):
    ada, app = with_app()
    seconds = int(clock.now().timestamp()) % totp.STEP_SECONDS
    clock.advance(timedelta(seconds=totp.STEP_SECONDS - seconds))  # the beginning of a step
    code = app.code()

    clock.advance(2 * STEP - timedelta(milliseconds=1))
    asked = password_of(cognito, ada)
    just_in_time = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=code)
    clock.advance(STEP)
    code = app.code(steps=-1)
    clock.advance(timedelta(milliseconds=1))
    asked = password_of(cognito, ada)

    assert "AuthenticationResult" in just_in_time
    with refused("CodeMismatchException", WRONG_TOTP):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=code)


def test_a_code_works_once(cognito, with_app):
    ada, app = with_app()
    first, second = password_of(cognito, ada), password_of(cognito, ada)
    code = app.code()
    answer(cognito, ada.client_id, first, SOFTWARE_TOKEN_MFA_CODE=code)

    with refused("ExpiredCodeException", SPENT_TOTP):
        answer(cognito, ada.client_id, second, SOFTWARE_TOKEN_MFA_CODE=code)
    earlier = app.code(steps=-1)
    with refused("ExpiredCodeException", SPENT_TOTP):
        answer(cognito, ada.client_id, second, SOFTWARE_TOKEN_MFA_CODE=earlier)

    later = app.code(steps=1)
    assert "AuthenticationResult" in answer(
        cognito, ada.client_id, second, SOFTWARE_TOKEN_MFA_CODE=later
    )


def test_of_parallel_sign_ins_with_one_code_exactly_one_wins(cognito, app, loop_thread, with_app):
    ada, telephone = with_app()
    asked = [password_of(cognito, ada) for _ in range(4)]
    responses = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": telephone.code()}

    outcomes = at_once(app, loop_thread, ada.client_id, [(one, responses) for one in asked])

    assert successes_of(outcomes) == 1
    assert texts_of(outcomes) == [SPENT_TOTP] * 3


def test_codes_that_are_no_numbers_are_wrong(cognito, with_app):
    ada, _ = with_app()
    asked = password_of(cognito, ada)

    for code in ("12345", "１２３４５６", "x" * 5000):
        with refused("CodeMismatchException", WRONG_TOTP):
            answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=code)
    with refused("InvalidParameterException", "Missing required parameter SOFTWARE_TOKEN_MFA_CODE"):
        answer(cognito, ada.client_id, asked)


# --- guessing ------------------------------------------------------------------------------------


def test_five_wrong_codes_lock_the_user_out(cognito, with_app, clock):
    ada, app = with_app()
    asked = password_of(cognito, ada)
    for _ in range(FREE_FAILURES):
        with refused("CodeMismatchException", WRONG_TOTP):
            answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.another_code())

    with refused("NotAuthorizedException", LOCKED):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    with refused("NotAuthorizedException", LOCKED):
        password_of(cognito, ada)
    clock.advance(timedelta(seconds=1))
    signed_in = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())

    assert "AuthenticationResult" in signed_in


def test_passwords_and_codes_are_counted_together(cognito, with_app):
    ada, app = with_app()
    asked = password_of(cognito, ada)
    for _ in range(3):
        with refused("NotAuthorizedException", INCORRECT):
            sign_in(cognito, ada.client_id, "ada", "Wrong-horse1!")
    for _ in range(2):
        with refused("CodeMismatchException", WRONG_TOTP):
            answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.another_code())

    with refused("NotAuthorizedException", LOCKED):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())


def test_the_right_password_resets_nothing_while_a_code_is_awaited(cognito, with_app):
    ada, app = with_app()
    for _ in range(FREE_FAILURES):
        asked = password_of(cognito, ada)
        with refused("CodeMismatchException", WRONG_TOTP):
            answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.another_code())

    with refused("NotAuthorizedException", LOCKED):
        password_of(cognito, ada)


def test_a_completed_sign_in_resets_the_count(cognito, with_app):
    ada, app = with_app()
    asked = password_of(cognito, ada)
    for _ in range(FREE_FAILURES - 1):
        with refused("CodeMismatchException", WRONG_TOTP):
            answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.another_code())
    answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())

    asked = password_of(cognito, ada)
    for _ in range(FREE_FAILURES - 1):
        with refused("CodeMismatchException", WRONG_TOTP):
            answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.another_code())
    signed_in = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code(steps=1))

    assert "AuthenticationResult" in signed_in


def test_of_a_thousand_parallel_guesses_five_are_judged(cognito, app, loop_thread, with_app):
    ada, telephone = with_app()
    asked = password_of(cognito, ada)
    wrong = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": telephone.another_code()}

    outcomes = at_once(app, loop_thread, ada.client_id, [(asked, wrong)] * 1000)

    texts = texts_of(outcomes)
    assert texts.count(WRONG_TOTP) == FREE_FAILURES
    assert texts.count(LOCKED) == 1000 - FREE_FAILURES


def test_right_passwords_among_parallel_guesses_pardon_none_of_them(
    cognito, app, loop_thread, with_app
):
    ada, telephone = with_app()
    asked = password_of(cognito, ada)
    wrong = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": telephone.another_code()}

    async def password():
        request = InitiateAuthRequest(
            client_id=ada.client_id,
            auth_flow="USER_PASSWORD_AUTH",
            auth_parameters={"USERNAME": "ada", "PASSWORD": ada.password},
        )
        return await authentication.initiate_auth(app.call(), request)

    async def guess():
        request = RespondToAuthChallengeRequest(
            client_id=ada.client_id,
            challenge_name=asked["ChallengeName"],
            session=asked["Session"],
            challenge_responses=wrong,
        )
        return await authentication.respond_to_auth_challenge(app.call(), request)

    async def mixed():
        work = [one() for _ in range(50) for one in (password, guess)]
        return await asyncio.gather(*work, return_exceptions=True)

    outcomes = loop_thread.run(mixed())

    # A right password counts until it is judged, so fewer guesses may have been let in so far.
    judged = texts_of(outcomes).count(WRONG_TOTP)
    assert judged <= FREE_FAILURES
    rest = at_once(app, loop_thread, ada.client_id, [(asked, wrong)] * 20)
    assert judged + texts_of(rest).count(WRONG_TOTP) == FREE_FAILURES
    right = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": telephone.code()}
    assert texts_of(at_once(app, loop_thread, ada.client_id, [(asked, right)])) == [LOCKED]


# --- the session ---------------------------------------------------------------------------------


def test_a_wrong_code_leaves_the_session_good_and_the_right_one_uses_it_up(
    cognito, with_app, clock
):
    ada, app = with_app()
    asked = password_of(cognito, ada)
    with refused("CodeMismatchException", WRONG_TOTP):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.another_code())
    answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    clock.advance(STEP * 3)

    with refused("NotAuthorizedException", USED_SESSION):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())


def test_a_session_is_good_for_as_long_as_the_client_says(cognito, with_app, a_client, clock):
    ada, app = with_app()
    patient = a_client(ada.pool_id, AuthSessionValidity=15)["ClientId"]
    short = password_of(cognito, ada)
    long = sign_in(cognito, patient, "ada", ada.password)

    clock.advance(timedelta(minutes=3))

    with refused("NotAuthorizedException", EXPIRED_SESSION):
        answer(cognito, ada.client_id, short, SOFTWARE_TOKEN_MFA_CODE=app.code())
    assert "AuthenticationResult" in answer(
        cognito, patient, long, SOFTWARE_TOKEN_MFA_CODE=app.code()
    )


def test_a_session_is_of_one_client_pool_user_and_challenge(cognito, with_app, a_client, a_user):
    ada, app = with_app()
    _bob, bobs_app = with_app(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    elsewhere, _ = with_app()
    other_client = a_client(ada.pool_id)["ClientId"]
    asked = password_of(cognito, ada)
    code = {"SOFTWARE_TOKEN_MFA_CODE": app.code()}

    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, other_client, asked, **code)
    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, elsewhere.client_id, asked, **code)
    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, ada.client_id, asked, USERNAME="bob", **code)
    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(
            cognito,
            ada.client_id,
            asked,
            USERNAME="bob",
            SOFTWARE_TOKEN_MFA_CODE=bobs_app.code(),
        )
    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, ada.client_id, {**asked, "ChallengeName": "SMS_MFA"}, SMS_MFA_CODE="1")
    with refused("NotAuthorizedException", INVALID_SESSION):
        cognito.admin_respond_to_auth_challenge(
            UserPoolId=ada.pool_id,
            ClientId=ada.client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": "ada", **code},
        )
    with refused("NotAuthorizedException", INVALID_SESSION):
        cognito.associate_software_token(Session=asked["Session"])  # of no MFA_SETUP
    assert "AuthenticationResult" in answer(cognito, ada.client_id, asked, **code)


def test_no_character_of_a_session_can_be_changed(cognito, with_app):
    ada, app = with_app()
    asked = password_of(cognito, ada)
    session, code = asked["Session"], app.code()

    for place in range(0, len(session), 7):
        altered = "A" if session[place] != "A" else "B"
        forged = session[:place] + altered + session[place + 1 :]
        with refused("NotAuthorizedException", INVALID_SESSION):
            answer(
                cognito, ada.client_id, {**asked, "Session": forged}, SOFTWARE_TOKEN_MFA_CODE=code
            )

    assert "AuthenticationResult" in answer(
        cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=code
    )


def test_whoever_is_disabled_between_password_and_code_does_not_come_in(cognito, with_app):
    ada, app = with_app()
    asked = password_of(cognito, ada)
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    with refused("NotAuthorizedException", "User is disabled."):
        answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())


def test_the_secret_is_nowhere_in_the_database_in_clear(cognito, app, with_app, loop_thread):
    ada, telephone = with_app()

    stored = loop_thread.run(app.store.software_tokens.find(ada.pool_id, ada.sub))

    assert stored.sealed_secret is not None
    assert telephone.secret not in stored.sealed_secret
