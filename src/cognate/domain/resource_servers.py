"""Resource servers: the custom scopes of a pool. Source: oauth-and-login.md, section 4."""

from collections.abc import Iterable
from dataclasses import dataclass

from cognate.domain.ids import PoolId
from cognate.errors import InvalidParameterException

MAXIMUM_SERVERS = 25  # of one pool (user-pools.md J.3)
SYSTEM_PREFIX = "aws.cognito"  # scopes of the service itself begin so


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceServer:
    pool_id: PoolId
    identifier: str
    name: str
    scopes: tuple[Scope, ...] = ()

    @property
    def scope_names(self) -> list[str]:
        """As clients and tokens name them: identifier, slash, scope."""
        return [f"{self.identifier}/{scope.name}" for scope in self.scopes]


def check_resource_server(server: ResourceServer) -> None:
    """
    Raises:
        InvalidParameterException: the service's own identifier, or a scope given twice.
    """
    if server.identifier.startswith(SYSTEM_PREFIX):
        raise InvalidParameterException(f"Identifiers cannot begin with {SYSTEM_PREFIX}.")
    names = [scope.name for scope in server.scopes]
    repeated = _repeated(names)
    if repeated is not None:
        raise InvalidParameterException(f"The scope {repeated} is given more than once.")


def _repeated(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
