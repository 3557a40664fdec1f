"""
Tokens without a sign-in: an application's own, and those exchanged for somebody's token.

Source: oauth-and-login.md 5, 6 and 8; user-pools.md J.6; RFC 8693.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from cognate.domain.clients import Client
from cognate.domain.families import TokenFamily
from cognate.domain.ids import ClientId, OriginJti
from cognate.domain.pools import Pool
from cognate.errors import InvalidParameterException, NotAuthorizedException
from cognate.ports import Call
from cognate.protocol import jose
from cognate.signin.access import Bearer, bearer_of, verified
from cognate.signin.claims import access_token_claims, id_token_claims
from cognate.signin.tokens import issuer

IMPERSONATION = "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"
DELEGATION = "ALLOW_TOKEN_EXCHANGE_DELEGATION"
CLIENT_CREDENTIALS = "client_credentials"

TokenUse = Literal["id", "access"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    token: str
    lifetime: timedelta
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """
    What is to be exchanged. `audience`: becomes `aud` of the access token. `scopes`: empty asks
    for all that the subject's token has.
    """

    subject_token: str
    subject_use: TokenUse
    actor_token: str | None
    actor_use: TokenUse | None
    scopes: tuple[str, ...]
    audience: str | None
    requested: TokenUse


def custom_scopes(client: Client) -> tuple[str, ...]:
    """The client's scopes of resource servers; the others speak of users."""
    return tuple(
        scope
        for scope in client.oauth_scopes or ()
        if "/" in scope and not scope.startswith("aws.cognito/")
    )


async def client_token(
    call: Call, pool: Pool, client: Client, *, scopes: Sequence[str] | None
) -> Issued:
    """
    An access token for the application itself; its secret was judged by the caller.

    Raises:
        InvalidParameterException: the client may not, or not with these scopes.
    """
    if CLIENT_CREDENTIALS not in (client.oauth_flows or ()):
        raise InvalidParameterException("Client token auth is not enabled for this client.")
    allowed = custom_scopes(client)
    granted = tuple(dict.fromkeys(scopes)) if scopes else allowed
    for scope in granted:
        if scope not in allowed:
            raise InvalidParameterException(f"Scope {scope} is not allowed for this client.")
    now = int(call.clock.now().timestamp())
    claims = {
        "sub": client.client_id,
        "token_use": "access",
        "scope": " ".join(granted),
        "auth_time": now,
        "iss": issuer(call, pool),
        "exp": now + int(client.access_token_lifetime.total_seconds()),
        "iat": now,
        "version": 2,
        "jti": call.entropy.uuid(),
        "client_id": client.client_id,
    }
    token = jose.sign(claims, await call.keys.signing_key(pool, "access"))
    return Issued(token=token, lifetime=client.access_token_lifetime, scopes=granted)


async def exchanged(call: Call, pool: Pool, client: Client, exchange: Exchange) -> Issued:
    """
    A token for the subject's user, through this client. It dies with the subject's family.

    Raises:
        InvalidParameterException: the client may not, or none of the scopes is left.
        NotAuthorizedException: a token is not good, or of another pool.
        UserNotFoundException: the subject was deleted.
    """
    flag = IMPERSONATION if exchange.actor_token is None else DELEGATION
    if flag not in client.allowed_flows:
        raise InvalidParameterException("Token exchange is not enabled for this client.")
    subject = await _subject(call, pool, exchange)
    actor = await _actor(call, pool, exchange)
    scopes = _scopes(client, subject, exchange)
    groups = await call.store.groups.of_user(pool.pool_id, subject.user.sub)
    make = access_token_claims if exchange.requested == "access" else id_token_claims
    claims: dict[str, Any] = make(
        issuer=issuer(call, pool),
        user=subject.user,
        client=client,
        family=replace(_family_of(call, subject), scopes=scopes),
        groups=groups,
        now=call.clock.now(),
        jti=call.entropy.uuid(),
    )
    if subject.family is None:
        claims.pop("origin_jti", None)
    if exchange.audience is not None and exchange.requested == "access":
        claims["aud"] = exchange.audience
    if actor is not None:
        claims["act"] = actor
    access = exchange.requested == "access"
    key = await call.keys.signing_key(pool, exchange.requested)
    lifetime = client.access_token_lifetime if access else client.id_token_lifetime
    return Issued(token=jose.sign(claims, key), lifetime=lifetime, scopes=scopes)


async def _subject(call: Call, pool: Pool, exchange: Exchange) -> Bearer:
    issued_by, claims = await verified(call, exchange.subject_token, use=exchange.subject_use)
    if issued_by.pool_id != pool.pool_id:
        raise NotAuthorizedException("Subject token is not of this user pool.")
    name = "client_id" if exchange.subject_use == "access" else "aud"
    if "username" not in claims and "cognito:username" not in claims:
        raise NotAuthorizedException("Subject token is not a user's.")
    return await bearer_of(call, pool, claims, ClientId(str(claims[name])))


async def _actor(call: Call, pool: Pool, exchange: Exchange) -> dict[str, Any] | None:
    """The `act` claim: who acts, and for whom that one acted already (RFC 8693 section 4.1)."""
    if exchange.actor_token is None:
        return None
    use = exchange.actor_use or "access"
    issued_by, claims = await verified(call, exchange.actor_token, use=use)
    if issued_by.pool_id != pool.pool_id:
        raise NotAuthorizedException("Actor token is not of this user pool.")
    if "username" in claims or "cognito:username" in claims:
        name = "client_id" if use == "access" else "aud"
        await bearer_of(call, pool, claims, ClientId(str(claims[name])))
    elif call.clock.now().timestamp() >= claims["exp"]:
        raise NotAuthorizedException("Access Token has expired")
    act: dict[str, Any] = {"sub": claims["sub"]}
    if "act" in claims:
        act["act"] = claims["act"]
    return act


def _scopes(client: Client, subject: Bearer, exchange: Exchange) -> tuple[str, ...]:
    held = str(subject.claims.get("scope", "")).split()
    if exchange.subject_use == "id":
        held = list(client.oauth_scopes or ())
    wanted = exchange.scopes or tuple(held)
    granted = tuple(
        scope for scope in wanted if scope in held and scope in (client.oauth_scopes or ())
    )
    if exchange.scopes and not granted:
        raise InvalidParameterException("None of the requested scopes is allowed.")
    return granted


def _family_of(call: Call, subject: Bearer) -> TokenFamily:
    """The subject's family, or one that stands for a token that has none."""
    if subject.family is not None:
        return subject.family
    now = call.clock.now()
    return TokenFamily(
        pool_id=subject.pool.pool_id,
        origin_jti=OriginJti(""),
        sub=subject.user.sub,
        client_id=subject.client.client_id,
        event_id=str(subject.claims.get("event_id", "")),
        auth_time=now,
        issued_at=now,
        expires_at=now,
        acr=subject.claims.get("acr"),
        amr=tuple(subject.claims.get("amr", ())),
    )
