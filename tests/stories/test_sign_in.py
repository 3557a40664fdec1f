"""Signing in by password: flows, secrets, states of the user, lock-out, sessions."""

import asyncio
import json
from datetime import timedelta

import pytest

from cognate.errors import AWSError
from cognate.operations.user_pools import authentication
from cognate.wire.cognito_idp import InitiateAuthRequest
from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused
from tests.stories.steps import (
    INCORRECT,
    attributes,
    hash_of,
    named,
    sign_in,
    tokens_of,
)

TEMPORARY = "Temp0rary!"
FRESH = "Fresh-horse2!"
WRONG = "Wrong-horse1!"
LOCKED = "Password attempts exceeded"
INVALID_SESSION = "Invalid session for the user."
EXPIRED_SESSION = "Invalid session for the user, session is expired."
USED_SESSION = "Invalid session for the user, session can only be used once."


@pytest.fixture
def by_admin(cognito):
    """`by_admin(user, flow)` → the answer of AdminInitiateAuth with the user's password."""

    def begin(user, flow="ADMIN_USER_PASSWORD_AUTH", *, password=None):
        return cognito.admin_initiate_auth(
            UserPoolId=user.pool_id,
            ClientId=user.client_id,
            AuthFlow=flow,
            AuthParameters={
                "USERNAME": user.username,
                "PASSWORD": password or user.password,
            },
        )

    return begin


@pytest.fixture
def invited(cognito, a_pool, a_client):
    """`invited(attributes={…}, client={…}, **CreateUserPool arguments)` → pool, client of ada."""

    def create(*, attributes=None, client=None, **pool):
        pool_id = a_pool(**pool)
        created = a_client(pool_id, **(client or {}))
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username="ada",
            TemporaryPassword=TEMPORARY,
            MessageAction="SUPPRESS",
            UserAttributes=named(**(attributes or {})),
        )
        return pool_id, created

    return create


@pytest.fixture
def answer(cognito):
    """`answer(client_id, challenge, session, **ChallengeResponses)`."""

    def respond(client_id, challenge, session, **responses):
        return cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName=challenge,
            Session=session,
            ChallengeResponses=responses,
        )

    return respond


def set_password(answer, client_id, session, password=FRESH, **more):
    return answer(
        client_id,
        "NEW_PASSWORD_REQUIRED",
        session,
        USERNAME="ada",
        NEW_PASSWORD=password,
        **more,
    )


# --- the flows -----------------------------------------------------------------------------------


def test_a_password_signs_in(cognito, a_user):
    ada = a_user()

    signed_in = sign_in(cognito, ada.client_id, "ada", PASSWORD)

    result = signed_in["AuthenticationResult"]
    assert set(result) == {"AccessToken", "IdToken", "RefreshToken", "ExpiresIn", "TokenType"}
    assert result["ExpiresIn"] == 3600
    assert result["TokenType"] == "Bearer"
    assert signed_in["ChallengeParameters"] == {}
    assert "ChallengeName" not in signed_in
    assert "Session" not in signed_in
    assert cognito.get_user(AccessToken=result["AccessToken"])["Username"] == "ada"


@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
def test_an_administrator_signs_a_user_in(a_user, by_admin, flow):
    ada = a_user()

    assert set(by_admin(ada, flow)["AuthenticationResult"]) >= {"AccessToken", "IdToken"}
    with refused("NotAuthorizedException", INCORRECT):
        by_admin(ada, flow, password=WRONG)


def test_names_fold_case_only_where_the_pool_does(cognito, a_pool, a_user):
    folding = a_user(pool_id=a_pool(UsernameConfiguration={"CaseSensitive": False}))
    strict = a_user(pool_id=a_pool(UsernameConfiguration={"CaseSensitive": True}))

    assert "AuthenticationResult" in sign_in(cognito, folding.client_id, "ADA", PASSWORD)
    with refused("UserNotFoundException", "User does not exist."):
        sign_in(cognito, strict.client_id, "ADA", PASSWORD)


@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
def test_the_public_call_refuses_flows_of_administrators(cognito, a_user, flow):
    ada = a_user()

    with refused("InvalidParameterException", "Initiate Auth method not supported."):
        cognito.initiate_auth(
            ClientId=ada.client_id,
            AuthFlow=flow,
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        )


def test_administrators_do_not_use_the_public_password_flow(a_user, by_admin):
    with refused("InvalidParameterException", "Initiate Auth method not supported."):
        by_admin(a_user(), "USER_PASSWORD_AUTH")


@pytest.mark.parametrize(
    ("allowed", "flow"),
    [
        (["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], "USER_PASSWORD_AUTH"),
        (["ALLOW_USER_PASSWORD_AUTH"], "USER_SRP_AUTH"),
        (["ALLOW_USER_PASSWORD_AUTH"], "USER_AUTH"),
        (None, "USER_PASSWORD_AUTH"),
    ],
)
def test_a_flow_must_be_the_clients(cognito, a_pool, a_client, a_user, allowed, flow):
    pool = a_pool()
    more = {} if allowed is None else {"ExplicitAuthFlows": allowed}
    client = (
        cognito.create_user_pool_client(UserPoolId=pool, ClientName="c")["UserPoolClient"]
        if allowed is None
        else a_client(pool, **more)
    )
    ada = a_user(pool_id=pool, client_id=client["ClientId"])

    with refused("InvalidParameterException", f"{flow} flow not enabled for this client"):
        cognito.initiate_auth(
            ClientId=ada.client_id,
            AuthFlow=flow,
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD, "SRP_A": "abc"},
        )


def test_an_administrators_flow_must_be_the_clients(a_pool, a_client, a_user, by_admin):
    pool = a_pool()
    client = a_client(pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
    ada = a_user(pool_id=pool, client_id=client["ClientId"])

    with refused("InvalidParameterException", "Auth flow not enabled for this client"):
        by_admin(ada)


def test_an_old_list_of_flows_adds_to_srp_and_refresh(cognito, a_pool, a_client, a_user, by_admin):
    pool = a_pool()
    public = a_client(pool, ExplicitAuthFlows=["USER_PASSWORD_AUTH"])["ClientId"]
    signed = a_client(pool, ExplicitAuthFlows=["ADMIN_NO_SRP_AUTH"])["ClientId"]
    ada = a_user(pool_id=pool, client_id=public)

    tokens = tokens_of(cognito, ada)
    refreshed = cognito.initiate_auth(
        ClientId=public,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )

    assert "AuthenticationResult" in refreshed
    for client in (public, signed):
        begun = cognito.initiate_auth(
            ClientId=client,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": "ada", "SRP_A": "abc"},
        )
        assert begun["ChallengeName"] == "PASSWORD_VERIFIER"
    with refused(
        "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"
    ):
        sign_in(cognito, signed, "ada", PASSWORD)
    with refused("InvalidParameterException", "Auth flow not enabled for this client"):
        by_admin(ada)


@pytest.mark.parametrize(
    ("flow", "given", "missing"),
    [
        ("USER_PASSWORD_AUTH", {}, "USERNAME"),
        ("USER_PASSWORD_AUTH", {"PASSWORD": PASSWORD}, "USERNAME"),
        ("USER_PASSWORD_AUTH", {"USERNAME": "ada"}, "PASSWORD"),
        ("USER_SRP_AUTH", {"USERNAME": "ada"}, "SRP_A"),
        ("REFRESH_TOKEN_AUTH", {"USERNAME": "ada"}, "REFRESH_TOKEN"),
    ],
)
def test_a_missing_parameter_is_named(cognito, a_user, flow, given, missing):
    ada = a_user()

    with refused("InvalidParameterException", f"Missing required parameter {missing}"):
        cognito.initiate_auth(ClientId=ada.client_id, AuthFlow=flow, AuthParameters=given)


def test_unknown_clients_and_pools_are_called_so(cognito, a_user):
    ada, other = a_user(), a_user()
    unknown = "a" * 26

    with refused("ResourceNotFoundException", f"User pool client {unknown} does not exist."):
        sign_in(cognito, unknown, "ada", PASSWORD)
    for call in (cognito.admin_initiate_auth, cognito.admin_respond_to_auth_challenge):
        flow = (
            {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}
            if call == cognito.admin_initiate_auth
            else {"ChallengeName": "SMS_MFA"}
        )
        with refused("ResourceNotFoundException", "User pool us-east-1_000000000 does not exist."):
            call(UserPoolId="us-east-1_000000000", ClientId=ada.client_id, **flow)
        with refused(
            "ResourceNotFoundException", f"User pool client {other.client_id} does not exist."
        ):
            call(UserPoolId=ada.pool_id, ClientId=other.client_id, **flow)
    with refused("ResourceNotFoundException", f"User pool client {unknown} does not exist."):
        cognito.respond_to_auth_challenge(ClientId=unknown, ChallengeName="SMS_MFA")


# --- the client's secret -------------------------------------------------------------------------


@pytest.fixture
def confidential(a_pool, a_client, a_user):
    """A client with a secret, of a pool where ada has an e-mail alias."""
    pool = a_pool(AliasAttributes=["email"])
    client = a_client(pool, GenerateSecret=True)
    a_user(
        pool_id=pool,
        client_id=client["ClientId"],
        attributes={"email": "ada@example.com", "email_verified": "true"},
    )
    return client


@pytest.mark.parametrize("typed", ["ada", "ada@example.com"])
def test_the_hash_is_made_over_the_name_as_typed(cognito, confidential, typed):
    signed_in = sign_in(
        cognito, confidential["ClientId"], typed, PASSWORD, SECRET_HASH=hash_of(confidential, typed)
    )

    assert "AuthenticationResult" in signed_in


def test_a_wrong_or_missing_hash_is_refused_before_the_password_is_judged(cognito, confidential):
    client_id = confidential["ClientId"]

    for _ in range(6):  # no guess at the password, so no lock
        with refused(
            "NotAuthorizedException",
            f"Client {client_id} is configured with secret but SECRET_HASH was not received",
        ):
            sign_in(cognito, client_id, "ada", WRONG)
        with refused(
            "NotAuthorizedException", f"Unable to verify secret hash for client {client_id}"
        ):
            sign_in(cognito, client_id, "ada", WRONG, SECRET_HASH=hash_of(confidential, "bob"))
    assert sign_in(cognito, client_id, "ada", PASSWORD, SECRET_HASH=hash_of(confidential, "ada"))


def test_a_client_without_a_secret_sends_no_hash(cognito, a_user):
    ada = a_user()

    with refused(
        "NotAuthorizedException",
        f"Client {ada.client_id} is not configured for secret but secret was received",
    ):
        sign_in(cognito, ada.client_id, "ada", PASSWORD, SECRET_HASH="abc=")


def test_either_of_two_secrets_will_do(cognito, confidential, a_user):
    client_id = confidential["ClientId"]
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    second = cognito.add_user_pool_client_secret(UserPoolId=pool, ClientId=client_id)
    other = {
        "ClientId": client_id,
        "ClientSecret": second["ClientSecretDescriptor"]["ClientSecretValue"],
    }

    for client in (confidential, other):
        assert sign_in(cognito, client_id, "ada", PASSWORD, SECRET_HASH=hash_of(client, "ada"))


def test_answers_carry_the_hash_over_the_stored_name(cognito, invited, answer):
    _, client = invited(client={"GenerateSecret": True})
    client_id = client["ClientId"]
    begun = sign_in(cognito, client_id, "ada", TEMPORARY, SECRET_HASH=hash_of(client, "ada"))

    with refused(
        "NotAuthorizedException",
        f"Client {client_id} is configured with secret but SECRET_HASH was not received",
    ):
        set_password(answer, client_id, begun["Session"])
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {client_id}"):
        set_password(answer, client_id, begun["Session"], SECRET_HASH=hash_of(client, "bob"))
    done = set_password(answer, client_id, begun["Session"], SECRET_HASH=hash_of(client, "ada"))
    assert "AuthenticationResult" in done


# --- states of the user --------------------------------------------------------------------------


def test_a_disabled_user_is_told_so(cognito, a_user, by_admin):
    ada = a_user()
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    for password in (PASSWORD, WRONG):
        with refused("NotAuthorizedException", "User is disabled."):
            sign_in(cognito, ada.client_id, "ada", password)
    with refused("NotAuthorizedException", "User is disabled."):
        by_admin(ada)
    cognito.admin_enable_user(UserPoolId=ada.pool_id, Username="ada")
    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "ada", PASSWORD)


def test_a_user_who_must_reset_is_told_so(cognito, a_user):
    ada = a_user(attributes={"email": "ada@example.com", "email_verified": "true"})
    cognito.admin_reset_user_password(UserPoolId=ada.pool_id, Username="ada")

    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        sign_in(cognito, ada.client_id, "ada", PASSWORD)


def test_unknown_users_are_called_so(cognito, a_user, by_admin):
    ada = a_user()

    with refused("UserNotFoundException", "User does not exist."):
        sign_in(cognito, ada.client_id, "nobody", PASSWORD)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_initiate_auth(
            UserPoolId=ada.pool_id,
            ClientId=ada.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "nobody", "PASSWORD": PASSWORD},
        )


# --- who exists ----------------------------------------------------------------------------------


@pytest.fixture
def discreet(cognito, a_pool, a_client, a_user):
    """A client that hides who exists; ada, disabled, reset and nobody are names to try."""
    pool = a_pool()
    client = a_client(pool, PreventUserExistenceErrors="ENABLED")["ClientId"]
    for name in ("ada", "disabled", "reset"):
        a_user(
            username=name,
            pool_id=pool,
            client_id=client,
            attributes={"email": f"{name}@example.com", "email_verified": "true"},
        )
    cognito.admin_disable_user(UserPoolId=pool, Username="disabled")
    cognito.admin_reset_user_password(UserPoolId=pool, Username="reset")
    return pool, client


NAMES = ("ada", "disabled", "reset", "nobody")


def test_a_wrong_password_and_a_wrong_name_look_the_same(cognito, discreet):
    pool, client = discreet

    for name in NAMES:
        for _ in range(2):
            with refused("NotAuthorizedException", INCORRECT):
                sign_in(cognito, client, name, WRONG)
        for _ in range(2):
            with refused("NotAuthorizedException", INCORRECT):
                cognito.admin_initiate_auth(
                    UserPoolId=pool,
                    ClientId=client,
                    AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                    AuthParameters={"USERNAME": name, "PASSWORD": WRONG},
                )


def test_the_lock_looks_the_same_for_everybody(cognito, discreet):
    _, client = discreet

    for name in NAMES:
        for _ in range(5):
            with refused("NotAuthorizedException", INCORRECT):
                sign_in(cognito, client, name, WRONG)
        with refused("NotAuthorizedException", LOCKED):
            sign_in(cognito, client, name, WRONG)


def test_the_right_password_learns_more_but_of_a_reset(cognito, discreet):
    _, client = discreet

    assert "AuthenticationResult" in sign_in(cognito, client, "ada", PASSWORD)
    with refused("NotAuthorizedException", "User is disabled."):
        sign_in(cognito, client, "disabled", PASSWORD)
    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, client, "reset", PASSWORD)


def test_an_unknown_device_looks_the_same_for_everybody(cognito, a_pool, a_client, a_user):
    pool = a_pool(DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": False})
    client = a_client(pool, PreventUserExistenceErrors="ENABLED")["ClientId"]
    a_user(pool_id=pool, client_id=client)

    for name in ("ada", "nobody"):
        with refused("ResourceNotFoundException", "Device does not exist."):
            sign_in(
                cognito,
                client,
                name,
                WRONG,
                DEVICE_KEY="us-east-1_11111111-2222-3333-4444-555555555555",
            )


# --- lock-out ------------------------------------------------------------------------------------


def fail(cognito, user, times=1):
    for _ in range(times):
        with refused("NotAuthorizedException", INCORRECT):
            sign_in(cognito, user.client_id, user.username, WRONG)


def locked(cognito, user):
    with refused("NotAuthorizedException", LOCKED):
        sign_in(cognito, user.client_id, user.username, user.password)


def test_the_lock_doubles_with_each_failure_from_the_fifth_on(cognito, a_user, clock):
    ada = a_user()
    fail(cognito, ada, 5)

    for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512):
        lock = timedelta(seconds=seconds)
        locked(cognito, ada)
        clock.advance(lock - timedelta(milliseconds=1))
        locked(cognito, ada)
        clock.advance(timedelta(milliseconds=1))
        fail(cognito, ada)

    clock.advance(timedelta(minutes=15) - timedelta(milliseconds=1))
    locked(cognito, ada)  # 2^10 seconds would be more than the fifteen minutes
    clock.advance(timedelta(milliseconds=1))
    assert "AuthenticationResult" in tokens_answer(cognito, ada)


def tokens_answer(cognito, user):
    return sign_in(cognito, user.client_id, user.username, user.password)


def test_what_is_tried_while_locked_does_not_count(cognito, a_user, clock):
    ada = a_user()
    fail(cognito, ada, 5)
    for _ in range(10):
        with refused("NotAuthorizedException", LOCKED):
            sign_in(cognito, ada.client_id, "ada", WRONG)

    clock.advance(timedelta(seconds=1))
    fail(cognito, ada)  # the sixth
    clock.advance(timedelta(seconds=2))

    assert "AuthenticationResult" in tokens_answer(cognito, ada)


def test_a_sign_in_forgets_the_failures(cognito, a_user):
    ada = a_user()
    fail(cognito, ada, 4)
    tokens_answer(cognito, ada)
    fail(cognito, ada, 4)

    assert "AuthenticationResult" in tokens_answer(cognito, ada)


def test_fifteen_quiet_minutes_forget_the_failures(cognito, a_user, clock):
    ada = a_user()
    fail(cognito, ada, 4)
    clock.advance(timedelta(minutes=15))
    fail(cognito, ada, 4)

    assert "AuthenticationResult" in tokens_answer(cognito, ada)


def test_all_flows_and_clients_count_together(cognito, a_client, a_user, by_admin):
    ada = a_user()
    other = a_client(ada.pool_id)["ClientId"]
    fail(cognito, ada, 2)
    for _ in range(2):
        with refused("NotAuthorizedException", INCORRECT):
            by_admin(ada, password=WRONG)
    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, other, "ada", WRONG)

    locked(cognito, ada)


def test_one_users_failures_lock_nobody_else(cognito, a_user):
    ada = a_user()
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    fail(cognito, ada, 5)
    locked(cognito, ada)

    assert "AuthenticationResult" in tokens_answer(cognito, bob)


def test_a_right_password_that_does_not_sign_in_is_no_failure(cognito, a_pool, a_client, clock):
    pool = a_pool()
    client = a_client(pool)["ClientId"]
    cognito.sign_up(ClientId=client, Username="ada", Password=PASSWORD)

    for _ in range(7):
        with refused("UserNotConfirmedException", "User is not confirmed."):
            sign_in(cognito, client, "ada", PASSWORD)


def test_a_right_temporary_password_is_no_failure_and_no_pardon(cognito, invited, answer):
    _, client = invited()
    client_id = client["ClientId"]
    for _ in range(4):
        with refused("NotAuthorizedException", INCORRECT):
            sign_in(cognito, client_id, "ada", WRONG)
    begun = [sign_in(cognito, client_id, "ada", TEMPORARY) for _ in range(3)]

    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, client_id, "ada", WRONG)  # the fifth
    with refused("NotAuthorizedException", LOCKED):
        sign_in(cognito, client_id, "ada", TEMPORARY)
    set_password(answer, client_id, begun[0]["Session"])  # signed in: all is forgotten

    assert "AuthenticationResult" in sign_in(cognito, client_id, "ada", FRESH)


def test_parallel_guesses_are_judged_five_times(app, a_user, loop_thread):
    ada = a_user()

    async def guess(number):
        return await authentication.initiate_auth(
            app.call(),
            InitiateAuthRequest(
                client_id=ada.client_id,
                auth_flow="USER_PASSWORD_AUTH",
                auth_parameters={"USERNAME": "ada", "PASSWORD": f"Guess-number{number}!"},
            ),
        )

    async def all_at_once():
        return await asyncio.gather(*(guess(n) for n in range(64)), return_exceptions=True)

    outcomes = loop_thread.run(all_at_once())

    texts = [one.message for one in outcomes if isinstance(one, AWSError)]
    assert sorted(set(texts)) == [INCORRECT, LOCKED]
    assert texts.count(INCORRECT) == 5
    assert len(texts) == 64


# --- a temporary password ------------------------------------------------------------------------


def test_a_temporary_password_asks_for_a_new_one(cognito, invited, answer):
    pool, client = invited(
        attributes={"email": "ada@example.com", "email_verified": "true", "name": "Ada"}
    )
    client_id = client["ClientId"]

    begun = sign_in(cognito, client_id, "ada", TEMPORARY)
    done = set_password(answer, client_id, begun["Session"])

    assert begun["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    parameters = begun["ChallengeParameters"]
    assert set(parameters) == {"USER_ID_FOR_SRP", "requiredAttributes", "userAttributes"}
    assert parameters["USER_ID_FOR_SRP"] == "ada"
    assert json.loads(parameters["requiredAttributes"]) == []
    assert json.loads(parameters["userAttributes"]) == {
        "email": "ada@example.com",
        "email_verified": "true",
        "name": "Ada",
    }
    assert "AuthenticationResult" not in begun
    assert set(done["AuthenticationResult"]) >= {"AccessToken", "IdToken", "RefreshToken"}
    assert cognito.admin_get_user(UserPoolId=pool, Username="ada")["UserStatus"] == "CONFIRMED"
    assert "AuthenticationResult" in sign_in(cognito, client_id, "ada", FRESH)
    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, client_id, "ada", TEMPORARY)


def test_the_new_password_may_be_the_temporary_one(cognito, invited, answer):
    _, client = invited()
    begun = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)

    assert "AuthenticationResult" in set_password(
        answer, client["ClientId"], begun["Session"], TEMPORARY
    )


def test_missing_required_attributes_come_with_the_new_password(cognito, invited, answer):
    pool, client = invited(
        Schema=[{"Name": "given_name", "Required": True}, {"Name": "email", "Required": True}],
        attributes={"email": "ada@example.com"},
    )
    client_id = client["ClientId"]
    begun = sign_in(cognito, client_id, "ada", TEMPORARY)
    session = begun["Session"]

    assert json.loads(begun["ChallengeParameters"]["requiredAttributes"]) == [
        "userAttributes.given_name"
    ]
    with refused("InvalidParameterException", "Invalid attributes given, given_name is missing"):
        set_password(answer, client_id, session)
    with refused("NotAuthorizedException", "Cannot modify an already provided email"):
        set_password(answer, client_id, session, **{"userAttributes.email": "eve@example.com"})
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        set_password(answer, client_id, session, **{"userAttributes.email_verified": "true"})
    with refused("InvalidParameterException", "Invalid phone number format."):
        set_password(
            answer,
            client_id,
            session,
            **{"userAttributes.given_name": "Ada", "userAttributes.phone_number": "0555"},
        )
    set_password(
        answer,
        client_id,
        session,
        **{"userAttributes.given_name": "Ada", "userAttributes.phone_number": "+15550100"},
    )
    stored = attributes(cognito.admin_get_user(UserPoolId=pool, Username="ada"))
    assert stored["given_name"] == "Ada"
    assert stored["phone_number"] == "+15550100"
    assert stored["phone_number_verified"] == "false"


def test_somebody_elses_sign_in_name_is_not_had_with_a_new_password(
    cognito, a_pool, a_client, a_user, answer
):
    pool = a_pool(UsernameAttributes=["email", "phone_number"])
    client = a_client(pool)["ClientId"]
    a_user(username="+15550100", pool_id=pool, client_id=client)
    cognito.admin_create_user(
        UserPoolId=pool, Username="ada@example.com", TemporaryPassword=TEMPORARY
    )
    begun = sign_in(cognito, client, "ada@example.com", TEMPORARY)

    with refused("AliasExistsException", "An account with the given phone_number already exists."):
        answer(
            client,
            "NEW_PASSWORD_REQUIRED",
            begun["Session"],
            USERNAME="ada@example.com",
            NEW_PASSWORD=FRESH,
            **{"userAttributes.phone_number": "+15550100"},
        )


def test_a_refused_password_leaves_the_session_good(cognito, invited, answer):
    _, client = invited()
    client_id = client["ClientId"]
    session = sign_in(cognito, client_id, "ada", TEMPORARY)["Session"]

    with refused(
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough",
    ):
        set_password(answer, client_id, session, "Sh0rt!")
    with refused("InvalidParameterException", "Missing required parameter NEW_PASSWORD"):
        answer(client_id, "NEW_PASSWORD_REQUIRED", session, USERNAME="ada")

    assert "AuthenticationResult" in set_password(answer, client_id, session)


def test_a_temporary_password_expires(cognito, invited, clock):
    _, client = invited(
        Policies={"PasswordPolicy": {"MinimumLength": 8, "TemporaryPasswordValidityDays": 2}}
    )

    clock.advance(timedelta(days=2) - timedelta(milliseconds=1))
    assert sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]
    clock.advance(timedelta(milliseconds=1))

    with refused(
        "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.",
    ):
        sign_in(cognito, client["ClientId"], "ada", TEMPORARY)
    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, client["ClientId"], "ada", WRONG)


def test_attributes_that_the_client_may_not_read_stay_hidden(cognito, invited):
    _, client = invited(
        Schema=[{"Name": "tier", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}],
        client={"ReadAttributes": ["name", "dev:custom:tier"]},
        attributes={"email": "ada@example.com", "name": "Ada", "dev:custom:tier": "gold"},
    )

    begun = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)

    assert json.loads(begun["ChallengeParameters"]["userAttributes"]) == {"name": "Ada"}


def test_a_password_set_meanwhile_ends_the_session(cognito, invited, answer):
    pool, client = invited()
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="ada", Password=PASSWORD, Permanent=True
    )

    with refused("NotAuthorizedException", INVALID_SESSION):
        set_password(answer, client["ClientId"], session)
    assert "AuthenticationResult" in sign_in(cognito, client["ClientId"], "ada", PASSWORD)


def test_an_administrator_answers_too(cognito, a_user, invited):
    pool, client = invited()
    begun = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client["ClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": TEMPORARY},
    )

    done = cognito.admin_respond_to_auth_challenge(
        UserPoolId=pool,
        ClientId=client["ClientId"],
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=begun["Session"],
        ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": FRESH},
    )

    assert "AuthenticationResult" in done


# --- sessions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("session", ["x" * 20, "AYABe" + "A" * 400, "!" * 40, "A" * 4096])
def test_garbage_is_no_session(invited, answer, session):
    _, client = invited()

    with refused("NotAuthorizedException", INVALID_SESSION):
        set_password(answer, client["ClientId"], session)


def test_an_altered_session_is_none(cognito, invited, answer):
    _, client = invited()
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]

    for place in range(len(session)):
        flipped = "A" if session[place] != "A" else "_"
        with refused("NotAuthorizedException", INVALID_SESSION):
            set_password(
                answer,
                client["ClientId"],
                session[:place] + flipped + session[place + 1 :],
            )


def test_a_session_is_one_clients(cognito, a_client, invited, answer):
    pool, client = invited()
    other = a_client(pool)["ClientId"]
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]

    with refused("NotAuthorizedException", INVALID_SESSION):
        set_password(answer, other, session)


def test_a_session_is_one_pools(cognito, invited, answer):
    _, ours = invited()
    _, theirs = invited()
    session = sign_in(cognito, ours["ClientId"], "ada", TEMPORARY)["Session"]

    with refused("NotAuthorizedException", INVALID_SESSION):
        set_password(answer, theirs["ClientId"], session)


def test_a_session_is_one_users(cognito, a_user, invited, answer):
    pool, client = invited()
    a_user(username="bob", pool_id=pool, client_id=client["ClientId"])
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]

    for name in ("bob", "nobody"):
        with refused("NotAuthorizedException", INVALID_SESSION):
            answer(
                client["ClientId"],
                "NEW_PASSWORD_REQUIRED",
                session,
                USERNAME=name,
                NEW_PASSWORD=FRESH,
            )


def test_a_session_is_one_steps(cognito, invited, answer):
    _, client = invited()
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]

    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(client["ClientId"], "SMS_MFA", session, USERNAME="ada", SMS_MFA_CODE="123456")


def test_a_session_does_not_change_between_public_and_signed_calls(cognito, invited, answer):
    pool, client = invited()
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]

    with refused("NotAuthorizedException", INVALID_SESSION):
        cognito.admin_respond_to_auth_challenge(
            UserPoolId=pool,
            ClientId=client["ClientId"],
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=session,
            ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": FRESH},
        )


@pytest.mark.parametrize("minutes", [3, 15])
def test_a_session_lives_as_long_as_the_client_says(cognito, invited, answer, clock, minutes):
    _, client = invited(client={"AuthSessionValidity": minutes})
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]
    clock.advance(timedelta(minutes=minutes) - timedelta(milliseconds=1))
    with refused("InvalidParameterException", "Missing required parameter NEW_PASSWORD"):
        answer(client["ClientId"], "NEW_PASSWORD_REQUIRED", session, USERNAME="ada")

    clock.advance(timedelta(milliseconds=1))

    with refused("NotAuthorizedException", EXPIRED_SESSION):
        set_password(answer, client["ClientId"], session)


def test_a_session_is_good_once(cognito, invited, answer):
    _, client = invited()
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]
    set_password(answer, client["ClientId"], session)

    with refused("NotAuthorizedException", USED_SESSION):
        set_password(answer, client["ClientId"], session, "Other-horse3!")


def test_a_session_ends_with_the_user(cognito, invited, answer):
    pool, client = invited()
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]

    cognito.admin_disable_user(UserPoolId=pool, Username="ada")
    with refused("NotAuthorizedException", "User is disabled."):
        set_password(answer, client["ClientId"], session)
    cognito.admin_delete_user(UserPoolId=pool, Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        set_password(answer, client["ClientId"], session)


def test_an_answer_names_user_and_session(cognito, invited, answer):
    _, client = invited()
    session = sign_in(cognito, client["ClientId"], "ada", TEMPORARY)["Session"]

    with refused("InvalidParameterException", "Missing required parameter USERNAME"):
        answer(client["ClientId"], "NEW_PASSWORD_REQUIRED", session, NEW_PASSWORD=FRESH)
    with refused("InvalidParameterException", "Missing required parameter Session"):
        cognito.respond_to_auth_challenge(
            ClientId=client["ClientId"],
            ChallengeName="NEW_PASSWORD_REQUIRED",
            ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": FRESH},
        )
