"""Whether a user may sign in at all: disabled, unconfirmed, reset required, temporary and late."""

from datetime import datetime

from cognate.domain.clients import Client
from cognate.domain.passwords import Credential
from cognate.domain.users import User, UserStatus
from cognate.errors import (
    NotAuthorizedException,
    PasswordResetRequiredException,
    UserNotConfirmedException,
)


def check_before_password(user: User, client: Client) -> None:
    """
    What anybody is told before a password is judged; nothing, where the client hides who exists
    (user-pools.md E.1, F.4).

    Raises:
        NotAuthorizedException: disabled.
        PasswordResetRequiredException: an administrator asked for a new password.
    """
    if not client.hides_user_existence:
        check_usable(user, client)


def check_after_password(
    user: User, client: Client, credential: Credential | None, *, now: datetime
) -> None:
    """
    What only somebody with the right password is told.

    Raises:
        NotAuthorizedException: disabled; the temporary password has expired; or reset required,
            where the client hides who exists.
        PasswordResetRequiredException: an administrator asked for a new password.
        UserNotConfirmedException: the user never confirmed the sign-up.
    """
    check_usable(user, client)
    if user.status is UserStatus.UNCONFIRMED:
        raise UserNotConfirmedException
    if user.status is UserStatus.FORCE_CHANGE_PASSWORD and credential is not None:
        expires_at = credential.expires_at
        if expires_at is not None and now >= expires_at:
            raise NotAuthorizedException(
                "Temporary password has expired and must be reset by an administrator."
            )


def check_usable(user: User, client: Client) -> None:
    """
    Raises:
        NotAuthorizedException: disabled; or reset required, where the client hides who exists.
        PasswordResetRequiredException: an administrator asked for a new password.
    """
    if not user.enabled:
        raise NotAuthorizedException("User is disabled.")
    if user.status is UserStatus.RESET_REQUIRED:
        if client.hides_user_existence:
            raise NotAuthorizedException
        raise PasswordResetRequiredException
