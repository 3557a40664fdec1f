"""Fresh tokens for a refresh token, with rotation and its grace period. Source: E.10, G.5."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from cognate.domain.clients import Client
from cognate.domain.families import TokenFamily
from cognate.domain.pools import Pool
from cognate.errors import (
    NotAuthorizedException,
    RefreshTokenReuseException,
    UserNotFoundException,
)
from cognate.ports import Call, Transaction
from cognate.signin import devices, sessions, tokens
from cognate.signin.refresh_tokens import content_of
from cognate.signin.tokens import Tokens


async def refresh(
    call: Call,
    pool: Pool,
    client: Client,
    token: str,
    *,
    device_key: str | None,
    metadata: Mapping[str, str],
) -> Tokens:
    """
    New access and ID tokens; a new refresh token too where the client rotates them.

    Raises:
        NotAuthorizedException: not this client's, expired, revoked; the user is disabled.
        RefreshTokenReuseException: rotated away already; the whole family is revoked.
        UserNotFoundException: the user was deleted.
        ResourceNotFoundException: the device that the token is bound to was forgotten.
    """
    family = await _presented(call, pool, client, token, device_key)
    user = await call.store.users.find(pool.pool_id, family.sub)
    if user is None:
        raise UserNotFoundException
    if not user.enabled:
        raise NotAuthorizedException("User is disabled.")
    rotates = client.rotation is not None and client.rotation.enabled
    await sessions.note_use(call, family)
    return await tokens.issue(call, pool, client, user, family, with_refresh_token=rotates)


async def _presented(
    call: Call, pool: Pool, client: Client, token: str, device_key: str | None
) -> TokenFamily:
    """The family of `token`, rotated where the client does so."""
    keys = await call.keys.of_pool(pool)
    content = content_of(keys, token)
    if content is None:
        raise NotAuthorizedException("Invalid Refresh Token")
    family = await call.store.families.find(pool.pool_id, content.origin_jti)
    if family is None:  # ours, but forgotten: its user was deleted, or it expired long ago
        raise NotAuthorizedException("Refresh Token has been revoked")
    if family.client_id != client.client_id:
        raise NotAuthorizedException("Invalid Refresh Token")
    check_usable(call, family)
    await _check_device(call, pool, family, device_key)
    rotation = client.rotation
    if not (rotation is not None and rotation.enabled) and content.generation == family.generation:
        return family
    grace = rotation.retry_grace_period if rotation is not None else timedelta(0)
    rotated = await _rotated(call, family, content.generation, grace)
    if rotated is None:
        raise RefreshTokenReuseException
    return rotated


async def _check_device(
    call: Call, pool: Pool, family: TokenFamily, device_key: str | None
) -> None:
    """
    Raises:
        NotAuthorizedException: the token is bound to another device.
        ResourceNotFoundException: the device was forgotten.
    """
    if family.device_key is None or not devices.tracks_devices(pool):
        return
    if family.device_key != device_key:
        raise NotAuthorizedException("Invalid Refresh Token")
    owner = await call.store.users.find(pool.pool_id, family.sub)
    await devices.check_known(call, owner, device_key)


async def _rotated(
    call: Call, family: TokenFamily, generation: int, grace: timedelta
) -> TokenFamily | None:
    """The family after this use, or None where the token was used before and all is revoked."""
    now = call.clock.now()

    async def rotate(tx: Transaction) -> TokenFamily | None:
        present = await tx.families.find(family.pool_id, family.origin_jti)
        if present is None or present.revoked_at is not None:
            raise NotAuthorizedException("Refresh Token has been revoked")
        if generation == present.generation and await tx.families.rotate(present, now=now):
            return replace(present, generation=present.generation + 1, rotated_at=now)
        is_predecessor = generation == present.generation - 1
        if is_predecessor and present.rotated_at and now < present.rotated_at + grace:
            return present  # a retry: the successor that its client missed
        await tx.families.revoke(family.pool_id, family.origin_jti, now=now)
        return None

    return await call.store.change(rotate)


def check_usable(call: Call, family: TokenFamily) -> None:
    """
    Raises:
        NotAuthorizedException: revoked, expired, or of a sign-in that cannot be refreshed.
    """
    if family.revoked_at is not None:
        raise NotAuthorizedException("Refresh Token has been revoked")
    if call.clock.now() >= family.expires_at:
        raise NotAuthorizedException("Refresh Token has expired")
    if not family.refreshable:
        raise NotAuthorizedException("Invalid Refresh Token")
