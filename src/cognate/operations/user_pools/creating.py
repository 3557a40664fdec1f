"""AdminCreateUser: accounts that an administrator makes, and the invitation to them."""

from collections.abc import Sequence

from cognate.domain.attributes import NEVER_WRITTEN
from cognate.domain.ids import Sub
from cognate.domain.message_texts import invitation
from cognate.domain.messages import Message
from cognate.domain.pools import Pool
from cognate.domain.user_attributes import check_flags, normalised
from cognate.domain.usernames import sign_in_name, with_username_attribute
from cognate.domain.users import User, UserStatus
from cognate.errors import UnsupportedUserStateException
from cognate.operations.operation import Operations
from cognate.operations.user_pools.user_shapes import attributes_of, user_type
from cognate.ports import Call, Transaction
from cognate.signin import new_users, temporary_passwords, user_attributes, writing
from cognate.signin.lookup import existing_pool, existing_user, reread
from cognate.wire.cognito_idp import AdminCreateUserRequest, AdminCreateUserResponse

ATTRIBUTE_OF_MEDIUM = {"EMAIL": "email", "SMS": "phone_number"}
PASSWORDLESS = frozenset({"EMAIL_OTP", "SMS_OTP"})


async def admin_create_user(call: Call, request: AdminCreateUserRequest) -> AdminCreateUserResponse:
    """
    Make a user with a temporary password and invite them, or invite one again (RESEND).

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: the user name or an attribute is not allowed.
        InvalidPasswordException: the temporary password breaks the pool's policy.
        UsernameExistsException, AliasExistsException: a name is taken.
        UserNotFoundException, UnsupportedUserStateException: nobody to invite again.

    Source: Cognito API reference, AdminCreateUser; user-pools.md D.2.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    if request.message_action == "RESEND":
        user = await _invite_again(call, pool, request)
    else:
        user = await _create(call, pool, request)
    return AdminCreateUserResponse(user=user_type(user))


async def _create(call: Call, pool: Pool, request: AdminCreateUserRequest) -> User:
    attributes = _checked_attributes(pool, request)
    password = request.temporary_password
    if password is None and not PASSWORDLESS.intersection(pool.first_factors):
        password = temporary_passwords.generated(call.entropy, pool.password_policy)
    if password is None:
        # Nobody will ask for what is missing: that comes with the first password.
        writing.check_required(pool, attributes)
    now = call.clock.now()
    sub = Sub(call.entropy.uuid())
    user = User(
        pool_id=pool.pool_id,
        sub=sub,
        username=sub if pool.username_attributes else request.username,
        status=UserStatus.CONFIRMED if password is None else UserStatus.FORCE_CHANGE_PASSWORD,
        created_at=now,
        modified_at=now,
        attributes=attributes,
    )
    credential = None
    if password is not None:
        credential = await temporary_passwords.temporary_credential(
            call, pool, user.username, password, previous=None
        )
    keys = await call.keys.of_pool(pool)

    async def create(tx: Transaction) -> None:
        if request.force_alias_creation:
            await user_attributes.take_aliases(tx, pool, user, now=now)
        await new_users.add(tx, pool, user, taken="User account already exists")
        if credential is not None:
            await tx.credentials.save(pool.pool_id, user.sub, credential)
        for message in _invitations(pool, user, request, password):
            await call.outbox.put(tx, keys, pool, message)

    await call.store.change(create)
    return user


def _checked_attributes(pool: Pool, request: AdminCreateUserRequest) -> dict[str, str]:
    given = normalised(pool, attributes_of(request.user_attributes))
    attributes = with_username_attribute(
        pool, request.username, {name: value for name, value in given.items() if value}
    )
    writing.check_known(pool, attributes)
    # Other immutable attributes may be set now, and only now.
    writing.check_mutable(
        pool, {name: value for name, value in given.items() if name in NEVER_WRITTEN}
    )
    writing.check_values(pool, attributes)
    check_flags(attributes, attributes)
    return attributes


async def _invite_again(call: Call, pool: Pool, request: AdminCreateUserRequest) -> User:
    """A new temporary password, whose validity begins now."""
    user = await existing_user(call.store, pool, request.username)
    _check_invited(user)
    password = request.temporary_password or temporary_passwords.generated(
        call.entropy, pool.password_policy
    )
    previous = await call.store.credentials.find(pool.pool_id, user.sub)
    credential = await temporary_passwords.temporary_credential(
        call, pool, user.username, password, previous=previous
    )
    keys = await call.keys.of_pool(pool)

    async def invite(tx: Transaction) -> User:
        present = await reread(tx, user)
        _check_invited(present)
        invited = present.with_status(present.status, now=call.clock.now())
        await tx.users.save(pool, invited)
        await tx.credentials.save(pool.pool_id, present.sub, credential)
        for message in _invitations(pool, present, request, password):
            await call.outbox.put(tx, keys, pool, message)
        return invited

    return await call.store.change(invite)


def _check_invited(user: User) -> None:
    if user.status is not UserStatus.FORCE_CHANGE_PASSWORD:
        raise UnsupportedUserStateException(
            f"Resend not possible. {user.username} status is not FORCE_CHANGE_PASSWORD"
        )


def _invitations(
    pool: Pool, user: User, request: AdminCreateUserRequest, password: str | None
) -> Sequence[Message]:
    """One for each medium asked for (SMS unless said otherwise) that the user can be reached by."""
    if request.message_action == "SUPPRESS":
        return []
    messages = []
    for medium in dict.fromkeys(request.desired_delivery_mediums or ("SMS",)):
        attribute = ATTRIBUTE_OF_MEDIUM[medium]
        recipient = user.attributes.get(attribute)
        if recipient:
            messages.append(
                invitation(
                    pool,
                    attribute=attribute,
                    recipient=recipient,
                    username=sign_in_name(pool, user),
                    password=password,
                )
            )
    return [message for message in messages if message is not None]


OPERATIONS: Operations = {"AdminCreateUser": admin_create_user}
