"""AWS's JSON 1.1 protocol: `POST /` with X-Amz-Target. Source: user-pools.md A."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import msgspec

from cognate import errors
from cognate.errors import (
    AWSError,
    InternalErrorException,
    NotImplemented501,
    RateLimit,
    SerializationException,
    TooManyRequestsException,
    UnknownOperationException,
)
from cognate.operations.table import OPERATIONS
from cognate.ports import Call, Caller, Inquiry
from cognate.web.authentication import Signer
from cognate.web.http import Request, Response
from cognate.web.quotas import RequestQuotas, rate_headers
from cognate.wire.decoding import InvalidRequest, decode_request, encode_response
from cognate.wire.service import OperationModel, Service, Shape

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/x-amz-json-1.1"
# Browsers read these only when they are named (user-pools.md A.5).
EXPOSED_HEADERS = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
PREFLIGHT_MAX_AGE = "172800"  # seconds
# Proxies refuse answers with large headers; the body has the whole text.
HEADER_TEXT_LENGTH = 1000  # characters
NOT_PRINTABLE = re.compile(r"[^ -~]")


class Authentication(Protocol):
    """Who signed a request, and whether they may."""

    async def signer(self, request: Request, service: Service, operation: OperationModel) -> Signer:
        """
        Raises:
            AWSError: missing, malformed or wrong signature.
        """

    async def authorize(
        self,
        signer: Signer,
        request: Request,
        service: Service,
        operation: OperationModel,
        shape: Shape | None,
    ) -> None:
        """
        Raises:
            AccessDeniedException: the signer may not do this to what the request names.
        """


MakeCall: TypeAlias = Callable[[Caller, Inquiry], Call]


class AwsProtocol:
    """
    `make_call` joins a caller and an inquiry with the server's parts; `development` reads names
    that fix ids; `quotas` are None where no rates are simulated.
    """

    def __init__(
        self,
        *,
        authentication: Authentication,
        make_call: MakeCall,
        development: bool,
        quotas: RequestQuotas | None = None,
    ) -> None:
        self._quotas = quotas
        self._development = development
        self._authentication = authentication
        self._make_call = make_call

    async def handle(self, request: Request) -> Response:
        """The answer to one operation's request; never raises."""
        name = "unknown"
        limits: list[RateLimit] = []
        try:
            service, operation = self._target(request)
            name = operation.name
            body = await self._answer(request, service, operation, limits)
        except AWSError as error:
            _log_failure(request, name, error)
            return refusal(request, error, operation=name, limits=limits)
        except Exception:
            log.exception(
                "unexpected failure", extra={"request_id": request.request_id, "operation": name}
            )
            return refusal(request, InternalErrorException(), operation=name, limits=limits)
        headers = {**_headers(request), **rate_headers(limits)}
        return Response(body=body, headers=headers, operation=name)

    def _target(self, request: Request) -> tuple[Service, OperationModel]:
        prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
        service = service_of_target(prefix, development=self._development)
        operation = service.operations.get(name) if service else None
        if service is None or operation is None:
            raise UnknownOperationException
        return service, operation

    async def _answer(
        self,
        request: Request,
        service: Service,
        operation: OperationModel,
        limits: list[RateLimit],
    ) -> bytes:
        """`limits`: is given what counted the request, also where it is refused."""
        quotas = self._quotas if service.name == "cognito-idp" else None
        if quotas is not None:
            limits[:] = await quotas.state(operation.name)
        media_type = request.headers.get("content-type", CONTENT_TYPE).partition(";")[0].strip()
        if "json" not in media_type.lower():
            raise SerializationException(f"Content type {media_type[:100]} is not supported.")
        function = OPERATIONS.get(service.name, {}).get(operation.name)
        if function is None:
            raise NotImplemented501(f"Cognate does not have {operation.name} yet.")
        signer = await self._authentication.signer(request, service, operation)
        try:
            shape = decode_request(service, operation, request.body)
        except InvalidRequest as cause:
            raise error_named(cause.error_name)(cause.message) from cause
        await self._authentication.authorize(signer, request, service, operation, shape)
        inquiry = Inquiry(
            request_id=request.request_id,
            source_ip=request.source_ip,
            user_agent=request.headers.get("user-agent", ""),
            headers=request.headers,
        )
        call = self._make_call(signer.caller, inquiry)
        if quotas is not None:
            limits[:] = await quotas.admit(call, operation.name, shape)
        return encode_response(await function(call, shape))


def service_of_target(prefix: str, *, development: bool) -> Service | None:
    """The service behind an X-Amz-Target prefix; each is imported when first asked for."""
    if prefix == "AWSCognitoIdentityProviderService":
        if development:
            from cognate.wire.custom_ids import SERVICE as WITH_CUSTOM_IDS

            return WITH_CUSTOM_IDS
        from cognate.wire.full_domains import SERVICE

        return SERVICE
    if prefix == "AWSCognitoIdentityService":
        from cognate.wire.cognito_identity import SERVICE as IDENTITY

        return IDENTITY
    if prefix == "Logs_20140328":
        from cognate.wire.logs import SERVICE as LOGS

        return LOGS
    return None


def error_named(name: str) -> type[AWSError]:
    found: type[AWSError] = getattr(errors, name)
    return found


def _log_failure(request: Request, operation: str, error: AWSError) -> None:
    """What is the server's fault, with its cause; every request has a line of its own anyway."""
    if error.status >= 500 and not isinstance(error, NotImplemented501):
        log.warning(
            "failed",
            extra={"request_id": request.request_id, "operation": operation, "error": error.name},
            exc_info=error,
        )


def _headers(request: Request) -> dict[str, str]:
    return {
        "x-amzn-requestid": request.request_id,
        "content-type": CONTENT_TYPE,
        "access-control-allow-origin": "*",
        "access-control-expose-headers": EXPOSED_HEADERS,
    }


def refusal(
    request: Request,
    error: AWSError,
    *,
    operation: str = "unknown",
    limits: Sequence[RateLimit] = (),
) -> Response:
    """
    The one place where an AWS error becomes an answer. `limits`: bounds that counted the request,
    beside those that the error itself tells.
    """
    content: dict[str, str] = {"__type": error.name, "message": error.message}
    if error.reason_code is not None:
        content["reasonCode"] = error.reason_code
    headers = _headers(request)
    headers["x-amzn-errortype"] = f"{error.name}:"
    headers["x-amzn-errormessage"] = _header_text(error.message)
    if isinstance(error, TooManyRequestsException):
        headers["retry-after"] = str(error.retry_after)
        limits = list({limit.name: limit for limit in (*limits, *error.limits)}.values())
    headers.update(rate_headers(limits))
    return Response(
        status=error.status,
        body=msgspec.json.encode(content),
        headers=headers,
        operation=operation,
        error=error.name,
    )


def _header_text(text: str) -> str:
    """One line of printable ASCII: a caller's words may be in `text`."""
    line = text[:HEADER_TEXT_LENGTH].replace("\r", " ").replace("\n", " ")
    return NOT_PRINTABLE.sub("?", line).strip()


def preflight(request: Request) -> Response:
    """What a browser asks before it calls the API from a page."""
    wanted = request.headers.get("access-control-request-headers", "")
    headers: Mapping[str, str] = {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": wanted,
        "access-control-expose-headers": EXPOSED_HEADERS,
        "access-control-max-age": PREFLIGHT_MAX_AGE,
    }
    return Response(headers={name: value for name, value in headers.items() if value})
