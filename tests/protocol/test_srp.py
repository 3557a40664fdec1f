"""SRP against the vectors of spec user-pools E.3 and E.13, and against a client written here."""

import hmac
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognate.protocol import srp

POOL = "EXAMPLE12"
USER = "2f1c7a6e-90a1-4a3b-8c5d-1b2a3c4d5e6f"
PASSWORD = "Correct-horse1!"
CLIENT_SECRET = int.from_bytes(bytes(range(0x80)), "big")
SERVER_SECRET = int.from_bytes(bytes(range(0x80, 0x100)), "big")
SECRET_BLOCK = bytes(range(0x20))
TIMESTAMP = "Tue Sep 5 06:07:08 UTC 2023"


@dataclass(frozen=True, kw_only=True)
class Vector:
    salt: str
    x: str
    verifier_hash: str
    server_public_hash: str
    u: str
    key: str
    signature: str


VECTORS = [
    Vector(
        salt="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        x="eb0456bce128c35a93e42e152128fc9fe7f04b1dbb62b5deeb0852ce0f448451",
        verifier_hash="48f9348860d4c6d5b9687f90f9f25da5d8eea19ad8bc8f80be8f452fa67165d8",
        server_public_hash="e33e1da0feb4b5b73c99e86807e45125a6fbb6f09439881c6f1968e51af594ea",
        u="5b58922018e76d3f6a3ffd901bf48c1db96755ca1c02f3cf1cee2fac1528c704",
        key="bd2c2b10658f46c7c2faf3af1f569e78",
        signature="QOp066dX3dDRwe84gQBPDmwvx9blIg2ZQtmVL5N/Ibg=",
    ),
    Vector(
        salt="f0e1d2c3b4a5968778695a4b3c2d1e0f",
        x="346a943430212710c1b7af331457c65721d328d7eae2901635a70d55a9c14bc9",
        verifier_hash="bb80cd2434daeb3c3a6cf8de102d87c999ebc3b973ae0a770c26d53927cf42fa",
        server_public_hash="fc53adc352dac99523697bf10d1dee62e0866c0710cf99259da139c16b6fe883",
        u="b3fc600ac8d3680716efa50789718b69667886d74d09553cd534ea7a5a1336f5",
        key="d32201c4e531098f86302394348ed9dc",
        signature="1v4aRsJgoaF2mR/XyQmGOiGUOOzWmEYjpo5qO03Rcuw=",
    ),
]


def hex_hash(number: int) -> str:
    """The vectors' `#X`: SHA-256 of the ASCII lower-case hex of pad(X)."""
    return sha256(srp.pad(number).hex().encode()).hexdigest()


@dataclass(frozen=True)
class Client:
    """The other half, in the standard library's arithmetic alone, as the SDKs' pages give it."""

    secret: int

    @property
    def public(self) -> int:
        return pow(2, self.secret, srp.N)

    def key(self, *, pool: str, user: str, password: str, salt: bytes, server: int) -> bytes:
        def padded(number: int) -> bytes:
            digits = f"{number:x}"
            digits = "0" * (len(digits) % 2) + digits
            return bytes.fromhex(("00" if digits[0] in "89abcdef" else "") + digits)

        def hashed(data: bytes) -> int:
            return int.from_bytes(sha256(data).digest(), "big")

        k = hashed(padded(srp.N) + padded(2))
        u = hashed(padded(self.public) + padded(server))
        inner = sha256(f"{pool}{user}:{password}".encode()).digest()
        x = hashed(padded(int(salt.hex(), 16)) + inner)
        shared = pow(server - k * pow(2, x, srp.N), self.secret + u * x, srp.N)
        extracted = hmac.new(padded(u), padded(shared), "sha256").digest()
        return hmac.new(extracted, b"Caldera Derived Key\x01", "sha256").digest()[:16]


def test_the_multiplier_is_the_hash_of_the_padded_group():
    assert f"{srp.K:064x}" == "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"
    assert srp.N.bit_length() == 3072


@pytest.mark.parametrize(
    ("number", "padded"),
    [(0, "00"), (1, "01"), (0x7F, "7f"), (0x80, "0080"), (0xFFF, "0fff"), (0xF000, "00f000")],
)
def test_padding_keeps_the_first_bit_clear(number, padded):
    assert srp.pad(number).hex() == padded


@pytest.mark.parametrize("vector", VECTORS, ids=["low salt", "high salt"])
def test_every_value_of_the_published_vector_comes_out(vector):
    salt = bytes.fromhex(vector.salt)
    client_public = pow(2, CLIENT_SECRET, srp.N)
    assert hex_hash(client_public) == (
        "95f13d5dbae35cf4527f7284abb52b15db975dbb29ea173e4c7b41c29168e2b8"
    )

    x = srp.private_verifier_exponent(POOL, USER, PASSWORD, salt)
    verifier = srp.verifier(POOL, USER, PASSWORD, salt)
    public = srp.server_public(verifier, SERVER_SECRET)
    key = srp.server_key(
        client_public=client_public, server_public=public, b=SERVER_SECRET, verifier=verifier
    )
    signature = srp.claim_signature(key, POOL, USER, SECRET_BLOCK, TIMESTAMP)

    assert f"{x:064x}" == vector.x
    assert hex_hash(verifier) == vector.verifier_hash
    assert hex_hash(public) == vector.server_public_hash
    assert f"{srp.scrambling_parameter(client_public, public):064x}" == vector.u
    assert key.hex() == vector.key
    assert b64encode(signature).decode() == vector.signature


def test_a_device_s_verifier_is_the_one_its_client_computes():
    group, device = "-aBcDeFg1", "us-east-1_11111111-2222-3333-4444-555555555555"
    secret = b64encode(bytes(range(0x28))).decode()
    salt = bytes(range(0xE0, 0xF0))

    x = srp.private_verifier_exponent(group, device, secret, salt)
    verifier = srp.verifier(group, device, secret, salt)

    assert b64encode(srp.pad(int.from_bytes(salt, "big"))) == b"AODh4uPk5ebn6Onq6+zt7u8="
    assert f"{x:064x}" == "e16ee981307a20b410865fe0cdca3b127c17a58c1b0ebede784d5b59ca610cd5"
    text = b64encode(srp.encode_verifier(verifier))
    assert sha256(text).hexdigest() == (
        "b13445b258ac99c697cb7e85fa667e97e3aab65197052aa84bb5fa5ad1ff9f6b"
    )
    assert srp.decode_verifier(srp.encode_verifier(verifier)) == verifier


def test_the_salt_a_device_sends_with_a_leading_zero_is_the_same_salt():
    salt = bytes(range(0xE0, 0xF0))

    assert srp.verifier("-g", "d", "s", b"\x00" + salt) == srp.verifier("-g", "d", "s", salt)


@settings(max_examples=25, deadline=None)
@given(
    user=st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()),
    password=st.text(st.characters(codec="utf-8"), max_size=60),
    salt=st.binary(min_size=16, max_size=16),
    a=st.integers(min_value=1, max_value=2**1024),
    b=st.integers(min_value=1, max_value=2**256 - 1),
)
def test_a_client_with_the_right_password_arrives_at_the_same_key(user, password, salt, a, b):
    client = Client(a)
    verifier = srp.verifier(POOL, user, password, salt)
    public = srp.server_public(verifier, b)

    ours = srp.server_key(client_public=client.public, server_public=public, b=b, verifier=verifier)

    known = {"pool": POOL, "user": user, "salt": salt, "server": public}
    assert ours == client.key(password=password, **known)
    assert ours != client.key(password=password + "x", **known)


@settings(max_examples=60, deadline=None)
@given(
    exponent=st.one_of(
        st.integers(min_value=0, max_value=2**256 - 1),
        st.integers(min_value=2**255 - 9, max_value=2**257),
        st.integers(min_value=0, max_value=2**1024),
    )
)
def test_the_table_of_powers_agrees_with_plain_arithmetic(exponent):
    assert srp.server_public(1, exponent) == (srp.K + pow(2, exponent, srp.N)) % srp.N


def test_threads_compute_the_same_without_disturbing_each_other():
    exponents = list(range(2**255, 2**255 + 40))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda b: srp.server_public(3, b), exponents))

    assert found == [(3 * srp.K + pow(2, b, srp.N)) % srp.N for b in exponents]


@pytest.mark.parametrize("multiple", [0, 1, 2, 7])
def test_a_client_value_that_is_zero_modulo_n_is_refused(multiple):
    with pytest.raises(ValueError, match="A is 0 modulo N"):
        srp.server_key(client_public=multiple * srp.N, server_public=5, b=7, verifier=11)


def test_a_scrambling_parameter_of_zero_is_refused(monkeypatch):
    monkeypatch.setattr(srp, "scrambling_parameter", lambda client_public, server_public: 0)

    with pytest.raises(ValueError, match="u is 0"):
        srp.server_key(client_public=3, server_public=5, b=7, verifier=11)


def test_a_server_value_of_zero_is_refused():
    b = 5
    verifier = -pow(2, b, srp.N) * pow(srp.K, -1, srp.N) % srp.N

    with pytest.raises(ValueError, match="B is 0 modulo N"):
        srp.server_public(verifier, b)


def test_the_client_value_is_read_from_hex_of_any_length_and_case():
    assert srp.decode_client_public("abc") == srp.decode_client_public("0ABC") == 0xABC


@pytest.mark.parametrize(
    "text", ["", "0x12", "1_2", "+12", "-12", " 12", "12\n", "xyz", "١٢", "f" * 1025]
)
def test_a_client_value_that_is_not_plain_hex_is_refused(text):
    with pytest.raises(ValueError, match="SRP_A is not a hexadecimal number"):
        srp.decode_client_public(text)


@pytest.mark.parametrize("value", [0, srp.N, srp.N + 1, 2**4000])
def test_a_verifier_outside_the_group_is_refused(value):
    with pytest.raises(ValueError, match="between 1 and N - 1"):
        srp.decode_verifier(srp.pad(value))


@pytest.mark.parametrize("day", ["5", "05"])
def test_a_timestamp_is_read_whether_or_not_its_day_has_a_zero(day):
    text = f"Tue Sep {day} 06:07:08 UTC 2023"

    assert srp.parse_timestamp(text) == datetime(2023, 9, 5, 6, 7, 8, tzinfo=UTC)


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_its_english_name(month):
    name = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * month - 3 : 3 * month]

    assert srp.parse_timestamp(f"Mon {name} 28 23:59:59 UTC 2024") == datetime(
        2024, month, 28, 23, 59, 59, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tue Sep 5 06:07:08 2023",
        "Tue Sep 5 06:07:08 CET 2023",
        "Tue Sep 5 6:07:08 UTC 2023",
        "Di Sep 5 06:07:08 UTC 2023",
        "Tue Mai 5 06:07:08 UTC 2023",
        "Tue sep 5 06:07:08 UTC 2023",
        "Tue Feb 31 06:07:08 UTC 2023",
        "Tue Sep 0 06:07:08 UTC 2023",
        "Tue Sep 5 24:07:08 UTC 2023",
        "Tue Sep 5 06:07:60 UTC 2023",
        "Tue Sep 5 06:07:08 UTC 0000",
        "Tue Sep 5 06:07:08 UTC 2023\n",
        "Tue Sep ٥ 06:07:08 UTC 2023",
        "Tue Sep " + "5" * 65536,
    ],
)
def test_a_malformed_timestamp_is_none(text):
    assert srp.parse_timestamp(text) is None
