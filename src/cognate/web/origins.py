"""Which pages of a developer's browser belong to the developer: by host names, which URLs have."""

import ipaddress
from urllib.parse import urlsplit


def host_name(url: str) -> str | None:
    """In lower case, without port and brackets; None where `url` has none that can be read."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def is_address(name: str) -> bool:
    """Whether a host is written as numbers: such a name nobody else can point at us."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether a host name can only mean this machine (RFC 6761 section 6.3)."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_address(name) and ipaddress.ip_address(name).is_loopback


def is_neighbourly(origin: str, *, public_url: str, host: str | None) -> bool:
    """
    Whether a page of `origin` was served on this machine or by this server. The Host header counts
    only as numbers: a name may be a stranger's that leads here (DNS rebinding).

    `origin`: an Origin header (RFC 6454 section 7), `null` for pages that have none to tell.
    """
    name = host_name(origin)
    if name is None:
        return False
    public = urlsplit(public_url)
    if is_loopback(name) or origin == f"{public.scheme}://{public.netloc}":
        return True
    return is_address(name) and origin in (f"http://{host}", f"https://{host}")
