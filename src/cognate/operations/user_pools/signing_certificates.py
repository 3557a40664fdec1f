"""The certificate that SAML providers check a pool's requests with."""

from base64 import b64encode

from cognate.operations.operation import Operations
from cognate.ports import Call
from cognate.signin.lookup import existing_pool
from cognate.signin.signing_certificates import certified_key
from cognate.wire.cognito_idp import GetSigningCertificateRequest, GetSigningCertificateResponse


async def get_signing_certificate(
    call: Call, request: GetSigningCertificateRequest
) -> GetSigningCertificateResponse:
    """
    The pool's certificate: Base64 of its DER form in one line, as PEM has it between its marks.

    Raises:
        ResourceNotFoundException: no such pool.

    Source: Cognito API reference, GetSigningCertificate.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    certified = await certified_key(call, pool)
    return GetSigningCertificateResponse(certificate=b64encode(certified.certificate).decode())


OPERATIONS: Operations = {"GetSigningCertificate": get_signing_certificate}
