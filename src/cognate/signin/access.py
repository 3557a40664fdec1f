"""Who an access token speaks for, and whether it still does."""

from dataclasses import dataclass
from typing import Any, Literal

from cognate.domain.clients import Client
from cognate.domain.families import TokenFamily
from cognate.domain.ids import ClientId, OriginJti, PoolId, Sub
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import NotAuthorizedException, UserNotFoundException
from cognate.ports import Call
from cognate.protocol import jose
from cognate.signin.claims import SELF_SERVICE_SCOPE
from cognate.signin.tokens import issuers


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """The user who holds a good access token, and the client that it was issued to."""

    pool: Pool
    client: Client
    user: User
    family: TokenFamily | None
    claims: dict[str, Any]


async def authorized_without_telling(call: Call, token: str) -> Bearer:
    """
    As `authorized`, for operations whose model has no UserNotFoundException.

    Raises:
        NotAuthorizedException: with the text of the first check that fails.
    """
    try:
        return await authorized(call, token)
    except UserNotFoundException as cause:
        raise _revoked() from cause


async def authorized(call: Call, token: str, *, scope: str = SELF_SERVICE_SCOPE) -> Bearer:
    """
    Judge an access token: form, signature, issuer; expiry; revocation; scope; owner.

    Raises:
        NotAuthorizedException: with the text of the first check that fails.
        UserNotFoundException: the owner was deleted meanwhile.

    Source: user-pools.md A.4.
    """
    pool, claims = await verified(call, token, use="access")
    if "username" not in claims:  # an application's own token, not a user's
        raise NotAuthorizedException("Access Token does not have required scopes")
    bearer = await bearer_of(call, pool, claims, ClientId(claims["client_id"]))
    if scope not in str(claims.get("scope", "")).split():
        raise NotAuthorizedException("Access Token does not have required scopes")
    return bearer


async def bearer_of(call: Call, pool: Pool, claims: dict[str, Any], client_id: ClientId) -> Bearer:
    """
    The user of a token whose signature was right, if the token still lives.

    Raises:
        NotAuthorizedException: expired, revoked, or of a client that is gone.
        UserNotFoundException: the owner was deleted meanwhile.
    """
    if call.clock.now().timestamp() >= claims["exp"]:
        raise NotAuthorizedException("Access Token has expired")
    client = await call.store.clients.find(pool.pool_id, client_id)
    if client is None:
        raise _invalid()
    user = await call.store.users.find(pool.pool_id, Sub(claims["sub"]))
    family = None
    if "origin_jti" in claims:
        family = await call.store.families.find(pool.pool_id, OriginJti(claims["origin_jti"]))
        if user is None and family is None:
            raise UserNotFoundException
        if family is None or family.revoked_at is not None:
            raise _revoked()
    if user is None:
        raise UserNotFoundException
    if not user.enabled or _signed_out(user, claims):
        raise _revoked()
    return Bearer(pool=pool, client=client, user=user, family=family, claims=claims)


async def verified(
    call: Call, token: str, *, use: Literal["id", "access"]
) -> tuple[Pool, dict[str, Any]]:
    """
    The pool that signed `token` and its claims; expiry and revocation are not judged.

    Raises:
        NotAuthorizedException: no token of a pool of ours, or for another use.
    """
    try:
        kid = jose.unverified_header(token).get("kid")
        issued_by = jose.unverified_claims(token).get("iss")
    except jose.InvalidToken as cause:
        raise _invalid() from cause
    if not isinstance(kid, str) or not isinstance(issued_by, str):
        raise _invalid()
    pool = await call.store.pools.find(PoolId(issued_by.rpartition("/")[2]))
    if pool is None or issued_by not in issuers(call, pool):
        raise _invalid()
    key = await call.keys.public_key(pool, kid) if pool.knows_signing_key(kid, use) else None
    if key is None:
        raise _invalid()
    try:
        claims = jose.verify(token, {kid: key})
    except jose.InvalidToken as cause:
        raise _invalid() from cause
    if claims.get("token_use") != use:
        raise _invalid()
    return pool, claims


def _signed_out(user: User, claims: dict[str, Any]) -> bool:
    """For tokens without a family: everything issued up to the second of the sign-out is dead."""
    if user.signed_out_at is None or "origin_jti" in claims:
        return False
    return int(claims["iat"]) <= int(user.signed_out_at.timestamp())


def _invalid() -> NotAuthorizedException:
    return NotAuthorizedException("Invalid Access Token")


def _revoked() -> NotAuthorizedException:
    return NotAuthorizedException("Access Token has been revoked")
