"""Making a password a user's: the policy, the history, then what is stored."""

from cognate.domain.passwords import Credential
from cognate.domain.pools import Pool
from cognate.errors import PasswordHistoryPolicyViolationException
from cognate.ports import Call


async def new_credential(
    call: Call, pool: Pool, username: str, password: str, *, previous: Credential | None
) -> Credential:
    """
    What to store for `password`. Slow: call it outside a change.

    Raises:
        InvalidPasswordException: the pool's policy refuses it.
        PasswordHistoryPolicyViolationException: it was used before.
        TooManyRequestsException: the server is busy.
    """
    policy = pool.password_policy
    policy.check(password)
    if (
        policy.history_size
        and previous is not None
        and await call.passwords.was_used(previous, password, history=policy.history_size)
    ):
        raise PasswordHistoryPolicyViolationException
    return await call.passwords.derive(pool, username, password, previous=previous)
