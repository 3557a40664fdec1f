"""One request of a sign-in as the engine works on it, and what checking an answer yields."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cognate.domain.clients import Client
from cognate.domain.pools import Pool
from cognate.domain.users import User
from cognate.ports import Transaction
from cognate.signin.guesses import Charge
from cognate.signin.state import SignIn

Effect: TypeAlias = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """
    Where a sign-in stands: who, through which client, with what proven.

    `user`: None where the user is simulated; nothing that is answered then is ever right.
    `answers`: the map that the client sent (AuthParameters or ChallengeResponses).
    """

    pool: Pool
    client: Client
    user: User | None
    sign_in: SignIn
    answers: Mapping[str, str]
    metadata: Mapping[str, str]

    @property
    def proven_user(self) -> User:
        """For steps that come after a right answer, which a simulated user never gives."""
        if self.user is None:
            raise LookupError("a simulated user has proven something")
        return self.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """
    A challenge put to the user; `details` are kept, sealed, for checking the answer.

    `available`: the first factors to choose from, in choice-based sign-in.
    """

    parameters: Mapping[str, str]
    details: Mapping[str, str] = field(default_factory=dict)
    available: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """
    A right answer: the user as they now are, the `amr` methods that it proved, and what is stored
    with it. `charge`: the guess that was charged for it.

    `then`: the challenge that the answer chose; nothing is proven by choosing, so `user` may still
    be None (simulated). `details`: what issuing that challenge needs.
    """

    user: User | None
    methods: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    charge: Charge | None = None
    then: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
