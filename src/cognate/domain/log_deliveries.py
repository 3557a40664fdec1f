"""Where a pool's logs go. Source: user-pools.md J.4."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cognate.errors import InvalidParameterException

NOTIFICATIONS = "userNotification"
AUTHENTICATION_EVENTS = "userAuthEvents"
LEVELS = {NOTIFICATIONS: "ERROR", AUTHENTICATION_EVENTS: "INFO"}

CLOUD_WATCH = "CloudWatchLogs"
S3 = "S3"
FIREHOSE = "Firehose"
SERVICES = {CLOUD_WATCH: "logs", S3: "s3", FIREHOSE: "firehose"}  # as ARNs name them
ARN = re.compile(r"arn:[^:]+:([^:]+):")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDelivery:
    """
    One source of events and its destination. `destinations`: kind (`CLOUD_WATCH`, `S3`,
    `FIREHOSE`) and ARN; exactly one, once `check_deliveries` has seen it.
    """

    source: str
    level: str
    destinations: tuple[tuple[str, str | None], ...]


def check_deliveries(deliveries: Sequence[LogDelivery]) -> None:
    """
    Raises:
        InvalidParameterException: a source twice, at a level or to a place that it cannot have.
    """
    sources = [delivery.source for delivery in deliveries]
    if len(set(sources)) < len(sources):
        raise InvalidParameterException("An EventSource can be configured only once.")
    for delivery in deliveries:
        _check(delivery)


def _check(delivery: LogDelivery) -> None:
    level = LEVELS[delivery.source]
    if delivery.level != level:
        raise InvalidParameterException(f"The LogLevel of {delivery.source} must be {level}.")
    if len(delivery.destinations) != 1:
        raise InvalidParameterException(f"{delivery.source} needs exactly one destination.")
    (kind, arn) = delivery.destinations[0]
    if delivery.source == NOTIFICATIONS and kind != CLOUD_WATCH:
        raise InvalidParameterException(
            f"{NOTIFICATIONS} can be delivered to CloudWatch Logs only."
        )
    found = ARN.match(arn or "")
    if found is None or found[1] != SERVICES[kind]:
        raise InvalidParameterException(f"The ARN of a {kind} destination is missing or invalid.")
