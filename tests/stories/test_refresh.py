"""Refreshing tokens: with and without rotation, and what ends a family of tokens."""

import asyncio
from datetime import timedelta

import jwt
import pytest

from cognate.errors import AWSError
from cognate.operations.user_pools import token_operations
from cognate.wire.cognito_idp import GetTokensFromRefreshTokenRequest
from tests.stories.conftest import PASSWORD
from tests.stories.refusals import refused
from tests.stories.steps import hash_of, sign_in, tokens_of

INVALID = "Invalid Refresh Token"
REVOKED = "Refresh Token has been revoked"
EXPIRED = "Refresh Token has expired"
REUSED = "Refresh token has already been used."
ACCESS_REVOKED = "Access Token has been revoked"


@pytest.fixture
def refresh(cognito):
    """`refresh(client_id, token)` → the AuthenticationResult of REFRESH_TOKEN_AUTH."""

    def renew(client_id, token, *, flow="REFRESH_TOKEN_AUTH", **more):
        return cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow=flow,
            AuthParameters={"REFRESH_TOKEN": token, **more},
        )["AuthenticationResult"]

    return renew


@pytest.fixture
def exchange(cognito):
    """`exchange(client_id, token)` → the AuthenticationResult of GetTokensFromRefreshToken."""

    def renew(client_id, token, **more):
        return cognito.get_tokens_from_refresh_token(
            ClientId=client_id, RefreshToken=token, **more
        )["AuthenticationResult"]

    return renew


@pytest.fixture
def rotating(a_pool, a_client, a_user):
    """`rotating(grace=seconds)` → ada, of a client that rotates refresh tokens."""

    def create(*, grace=0, **client):
        pool = a_pool()
        created = a_client(
            pool,
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
            RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": grace},
            **client,
        )
        return a_user(pool_id=pool, client_id=created["ClientId"])

    return create


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


# --- without rotation ----------------------------------------------------------------------------


@pytest.mark.parametrize("flow", ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"])
def test_a_refresh_token_gives_fresh_tokens(cognito, a_user, refresh, clock, flow):
    ada = a_user()
    first = tokens_of(cognito, ada)
    clock.advance(timedelta(hours=2))

    second = refresh(ada.client_id, first["RefreshToken"], flow=flow)

    assert set(second) == {"AccessToken", "IdToken", "ExpiresIn", "TokenType"}
    assert second["ExpiresIn"] == 3600
    assert second["TokenType"] == "Bearer"
    assert cognito.get_user(AccessToken=second["AccessToken"])["Username"] == "ada"
    with refused("NotAuthorizedException", "Access Token has expired"):
        cognito.get_user(AccessToken=first["AccessToken"])
    assert refresh(ada.client_id, first["RefreshToken"])


def test_an_administrator_refreshes_too(cognito, a_user):
    ada = a_user()
    tokens = tokens_of(cognito, ada)

    answer = cognito.admin_initiate_auth(
        UserPoolId=ada.pool_id,
        ClientId=ada.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )

    assert answer["AuthenticationResult"]["AccessToken"]
    assert answer["ChallengeParameters"] == {}


def test_fresh_tokens_descend_from_the_sign_in(cognito, a_user, refresh, clock):
    ada = a_user(attributes={"name": "Ada"})
    first = tokens_of(cognito, ada)
    clock.advance(timedelta(minutes=10))
    cognito.admin_update_user_attributes(
        UserPoolId=ada.pool_id,
        Username="ada",
        UserAttributes=[{"Name": "name", "Value": "Lady Lovelace"}],
    )

    second = refresh(ada.client_id, first["RefreshToken"])

    for kind in ("AccessToken", "IdToken"):
        before, after = claims(first[kind]), claims(second[kind])
        for claim in ("sub", "auth_time", "origin_jti", "event_id", "acr", "amr", "iss"):
            assert after[claim] == before[claim]
        assert after["iat"] == before["iat"] + 600
        assert after["exp"] == before["exp"] + 600
        assert after["jti"] != before["jti"]
    assert claims(second["IdToken"])["name"] == "Lady Lovelace"


def test_the_other_operation_refreshes_as_well(cognito, a_user, exchange):
    ada = a_user()
    first = tokens_of(cognito, ada)

    second = exchange(ada.client_id, first["RefreshToken"])

    assert set(second) == {"AccessToken", "IdToken", "ExpiresIn", "TokenType"}
    assert claims(second["AccessToken"])["origin_jti"] == claims(first["AccessToken"])["origin_jti"]


def test_a_refresh_token_lives_as_long_as_the_client_says(
    cognito, a_pool, a_client, a_user, refresh, clock
):
    pool = a_pool()
    client = a_client(pool, RefreshTokenValidity=90, TokenValidityUnits={"RefreshToken": "minutes"})
    ada = a_user(pool_id=pool, client_id=client["ClientId"])
    token = tokens_of(cognito, ada)["RefreshToken"]

    clock.advance(timedelta(minutes=90) - timedelta(milliseconds=1))
    assert refresh(ada.client_id, token)
    clock.advance(timedelta(milliseconds=1))

    with refused("NotAuthorizedException", EXPIRED):
        refresh(ada.client_id, token)


def test_refreshing_does_not_make_a_refresh_token_older_or_younger(cognito, a_user, refresh, clock):
    ada = a_user()
    token = tokens_of(cognito, ada)["RefreshToken"]
    clock.advance(timedelta(days=29))
    refresh(ada.client_id, token)
    clock.advance(timedelta(days=1))

    with refused("NotAuthorizedException", EXPIRED):
        refresh(ada.client_id, token)


def test_garbage_is_no_refresh_token(cognito, a_user, refresh, exchange):
    ada = a_user()
    token = tokens_of(cognito, ada)["RefreshToken"]
    access = tokens_of(cognito, ada)["AccessToken"]
    header, key, iv, body, tag = token.split(".")

    for wrong in (
        "garbage",
        "a.b.c.d.e",
        access,
        token + "x",
        f"{header}.{key}.{iv}.{body}.{tag[:-2]}AA",
        f"{header}.{key}.{iv}.{body[:-4]}AAAA.{tag}",
        f"{header}..{iv}.{body}.{tag}",
        "x" * 4000,
    ):
        with refused("NotAuthorizedException", INVALID):
            refresh(ada.client_id, wrong)
        with refused("NotAuthorizedException", INVALID):
            exchange(ada.client_id, wrong)


def test_a_refresh_token_looks_as_clients_expect(cognito, a_user):
    token = tokens_of(cognito, a_user())["RefreshToken"]

    assert len(token.split(".")) == 5
    assert jwt.utils.base64url_decode(token.split(".")[0]) == (
        b'{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}'
    )


def test_a_refresh_token_is_one_clients(cognito, a_client, a_user, refresh, exchange):
    ada, other_pool = a_user(), a_user()
    other = a_client(ada.pool_id)["ClientId"]
    token = tokens_of(cognito, ada)["RefreshToken"]

    for client in (other, other_pool.client_id):
        with refused("NotAuthorizedException", INVALID):
            refresh(client, token)
        with refused("NotAuthorizedException", INVALID):
            exchange(client, token)
    assert refresh(ada.client_id, token)


def test_the_client_must_allow_it(cognito, a_pool, a_client, a_user, refresh):
    pool = a_pool()
    client = a_client(pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
    ada = a_user(pool_id=pool, client_id=client["ClientId"])
    token = tokens_of(cognito, ada)["RefreshToken"]

    with refused("InvalidParameterException", "Auth flow not enabled for this client"):
        refresh(ada.client_id, token)


def test_a_disabled_user_does_not_refresh(cognito, a_user, refresh):
    ada = a_user()
    token = tokens_of(cognito, ada)["RefreshToken"]
    cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    with refused("NotAuthorizedException", REVOKED):
        refresh(ada.client_id, token)
    cognito.admin_enable_user(UserPoolId=ada.pool_id, Username="ada")
    with refused("NotAuthorizedException", REVOKED):
        refresh(ada.client_id, token)


def test_a_deleted_user_does_not_refresh(cognito, a_user, refresh):
    ada = a_user()
    token = tokens_of(cognito, ada)["RefreshToken"]
    cognito.admin_delete_user(UserPoolId=ada.pool_id, Username="ada")
    a_user(pool_id=ada.pool_id, client_id=ada.client_id)  # the name is used again

    with refused("NotAuthorizedException", REVOKED):
        refresh(ada.client_id, token)


# --- the client's secret -------------------------------------------------------------------------


@pytest.fixture
def confidential(cognito, a_pool, a_client, a_user):
    """A client with a secret, ada of it, and ada's tokens."""
    pool = a_pool(AliasAttributes=["email"])
    client = a_client(pool, GenerateSecret=True)
    ada = a_user(
        pool_id=pool,
        client_id=client["ClientId"],
        attributes={"email": "ada@example.com", "email_verified": "true"},
    )
    signed_in = sign_in(cognito, ada.client_id, "ada", PASSWORD, SECRET_HASH=hash_of(client, "ada"))
    return client, ada, signed_in["AuthenticationResult"]


def test_the_hash_is_made_over_the_owner_or_the_name_sent(confidential, refresh):
    client, ada, tokens = confidential
    token = tokens["RefreshToken"]

    assert refresh(ada.client_id, token, SECRET_HASH=hash_of(client, "ada"))
    assert refresh(ada.client_id, token, SECRET_HASH=hash_of(client, ada.sub))
    assert refresh(
        ada.client_id,
        token,
        USERNAME="ada@example.com",
        SECRET_HASH=hash_of(client, "ada@example.com"),
    )
    with refused(
        "NotAuthorizedException", f"SecretHash does not match for the client: {ada.client_id}"
    ):
        refresh(ada.client_id, token, SECRET_HASH=hash_of(client, "bob"))
    with refused(
        "NotAuthorizedException",
        f"Client {ada.client_id} is configured with secret but SECRET_HASH was not received",
    ):
        refresh(ada.client_id, token)


def test_a_bad_token_is_refused_in_its_own_words(confidential, refresh):
    client, ada, _ = confidential

    with refused("NotAuthorizedException", INVALID):
        refresh(ada.client_id, "a.b.c.d.e", SECRET_HASH=hash_of(client, "ada"))


def test_a_client_without_a_secret_sends_no_hash(cognito, a_user, refresh):
    ada = a_user()
    token = tokens_of(cognito, ada)["RefreshToken"]

    with refused(
        "NotAuthorizedException",
        f"Client {ada.client_id} is not configured for secret but secret was received",
    ):
        refresh(ada.client_id, token, SECRET_HASH="abc=")


def test_the_other_operation_takes_the_secret_itself(confidential, exchange):
    client, ada, tokens = confidential
    token = tokens["RefreshToken"]

    assert exchange(ada.client_id, token, ClientSecret=client["ClientSecret"])
    with refused(
        "NotAuthorizedException",
        f"Client {ada.client_id} is configured for secret but secret was not received",
    ):
        exchange(ada.client_id, token)
    with refused("NotAuthorizedException", f"Unable to verify secret for client {ada.client_id}"):
        exchange(ada.client_id, token, ClientSecret="x" * 51)


def test_the_other_operation_refuses_a_secret_that_nobody_has(cognito, a_user, exchange):
    ada = a_user()
    token = tokens_of(cognito, ada)["RefreshToken"]

    with refused(
        "NotAuthorizedException",
        f"Client {ada.client_id} is not configured for secret but secret was received",
    ):
        exchange(ada.client_id, token, ClientSecret="x" * 51)


def test_unknown_clients_are_called_so(app, refresh, exchange):
    unknown = "a" * 26

    for renew in (refresh, exchange):
        with refused("ResourceNotFoundException", f"User pool client {unknown} does not exist."):
            renew(unknown, "a.b.c.d.e")


# --- with rotation -------------------------------------------------------------------------------


def test_each_use_gives_a_new_refresh_token(cognito, rotating, exchange, clock):
    ada = rotating()
    first = tokens_of(cognito, ada)
    clock.advance(timedelta(days=1))

    second = exchange(ada.client_id, first["RefreshToken"])
    third = exchange(ada.client_id, second["RefreshToken"])

    assert len({first["RefreshToken"], second["RefreshToken"], third["RefreshToken"]}) == 3
    assert cognito.get_user(AccessToken=third["AccessToken"])["Username"] == "ada"
    lineage = {claims(tokens["AccessToken"])["origin_jti"] for tokens in (first, second, third)}
    assert len(lineage) == 1


def test_a_rotated_token_expires_when_the_first_would(cognito, rotating, exchange, clock):
    ada = rotating()
    token = tokens_of(cognito, ada)["RefreshToken"]
    clock.advance(timedelta(days=29))
    token = exchange(ada.client_id, token)["RefreshToken"]
    clock.advance(timedelta(days=1))

    with refused("NotAuthorizedException", EXPIRED):
        exchange(ada.client_id, token)


def test_the_older_flow_is_closed(cognito, rotating, refresh):
    ada = rotating()
    token = tokens_of(cognito, ada)["RefreshToken"]

    with refused("InvalidParameterException", "Auth flow not enabled for this client"):
        refresh(ada.client_id, token)


def test_a_token_that_was_rotated_away_revokes_the_family(cognito, rotating, exchange):
    ada = rotating()
    first = tokens_of(cognito, ada)
    second = exchange(ada.client_id, first["RefreshToken"])

    with refused("RefreshTokenReuseException", REUSED):
        exchange(ada.client_id, first["RefreshToken"])

    for token in (first["RefreshToken"], second["RefreshToken"]):
        with refused("NotAuthorizedException", REVOKED):
            exchange(ada.client_id, token)
    for token in (first["AccessToken"], second["AccessToken"]):
        with refused("NotAuthorizedException", ACCESS_REVOKED):
            cognito.get_user(AccessToken=token)


def test_another_sign_in_is_another_family(cognito, rotating, exchange):
    ada = rotating()
    stolen, other = tokens_of(cognito, ada), tokens_of(cognito, ada)
    exchange(ada.client_id, stolen["RefreshToken"])
    with refused("RefreshTokenReuseException", REUSED):
        exchange(ada.client_id, stolen["RefreshToken"])

    assert exchange(ada.client_id, other["RefreshToken"])
    assert cognito.get_user(AccessToken=other["AccessToken"])


def test_a_retry_within_the_grace_period_gets_the_token_it_missed(
    cognito, rotating, exchange, clock
):
    ada = rotating(grace=30)
    first = tokens_of(cognito, ada)["RefreshToken"]
    missed = exchange(ada.client_id, first)["RefreshToken"]
    clock.advance(timedelta(seconds=30) - timedelta(milliseconds=1))

    again = exchange(ada.client_id, first)["RefreshToken"]

    assert again == missed
    assert exchange(ada.client_id, again)


def test_after_the_grace_period_it_is_reuse(cognito, rotating, exchange, clock):
    ada = rotating(grace=30)
    first = tokens_of(cognito, ada)["RefreshToken"]
    second = exchange(ada.client_id, first)["RefreshToken"]
    clock.advance(timedelta(seconds=30))

    with refused("RefreshTokenReuseException", REUSED):
        exchange(ada.client_id, first)
    with refused("NotAuthorizedException", REVOKED):
        exchange(ada.client_id, second)


def test_the_grace_is_for_the_direct_predecessor_only(cognito, rotating, exchange):
    ada = rotating(grace=60)
    first = tokens_of(cognito, ada)["RefreshToken"]
    second = exchange(ada.client_id, first)["RefreshToken"]
    third = exchange(ada.client_id, second)["RefreshToken"]

    assert exchange(ada.client_id, second)["RefreshToken"] == third
    with refused("RefreshTokenReuseException", REUSED):
        exchange(ada.client_id, first)
    with refused("NotAuthorizedException", REVOKED):
        exchange(ada.client_id, third)


def test_rotation_switched_off_keeps_the_last_token_good(cognito, rotating, exchange, refresh):
    ada = rotating()
    first = tokens_of(cognito, ada)["RefreshToken"]
    second = exchange(ada.client_id, first)["RefreshToken"]
    cognito.update_user_pool_client(
        UserPoolId=ada.pool_id,
        ClientId=ada.client_id,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )

    assert "RefreshToken" not in refresh(ada.client_id, second)
    assert refresh(ada.client_id, second)
    with refused("RefreshTokenReuseException", REUSED):
        exchange(ada.client_id, first)


def in_parallel(app, loop_thread, client_id, token, times):
    async def use():
        return await token_operations.get_tokens_from_refresh_token(
            app.call(), GetTokensFromRefreshTokenRequest(client_id=client_id, refresh_token=token)
        )

    async def all_at_once():
        return await asyncio.gather(*(use() for _ in range(times)), return_exceptions=True)

    outcomes = loop_thread.run(all_at_once())
    won = [one for one in outcomes if not isinstance(one, BaseException)]
    lost = [(one.name, one.message) for one in outcomes if isinstance(one, AWSError)]
    assert len(won) + len(lost) == times
    return won, lost


def test_of_sixty_four_parallel_uses_one_wins_and_the_rest_end_it(
    app, cognito, rotating, exchange, loop_thread
):
    ada = rotating()
    token = tokens_of(cognito, ada)["RefreshToken"]

    won, lost = in_parallel(app, loop_thread, ada.client_id, token, 64)

    assert len(won) == 1
    assert lost.count(("RefreshTokenReuseException", REUSED)) >= 1
    assert set(lost) <= {
        ("RefreshTokenReuseException", REUSED),
        ("NotAuthorizedException", REVOKED),
    }
    with refused("NotAuthorizedException", REVOKED):
        exchange(ada.client_id, won[0].authentication_result.refresh_token)
    with refused("NotAuthorizedException", ACCESS_REVOKED):
        cognito.get_user(AccessToken=won[0].authentication_result.access_token)


def test_within_the_grace_period_parallel_uses_get_the_same_successor(
    app, cognito, rotating, exchange, loop_thread
):
    ada = rotating(grace=10)
    token = tokens_of(cognito, ada)["RefreshToken"]

    won, lost = in_parallel(app, loop_thread, ada.client_id, token, 32)

    assert lost == []
    successors = {one.authentication_result.refresh_token for one in won}
    assert len(successors) == 1
    assert exchange(ada.client_id, successors.pop())


# --- revoking ------------------------------------------------------------------------------------


@pytest.fixture
def revoke(cognito):
    def end(client_id, token, **more):
        return cognito.revoke_token(ClientId=client_id, Token=token, **more)

    return end


def test_a_revoked_token_ends_its_family_and_no_other(cognito, a_user, refresh, revoke):
    ada = a_user()
    tokens, other = tokens_of(cognito, ada), tokens_of(cognito, ada)
    descendant = refresh(ada.client_id, tokens["RefreshToken"])

    answer = revoke(ada.client_id, tokens["RefreshToken"])

    assert set(answer) == {"ResponseMetadata"}
    with refused("NotAuthorizedException", REVOKED):
        refresh(ada.client_id, tokens["RefreshToken"])
    for access in (tokens["AccessToken"], descendant["AccessToken"]):
        with refused("NotAuthorizedException", ACCESS_REVOKED):
            cognito.get_user(AccessToken=access)
    assert refresh(ada.client_id, other["RefreshToken"])
    assert cognito.get_user(AccessToken=other["AccessToken"])


def test_revoking_what_is_not_there_succeeds(cognito, a_user, revoke):
    ada = a_user()
    token = tokens_of(cognito, ada)["RefreshToken"]
    revoke(ada.client_id, token)

    for gone in (token, "garbage", "a.b.c.d.e"):
        assert revoke(ada.client_id, gone)


@pytest.mark.parametrize("kind", ["AccessToken", "IdToken"])
def test_only_refresh_tokens_are_revoked(cognito, a_user, revoke, kind):
    ada = a_user()
    token = tokens_of(cognito, ada)[kind]

    with refused("UnsupportedTokenTypeException", "Unsupported token type."):
        revoke(ada.client_id, token)


def test_a_client_revokes_its_own_tokens(cognito, a_client, a_user, refresh, revoke):
    ada = a_user()
    other = a_client(ada.pool_id)["ClientId"]
    token = tokens_of(cognito, ada)["RefreshToken"]

    with refused("UnauthorizedException", "Token was not issued to this client."):
        revoke(other, token)
    assert refresh(ada.client_id, token)


def test_a_client_with_a_secret_proves_it(confidential, revoke):
    client, ada, tokens = confidential

    for more in ({}, {"ClientSecret": "x" * 51}):
        with refused("UnauthorizedException", "Client secret is not valid."):
            revoke(ada.client_id, tokens["RefreshToken"], **more)
    assert revoke(ada.client_id, tokens["RefreshToken"], ClientSecret=client["ClientSecret"])


def test_a_client_without_revocation_revokes_nothing(cognito, a_pool, a_client, a_user, revoke):
    pool = a_pool()
    client = a_client(pool, EnableTokenRevocation=False)
    ada = a_user(pool_id=pool, client_id=client["ClientId"])
    token = tokens_of(cognito, ada)["RefreshToken"]

    with refused(
        "UnsupportedOperationException", "Token revocation is not enabled for this client."
    ):
        revoke(ada.client_id, token)


def test_an_unknown_client_revokes_nothing(app, revoke):
    unknown = "a" * 26

    with refused("InvalidParameterException", f"User pool client {unknown} does not exist."):
        revoke(unknown, "a.b.c.d.e")


def test_a_rotated_token_is_revoked_by_any_of_its_line(cognito, rotating, exchange, revoke):
    ada = rotating()
    first = tokens_of(cognito, ada)["RefreshToken"]
    second = exchange(ada.client_id, first)["RefreshToken"]

    revoke(ada.client_id, first)

    with refused("NotAuthorizedException", REVOKED):
        exchange(ada.client_id, second)


# --- signing out everywhere ----------------------------------------------------------------------


@pytest.fixture
def sign_out(cognito):
    """`sign_out(user, access_token, by)` → by the user or by an administrator."""

    def end(user, token, by):
        if by == "user":
            return cognito.global_sign_out(AccessToken=token)
        return cognito.admin_user_global_sign_out(UserPoolId=user.pool_id, Username=user.username)

    return end


@pytest.mark.parametrize("by", ["user", "administrator"])
def test_signing_out_everywhere_ends_all_of_one_user(
    cognito, a_client, a_user, refresh, exchange, sign_out, by
):
    ada = a_user()
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    other = a_client(ada.pool_id)["ClientId"]
    here = tokens_of(cognito, ada)
    there = sign_in(cognito, other, "ada", PASSWORD)["AuthenticationResult"]
    bobs = tokens_of(cognito, bob)

    answer = sign_out(ada, here["AccessToken"], by)

    assert set(answer) == {"ResponseMetadata"}
    for client, tokens in ((ada.client_id, here), (other, there)):
        with refused("NotAuthorizedException", REVOKED):
            refresh(client, tokens["RefreshToken"])
        with refused("NotAuthorizedException", REVOKED):
            exchange(client, tokens["RefreshToken"])
    assert refresh(ada.client_id, bobs["RefreshToken"])
    assert cognito.get_user(AccessToken=bobs["AccessToken"])
    assert cognito.get_user(AccessToken=tokens_of(cognito, ada)["AccessToken"])


@pytest.mark.parametrize("by", ["user", "administrator"])
def test_after_it_every_operation_refuses_the_token(cognito, a_user, sign_out, by):
    ada = a_user(attributes={"email": "ada@example.com"})
    token = tokens_of(cognito, ada)["AccessToken"]
    sign_out(ada, token, by)

    for call in operations_by_token(cognito):
        with refused("NotAuthorizedException", ACCESS_REVOKED):
            call(AccessToken=token)


def operations_by_token(cognito):
    """Every operation of a user that is authorized by an access token, ready to be called."""

    def of(operation, **arguments):
        return lambda AccessToken: operation(AccessToken=AccessToken, **arguments)  # noqa: N803 - the SDK's name

    return [
        of(cognito.get_user),
        of(cognito.update_user_attributes, UserAttributes=[{"Name": "name", "Value": "x"}]),
        of(cognito.delete_user_attributes, UserAttributeNames=["name"]),
        of(
            cognito.change_password,
            PreviousPassword=PASSWORD,
            ProposedPassword="Fresh-horse2!",
        ),
        of(cognito.get_user_attribute_verification_code, AttributeName="email"),
        of(cognito.verify_user_attribute, AttributeName="email", Code="123456"),
        of(cognito.global_sign_out),
        of(cognito.set_user_mfa_preference),
        of(cognito.associate_software_token),
        of(cognito.verify_software_token, UserCode="123456"),
        of(cognito.get_user_auth_factors),
        of(cognito.list_devices),
        of(cognito.delete_user),
    ]


@pytest.mark.parametrize("by", ["user", "administrator"])
def test_tokens_without_a_family_end_by_their_time(
    cognito, a_pool, a_client, a_user, sign_out, clock, by
):
    pool = a_pool()
    client = a_client(pool, EnableTokenRevocation=False)
    ada = a_user(pool_id=pool, client_id=client["ClientId"])
    token = tokens_of(cognito, ada)["AccessToken"]
    assert "origin_jti" not in claims(token)
    clock.advance(timedelta(minutes=1))

    sign_out(ada, token, by)

    with refused("NotAuthorizedException", ACCESS_REVOKED):
        cognito.get_user(AccessToken=token)
    clock.advance(timedelta(seconds=1))
    assert cognito.get_user(AccessToken=tokens_of(cognito, ada)["AccessToken"])


def test_signing_out_somebody_unknown_is_refused(cognito, a_user):
    ada = a_user()

    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_user_global_sign_out(UserPoolId=ada.pool_id, Username="nobody")
    with refused("ResourceNotFoundException", "User pool us-east-1_000000000 does not exist."):
        cognito.admin_user_global_sign_out(UserPoolId="us-east-1_000000000", Username="ada")
