"""
Signing in at once after a sign-up, by the code that confirmed it. Source: user-pools.md E.9.

SignUp gives a Session, ConfirmSignUp takes it and gives the next, and choice-based sign-in takes
that one in place of a proof. Amplify for JavaScript sends ConfirmSignUp no Session and signs in
with what it answers; it is answered one where codes to that address sign in anyway.
"""

from dataclasses import dataclass, replace

from cognate.domain import assurance
from cognate.domain.clients import Client
from cognate.domain.factors import EMAIL_OTP, SMS_OTP, has_second_factor_due
from cognate.domain.pools import Pool
from cognate.domain.tiers import includes
from cognate.domain.users import User, UserStatus
from cognate.errors import NotAuthorizedException
from cognate.ports import Call, Transaction
from cognate.signin import state
from cognate.signin.attempt import Attempt, Proven
from cognate.signin.state import SignIn

# Names of steps that no challenge has, so that nobody can answer them.
SIGNED_UP = "SIGNED_UP"
CONFIRMED = "CONFIRMED"
FLOW = "USER_AUTH"
PROVEN_BY = {"email": assurance.EMAIL, "phone_number": assurance.SMS}
FACTOR_OF = {"email": EMAIL_OTP, "phone_number": SMS_OTP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """The sign-in that the session is of, and what confirming the sign-up proved."""

    attempt: Attempt
    proven: Proven


async def begun(call: Call, pool: Pool, client: Client, user: User) -> str | None:
    """A Session for ConfirmSignUp; None where the client has no choice-based sign-in."""
    sign_in = _new(call, pool, client, user)
    return None if sign_in is None else await state.sealed(call, pool, sign_in)


def _new(call: Call, pool: Pool, client: Client, user: User) -> SignIn | None:
    if "ALLOW_USER_AUTH" not in client.allowed_flows or not includes(pool.tier, "ESSENTIALS"):
        return None
    return SignIn(
        session_id=call.entropy.uuid(),
        event_id=call.entropy.uuid(),
        pool_id=pool.pool_id,
        client_id=client.client_id,
        sub=user.sub,
        username=user.username,
        typed=user.username,
        flow=FLOW,
        admin=False,
        challenge=SIGNED_UP,
        expires_at=call.clock.now() + client.session_lifetime,
    )


async def opened(
    call: Call, pool: Pool, client: Client, user: User | None, session: str
) -> SignIn | None:
    """
    The state in the Session that ConfirmSignUp was given; None where it is too old: the code is
    good for a day, and confirms without it.

    Raises:
        NotAuthorizedException: of another user, client, pool or step; or used.
    """
    try:
        sign_in = await state.opened_in(call, pool, session)
    except state.ExpiredSession:
        return None
    _check_is_of(sign_in, client, user, step=SIGNED_UP)
    return sign_in


async def use(tx: Transaction, sign_in: SignIn) -> None:
    """
    Raises:
        NotAuthorizedException: it was used meanwhile.
    """
    won = await tx.challenge_sessions.use(
        sign_in.pool_id, sign_in.session_id, expires_at=sign_in.expires_at
    )
    if not won:
        raise state.used_session()


async def confirmed(
    call: Call, pool: Pool, client: Client, user: User, sign_in: SignIn | None, *, attribute: str
) -> str | None:
    """
    The Session for the sign-in, where there is one; `attribute`: where the code had gone.
    `sign_in`: what `opened` found, None where no Session was given.
    """
    if sign_in is None and FACTOR_OF[attribute] in pool.first_factors:
        sign_in = _new(call, pool, client, user)
    if sign_in is None:
        return None
    after = replace(
        sign_in,
        session_id=call.entropy.uuid(),
        challenge=CONFIRMED,
        expires_at=call.clock.now() + client.session_lifetime,
        details={"proven": PROVEN_BY[attribute]},
    )
    return await state.sealed(call, pool, after)


async def proven(call: Call, attempt: Attempt, session: str) -> Continued | None:
    """
    What the Session proves, or None where that is not enough: another factor is due.

    Raises:
        NotAuthorizedException: of another user, client, pool or step; too old, or used; or the
            user is disabled.
    """
    pool, user = attempt.pool, attempt.user
    sign_in = await state.opened_in(call, pool, session)
    _check_is_of(sign_in, attempt.client, user, step=CONFIRMED)
    if user is None or user.status is not UserStatus.CONFIRMED:
        raise state.invalid_session()
    if not user.enabled:
        raise NotAuthorizedException("User is disabled.")
    if has_second_factor_due(pool, user):
        return None
    method = sign_in.details["proven"]
    return Continued(
        attempt=replace(attempt, sign_in=replace(sign_in, device_key=attempt.sign_in.device_key)),
        proven=Proven(user=user, methods=(method,)),
    )


def _check_is_of(sign_in: SignIn, client: Client, user: User | None, *, step: str) -> None:
    is_theirs = user is not None and sign_in.sub == user.sub
    if not is_theirs or sign_in.client_id != client.client_id or sign_in.challenge != step:
        raise state.invalid_session()
