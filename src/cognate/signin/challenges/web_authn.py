"""WEB_AUTHN: a passkey's signature. Source: user-pools.md E.8."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from cognate.domain import assurance
from cognate.domain.passkeys import Passkey
from cognate.domain.users import User
from cognate.errors import NotAuthorizedException
from cognate.ports import Call, Transaction
from cognate.protocol import base64url
from cognate.signin import passkeys, standing
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.parameters import required

CHALLENGE = "WEB_AUTHN"


async def issue(call: Call, attempt: Attempt) -> Issued:
    registered = await passkeys.usable(call, attempt.pool, attempt.proven_user.sub)
    relying_party_id = passkeys.relying_party(call, attempt.pool)
    challenge = call.entropy.token(passkeys.CHALLENGE_BYTES)
    options = passkeys.sign_in_options(attempt.pool, relying_party_id, registered, challenge)
    return Issued(
        parameters={"CREDENTIAL_REQUEST_OPTIONS": msgspec.json.encode(options).decode()},
        details={"challenge": base64url.encode(challenge)},
    )


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    A signature cannot be guessed: failures are not counted, and whoever is locked out by another's
    guesses at the password still comes in by this way.

    Raises:
        NotAuthorizedException: anything about the signature is wrong.
        The rest: as `standing.check_after_password` says.
    """
    credential = _parsed(required(attempt.answers, "CREDENTIAL"))
    user = attempt.proven_user
    credential_id = str(credential.get("id"))
    registered = await passkeys.usable(call, attempt.pool, user.sub)
    passkey = next((one for one in registered if one.credential_id == credential_id), None)
    if passkey is None:
        raise NotAuthorizedException
    challenge = base64url.decode(attempt.sign_in.details["challenge"])
    assertion = passkeys.verified_assertion(attempt.pool, user, passkey, credential, challenge)
    standing.check_after_password(user, attempt.client, None, now=call.clock.now())

    async def count(tx: Transaction) -> None:
        await _count(tx, user, passkey, assertion.sign_count)

    method = assurance.SYNCED_PASSKEY if assertion.is_synced else assurance.BOUND_PASSKEY
    return Proven(user=user, methods=(method,), effects=(count,))


async def _count(tx: Transaction, user: User, passkey: Passkey, sign_count: int) -> None:
    """The counter moves on; not where another signature, perhaps of a copy, was there first."""
    present = await tx.passkeys.find(user.pool_id, user.sub, passkey.credential_id)
    if present is None or present.sign_count != passkey.sign_count:
        raise NotAuthorizedException
    await tx.passkeys.save(replace(present, sign_count=sign_count))


def _parsed(text: str) -> Mapping[str, Any]:
    if len(text) > passkeys.MAXIMUM_CREDENTIAL:
        raise NotAuthorizedException
    try:
        credential = msgspec.json.decode(text)
    except msgspec.DecodeError as cause:
        raise NotAuthorizedException from cause
    if not isinstance(credential, dict):
        raise NotAuthorizedException
    return credential
