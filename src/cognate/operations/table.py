"""Every operation that Cognate has. The support table in the docs is made from this."""

from collections.abc import Mapping

from cognate.operations.operation import Operations
from cognate.operations.user_pools import OPERATIONS as USER_POOL_OPERATIONS

# By service name, as in SigV4 scopes.
OPERATIONS: Mapping[str, Operations] = {"cognito-idp": USER_POOL_OPERATIONS}
