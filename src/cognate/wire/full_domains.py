"""
The user-pool service with domains as they are: a custom domain is a full host name.

The service model's pattern for domains allows no dot, though its own words, and every client that
gives a pool a custom domain, do. So these requests are read with any number of labels.
"""

from typing import Annotated, TypeAlias

from msgspec import Meta
from msgspec.structs import replace

from cognate.wire import cognito_idp

DOMAIN_PATTERN = (
    r"\A(?a:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?)*)\Z"
)
Domain: TypeAlias = Annotated[str, Meta(min_length=1, max_length=63, pattern=DOMAIN_PATTERN)]


class CreateUserPoolDomainRequest(
    cognito_idp.CreateUserPoolDomainRequest, frozen=True, kw_only=True
):
    domain: Domain


class DeleteUserPoolDomainRequest(
    cognito_idp.DeleteUserPoolDomainRequest, frozen=True, kw_only=True
):
    domain: Domain


class DescribeUserPoolDomainRequest(
    cognito_idp.DescribeUserPoolDomainRequest, frozen=True, kw_only=True
):
    domain: Domain


class UpdateUserPoolDomainRequest(
    cognito_idp.UpdateUserPoolDomainRequest, frozen=True, kw_only=True
):
    domain: Domain


_SHAPES = {
    "CreateUserPoolDomain": CreateUserPoolDomainRequest,
    "DeleteUserPoolDomain": DeleteUserPoolDomainRequest,
    "DescribeUserPoolDomain": DescribeUserPoolDomainRequest,
    "UpdateUserPoolDomain": UpdateUserPoolDomainRequest,
}

SERVICE = replace(
    cognito_idp.SERVICE,
    operations={
        **cognito_idp.SERVICE.operations,
        **{
            name: replace(cognito_idp.SERVICE.operations[name], request=shape)
            for name, shape in _SHAPES.items()
        },
    },
)
