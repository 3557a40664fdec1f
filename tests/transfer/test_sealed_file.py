"""Sealed files: who can open them, and that nothing of them can be changed."""

import io

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from cognate.transfer.locks import Identity, LockError, Passphrase, Recipient
from cognate.transfer.sealed_file import (
    LENGTH_BYTES,
    MAGIC,
    ArchiveError,
    Reader,
    Writer,
    unpacked,
)

SALT = bytes(range(16))
CONTENTS = [b"the first chunk", b"x" * 10_000, b""]
LOCK = Passphrase("several words")


class Held:
    """A key at hand: stretching a passphrase takes long, and these tests open thousands."""

    def closed(self, salt):
        return SALT * 2, {"kind": "held"}

    def opened(self, salt, description):
        return SALT * 2


def written(lock=None, contents=CONTENTS):
    file = io.BytesIO()
    writer = Writer(file, lock or Held(), SALT)
    for number, content in enumerate(contents):
        last = number == len(contents) - 1
        writer.write(writer.sealer.sealed(number, content, last=last))
    return file.getvalue()


def opened(archive, unlocking=None):
    reader = Reader(io.BytesIO(archive), unlocking or Held())
    chunks = reader.verify()
    reader.rewind()
    return [unpacked(reader.packed(number)[0]) for number in range(chunks)]


ARCHIVE = written()


def parts(archive):
    """The head, and every chunk with its length."""
    start = len(MAGIC)
    start += LENGTH_BYTES + int.from_bytes(archive[start : start + LENGTH_BYTES], "big")
    found = [archive[:start]]
    while start < len(archive):
        end = start + LENGTH_BYTES
        end += int.from_bytes(archive[start:end], "big")
        found.append(archive[start:end])
        start = end
    return found


def a_pair(kind=X25519PrivateKey):
    private = kind.generate()
    return (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )


def test_the_passphrase_opens_it():
    assert opened(written(LOCK), LOCK) == CONTENTS


def test_the_recipients_private_key_opens_it():
    private, public = a_pair()

    archive = written(Recipient(public, bytes(range(32))))

    assert opened(archive, Identity(private)) == CONTENTS
    with pytest.raises(ArchiveError, match="the passphrase or key is not the archive's"):
        opened(archive, Identity(a_pair()[0]))


def test_another_passphrase_does_not():
    with pytest.raises(ArchiveError, match="the passphrase or key is not the archive's"):
        opened(written(LOCK), Passphrase("other words"))


def test_each_kind_of_lock_is_told_from_the_other():
    private, public = a_pair()

    with pytest.raises(LockError, match="locked with a passphrase"):
        opened(written(LOCK), Identity(private))
    with pytest.raises(LockError, match="locked for a key pair"):
        opened(written(Recipient(public, bytes(range(32)))), LOCK)


@pytest.mark.parametrize("text", [b"", b"no key", a_pair(Ed25519PrivateKey)[1], a_pair()[0]])
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(LockError, match="key"):
        Recipient(text, bytes(range(32)))


def test_an_empty_passphrase_is_refused():
    with pytest.raises(LockError, match="empty"):
        Passphrase("")


def test_no_byte_can_be_changed():
    for place in range(len(MAGIC), len(ARCHIVE), 7):
        altered = bytearray(ARCHIVE)
        altered[place] ^= 1
        with pytest.raises((ArchiveError, LockError)):
            opened(bytes(altered))


def test_it_cannot_end_early_anywhere():
    for size in range(0, len(ARCHIVE), 5):
        with pytest.raises(ArchiveError):
            opened(ARCHIVE[:size])
    head, *chunks = parts(ARCHIVE)
    with pytest.raises(ArchiveError, match="the archive is cut off"):
        opened(head + b"".join(chunks[:-1]))


def test_chunks_cannot_be_moved_left_out_or_added():
    head, first, second, last = parts(ARCHIVE)

    for order in (
        (head, second, first, last),
        (head, first, last),
        (head, first, first, second, last),
        (head, first, second, last, last),
        (head, last),
    ):
        with pytest.raises(ArchiveError):
            opened(b"".join(order))


def test_a_header_of_another_archive_does_not_fit():
    other = io.BytesIO()
    Writer(other, Held(), bytes(16))

    with pytest.raises(ArchiveError):
        opened(other.getvalue() + b"".join(parts(ARCHIVE)[1:]))


@pytest.mark.parametrize(
    ("archive", "fault"),
    [
        (b"PK\x03\x04 something else", "the file is not a pool archive"),
        (MAGIC + b"\x00\x00\x00\x05nodoc", "the archive's header is damaged"),
        (MAGIC + b"\xff\xff\xff\xff", "the archive was altered"),
        (
            MAGIC + b"\x00\x00\x00\x29" + b'{"format":2,"archive_id":"00","lock":{}} ',
            "the archive has format 2; this version reads 1",
        ),
    ],
)
def test_what_is_no_archive_is_told_apart(archive, fault):
    with pytest.raises(ArchiveError, match=fault):
        opened(archive)
