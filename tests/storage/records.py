"""Records for stories about storage: each builder states only what matters to the story."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cognate.domain.attempts import Attempts
from cognate.domain.clients import Client
from cognate.domain.codes import SIGN_UP, Code
from cognate.domain.devices import Device, DeviceStatus
from cognate.domain.families import TokenFamily
from cognate.domain.groups import Group
from cognate.domain.ids import ClientId, OriginJti, PoolId, Sub
from cognate.domain.keys import AccessKey, DataKey, SigningCertificate, SigningKey
from cognate.domain.messages import QueuedMessage
from cognate.domain.passkeys import Passkey
from cognate.domain.passwords import Credential
from cognate.domain.pools import Pool
from cognate.domain.software_tokens import SoftwareToken
from cognate.domain.users import User, UserStatus

NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
LATER = NOW + timedelta(minutes=20)
LONG_AGO = NOW - timedelta(days=400)


def sub_of(number: int) -> Sub:
    """A sub that is easy to recognise, in the order of the numbers."""
    return Sub(str(UUID(int=number << 96)))


def a_pool(name: str = "aaaaaaaaa", **given: Any) -> Pool:
    values: dict[str, Any] = {
        "name": name,
        "region": "us-east-1",
        "account_id": "000000000000",
        "created_at": NOW,
        "modified_at": NOW,
        "data_key_id": "0011223344556677",
        "signing_keys": (),
    }
    return Pool(pool_id=PoolId(f"us-east-1_{name}"), **(values | given))


POOL = a_pool()


def a_client(name: str = "a", pool: Pool = POOL, **given: Any) -> Client:
    values: dict[str, Any] = {"name": name, "created_at": NOW, "modified_at": NOW}
    return Client(pool_id=pool.pool_id, client_id=ClientId(name * 26), **(values | given))


def a_user(number: int = 1, pool: Pool = POOL, **given: Any) -> User:
    values: dict[str, Any] = {
        "username": f"user{number}",
        "status": UserStatus.CONFIRMED,
        "created_at": NOW,
        "modified_at": NOW,
    }
    return User(pool_id=pool.pool_id, sub=sub_of(number), **(values | given))


def a_group(name: str = "readers", pool: Pool = POOL, **given: Any) -> Group:
    values: dict[str, Any] = {
        "description": None,
        "role_arn": None,
        "precedence": None,
        "created_at": NOW,
        "modified_at": NOW,
    }
    return Group(pool_id=pool.pool_id, name=name, **(values | given))


def a_credential(password_hash: str = "$argon2id$…") -> Credential:
    return Credential(
        password_hash=password_hash,
        srp_salt=bytes(range(16)),
        sealed_verifier=b"\x00sealed\xff",
        set_at=NOW,
        expires_at=LATER,
        history=("older", "oldest"),
    )


def a_code(digest: bytes = b"\x01" * 32, **given: Any) -> Code:
    values: dict[str, Any] = {
        "pool_id": POOL.pool_id,
        "sub": sub_of(1),
        "purpose": SIGN_UP,
        "attribute": "email",
        "issued_at": NOW,
        "expires_at": LATER,
    }
    return Code(code_hash=digest, **(values | given))


def attempts(count: int = 1, **given: Any) -> Attempts:
    values: dict[str, Any] = {
        "pool_id": POOL.pool_id,
        "sub": sub_of(1),
        "kind": "password",
        "since": NOW,
        "last_at": LATER,
    }
    return Attempts(count=count, **(values | given))


def a_family(name: str = "family", **given: Any) -> TokenFamily:
    values: dict[str, Any] = {
        "pool_id": POOL.pool_id,
        "sub": sub_of(1),
        "client_id": ClientId("a" * 26),
        "event_id": "an event",
        "auth_time": NOW,
        "issued_at": NOW,
        "expires_at": LATER,
    }
    return TokenFamily(origin_jti=OriginJti(name), **(values | given))


def a_data_key(key_id: str = "0011223344556677", pool: Pool = POOL, **given: Any) -> DataKey:
    values: dict[str, Any] = {
        "master_key_id": "a master key",
        "sealed_key": b"\x01\x00sealed",
        "created_at": NOW,
    }
    return DataKey(pool_id=pool.pool_id, key_id=key_id, **(values | given))


def a_signing_key(kid: str = "a kid", pool: Pool = POOL) -> SigningKey:
    return SigningKey(
        pool_id=pool.pool_id, kid=kid, use="access", sealed_private_key=b"\x01\x00", created_at=NOW
    )


def a_signing_certificate(pool: Pool = POOL) -> SigningCertificate:
    return SigningCertificate(
        pool_id=pool.pool_id,
        certificate=b"\x30\x00",
        sealed_private_key=b"\x01\x00",
        created_at=NOW,
    )


def an_access_key(access_key_id: str = "AKIAEXAMPLE", **given: Any) -> AccessKey:
    values: dict[str, Any] = {
        "sealed_secret": b"\x01\x00",
        "user_name": "ada",
        "policy": '{"Version": "2012-10-17"}',
        "created_at": NOW,
    }
    return AccessKey(access_key_id=access_key_id, **(values | given))


def a_message(name: str = "message", pool: Pool = POOL, **given: Any) -> QueuedMessage:
    values: dict[str, Any] = {
        "state": "queued",
        "sealed_content": b"\x01\x00sealed",
        "attempts": 0,
        "created_at": NOW,
        "next_attempt_at": NOW,
    }
    return QueuedMessage(pool_id=pool.pool_id, message_id=name, **(values | given))


def a_software_token(**given: Any) -> SoftwareToken:
    values: dict[str, Any] = {"sealed_secret": b"\x01\x00", "last_step": 10}
    return SoftwareToken(pool_id=POOL.pool_id, sub=sub_of(1), **(values | given))


def a_passkey(credential_id: str = "a-passkey", **given: Any) -> Passkey:
    values: dict[str, Any] = {
        "pool_id": POOL.pool_id,
        "sub": sub_of(1),
        "public_key": b"\xa5\x01",
        "sign_count": 0,
        "friendly_name": "a phone",
        "relying_party_id": "example.com",
        "transports": ("internal",),
        "attachment": None,
        "created_at": NOW,
    }
    return Passkey(credential_id=credential_id, **(values | given))


def a_device(device_key: str = "us-east-1_a-device", **given: Any) -> Device:
    values: dict[str, Any] = {
        "pool_id": POOL.pool_id,
        "sub": sub_of(1),
        "group_key": "-ABCDEFGH",
        "status": DeviceStatus.REMEMBERED,
        "created_at": NOW,
        "modified_at": NOW,
        "authenticated_at": NOW,
    }
    return Device(device_key=device_key, **(values | given))
