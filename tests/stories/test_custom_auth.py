"""CUSTOM_AUTH before the functions runtime is there: refused, each time with its reason."""

import pytest

from tests.stories.refusals import refused

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
TRIGGERS = {
    "DefineAuthChallenge": ARN + "define",
    "CreateAuthChallenge": ARN + "create",
    "VerifyAuthChallengeResponse": ARN + "verify",
}
CUSTOM = {"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}


@pytest.fixture
def begin(cognito):
    def custom_auth(client):
        return cognito.initiate_auth(
            ClientId=client["ClientId"], AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": "ada"}
        )

    return custom_auth


def test_the_client_must_allow_custom_auth(a_pool, a_client, begin):
    client = a_client(a_pool(LambdaConfig=TRIGGERS))

    with refused("InvalidParameterException", "CUSTOM_AUTH is not enabled for the client."):
        begin(client)


@pytest.mark.parametrize("missing", ["none configured", *TRIGGERS])
def test_the_pool_must_have_its_three_triggers(a_pool, a_client, begin, missing):
    config = {name: arn for name, arn in TRIGGERS.items() if name != missing}
    pool = a_pool(LambdaConfig={} if missing == "none configured" else config)

    with refused(
        "InvalidParameterException",
        "Custom auth lambda trigger is not configured for the user pool.",
    ):
        begin(a_client(pool, **CUSTOM))


def test_a_function_that_does_not_run_here_is_told_so(a_pool, a_client, begin):
    client = a_client(a_pool(LambdaConfig=TRIGGERS), **CUSTOM)

    with refused(
        "UnexpectedLambdaException",
        "DefineAuthChallenge invocation failed due to error ResourceNotFoundException.",
    ):
        begin(client)
