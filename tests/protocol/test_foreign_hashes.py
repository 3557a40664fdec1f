"""Hashes of other systems: known answers, the forms, and the ceilings of spec user-pools J.1."""

import hashlib
from base64 import b64encode

import bcrypt
import pytest

from cognate.protocol import password_hash
from cognate.protocol.foreign_hashes import HashAlgorithm, UnusableHash, check, verify

BCRYPT, SCRYPT = HashAlgorithm.BCRYPT, HashAlgorithm.SCRYPT
ARGON2ID, PBKDF2 = HashAlgorithm.ARGON2ID, HashAlgorithm.PBKDF2_SHA256


def scrypt(password: str, n: int, r: int = 8, p: int = 1) -> str:
    derived = hashlib.scrypt(password.encode(), salt=b"NaCl", n=n, r=r, p=p, maxmem=2**28)
    return f"{n}${r}${p}${b'NaCl'.hex()}${derived.hex()}"


def pbkdf2(password: str, iterations: int, salt: bytes = b"\xfb\xff\xfe-salt") -> str:
    derived = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    salt64, hash64 = (b64encode(x).decode().rstrip("=") for x in (salt, derived))
    return f"$pbkdf2-sha256${iterations}${salt64}${hash64}".replace("+", ".")


# The bcrypt lines are crypt_blowfish's own (wrapper.c); passlib's documentation shows the PBKDF2
# line, phc-winner-argon2's test.c the Argon2id line; scrypt is Python's, held to RFC 7914 below.
KNOWN = [
    (BCRYPT, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    (BCRYPT, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"),
    (BCRYPT, "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    (BCRYPT, "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    (BCRYPT, "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    (SCRYPT, scrypt("Correct-horse1!", 1024), "Correct-horse1!"),
    (
        ARGON2ID,
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "password",
    ),
    (
        PBKDF2,
        "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
        "password",
    ),
    (
        PBKDF2,
        "$pbkdf2-sha256$8000$XAuBMIYQQogxRg$tRRlz8hYn63B9LYiCd6PRo6FMiunY9ozmMMI3srxeRE",
        "password",
    ),
    (PBKDF2, pbkdf2("Correct-horse1!", 7), "Correct-horse1!"),
]


@pytest.mark.parametrize(("algorithm", "text", "password"), KNOWN)
def test_a_known_hash_knows_its_password_and_no_other(algorithm, text, password):
    check(algorithm, text)

    assert verify(algorithm, text, password)
    for other in ["", password + "x", password[:-1], password.swapcase() + "!"]:
        assert not verify(algorithm, text, other)


def test_scrypt_is_that_of_rfc_7914():
    """Section 12's third vector has r = 8 and p = 1; its N is within the ceiling."""
    text = (
        "16384$8$1$" + b"SodiumChloride".hex() + "$"
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
    )

    assert verify(SCRYPT, text, "pleaseletmein")
    assert not verify(SCRYPT, text, "pleaseletmeout")


def test_pbkdf2_is_that_of_rfc_7914():
    """Section 11's first vector, cut to the 32 bytes of the format."""
    derived = bytes.fromhex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
    text = "$pbkdf2-sha256$1$" + b64encode(b"salt").decode().rstrip("=") + "$"
    unpadded = b64encode(derived).decode().rstrip("=")

    assert verify(PBKDF2, text + unpadded.replace("+", "."), "passwd")
    assert verify(PBKDF2, text + unpadded, "passwd")
    assert verify(PBKDF2, text + b64encode(derived).decode(), "passwd")


def test_bcrypt_reads_72_bytes_of_a_long_password():
    text = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()

    assert verify(BCRYPT, text, "x" * 72 + "anything")
    assert not verify(BCRYPT, text, "x" * 71)


def test_the_greatest_costs_are_still_taken():
    salt = "C" * 21 + "."
    check(BCRYPT, f"$2b$12${salt}E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
    check(SCRYPT, f"65536$8$1$00${'00' * 32}")
    check(ARGON2ID, password_hash.hash_password("x", b"0123456789abcdef"))
    check(PBKDF2, pbkdf2("x", 1).replace("$1$", "$600000$"))

    assert verify(SCRYPT, scrypt("Correct-horse1!", 65_536), "Correct-horse1!")


BCRYPT_TAIL = "C" * 21 + ".E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
ARGON2ID_TAIL = "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        (BCRYPT, f"$2b$13${BCRYPT_TAIL}"),
        (BCRYPT, f"$2b$31${BCRYPT_TAIL}"),
        (BCRYPT, f"$2b$03${BCRYPT_TAIL}"),
        (SCRYPT, f"131072$8$1$00${'00' * 32}"),
        (SCRYPT, f"16384$16$1$00${'00' * 32}"),
        (SCRYPT, f"16384$8$2$00${'00' * 32}"),
        (ARGON2ID, "$argon2id$v=19$m=19457,t=2,p=1" + ARGON2ID_TAIL),
        (ARGON2ID, "$argon2id$v=19$m=19456,t=3,p=1" + ARGON2ID_TAIL),
        (ARGON2ID, "$argon2id$v=19$m=19456,t=2,p=2" + ARGON2ID_TAIL),
        (ARGON2ID, "$argon2id$v=19$m=4294967295,t=2,p=1" + ARGON2ID_TAIL),
        (PBKDF2, pbkdf2("x", 1).replace("$1$", "$600001$")),
    ],
)
def test_a_hash_above_the_ceiling_is_never_computed(algorithm, text):
    for use in (lambda: check(algorithm, text), lambda: verify(algorithm, text, "x")):
        with pytest.raises(UnusableHash, match="of a cost that is not accepted"):
            use()


@pytest.mark.parametrize("algorithm", HashAlgorithm)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "$" * 65_536,
        f"$2b$10${BCRYPT_TAIL}\n",
        f"$2c$10${BCRYPT_TAIL}",
        f"$2b$1${BCRYPT_TAIL}",
        f"$2b$10${BCRYPT_TAIL}x",
        f"$2b$10${'C' * 22}E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        f"1000$8$1$00${'00' * 32}",
        f"1$8$1$00${'00' * 32}",
        f"16384$8$1$0${'00' * 32}",
        f"16384$8$1$00${'00' * 15}",
        f"16384$8$1$zz${'00' * 32}",
        f"16384$8$00${'00' * 32}",
        "$argon2i$v=19$m=256,t=2,p=1" + ARGON2ID_TAIL,
        "$argon2id$m=256,t=2,p=1" + ARGON2ID_TAIL,
        "$argon2id$v=19$m=7,t=2,p=1" + ARGON2ID_TAIL,
        "$argon2id$v=19$m=256,t=2,p=1" + ARGON2ID_TAIL.replace("Q$", "R$"),
        pbkdf2("x", 1).replace("sha256", "sha512"),
        pbkdf2("x", 1)[:-1],
        pbkdf2("x", 1).replace("$1$", "$0$"),
        pbkdf2("x", 1).replace("$1$", "$1$_"),
        f"$pbkdf2-sha256$1$AAAAA${'A' * 43}",
    ],
)
def test_a_malformed_hash_is_refused_and_not_repeated(algorithm, text):
    for use in (lambda: check(algorithm, text), lambda: verify(algorithm, text, "x")):
        with pytest.raises(UnusableHash, match=f"^not an? {algorithm} hash$"):
            use()
