"""Identifiers, each with a type of its own, and the ARNs made of them."""

from typing import NewType

PoolId = NewType("PoolId", str)  # REGION_ + 9 characters [0-9A-Za-z]
ClientId = NewType("ClientId", str)  # 26 characters [a-z0-9]
Sub = NewType("Sub", str)  # UUID text, lower case; never changes
OriginJti = NewType("OriginJti", str)  # UUID text; names a refresh-token family


def pool_arn(region: str, account_id: str, pool_id: str) -> str:
    return f"arn:aws:cognito-idp:{region}:{account_id}:userpool/{pool_id}"


def pool_name_for_srp(pool_id: str) -> str:
    """The part after `_`, which SRP hashes with the user name."""
    return pool_id.split("_", 1)[1]
