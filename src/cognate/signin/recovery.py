"""
Recovering an account: the code that lets a user set a new password.

ForgotPassword and AdminResetUserPassword send the same code. Source: user-pools.md C.6, F.1, F.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cognate.domain import codes
from cognate.domain.clients import Client
from cognate.domain.codes import Delivery
from cognate.domain.message_texts import code_message
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus
from cognate.errors import (
    CodeMismatchException,
    ExpiredCodeException,
    InvalidParameterException,
    NotAuthorizedException,
)
from cognate.ports import Call, Transaction
from cognate.signin import guesses, passwords, risk, unknown_users
from cognate.signin.codes import delivery_to, judged, new_code, redeem, store_code
from cognate.signin.lookup import find_user, reread

ADMIN_ONLY = "admin_only"
ATTRIBUTES = {"verified_email": "email", "verified_phone_number": "phone_number"}
FACTORS = {"email": "EMAIL_OTP", "phone_number": "SMS_MFA"}
NOT_RESETTABLE = (UserStatus.FORCE_CHANGE_PASSWORD, UserStatus.EXTERNAL_PROVIDER)


def reset_channel(pool: Pool, user: User) -> str:
    """
    The attribute that a reset code goes to: phone first, unless the pool has an order of its own;
    then nothing that is also the user's second factor.

    Raises:
        NotAuthorizedException: only administrators recover accounts of this pool.
        InvalidParameterException: no verified contact that may be used.
    """
    _check_self_service(pool)
    if pool.recovery is None:
        eligible = ["phone_number", "email"]
    else:
        ordered = sorted(pool.recovery, key=lambda option: option.priority)
        eligible = [
            attribute
            for attribute in (ATTRIBUTES[option.name] for option in ordered)
            if FACTORS[attribute] not in user.mfa.enabled
        ]
    for attribute in eligible:
        if user.is_verified(attribute):
            return attribute
    raise InvalidParameterException(
        "Cannot reset password for the user as there is no registered/verified email "
        "or phone_number"
    )


def _check_self_service(pool: Pool) -> None:
    if any(option.name == ADMIN_ONLY for option in pool.recovery or ()):
        raise NotAuthorizedException("Contact administrator to reset password.")


def check_resettable(user: User) -> None:
    """
    Raises:
        NotAuthorizedException: the password is a temporary one, or a provider's.
    """
    if user.status in NOT_RESETTABLE:
        raise NotAuthorizedException("User password cannot be reset in the current state.")


async def send_reset_code(
    call: Call, pool: Pool, user: User, *, require_reset: bool = False
) -> Delivery:
    """
    Send a code that ConfirmForgotPassword accepts, and say where it went. With `require_reset`
    the user cannot sign in before (RESET_REQUIRED).

    Raises:
        NotAuthorizedException, InvalidParameterException: as `check_resettable` and
            `reset_channel` say.
        UserNotFoundException: the user was deleted meanwhile.
    """
    keys = await call.keys.of_pool(pool)
    code = new_code(call)

    async def send(tx: Transaction) -> Delivery:
        present = await reread(tx, user)
        check_resettable(present)
        attribute = reset_channel(pool, present)
        recipient = present.attributes[attribute]
        if require_reset:
            now = call.clock.now()
            await tx.users.save(pool, present.with_status(UserStatus.RESET_REQUIRED, now=now))
        await store_code(
            call,
            tx,
            keys,
            pool,
            present,
            purpose=codes.FORGOT_PASSWORD,
            code=code,
            attribute=attribute,
            lifetime=codes.FORGOT_PASSWORD_LIFETIME,
            message=code_message(pool, attribute=attribute, recipient=recipient, code=code),
        )
        return delivery_to(attribute, recipient)

    return await call.store.change(send)


# --- asked for by users themselves ---------------------------------------------------------------


async def forgot_password(call: Call, pool: Pool, client: Client, username: str) -> Delivery:
    """
    Send a reset code to whoever is called `username`; nothing else changes.

    Where the client hides who exists, whoever cannot be sent one gets the same answer.

    Raises:
        UserNotFoundException: no such user.
        NotAuthorizedException: disabled, not in a state to reset, or only for administrators.
        InvalidParameterException: no verified contact.
        LimitExceededException: too often in this hour.
    """
    _check_self_service(pool)
    user = await find_user(call.store, pool, username)
    if user is None and not client.hides_user_existence:
        raise unknown_users.no_such_user()
    sub = user.sub if user else await unknown_users.sub(call, pool, username)
    await guesses.count_hourly(call, pool.pool_id, sub, "forgot_password")
    if user is None or (client.hides_user_existence and not _can_reset(pool, user)):
        return await unknown_users.pretend_to_send(
            call,
            pool,
            sub,
            name=username,
            purpose=codes.FORGOT_PASSWORD,
            channels=_usual_channels(pool),
        )
    if not user.enabled:
        raise NotAuthorizedException("User is disabled.")
    delivery = await send_reset_code(call, pool, user)
    await risk.note(call, pool, user, "ForgotPassword", "InProgress")
    return delivery


def _can_reset(pool: Pool, user: User) -> bool:
    try:
        check_resettable(user)
        reset_channel(pool, user)
    except (NotAuthorizedException, InvalidParameterException):
        return False
    return user.enabled


def _usual_channels(pool: Pool) -> Sequence[str]:
    """Where the pool's users get their reset codes, as far as its settings tell."""
    if pool.recovery is not None:
        ordered = sorted(pool.recovery, key=lambda option: option.priority)
        return [ATTRIBUTES[option.name] for option in ordered]
    return ["phone_number", "email"] if "phone_number" in pool.auto_verified else ["email"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """A new password, and the code that allows it."""

    username: str
    code: str
    password: str


async def confirm_forgot_password(call: Call, pool: Pool, client: Client, reset: Reset) -> User:
    """
    Set a new password by the code that was sent. It confirms the user and ends a lock-out.

    Raises:
        InvalidPasswordException, PasswordHistoryPolicyViolationException: the pool's policy; the
            code stays good.
        UserNotFoundException: no such user.
        NotAuthorizedException: disabled, or the password is no longer the user's to set.
        CodeMismatchException, ExpiredCodeException: a wrong code, or none that is good.
        LimitExceededException: too often in this hour.
    """
    pool.password_policy.check(reset.password)
    user = await find_user(call.store, pool, reset.username)
    hides = client.hides_user_existence
    if user is None and not hides:
        raise unknown_users.no_such_user()
    if user is not None and not user.enabled and not hides:
        raise NotAuthorizedException("User is disabled.")
    sub = user.sub if user else await unknown_users.sub(call, pool, reset.username)
    await guesses.count_hourly(call, pool.pool_id, sub, "confirm_forgot_password")
    keys = await call.keys.of_pool(pool)
    purpose, given = codes.FORGOT_PASSWORD, reset.code
    # First the code: whether a password was used before is nobody else's business.
    try:
        await judged(
            call, call.store, keys, pool_id=pool.pool_id, sub=sub, purpose=purpose, given=given
        )
    except (CodeMismatchException, ExpiredCodeException):
        if user is not None:
            await risk.note(call, pool, user, "ForgotPassword", "Fail")
        raise
    if user is None or not user.enabled:
        raise CodeMismatchException
    compromised = await risk.check_new_password(
        call, pool, client, reset.password, event="PASSWORD_CHANGE"
    )
    previous = await call.store.credentials.find(pool.pool_id, user.sub)
    credential = await passwords.new_credential(
        call, pool, user.username, reset.password, previous=previous
    )

    async def settle(tx: Transaction) -> User:
        present = await reread(tx, user)
        check_resettable(present)
        await redeem(call, tx, keys, present, purpose=purpose, given=given)
        changed = present.with_status(UserStatus.CONFIRMED, now=call.clock.now())
        await tx.users.save(pool, changed)
        await tx.credentials.save(pool.pool_id, present.sub, credential)
        await guesses.forget_failures(tx, pool.pool_id, present.sub)
        return changed

    changed = await call.store.change(settle)
    await risk.note(call, pool, changed, "ForgotPassword", "Pass", compromised=compromised)
    return changed
