"""One module per challenge: `issue` puts it to the user, `check` judges the answer."""

from collections.abc import Mapping
from typing import Protocol

from cognate.ports import Call
from cognate.signin.attempt import Attempt, Issued, Proven
from cognate.signin.challenges import new_password, srp


class Challenge(Protocol):
    async def issue(self, call: Call, attempt: Attempt) -> Issued: ...

    async def check(self, call: Call, attempt: Attempt) -> Proven:
        """
        Raises:
            AWSError: the answer is wrong or incomplete; the session stays good.
        """


CHALLENGES: Mapping[str, Challenge] = {
    "NEW_PASSWORD_REQUIRED": new_password,
    "PASSWORD_VERIFIER": srp,
}
