"""Passkeys: registered by signed-in users, and signed in with."""

import json
from datetime import timedelta

import cbor2
import pytest

from cognate.domain.attempts import FREE_FAILURES
from cognate.domain.passkeys import PASSKEYS_PER_USER
from cognate.protocol import base64url
from tests.stories.factor_steps import (
    ADA,
    EVERY_FLOW,
    EXPIRED_SESSION,
    INVALID_SESSION,
    OWN_EMAIL,
    PHONE,
    SMS,
    USED_SESSION,
    answer,
    assurance_of,
    at_once,
    choose,
    mfa,
    password_of,
    prefer,
    successes_of,
    texts_of,
)
from tests.stories.refusals import refused
from tests.stories.steps import INCORRECT, sign_in, tokens_of
from tests.stories.virtual_authenticator import EDDSA, ES256, RS256, VirtualAuthenticator

RELYING_PARTY = "shop.example"
ORIGIN = "https://shop.example"
BOTH = "MULTI_FACTOR_WITH_USER_VERIFICATION"
NOT_FOUND = (
    "WebAuthnChallengeNotFoundException",
    "The passkey challenge was not found or has expired.",
)
NOT_SUPPORTED = (
    "WebAuthnCredentialNotSupportedException",
    "The passkey credential is not supported.",
)
WRONG_ORIGIN = ("WebAuthnOriginNotAllowedException", "The passkey's origin is not allowed.")
WRONG_PARTY = (
    "WebAuthnRelyingPartyMismatchException",
    "The passkey's relying party does not match.",
)


def passkeys(cognito, pool_id, *, mode="OFF", factors=(), **settings):
    """Set how the pool uses passkeys."""
    settings.setdefault("RelyingPartyId", RELYING_PARTY)
    mfa(cognito, pool_id, mode, *factors, WebAuthnConfiguration=settings)


@pytest.fixture
def ada(cognito, a_pool, a_client, a_user):
    """A user of a pool whose relying party is shop.example."""
    pool_id = a_pool(
        Policies={
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}
        },
        EmailConfiguration=OWN_EMAIL,
    )
    passkeys(cognito, pool_id)
    client_id = a_client(pool_id, ExplicitAuthFlows=EVERY_FLOW)["ClientId"]
    return a_user(
        pool_id=pool_id, client_id=client_id, attributes={"email": ADA, "phone_number": PHONE}
    )


@pytest.fixture
def register(cognito):
    """`register(user, authenticator)`: a passkey for a signed-in user → the authenticator."""

    def create(user, authenticator=None, *, access_token=None, **changes):
        authenticator = authenticator or VirtualAuthenticator(origin=ORIGIN)
        token = access_token or tokens_of(cognito, user)["AccessToken"]
        options = cognito.start_web_authn_registration(AccessToken=token)
        credential = authenticator.register(options["CredentialCreationOptions"], **changes)
        cognito.complete_web_authn_registration(AccessToken=token, Credential=credential)
        return authenticator

    return create


@pytest.fixture
def challenged(cognito):
    """`challenged(user)` → the WEB_AUTHN challenge and its options."""

    def begin(user):
        asked = choose(cognito, user.client_id, user.username, PREFERRED_CHALLENGE="WEB_AUTHN")
        assert asked["ChallengeName"] == "WEB_AUTHN"
        return asked, json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])

    return begin


@pytest.fixture
def come_in(cognito, challenged):
    """`come_in(user, authenticator)` → the answer to a sign-in with the passkey."""

    def respond(user, authenticator, **changes):
        asked, options = challenged(user)
        credential = authenticator.sign_in(options, **changes)
        return answer(cognito, user.client_id, asked, USERNAME=user.username, CREDENTIAL=credential)

    return respond


# --- registering ---------------------------------------------------------------------------------


def test_the_options_say_what_browsers_need(cognito, ada):
    access_token = tokens_of(cognito, ada)["AccessToken"]

    options = cognito.start_web_authn_registration(AccessToken=access_token)[
        "CredentialCreationOptions"
    ]

    assert len(base64url.decode(options.pop("challenge"))) == 32
    assert options == {
        "rp": {"id": RELYING_PARTY, "name": "a pool"},
        "user": {
            "id": base64url.encode(ada.sub.encode()),
            "name": "ada",
            "displayName": "ada",
        },
        "pubKeyCredParams": [
            {"type": "public-key", "alg": -7},
            {"type": "public-key", "alg": -257},
        ],
        "timeout": 60000,
        "excludeCredentials": [],
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": "preferred",
        },
        "attestation": "none",
    }


@pytest.mark.parametrize(
    ("attachment", "name"), [("cross-platform", "Roaming passkey"), ("platform", "Passkey")]
)
def test_a_registered_passkey_is_listed_and_not_made_twice(
    cognito, ada, register, clock, attachment, name
):
    made = register(ada, VirtualAuthenticator(origin=ORIGIN, attachment=attachment))
    access_token = tokens_of(cognito, ada)["AccessToken"]

    listed = cognito.list_web_authn_credentials(AccessToken=access_token)
    options = cognito.start_web_authn_registration(AccessToken=access_token)[
        "CredentialCreationOptions"
    ]

    assert listed["Credentials"] == [
        {
            "CredentialId": made.id,
            "FriendlyCredentialName": name,
            "RelyingPartyId": RELYING_PARTY,
            "AuthenticatorAttachment": attachment,
            "AuthenticatorTransports": ["usb", "internal"],
            "CreatedAt": clock.now(),
        }
    ]
    assert "NextToken" not in listed
    assert options["excludeCredentials"] == [{"type": "public-key", "id": made.id}]
    with refused(NOT_SUPPORTED[0], "The passkey is registered already."):
        register(ada, made)


@pytest.mark.parametrize("algorithm", [ES256, RS256])
@pytest.mark.parametrize(("synced", "method"), [(False, "hwk"), (True, "swk")])
def test_both_algorithms_sign_in(ada, register, come_in, algorithm, synced, method):
    authenticator = register(
        ada, VirtualAuthenticator(origin=ORIGIN, algorithm=algorithm, synced=synced)
    )

    signed_in = come_in(ada, authenticator)

    assert assurance_of(signed_in) == ("urn:cognito:loa:3", [method])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"challenge": "AAAA"}, NOT_FOUND),
        ({"origin": "https://evil.example"}, WRONG_ORIGIN),
        ({"origin": "https://shop.example.evil.example"}, WRONG_ORIGIN),
        ({"origin": "https://evilshop.example"}, WRONG_ORIGIN),
        ({"origin": "http://shop.example"}, WRONG_ORIGIN),
        ({"origin": "https://shop.example@evil.example"}, WRONG_ORIGIN),
        ({"origin": "http://localhost"}, WRONG_ORIGIN),
        ({"origin": "nonsense"}, WRONG_ORIGIN),
        ({"relying_party": "evil.example"}, WRONG_PARTY),
        ({"type": "webauthn.get"}, NOT_SUPPORTED),
        ({"format": "unheard-of"}, NOT_SUPPORTED),
        ({"authenticator_data": b""}, NOT_SUPPORTED),
        ({"authenticator_data": b"\x00" * 37}, WRONG_PARTY),
        ({"public_key": b""}, NOT_SUPPORTED),
        ({"public_key": b"\xff\xff\xff"}, NOT_SUPPORTED),
        ({"public_key": cbor2.dumps({})}, NOT_SUPPORTED),
        ({"public_key": cbor2.dumps([])}, NOT_SUPPORTED),
        ({"public_key": cbor2.dumps({1: 2, 3: ES256})}, NOT_SUPPORTED),
        ({"public_key": cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: b"x", -3: b"y"})}, NOT_SUPPORTED),
        (
            {"public_key": cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: b"x" * 32, -3: b"y" * 32})},
            NOT_SUPPORTED,
        ),
    ],
)
def test_a_wrong_registration_is_refused_by_name(cognito, ada, register, changes, error):
    with refused(*error):
        register(ada, **changes)

    access_token = tokens_of(cognito, ada)["AccessToken"]
    assert cognito.list_web_authn_credentials(AccessToken=access_token)["Credentials"] == []


def test_other_algorithms_are_not_supported(ada, register):
    with refused(*NOT_SUPPORTED):
        register(ada, VirtualAuthenticator(origin=ORIGIN, algorithm=EDDSA))


@pytest.mark.parametrize("origin", ["https://www.shop.example", "https://shop.example:8443"])
def test_pages_below_the_relying_party_may_register(ada, register, come_in, origin):
    authenticator = register(ada, VirtualAuthenticator(origin=origin))

    assert "AuthenticationResult" in come_in(ada, authenticator)


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": "x"},
        {"response": None},
        {"response": {"clientDataJSON": 1}},
        {"response": {"clientDataJSON": "%%%"}},
        {"response": {"clientDataJSON": base64url.encode(b"[]")}},
        {"response": {"clientDataJSON": base64url.encode(b"{}")}},
        {"response": {"clientDataJSON": base64url.encode(b'{"challenge":1,"origin":"x"}')}},
        [],
        "text",
        7,
    ],
)
def test_what_is_no_credential_is_not_supported(cognito, ada, credential):
    access_token = tokens_of(cognito, ada)["AccessToken"]
    cognito.start_web_authn_registration(AccessToken=access_token)

    with refused(*NOT_SUPPORTED):
        cognito.complete_web_authn_registration(AccessToken=access_token, Credential=credential)


def test_a_registration_needs_a_challenge_of_the_user_and_client_in_time(
    cognito, ada, a_client, a_user, clock
):
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    other = a_client(ada.pool_id)["ClientId"]
    token = tokens_of(cognito, ada)["AccessToken"]
    bobs = tokens_of(cognito, bob)["AccessToken"]
    others = sign_in(cognito, other, "ada", ada.password)["AuthenticationResult"]["AccessToken"]
    authenticator = VirtualAuthenticator(origin=ORIGIN)

    def started():
        options = cognito.start_web_authn_registration(AccessToken=token)
        return authenticator.register(options["CredentialCreationOptions"])

    def complete(access_token, credential):
        cognito.complete_web_authn_registration(AccessToken=access_token, Credential=credential)

    with refused(*NOT_FOUND):
        complete(bobs, started())
    with refused(
        "WebAuthnClientMismatchException",
        "The access token is of another client than the passkey request.",
    ):
        complete(others, started())
    credential = started()
    clock.advance(timedelta(minutes=3))
    with refused(*NOT_FOUND):
        complete(token, credential)
    earlier, later = started(), started()
    with refused(*NOT_FOUND):
        complete(token, earlier)  # the last one begun counts, and that was its only try
    with refused(*NOT_FOUND):
        complete(token, later)
    complete(token, started())


def test_the_pools_policy_of_verification_is_kept(cognito, ada, register, come_in):
    careless = VirtualAuthenticator(origin=ORIGIN, verifies=False)
    register(ada, careless)
    before = come_in(ada, careless)

    passkeys(cognito, ada.pool_id, UserVerification="required")
    with refused(*NOT_SUPPORTED):
        register(ada, VirtualAuthenticator(origin=ORIGIN, verifies=False))
    with refused("NotAuthorizedException", INCORRECT):
        come_in(ada, careless)
    careless.verifies = True

    assert "AuthenticationResult" in before
    assert "AuthenticationResult" in come_in(ada, careless)
    options = cognito.start_web_authn_registration(
        AccessToken=tokens_of(cognito, ada)["AccessToken"]
    )["CredentialCreationOptions"]
    assert options["authenticatorSelection"]["userVerification"] == "required"


def test_a_pool_without_passkeys_registers_none(cognito, a_user):
    bob = a_user(username="bob")
    access_token = tokens_of(cognito, bob)["AccessToken"]
    error = ("WebAuthnNotEnabledException", "Passkeys are not enabled for the user pool.")

    with refused(*error):
        cognito.start_web_authn_registration(AccessToken=access_token)
    with refused(*error):
        cognito.complete_web_authn_registration(AccessToken=access_token, Credential={})


def test_twenty_passkeys_are_enough(cognito, ada, register):
    access_token = tokens_of(cognito, ada)["AccessToken"]
    made = [register(ada, access_token=access_token) for _ in range(PASSKEYS_PER_USER)]
    error = ("LimitExceededException", "The user has the most passkeys allowed.")

    with refused(*error):
        cognito.start_web_authn_registration(AccessToken=access_token)
    cognito.delete_web_authn_credential(AccessToken=access_token, CredentialId=made[0].id)
    waiting = cognito.start_web_authn_registration(AccessToken=access_token)
    assert waiting["CredentialCreationOptions"]["excludeCredentials"] == sorted(
        ({"type": "public-key", "id": one.id} for one in made[1:]), key=lambda one: one["id"]
    )
    register(ada, access_token=access_token)
    with refused(*error):
        register(ada, access_token=access_token)


# --- listing and deleting ------------------------------------------------------------------------


def test_passkeys_are_listed_page_by_page(cognito, ada, register):
    access_token = tokens_of(cognito, ada)["AccessToken"]
    made = {register(ada, access_token=access_token).id for _ in range(5)}

    seen: list[str] = []
    token: dict[str, str] = {}
    pages = 0
    while True:
        page = cognito.list_web_authn_credentials(AccessToken=access_token, MaxResults=2, **token)
        seen += [one["CredentialId"] for one in page["Credentials"]]
        pages += 1
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert (len(seen), set(seen), pages) == (5, made, 3)
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.list_web_authn_credentials(AccessToken=access_token, NextToken="nonsense")


def test_a_deleted_passkey_signs_nobody_in(cognito, ada, register, challenged, a_user):
    authenticator = register(ada)
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    asked, options = challenged(ada)
    with refused("ResourceNotFoundException", "Passkey does not exist."):
        cognito.delete_web_authn_credential(
            AccessToken=tokens_of(cognito, bob)["AccessToken"], CredentialId=authenticator.id
        )

    access_token = tokens_of(cognito, ada)["AccessToken"]
    cognito.delete_web_authn_credential(AccessToken=access_token, CredentialId=authenticator.id)

    with refused("NotAuthorizedException", INCORRECT):
        answer(cognito, ada.client_id, asked, CREDENTIAL=authenticator.sign_in(options))
    assert cognito.list_web_authn_credentials(AccessToken=access_token)["Credentials"] == []
    with refused("ResourceNotFoundException", "Passkey does not exist."):
        cognito.delete_web_authn_credential(AccessToken=access_token, CredentialId=authenticator.id)


def test_only_access_tokens_open_these_operations(cognito, ada):
    for call in (
        lambda: cognito.start_web_authn_registration(AccessToken="a.b.c"),
        lambda: cognito.complete_web_authn_registration(AccessToken="a.b.c", Credential={}),
        lambda: cognito.list_web_authn_credentials(AccessToken="a.b.c"),
        lambda: cognito.delete_web_authn_credential(AccessToken="a.b.c", CredentialId="x"),
    ):
        with refused("NotAuthorizedException", "Invalid Access Token"):
            call()


# --- signing in ----------------------------------------------------------------------------------


def test_the_request_options_say_what_browsers_need(cognito, ada, register, challenged):
    authenticator = register(ada)

    asked, options = challenged(ada)

    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]
    assert set(asked["ChallengeParameters"]) == {"CREDENTIAL_REQUEST_OPTIONS"}
    assert len(base64url.decode(options.pop("challenge"))) == 32
    assert options == {
        "timeout": 180000,
        "rpId": RELYING_PARTY,
        "allowCredentials": [
            {"type": "public-key", "id": authenticator.id, "transports": ["usb", "internal"]}
        ],
        "userVerification": "preferred",
    }


def test_a_passkey_is_chosen_from_the_list_too(cognito, ada, register):
    authenticator = register(ada)
    asked = choose(cognito, ada.client_id)

    asked = answer(cognito, ada.client_id, asked, ANSWER="WEB_AUTHN")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    signed_in = answer(cognito, ada.client_id, asked, CREDENTIAL=authenticator.sign_in(options))

    assert "AuthenticationResult" in signed_in


def test_without_a_passkey_it_is_not_offered(cognito, ada):
    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="WEB_AUTHN")

    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert "WEB_AUTHN" not in asked["AvailableChallenges"]


def test_passkeys_for_other_pages_are_not_asked_for(cognito, ada, register):
    register(ada)
    passkeys(cognito, ada.pool_id, RelyingPartyId="moved.example")

    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="WEB_AUTHN")

    assert asked["ChallengeName"] == "SELECT_CHALLENGE"


@pytest.mark.parametrize(
    "changes",
    [
        {"challenge": "AAAA"},
        {"origin": "https://evil.example"},
        {"origin": "http://shop.example"},
        {"relying_party": "evil.example"},
        {"type": "webauthn.create"},
        {"signature": b"nonsense"},
        {"signature": b""},
        {"user_handle": b"somebody else"},
        {"count": 0},
    ],
)
def test_a_wrong_signature_is_refused_without_a_word(ada, register, come_in, changes):
    authenticator = register(ada)
    come_in(ada, authenticator)

    with refused("NotAuthorizedException", INCORRECT):
        come_in(ada, authenticator, **changes)

    assert "AuthenticationResult" in come_in(ada, authenticator)


@pytest.mark.parametrize(
    "credential", ["", "nonsense", "[]", "{}", '{"id": 1}', '{"id":"x","response":{}}', "7"]
)
def test_what_is_no_credential_signs_nobody_in(cognito, ada, register, challenged, credential):
    register(ada)
    asked, _ = challenged(ada)
    error = ("NotAuthorizedException", INCORRECT)
    if not credential:
        error = ("InvalidParameterException", "Missing required parameter CREDENTIAL")

    with refused(*error):
        answer(cognito, ada.client_id, asked, CREDENTIAL=credential)


def test_damaged_answers_never_break_the_server(cognito, ada, register, challenged):
    authenticator = register(ada)
    asked, options = challenged(ada)
    good = json.loads(authenticator.sign_in(options))

    for member in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for wrong in (None, 1, "", "%%%", "AAAA", {"a": 1}, good["response"]["signature"]):
            damaged = {**good, "response": {**good["response"], member: wrong}}
            if wrong == good["response"][member] or (member == "userHandle" and not wrong):
                continue
            with refused("NotAuthorizedException", INCORRECT):
                answer(cognito, ada.client_id, asked, CREDENTIAL=json.dumps(damaged))
    signed_in = answer(cognito, ada.client_id, asked, CREDENTIAL=json.dumps(good))

    assert "AuthenticationResult" in signed_in


def test_a_signature_works_once(cognito, ada, register, challenged):
    authenticator = register(ada)
    asked, options = challenged(ada)
    credential = authenticator.sign_in(options)
    answer(cognito, ada.client_id, asked, CREDENTIAL=credential)

    with refused("NotAuthorizedException", USED_SESSION):
        answer(cognito, ada.client_id, asked, CREDENTIAL=credential)
    asked, _ = challenged(ada)
    with refused("NotAuthorizedException", INCORRECT):
        answer(cognito, ada.client_id, asked, CREDENTIAL=credential)


def test_a_counter_that_goes_back_or_stands_is_a_copy(ada, register, come_in):
    authenticator = register(ada)
    come_in(ada, authenticator)
    come_in(ada, authenticator)

    authenticator.sign_count = 0  # the copy signs for the first time: 1
    with refused("NotAuthorizedException", INCORRECT):
        come_in(ada, authenticator)
    authenticator.sign_count = 1  # now 2, as the last that was seen
    with refused("NotAuthorizedException", INCORRECT):
        come_in(ada, authenticator)

    assert "AuthenticationResult" in come_in(ada, authenticator)  # 3


def test_an_authenticator_without_a_counter_is_fine(ada, register, come_in):
    authenticator = register(ada, VirtualAuthenticator(origin=ORIGIN, counts=False))

    come_in(ada, authenticator)

    assert "AuthenticationResult" in come_in(ada, authenticator)


def test_of_parallel_signatures_with_one_count_exactly_one_wins(
    cognito, app, loop_thread, ada, register, challenged
):
    authenticator = register(ada)
    answers = []
    for _ in range(4):
        asked, options = challenged(ada)
        credential = authenticator.sign_in(options, count=7)
        answers.append((asked, {"USERNAME": "ada", "CREDENTIAL": credential}))

    outcomes = at_once(app, loop_thread, ada.client_id, answers)

    assert successes_of(outcomes) == 1
    assert texts_of(outcomes) == [INCORRECT] * 3


def test_a_session_of_a_passkey_is_of_one_user_client_and_time(
    cognito, ada, register, challenged, a_client, a_user, clock
):
    authenticator = register(ada)
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    bobs = register(bob)
    other = a_client(ada.pool_id, ExplicitAuthFlows=EVERY_FLOW)["ClientId"]
    asked, options = challenged(ada)

    with refused("NotAuthorizedException", INCORRECT):
        answer(cognito, ada.client_id, asked, CREDENTIAL=bobs.sign_in(options))
    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, ada.client_id, asked, USERNAME="bob", CREDENTIAL=bobs.sign_in(options))
    with refused("NotAuthorizedException", INVALID_SESSION):
        answer(cognito, other, asked, CREDENTIAL=authenticator.sign_in(options))
    clock.advance(timedelta(minutes=3))
    with refused("NotAuthorizedException", EXPIRED_SESSION):
        answer(cognito, ada.client_id, asked, CREDENTIAL=authenticator.sign_in(options))


def test_whoever_knows_only_the_name_locks_no_passkey_out(cognito, ada, register, come_in):
    authenticator = register(ada)
    for _ in range(FREE_FAILURES):
        with refused("NotAuthorizedException", INCORRECT):
            sign_in(cognito, ada.client_id, "ada", "Wrong-horse1!")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        password_of(cognito, ada)

    assert "AuthenticationResult" in come_in(ada, authenticator)


def test_users_who_may_not_sign_in_do_not_by_passkey(cognito, ada, register, challenged):
    authenticator = register(ada)
    asked, options = challenged(ada)
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    with refused("NotAuthorizedException", "User is disabled."):
        answer(cognito, ada.client_id, asked, CREDENTIAL=authenticator.sign_in(options))


# --- passkeys and second factors -----------------------------------------------------------------


def test_one_factor_is_not_enough_where_two_are_due(cognito, ada, register):
    register(ada)
    passkeys(cognito, ada.pool_id, mode="OPTIONAL", factors=["SMS"])
    prefer(cognito, ada, SMS={"Enabled": True})
    optional = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="WEB_AUTHN")

    assert optional["ChallengeName"] == "SELECT_CHALLENGE"
    assert optional["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]


@pytest.mark.parametrize("preference", [None, "SMS"])
def test_a_required_second_factor_is_not_passed_by(cognito, ada, register, a_client, preference):
    register(ada)
    cognito.update_user_pool(
        UserPoolId=ada.pool_id,
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
        EmailConfiguration=OWN_EMAIL,
        SmsConfiguration=SMS,
    )
    passkeys(cognito, ada.pool_id, mode="ON", factors=["SMS"])
    if preference:
        prefer(cognito, ada, SMS={"Enabled": True})

    required = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="WEB_AUTHN")

    assert required["ChallengeName"] == "SELECT_CHALLENGE"
    assert required["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]


def test_a_passkey_may_stand_for_both_factors(cognito, ada, register, come_in):
    authenticator = register(ada)
    passkeys(cognito, ada.pool_id, mode="OPTIONAL", factors=["SMS"], FactorConfiguration=BOTH)
    prefer(cognito, ada, SMS={"Enabled": True})

    signed_in = come_in(ada, authenticator)
    authenticator.verifies = False
    with refused("NotAuthorizedException", INCORRECT):
        come_in(ada, authenticator)

    assert assurance_of(signed_in) == ("urn:cognito:loa:3", ["hwk"])
    assert password_of(cognito, ada)["ChallengeName"] == "SMS_MFA"


def test_a_user_may_switch_that_off_and_on(cognito, ada, register, come_in):
    authenticator = register(ada)
    access_token = tokens_of(cognito, ada)["AccessToken"]
    passkeys(cognito, ada.pool_id, mode="OPTIONAL", factors=["SMS"], FactorConfiguration=BOTH)
    prefer(cognito, ada, SMS={"Enabled": True})

    cognito.set_user_mfa_preference(
        AccessToken=access_token, WebAuthnMfaSettings={"Enabled": False}
    )
    switched_off = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="WEB_AUTHN")
    prefer(cognito, ada, WebAuthn={"Enabled": True})
    switched_on = come_in(ada, authenticator)

    assert switched_off["ChallengeName"] == "SELECT_CHALLENGE"
    assert "AuthenticationResult" in switched_on
    stored = cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
    assert stored["UserMFASettingList"] == ["SMS_MFA"]


def test_switching_it_on_needs_the_pools_leave_and_another_method(cognito, ada):
    passkeys(cognito, ada.pool_id, mode="OPTIONAL", factors=["SMS"])
    with refused(
        "InvalidParameterException",
        f"Passkey MFA requires the FactorConfiguration {BOTH} in the user pool.",
    ):
        prefer(cognito, ada, WebAuthn={"Enabled": True})

    passkeys(cognito, ada.pool_id, mode="OPTIONAL", factors=["SMS"], FactorConfiguration=BOTH)
    with refused(
        "InvalidParameterException", "Passkey MFA requires another MFA method of the user."
    ):
        prefer(cognito, ada, WebAuthn={"Enabled": True})
    prefer(cognito, ada, WebAuthn={"Enabled": True}, SMS={"Enabled": True})


def test_a_password_is_stepped_up_by_a_passkey(cognito, ada, register):
    authenticator = register(ada)
    before = password_of(cognito, ada)["AuthenticationResult"]["AccessToken"]

    asked = choose(
        cognito,
        ada.client_id,
        TARGET_ACR_VALUES="urn:cognito:loa:3",
        ACCESS_TOKEN=before,
    )
    listed = asked["AvailableChallenges"]
    asked = answer(cognito, ada.client_id, asked, ANSWER="WEB_AUTHN")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    after = answer(cognito, ada.client_id, asked, CREDENTIAL=authenticator.sign_in(options))

    assert set(listed) == {"EMAIL_OTP", "WEB_AUTHN"}
    assert assurance_of(after) == ("urn:cognito:loa:3", ["pwd", "hwk", "mfa"])


# --- the relying party ---------------------------------------------------------------------------


def test_without_a_setting_the_servers_own_host_is_the_relying_party(
    cognito, a_pool, a_client, a_user
):
    pool_id = a_pool(
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    )
    bob = a_user(username="bob", pool_id=pool_id)

    options = cognito.start_web_authn_registration(
        AccessToken=tokens_of(cognito, bob)["AccessToken"]
    )

    assert options["CredentialCreationOptions"]["rp"]["id"] == "cognate.test"
