"""Signing up: SignUp, ConfirmSignUp, ResendConfirmationCode."""

from cognate.operations.operation import Operations
from cognate.operations.user_pools.context_data import from_its_user
from cognate.operations.user_pools.user_shapes import attributes_of, delivery_details
from cognate.ports import Call
from cognate.signin import secret_hash
from cognate.signin import sign_up as signing_up
from cognate.signin.lookup import client_and_pool
from cognate.signin.sign_up import Application, Confirmation
from cognate.wire.cognito_idp import (
    ConfirmSignUpRequest,
    ConfirmSignUpResponse,
    ResendConfirmationCodeRequest,
    ResendConfirmationCodeResponse,
    SignUpRequest,
    SignUpResponse,
)


async def sign_up(call: Call, request: SignUpRequest) -> SignUpResponse:
    """
    Register, unconfirmed; a code or link goes to the attribute that the pool verifies.

    Raises:
        ResourceNotFoundException: no such client.
        NotAuthorizedException: wrong secret hash, sign-up switched off, or an attribute that the
            client may not write.
        InvalidParameterException: the user name or an attribute is not allowed.
        InvalidPasswordException: the password breaks the pool's policy.
        UsernameExistsException: the name is taken.

    Source: Cognito API reference, SignUp; user-pools.md D.2.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    call = from_its_user(call, client, request.user_context_data)
    await secret_hash.check(call, pool, client, request.secret_hash, [request.username])
    signed_up = await signing_up.sign_up(
        call,
        pool,
        client,
        Application(
            username=request.username,
            password=request.password,
            attributes=attributes_of(request.user_attributes),
        ),
    )
    delivery = signed_up.delivery
    return SignUpResponse(
        user_confirmed=False,
        user_sub=signed_up.user.sub,
        code_delivery_details=None if delivery is None else delivery_details(delivery),
        session=signed_up.session,
    )


async def confirm_sign_up(call: Call, request: ConfirmSignUpRequest) -> ConfirmSignUpResponse:
    """
    Confirm a sign-up by the code that was sent.

    Raises:
        ResourceNotFoundException: no such client.
        UserNotFoundException: no such user, and the client does not hide it.
        NotAuthorizedException: wrong secret hash, another's session, or the user is not
            UNCONFIRMED.
        CodeMismatchException, ExpiredCodeException: a wrong code, or none that is good.
        AliasExistsException: the address is somebody's alias, without ForceAliasCreation.
        LimitExceededException: too often in this hour.

    Source: Cognito API reference, ConfirmSignUp; user-pools.md F.1.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    call = from_its_user(call, client, request.user_context_data)
    await secret_hash.check(call, pool, client, request.secret_hash, [request.username])
    confirmed = await signing_up.confirm(
        call,
        pool,
        client,
        Confirmation(
            username=request.username,
            code=request.confirmation_code,
            take_aliases=bool(request.force_alias_creation),
            session=request.session,
        ),
    )
    return ConfirmSignUpResponse(session=confirmed.session)


async def resend_confirmation_code(
    call: Call, request: ResendConfirmationCodeRequest
) -> ResendConfirmationCodeResponse:
    """
    Send a new confirmation code or link.

    Raises:
        ResourceNotFoundException: no such client.
        UserNotFoundException: no such user, and the client does not hide it.
        NotAuthorizedException: wrong secret hash, or the user is disabled.
        InvalidParameterException: confirmed already, or nothing to send a code to.
        LimitExceededException: too often in this hour.

    Source: Cognito API reference, ResendConfirmationCode; user-pools.md F.1.
    """
    pool, client = await client_and_pool(call.store, request.client_id)
    call = from_its_user(call, client, request.user_context_data)
    await secret_hash.check(call, pool, client, request.secret_hash, [request.username])
    delivery = await signing_up.resend(call, pool, client, request.username)
    return ResendConfirmationCodeResponse(code_delivery_details=delivery_details(delivery))


OPERATIONS: Operations = {
    "ConfirmSignUp": confirm_sign_up,
    "ResendConfirmationCode": resend_confirmation_code,
    "SignUp": sign_up,
}
