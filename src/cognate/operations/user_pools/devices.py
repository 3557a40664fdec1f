"""Devices: confirming, listing, remembering and forgetting them, by user and by admin."""

from dataclasses import replace

from cognate.domain.devices import Device, DeviceStatus
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.errors import (
    DeviceKeyExistsException,
    InvalidParameterException,
    ResourceNotFoundException,
    UserNotFoundException,
)
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question, page_size
from cognate.ports import Call, Transaction
from cognate.signin import devices
from cognate.signin.access import Bearer, authorized
from cognate.signin.lookup import existing_pool, existing_user
from cognate.wire.cognito_idp import (
    AdminForgetDeviceRequest,
    AdminGetDeviceRequest,
    AdminGetDeviceResponse,
    AdminListDevicesRequest,
    AdminListDevicesResponse,
    AdminUpdateDeviceStatusRequest,
    AdminUpdateDeviceStatusResponse,
    AttributeType,
    ConfirmDeviceRequest,
    ConfirmDeviceResponse,
    DeviceType,
    ForgetDeviceRequest,
    GetDeviceRequest,
    GetDeviceResponse,
    ListDevicesRequest,
    ListDevicesResponse,
    UpdateDeviceStatusRequest,
    UpdateDeviceStatusResponse,
)


async def confirm_device(call: Call, request: ConfirmDeviceRequest) -> ConfirmDeviceResponse:
    """
    Take the verifier of a device that a sign-in offered; its tokens then name the device.

    Raises:
        NotAuthorizedException: the access token is not good.
        ResourceNotFoundException: the device was not offered to this user.
        DeviceKeyExistsException: it is confirmed already.
        InvalidParameterException: the verifier is missing or none.

    Source: Cognito API reference, ConfirmDevice; user-pools.md E.13.
    """
    bearer = await authorized(call, request.access_token)
    pool = bearer.pool
    offered = await devices.existing_device(call, bearer.user, request.device_key)
    if offered.is_confirmed:
        raise DeviceKeyExistsException
    config = request.device_secret_verifier_config
    if config is None or not config.salt or not config.password_verifier:
        raise InvalidParameterException("Missing required parameter DeviceSecretVerifierConfig")
    confirmed = await devices.confirm(
        call,
        pool,
        offered,
        salt=config.salt,
        verifier=config.password_verifier,
        name=request.device_name,
    )

    async def save(tx: Transaction) -> None:
        present = await tx.devices.find(pool.pool_id, bearer.user.sub, confirmed.device_key)
        if present is None:
            raise ResourceNotFoundException("Device does not exist.")
        if present.is_confirmed:
            raise DeviceKeyExistsException
        await tx.devices.save(confirmed)
        if bearer.family is not None:
            family = await tx.families.find(pool.pool_id, bearer.family.origin_jti)
            if family is not None:
                await tx.families.save_details(replace(family, device_key=confirmed.device_key))

    await call.store.change(save)
    return ConfirmDeviceResponse(
        user_confirmation_necessary=confirmed.status is DeviceStatus.NOT_REMEMBERED
    )


async def get_device(call: Call, request: GetDeviceRequest) -> GetDeviceResponse:
    """
    One of the caller's own devices.

    Raises:
        NotAuthorizedException: the access token is missing or not good.
        ResourceNotFoundException: no such device of the caller's.

    Source: Cognito API reference, GetDevice.
    """
    bearer = await _bearer(call, request.access_token)
    device = await _confirmed(call, bearer.user, request.device_key)
    return GetDeviceResponse(device=_shape(device))


async def admin_get_device(call: Call, request: AdminGetDeviceRequest) -> AdminGetDeviceResponse:
    """
    One device of a user, with what only administrators see.

    Raises:
        ResourceNotFoundException: no such pool, user in it, or device of the user.

    Source: Cognito API reference, AdminGetDevice.
    """
    pool, user = await _named(call, request.user_pool_id, request.username)
    device = await _confirmed(call, user, request.device_key)
    return AdminGetDeviceResponse(device=_admin_shape(pool, user, device))


async def list_devices(call: Call, request: ListDevicesRequest) -> ListDevicesResponse:
    """
    The caller's own devices.

    Raises:
        NotAuthorizedException: the access token is not good.
        InvalidParameterException: a pagination token that is none.

    Source: Cognito API reference, ListDevices.
    """
    bearer = await authorized(call, request.access_token)
    found, token = await _page(
        call, bearer.pool, bearer.user, "ListDevices", request.limit, request.pagination_token
    )
    return ListDevicesResponse(devices=[_shape(device) for device in found], pagination_token=token)


async def admin_list_devices(
    call: Call, request: AdminListDevicesRequest
) -> AdminListDevicesResponse:
    """
    A user's devices, with what only administrators see.

    Raises:
        ResourceNotFoundException: no such pool, or user in it.
        InvalidParameterException: a pagination token that is none.

    Source: Cognito API reference, AdminListDevices.
    """
    pool, user = await _named(call, request.user_pool_id, request.username)
    found, token = await _page(
        call, pool, user, "AdminListDevices", request.limit, request.pagination_token
    )
    return AdminListDevicesResponse(
        devices=[_admin_shape(pool, user, device) for device in found], pagination_token=token
    )


async def _page(
    call: Call, pool: Pool, user: User, operation: str, limit: int | None, token: str | None
) -> tuple[list[Device], str | None]:
    keys = await call.keys.of_pool(pool)
    question = Question(operation=operation, parameters=(user.sub,))
    now = call.clock.now()
    after = question.position(keys, token, now=now)[0] if token else ""
    size = page_size(limit)
    found = list(await call.store.devices.page(pool.pool_id, user.sub, after=after, limit=size + 1))
    more = found[size - 1].device_key if len(found) > size else None
    return found[:size], question.token(keys, (more,), now=now) if more else None


async def update_device_status(
    call: Call, request: UpdateDeviceStatusRequest
) -> UpdateDeviceStatusResponse:
    """
    Remember one of the caller's own devices, or not.

    Raises:
        NotAuthorizedException: the access token is not good.
        ResourceNotFoundException: no such device of the caller's.

    Source: Cognito API reference, UpdateDeviceStatus.
    """
    bearer = await authorized(call, request.access_token)
    await _update(call, bearer.user, request.device_key, request.device_remembered_status)
    return UpdateDeviceStatusResponse()


async def admin_update_device_status(
    call: Call, request: AdminUpdateDeviceStatusRequest
) -> AdminUpdateDeviceStatusResponse:
    """
    Remember a user's device, or not.

    Raises:
        ResourceNotFoundException: no such pool, user in it, or device of the user.

    Source: Cognito API reference, AdminUpdateDeviceStatus.
    """
    _, user = await _named(call, request.user_pool_id, request.username)
    await _update(call, user, request.device_key, request.device_remembered_status)
    return AdminUpdateDeviceStatusResponse()


async def _update(call: Call, user: User, device_key: str, status: str | None) -> None:
    if status is None:
        await _confirmed(call, user, device_key)
        return
    chosen = DeviceStatus(status)

    async def save(tx: Transaction) -> None:
        device = await tx.devices.find(user.pool_id, user.sub, device_key)
        if device is None or not device.is_confirmed:
            raise ResourceNotFoundException("Device does not exist.")
        await tx.devices.save(replace(device, status=chosen, modified_at=call.clock.now()))

    await call.store.change(save)


async def forget_device(call: Call, request: ForgetDeviceRequest) -> None:
    """
    Forget one of the caller's own devices.

    Raises:
        NotAuthorizedException: the access token is missing or not good.
        ResourceNotFoundException: no such device of the caller's.

    Source: Cognito API reference, ForgetDevice.
    """
    bearer = await _bearer(call, request.access_token)
    await _forget(call, bearer.user, request.device_key)


async def admin_forget_device(call: Call, request: AdminForgetDeviceRequest) -> None:
    """
    Forget a user's device.

    Raises:
        ResourceNotFoundException: no such pool, user in it, or device of the user.

    Source: Cognito API reference, AdminForgetDevice.
    """
    _, user = await _named(call, request.user_pool_id, request.username)
    await _forget(call, user, request.device_key)


async def _forget(call: Call, user: User, device_key: str) -> None:
    async def delete(tx: Transaction) -> None:
        device = await tx.devices.find(user.pool_id, user.sub, device_key)
        if device is None or not device.is_confirmed:
            raise ResourceNotFoundException("Device does not exist.")
        await tx.devices.delete(user.pool_id, user.sub, device_key)

    await call.store.change(delete)


async def _bearer(call: Call, access_token: str | None) -> Bearer:
    if access_token is None:
        raise InvalidParameterException("Missing required parameter AccessToken")
    return await authorized(call, access_token)


async def _named(call: Call, pool_id: str, username: str) -> tuple[Pool, User]:
    pool = await existing_pool(call.store, pool_id)
    try:
        return pool, await existing_user(call.store, pool, username)
    except UserNotFoundException as cause:
        # These operations have no UserNotFoundException in the model.
        raise ResourceNotFoundException(cause.message) from cause


async def _confirmed(call: Call, user: User, device_key: str) -> Device:
    device = await devices.existing_device(call, user, device_key)
    if not device.is_confirmed:
        raise ResourceNotFoundException("Device does not exist.")
    return device


def _shape(device: Device, *more: AttributeType) -> DeviceType:
    attributes = [AttributeType(name="device_status", value="valid")]
    if device.name:
        attributes.append(AttributeType(name="device_name", value=device.name))
    if device.last_ip:
        attributes.append(AttributeType(name="last_ip_used", value=device.last_ip))
    return DeviceType(
        device_key=device.device_key,
        device_attributes=[*attributes, *more],
        device_create_date=device.created_at.timestamp(),
        device_last_modified_date=device.modified_at.timestamp(),
        # Whole seconds, unlike the other two (user-pools.md A.1).
        device_last_authenticated_date=float(int(device.authenticated_at.timestamp())),
    )


def _admin_shape(pool: Pool, user: User, device: Device) -> DeviceType:
    owner = f"{user.username}.{pool.pool_id}"
    arn = f"arn:aws:cognito-idp:{pool.region}:{pool.account_id}:owner/{owner}/device"
    return _shape(
        device,
        AttributeType(name="dev:device_arn", value=f"{arn}/{device.device_key}"),
        AttributeType(name="dev:device_owner", value=owner),
        AttributeType(name="dev:device_remembered_status", value=device.status.value),
        AttributeType(name="dev:device_sdk", value="aws-sdk"),
    )


OPERATIONS: Operations = {
    "AdminForgetDevice": admin_forget_device,
    "AdminGetDevice": admin_get_device,
    "AdminListDevices": admin_list_devices,
    "AdminUpdateDeviceStatus": admin_update_device_status,
    "ConfirmDevice": confirm_device,
    "ForgetDevice": forget_device,
    "GetDevice": get_device,
    "ListDevices": list_devices,
    "UpdateDeviceStatus": update_device_status,
}
