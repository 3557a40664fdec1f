"""The issuer of tokens in AWS's form (`--issuer aws`), for verifiers that take no other."""

import json
from dataclasses import replace
from typing import Any

import jwt
import pytest

from cognate.app import build
from cognate.protocol import jose
from tests.inprocess import ENDPOINT, TestEntropy
from tests.stories.refusals import refused
from tests.stories.steps import named, tokens_of

ORIGINAL = "https://cognito-idp.us-east-1.amazonaws.com/"
UPDATED = "https://issuer-cognito-idp.us-east-1.amazonaws.com/"


# The clock is frozen where PyJWT's is not.
CLOCKLESS: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False}


@pytest.fixture
def settings(settings):
    return replace(settings, issuer="aws")


@pytest.fixture
def discovery(http):
    def fetch(pool_id):
        answer = http("GET", f"/{pool_id}/.well-known/openid-configuration")
        assert answer.status == 200
        return json.loads(answer.body)

    return fetch


@pytest.fixture
def issuer_of(http):
    """`issuer_of(pool_id, token)` → its `iss`, after the pool's keys have verified it."""

    def read(pool_id, token):
        keys = jwt.PyJWKSet.from_dict(
            json.loads(http("GET", f"/{pool_id}/.well-known/jwks.json").body)
        )
        key = keys[jwt.get_unverified_header(token)["kid"]].key
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            options=CLOCKLESS,
        )
        return claims["iss"]

    return read


def test_a_pool_names_the_services_original_host_unless_it_says_otherwise(
    cognito, a_user, discovery, issuer_of
):
    ada = a_user(attributes={"email": "ada@example.com"})
    tokens = tokens_of(cognito, ada)

    document = discovery(ada.pool_id)

    assert issuer_of(ada.pool_id, tokens["IdToken"]) == ORIGINAL + ada.pool_id
    assert issuer_of(ada.pool_id, tokens["AccessToken"]) == ORIGINAL + ada.pool_id
    assert document["issuer"] == ORIGINAL + ada.pool_id
    assert document["jwks_uri"] == f"{ENDPOINT}/{ada.pool_id}/.well-known/jwks.json"
    assert document["token_endpoint"] == f"{ENDPOINT}/oauth2/token"
    assert cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"


def test_a_pool_may_choose_the_updated_host(cognito, a_pool, a_user, discovery, issuer_of):
    ada = a_user(pool_id=a_pool(IssuerConfiguration={"Type": "UPDATED"}))

    tokens = tokens_of(cognito, ada)

    assert issuer_of(ada.pool_id, tokens["IdToken"]) == UPDATED + ada.pool_id
    assert discovery(ada.pool_id)["issuer"] == UPDATED + ada.pool_id
    assert cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"


def test_the_region_in_it_is_the_pools(sdk, cognito, discovery):
    pool = sdk("cognito-idp", region="eu-west-1").create_user_pool(PoolName="a pool")["UserPool"]

    assert (
        discovery(pool["Id"])["issuer"]
        == f"https://cognito-idp.eu-west-1.amazonaws.com/{pool['Id']}"
    )


def test_tokens_of_before_a_pool_changed_its_issuer_stay_good(cognito, a_user, issuer_of):
    ada = a_user()
    before = tokens_of(cognito, ada)

    cognito.update_user_pool(UserPoolId=ada.pool_id, IssuerConfiguration={"Type": "UPDATED"})
    after = tokens_of(cognito, ada)

    assert issuer_of(ada.pool_id, after["AccessToken"]) == UPDATED + ada.pool_id
    for tokens in (before, after):
        assert cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"


def test_an_update_that_says_nothing_of_the_issuer_leaves_it(cognito, a_pool):
    pool_id = a_pool(IssuerConfiguration={"Type": "UPDATED"})

    cognito.update_user_pool(UserPoolId=pool_id)

    described = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert described["IssuerConfiguration"] == {"Type": "UPDATED"}


@pytest.mark.parametrize(
    "issuer",
    [
        "https://cognito-idp.eu-west-1.amazonaws.com/{}",
        "http://cognito-idp.us-east-1.amazonaws.com/{}",
        "https://cognito-idp.us-east-1.amazonaws.com.evil.example/{}",
        "https://evil.example/{}",
        f"{ENDPOINT}/{{}}",
        "{}",
    ],
)
def test_a_token_that_names_another_issuer_is_refused_though_its_signature_is_right(
    app, loop_thread, cognito, a_user, issuer
):
    ada = a_user()
    claims = jose.unverified_claims(tokens_of(cognito, ada)["AccessToken"])

    async def signed_with_the_pools_key():
        pool = await app.store.pools.find(ada.pool_id)
        return await app.keys.signing_key(pool, "access")

    key = loop_thread.run(signed_with_the_pools_key())
    token = jose.sign({**claims, "iss": issuer.format(ada.pool_id)}, key)

    with refused("NotAuthorizedException", "Invalid Access Token"):
        cognito.get_user(AccessToken=token)
    assert cognito.get_user(AccessToken=jose.sign(claims, key))["Username"] == "ada"


def test_the_own_form_is_the_default_and_refuses_the_services(
    settings, clock, current, loop_thread, cognito, a_user
):
    ada = a_user()
    token = tokens_of(cognito, ada)["AccessToken"]
    aws = current.app

    own = loop_thread.run(
        build(replace(settings, issuer="own"), clock=clock, entropy=TestEntropy())
    )
    try:
        current.app = own
        fresh = jose.unverified_claims(tokens_of(cognito, ada)["AccessToken"])
        with refused("NotAuthorizedException", "Invalid Access Token"):
            cognito.get_user(AccessToken=token)
    finally:
        current.app = aws
        loop_thread.run(own.close())

    assert fresh["iss"] == f"{ENDPOINT}/{ada.pool_id}"


def test_users_change_themselves_with_such_tokens(cognito, a_user):
    ada = a_user(attributes={"email": "ada@example.com"})
    tokens = tokens_of(cognito, ada)

    cognito.update_user_attributes(
        AccessToken=tokens["AccessToken"], UserAttributes=named(given_name="Ada")
    )
    cognito.global_sign_out(AccessToken=tokens["AccessToken"])

    with refused("NotAuthorizedException", "Access Token has been revoked"):
        cognito.get_user(AccessToken=tokens["AccessToken"])
