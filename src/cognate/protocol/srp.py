"""
Cognito's variant of SRP-6a, the server's half, for users and for remembered devices.

The same functions serve both: for a device the pool name is its DeviceGroupKey, the username its
DeviceKey and the password its secret. Numbers are non-negative integers; what is hashed is always
their `pad` form. The arithmetic takes about a millisecond and releases the interpreter lock, so
callers run it in the pool of threads, not in the loop.

Sources: RFC 3526 section 4 (the group), RFC 5054 (SRP-6a), and the AWS client SDKs, whose padding
and key derivation differ from the RFC; the vectors of both are in `tests/protocol/test_srp.py`.
"""

import hmac
import re
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any, Final, TypeAlias

Row: TypeAlias = tuple[Any, ...]  # of gmpy2.mpz; the library ships no types

# The 3072-bit MODP group 15, RFC 3526 section 4.
N: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
    "8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
    "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA4836"
    "1C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804"
    "F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6"
    "955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64"
    "ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D226"
    "1AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G: Final = 2

KEY_BYTES: Final = 16  # length of the session key, as the client SDKs cut it
KEY_INFO: Final = b"Caldera Derived Key"  # HKDF info of the client SDKs
MAX_PUBLIC_HEX: Final = 1024  # hex digits accepted for A; a value below N has at most 768

WINDOW_BITS: Final = 6  # one digit of the fixed-base table: 1 MiB, 6 ms to build, 5 times faster
TABLE_BITS: Final = 256  # exponents the table covers: x is a SHA-256, b is drawn with 256 bits

HEX: Final = re.compile(r"[0-9a-fA-F]+")
TIMESTAMP: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) "
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?P<day>[0-9]{1,2}) "
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) UTC (?P<year>[0-9]{4})"
)
MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


def pad(number: int) -> bytes:
    """
    The big-endian bytes of a non-negative number, with a leading 00 where the first bit is set.

    This is the minimal two's-complement form (Java's BigInteger.toByteArray), which the client
    SDKs hash; zero is one 00 byte.
    """
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


K: Final = int.from_bytes(sha256(pad(N) + pad(G)).digest(), "big")  # RFC 5054's multiplier k


def private_verifier_exponent(pool_name: str, username: str, password: str, salt: bytes) -> int:
    """
    x = H(pad(salt) ‖ H(poolName ‖ username ‖ ":" ‖ password)), never stored.

    `pool_name` is the part of the pool id after `_`, `username` what the server answers as
    USER_ID_FOR_SRP. Leading 00 bytes of `salt` do not count: clients read it as a number.
    """
    identity = sha256(f"{pool_name}{username}:{password}".encode()).digest()
    return int.from_bytes(sha256(pad(int.from_bytes(salt, "big")) + identity).digest(), "big")


def verifier(pool_name: str, username: str, password: str, salt: bytes) -> int:
    """
    v = g^x mod N: lets the holder check a password, and guess it as fast as SHA-256 goes.

    It is stored sealed. A device's verifier is made by the client and only decoded here.
    """
    return _power_of_g(private_verifier_exponent(pool_name, username, password, salt))


def encode_verifier(value: int) -> bytes:
    """The verifier in `pad` form, as device clients send theirs (below Base64)."""
    return pad(value)


def decode_verifier(encoded: bytes) -> int:
    """
    The verifier in big-endian bytes, with or without leading 00.

    Raises:
        ValueError: not a number between 1 and N - 1, which no g^x can be.
    """
    value = int.from_bytes(encoded, "big")
    if not 0 < value < N:
        raise ValueError("an SRP verifier lies between 1 and N - 1")
    return value


def decode_client_public(text: str) -> int:
    """
    SRP_A: hex digits of either case, an odd number of them allowed.

    Raises:
        ValueError: anything else, or more than `MAX_PUBLIC_HEX` digits.
    """
    if len(text) > MAX_PUBLIC_HEX or not HEX.fullmatch(text):
        raise ValueError("SRP_A is not a hexadecimal number of the group's size")
    return int(text, 16)


def server_public(verifier: int, b: int) -> int:
    """
    B = (k·v + g^b) mod N, for a secret `b` of at least 256 random bits drawn per sign-in.

    Raises:
        ValueError: B would be 0; draw another `b`.
    """
    public = (K * verifier + _power_of_g(b)) % N
    if public == 0:
        raise ValueError("B is 0 modulo N")
    return public


def server_key(*, client_public: int, server_public: int, b: int, verifier: int) -> bytes:
    """
    The 16-byte session key K, from S = (A·v^u)^b.

    Raises:
        ValueError: A or u is 0 modulo N, which would give a key that needs no password
            (RFC 5054 section 2.5.4, RFC 2945).
    """
    if client_public % N == 0:
        raise ValueError("A is 0 modulo N")
    u = scrambling_parameter(client_public, server_public)
    if u == 0:
        raise ValueError("u is 0")
    shared = _power(client_public * _power(verifier, u) % N, b)
    pseudo_random_key = hmac.digest(pad(u), pad(shared), "sha256")
    return hmac.digest(pseudo_random_key, KEY_INFO + b"\x01", "sha256")[:KEY_BYTES]


def scrambling_parameter(client_public: int, server_public: int) -> int:
    """u = H(pad(A) ‖ pad(B))."""
    return int.from_bytes(sha256(pad(client_public) + pad(server_public)).digest(), "big")


def claim_signature(
    key: bytes, pool_name: str, username: str, secret_block: bytes, timestamp: str
) -> bytes:
    """
    The 32 bytes whose Base64 a client sends as PASSWORD_CLAIM_SIGNATURE.

    `secret_block` is decoded from Base64, `timestamp` exactly the text received. Compare with
    `hmac.compare_digest`.
    """
    message = pool_name.encode() + username.encode() + secret_block + timestamp.encode()
    return hmac.digest(key, message, "sha256")


def parse_timestamp(text: str) -> datetime | None:
    """
    TIMESTAMP such as `Tue Sep 5 06:07:08 UTC 2023`, as an aware UTC datetime; None if malformed.

    English names whatever the machine's locale. Clients write the day without a leading zero; one
    is accepted. The day of the week is not held against the date: the signature covers the text.
    """
    found = TIMESTAMP.fullmatch(text)
    if found is None:
        return None
    month = MONTHS.index(found["month"]) + 1
    day, hour, minute, second = (int(found[k]) for k in ("day", "hour", "minute", "second"))
    try:
        return datetime(int(found["year"]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:  # 31 February, 25 o'clock
        return None


def _power(base: int, exponent: int) -> int:
    """base^exponent mod N with the interpreter lock released."""
    # Imported here: 24 ms that a server need not spend before its first answer.
    import gmpy2

    # The context belongs to the thread, so this cannot be set once and for all.
    gmpy2.get_context().allow_release_gil = True
    return int(gmpy2.powmod(base, exponent, N))


def _power_of_g(exponent: int) -> int:
    """
    g^exponent mod N from the table: 0.1 ms instead of 0.5.

    Its time varies with the exponent's zero digits. Exponents are used once (b) or when a
    password is set (x), so nobody can measure the same one twice.
    """
    if exponent.bit_length() > TABLE_BITS:
        return _power(G, exponent)
    rows, one, modulus = _table()
    product, mask = one, (1 << WINDOW_BITS) - 1
    for row in rows:
        product = product * row[exponent & mask] % modulus
        exponent >>= WINDOW_BITS
    return int(product)


@cache
def _table() -> tuple[tuple[Row, ...], Any, Any]:
    """
    rows[i][d] = g^(d · 2^(i · WINDOW_BITS)) mod N, with 1 and N of the same kind of number.

    Built at the first use, not at start. Two threads may build it at once: they build the same.
    """
    from gmpy2 import mpz

    modulus, one, base = mpz(N), mpz(1), mpz(G)
    rows = []
    for _ in range(-(-TABLE_BITS // WINDOW_BITS)):
        row = [one]
        while len(row) < 1 << WINDOW_BITS:
            row.append(row[-1] * base % modulus)
        base = row[-1] * base % modulus
        rows.append(tuple(row))
    return tuple(rows), one, modulus
