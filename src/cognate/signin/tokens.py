"""Issuing tokens for a signed-in user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cognate.domain import assurance
from cognate.domain.clients import Client
from cognate.domain.families import TokenFamily
from cognate.domain.groups import Group
from cognate.domain.ids import OriginJti
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.ports import Call
from cognate.protocol import jose
from cognate.signin import sessions
from cognate.signin.claims import (
    SELF_SERVICE_SCOPE,
    access_token_claims,
    id_token_claims,
)
from cognate.signin.refresh_tokens import RefreshTokenContent, refresh_token
from cognate.signin.state import SignIn
from cognate.signin.steps import DEVICE_PASSWORD_VERIFIER


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """`refresh_token`: None where the answer carries none. `lifetime`: the access token's."""

    access_token: str
    id_token: str
    refresh_token: str | None
    lifetime: timedelta


def issuer(call: Call, pool: Pool) -> str:
    """What the pool's tokens bear as `iss`."""
    return issuers(call, pool)[0]


def issuers(call: Call, pool: Pool) -> Sequence[str]:
    """Every `iss` that tokens of the pool may bear, that of new ones first."""
    if call.deployment.issuer_form == "aws":
        return pool.aws_issuers
    return (f"{call.deployment.public_url}/{pool.pool_id}",)


def new_family(call: Call, pool: Pool, client: Client, user: User, sign_in: SignIn) -> TokenFamily:
    """
    The family that a finished sign-in begins. It names a device that has proven itself; where
    devices are tracked, an administrator's password sign-in cannot be refreshed.
    """
    now = call.clock.now()
    proven_device = DEVICE_PASSWORD_VERIFIER in sign_in.answered
    by_admin = sign_in.flow == "ADMIN_USER_PASSWORD_AUTH"
    return TokenFamily(
        pool_id=user.pool_id,
        origin_jti=OriginJti(call.entropy.uuid()),
        sub=user.sub,
        client_id=client.client_id,
        event_id=sign_in.event_id,
        auth_time=now,
        issued_at=now,
        expires_at=now + client.refresh_token_lifetime,
        device_key=sign_in.device_key if proven_device else None,
        refreshable=not (by_admin and pool.tracks_devices),
        scopes=(SELF_SERVICE_SCOPE,),
        acr=pool.acr_values[f"Level{assurance.level_of(sign_in.methods)}"],
        amr=assurance.authentication_methods(sign_in.methods),
        session=sessions.begun(call, pool),
    )


async def issue(
    call: Call,
    pool: Pool,
    client: Client,
    user: User,
    family: TokenFamily,
    *,
    with_refresh_token: bool,
) -> Tokens:
    """Sign fresh tokens of `family`, which is stored already."""
    groups: Sequence[Group] = await call.store.groups.of_user(pool.pool_id, user.sub)
    now = call.clock.now()
    common = {"issuer": issuer(call, pool), "user": user, "client": client, "family": family}
    access = access_token_claims(**common, groups=groups, now=now, jti=call.entropy.uuid())  # type: ignore[arg-type]  # one dict, two calls
    identity = id_token_claims(**common, groups=groups, now=now, jti=call.entropy.uuid())  # type: ignore[arg-type]  # one dict, two calls
    refresh = None
    if with_refresh_token:
        keys = await call.keys.of_pool(pool)
        refresh = refresh_token(
            keys,
            RefreshTokenContent(origin_jti=family.origin_jti, generation=family.generation),
        )
    return Tokens(
        access_token=jose.sign(access, await call.keys.signing_key(pool, "access")),
        id_token=jose.sign(identity, await call.keys.signing_key(pool, "id")),
        refresh_token=refresh,
        lifetime=client.access_token_lifetime,
    )
