"""
Log lines: one JSON object each, on standard error.

What is logged is a closed list of fields. No body, name, address, token or text of an error goes
into a line; an exception leaves its type and where it was raised, its words only at level debug.
"""

import logging
import os
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
# The only attributes of a record that reach a line.
FIELDS = ("request_id", "operation", "error", "message_id", "channel", "attempts", "purged")
STANDARD_ERROR = 2

Write = Callable[[bytes], object]

_encode = msgspec.json.Encoder().encode


def write_standard_error(line: bytes) -> None:
    """One system call a line, so that the lines of several processes do not mix."""
    os.write(STANDARD_ERROR, line)


def _line(now: datetime, level: str, event: str, fields: Mapping[str, Any]) -> bytes:
    time = now.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    return _encode({"time": time, "level": level, "event": event, **fields}) + b"\n"


class JsonLines(logging.Handler):
    """Writes what the standard library's loggers are given."""

    def __init__(self, write: Write, *, with_words: bool) -> None:
        super().__init__()
        self._write = write
        self._with_words = with_words

    def emit(self, record: logging.LogRecord) -> None:
        fields = {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
        if record.exc_info and record.exc_info[1] is not None:
            fields["exception"] = self._exception(record.exc_info[1])
        now = datetime.fromtimestamp(record.created, UTC)
        if record.name.partition(".")[0] == "cognate":
            event = record.getMessage()
        else:
            # Others' arguments may be anything; their constant text is enough to find the place.
            event = f"{record.name}: {record.getMessage() if self._with_words else record.msg}"
        self._write(_line(now, record.levelname.lower(), event, fields))

    def _exception(self, error: BaseException) -> list[dict[str, Any]]:
        """The exception and what caused it, the cause last."""
        told = []
        found: BaseException | None = error
        while found is not None:
            frames = traceback.extract_tb(found.__traceback__)
            one: dict[str, Any] = {
                "type": type(found).__name__,
                "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
            }
            if self._with_words:
                one["words"] = str(found)
            told.append(one)
            found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
        return told


def configure(level: str, *, write: Write = write_standard_error) -> None:
    """Send every logger's records of `level` and above to `write`."""
    root = logging.getLogger()
    for handler in [*root.handlers]:
        root.removeHandler(handler)
    root.addHandler(JsonLines(write, with_words=level == "debug"))
    root.setLevel(LEVELS[level])
    if level != "debug":
        for noisy in ("uvicorn", "uvicorn.error", "asyncio", "aiosmtplib"):
            logging.getLogger(noisy).setLevel(logging.WARNING)


class RequestLog:
    """
    One line a request. It goes past the standard library's loggers, which cost more than many a
    request does.
    """

    def __init__(
        self, level: str, *, now: Callable[[], datetime], write: Write = write_standard_error
    ) -> None:
        self._write = write if LEVELS[level] <= logging.INFO else None
        self._now = now

    def __call__(
        self, *, request_id: str, operation: str, status: int, error: str | None, seconds: float
    ) -> None:
        if self._write is None:
            return
        fields = {
            "request_id": request_id,
            "operation": operation,
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
        }
        if error is not None:
            fields["error"] = error
        self._write(_line(self._now(), "info", "request", fields))
