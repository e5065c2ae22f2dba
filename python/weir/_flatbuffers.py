"""FlatBuffers, as much as Arrow's messages need: tables read from bytes, and written.

Source: "FlatBuffers internals" (binary format). A table begins with the distance back to its vtable; a vtable
holds its own size, the table's size, then for each field its distance from the table's begin, 0 for one that
is not there. Vectors and strings begin with their length.
"""
from __future__ import annotations

import struct
from functools import lru_cache
from typing import List, Optional, Sequence, Tuple, Union

_U16 = struct.Struct("<H")
_U32 = struct.Struct("<I")
_I32 = struct.Struct("<i")
_FORMS = {form: struct.Struct("<" + form) for form in "bBhHiIqQ"}


@lru_cache(maxsize=64)
def _pairs(count: int) -> struct.Struct:
    return struct.Struct(f"<{2 * count}q")


class Malformed(ValueError):
    """Bytes are no FlatBuffer of the kind that was expected."""


def _unpack(form: struct.Struct, view: memoryview, position: int) -> int:
    if position < 0:  # which Python would count from the end
        raise Malformed("a field lies outside the message")
    try:
        value: int = form.unpack_from(view, position)[0]
    except struct.error:
        raise Malformed("a field lies outside the message") from None
    return value


class Table:
    """A table at a position; fields are named by their number. Every access stays inside the view."""

    def __init__(self, view: memoryview, position: int) -> None:
        self._view = view
        self._position = position
        self._vtable = position - _unpack(_I32, view, position)
        self._size = _unpack(_U16, view, self._vtable)

    @classmethod
    def root(cls, view: memoryview) -> "Table":
        return cls(view, _unpack(_U32, view, 0))

    def _field(self, number: int) -> Optional[int]:
        at = 4 + 2 * number
        if at + 2 > self._size:
            return None
        distance = _unpack(_U16, self._view, self._vtable + at)
        return self._position + distance if distance else None

    def integer(self, number: int, form: str, default: int = 0) -> int:
        """form: a character of the struct module."""
        position = self._field(number)
        return default if position is None else _unpack(_FORMS[form], self._view, position)

    def has(self, number: int) -> bool:
        return self._field(number) is not None

    def _target(self, position: int) -> int:
        return position + _unpack(_U32, self._view, position)

    def table(self, number: int) -> Optional["Table"]:
        position = self._field(number)
        return None if position is None else Table(self._view, self._target(position))

    def _vector(self, number: int, item_size: int) -> Tuple[int, int]:
        """Where the items begin, and their count."""
        position = self._field(number)
        if position is None:
            return 0, 0
        begin = self._target(position)
        count = _unpack(_U32, self._view, begin)
        if begin + 4 + count * item_size > len(self._view):
            raise Malformed("a vector lies outside the message")
        return begin + 4, count

    def text(self, number: int) -> Optional[str]:
        if self._field(number) is None:
            return None
        begin, size = self._vector(number, 1)
        return bytes(self._view[begin:begin + size]).decode("utf-8", "surrogateescape")

    def tables(self, number: int) -> List["Table"]:
        begin, count = self._vector(number, 4)
        return [Table(self._view, self._target(begin + 4 * i)) for i in range(count)]

    def pairs(self, number: int) -> Tuple[int, ...]:
        """A vector of structs of two 64-bit numbers, flat."""
        begin, count = self._vector(number, 16)
        return _pairs(count).unpack_from(self._view, begin)


class Scalar:
    """A number, in the struct module's notation."""

    def __init__(self, form: str, value: int) -> None:
        self.form = _FORMS[form]
        self.value = value


class Text:
    def __init__(self, value: str) -> None:
        self.value = value


class Structs:
    """A vector of structs, packed."""

    def __init__(self, count: int, packed: bytes) -> None:
        self.count = count
        self.packed = packed


class Tables:
    def __init__(self, items: Sequence["Node"]) -> None:
        self.items = items


class Node:
    """A table to be written: a value for each field, None for one that is left out."""

    def __init__(self, *fields: Union[Scalar, Text, Structs, Tables, "Node", None]) -> None:
        self.fields = fields


class _Writer:
    """Parents are written before what they point to, since distances are unsigned."""

    def __init__(self) -> None:
        self.bytes = bytearray(4)

    def align(self, size: int, ahead: int = 0) -> None:
        """So that what stands ahead bytes further is aligned."""
        self.bytes.extend(bytes(-(len(self.bytes) + ahead) % size))

    def point(self, link: int) -> None:
        """A link, to what is written next."""
        _U32.pack_into(self.bytes, link, len(self.bytes) - link)

    def node(self, link: int, node: Node) -> None:
        places, size = _layout(node)
        vtable_size = 4 + 2 * len(places)
        self.align(8, vtable_size)
        vtable = len(self.bytes)
        self.bytes += struct.pack(f"<HH{len(places)}H", vtable_size, size, *places)
        self.point(link)
        table = len(self.bytes)
        self.bytes.extend(bytes(size))
        _I32.pack_into(self.bytes, table, table - vtable)
        for place, field in zip(places, node.fields):
            self.field(table + place, field)

    def field(self, place: int, field: Union[Scalar, Text, Structs, Tables, Node, None]) -> None:
        if isinstance(field, Scalar):
            field.form.pack_into(self.bytes, place, field.value)
        elif isinstance(field, Text):
            self.text(place, field.value.encode("utf-8", "surrogateescape"))
        elif isinstance(field, Structs):
            self.align(8, 4)
            self.point(place)
            self.bytes += _U32.pack(field.count) + field.packed
        elif isinstance(field, Tables):
            self.tables(place, field.items)
        elif isinstance(field, Node):
            self.node(place, field)

    def text(self, link: int, value: bytes) -> None:
        self.align(4)
        self.point(link)
        self.bytes += _U32.pack(len(value)) + value + b"\0"

    def tables(self, link: int, items: Sequence[Node]) -> None:
        self.align(4)
        self.point(link)
        self.bytes += _U32.pack(len(items))
        first = len(self.bytes)
        self.bytes.extend(bytes(4 * len(items)))
        for number, item in enumerate(items):
            self.node(first + 4 * number, item)


def _layout(node: Node) -> Tuple[List[int], int]:
    """Each field's distance from the table's begin (0: not there), and the table's size."""
    places, end = [], 4
    for field in node.fields:
        size = 0 if field is None else field.form.size if isinstance(field, Scalar) else 4
        end += -end % size if size else 0
        places.append(end if size else 0)
        end += size
    return places, end


def build(root: Node) -> bytes:
    """A whole buffer, its size a multiple of 8."""
    writer = _Writer()
    writer.node(0, root)
    writer.align(8)
    return bytes(writer.bytes)
