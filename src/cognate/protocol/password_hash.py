"""
Passwords as Argon2id (RFC 9106), written in the PHC string format.

A hash takes 12 to 36 ms and releases the interpreter lock: for the pool of threads, not the loop.
Passwords are hashed as the UTF-8 bytes they came as, without any normalisation.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass
from typing import Final

HASH_BYTES: Final = 32
SALT_BYTES: Final = 16  # what callers draw; RFC 9106 section 3.1
MAX_PHC_CHARACTERS: Final = 512
MAX_LANES: Final = 2**24 - 1  # RFC 9106 section 3.1, and memory of 8 KiB a lane at least

_PHC: Final = re.compile(
    r"\$argon2id\$v=19\$m=([1-9][0-9]{0,9}),t=([1-9][0-9]{0,9}),p=([1-9][0-9]{0,7})"
    r"\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What one hash costs: memory in KiB, passes over it, and lanes."""

    memory: int
    passes: int
    lanes: int = 1


OWASP: Final = Parameters(memory=19456, passes=2)
"""OWASP's Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes, one lane."""

INSECURE_FAST: Final = Parameters(memory=8, passes=1)
"""The least Argon2 allows, microseconds: for test suites, refused in production mode."""


def hash_password(password: str, salt: bytes, parameters: Parameters = OWASP) -> str:
    """The PHC string, such as `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>` (Base64, unpadded)."""
    # Imported here: 14 ms that a server need not spend before its first answer.
    from argon2.low_level import Type, hash_secret

    return hash_secret(
        password.encode(),
        salt,
        time_cost=parameters.passes,
        memory_cost=parameters.memory,
        parallelism=parameters.lanes,
        hash_len=HASH_BYTES,
        type=Type.ID,
    ).decode()


def verify(phc: str, password: str) -> bool:
    """
    Whether `password` gave this hash, compared in constant time by the library.

    The cost is the one in the string: for hashes that this service wrote itself; those from
    elsewhere go through `foreign_hashes`.

    Raises:
        ValueError: not an Argon2id PHC string of version 19.
    """
    from argon2.exceptions import VerifyMismatchError
    from argon2.low_level import Type, verify_secret

    parameters_of(phc)
    try:
        return verify_secret(phc.encode(), password.encode(), Type.ID)
    except VerifyMismatchError:
        return False


def parameters_of(phc: str) -> Parameters:
    """
    The costs written in a PHC string.

    Raises:
        ValueError: not an Argon2id PHC string of version 19.
    """
    found = _PHC.fullmatch(phc) if len(phc) <= MAX_PHC_CHARACTERS else None
    if found is None:
        raise ValueError("not an Argon2id PHC string")
    memory, passes, lanes = (int(text) for text in found.group(1, 2, 3))
    if memory < 8 * lanes or lanes > MAX_LANES or not all(map(_is_canonical, found.group(4, 5))):
        raise ValueError("not an Argon2id PHC string")  # the library could not verify it
    return Parameters(memory=memory, passes=passes, lanes=lanes)


def needs_rehash(phc: str, parameters: Parameters = OWASP) -> bool:
    """
    Whether a hash was made with other costs than today's, and should be made anew at sign-in.

    Raises:
        ValueError: not an Argon2id PHC string of version 19.
    """
    return parameters_of(phc) != parameters


def _is_canonical(text: str) -> bool:
    """Whether this is the one spelling of some bytes in Base64 without padding."""
    padding = "=" * (-len(text) % 4)
    try:
        return b64encode(b64decode(text + padding)).decode() == text + padding
    except Error:
        return False
