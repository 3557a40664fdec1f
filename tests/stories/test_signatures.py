"""Who may call: signed operations in production and in development."""

import hmac
import json
from datetime import timedelta
from hashlib import sha256
from urllib.parse import quote

import pytest

from cognate.config import Settings
from cognate.protocol import sigv4
from cognate.system import SystemClock
from tests.inprocess import ENDPOINT
from tests.stories.access_keys import Key, a_key, cognate, policy_of, signing_as, statement
from tests.stories.refusals import refused

__all__ = ["a_key", "signing_as"]  # fixtures

HOST = ENDPOINT.removeprefix("http://")
LIST_POOLS = "AWSCognitoIdentityProviderService.ListUserPools"
BODY = b'{"MaxResults": 10}'
WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. "
    "Consult the service documentation for details."
)
UNKNOWN_KEY = "The security token included in the request is invalid."
A_STRANGER = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


@pytest.fixture(params=["production"])
def settings(request, tmp_path, database_url):
    return Settings(
        data=tmp_path,
        database=database_url,
        public_url=ENDPOINT,
        mode=request.param,
        insecure_fast_passwords=True,  # only a command line refuses it
    )


in_development = pytest.mark.parametrize("settings", ["development"], indirect=True)
in_both_modes = pytest.mark.parametrize("settings", ["production", "development"], indirect=True)


@pytest.fixture
def signed(http):
    """`signed(key, age=…, scope service, headers, …)` → the answer to ListUserPools, signed so."""

    def ask(
        key, *, age=timedelta(0), service="cognito-idp", region="us-east-1", sent=BODY, token=None
    ):
        request = sigv4.sign(
            sigv4.SignedRequest(
                method="POST",
                path="/",
                query="",
                headers=(
                    ("Host", HOST),
                    ("X-Amz-Target", LIST_POOLS),
                    ("Content-Type", "application/x-amz-json-1.1"),
                ),
                body=BODY,
            ),
            sigv4.Credentials(access_key_id=key.key_id, secret=key.secret, session_token=token),
            SystemClock.real_now() - age,
            region=region,
            service=service,
        )
        return http("POST", "/", headers=dict(request.headers), body=sent)

    return ask


def error_of(answer):
    body = json.loads(answer.body)
    assert answer.status == 400
    assert answer.headers["x-amzn-errortype"] == body["__type"] + ":"
    return body["__type"], body["message"]


# --- who signed ----------------------------------------------------------------------------------


@in_both_modes
def test_a_call_signed_with_one_of_our_keys_is_answered(signed, a_key):
    answer = signed(a_key())

    assert answer.status == 200
    assert json.loads(answer.body) == {"UserPools": []}


@in_both_modes
def test_a_wrong_secret_is_refused(signing_as, a_key):
    key = a_key()
    forger = signing_as(Key(key.key_id, key.secret[:-1] + "#"))

    with refused("InvalidSignatureException", WRONG_SIGNATURE):
        forger.list_user_pools(MaxResults=10)


@in_both_modes
def test_a_revoked_key_is_refused_from_the_next_call_on(settings, signing_as, a_key):
    key = a_key()
    caller = signing_as(key)
    caller.list_user_pools(MaxResults=10)

    status, _ = cognate(settings, "keys", "revoke", key.key_id)

    assert status == 0
    with refused("UnrecognizedClientException", UNKNOWN_KEY):
        caller.list_user_pools(MaxResults=10)


def test_production_knows_no_strangers(signing_as, a_key):
    a_key()

    with refused("UnrecognizedClientException", UNKNOWN_KEY):
        signing_as(A_STRANGER).list_user_pools(MaxResults=10)


@in_development
def test_development_takes_any_key(signing_as):
    pools = signing_as(A_STRANGER).list_user_pools(MaxResults=10)["UserPools"]

    assert pools == []


@in_both_modes
def test_an_unsigned_call_of_a_signed_operation_is_refused(app, http):
    answer = http("POST", "/", headers={"Host": HOST, "X-Amz-Target": LIST_POOLS}, body=BODY)

    assert error_of(answer) == (
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )


@in_both_modes
@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("Bearer abc", "is not a valid key=value pair (missing equal-sign)"),
        (
            "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/cognito-idp/aws4_request",
            "requires",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=AKIA/us-east-1, SignedHeaders=host, Signature=00",
            "Credential",
        ),
    ],
)
def test_half_a_signature_is_refused(http, header, text):
    answer = http(
        "POST",
        "/",
        headers={
            "Host": HOST,
            "X-Amz-Date": "20260101T000000Z",
            "X-Amz-Target": LIST_POOLS,
            "Authorization": header,
        },
        body=BODY,
    )

    name, message = error_of(answer)
    assert name == "IncompleteSignatureException"
    assert text in message
    assert "abc" not in message  # it may be a bearer token


@in_both_modes
def test_a_changed_body_is_refused(signed, a_key):
    answer = signed(a_key(), sent=b'{"MaxResults": 11}')

    assert error_of(answer) == ("InvalidSignatureException", WRONG_SIGNATURE)


def test_a_signature_is_good_for_five_minutes_by_the_real_clock(signed, a_key, clock):
    key = a_key()
    clock.advance(timedelta(days=400))  # the server's own clock does not count

    recent = signed(key, age=timedelta(minutes=4))
    old = signed(key, age=timedelta(minutes=6))
    early = signed(key, age=timedelta(minutes=-6))

    assert recent.status == 200
    name, message = error_of(old)
    assert name == "InvalidSignatureException"
    assert message.startswith("Signature expired: ")
    name, message = error_of(early)
    assert name == "InvalidSignatureException"
    assert message.startswith("Signature not yet current: ")


def test_a_signature_for_another_service_is_refused(signed, a_key):
    answer = signed(a_key(), service="sts")

    assert error_of(answer) == (
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'cognito-idp'.",
    )


@in_both_modes
def test_a_region_that_is_none_is_refused(signed, a_key):
    answer = signed(a_key(), region="us_east_1")

    assert error_of(answer) == (
        "InvalidSignatureException",
        "Credential should be scoped to a valid region, not 'us_east_1'.",
    )


@in_both_modes
def test_a_session_token_beside_one_of_our_keys_is_refused(signed, a_key):
    answer = signed(a_key(), token="somebody's")

    assert error_of(answer) == ("UnrecognizedClientException", UNKNOWN_KEY)


@in_both_modes
def test_a_pool_is_made_in_the_region_that_the_call_was_signed_for(signing_as, a_key):
    pool = signing_as(a_key(), region="eu-central-1").create_user_pool(PoolName="a pool")[
        "UserPool"
    ]

    assert pool["Id"].startswith("eu-central-1_")
    assert pool["Arn"] == f"arn:aws:cognito-idp:eu-central-1:000000000000:userpool/{pool['Id']}"


def test_public_operations_ignore_the_authorization(http):
    answer = http(
        "POST",
        "/",
        headers={
            "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
            "Authorization": "Bearer nonsense",
        },
        body=b'{"ClientId": "nobodys", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {}}',
    )

    assert error_of(answer)[0] == "ResourceNotFoundException"


@in_both_modes
def test_an_unknown_operation_is_told_before_anybody_is_asked_who_they_are(http):
    answer = http(
        "POST", "/", headers={"X-Amz-Target": "AWSCognitoIdentityProviderService.Dance"}, body=b"{}"
    )

    assert error_of(answer)[0] == "UnknownOperationException"


# --- signed in the query -------------------------------------------------------------------------


def presigned_query(key, *, body=BODY, age=timedelta(0), lifetime=60):
    signed_at = SystemClock.real_now() - age
    stamp = signed_at.strftime(sigv4.TIME_FORMAT)
    scope = sigv4.Scope(stamp[:8], "us-east-1", "cognito-idp")
    query = "&".join(
        f"{name}={quote(value, safe='')}"
        for name, value in (
            ("X-Amz-Algorithm", sigv4.ALGORITHM),
            ("X-Amz-Credential", f"{key.key_id}/{scope}"),
            ("X-Amz-Date", stamp),
            ("X-Amz-Expires", str(lifetime)),
            ("X-Amz-SignedHeaders", "host;x-amz-target"),
        )
    )
    request = sigv4.SignedRequest(
        method="POST",
        path="/",
        query=query,
        headers=(("host", HOST), ("x-amz-target", LIST_POOLS)),
        body=body,
    )
    canonical = sigv4.canonical_request(request, ("host", "x-amz-target"), sha256(body).hexdigest())
    to_sign = f"{sigv4.ALGORITHM}\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(sigv4.signing_key(key.secret, scope), to_sign.encode(), "sha256").hex()
    return f"/?{query}&X-Amz-Signature={signature}"


def test_a_call_may_be_signed_in_its_query(http, a_key):
    target = presigned_query(a_key())

    answer = http("POST", target, headers={"Host": HOST, "X-Amz-Target": LIST_POOLS}, body=BODY)

    assert answer.status == 200


def test_a_query_signature_ends_when_it_says(http, a_key):
    target = presigned_query(a_key(), age=timedelta(seconds=61))

    answer = http("POST", target, headers={"Host": HOST, "X-Amz-Target": LIST_POOLS}, body=BODY)

    assert error_of(answer) == ("InvalidSignatureException", "Request has expired")


# --- what a policy allows ------------------------------------------------------------------------


def denied(operation, resource, reason=None, *, user="ada"):
    action = f"cognito-idp:{operation}"
    reason = reason or f"because no identity-based policy allows the {action} action"
    return refused(
        "AccessDeniedException",
        f"User: arn:aws:iam::000000000000:user/{user} is not authorized to perform: {action}"
        f" on resource: {resource} {reason}",
    )


EXPLICITLY = "with an explicit deny in an identity-based policy"


@in_both_modes
def test_a_reader_may_read_and_no_more(signing_as, a_key):
    pool = signing_as(a_key()).create_user_pool(PoolName="a pool")["UserPool"]
    reader = signing_as(a_key(user="grace", policy="readonly"))

    described = reader.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]

    assert described["Name"] == "a pool"
    with denied("DeleteUserPool", pool["Arn"], user="grace"):
        reader.delete_user_pool(UserPoolId=pool["Id"])
    with denied("CreateUserPool", "*", user="grace"):
        reader.create_user_pool(PoolName="another")


def test_a_policy_may_speak_of_one_pool(signing_as, a_key):
    admin = signing_as(a_key())
    own = admin.create_user_pool(PoolName="own")["UserPool"]
    other = admin.create_user_pool(PoolName="other")["UserPool"]
    key = a_key(policy=policy_of(statement("Allow", "cognito-idp:*", own["Arn"])))
    keeper = signing_as(key)

    keeper.describe_user_pool(UserPoolId=own["Id"])
    keeper.tag_resource(ResourceArn=own["Arn"], Tags={"kept": "yes"})

    with denied("DescribeUserPool", other["Arn"]):
        keeper.describe_user_pool(UserPoolId=other["Id"])
    with denied("TagResource", other["Arn"]):
        keeper.tag_resource(ResourceArn=other["Arn"], Tags={"kept": "no"})
    with denied("ListUserPools", "*"):
        keeper.list_user_pools(MaxResults=10)


def test_a_denial_outweighs_and_cannot_be_evaded_by_signing_for_another_region(signing_as, a_key):
    pool = signing_as(a_key()).create_user_pool(PoolName="a pool")["UserPool"]
    key = a_key(
        policy=policy_of(
            statement("Allow", "cognito-idp:*"),
            statement("Deny", "cognito-idp:Delete*", pool["Arn"]),
        )
    )

    for region in ("us-east-1", "eu-west-1"):
        with denied("DeleteUserPool", pool["Arn"], EXPLICITLY):
            signing_as(key, region=region).delete_user_pool(UserPoolId=pool["Id"])


def test_a_policy_may_set_conditions(signing_as, a_key):
    here = a_key(
        policy=policy_of(
            statement(
                "Allow",
                "cognito-idp:ListUserPools",
                Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
            )
        )
    )
    elsewhere = a_key(
        policy=policy_of(
            statement(
                "Allow",
                "cognito-idp:ListUserPools",
                Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
            )
        )
    )

    signing_as(here).list_user_pools(MaxResults=10)

    with denied("ListUserPools", "*"):
        signing_as(elsewhere).list_user_pools(MaxResults=10)


def test_a_denied_caller_does_not_learn_which_pools_there_are(signing_as, a_key):
    nobody = signing_as(a_key(policy=policy_of(statement("Allow", "cognito-idp:ListUserPools"))))
    missing = "us-east-1_000000000"
    arn = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{missing}"

    with denied("DescribeUserPool", arn):
        nobody.describe_user_pool(UserPoolId=missing)
