"""
AWS Signature Version 4: judging signed requests, in headers or in the query, and signing our own.

A request is what stood on the wire: the path and query still percent-encoded, every header line.
`parse_authorization` says who signed, the caller finds that key's secret, `verify` judges. The
texts of the errors are those AWS answers with, since SDKs and people look for them.

Source: IAM user guide, "Create a signed AWS API request" and "Authenticating requests"; S3's
departures from it in the S3 API reference, "Signature calculations".
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import quote, unquote_to_bytes

ALGORITHM: Final = "AWS4-HMAC-SHA256"
TERMINATOR: Final = "aws4_request"
UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"
SKEW: Final = timedelta(minutes=5)
MAX_EXPIRES: Final = 604_800  # seconds, a week
MAX_AUTHORIZATION: Final = 16_384  # characters of the header or query that are looked at

TIME_FORMAT: Final = "%Y%m%dT%H%M%SZ"
_TIME: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_SECONDS: Final = re.compile(r"[0-9]{1,7}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PERCENT_ENCODED: Final = re.compile(r"%[0-9a-fA-F]{2}")

# These need not be in SignedHeaders: the string to sign or the key's secret covers them anyway.
_COVERED_OTHERWISE: Final = frozenset(
    {"x-amz-date", "x-amz-content-sha256", "x-amz-security-token"}
)


class SignatureError(Exception):
    """The request is not signed as it should be. The text may be told to the caller."""


class MissingSignature(SignatureError):
    """The request does not try to be signed."""

    def __init__(self) -> None:
        super().__init__("Missing Authentication Token")


class IncompleteSignature(SignatureError):
    """A part of the signature is missing or malformed, or covers too little."""


class SignatureMismatch(SignatureError):
    """The signature is not the one this secret gives, or is for another day, region or service."""


class SignatureExpired(SignatureError):
    """The request was signed too long ago, or its X-Amz-Expires has passed."""


class SignatureNotYetCurrent(SignatureError):
    """The request was signed in the future."""


class PayloadMismatch(SignatureError):
    """The body is not the one whose hash was signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """
    A request as received.

    `path` and `query` are still percent-encoded, `query` without its `?`; `headers` has every
    line in its order, names in any case. Bytes became text as UTF-8 with `surrogateescape`.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """The value of a header by its lower-case name; the first one where there are several."""
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signing key is good for: one day (`YYYYMMDD`), one region, one service."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """
    What a request says about its signature; nothing of it is proven yet.

    `expires` is the lifetime of a presigned request, None for one signed in its headers.
    """

    access_key_id: str
    scope: Scope
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    signed_at: datetime
    session_token: str | None = field(repr=False)
    expires: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An access key to sign with."""

    access_key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


def signing_key(secret: str, scope: Scope) -> bytes:
    """The 32-byte key derived from a secret access key for one day, region and service."""
    key = _bytes(f"AWS4{secret}")
    for part in (scope.date, scope.region, scope.service, TERMINATOR):
        key = hmac.digest(key, _bytes(part), "sha256")
    return key


def parse_authorization(request: SignedRequest) -> Authorization:
    """
    Read who signed the request and how, from the Authorization header or the query.

    Raises:
        MissingSignature: neither is there.
        IncompleteSignature: a part is missing or malformed, or both are there.
    """
    header = request.header("authorization")
    in_query = _query_parameters(request.query)
    if "X-Amz-Algorithm" in in_query or "X-Amz-Signature" in in_query:
        if header is not None:
            raise IncompleteSignature("Only one auth mechanism allowed in a request.")
        return _presigned(in_query)
    if header is None:
        raise MissingSignature
    if sum(name.lower() == "authorization" for name, _ in request.headers) > 1:
        raise IncompleteSignature("A request has one Authorization header.")
    return _signed_in_header(request, header)


def verify(
    request: SignedRequest,
    secret: str,
    now: datetime,
    *,
    region: str | None = None,
    service: str | None = None,
    s3: bool = False,
) -> None:
    """
    Return if `secret` signed this request, with this body, at about this time.

    `region` and `service` are what the scope must name, where given. `s3` follows S3's rules: the
    path is neither normalised nor encoded a second time, a presigned body is not covered.

    Raises:
        SignatureError: in one of its kinds.
    """
    authorization = parse_authorization(request)
    _check_scope(authorization, region, service)
    _check_time(authorization, now)
    _check_signed_headers(request, authorization)
    payload_hash = _payload_hash(request, presigned=authorization.expires is not None, s3=s3)
    expected = _signature(
        canonical_request(request, authorization.signed_headers, payload_hash, s3=s3),
        authorization,
        secret,
    )
    if not hmac.compare_digest(expected.encode(), _bytes(authorization.signature)):
        raise SignatureMismatch(
            "The request signature we calculated does not match the signature you provided."
            " Check your AWS Secret Access Key and signing method."
            " Consult the service documentation for details."
        )
    actual = sha256(request.body).hexdigest()
    if payload_hash not in (UNSIGNED_PAYLOAD, actual):
        raise PayloadMismatch(
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        )


def sign(
    request: SignedRequest,
    credentials: Credentials,
    now: datetime,
    *,
    region: str,
    service: str,
    s3: bool = False,
) -> SignedRequest:
    """
    The request with X-Amz-Date, X-Amz-Security-Token and Authorization added; it has a Host.

    Every header it has is signed.

    Raises:
        ValueError: no Host header.
    """
    if request.header("host") is None:
        raise ValueError("a request without Host cannot be signed")
    stamp = now.astimezone(UTC).strftime(TIME_FORMAT)
    added = [("X-Amz-Date", stamp)]
    if credentials.session_token is not None:
        added.append(("X-Amz-Security-Token", credentials.session_token))
    request = replace(request, headers=(*request.headers, *added))
    authorization = Authorization(
        access_key_id=credentials.access_key_id,
        scope=Scope(stamp[:8], region, service),
        signed_headers=tuple(sorted({name.lower() for name, _ in request.headers})),
        signature="",
        signed_at=now.astimezone(UTC),
        session_token=credentials.session_token,
        expires=None,
    )
    payload_hash = _payload_hash(request, presigned=False, s3=s3)
    signature = _signature(
        canonical_request(request, authorization.signed_headers, payload_hash, s3=s3),
        authorization,
        credentials.secret,
    )
    value = (
        f"{ALGORITHM} Credential={credentials.access_key_id}/{authorization.scope}, "
        f"SignedHeaders={';'.join(authorization.signed_headers)}, Signature={signature}"
    )
    return replace(request, headers=(*request.headers, ("Authorization", value)))


def canonical_request(
    request: SignedRequest, signed_headers: tuple[str, ...], payload_hash: str, *, s3: bool = False
) -> str:
    """The six parts that are hashed into the string to sign, joined by line ends."""
    values: dict[str, list[str]] = {}
    for name, value in request.headers:
        values.setdefault(name.lower(), []).append(" ".join(value.split()))
    lines = [f"{name}:{','.join(values.get(name, []))}\n" for name in signed_headers]
    return "\n".join(
        (
            request.method,
            canonical_path(request.path, s3=s3),
            canonical_query(request.query),
            "".join(lines),
            ";".join(signed_headers),
            payload_hash,
        )
    )


def canonical_path(path: str, *, s3: bool = False) -> str:
    """
    The path as it is signed.

    Everywhere but in S3 dot segments and doubled slashes are taken out and the percent signs are
    encoded again. In S3 the path stays, apart from characters a client left unencoded.
    """
    if s3:
        return _encoded_once(path) or "/"
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    slash = "/" if kept and path.endswith("/") else ""
    return _encoded_path(f"/{'/'.join(kept)}{slash}")


def canonical_query(query: str) -> str:
    """The parameters encoded alike and sorted by name, then value, without X-Amz-Signature."""
    pairs = [
        (_encoded(name), _encoded(value))
        for name, value in _query_pairs(query)
        if name != b"X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _signed_in_header(request: SignedRequest, header: str) -> Authorization:
    parts = _authorization_parts(header)
    missing = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(name)
    ]
    stamp = request.header("x-amz-date") or request.header("date")
    if stamp is None:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if missing or stamp is None:
        raise IncompleteSignature(f"{' '.join(missing)} {_hashed(header)}")
    access_key_id, scope = _credential(parts["Credential"])
    return Authorization(
        access_key_id=access_key_id,
        scope=scope,
        signed_headers=_signed_header_names(parts["SignedHeaders"]),
        signature=parts["Signature"],
        signed_at=_time(stamp),
        session_token=request.header("x-amz-security-token"),
        expires=None,
    )


def _authorization_parts(header: str) -> dict[str, str]:
    """The `name=value` parts after the algorithm, which commas or blanks part."""
    if len(header) > MAX_AUTHORIZATION:
        raise IncompleteSignature("The Authorization header is too long.")
    algorithm, _, rest = header.strip().partition(" ")
    parts: dict[str, str] = {}
    for part in rest.replace(",", " ").split():
        name, equals, value = part.partition("=")
        if not equals:
            raise IncompleteSignature(
                "Authorization is not a valid key=value pair (missing equal-sign)"
                f" in Authorization header {_hashed(header)}"
            )
        if name in parts:
            raise IncompleteSignature(f"Authorization header has two '{name}' parameters.")
        parts[name] = value
    if algorithm != ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm'. {_hashed(header)}")
    return parts


def _presigned(parameters: Mapping[str, list[str]]) -> Authorization:
    values: dict[str, str] = {}
    for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"):
        given = parameters.get(f"X-Amz-{name}", [])
        if len(given) != 1 or not given[0]:
            raise IncompleteSignature(
                f"AWS query-string parameters must include one 'X-Amz-{name}'."
                " Re-examine the query-string parameters."
            )
        values[name] = given[0]
    if values["Algorithm"] != ALGORITHM:
        raise IncompleteSignature(f"X-Amz-Algorithm only supports '{ALGORITHM}'.")
    seconds = int(values["Expires"]) if _SECONDS.fullmatch(values["Expires"]) else 0
    if not 1 <= seconds <= MAX_EXPIRES:
        raise IncompleteSignature(
            f"X-Amz-Expires must be a number of seconds between 1 and {MAX_EXPIRES}."
        )
    access_key_id, scope = _credential(values["Credential"])
    return Authorization(
        access_key_id=access_key_id,
        scope=scope,
        signed_headers=_signed_header_names(values["SignedHeaders"]),
        signature=values["Signature"],
        signed_at=_time(values["Date"]),
        session_token=next(iter(parameters.get("X-Amz-Security-Token", [])), None),
        expires=timedelta(seconds=seconds),
    )


def _credential(text: str) -> tuple[str, Scope]:
    parts = text.split("/")
    if len(parts) != 5 or not all(parts):
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements,"
            f" e.g. keyid/date/region/service/term, got '{text}'"
        )
    access_key_id, date, region, service, terminator = parts
    if terminator != TERMINATOR:
        raise SignatureMismatch(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}',"
            f" not '{terminator}'."
        )
    return access_key_id, Scope(date, region, service)


def _signed_header_names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(";"))
    if "" in names or len(set(names)) != len(names) or text != text.lower():
        raise IncompleteSignature("SignedHeaders are lower-case header names, each once.")
    return names


def _time(text: str) -> datetime:
    """X-Amz-Date in ISO 8601's basic form; a Date header may also be an HTTP date."""
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text)
        from email.utils import parsedate_to_datetime  # seldom needed, and slow to import

        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        found = None
    if found is None or found.tzinfo is None:
        raise IncompleteSignature(
            "Date must be in ISO-8601 'basic format'."
            f" Got '{text[:64]}'. See http://en.wikipedia.org/wiki/ISO_8601"
        )
    return found.astimezone(UTC)


def _check_scope(authorization: Authorization, region: str | None, service: str | None) -> None:
    scope, stamp = authorization.scope, authorization.signed_at.strftime(TIME_FORMAT)
    if region is not None and scope.region != region:
        raise SignatureMismatch(
            f"Credential should be scoped to a valid region, not '{scope.region}'."
        )
    if service is not None and scope.service != service:
        raise SignatureMismatch(f"Credential should be scoped to correct service: '{service}'.")
    if scope.date != stamp[:8]:
        raise SignatureMismatch(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from"
            f" HTTP: '{scope.date}' != '{stamp[:8]}', from '{stamp}'."
        )


def _check_time(authorization: Authorization, now: datetime) -> None:
    signed, current = authorization.signed_at, now.astimezone(UTC)
    stamp, moment = signed.strftime(TIME_FORMAT), current.strftime(TIME_FORMAT)
    if signed > current + SKEW:
        limit = (current + SKEW).strftime(TIME_FORMAT)
        raise SignatureNotYetCurrent(
            f"Signature not yet current: {stamp} is still later than {limit} ({moment} + 5 min.)"
        )
    if authorization.expires is not None:
        if current > signed + authorization.expires:
            raise SignatureExpired("Request has expired")
    elif signed < current - SKEW:
        limit = (current - SKEW).strftime(TIME_FORMAT)
        raise SignatureExpired(
            f"Signature expired: {stamp} is now earlier than {limit} ({moment} - 5 min.)"
        )


def _check_signed_headers(request: SignedRequest, authorization: Authorization) -> None:
    """What steers a request must be signed: its host and every X-Amz header."""
    signed = set(authorization.signed_headers)
    present = {name.lower() for name, _ in request.headers}
    if "host" not in signed:
        raise IncompleteSignature(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    if absent := sorted(signed - present):
        raise IncompleteSignature(f"Signed headers are not in the request: {', '.join(absent)}")
    unsigned = sorted(
        name for name in present - signed - _COVERED_OTHERWISE if name.startswith("x-amz-")
    )
    if unsigned:
        raise IncompleteSignature(
            "There were headers present in the request which were not signed:"
            f" {', '.join(unsigned)}"
        )


def _payload_hash(request: SignedRequest, *, presigned: bool, s3: bool) -> str:
    """The last line of the canonical request: what the client declared, or the body's own hash."""
    declared = request.header("x-amz-content-sha256")
    if declared is None and presigned:
        in_query = _query_parameters(request.query).get("X-Amz-Content-Sha256")
        declared = in_query[0] if in_query else UNSIGNED_PAYLOAD if s3 else None
    if declared is None:
        return sha256(request.body).hexdigest()
    if declared != UNSIGNED_PAYLOAD and not _SHA256.fullmatch(declared):
        raise IncompleteSignature(
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value."
        )
    return declared


def _signature(canonical: str, authorization: Authorization, secret: str) -> str:
    string_to_sign = "\n".join(
        (
            ALGORITHM,
            authorization.signed_at.strftime(TIME_FORMAT),
            str(authorization.scope),
            sha256(_bytes(canonical)).hexdigest(),
        )
    )
    key = signing_key(secret, authorization.scope)
    return hmac.digest(key, _bytes(string_to_sign), "sha256").hex()


def _query_pairs(query: str) -> Iterator[tuple[bytes, bytes]]:
    """Name and value of each parameter; what stands between two `&` is one, empty or not."""
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        yield unquote_to_bytes(_bytes(name)), unquote_to_bytes(_bytes(value))


def _query_parameters(query: str) -> dict[str, list[str]]:
    parameters: dict[str, list[str]] = {}
    for name, value in _query_pairs(query):
        parameters.setdefault(name.decode(errors="replace"), []).append(
            value.decode(errors="replace")
        )
    return parameters


def _encoded(raw: bytes) -> str:
    return quote(raw, safe="-_.~")


def _encoded_path(path: str) -> str:
    return quote(_bytes(path), safe="/-_.~")


def _encoded_once(path: str) -> str:
    """Percent-encode what is not yet, in capital hex digits, leaving what is."""
    encoded, end = [], 0
    for found in _PERCENT_ENCODED.finditer(path):
        encoded += [_encoded_path(path[end : found.start()]), found[0].upper()]
        end = found.end()
    return "".join(encoded) + _encoded_path(path[end:])


def _hashed(header: str) -> str:
    """An Authorization header as an error may show it: it can hold a bearer token."""
    digest = b64encode(sha256(_bytes(header)).digest()).decode()
    return f"(hashed with SHA-256 and encoded with Base64): '{digest}'."


def _bytes(text: str) -> bytes:
    """The bytes that stood on the wire, UTF-8 or not."""
    return text.encode(errors="surrogateescape")
