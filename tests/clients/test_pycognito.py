"""pycognito, given its endpoint the way its users give it: in `boto3_client_kwargs`."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any, Self

import pycognito
import pytest
from botocore.exceptions import ClientError
from pycognito.exceptions import ForceChangePasswordException, TokenVerificationException

from tests.clients.conftest import PASSWORD
from tests.clients.started_server import another_code

pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utcnow:DeprecationWarning"  # its own, on Python 3.12 and newer
)


@pytest.fixture
def joined(server) -> Iterator[Callable[..., pycognito.Cognito]]:
    """`joined(pool, username)`: what an application makes for one user."""
    made = []

    def create(pool: Any, username: str | None = None) -> pycognito.Cognito:
        someone = pycognito.Cognito(
            pool.pool_id,
            pool.client_id,
            username=username,
            client_secret=pool.client_secret,
            access_key="local",
            secret_key="local",
            boto3_client_kwargs={"endpoint_url": server.url},
        )
        made.append(someone)
        return someone

    yield create
    for someone in made:
        someone.client.close()


def name_and_text(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


@pytest.mark.parametrize("has_secret", [False, True], ids=["public client", "client with secret"])
def test_a_user_registers_confirms_and_signs_in_by_srp(server, a_pool, joined, has_secret):
    pool = a_pool(client={"GenerateSecret": has_secret})
    ada = joined(pool, "ada")
    ada.set_base_attributes(email="ada@example.com", given_name="Ada")

    ada.register("ada", PASSWORD)

    code = server.code("ada@example.com")
    with pytest.raises(ClientError) as unconfirmed:
        ada.authenticate(PASSWORD)
    assert name_and_text(unconfirmed) == ("UserNotConfirmedException", "User is not confirmed.")
    with pytest.raises(ClientError) as wrong:
        ada.confirm_sign_up(another_code(code))
    assert name_and_text(wrong)[0] == "CodeMismatchException"
    ada.confirm_sign_up(code)

    ada.authenticate(PASSWORD)

    assert ada.access_claims["username"] == "ada"
    assert ada.id_claims["email_verified"] is True
    assert ada.id_claims["iss"] == f"{server.url}/{pool.pool_id}"
    assert ada.get_user().given_name == "Ada"


def test_a_wrong_password_and_a_stranger_are_told_apart_only_where_the_client_allows(
    a_pool, a_user, joined
):
    talkative, discreet = (
        a_pool(client={"PreventUserExistenceErrors": mode}) for mode in ("LEGACY", "ENABLED")
    )
    answers = {}
    for pool in (talkative, discreet):
        a_user(pool, "ada")
        for name in ("ada", "nobody"):
            with pytest.raises(ClientError) as refused:
                joined(pool, name).authenticate("Wrong-horse1!")
            answers[pool.pool_id, name] = name_and_text(refused)

    incorrect = ("NotAuthorizedException", "Incorrect username or password.")
    assert answers == {
        (talkative.pool_id, "ada"): incorrect,
        (talkative.pool_id, "nobody"): ("UserNotFoundException", "User does not exist."),
        (discreet.pool_id, "ada"): incorrect,
        (discreet.pool_id, "nobody"): incorrect,
    }


def test_an_email_address_signs_in_by_srp(a_pool, a_user, joined):
    pool = a_pool(UsernameAttributes=["email"])
    sub = a_user(pool, "ada@example.com")

    ada = joined(pool, "ada@example.com")
    ada.authenticate(PASSWORD)

    assert ada.access_claims["username"] == sub


def test_a_password_in_plain_signs_in_through_the_admin_flow(a_pool, a_user, joined):
    pool = a_pool()
    a_user(pool, "ada")
    ada = joined(pool, "ada")

    with pytest.raises(ClientError) as wrong:
        ada.admin_authenticate("Wrong-horse1!")
    assert name_and_text(wrong) == ("NotAuthorizedException", "Incorrect username or password.")

    ada.admin_authenticate(PASSWORD)  # by the old name ADMIN_NO_SRP_AUTH
    assert ada.access_claims["username"] == "ada"


def test_a_temporary_password_is_replaced_at_the_first_sign_in(a_pool, joined):
    pool = a_pool()
    admin = joined(pool)
    admin.admin_create_user(
        "ada", "Temp0rary!", additional_kwargs={"MessageAction": "SUPPRESS"}, email="a@example.com"
    )
    ada = joined(pool, "ada")

    with pytest.raises(ForceChangePasswordException):
        ada.authenticate("Temp0rary!")
    with pytest.raises(ClientError) as weak:
        ada.new_password_challenge("Temp0rary!", "weak")
    assert name_and_text(weak)[0] == "InvalidPasswordException"
    ada.new_password_challenge("Temp0rary!", PASSWORD)

    assert ada.access_claims["username"] == "ada"
    with pytest.raises(ClientError):
        ada.authenticate("Temp0rary!")
    ada.authenticate(PASSWORD)


def test_check_token_refreshes_what_has_expired(a_pool, a_user, joined, monkeypatch):
    pool = a_pool()
    a_user(pool, "ada")
    ada = joined(pool, "ada")
    ada.authenticate(PASSWORD)
    first = ada.access_token
    assert ada.check_token() is False
    assert ada.access_token == first

    class TwoHoursLater(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(hours=2)

    monkeypatch.setattr(pycognito, "datetime", SimpleNamespace(datetime=TwoHoursLater))
    assert ada.check_token() is True

    assert ada.access_token != first
    assert ada.access_claims["jti"]
    assert ada.get_user().email == "ada@example.com"


def test_a_token_of_another_pool_is_no_token_here(a_pool, a_user, joined):
    here, there = a_pool(), a_pool()
    for pool in (here, there):
        a_user(pool, "ada")
    ada, other = joined(here, "ada"), joined(there, "ada")
    ada.authenticate(PASSWORD)
    other.authenticate(PASSWORD)

    ada.verify_tokens()
    with pytest.raises(TokenVerificationException):
        ada.verify_token(ada.id_token, "access_token", "access")
    tampered = ada.access_token[:-8] + "AAAAAAAA"
    with pytest.raises(TokenVerificationException, match="Signature verification failed"):
        ada.verify_token(tampered, "access_token", "access")
    with pytest.raises(IndexError):  # how pycognito says that no such key is published
        ada.verify_token(other.access_token, "access_token", "access")


def test_passwords_are_changed_and_forgotten(server, a_pool, a_user, joined):
    pool = a_pool()
    a_user(pool, "ada")
    ada = joined(pool, "ada")
    ada.authenticate(PASSWORD)

    with pytest.raises(ClientError) as wrong:
        ada.change_password("Wrong-horse1!", "New-horse2!")
    assert name_and_text(wrong) == ("NotAuthorizedException", "Incorrect username or password.")
    ada.change_password(PASSWORD, "New-horse2!")
    ada.authenticate("New-horse2!")

    ada.initiate_forgot_password()
    code = server.code("ada@example.com")
    with pytest.raises(ClientError) as mismatch:
        ada.confirm_forgot_password(another_code(code), "Newer-horse3!")
    assert name_and_text(mismatch)[0] == "CodeMismatchException"
    ada.confirm_forgot_password(code, "Newer-horse3!")
    with pytest.raises(ClientError) as reused:
        ada.confirm_forgot_password(code, "Newest-horse4!")
    assert name_and_text(reused)[0] == "ExpiredCodeException"

    with pytest.raises(ClientError):
        ada.authenticate("New-horse2!")
    ada.authenticate("Newer-horse3!")


def test_a_changed_address_is_verified(server, a_pool, a_user, joined):
    pool = a_pool()
    a_user(pool, "ada")
    ada = joined(pool, "ada")
    ada.authenticate(PASSWORD)

    ada.update_profile({"email": "lovelace@example.com", "given_name": "Ada"})
    assert ada.get_user().email_verified is False
    ada.send_verification("email")
    ada.validate_verification(server.code("lovelace@example.com"), "email")

    changed = ada.get_user()
    assert (changed.email, changed.email_verified) == ("lovelace@example.com", True)
    assert changed.given_name == "Ada"


def test_logout_ends_the_tokens(a_pool, a_user, joined):
    pool = a_pool()
    a_user(pool, "ada")
    ada, elsewhere = joined(pool, "ada"), joined(pool, "ada")
    ada.authenticate(PASSWORD)
    elsewhere.authenticate(PASSWORD)

    ada.logout()

    assert ada.access_token is None
    with pytest.raises(ClientError) as ended:
        elsewhere.get_user()
    assert name_and_text(ended) == ("NotAuthorizedException", "Access Token has been revoked")
    with pytest.raises(ClientError) as refresh:
        elsewhere.renew_access_token()
    assert name_and_text(refresh) == ("NotAuthorizedException", "Refresh Token has been revoked")


def test_administrators_run_users_and_groups(cognito, a_pool, a_user, joined):
    pool = a_pool()
    for name in ("ada", "bob"):
        a_user(pool, name)
    cognito.create_group(UserPoolId=pool.pool_id, GroupName="staff", Precedence=1)
    admin = joined(pool, "ada")

    admin.admin_add_user_to_group("ada", "staff")
    admin.admin_update_profile({"given_name": "Ada"})
    admin.admin_disable_user("bob")

    assert admin.admin_list_groups_for_user("ada") == ["staff"]
    assert admin.admin_list_groups_for_user("bob") == []
    assert [group.group_name for group in admin.get_groups()] == ["staff"]
    assert admin.get_group("staff").precedence == 1
    assert admin.admin_get_user().given_name == "Ada"
    assert sorted(user.username for user in admin.get_users()) == ["ada", "bob"]
    with pytest.raises(ClientError) as disabled:
        joined(pool, "bob").authenticate(PASSWORD)
    assert name_and_text(disabled) == ("NotAuthorizedException", "User is disabled.")

    admin.admin_enable_user("bob")
    joined(pool, "bob").authenticate(PASSWORD)
    admin.admin_remove_user_from_group("ada", "staff")
    assert admin.admin_list_groups_for_user("ada") == []
    admin.admin_delete_user()
    with pytest.raises(ClientError) as gone:
        admin.admin_get_user()
    assert name_and_text(gone) == ("UserNotFoundException", "User does not exist.")
    description = admin.describe_user_pool_client(pool.pool_id, pool.client_id)
    assert description["ClientId"] == pool.client_id
