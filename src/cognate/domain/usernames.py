"""What a user may be called, by the pool's way of signing in. Source: user-pools.md C.4, I."""

from collections.abc import Mapping

from cognate.domain.attributes import is_email, is_phone_number
from cognate.domain.pools import Pool
from cognate.domain.users import User, alias_key
from cognate.errors import InvalidParameterException

SHAPES = {"email": is_email, "phone_number": is_phone_number}


def username_attribute(pool: Pool, username: str) -> str | None:
    """
    The attribute that `username` stands for in a pool whose users are called by their e-mail
    address or phone number; None in any other pool.

    Raises:
        InvalidParameterException: the name has not the form that the pool asks for.
    """
    if not pool.username_attributes:
        return None
    for kind in pool.username_attributes:
        if SHAPES[kind](username):
            return kind
    if len(pool.username_attributes) > 1:
        raise InvalidParameterException("Username should be either an email or a phone number.")
    if pool.username_attributes[0] == "email":
        raise InvalidParameterException("Username should be an email.")
    raise InvalidParameterException("Username should be a phone number.")


def check_username(pool: Pool, username: str) -> None:
    """
    Where an alias may be an e-mail address or phone number, no user name looks like one.

    Raises:
        InvalidParameterException: this one does.
    """
    if "email" in pool.alias_attributes and is_email(username):
        raise InvalidParameterException(
            "Username cannot be of email format, since user pool is configured for email alias."
        )
    if "phone_number" in pool.alias_attributes and is_phone_number(username):
        raise InvalidParameterException(
            "Username cannot be of phone number format, "
            "since user pool is configured for phone number alias."
        )


def with_username_attribute(
    pool: Pool, username: str, attributes: Mapping[str, str]
) -> dict[str, str]:
    """
    The attributes of a new user, the user name among them where the pool wants it so.

    Raises:
        InvalidParameterException: the name is not allowed, or the attribute says otherwise.
    """
    check_username(pool, username)
    kind = username_attribute(pool, username)
    if kind is None:
        return dict(attributes)
    given = attributes.get(kind) or username
    if alias_key(pool, kind, given) != alias_key(pool, kind, username):
        # Inferred: the service's words for two different addresses are not known.
        raise InvalidParameterException(f"Username and {kind} do not match.")
    return {**attributes, kind: username}


def sign_in_name(pool: Pool, user: User) -> str:
    """What the user types to sign in: the attribute, where the pool's user names are ids."""
    for kind in pool.username_attributes:
        value = user.attributes.get(kind)
        if value:
            return value
    return user.username
