"""
Signing up: somebody registers, and confirms by a code or link that the address is theirs.

SignUp, ConfirmSignUp, ResendConfirmationCode, the login pages and the link in the e-mail all come
here; who may ask (secret hash, browser session) was judged before. Source: user-pools.md C.4,
C.6, D.2, F.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from cognate.domain import codes
from cognate.domain.attributes import VERIFIABLE
from cognate.domain.clients import Client
from cognate.domain.codes import Delivery
from cognate.domain.factors import EMAIL_OTP, SMS_OTP
from cognate.domain.ids import Sub
from cognate.domain.message_texts import code_message, link_message
from cognate.domain.messages import Message
from cognate.domain.pools import Pool
from cognate.domain.user_attributes import flag_of, normalised
from cognate.domain.usernames import with_username_attribute
from cognate.domain.users import User, UserStatus
from cognate.errors import (
    ExpiredCodeException,
    InvalidParameterException,
    NotAuthorizedException,
)
from cognate.ports import Call, PoolKeys, Transaction
from cognate.signin import (
    after_sign_up,
    guesses,
    new_users,
    passwords,
    risk,
    unknown_users,
    user_attributes,
    writing,
)
from cognate.signin.codes import delivery_to, judged, new_code, redeem, store_code
from cognate.signin.lookup import find_user, reread

MESSAGE_FACTORS = frozenset({EMAIL_OTP, SMS_OTP})
WITH_LINK = "CONFIRM_WITH_LINK"
PREFERRED_USERNAME = "preferred_username"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """
    What somebody signs up with. `username`: as typed. `attributes`: an empty value is none.
    """

    username: str
    password: str | None
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUp:
    """
    The new user, and where the code or link went; None where nothing was sent. `session`: for
    ConfirmSignUp, where the client has choice-based sign-in.
    """

    user: User
    delivery: Delivery | None
    session: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """
    An answer to a code or link. `take_aliases`: as its sender's, whoever has the alias now.
    `session`: what SignUp gave, to sign in at once.
    """

    username: str
    code: str
    take_aliases: bool = False
    session: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The user as confirmed; `session` signs in, where one was given and is good."""

    user: User
    session: str | None


# --- signing up ----------------------------------------------------------------------------------


async def sign_up(call: Call, pool: Pool, client: Client, application: Application) -> SignedUp:
    """
    Add an UNCONFIRMED user, and send the code or link that confirms them.

    Raises:
        NotAuthorizedException: only administrators make users; or the client may not write an
            attribute.
        InvalidParameterException: the user name, an attribute or the password's absence.
        InvalidPasswordException: the pool's policy.
        UsernameExistsException: the name is somebody's.
    """
    if pool.admin_create_only:
        raise NotAuthorizedException("SignUp is not permitted for this user pool")
    attributes = _checked_attributes(pool, client, application)
    _check_password_given(pool, application)
    password = application.password
    compromised = password is not None and await risk.check_new_password(
        call, pool, client, password, event="SIGN_UP"
    )
    now = call.clock.now()
    sub = Sub(call.entropy.uuid())
    user = User(
        pool_id=pool.pool_id,
        sub=sub,
        username=sub if pool.username_attributes else application.username,
        status=UserStatus.UNCONFIRMED,
        created_at=now,
        modified_at=now,
        attributes=attributes,
    )
    credential = None
    if password is not None:
        credential = await passwords.new_credential(
            call, pool, user.username, password, previous=None
        )
    keys = await call.keys.of_pool(pool)
    code = new_code(call)

    async def register(tx: Transaction) -> Delivery | None:
        await new_users.add(tx, pool, user)
        if credential is not None:
            await tx.credentials.save(pool.pool_id, user.sub, credential)
        return await _send_confirmation(call, tx, keys, pool, client, user, code=code)

    delivery = await call.store.change(register)
    await risk.note(call, pool, user, "SignUp", "Pass", compromised=compromised)
    session = await after_sign_up.begun(call, pool, client, user)
    return SignedUp(user=user, delivery=delivery, session=session)


def _checked_attributes(pool: Pool, client: Client, application: Application) -> dict[str, str]:
    """All attributes of the new user; addresses that nobody has proven say so."""
    given = {name: value for name, value in application.attributes.items() if value}
    writing.check_writable(pool, client, given)
    attributes = with_username_attribute(pool, application.username, normalised(pool, given))
    if PREFERRED_USERNAME in given and PREFERRED_USERNAME in pool.alias_attributes:
        # Otherwise a sign-in name could be taken without proving anything.
        raise InvalidParameterException(
            "The preferred_username can be set only after the user is confirmed."
        )
    writing.check_values(pool, attributes)
    writing.check_required(pool, attributes)
    unproven = {flag_of(name): "false" for name in VERIFIABLE if name in attributes}
    return {**attributes, **unproven}


def _check_password_given(pool: Pool, application: Application) -> None:
    """It may be missing where a code can be the first factor."""
    if application.password is None and not MESSAGE_FACTORS.intersection(pool.first_factors):
        raise InvalidParameterException(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: "
            "Member must not be null"
        )


# --- the code or link ----------------------------------------------------------------------------


async def _send_confirmation(  # noqa: PLR0913 - a part of `sign_up` and `resend`
    call: Call,
    tx: Transaction,
    keys: PoolKeys,
    pool: Pool,
    client: Client,
    user: User,
    *,
    code: str,
) -> Delivery | None:
    attribute = _channel(pool, user)
    if attribute is None:
        return None
    await store_code(
        call,
        tx,
        keys,
        pool,
        user,
        purpose=codes.SIGN_UP,
        code=code,
        attribute=attribute,
        lifetime=codes.SIGN_UP_LIFETIME,
        message=_message(call, pool, client, user, attribute=attribute, code=code),
    )
    return delivery_to(attribute, user.attributes[attribute])


def _channel(pool: Pool, user: User) -> str | None:
    """The one attribute that a sign-up proves: the phone number before the e-mail address."""
    for attribute in _channels(pool):
        if user.attributes.get(attribute):
            return attribute
    return None


def _channels(pool: Pool) -> Sequence[str]:
    return [name for name in ("phone_number", "email") if name in pool.auto_verified]


def _message(
    call: Call, pool: Pool, client: Client, user: User, *, attribute: str, code: str
) -> Message:
    recipient = user.attributes[attribute]
    if attribute == "email" and pool.templates.default_email_option == WITH_LINK:
        query = urlencode(
            {"client_id": client.client_id, "user_name": user.username, "confirmation_code": code}
        )
        link = f"{call.deployment.public_url}/confirmUser?{query}"
        return link_message(pool, recipient=recipient, link=link)
    return code_message(pool, attribute=attribute, recipient=recipient, code=code)


async def resend(call: Call, pool: Pool, client: Client, username: str) -> Delivery:
    """
    Send a new code or link; the earlier one is void.

    Where the client hides who exists, whoever cannot be sent one gets the same answer.

    Raises:
        UserNotFoundException: no such user.
        NotAuthorizedException: disabled.
        InvalidParameterException: confirmed already, or nothing to send to.
        LimitExceededException: too often in this hour.
    """
    if not pool.auto_verified:
        raise _nothing_to_send()
    user = await find_user(call.store, pool, username)
    if user is None and not client.hides_user_existence:
        raise unknown_users.no_such_user()
    sub = user.sub if user else await unknown_users.sub(call, pool, username)
    await guesses.count_hourly(call, pool.pool_id, sub, "resend_confirmation_code")
    if user is None or (client.hides_user_existence and not _may_resend(pool, user)):
        return await unknown_users.pretend_to_send(
            call, pool, sub, name=username, purpose=codes.SIGN_UP, channels=_channels(pool)
        )
    keys = await call.keys.of_pool(pool)
    code = new_code(call)

    async def send(tx: Transaction) -> Delivery:
        present = await reread(tx, user)
        _check_may_resend(present)
        delivery = await _send_confirmation(call, tx, keys, pool, client, present, code=code)
        if delivery is None:
            raise _nothing_to_send()
        return delivery

    delivery = await call.store.change(send)
    await risk.note(call, pool, user, "ResendCode", "Pass")
    return delivery


def _may_resend(pool: Pool, user: User) -> bool:
    awaits = user.enabled and user.status is UserStatus.UNCONFIRMED
    return awaits and _channel(pool, user) is not None


def _check_may_resend(user: User) -> None:
    if not user.enabled:
        raise NotAuthorizedException("User is disabled.")
    if user.status is not UserStatus.UNCONFIRMED:
        raise InvalidParameterException("User is already confirmed.")


def _nothing_to_send() -> InvalidParameterException:
    return InvalidParameterException("Cannot resend codes. Auto verification not turned on.")


# --- confirming ----------------------------------------------------------------------------------


async def confirm(call: Call, pool: Pool, client: Client, confirmation: Confirmation) -> Confirmed:
    """
    Confirm a user by the code that was sent, and verify the attribute that it went to.

    Raises:
        UserNotFoundException: no such user.
        NotAuthorizedException: disabled, or not UNCONFIRMED; or the session is another's.
        CodeMismatchException, ExpiredCodeException: a wrong code, or none that is good.
        AliasExistsException: the address is somebody else's alias, and is not to be taken.
        LimitExceededException: too often in this hour.
    """
    user = await find_user(call.store, pool, confirmation.username)
    if user is None and not client.hides_user_existence:
        raise unknown_users.no_such_user()
    sub = user.sub if user else await unknown_users.sub(call, pool, confirmation.username)
    await guesses.count_hourly(call, pool.pool_id, sub, "confirm_sign_up")
    if user is not None and not client.hides_user_existence:
        _check_awaits(user)
    keys = await call.keys.of_pool(pool)
    purpose, given = codes.SIGN_UP, confirmation.code
    await judged(
        call, call.store, keys, pool_id=pool.pool_id, sub=sub, purpose=purpose, given=given
    )
    if user is None:
        raise ExpiredCodeException
    begun = None
    if confirmation.session is not None:
        begun = await after_sign_up.opened(call, pool, client, user, confirmation.session)

    async def settle(tx: Transaction) -> tuple[User, str]:
        if begun is not None:
            await after_sign_up.use(tx, begun)
        present = await reread(tx, user)
        _check_awaits(present)
        code = await redeem(call, tx, keys, present, purpose=purpose, given=given)
        now = call.clock.now()
        confirmed = present.with_status(UserStatus.CONFIRMED, now=now).with_attributes(
            {flag_of(code.attribute): "true"}, now=now
        )
        if confirmation.take_aliases:
            await user_attributes.take_aliases(tx, pool, confirmed, now=now)
        await user_attributes.check_aliases_free(tx, pool, confirmed)
        await tx.users.save(pool, confirmed)
        return confirmed, code.attribute

    confirmed, attribute = await call.store.change(settle)
    session = await after_sign_up.confirmed(
        call, pool, client, confirmed, begun, attribute=attribute
    )
    return Confirmed(user=confirmed, session=session)


def _check_awaits(user: User) -> None:
    if not user.enabled:
        raise NotAuthorizedException("User is disabled.")
    if user.status is not UserStatus.UNCONFIRMED:
        raise NotAuthorizedException(
            f"User cannot be confirmed. Current status is {user.status.value}"
        )
