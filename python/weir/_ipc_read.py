"""Reads what the program writes with --format arrow: where the buffers of an Arrow IPC stream lie.

Nothing is copied: a batch is told by the addresses of its buffers, each checked to lie inside the stream. Dictionaries and compression are refused: the program writes neither.
Source: "IPC streaming format"; Message.fbs, Schema.fbs of apache/arrow.
"""
from __future__ import annotations

import struct
from array import array
from operator import add
from typing import Iterator, List, NamedTuple, Optional, Tuple

from ._flatbuffers import Malformed, Table
from ._types import format_of_field, type_of_format, words_for

_SCHEMA, _RECORD_BATCH = 1, 3
_PREFIX = struct.Struct("<II")
_CONTINUATION = 0xFFFFFFFF
COLUMN_BUFFERS = 3  # at most
_ABSENT = [[0] * (COLUMN_BUFFERS - count) for count in range(COLUMN_BUFFERS + 1)]


class Field(NamedTuple):
    """A column of a stream."""

    name: str
    format: str  # of the C data interface
    nullable: bool
    metadata: Tuple[Tuple[str, str], ...]

    @property
    def type(self) -> str:
        return words_for(self.format)

    @property
    def buffer_count(self) -> int:
        type = type_of_format(self.format)
        if type is None:
            raise Malformed(f"a column has a type that is not flat ({self.format})")
        return {"null": 0, "text": 3}.get(type.layout.kind, 2)


class Stream(NamedTuple):
    """A whole stream. A batch is 1 + columns * 4 numbers: its rows; then for each column the count of NULLs and
    the addresses of its buffers, 0 for one that is not there."""

    fields: Tuple[Field, ...]
    rows: int
    batch_count: int
    numbers: "array[int]"


def _messages(view: memoryview) -> Iterator[Tuple[int, Table, int, int]]:
    """Kind, header, where the body begins, where it ends."""
    position = 0
    while position + _PREFIX.size <= len(view):
        mark, size = _PREFIX.unpack_from(view, position)
        if mark != _CONTINUATION:
            raise Malformed("a message does not begin as one")
        if size == 0:
            return
        body = position + _PREFIX.size + size
        message = Table.root(view[position + _PREFIX.size:body])
        end = body + message.integer(3, "q")
        header = message.table(2)
        if header is None or not body <= end <= len(view):
            raise Malformed("a message is cut off")
        yield message.integer(1, "B"), header, body, end
        position = end
    raise Malformed("the stream has no end")


def _field(table: Table) -> Field:
    if table.has(4):
        raise Malformed("a column has a dictionary")
    metadata = tuple((entry.text(0) or "", entry.text(1) or "") for entry in table.tables(6))
    return Field(table.text(0) or "", format_of_field(table.integer(2, "B"), table.table(3)),
                 bool(table.integer(1, "B")), metadata)


def _check_places(places: Tuple[int, ...], room: int) -> None:
    """Offsets and sizes of buffers in turn: all inside the body."""
    offsets, sizes = places[::2], places[1::2]
    if places and (min(places) < 0 or max(map(add, offsets, sizes)) > room):
        raise Malformed("a buffer lies outside its message")


def _batch(counts: List[int], header: Table, address: int, room: int) -> List[int]:
    """A batch as numbers. counts: buffers of each column; address: where the body is."""
    if header.has(3):
        raise Malformed("a batch is compressed")
    nodes, places = header.pairs(1), header.pairs(2)
    if len(nodes) != 2 * len(counts) or len(places) != 2 * sum(counts):
        raise Malformed("a batch does not have the columns of its schema")
    _check_places(places, room)
    numbers = [header.integer(0, "q")]
    first = 0
    for count, nulls in zip(counts, nodes[1::2]):
        addresses = [address + offset for offset in places[first:first + 2 * count:2]] + _ABSENT[count]
        if nulls == 0:
            addresses[0] = 0  # no validity
        numbers.append(nulls)
        numbers += addresses
        first += 2 * count
    return numbers


def read_stream(view: memoryview, address: int) -> Stream:
    """All of a stream that lies at an address."""
    fields: Optional[Tuple[Field, ...]] = None
    counts: List[int] = []
    numbers = array("q")
    rows = batch_count = 0
    for kind, header, body, end in _messages(view):
        if kind == _SCHEMA and fields is None:
            fields = tuple(_field(table) for table in header.tables(1))
            counts = [field.buffer_count for field in fields]
        elif kind == _RECORD_BATCH and fields is not None:
            batch = _batch(counts, header, address + body, end - body)
            numbers.extend(batch)
            rows += batch[0]
            batch_count += 1
        else:
            raise Malformed(f"a message of kind {kind} is out of place")
    if fields is None:
        raise Malformed("the stream has no schema")
    return Stream(fields, rows, batch_count, numbers)
