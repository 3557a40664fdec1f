"""Reading the free maps AuthParameters and ChallengeResponses."""

from collections.abc import Mapping

from cognate.errors import InvalidParameterException


def required(answers: Mapping[str, str], name: str) -> str:
    """
    Raises:
        InvalidParameterException: the map lacks `name`.
    """
    value = answers.get(name)
    if not value:
        raise InvalidParameterException(f"Missing required parameter {name}")
    return value
