"""Domains of pools: prefix and custom ones, one of each."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/5f2b-11"
OTHER_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/77aa-02"
NO_DOMAIN = ("InvalidParameterException", "No such domain or user pool exists.")
BAD_NAME = (
    "InvalidParameterException",
    "The domain name contains an invalid character. Domain names can only contain lower-case"
    " letters, numbers, and hyphens. Please enter a different name that follows this format:"
    r" ^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$",
)
NO_PARENT = (
    "InvalidParameterException",
    "Custom domain is not a valid subdomain: Was not able to resolve a DNS A record for the parent"
    " domain or domain parent is a top-level domain.",
)
NO_CERTIFICATE = (
    "InvalidParameterException",
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or"
    " doesn't include a valid certificate chain.",
)


@pytest.fixture
def a_domain(cognito):
    """`a_domain(pool, "auth.example.com", custom=True)`."""

    def create(pool, name, *, custom=False, **arguments):
        if custom:
            arguments.setdefault("CustomDomainConfig", {"CertificateArn": CERTIFICATE})
        return cognito.create_user_pool_domain(UserPoolId=pool, Domain=name, **arguments)

    return create


@pytest.fixture
def described(cognito):
    def describe(name):
        return cognito.describe_user_pool_domain(Domain=name)["DomainDescription"]

    return describe


def test_a_pool_gets_a_prefix_domain(cognito, a_pool, a_domain, described, clock):
    pool = a_pool()

    made = a_domain(pool, "my-app")

    assert made["ManagedLoginVersion"] == 1
    assert "CloudFrontDomain" not in made
    assert described("my-app") == {
        "UserPoolId": pool,
        "AWSAccountId": "000000000000",
        "Domain": "my-app",
        "CloudFrontDistribution": "cognate.test",
        "Version": f"{clock.now():%Y%m%d%H%M%S}",
        "Status": "ACTIVE",
        "ManagedLoginVersion": 1,
    }
    shown = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
    assert shown["Domain"] == "my-app"
    assert "CustomDomain" not in shown


def test_a_pool_gets_a_custom_domain_that_leads_to_this_server(
    cognito, a_pool, a_domain, described
):
    pool = a_pool()
    config = {"CertificateArn": CERTIFICATE, "SecurityPolicy": "TLS_V1_2_2021"}

    made = a_domain(pool, "auth.example.com", CustomDomainConfig=config, ManagedLoginVersion=2)

    assert made["CloudFrontDomain"] == "cognate.test"
    assert made["ManagedLoginVersion"] == 2
    assert described("auth.example.com")["CustomDomainConfig"] == config
    shown = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
    assert shown["CustomDomain"] == "auth.example.com"
    assert "Domain" not in shown


def test_nobody_s_domain_has_an_empty_description(app, described):
    assert described("nobody") == {}
    assert described("login.example.com") == {}


def test_a_pool_has_one_domain_of_each_kind(a_pool, a_domain):
    pool = a_pool()
    a_domain(pool, "one")
    a_domain(pool, "auth.example.com", custom=True)

    for name, custom in (("two", False), ("login.example.com", True), ("one", False)):
        with refused("InvalidParameterException", "User pool already has a domain configured."):
            a_domain(pool, name, custom=custom)


@pytest.mark.parametrize(("name", "custom"), [("one", False), ("auth.example.com", True)])
def test_a_domain_leads_to_one_pool(a_pool, a_domain, described, name, custom):
    pool, other = a_pool(), a_pool()
    a_domain(pool, name, custom=custom)

    with refused("InvalidParameterException", "Domain already associated with another user pool."):
        a_domain(other, name, custom=custom)

    assert described(name)["UserPoolId"] == pool


@pytest.mark.parametrize(
    ("name", "word"),
    [("aws", "aws"), ("my-amazon-shop", "amazon"), ("xcognitox", "cognito")],
)
def test_a_prefix_cannot_contain_the_service_s_own_names(a_pool, a_domain, name, word):
    with refused("InvalidParameterException", f"Domain cannot contain reserved word: {word}"):
        a_domain(a_pool(), name)


def test_a_custom_domain_may_contain_them(a_pool, a_domain):
    a_domain(a_pool(), "cognito.example.com", custom=True)


def test_a_name_with_dots_is_no_prefix(a_pool, a_domain):
    with refused(*BAD_NAME):
        a_domain(a_pool(), "auth.example.com")


@pytest.mark.parametrize("name", ["auth", "example.com"])
def test_a_custom_domain_is_below_another_that_is_not_a_top_level_one(a_pool, a_domain, name):
    with refused(*NO_PARENT):
        a_domain(a_pool(), name, custom=True)


def test_a_domain_below_localhost_is_for_trying(a_pool, a_domain, described):
    a_domain(a_pool(), "auth.localhost", custom=True)

    assert described("auth.localhost")["Status"] == "ACTIVE"


def test_an_address_is_no_domain(a_pool, a_domain):
    with refused(*BAD_NAME):
        a_domain(a_pool(), "10.0.0.1", custom=True)


@pytest.mark.parametrize(
    "name", ["Auth", "-a", "a-", "a_b", "a..b", ".a.b", "a.b.", "a.-b.c", "a" * 64]
)
def test_what_is_no_name_at_all_is_refused_by_its_form(a_pool, a_domain, name):
    with pytest.raises(ClientError, match="validation error"):
        a_domain(a_pool(), name, custom=True)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:acm:eu-west-1:123456789012:certificate/5f2b-11",
        "arn:aws:iam::123456789012:role/not-a-certificate",
    ],
)
def test_a_certificate_is_acm_s_and_of_us_east_1(a_pool, a_domain, arn):
    with refused(*NO_CERTIFICATE):
        a_domain(a_pool(), "auth.example.com", CustomDomainConfig={"CertificateArn": arn})


@pytest.mark.parametrize("version", [0, 3])
def test_there_are_two_versions_of_the_pages(a_pool, a_domain, version):
    with refused("InvalidParameterException", "ManagedLoginVersion must be 1 or 2."):
        a_domain(a_pool(), "one", ManagedLoginVersion=version)


def test_the_lite_plan_has_the_classic_pages_alone(cognito, a_pool, a_domain, described):
    pool = a_pool(UserPoolTier="LITE")
    text = (
        "The following features need to be disabled for the LITE pricing tier configured:"
        " Managed Login"
    )

    with refused("FeatureUnavailableInTierException", text):
        a_domain(pool, "one", ManagedLoginVersion=2)

    assert described("one") == {}
    a_domain(pool, "one")
    with refused("FeatureUnavailableInTierException", text):
        cognito.update_user_pool_domain(UserPoolId=pool, Domain="one", ManagedLoginVersion=2)


def test_routing_is_for_custom_domains_of_pools_with_a_replica(a_pool, a_domain):
    pool = a_pool()
    routing = {
        "Failover": {"SecondaryRegion": "us-west-2", "PrimaryRoute53HealthCheckId": "a-check"}
    }

    with refused("InvalidParameterException", "Routing is supported for custom domains only."):
        a_domain(pool, "one", Routing=routing)
    with refused("InvalidParameterException", "The user pool has no replica in us-west-2."):
        a_domain(pool, "auth.example.com", custom=True, Routing=routing)


def test_a_change_leaves_what_it_does_not_name(cognito, a_pool, a_domain, described, clock):
    pool = a_pool()
    a_domain(pool, "auth.example.com", custom=True)
    clock.advance(timedelta(hours=1))

    changed = cognito.update_user_pool_domain(
        UserPoolId=pool, Domain="auth.example.com", ManagedLoginVersion=2
    )

    assert (changed["ManagedLoginVersion"], changed["CloudFrontDomain"]) == (2, "cognate.test")
    stored = described("auth.example.com")
    assert stored["ManagedLoginVersion"] == 2
    assert stored["CustomDomainConfig"] == {"CertificateArn": CERTIFICATE}
    assert stored["Version"] == f"{clock.now():%Y%m%d%H%M%S}"

    cognito.update_user_pool_domain(
        UserPoolId=pool,
        Domain="auth.example.com",
        CustomDomainConfig={"CertificateArn": OTHER_CERTIFICATE},
    )
    stored = described("auth.example.com")
    assert stored["ManagedLoginVersion"] == 2
    assert stored["CustomDomainConfig"] == {"CertificateArn": OTHER_CERTIFICATE}


def test_a_prefix_domain_takes_no_certificate(cognito, a_pool, a_domain):
    pool = a_pool()
    a_domain(pool, "one")

    with refused("InvalidParameterException", "A prefix domain cannot become a custom domain."):
        cognito.update_user_pool_domain(
            UserPoolId=pool, Domain="one", CustomDomainConfig={"CertificateArn": CERTIFICATE}
        )


def test_a_deleted_domain_is_free(cognito, a_pool, a_domain, described):
    pool, other = a_pool(), a_pool()
    a_domain(pool, "one")
    a_domain(pool, "auth.example.com", custom=True)

    cognito.delete_user_pool_domain(UserPoolId=pool, Domain="one")

    assert described("one") == {}
    shown = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
    assert "Domain" not in shown
    assert shown["CustomDomain"] == "auth.example.com"
    a_domain(other, "one")
    with refused(*NO_DOMAIN):
        cognito.delete_user_pool_domain(UserPoolId=pool, Domain="one")


def test_another_pool_s_domain_is_as_good_as_none(cognito, a_pool, a_domain, described):
    pool, other = a_pool(), a_pool()
    a_domain(pool, "one")

    for name in ("one", "nobody"):
        with refused(*NO_DOMAIN):
            cognito.update_user_pool_domain(UserPoolId=other, Domain=name, ManagedLoginVersion=2)
        with refused(*NO_DOMAIN):
            cognito.delete_user_pool_domain(UserPoolId=other, Domain=name)

    assert described("one")["ManagedLoginVersion"] == 1


def test_a_pool_that_is_not_there_has_no_domains(cognito, app):
    text = f"User pool {NO_POOL} does not exist."

    for call in (
        cognito.create_user_pool_domain,
        cognito.update_user_pool_domain,
        cognito.delete_user_pool_domain,
    ):
        with refused("ResourceNotFoundException", text):
            call(UserPoolId=NO_POOL, Domain="one")


@pytest.mark.parametrize(("name", "custom"), [("one", False), ("auth.example.com", True)])
def test_a_pool_is_deleted_after_its_domains(cognito, a_pool, a_domain, name, custom):
    pool = a_pool()
    a_domain(pool, name, custom=custom)

    with refused(
        "InvalidParameterException",
        "User pool cannot be deleted. It has a domain configured that should be deleted first.",
    ):
        cognito.delete_user_pool(UserPoolId=pool)

    cognito.delete_user_pool_domain(UserPoolId=pool, Domain=name)
    cognito.delete_user_pool(UserPoolId=pool)


def test_changing_the_pool_leaves_its_domains(cognito, a_pool, a_domain):
    pool = a_pool()
    a_domain(pool, "one")

    cognito.update_user_pool(UserPoolId=pool)

    assert cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["Domain"] == "one"
