"""Passkeys that users registered. Source: user-pools.md E.8."""

from dataclasses import dataclass
from datetime import datetime

from cognate.domain.ids import PoolId, Sub

PASSKEYS_PER_USER = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """
    One WebAuthn credential. `credential_id`: base64url text. `public_key`: COSE bytes.
    `sign_count`: the authenticator's counter, 0 where it keeps none.
    """

    pool_id: PoolId
    sub: Sub
    credential_id: str
    public_key: bytes
    sign_count: int
    friendly_name: str
    relying_party_id: str
    transports: tuple[str, ...]
    attachment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyChallenge:
    """A registration under way, begun through `client_id`."""

    pool_id: PoolId
    sub: Sub
    challenge: bytes
    client_id: str
    expires_at: datetime
