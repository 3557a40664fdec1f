"""Judging a password in clear: USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH."""

from cognate.errors import NotAuthorizedException
from cognate.ports import Call
from cognate.signin import guesses, standing, unknown_users
from cognate.signin.attempt import Attempt, Proven
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
        return Proven(user=user, methods=("pwd",), charge=charge)
