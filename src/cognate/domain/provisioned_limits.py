"""Request rates that an account is granted. Source: user-pools.md J.3."""

from collections.abc import Mapping
from dataclasses import dataclass

from cognate.errors import (
    InvalidParameterException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
)

CATEGORY = "Category"  # the one attribute of a limit of class API_CATEGORY

# Requests per second that cost nothing.
FREE_RATES: Mapping[str, int] = {
    "UserAuthentication": 120,
    "UserCreation": 50,
    "UserFederation": 25,
    "UserAccountRecovery": 30,
    "UserRead": 120,
    "UserUpdate": 25,
    "UserToken": 120,
    "UserResourceRead": 50,
    "UserResourceUpdate": 25,
    "UserList": 30,
    "UserPoolRead": 15,
    "UserPoolUpdate": 15,
    "UserPoolResourceRead": 20,
    "UserPoolResourceUpdate": 15,
    "UserPoolClientRead": 15,
    "UserPoolClientUpdate": 15,
    "ClientAuthentication": 150,
    "LimitManagement": 1,
}
# What an account may be granted at most is between it and AWS; here it is one figure (inferred).
MAXIMUM_RATE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedLimit:
    """`rate`: requests per second that one account may make of a category in one Region."""

    account_id: str
    region: str
    category: str
    rate: int

    @property
    def free_rate(self) -> int:
        return FREE_RATES[self.category]


def category_of(attributes: Mapping[str, str]) -> str:
    """
    Raises:
        InvalidParameterException: attributes that do not name one category.
        ResourceNotFoundException: there is no such category.
    """
    if set(attributes) != {CATEGORY}:
        raise InvalidParameterException(
            f"The attributes of an API_CATEGORY limit are {CATEGORY} alone."
        )
    category = attributes[CATEGORY]
    if category not in FREE_RATES:
        raise ResourceNotFoundException("There is no limit of this category.")
    return category


def check_rate(limit: ProvisionedLimit) -> None:
    """
    Raises:
        InvalidParameterException: less than what is free.
        ServiceQuotaExceededException: more than an account may have.
    """
    if limit.rate < limit.free_rate:
        raise InvalidParameterException(
            f"The requested limit must be at least the default of {limit.free_rate}."
        )
    if limit.rate > MAXIMUM_RATE:
        raise ServiceQuotaExceededException(
            f"The requested limit exceeds the account's maximum of {MAXIMUM_RATE}."
        )
