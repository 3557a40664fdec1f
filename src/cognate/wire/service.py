"""What the generated modules are made of: the base of every shape, and the table of a service."""

from typing import Any, TypeAlias

import msgspec

# Base64 on the wire. Not called `bytes` in annotations: a model has a member of that name.
Blob: TypeAlias = bytes

# Any JSON but null, which stands for an absent member here too.
Document: TypeAlias = dict[str, Any] | list[Any] | str | int | float | bool


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="pascal"):
    """
    One structure of a service model. Members that are None are absent on the wire.

    `kw_only` is not inherited by msgspec, so every generated class says it again.
    """

    def __repr__(self) -> str:
        """The names of the members that are set, never their values: many of them are secrets."""
        present = [name for name in self.__struct_fields__ if getattr(self, name) is not None]
        return f"<{type(self).__name__} with {', '.join(present) or 'no members'}>"


class OperationModel(msgspec.Struct, frozen=True, kw_only=True):
    """
    One operation of a service: its shapes, its modelled errors, and whether it is signed.

    `request` and `response` are None where the model has no shape. `errors` are wire names
    (`UserNotFoundException`). `signed` is False where the model says the call carries no AWS
    credentials.
    """

    name: str
    request: type[Shape] | None
    response: type[Shape] | None
    signed: bool
    errors: tuple[str, ...]


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """
    One service: `name` as in SigV4 scopes (`cognito-idp`), its operations by wire name.

    `target_prefix` is what stands before the dot in `X-Amz-Target`; empty for the query protocol.
    """

    name: str
    target_prefix: str
    operations: dict[str, OperationModel]
