"""The user pool that `cognate dev` has ready: made once, through the operations themselves."""

from dataclasses import dataclass

from cognate.domain.ids import ClientId, PoolId
from cognate.operations.table import OPERATIONS
from cognate.ports import Call
from cognate.signin.lookup import existing_pool
from cognate.signin.tokens import issuer
from cognate.wire.cognito_idp import (
    CreateUserPoolClientRequest,
    CreateUserPoolRequest,
    ExplicitAuthFlowsType,
)

# A pool id is REGION_NAME, and the name letters and digits: clients read the region out of it, and
# verifying libraries refuse other forms (oauth-and-login.md 1).
POOL_NAME = "localpool"
CLIENT_ID = ClientId("localclient")
FLOWS: list[ExplicitAuthFlowsType] = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPool:
    pool_id: PoolId
    client_id: ClientId
    issuer: str


async def local_pool(call: Call) -> LocalPool:
    """
    The pool and its client, made where they are missing: e-mail addresses as user names, proven by
    a code that lies in the inbox. Once made it stays, whatever region is set later.
    """
    operations = OPERATIONS["cognito-idp"]
    pool_id = await call.store.clients.pool_of(CLIENT_ID) or PoolId(
        f"{call.deployment.region}_{POOL_NAME}"
    )
    if await call.store.pools.find(pool_id) is None:
        await operations["CreateUserPool"](
            call,
            CreateUserPoolRequest(
                pool_name="local",
                username_attributes=["email"],
                auto_verified_attributes=["email"],
                user_pool_tags={"_custom_id_": pool_id},
            ),
        )
    if await call.store.clients.find(pool_id, CLIENT_ID) is None:
        await operations["CreateUserPoolClient"](
            call,
            CreateUserPoolClientRequest(
                user_pool_id=pool_id,
                client_name=f"_custom_id_:{CLIENT_ID}",
                explicit_auth_flows=FLOWS,
            ),
        )
    pool = await existing_pool(call.store, pool_id)
    return LocalPool(pool_id=pool_id, client_id=CLIENT_ID, issuer=issuer(call, pool))
