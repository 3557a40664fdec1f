"""What every operation may know of the server that it runs in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """`public_url` has no trailing slash; `fixed_code` replaces every random code (development)."""

    region: str
    account_id: str
    public_url: str
    development: bool
    fixed_code: str | None = None
