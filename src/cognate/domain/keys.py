"""Keys at rest: data keys of pools, signing keys, and access keys of API callers."""

from dataclasses import dataclass
from datetime import datetime

from cognate.domain.ids import PoolId

SERVER = PoolId("")  # the owner of what belongs to no pool


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A pool's AES-256 key, sealed under the master key `master_key_id`."""

    pool_id: PoolId
    key_id: str
    master_key_id: str
    sealed_key: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """An RSA key of a pool: PKCS 8 DER, sealed under the pool's data key."""

    pool_id: PoolId
    kid: str
    use: str  # id | access
    sealed_private_key: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningCertificate:
    """
    A pool's X.509 certificate (DER), and the RSA key to it: PKCS 8 DER, sealed under the pool's
    data key.
    """

    pool_id: PoolId
    certificate: bytes
    sealed_private_key: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """
    A key for AWS Signature Version 4. `policy`: an IAM policy document as JSON text.
    `user_name`: shown in refusals as `arn:aws:iam::ACCOUNT:user/NAME`.
    """

    access_key_id: str
    sealed_secret: bytes
    user_name: str
    policy: str
    created_at: datetime
    revoked_at: datetime | None = None

    @property
    def sealing_purpose(self) -> str:
        """Binds the sealed secret to this key: it is good beside no other id."""
        return f"access key {self.access_key_id}"
