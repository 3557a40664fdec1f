"""Steps of sign-ins with second factors, choices and devices, as stories take them."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from cognate.app import App
from cognate.errors import AWSError
from cognate.operations.user_pools import authentication
from cognate.protocol import jose, totp
from cognate.wire.cognito_idp import RespondToAuthChallengeRequest
from tests.inprocess import LoopThread
from tests.stories.steps import named, sign_in

ADA = "ada@example.com"
PHONE = "+15550100"
LOCKED = "Password attempts exceeded"
WRONG_MESSAGE_CODE = "Invalid code or auth state for the user."
WRONG_TOTP = "Invalid code received for user"
SPENT_TOTP = "Your software token has already been used once."
INVALID_SESSION = "Invalid session for the user."
EXPIRED_SESSION = "Invalid session for the user, session is expired."
USED_SESSION = "Invalid session for the user, session can only be used once."

EVERY_FLOW = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
]
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}
OWN_EMAIL = {
    "EmailSendingAccount": "DEVELOPER",
    "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/pool@example.com",
}


def mfa(cognito: Any, pool_id: str, mode: str, *factors: str, **more: Any) -> None:
    """`mfa(cognito, pool_id, "ON", "TOTP", "SMS", "EMAIL")`: what SetUserPoolMfaConfig sets."""
    if "TOTP" in factors:
        more["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
    if "SMS" in factors:
        more["SmsMfaConfiguration"] = {"SmsConfiguration": SMS}
    if "EMAIL" in factors:
        more["EmailMfaConfiguration"] = {}
    cognito.set_user_pool_mfa_config(UserPoolId=pool_id, MfaConfiguration=mode, **more)


def answer(cognito: Any, client_id: str, asked: Any, **responses: str) -> Any:
    """Answer the challenge in `asked`, the answer before, as the user that it names, or "ada"."""
    username = asked.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP", "ada")
    return cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName=asked["ChallengeName"],
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": username, **responses},
    )


def choose(cognito: Any, client_id: str, username: str = "ada", **parameters: str) -> Any:
    """Begin a choice-based sign-in; `parameters` are AuthParameters."""
    return cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": username, **parameters},
    )


class Authenticator:
    """An authenticator app on the user's telephone."""

    def __init__(self, secret: str, clock: Any) -> None:
        self.secret = totp.decode_secret(secret)
        self._clock = clock

    def code(self, *, steps: int = 0) -> str:
        """The code shown now, or that many steps of thirty seconds from now."""
        return totp.code_at(self.secret, totp.step_at(self._clock.now()) + steps)

    def another_code(self) -> str:
        """One that is good at no step near now."""
        near = {self.code(steps=steps) for steps in range(-3, 4)}
        return next(code for code in (f"{n:06}" for n in range(8)) if code not in near)


def register_app(cognito: Any, clock: Any, access_token: str, **more: Any) -> Authenticator:
    """Register an authenticator app by access token; it is not switched on by that."""
    secret = cognito.associate_software_token(AccessToken=access_token)["SecretCode"]
    app = Authenticator(secret, clock)
    cognito.verify_software_token(AccessToken=access_token, UserCode=app.code(), **more)
    return app


def prefer(cognito: Any, user: Any, **settings: Any) -> None:
    """`prefer(cognito, ada, SoftwareToken={"Enabled": True})`, by an administrator."""
    cognito.admin_set_user_mfa_preference(
        UserPoolId=user.pool_id,
        Username=user.username,
        **{f"{name}MfaSettings": value for name, value in settings.items()},
    )


def claims_of(signed_in: Any) -> dict[str, Any]:
    """The claims of the access token of an answer."""
    return jose.unverified_claims(signed_in["AuthenticationResult"]["AccessToken"])


def assurance_of(signed_in: Any) -> tuple[str, list[str]]:
    """`acr` and `amr`, which both tokens tell alike."""
    result = signed_in["AuthenticationResult"]
    both = [jose.unverified_claims(result[token]) for token in ("AccessToken", "IdToken")]
    assert (both[0]["acr"], both[0]["amr"]) == (both[1]["acr"], both[1]["amr"])
    return both[0]["acr"], both[0]["amr"]


def with_attributes(cognito: Any, user: Any, **attributes: str) -> None:
    cognito.admin_update_user_attributes(
        UserPoolId=user.pool_id, Username=user.username, UserAttributes=named(**attributes)
    )


def password_of(cognito: Any, user: Any, **more: str) -> Any:
    """What a right password is answered with."""
    return sign_in(cognito, user.client_id, user.username, user.password, **more)


def at_once(
    app: App, loop_thread: LoopThread, client_id: str, answers: Iterable[tuple[Any, dict[str, str]]]
) -> list[Any]:
    """Answer many challenges in parallel: (what was asked, responses); answers and errors."""

    async def one(asked: Any, responses: dict[str, str]) -> Any:
        return await authentication.respond_to_auth_challenge(
            app.call(),
            RespondToAuthChallengeRequest(
                client_id=client_id,
                challenge_name=asked["ChallengeName"],
                session=asked["Session"],
                challenge_responses=responses,
            ),
        )

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(one(*each) for each in answers), return_exceptions=True)

    outcomes = loop_thread.run(all_of_them())
    unexpected = [
        one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, AWSError)
    ]
    assert unexpected == []
    return outcomes


def texts_of(outcomes: Iterable[Any]) -> list[str]:
    """What the refused ones were told."""
    return [one.message for one in outcomes if isinstance(one, AWSError)]


def successes_of(outcomes: Iterable[Any]) -> int:
    return sum(
        1
        for one in outcomes
        if not isinstance(one, AWSError) and one.authentication_result is not None
    )


def error_of(call: Callable[[], Any]) -> str:
    """The name of the error that a call is refused with."""
    with pytest.raises(ClientError) as refusal:
        call()
    return str(refusal.value.response["Error"]["Code"])


def listed(text: str) -> list[str]:
    """A challenge parameter that is a list in JSON text."""
    return msgspec.json.decode(text, type=list[str])
