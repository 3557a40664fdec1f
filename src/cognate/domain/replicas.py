"""
Replicas of pools in another Region. Source: user-pools.md J.7.

Every node of a server answers for every Region, from one database: there is no second place that
could take over. So a replica can be made, listed and deleted, and never goes into service.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cognate.errors import InvalidParameterException, OperationNotEnabledException

REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
# Of AWS KMS: the id of a key that exists in several Regions begins so.
MULTI_REGION_KEY = re.compile(r"arn:aws[a-z-]*:kms:[^:]+:[0-9]+:key/mrk-[0-9a-f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """The secondary replica of a pool; it keeps tags of its own."""

    region: str
    created_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)


def check_region(region: str, *, primary: str) -> None:
    """
    Raises:
        InvalidParameterException: no Region's name, or the pool's own.
    """
    if REGION.fullmatch(region) is None:
        raise InvalidParameterException(f"{region} is not the name of a Region.")
    if region == primary:
        raise InvalidParameterException("A replica must be in another Region than its user pool.")


def check_replicable(
    key_configuration: Mapping[str, str], issuer_configuration: Mapping[str, str]
) -> None:
    """
    What a pool must be set to before it can have a replica.

    Raises:
        InvalidParameterException: it has no multi-Region key of its own, or the old issuer.
    """
    key = key_configuration.get("KmsKeyArn", "")
    if (
        key_configuration.get("KeyType") != "CUSTOMER_MANAGED_KEY"
        or MULTI_REGION_KEY.fullmatch(key) is None
    ):
        raise InvalidParameterException(
            "The user pool must have a multi-Region customer managed key before it can have a"
            " replica."
        )
    if issuer_configuration.get("Type") != "UPDATED":
        raise InvalidParameterException(
            "The user pool must have the UPDATED issuer type before it can have a replica."
        )


def check_status(status: str) -> None:
    """
    Raises:
        OperationNotEnabledException: the replica would have to go into service.
    """
    if status != "INACTIVE":
        raise OperationNotEnabledException(
            "Cognate has no second Region from which it could serve a replica."
        )
