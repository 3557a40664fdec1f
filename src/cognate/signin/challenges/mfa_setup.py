"""
MFA_SETUP: MFA is required and the user has no second factor. Source: user-pools.md E.12.

An authenticator app is registered by AssociateSoftwareToken and VerifySoftwareToken with the
session of this challenge; the answer then only presents the session that Verify returned.
"""

import msgspec

from cognate.domain.attributes import is_email
from cognate.domain.factors import EMAIL_OTP, factors_to_set_up
from cognate.errors import InvalidParameterException
from cognate.ports import Call
from cognate.signin import state
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.challenges.message_code import NEW_ADDRESS

CHALLENGE = "MFA_SETUP"
VERIFIED = "verified"  # in details: VerifySoftwareToken said SUCCESS


async def issue(call: Call, attempt: Attempt) -> Issued:
    return Issued(
        parameters={
            "MFAS_CAN_SETUP": msgspec.json.encode(factors_to_set_up(attempt.pool)).decode(),
            "USER_ID_FOR_SRP": attempt.sign_in.username,
        }
    )


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    Raises:
        InvalidParameterException: nothing was set up with this session.
    """
    user = attempt.user
    if user is None:
        raise state.invalid_session()
    if attempt.sign_in.details.get(VERIFIED):
        return Proven(user=user, methods=("otp",))
    address = attempt.answers.get("EMAIL")
    if address and EMAIL_OTP in factors_to_set_up(attempt.pool):
        if not is_email(address):
            raise InvalidParameterException("Invalid email address format.")
        return Proven(user=user, then=EMAIL_OTP, details={NEW_ADDRESS: address})
    raise InvalidParameterException("MFA has not been set up with this session.")
