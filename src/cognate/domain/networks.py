"""Where on the Internet somebody is, as far as it stays the same from day to day."""

import ipaddress
from datetime import timedelta

# A user who signed in from a network is known there for so long.
KNOWN_FOR = timedelta(days=30)
NOTED_AGAIN_AFTER = timedelta(days=1)  # not at every sign-in: it would be written for nothing
KNOWN_AT_MOST = 10  # networks of one user, the newest; each has a counter of failures of its own


def network_of(address: str | None) -> str:
    """
    An address's neighbourhood: /24 or /48, since homes and phones change the rest. What is no
    address is its own neighbourhood; "" where none is known.
    """
    if not address:
        return ""
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return address
    if one.version == 6 and one.ipv4_mapped is not None:
        one = one.ipv4_mapped
    prefix = 24 if one.version == 4 else 48
    return str(ipaddress.ip_network(f"{one}/{prefix}", strict=False))
