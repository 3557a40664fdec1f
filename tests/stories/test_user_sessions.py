"""Sessions of users: tracked from the sign-in on, limited, listed, ended."""

import re
from datetime import UTC, timedelta

import pytest

from tests.stories.factor_steps import claims_of, password_of
from tests.stories.refusals import refused
from tests.stories.steps import sign_in

NOT_IN_TIER = "This feature is not available in the user pool's current tier."
NO_SESSION = ("ResourceNotFoundException", "Session does not exist.")
DEAD = ("NotAuthorizedException", "Access Token has been revoked")


@pytest.fixture
def tracked(cognito, a_user):
    """`tracked(limit=20)`: a user of a pool that tracks sessions."""

    def create(*, limit=20, tracking="ENABLED", **more):
        user = a_user(**more)
        configure(cognito, user.pool_id, limit=limit, tracking=tracking)
        return user

    return create


def configure(cognito, pool_id, *, limit=20, tracking="ENABLED"):
    return cognito.set_user_pool_session_configuration(
        UserPoolId=pool_id, UserSessionTracking=tracking, TokenSession={"MaxPerUser": limit}
    )


def sessions_of(cognito, user):
    return cognito.admin_list_user_sessions(UserPoolId=user.pool_id, Username=user.username)[
        "Sessions"
    ]


def token_of(signed_in):
    return signed_in["AuthenticationResult"]["AccessToken"]


# --- settings ------------------------------------------------------------------------------------


def test_a_pool_tracks_nothing_until_it_is_told_to(cognito, a_user):
    ada = a_user()
    password_of(cognito, ada)

    never_set = cognito.get_user_pool_session_configuration(UserPoolId=ada.pool_id)

    never_set.pop("ResponseMetadata")
    assert never_set == {
        "UserPoolId": ada.pool_id,
        "UserSessionTracking": "DISABLED",
        "TokenSession": {"MaxPerUser": 20},
    }
    assert sessions_of(cognito, ada) == []


def test_settings_are_replaced_and_answered(cognito, a_pool):
    pool_id = a_pool()

    answered = configure(cognito, pool_id, limit=3)
    read = cognito.get_user_pool_session_configuration(UserPoolId=pool_id)

    for one in (answered, read):
        one.pop("ResponseMetadata")
        assert one == {
            "UserPoolId": pool_id,
            "UserSessionTracking": "ENABLED",
            "TokenSession": {"MaxPerUser": 3},
        }


def test_a_clients_settings_need_tracking_and_outlive_it(cognito, tracked):
    ada = tracked()
    client = {"UserPoolId": ada.pool_id, "ClientId": ada.client_id}

    never_set = cognito.get_user_pool_client_session_configuration(**client)
    answered = cognito.set_user_pool_client_session_configuration(
        **client, SSOSession={"MaxValidityMinutes": 0}
    )
    configure(cognito, ada.pool_id, tracking="DISABLED")
    with refused(
        "InvalidParameterException", "User session tracking is not enabled for the user pool."
    ):
        cognito.set_user_pool_client_session_configuration(
            **client, SSOSession={"MaxValidityMinutes": 5}
        )
    dormant = cognito.get_user_pool_client_session_configuration(**client)

    assert never_set["SSOSession"] == {"MaxValidityMinutes": 60}
    assert answered["SSOSession"] == {"MaxValidityMinutes": 0}
    assert (answered["UserPoolId"], answered["ClientId"]) == (ada.pool_id, ada.client_id)
    assert dormant["SSOSession"] == {"MaxValidityMinutes": 0}


def test_what_does_not_exist_is_called_so(cognito, tracked):
    ada = tracked()
    nowhere = "User pool us-east-1_nowhere does not exist."

    with refused("ResourceNotFoundException", nowhere):
        cognito.get_user_pool_session_configuration(UserPoolId="us-east-1_nowhere")
    with refused("ResourceNotFoundException", nowhere):
        configure(cognito, "us-east-1_nowhere")
    with refused("ResourceNotFoundException", nowhere):
        cognito.admin_list_user_sessions(UserPoolId="us-east-1_nowhere", Username="ada")
    with refused("ResourceNotFoundException", "User pool client nobody does not exist."):
        cognito.get_user_pool_client_session_configuration(
            UserPoolId=ada.pool_id, ClientId="nobody"
        )
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_list_user_sessions(UserPoolId=ada.pool_id, Username="nobody")


def test_the_lite_plan_has_no_sessions(cognito, a_pool, a_user):
    ada = a_user(pool_id=a_pool(UserPoolTier="LITE"))
    access_token = token_of(password_of(cognito, ada))
    error = ("FeatureUnavailableInTierException", NOT_IN_TIER)

    with refused(*error):
        cognito.get_user_pool_session_configuration(UserPoolId=ada.pool_id)
    with refused(*error):
        configure(cognito, ada.pool_id)
    with refused(*error):
        cognito.get_user_pool_client_session_configuration(
            UserPoolId=ada.pool_id, ClientId=ada.client_id
        )
    with refused(*error):
        cognito.set_user_pool_client_session_configuration(
            UserPoolId=ada.pool_id,
            ClientId=ada.client_id,
            SSOSession={"MaxValidityMinutes": 5},
        )
    # The model gives the others no name for that.
    error = ("InvalidParameterException", NOT_IN_TIER)
    with refused(*error):
        cognito.list_user_sessions(AccessToken=access_token)
    with refused(*error):
        sessions_of(cognito, ada)
    with refused(*error):
        cognito.revoke_user_session(AccessToken=access_token, SessionId="tkn" + "a" * 25)
    with refused(*error):
        cognito.admin_revoke_user_session(
            UserPoolId=ada.pool_id, Username="ada", SessionId="tkn" + "a" * 25
        )


def test_a_plan_that_was_lowered_ends_the_tracking(cognito, tracked):
    ada = tracked(limit=1)
    cognito.update_user_pool(UserPoolId=ada.pool_id, UserPoolTier="LITE")

    first, second = password_of(cognito, ada), password_of(cognito, ada)

    assert cognito.get_user(AccessToken=token_of(first))["Username"] == "ada"
    assert cognito.get_user(AccessToken=token_of(second))["Username"] == "ada"


# --- a session -----------------------------------------------------------------------------------


def test_a_sign_in_begins_a_session(cognito, tracked, clock):
    ada = tracked()
    signed_in = password_of(cognito, ada)

    [own] = cognito.list_user_sessions(AccessToken=token_of(signed_in))["Sessions"]
    [seen] = sessions_of(cognito, ada)

    assert re.fullmatch("tkn[a-z0-9]{25}", own["SessionId"])
    assert own["SessionType"] == "TOKEN"
    assert own["ClientId"] == ada.client_id
    assert own["CreateDate"].astimezone(UTC) == clock.now()
    assert own["LastActiveDate"].astimezone(UTC) == clock.now()
    assert own["DeviceType"].startswith("Boto3/")
    assert own["LastIPAddress"] == "127.0.0.1"
    assert "OriginSessionId" not in own
    assert own["IsCurrentSession"] is True
    assert seen == {**own, "IsCurrentSession": False}


def test_a_refresh_is_activity_of_the_same_session(cognito, tracked, clock):
    ada = tracked()
    began = clock.now()
    signed_in = password_of(cognito, ada)
    [before] = sessions_of(cognito, ada)
    clock.advance(timedelta(minutes=10))

    cognito.initiate_auth(
        ClientId=ada.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": signed_in["AuthenticationResult"]["RefreshToken"]},
    )

    [after] = sessions_of(cognito, ada)
    assert after["SessionId"] == before["SessionId"]
    assert after["CreateDate"].astimezone(UTC) == began
    assert after["LastActiveDate"].astimezone(UTC) == clock.now()


def test_sessions_from_before_the_tracking_are_not_listed(cognito, tracked):
    ada = tracked(tracking="DISABLED")
    before = password_of(cognito, ada)
    configure(cognito, ada.pool_id)
    after = password_of(cognito, ada)

    listed = cognito.list_user_sessions(AccessToken=token_of(before))["Sessions"]

    assert [one["IsCurrentSession"] for one in listed] == [False]
    [own] = cognito.list_user_sessions(AccessToken=token_of(after))["Sessions"]
    assert own["IsCurrentSession"] is True


def test_the_newest_use_comes_first_and_ends_with_the_refresh_token(
    cognito, tracked, a_client, clock
):
    ada = tracked()
    short = a_client(
        ada.pool_id, RefreshTokenValidity=60, TokenValidityUnits={"RefreshToken": "minutes"}
    )["ClientId"]
    sign_in(cognito, short, "ada", ada.password)
    clock.advance(timedelta(minutes=1))
    password_of(cognito, ada)

    both = [one["ClientId"] for one in sessions_of(cognito, ada)]
    clock.advance(timedelta(minutes=59))
    left = [one["ClientId"] for one in sessions_of(cognito, ada)]

    assert both == [ada.client_id, short]
    assert left == [ada.client_id]


def test_there_is_one_page(cognito, tracked):
    ada = tracked()
    access_token = token_of(password_of(cognito, ada))

    assert "NextToken" not in cognito.list_user_sessions(AccessToken=access_token)
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.list_user_sessions(AccessToken=access_token, NextToken="more")
    with refused("InvalidParameterException", "Invalid pagination token"):
        cognito.admin_list_user_sessions(UserPoolId=ada.pool_id, Username="ada", NextToken="more")


# --- the limit -----------------------------------------------------------------------------------


def test_the_session_used_least_recently_makes_room(cognito, tracked, clock):
    ada = tracked(limit=2)
    first = password_of(cognito, ada)
    clock.advance(timedelta(minutes=1))
    second = password_of(cognito, ada)
    clock.advance(timedelta(minutes=1))
    cognito.initiate_auth(
        ClientId=ada.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": first["AuthenticationResult"]["RefreshToken"]},
    )
    clock.advance(timedelta(minutes=1))

    third = password_of(cognito, ada)

    assert len(sessions_of(cognito, ada)) == 2
    with refused(*DEAD):
        cognito.get_user(AccessToken=token_of(second))
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        cognito.initiate_auth(
            ClientId=ada.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": second["AuthenticationResult"]["RefreshToken"]},
        )
    for alive in (first, third):
        assert cognito.get_user(AccessToken=token_of(alive))["Username"] == "ada"


def test_a_lower_limit_counts_from_the_next_sign_in_on(cognito, tracked, clock):
    ada = tracked(limit=5)
    for _ in range(5):
        password_of(cognito, ada)
        clock.advance(timedelta(seconds=1))

    configure(cognito, ada.pool_id, limit=2)
    unchanged = len(sessions_of(cognito, ada))
    password_of(cognito, ada)

    assert unchanged == 5
    assert len(sessions_of(cognito, ada)) == 2


def test_the_limit_is_each_users_own(cognito, tracked, a_user):
    ada = tracked(limit=1)
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    adas = password_of(cognito, ada)

    password_of(cognito, bob)

    assert cognito.get_user(AccessToken=token_of(adas))["Username"] == "ada"


# --- ending one ----------------------------------------------------------------------------------


def test_a_user_ends_another_session_of_theirs(cognito, tracked, clock):
    ada = tracked()
    lost = password_of(cognito, ada)
    clock.advance(timedelta(seconds=1))
    here = password_of(cognito, ada)
    current, other = cognito.list_user_sessions(AccessToken=token_of(here))["Sessions"]

    with refused("InvalidParameterException", "The current session cannot be revoked."):
        cognito.revoke_user_session(AccessToken=token_of(here), SessionId=current["SessionId"])
    cognito.revoke_user_session(
        AccessToken=token_of(here),
        SessionId=other["SessionId"],
        RevokeAssociatedSessions="LINKED",
    )

    assert (current["IsCurrentSession"], other["IsCurrentSession"]) == (True, False)
    with refused(*DEAD):
        cognito.get_user(AccessToken=token_of(lost))
    [left] = cognito.list_user_sessions(AccessToken=token_of(here))["Sessions"]
    assert left == current
    with refused(*NO_SESSION):
        cognito.revoke_user_session(AccessToken=token_of(here), SessionId=other["SessionId"])


def test_an_administrator_ends_a_session(cognito, tracked):
    ada = tracked()
    signed_in = password_of(cognito, ada)
    [session] = sessions_of(cognito, ada)

    cognito.admin_revoke_user_session(
        UserPoolId=ada.pool_id, Username="ada", SessionId=session["SessionId"]
    )

    assert sessions_of(cognito, ada) == []
    with refused(*DEAD):
        cognito.get_user(AccessToken=token_of(signed_in))


def test_sessions_of_others_are_out_of_reach(cognito, tracked, a_user):
    ada = tracked()
    bob = a_user(username="bob", pool_id=ada.pool_id, client_id=ada.client_id)
    adas, bobs = password_of(cognito, ada), password_of(cognito, bob)
    [session] = sessions_of(cognito, ada)

    with refused(*NO_SESSION):
        cognito.revoke_user_session(AccessToken=token_of(bobs), SessionId=session["SessionId"])
    with refused(*NO_SESSION):
        cognito.admin_revoke_user_session(
            UserPoolId=ada.pool_id, Username="bob", SessionId=session["SessionId"]
        )
    with refused(*NO_SESSION):
        cognito.admin_revoke_user_session(
            UserPoolId=ada.pool_id, Username="ada", SessionId="tkn" + "a" * 25
        )
    assert cognito.get_user(AccessToken=token_of(adas))["Username"] == "ada"


@pytest.mark.parametrize("way", ["revoke", "sign out", "disable"])
def test_whatever_ends_the_tokens_ends_the_session(cognito, tracked, way):
    ada = tracked()
    result = password_of(cognito, ada)["AuthenticationResult"]

    if way == "revoke":
        cognito.revoke_token(Token=result["RefreshToken"], ClientId=ada.client_id)
    elif way == "sign out":
        cognito.global_sign_out(AccessToken=result["AccessToken"])
    else:
        cognito.admin_disable_user(UserPoolId=ada.pool_id, Username="ada")

    assert sessions_of(cognito, ada) == []


def test_a_session_is_a_family_of_tokens(cognito, tracked):
    ada = tracked()
    signed_in = password_of(cognito, ada)
    refreshed = cognito.initiate_auth(
        ClientId=ada.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": signed_in["AuthenticationResult"]["RefreshToken"]},
    )

    assert claims_of(signed_in)["origin_jti"] == claims_of(refreshed)["origin_jti"]
    for one in (signed_in, refreshed):
        [own] = cognito.list_user_sessions(AccessToken=token_of(one))["Sessions"]
        assert own["IsCurrentSession"] is True
