"""
PUT of an import job's file to its pre-signed address, as a client sends it to S3; never held whole.

Refusals look like S3's. Source: user-pools.md J.1; S3 API reference, "Error responses".
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping

from cognate.domain.ids import PoolId
from cognate.domain.import_jobs import FILE_BYTES, ImportJob
from cognate.errors import ServiceUnavailableException
from cognate.ports import Call
from cognate.transfer import uploads
from cognate.web.http import Receive, Request, Response

log = logging.getLogger(__name__)


class Refused(Exception):
    """One of S3's error codes, with its text."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(message)


def is_upload(method: str, path: str) -> bool:
    return method == "PUT" and path.startswith(f"{uploads.PATH}/")


async def upload(call: Callable[[], Call], request: Request, receive: Receive) -> Response:
    """
    The answer to a PUT whose body is not read yet.

    Raises:
        ConnectionAbortedError: the sender went away before the end.
    """
    try:
        await _stored(call(), request, receive)
    except Refused as error:
        return _refusal(request, error)
    except ServiceUnavailableException:
        return _refusal(request, Refused(503, "ServiceUnavailable", "Please reduce your rate."))
    return Response(headers={"x-amz-request-id": request.request_id}, operation="upload")


async def _stored(call: Call, request: Request, receive: Receive) -> None:
    job = await _job(call, request)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > FILE_BYTES:
        raise _too_large()
    try:
        await uploads.receive(call.store, call.entropy, job, _chunks(receive), now=call.clock.now())
    except uploads.TooLarge as cause:
        raise _too_large() from cause
    except uploads.NotAwaited as cause:
        raise _not_awaited() from cause


async def _job(call: Call, request: Request) -> ImportJob:
    """The job that the address is of, if it is signed and not too old."""
    names = request.path.removeprefix(f"{uploads.PATH}/").split("/")
    given = request.parameters
    expires, signature = given.get(uploads.EXPIRES, ""), given.get(uploads.SIGNATURE, "")
    pool = await call.store.pools.find(PoolId(names[0]))
    if len(names) != 2 or pool is None:
        raise _wrong_signature()
    job = await call.store.import_jobs.find(pool.pool_id, names[1])
    keys = await call.keys.of_pool(pool)
    if job is None or not uploads.is_signed(keys, job, expires=expires, signature=signature):
        raise _wrong_signature()
    now = call.clock.now()
    if now.timestamp() >= int(expires):
        raise Refused(403, "AccessDenied", "Request has expired")
    if not job.accepts_file(now=now):
        raise _not_awaited()
    return job


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _wrong_signature() -> Refused:
    return Refused(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided."
        " Check your key and signing method.",
    )


def _not_awaited() -> Refused:
    return Refused(403, "AccessDenied", "Access Denied")


def _too_large() -> Refused:
    return Refused(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")


def _refusal(request: Request, error: Refused) -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{error.code}</Code><Message>{error.message}</Message>"
        f"<RequestId>{request.request_id}</RequestId></Error>"
    )
    headers: Mapping[str, str] = {
        "content-type": "application/xml",
        "x-amz-request-id": request.request_id,
        "connection": "close",  # what is not read yet stays unread
    }
    return Response(
        status=error.status,
        body=body.encode(),
        headers=headers,
        operation="upload",
        error=error.code,
    )
