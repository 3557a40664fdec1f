"""The session of MFA_SETUP, as AssociateSoftwareToken and VerifySoftwareToken move it along."""

from dataclasses import dataclass, replace

from cognate.domain.clients import Client
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import NotAuthorizedException
from cognate.ports import Call, Transaction
from cognate.signin import state
from cognate.signin.challenges.mfa_setup import CHALLENGE, VERIFIED
from cognate.signin.state import SignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    pool: Pool
    client: Client
    user: User
    sign_in: SignIn


async def opened(call: Call, session: str) -> SetUp:
    """
    Raises:
        NotAuthorizedException: not a session of MFA_SETUP, too old, used; or the user is disabled.
    """
    pool_id = state.pool_of(session)
    pool = await call.store.pools.find(pool_id) if pool_id else None
    if pool is None:
        raise state.invalid_session()
    sign_in = await state.opened_in(call, pool, session)
    if sign_in.challenge != CHALLENGE or sign_in.sub is None:
        raise state.invalid_session()
    client = await call.store.clients.find(pool.pool_id, sign_in.client_id)
    user = await call.store.users.find(pool.pool_id, sign_in.sub)
    if client is None or user is None:
        raise state.invalid_session()
    if not user.enabled:
        raise NotAuthorizedException("User is disabled.")
    return SetUp(pool=pool, client=client, user=user, sign_in=sign_in)


async def advance(call: Call, step: SetUp, *, verified: bool) -> str:
    """
    Use up the session and give the next one.

    Raises:
        NotAuthorizedException: it was used meanwhile.
    """
    before = step.sign_in

    async def use(tx: Transaction) -> None:
        won = await tx.challenge_sessions.use(
            before.pool_id, before.session_id, expires_at=before.expires_at
        )
        if not won:
            raise state.used_session()

    await call.store.change(use)
    after = replace(
        before,
        session_id=call.entropy.uuid(),
        expires_at=call.clock.now() + step.client.session_lifetime,
        details={**before.details, VERIFIED: "yes"} if verified else before.details,
    )
    return await state.sealed(call, step.pool, after)
