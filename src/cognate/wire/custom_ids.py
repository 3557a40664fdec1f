"""
The user-pool service as development mode reads it: a client name may fix the client's id.

`_custom_id_:ID` is what people write for other emulators. The service model allows no colon in
client names, so only these names, and only in development mode, are read with one.
"""

from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from cognate.wire import cognito_idp, full_domains
from cognate.wire.cognito_idp import RESOURCE_SERVER_NAME_TYPE_PATTERN

CLIENT_NAME_PATTERN = rf"\A_custom_id_:(?a:[\w+]+)\Z|{RESOURCE_SERVER_NAME_TYPE_PATTERN}"


class CreateUserPoolClientRequest(
    cognito_idp.CreateUserPoolClientRequest, frozen=True, kw_only=True
):
    client_name: Annotated[str, Meta(min_length=1, max_length=128, pattern=CLIENT_NAME_PATTERN)]


class UpdateUserPoolClientRequest(
    cognito_idp.UpdateUserPoolClientRequest, frozen=True, kw_only=True
):
    client_name: (
        Annotated[str, Meta(min_length=1, max_length=128, pattern=CLIENT_NAME_PATTERN)] | None
    ) = None


_SHAPES = {
    "CreateUserPoolClient": CreateUserPoolClientRequest,
    "UpdateUserPoolClient": UpdateUserPoolClientRequest,
}

SERVICE = replace(
    full_domains.SERVICE,
    operations={
        **full_domains.SERVICE.operations,
        **{
            name: replace(cognito_idp.SERVICE.operations[name], request=shape)
            for name, shape in _SHAPES.items()
        },
    },
)
