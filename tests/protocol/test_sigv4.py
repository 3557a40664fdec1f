"""Signature Version 4: AWS's published vectors, botocore's signers, and every way to be refused."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, urlsplit

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from cognate.protocol import sigv4
from cognate.protocol.sigv4 import (
    Credentials,
    IncompleteSignature,
    MissingSignature,
    PayloadMismatch,
    Scope,
    SignatureError,
    SignatureExpired,
    SignatureMismatch,
    SignatureNotYetCurrent,
    SignedRequest,
    parse_authorization,
    sign,
    verify,
)

# --- AWS's own vectors ---------------------------------------------------------------------------

SUITE = Credentials(access_key_id="AKIDEXAMPLE", secret="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SUITE_TIME = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
HOST = ("Host", "example.amazonaws.com")
UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FORM = ("Content-Type", "application/x-www-form-urlencoded")


def get(path: str = "/", query: str = "", *headers: tuple[str, str]) -> SignedRequest:
    return SignedRequest(method="GET", path=path, query=query, headers=(HOST, *headers), body=b"")


def post(body: bytes = b"", *headers: tuple[str, str]) -> SignedRequest:
    return replace(get("/", "", *headers), method="POST", body=body)


# The Signature Version 4 test suite that AWS publishes, by its names.
SUITE_VECTORS = {
    "get-vanilla": (
        get(),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    "get-vanilla-query-order-key-case": (
        get("/", "Param2=value2&Param1=value1"),
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "get-unreserved": (
        get(f"/{UNRESERVED}"),
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ),
    "get-utf8": (
        get("/\u1234"),
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    ),
    "get-header-key-duplicate": (
        get("/", "", ("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")),
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    "get-header-value-trim": (
        get("/", "", ("My-Header1", " value1"), ("My-Header2", ' "a   b   c"')),
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    "normalize-path/get-relative": (
        get("/example/.."),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    "normalize-path/get-slashes": (
        get("//example//"),
        "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
    ),
    "post-vanilla": (
        post(),
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    "post-x-www-form-urlencoded": (
        post(b"Param1=value1", FORM),
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
}


@pytest.mark.parametrize("name", SUITE_VECTORS)
def test_the_signatures_of_aws_s_test_suite_come_out(name):
    request, signature = SUITE_VECTORS[name]

    signed = sign(request, SUITE, SUITE_TIME, region="us-east-1", service="service")

    assert parse_authorization(signed).signature == signature
    verify(signed, SUITE.secret, SUITE_TIME, region="us-east-1", service="service")


def test_the_worked_example_of_the_iam_guide_comes_out():
    request = SignedRequest(
        method="GET",
        path="/",
        query="Action=ListUsers&Version=2010-05-08",
        headers=(
            ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("Host", "iam.amazonaws.com"),
        ),
        body=b"",
    )

    signed = sign(request, SUITE, SUITE_TIME, region="us-east-1", service="iam")

    assert sigv4.signing_key(SUITE.secret, Scope("20150830", "us-east-1", "iam")).hex() == (
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    )
    assert signed.header("authorization") == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request,"
        " SignedHeaders=content-type;host;x-amz-date,"
        " Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


S3_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
S3_TIME = datetime(2013, 5, 24, tzinfo=UTC)
S3_HOST = ("Host", "examplebucket.s3.amazonaws.com")


def test_the_s3_reference_s_range_request_is_accepted():
    request = SignedRequest(
        method="GET",
        path="/test.txt",
        query="",
        headers=(
            S3_HOST,
            ("Range", "bytes=0-9"),
            ("x-amz-content-sha256", sha256(b"").hexdigest()),
            ("x-amz-date", "20130524T000000Z"),
            (
                "Authorization",
                "AWS4-HMAC-SHA256 "
                "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
        ),
        body=b"",
    )

    verify(request, S3_SECRET, S3_TIME, region="us-east-1", service="s3", s3=True)


def test_the_s3_reference_s_presigned_request_is_accepted_for_its_day():
    request = SignedRequest(
        method="GET",
        path="/test.txt",
        query=(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        ),
        headers=(S3_HOST,),
        body=b"",
    )

    verify(request, S3_SECRET, S3_TIME + timedelta(days=1), s3=True)
    with pytest.raises(SignatureExpired, match=r"^Request has expired$"):
        verify(request, S3_SECRET, S3_TIME + timedelta(days=1, seconds=1), s3=True)


# --- botocore's signers --------------------------------------------------------------------------

SECRET = "9drTJvcXLB89EXAMPLELB8923FB892xMFI"
TOKEN = "AQoXdzELDDY//////////wEaoAK1wvxJY12r2IrDFT2IvAzTCn3zHoZ7YNtpiQLF0MqZye/qwjzP2iEXAMPLEbw=="


def on_the_wire(request: AWSRequest, body: bytes) -> SignedRequest:
    """What a server sees of a request that botocore prepared."""
    prepared = request.prepare()
    url = urlsplit(prepared.url)
    headers = tuple(
        (name, value.decode() if isinstance(value, bytes) else value)
        for name, value in prepared.headers.items()
    )
    if not any(name.lower() == "host" for name, _ in headers):
        headers = (("Host", url.netloc), *headers)
    return SignedRequest(
        method=request.method, path=url.path, query=url.query, headers=headers, body=body
    )


def signed_by_botocore(  # builders state what matters to the story
    signer: str = "SigV4Auth",
    url: str = "https://cognito-idp.eu-west-1.amazonaws.com/",
    method: str = "POST",
    body: bytes = b'{"UserPoolId":"eu-west-1_EXAMPLE12"}',
    headers: dict[str, str] | None = None,
    token: str | None = TOKEN,
    service: str = "cognito-idp",
) -> SignedRequest:
    request = AWSRequest(method=method, url=url, data=body, headers=headers or {})
    credentials = BotocoreCredentials("ASIAIOSFODNN7EXAMPLE", SECRET, token)
    getattr(auth, signer)(credentials, service, "eu-west-1").add_auth(request)
    return on_the_wire(request, body)


def signed_at(request: SignedRequest) -> datetime:
    return parse_authorization(request).signed_at


def judge(request: SignedRequest, *, late: timedelta = timedelta(0), s3: bool = False) -> None:
    verify(request, SECRET, signed_at(request) + late, s3=s3)


TARGET = {
    "X-Amz-Target": "AWSCognitoIdentityProviderService.DescribeUserPool",
    "Content-Type": "application/x-amz-json-1.1",
}


def a_call() -> SignedRequest:
    return signed_by_botocore(headers=TARGET)


def test_a_call_signed_by_botocore_says_who_signed_it_and_is_accepted():
    request = a_call()

    authorization = parse_authorization(request)

    assert authorization.access_key_id == "ASIAIOSFODNN7EXAMPLE"
    assert (authorization.scope.region, authorization.scope.service) == ("eu-west-1", "cognito-idp")
    assert authorization.session_token == TOKEN
    assert authorization.expires is None
    assert {"host", "x-amz-date", "x-amz-security-token"} <= set(authorization.signed_headers)
    assert SECRET not in repr(authorization)
    assert TOKEN not in repr(authorization)
    verify(request, SECRET, signed_at(request), region="eu-west-1", service="cognito-idp")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/a/b",
        "/a//b/",
        "/./a/../b",
        "/%C3%A9",
        "/a%2Fb",
        "/a%20b",
        "/a+b",
        "/a(b)!*'$&=,;:@",
        "/..",
        "/../..",
        "/a%2fb",
        "/-_.~",
    ],
)
def test_a_path_is_read_as_botocore_signs_it(method, path):
    judge(signed_by_botocore(url=f"https://x.example{path}", method=method))


@pytest.mark.parametrize(
    "path", ["/", "/a/b", "/a//b/", "/./a/../b", "/%C3%A9", "/a%2Fb", "/a%20b"]
)
@pytest.mark.parametrize("signer", ["S3SigV4Auth", "S3SigV4QueryAuth"])
def test_a_path_of_s3_is_read_as_botocore_signs_it(signer, path):
    request = signed_by_botocore(signer, url=f"https://b.s3.example{path}", service="s3")

    judge(request, s3=True)


def test_s3_s_rules_and_the_others_differ_where_the_path_is_encoded():
    plain = signed_by_botocore(url="https://b.s3.example/a%20b", service="s3")
    of_s3 = signed_by_botocore("S3SigV4Auth", url="https://b.s3.example/a%20b", service="s3")

    with pytest.raises(SignatureMismatch):
        judge(plain, s3=True)
    with pytest.raises(SignatureMismatch):
        judge(of_s3)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "a",
        "a=",
        "a=1&a=2",
        "b=1&a=2",
        "a=2&a=1",
        "A=1&a=1",
        "a=%20b",
        "a=%C3%A9&%C3%A9=b",
        "a=b%3Dc",
        "a=%2B",
        "a=~-_.",
        "a-=1&a=1&a.=1",
        "&a=1&&b=2&",
    ],
)
@pytest.mark.parametrize("signer", ["SigV4Auth", "SigV4QueryAuth"])
def test_a_query_is_read_as_botocore_signs_it(signer, query):
    request = signed_by_botocore(signer, url=f"https://x.example/p?{query}", method="GET", body=b"")

    judge(request)


@pytest.mark.parametrize(
    "signer", ["SigV4Auth", "SigV4QueryAuth", "S3SigV4Auth", "S3SigV4QueryAuth"]
)
@pytest.mark.parametrize("token", [None, TOKEN])
def test_both_forms_are_accepted_with_and_without_a_session_token(signer, token):
    request = signed_by_botocore(signer, token=token, method="GET", body=b"")

    judge(request, s3=signer.startswith("S3"))

    assert parse_authorization(request).session_token == token


@settings(max_examples=60, deadline=None)
@given(
    segments=st.lists(st.text(min_size=1, max_size=8), max_size=4),
    query=st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=8)), max_size=4),
    value=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20),
    body=st.binary(max_size=64),
)
def test_any_request_of_botocore_is_accepted(segments, query, value, body):
    def spelled(text: str) -> str:
        return quote(text, safe="", errors="replace")

    path = "/".join(spelled(s) for s in segments)
    pairs = "&".join(f"{spelled(k)}={spelled(v)}" for k, v in query)

    judge(
        signed_by_botocore(
            url=f"https://x.example/{path}{'?' if pairs else ''}{pairs}",
            body=body,
            headers={"X-Amz-Thing": value},
        )
    )


def test_our_own_signature_is_botocore_s():
    theirs = a_call()
    bare = tuple(
        (name, value)
        for name, value in theirs.headers
        if name.lower() in {"host", "content-type", "x-amz-target", "content-length"}
        and name.lower() in parse_authorization(theirs).signed_headers
    )
    credentials = Credentials(
        access_key_id="ASIAIOSFODNN7EXAMPLE", secret=SECRET, session_token=TOKEN
    )

    ours = sign(
        replace(theirs, headers=bare),
        credentials,
        signed_at(theirs),
        region="eu-west-1",
        service="cognito-idp",
    )

    assert parse_authorization(ours) == parse_authorization(theirs)
    judge(ours)


def test_a_request_without_a_host_is_not_signed():
    with pytest.raises(ValueError, match="a request without Host cannot be signed"):
        sign(replace(get(), headers=()), SUITE, SUITE_TIME, region="r", service="s")


# --- tampering -----------------------------------------------------------------------------------


def with_header(request: SignedRequest, name: str, value: str | None) -> SignedRequest:
    """The request with this header set to another value, or without it."""
    headers = tuple((k, v) for k, v in request.headers if k.lower() != name.lower())
    if value is not None:
        headers = (*headers, (name, value))
    return replace(request, headers=headers)


def authorization_of(request: SignedRequest) -> str:
    value = request.header("authorization")
    assert value is not None
    return value


def with_authorization(request: SignedRequest, old: str, new: str) -> SignedRequest:
    value = authorization_of(request)
    assert old in value
    return with_header(request, "Authorization", value.replace(old, new))


MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS"
    " Secret Access Key and signing method. Consult the service documentation for details."
)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda r: replace(r, method="PUT"),
        lambda r: replace(r, path="/other"),
        lambda r: replace(r, path="/%2F"),
        lambda r: replace(r, query="a=1"),
        lambda r: replace(r, body=r.body + b" "),
        lambda r: replace(r, body=b""),
        lambda r: with_header(r, "Host", "cognito-idp.us-east-1.amazonaws.com"),
        lambda r: with_header(
            r, "X-Amz-Target", "AWSCognitoIdentityProviderService.DeleteUserPool"
        ),
        lambda r: with_header(r, "Content-Type", "text/plain"),
        lambda r: with_header(r, "X-Amz-Security-Token", "x" + TOKEN),
        lambda r: replace(r, headers=(*r.headers, ("X-Amz-Target", "Service.Other"))),
        lambda r: with_authorization(r, "/eu-west-1/", "/us-east-1/"),
        lambda r: with_authorization(r, "/cognito-idp/", "/sts/"),
        lambda r: with_authorization(r, "content-type;", ""),
        lambda r: (
            with_authorization(r, "x-amz-security-token;", "")
            if "x-amz-security-token;" in authorization_of(r)
            else with_authorization(r, ";x-amz-security-token", "")
        ),
        lambda r: with_authorization(r, "Signature=", "Signature=0"),
        lambda r: with_header(r, "Authorization", authorization_of(r)[:-1]),
        lambda r: with_header(r, "Authorization", authorization_of(r)[:-64] + "é" * 64),
        lambda r: with_header(r, "Authorization", authorization_of(r)[:-64] + "\udc80" * 64),
    ],
)
def test_any_changed_part_breaks_the_signature(tamper):
    with pytest.raises(SignatureMismatch) as refusal:
        judge(tamper(a_call()))

    assert str(refusal.value) == MISMATCH


def test_every_changed_digit_of_the_signature_breaks_it():
    request = a_call()
    value = authorization_of(request)

    for at in range(len(value) - 64, len(value)):
        digit = "0" if value[at] != "0" else "1"
        with pytest.raises(SignatureMismatch):
            judge(with_header(request, "Authorization", value[:at] + digit + value[at + 1 :]))


def test_another_secret_does_not_match():
    request = a_call()

    with pytest.raises(SignatureMismatch):
        verify(request, SECRET + "x", signed_at(request))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Amz-Credential", "ASIAOTHER%2F{date}%2Feu-west-1%2Fcognito-idp%2Faws4_request"),
        ("X-Amz-Expires", "3601"),
        ("X-Amz-Security-Token", "other"),
        ("X-Amz-SignedHeaders", "host%3Baccept"),
        ("X-Amz-Signature", "0" * 64),
        ("Action", "Other"),
    ],
)
def test_any_changed_part_of_a_presigned_request_breaks_the_signature(name, value):
    request = signed_by_botocore(
        "SigV4QueryAuth", url="https://x.example/?Action=One", method="GET", body=b""
    )
    request = with_header(request, "Accept", "*/*")
    date = parse_authorization(request).scope.date
    pairs = [pair.partition("=") for pair in request.query.split("&")]
    assert any(key == name for key, _, _ in pairs)

    changed = replace(
        request,
        query="&".join(
            f"{key}={value.format(date=date) if key == name else old}" for key, _, old in pairs
        ),
    )

    judge(request)
    with pytest.raises(SignatureMismatch):
        judge(changed)
    with pytest.raises(SignatureMismatch):
        judge(replace(request, body=b"a body nobody signed"))
    with pytest.raises(SignatureMismatch):
        judge(replace(request, method="POST"))


# --- what must be signed -------------------------------------------------------------------------


def test_the_host_must_be_signed():
    text = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."

    with pytest.raises(IncompleteSignature, match=f"^{text}$"):
        judge(with_authorization(a_call(), "host;", ""))


def test_a_header_that_steers_the_service_must_be_signed():
    unsigned = with_header(signed_by_botocore(), "X-Amz-Target", "Service.DeleteUserPool")

    with pytest.raises(IncompleteSignature) as refusal:
        judge(unsigned)

    assert str(refusal.value) == (
        "There were headers present in the request which were not signed: x-amz-target"
    )


def test_a_signed_header_must_be_there():
    with pytest.raises(IncompleteSignature, match=r"not in the request: content-type$"):
        judge(with_header(a_call(), "Content-Type", None))


def test_headers_a_proxy_adds_do_no_harm():
    request = with_header(a_call(), "X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793")

    judge(with_header(request, "X-Forwarded-For", "203.0.113.7"))


# --- time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [timedelta(minutes=-5), timedelta(0), timedelta(minutes=5)])
def test_a_signature_is_good_for_five_minutes_either_way(late):
    judge(a_call(), late=late)


def test_an_old_signature_has_expired():
    signed = sign(post(), SUITE, datetime(2023, 1, 1, tzinfo=UTC), region="r", service="s")

    with pytest.raises(SignatureExpired) as refusal:
        verify(signed, SUITE.secret, datetime(2023, 1, 1, 0, 15, tzinfo=UTC))

    assert str(refusal.value) == (
        "Signature expired: 20230101T000000Z is now earlier than 20230101T001000Z"
        " (20230101T001500Z - 5 min.)"
    )


def test_a_signature_of_the_future_is_not_yet_current():
    signed = sign(post(), SUITE, datetime(2023, 1, 1, 0, 15, tzinfo=UTC), region="r", service="s")

    with pytest.raises(SignatureNotYetCurrent) as refusal:
        verify(signed, SUITE.secret, datetime(2023, 1, 1, tzinfo=UTC))

    assert str(refusal.value) == (
        "Signature not yet current: 20230101T001500Z is still later than 20230101T000500Z"
        " (20230101T000000Z + 5 min.)"
    )


def test_a_date_that_was_moved_breaks_the_signature():
    request = a_call()
    moved = (signed_at(request) + timedelta(seconds=1)).strftime(sigv4.TIME_FORMAT)

    with pytest.raises(SignatureMismatch):
        verify(with_header(request, "X-Amz-Date", moved), SECRET, signed_at(request))


def test_the_day_of_the_scope_is_the_day_of_the_date():
    request = a_call()
    day = parse_authorization(request).scope.date

    with pytest.raises(SignatureMismatch) as refusal:
        judge(with_authorization(request, f"/{day}/", "/20000101/"))

    stamp = signed_at(request).strftime(sigv4.TIME_FORMAT)
    assert str(refusal.value) == (
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
        f" '20000101' != '{day}', from '{stamp}'."
    )


def test_a_date_header_serves_where_there_is_no_x_amz_date():
    signed = sign(post(), SUITE, SUITE_TIME, region="r", service="s")
    dated = with_header(signed, "X-Amz-Date", None)
    dated = with_authorization(dated, "SignedHeaders=host;x-amz-date", "SignedHeaders=host")

    for value in ["20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT"]:
        assert parse_authorization(with_header(dated, "Date", value)).signed_at == SUITE_TIME


@pytest.mark.parametrize(
    "date", ["", "x", "20151330T123600Z", "2015-08-30T12:36:00Z", "20150830T123600", "1" * 70_000]
)
def test_a_date_in_another_form_is_refused(date):
    signed = with_header(
        sign(post(), SUITE, SUITE_TIME, region="r", service="s"), "X-Amz-Date", date
    )

    with pytest.raises(IncompleteSignature, match="Date"):
        verify(signed, SUITE.secret, SUITE_TIME)


@pytest.mark.parametrize(
    ("expires", "good"), [(1, True), (604_800, True), (0, False), (604_801, False)]
)
def test_a_presigned_request_lives_at_most_a_week(expires, good):
    credentials = BotocoreCredentials("AKIA", SECRET)
    request = AWSRequest(method="GET", url="https://x.example/")
    auth.SigV4QueryAuth(credentials, "sts", "eu-west-1", expires=expires).add_auth(request)
    seen = on_the_wire(request, b"")

    if not good:
        with pytest.raises(IncompleteSignature) as refusal:
            parse_authorization(seen)
        assert str(refusal.value) == (
            "X-Amz-Expires must be a number of seconds between 1 and 604800."
        )
        return

    lifetime = timedelta(seconds=expires)
    judge(seen, late=lifetime)
    with pytest.raises(SignatureExpired, match=r"^Request has expired$"):
        judge(seen, late=lifetime + timedelta(seconds=1))
    with pytest.raises(SignatureNotYetCurrent):
        judge(seen, late=timedelta(minutes=-5, seconds=-1))


# --- scope ---------------------------------------------------------------------------------------


def test_a_signature_for_another_region_or_service_is_refused():
    request = a_call()

    with pytest.raises(SignatureMismatch) as refusal:
        verify(request, SECRET, signed_at(request), region="us-east-1")
    assert str(refusal.value) == "Credential should be scoped to a valid region, not 'eu-west-1'."

    with pytest.raises(SignatureMismatch) as refusal:
        verify(request, SECRET, signed_at(request), service="execute-api")
    assert str(refusal.value) == "Credential should be scoped to correct service: 'execute-api'."


# --- payload -------------------------------------------------------------------------------------


def declared(payload_hash: str, body: bytes) -> SignedRequest:
    return sign(
        post(body, ("X-Amz-Content-Sha256", payload_hash)),
        SUITE,
        SUITE_TIME,
        region="r",
        service="s3",
        s3=True,
    )


def test_a_declared_payload_is_held_against_the_body():
    request = declared(sha256(b"body").hexdigest(), b"body")

    verify(request, SUITE.secret, SUITE_TIME, s3=True)
    with pytest.raises(PayloadMismatch) as refusal:
        verify(replace(request, body=b"other"), SUITE.secret, SUITE_TIME, s3=True)

    assert str(refusal.value) == (
        "The provided 'x-amz-content-sha256' header does not match what was computed."
    )


def test_an_unsigned_payload_may_be_anything_if_the_signer_said_so():
    request = declared("UNSIGNED-PAYLOAD", b"body")

    verify(replace(request, body=b"other"), SUITE.secret, SUITE_TIME, s3=True)


def test_nobody_else_can_say_that_the_payload_is_unsigned():
    request = with_header(
        declared(sha256(b"body").hexdigest(), b"body"), "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"
    )

    with pytest.raises(SignatureMismatch):
        verify(replace(request, body=b"other"), SUITE.secret, SUITE_TIME, s3=True)


@pytest.mark.parametrize(
    "payload_hash",
    ["", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "e3b0", "E3B0" * 16, "unsigned-payload"],
)
def test_other_declarations_of_the_payload_are_refused(payload_hash):
    request = with_header(declared("UNSIGNED-PAYLOAD", b""), "X-Amz-Content-Sha256", payload_hash)

    with pytest.raises(IncompleteSignature, match="must be UNSIGNED-PAYLOAD or a valid sha256"):
        verify(request, SUITE.secret, SUITE_TIME, s3=True)


# --- malformed -----------------------------------------------------------------------------------

CREDENTIAL = "Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request"
COMPLETE = f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature=00"
DATE = ("X-Amz-Date", "20150830T123600Z")


def hashed(text: str) -> str:
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return f"(hashed with SHA-256 and encoded with Base64): '{digest}'."


def test_an_unsigned_request_is_told_so():
    with pytest.raises(MissingSignature, match=r"^Missing Authentication Token$"):
        parse_authorization(get())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            COMPLETE.replace(CREDENTIAL + ",", ""),
            "Authorization header requires 'Credential' parameter.",
        ),
        (
            COMPLETE.replace(" Signature=00", ""),
            "Authorization header requires 'Signature' parameter.",
        ),
        (
            COMPLETE.replace("SignedHeaders=host;x-amz-date,", ""),
            "Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256",
            "Authorization header requires 'Credential' parameter."
            " Authorization header requires 'Signature' parameter."
            " Authorization header requires 'SignedHeaders' parameter.",
        ),
        ("Basic dXNlcjpwYXNz=", "Unsupported AWS 'algorithm'."),
        (COMPLETE.replace("HMAC-SHA256", "ECDSA-P256-SHA256"), "Unsupported AWS 'algorithm'."),
        (
            "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
            "Authorization is not a valid key=value pair (missing equal-sign)"
            " in Authorization header",
        ),
        (
            COMPLETE + ", x",
            "Authorization is not a valid key=value pair (missing equal-sign)"
            " in Authorization header",
        ),
    ],
)
def test_a_malformed_header_is_named_but_not_repeated(value, text):
    with pytest.raises(IncompleteSignature) as refusal:
        parse_authorization(get("/", "", DATE, ("Authorization", value)))

    assert str(refusal.value) == f"{text} {hashed(value)}"


def test_a_header_without_any_date_is_refused():
    with pytest.raises(IncompleteSignature) as refusal:
        parse_authorization(get("/", "", ("Authorization", COMPLETE)))

    assert str(refusal.value) == (
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        f" {hashed(COMPLETE)}"
    )


@pytest.mark.parametrize(
    ("credential", "error", "text"),
    [
        ("AKID", IncompleteSignature, "Credential must have exactly 5 slash-delimited elements"),
        ("A//r/s/aws4_request", IncompleteSignature, "got 'A//r/s/aws4_request'"),
        ("A/B/20150830/r/s/aws4_request", IncompleteSignature, "exactly 5 slash-delimited"),
        (
            "AKID/20150830/r/s/aws5_request",
            SignatureMismatch,
            "Credential should be scoped with a valid terminator: 'aws4_request',"
            " not 'aws5_request'.",
        ),
    ],
)
def test_a_malformed_credential_is_refused(credential, error, text):
    value = COMPLETE.replace(CREDENTIAL, f"Credential={credential}")

    with pytest.raises(error) as refusal:
        parse_authorization(get("/", "", DATE, ("Authorization", value)))

    assert text in str(refusal.value)


@pytest.mark.parametrize("names", ["Host;x-amz-date", "host;host", "host;;x-amz-date", ";host"])
def test_malformed_signed_headers_are_refused(names):
    value = COMPLETE.replace("host;x-amz-date", names)

    with pytest.raises(IncompleteSignature, match="SignedHeaders are lower-case header names"):
        parse_authorization(get("/", "", DATE, ("Authorization", value)))


def test_a_part_or_header_given_twice_is_refused():
    twice = COMPLETE + ", Signature=11"
    with pytest.raises(IncompleteSignature, match="two 'Signature' parameters"):
        parse_authorization(get("/", "", DATE, ("Authorization", twice)))

    two_headers = get("/", "", DATE, ("Authorization", COMPLETE), ("authorization", COMPLETE))
    with pytest.raises(IncompleteSignature, match="one Authorization header"):
        parse_authorization(two_headers)

    both = get("/", "X-Amz-Signature=0", DATE, ("Authorization", COMPLETE))
    with pytest.raises(IncompleteSignature, match="Only one auth mechanism allowed"):
        parse_authorization(both)


@pytest.mark.parametrize(
    "name",
    [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
    ],
)
def test_every_part_of_a_presigned_query_must_be_there_once(name):
    request = signed_by_botocore("SigV4QueryAuth", method="GET", body=b"")
    kept = [pair for pair in request.query.split("&") if not pair.startswith(f"{name}=")]

    for query in [kept, [*kept, f"{name}="], [*request.query.split("&"), f"{name}=x"]]:
        with pytest.raises(IncompleteSignature) as refusal:
            parse_authorization(replace(request, query="&".join(query)))
        assert str(refusal.value) == (
            f"AWS query-string parameters must include one '{name}'."
            " Re-examine the query-string parameters."
        )


def test_a_presigned_query_knows_one_algorithm():
    request = signed_by_botocore("SigV4QueryAuth", method="GET", body=b"")

    with pytest.raises(IncompleteSignature, match="only supports 'AWS4-HMAC-SHA256'"):
        parse_authorization(replace(request, query=request.query.replace("SHA256", "SHA1")))


def test_a_header_of_unreasonable_length_is_refused_at_once():
    value = "AWS4-HMAC-SHA256 " + "a=b," * 16_384

    with pytest.raises(IncompleteSignature, match=r"^The Authorization header is too long.$"):
        parse_authorization(get("/", "", DATE, ("Authorization", value)))


@settings(max_examples=200, deadline=None)
@given(
    value=st.text("AWS4-HMACSHA256 Credential=/,;Signature\udc80é\n", max_size=80),
    path=st.text("/.%2a\udcffé", max_size=12),
    query=st.text("X-Amz-Signature=&%/+\udcff", max_size=40),
)
def test_no_request_is_more_than_refused(value, path, query):
    headers = (HOST, DATE, ("Authorization", value), ("Authorization-Of", COMPLETE))
    request = SignedRequest(method="GET", path=path, query=query, headers=headers, body=b"")

    with pytest.raises(SignatureError):
        verify(request, SECRET, SUITE_TIME)
    complete = with_header(request, "Authorization", COMPLETE)
    with pytest.raises(SignatureError):
        verify(complete, SECRET, SUITE_TIME)
