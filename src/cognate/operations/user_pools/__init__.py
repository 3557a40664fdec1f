"""Operations of user pools: `cognito-idp`."""

from cognate.operations.operation import Operations
from cognate.operations.user_pools import (
    account,
    authentication,
    clients,
    groups,
    pools,
    sign_up,
    tags,
    token_operations,
    users,
)

OPERATIONS: Operations = {
    **pools.OPERATIONS,
    **clients.OPERATIONS,
    **users.OPERATIONS,
    **groups.OPERATIONS,
    **sign_up.OPERATIONS,
    **account.OPERATIONS,
    **authentication.OPERATIONS,
    **token_operations.OPERATIONS,
    **tags.OPERATIONS,
}
