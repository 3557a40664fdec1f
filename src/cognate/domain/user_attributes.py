"""
What a write of attributes means: what changes now, what waits, where a code goes.

Source: user-pools.md C.2, C.4, C.6, D.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cognate.domain.attributes import VERIFIABLE
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import InvalidParameterException


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeWrite:
    """
    `changed`: what the user's record takes over; None removes. `codes`: attribute to the value
    that is to be proven. `pending`: those of them whose old value stays until then. `replaced`:
    e-mail and phone number where codes that went to the old value are worth nothing now.
    """

    changed: Mapping[str, str | None]
    codes: Mapping[str, str] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()


def flag_of(name: str) -> str:
    return f"{name}_verified"


def normalised(pool: Pool, given: Mapping[str, str]) -> dict[str, str]:
    """Booleans in the form in which they are stored: any case is accepted, one is kept."""
    return {
        name: value.lower()
        if name in pool.schema_by_name and pool.schema_by_name[name].data_type == "Boolean"
        else value
        for name, value in given.items()
    }


def planned(pool: Pool, user: User, given: Mapping[str, str]) -> AttributeWrite:
    """
    What writing `given` (normalised; an empty value removes) does to `user`.

    A new e-mail address or phone number is unverified unless its flag comes with it; the value
    that is there already keeps its flag.
    """
    changed: dict[str, str | None] = {name: value or None for name, value in given.items()}
    codes: dict[str, str] = {}
    pending: set[str] = set()
    replaced: set[str] = set()
    for name in VERIFIABLE:
        if name not in given or given[name] == user.attributes.get(name, ""):
            continue
        value, flag = given[name], flag_of(name)
        if not value:
            changed[flag] = None
        elif given.get(flag) == "true":
            changed[flag] = "true"
        elif name in pool.verify_before_update:
            del changed[name]
            changed.pop(flag, None)  # it spoke of the new value
            codes[name] = value
            pending.add(name)
            continue
        else:
            changed[flag] = "false"
            if name in pool.auto_verified:
                codes[name] = value
        replaced.add(name)
    return AttributeWrite(
        changed=changed,
        codes=codes,
        pending=frozenset(pending),
        replaced=frozenset(replaced),
    )


def check_flags(given: Mapping[str, str], attributes: Mapping[str, str]) -> None:
    """
    A flag says something of a value, so there must be one in `attributes`.

    Raises:
        InvalidParameterException: there is none.
    """
    if given.get("email_verified") and not attributes.get("email"):
        raise InvalidParameterException("Email is required to verify/un-verify an email")
    if given.get("phone_number_verified") and not attributes.get("phone_number"):
        raise InvalidParameterException(
            "Phone Number is required to verify/un-verify a phone number"
        )
