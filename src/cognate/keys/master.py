"""
Where master keys come from: a file beside the data, or the environment.

A key is 32 bytes, written as base64url. Its id is the head of its digest, so that what it sealed
can be found again while an older key is still at hand.
"""

import contextlib
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cognate.protocol import base64url
from cognate.protocol.sealing import KEY_BYTES


class MasterKeyError(Exception):
    """The master key is missing, malformed, or not the one that sealed the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKeys:
    """`current` seals; every key of `by_id` opens."""

    current: str
    by_id: Mapping[str, bytes]

    @classmethod
    def of(cls, keys: list[bytes]) -> "MasterKeys":
        """The first key is the current one."""
        by_id = {key_id_of(key): key for key in keys}
        return cls(current=key_id_of(keys[0]), by_id=by_id)


def key_id_of(key: bytes) -> str:
    return hashlib.sha256(b"cognate master key" + key).hexdigest()[:16]


def parse(text: str) -> bytes:
    """
    Raises:
        MasterKeyError: not the base64url text of 32 bytes.
    """
    try:
        key = base64url.decode(text.strip())
    except ValueError as cause:
        raise MasterKeyError("a master key is base64url text without padding") from cause
    if len(key) != KEY_BYTES:
        raise MasterKeyError(f"a master key has {KEY_BYTES} bytes, not {len(key)}")
    return key


def from_environment(value: str) -> MasterKeys:
    """Keys separated by commas, the current one first."""
    return MasterKeys.of([parse(part) for part in value.split(",")])


def from_file(path: Path, *, fresh: bytes | None) -> MasterKeys:
    """
    The keys of the file, one a line, the current one first; a missing file is made with `fresh`.

    Several processes may start at once: the file appears whole or not at all, and the first wins.

    Raises:
        MasterKeyError: the file cannot be read or made, or holds no key; it is missing, and none
            is to be made.
    """
    try:
        if not path.exists():
            if fresh is None:
                raise MasterKeyError(f"{path} is missing, and there is data that its key sealed")
            _make(path, fresh)
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as cause:
        reason = cause.strerror if isinstance(cause, OSError) else "not text"
        raise MasterKeyError(f"{path} cannot be used: {reason}") from None
    keys = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                keys.append(parse(line))
            except MasterKeyError as cause:
                raise MasterKeyError(f"{path}, line {number}: {cause}") from cause
    if not keys:
        raise MasterKeyError(f"{path} holds no key")
    return MasterKeys.of(keys)


def _make(path: Path, key: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{base64url.encode(hashlib.sha256(key).digest()[:6])}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64url.encode(key) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
    # Data sealed under the key must not outlive it: its name is made durable, too.
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
