"""
The looks of the classic pages: a style sheet of few classes, and a logo.

Source: oauth-and-login.md, section 11, "Branding".
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime

from cognate.domain.ids import PoolId
from cognate.domain.images import JPEG, PNG, kind_of
from cognate.errors import InvalidParameterException

ALL_CLIENTS = "ALL"  # the ClientId that stands for every client without a style of its own

MAXIMUM_CSS_BYTES = 3 * 1024
MAXIMUM_IMAGE_BYTES = 100 * 1024
MAXIMUM_REQUEST_BYTES = 135 * 1024

# Names without `-customizable`, and the states that a selector may add to some of them.
CLASSES = frozenset(
    {
        "background",
        "banner",
        "errorMessage",
        "idpButton",
        "idpDescription",
        "inputField",
        "label",
        "legalText",
        "logo",
        "passwordCheck-valid",
        "passwordCheck-notValid",
        "redirect",
        "socialButton",
        "submitButton",
        "textDescription",
    }
)
STATES = {"idpButton": "hover", "inputField": "focus", "submitButton": "hover"}

# Nothing can be matched in two ways, so matching is linear.
COMMENT = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
SELECTOR = re.compile(r"\.([A-Za-z-]+)-customizable(?::([a-z]+))?")
DECLARATION = re.compile(r"\s*-?[A-Za-z][A-Za-z-]*\s*:[^;]+")
# What could end the style sheet, run something, or load something.
FORBIDDEN = (
    "<",
    "\\",
    "javascript:",
    "expression(",
    "url(",
    "image(",
    "image-set(",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UICustomization:
    """`client_id`: a client's, or `ALL_CLIENTS`. `image`: a PNG or JPEG file."""

    pool_id: PoolId
    client_id: str
    css: str | None
    image: bytes | None
    created_at: datetime
    modified_at: datetime

    @property
    def css_version(self) -> str:
        return f"{self.modified_at:%Y%m%d%H%M%S}"


def check_customization(css: str | None, image: bytes | None) -> None:
    """
    Raises:
        InvalidParameterException: too large, no logo, or a style sheet that does more than style.
    """
    sent = len((css or "").encode()) + len(base64.b64encode(image or b""))
    if sent > MAXIMUM_REQUEST_BYTES:
        raise InvalidParameterException("request parameters too large")
    if css:
        check_css(css)
    if image:
        if len(image) > MAXIMUM_IMAGE_BYTES:
            raise InvalidParameterException("The image file cannot be larger than 100 KB.")
        if kind_of(image) not in (PNG, JPEG):
            raise InvalidParameterException("The image file must be a PNG or JPEG image.")


def check_css(css: str) -> None:
    if len(css.encode()) > MAXIMUM_CSS_BYTES:
        raise InvalidParameterException("The CSS cannot be larger than 3 KB.")
    text = COMMENT.sub(" ", css)
    if "@" in text:
        raise InvalidParameterException("The CSS cannot have at-rules.")
    lowered = "".join(text.lower().split())
    for forbidden in FORBIDDEN:
        if forbidden in lowered:
            raise InvalidParameterException(f"The CSS cannot contain {forbidden}")
    *rules, rest = text.split("}")
    if rest.strip():
        raise _not_css()
    for rule in rules:
        _check_rule(rule)


def _check_rule(rule: str) -> None:
    """One rule, without the brace that ends it."""
    selectors, opened, declarations = rule.partition("{")
    if not opened or "{" in declarations:
        raise _not_css()
    for selector in selectors.split(","):
        _check_selector(selector.strip())
    for declaration in declarations.split(";"):
        if declaration.strip() and DECLARATION.fullmatch(declaration) is None:
            raise _not_css()


def _check_selector(selector: str) -> None:
    found = SELECTOR.fullmatch(selector)
    if found is None or found[1] not in CLASSES:
        raise InvalidParameterException(f"The CSS selector {selector} is not allowed.")
    if found[2] is not None and STATES.get(found[1]) != found[2]:
        raise InvalidParameterException(f"The CSS selector {selector} is not allowed.")


def _not_css() -> InvalidParameterException:
    return InvalidParameterException("The CSS is not valid.")
