"""What a pool does about risky sign-ins, what it keeps of its users, and what they say to that."""

import hashlib
import re
from datetime import timedelta

import pytest

from cognate.config import Settings
from tests.inprocess import ENDPOINT
from tests.stories.refusals import refused
from tests.stories.steps import attributes, hash_of, named, sign_in, tokens_of

HOME, ABROAD, BLOCKED = "198.51.100.7", "203.0.113.9", "192.0.2.66"
LEAKED = "Password-leaked1!"
SECURITY = "Unable to login because of security reasons"
RESET = "Password reset required for the user due to security reasons"
NOT_FOR_USE = "Provided password cannot be used for security reasons."
OFF = "UserPoolAddOnNotEnabledException"
NO_ACTION = {"Notify": False, "EventAction": "NO_ACTION"}
BLOCK = {"Notify": False, "EventAction": "BLOCK"}
PLUS = {"UserPoolTier": "PLUS"}
ENFORCED = {**PLUS, "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}
AUDIT = {**PLUS, "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}


@pytest.fixture
def settings(tmp_path, database_url):
    digests = sorted(
        hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()
        for word in (LEAKED, "password", "12345678", "qwertyui")
    )
    list_of_passwords = tmp_path / "compromised.txt"
    list_of_passwords.write_text("".join(f"{digest}:42\n" for digest in digests))
    return Settings(
        data=tmp_path,
        database=database_url,
        public_url=ENDPOINT,
        insecure_fast_passwords=True,
        fixed_code="123456",
        compromised_passwords=str(list_of_passwords),
    )


@pytest.fixture
def ada(a_user, a_pool):
    """A user of a pool that acts on risk."""
    email = {"email": "ada@example.com", "email_verified": "true"}
    return a_user(pool_id=a_pool(**ENFORCED, AutoVerifiedAttributes=["email"]), attributes=email)


@pytest.fixture
def from_address(cognito, clock):
    """A sign-in through a server that tells of its user, a minute after the last."""

    def signed_in(user, address, *, password=None, agent="Firefox/1"):
        clock.advance(timedelta(minutes=1))
        return cognito.admin_initiate_auth(
            UserPoolId=user.pool_id,
            ClientId=user.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user.username, "PASSWORD": password or user.password},
            ContextData={
                "IpAddress": address,
                "ServerName": "example.com",
                "ServerPath": "/login",
                "HttpHeaders": [{"headerName": "User-Agent", "headerValue": agent}],
            },
        )

    return signed_in


def events(cognito, user):
    """Newest first."""
    answer = cognito.admin_list_user_auth_events(UserPoolId=user.pool_id, Username=user.username)
    return answer["AuthEvents"]


def takeover(cognito, user, *, low=None, medium=None, high=None, notify=None, **more):
    levels = {"LowAction": low, "MediumAction": medium, "HighAction": high}
    configuration = {"Actions": {name: action for name, action in levels.items() if action}}
    if notify:
        configuration["NotifyConfiguration"] = notify
    return cognito.set_risk_configuration(
        UserPoolId=user.pool_id, AccountTakeoverRiskConfiguration=configuration, **more
    )


# --- what is set ---------------------------------------------------------------------------------


def test_what_is_set_for_a_pool_is_told_again(cognito, ada, clock):
    answer = takeover(cognito, ada, low=NO_ACTION, high=BLOCK)["RiskConfiguration"]
    described = cognito.describe_risk_configuration(UserPoolId=ada.pool_id)["RiskConfiguration"]

    assert answer == described
    assert described == {
        "UserPoolId": ada.pool_id,
        "AccountTakeoverRiskConfiguration": {
            "Actions": {"LowAction": NO_ACTION, "HighAction": BLOCK}
        },
        "LastModifiedDate": clock.now(),
    }


def test_a_client_has_the_pools_until_it_has_its_own_and_again_afterwards(cognito, ada):
    takeover(cognito, ada, high=BLOCK)
    of_client = {"UserPoolId": ada.pool_id, "ClientId": ada.client_id}
    inherited = cognito.describe_risk_configuration(**of_client)["RiskConfiguration"]

    takeover(cognito, ada, high=NO_ACTION, ClientId=ada.client_id)
    own = cognito.describe_risk_configuration(**of_client)["RiskConfiguration"]
    cognito.set_risk_configuration(**of_client)
    again = cognito.describe_risk_configuration(**of_client)["RiskConfiguration"]

    assert again == inherited
    assert (own["ClientId"], own["AccountTakeoverRiskConfiguration"]) == (
        ada.client_id,
        {"Actions": {"HighAction": NO_ACTION}},
    )


def test_nothing_set_is_nothing_told(cognito, ada):
    described = cognito.describe_risk_configuration(UserPoolId=ada.pool_id)

    assert described["RiskConfiguration"] == {"UserPoolId": ada.pool_id}


def test_a_higher_level_is_not_laxer_than_a_lower_one(cognito, ada):
    text = "The action of a higher risk level cannot be less strict than that of a lower one."
    with refused("InvalidParameterException", text):
        takeover(cognito, ada, low=BLOCK, high=NO_ACTION)


def test_who_is_to_be_told_needs_words_to_be_told_in(cognito, ada):
    text = "NotifyConfiguration is required when a risk level notifies the user."
    with refused("InvalidParameterException", text):
        takeover(cognito, ada, high={"Notify": True, "EventAction": "BLOCK"})


@pytest.mark.parametrize("text", ["192.0.2.1", "192.0.2.0/33", "home", "::1"])
def test_exceptions_are_ranges(cognito, ada, text):
    with refused("InvalidParameterException", f"Invalid IP range: {text}"):
        cognito.set_risk_configuration(
            UserPoolId=ada.pool_id,
            RiskExceptionConfiguration={"BlockedIPRangeList": [text]},
        )


def test_a_pool_without_threat_protection_has_none_of_this(cognito, a_user):
    bob = a_user()
    of_user = {"UserPoolId": bob.pool_id, "Username": "ada"}
    event = {"EventId": "0d5f6b1c-7a43-4e3e-89a3-1f2a3b4c5d6e", "FeedbackValue": "Valid"}
    text = "User pool add-on is not enabled."

    with refused(OFF, text):
        cognito.set_risk_configuration(UserPoolId=bob.pool_id)
    with refused(OFF, text):
        cognito.describe_risk_configuration(UserPoolId=bob.pool_id)
    with refused(OFF, text):
        cognito.admin_list_user_auth_events(**of_user)
    with refused(OFF, text):
        cognito.admin_update_auth_event_feedback(**of_user, **event)
    with refused(OFF, text):
        cognito.update_auth_event_feedback(**of_user, **event, FeedbackToken="token")


def test_a_client_or_user_that_is_not_there_is_not_found(cognito, ada):
    of_nobody = {"UserPoolId": ada.pool_id, "Username": "nobody"}

    with refused("ResourceNotFoundException", "User pool client nowhere does not exist."):
        cognito.describe_risk_configuration(UserPoolId=ada.pool_id, ClientId="nowhere")
    with refused("ResourceNotFoundException", "User pool client nowhere does not exist."):
        cognito.set_risk_configuration(UserPoolId=ada.pool_id, ClientId="nowhere")
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_list_user_auth_events(**of_nobody)


# --- what is kept --------------------------------------------------------------------------------


def test_a_sign_in_is_kept_with_where_it_came_from(cognito, ada, clock, from_address):
    answer = from_address(ada, HOME)

    [event] = events(cognito, ada)

    assert event["EventType"] == "SignIn"
    assert event["EventResponse"] == "Pass"
    assert event["CreationDate"] == clock.now()
    assert event["EventRisk"] == {
        "RiskDecision": "NoRisk",
        "CompromisedCredentialsDetected": False,
    }
    assert event["ChallengeResponses"] == [
        {"ChallengeName": "Password", "ChallengeResponse": "Success"}
    ]
    assert event["EventContextData"] == {"IpAddress": HOME, "DeviceName": "Firefox/1"}
    assert event["EventId"] == event_id_of(answer)


def event_id_of(answer):
    from cognate.protocol.jose import unverified_claims

    return unverified_claims(answer["AuthenticationResult"]["IdToken"])["event_id"]


def test_a_wrong_password_is_kept_as_a_failure(cognito, ada, from_address):
    with refused("NotAuthorizedException", "Incorrect username or password."):
        from_address(ada, HOME, password="wrong-Horse1!")

    [event] = events(cognito, ada)
    assert (event["EventResponse"], event["ChallengeResponses"]) == (
        "Fail",
        [{"ChallengeName": "Password", "ChallengeResponse": "Failure"}],
    )


def test_a_sign_in_that_waits_for_more_is_in_progress_until_it_is_done(cognito, ada):
    cognito.admin_set_user_password(
        UserPoolId=ada.pool_id, Username="ada", Password=ada.password, Permanent=False
    )
    challenge = sign_in(cognito, ada.client_id, "ada", ada.password)
    [waiting] = events(cognito, ada)

    cognito.respond_to_auth_challenge(
        ClientId=ada.client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": "Another-horse2!"},
    )
    [done] = events(cognito, ada)

    assert (waiting["EventResponse"], done["EventResponse"]) == ("InProgress", "Pass")
    assert waiting["EventId"] == done["EventId"]


def test_what_users_do_beside_signing_in_is_kept_too(cognito, ada, a_client, clock):
    of_client = {"ClientId": ada.client_id, "Username": "eve"}
    cognito.sign_up(
        **of_client, Password="Eves-horse1!", UserAttributes=named(email="eve@example.com")
    )
    clock.advance(timedelta(minutes=1))
    cognito.resend_confirmation_code(**of_client)
    cognito.confirm_sign_up(**of_client, ConfirmationCode="123456")
    clock.advance(timedelta(minutes=1))
    cognito.forgot_password(**of_client)
    clock.advance(timedelta(minutes=1))
    reset = {**of_client, "Password": "Eves-horse2!"}
    with refused("CodeMismatchException", "Invalid verification code provided, please try again."):
        cognito.confirm_forgot_password(**reset, ConfirmationCode="000000")
    clock.advance(timedelta(minutes=1))
    cognito.confirm_forgot_password(**reset, ConfirmationCode="123456")
    clock.advance(timedelta(minutes=1))
    tokens = sign_in(cognito, ada.client_id, "eve", "Eves-horse2!")["AuthenticationResult"]
    change = {"AccessToken": tokens["AccessToken"], "ProposedPassword": "Eves-horse3!"}
    clock.advance(timedelta(minutes=1))
    with refused("NotAuthorizedException", "Incorrect username or password."):
        cognito.change_password(**change, PreviousPassword="wrong-Horse1!")
    clock.advance(timedelta(minutes=1))
    cognito.change_password(**change, PreviousPassword="Eves-horse2!")

    kept = cognito.admin_list_user_auth_events(UserPoolId=ada.pool_id, Username="eve")
    assert [(e["EventType"], e["EventResponse"]) for e in reversed(kept["AuthEvents"])] == [
        ("SignUp", "Pass"),
        ("ResendCode", "Pass"),
        ("ForgotPassword", "InProgress"),
        ("ForgotPassword", "Fail"),
        ("ForgotPassword", "Pass"),
        ("SignIn", "Pass"),
        ("PasswordChange", "Fail"),
        ("PasswordChange", "Pass"),
    ]


def test_events_are_read_page_by_page(cognito, ada, clock, from_address):
    for _ in range(5):
        from_address(ada, HOME)
        clock.advance(timedelta(minutes=1))
    of_user = {"UserPoolId": ada.pool_id, "Username": "ada", "MaxResults": 2}

    pages: list[list[str]] = []
    more: dict[str, str] = {}
    while not pages or more:
        page = cognito.admin_list_user_auth_events(**of_user, **more)
        pages.append([event["EventId"] for event in page["AuthEvents"]])
        more = {"NextToken": page["NextToken"]} if "NextToken" in page else {}

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page] == [e["EventId"] for e in events(cognito, ada)]
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.admin_list_user_auth_events(**of_user, NextToken="nonsense")


def test_events_are_kept_for_two_years(cognito, ada, clock, app, loop_thread, from_address):
    from_address(ada, HOME)

    clock.advance(timedelta(days=730))
    loop_thread.run(app.maintenance.purge())
    assert len(events(cognito, ada)) == 1
    clock.advance(timedelta(days=1))
    loop_thread.run(app.maintenance.purge())

    assert events(cognito, ada) == []


def test_an_apps_word_on_its_user_counts_where_it_is_a_server_that_may(cognito, a_pool, a_client):
    pool = a_pool(**AUDIT)
    clients = {
        "open": a_client(pool),
        "secretive": a_client(pool, GenerateSecret=True),
        "telling": a_client(
            pool, GenerateSecret=True, EnablePropagateAdditionalUserContextData=True
        ),
    }
    seen = {}
    for kind, client in clients.items():
        proof = {"SecretHash": hash_of(client, kind)} if "ClientSecret" in client else {}
        cognito.sign_up(
            ClientId=client["ClientId"],
            Username=kind,
            Password="Correct-horse1!",
            UserContextData={"IpAddress": HOME},
            **proof,
        )
        kept = cognito.admin_list_user_auth_events(UserPoolId=pool, Username=kind)
        seen[kind] = kept["AuthEvents"][0]["EventContextData"]["IpAddress"]

    assert seen == {"open": "127.0.0.1", "secretive": "127.0.0.1", "telling": HOME}


def test_what_is_no_address_is_not_believed(cognito, ada, from_address):
    from_address(ada, "somewhere over the rainbow")

    assert events(cognito, ada)[0]["EventContextData"]["IpAddress"] == "127.0.0.1"


# --- what is done --------------------------------------------------------------------------------


def test_what_is_known_is_no_risk_and_what_is_unknown_is(cognito, ada, from_address):
    from_address(ada, HOME)
    for address, agent in ((HOME, "Firefox/1"), (ABROAD, "Firefox/1"), ("100.64.0.1", "curl/8")):
        from_address(ada, address, agent=agent)

    levels = [event["EventRisk"].get("RiskLevel") for event in reversed(events(cognito, ada))]

    assert levels == [None, None, "Low", "Medium"]


def test_a_level_that_is_blocked_does_not_sign_in(cognito, ada, from_address):
    takeover(cognito, ada, low=NO_ACTION, medium=BLOCK, high=BLOCK)
    from_address(ada, HOME)

    from_address(ada, ABROAD)
    with refused("NotAuthorizedException", SECURITY):
        from_address(ada, "100.64.0.1", agent="curl/8")

    event = events(cognito, ada)[0]
    assert event["EventResponse"] == "Fail"
    assert event["EventRisk"] == {
        "RiskDecision": "Block",
        "RiskLevel": "Medium",
        "CompromisedCredentialsDetected": False,
    }


def test_a_blocked_sign_in_with_the_right_password_is_no_wrong_guess(cognito, ada, from_address):
    takeover(cognito, ada, low=BLOCK, medium=BLOCK, high=BLOCK)
    from_address(ada, HOME)
    for _ in range(6):
        with refused("NotAuthorizedException", SECURITY):
            from_address(ada, ABROAD)

    assert "AuthenticationResult" in from_address(ada, HOME)


def test_failures_elsewhere_are_no_risk_to_the_user_at_home(cognito, ada, from_address):
    takeover(cognito, ada, low=BLOCK, medium=BLOCK, high=BLOCK)
    from_address(ada, HOME)
    for _ in range(4):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            from_address(ada, ABROAD, password="wrong-Horse1!")

    assert "AuthenticationResult" in from_address(ada, HOME)


def test_failures_at_home_in_quick_succession_are_a_risk(cognito, ada, from_address):
    from_address(ada, HOME)
    for _ in range(3):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            from_address(ada, HOME, password="wrong-Horse1!")
    from_address(ada, HOME)

    assert events(cognito, ada)[0]["EventRisk"]["RiskLevel"] == "Low"


def test_an_audited_pool_keeps_the_risk_and_does_nothing(cognito, a_user, a_pool, from_address):
    bob = a_user(pool_id=a_pool(**AUDIT))
    takeover(cognito, bob, low=BLOCK, medium=BLOCK, high=BLOCK)
    from_address(bob, HOME)

    from_address(bob, ABROAD)

    event = events(cognito, bob)[0]
    assert (event["EventResponse"], event["EventRisk"]["RiskDecision"]) == (
        "Pass",
        "AccountTakeover",
    )


def test_addresses_that_are_blocked_or_skipped_are_so_whatever_the_risk(cognito, ada, from_address):
    cognito.set_risk_configuration(
        UserPoolId=ada.pool_id,
        AccountTakeoverRiskConfiguration={"Actions": {"LowAction": BLOCK, "HighAction": BLOCK}},
        RiskExceptionConfiguration={
            "BlockedIPRangeList": ["192.0.2.0/24"],
            "SkippedIPRangeList": ["203.0.113.0/24", "192.0.2.0/24"],
        },
    )
    from_address(ada, HOME)

    with refused("NotAuthorizedException", SECURITY):
        from_address(ada, BLOCKED)
    assert "AuthenticationResult" in from_address(ada, ABROAD)
    with refused("NotAuthorizedException", SECURITY):
        from_address(ada, "100.64.0.1")


def test_who_must_have_a_second_factor_and_has_none_does_not_sign_in(cognito, ada, from_address):
    takeover(cognito, ada, low={"Notify": False, "EventAction": "MFA_REQUIRED"})
    from_address(ada, HOME)

    with refused("NotAuthorizedException", SECURITY):
        from_address(ada, ABROAD)

    assert events(cognito, ada)[0]["EventResponse"] == "Fail"


def test_a_second_factor_where_there_is_one_asks_nothing_of_who_has_none(
    cognito, ada, from_address
):
    takeover(cognito, ada, low={"Notify": False, "EventAction": "MFA_IF_CONFIGURED"})
    from_address(ada, HOME)

    assert "AuthenticationResult" in from_address(ada, ABROAD)


# --- compromised passwords -----------------------------------------------------------------------


def compromised(cognito, user, action="BLOCK", **more):
    cognito.set_risk_configuration(
        UserPoolId=user.pool_id,
        CompromisedCredentialsRiskConfiguration={"Actions": {"EventAction": action}, **more},
    )


def test_a_compromised_password_signs_nobody_up_and_is_set_by_nobody(cognito, ada, a_user):
    compromised(cognito, ada)
    tokens = tokens_of(cognito, ada)
    cognito.forgot_password(ClientId=ada.client_id, Username="ada")

    with refused("InvalidPasswordException", NOT_FOR_USE):
        cognito.sign_up(ClientId=ada.client_id, Username="eve", Password=LEAKED)
    with refused("InvalidPasswordException", NOT_FOR_USE):
        cognito.change_password(
            AccessToken=tokens["AccessToken"],
            PreviousPassword=ada.password,
            ProposedPassword=LEAKED,
        )
    with refused("InvalidPasswordException", NOT_FOR_USE):
        cognito.confirm_forgot_password(
            ClientId=ada.client_id, Username="ada", ConfirmationCode="123456", Password=LEAKED
        )

    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "ada", ada.password)


def test_a_temporary_password_is_not_replaced_by_a_compromised_one(cognito, ada):
    compromised(cognito, ada)
    cognito.admin_set_user_password(UserPoolId=ada.pool_id, Username="ada", Password=ada.password)
    challenge = sign_in(cognito, ada.client_id, "ada", ada.password)

    def answer(password):
        return cognito.respond_to_auth_challenge(
            ClientId=ada.client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": password},
        )

    with refused("InvalidPasswordException", NOT_FOR_USE):
        answer(LEAKED)
    assert "AuthenticationResult" in answer("Another-horse2!")


def test_a_compromised_password_must_be_reset_before_it_signs_in(cognito, ada):
    compromised(cognito, ada)
    cognito.admin_set_user_password(
        UserPoolId=ada.pool_id, Username="ada", Password=LEAKED, Permanent=True
    )

    with refused("PasswordResetRequiredException", RESET):
        sign_in(cognito, ada.client_id, "ada", LEAKED)

    risk = events(cognito, ada)[0]["EventRisk"]
    assert (risk["RiskDecision"], risk["CompromisedCredentialsDetected"]) == ("Block", True)


def test_only_the_events_that_are_named_are_checked(cognito, ada):
    compromised(cognito, ada, EventFilter=["SIGN_IN"])

    cognito.sign_up(ClientId=ada.client_id, Username="eve", Password=LEAKED)

    kept = cognito.admin_list_user_auth_events(UserPoolId=ada.pool_id, Username="eve")
    assert kept["AuthEvents"][0]["EventRisk"]["CompromisedCredentialsDetected"] is True


def test_without_a_wish_to_block_a_compromised_password_is_told_of_and_used(cognito, ada):
    compromised(cognito, ada, action="NO_ACTION")
    cognito.admin_set_user_password(
        UserPoolId=ada.pool_id, Username="ada", Password=LEAKED, Permanent=True
    )

    assert "AuthenticationResult" in sign_in(cognito, ada.client_id, "ada", LEAKED)
    assert events(cognito, ada)[0]["EventRisk"]["CompromisedCredentialsDetected"] is True


# --- what users are told, and say ----------------------------------------------------------------

NOTIFY = {
    "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/a@example.com",
    **{
        f"{kind}Email": {
            "Subject": f"{kind} sign-in",
            "TextBody": "{username} at {ip-address}: {event-id} {feedback-token}",
            "HtmlBody": "<p>{username}</p>",
        }
        for kind in ("Block", "NoAction", "Mfa")
    },
}


@pytest.mark.parametrize(
    ("action", "subject"),
    [
        ("BLOCK", "Block sign-in"),
        ("NO_ACTION", "NoAction sign-in"),
        ("MFA_REQUIRED", "Mfa sign-in"),
    ],
)
def test_the_user_is_told_of_a_risk_in_the_pools_words(
    cognito, ada, inbox, action, subject, from_address
):
    takeover(cognito, ada, low={"Notify": True, "EventAction": action}, notify=NOTIFY)
    from_address(ada, HOME)

    if action == "NO_ACTION":
        from_address(ada, ABROAD)
    else:
        with refused("NotAuthorizedException", SECURITY):
            from_address(ada, ABROAD)

    [mail] = inbox("ada@example.com")
    assert mail.subject == subject
    assert mail.body.startswith(f"ada at {ABROAD}: {events(cognito, ada)[0]['EventId']} ")


def test_nobody_is_told_where_the_level_is_not_to_notify_or_the_address_is_unproven(
    cognito, ada, inbox, from_address
):
    takeover(cognito, ada, low=NO_ACTION, notify=NOTIFY)
    from_address(ada, HOME)
    from_address(ada, ABROAD)
    takeover(cognito, ada, low={"Notify": True, "EventAction": "NO_ACTION"}, notify=NOTIFY)
    cognito.admin_update_user_attributes(
        UserPoolId=ada.pool_id, Username="ada", UserAttributes=named(email_verified="false")
    )
    from_address(ada, "100.64.0.1")

    assert attributes(cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada"))["email"]
    assert inbox("ada@example.com") == []


@pytest.fixture
def noticed(cognito, ada, inbox, from_address):
    """An event that the user was told of, with the token in the mail."""
    takeover(cognito, ada, low={"Notify": True, "EventAction": "NO_ACTION"}, notify=NOTIFY)
    from_address(ada, HOME)
    from_address(ada, ABROAD)
    event_id, token = re.findall(r"\S+", inbox("ada@example.com")[0].body)[-2:]
    return {
        "UserPoolId": ada.pool_id,
        "Username": "ada",
        "EventId": event_id,
        "FeedbackToken": token,
    }


def test_a_user_says_by_the_notices_token_that_it_was_somebody_else(
    cognito, ada, noticed, clock, from_address
):
    cognito.update_auth_event_feedback(**noticed, FeedbackValue="Invalid")

    assert events(cognito, ada)[0]["EventFeedback"] == {
        "FeedbackValue": "Invalid",
        "Provider": "User",
        "FeedbackDate": clock.now(),
    }
    from_address(ada, ABROAD)  # it did not become a known place
    assert events(cognito, ada)[0]["EventRisk"]["RiskLevel"] == "Low"


def test_what_was_the_user_becomes_known(cognito, ada, noticed, from_address):
    cognito.update_auth_event_feedback(**noticed, FeedbackValue="Valid")
    from_address(ada, ABROAD)

    assert events(cognito, ada)[0]["EventRisk"]["RiskDecision"] == "NoRisk"


def test_a_feedback_token_is_its_events_for_a_week(cognito, ada, noticed, clock):
    other = events(cognito, ada)[1]["EventId"]
    token = noticed["FeedbackToken"]

    for wrong in (
        {"EventId": other},
        {"FeedbackToken": "nonsense"},
        {"FeedbackToken": token[:-4] + "AAAA"},
    ):
        with refused("NotAuthorizedException", "Invalid feedback token"):
            cognito.update_auth_event_feedback(**{**noticed, **wrong}, FeedbackValue="Valid")
    clock.advance(timedelta(days=7))
    with refused("NotAuthorizedException", "Invalid feedback token"):
        cognito.update_auth_event_feedback(**noticed, FeedbackValue="Valid")


def test_an_administrator_says_so_without_a_token(cognito, ada, clock, from_address):
    from_address(ada, HOME)
    of_user = {"UserPoolId": ada.pool_id, "Username": "ada", "FeedbackValue": "Valid"}

    cognito.admin_update_auth_event_feedback(**of_user, EventId=events(cognito, ada)[0]["EventId"])

    assert events(cognito, ada)[0]["EventFeedback"]["Provider"] == "Admin"
    with refused("ResourceNotFoundException", "Event does not exist."):
        cognito.admin_update_auth_event_feedback(
            **of_user, EventId="0d5f6b1c-7a43-4e3e-89a3-1f2a3b4c5d6e"
        )
