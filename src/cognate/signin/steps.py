"""What comes next in a sign-in: one pure decision, taken again after every answer."""

from cognate.domain.pools import Pool
from cognate.domain.users import User, UserStatus

PASSWORD_VERIFIER = "PASSWORD_VERIFIER"
NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"


def next_challenge(pool: Pool, user: User, answered: tuple[str, ...]) -> str | None:
    """The challenge to issue now, or None when the user is signed in."""
    must_change = user.status is UserStatus.FORCE_CHANGE_PASSWORD
    if must_change and NEW_PASSWORD_REQUIRED not in answered:
        return NEW_PASSWORD_REQUIRED
    return None
