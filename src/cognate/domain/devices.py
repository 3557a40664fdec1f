"""Devices that users sign in with. Source: user-pools.md E.13."""

import enum
from dataclasses import dataclass
from datetime import datetime

from cognate.domain.ids import PoolId, Sub

GROUP_KEY_LENGTH = 8  # behind the leading hyphen
GROUP_KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class DeviceStatus(enum.StrEnum):
    """`offered`: named in a sign-in's answer, and not confirmed by the device yet."""

    OFFERED = "offered"
    NOT_REMEMBERED = "not_remembered"
    REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """
    One device of one user. `srp_salt` and `sealed_verifier`: what ConfirmDevice sent; the secret
    stays on the device. Its SRP names are `group_key` for the pool and `device_key` for the user.
    """

    pool_id: PoolId
    sub: Sub
    device_key: str  # REGION_UUID
    group_key: str
    status: DeviceStatus
    created_at: datetime
    modified_at: datetime
    authenticated_at: datetime
    name: str | None = None
    last_ip: str | None = None
    srp_salt: bytes | None = None
    sealed_verifier: bytes | None = None

    @property
    def is_confirmed(self) -> bool:
        return self.status is not DeviceStatus.OFFERED


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """What a sign-in from an unknown device is given to confirm itself with."""

    device_key: str
    group_key: str
