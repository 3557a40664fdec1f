"""SELECT_MFA_TYPE: several second factors, none preferred. Source: user-pools.md E.12."""

import msgspec

from cognate.errors import InvalidParameterException
from cognate.ports import Call
from cognate.signin import state
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.parameters import required
from cognate.signin.steps import second_factors

OTHER_NAMES = {"EMAIL_MFA": "EMAIL_OTP"}


async def issue(call: Call, attempt: Attempt) -> Issued:
    choices = _choices(attempt)
    return Issued(
        parameters={
            "MFAS_CAN_CHOOSE": msgspec.json.encode(choices).decode(),
            "USER_ID_FOR_SRP": attempt.sign_in.username,
        }
    )


def _choices(attempt: Attempt) -> tuple[str, ...]:
    sign_in = attempt.sign_in
    return second_factors(attempt.pool, attempt.proven_user, sign_in.methods, sign_in.targets)


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    Raises:
        InvalidParameterException: not one of the choices.
    """
    if attempt.user is None:
        raise state.invalid_session()
    answer = required(attempt.answers, "ANSWER")
    chosen = OTHER_NAMES.get(answer, answer)
    if chosen not in _choices(attempt):
        raise InvalidParameterException(f"{answer[:50]} is not an MFA type of the user.")
    return Proven(user=attempt.user, then=chosen)
