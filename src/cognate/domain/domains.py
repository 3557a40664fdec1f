"""
Domains of pools: where login pages and OAuth endpoints are. Source: oauth-and-login.md, section 1.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from cognate.errors import InvalidParameterException

CLASSIC = 1  # ManagedLoginVersion: the hosted UI
MANAGED_LOGIN = 2

RESERVED_WORDS = ("aws", "amazon", "cognito")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
LOCAL = "localhost"
CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:us-east-1:[0-9]+:certificate/.+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover:
    """Where requests go when the health check says that the primary Region is down."""

    secondary_region: str
    health_check_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDomain:
    """
    A domain of a pool. `name`: a prefix alone, or the full host name of a custom domain, which is
    what a certificate makes it.
    """

    name: str
    created_at: datetime
    modified_at: datetime
    managed_login_version: int = CLASSIC
    certificate_arn: str | None = None
    security_policy: str | None = None
    failover: Failover | None = None

    @property
    def is_custom(self) -> bool:
        return self.certificate_arn is not None


def check_domain(domain: PoolDomain) -> None:
    """
    What can be said of a domain by itself.

    Raises:
        InvalidParameterException: a name, certificate or routing that its kind cannot have.
    """
    if domain.managed_login_version not in (CLASSIC, MANAGED_LOGIN):
        raise InvalidParameterException("ManagedLoginVersion must be 1 or 2.")
    if domain.certificate_arn is not None:
        _check_custom(domain.name)
        _check_certificate(domain.certificate_arn)
        return
    if domain.failover is not None:
        raise InvalidParameterException("Routing is supported for custom domains only.")
    _check_prefix(domain.name)


def _check_prefix(name: str) -> None:
    if LABEL.fullmatch(name) is None:
        raise _bad_name()
    for word in RESERVED_WORDS:
        if word in name:
            raise InvalidParameterException(f"Domain cannot contain reserved word: {word}")


def _check_custom(name: str) -> None:
    """A host below a domain that is not itself a top-level one; `localhost` counts as no such."""
    labels = name.split(".")
    if not all(LABEL.fullmatch(label) for label in labels) or labels[-1].isdecimal():
        raise _bad_name()
    parent = labels[1:]
    if not parent or (len(parent) == 1 and parent != [LOCAL]):
        raise InvalidParameterException(
            "Custom domain is not a valid subdomain: Was not able to resolve a DNS A record for"
            " the parent domain or domain parent is a top-level domain."
        )


def _bad_name() -> InvalidParameterException:
    return InvalidParameterException(
        "The domain name contains an invalid character. Domain names can only contain lower-case"
        " letters, numbers, and hyphens. Please enter a different name that follows this format:"
        r" ^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$"
    )


def _check_certificate(arn: str) -> None:
    if CERTIFICATE.fullmatch(arn) is None:
        raise InvalidParameterException(
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid,"
            " or doesn't include a valid certificate chain."
        )
