"""A server that is reached by a bare address has no relying-party id of its own."""

import pytest

from cognate.config import Settings
from tests.stories.factor_steps import EVERY_FLOW, choose, mfa
from tests.stories.refusals import refused
from tests.stories.steps import tokens_of
from tests.stories.virtual_authenticator import VirtualAuthenticator

ORIGIN = "https://shop.example"


@pytest.fixture(params=["http://127.0.0.1:9229", "http://[::1]:9229"])
def settings(request, tmp_path, database_url):
    return Settings(
        data=tmp_path,
        database=database_url,
        public_url=request.param,
        insecure_fast_passwords=True,
    )


@pytest.fixture
def ada(a_pool, a_client, a_user):
    pool_id = a_pool(
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    )
    client_id = a_client(pool_id, ExplicitAuthFlows=EVERY_FLOW)["ClientId"]
    return a_user(pool_id=pool_id, client_id=client_id)


def test_passkeys_need_a_relying_party(cognito, ada):
    access_token = tokens_of(cognito, ada)["AccessToken"]

    with refused(
        "WebAuthnConfigurationMissingException",
        "The user pool has no relying party id for passkeys.",
    ):
        cognito.start_web_authn_registration(AccessToken=access_token)
    mfa(cognito, ada.pool_id, "OFF", WebAuthnConfiguration={"RelyingPartyId": "shop.example"})

    options = cognito.start_web_authn_registration(AccessToken=access_token)
    assert options["CredentialCreationOptions"]["rp"]["id"] == "shop.example"


def test_a_relying_party_that_is_gone_registers_and_offers_nothing(cognito, ada):
    access_token = tokens_of(cognito, ada)["AccessToken"]
    mfa(cognito, ada.pool_id, "OFF", WebAuthnConfiguration={"RelyingPartyId": "shop.example"})

    def made():
        options = cognito.start_web_authn_registration(AccessToken=access_token)
        return VirtualAuthenticator(origin=ORIGIN).register(options["CredentialCreationOptions"])

    cognito.complete_web_authn_registration(AccessToken=access_token, Credential=made())
    late = made()
    mfa(cognito, ada.pool_id, "OFF")

    with refused(
        "WebAuthnRelyingPartyMismatchException",
        "The passkey's relying party does not match.",
    ):
        cognito.complete_web_authn_registration(AccessToken=access_token, Credential=late)
    asked = choose(cognito, ada.client_id, PREFERRED_CHALLENGE="WEB_AUTHN")
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]
