"""Base64url without padding (RFC 4648 section 5, RFC 7515 section 2): one spelling per value."""

from binascii import Error, a2b_base64, b2a_base64
from typing import Final

# In: the two alphabets swap, so that `+`, `/` and `=` become characters the decoder refuses.
_TO_STANDARD: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
_FROM_STANDARD: Final = bytes.maketrans(b"+/", b"-_")

# The last character where its spare bits are zero, by length modulo 4 (RFC 4648 section 3.5).
_CANONICAL_LAST: Final = {2: b"AQgw", 3: b"AEIMQUYcgkosw048"}


def encode(data: bytes) -> str:
    return b2a_base64(data, newline=False).rstrip(b"=").translate(_FROM_STANDARD).decode()


def decode(text: str | bytes) -> bytes:
    """
    The bytes spelled by `text`.

    Raises:
        ValueError: padding, a character outside the alphabet (white space and line ends too), an
            impossible length, or spare bits that are not zero.
    """
    # A character beyond ASCII becomes `?`, which is outside the alphabet too.
    spelled = text.encode("ascii", "replace") if isinstance(text, str) else text
    left_over = len(spelled) % 4
    if left_over == 1 or (left_over and spelled[-1] not in _CANONICAL_LAST[left_over]):
        raise ValueError("not a base64url value")
    padding = b"=" * (-len(spelled) % 4)
    try:
        return a2b_base64(spelled.translate(_TO_STANDARD) + padding, strict_mode=True)
    except Error as cause:
        raise ValueError("not a base64url value") from cause
