"""Second factors as users have them, and what switches a pool to them."""

import base64
import hmac
import time
from typing import Any

SECONDS_PER_STEP = 30
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}
OWN_EMAIL = {
    "EmailSendingAccount": "DEVELOPER",
    "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
}
BOTH_RECOVERIES = {
    "RecoveryMechanisms": [
        {"Name": "verified_email", "Priority": 1},
        {"Name": "verified_phone_number", "Priority": 2},
    ]
}
WRONG_CODE = ("CodeMismatchException", "Invalid code or auth state for the user.")
WRONG_TOTP = ("CodeMismatchException", "Invalid code received for user")
SPENT_TOTP = ("ExpiredCodeException", "Your software token has already been used once.")
UNVERIFIED_TOTP = (
    "EnableSoftwareTokenMFAException",
    "Code mismatch and fail enable Software Token MFA",
)
NO_DEVICE = ("ResourceNotFoundException", "Device does not exist.")


class Authenticator:
    """
    An authenticator app, by RFC 6238 and RFC 4226 section 5.3: SHA-1, thirty seconds, six digits.

    Servers take a code once, and one step early or late: `next_code` is good after `code` was used.
    """

    def __init__(self, secret: str) -> None:
        self._secret = base64.b32decode(secret + "=" * (-len(secret) % 8))

    def code(self) -> str:
        return self._code(0)

    def next_code(self) -> str:
        return self._code(1)

    def wrong_code(self) -> str:
        near = {self._code(steps) for steps in range(-2, 4)}
        return next(code for code in (f"{n:06}" for n in range(8)) if code not in near)

    def _code(self, steps: int) -> str:
        step = int(time.time()) // SECONDS_PER_STEP + steps
        digest = hmac.digest(self._secret, step.to_bytes(8, "big"), "sha1")
        offset = digest[-1] & 0x0F
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        return f"{number % 10**6:06}"


def set_mfa(cognito: Any, pool: Any, mode: str, *factors: str) -> None:
    """`set_mfa(cognito, pool, "ON", "TOTP", "SMS", "EMAIL")`."""
    settings: dict[str, Any] = {}
    if "TOTP" in factors:
        settings["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
    if "SMS" in factors:
        settings["SmsMfaConfiguration"] = {"SmsConfiguration": SMS}
    if "EMAIL" in factors:
        settings["EmailMfaConfiguration"] = {}
    cognito.set_user_pool_mfa_config(UserPoolId=pool.pool_id, MfaConfiguration=mode, **settings)
