"""Registering authenticator apps: secrets made, verified, replaced. Source: user-pools.md E.12."""

from dataclasses import replace

from cognate.domain.factors import SOFTWARE_TOKEN_MFA
from cognate.domain.pools import Pool
from cognate.domain.software_tokens import SoftwareToken
from cognate.domain.users import User
from cognate.errors import EnableSoftwareTokenMFAException, SoftwareTokenMFANotFoundException
from cognate.ports import Call, Transaction
from cognate.protocol import totp
from cognate.signin import guesses

PURPOSE = "software token"
SECRET_BYTES = 32  # 52 characters of Base32, as the live service gives
MISMATCH = "Invalid code received for user"
SPENT = "Your software token has already been used once."


async def secret_of(call: Call, pool: Pool, sealed: bytes) -> bytes:
    return (await call.keys.of_pool(pool)).open(PURPOSE, sealed)


async def associate(call: Call, pool: Pool, user: User) -> str:
    """
    A new secret in Base32 that waits to be verified; a registered one stays good until then.

    Raises:
        SoftwareTokenMFANotFoundException: the pool does not offer authenticator apps.
    """
    if not pool.mfa.software_token_enabled:
        raise SoftwareTokenMFANotFoundException
    secret = call.entropy.token(SECRET_BYTES)
    sealed = (await call.keys.of_pool(pool)).seal(PURPOSE, secret)

    async def remember(tx: Transaction) -> None:
        token = await tx.software_tokens.find(pool.pool_id, user.sub)
        token = token or SoftwareToken(pool_id=pool.pool_id, sub=user.sub)
        await tx.software_tokens.save(replace(token, sealed_pending=sealed))

    await call.store.change(remember)
    return totp.encode_secret(secret)


async def verify(
    call: Call, pool: Pool, user: User, code: str, *, device_name: str | None, switch_on: bool
) -> None:
    """
    Register the pending secret if `code` is of it. `switch_on`: at sign-in it becomes the factor.

    Raises:
        EnableSoftwareTokenMFAException: another code, or no secret is waiting.
        NotAuthorizedException: too many wrong ones.
    """
    token = await call.store.software_tokens.find(pool.pool_id, user.sub)
    pending = None if token is None else token.sealed_pending
    if pending is None:
        raise EnableSoftwareTokenMFAException
    secret = await secret_of(call, pool, pending)
    async with guesses.charged(call, pool.pool_id, user.sub) as charge:
        step = totp.matching_step(secret, code, call.clock.now())
        if step is None:
            raise EnableSoftwareTokenMFAException
        used_step = step

        async def register(tx: Transaction) -> None:
            present = await tx.software_tokens.find(pool.pool_id, user.sub)
            owner = await tx.users.find(pool.pool_id, user.sub)
            if owner is None or present is None or present.sealed_pending != pending:
                raise EnableSoftwareTokenMFAException
            await tx.software_tokens.save(
                replace(
                    present,
                    sealed_secret=pending,
                    sealed_pending=None,
                    last_step=used_step,
                    device_name=device_name,
                )
            )
            enabled = owner.mfa.enabled
            if switch_on and SOFTWARE_TOKEN_MFA not in enabled:
                enabled = (*enabled, SOFTWARE_TOKEN_MFA)
            preference = replace(owner.mfa, software_token=True, enabled=enabled)
            await tx.users.save(pool, replace(owner, mfa=preference))
            await charge.give_back(tx)

        await call.store.change(register)
