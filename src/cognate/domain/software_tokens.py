"""Authenticator apps: the shared secret of a user, and the step that was used last."""

from dataclasses import dataclass

from cognate.domain.ids import PoolId, Sub


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareToken:
    """
    A user's authenticator app (RFC 6238: SHA-1, six digits, thirty seconds).

    `sealed_secret`: the registered secret, None before the first is verified. `sealed_pending`: a
    new secret that waits to be verified. `last_step`: a code of this step or an earlier one is
    spent.
    """

    pool_id: PoolId
    sub: Sub
    sealed_secret: bytes | None = None
    sealed_pending: bytes | None = None
    last_step: int = 0
    device_name: str | None = None
