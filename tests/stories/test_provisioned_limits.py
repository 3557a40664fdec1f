"""Request rates of the account, by category of operations."""

import pytest

from cognate.domain.provisioned_limits import FREE_RATES
from tests.stories.refusals import refused


def definition(category):
    return {"LimitClass": "API_CATEGORY", "Attributes": {"Category": category}}


@pytest.fixture
def limit(cognito):
    def get(category="UserAuthentication"):
        return cognito.get_provisioned_limit(LimitDefinition=definition(category))["Limit"]

    return get


@pytest.mark.parametrize(("category", "rate"), FREE_RATES.items())
def test_an_account_has_what_is_free(limit, category, rate):
    assert limit(category) == {
        "LimitDefinition": definition(category),
        "ProvisionedLimitValue": rate,
        "FreeLimitValue": rate,
    }


def test_an_account_is_granted_more(cognito, limit):
    granted = cognito.update_provisioned_limit(
        LimitDefinition=definition("UserAuthentication"), RequestedLimitValue=300
    )["Limit"]

    assert granted == {
        "LimitDefinition": definition("UserAuthentication"),
        "ProvisionedLimitValue": 300,
        "FreeLimitValue": 120,
    }
    assert limit() == granted
    assert limit("UserCreation")["ProvisionedLimitValue"] == 50

    cognito.update_provisioned_limit(
        LimitDefinition=definition("UserAuthentication"), RequestedLimitValue=120
    )
    assert limit()["ProvisionedLimitValue"] == 120


def test_a_limit_is_of_one_region(sdk, cognito, limit):
    cognito.update_provisioned_limit(
        LimitDefinition=definition("UserAuthentication"), RequestedLimitValue=300
    )

    elsewhere = sdk("cognito-idp", region="eu-west-1").get_provisioned_limit(
        LimitDefinition=definition("UserAuthentication")
    )

    assert elsewhere["Limit"]["ProvisionedLimitValue"] == 120


def test_nobody_is_granted_less_than_is_free_or_more_than_there_is(cognito, limit):
    for rate in (119, 0, -1):
        with refused(
            "InvalidParameterException", "The requested limit must be at least the default of 120."
        ):
            cognito.update_provisioned_limit(
                LimitDefinition=definition("UserAuthentication"), RequestedLimitValue=rate
            )
    with refused(
        "ServiceQuotaExceededException",
        "The requested limit exceeds the account's maximum of 10000.",
    ):
        cognito.update_provisioned_limit(
            LimitDefinition=definition("UserAuthentication"), RequestedLimitValue=10_001
        )

    assert limit()["ProvisionedLimitValue"] == 120


@pytest.mark.parametrize(
    "attributes", [{}, {"category": "UserRead"}, {"Category": "UserRead", "Region": "us-east-1"}]
)
def test_a_limit_is_named_by_its_category_alone(cognito, app, attributes):
    named = {"LimitClass": "API_CATEGORY", "Attributes": attributes}
    fault = (
        "InvalidParameterException",
        "The attributes of an API_CATEGORY limit are Category alone.",
    )

    with refused(*fault):
        cognito.get_provisioned_limit(LimitDefinition=named)
    with refused(*fault):
        cognito.update_provisioned_limit(LimitDefinition=named, RequestedLimitValue=200)


def test_there_are_no_other_categories(cognito, limit):
    with refused("ResourceNotFoundException", "There is no limit of this category."):
        limit("Everything")
    with refused("ResourceNotFoundException", "There is no limit of this category."):
        cognito.update_provisioned_limit(
            LimitDefinition=definition("Everything"), RequestedLimitValue=200
        )
