"""
Links between users of a pool and their identities elsewhere. Source: federation.md, section 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from cognate.domain.identity_providers import SOCIAL, USERNAME, IdentityProvider
from cognate.domain.ids import PoolId, Sub
from cognate.domain.users import User
from cognate.errors import InvalidParameterException

LOCAL_PROVIDER = "Cognito"  # the pool's own users, in links
SUBJECT = "Cognito_Subject"  # the id that a provider gives a user, whatever it calls it
IDENTITIES = "identities"  # the attribute that tells of them

LINKS_PER_USER = 5
ATTRIBUTES_PER_PROVIDER = 5
MAXIMUM_VALUE_LENGTH = 2048  # as of every attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedIdentity:
    """
    Who comes from `provider` with `value` as `attribute` (`SUBJECT`, or a mapped attribute of the
    pool) is the user `sub`; where `is_blocked`, they may not come in.
    """

    pool_id: PoolId
    provider: str
    attribute: str
    value: str
    sub: Sub
    linked_at: datetime
    is_blocked: bool = False


class Identity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One entry of the `identities` attribute. `date_created`: milliseconds since the epoch."""

    user_id: str
    provider_name: str
    provider_type: str
    issuer: str | None
    primary: bool
    date_created: int


_decode = msgspec.json.Decoder(list[Identity]).decode


def identities_of(user: User) -> list[Identity]:
    text = user.attributes.get(IDENTITIES)
    return _decode(text) if text else []


def identity_claims(text: str) -> list[dict[str, Any]]:
    """The attribute's value as ID tokens show it: whether it is primary, and its date, as text."""
    return [
        {
            **msgspec.to_builtins(identity),
            "primary": "true" if identity.primary else "false",
            "dateCreated": str(identity.date_created),
        }
        for identity in _decode(text)
    ]


def with_identities(user: User, identities: Sequence[Identity], *, now: datetime) -> User:
    text = msgspec.json.encode(identities).decode() if identities else None
    return user.with_attributes({IDENTITIES: text}, now=now)


def with_link(user: User, link: LinkedIdentity, provider: IdentityProvider) -> User:
    """
    The user, showing the link. One by another attribute than the subject shows once it was used:
    who it leads to is not known before.
    """
    if link.attribute != SUBJECT:
        return user
    identity = Identity(
        user_id=link.value,
        provider_name=provider.name,
        provider_type=provider.type,
        issuer=provider.entity_id,
        primary=False,
        date_created=int(link.linked_at.timestamp() * 1000),
    )
    return with_identities(user, [*identities_of(user), identity], now=link.linked_at)


def without_link(user: User, link: LinkedIdentity, *, now: datetime) -> User:
    present = identities_of(user)
    rest = [
        identity
        for identity in present
        if (identity.provider_name, identity.user_id) != (link.provider, link.value)
    ]
    return user if len(rest) == len(present) else with_identities(user, rest, now=now)


def blocked(link: LinkedIdentity) -> LinkedIdentity:
    return replace(link, is_blocked=True)


def federated_username(provider: str, subject: str) -> str:
    """What a user is called who came from `provider`."""
    return f"{provider}_{subject}"


# --- rules ---------------------------------------------------------------------------------------


def check_source(provider: IdentityProvider, attribute: str) -> None:
    """
    Raises:
        InvalidParameterException: users of this provider cannot be told by this attribute.
    """
    if attribute == SUBJECT:
        return
    if provider.type in SOCIAL:
        raise _must_be_subject()
    if attribute == USERNAME or attribute not in provider.mapping:
        raise InvalidParameterException(
            f"ProviderAttributeName must be {SUBJECT} or an attribute that the provider maps."
        )


def check_subject(provider: str, attribute: str) -> None:
    """
    The same for a link that ends, whose provider may be gone.

    Raises:
        InvalidParameterException: a social provider, or the pool itself, and another attribute.
    """
    if provider in SOCIAL | {LOCAL_PROVIDER} and attribute != SUBJECT:
        raise _must_be_subject()


def _must_be_subject() -> InvalidParameterException:
    return InvalidParameterException(f"ProviderAttributeName must be {SUBJECT}.")
