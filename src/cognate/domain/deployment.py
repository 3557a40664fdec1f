"""What every operation may know of the server that it runs in."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

IssuerForm: TypeAlias = Literal["own", "aws"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """
    `public_url` has no trailing slash; `fixed_code` replaces every random code (development).
    `issuer_form`: whether tokens name this server as their issuer, or AWS's host.
    """

    region: str
    account_id: str
    public_url: str
    development: bool
    fixed_code: str | None = None
    issuer_form: IssuerForm = "own"
