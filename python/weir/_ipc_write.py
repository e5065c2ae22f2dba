"""Writes frames as Arrow IPC streams: messages as lists of buffers, which stay where they are.

Only the columns asked for are written. Arrays may be slices: bits that do not begin at a byte are shifted, text
offsets that do not begin at 0 are brought there; both are arithmetic on one long integer each, so as fast as
the processor reads. A dictionary is written where it differs from that of the batch before.
Source: "IPC streaming format", "Arrow columnar format"; Message.fbs, Schema.fbs of apache/arrow.
"""
from __future__ import annotations

import struct
from typing import Any, Callable, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ._c_data import FLAG_NULLABLE, FLAG_ORDERED, ArrowArray, ArrowSchema, Frame, Owned, metadata_of
from ._errors import InputError, UnsupportedError
from ._flatbuffers import Node, Scalar, Structs, Tables, Text, build
from ._native import memory_at
from ._types import Layout, Type, index_node, type_of_format, words_for

Buffer = Union[bytes, memoryview]
_SCHEMA, _DICTIONARY_BATCH, _RECORD_BATCH = 1, 2, 3
_METADATA_V5 = 4
# A message begins with a continuation and its size; a size of 0 is the end of a stream.
_CONTINUATION = b"\xff\xff\xff\xff"
_END = bytes(4)
_VIEW = struct.Struct("<iiii")  # size, then of long texts: prefix, buffer, offset
_VIEW_INLINE = 12
# A slice of views may stand on buffers that are far larger than it; then only what it uses is sent.
_VIEW_SLACK = 1 << 20


class Column(NamedTuple):
    number: int  # among the frame's
    name: str
    type: Type  # of the values, of the dictionary's where there is one
    indices: Optional[Layout]  # of a dictionary's indices
    schema: ArrowSchema


# ---- the schema -------------------------------------------------------------------------------

def _name(schema: ArrowSchema) -> str:
    return (schema.name or b"").decode("utf-8", "surrogateescape")


def _children(schema: Any) -> List[Any]:
    return [schema.children[i].contents for i in range(schema.n_children)]


def _column(number: int, schema: Any) -> Optional[Column]:
    """None for what is not flat."""
    values = schema.dictionary.contents if schema.dictionary else schema
    type = type_of_format(values.format.decode())
    index = type_of_format(schema.format.decode()) if schema.dictionary else None
    if type is None or (schema.dictionary and (index is None or values.dictionary)):
        return None
    return Column(number, _name(schema), type, index.layout if index else None, schema)


def _refuse(schema: ArrowSchema) -> UnsupportedError:
    return UnsupportedError(f"the column is {words_for(schema.format.decode())}, which weir does not read",
                            column=_name(schema), hint="flatten the frame before, or leave the column out")


def chosen_columns(schema: Any, needed: Callable[[str], bool], must: Callable[[str], bool]) -> List[Column]:
    """The frame's columns whose names are needed, in its order; one that must be there has to be flat."""
    if schema.format != b"+s":
        raise InputError("data with columns is needed, and this is a single column",
                         hint="give a table, a frame or a record batch")
    columns = []
    for number, child in enumerate(_children(schema)):
        name = _name(child)
        column = _column(number, child) if needed(name) else None
        if column is not None:
            columns.append(column)
        elif must(name):
            raise _refuse(child)
    return columns


def _metadata_node(schema: ArrowSchema) -> Optional[Tables]:
    """What says of an extension type which it is."""
    entries = [(key, value) for key, value in metadata_of(schema) if key.startswith(b"ARROW:extension:")]
    decoded = [[Text(part.decode("utf-8", "surrogateescape")) for part in entry] for entry in entries]
    return Tables([Node(*entry) for entry in decoded]) if entries else None


def _field_node(id: int, column: Column) -> Node:
    schema, dictionary = column.schema, None
    if column.indices is not None:
        ordered = Scalar("B", int(bool(schema.flags & FLAG_ORDERED)))
        dictionary = Node(Scalar("q", id), index_node(schema.format.decode()), ordered)
    return Node(Text(column.name), Scalar("B", int(bool(schema.flags & FLAG_NULLABLE))),
                Scalar("B", column.type.union), column.type.table, dictionary, Tables([]), _metadata_node(schema))


def _message(kind: int, header: Node, body_size: int) -> bytes:
    message = build(Node(Scalar("h", _METADATA_V5), Scalar("B", kind), header, Scalar("q", body_size)))
    return _CONTINUATION + struct.pack("<I", len(message)) + message


def _schema_message(columns: Sequence[Column]) -> bytes:
    fields = Tables([_field_node(id, column) for id, column in enumerate(columns)])
    return _message(_SCHEMA, Node(Scalar("h", 0), fields), 0)


# ---- buffers ----------------------------------------------------------------------------------

def _bits(address: Optional[int], first: int, count: int) -> Buffer:
    """Bits first to first + count - 1, beginning at a byte."""
    begin, shift = divmod(first, 8)
    view = memory_at(address and address + begin, (shift + count + 7) // 8)
    if shift == 0 or count == 0:
        return view
    return (int.from_bytes(view, "little") >> shift).to_bytes(len(view), "little")[:(count + 7) // 8]


def _zeros_in(bits: Buffer, count: int) -> int:
    """How many of the first count bits are 0."""
    ones = bin(int.from_bytes(bits, "little") & ((1 << count) - 1)).count("1")
    return count - ones


def _brought_to_zero(view: memoryview, width: int) -> Buffer:
    """Offsets less the first of them. No lane borrows from the next, since none is less than the first."""
    first = int.from_bytes(view[:width], "little", signed=True)
    if first == 0:
        return view
    lanes = int.from_bytes(view[:width].tobytes() * (len(view) // width), "little")
    try:
        return (int.from_bytes(view, "little") - lanes).to_bytes(len(view), "little")
    except OverflowError:
        raise InputError("the offsets of a text column do not ascend") from None


class _Body:
    """The buffers of a message, each padded to 8 bytes."""

    def __init__(self) -> None:
        self.pieces: List[Buffer] = []
        self.places = bytearray()
        self.nodes = bytearray()
        self.variadic = bytearray()
        self.size = 0

    def add(self, buffer: Buffer) -> None:
        size = len(buffer)
        padding = -size % 8
        self.places += struct.pack("<qq", self.size, size)
        self.size += size + padding
        if size:
            self.pieces.append(buffer)
        if padding:
            self.pieces.append(bytes(padding))

    def header(self, rows: int) -> Node:
        variadic = len(self.variadic) // 8
        return Node(Scalar("q", rows), Structs(len(self.nodes) // 16, bytes(self.nodes)),
                    Structs(len(self.places) // 16, bytes(self.places)), None,
                    Structs(variadic, bytes(self.variadic)) if variadic else None)


def _add_text(body: _Body, array: Any, first: int, rows: int, width: int) -> None:
    offsets = memory_at(array.buffers[1] and array.buffers[1] + first * width, (rows + 1) * width) if rows else b""
    if len(offsets) == 0:
        body.add(bytes(width))
        body.add(b"")
        return
    begin = int.from_bytes(offsets[:width], "little", signed=True)
    end = int.from_bytes(offsets[-width:], "little", signed=True)
    if not 0 <= begin <= end:
        raise InputError("the offsets of a text column do not ascend")
    body.add(_brought_to_zero(memoryview(offsets), width))
    body.add(memory_at(array.buffers[2] and array.buffers[2] + begin, end - begin))


def _used_parts(views: memoryview, sizes: Sequence[int]) -> List[Tuple[int, int]]:
    """Of each buffer of long texts, the part that the views use."""
    parts = [(size, 0) for size in sizes]
    for size, _, number, offset in _VIEW.iter_unpack(views):
        if size > _VIEW_INLINE and 0 <= number < len(sizes) and 0 <= offset <= sizes[number] - size:
            begin, end = parts[number]
            parts[number] = (min(begin, offset), max(end, offset + size))
    return [(begin, max(begin, end)) for begin, end in parts]


def _moved_views(views: memoryview, parts: Sequence[Tuple[int, int]]) -> bytes:
    """The views with the places that their texts have in the parts. What is nobody's text becomes empty."""
    moved = bytearray(views)
    for place, (size, prefix, number, offset) in enumerate(_VIEW.iter_unpack(views)):
        if size > _VIEW_INLINE:
            known = 0 <= number < len(parts) and parts[number][0] <= offset <= parts[number][1] - size
            view = (size, prefix, number, offset - parts[number][0]) if known else (0, 0, 0, 0)
            _VIEW.pack_into(moved, place * _VIEW.size, *view)
    return bytes(moved)


def _add_views(body: _Body, array: Any, first: int, rows: int) -> None:
    count = array.n_buffers - 3
    views: Buffer = memory_at(array.buffers[1] and array.buffers[1] + first * _VIEW.size, rows * _VIEW.size)
    packed = memory_at(array.buffers[array.n_buffers - 1], 8 * count)
    sizes = [size for (size,) in struct.iter_unpack("<q", packed)]
    parts = [(0, size) for size in sizes]
    if sum(sizes) > len(views) + _VIEW_SLACK:
        parts = _used_parts(memoryview(views), sizes)
        views = _moved_views(memoryview(views), parts)
    body.add(views)
    body.variadic += struct.pack("<q", count)
    for number, (begin, end) in enumerate(parts):
        address = array.buffers[2 + number]
        body.add(memory_at(address and address + begin, end - begin))


def _add_validity(body: _Body, array: Any, first: int, rows: int) -> None:
    nulls, validity = array.null_count, array.buffers[0]
    bits: Buffer = b""
    if nulls != 0 and validity and rows:
        bits = _bits(validity, first, rows)
        whole = nulls > 0 and rows == array.length
        nulls = nulls if whole else _zeros_in(bits, rows)
    else:
        nulls = 0
    body.nodes += struct.pack("<qq", rows, nulls)
    body.add(bits if nulls else b"")


def _add_column(body: _Body, layout: Layout, array: Any, first: int, rows: int) -> None:
    if layout.kind == "null":
        body.nodes += struct.pack("<qq", rows, rows)
        return
    _add_validity(body, array, first, rows)
    if layout.kind == "bits":
        body.add(_bits(array.buffers[1], first, rows))
    elif layout.kind == "text":
        _add_text(body, array, first, rows, layout.width)
    elif layout.kind == "view":
        _add_views(body, array, first, rows)
    else:
        address = array.buffers[1]
        body.add(memory_at(address and address + first * layout.width, rows * layout.width))


# ---- messages ---------------------------------------------------------------------------------

def _identity(array: Any) -> Tuple[Any, ...]:
    """Tells dictionaries apart while both are alive."""
    return (array.length, array.offset, *[array.buffers[i] for i in range(array.n_buffers)])


def _dictionary_message(id: int, column: Column, dictionary: Any) -> List[Buffer]:
    body = _Body()
    _add_column(body, column.type.layout, dictionary, dictionary.offset, dictionary.length)
    header = Node(Scalar("q", id), body.header(dictionary.length))
    return [_message(_DICTIONARY_BATCH, header, body.size), *body.pieces]


def _batch_message(columns: Sequence[Column], array: Any) -> List[Buffer]:
    body = _Body()
    for column in columns:
        child = array.children[column.number].contents
        layout = column.indices or column.type.layout
        _add_column(body, layout, child, array.offset + child.offset, array.length)
    return [_message(_RECORD_BATCH, body.header(array.length), body.size), *body.pieces]


def _check_shape(frame: Frame, array: Any) -> None:
    if array.n_children != frame.schema.value.n_children:
        raise InputError("a batch of a frame does not have the columns of its schema")
    if array.null_count > 0 and array.n_buffers > 0 and array.buffers[0]:
        raise InputError("a frame has rows that are NULL as a whole")


def write_frame(frame: Frame, columns: Sequence[Column]) -> Iterator[List[Buffer]]:
    """The messages of a stream but its end. Buffers are valid until the next message is asked for."""
    yield [_schema_message(columns)]
    known: List[Optional[Tuple[Any, ...]]] = [None] * len(columns)
    before: Optional[Owned] = None  # kept so that no new dictionary can have its addresses
    for owned in frame.arrays():
        array = owned.value
        _check_shape(frame, array)
        for id, column in enumerate(columns):
            if column.indices is not None:
                dictionary = array.children[column.number].contents.dictionary.contents
                if known[id] != _identity(dictionary):
                    known[id] = _identity(dictionary)
                    yield _dictionary_message(id, column, dictionary)
        yield _batch_message(columns, array)
        if before is not None:
            before.release()
        before = owned
        if not any(column.indices for column in columns):
            owned.release()


def write_streams(streams: Iterable[Iterable[List[Buffer]]]) -> Iterator[List[Buffer]]:
    """
    Streams one behind the other, in pieces of which each but the last holds the begin of the next message. So
    whatever ends this process, what was written until then is never taken for the whole.
    """
    yield [_CONTINUATION]
    for number, messages in enumerate(streams):
        if number > 0:
            yield [_END, _CONTINUATION]
        for prefixed, *pieces in messages:
            yield [memoryview(prefixed)[len(_CONTINUATION):], *pieces, _CONTINUATION]
    yield [_END]
