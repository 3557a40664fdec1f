"""
Password hashes that other systems made, as an import job brings them.

Four kinds, each with the form and the greatest cost Cognito's import takes (spec user-pools J.1).
The ceiling is kept when a hash is read and again when it is used, so no row of a file can make a
sign-in slow. Checking takes up to 200 ms and releases the interpreter lock: for the
pool of threads.
"""

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from cognate.protocol import password_hash

MAX_CHARACTERS: Final = 1024
MAX_SCRYPT_N: Final = 65_536
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
MAX_PBKDF2_ITERATIONS: Final = 600_000
MAX_ARGON2ID: Final = password_hash.Parameters(memory=19_456, passes=2, lanes=1)
BCRYPT_PASSWORD_BYTES: Final = 72  # bcrypt looks at no more

# Cost 4 to 12; the salt's last character has four spare bits, which are zero.
_BCRYPT: Final = re.compile(
    r"\$2[abxy]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}"
)
_SCRYPT: Final = re.compile(
    r"(?P<n>[1-9][0-9]{0,9})\$(?P<r>[1-9][0-9]{0,4})\$(?P<p>[1-9][0-9]{0,4})"
    r"\$(?P<salt>(?:[0-9a-fA-F]{2}){1,128})\$(?P<hash>(?:[0-9a-fA-F]{2}){16,64})"
)
_PBKDF2: Final = re.compile(
    r"\$pbkdf2-sha256\$(?P<iterations>[1-9][0-9]{0,9})"
    r"\$(?P<salt>[A-Za-z0-9./+]{1,170})={0,2}\$(?P<hash>[A-Za-z0-9./+]{43})=?"
)


class HashAlgorithm(StrEnum):
    """The names of CreateUserImportJob's PasswordHashingAlgorithm."""

    BCRYPT = "BCRYPT"
    SCRYPT = "SCRYPT"
    ARGON2ID = "ARGON2ID"
    PBKDF2_SHA256 = "PBKDF2_SHA256"


class UnusableHash(ValueError):
    """A hash that is malformed or costs more than the ceiling. The text holds none of it."""


def check(algorithm: HashAlgorithm, text: str) -> None:
    """
    Refuse at import what could not be verified at sign-in.

    Raises:
        UnusableHash: malformed, or too costly.
    """
    _opened(algorithm, text)


def verify(algorithm: HashAlgorithm, text: str, password: str) -> bool:
    """
    Whether `password` gave this hash.

    Raises:
        UnusableHash: malformed, or too costly.
    """
    return _opened(algorithm, text)(password.encode())


_Check = Callable[[bytes], bool]


def _opened(algorithm: HashAlgorithm, text: str) -> _Check:
    """The hash, read and found affordable, as a question about a password."""
    if len(text) > MAX_CHARACTERS:
        raise UnusableHash(f"not a {algorithm} hash")
    return _OPENERS[algorithm](text)


def _open_bcrypt(text: str) -> _Check:
    """
    Modular crypt format. `$2x` and `$2y` are PHP's names, computed like `$2b`.

    The flaw that `$2x` marks (bytes above 127 read as negative) is not repeated: such passwords
    do not match and their owners set a new one.
    """
    found = _matched(_BCRYPT, text, HashAlgorithm.BCRYPT)
    _within(4 <= int(found["cost"]) <= 12, HashAlgorithm.BCRYPT)

    def matches(password: bytes) -> bool:
        import bcrypt  # only imports of foreign users need it

        return bcrypt.checkpw(password[:BCRYPT_PASSWORD_BYTES], text.encode())

    return matches


def _open_scrypt(text: str) -> _Check:
    """`N$r$p$<hex salt>$<hex hash>`, RFC 7914."""
    found = _matched(_SCRYPT, text, HashAlgorithm.SCRYPT)
    n, r, p = int(found["n"]), int(found["r"]), int(found["p"])
    if n < 2 or n & (n - 1):
        raise UnusableHash(f"not a {HashAlgorithm.SCRYPT} hash")  # RFC 7914 section 6
    _within(n <= MAX_SCRYPT_N and r == SCRYPT_R and p == SCRYPT_P, HashAlgorithm.SCRYPT)
    salt, expected = bytes.fromhex(found["salt"]), bytes.fromhex(found["hash"])

    def matches(password: bytes) -> bool:
        memory = 128 * r * (n + p + 2)  # bytes OpenSSL asks for
        derived = hashlib.scrypt(
            password, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=len(expected)
        )
        return hmac.compare_digest(derived, expected)

    return matches


def _open_argon2id(text: str) -> _Check:
    """PHC string, version 19."""
    try:
        cost = password_hash.parameters_of(text)
    except ValueError as cause:
        raise UnusableHash(f"not an {HashAlgorithm.ARGON2ID} hash") from cause
    _within(
        cost.memory <= MAX_ARGON2ID.memory
        and cost.passes <= MAX_ARGON2ID.passes
        and cost.lanes <= MAX_ARGON2ID.lanes,
        HashAlgorithm.ARGON2ID,
    )
    return lambda password: password_hash.verify(text, password.decode())


def _open_pbkdf2(text: str) -> _Check:
    """passlib's format: Base64 with `.` for `+` and without padding; the usual Base64 as well."""
    found = _matched(_PBKDF2, text, HashAlgorithm.PBKDF2_SHA256)
    iterations = int(found["iterations"])
    _within(iterations <= MAX_PBKDF2_ITERATIONS, HashAlgorithm.PBKDF2_SHA256)
    salt, expected = _from_base64(found["salt"]), _from_base64(found["hash"])

    def matches(password: bytes) -> bool:
        derived = hashlib.pbkdf2_hmac("sha256", password, salt, iterations, len(expected))
        return hmac.compare_digest(derived, expected)

    return matches


_OPENERS: Final[dict[HashAlgorithm, Callable[[str], _Check]]] = {
    HashAlgorithm.BCRYPT: _open_bcrypt,
    HashAlgorithm.SCRYPT: _open_scrypt,
    HashAlgorithm.ARGON2ID: _open_argon2id,
    HashAlgorithm.PBKDF2_SHA256: _open_pbkdf2,
}


def _matched(pattern: re.Pattern[str], text: str, algorithm: HashAlgorithm) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise UnusableHash(f"not a {algorithm} hash")
    return found


def _within(affordable: bool, algorithm: HashAlgorithm) -> None:
    if not affordable:
        raise UnusableHash(f"a {algorithm} hash of a cost that is not accepted")


def _from_base64(text: str) -> bytes:
    if len(text) % 4 == 1:
        raise UnusableHash(f"not a {HashAlgorithm.PBKDF2_SHA256} hash")
    return b64decode(text.replace(".", "+") + "=" * (-len(text) % 4), validate=True)
