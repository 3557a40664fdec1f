"""What a sign-in leaves behind in pools with threat protection: its risk, and how it ended."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from cognate.domain.factors import SECOND_FACTORS
from cognate.domain.risk import Circumstances
from cognate.errors import (
    CodeMismatchException,
    ExpiredCodeException,
    NotAuthorizedException,
    PasswordResetRequiredException,
    UserNotConfirmedException,
)
from cognate.ports import Call
from cognate.signin import devices, risk
from cognate.signin.attempt import Attempt

REFUSALS = (
    CodeMismatchException,
    ExpiredCodeException,
    NotAuthorizedException,
    PasswordResetRequiredException,
    UserNotConfirmedException,
)


async def judged(call: Call, attempt: Attempt) -> Attempt:
    """
    The sign-in with what its risk asks for, once its password was right.

    Raises:
        NotAuthorizedException, PasswordResetRequiredException: the pool blocks it.
    """
    user = attempt.proven_user
    around = await _circumstances(call, attempt)
    judgement = await risk.judge(
        call,
        attempt.pool,
        attempt.client,
        user,
        around,
        password=attempt.answers.get("PASSWORD"),
    )
    await risk.record(
        call,
        attempt.pool,
        user,
        around,
        event_id=attempt.sign_in.event_id,
        event_type="SignIn",
        response="Fail" if judgement.decision == "Block" else "InProgress",
        judgement=judgement,
        challenges=(("Password", "Success"),),
    )
    risk.check(judgement)
    return replace(attempt, sign_in=replace(attempt.sign_in, demands_mfa=judgement.demands_mfa))


async def passed(call: Call, attempt: Attempt) -> None:
    """The sign-in is complete: its event, judged before or not, says so."""
    user, sign_in = attempt.proven_user, attempt.sign_in
    event = await call.store.auth_events.find(user.pool_id, user.sub, sign_in.event_id)
    challenges = (("Mfa", "Success"),) if set(sign_in.answered) & set(SECOND_FACTORS) else ()
    if event is None:
        await risk.record(
            call,
            attempt.pool,
            user,
            await _circumstances(call, attempt),
            event_id=sign_in.event_id,
            event_type="SignIn",
            response="Pass",
            challenges=challenges,
        )
        return
    await risk.save(
        call, replace(event, response="Pass", challenges=(*event.challenges, *challenges))
    )


@contextlib.asynccontextmanager
async def recorded(call: Call, attempt: Attempt) -> AsyncIterator[None]:
    """Keep the failure of what happens inside, and pass it on."""
    try:
        yield
    except REFUSALS:
        if attempt.user is not None and attempt.pool.protects_from_threats:
            await _failed(call, attempt)
        raise


async def _failed(call: Call, attempt: Attempt) -> None:
    user, sign_in = attempt.proven_user, attempt.sign_in
    event = await call.store.auth_events.find(user.pool_id, user.sub, sign_in.event_id)
    if event is not None:  # judged before: blocked already, or a later answer was wrong
        if event.decision != "Block":
            failure = ("Mfa", "Failure")
            await risk.save(
                call, replace(event, response="Fail", challenges=(*event.challenges, failure))
            )
        return
    await risk.record(
        call,
        attempt.pool,
        user,
        await _circumstances(call, attempt),
        event_id=sign_in.event_id,
        event_type="SignIn",
        response="Fail",
        challenges=(("Password", "Failure"),),
    )


async def _circumstances(call: Call, attempt: Attempt) -> Circumstances:
    user, key = attempt.proven_user, attempt.sign_in.device_key
    device = await devices.remembered(call, attempt.pool, user, key)
    return risk.circumstances(call, remembered_device=device is not None)
