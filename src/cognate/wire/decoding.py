"""
From the bytes of a request to its struct, and from a struct to the bytes of an answer.

Decoding is validation: msgspec checks types and constraints while it reads. Only where it refuses
is the body read again, against the same constraints kept as data, to list every violation in
AWS's words; msgspec stops at the first and words it its own way.
"""

from functools import cache
from typing import Any

import msgspec

from cognate.wire.service import OperationModel, Service, Shape

SERIALIZATION = "SerializationException"

# Texts for bodies that hold no request at all. AWS documents none (inferred).
NOT_JSON = "The request body could not be parsed as JSON."
NOT_AN_OBJECT = "The request body is not a JSON object."
TOO_DEEP = "The request body is nested too deeply."


class InvalidRequest(Exception):
    """
    A body that does not fit its operation's shape. `error_name` and `message` are for the caller.

    The message may quote values of the request and so hold any character, line breaks included.
    """

    def __init__(self, error_name: str, message: str) -> None:
        super().__init__(error_name, message)
        self.error_name = error_name
        self.message = message


def decode_request(service: Service, operation: OperationModel, body: bytes) -> Shape | None:
    """
    The request's struct, every constraint of the model checked; None where it has no shape.

    An empty body stands for `{}`, JSON null for an absent member; members the model does not know
    are skipped.

    Raises:
        InvalidRequest: SerializationException for what is not JSON or has the wrong JSON types,
            otherwise the service's validation error with all violations.

    Source: Cognito API reference, Common Errors; texts as observed (spec, user pools A.1, A.3).
    """
    if operation.request is None:
        return None
    body = body or b"{}"
    try:
        body.decode()  # msgspec does not look into the strings of members it skips
        request: Shape = _decoder(operation.request).decode(body)
    except RecursionError:
        raise InvalidRequest(SERIALIZATION, TOO_DEEP) from None
    except UnicodeDecodeError:
        raise InvalidRequest(SERIALIZATION, NOT_JSON) from None
    except msgspec.DecodeError:
        pass  # said properly below
    else:
        return request

    # Imported when first needed: most requests are valid.
    from cognate.wire.violations import explain

    return explain(service, operation, operation.request, body)


def encode_response(response: Shape | None) -> bytes:
    """The JSON body of an answer; empty for an operation without an output shape."""
    return b"" if response is None else msgspec.json.encode(response)


@cache
def _decoder(request: type[Shape]) -> msgspec.json.Decoder[Any]:
    """Built at the operation's first call: it compiles the shape's patterns."""
    return msgspec.json.Decoder(request)
