"""The claims of ID and access tokens, as pure values. Source: user-pools.md G.2, G.3."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cognate.domain.attributes import VERIFIED_FLAGS
from cognate.domain.clients import Client
from cognate.domain.families import TokenFamily
from cognate.domain.groups import Group, by_precedence, preferred_role, roles
from cognate.domain.linked_identities import IDENTITIES, identity_claims
from cognate.domain.users import User

SELF_SERVICE_SCOPE = "aws.cognito.signin.user.admin"


def access_token_claims(  # noqa: PLR0913 - a token says this much
    *,
    issuer: str,
    user: User,
    client: Client,
    family: TokenFamily,
    groups: Sequence[Group],
    now: datetime,
    jti: str,
) -> dict[str, Any]:
    claims: dict[str, Any] = {"sub": user.sub}
    if family.device_key is not None:
        claims["device_key"] = family.device_key
    if groups:
        claims["cognito:groups"] = [group.name for group in by_precedence(groups)]
    claims["iss"] = issuer
    claims["client_id"] = client.client_id
    claims.update(_lineage(client, family))
    claims["token_use"] = "access"
    claims["scope"] = " ".join(family.scopes)
    claims.update(_times(family, now, int(client.access_token_lifetime.total_seconds())))
    claims["jti"] = jti
    claims["username"] = user.username
    claims.update(_authentication(family))
    return claims


def id_token_claims(  # noqa: PLR0913 - a token says this much
    *,
    issuer: str,
    user: User,
    client: Client,
    family: TokenFamily,
    groups: Sequence[Group],
    now: datetime,
    jti: str,
) -> dict[str, Any]:
    claims: dict[str, Any] = {"sub": user.sub}
    if groups:
        claims["cognito:groups"] = [group.name for group in by_precedence(groups)]
        group_roles = roles(groups)
        if group_roles:
            claims["cognito:roles"] = group_roles
        preferred = preferred_role(groups)
        if preferred is not None:
            claims["cognito:preferred_role"] = preferred
    claims["iss"] = issuer
    claims["cognito:username"] = user.username
    claims.update(_attribute_claims(user.attributes, client))
    claims["aud"] = client.client_id
    claims.update(_lineage(client, family))
    claims["token_use"] = "id"
    claims.update(_times(family, now, int(client.id_token_lifetime.total_seconds())))
    claims["jti"] = jti
    claims.update(_authentication(family))
    return claims


def _lineage(client: Client, family: TokenFamily) -> dict[str, Any]:
    lineage = {"event_id": family.event_id}
    if client.token_revocation:
        lineage["origin_jti"] = family.origin_jti
    return lineage


def _times(family: TokenFamily, now: datetime, lifetime: int) -> dict[str, int]:
    iat = int(now.timestamp())
    return {"auth_time": int(family.auth_time.timestamp()), "exp": iat + lifetime, "iat": iat}


def _authentication(family: TokenFamily) -> dict[str, Any]:
    return {"acr": family.acr, "amr": list(family.amr)}


def _attribute_claims(attributes: Mapping[str, str], client: Client) -> dict[str, Any]:
    """Every readable attribute that has a value; flags are booleans, custom ones text."""
    claims: dict[str, Any] = {}
    for name, value in attributes.items():
        if not client.may_read(name) or name.startswith("dev:"):
            continue
        if name in VERIFIED_FLAGS:
            claims[name] = value == "true"
        elif name == "address":
            claims[name] = {"formatted": value}
        elif name == "updated_at":
            claims[name] = _number(value)
        elif name == IDENTITIES:
            claims[name] = identity_claims(value)
        else:
            claims[name] = value
    return claims


def _number(value: str) -> int | float | str:
    try:
        return int(value)
    except ValueError:
        return value
