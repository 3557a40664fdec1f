"""Styles of the managed login pages, one for each client that has its own."""

from collections.abc import Sequence
from dataclasses import replace

from cognate.domain.managed_login_branding import (
    DEFAULT_SETTINGS,
    MAXIMUM_STYLES,
    Asset,
    Style,
    check_assets,
    checked_keys,
    checked_settings,
    merged,
)
from cognate.domain.pools import Pool
from cognate.errors import (
    InvalidParameterException,
    LimitExceededException,
    ManagedLoginBrandingExistsException,
    ResourceNotFoundException,
)
from cognate.operations.operation import Operations
from cognate.ports import Call, Repositories, Transaction
from cognate.signin.lookup import existing_client, existing_pool
from cognate.wire.cognito_idp import (
    AssetType,
    CreateManagedLoginBrandingRequest,
    CreateManagedLoginBrandingResponse,
    DeleteManagedLoginBrandingRequest,
    DescribeManagedLoginBrandingByClientRequest,
    DescribeManagedLoginBrandingByClientResponse,
    DescribeManagedLoginBrandingRequest,
    DescribeManagedLoginBrandingResponse,
    ManagedLoginBrandingType,
    UpdateManagedLoginBrandingRequest,
    UpdateManagedLoginBrandingResponse,
)


async def create_managed_login_branding(
    call: Call, request: CreateManagedLoginBrandingRequest
) -> CreateManagedLoginBrandingResponse:
    """
    Give a client a style: Cognate's own as it is, or changes to it.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        ManagedLoginBrandingExistsException: the client has one.
        InvalidParameterException: neither or both of them, or settings or images that no style
            has.
        LimitExceededException: the pool has as many styles as it may.

    Source: Cognito API reference, CreateManagedLoginBranding; oauth-and-login.md, section 11.
    """
    if not request.use_cognito_provided_values and not (request.settings or request.assets):
        raise InvalidParameterException(
            "Either UseCognitoProvidedValues or Settings or Assets must be given."
        )
    _check_one_source(request)
    pool = await existing_pool(call.store, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    assets = _new_assets(request.assets or ())
    now = call.clock.now()
    style = Style(
        pool_id=pool.pool_id,
        style_id=call.entropy.uuid(),
        client_id=client.client_id,
        settings=None if request.settings is None else checked_settings(request.settings),
        created_at=now,
        modified_at=now,
        assets=checked_keys(asset.key for asset in assets),
    )

    async def create(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        await existing_client(tx, pool, request.client_id)
        if await tx.managed_login_styles.find_by_client(pool.pool_id, client.client_id):
            raise ManagedLoginBrandingExistsException
        if await tx.managed_login_styles.count(pool.pool_id) >= MAXIMUM_STYLES:
            raise LimitExceededException(
                f"A user pool cannot have more than {MAXIMUM_STYLES} managed login branding styles."
            )
        await tx.managed_login_styles.add(style)
        for asset in assets:
            await tx.managed_login_styles.save_asset(style, asset)

    await call.store.change(create)
    return CreateManagedLoginBrandingResponse(managed_login_branding=_branding(style, assets))


def _check_one_source(
    request: CreateManagedLoginBrandingRequest | UpdateManagedLoginBrandingRequest,
) -> None:
    if request.use_cognito_provided_values and (
        request.settings is not None or request.assets is not None
    ):
        raise InvalidParameterException(
            "Settings and Assets cannot be given when UseCognitoProvidedValues is true."
        )


def _new_assets(given: Sequence[AssetType]) -> list[Asset]:
    """
    Raises:
        InvalidParameterException: images that no style has, or none.
    """
    assets = [
        Asset(
            category=asset.category,
            color_mode=asset.color_mode,
            extension=asset.extension,
            resource_id=asset.resource_id or "",
            content=asset.bytes,
        )
        for asset in given
        if asset.bytes
    ]
    if len(assets) < len(given):
        raise InvalidParameterException("An asset needs Bytes.")
    check_assets(assets)
    return assets


async def describe_managed_login_branding(
    call: Call, request: DescribeManagedLoginBrandingRequest
) -> DescribeManagedLoginBrandingResponse:
    """
    A style: what was changed, or with `ReturnMergedResources` all that the pages look by.

    Raises:
        ResourceNotFoundException: no such pool, or no such style in it.

    Source: Cognito API reference, DescribeManagedLoginBranding.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    style = await _existing_style(call.store, pool, request.managed_login_branding_id)
    assets = await call.store.managed_login_styles.assets(pool.pool_id, style.style_id)
    return DescribeManagedLoginBrandingResponse(
        managed_login_branding=_branding(style, assets, whole=bool(request.return_merged_resources))
    )


async def describe_managed_login_branding_by_client(
    call: Call, request: DescribeManagedLoginBrandingByClientRequest
) -> DescribeManagedLoginBrandingByClientResponse:
    """
    As DescribeManagedLoginBranding, found by the client that has the style.

    Raises:
        ResourceNotFoundException: no such pool, no such client in it, or no style of the client.

    Source: Cognito API reference, DescribeManagedLoginBrandingByClient.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    style = await call.store.managed_login_styles.find_by_client(pool.pool_id, client.client_id)
    if style is None:
        raise ResourceNotFoundException(
            f"User pool client {client.client_id} has no managed login branding."
        )
    assets = await call.store.managed_login_styles.assets(pool.pool_id, style.style_id)
    return DescribeManagedLoginBrandingByClientResponse(
        managed_login_branding=_branding(style, assets, whole=bool(request.return_merged_resources))
    )


async def update_managed_login_branding(
    call: Call, request: UpdateManagedLoginBrandingRequest
) -> UpdateManagedLoginBrandingResponse:
    """
    Add settings and images to a style, over those of the same name; the others stay. With
    `UseCognitoProvidedValues` all of them go.

    Raises:
        ResourceNotFoundException: no such pool, or no such style in it.
        InvalidParameterException: pool or style not named, or settings or images that no style
            has.

    Source: Cognito API reference, UpdateManagedLoginBranding.
    """
    pool_id, style_id = request.user_pool_id, request.managed_login_branding_id
    if pool_id is None or style_id is None:
        raise InvalidParameterException("UserPoolId and ManagedLoginBrandingId are required.")
    _check_one_source(request)
    assets = _new_assets(request.assets or ())
    settings = None if request.settings is None else checked_settings(request.settings)
    now = call.clock.now()

    async def update(tx: Transaction) -> tuple[Style, Sequence[Asset]]:
        pool = await existing_pool(tx, pool_id)
        present = await _existing_style(tx, pool, style_id)
        if request.use_cognito_provided_values:
            await tx.managed_login_styles.delete_assets(pool.pool_id, style_id)
            present = replace(present, settings=None, assets=())
        elif settings is not None:
            changed = checked_settings(merged(present.settings or {}, settings))
            present = replace(present, settings=changed)
        style = replace(
            present,
            assets=checked_keys((*present.assets, *(asset.key for asset in assets))),
            modified_at=now,
        )
        await tx.managed_login_styles.save(style)
        for asset in assets:
            await tx.managed_login_styles.save_asset(style, asset)
        return style, await tx.managed_login_styles.assets(pool.pool_id, style_id)

    style, stored = await call.store.change(update)
    return UpdateManagedLoginBrandingResponse(managed_login_branding=_branding(style, stored))


async def delete_managed_login_branding(
    call: Call, request: DeleteManagedLoginBrandingRequest
) -> None:
    """
    Delete a style with its images; its client may get another one.

    Raises:
        ResourceNotFoundException: no such pool, or no such style in it.

    Source: Cognito API reference, DeleteManagedLoginBranding.
    """

    async def delete(tx: Transaction) -> None:
        pool = await existing_pool(tx, request.user_pool_id)
        style_id = request.managed_login_branding_id
        if not await tx.managed_login_styles.delete(pool.pool_id, style_id):
            raise _no_style(style_id)

    await call.store.change(delete)


async def _existing_style(store: Repositories, pool: Pool, style_id: str) -> Style:
    style = await store.managed_login_styles.find(pool.pool_id, style_id)
    if style is None:
        raise _no_style(style_id)
    return style


def _no_style(style_id: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Managed login branding {style_id} does not exist.")


def _branding(
    style: Style, assets: Sequence[Asset], *, whole: bool = False
) -> ManagedLoginBrandingType:
    settings = merged(DEFAULT_SETTINGS, style.settings or {}) if whole else style.settings
    return ManagedLoginBrandingType(
        managed_login_branding_id=style.style_id,
        user_pool_id=style.pool_id,
        use_cognito_provided_values=style.uses_defaults,
        settings=None if settings is None else dict(settings),
        assets=[
            AssetType(
                category=asset.category,  # type: ignore[arg-type]  # read from the wire
                color_mode=asset.color_mode,  # type: ignore[arg-type]  # read from the wire
                extension=asset.extension,  # type: ignore[arg-type]  # read from the wire
                bytes=asset.content,
                resource_id=asset.resource_id or None,
            )
            for asset in assets
        ]
        or None,
        creation_date=style.created_at.timestamp(),
        last_modified_date=style.modified_at.timestamp(),
    )


OPERATIONS: Operations = {
    "CreateManagedLoginBranding": create_managed_login_branding,
    "DeleteManagedLoginBranding": delete_managed_login_branding,
    "DescribeManagedLoginBranding": describe_managed_login_branding,
    "DescribeManagedLoginBrandingByClient": describe_managed_login_branding_by_client,
    "UpdateManagedLoginBranding": update_managed_login_branding,
}
