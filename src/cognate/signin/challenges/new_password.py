"""NEW_PASSWORD_REQUIRED: a temporary password is replaced. Source: user-pools.md E.11."""

import msgspec

from cognate.domain.attributes import VERIFIABLE
from cognate.domain.user_attributes import flag_of
from cognate.domain.users import User, UserStatus
from cognate.errors import InvalidParameterException, NotAuthorizedException
from cognate.ports import Call, Transaction
from cognate.signin import passwords, risk, state, user_attributes, writing
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.parameters import required

PREFIX = "userAttributes."
DEVELOPER_PREFIX = "dev:"  # attributes of signed callers


async def issue(call: Call, attempt: Attempt) -> Issued:
    user = attempt.proven_user
    missing = writing.missing_required(attempt.pool, user.attributes)
    return Issued(
        parameters={
            "USER_ID_FOR_SRP": user.username,
            "requiredAttributes": msgspec.json.encode([PREFIX + n for n in missing]).decode(),
            "userAttributes": msgspec.json.encode(_readable(attempt, user)).decode(),
        }
    )


def _readable(attempt: Attempt, user: User) -> dict[str, str]:
    return {
        name: value
        for name, value in user.attributes.items()
        if attempt.client.may_read(name) and not name.startswith(DEVELOPER_PREFIX)
    }


async def check(call: Call, attempt: Attempt) -> Proven:
    """
    Raises:
        InvalidPasswordException, PasswordHistoryPolicyViolationException: the pool's policy; or
            known to be compromised.
        InvalidParameterException: a required attribute is still missing, or a value is wrong.
        NotAuthorizedException: an attribute that has a value already; or the password was
            set otherwise meanwhile.
        AliasExistsException: an attribute is somebody else's sign-in name.
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
    await risk.check_new_password(call, pool, attempt.client, password, event="PASSWORD_CHANGE")
    # The new password may equal the temporary one, so that is no part of the history.
    credential = await passwords.new_credential(call, pool, user.username, password, previous=None)
    now = call.clock.now()
    unproven = {flag_of(name): "false" for name in VERIFIABLE if given.get(name)}

    def changed(present: User) -> User:
        attributes = present.with_attributes({**given, **unproven}, now=now)
        return attributes.with_status(UserStatus.CONFIRMED, now=now)

    async def set_password(tx: Transaction) -> None:
        present = await tx.users.find(pool.pool_id, user.sub)
        if present is None or present.status is not UserStatus.FORCE_CHANGE_PASSWORD:
            raise state.invalid_session()
        after = changed(present)
        await user_attributes.check_aliases_free(tx, pool, after)
        await tx.users.save(pool, after)
        await tx.credentials.save(pool.pool_id, user.sub, credential)

    return Proven(user=changed(user), effects=(set_password,))
