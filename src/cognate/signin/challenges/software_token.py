"""SOFTWARE_TOKEN_MFA: a code of the user's authenticator app. Source: user-pools.md E.12."""

from cognate.domain.factors import SOFTWARE_TOKEN_MFA
from cognate.errors import CodeMismatchException, ExpiredCodeException
from cognate.ports import Call, Transaction
from cognate.protocol import totp
from cognate.signin import guesses, software_tokens, state
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.parameters import required


async def issue(call: Call, attempt: Attempt) -> Issued:
    user = attempt.proven_user
    token = await call.store.software_tokens.find(attempt.pool.pool_id, user.sub)
    parameters = {"USER_ID_FOR_SRP": user.username}
    if token is not None and token.device_name:
        parameters["FRIENDLY_DEVICE_NAME"] = token.device_name
    return Issued(parameters=parameters)


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    Raises:
        CodeMismatchException: another code.
        ExpiredCodeException: a code that was used already.
        NotAuthorizedException: too many wrong ones.
    """
    code = required(attempt.answers, f"{SOFTWARE_TOKEN_MFA}_CODE")
    pool, user = attempt.pool, attempt.user
    if user is None:
        raise state.invalid_session()
    device_key = attempt.sign_in.device_key
    async with guesses.charged(call, pool.pool_id, user.sub, device_key=device_key) as charge:
        token = await call.store.software_tokens.find(pool.pool_id, user.sub)
        if token is None or token.sealed_secret is None:
            raise CodeMismatchException(software_tokens.MISMATCH)
        secret = await software_tokens.secret_of(call, pool, token.sealed_secret)
        step = totp.matching_step(secret, code, call.clock.now())
        if step is None:
            raise CodeMismatchException(software_tokens.MISMATCH)
        if step <= token.last_step:
            raise ExpiredCodeException(software_tokens.SPENT)
        spent_step = step

        async def spend(tx: Transaction) -> None:
            if not await tx.software_tokens.spend(pool.pool_id, user.sub, step=spent_step):
                raise ExpiredCodeException(software_tokens.SPENT)

        return Proven(user=user, methods=("otp",), effects=(spend,), charge=charge)
