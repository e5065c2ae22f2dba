"""Frames of other libraries, read through the Arrow C stream interface.

Sources: "The Arrow C data interface", "The Arrow C stream interface", "The Arrow PyCapsule Interface".
"""
from __future__ import annotations

import ctypes
import os
from typing import Any, Iterator, List, Optional, Tuple

from ._errors import InputError
from ._native import memory_at


class ArrowSchema(ctypes.Structure):
    format: bytes
    name: Optional[bytes]
    metadata: Optional[int]
    flags: int
    n_children: int
    release: Any


class ArrowArray(ctypes.Structure):
    length: int
    null_count: int
    offset: int
    n_buffers: int
    n_children: int
    release: Any


class ArrowArrayStream(ctypes.Structure):
    release: Any


_SchemaPointer = ctypes.POINTER(ArrowSchema)
_ArrayPointer = ctypes.POINTER(ArrowArray)
_StreamPointer = ctypes.POINTER(ArrowArrayStream)

ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_void_p), ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64), ("children", ctypes.POINTER(_SchemaPointer)), ("dictionary", _SchemaPointer),
    ("release", ctypes.CFUNCTYPE(None, _SchemaPointer)), ("private_data", ctypes.c_void_p),
]
ArrowArray._fields_ = [
    ("length", ctypes.c_int64), ("null_count", ctypes.c_int64), ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64), ("n_children", ctypes.c_int64), ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(_ArrayPointer)), ("dictionary", _ArrayPointer),
    ("release", ctypes.CFUNCTYPE(None, _ArrayPointer)), ("private_data", ctypes.c_void_p),
]
ArrowArrayStream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, _StreamPointer, _SchemaPointer)),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, _StreamPointer, _ArrayPointer)),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, _StreamPointer)),
    ("release", ctypes.CFUNCTYPE(None, _StreamPointer)), ("private_data", ctypes.c_void_p),
]

_pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi))
FLAG_ORDERED, FLAG_NULLABLE = 1, 2


def _take(capsule: object, name: bytes, into: ctypes.Structure) -> None:
    """Moves what a capsule holds, so that its destructor finds it released."""
    address = _pointer_of(capsule, name)
    place = type(into).from_address(address)
    if not place.release:
        raise InputError("the frame's data was taken before")
    ctypes.memmove(ctypes.byref(into), address, ctypes.sizeof(into))
    ctypes.memset(address + type(into).release.offset, 0, ctypes.sizeof(ctypes.c_void_p))


class Owned:
    """A structure that is released once, with this object."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def release(self) -> None:
        if self.value.release:
            self.value.release(ctypes.byref(self.value))

    def __del__(self) -> None:
        self.release()


class Frame:
    """A schema, and arrays that come one by one."""

    def __init__(self, data: Any) -> None:
        self._stream: Optional[Owned] = None
        self._single: Optional[Owned] = None
        if hasattr(data, "__arrow_c_stream__"):
            self._stream = Owned(ArrowArrayStream())
            _take(data.__arrow_c_stream__(), b"arrow_array_stream", self._stream.value)
            self.schema = Owned(ArrowSchema())
            self._check(self._stream.value.get_schema(ctypes.byref(self._stream.value), ctypes.byref(self.schema.value)))
        else:
            self.schema, self._single = Owned(ArrowSchema()), Owned(ArrowArray())
            schema, array = data.__arrow_c_array__()
            _take(schema, b"arrow_schema", self.schema.value)
            _take(array, b"arrow_array", self._single.value)

    def _check(self, failure: int) -> None:
        if failure:
            assert self._stream is not None
            said = self._stream.value.get_last_error(ctypes.byref(self._stream.value))
            what = said.decode("utf-8", "replace") if said else os.strerror(failure)
            raise InputError(f"a frame gave no data: {what}")

    def arrays(self) -> Iterator[Owned]:
        if self._single is not None:
            yield self._single
        while self._stream is not None:
            array = Owned(ArrowArray())
            self._check(self._stream.value.get_next(ctypes.byref(self._stream.value), ctypes.byref(array.value)))
            if not array.value.release:
                return
            yield array


def is_frame(data: object) -> bool:
    return hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")


def metadata_of(schema: ArrowSchema) -> List[Tuple[bytes, bytes]]:
    """The entries of a schema's metadata."""
    position = schema.metadata
    if not position:
        return []

    def number() -> int:
        nonlocal position
        value = ctypes.c_int32.from_address(position or 0).value
        position = (position or 0) + 4
        return value

    def text() -> bytes:
        nonlocal position
        size = number()
        value = bytes(memory_at(position, size))
        position = (position or 0) + size
        return value

    return [(text(), text()) for _ in range(number())]
