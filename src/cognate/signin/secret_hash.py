"""SECRET_HASH: proof that the caller holds the app client's secret."""

import hmac
from collections.abc import Iterable, Mapping

from cognate.domain.clients import Client
from cognate.domain.pools import Pool
from cognate.errors import NotAuthorizedException
from cognate.ports import Call
from cognate.protocol.secret_hash import secret_hash
from cognate.signin.refresh_tokens import content_of

PURPOSE = "client secret"


async def check(
    call: Call, pool: Pool, client: Client, given: str | None, usernames: Iterable[str]
) -> None:
    """
    Accept a hash made over any of `usernames` with any of the client's secrets.

    Raises:
        NotAuthorizedException: missing, wrong, or sent for a client without a secret.

    Source: user-pools.md B (SecretHash) and I.
    """
    if not client.secrets:
        if given is not None:
            raise NotAuthorizedException(
                f"Client {client.client_id} is not configured for secret but secret was received"
            )
        return
    if given is None:
        raise NotAuthorizedException(
            f"Client {client.client_id} is configured with secret but SECRET_HASH was not received"
        )
    secrets = await client_secrets(call, pool, client)
    expected = [
        secret_hash(secret, username, client.client_id)
        for secret in secrets
        for username in usernames
    ]
    # Every candidate is compared, so the time does not tell which one was near.
    fits = [hmac.compare_digest(one.encode(), given.encode()) for one in expected]
    if True not in fits:
        raise NotAuthorizedException(f"Unable to verify secret hash for client {client.client_id}")


async def client_secrets(call: Call, pool: Pool, client: Client) -> list[str]:
    """The client's secrets in clear, to compare with."""
    keys = await call.keys.of_pool(pool)
    return [keys.open(PURPOSE, secret.sealed).decode() for secret in client.secrets]


async def is_client_secret(call: Call, pool: Pool, client: Client, given: str) -> bool:
    secrets = await client_secrets(call, pool, client)
    return True in [hmac.compare_digest(secret.encode(), given.encode()) for secret in secrets]


async def check_refresh(
    call: Call, pool: Pool, client: Client, parameters: Mapping[str, str], token: str
) -> None:
    """
    The hash of a refresh: over the owner's user name, or over what was sent as USERNAME.

    Raises:
        NotAuthorizedException: missing, or made over neither.

    Source: user-pools.md B.
    """
    given = parameters.get("SECRET_HASH")
    names = [name for name in (parameters.get("USERNAME"),) if name]
    content = content_of(await call.keys.of_pool(pool), token)
    family = content and await call.store.families.find(pool.pool_id, content.origin_jti)
    owner = family and await call.store.users.find(pool.pool_id, family.sub)
    if owner:
        names += [owner.username, owner.sub]
    elif client.secrets and given is not None:
        return  # the token itself is refused, in its own words
    try:
        await check(call, pool, client, given, names)
    except NotAuthorizedException as cause:
        if given is None or not client.secrets:
            raise
        raise NotAuthorizedException(
            f"SecretHash does not match for the client: {client.client_id}"
        ) from cause
