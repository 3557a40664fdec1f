"""Sign-ins as a user sees them: one session per token family. Source: user-pools.md J.5."""

import re
from dataclasses import dataclass
from datetime import datetime

SESSION_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
SESSION_ID_LENGTH = 25  # behind `tkn` or `sso`
TOKEN_PREFIX = "tkn"
DEFAULT_MAX_PER_USER = 20
DEFAULT_SSO_MINUTES = 60
LISTED_AT_MOST = 125
UNKNOWN_DEVICE = "unknown"

_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,40}/[0-9][0-9A-Za-z._-]{0,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """`max_per_user`: beyond that many, the session used least recently ends at a new sign-in."""

    tracking: bool = False
    max_per_user: int = DEFAULT_MAX_PER_USER


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSession:
    """What is known of a family's use. `session_id`: `tkn` and 25 characters."""

    session_id: str
    device_type: str
    last_active_at: datetime
    last_ip: str | None


def device_type(user_agent: str) -> str:
    """A short name of browser and system, or of the program; `unknown` where nothing fits."""
    agent = user_agent[:512]
    system = next((name for name in _SYSTEMS if name in agent), None)
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    if browser and system:
        return f"{browser} on {'macOS' if system == 'Macintosh' else system}"
    product = _PRODUCT.match(agent)
    return product.group() if product else UNKNOWN_DEVICE
