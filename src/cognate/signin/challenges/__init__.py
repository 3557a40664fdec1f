"""One module per challenge: `issue` puts it to the user, `check` judges the answer."""

from collections.abc import Mapping
from typing import Protocol

from cognate.ports import Call
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.challenges import (
    mfa_choice,
    mfa_setup,
    new_password,
    software_token,
    srp,
    web_authn,
)
from cognate.signin.challenges.device import DevicePasswordVerifier, DeviceSrpAuth
from cognate.signin.challenges.first_factor_choice import (
    NamedPassword,
    NamedPasswordSrp,
    SelectChallenge,
)
from cognate.signin.challenges.message_code import EMAIL_OTP, SMS_MFA, SMS_OTP


class Challenge(Protocol):
    async def issue(self, call: Call, attempt: Attempt) -> Issued: ...

    async def check(self, call: Call, attempt: Attempt) -> Proven:
        """
        Raises:
            AWSError: the answer is wrong or incomplete; the session stays good.
        """


CHALLENGES: Mapping[str, Challenge] = {
    "DEVICE_PASSWORD_VERIFIER": DevicePasswordVerifier(),
    "DEVICE_SRP_AUTH": DeviceSrpAuth(),
    "EMAIL_OTP": EMAIL_OTP,
    "MFA_SETUP": mfa_setup,
    "NEW_PASSWORD_REQUIRED": new_password,
    "PASSWORD": NamedPassword(),
    "PASSWORD_SRP": NamedPasswordSrp(),
    "PASSWORD_VERIFIER": srp,
    "SELECT_CHALLENGE": SelectChallenge(),
    "SELECT_MFA_TYPE": mfa_choice,
    "SMS_MFA": SMS_MFA,
    "SMS_OTP": SMS_OTP,
    "SOFTWARE_TOKEN_MFA": software_token,
    "WEB_AUTHN": web_authn,
}
