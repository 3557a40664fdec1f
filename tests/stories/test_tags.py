"""Tags of pools, by ARN."""

import pytest

from tests.stories.refusals import refused


@pytest.fixture
def a_tagged_pool(cognito):
    """`a_tagged_pool(team="blue")` → the pool's ARN."""

    def create(**tags):
        return cognito.create_user_pool(PoolName="p", UserPoolTags=tags)["UserPool"]["Arn"]

    return create


@pytest.fixture
def tags_of(cognito):
    return lambda arn: cognito.list_tags_for_resource(ResourceArn=arn)["Tags"]


def test_the_tags_of_creation_are_listed(a_tagged_pool, tags_of):
    arn = a_tagged_pool(team="blue", stage="")

    assert tags_of(arn) == {"team": "blue", "stage": ""}


def test_a_pool_without_tags_has_an_empty_list(a_tagged_pool, tags_of):
    assert tags_of(a_tagged_pool()) == {}


def test_tagging_adds_and_replaces(cognito, a_tagged_pool, tags_of):
    arn = a_tagged_pool(team="blue", stage="test")

    cognito.tag_resource(ResourceArn=arn, Tags={"team": "red", "new": "x"})

    assert tags_of(arn) == {"team": "red", "stage": "test", "new": "x"}
    pool = cognito.describe_user_pool(UserPoolId=arn.rpartition("/")[2])["UserPool"]
    assert pool["UserPoolTags"] == tags_of(arn)


def test_untagging_removes_what_is_there(cognito, a_tagged_pool, tags_of):
    arn = a_tagged_pool(team="blue", stage="test")

    cognito.untag_resource(ResourceArn=arn, TagKeys=["team", "never set"])

    assert tags_of(arn) == {"stage": "test"}


def test_a_tag_set_later_fixes_no_id(cognito, a_tagged_pool, tags_of):
    arn = a_tagged_pool()

    cognito.tag_resource(ResourceArn=arn, Tags={"_custom_id_": "us-east-1_mine"})

    assert tags_of(arn) == {"_custom_id_": "us-east-1_mine"}
    with refused("ResourceNotFoundException", "User pool us-east-1_mine does not exist."):
        cognito.describe_user_pool(UserPoolId="us-east-1_mine")


def test_a_pool_has_fifty_tags_at_most(cognito, a_tagged_pool, tags_of):
    arn = a_tagged_pool(**{f"tag{number}": "x" for number in range(49)})
    cognito.tag_resource(ResourceArn=arn, Tags={"fiftieth": "x"})

    with refused("InvalidParameterException", "A resource cannot have more than 50 tags."):
        cognito.tag_resource(ResourceArn=arn, Tags={"one more": "x"})
    cognito.tag_resource(ResourceArn=arn, Tags={"fiftieth": "y"})

    assert len(tags_of(arn)) == 50


def test_aws_keeps_a_prefix_for_itself(cognito, a_tagged_pool, tags_of):
    arn = a_tagged_pool()

    with refused("InvalidParameterException", "Tag keys cannot begin with aws:"):
        cognito.tag_resource(ResourceArn=arn, Tags={"aws:cloudformation:stack": "x"})

    assert tags_of(arn) == {}


def test_an_arn_that_no_pool_has(cognito, a_tagged_pool):
    arn = a_tagged_pool()
    wrong = [
        arn[:-1],
        arn.replace("us-east-1:", "eu-west-1:"),
        arn.replace("000000000000", "111111111111"),
        arn.replace("cognito-idp", "cognito-identity"),
    ]

    for other in wrong:
        text = f"Resource {other} does not exist."
        with refused("ResourceNotFoundException", text):
            cognito.list_tags_for_resource(ResourceArn=other)
        with refused("ResourceNotFoundException", text):
            cognito.tag_resource(ResourceArn=other, Tags={"a": "b"})
        with refused("ResourceNotFoundException", text):
            cognito.untag_resource(ResourceArn=other, TagKeys=["a"])
