"""Records as stored documents: JSON made from the record's own fields."""

from collections import OrderedDict
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")
REMEMBERED = 1024


class Documents(Generic[T]):
    """Encodes and decodes one kind of record. A field added later must have a default."""

    def __init__(self, record: type[T]) -> None:
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(record)

    def encode(self, record: T) -> bytes:
        return self._encoder.encode(record)

    def decode(self, document: bytes) -> T:
        return self._decoder.decode(document)


class RememberedDocuments(Documents[T]):
    """
    For records that are read far more often than written: the same bytes give the same record.

    The bytes come from the database each time, so nothing here can be stale.
    """

    def __init__(self, record: type[T]) -> None:
        super().__init__(record)
        self._known: OrderedDict[bytes, T] = OrderedDict()

    def decode(self, document: bytes) -> T:
        known = self._known.get(document)
        if known is not None:
            return known
        record = super().decode(document)
        self._known[document] = record
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return record
