"""boto3 over a socket: passkeys, and what administrators and users see of sign-ins."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.conftest import ALL_FLOWS, PASSWORD
from tests.stories.virtual_authenticator import VirtualAuthenticator

ORIGIN = "https://shop.example"
CHOICE = {"ExplicitAuthFlows": [*ALL_FLOWS, "ALLOW_USER_AUTH"]}
FACTORS = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def sign_in(cognito: Any, pool: Any, password: str = PASSWORD) -> dict[str, Any]:
    tokens: dict[str, Any] = cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": password},
    )["AuthenticationResult"]
    return tokens


def test_a_passkey_is_registered_signed_in_with_and_deleted(cognito, a_pool, a_user):
    pool = a_pool(client=CHOICE, Policies=FACTORS)
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool.pool_id,
        MfaConfiguration="OFF",
        WebAuthnConfiguration={"RelyingPartyId": "shop.example"},
    )
    a_user(pool, "ada")
    token = sign_in(cognito, pool)["AccessToken"]
    passkey = VirtualAuthenticator(origin=ORIGIN)
    begin = {
        "ClientId": pool.client_id,
        "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": "ada", "PREFERRED_CHALLENGE": "WEB_AUTHN"},
    }

    options = cognito.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    with pytest.raises(ClientError) as elsewhere:
        cognito.complete_web_authn_registration(
            AccessToken=token, Credential=passkey.register(options, origin="https://evil.example")
        )
    options = cognito.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    cognito.complete_web_authn_registration(AccessToken=token, Credential=passkey.register(options))

    assert refusal(elsewhere) == (
        "WebAuthnOriginNotAllowedException",
        "The passkey's origin is not allowed.",
    )
    (listed,) = cognito.list_web_authn_credentials(AccessToken=token)["Credentials"]
    assert (listed["CredentialId"], listed["RelyingPartyId"]) == (passkey.id, "shop.example")

    def answer(**changes: Any) -> dict[str, Any]:
        asked = cognito.initiate_auth(**begin)
        assert asked["ChallengeName"] == "WEB_AUTHN"
        request = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        signed_in: dict[str, Any] = cognito.respond_to_auth_challenge(
            ClientId=pool.client_id,
            ChallengeName="WEB_AUTHN",
            Session=asked["Session"],
            ChallengeResponses={
                "USERNAME": "ada",
                "CREDENTIAL": passkey.sign_in(request, **changes),
            },
        )
        return signed_in

    assert answer()["AuthenticationResult"]["AccessToken"]
    with pytest.raises(ClientError) as forged:
        answer(signature=b"forged")
    assert refusal(forged) == ("NotAuthorizedException", "Incorrect username or password.")
    cognito.delete_web_authn_credential(AccessToken=token, CredentialId=passkey.id)
    with pytest.raises(ClientError) as deleted:
        cognito.delete_web_authn_credential(AccessToken=token, CredentialId=passkey.id)
    assert refusal(deleted) == ("ResourceNotFoundException", "Passkey does not exist.")
    assert "WEB_AUTHN" not in cognito.initiate_auth(**begin)["AvailableChallenges"]


def test_sessions_are_tracked_listed_and_ended(cognito, a_pool, a_user):
    pool = a_pool()
    a_user(pool, "ada")
    cognito.set_user_pool_session_configuration(
        UserPoolId=pool.pool_id,
        UserSessionTracking="ENABLED",
        TokenSession={"MaxPerUser": 2},
    )
    evicted, here, there = (sign_in(cognito, pool)["AccessToken"] for _ in range(3))

    listed = cognito.list_user_sessions(AccessToken=here)["Sessions"]

    assert [session["SessionType"] for session in listed] == ["TOKEN", "TOKEN"]
    (current,) = [session for session in listed if session["IsCurrentSession"]]
    (other,) = [session for session in listed if not session["IsCurrentSession"]]
    with pytest.raises(ClientError) as ended:
        cognito.get_user(AccessToken=evicted)
    assert refusal(ended) == ("NotAuthorizedException", "Access Token has been revoked")
    with pytest.raises(ClientError) as own:
        cognito.revoke_user_session(AccessToken=here, SessionId=current["SessionId"])
    assert refusal(own) == (
        "InvalidParameterException",
        "The current session cannot be revoked.",
    )
    cognito.revoke_user_session(AccessToken=here, SessionId=other["SessionId"])
    with pytest.raises(ClientError) as revoked:
        cognito.get_user(AccessToken=there)
    assert refusal(revoked) == ("NotAuthorizedException", "Access Token has been revoked")
    with pytest.raises(ClientError) as unknown:
        cognito.revoke_user_session(AccessToken=here, SessionId=other["SessionId"])
    assert refusal(unknown) == ("ResourceNotFoundException", "Session does not exist.")


def test_sign_ins_are_events_with_a_risk_and_administrators_judge_them(cognito, a_pool, a_user):
    pool = a_pool(UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})
    unguarded = a_pool()
    named = {"UserPoolId": pool.pool_id, "Username": "ada"}
    a_user(pool, "ada")
    a_user(unguarded, "ada")
    with pytest.raises(ClientError):
        sign_in(cognito, pool, "Wrong-horse1!")
    sign_in(cognito, pool)

    events = cognito.admin_list_user_auth_events(**named)["AuthEvents"]

    sign_ins = [event for event in events if event["EventType"] == "SignIn"]
    assert [event["EventResponse"] for event in sign_ins] == ["Pass", "Fail"]
    event_id = sign_ins[0]["EventId"]
    cognito.admin_update_auth_event_feedback(**named, EventId=event_id, FeedbackValue="Valid")
    judged = cognito.admin_list_user_auth_events(**named)["AuthEvents"]
    (feedback,) = [e["EventFeedback"] for e in judged if e["EventId"] == event_id]
    assert (feedback["FeedbackValue"], feedback["Provider"]) == ("Valid", "Admin")
    with pytest.raises(ClientError) as off:
        cognito.admin_list_user_auth_events(UserPoolId=unguarded.pool_id, Username="ada")
    assert refusal(off) == (
        "UserPoolAddOnNotEnabledException",
        "User pool add-on is not enabled.",
    )
