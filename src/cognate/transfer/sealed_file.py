"""
Sealed files: chunks under one key, each compressed and encrypted, in an order that cannot change.

`cognate-pool-archive` and a line end; a header in JSON, preceded by its length; then chunks, each
preceded by the length of its AES-256-GCM ciphertext. Lengths are four bytes, big-endian. A chunk's
nonce is its number, and its authenticated data are the header's digest and whether it is the last
one: so an altered header, chunks that were moved, left out or added, and an end that is missing all
show.
"""

import hashlib
import zlib
from typing import BinaryIO, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cognate.transfer.locks import Lock, Unlocking

MAGIC: Final = b"cognate-pool-archive\n"
FORMAT: Final = 1
SALT_BYTES: Final = 16
LENGTH_BYTES: Final = 4
TAG_BYTES: Final = 16
LARGEST_CHUNK: Final = 256 * 1024 * 1024  # bytes; far above what is written
LARGEST_HEADER: Final = 64 * 1024
COMPRESSION: Final = 1  # zlib's fastest: what takes the room are hashes, which do not shrink


class ArchiveError(Exception):
    """An archive that cannot be read, in words for whoever has it."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """In clear, and authenticated. `archive_id`: hexadecimal; also the salt of its key."""

    format: int
    archive_id: str
    lock: dict[str, str]


class Sealer:
    """Seals chunks, in any thread; who writes them keeps the order."""

    def __init__(self, key: bytes, header: bytes) -> None:
        self._cipher = AESGCM(key)
        self._digest = hashlib.sha256(header).digest()

    def sealed(self, number: int, content: bytes, *, last: bool) -> bytes:
        packed = zlib.compress(content, COMPRESSION)
        return self._cipher.encrypt(_nonce(number), packed, self._context(last=last))

    def authentic(self, number: int, chunk: bytes, *, last: bool) -> bytes:
        """
        The packed content.

        Raises:
            InvalidTag: not this chunk of this archive, under this key.
        """
        return self._cipher.decrypt(_nonce(number), chunk, self._context(last=last))

    def _context(self, *, last: bool) -> bytes:
        return self._digest + (b"last" if last else b"more")


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


class Writer:
    """Begins an archive in `file`. `salt`: 16 random bytes."""

    def __init__(self, file: BinaryIO, lock: Lock, salt: bytes) -> None:
        key, description = lock.closed(salt)
        self.header = Header(format=FORMAT, archive_id=salt.hex(), lock=description)
        encoded = msgspec.json.encode(self.header)
        self._file = file
        self._file.write(MAGIC + len(encoded).to_bytes(LENGTH_BYTES, "big") + encoded)
        self.sealer = Sealer(key, encoded)

    def write(self, chunk: bytes) -> None:
        self._file.write(len(chunk).to_bytes(LENGTH_BYTES, "big") + chunk)


class Reader:
    """
    Reads chunk by chunk.

    Raises:
        ArchiveError: no archive, or one of a newer version.
        LockError: it was locked in another way.
    """

    def __init__(self, file: BinaryIO, unlocking: Unlocking) -> None:
        if file.read(len(MAGIC)) != MAGIC:
            raise ArchiveError("the file is not a pool archive")
        encoded = _exactly(file, _length(file, LARGEST_HEADER))
        try:
            self.header = msgspec.json.decode(encoded, type=Header)
            salt = bytes.fromhex(self.header.archive_id)
        except (msgspec.DecodeError, ValueError) as cause:
            raise ArchiveError("the archive's header is damaged") from cause
        if self.header.format != FORMAT:
            raise ArchiveError(
                f"the archive has format {self.header.format}; this version reads {FORMAT}"
            )
        if len(salt) != SALT_BYTES:
            raise ArchiveError("the archive's header is damaged")
        self._file = file
        self._sealer = Sealer(unlocking.opened(salt, self.header.lock), encoded)
        self._first = file.tell()

    def verify(self) -> int:
        """
        Read all of it; how many chunks there are.

        Raises:
            ArchiveError: another passphrase or key, altered, or cut off.
        """
        self._file.seek(self._first)
        number = 0
        while True:
            _, last = self.packed(number)
            number += 1
            if last:
                break
        if self._file.read(1):
            raise ArchiveError("there is something behind the archive's end")
        return number

    def rewind(self) -> None:
        self._file.seek(self._first)

    def packed(self, number: int) -> tuple[bytes, bool]:
        """
        The next chunk, which is the one of this number, and whether it is the last.

        Raises:
            ArchiveError: as `verify` says.
        """
        chunk = _exactly(self._file, _length(self._file, LARGEST_CHUNK))
        for last in (False, True):
            try:
                return self._sealer.authentic(number, chunk, last=last), last
            except InvalidTag:
                continue
        if number == 0:
            raise ArchiveError("the passphrase or key is not the archive's, or it was altered")
        raise ArchiveError("the archive was altered")


def unpacked(packed: bytes) -> bytes:
    return zlib.decompress(packed)


def _length(file: BinaryIO, largest: int) -> int:
    length = int.from_bytes(_exactly(file, LENGTH_BYTES), "big")
    if length > largest:
        raise ArchiveError("the archive was altered")
    return length


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise ArchiveError("the archive is cut off")
    return found
