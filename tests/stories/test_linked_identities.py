"""Linking identities elsewhere to users of a pool, and parting them again."""

import json
from datetime import timedelta

import pytest

from cognate.domain.ids import PoolId, Sub
from cognate.domain.linked_identities import Identity, with_identities
from cognate.domain.users import User, UserStatus
from cognate.protocol.jose import unverified_claims
from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused

NO_POOL = "us-east-1_000000000"
SOCIAL = {"client_id": "us", "client_secret": "secret", "authorize_scopes": "email"}
OIDC = {
    "client_id": "us",
    "client_secret": "secret",
    "attributes_request_method": "GET",
    "oidc_issuer": "https://id.example.com",
    "authorize_scopes": "openid",
}
NO_USER = ("UserNotFoundException", "User does not exist.")
MUST_BE_SUBJECT = (
    "InvalidParameterException",
    "ProviderAttributeName must be Cognito_Subject.",
)
LOCAL_SOURCE = (
    "InvalidParameterException",
    "Invalid SourceUser: Cognito users with a username/password may not be passed in as a"
    " SourceUser, only as a DestinationUser",
)
MERGING = (
    "InvalidParameterException",
    "Merging is not currently supported, provide a SourceUser that has not been signed up in order"
    " to link",
)
WRONG_PASSWORD = ("NotAuthorizedException", "Incorrect username or password.")


@pytest.fixture
def a_pool_with_providers(cognito, a_pool):
    """A pool with Google, and with Corporate, which maps `email` and five more."""

    def create(**arguments):
        pool = a_pool(**arguments)
        cognito.create_identity_provider(
            UserPoolId=pool,
            ProviderName="Google",
            ProviderType="Google",
            ProviderDetails=SOCIAL,
            AttributeMapping={"email": "email"},
        )
        mapped = ("email", "name", "nickname", "website", "profile", "gender")
        cognito.create_identity_provider(
            UserPoolId=pool,
            ProviderName="Corporate",
            ProviderType="OIDC",
            ProviderDetails=OIDC,
            AttributeMapping={name: name for name in mapped},
        )
        return pool

    return create


def named(provider, value, attribute="Cognito_Subject"):
    return {
        "ProviderName": provider,
        "ProviderAttributeName": attribute,
        "ProviderAttributeValue": value,
    }


@pytest.fixture
def link(cognito):
    """`link(pool, named("Google", "123"))`, to the local user ada unless told otherwise."""

    def perform(pool, source, *, to=None):
        return cognito.admin_link_provider_for_user(
            UserPoolId=pool,
            SourceUser=source,
            DestinationUser=to or named("Cognito", "ada"),
        )

    return perform


@pytest.fixture
def part(cognito):
    def perform(pool, user):
        return cognito.admin_disable_provider_for_user(UserPoolId=pool, User=user)

    return perform


@pytest.fixture
def identities(cognito):
    def read(pool, username="ada"):
        user = cognito.admin_get_user(UserPoolId=pool, Username=username)
        for attribute in user["UserAttributes"]:
            if attribute["Name"] == "identities":
                return json.loads(attribute["Value"])
        return None

    return read


@pytest.fixture
def a_profile(app, loop_thread, clock):
    """`a_profile(pool, "Google", "123")`: a user who came from a provider on their own."""

    def create(pool_id, provider, subject):
        async def add(tx):
            pool = await tx.pools.find(PoolId(pool_id))
            user = User(
                pool_id=pool.pool_id,
                sub=Sub(app.call().entropy.uuid()),
                username=f"{provider}_{subject}",
                status=UserStatus.EXTERNAL_PROVIDER,
                created_at=clock.now(),
                modified_at=clock.now(),
            )
            own = Identity(
                user_id=subject,
                provider_name=provider,
                provider_type=provider,
                issuer=None,
                primary=True,
                date_created=0,
            )
            await tx.users.add(pool, with_identities(user, [own], now=clock.now()))
            return user

        return loop_thread.run(app.store.change(add))

    return create


def sign_in(cognito, user):
    return cognito.initiate_auth(
        ClientId=user.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user.username, "PASSWORD": user.password},
    )["AuthenticationResult"]


# --- linking --------------------------------------------------------------------------------------


def test_a_link_shows_in_the_user_s_identities(
    cognito, a_pool_with_providers, a_user, link, identities, clock
):
    pool = a_pool_with_providers()
    ada = a_user(pool_id=pool)
    assert identities(pool) is None
    linked = clock.advance(timedelta(minutes=1))

    link(pool, named("Google", "10932"))
    link(pool, named("Corporate", "a-17"))

    assert identities(pool) == [
        {
            "userId": "10932",
            "providerName": "Google",
            "providerType": "Google",
            "issuer": None,
            "primary": False,
            "dateCreated": int(linked.timestamp() * 1000),
        },
        {
            "userId": "a-17",
            "providerName": "Corporate",
            "providerType": "OIDC",
            "issuer": None,
            "primary": False,
            "dateCreated": int(linked.timestamp() * 1000),
        },
    ]
    stored = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert stored["UserLastModifiedDate"] == linked
    claims = unverified_claims(sign_in(cognito, ada)["IdToken"])
    assert claims["identities"][0]["userId"] == "10932"
    # In tokens, these two are text.
    assert claims["identities"][0]["primary"] == "false"
    assert claims["identities"][0]["dateCreated"] == str(int(linked.timestamp() * 1000))


def test_a_link_by_another_attribute_shows_once_it_was_used(
    app, loop_thread, a_pool_with_providers, a_user, link, identities
):
    pool = a_pool_with_providers()
    ada = a_user(pool_id=pool)

    link(pool, named("Corporate", "ada@example.com", "email"))

    assert identities(pool) is None
    stored = loop_thread.run(
        app.store.linked_identities.find(PoolId(pool), "Corporate", "email", "ada@example.com")
    )
    assert stored.sub == ada.sub


def test_a_federated_user_can_be_linked_to(a_pool_with_providers, a_profile, link, identities):
    pool = a_pool_with_providers()
    a_profile(pool, "Google", "10932")

    link(pool, named("Corporate", "a-17"), to=named("Google", "10932"))

    assert [one["userId"] for one in identities(pool, "Google_10932")] == ["10932", "a-17"]


def test_social_users_are_told_by_their_subject_alone(a_pool_with_providers, a_user, link):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)

    for attribute in ("email", "", "cognito_subject"):
        with refused(*MUST_BE_SUBJECT):
            link(pool, named("Google", "ada@example.com", attribute))


def test_others_are_told_by_what_the_provider_maps(a_pool_with_providers, a_user, link):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)

    for attribute in ("phone_number", "username", ""):
        with refused(
            "InvalidParameterException",
            "ProviderAttributeName must be Cognito_Subject or an attribute that the provider maps.",
        ):
            link(pool, named("Corporate", "+15550100", attribute))


@pytest.mark.parametrize("name", ["Cognito", "COGNITO"])
def test_a_local_user_is_no_source(a_pool_with_providers, a_user, link, name):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)

    with refused(*LOCAL_SOURCE):
        link(pool, named(name, "bob"))


def test_who_has_a_profile_is_not_merged(a_pool_with_providers, a_user, a_profile, link):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)
    a_profile(pool, "Google", "10932")

    with refused(*MERGING):
        link(pool, named("Google", "10932"))


def test_a_local_user_named_like_one_is_no_source(a_pool_with_providers, a_user, link):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)
    a_user(pool_id=pool, username="Google_10932")

    with refused(*LOCAL_SOURCE):
        link(pool, named("Google", "10932"))


def test_a_source_is_linked_once(a_pool_with_providers, a_user, link, identities):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)
    a_user(pool_id=pool, username="bob")
    link(pool, named("Google", "10932"))

    with refused("InvalidParameterException", "SourceUser is already linked to DestinationUser"):
        link(pool, named("Google", "10932"))
    with refused("InvalidParameterException", "SourceUser is already linked to another user"):
        link(pool, named("Google", "10932"), to=named("Cognito", "bob"))

    assert len(identities(pool)) == 1
    assert identities(pool, "bob") is None


def test_a_user_has_five_links_at_most(a_pool_with_providers, a_user, link, part):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)
    for subject in range(5):
        link(pool, named("Google", f"s{subject}"))

    with refused("LimitExceededException", "A user cannot be linked to more than 5 identities."):
        link(pool, named("Google", "s5"))

    part(pool, named("Google", "s0"))
    link(pool, named("Google", "s5"))


def test_a_provider_is_linked_by_five_attributes_at_most(a_pool_with_providers, a_user, link):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)
    a_user(pool_id=pool, username="bob")
    for attribute in ("Cognito_Subject", "email", "name", "nickname", "website"):
        link(pool, named("Corporate", "value", attribute))

    with refused(
        "LimitExceededException",
        "An identity provider cannot be linked by more than 5 attributes.",
    ):
        link(pool, named("Corporate", "value", "profile"), to=named("Cognito", "bob"))

    link(pool, named("Corporate", "another", "email"), to=named("Cognito", "bob"))
    link(pool, named("Google", "10932"), to=named("Cognito", "bob"))


def test_the_destination_must_be_there(a_pool_with_providers, a_user, link):
    pool = a_pool_with_providers()

    with refused(*NO_USER):
        link(pool, named("Google", "10932"))
    with refused(*NO_USER):
        link(pool, named("Google", "10932"), to=named("Corporate", "a-17"))


def test_the_providers_must_be_the_pool_s(a_pool_with_providers, a_pool, a_user, link):
    a_pool_with_providers()
    other = a_pool()
    a_user(pool_id=other)

    with refused("ResourceNotFoundException", "Identity provider Google does not exist."):
        link(other, named("Google", "10932"))


def test_both_users_are_named_in_full(a_pool_with_providers, a_user, link):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)

    with refused(
        "InvalidParameterException",
        "SourceUser needs a ProviderName and a ProviderAttributeValue.",
    ):
        link(pool, {"ProviderName": "Google", "ProviderAttributeName": "Cognito_Subject"})
    with refused(
        "InvalidParameterException",
        "DestinationUser needs a ProviderName and a ProviderAttributeValue.",
    ):
        link(pool, named("Google", "1"), to={"ProviderAttributeValue": "ada"})
    with refused(
        "InvalidParameterException",
        "ProviderAttributeValue cannot be longer than 2048 characters.",
    ):
        link(pool, named("Google", "1" * 2049))


def test_a_link_goes_with_its_user(cognito, a_pool_with_providers, a_user, link, identities):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)
    link(pool, named("Google", "10932"))

    cognito.admin_delete_user(UserPoolId=pool, Username="ada")

    a_user(pool_id=pool)
    assert identities(pool) is None
    link(pool, named("Google", "10932"))


def test_what_an_unconfirmed_stranger_chose_does_not_outlive_a_link(
    cognito, a_pool_with_providers, a_client, link, inbox
):
    """Pre-hijacking: somebody signs up with another's address, and waits (threats.md S2)."""
    pool = a_pool_with_providers(AutoVerifiedAttributes=["email"])
    client = a_client(pool)["ClientId"]
    cognito.sign_up(
        ClientId=client,
        Username="ada",
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": "ada@example.com"}],
    )
    code = inbox("ada@example.com")[0].code

    link(pool, named("Google", "10932"))

    with refused("ExpiredCodeException", "Invalid code provided, please request a code again."):
        cognito.confirm_sign_up(ClientId=client, Username="ada", ConfirmationCode=code)
    cognito.admin_confirm_sign_up(UserPoolId=pool, Username="ada")
    with refused(*WRONG_PASSWORD):
        cognito.initiate_auth(
            ClientId=client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        )


def test_a_confirmed_user_keeps_the_password(cognito, a_pool_with_providers, a_user, link):
    pool = a_pool_with_providers()
    ada = a_user(pool_id=pool)

    link(pool, named("Google", "10932"))

    assert sign_in(cognito, ada)["AccessToken"]


# --- parting --------------------------------------------------------------------------------------


def test_a_link_ends_by_what_it_was_made_with(
    a_pool_with_providers, a_user, link, part, identities
):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)
    a_user(pool_id=pool, username="bob")
    link(pool, named("Google", "10932"))
    link(pool, named("Corporate", "ada@example.com", "email"))
    link(pool, named("Corporate", "a-17"))

    part(pool, named("Google", "10932"))
    part(pool, named("Corporate", "ada@example.com", "email"))

    assert [one["userId"] for one in identities(pool)] == ["a-17"]
    with refused(*NO_USER):
        part(pool, named("Google", "10932"))
    link(pool, named("Google", "10932"), to=named("Cognito", "bob"))
    part(pool, named("Corporate", "a-17"))
    assert identities(pool) is None


def test_a_link_of_another_name_or_value_stays(a_pool_with_providers, a_user, link, part):
    pool, other = a_pool_with_providers(), a_pool_with_providers()
    a_user(pool_id=pool)
    link(pool, named("Corporate", "value", "email"))

    for there, user in (
        (pool, named("Corporate", "Value", "email")),
        (pool, named("Corporate", "value", "name")),
        (pool, named("Corporate", "value")),
        (pool, named("Google", "value")),
        (other, named("Corporate", "value", "email")),
    ):
        with refused(*NO_USER):
            part(there, user)

    part(pool, named("Corporate", "value", "email"))


def test_a_link_can_end_after_its_provider(
    cognito, a_pool_with_providers, a_user, link, part, identities
):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)
    link(pool, named("Google", "10932"))
    cognito.delete_identity_provider(UserPoolId=pool, ProviderName="Google")
    assert len(identities(pool)) == 1

    part(pool, named("Google", "10932"))

    assert identities(pool) is None


@pytest.mark.parametrize("provider", ["Google", "Facebook", "Cognito"])
def test_social_and_local_users_are_parted_by_their_subject(
    a_pool_with_providers, a_user, part, provider
):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)

    with refused(*MUST_BE_SUBJECT):
        part(pool, named(provider, "ada", "email"))


def test_a_local_user_loses_the_password_for_good(cognito, a_pool_with_providers, a_user, part):
    pool = a_pool_with_providers(AutoVerifiedAttributes=["email"])
    ada = a_user(pool_id=pool, attributes={"email": "ada@example.com", "email_verified": "true"})

    part(pool, named("Cognito", "ada"))

    with refused(*WRONG_PASSWORD):
        sign_in(cognito, ada)
    stored = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert stored["UserStatus"] == "EXTERNAL_PROVIDER"
    with refused("NotAuthorizedException", "User password cannot be reset in the current state."):
        cognito.forgot_password(ClientId=ada.client_id, Username="ada")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="ada", Password=PASSWORD, Permanent=True
    )
    assert sign_in(cognito, ada)["AccessToken"]


def test_a_federated_user_can_be_kept_out(
    app, loop_thread, a_pool_with_providers, a_user, a_profile, part, link, identities
):
    pool = a_pool_with_providers()
    a_user(pool_id=pool)
    profile = a_profile(pool, "Google", "10932")

    part(pool, named("Google", "10932"))
    part(pool, named("Google", "10932"))

    assert identities(pool, "Google_10932") is None
    stored = loop_thread.run(
        app.store.linked_identities.find(PoolId(pool), "Google", "Cognito_Subject", "10932")
    )
    assert (stored.sub, stored.is_blocked) == (profile.sub, True)
    with refused("InvalidParameterException", "SourceUser is already linked to another user"):
        link(pool, named("Google", "10932"))


def test_nobody_is_parted_who_is_not_there(a_pool_with_providers, a_user, part):
    pool = a_pool_with_providers()
    a_user(pool_id=pool, username="Google_10932")

    for user in (named("Google", "10932"), named("Corporate", "1"), named("Cognito", "ada")):
        with refused(*NO_USER):
            part(pool, user)
    with refused(
        "InvalidParameterException", "User needs a ProviderName and a ProviderAttributeValue."
    ):
        part(pool, {"ProviderName": "Google"})


def test_a_pool_that_is_not_there_has_nobody(app, link, part):
    for pool in (NO_POOL, "anything at all"):
        with refused("ResourceNotFoundException", f"User pool {pool} does not exist."):
            link(pool, named("Google", "10932"))
        with refused("ResourceNotFoundException", f"User pool {pool} does not exist."):
            part(pool, named("Google", "10932"))
