"""
SELECT_CHALLENGE, and PASSWORD / PASSWORD_SRP asked for by name: choice-based sign-in.

Source: user-pools.md E.6.
"""

from cognate.domain.factors import PASSWORD, PASSWORD_SRP, first_factors
from cognate.domain.ids import Sub
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import InvalidParameterException
from cognate.ports import Call
from cognate.signin import passkeys, stepping_up
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.challenges import password
from cognate.signin.parameters import required
from cognate.signin.steps import PASSWORD_VERIFIER

NOBODY = Sub("")


async def available(call: Call, pool: Pool, user: User | None) -> tuple[str, ...]:
    """What may be chosen; for a simulated user what the pool offers to anybody."""
    sub = NOBODY if user is None else user.sub
    has_password = await call.store.credentials.exists(pool.pool_id, sub)
    has_passkey = bool(await passkeys.usable(call, pool, sub))
    if user is None:  # after the same look-ups: their time would tell
        offered: list[str] = []
        for factor in pool.first_factors:
            if factor == PASSWORD:
                offered += [PASSWORD_SRP, PASSWORD]
            elif factor != "WEB_AUTHN":
                offered.append(factor)
        return tuple(offered)
    return first_factors(pool, user, has_password=has_password, has_passkey=has_passkey)


async def available_in(call: Call, attempt: Attempt) -> tuple[str, ...]:
    """What may be chosen in this sign-in; on the way to a level, what leads further."""
    choices = await available(call, attempt.pool, attempt.user)
    if not attempt.sign_in.methods or attempt.user is None:
        return choices
    return stepping_up.leading(attempt.pool, attempt.user, attempt.sign_in, choices)


class SelectChallenge:
    """SELECT_CHALLENGE: the user names a first factor, perhaps with its proof."""

    async def issue(self, call: Call, attempt: Attempt) -> Issued:
        return Issued(parameters={}, available=await available_in(call, attempt))

    async def check(self, call: Call, attempt: Attempt) -> Proven:
        """
        Raises:
            InvalidParameterException: not one of the choices.
            The rest: as the chosen factor says.
        """
        chosen = required(attempt.answers, "ANSWER")
        return await _chosen(call, attempt, chosen)


async def _chosen(call: Call, attempt: Attempt, chosen: str) -> Proven:
    if chosen not in await available_in(call, attempt):
        raise InvalidParameterException(f"{chosen[:50]} is not available for the user.")
    return await chosen_factor(call, attempt, chosen)


async def chosen_factor(call: Call, attempt: Attempt, chosen: str) -> Proven:
    """The proof, where it came along; otherwise the challenge to put next."""
    if chosen == PASSWORD and attempt.answers.get("PASSWORD"):
        return await password.check(call, attempt)
    if chosen == PASSWORD_SRP and attempt.answers.get("SRP_A"):
        return Proven(user=attempt.user, then=PASSWORD_VERIFIER)
    return Proven(user=attempt.user, then=chosen)


class NamedPassword:
    """PASSWORD: chosen without the password, which comes now; or the answer to the choice."""

    async def issue(self, call: Call, attempt: Attempt) -> Issued:
        return Issued(parameters={}, available=await available_in(call, attempt))

    async def check(self, call: Call, attempt: Attempt) -> Proven:
        required(attempt.answers, "PASSWORD")
        return await _chosen(call, attempt, PASSWORD)


class NamedPasswordSrp:
    """PASSWORD_SRP: chosen without SRP_A, which comes now; or the answer to the choice."""

    async def issue(self, call: Call, attempt: Attempt) -> Issued:
        return Issued(parameters={}, available=await available_in(call, attempt))

    async def check(self, call: Call, attempt: Attempt) -> Proven:
        required(attempt.answers, "SRP_A")
        return await _chosen(call, attempt, PASSWORD_SRP)
