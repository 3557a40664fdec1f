"""What an operation is: an async function of a call and its request."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

Operation: TypeAlias = Callable[[Any, Any], Awaitable[Any]]
Operations: TypeAlias = Mapping[str, Operation]  # by wire name
