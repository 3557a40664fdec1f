"""Users: who they are, what state they are in, by which names they are found."""

import enum
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from cognate.domain.ids import PoolId, Sub
from cognate.domain.pools import Pool

SEARCHABLE = (
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
)
SEARCH_KEY_LENGTH = 256  # characters: what a B-tree key of every database holds


class UserStatus(enum.StrEnum):
    """Source: user-pools.md D.1."""

    UNCONFIRMED = "UNCONFIRMED"
    CONFIRMED = "CONFIRMED"
    RESET_REQUIRED = "RESET_REQUIRED"
    FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"
    EXTERNAL_PROVIDER = "EXTERNAL_PROVIDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaPreference:
    """
    Factors that the user switched on, and the one asked first.

    `software_token`: an authenticator app is registered, switched on or not. `passkey`: whether a
    passkey stands for both factors; None: as the pool has it.
    """

    enabled: tuple[str, ...] = ()  # SMS_MFA, SOFTWARE_TOKEN_MFA, EMAIL_OTP
    preferred: str | None = None
    software_token: bool = False
    passkey: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """
    One user of one pool. `sub` and `username` never change; credentials are kept apart.

    `attributes`: every attribute but `sub`, values as text, flags as "true"/"false".
    `signed_out_at`: tokens issued up to this instant are dead (global sign-out, disabling).
    """

    pool_id: PoolId
    sub: Sub
    username: str
    status: UserStatus
    created_at: datetime
    modified_at: datetime
    enabled: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)
    mfa: MfaPreference = MfaPreference()
    signed_out_at: datetime | None = None

    def with_attributes(self, changed: Mapping[str, str | None], *, now: datetime) -> "User":
        """A value of None, or an empty one, removes the attribute."""
        attributes = {
            name: value for name, value in {**self.attributes, **changed}.items() if value
        }
        return replace(self, attributes=attributes, modified_at=now)

    def with_status(self, status: UserStatus, *, now: datetime) -> "User":
        return replace(self, status=status, modified_at=now)

    def is_verified(self, name: str) -> bool:
        return bool(self.attributes.get(name)) and (
            self.attributes.get(f"{name}_verified") == "true"
        )


def alias_key(pool: Pool, kind: str, value: str) -> str:
    """The form in which two sign-in names of one kind are compared; long ones by their digest."""
    key = value.lower() if pool.folds_case and kind != "phone_number" else value
    if len(key) > SEARCH_KEY_LENGTH:
        return "sha256:" + hashlib.sha256(key.encode()).hexdigest()
    return key


def aliases(pool: Pool, user: User) -> dict[str, str]:
    """
    The names beside `username` by which the user is found now: kind to key.

    Source: user-pools.md C.4. Username attributes count at once, aliases when verified,
    preferred_username always.
    """
    held = {}
    for kind in pool.username_attributes:
        value = user.attributes.get(kind)
        if value:
            held[kind] = alias_key(pool, kind, value)
    for kind in pool.alias_attributes:
        value = user.attributes.get(kind)
        if value and (kind == "preferred_username" or user.is_verified(kind)):
            held[kind] = alias_key(pool, kind, value)
    return held


def folded(value: str) -> str:
    """
    The form in which searched values are compared. Folding, unlike lower case, takes each character
    by itself, so what a text begins with, its folded form begins with too.
    """
    return value.casefold().replace("\x00", "\ufffd")


def search_key(value: str) -> str:
    """What an index holds of a value: its first 256 characters."""
    return folded(value)[:SEARCH_KEY_LENGTH]


def search_keys(user: User) -> Iterator[tuple[str, str]]:
    for name in SEARCHABLE:
        value = user.attributes.get(name)
        if value:
            yield name, search_key(value)
