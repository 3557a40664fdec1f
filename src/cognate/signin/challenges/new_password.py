"""NEW_PASSWORD_REQUIRED: a temporary password is replaced. Source: user-pools.md E.11."""

import msgspec

from cognate.domain.users import UserStatus
from cognate.errors import InvalidParameterException, NotAuthorizedException
from cognate.ports import Call, Transaction
from cognate.signin import passwords, state, writing
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.parameters import required

PREFIX = "userAttributes."


async def issue(call: Call, attempt: Attempt) -> Issued:
    user = attempt.user
    assert user is not None  # noqa: S101 - a simulated user never gets this far
    missing = writing.missing_required(attempt.pool, user.attributes)
    return Issued(
        parameters={
            "USER_ID_FOR_SRP": user.username,
            "requiredAttributes": msgspec.json.encode([PREFIX + n for n in missing]).decode(),
            "userAttributes": msgspec.json.encode(dict(user.attributes)).decode(),
        }
    )


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    Raises:
        InvalidPasswordException, PasswordHistoryPolicyViolationException: the pool's policy.
        InvalidParameterException: a required attribute is still missing, or a value is wrong.
        NotAuthorizedException: an attribute that has a value already.
    """
    pool, user = attempt.pool, attempt.user
    if user is None:
        raise state.invalid_session()
    password = required(attempt.answers, "NEW_PASSWORD")
    given = {
        name.removeprefix(PREFIX): value
        for name, value in attempt.answers.items()
        if name.startswith(PREFIX)
    }
    for name in given:
        if user.attributes.get(name):
            raise NotAuthorizedException(f"Cannot modify an already provided {name}")
    writing.check_writable(pool, attempt.client, given)
    writing.check_values(pool, given)
    missing = writing.missing_required(pool, {**user.attributes, **given})
    if missing:
        raise InvalidParameterException(f"Invalid attributes given, {missing[0]} is missing")
    # The new password may equal the temporary one, so that is no part of the history.
    credential = await passwords.new_credential(call, pool, user.username, password, previous=None)
    now = call.clock.now()
    changed = user.with_attributes(given, now=now).with_status(UserStatus.CONFIRMED, now=now)

    async def set_password(tx: Transaction) -> None:
        await tx.users.save(pool, changed)
        await tx.credentials.save(pool.pool_id, user.sub, credential)

    return Proven(user=changed, effects=(set_password,))
