"""Addresses that this server, or a browser at its word, will go to."""

from urllib.parse import urlsplit

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def address_fault(url: str, *, plain: bool = False) -> str | None:
    """
    Why `url` is no https address, or None. http is one on this machine, and anywhere where
    `plain` says so.

    Source: threats.md S13 (no scheme but these), S1 (what browsers read otherwise than parsers).
    """
    if any(character <= " " or character == "\\" for character in url):
        return "is not a valid URL."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a valid URL."
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return "is not a valid URL."
    if parts.fragment:
        return "cannot have a fragment."
    if parts.scheme == "http" and not plain and host not in LOOPBACK_HOSTS:
        return "must use HTTPS."
    return None
