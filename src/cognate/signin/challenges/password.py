"""Judging a password in clear: USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH."""

from cognate.domain.passwords import Credential
from cognate.domain.users import User
from cognate.errors import NotAuthorizedException
from cognate.ports import Call, Transaction
from cognate.signin import guesses, standing, unknown_users
from cognate.signin.attempt import Attempt, Effect, Proven
from cognate.signin.parameters import required


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    Judge `PASSWORD`.

    Raises:
        NotAuthorizedException: wrong, locked, disabled, or a temporary password too old.
        PasswordResetRequiredException, UserNotConfirmedException: as `standing` says.
    """
    password = required(attempt.answers, "PASSWORD")
    pool, user = attempt.pool, attempt.user
    if user is None:
        # The same work and the same waiting as for somebody who exists.
        sub = await unknown_users.sub(call, pool, attempt.sign_in.username)
        async with guesses.charged(call, pool.pool_id, sub):
            nobodys = await call.store.credentials.find(pool.pool_id, sub)
            await call.passwords.verify(nobodys, password)
        raise NotAuthorizedException
    standing.check_before_password(user, attempt.client)
    device_key = attempt.sign_in.device_key
    async with guesses.charged(call, pool.pool_id, user.sub, device_key=device_key) as charge:
        credential = await call.store.credentials.find(pool.pool_id, user.sub)
        if not await call.passwords.verify(credential, password):
            raise NotAuthorizedException
        try:
            standing.check_after_password(user, attempt.client, credential, now=call.clock.now())
        except Exception:
            await call.store.change(charge.give_back)  # the password was right
            raise
        effects: tuple[Effect, ...] = ()
        if credential is not None and credential.foreign_hash is not None:
            effects = (await _own(call, attempt, user, credential, password),)
        return Proven(user=user, methods=("pwd",), charge=charge, effects=effects)


async def _own(
    call: Call, attempt: Attempt, user: User, foreign: Credential, password: str
) -> Effect:
    """
    From now on the password is checked by a hash of ours, and SRP has its verifier. No policy is
    asked: the password is what it was (user-pools.md C.5, J.1).
    """
    pool_id = attempt.pool.pool_id
    own = await call.passwords.derive(attempt.pool, user.username, password, previous=foreign)

    async def replace(tx: Transaction) -> None:
        if await tx.credentials.find(pool_id, user.sub) == foreign:
            await tx.credentials.save(pool_id, user.sub, own)

    return replace
