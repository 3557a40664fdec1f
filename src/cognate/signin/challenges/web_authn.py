"""WEB_AUTHN: a passkey's signature. Source: user-pools.md E.8."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from cognate.errors import NotAuthorizedException
from cognate.ports import Call, Transaction
from cognate.protocol import base64url
from cognate.signin import guesses, passkeys, standing
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.parameters import required

CHALLENGE = "WEB_AUTHN"


async def issue(call: Call, attempt: Attempt) -> Issued:
    user = attempt.proven_user
    registered = await call.store.passkeys.of_user(attempt.pool.pool_id, user.sub)
    challenge = call.entropy.token(passkeys.CHALLENGE_BYTES)
    options = passkeys.sign_in_options(attempt.pool, list(registered), challenge)
    return Issued(
        parameters={"CREDENTIAL_REQUEST_OPTIONS": msgspec.json.encode(options).decode()},
        details={"challenge": base64url.encode(challenge)},
    )


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    Raises:
        NotAuthorizedException: anything about the signature is wrong, or too many wrong ones.
    """
    credential = _parsed(required(attempt.answers, "CREDENTIAL"))
    pool, user = attempt.pool, attempt.proven_user
    async with guesses.charged(call, pool.pool_id, user.sub) as charge:
        credential_id = str(credential.get("id"))
        passkey = await call.store.passkeys.find(pool.pool_id, user.sub, credential_id)
        if passkey is None:
            raise NotAuthorizedException
        challenge = base64url.decode(attempt.sign_in.details["challenge"])
        assertion = passkeys.verified_assertion(pool, user, passkey, credential, challenge)
        standing.check_after_password(user, attempt.client, None, now=call.clock.now())
        counted = replace(passkey, sign_count=assertion.sign_count)

        async def count(tx: Transaction) -> None:
            if await tx.passkeys.find(pool.pool_id, user.sub, credential_id) is None:
                raise NotAuthorizedException
            await tx.passkeys.save(counted)

        method = "swk" if assertion.is_synced else "hwk"
        return Proven(user=user, methods=(method,), effects=(count,), charge=charge)


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        credential = msgspec.json.decode(text)
    except msgspec.DecodeError as cause:
        raise NotAuthorizedException from cause
    if len(text) > passkeys.MAXIMUM_CREDENTIAL or not isinstance(credential, dict):
        raise NotAuthorizedException
    return credential
