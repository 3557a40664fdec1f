"""Users choose their first factor, sign in at once after signing up, and step up to a level."""

from datetime import timedelta

import pytest

from cognate.domain.attempts import FREE_FAILURES
from tests.stories.factor_steps import (
    ADA,
    EVERY_FLOW,
    EXPIRED_SESSION,
    INVALID_SESSION,
    LOCKED,
    OWN_EMAIL,
    PHONE,
    USED_SESSION,
    WRONG_MESSAGE_CODE,
    answer,
    assurance_of,
    at_once,
    choose,
    claims_of,
    listed,
    mfa,
    password_of,
    prefer,
    register_app,
    texts_of,
    with_attributes,
)
from tests.stories.refusals import refused
from tests.stories.srp_client import SrpClient
from tests.stories.steps import (
    INCORRECT,
    another,
    attributes,
    hash_of,
    named,
    sign_in,
    tokens_of,
)

PASSWORD = "Correct-horse1!"
ALL_FACTORS = ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]
LOA = "urn:cognito:loa:"


@pytest.fixture
def choosers(a_pool, a_client):
    """A pool with these first factors, and a client of every flow → (pool id, client)."""

    def create(*factors, client=None, **more):
        pool_id = a_pool(
            Policies={"SignInPolicy": {"AllowedFirstAuthFactors": list(factors or ALL_FACTORS)}},
            EmailConfiguration=OWN_EMAIL,
            **more,
        )
        return pool_id, a_client(pool_id, ExplicitAuthFlows=EVERY_FLOW, **(client or {}))

    return create


@pytest.fixture
def a_chooser(choosers, a_user):
    """`a_chooser("PASSWORD", "EMAIL_OTP")`: a user of such a pool, with both addresses."""

    def create(*factors, username="ada", client=None, attributes=None, **more):
        pool_id, made = choosers(*factors, client=client, **more)
        both = {"email": ADA, "phone_number": PHONE}
        return a_user(
            pool_id=pool_id,
            client_id=made["ClientId"],
            username=username,
            attributes=both if attributes is None else attributes,
        )

    return create


@pytest.fixture
def without_password(cognito, choosers):
    """A user whom an administrator made without a password → (pool id, client id)."""

    def create(*factors, attributes=None, **more):
        pool_id, client = choosers(*(factors or ("PASSWORD", "EMAIL_OTP")), **more)
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username="ada",
            MessageAction="SUPPRESS",
            UserAttributes=named(**(attributes or {"email": ADA})),
        )
        return pool_id, client["ClientId"]

    return create


# --- what there is to choose ---------------------------------------------------------------------


def test_without_a_preference_the_user_chooses(cognito, a_chooser):
    ada = a_chooser("PASSWORD", "EMAIL_OTP", "SMS_OTP")

    asked = choose(cognito, ada.client_id)

    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"]
    assert asked["ChallengeParameters"] == {}
    assert asked["Session"]
    assert "AuthenticationResult" not in asked


def test_only_what_the_user_has_is_offered(cognito, a_chooser, without_password):
    mail_only = a_chooser(attributes={"email": ADA})
    nothing = a_chooser(attributes={})
    _, passwordless = without_password(*ALL_FACTORS)

    assert choose(cognito, mail_only.client_id)["AvailableChallenges"] == [
        "PASSWORD_SRP",
        "PASSWORD",
        "EMAIL_OTP",
    ]
    assert choose(cognito, nothing.client_id)["AvailableChallenges"] == [
        "PASSWORD_SRP",
        "PASSWORD",
    ]
    assert choose(cognito, passwordless)["AvailableChallenges"] == ["EMAIL_OTP"]


def test_only_what_the_pool_allows_is_offered(cognito, a_chooser):
    ada = a_chooser("PASSWORD")

    assert choose(cognito, ada.client_id)["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]


def test_codes_are_not_offered_to_users_with_a_second_factor(cognito, a_chooser):
    ada = a_chooser("PASSWORD", "EMAIL_OTP", "SMS_OTP")
    mfa(cognito, ada.pool_id, "OPTIONAL", "SMS")
    before = choose(cognito, ada.client_id)
    prefer(cognito, ada, SMS={"Enabled": True})

    after = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="EMAIL_OTP")

    assert "EMAIL_OTP" in before["AvailableChallenges"]
    assert after["ChallengeName"] == "SELECT_CHALLENGE"
    assert after["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]


def test_mfa_switched_on_while_a_code_is_under_way_is_not_passed_by(cognito, a_chooser, inbox):
    ada = a_chooser("PASSWORD", "EMAIL_OTP")
    mfa(cognito, ada.pool_id, "OPTIONAL", "SMS")
    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="EMAIL_OTP")
    prefer(cognito, ada, SMS={"Enabled": True})

    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=inbox(ADA)[0].code)


def test_a_temporary_password_is_to_be_given_first(cognito, choosers):
    pool_id, client = choosers("PASSWORD", "EMAIL_OTP")
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="ada",
        TemporaryPassword="Temp0rary!",
        MessageAction="SUPPRESS",
        UserAttributes=named(email=ADA),
    )

    asked = choose(cognito, client["ClientId"], PREFERRED_CHALLENGE="EMAIL_OTP")
    by_password = answer(
        cognito, client["ClientId"], asked, ANSWER="PASSWORD", PASSWORD="Temp0rary!"
    )

    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]
    assert by_password["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_client_must_allow_choices(cognito, choosers, a_client, a_user):
    pool_id, _ = choosers("PASSWORD", "EMAIL_OTP")
    plain = a_client(pool_id)["ClientId"]
    a_user(pool_id=pool_id, client_id=plain)

    with refused("InvalidParameterException", "USER_AUTH flow not enabled for this client"):
        choose(cognito, plain)


def test_a_client_that_allows_choices_needs_no_other_flow(cognito, choosers, a_client, a_user):
    pool_id, _ = choosers("PASSWORD")
    only = a_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"]
    ada = a_user(pool_id=pool_id, client_id=only)

    signed_in = choose(cognito, only, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=ada.password)

    assert "AuthenticationResult" in signed_in
    with refused(
        "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"
    ):
        sign_in(cognito, only, "ada", ada.password)


def test_an_administrators_server_chooses_too(cognito, a_chooser, inbox):
    ada = a_chooser("PASSWORD", "EMAIL_OTP")
    where = {"UserPoolId": ada.pool_id, "ClientId": ada.client_id}

    asked = cognito.admin_initiate_auth(
        **where,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": "ada", "PREFERRED_CHALLENGE": "EMAIL_OTP"},
    )
    code = inbox(ADA)[0].code
    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=code)  # begun by an administrator
    signed_in = cognito.admin_respond_to_auth_challenge(
        **where,
        ChallengeName="EMAIL_OTP",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "ada", "EMAIL_OTP_CODE": code},
    )

    assert "AuthenticationResult" in signed_in


# --- passwords -----------------------------------------------------------------------------------


def test_a_preferred_password_signs_in_at_once(cognito, a_chooser):
    ada = a_chooser()

    signed_in = choose(
        cognito, ada.client_id, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=ada.password
    )

    assert assurance_of(signed_in) == (LOA + "1", ["pwd"])
    with refused("NotAuthorizedException", INCORRECT):
        choose(cognito, ada.client_id, PREFERRED_CHALLENGE="PASSWORD", PASSWORD="Wrong-horse1!")


def test_a_password_may_come_later(cognito, a_chooser):
    ada = a_chooser()

    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="PASSWORD")
    with refused("NotAuthorizedException", INCORRECT):
        answer(cognito, ada.client_id, asked, PASSWORD="Wrong-horse1!")
    with refused("InvalidParameterException", "Missing required parameter PASSWORD"):
        answer(cognito, ada.client_id, asked)
    signed_in = answer(cognito, ada.client_id, asked, PASSWORD=ada.password)

    assert asked["ChallengeName"] == "PASSWORD"
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"]
    assert "AuthenticationResult" in signed_in
    with refused("NotAuthorizedException", USED_SESSION):
        answer(cognito, ada.client_id, asked, PASSWORD=ada.password)


def test_a_password_answers_the_choice(cognito, a_chooser):
    ada = a_chooser()
    asked = choose(cognito, ada.client_id)

    with refused("NotAuthorizedException", INCORRECT):
        answer(cognito, ada.client_id, asked, ANSWER="PASSWORD", PASSWORD="Wrong-horse1!")
    signed_in = answer(cognito, ada.client_id, asked, ANSWER="PASSWORD", PASSWORD=ada.password)

    assert "AuthenticationResult" in signed_in


def test_naming_the_challenge_chooses_it(cognito, a_chooser):
    ada = a_chooser()

    asked = {**choose(cognito, ada.client_id), "ChallengeName": "PASSWORD"}
    signed_in = answer(cognito, ada.client_id, asked, PASSWORD=ada.password)
    asked = {**choose(cognito, ada.client_id), "ChallengeName": "PASSWORD_SRP"}
    client = SrpClient(ada.pool_id, ada.password)
    proof_asked = answer(cognito, ada.client_id, asked, SRP_A=client.public)
    by_proof = answer(cognito, ada.client_id, proof_asked, **client.proof(proof_asked))

    assert "AuthenticationResult" in signed_in
    assert proof_asked["ChallengeName"] == "PASSWORD_VERIFIER"
    assert "AuthenticationResult" in by_proof


@pytest.mark.parametrize("way", ["preferred", "chosen", "asked for"])
def test_a_password_is_proven_by_srp(cognito, a_chooser, way):
    ada = a_chooser()
    client = SrpClient(ada.pool_id, ada.password)

    if way == "preferred":
        asked = choose(
            cognito, ada.client_id, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=client.public
        )
    elif way == "chosen":
        asked = choose(cognito, ada.client_id)
        asked = answer(cognito, ada.client_id, asked, ANSWER="PASSWORD_SRP", SRP_A=client.public)
    else:
        asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="PASSWORD_SRP")
        assert asked["ChallengeName"] == "PASSWORD_SRP"
        asked = answer(cognito, ada.client_id, asked, SRP_A=client.public)
    signed_in = answer(cognito, ada.client_id, asked, **client.proof(asked))

    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    assert assurance_of(signed_in) == (LOA + "1", ["pwd"])


def test_behind_a_password_comes_the_second_factor(cognito, a_chooser, inbox):
    ada = a_chooser("PASSWORD", "EMAIL_OTP")
    mfa(cognito, ada.pool_id, "OPTIONAL", "SMS")
    prefer(cognito, ada, SMS={"Enabled": True})

    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=ada.password)
    signed_in = answer(cognito, ada.client_id, asked, SMS_MFA_CODE=inbox(PHONE)[0].code)

    assert asked["ChallengeName"] == "SMS_MFA"
    assert assurance_of(signed_in) == (LOA + "3", ["pwd", "sms", "mfa"])


# --- codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "medium", "masked", "address", "method"),
    [
        ("EMAIL_OTP", "EMAIL", "a***@e***", ADA, "email_otp"),
        ("SMS_OTP", "SMS", "+****0100", PHONE, "sms"),
    ],
)
@pytest.mark.parametrize("way", ["preferred", "chosen"])
def test_a_code_is_a_first_factor(
    cognito, a_chooser, inbox, factor, medium, masked, address, method, way
):
    ada = a_chooser()

    if way == "preferred":
        asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE=factor)
        assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"]
    else:
        asked = answer(cognito, ada.client_id, choose(cognito, ada.client_id), ANSWER=factor)
    [message] = inbox(address)
    with refused("CodeMismatchException", WRONG_MESSAGE_CODE):
        answer(cognito, ada.client_id, asked, **{f"{factor}_CODE": another(message.code)})
    signed_in = answer(cognito, ada.client_id, asked, **{f"{factor}_CODE": message.code})

    assert asked["ChallengeName"] == factor
    assert asked["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": medium,
        "CODE_DELIVERY_DESTINATION": masked,
    }
    assert len(message.code) == 8
    assert message.code not in str(asked)
    assert assurance_of(signed_in) == (LOA + "2", [method])
    with refused("NotAuthorizedException", USED_SESSION):
        answer(cognito, ada.client_id, asked, **{f"{factor}_CODE": message.code})


def test_a_first_code_confirms_the_user_and_verifies_the_address(cognito, choosers, inbox):
    pool_id, client = choosers("PASSWORD", "EMAIL_OTP")
    cognito.sign_up(
        ClientId=client["ClientId"],
        Username="ada",
        Password=PASSWORD,
        UserAttributes=named(email=ADA),
    )
    with refused("UserNotConfirmedException", "User is not confirmed."):
        choose(cognito, client["ClientId"], PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)

    asked = choose(cognito, client["ClientId"], PREFERRED_CHALLENGE="EMAIL_OTP")
    answer(cognito, client["ClientId"], asked, EMAIL_OTP_CODE=inbox(ADA)[0].code)

    stored = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    assert stored["UserStatus"] == "CONFIRMED"
    assert attributes(stored)["email_verified"] == "true"


def test_guesses_at_a_first_code_are_counted_with_the_others(
    cognito, app, loop_thread, a_chooser, inbox
):
    ada = a_chooser()
    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="EMAIL_OTP")
    code = inbox(ADA)[0].code
    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, ada.client_id, "ada", "Wrong-horse1!")

    wrong = {"USERNAME": "ada", "EMAIL_OTP_CODE": another(code)}
    outcomes = at_once(app, loop_thread, ada.client_id, [(asked, wrong)] * 100)

    assert texts_of(outcomes).count(WRONG_MESSAGE_CODE) == FREE_FAILURES - 1
    with refused("NotAuthorizedException", LOCKED):
        answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=code)


def test_a_user_made_without_a_password_signs_in_by_code(cognito, without_password, inbox):
    pool_id, client_id = without_password()

    stored = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    asked = choose(cognito, client_id, PREFERRED_CHALLENGE="EMAIL_OTP")
    signed_in = answer(cognito, client_id, asked, EMAIL_OTP_CODE=inbox(ADA)[0].code)

    assert stored["UserStatus"] == "CONFIRMED"
    assert claims_of(signed_in)["username"] == "ada"
    with refused("NotAuthorizedException", INCORRECT):
        sign_in(cognito, client_id, "ada", "Correct-horse1!")
    preferring = choose(cognito, client_id, PREFERRED_CHALLENGE="PASSWORD", PASSWORD="x")
    assert preferring["ChallengeName"] == "SELECT_CHALLENGE"
    assert preferring["AvailableChallenges"] == ["EMAIL_OTP"]


def test_what_cannot_be_chosen_is_refused(cognito, a_chooser):
    ada = a_chooser("PASSWORD", "EMAIL_OTP")
    asked = choose(cognito, ada.client_id)

    for wrong in ("SMS_OTP", "WEB_AUTHN", "SMS_MFA", "nonsense"):
        with refused("InvalidParameterException", f"{wrong} is not available for the user."):
            answer(cognito, ada.client_id, asked, ANSWER=wrong)
    with refused("InvalidParameterException", "Missing required parameter ANSWER"):
        answer(cognito, ada.client_id, asked)
    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, ada.client_id, {**asked, "ChallengeName": "EMAIL_OTP"}, EMAIL_OTP_CODE="1")


def test_users_who_may_not_sign_in_are_told_so(cognito, a_chooser):
    ada = a_chooser()
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    with refused("NotAuthorizedException", "User is disabled."):
        choose(cognito, ada.client_id)
    with refused("UserNotFoundException", "User does not exist."):
        choose(cognito, ada.client_id, "nobody")


def test_the_secret_hash_is_checked_in_each_step(cognito, choosers, a_user):
    pool_id, client = choosers("PASSWORD", "EMAIL_OTP", client={"GenerateSecret": True})
    ada = a_user(pool_id=pool_id, client_id=client["ClientId"])
    client_id, made = client["ClientId"], hash_of(client, "ada")

    with refused(
        "NotAuthorizedException",
        f"Client {client_id} is configured with secret but SECRET_HASH was not received",
    ):
        choose(cognito, client_id)
    asked = choose(cognito, client_id, SECRET_HASH=made)
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {client_id}"):
        answer(
            cognito,
            client_id,
            asked,
            ANSWER="PASSWORD",
            PASSWORD=ada.password,
            SECRET_HASH=hash_of(client, "bob"),
        )
    signed_in = answer(
        cognito, client_id, asked, ANSWER="PASSWORD", PASSWORD=ada.password, SECRET_HASH=made
    )
    assert "AuthenticationResult" in signed_in


# --- who does not exist --------------------------------------------------------------------------

DISCREET = {"PreventUserExistenceErrors": "ENABLED"}


def test_an_unknown_user_is_asked_like_a_known_one(cognito, a_chooser, inbox):
    ada = a_chooser("PASSWORD", "EMAIL_OTP", client=DISCREET)

    known = choose(cognito, ada.client_id)
    unknown = choose(cognito, ada.client_id, "nobody")
    by_password = answer(cognito, ada.client_id, unknown, USERNAME="nobody", ANSWER="EMAIL_OTP")

    assert known["ChallengeName"] == unknown["ChallengeName"] == "SELECT_CHALLENGE"
    assert known["AvailableChallenges"] == unknown["AvailableChallenges"]
    assert by_password["ChallengeName"] == "EMAIL_OTP"


def test_an_unknown_address_seems_to_be_sent_a_code(cognito, a_chooser, inbox):
    ada = a_chooser(
        "PASSWORD",
        "EMAIL_OTP",
        username=ADA,
        attributes={},
        client=DISCREET,
        UsernameAttributes=["email"],
    )
    stranger = "nobody@somewhere.example"

    known = choose(cognito, ada.client_id, ADA, PREFERRED_CHALLENGE="EMAIL_OTP")
    unknown = choose(cognito, ada.client_id, stranger, PREFERRED_CHALLENGE="EMAIL_OTP")
    again = choose(cognito, ada.client_id, stranger, PREFERRED_CHALLENGE="EMAIL_OTP")

    assert unknown["ChallengeName"] == known["ChallengeName"] == "EMAIL_OTP"
    assert unknown["AvailableChallenges"] == known["AvailableChallenges"]
    assert (
        unknown["ChallengeParameters"]
        == again["ChallengeParameters"]
        == {
            "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
            "CODE_DELIVERY_DESTINATION": "n***@s***",
        }
    )
    assert abs(len(unknown["Session"]) - len(known["Session"])) <= 2 * len(stranger)
    assert inbox(stranger) == []
    for _ in range(FREE_FAILURES):
        with refused("CodeMismatchException", WRONG_MESSAGE_CODE):
            answer(cognito, ada.client_id, unknown, USERNAME=stranger, EMAIL_OTP_CODE="12345678")
    with refused("NotAuthorizedException", LOCKED):
        answer(cognito, ada.client_id, unknown, USERNAME=stranger, EMAIL_OTP_CODE="12345678")


@pytest.mark.parametrize("parameters", [{"PASSWORD": PASSWORD}, {}])
def test_an_unknown_users_password_is_always_wrong(cognito, a_chooser, parameters):
    ada = a_chooser("PASSWORD", client=DISCREET)

    def attempt(name):
        asked = choose(cognito, ada.client_id, name, PREFERRED_CHALLENGE="PASSWORD", **parameters)
        return answer(cognito, ada.client_id, asked, USERNAME=name, PASSWORD="Wrong-horse1!")

    for name in ("ada", "nobody"):
        if name == "ada" and parameters:
            continue  # that is the right one
        with refused("NotAuthorizedException", INCORRECT):
            attempt(name)


def test_an_unknown_users_proof_is_always_wrong(cognito, a_chooser):
    ada = a_chooser("PASSWORD", client=DISCREET)
    client = SrpClient(ada.pool_id, ada.password)

    asked = choose(
        cognito,
        ada.client_id,
        "nobody",
        PREFERRED_CHALLENGE="PASSWORD_SRP",
        SRP_A=client.public,
    )

    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    with refused("NotAuthorizedException", INCORRECT):
        answer(cognito, ada.client_id, asked, **client.proof(asked))


def test_a_disabled_user_is_not_told_from_an_unknown_one(cognito, a_chooser):
    ada = a_chooser("PASSWORD", client=DISCREET)
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    for name in ("ada", "nobody"):
        asked = choose(cognito, ada.client_id, name)
        with refused("NotAuthorizedException", INCORRECT):
            answer(
                cognito,
                ada.client_id,
                asked,
                USERNAME=name,
                ANSWER="PASSWORD",
                PASSWORD="Wrong-horse1!",
            )


# --- at once after signing up --------------------------------------------------------------------


@pytest.fixture
def signed_up(cognito, choosers):
    """`signed_up()` → (pool id, client, answer of SignUp) of "ada" with her e-mail address."""

    def create(*factors, client=None, password=None, **more):
        more.setdefault("AutoVerifiedAttributes", ["email"])
        pool_id, made = choosers(*(factors or ("PASSWORD", "EMAIL_OTP")), client=client, **more)
        given = {"Password": password} if password else {}
        answered = cognito.sign_up(
            ClientId=made["ClientId"],
            Username="ada",
            UserAttributes=named(email=ADA, phone_number=PHONE),
            **given,
        )
        return pool_id, made["ClientId"], answered

    return create


@pytest.fixture
def confirm(cognito, inbox):
    """`confirm(client_id, session)`: with the code that was sent."""

    def answered(client_id, session=None, *, address=ADA, code=None):
        return cognito.confirm_sign_up(
            ClientId=client_id,
            Username="ada",
            ConfirmationCode=code or inbox(address)[0].code,
            **({"Session": session} if session else {}),
        )

    return answered


def begin_with(cognito, client_id, session, username="ada", **parameters):
    return cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": username, **parameters},
        Session=session,
    )


@pytest.mark.parametrize(
    ("verified", "address", "method"), [("email", ADA, "email_otp"), ("phone_number", PHONE, "sms")]
)
def test_confirming_a_sign_up_signs_in(cognito, signed_up, confirm, verified, address, method):
    pool_id, client_id, first = signed_up(AutoVerifiedAttributes=[verified])

    second = confirm(client_id, first["Session"], address=address)
    signed_in = begin_with(cognito, client_id, second["Session"])

    assert first["UserConfirmed"] is False
    assert first["Session"] != second["Session"]
    assert assurance_of(signed_in) == (LOA + "2", [method])
    assert claims_of(signed_in)["username"] == "ada"
    stored = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    assert stored["UserStatus"] == "CONFIRMED"
    with refused("NotAuthorizedException", USED_SESSION):
        begin_with(cognito, client_id, second["Session"])


def test_a_sign_up_with_a_password_signs_in_at_once_too(cognito, signed_up, confirm):
    _, client_id, first = signed_up("PASSWORD", password=PASSWORD)

    second = confirm(client_id, first["Session"])

    assert "AuthenticationResult" in begin_with(cognito, client_id, second["Session"])
    assert "AuthenticationResult" in sign_in(cognito, client_id, "ada", PASSWORD)


def test_without_choices_there_is_no_session(cognito, choosers, a_client, signed_up, confirm):
    pool_id, _ = choosers("PASSWORD", AutoVerifiedAttributes=["email"])
    plain = a_client(pool_id)["ClientId"]
    first = cognito.sign_up(
        ClientId=plain, Username="ada", Password=PASSWORD, UserAttributes=named(email=ADA)
    )

    assert "Session" not in first
    assert "Session" not in confirm(plain)


@pytest.mark.parametrize(
    ("verified", "address", "factor"),
    [("email", ADA, "EMAIL_OTP"), ("phone_number", PHONE, "SMS_OTP")],
)
def test_confirming_without_the_session_signs_in_where_codes_to_that_address_do(
    cognito, signed_up, confirm, verified, address, factor
):
    both = {"password": PASSWORD, "AutoVerifiedAttributes": [verified]}

    _, client_id, _ = signed_up("PASSWORD", factor, **both)
    session = confirm(client_id, address=address)["Session"]
    signed_in = begin_with(cognito, client_id, session)

    assert "AuthenticationResult" in signed_in


@pytest.mark.parametrize(
    "factors", [("PASSWORD",), ("PASSWORD", "SMS_OTP")], ids=["passwords", "codes elsewhere"]
)
def test_confirming_without_the_session_gives_none_where_they_do_not(signed_up, confirm, factors):
    _, client_id, _ = signed_up(*factors, password=PASSWORD)

    assert "Session" not in confirm(client_id)


def test_a_code_that_comes_late_confirms_all_the_same(cognito, signed_up, confirm, clock):
    pool_id, client_id, first = signed_up("PASSWORD", password=PASSWORD)
    clock.advance(timedelta(minutes=3))

    assert "Session" not in confirm(client_id, first["Session"])
    stored = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    assert stored["UserStatus"] == "CONFIRMED"


def test_a_confirmation_that_is_not_used_in_time_signs_nobody_in(
    cognito, signed_up, confirm, clock
):
    _, client_id, first = signed_up()
    second = confirm(client_id, first["Session"])
    clock.advance(timedelta(minutes=3))

    with refused("NotAuthorizedException", EXPIRED_SESSION):
        begin_with(cognito, client_id, second["Session"])


def test_a_wrong_code_leaves_the_sign_ups_session_good(cognito, signed_up, confirm, inbox):
    _, client_id, first = signed_up()
    code = inbox(ADA)[0].code
    with refused("CodeMismatchException", "Invalid verification code provided, please try again."):
        confirm(client_id, first["Session"], code=another(code))

    assert "Session" in confirm(client_id, first["Session"], code=code)


def test_sessions_of_a_sign_up_serve_their_step_user_and_client_only(
    cognito, signed_up, confirm, a_client, inbox
):
    pool_id, client_id, first = signed_up()
    other = a_client(pool_id, ExplicitAuthFlows=EVERY_FLOW)["ClientId"]
    bobs = cognito.sign_up(
        ClientId=client_id, Username="bob", UserAttributes=named(email="bob@example.com")
    )

    with refused("NotAuthorizedException", INVALID_SESSION):
        begin_with(cognito, client_id, first["Session"])  # nothing is confirmed yet
    with refused("NotAuthorizedException", INVALID_SESSION):
        confirm(client_id, bobs["Session"])
    with refused("NotAuthorizedException", INVALID_SESSION):
        confirm(other, first["Session"])
    with refused("NotAuthorizedException", INVALID_SESSION):
        confirm(client_id, "s" * 40)
    second = confirm(client_id, first["Session"])
    with refused("NotAuthorizedException", INVALID_SESSION):
        begin_with(cognito, client_id, second["Session"], "bob")
    with refused("NotAuthorizedException", INVALID_SESSION):
        begin_with(cognito, other, second["Session"])
    for challenge in ("EMAIL_OTP", "SELECT_CHALLENGE", "PASSWORD"):
        with refused("NotAuthorizedException", INVALID_SESSION):
            answer(
                cognito,
                client_id,
                {"ChallengeName": challenge, "Session": second["Session"]},
                ANSWER="PASSWORD",
                PASSWORD="x",
                EMAIL_OTP_CODE="x",
            )
    assert "AuthenticationResult" in begin_with(cognito, client_id, second["Session"])


def test_where_mfa_is_due_a_confirmed_sign_up_is_not_enough(cognito, signed_up, confirm):
    pool_id, client_id, first = signed_up("PASSWORD", password=PASSWORD)
    mfa(cognito, pool_id, "ON", "TOTP")
    second = confirm(client_id, first["Session"])

    asked = begin_with(cognito, client_id, second["Session"])

    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]


def test_a_disabled_user_is_not_signed_in_by_the_sign_up(cognito, signed_up, confirm):
    pool_id, client_id, first = signed_up()
    second = confirm(client_id, first["Session"])
    cognito.admin_disable_user(UserPoolId=pool_id, Username="ada")

    with refused("NotAuthorizedException", "User is disabled."):
        begin_with(cognito, client_id, second["Session"])


def test_a_password_may_be_left_out_only_where_a_code_can_stand_for_it(cognito, signed_up):
    text = (
        "1 validation error detected: Value at 'password' failed to satisfy constraint: "
        "Member must not be null"
    )

    for factors in (("PASSWORD",), ("PASSWORD", "WEB_AUTHN")):
        with refused("InvalidParameterException", text):
            signed_up(*factors)
    for factors in (("PASSWORD", "EMAIL_OTP"), ("PASSWORD", "SMS_OTP")):
        pool_id, _, answered = signed_up(*factors)
        stored = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
        assert stored["UserStatus"] == "UNCONFIRMED"
        assert answered["UserSub"] == attributes(stored)["sub"]


# --- stepping up ---------------------------------------------------------------------------------


@pytest.fixture
def ada_of_all(cognito, a_chooser, clock):
    """A user with password, both addresses verified and an app, none switched on; and the app."""
    ada = a_chooser("PASSWORD", "EMAIL_OTP", "SMS_OTP")
    with_attributes(
        cognito,
        ada,
        email=ADA,
        email_verified="true",
        phone_number=PHONE,
        phone_number_verified="true",
    )
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP", "SMS", "EMAIL")
    app = register_app(cognito, clock, tokens_of(cognito, ada)["AccessToken"])
    clock.advance(timedelta(minutes=2))
    return ada, app


def step_up(cognito, user, signed_in, *levels, **more):
    return choose(
        cognito,
        user.client_id,
        TARGET_ACR_VALUES=" ".join(LOA + level for level in levels),
        ACCESS_TOKEN=signed_in["AuthenticationResult"]["AccessToken"],
        **more,
    )


def test_an_access_token_is_stepped_up_by_the_missing_factor(cognito, ada_of_all):
    ada, app = ada_of_all
    before = password_of(cognito, ada)

    asked = step_up(cognito, ada, before, "4")
    after = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())

    assert assurance_of(before) == (LOA + "1", ["pwd"])
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert assurance_of(after) == (LOA + "4", ["pwd", "otp", "mfa"])
    assert claims_of(after)["origin_jti"] != claims_of(before)["origin_jti"]


def test_several_ways_up_are_a_choice_of_those_that_lead_there(cognito, ada_of_all, inbox):
    ada, _ = ada_of_all
    before = password_of(cognito, ada)

    asked = step_up(cognito, ada, before, "3")
    by_sms = answer(cognito, ada.client_id, asked, ANSWER="SMS_MFA")
    after = answer(cognito, ada.client_id, by_sms, SMS_MFA_CODE=inbox(PHONE)[0].code)

    assert asked["ChallengeName"] == "SELECT_MFA_TYPE"
    assert listed(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"]) == [
        "SMS_MFA",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
    ]
    assert assurance_of(after) == (LOA + "3", ["pwd", "sms", "mfa"])


def test_a_code_is_stepped_up_by_the_password(cognito, ada_of_all, inbox):
    ada, _ = ada_of_all
    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="EMAIL_OTP")
    before = answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=inbox(ADA)[0].code)

    asked = step_up(cognito, ada, before, "3")
    with refused("InvalidParameterException", "SMS_OTP is not available for the user."):
        answer(cognito, ada.client_id, asked, ANSWER="SMS_OTP")
    after = answer(cognito, ada.client_id, asked, ANSWER="PASSWORD", PASSWORD=ada.password)

    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]
    assert assurance_of(after) == (LOA + "3", ["email_otp", "pwd", "mfa"])


def test_a_code_is_stepped_up_to_the_top_by_password_and_app(cognito, ada_of_all, inbox):
    ada, app = ada_of_all
    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="EMAIL_OTP")
    before = answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=inbox(ADA)[0].code)

    asked = step_up(
        cognito, ada, before, "4", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=ada.password
    )
    after = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())

    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert assurance_of(after) == (LOA + "4", ["email_otp", "pwd", "otp", "mfa"])


def test_the_first_level_within_reach_counts(cognito, a_chooser, inbox):
    ada = a_chooser("PASSWORD", "EMAIL_OTP")
    with_attributes(cognito, ada, email=ADA, email_verified="true")
    mfa(cognito, ada.pool_id, "OPTIONAL", "TOTP", "EMAIL")
    before = password_of(cognito, ada)

    asked = step_up(cognito, ada, before, "4", "3", "1")
    after = answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=inbox(ADA)[0].code)

    assert asked["ChallengeName"] == "EMAIL_OTP"
    assert assurance_of(after) == (LOA + "3", ["pwd", "email_otp", "mfa"])


def test_a_level_can_be_asked_for_from_the_beginning(cognito, ada_of_all):
    ada, app = ada_of_all

    asked = choose(
        cognito,
        ada.client_id,
        TARGET_ACR_VALUES=f"{LOA}4",
        PREFERRED_CHALLENGE="PASSWORD",
        PASSWORD=ada.password,
    )
    signed_in = answer(cognito, ada.client_id, asked, SOFTWARE_TOKEN_MFA_CODE=app.code())

    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert assurance_of(signed_in)[0] == LOA + "4"


def test_unknown_levels_are_passed_over(cognito, ada_of_all):
    ada, _ = ada_of_all
    before = password_of(cognito, ada)

    asked = choose(
        cognito,
        ada.client_id,
        TARGET_ACR_VALUES=f"urn:other:9 {LOA}4",
        ACCESS_TOKEN=before["AuthenticationResult"]["AccessToken"],
    )

    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    with refused("InvalidParameterException", "TARGET_ACR_VALUES has no value of the user pool."):
        choose(cognito, ada.client_id, TARGET_ACR_VALUES="urn:other:9 4")


def test_the_pools_own_names_of_levels_count(cognito, a_chooser, inbox):
    ada = a_chooser(
        "PASSWORD",
        "EMAIL_OTP",
        AcrConfiguration={"Level3": {"AcrValue": "urn:shop:strong"}},
    )
    with_attributes(cognito, ada, email=ADA, email_verified="true")
    mfa(cognito, ada.pool_id, "OPTIONAL", "EMAIL")
    before = password_of(cognito, ada)
    token = before["AuthenticationResult"]["AccessToken"]

    asked = choose(cognito, ada.client_id, TARGET_ACR_VALUES="urn:shop:strong", ACCESS_TOKEN=token)
    after = answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=inbox(ADA)[0].code)

    assert assurance_of(before)[0] == LOA + "1"
    assert assurance_of(after)[0] == "urn:shop:strong"
    with refused("InvalidParameterException", "TARGET_ACR_VALUES has no value of the user pool."):
        choose(cognito, ada.client_id, TARGET_ACR_VALUES=f"{LOA}3", ACCESS_TOKEN=token)


def test_what_is_reached_already_or_cannot_be_is_refused(cognito, ada_of_all, a_chooser):
    ada, _ = ada_of_all
    before = password_of(cognito, ada)
    bob = a_chooser("PASSWORD", attributes={})

    with refused(
        "InvalidParameterException", "The access token is of the requested level already."
    ):
        step_up(cognito, ada, before, "1")
    text = "The user cannot reach any of the requested ACR values."
    with refused("InvalidParameterException", text):
        step_up(cognito, bob, password_of(cognito, bob), "4", "3")
    with refused("InvalidParameterException", text):
        choose(
            cognito,
            bob.client_id,
            TARGET_ACR_VALUES=f"{LOA}4",
            PREFERRED_CHALLENGE="PASSWORD",
            PASSWORD=bob.password,
        )


def test_an_old_sign_in_is_no_credit(cognito, ada_of_all, clock):
    ada, _ = ada_of_all
    before = password_of(cognito, ada)
    clock.advance(timedelta(seconds=60))

    in_time = step_up(cognito, ada, before, "4", MAX_AGE="60")
    clock.advance(timedelta(seconds=1))
    too_late = step_up(cognito, ada, before, "4", MAX_AGE="60")
    by_password = answer(cognito, ada.client_id, too_late, ANSWER="PASSWORD", PASSWORD=ada.password)

    assert in_time["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert too_late["ChallengeName"] == "SELECT_CHALLENGE"
    assert by_password["ChallengeName"] == "SOFTWARE_TOKEN_MFA"  # the level is still asked for
    assert "Username" in cognito.get_user(AccessToken=before["AuthenticationResult"]["AccessToken"])


@pytest.mark.parametrize("age", ["soon", "-1", "1.5", "9" * 30, "１０"])
def test_an_age_is_a_number_of_seconds(cognito, ada_of_all, age):
    ada, _ = ada_of_all

    with refused("InvalidParameterException", "MAX_AGE must be a number of seconds."):
        step_up(cognito, ada, password_of(cognito, ada), "4", MAX_AGE=age)


def test_a_token_is_credit_for_its_user_and_client_only(
    cognito, ada_of_all, a_client, a_user, a_chooser
):
    ada, _ = ada_of_all
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    elsewhere = a_chooser("PASSWORD")
    other_client = a_client(ada.pool_id, ExplicitAuthFlows=EVERY_FLOW)["ClientId"]
    with_other = sign_in(cognito, other_client, "ada", ada.password)
    text = "ACCESS_TOKEN is not of this user and app client."

    for signed_in in (password_of(cognito, bob), with_other, password_of(cognito, elsewhere)):
        with refused("InvalidParameterException", text):
            step_up(cognito, ada, signed_in, "4")
    own = password_of(cognito, ada)
    cognito.admin_user_global_sign_out(UserPoolId=ada.pool_id, Username="ada")
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        step_up(cognito, ada, own, "4")
    with refused("InvalidParameterException", "ACCESS_TOKEN requires TARGET_ACR_VALUES."):
        choose(cognito, ada.client_id, ACCESS_TOKEN=own["AuthenticationResult"]["AccessToken"])


def test_mfa_of_the_pool_is_asked_for_whatever_was_aimed_at(cognito, ada_of_all, inbox):
    ada, _ = ada_of_all
    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="EMAIL_OTP")
    before = answer(cognito, ada.client_id, asked, EMAIL_OTP_CODE=inbox(ADA)[0].code)
    prefer(cognito, ada, SMS={"Enabled": True})

    asked = step_up(
        cognito, ada, before, "3", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=ada.password
    )
    after = answer(cognito, ada.client_id, asked, SMS_MFA_CODE=inbox(PHONE)[0].code)

    assert asked["ChallengeName"] == "SMS_MFA"  # e-mail and password are not this user's MFA
    assert assurance_of(after) == (LOA + "3", ["email_otp", "pwd", "sms", "mfa"])


def test_the_lite_plan_has_no_step_up(cognito, a_chooser):
    ada = a_chooser("PASSWORD")
    before = password_of(cognito, ada)
    cognito.update_user_pool(UserPoolId=ada.pool_id, UserPoolTier="LITE")

    with refused(
        "FeatureUnavailableInTierException",
        "The following features need to be disabled for the LITE pricing tier configured:"
        " Step-up Authentication",
    ):
        step_up(cognito, ada, before, "3")
