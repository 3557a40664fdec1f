"""Begin and answer: the two calls that every way of signing in drives."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from cognate.domain.attributes import is_email, is_phone_number
from cognate.domain.clients import Client
from cognate.domain.devices import NewDevice
from cognate.domain.factors import PASSWORD, PASSWORD_SRP
from cognate.domain.families import TokenFamily
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import (
    InvalidParameterException,
    NotAuthorizedException,
    PasswordResetRequiredException,
    UserNotFoundException,
)
from cognate.ports import Call, Transaction
from cognate.protocol import base64url
from cognate.signin import (
    after_sign_up,
    devices,
    guesses,
    secret_hash,
    sessions,
    standing,
    state,
    stepping_up,
    tokens,
    unknown_users,
)
from cognate.signin.attempt import Attempt, Effect, Proven
from cognate.signin.challenges import CHALLENGES, first_factor_choice, password
from cognate.signin.flows import Flow, flow_named
from cognate.signin.lookup import find_user
from cognate.signin.parameters import required
from cognate.signin.sign_in_events import judged, passed, recorded
from cognate.signin.state import SignIn
from cognate.signin.steps import (
    DEVICE_PASSWORD_VERIFIER,
    DEVICE_SRP_AUTH,
    PASSWORD_VERIFIER,
    SELECT_CHALLENGE,
    Progress,
    next_challenge,
)
from cognate.signin.tokens import Tokens

# Challenges whose SECRET_BLOCK is their session.
SRP_PROOFS = (PASSWORD_VERIFIER, DEVICE_PASSWORD_VERIFIER)
# Naming a password as the challenge chooses it, too (user-pools.md E.6).
ANSWERS_TO = {
    PASSWORD: (PASSWORD, SELECT_CHALLENGE),
    PASSWORD_SRP: (PASSWORD_SRP, SELECT_CHALLENGE),
}
STANDARD_TO_URL = str.maketrans("+/-_", "-_!!")  # the two alphabets do not mix
SUB_LENGTH = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A first request: `parameters` is the free map AuthParameters. `admin`: it was signed."""

    pool: Pool
    client: Client
    flow: str
    parameters: Mapping[str, str]
    metadata: Mapping[str, str]
    admin: bool
    session: str | None = None  # what confirming a sign-up gave


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer to `challenge`: `answers` is the free map ChallengeResponses."""

    pool: Pool
    client: Client
    challenge: str
    session: str | None
    answers: Mapping[str, str]
    metadata: Mapping[str, str]
    admin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenged:
    """What the client must answer next, and the session to answer with."""

    challenge: str
    parameters: Mapping[str, str]
    session: str
    available: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """`new_device`: offered to a client of a pool that tracks devices, which named none."""

    user: User
    tokens: Tokens
    new_device: NewDevice | None = None


Outcome: TypeAlias = Challenged | SignedIn


async def begin(call: Call, beginning: Beginning) -> Outcome:
    """
    Start a sign-in. The order of checks is user-pools.md E.1's.

    Raises:
        InvalidParameterException: the flow is not allowed, or a parameter is missing.
        NotAuthorizedException: wrong secret hash, wrong password, locked, disabled.
        UserNotFoundException: no such user, and the client does not hide it.
        UserNotConfirmedException, PasswordResetRequiredException: as they say.
        ResourceNotFoundException: DEVICE_KEY is not a device of the user's.
        FeatureUnavailableInTierException: step-up on the Lite plan.
    """
    pool, client, parameters = beginning.pool, beginning.client, beginning.parameters
    flow = flow_named(beginning.flow, pool, client, admin=beginning.admin)
    name = parameters.get("USERNAME", "")
    await secret_hash.check(call, pool, client, parameters.get("SECRET_HASH"), [name])
    required(parameters, "USERNAME")
    for parameter in flow.required:
        required(parameters, parameter)
    user = await find_user(call.store, pool, name)
    if user is None and not client.hides_user_existence:
        raise UserNotFoundException
    username = user.username if user else await _shown_username(call, pool, name)
    fresh = _fresh(call, beginning, flow, user, username)
    sign_in = await _with_device(call, pool, user, fresh, parameters)
    attempt = Attempt(
        pool=pool,
        client=client,
        user=user,
        sign_in=sign_in,
        answers=parameters,
        metadata=beginning.metadata,
    )
    async with recorded(call, attempt):
        return await _begun(call, attempt, flow, beginning.session)


async def _begun(call: Call, attempt: Attempt, flow: Flow, session: str | None) -> Outcome:
    if flow.first_challenge is not None:
        return await _challenged(call, attempt, flow.first_challenge)
    if flow.chooses:
        return await _chosen(call, attempt, session)
    return await _proceed(call, attempt, await password.check(call, attempt), used=False)


async def _chosen(call: Call, attempt: Attempt, session: str | None) -> Outcome:
    """Choice-based sign-in: what was proven before counts, the rest is the user's choice."""
    pool, user = attempt.pool, attempt.user
    if user is not None:
        standing.check_before_password(user, attempt.client)
    confirmed = None
    if session is not None:
        confirmed = await after_sign_up.proven(call, attempt, session)
    if confirmed is not None:
        return await _proceed(call, confirmed.attempt, confirmed.proven, used=True)
    asked = await stepping_up.asked(call, pool, attempt.client, user, attempt.answers)
    credited = replace(attempt.sign_in, methods=asked.credited, targets=asked.targets)
    attempt = replace(attempt, sign_in=credited)
    if user is not None and asked.credited:
        return await _stepped_up(call, attempt, user)
    return await _preferred(call, attempt)


async def _stepped_up(call: Call, attempt: Attempt, user: User) -> Outcome:
    """Beyond what an access token proves: another first factor, or a second one at once."""
    choices = await first_factor_choice.available(call, attempt.pool, user)
    leading = stepping_up.leading(attempt.pool, user, attempt.sign_in, choices)
    is_preferred = attempt.answers.get("PREFERRED_CHALLENGE") in leading
    if stepping_up.needs_first_factor(attempt.pool, user, attempt.sign_in, choices) or is_preferred:
        return await _preferred(call, attempt)
    return await _proceed(call, attempt, Proven(user=user), used=False)


async def _preferred(call: Call, attempt: Attempt) -> Outcome:
    """The preferred first factor where it can be had, else the choice."""
    available = await first_factor_choice.available_in(call, attempt)
    preferred = attempt.answers.get("PREFERRED_CHALLENGE")
    if preferred not in available:
        return await _challenged(call, attempt, SELECT_CHALLENGE)
    proven = await first_factor_choice.chosen_factor(call, attempt, preferred)
    outcome = await _proceed(call, attempt, proven, used=False)
    if isinstance(outcome, Challenged):
        return replace(outcome, available=available)
    return outcome


async def answer(call: Call, given: Answer) -> Outcome:
    """
    Take the answer to a challenge.

    Raises:
        InvalidParameterException: a part of the answer is missing.
        NotAuthorizedException: wrong secret hash, session, or answer.
        CodeMismatchException, InvalidPasswordException, …: what the challenge says; the session
            stays good after those.
    """
    pool, client, answers = given.pool, given.client, given.answers
    name = required(answers, "USERNAME")
    if given.challenge not in CHALLENGES:
        raise InvalidParameterException(f"Challenge {given.challenge} is not supported.")
    sign_in = await _opened(call, given)
    await secret_hash.check(
        call, pool, client, answers.get("SECRET_HASH"), [sign_in.username, name]
    )
    user = await _signing_in(call, client, sign_in)
    await _check_named(call, pool, user, sign_in, name)
    sign_in = await _with_device(call, pool, user, sign_in, answers)
    attempt = Attempt(
        pool=pool,
        client=client,
        user=user,
        sign_in=sign_in,
        answers=answers,
        metadata=given.metadata,
    )
    async with recorded(call, attempt):
        proven = await CHALLENGES[given.challenge].check(call, attempt)
        return await _proceed(call, attempt, proven, used=True)


async def _signing_in(call: Call, client: Client, sign_in: SignIn) -> User | None:
    """Whose sign-in it is, None where simulated; until something is proven, no more is told."""
    if sign_in.sub is None:
        return None
    user = await call.store.users.find(sign_in.pool_id, sign_in.sub)
    hides = client.hides_user_existence and not sign_in.methods
    if user is None:
        raise NotAuthorizedException if hides else UserNotFoundException
    if not user.enabled and not hides:
        raise NotAuthorizedException("User is disabled.")
    return user


async def _with_device(
    call: Call, pool: Pool, user: User | None, sign_in: SignIn, answers: Mapping[str, str]
) -> SignIn:
    """
    The sign-in with the device that it comes from, where the pool tracks them: the first named.

    Raises:
        ResourceNotFoundException: not a device of the user; clients drop the key, and try again.
    """
    device_key = answers.get("DEVICE_KEY")
    if not device_key or sign_in.device_key is not None or not devices.tracks_devices(pool):
        return sign_in
    await devices.check_known(call, user, device_key)
    return replace(sign_in, device_key=device_key)


async def _opened(call: Call, given: Answer) -> SignIn:
    """The state of the sign-in: from the session, or from the secret block of an SRP exchange."""
    session = given.session
    if given.challenge in SRP_PROOFS:
        # Works without a session; the secret block is what the proof is bound to.
        block = required(given.answers, "PASSWORD_CLAIM_SECRET_BLOCK")
        session = block.translate(STANDARD_TO_URL).rstrip("=")
        if given.session not in (None, session):
            raise state.invalid_session()
    elif session is None and given.challenge == DEVICE_SRP_AUTH:
        session = await _awaited(call, given)
    elif session is None:
        raise InvalidParameterException("Missing required parameter Session")
    return await state.opened(
        call,
        given.pool,
        given.client,
        session,
        challenges=ANSWERS_TO.get(given.challenge, (given.challenge,)),
        admin=given.admin,
    )


async def _awaited(call: Call, given: Answer) -> str:
    """The session of a sign-in that waits for this device; some clients do not send it."""
    user = await find_user(call.store, given.pool, required(given.answers, "USERNAME"))
    device_key = required(given.answers, "DEVICE_KEY")
    session = None
    if user is not None:
        session = await call.store.devices.awaited(given.pool.pool_id, user.sub, device_key)
    if session is None:
        raise state.invalid_session()
    return session


async def _check_named(
    call: Call, pool: Pool, user: User | None, sign_in: SignIn, name: str
) -> None:
    """USERNAME must still be this user: the user name, the sub, or an alias."""
    if name == sign_in.username or (user is not None and name == user.sub):
        return
    named = await find_user(call.store, pool, name)
    if user is not None and named is not None and named.sub == user.sub:
        return
    # A simulated user has one alias: what was typed at the beginning.
    if user is None and await _shown_username(call, pool, name) == sign_in.username:
        return
    raise state.invalid_session()


async def _shown_username(call: Call, pool: Pool, name: str) -> str:
    """The user name of a simulated challenge: an id where a real one would not be `name`."""
    is_alias = ("email" in pool.alias_attributes and is_email(name)) or (
        "phone_number" in pool.alias_attributes and is_phone_number(name)
    )
    if pool.username_attributes or is_alias:
        return await unknown_users.sub(call, pool, name)
    return name


def _fresh(
    call: Call, beginning: Beginning, flow: Flow, user: User | None, username: str
) -> SignIn:
    return SignIn(
        session_id=call.entropy.uuid(),
        event_id=call.entropy.uuid(),
        pool_id=beginning.pool.pool_id,
        client_id=beginning.client.client_id,
        sub=user.sub if user else None,
        username=username,
        typed=beginning.parameters["USERNAME"],
        flow=flow.name,
        admin=beginning.admin,
        challenge="",
        expires_at=call.clock.now() + beginning.client.session_lifetime,
        cover="" if user else "-" * SUB_LENGTH,
    )


async def _proceed(call: Call, attempt: Attempt, proven: Proven, *, used: bool) -> Outcome:
    """After a right answer: store what it changed, then the next challenge or the tokens."""
    before, user = attempt.sign_in, proven.user
    sign_in = replace(
        before,
        answered=(*before.answered, before.challenge) if before.challenge else before.answered,
        methods=(*before.methods, *proven.methods),
        details={**before.details, **proven.details},
    )
    attempt = replace(attempt, user=user, sign_in=sign_in)
    if "pwd" in proven.methods and attempt.pool.protects_from_threats:
        attempt = await _judged(call, attempt, proven)
        sign_in = attempt.sign_in
    challenge = proven.then
    if challenge is None:
        challenge = await _next(call, attempt)
    session = before if used else None
    if challenge is not None:
        await _settle(call, proven, session=session, family=None)
        return await _challenged(call, attempt, challenge)
    signed_in = attempt.proven_user
    family = tokens.new_family(call, attempt.pool, attempt.client, signed_in, sign_in)

    async def pardon(tx: Transaction) -> None:
        """Whatever the last step was, somebody has signed in: earlier failures are forgotten."""
        await guesses.pardon(
            call, tx, signed_in.pool_id, signed_in.sub, device_key=sign_in.device_key
        )

    proven = replace(proven, effects=(*proven.effects, pardon))
    offered = None
    if sign_in.device_key is None and devices.tracks_devices(attempt.pool):
        device = devices.offered(call, attempt.pool, signed_in)
        offered = devices.metadata_of(device)

        async def offer(tx: Transaction) -> None:
            await tx.devices.save(device)

        proven = replace(proven, effects=(*proven.effects, offer))
    limit = sessions.limit_of(attempt.pool)
    await _settle(call, proven, session=session, family=family, session_limit=limit)
    issued = await tokens.issue(
        call, attempt.pool, attempt.client, signed_in, family, with_refresh_token=True
    )
    if attempt.pool.protects_from_threats:
        await passed(call, attempt)
    return SignedIn(user=signed_in, tokens=issued, new_device=offered)


async def _judged(call: Call, attempt: Attempt, proven: Proven) -> Attempt:
    """The sign-in with what its risk asks for; a right answer that is refused is no wrong guess."""
    try:
        return await judged(call, attempt)
    except (NotAuthorizedException, PasswordResetRequiredException):
        if proven.charge is not None:
            await call.store.change(proven.charge.give_back)
        raise


async def _next(call: Call, attempt: Attempt) -> str | None:
    sign_in, user = attempt.sign_in, attempt.proven_user
    device = await devices.remembered(call, attempt.pool, user, sign_in.device_key)
    return next_challenge(
        attempt.pool,
        user,
        Progress(
            answered=sign_in.answered,
            methods=sign_in.methods,
            targets=sign_in.targets,
            remembered_device=device is not None,
            demanded=sign_in.demands_mfa,
        ),
    )


async def _settle(
    call: Call,
    proven: Proven,
    *,
    session: SignIn | None,
    family: TokenFamily | None,
    session_limit: int | None = None,
) -> None:
    """Use up the session and store everything that the answer changed, in one change."""
    effects: list[Effect] = list(proven.effects)
    if proven.charge is not None and family is None:
        effects.append(proven.charge.give_back)
    if session is None and family is None and not effects:
        return

    async def settle(tx: Transaction) -> None:
        if session is not None:
            await _use(tx, session)
        if proven.user is not None:
            await _check_still_enabled(tx, proven.user)
        for effect in effects:
            await effect(tx)
        if family is not None:
            await sessions.make_room(tx, family, limit=session_limit)
            await tx.families.add(family)

    await call.store.change(settle)


async def _use(tx: Transaction, sign_in: SignIn) -> None:
    won = await tx.challenge_sessions.use(
        sign_in.pool_id, sign_in.session_id, expires_at=sign_in.expires_at
    )
    if not won:
        raise state.used_session()


async def _check_still_enabled(tx: Transaction, user: User) -> None:
    """The user may have been disabled or deleted while the password was judged."""
    present = await tx.users.find(user.pool_id, user.sub)
    if present is None:
        raise UserNotFoundException
    if not present.enabled:
        raise NotAuthorizedException("User is disabled.")


async def _challenged(call: Call, attempt: Attempt, challenge: str) -> Challenged:
    issued = await CHALLENGES[challenge].issue(call, attempt)
    sign_in = replace(
        attempt.sign_in,
        session_id=call.entropy.uuid(),
        challenge=challenge,
        expires_at=call.clock.now() + attempt.client.session_lifetime,
        details=issued.details,
    )
    session = await state.sealed(call, attempt.pool, sign_in)
    parameters = dict(issued.parameters)
    if challenge == DEVICE_SRP_AUTH:
        await _await_device(call, attempt, sign_in, session)
    if challenge in SRP_PROOFS:
        parameters["SECRET_BLOCK"] = base64.b64encode(base64url.decode(session)).decode()
    return Challenged(
        challenge=challenge, parameters=parameters, session=session, available=issued.available
    )


async def _await_device(call: Call, attempt: Attempt, sign_in: SignIn, session: str) -> None:
    sub, device_key = attempt.proven_user.sub, sign_in.device_key or ""

    async def remember(tx: Transaction) -> None:
        await tx.devices.await_proof(
            sign_in.pool_id, sub, device_key, session, expires_at=sign_in.expires_at
        )

    await call.store.change(remember)
