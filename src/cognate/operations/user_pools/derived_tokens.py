"""Tokens without a sign-in: GetClientToken and GetDerivedToken. Source: user-pools.md J.6."""

from typing import Literal

from cognate.domain.clients import Client
from cognate.domain.pools import Pool
from cognate.errors import InvalidParameterException, NotAuthorizedException
from cognate.operations.operation import Operations
from cognate.ports import Call
from cognate.signin import derived_tokens, secret_hash
from cognate.signin.derived_tokens import Exchange
from cognate.signin.lookup import client_and_pool
from cognate.wire.cognito_idp import (
    ClientAuthenticationResultType,
    GetClientTokenRequest,
    GetClientTokenResponse,
    GetDerivedTokenRequest,
    GetDerivedTokenResponse,
)

ISSUED_TYPES = {"access": "ACCESS_TOKEN", "id": "ID_TOKEN"}


async def get_client_token(call: Call, request: GetClientTokenRequest) -> GetClientTokenResponse:
    """
    An access token for the application itself.

    Raises:
        ResourceNotFoundException: no such client.
        NotAuthorizedException: the secret is not the client's.
        InvalidParameterException: the client may not, or not with these scopes.

    Source: Cognito API reference, GetClientToken.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    await _check_secret(call, pool, client, request.secret)
    issued = await derived_tokens.client_token(call, pool, client, scopes=request.scopes)
    return GetClientTokenResponse(
        client_authentication_result=ClientAuthenticationResultType(
            access_token=issued.token,
            expires_in=int(issued.lifetime.total_seconds()),
            token_type="Bearer",
        )
    )


async def get_derived_token(call: Call, request: GetDerivedTokenRequest) -> GetDerivedTokenResponse:
    """
    Exchange somebody's token for one of this client, on behalf of an actor where one is given.

    Raises:
        ResourceNotFoundException: no such client.
        NotAuthorizedException: the secret or a token is not good.
        InvalidParameterException: the client may not; audience and resource together; a token of
            an identity provider.
        UserNotFoundException: the subject was deleted.

    Source: Cognito API reference, GetDerivedToken; oauth-and-login.md 8.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    if client.secrets and (request.client_secret is not None or call.caller.access_key_id is None):
        await _check_secret(call, pool, client, request.client_secret)
    if request.audiences and request.resources:
        raise InvalidParameterException("Either Audiences or Resources can be given, not both.")
    audience = next(iter(request.audiences or request.resources or ()), None)
    actor_use = None
    if request.actor_token is not None:
        actor_use = _use("ActorToken", request.actor_token_type, request.actor_token_provider_name)
    requested: Literal["access", "id"] = (
        "id" if request.requested_token_type == "ID_TOKEN" else "access"
    )
    exchange = Exchange(
        subject_token=request.subject_token,
        subject_use=_use(
            "SubjectToken", request.subject_token_type, request.subject_token_provider_name
        ),
        actor_token=request.actor_token,
        actor_use=actor_use,
        scopes=tuple(request.scopes or ()),
        audience=audience,
        requested=requested,
    )
    issued = await derived_tokens.exchanged(call, pool, client, exchange)
    return GetDerivedTokenResponse(
        issued_token=issued.token,
        issued_token_type=ISSUED_TYPES[exchange.requested],
        token_type="Bearer" if exchange.requested == "access" else "N_A",
        expires_in=int(issued.lifetime.total_seconds()),
        scopes=list(issued.scopes),
    )


def _use(member: str, token_type: str | None, provider: str | None) -> Literal["access", "id"]:
    if provider is not None or token_type == "SAML2":
        raise InvalidParameterException(
            f"{member}: only tokens of the user pool itself can be exchanged."
        )
    if token_type is None:
        raise InvalidParameterException(f"Missing required parameter {member}Type")
    return "id" if token_type == "ID_TOKEN" else "access"


async def _check_secret(call: Call, pool: Pool, client: Client, given: str | None) -> None:
    if given is None or not await secret_hash.is_client_secret(call, pool, client, given):
        raise NotAuthorizedException(f"Unable to verify secret for client {client.client_id}")


OPERATIONS: Operations = {
    "GetClientToken": get_client_token,
    "GetDerivedToken": get_derived_token,
}
