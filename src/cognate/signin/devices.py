"""Devices in a sign-in: known ones recognised, unknown ones offered. Source: user-pools.md E.13."""

import base64
from dataclasses import replace

from cognate.domain.devices import (
    GROUP_KEY_ALPHABET,
    GROUP_KEY_LENGTH,
    Device,
    DeviceStatus,
    NewDevice,
)
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import InvalidParameterException, ResourceNotFoundException
from cognate.ports import Call, Transaction
from cognate.protocol import srp

PURPOSE = "device verifier"
MAXIMUM_SALT_BYTES = 64


def tracks_devices(pool: Pool) -> bool:
    return pool.tracks_devices


async def existing_device(call: Call, user: User | None, device_key: str) -> Device:
    """
    Raises:
        ResourceNotFoundException: not a device of the user (None, simulated, has none); clients
            look for this text.
    """
    device = None
    if user is not None:
        device = await call.store.devices.find(user.pool_id, user.sub, device_key)
    if device is None:
        raise ResourceNotFoundException("Device does not exist.")
    return device


async def check_known(call: Call, user: User | None, device_key: str) -> None:
    """
    Raises:
        ResourceNotFoundException: not a device that the user confirmed.
    """
    device = await existing_device(call, user, device_key)
    if not device.is_confirmed:
        raise ResourceNotFoundException("Device does not exist.")


async def remembered(call: Call, pool: Pool, user: User, device_key: str | None) -> Device | None:
    """The device of a sign-in, where it can prove itself and the user wants it remembered."""
    if device_key is None or not tracks_devices(pool):
        return None
    device = await call.store.devices.find(pool.pool_id, user.sub, device_key)
    if device is None or device.status is not DeviceStatus.REMEMBERED:
        return None
    return device if device.sealed_verifier is not None else None


def offered(call: Call, pool: Pool, user: User) -> Device:
    """A device for somebody who signed in without a known one; it waits for ConfirmDevice."""
    now = call.clock.now()
    return Device(
        pool_id=pool.pool_id,
        sub=user.sub,
        device_key=f"{pool.region}_{call.entropy.uuid()}",
        group_key="-" + call.entropy.text(GROUP_KEY_ALPHABET, GROUP_KEY_LENGTH),
        status=DeviceStatus.OFFERED,
        created_at=now,
        modified_at=now,
        authenticated_at=now,
        last_ip=call.inquiry.source_ip or None,
    )


def metadata_of(device: Device) -> NewDevice:
    return NewDevice(device_key=device.device_key, group_key=device.group_key)


async def confirm(
    call: Call, pool: Pool, device: Device, *, salt: str, verifier: str, name: str | None
) -> Device:
    """
    The device with what it proves itself by, both Base64; remembered unless the user is asked.

    Raises:
        InvalidParameterException: not a salt, or not a verifier of the group.
    """
    try:
        salt_bytes = base64.b64decode(salt, validate=True)
        verifier_number = int.from_bytes(base64.b64decode(verifier, validate=True), "big")
        encoded = srp.encode_verifier(verifier_number)
        srp.decode_verifier(encoded)
    except ValueError as cause:
        raise InvalidParameterException("Invalid device secret verifier.") from cause
    if not 0 < len(salt_bytes) <= MAXIMUM_SALT_BYTES:
        raise InvalidParameterException("Invalid device secret salt.")
    keys = await call.keys.of_pool(pool)
    asks = bool(pool.device and pool.device.only_remembered_on_user_prompt)
    now = call.clock.now()
    return replace(
        device,
        status=DeviceStatus.NOT_REMEMBERED if asks else DeviceStatus.REMEMBERED,
        srp_salt=salt_bytes,
        sealed_verifier=keys.seal(PURPOSE, encoded),
        name=name,
        modified_at=now,
    )


async def seen(call: Call, tx: Transaction, device: Device) -> None:
    """It proved itself just now."""
    now = call.clock.now()
    present = await tx.devices.find(device.pool_id, device.sub, device.device_key)
    if present is None:
        raise ResourceNotFoundException("Device does not exist.")
    await tx.devices.save(
        replace(present, authenticated_at=now, last_ip=call.inquiry.source_ip or None)
    )
