"""RS256 tokens: read and written like everyone's, and nothing but ours believed (threats S6)."""

import hmac
import json
from base64 import b64decode, urlsafe_b64encode

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from cognate.protocol import base64url, jose
from cognate.protocol.jose import InvalidToken, PrivateKey, PublicKey

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
DER = RSA.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
KEY = PrivateKey.load(jose.key_id(RSA.public_key()), DER)
KEYS = {KEY.kid: KEY.public()}
CLAIMS = {"sub": "2f1c7a6e", "exp": 1693893000, "cognito:groups": ["admin", "größe"], "n": None}


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header: object, claims: object = CLAIMS, *, key: rsa.RSAPrivateKey = RSA) -> str:
    """A token whose signature is right for the key, whatever its other parts say."""
    signing_input = f"{part(header)}.{part(claims)}"
    signature = key.sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signing_input}.{part(signature)}"


def reason(token: str, keys: object = KEYS) -> str:
    with pytest.raises(InvalidToken) as refusal:
        jose.verify(token, keys)  # type: ignore[arg-type]
    return refusal.value.reason


HEADER = {"kid": KEY.kid, "alg": "RS256"}


def test_a_token_is_read_back_by_us_and_by_pyjwt():
    token = jose.sign(CLAIMS, KEY)

    assert jose.verify(token, KEYS) == CLAIMS
    assert jose.verify(token, KEYS.get) == CLAIMS
    read = jwt.decode(token, RSA.public_key(), algorithms=["RS256"], options={"verify_exp": False})
    assert read == CLAIMS


def test_a_token_of_pyjwt_is_read_by_us():
    token = jwt.encode(CLAIMS, RSA, algorithm="RS256", headers={"kid": KEY.kid})

    assert jose.verify(token, KEYS) == CLAIMS


def test_the_header_is_kid_and_alg_in_this_order_and_no_more():
    header = jose.sign(CLAIMS, KEY).partition(".")[0]

    assert b64decode(header + "=" * (-len(header) % 4)) == (
        b'{"kid":"' + KEY.kid.encode() + b'","alg":"RS256"}'
    )


def test_the_vector_of_rfc_7515_is_signed_and_read():
    """RFC 7515 appendix A.2; its header has no kid, so reading it is refused for that alone."""
    n = (
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0"
        "Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS"
        "5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH"
        "7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
    )
    d = (
        "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2"
        "NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0"
        "M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_"
        "x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"
    )
    signing_input = (
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
        "LmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    signature = (
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2F"
        "p5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB"
        "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeY"
        "I2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    )
    modulus, private = (int.from_bytes(base64url.decode(text), "big") for text in (n, d))
    p, q = rsa.rsa_recover_prime_factors(modulus, 65537, private)
    numbers = rsa.RSAPrivateNumbers(
        p=p, q=q, d=private, dmp1=private % (p - 1), dmq1=private % (q - 1),
        iqmp=rsa.rsa_crt_iqmp(p, q), public_numbers=rsa.RSAPublicNumbers(65537, modulus),
    )  # fmt: skip
    der = numbers.private_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    key = PrivateKey.load("rfc", der)
    jwk = {"kty": "RSA", "kid": "rfc", "n": n, "e": "AQAB"}

    made = key.rsa.sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256())
    with_kid = jose.sign({"iss": "joe"}, key)

    assert base64url.encode(made) == signature
    assert reason(f"{signing_input}.{signature}") == "no key id"
    assert jose.verify(with_kid, {"rfc": PublicKey.from_jwk(jwk)}) == {"iss": "joe"}


def test_a_generated_key_signs_and_its_id_looks_like_cognito_s():
    der = jose.generate_rsa_key()
    key = PrivateKey.load("k", der)

    kid = jose.key_id(key.public().rsa)

    assert key.rsa.key_size == 2048
    assert jose.verify(jose.sign({"a": 1}, key), {"k": key.public()}) == {"a": 1}
    assert len(kid) == 44
    assert kid.endswith("=")
    assert len(b64decode(kid, validate=True)) == 32
    assert kid != KEY.kid


def test_the_key_id_is_the_thumbprint_of_rfc_7638():
    """RFC 7638 section 3.1's example: the thumbprint is base64url there and Base64 here."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
        "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
        "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
        "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    key = PublicKey.from_jwk({"kty": "RSA", "n": n, "e": "AQAB", "kid": "2011-04-29"})

    assert jose.key_id(key.rsa) == "NzbLsXh8uDCcd+6MNwXF4W/7noWXFZAfHkxZsRGC9Xs="


def test_the_jwk_has_the_members_of_cognito_s_and_reads_back():
    jwk = jose.public_jwk(KEY)

    assert list(jwk) == ["alg", "e", "kid", "kty", "n", "use"]
    assert (jwk["alg"], jwk["e"], jwk["kid"], jwk["kty"], jwk["use"]) == (
        "RS256", "AQAB", KEY.kid, "RSA", "sig",
    )  # fmt: skip
    assert jwk == jose.public_jwk(KEY.public())
    assert PublicKey.from_jwk(jwk).rsa.public_numbers() == RSA.public_key().public_numbers()
    token = jose.sign(CLAIMS, KEY)
    read = jwt.decode(token, jwt.PyJWK(jwk), algorithms=["RS256"], options={"verify_exp": False})
    assert read == CLAIMS


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"kty": "EC"}, "not an RSA key with kid, n and e"),
        ({"kty": "oct"}, "not an RSA key with kid, n and e"),
        ({"kid": None}, "not an RSA key with kid, n and e"),
        ({"n": 5}, "not an RSA key with kid, n and e"),
        ({"alg": "RS512"}, "not an RS256 signature key"),
        ({"alg": None}, "not an RS256 signature key"),
        ({"use": "enc"}, "not an RS256 signature key"),
        ({"n": "!"}, "not a base64url value"),
        ({"n": "AQAB"}, "an RS256 key has at least 2048 bits"),
    ],
)
def test_a_jwk_of_another_kind_is_refused(change, text):
    with pytest.raises(ValueError, match=text):
        PublicKey.from_jwk({**jose.public_jwk(KEY), **change})


def test_a_key_that_is_not_rsa_is_not_loaded():
    der = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )

    with pytest.raises(ValueError, match="not an RSA key"):
        PrivateKey.load("k", der)


def test_a_key_s_repr_shows_no_key():
    assert repr(KEY) == f"PrivateKey(kid={KEY.kid!r})"


# --- S6: the key decides the algorithm -----------------------------------------------------------

EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
PUBLIC_PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PUBLIC_DER = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def mac(secret: bytes):
    return lambda data: hmac.digest(secret, data, "sha256")


def rsa_signature(scheme: padding.AsymmetricPadding, algorithm: hashes.HashAlgorithm):
    return lambda data: RSA.sign(data, scheme, algorithm)


# How an attacker (or a confused peer) would sign under each name. Advisories: unsigned tokens,
# CVE-2015-9235; the public key as HMAC secret, PyJWT GHSA-ffqj-6fqr-9h24, python-jose
# CVE-2024-33663 and CVE-2026-85394, Authlib CVE-2024-37568; an empty key, joserfc CVE-2026-49852;
# other algorithms on one key, libjwt CVE-2026-44699.
SIGNERS = {
    "none": lambda data: b"",
    "None": lambda data: b"",
    "nOnE": lambda data: b"",
    "HS256 with the public key in PEM": mac(PUBLIC_PEM),
    "HS256 with the public key in DER": mac(PUBLIC_DER),
    "HS256 with the modulus": mac(jose.public_jwk(KEY)["n"].encode()),
    "HS256 with an empty key": mac(b""),
    "HS384 with the public key in PEM": lambda data: hmac.digest(PUBLIC_PEM, data, "sha384"),
    "HS512 with the public key in PEM": lambda data: hmac.digest(PUBLIC_PEM, data, "sha512"),
    "RS384": rsa_signature(padding.PKCS1v15(), hashes.SHA384()),
    "RS512": rsa_signature(padding.PKCS1v15(), hashes.SHA512()),
    "PS256": rsa_signature(padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()),
    "ES256": lambda data: EC_KEY.sign(data, ec.ECDSA(hashes.SHA256())),
    "EdDSA": ED_KEY.sign,
    "RS256 by another key": lambda data: OTHER_RSA.sign(data, padding.PKCS1v15(), hashes.SHA256()),
    "RS256": rsa_signature(padding.PKCS1v15(), hashes.SHA256()),
}


@pytest.mark.parametrize("claimed", ["its own", "RS256", "missing", "null", "empty", "a list"])
@pytest.mark.parametrize("signer", SIGNERS)
def test_only_rs256_by_our_key_under_its_own_name_is_believed(signer, claimed):
    alg = {"its own": signer.split()[0], "null": None, "empty": "", "a list": ["RS256"]}
    header: dict[str, object] = {"kid": KEY.kid}
    if claimed != "missing":
        header["alg"] = alg.get(claimed, "RS256")
    signing_input = f"{part(header)}.{part(CLAIMS)}"
    token = f"{signing_input}.{part(SIGNERS[signer](signing_input.encode()))}"

    if signer == "RS256" and claimed in ("its own", "RS256"):
        assert jose.verify(token, KEYS) == CLAIMS
        return

    right_name = header.get("alg") == "RS256"
    assert reason(token) == (
        "the signature does not match" if right_name else "the algorithm is not RS256"
    )


@pytest.mark.parametrize("signature", ["", "missing", "null"])
@pytest.mark.parametrize(
    "alg", ["RS256", "none", "HS256", "RS384", "PS256", "ES256", "EdDSA", None]
)
def test_a_token_without_a_signature_is_refused_under_every_name(alg, signature):
    start = f"{part({'kid': KEY.kid, 'alg': alg})}.{part(CLAIMS)}"

    if signature == "missing":
        assert reason(start) == "not three parts"
        return
    token = f"{start}.{part(None) if signature == 'null' else ''}"
    assert reason(token) == (
        "the signature does not match" if alg == "RS256" else "the algorithm is not RS256"
    )


@pytest.mark.parametrize("kid", ["missing", "null", "empty", "number", "unknown", "traversal"])
def test_a_key_is_found_by_its_name_or_not_at_all(kid):
    named = {"null": None, "empty": "", "number": 7, "unknown": "x", "traversal": "../../dev/null"}
    header = {"alg": "RS256"} if kid == "missing" else {"alg": "RS256", "kid": named[kid]}

    assert reason(forged(header)) == (
        "no key id" if kid in ("missing", "null", "number") else "unknown key id"
    )


def test_a_key_carried_by_the_token_is_not_looked_at():
    """`jwk`, `jku`, `x5u`, `x5c` in a header: CVE-2018-0114 and its kin."""
    other = PrivateKey.load("x", OTHER_RSA.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    ))  # fmt: skip
    header = {**HEADER, "jwk": jose.public_jwk(other), "jku": "https://evil.example/jwks.json"}

    assert reason(forged(header, key=OTHER_RSA)) == "the signature does not match"


@pytest.mark.parametrize("crit", [["exp"], [], None, "b64", {}])
def test_critical_header_parameters_are_refused_because_none_is_understood(crit):
    text = "critical header parameters are not understood"

    assert reason(forged({**HEADER, "crit": crit})) == text
    assert reason(forged({**HEADER, "b64": False})) == text


@pytest.mark.parametrize(
    "claims", [[], [CLAIMS], "claims", 1, None, True, b"", b"{", b"\xff\xfe{}"]
)
def test_claims_that_are_no_object_are_refused_though_signed(claims):
    assert reason(forged(HEADER, claims)) == "a part is not a JSON object"


@pytest.mark.parametrize("header", [[], "x", 1, None, b"", b"{", b"\xff", b"[" * 20_000])
def test_a_header_that_is_no_object_is_refused(header):
    assert reason(forged(header)) == "the header is not a JSON object"


def test_claims_nested_beyond_reason_are_refused():
    assert reason(forged(HEADER, b'{"a":' * 6_000 + b"1" + b"}" * 6_000)) == (
        "a part is not a JSON object"
    )


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("change", ["=", "==", " ", "\n", "+", "/", "!", "\x00"])
def test_a_part_in_another_alphabet_or_padded_is_refused(which, change):
    parts = jose.sign(CLAIMS, KEY).split(".")
    parts[which] += change

    # The claims are decoded only after the signature held, and it covers their text.
    expected = "the signature does not match" if which == 1 else "a part is not base64url"
    assert reason(".".join(parts)) == expected


def test_spare_bits_in_the_signature_are_not_free():
    """Another spelling of the same signature bytes is another token: it is refused."""
    start, last = jose.sign(CLAIMS, KEY)[:-1], jose.sign(CLAIMS, KEY)[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    for spare in range(1, 16):
        twisted = alphabet[alphabet.index(last) ^ spare]
        assert reason(start + twisted) == "a part is not base64url"


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_changed_token_is_believed(data):
    token = jose.sign(CLAIMS, KEY)
    at = data.draw(st.integers(0, len(token) - 1))
    replacement = data.draw(st.characters(codec="utf-8").filter(lambda c: c != token[at]))

    with pytest.raises(InvalidToken):
        jose.verify(token[:at] + replacement + token[at + 1 :], KEYS)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), st.text("eyJ.A-_=", max_size=60)))
def test_any_text_is_refused_with_a_reason(text):
    with pytest.raises(InvalidToken):
        jose.verify(text, KEYS)


@pytest.mark.parametrize("count", [0, 1, 3, 4])
def test_a_token_has_three_parts(count):
    assert reason(".".join(["e30"] * (count + 1)) if count != 1 else "e30.e30") == "not three parts"


def test_64_kib_is_the_limit():
    def of_length(length: int) -> str:
        token = jose.sign({"a": ""}, KEY)
        filler = "x" * ((length - len(token)) * 3 // 4)
        return jose.sign({"a": filler}, KEY)

    fits = of_length(64 * 1024)

    assert 64 * 1024 - 3 <= len(fits) <= 64 * 1024
    assert jose.verify(fits, KEYS)["a"].strip("x") == ""
    assert reason(of_length(64 * 1024 + 8)) == "too long"


def test_a_token_can_be_read_without_belief():
    token = forged({"kid": "elsewhere", "alg": "ES256"}, {"iss": "https://issuer.example"})

    assert jose.unverified_header(token) == {"kid": "elsewhere", "alg": "ES256"}
    assert jose.unverified_claims(token) == {"iss": "https://issuer.example"}
    for broken in ["", "a.b", "!!.!!.!!", f"{part([])}.{part([])}.", "é.é.é"]:
        with pytest.raises(InvalidToken):
            jose.unverified_header(broken)
        with pytest.raises(InvalidToken):
            jose.unverified_claims(broken)


def test_claims_keep_their_kinds():
    claims = {"t": True, "i": 2**53, "f": 1.5, "s": "\u2028</script>", "o": {"l": [1, None]}}

    assert jose.verify(jose.sign(claims, KEY), KEYS) == claims
    assert msgspec.json.decode(json.dumps(claims)) == claims


def test_the_header_is_covered_by_the_signature():
    token = jose.sign(CLAIMS, KEY)
    swapped = part(dict(reversed(HEADER.items())))

    assert reason(f"{swapped}.{token.partition('.')[2]}") == "the signature does not match"
