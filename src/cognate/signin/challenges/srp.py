"""
PASSWORD_VERIFIER: the password proven by SRP-6a, without being sent.

SECRET_BLOCK carries the sealed state of the exchange, so the answer is judged with or without its
Session (user-pools.md E.1, E.3).
"""

import hmac

from cognate.errors import NotAuthorizedException
from cognate.ports import Call
from cognate.protocol import srp
from cognate.signin import guesses, srp_exchange, standing, unknown_users
from cognate.signin.attempt import Attempt, Issued, Proven


async def issue(call: Call, attempt: Attempt) -> Issued:
    """
    Answer SRP_A with B, the salt and the secret block.

    Raises:
        InvalidParameterException: SRP_A missing or not hexadecimal.
        NotAuthorizedException: SRP_A is a multiple of N, or the user may not sign in.
    """
    srp_exchange.client_public(attempt.answers)
    salt, verifier = await _salt_and_verifier(call, attempt)
    offer = await srp_exchange.offer(call, attempt.answers, verifier)
    return Issued(
        parameters={
            "SRP_B": offer.server_public,
            "SALT": salt.hex(),
            "USERNAME": attempt.sign_in.username,
            "USER_ID_FOR_SRP": attempt.sign_in.username,
        },
        details=offer.details,
    )


async def _salt_and_verifier(call: Call, attempt: Attempt) -> tuple[bytes, int]:
    pool, user = attempt.pool, attempt.user
    if user is None:
        return await unknown_users.salt_and_verifier(call, pool, attempt.sign_in.username)
    standing.check_before_password(user, attempt.client)
    credential = await call.store.credentials.find(pool.pool_id, user.sub)
    if credential is None or credential.srp_salt is None or credential.sealed_verifier is None:
        return await unknown_users.salt_and_verifier(call, pool, user.username)
    keys = await call.keys.of_pool(pool)
    encoded = keys.open("srp verifier", credential.sealed_verifier)
    return credential.srp_salt, srp.decode_verifier(encoded)


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    Judge PASSWORD_CLAIM_SIGNATURE.

    Raises:
        InvalidParameterException: a part of the answer is missing.
        NotAuthorizedException: wrong, late, locked, disabled, or a temporary password too old.
    """
    pool, user = attempt.pool, attempt.user
    claim = srp_exchange.claim_of(attempt.answers)
    username = attempt.sign_in.username
    sub = user.sub if user else await unknown_users.sub(call, pool, username)
    device_key = attempt.sign_in.device_key
    async with guesses.charged(call, pool.pool_id, sub, device_key=device_key) as charge:
        # The verifier as it is now: a password changed meanwhile makes the proof wrong.
        _, verifier = await _salt_and_verifier(call, attempt)
        expected = await srp_exchange.expected_signature(
            call,
            attempt.sign_in.details,
            claim,
            verifier=verifier,
            pool_name=pool.srp_name,
            username=username,
        )
        right = hmac.compare_digest(expected, claim.signature)
        if not right or not claim.is_fresh(call.clock.real_now()) or user is None:
            raise NotAuthorizedException
        try:
            credential = await call.store.credentials.find(pool.pool_id, user.sub)
            standing.check_after_password(user, attempt.client, credential, now=call.clock.now())
        except Exception:
            await call.store.change(charge.give_back)  # the password was right
            raise
        return Proven(user=user, methods=("pwd",), charge=charge)
