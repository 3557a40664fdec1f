"""Calling a pool's Lambda triggers."""

from collections.abc import Mapping
from typing import Any, Protocol

from cognate.domain.pools import Pool


class Triggers(Protocol):
    def has(self, pool: Pool, trigger: str) -> bool:
        """Whether the pool has a function for `trigger` (a member name of LambdaConfig)."""

    async def invoke(self, pool: Pool, trigger: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """
        The `response` part that the pool's function for `trigger` returned for `event`.

        Raises:
            UserLambdaValidationException: the function raised.
            UnexpectedLambdaException: it could not be invoked or did not answer in time.
            InvalidLambdaResponseException: it answered something else than the event.
        """
