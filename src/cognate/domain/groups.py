"""Groups of a pool, and what membership says in a token. Source: user-pools.md D.6."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cognate.domain.ids import PoolId

GROUPS_PER_POOL = 10_000
GROUPS_PER_USER = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    pool_id: PoolId
    name: str
    description: str | None
    role_arn: str | None
    precedence: int | None
    created_at: datetime
    modified_at: datetime


def by_precedence(groups: Sequence[Group]) -> list[Group]:
    """Best first: the lowest precedence wins, none is the lowest; equal ones by name."""
    return sorted(
        groups,
        key=lambda group: (group.precedence is None, group.precedence or 0, group.name),
    )


def roles(groups: Sequence[Group]) -> list[str]:
    """Distinct role ARNs, best group first."""
    return list(dict.fromkeys(group.role_arn for group in by_precedence(groups) if group.role_arn))


def preferred_role(groups: Sequence[Group]) -> str | None:
    """The role of the single best group; absent where the best ones disagree."""
    with_precedence = [group for group in by_precedence(groups) if group.precedence is not None]
    if not with_precedence:
        return None
    best = with_precedence[0].precedence
    candidates = {group.role_arn for group in with_precedence if group.precedence == best}
    return candidates.pop() if len(candidates) == 1 else None
