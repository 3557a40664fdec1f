"""The looks of the classic pages."""

from cognate.domain.pools import Pool
from cognate.domain.ui_customization import ALL_CLIENTS, UICustomization, check_customization
from cognate.errors import InvalidParameterException
from cognate.operations.operation import Operations
from cognate.ports import Call, Repositories, Transaction
from cognate.signin.lookup import existing_client, existing_pool
from cognate.wire.cognito_idp import (
    GetUICustomizationRequest,
    GetUICustomizationResponse,
    SetUICustomizationRequest,
    SetUICustomizationResponse,
    UICustomizationType,
)


async def set_ui_customization(
    call: Call, request: SetUICustomizationRequest
) -> SetUICustomizationResponse:
    """
    Replace the style sheet and logo of a client, or of all that have none of their own; without
    either there is none any more.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        InvalidParameterException: the pool has no domain, or the style sheet or logo is none.

    Source: Cognito API reference, SetUICustomization; oauth-and-login.md, section 11.
    """
    client_id = request.client_id or ALL_CLIENTS
    now = call.clock.now()

    async def set_looks(tx: Transaction) -> UICustomization:
        pool = await existing_pool(tx, request.user_pool_id)
        await _check_client(tx, pool, client_id)
        check_customization(request.css, request.image_file)
        present = await tx.ui_customizations.find(pool.pool_id, client_id)
        looks = UICustomization(
            pool_id=pool.pool_id,
            client_id=client_id,
            css=request.css or None,
            image=request.image_file or None,
            created_at=now if present is None else present.created_at,
            modified_at=now,
        )
        if looks.css is None and looks.image is None:
            await tx.ui_customizations.delete(pool.pool_id, client_id)
        else:
            await tx.ui_customizations.save(looks)
        return looks

    return SetUICustomizationResponse(ui_customization=_shown(await call.store.change(set_looks)))


async def get_ui_customization(
    call: Call, request: GetUICustomizationRequest
) -> GetUICustomizationResponse:
    """
    What a client's pages look by: its own looks, else those of all clients, else nothing.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        InvalidParameterException: the pool has no domain.

    Source: Cognito API reference, GetUICustomization.
    """
    client_id = request.client_id or ALL_CLIENTS
    pool = await existing_pool(call.store, request.user_pool_id)
    await _check_client(call.store, pool, client_id)
    looks = await call.store.ui_customizations.find(pool.pool_id, client_id)
    if looks is None:
        looks = await call.store.ui_customizations.find(pool.pool_id, ALL_CLIENTS)
    shown = UICustomizationType() if looks is None else _shown(looks)
    return GetUICustomizationResponse(ui_customization=shown)


async def _check_client(store: Repositories, pool: Pool, client_id: str) -> None:
    if not pool.has_domain:
        raise InvalidParameterException(
            "There has to be an existing domain associated with this user pool"
        )
    if client_id != ALL_CLIENTS:
        await existing_client(store, pool, client_id)


def _shown(looks: UICustomization) -> UICustomizationType:
    """Without ImageUrl: the logo is not served yet, and no address is better than a dead one."""
    return UICustomizationType(
        user_pool_id=looks.pool_id,
        client_id=looks.client_id,
        css=looks.css,
        css_version=looks.css_version,
        last_modified_date=looks.modified_at.timestamp(),
        creation_date=looks.created_at.timestamp(),
    )


OPERATIONS: Operations = {
    "GetUICustomization": get_ui_customization,
    "SetUICustomization": set_ui_customization,
}
