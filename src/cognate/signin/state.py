"""
The state of an unfinished sign-in: sealed into the Session that the client carries.

A Session is bound to pool, client, user and step. It is good until `expires_at`, and once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from cognate.domain.clients import Client
from cognate.domain.ids import ClientId, PoolId, Sub
from cognate.domain.pools import Pool
from cognate.errors import NotAuthorizedException
from cognate.ports import Call
from cognate.ports.keys import SealError
from cognate.protocol import base64url

PURPOSE = "challenge session"
SEPARATOR = b"\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """
    One sign-in under way, waiting for the answer to `challenge`.

    `session_id` names this step, `event_id` the whole sign-in. `sub`: None where the user is
    simulated, so that a stranger cannot tell; `cover` then makes the Session as long as with one.
    `username`: the stored user name. `typed`: what was given as the user's name. `methods`: proven
    so far, as `amr` values. `targets`: levels of assurance that were asked for, best first.
    `device_key`: a device that the user confirmed before. `details`: what checking the awaited
    answer needs.
    """

    session_id: str
    event_id: str
    pool_id: PoolId
    client_id: ClientId
    sub: Sub | None
    username: str
    typed: str
    flow: str
    admin: bool
    challenge: str
    expires_at: datetime
    answered: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    targets: tuple[int, ...] = ()
    device_key: str | None = None
    demands_mfa: str | None = None  # by the judgement of risk: "required" or "if configured"
    cover: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SignIn).decode


async def sealed(call: Call, pool: Pool, sign_in: SignIn) -> str:
    """The Session: base64url text that names its pool, and that only this pool can open."""
    keys = await call.keys.of_pool(pool)
    content = keys.seal(PURPOSE, _encode(sign_in))
    return base64url.encode(pool.pool_id.encode() + SEPARATOR + content)


def pool_of(session: str) -> PoolId | None:
    """The pool that `session` says it is of; whether it is, opening tells."""
    try:
        pool_id, found, _ = base64url.decode(session).partition(SEPARATOR)
        return PoolId(pool_id.decode()) if found else None
    except ValueError:
        return None


async def opened(
    call: Call,
    pool: Pool,
    client: Client,
    session: str,
    *,
    challenges: Collection[str],
    admin: bool,
) -> SignIn:
    """
    The state in `session`, if it is of this client and awaits one of `challenges`.

    Raises:
        NotAuthorizedException: altered, of another pool, client or step, too old, or used.
    """
    sign_in = await opened_in(call, pool, session)
    belongs = sign_in.client_id == client.client_id and sign_in.admin == admin
    if not belongs or sign_in.challenge not in challenges:
        raise invalid_session()
    return sign_in


async def opened_in(call: Call, pool: Pool, session: str) -> SignIn:
    """
    The state in `session`, of whatever client and step.

    That it was not used yet is checked again when it is used.

    Raises:
        NotAuthorizedException: altered, of another pool, too old, or used.
    """
    keys = await call.keys.of_pool(pool)
    try:
        named, _, content = base64url.decode(session).partition(SEPARATOR)
        sign_in = _decode(keys.open(PURPOSE, content))
    except (SealError, ValueError, msgspec.DecodeError) as cause:
        raise invalid_session() from cause
    if named != pool.pool_id.encode():
        raise invalid_session()
    if call.clock.now() >= sign_in.expires_at:
        raise ExpiredSession
    if await call.store.challenge_sessions.is_used(pool.pool_id, sign_in.session_id):
        raise used_session()
    return sign_in


class ExpiredSession(NotAuthorizedException):
    default = "Invalid session for the user, session is expired."

    @property
    def name(self) -> str:
        return NotAuthorizedException.__name__


def invalid_session() -> NotAuthorizedException:
    return NotAuthorizedException("Invalid session for the user.")


def used_session() -> NotAuthorizedException:
    return NotAuthorizedException("Invalid session for the user, session can only be used once.")
