"""AWS's JSON 1.1 protocol: `POST /` with X-Amz-Target. Source: user-pools.md A."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

import msgspec

from cognate import errors
from cognate.errors import (
    AWSError,
    InternalErrorException,
    NotImplemented501,
    SerializationException,
    TooManyRequestsException,
    UnknownOperationException,
)
from cognate.operations.table import OPERATIONS
from cognate.ports import Call, Caller, Inquiry
from cognate.web.http import Request, Response
from cognate.wire.decoding import InvalidRequest, decode_request, encode_response
from cognate.wire.service import OperationModel, Service

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/x-amz-json-1.1"
# Browsers read these only when they are named (user-pools.md A.5).
EXPOSED_HEADERS = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
PREFLIGHT_MAX_AGE = "172800"  # seconds


class Authentication(Protocol):
    """Who signed a request, and whether they may."""

    async def caller(self, request: Request, service: Service, operation: OperationModel) -> Caller:
        """
        Raises:
            AWSError: missing, malformed or wrong signature, or the policy does not allow it.
        """


MakeCall: TypeAlias = Callable[[Caller, Inquiry], Call]


class AwsProtocol:
    """`make_call` joins a caller and an inquiry with the server's parts."""

    def __init__(
        self,
        *,
        services: Callable[[str], Service | None],
        authentication: Authentication,
        make_call: MakeCall,
        observe: Callable[[str, str | None], None],
    ) -> None:
        self._services = services
        self._authentication = authentication
        self._make_call = make_call
        self._observe = observe

    async def handle(self, request: Request) -> Response:
        """The answer to one operation's request; never raises."""
        name = "unknown"
        try:
            service, operation, function = self._target(request)
            name = operation.name
            body = await self._answer(request, service, operation, function)
        except AWSError as error:
            self._observe(name, error.name)
            _log_refusal(request, name, error)
            return refusal(request, error)
        except Exception:
            self._observe(name, "InternalErrorException")
            log.exception("unexpected failure", extra={"request_id": request.request_id})
            return refusal(request, InternalErrorException())
        self._observe(name, None)
        return Response(body=body, headers=_headers(request))

    def _target(
        self, request: Request
    ) -> tuple[Service, OperationModel, Callable[[Call, Any], Awaitable[Any]]]:
        prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
        service = self._services(prefix)
        operation = service.operations.get(name) if service else None
        if service is None or operation is None:
            raise UnknownOperationException
        media_type = request.headers.get("content-type", CONTENT_TYPE).partition(";")[0].strip()
        if "json" not in media_type.lower():
            raise SerializationException(f"Content type {media_type[:100]} is not supported.")
        function = OPERATIONS.get(service.name, {}).get(name)
        if function is None:
            raise NotImplemented501(f"Cognate does not have {name} yet.")
        return service, operation, function

    async def _answer(
        self,
        request: Request,
        service: Service,
        operation: OperationModel,
        function: Callable[[Call, Any], Awaitable[Any]],
    ) -> bytes:
        caller = await self._authentication.caller(request, service, operation)
        try:
            shape = decode_request(service, operation, request.body)
        except InvalidRequest as cause:
            raise error_named(cause.error_name)(cause.message) from cause
        inquiry = Inquiry(
            request_id=request.request_id,
            source_ip=request.source_ip,
            user_agent=request.headers.get("user-agent", ""),
            headers=request.headers,
        )
        return encode_response(await function(self._make_call(caller, inquiry), shape))


def error_named(name: str) -> type[AWSError]:
    found: type[AWSError] = getattr(errors, name)
    return found


def _log_refusal(request: Request, operation: str, error: AWSError) -> None:
    level = logging.WARNING if error.status >= 500 else logging.INFO
    log.log(
        level,
        "refused",
        extra={"request_id": request.request_id, "operation": operation, "error": error.name},
        exc_info=error if error.status >= 500 and error.status != 501 else None,
    )


def _headers(request: Request) -> dict[str, str]:
    return {
        "x-amzn-requestid": request.request_id,
        "content-type": CONTENT_TYPE,
        "access-control-allow-origin": "*",
        "access-control-expose-headers": EXPOSED_HEADERS,
    }


def refusal(request: Request, error: AWSError) -> Response:
    """The one place where an AWS error becomes an answer."""
    content: dict[str, str] = {"__type": error.name, "message": error.message}
    if error.reason_code is not None:
        content["reasonCode"] = error.reason_code
    headers = _headers(request)
    headers["x-amzn-errortype"] = f"{error.name}:"
    message = error.message.replace("\r", " ").replace("\n", " ")
    if message.isascii() and message.isprintable():
        headers["x-amzn-errormessage"] = message
    if isinstance(error, TooManyRequestsException):
        headers["retry-after"] = "1"
    return Response(status=error.status, body=msgspec.json.encode(content), headers=headers)


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
