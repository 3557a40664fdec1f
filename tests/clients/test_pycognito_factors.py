"""pycognito: second factors, and devices by its `AWSSRP`."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import jwt
import pycognito
import pycognito.aws_srp
import pytest
import requests
from botocore.exceptions import ClientError
from pycognito.exceptions import (
    SMSMFAChallengeException,
    SoftwareTokenMFAChallengeException,
)

from tests.clients.conftest import PASSWORD
from tests.clients.factors import (
    SPENT_TOTP,
    UNVERIFIED_TOTP,
    WRONG_CODE,
    WRONG_TOTP,
    Authenticator,
    set_mfa,
)
from tests.clients.started_server import another_code

pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utcnow:DeprecationWarning"  # its own, on Python 3.12 and newer
)

PHONE = "+15550100004"
TRACKING = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True}


@pytest.fixture
def joined(server) -> Iterator[Callable[..., pycognito.Cognito]]:
    """`joined(pool, username)`: what an application makes for one user."""
    made = []

    def create(pool: Any, username: str) -> pycognito.Cognito:
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


@pytest.fixture
def device_calls(server, monkeypatch) -> list[requests.Response]:
    """The answers to its device calls: for these it knows AWS's address alone, so they are led."""
    answers: list[requests.Response] = []

    def led(url: str, **arguments: Any) -> requests.Response:
        assert urlsplit(url).hostname == "cognito-idp.us-east-1.amazonaws.com"
        answers.append(requests.post(f"{server.url}/", **arguments))  # noqa: S113 - its own
        return answers[-1]

    class Led:
        post = staticmethod(led)

    monkeypatch.setattr(pycognito.aws_srp, "requests", Led)
    return answers


def name_and_text(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def register_app(user: pycognito.Cognito) -> Authenticator:
    app = Authenticator(user.associate_software_token())
    assert user.verify_software_token(app.code(), "phone") is True
    return app


@pytest.mark.parametrize("has_secret", [False, True], ids=["public client", "client with secret"])
def test_an_authenticator_app_is_registered_and_asked_for(
    cognito, a_pool, a_user, joined, has_secret
):
    pool = a_pool(client={"GenerateSecret": has_secret})
    set_mfa(cognito, pool, "OPTIONAL", "TOTP")
    a_user(pool, "ada")
    ada = joined(pool, "ada")
    ada.authenticate(PASSWORD)
    app = Authenticator(ada.associate_software_token())

    with pytest.raises(ClientError) as unverified:
        ada.verify_software_token(app.wrong_code(), "phone")
    assert ada.verify_software_token(app.code(), "phone") is True
    ada.set_user_mfa_preference(sms_mfa=False, software_token_mfa=True, preferred="SOFTWARE_TOKEN")

    assert name_and_text(unverified) == UNVERIFIED_TOTP
    with pytest.raises(SoftwareTokenMFAChallengeException):
        ada.authenticate(PASSWORD)
    with pytest.raises(ClientError) as wrong:
        ada.respond_to_software_token_mfa_challenge(app.wrong_code())
    with pytest.raises(ClientError) as spent:
        ada.respond_to_software_token_mfa_challenge(app.code())
    assert name_and_text(wrong) == WRONG_TOTP
    assert name_and_text(spent) == SPENT_TOTP
    ada.respond_to_software_token_mfa_challenge(app.next_code())
    assert ada.access_claims["username"] == "ada"

    ada.set_user_mfa_preference(sms_mfa=False, software_token_mfa=False)
    ada.authenticate(PASSWORD)


def test_a_code_by_sms_is_asked_for(server, cognito, a_pool, a_user, joined):
    pool = a_pool()
    set_mfa(cognito, pool, "OPTIONAL", "SMS")
    a_user(pool, "ada", phone=PHONE)
    a_user(pool, "bob")
    ada, bob = joined(pool, "ada"), joined(pool, "bob")
    ada.authenticate(PASSWORD)
    bob.authenticate(PASSWORD)

    ada.set_user_mfa_preference(sms_mfa=True, software_token_mfa=False, preferred="SMS")
    with pytest.raises(ClientError) as no_number:
        bob.set_user_mfa_preference(sms_mfa=True, software_token_mfa=False, preferred="SMS")

    assert name_and_text(no_number) == (
        "InvalidParameterException",
        "User does not have delivery config set to turn on SMS_MFA",
    )
    with pytest.raises(SMSMFAChallengeException) as asked:
        ada.authenticate(PASSWORD)
    code = server.code(PHONE)
    with pytest.raises(ClientError) as wrong:
        ada.respond_to_sms_mfa_challenge(another_code(code))
    assert name_and_text(wrong) == WRONG_CODE
    # Another process answers, with what was in the exception.
    elsewhere = joined(pool, "ada")
    elsewhere.respond_to_sms_mfa_challenge(code, mfa_tokens=asked.value.get_tokens())
    assert elsewhere.access_claims["username"] == "ada"


def test_a_remembered_device_signs_in_without_the_second_factor(
    cognito, a_pool, a_user, joined, device_calls
):
    pool = a_pool(DeviceConfiguration=TRACKING)
    set_mfa(cognito, pool, "OPTIONAL", "TOTP")
    a_user(pool, "ada")
    ada = joined(pool, "ada")

    def srp(**device: str) -> pycognito.AWSSRP:
        return pycognito.AWSSRP(
            username="ada",
            password=PASSWORD,
            pool_id=pool.pool_id,
            client_id=pool.client_id,
            client=ada.client,
            **device,
        )

    first = srp()
    tokens = first.authenticate_user()
    answer, device_password = first.confirm_device(tokens, device_name="laptop")
    assert (answer.status_code, answer.json()) == (200, {"UserConfirmationNecessary": True})
    token = tokens["AuthenticationResult"]["AccessToken"]
    device = {"device_key": first.device_key, "device_group_key": first.device_group_key}
    ada.authenticate(PASSWORD)
    register_app(ada)
    ada.set_user_mfa_preference(sms_mfa=False, software_token_mfa=True, preferred="SOFTWARE_TOKEN")

    with pytest.raises(SoftwareTokenMFAChallengeException):
        srp(**device, device_password=device_password).authenticate_user()
    first.update_device_status(True, token, device["device_key"])
    assert device_calls[-1].status_code == 200
    remembered = srp(**device, device_password=device_password).authenticate_user()
    with pytest.raises(ClientError) as wrong:
        srp(**device, device_password="AAAA").authenticate_user()
    first.forget_device(token, device["device_key"])
    assert device_calls[-1].status_code == 200
    first.forget_device(token, device["device_key"])
    with pytest.raises(ClientError) as forgotten:
        srp(**device, device_password=device_password).authenticate_user()

    claims = jwt.decode(
        remembered["AuthenticationResult"]["AccessToken"], options={"verify_signature": False}
    )
    assert claims["device_key"] == device["device_key"]
    assert name_and_text(wrong) == (
        "NotAuthorizedException",
        "Incorrect username or password.",
    )
    assert (device_calls[-1].status_code, device_calls[-1].json()) == (
        400,
        {"__type": "ResourceNotFoundException", "message": "Device does not exist."},
    )
    assert name_and_text(forgotten) == ("ResourceNotFoundException", "Device does not exist.")


def test_a_device_call_with_a_token_that_is_none_is_refused(a_pool, a_user, joined, device_calls):
    pool = a_pool(DeviceConfiguration=TRACKING)
    a_user(pool, "ada")
    ada = joined(pool, "ada")
    srp = pycognito.AWSSRP(
        username="ada",
        password=PASSWORD,
        pool_id=pool.pool_id,
        client_id=pool.client_id,
        client=ada.client,
    )
    tokens = srp.authenticate_user()
    tokens["AuthenticationResult"]["AccessToken"] = "eyJ.none"

    answer, _ = srp.confirm_device(tokens)

    assert answer.status_code == 400
    assert answer.json() == {
        "__type": "NotAuthorizedException",
        "message": "Invalid Access Token",
    }
