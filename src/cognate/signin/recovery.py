"""
Recovering an account: the code that lets a user set a new password.

ForgotPassword and AdminResetUserPassword send the same code. Source: user-pools.md C.6, F.1, F.2.
"""

from cognate.domain import codes
from cognate.domain.codes import Delivery
from cognate.domain.message_texts import code_message
from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus
from cognate.errors import (
    InvalidParameterException,
    NotAuthorizedException,
)
from cognate.ports import Call, Transaction
from cognate.signin.codes import delivery_to, new_code, store_code
from cognate.signin.lookup import reread

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
    if pool.recovery is None:
        eligible = ["phone_number", "email"]
    else:
        ordered = sorted(pool.recovery, key=lambda option: option.priority)
        if any(option.name == ADMIN_ONLY for option in ordered):
            raise NotAuthorizedException("Contact administrator to reset password.")
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
