"""Replicas of pools: made, listed and deleted, and never in service."""

import pytest

from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"
ONE_REGION_KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
REPLICABLE = {
    "KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": KEY},
    "IssuerConfiguration": {"Type": "UPDATED"},
}
NO_KEY = (
    "InvalidParameterException",
    "The user pool must have a multi-Region customer managed key before it can have a replica.",
)


@pytest.fixture
def a_replicable_pool(a_pool):
    def create(**arguments):
        return a_pool(**{**REPLICABLE, **arguments})

    return create


@pytest.fixture
def replicas(cognito):
    def listed(pool):
        return cognito.list_user_pool_replicas(UserPoolId=pool)["UserPoolReplicas"]

    return listed


@pytest.fixture
def a_replica(cognito):
    def create(pool, region="us-west-2", **arguments):
        return cognito.create_user_pool_replica(UserPoolId=pool, RegionName=region, **arguments)[
            "UserPoolReplica"
        ]

    return create


def replica(pool, region, status, role="SECONDARY"):
    return {
        "RegionName": region,
        "Status": status,
        "Role": role,
        "UserPoolArn": f"arn:aws:cognito-idp:{region}:000000000000:userpool/{pool}",
    }


def test_a_pool_is_its_own_primary(a_pool, replicas):
    pool = a_pool()

    assert replicas(pool) == [replica(pool, "us-east-1", "ACTIVE", "PRIMARY")]


def test_a_replica_is_made_and_stays_inactive(cognito, a_replicable_pool, a_replica, replicas):
    pool = a_replicable_pool()

    assert a_replica(pool, UserPoolTags={"team": "web"}) == replica(pool, "us-west-2", "CREATING")

    assert replicas(pool) == [
        replica(pool, "us-east-1", "ACTIVE", "PRIMARY"),
        replica(pool, "us-west-2", "INACTIVE"),
    ]
    listed = cognito.list_user_pools(MaxResults=60)["UserPools"]
    assert [one["ReplicaRegions"] for one in listed if one["Id"] == pool] == [["us-west-2"]]


def test_a_replica_does_not_go_into_service(cognito, a_replicable_pool, a_replica, replicas):
    pool = a_replicable_pool()
    a_replica(pool)

    with refused(
        "OperationNotEnabledException",
        "Cognate has no second Region from which it could serve a replica.",
    ):
        cognito.update_user_pool_replica(UserPoolId=pool, RegionName="us-west-2", Status="ACTIVE")

    unchanged = cognito.update_user_pool_replica(
        UserPoolId=pool, RegionName="us-west-2", Status="INACTIVE"
    )
    assert unchanged["UserPoolReplica"] == replica(pool, "us-west-2", "INACTIVE")
    assert replicas(pool)[1] == replica(pool, "us-west-2", "INACTIVE")


def test_a_deleted_replica_is_gone(cognito, a_replicable_pool, a_replica, replicas):
    pool = a_replicable_pool()
    a_replica(pool)

    deleted = cognito.delete_user_pool_replica(UserPoolId=pool, RegionName="us-west-2")

    assert deleted["UserPoolReplica"] == replica(pool, "us-west-2", "DELETING")
    assert len(replicas(pool)) == 1
    with refused(
        "ResourceNotFoundException", f"User pool {pool} does not have a replica in us-west-2."
    ):
        cognito.delete_user_pool_replica(UserPoolId=pool, RegionName="us-west-2")
    a_replica(pool, "eu-west-1")


def test_a_replica_is_deleted_from_the_primary_region(sdk, a_replicable_pool, a_replica):
    pool = a_replicable_pool()
    a_replica(pool)

    with refused(
        "InvalidParameterException",
        "A replica can be deleted from the primary Region us-east-1 only.",
    ):
        sdk("cognito-idp", region="us-west-2").delete_user_pool_replica(
            UserPoolId=pool, RegionName="us-west-2"
        )


def test_a_replica_stays_while_a_domain_fails_over_to_it(cognito, a_replicable_pool, a_replica):
    pool = a_replicable_pool()
    a_replica(pool)
    routing = {
        "Failover": {"SecondaryRegion": "us-west-2", "PrimaryRoute53HealthCheckId": "a-check"}
    }
    made = cognito.create_user_pool_domain(
        UserPoolId=pool,
        Domain="auth.example.com",
        CustomDomainConfig={
            "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/5f2b-11"
        },
        Routing=routing,
    )
    assert made["Routing"] == routing
    described = cognito.describe_user_pool_domain(Domain="auth.example.com")
    assert described["DomainDescription"]["Routing"] == routing

    with refused(
        "InvalidParameterException", "The domain auth.example.com fails over to the replica."
    ):
        cognito.delete_user_pool_replica(UserPoolId=pool, RegionName="us-west-2")


def test_a_pool_has_one_replica(a_replicable_pool, a_replica):
    pool = a_replicable_pool()
    a_replica(pool)

    for region in ("us-west-2", "eu-west-1"):
        with refused("LimitExceededException", "A user pool cannot have more than one replica."):
            a_replica(pool, region)


@pytest.mark.parametrize(
    "key",
    [
        {"KeyType": "AWS_OWNED_KEY"},
        {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": ONE_REGION_KEY},
    ],
)
def test_a_replica_needs_a_key_of_several_regions(a_replicable_pool, a_replica, key):
    with refused(*NO_KEY):
        a_replica(a_replicable_pool(KeyConfiguration=key))


def test_a_replica_needs_the_updated_issuer(a_replicable_pool, a_replica):
    with refused(
        "InvalidParameterException",
        "The user pool must have the UPDATED issuer type before it can have a replica.",
    ):
        a_replica(a_replicable_pool(IssuerConfiguration={"Type": "ORIGINAL"}))


def test_the_lite_plan_has_no_replicas(a_replicable_pool, a_replica):
    with refused(
        "FeatureUnavailableInTierException",
        "The following features need to be disabled for the LITE pricing tier configured:"
        " Multi-Region Replication",
    ):
        a_replica(a_replicable_pool(UserPoolTier="LITE"))


def test_a_replica_is_in_another_region(a_replicable_pool, a_replica):
    pool = a_replicable_pool()

    with refused(
        "InvalidParameterException", "A replica must be in another Region than its user pool."
    ):
        a_replica(pool, "us-east-1")
    for region in ("nowhere", "US-WEST-2", "us-west-"):
        with refused("InvalidParameterException", f"{region} is not the name of a Region."):
            a_replica(pool, region)


def test_a_replica_s_tags_are_tags(a_replicable_pool, a_replica):
    with refused("UserPoolTaggingException", "Tag keys cannot begin with aws:"):
        a_replica(a_replicable_pool(), UserPoolTags={"aws:team": "web"})


def test_a_replica_keeps_tags_of_its_own(cognito, a_replicable_pool, a_replica):
    pool = a_replicable_pool(UserPoolTags={"team": "web"})
    primary = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["Arn"]
    arn = a_replica(pool, UserPoolTags={"team": "rescue"})["UserPoolArn"]

    def tags(arn):
        return cognito.list_tags_for_resource(ResourceArn=arn)["Tags"]

    assert (tags(primary), tags(arn)) == ({"team": "web"}, {"team": "rescue"})
    cognito.tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    cognito.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert (tags(primary), tags(arn)) == ({"team": "web"}, {"stage": "test"})
    cognito.delete_user_pool_replica(UserPoolId=pool, RegionName="us-west-2")
    with refused("ResourceNotFoundException", f"Resource {arn} does not exist."):
        tags(arn)


def test_the_primary_is_no_replica(cognito, a_replicable_pool):
    pool = a_replicable_pool()
    primary = ("InvalidParameterException", "The primary user pool is no replica.")

    with refused(*primary):
        cognito.update_user_pool_replica(UserPoolId=pool, RegionName="us-east-1", Status="INACTIVE")
    with refused(*primary):
        cognito.delete_user_pool_replica(UserPoolId=pool, RegionName="us-east-1")


def test_a_pool_without_a_replica_has_none_to_change(cognito, a_replicable_pool):
    pool = a_replicable_pool()

    with refused(
        "ResourceNotFoundException", f"User pool {pool} does not have a replica in us-west-2."
    ):
        cognito.update_user_pool_replica(UserPoolId=pool, RegionName="us-west-2", Status="ACTIVE")


def test_no_list_of_replicas_goes_on(cognito, a_pool):
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.list_user_pool_replicas(UserPoolId=a_pool(), NextToken="abc")


def test_a_pool_that_is_not_there_has_no_replicas(cognito, app):
    gone = ("ResourceNotFoundException", f"User pool {NO_POOL} does not exist.")
    for call, arguments in (
        (cognito.create_user_pool_replica, {"RegionName": "us-west-2"}),
        (cognito.update_user_pool_replica, {"RegionName": "us-west-2", "Status": "ACTIVE"}),
        (cognito.delete_user_pool_replica, {"RegionName": "us-west-2"}),
        (cognito.list_user_pool_replicas, {}),
    ):
        with refused(*gone):
            call(UserPoolId=NO_POOL, **arguments)
