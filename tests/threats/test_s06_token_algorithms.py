"""
S6, algorithm confusion: what a token says of its algorithm decides nothing.

Cases: PyJWT GHSA-ffqj-6fqr-9h24; Authlib CVE-2024-37568; python-jose CVE-2024-33663 and
CVE-2026-85394; joserfc CVE-2026-49852 (empty key); libjwt CVE-2026-44699. The matrix over the
functions themselves is in tests/protocol/test_jose.py; here it meets the server.
"""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from cognate.domain.ids import PoolId
from cognate.protocol import base64url
from cognate.protocol.jose import sign, unverified_claims, unverified_header
from tests.inprocess import ask
from tests.threats.conftest import serving

ALGORITHMS = (
    *("none", "None", "NONE", "", "HS256", "HS384", "HS512", "RS384", "RS512", "rs256"),
    *("PS256", "ES256", "EdDSA", "RS256 ", "dir"),
)
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


@pytest_asyncio.fixture
async def app(tmp_path, clock):
    """Nothing here depends on the database."""
    async with serving(clock, tmp_path) as built:
        yield built


def signing_input(header: Any, claims: Any) -> str:
    return ".".join(base64url.encode(json.dumps(part).encode()) for part in (header, claims))


@pytest.fixture
async def token(direct, a_target):
    ada = await a_target()
    answer = await direct.sign_in(ada.client_id, ada.username, ada.password)
    return answer.content["AuthenticationResult"]


async def is_believed(direct, forged: str) -> bool:
    answer = await direct.ask("GetUser", AccessToken=forged)
    if answer.status == 200:
        return True
    assert answer.error in ("NotAuthorizedException", "InvalidParameterException"), answer
    assert answer.message.endswith("Invalid Access Token") or "accessToken" in answer.message
    return False


async def test_a_tokens_own_algorithm_is_the_only_one(direct, token):
    good = token["AccessToken"]
    _, claims, signature = good.split(".")
    header = unverified_header(good)

    believed = []
    for algorithm in (*ALGORITHMS, None, 256, ["RS256"]):
        for end in (signature, "", "AA"):
            head = base64url.encode(json.dumps({**header, "alg": algorithm}).encode())
            if await is_believed(direct, f"{head}.{claims}.{end}"):
                believed.append((algorithm, end))
    without = base64url.encode(json.dumps({"kid": header["kid"]}).encode())

    assert believed == []
    assert not await is_believed(direct, f"{without}.{claims}.{signature}")
    assert await is_believed(direct, good)


async def test_a_public_key_is_no_secret_to_sign_with(direct, app, token):
    good = token["AccessToken"]
    header, claims = unverified_header(good), unverified_claims(good)
    path = f"/{claims['iss'].rpartition('/')[2]}/.well-known/jwks.json"
    published = json.loads((await ask(app, "GET", path)).body)["keys"]
    jwk = next(key for key in published if key["kid"] == header["kid"])
    number = int.from_bytes(base64url.decode(jwk["n"]), "big")
    public = rsa.RSAPublicNumbers(65537, number).public_key()
    der, pem = serialization.Encoding.DER, serialization.Encoding.PEM
    info, pkcs1 = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1
    secrets = [
        *(public.public_bytes(how, form) for how in (der, pem) for form in (info, pkcs1)),
        public.public_bytes(pem, info).strip(),
        json.dumps(jwk).encode(),
        jwk["n"].encode(),
        base64url.decode(jwk["n"]),
        header["kid"].encode(),
        b"",
        b"\x00",
        b"null",
    ]

    forged = []
    for algorithm, digest in HASHES.items():
        for secret in secrets:
            content = signing_input({**header, "alg": algorithm}, claims)
            mac = base64url.encode(hmac.new(secret, content.encode(), digest).digest())
            # Under its own name, and as if it were an RSA signature.
            _, _, rest = content.partition(".")
            as_rsa = f"{base64url.encode(json.dumps(header).encode())}.{rest}"
            forged += [f"{content}.{mac}", f"{as_rsa}.{mac}"]

    assert [one for one in forged if await is_believed(direct, one)] == []


async def test_a_key_of_the_attackers_is_not_looked_at(direct, token):
    good = token["AccessToken"]
    header, claims = unverified_header(good), unverified_claims(good)
    own = rsa.generate_private_key(65537, 2048)
    numbers = own.public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "kid": header["kid"],
        "alg": "RS256",
        "n": base64url.encode(numbers.n.to_bytes(256, "big")),
        "e": "AQAB",
    }
    certificate = base64.b64encode(b"a certificate").decode()

    believed = []
    for more in (
        {},
        {"jwk": jwk},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert.pem"},
        {"x5c": [certificate]},
        {"kid": "../../dev/null"},
        {"kid": ""},
        {"kid": None},
        {"kid": "attackers"},
        {"crit": ["exp"]},
    ):
        content = signing_input({**header, **more}, claims)
        signature = own.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256())
        if await is_believed(direct, f"{content}.{base64url.encode(signature)}"):
            believed.append(more)
    curve = ec.generate_private_key(ec.SECP256R1())
    content = signing_input({**header, "alg": "ES256"}, claims)
    signature = curve.sign(content.encode(), ec.ECDSA(hashes.SHA256()))

    assert believed == []
    assert not await is_believed(direct, f"{content}.{base64url.encode(signature)}")


async def test_an_id_token_is_no_access_token_though_the_pool_signed_it(direct, app, token):
    id_token = token["IdToken"]
    claims = unverified_claims(token["AccessToken"])
    pool = await app.store.pools.find(PoolId(claims["iss"].rpartition("/")[2]))
    key = await app.keys.signing_key(pool, "id")
    signed_for_ids = sign(claims, key)

    assert not await is_believed(direct, id_token)
    assert not await is_believed(direct, signed_for_ids)


async def test_another_pools_key_signs_nothing_here(direct, app, token, a_target):
    other = await a_target()
    claims = unverified_claims(token["AccessToken"])
    pool = await app.store.pools.find(PoolId(other.pool_id))
    key = await app.keys.signing_key(pool, "access")

    assert not await is_believed(direct, sign(claims, key))
    assert not await is_believed(direct, sign({**claims, "iss": claims["iss"] + "/"}, key))
    assert not await is_believed(direct, sign({k: v for k, v in claims.items() if k != "iss"}, key))
