"""Proving attributes: GetUserAttributeVerificationCode, VerifyUserAttribute."""

from cognate.operations.operation import Operations
from cognate.operations.user_pools.user_shapes import delivery_details
from cognate.ports import Call
from cognate.signin import verification
from cognate.signin.access import authorized
from cognate.wire.cognito_idp import (
    GetUserAttributeVerificationCodeRequest,
    GetUserAttributeVerificationCodeResponse,
    VerifyUserAttributeRequest,
    VerifyUserAttributeResponse,
)


async def get_user_attribute_verification_code(
    call: Call, request: GetUserAttributeVerificationCodeRequest
) -> GetUserAttributeVerificationCodeResponse:
    """
    Send the caller a code for their e-mail address or phone number.

    Raises:
        NotAuthorizedException, UserNotFoundException: as `access.authorized` says.
        InvalidParameterException: another attribute, or one without a value.
        LimitExceededException: too often in this hour.

    Source: Cognito API reference, GetUserAttributeVerificationCode.
    """
    bearer = await authorized(call, request.access_token)
    delivery = await verification.send_code(call, bearer.pool, bearer.user, request.attribute_name)
    return GetUserAttributeVerificationCodeResponse(
        code_delivery_details=delivery_details(delivery)
    )


async def verify_user_attribute(
    call: Call, request: VerifyUserAttributeRequest
) -> VerifyUserAttributeResponse:
    """
    Verify the caller's e-mail address or phone number by the code that was sent there.

    Raises:
        NotAuthorizedException, UserNotFoundException: as `access.authorized` says.
        InvalidParameterException: another attribute.
        CodeMismatchException, ExpiredCodeException: a wrong code, or none that is good.
        AliasExistsException: the value has become somebody else's user name.
        LimitExceededException: too often in this hour.

    Source: Cognito API reference, VerifyUserAttribute.
    """
    bearer = await authorized(call, request.access_token)
    await verification.verify(
        call, bearer.pool, bearer.user, attribute=request.attribute_name, code=request.code
    )
    return VerifyUserAttributeResponse()


OPERATIONS: Operations = {
    "GetUserAttributeVerificationCode": get_user_attribute_verification_code,
    "VerifyUserAttribute": verify_user_attribute,
}
