"""Operations of user pools: `cognito-idp`."""

from cognate.operations.operation import Operations
from cognate.operations.user_pools import (
    account,
    attributes,
    authentication,
    clients,
    creating,
    devices,
    factors,
    groups,
    listing,
    mfa,
    passwords,
    pools,
    recovery,
    sign_up,
    tags,
    token_operations,
    users,
    verification,
)

OPERATIONS: Operations = {
    **pools.OPERATIONS,
    **mfa.OPERATIONS,
    **clients.OPERATIONS,
    **users.OPERATIONS,
    **creating.OPERATIONS,
    **attributes.OPERATIONS,
    **passwords.OPERATIONS,
    **listing.OPERATIONS,
    **groups.OPERATIONS,
    **sign_up.OPERATIONS,
    **recovery.OPERATIONS,
    **verification.OPERATIONS,
    **account.OPERATIONS,
    **authentication.OPERATIONS,
    **factors.OPERATIONS,
    **devices.OPERATIONS,
    **token_operations.OPERATIONS,
    **tags.OPERATIONS,
}
