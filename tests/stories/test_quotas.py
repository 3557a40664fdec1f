"""Request rates as the service refuses them, where they are simulated, and what answers tell."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from cognate.app import build
from cognate.domain.provisioned_limits import FREE_RATES
from cognate.domain.quotas import CATEGORY_OF, MEMBERS, RATES, Bucket
from cognate.errors import TooManyRequestsException
from cognate.protocol import jose
from cognate.system import ArithmeticPool
from cognate.web.quotas import RequestQuotas
from cognate.wire.cognito_idp import SERVICE, AdminGetUserRequest
from tests.inprocess import TestEntropy
from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused
from tests.stories.steps import another, named, sign_in, tokens_of

EXCEEDED = ("TooManyRequestsException", "Rate exceeded")
SECOND = timedelta(seconds=1)


@pytest.fixture
def settings(settings):
    return replace(settings, simulate_quotas=True)


@pytest.fixture
def pause(clock):
    """`pause()`: long enough for every rate to be whole again."""

    def wait(by=SECOND):
        return clock.advance(by)

    return wait


@pytest.fixture
def a_pool(a_pool, pause):
    """Building a story does not count."""

    def create(**arguments):
        pause()
        pool_id = a_pool(**arguments)
        pause()
        return pool_id

    return create


@pytest.fixture
def a_user(a_user, pause):
    def create(**arguments):
        pause()
        user = a_user(**arguments)
        pause()
        return user

    return create


def until_refused(call, *, most=1000):
    """How many calls are answered before the first one that is refused for its rate."""
    for answered in range(most):
        try:
            call()
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] == "TooManyRequestsException":
                return answered
    raise AssertionError("never refused")


def headers_of(answer):
    return answer["ResponseMetadata"]["HTTPHeaders"]


# --- categories ----------------------------------------------------------------------------------


def test_every_operation_has_one_category_and_every_category_a_rate():
    assert set(CATEGORY_OF) == set(SERVICE.operations)
    assert sum(len(operations) for operations in MEMBERS.values()) == len(SERVICE.operations) == 141
    assert set(MEMBERS) == set(RATES)
    assert set(FREE_RATES) < set(RATES)


def test_a_category_has_its_rate_for_all_its_operations_together(cognito, a_pool, pause):
    pool_id = a_pool()

    for _ in range(10):
        cognito.describe_user_pool(UserPoolId=pool_id)
    for _ in range(5):
        cognito.list_user_pools(MaxResults=10)

    with refused(*EXCEEDED):
        cognito.describe_user_pool(UserPoolId=pool_id)
    with refused(*EXCEEDED):
        cognito.list_user_pools(MaxResults=10)
    pause()
    cognito.describe_user_pool(UserPoolId=pool_id)


def test_other_categories_go_on_meanwhile(cognito, a_pool):
    pool_id = a_pool()
    until_refused(lambda: cognito.describe_user_pool(UserPoolId=pool_id))

    assert cognito.list_groups(UserPoolId=pool_id)["Groups"] == []


def test_a_rate_comes_back_bit_by_bit(cognito, a_pool, pause):
    pool_id = a_pool()
    until_refused(lambda: cognito.describe_user_pool(UserPoolId=pool_id))

    pause(timedelta(milliseconds=200))  # a fifth of fifteen

    assert until_refused(lambda: cognito.describe_user_pool(UserPoolId=pool_id)) == 3
    pause(timedelta(hours=1))
    assert until_refused(lambda: cognito.describe_user_pool(UserPoolId=pool_id)) == 15


def test_a_refused_call_does_nothing_and_costs_nothing(cognito, a_pool, pause):
    pool_id = a_pool()
    assert until_refused(lambda: cognito.create_user_pool(PoolName="another")) == 15
    pause()

    assert len(cognito.list_user_pools(MaxResults=60)["UserPools"]) == 16
    until_refused(lambda: cognito.describe_user_pool(UserPoolId=pool_id))
    for _ in range(20):
        with refused(*EXCEEDED):
            cognito.describe_user_pool(UserPoolId=pool_id)
    pause(timedelta(milliseconds=100))
    cognito.describe_user_pool(UserPoolId=pool_id)


def test_every_region_has_rates_of_its_own(cognito, sdk):
    until_refused(lambda: cognito.list_user_pools(MaxResults=10))

    elsewhere = sdk("cognito-idp", region="eu-west-1")

    assert elsewhere.list_user_pools(MaxResults=10)["UserPools"] == []


def test_tags_have_a_small_rate(cognito, a_pool):
    pool_id = a_pool()
    arn = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool_id}"

    assert until_refused(lambda: cognito.list_tags_for_resource(ResourceArn=arn)) == 5


def test_a_rate_that_was_granted_counts_at_once(cognito, a_pool):
    pool_id = a_pool()
    limit = {"LimitClass": "API_CATEGORY", "Attributes": {"Category": "UserPoolRead"}}
    until_refused(lambda: cognito.describe_user_pool(UserPoolId=pool_id))

    cognito.update_provisioned_limit(LimitDefinition=limit, RequestedLimitValue=40)

    assert until_refused(lambda: cognito.describe_user_pool(UserPoolId=pool_id)) == 25
    with refused(*EXCEEDED):
        cognito.get_provisioned_limit(LimitDefinition=limit)  # one a second


def test_answers_to_challenges_have_three_times_the_rate_of_sign_ins(cognito, a_pool, a_client):
    client = a_client(a_pool())

    def answer(name):
        cognito.respond_to_auth_challenge(
            ClientId=client["ClientId"],
            ChallengeName=name,
            Session="x" * 20,
            ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": PASSWORD},
        )

    assert until_refused(lambda: sign_in(cognito, client["ClientId"], "nobody", "no")) == 120
    assert until_refused(lambda: answer("SOFTWARE_TOKEN_MFA")) == 360
    assert until_refused(lambda: answer("NEW_PASSWORD_REQUIRED")) == 30
    with refused(*EXCEEDED):
        cognito.change_password(
            PreviousPassword=PASSWORD, ProposedPassword=PASSWORD, AccessToken="no-token"
        )


# --- one user ------------------------------------------------------------------------------------


def test_one_user_is_read_ten_times_a_second_by_whoever_asks(cognito, a_user, pause):
    ada = a_user()
    grace = a_user(username="grace", pool_id=ada.pool_id, client_id=ada.client_id)
    token = tokens_of(cognito, ada)["AccessToken"]

    for _ in range(5):
        cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")
        cognito.get_user(AccessToken=token)

    with refused(*EXCEEDED):
        cognito.get_user(AccessToken=token)
    with refused(*EXCEEDED):
        cognito.admin_list_groups_for_user(UserPoolId=ada.pool_id, Username="ada")
    cognito.admin_get_user(UserPoolId=ada.pool_id, Username=grace.username)
    cognito.update_user_attributes(AccessToken=token, UserAttributes=named(given_name="Ada"))
    pause()
    cognito.get_user(AccessToken=token)


def test_one_user_is_written_ten_times_a_second(cognito, a_user):
    ada = a_user()

    def write():
        cognito.admin_update_user_attributes(
            UserPoolId=ada.pool_id, Username="ada", UserAttributes=named(given_name="Ada")
        )

    assert until_refused(write) == 10
    cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada")


def test_a_user_is_the_same_under_every_name(cognito, a_pool, a_user):
    pool_id = a_pool(AliasAttributes=["email"])
    address = {"email": "ada@example.com", "email_verified": "true"}
    a_user(pool_id=pool_id, attributes=address)
    for _ in range(10):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ada")

    with refused(*EXCEEDED):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ada@example.com")


def test_a_rate_tells_nobody_who_exists(cognito, a_user, a_client):
    ada = a_user()
    hiding = a_client(ada.pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]

    def confirm(name):
        cognito.confirm_sign_up(ClientId=hiding, Username=name, ConfirmationCode="000000")

    assert until_refused(lambda: confirm("ada")) == until_refused(lambda: confirm("nobody")) == 10


def test_nobody_can_use_up_a_users_rate_with_a_token_he_made_himself(cognito, a_user):
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    head, claims, signature = token.split(".")
    forged = f"{head}.{claims}.{another(signature)}"
    assert jose.unverified_claims(forged) == jose.unverified_claims(token)

    for _ in range(20):
        with refused("NotAuthorizedException", "Invalid Access Token"):
            cognito.get_user(AccessToken=forged)

    cognito.get_user(AccessToken=token)


# --- what answers tell ---------------------------------------------------------------------------


def test_an_answer_tells_how_many_more_may_come(cognito, a_pool):
    pool_id = a_pool()

    first = headers_of(cognito.describe_user_pool(UserPoolId=pool_id))
    second = headers_of(cognito.describe_user_pool(UserPoolId=pool_id))

    assert first["ratelimit-policy"] == '"UserPoolRead";q=15;w=1'
    assert first["ratelimit"] == '"UserPoolRead";r=14;t=1'
    assert second["ratelimit"] == '"UserPoolRead";r=13;t=1'
    assert "retry-after" not in first


def test_where_two_rates_count_both_are_told(cognito, a_user):
    ada = a_user()

    told = headers_of(cognito.admin_get_user(UserPoolId=ada.pool_id, Username="ada"))

    assert told["ratelimit-policy"] == '"UserRead";q=120;w=1, "UserReads";q=10;w=1'
    assert told["ratelimit"] == '"UserRead";r=119;t=1, "UserReads";r=9;t=1'


def test_a_refusal_tells_when_to_come_again(cognito, a_pool):
    pool_id = a_pool()
    until_refused(lambda: cognito.describe_user_pool(UserPoolId=pool_id))

    with pytest.raises(ClientError) as refusal:
        cognito.describe_user_pool(UserPoolId=pool_id)

    answer = refusal.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert headers_of(answer)["ratelimit-policy"] == '"UserPoolRead";q=15;w=1'
    assert headers_of(answer)["ratelimit"] == '"UserPoolRead";r=0;t=1'
    assert headers_of(answer)["retry-after"] == "1"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"not json", "SerializationException"),
        (b"{}", "InvalidParameterException"),
        (b'{"AccessToken": "no-token"}', "NotAuthorizedException"),
    ],
)
def test_other_refusals_tell_it_too(http, body, error):
    answer = http(
        "POST",
        "/",
        headers={
            "X-Amz-Target": "AWSCognitoIdentityProviderService.GetUser",
            "Content-Type": "application/x-amz-json-1.1",
        },
        body=body,
    )

    assert json.loads(answer.body)["__type"] == error
    assert answer.headers["ratelimit-policy"] == '"UserRead";q=120;w=1'
    assert answer.headers["ratelimit"].startswith('"UserRead";r=1')
    assert "retry-after" not in answer.headers


class TestWithoutSimulation:
    @pytest.fixture
    def settings(self, settings):
        return replace(settings, simulate_quotas=False)

    def test_no_rate_is_refused_or_told(self, cognito, a_pool):
        pool_id = a_pool()

        answers = [cognito.describe_user_pool(UserPoolId=pool_id) for _ in range(100)]

        for one in answers:
            assert not {"ratelimit", "ratelimit-policy"} & headers_of(one).keys()

    def test_a_full_queue_of_password_hashes_tells_so(
        self, settings, current, loop_thread, cognito, a_user, clock
    ):
        ada = a_user()
        before = current.app
        full = loop_thread.run(
            build(settings, clock=clock, entropy=TestEntropy(), work=FullQueue())
        )
        current.app = full
        try:
            with pytest.raises(ClientError) as refusal:
                sign_in(cognito, ada.client_id, "ada", PASSWORD)
        finally:
            current.app = before
            loop_thread.run(full.close())

        answer = refusal.value.response
        assert (answer["Error"]["Code"], answer["Error"]["Message"]) == EXCEEDED
        assert headers_of(answer)["retry-after"] == "1"
        assert headers_of(answer)["ratelimit"] == '"arithmetic";r=0;t=1'
        assert headers_of(answer)["ratelimit-policy"] == '"arithmetic";q=1;qu="concurrent-requests"'


class FullQueue:
    """The server's own pool, with every place taken."""

    def __init__(self):
        self._pool = ArithmeticPool(1, queued=0)
        self._pool._running = 1  # as if one were under way for ever

    async def run(self, work):
        return await self._pool.run(work)


# --- what is remembered --------------------------------------------------------------------------


def test_what_nobody_uses_is_forgotten_and_a_flood_of_names_is_bounded(
    app, loop_thread, a_pool, clock
):
    pool_id = a_pool()
    quotas = RequestQuotas(app.call, remembered=50)

    async def read(names):
        refusals = 0
        for name in names:
            request = AdminGetUserRequest(user_pool_id=pool_id, username=name)
            try:
                await quotas.admit(app.call(), "AdminGetUser", request)
            except TooManyRequestsException:
                refusals += 1
        return refusals

    flood = [f"user{number}" for number in range(130)]
    assert loop_thread.run(read(flood)) == 10
    assert len(quotas) == 50

    clock.advance(SECOND)
    assert loop_thread.run(read(["ada"])) == 0
    assert len(quotas) == 2  # hers and the category's


def test_a_clock_that_is_set_back_neither_gives_nor_takes():
    bucket = Bucket.full(15, now=100.0).without_one()

    assert bucket.refilled(15, now=40.0).tokens == 14
    assert bucket.refilled(15, now=40.0).refilled(15, now=41.0).tokens == 15


def test_a_rate_that_is_lowered_takes_effect_at_once():
    assert Bucket.full(40, now=100.0).refilled(15, now=100.0).tokens == 15
