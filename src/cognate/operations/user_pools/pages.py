"""Lists of a pool that are read page by page: where one begins, and where it goes on."""

from cognate.domain.pools import Pool
from cognate.operations.pagination import Question
from cognate.ports import Call


async def start_of(call: Call, pool: Pool, question: Question, token: str | None) -> str:
    """
    The key after which the page begins; "" without a token.

    Raises:
        InvalidParameterException: a token of another question.
    """
    if token is None:
        return ""
    keys = await call.keys.of_pool(pool)
    return question.position(keys, token, now=call.clock.now())[0]


async def token_after(call: Call, pool: Pool, question: Question, last: str | None) -> str | None:
    """The token of the page behind the key `last`; None where there is no such page."""
    if last is None:
        return None
    return question.token(await call.keys.of_pool(pool), (last,), now=call.clock.now())
