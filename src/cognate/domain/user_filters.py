"""
The filter of ListUsers: `attribute = "value"`, or `^=` for "begins with".

Source: user-pools.md D.5.
"""

import re
from dataclasses import dataclass

from cognate.domain.users import SEARCHABLE, User, folded
from cognate.errors import InvalidParameterException

# Beside the attributes that have an index: columns of the user itself.
OWN = ("username", "sub", "status", "cognito:user_status")

# The alternatives of each repetition begin with different characters, so matching is linear.
FILTER = re.compile(
    r'\s*(?:"(?P<quoted>[^"\\]+)"|(?P<bare>[^\s"=^\\]+))'
    r"\s*(?P<operator>\^?=)\s*"
    r'"(?P<value>(?:[^"\\]|\\["\\])*)"\s*'
)
ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """
    One condition on users. `attribute` is a searchable attribute, `username`, `sub`, `status` or
    `cognito:user_status`; `prefix` chooses "begins with" over "equals".
    """

    attribute: str
    value: str
    prefix: bool


def fits(user: User, condition: UserFilter) -> bool:
    """Whether the user's whole value fits, of which an index holds the beginning only."""
    value = folded(user.attributes.get(condition.attribute, ""))
    wanted = folded(condition.value)
    return value.startswith(wanted) if condition.prefix else value == wanted


def parse(text: str) -> UserFilter | None:
    """
    The condition that `text` spells; None where every user fits.

    Raises:
        InvalidParameterException: bad grammar, or an attribute that cannot be searched.
    """
    if not text:
        return None
    found = FILTER.fullmatch(text)
    if found is None:
        raise InvalidParameterException("Error while parsing filter")
    attribute = found["quoted"] or found["bare"]
    if attribute not in SEARCHABLE and attribute not in OWN:
        raise InvalidParameterException(f"Invalid search attribute: {attribute}")
    value = ESCAPED.sub(r"\1", found["value"])
    prefix = found["operator"] == "^="
    if prefix and not value and attribute in OWN:
        return None  # every user has one of these
    return UserFilter(
        attribute=attribute,
        value=value.lower() if attribute == "sub" else value,
        prefix=prefix,
    )
