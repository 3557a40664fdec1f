"""boto3 over a socket: a pool's whole life, and what a restart of the server keeps."""

import re
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from tests.clients.conftest import PASSWORD
from tests.clients.started_server import another_code

MINUTE = 60  # seconds
SECONDS_PER_DAY = 24 * 60 * MINUTE


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    """The name and the text of what the service answered."""
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def sign_in(cognito: Any, pool: Any, username: str, password: str = PASSWORD) -> dict[str, Any]:
    answer = cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )
    tokens: dict[str, Any] = answer["AuthenticationResult"]
    return tokens


def refresh(cognito: Any, pool: Any, refresh_token: str) -> dict[str, Any]:
    tokens: dict[str, Any] = cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": refresh_token},
    )["AuthenticationResult"]
    return tokens


def attributes(cognito: Any, tokens: dict[str, Any]) -> dict[str, str]:
    found = cognito.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    return {attribute["Name"]: attribute["Value"] for attribute in found}


def test_a_user_signs_up_confirms_the_address_and_signs_in(server, cognito, a_pool):
    pool = a_pool(UsernameAttributes=["email"])
    ada = "ada@example.com"

    signed_up = cognito.sign_up(ClientId=pool.client_id, Username=ada, Password=PASSWORD)

    assert signed_up["UserConfirmed"] is False
    assert signed_up["CodeDeliveryDetails"] == {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    with pytest.raises(ClientError) as unconfirmed:
        sign_in(cognito, pool, ada)
    assert refusal(unconfirmed) == ("UserNotConfirmedException", "User is not confirmed.")

    code = server.code(ada)
    with pytest.raises(ClientError) as wrong:
        cognito.confirm_sign_up(
            ClientId=pool.client_id, Username=ada, ConfirmationCode=another_code(code)
        )
    assert refusal(wrong) == (
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    )
    cognito.confirm_sign_up(ClientId=pool.client_id, Username=ada, ConfirmationCode=code)
    with pytest.raises(ClientError) as again:
        cognito.confirm_sign_up(ClientId=pool.client_id, Username=ada, ConfirmationCode=code)
    assert refusal(again) == (
        "NotAuthorizedException",
        "User cannot be confirmed. Current status is CONFIRMED",
    )

    tokens = sign_in(cognito, pool, ada)
    assert tokens["TokenType"] == "Bearer"
    assert tokens["ExpiresIn"] == 60 * MINUTE
    stored = attributes(cognito, tokens)
    assert stored == {
        "sub": signed_up["UserSub"],
        "email": ada,
        "email_verified": "true",
    }
    with pytest.raises(ClientError) as taken:
        cognito.sign_up(ClientId=pool.client_id, Username=ada, Password=PASSWORD)
    assert refusal(taken)[0] == "UsernameExistsException"


def test_a_weak_password_is_refused_with_the_rule_it_breaks(cognito, a_pool):
    pool = a_pool()

    with pytest.raises(ClientError) as weak:
        cognito.sign_up(
            ClientId=pool.client_id,
            Username="ada",
            Password="correct-horse1!",
            UserAttributes=[{"Name": "email", "Value": "ada@example.com"}],
        )

    assert refusal(weak) == (
        "InvalidPasswordException",
        "Password did not conform with policy: Password must have uppercase characters",
    )


def test_a_wrong_password_does_not_sign_in(cognito, a_pool, a_user):
    pool = a_pool()
    a_user(pool, "ada")

    with pytest.raises(ClientError) as wrong:
        sign_in(cognito, pool, "ada", "Wrong-horse1!")

    assert refusal(wrong) == ("NotAuthorizedException", "Incorrect username or password.")
    assert wrong.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_tokens_are_signed_by_the_pools_own_keys(server, cognito, a_pool, a_user):
    pool, other = a_pool(), a_pool()
    a_user(pool, "ada")

    tokens = sign_in(cognito, pool, "ada")

    keys = jwt.PyJWKSet.from_dict(server.jwks(pool.pool_id))
    for token, expected in (
        (tokens["IdToken"], {"token_use": "id", "cognito:username": "ada"}),
        (tokens["AccessToken"], {"token_use": "access", "username": "ada"}),
    ):
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=f"{server.url}/{pool.pool_id}",
            options={"verify_aud": False},
        )
        assert claims.items() >= expected.items()
    others = {key["kid"] for key in server.jwks(other.pool_id)["keys"]}
    assert not others & {key.key_id for key in keys.keys}


def test_a_refresh_token_gives_new_tokens_of_the_same_sign_in(cognito, a_pool, a_user):
    pool, other = a_pool(), a_pool()
    a_user(pool, "ada")
    first = sign_in(cognito, pool, "ada")

    second = refresh(cognito, pool, first["RefreshToken"])

    assert "RefreshToken" not in second
    before, after = (
        jwt.decode(tokens["AccessToken"], options={"verify_signature": False})
        for tokens in (first, second)
    )
    assert after["origin_jti"] == before["origin_jti"]
    assert after["auth_time"] == before["auth_time"]
    assert after["jti"] != before["jti"]
    assert attributes(cognito, second)["email"] == "ada@example.com"
    with pytest.raises(ClientError) as elsewhere:
        refresh(cognito, other, first["RefreshToken"])
    assert refusal(elsewhere) == ("NotAuthorizedException", "Invalid Refresh Token")


def test_a_changed_address_is_verified_with_a_code(server, cognito, a_pool, a_user):
    pool = a_pool()
    a_user(pool, "ada")
    tokens = sign_in(cognito, pool, "ada")

    cognito.update_user_attributes(
        AccessToken=tokens["AccessToken"],
        UserAttributes=[
            {"Name": "email", "Value": "lovelace@example.com"},
            {"Name": "given_name", "Value": "Ada"},
        ],
    )

    changed = attributes(cognito, tokens)
    assert changed["given_name"] == "Ada"
    assert changed["email"] == "lovelace@example.com"
    assert changed["email_verified"] == "false"
    code = server.code("lovelace@example.com")
    for given, name in ((another_code(code), "CodeMismatchException"), (code, None)):
        verify = {"AccessToken": tokens["AccessToken"], "AttributeName": "email", "Code": given}
        if name is None:
            cognito.verify_user_attribute(**verify)
        else:
            with pytest.raises(ClientError) as wrong:
                cognito.verify_user_attribute(**verify)
            assert refusal(wrong)[0] == name
    assert attributes(cognito, tokens)["email_verified"] == "true"


def test_a_forgotten_password_is_replaced_once_for_each_code(server, cognito, a_pool, a_user):
    pool = a_pool()
    a_user(pool, "ada")
    cognito.forgot_password(ClientId=pool.client_id, Username="ada")
    code = server.code("ada@example.com")
    confirmation = {"ClientId": pool.client_id, "Username": "ada", "Password": "New-horse2!"}

    with pytest.raises(ClientError) as wrong:
        cognito.confirm_forgot_password(**confirmation, ConfirmationCode=another_code(code))
    assert refusal(wrong)[0] == "CodeMismatchException"
    cognito.confirm_forgot_password(**confirmation, ConfirmationCode=code)

    with pytest.raises(ClientError) as reused:
        cognito.confirm_forgot_password(**confirmation, ConfirmationCode=code)
    assert refusal(reused) == (
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
    )
    with pytest.raises(ClientError) as old:
        sign_in(cognito, pool, "ada")
    assert refusal(old)[0] == "NotAuthorizedException"
    assert sign_in(cognito, pool, "ada", "New-horse2!")["AccessToken"]


def test_signing_out_everywhere_ends_every_token(cognito, a_pool, a_user):
    pool = a_pool()
    a_user(pool, "ada")
    phone, laptop = (sign_in(cognito, pool, "ada") for _ in range(2))

    cognito.global_sign_out(AccessToken=phone["AccessToken"])

    for tokens in (phone, laptop):
        with pytest.raises(ClientError) as access:
            cognito.get_user(AccessToken=tokens["AccessToken"])
        assert refusal(access) == ("NotAuthorizedException", "Access Token has been revoked")
        with pytest.raises(ClientError) as refreshing:
            refresh(cognito, pool, tokens["RefreshToken"])
        assert refusal(refreshing) == (
            "NotAuthorizedException",
            "Refresh Token has been revoked",
        )


def test_a_revoked_refresh_token_ends_its_own_sign_in_alone(cognito, a_pool, a_user):
    pool = a_pool()
    a_user(pool, "ada")
    phone, laptop = (sign_in(cognito, pool, "ada") for _ in range(2))

    cognito.revoke_token(Token=phone["RefreshToken"], ClientId=pool.client_id)

    with pytest.raises(ClientError) as revoked:
        refresh(cognito, pool, phone["RefreshToken"])
    assert refusal(revoked)[1] == "Refresh Token has been revoked"
    assert refresh(cognito, pool, laptop["RefreshToken"])["AccessToken"]


def test_a_temporary_password_must_be_replaced_in_time(cognito, a_pool, clock):
    pool = a_pool()
    cognito.admin_create_user(
        UserPoolId=pool.pool_id,
        Username="ada",
        TemporaryPassword="Temp0rary!",
        MessageAction="SUPPRESS",
    )

    def challenged() -> dict[str, Any]:
        answer: dict[str, Any] = cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": "Temp0rary!"},
        )
        assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        return answer

    def respond(session: str) -> dict[str, Any]:
        answer: dict[str, Any] = cognito.respond_to_auth_challenge(
            ClientId=pool.client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=session,
            ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": PASSWORD},
        )
        return answer

    late = challenged()
    clock(4 * MINUTE)
    with pytest.raises(ClientError) as expired:
        respond(late["Session"])
    assert refusal(expired) == (
        "NotAuthorizedException",
        "Invalid session for the user, session is expired.",
    )

    in_time = challenged()
    assert respond(in_time["Session"])["AuthenticationResult"]["AccessToken"]
    with pytest.raises(ClientError) as used:
        respond(in_time["Session"])
    assert refusal(used) == (
        "NotAuthorizedException",
        "Invalid session for the user, session can only be used once.",
    )


def test_tokens_and_codes_have_their_time(server, cognito, a_pool, a_user, clock):
    pool = a_pool()
    a_user(pool, "ada")
    tokens = sign_in(cognito, pool, "ada")
    cognito.forgot_password(ClientId=pool.client_id, Username="ada")
    code = server.code("ada@example.com")

    clock(61 * MINUTE)

    with pytest.raises(ClientError) as late_token:
        cognito.get_user(AccessToken=tokens["AccessToken"])
    assert refusal(late_token) == ("NotAuthorizedException", "Access Token has expired")
    with pytest.raises(ClientError) as late_code:
        cognito.confirm_forgot_password(
            ClientId=pool.client_id,
            Username="ada",
            Password="New-horse2!",
            ConfirmationCode=code,
        )
    assert refusal(late_code)[0] == "ExpiredCodeException"

    clock(30 * SECONDS_PER_DAY)

    with pytest.raises(ClientError) as late_refresh:
        refresh(cognito, pool, tokens["RefreshToken"])
    assert refusal(late_refresh) == ("NotAuthorizedException", "Refresh Token has expired")


def test_a_restart_keeps_all_that_was_answered(server, cognito, a_pool, a_user):
    pool = a_pool(UserPoolTags={"team": "identity"})
    a_user(pool, "ada")
    tokens = sign_in(cognito, pool, "ada")
    cognito.create_group(UserPoolId=pool.pool_id, GroupName="staff")
    cognito.admin_add_user_to_group(UserPoolId=pool.pool_id, Username="ada", GroupName="staff")
    cognito.forgot_password(ClientId=pool.client_id, Username="ada")
    cognito.admin_create_user(
        UserPoolId=pool.pool_id,
        Username="bob",
        TemporaryPassword="Temp0rary!",
        MessageAction="SUPPRESS",
    )
    challenge = cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "bob", "PASSWORD": "Temp0rary!"},
    )
    before = {
        "pool": cognito.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"],
        "client": cognito.describe_user_pool_client(
            UserPoolId=pool.pool_id, ClientId=pool.client_id
        )["UserPoolClient"],
        "keys": server.jwks(pool.pool_id),
        "inbox": server.inbox("ada@example.com"),
    }

    server.restart()

    assert before == {
        "pool": cognito.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"],
        "client": cognito.describe_user_pool_client(
            UserPoolId=pool.pool_id, ClientId=pool.client_id
        )["UserPoolClient"],
        "keys": server.jwks(pool.pool_id),
        "inbox": server.inbox("ada@example.com"),
    }
    assert attributes(cognito, tokens)["email"] == "ada@example.com"
    refreshed = refresh(cognito, pool, tokens["RefreshToken"])
    claims = jwt.decode(refreshed["IdToken"], options={"verify_signature": False})
    assert claims["cognito:groups"] == ["staff"]
    answered = cognito.respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "bob", "NEW_PASSWORD": PASSWORD},
    )
    assert answered["AuthenticationResult"]["AccessToken"]
    cognito.confirm_forgot_password(
        ClientId=pool.client_id,
        Username="ada",
        Password="New-horse2!",
        ConfirmationCode=server.code("ada@example.com"),
    )
    assert sign_in(cognito, pool, "ada", "New-horse2!")["AccessToken"]


def test_a_pool_goes_with_all_that_is_in_it(server, cognito, a_pool, a_user):
    pool = a_pool()
    a_user(pool, "ada")
    tokens = sign_in(cognito, pool, "ada")

    cognito.delete_user_pool(UserPoolId=pool.pool_id)

    with pytest.raises(ClientError) as gone:
        cognito.describe_user_pool(UserPoolId=pool.pool_id)
    assert refusal(gone) == (
        "ResourceNotFoundException",
        f"User pool {pool.pool_id} does not exist.",
    )
    with pytest.raises(ClientError) as client:
        sign_in(cognito, pool, "ada")
    assert refusal(client) == (
        "ResourceNotFoundException",
        f"User pool client {pool.client_id} does not exist.",
    )
    with pytest.raises(ClientError):
        cognito.get_user(AccessToken=tokens["AccessToken"])


def test_a_malformed_request_is_told_all_that_is_wrong_with_it(cognito):
    with pytest.raises(ClientError) as invalid:
        cognito.admin_get_user(UserPoolId="no pool id", Username="ada")

    name, text = refusal(invalid)
    assert name == "InvalidParameterException"
    assert re.match(r"1 validation error detected: Value .*at 'userPoolId' failed", text)
