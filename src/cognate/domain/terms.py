"""Terms of use and privacy policies, linked from sign-up pages. Source: user-pools.md J.8."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cognate.domain.ids import ClientId, PoolId
from cognate.domain.web_addresses import address_fault
from cognate.errors import InvalidParameterException

MAXIMUM_TERMS = 40  # of one pool (user-pools.md J.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    One document of one client. `name`: terms-of-use or privacy-policy. `links`: language
    (`cognito:default`, `cognito:french`, …) to address.
    """

    pool_id: PoolId
    terms_id: str
    client_id: ClientId
    name: str
    links: Mapping[str, str]
    created_at: datetime
    modified_at: datetime


def check_links(links: Mapping[str, str] | None) -> None:
    """
    Raises:
        InvalidParameterException: there are none, or one is no https address.
    """
    if not links:
        raise InvalidParameterException("Links must hold at least one language.")
    for url in links.values():
        fault = address_fault(url)
        if fault is not None:
            raise InvalidParameterException(f"{url} {fault}")
