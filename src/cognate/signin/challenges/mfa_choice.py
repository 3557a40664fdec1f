"""SELECT_MFA_TYPE: several second factors, none preferred. Source: user-pools.md E.12."""

import msgspec

from cognate.domain.factors import active_second_factors, factors_from_attributes
from cognate.errors import InvalidParameterException
from cognate.ports import Call
from cognate.signin import state
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.parameters import required

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
    user = attempt.proven_user
    return active_second_factors(attempt.pool, user) or factors_from_attributes(attempt.pool, user)


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
