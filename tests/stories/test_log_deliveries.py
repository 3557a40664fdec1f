"""Where a pool's logs go."""

import pytest

from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/pool"
BUCKET = "arn:aws:s3:::our-logs"
STREAM = "arn:aws:firehose:us-east-1:123456789012:deliverystream/our-logs"
TO_GROUP = {"CloudWatchLogsConfiguration": {"LogGroupArn": GROUP}}
TO_BUCKET = {"S3Configuration": {"BucketArn": BUCKET}}
TO_STREAM = {"FirehoseConfiguration": {"StreamArn": STREAM}}
NOTIFICATIONS = {"EventSource": "userNotification", "LogLevel": "ERROR", **TO_GROUP}


def events(**destination):
    return {"EventSource": "userAuthEvents", "LogLevel": "INFO", **destination}


@pytest.fixture
def set_logs(cognito):
    def perform(pool, *configurations):
        return cognito.set_log_delivery_configuration(
            UserPoolId=pool, LogConfigurations=list(configurations)
        )["LogDeliveryConfiguration"]

    return perform


@pytest.fixture
def logs(cognito):
    def get(pool):
        answer = cognito.get_log_delivery_configuration(UserPoolId=pool)
        return answer["LogDeliveryConfiguration"]

    return get


def test_a_new_pool_logs_nowhere(a_pool, logs):
    pool = a_pool()

    assert logs(pool) == {"UserPoolId": pool, "LogConfigurations": []}


@pytest.mark.parametrize("destination", [TO_GROUP, TO_BUCKET, TO_STREAM])
def test_both_sources_have_their_destinations(a_pool, set_logs, logs, destination):
    pool = a_pool(UserPoolTier="PLUS")

    made = set_logs(pool, NOTIFICATIONS, events(**destination))

    assert made == {
        "UserPoolId": pool,
        "LogConfigurations": [NOTIFICATIONS, events(**destination)],
    }
    assert logs(pool) == made


def test_a_new_configuration_replaces_the_old_one(a_pool, set_logs, logs):
    pool, other = a_pool(UserPoolTier="PLUS"), a_pool()
    set_logs(pool, NOTIFICATIONS)
    set_logs(other, NOTIFICATIONS)

    set_logs(pool, events(**TO_BUCKET))
    assert logs(pool)["LogConfigurations"] == [events(**TO_BUCKET)]
    set_logs(pool)
    assert logs(pool)["LogConfigurations"] == []
    assert logs(other)["LogConfigurations"] == [NOTIFICATIONS]


@pytest.mark.parametrize(
    ("configurations", "text"),
    [
        ([NOTIFICATIONS, NOTIFICATIONS], "An EventSource can be configured only once."),
        (
            [{**NOTIFICATIONS, "LogLevel": "INFO"}],
            "The LogLevel of userNotification must be ERROR.",
        ),
        (
            [{**events(**TO_GROUP), "LogLevel": "ERROR"}],
            "The LogLevel of userAuthEvents must be INFO.",
        ),
        ([events()], "userAuthEvents needs exactly one destination."),
        ([events(**TO_GROUP, **TO_BUCKET)], "userAuthEvents needs exactly one destination."),
        (
            [{"EventSource": "userNotification", "LogLevel": "ERROR", **TO_BUCKET}],
            "userNotification can be delivered to CloudWatch Logs only.",
        ),
        (
            [{**NOTIFICATIONS, "CloudWatchLogsConfiguration": {}}],
            "The ARN of a CloudWatchLogs destination is missing or invalid.",
        ),
        (
            [{**NOTIFICATIONS, "CloudWatchLogsConfiguration": {"LogGroupArn": STREAM}}],
            "The ARN of a CloudWatchLogs destination is missing or invalid.",
        ),
        (
            [events(S3Configuration={"BucketArn": "arn:aws:sqs:::our-logs"})],
            "The ARN of a S3 destination is missing or invalid.",
        ),
        (
            [events(FirehoseConfiguration={"StreamArn": GROUP})],
            "The ARN of a Firehose destination is missing or invalid.",
        ),
    ],
)
def test_a_source_has_one_destination_that_it_can_have(
    a_pool, set_logs, logs, configurations, text
):
    pool = a_pool(UserPoolTier="PLUS")

    with refused("InvalidParameterException", text):
        set_logs(pool, *configurations)

    assert logs(pool)["LogConfigurations"] == []


def test_user_activity_is_exported_in_the_plus_plan_alone(cognito, a_pool, set_logs, logs):
    pool = a_pool()
    text = (
        "The following features need to be disabled for the {} pricing tier configured:"
        " User Activity Log Export"
    )

    with refused("FeatureUnavailableInTierException", text.format("ESSENTIALS")):
        set_logs(pool, NOTIFICATIONS, events(**TO_GROUP))
    assert logs(pool)["LogConfigurations"] == []

    cognito.update_user_pool(UserPoolId=pool, UserPoolTier="PLUS")
    set_logs(pool, events(**TO_GROUP))
    with refused("TierChangeNotAllowedException", text.format("LITE")):
        cognito.update_user_pool(UserPoolId=pool, UserPoolTier="LITE")
    set_logs(pool)
    cognito.update_user_pool(UserPoolId=pool, UserPoolTier="LITE")


def test_changing_the_pool_leaves_its_logs(cognito, a_pool, set_logs, logs):
    pool = a_pool()
    set_logs(pool, NOTIFICATIONS)

    cognito.update_user_pool(UserPoolId=pool)

    assert logs(pool)["LogConfigurations"] == [NOTIFICATIONS]


def test_a_pool_that_is_not_there_has_no_logs(app, set_logs, logs):
    gone = ("ResourceNotFoundException", f"User pool {NO_POOL} does not exist.")

    with refused(*gone):
        set_logs(NO_POOL, NOTIFICATIONS)
    with refused(*gone):
        logs(NO_POOL)
