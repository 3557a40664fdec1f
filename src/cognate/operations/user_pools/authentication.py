"""Signing in: InitiateAuth, RespondToAuthChallenge, and their Admin twins."""

from collections.abc import Mapping
from typing import Any

from cognate.domain.clients import Client
from cognate.domain.devices import NewDevice
from cognate.domain.pools import Pool
from cognate.errors import InvalidParameterException
from cognate.operations.operation import Operations
from cognate.operations.user_pools.context_data import from_its_user, from_their_user
from cognate.ports import Call
from cognate.signin import engine, secret_hash
from cognate.signin.engine import Answer, Beginning, Outcome, SignedIn
from cognate.signin.lookup import client_and_pool, existing_client, existing_pool
from cognate.signin.parameters import required
from cognate.signin.refreshing import refresh
from cognate.signin.tokens import Tokens
from cognate.wire.cognito_idp import (
    AdminInitiateAuthRequest,
    AdminInitiateAuthResponse,
    AdminRespondToAuthChallengeRequest,
    AdminRespondToAuthChallengeResponse,
    AuthenticationResultType,
    InitiateAuthRequest,
    InitiateAuthResponse,
    NewDeviceMetadataType,
    RespondToAuthChallengeRequest,
    RespondToAuthChallengeResponse,
)

REFRESH_FLOWS = ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")


async def initiate_auth(call: Call, request: InitiateAuthRequest) -> InitiateAuthResponse:
    """
    Begin a sign-in, or refresh tokens.

    Raises:
        ResourceNotFoundException: no such client.
        InvalidParameterException: the flow is not the client's, or a parameter is missing.
        NotAuthorizedException: whatever was given does not sign in; the text says what it may.
        UserNotFoundException, UserNotConfirmedException, PasswordResetRequiredException.

    Source: Cognito API reference, InitiateAuth; user-pools.md E.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    call = from_its_user(call, client, request.user_context_data)
    parameters = request.auth_parameters or {}
    if request.auth_flow in REFRESH_FLOWS:
        tokens = await _refresh(call, pool, client, parameters, request.client_metadata or {})
        return InitiateAuthResponse(
            authentication_result=authentication_result(tokens), challenge_parameters={}
        )
    outcome = await engine.begin(
        call,
        Beginning(
            pool=pool,
            client=client,
            flow=request.auth_flow,
            parameters=parameters,
            session=request.session,
            metadata=request.client_metadata or {},
            admin=False,
        ),
    )
    return InitiateAuthResponse(**_answer(outcome))


async def admin_initiate_auth(
    call: Call, request: AdminInitiateAuthRequest
) -> AdminInitiateAuthResponse:
    """
    Begin a sign-in for a signed caller.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        The rest: as `initiate_auth`.

    Source: Cognito API reference, AdminInitiateAuth.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    call = from_their_user(call, request.context_data)
    parameters = request.auth_parameters or {}
    if request.auth_flow in REFRESH_FLOWS:
        tokens = await _refresh(call, pool, client, parameters, request.client_metadata or {})
        return AdminInitiateAuthResponse(
            authentication_result=authentication_result(tokens), challenge_parameters={}
        )
    outcome = await engine.begin(
        call,
        Beginning(
            pool=pool,
            client=client,
            flow=request.auth_flow,
            parameters=parameters,
            session=request.session,
            metadata=request.client_metadata or {},
            admin=True,
        ),
    )
    return AdminInitiateAuthResponse(**_answer(outcome))


async def respond_to_auth_challenge(
    call: Call, request: RespondToAuthChallengeRequest
) -> RespondToAuthChallengeResponse:
    """
    Answer a challenge.

    Raises:
        ResourceNotFoundException: no such client.
        InvalidParameterException: a part of the answer is missing.
        NotAuthorizedException: wrong session, or a wrong answer.
        CodeMismatchException, InvalidPasswordException, …: what the challenge says.

    Source: Cognito API reference, RespondToAuthChallenge.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    call = from_its_user(call, client, request.user_context_data)
    outcome = await engine.answer(
        call,
        Answer(
            pool=pool,
            client=client,
            challenge=request.challenge_name,
            session=request.session,
            answers=request.challenge_responses or {},
            metadata=request.client_metadata or {},
            admin=False,
        ),
    )
    return RespondToAuthChallengeResponse(**_answer(outcome))


async def admin_respond_to_auth_challenge(
    call: Call, request: AdminRespondToAuthChallengeRequest
) -> AdminRespondToAuthChallengeResponse:
    """
    Answer a challenge for a signed caller.

    Raises:
        ResourceNotFoundException: no such pool, or no such client in it.
        The rest: as `respond_to_auth_challenge`.

    Source: Cognito API reference, AdminRespondToAuthChallenge.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    client = await existing_client(call.store, pool, request.client_id)
    call = from_their_user(call, request.context_data)
    outcome = await engine.answer(
        call,
        Answer(
            pool=pool,
            client=client,
            challenge=request.challenge_name,
            session=request.session,
            answers=request.challenge_responses or {},
            metadata=request.client_metadata or {},
            admin=True,
        ),
    )
    return AdminRespondToAuthChallengeResponse(**_answer(outcome))


async def _refresh(
    call: Call,
    pool: Pool,
    client: Client,
    parameters: Mapping[str, str],
    metadata: Mapping[str, str],
) -> Tokens:
    rotates = client.rotation is not None and client.rotation.enabled
    if rotates or "ALLOW_REFRESH_TOKEN_AUTH" not in client.allowed_flows:
        raise InvalidParameterException("Auth flow not enabled for this client")
    token = required(parameters, "REFRESH_TOKEN")
    await secret_hash.check_refresh(call, pool, client, parameters, token)
    device_key = parameters.get("DEVICE_KEY")
    return await refresh(call, pool, client, token, device_key=device_key, metadata=metadata)


def authentication_result(
    tokens: Tokens, new_device: NewDevice | None = None
) -> AuthenticationResultType:
    metadata = None
    if new_device is not None:
        metadata = NewDeviceMetadataType(
            device_key=new_device.device_key, device_group_key=new_device.group_key
        )
    return AuthenticationResultType(
        access_token=tokens.access_token,
        id_token=tokens.id_token,
        refresh_token=tokens.refresh_token,
        expires_in=int(tokens.lifetime.total_seconds()),
        token_type="Bearer",
        new_device_metadata=metadata,
    )


def _answer(outcome: Outcome) -> dict[str, Any]:
    """The members that all four answers share."""
    if isinstance(outcome, SignedIn):
        return {
            "authentication_result": authentication_result(outcome.tokens, outcome.new_device),
            "challenge_parameters": {},
        }
    return {
        "challenge_name": outcome.challenge,
        "challenge_parameters": dict(outcome.parameters),
        "session": outcome.session,
        "available_challenges": list(outcome.available) if outcome.available else None,
    }


OPERATIONS: Operations = {
    "AdminInitiateAuth": admin_initiate_auth,
    "AdminRespondToAuthChallenge": admin_respond_to_auth_challenge,
    "InitiateAuth": initiate_auth,
    "RespondToAuthChallenge": respond_to_auth_challenge,
}
