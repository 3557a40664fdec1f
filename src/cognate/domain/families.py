"""
Refresh-token families: all the tokens that descend from one sign-in, named by `origin_jti`.

An access token lives only while its family does; rotation moves a family to its next generation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cognate.domain.ids import ClientId, OriginJti, PoolId, Sub
from cognate.domain.sessions import TokenSession


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFamily:
    """
    `generation`: how often the refresh token was rotated; only the present one is good, and the
    one before it during the grace period that began at `rotated_at`.
    `scopes`: of the access tokens. `amr`: the methods that were proven (RFC 8176 names).
    """

    pool_id: PoolId
    origin_jti: OriginJti
    sub: Sub
    client_id: ClientId
    event_id: str
    auth_time: datetime
    issued_at: datetime
    expires_at: datetime
    generation: int = 0
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None
    refreshable: bool = True
    device_key: str | None = None
    scopes: tuple[str, ...] = ()
    acr: str | None = None
    amr: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    session: TokenSession | None = None  # where the pool tracked sessions at the sign-in
