"""
Step-up: a sign-in that must reach a level of assurance, with credit for what an access token
proves already. Source: user-pools.md E.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from cognate.domain import assurance
from cognate.domain.clients import Client
from cognate.domain.factors import EMAIL_OTP, SMS_OTP, WEB_AUTHN
from cognate.domain.pools import Pool
from cognate.domain.tiers import includes, unavailable
from cognate.domain.users import User
from cognate.errors import InvalidParameterException
from cognate.ports import Call
from cognate.signin.access import authorized
from cognate.signin.state import SignIn
from cognate.signin.steps import level_within_reach

PARAMETERS = ("TARGET_ACR_VALUES", "MAX_AGE", "ACCESS_TOKEN")
LONGEST_AGE_DIGITS = 10

# What a first factor proves; a passkey's two names earn the same level.
_METHODS = {
    EMAIL_OTP: assurance.EMAIL,
    SMS_OTP: assurance.SMS,
    WEB_AUTHN: assurance.BOUND_PASSKEY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`targets`: the levels, best first; () where none is asked for. `credited`: methods."""

    targets: tuple[int, ...] = ()
    credited: tuple[str, ...] = ()


async def asked(
    call: Call, pool: Pool, client: Client, user: User | None, parameters: Mapping[str, str]
) -> Asked:
    """
    What the parameters of a choice-based sign-in ask for. `user`: None where simulated.

    Raises:
        FeatureUnavailableInTierException: the pool is on the Lite plan.
        InvalidParameterException: no known level, an access token without one or of somebody
            else, or MAX_AGE is no number of seconds.
        NotAuthorizedException: the access token is not good.
    """
    if not any(parameters.get(name) for name in PARAMETERS):
        return Asked()
    if not includes(pool.tier, "ESSENTIALS"):
        raise unavailable(pool.tier, "Step-up Authentication")
    age = _seconds(parameters.get("MAX_AGE"))
    names, token = parameters.get("TARGET_ACR_VALUES"), parameters.get("ACCESS_TOKEN")
    if not names:
        if token:
            raise InvalidParameterException("ACCESS_TOKEN requires TARGET_ACR_VALUES.")
        return Asked()
    targets = assurance.levels_asked(names, pool.acr_values)
    if not targets:
        raise InvalidParameterException("TARGET_ACR_VALUES has no value of the user pool.")
    credited = await _credited(call, client, user, token, age) if token else ()
    return Asked(targets=targets, credited=credited)


def _seconds(text: str | None) -> timedelta | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_AGE_DIGITS):
        raise InvalidParameterException("MAX_AGE must be a number of seconds.")
    return timedelta(seconds=int(text))


async def _credited(
    call: Call, client: Client, user: User | None, token: str, age: timedelta | None
) -> tuple[str, ...]:
    """What the token's owner proved; nothing where that is too long ago."""
    bearer = await authorized(call, token)
    # Of this user and client: what one application was given is no credit with another.
    is_theirs = user is not None and (bearer.user.pool_id, bearer.user.sub) == (
        user.pool_id,
        user.sub,
    )
    if not is_theirs or bearer.client.client_id != client.client_id:
        raise InvalidParameterException("ACCESS_TOKEN is not of this user and app client.")
    if age is not None and call.clock.now().timestamp() - bearer.claims["auth_time"] > (
        age.total_seconds()
    ):
        return ()
    methods = bearer.claims.get("amr") or ()
    return tuple(method for method in methods if method != assurance.SEVERAL)


def leading(pool: Pool, user: User, sign_in: SignIn, choices: tuple[str, ...]) -> tuple[str, ...]:
    """Those first factors among `choices` that lead on from what is credited."""
    reached = {
        choice: _reached_by(pool, user, sign_in.methods, choice)
        for choice in choices
        if _METHODS.get(choice, assurance.PASSWORD) not in sign_in.methods
    }
    target = next(
        (level for level in sign_in.targets if level <= max(reached.values(), default=0)), 0
    )
    return tuple(choice for choice, level in reached.items() if target and level >= target)


def _reached_by(pool: Pool, user: User, methods: tuple[str, ...], choice: str) -> int:
    method = _METHODS.get(choice, assurance.PASSWORD)
    return level_within_reach(pool, user, (*methods, method))


def needs_first_factor(pool: Pool, user: User, sign_in: SignIn, choices: tuple[str, ...]) -> bool:
    """
    Whether another first factor has to be proven, not just a second one beside a password.

    Raises:
        InvalidParameterException: the level is reached already, or cannot be.
    """
    beside = level_within_reach(pool, user, sign_in.methods)
    best = max([beside, *(_reached_by(pool, user, sign_in.methods, one) for one in choices)])
    target = next((level for level in sign_in.targets if level <= best), None)
    if target is None:
        raise InvalidParameterException("The user cannot reach any of the requested ACR values.")
    if assurance.level_of(sign_in.methods) >= target:
        raise InvalidParameterException("The access token is of the requested level already.")
    return beside < target
