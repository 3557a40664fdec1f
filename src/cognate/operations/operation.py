"""What an operation is: an async function of a call and its request."""

import importlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Operation: TypeAlias = Callable[[Any, Any], Awaitable[Any]]
Operations: TypeAlias = Mapping[str, Operation]  # by wire name


class ByModule(Mapping[str, Operation]):
    """
    Operations whose modules are imported when they are first asked for: a start needs few of them.

    `modules`: module of `package`, to the wire names in its `OPERATIONS`.
    """

    def __init__(self, package: str, modules: Mapping[str, Sequence[str]]) -> None:
        self._module_of = {
            name: f"{package}.{module}" for module, names in modules.items() for name in names
        }
        self._found: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        found = self._found.get(name)
        if found is None:
            module = importlib.import_module(self._module_of[name])
            found = self._found[name] = module.OPERATIONS[name]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._module_of)

    def __len__(self) -> int:
        return len(self._module_of)
