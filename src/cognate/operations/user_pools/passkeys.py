"""Passkeys of signed-in users: registering, listing, deleting. Source: user-pools.md E.8."""

from cognate.errors import (
    InvalidParameterException,
    ResourceNotFoundException,
    WebAuthnCredentialNotSupportedException,
)
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question
from cognate.ports import Call, Transaction
from cognate.signin import passkeys
from cognate.signin.access import authorized_without_telling
from cognate.wire.cognito_idp import (
    CompleteWebAuthnRegistrationRequest,
    CompleteWebAuthnRegistrationResponse,
    DeleteWebAuthnCredentialRequest,
    DeleteWebAuthnCredentialResponse,
    ListWebAuthnCredentialsRequest,
    ListWebAuthnCredentialsResponse,
    StartWebAuthnRegistrationRequest,
    StartWebAuthnRegistrationResponse,
    WebAuthnCredentialDescription,
)

LARGEST_PAGE = 20


async def start_web_authn_registration(
    call: Call, request: StartWebAuthnRegistrationRequest
) -> StartWebAuthnRegistrationResponse:
    """
    Options for the browser to make a passkey with.

    Raises:
        NotAuthorizedException: the access token is not good.
        WebAuthnNotEnabledException, WebAuthnConfigurationMissingException: the pool's settings.

    Source: Cognito API reference, StartWebAuthnRegistration.
    """
    bearer = await authorized_without_telling(call, request.access_token)
    options = await passkeys.begin_registration(call, bearer.pool, bearer.client, bearer.user)
    return StartWebAuthnRegistrationResponse(credential_creation_options=options)


async def complete_web_authn_registration(
    call: Call, request: CompleteWebAuthnRegistrationRequest
) -> CompleteWebAuthnRegistrationResponse:
    """
    Register the passkey that the browser made.

    Raises:
        NotAuthorizedException: the access token is not good.
        WebAuthn…Exception, LimitExceededException: as `passkeys.complete_registration` says.

    Source: Cognito API reference, CompleteWebAuthnRegistration.
    """
    bearer = await authorized_without_telling(call, request.access_token)
    if not isinstance(request.credential, dict):
        raise WebAuthnCredentialNotSupportedException
    await passkeys.complete_registration(
        call, bearer.pool, bearer.client, bearer.user, request.credential
    )
    return CompleteWebAuthnRegistrationResponse()


async def list_web_authn_credentials(
    call: Call, request: ListWebAuthnCredentialsRequest
) -> ListWebAuthnCredentialsResponse:
    """
    The caller's own passkeys.

    Raises:
        NotAuthorizedException: the access token is not good.
        InvalidParameterException: a pagination token that is none.

    Source: Cognito API reference, ListWebAuthnCredentials.
    """
    bearer = await authorized_without_telling(call, request.access_token)
    pool, user = bearer.pool, bearer.user
    keys = await call.keys.of_pool(pool)
    question = Question(operation="ListWebAuthnCredentials", parameters=(user.sub,))
    now = call.clock.now()
    after = question.position(keys, request.next_token, now=now)[0] if request.next_token else ""
    size = request.max_results or LARGEST_PAGE
    found = [
        passkey
        for passkey in await call.store.passkeys.of_user(pool.pool_id, user.sub)
        if passkey.credential_id > after
    ]
    token = None
    if len(found) > size:
        token = question.token(keys, (found[size - 1].credential_id,), now=now)
    return ListWebAuthnCredentialsResponse(
        credentials=[
            WebAuthnCredentialDescription(
                credential_id=passkey.credential_id,
                friendly_credential_name=passkey.friendly_name,
                relying_party_id=passkey.relying_party_id,
                authenticator_attachment=passkey.attachment,
                authenticator_transports=list(passkey.transports),
                created_at=passkey.created_at.timestamp(),
            )
            for passkey in found[:size]
        ],
        next_token=token,
    )


async def delete_web_authn_credential(
    call: Call, request: DeleteWebAuthnCredentialRequest
) -> DeleteWebAuthnCredentialResponse:
    """
    Delete one of the caller's own passkeys.

    Raises:
        NotAuthorizedException: the access token is not good.
        InvalidParameterException: the id is empty.
        ResourceNotFoundException: no such passkey of the caller's.

    Source: Cognito API reference, DeleteWebAuthnCredential.
    """
    bearer = await authorized_without_telling(call, request.access_token)
    if not request.credential_id:
        raise InvalidParameterException("Missing required parameter CredentialId")

    async def delete(tx: Transaction) -> None:
        if not await tx.passkeys.delete(
            bearer.pool.pool_id, bearer.user.sub, request.credential_id
        ):
            raise ResourceNotFoundException("Passkey does not exist.")

    await call.store.change(delete)
    return DeleteWebAuthnCredentialResponse()


OPERATIONS: Operations = {
    "CompleteWebAuthnRegistration": complete_web_authn_registration,
    "DeleteWebAuthnCredential": delete_web_authn_credential,
    "ListWebAuthnCredentials": list_web_authn_credentials,
    "StartWebAuthnRegistration": start_web_authn_registration,
}
