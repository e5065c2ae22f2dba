"""Results in mapped memory, through the small library that the package carries (native/arrow_export.h)."""
from __future__ import annotations

import ctypes
import os
import struct
import sys
from functools import lru_cache
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

from ._errors import InternalError
from ._flatbuffers import Malformed
from ._ipc_read import Field, read_stream

LIBRARY = Path(__file__).resolve().parent / "bin" / "libweir-arrow.so"
_STREAM_NAME = ctypes.c_char_p(b"arrow_array_stream")  # capsules point to their names for ever
_SCHEMA_NAME = ctypes.c_char_p(b"arrow_schema")
_PYBUF_READ = 0x100


class _Description(ctypes.Structure):
    """struct column_description."""

    _fields_ = [
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("metadata", ctypes.c_char_p),
        ("metadata_size", ctypes.c_int64),
        ("nullable", ctypes.c_int64),
        ("buffer_count", ctypes.c_int64),
    ]


class _Library:
    """The library's functions and what of Python's own is needed beside them."""

    def __init__(self) -> None:
        if sys.platform != "linux":
            raise ImportError("weir runs on Linux only")
        try:
            library = ctypes.CDLL(str(LIBRARY), use_errno=True)
        except OSError as error:
            raise ImportError(f"the package weir is not whole: {error}; install the wheel weirflow") from error
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        self.open = library.weir_source_open
        self.open.restype, self.open.argtypes = pointer, [ctypes.c_int, size]
        self.address = library.weir_source_address
        self.address.restype, self.address.argtypes = pointer, [pointer]
        self.describe = library.weir_source_describe
        self.describe.restype = ctypes.c_int
        self.describe.argtypes = [pointer, ctypes.POINTER(_Description), size, ctypes.c_char_p, size]
        self.release = library.weir_source_release
        self.release.restype, self.release.argtypes = None, [pointer]
        self.stream, self.schema = library.weir_stream_create, library.weir_schema_create
        for create in (self.stream, self.schema):
            create.restype, create.argtypes = pointer, [pointer]
        self.stream_destroy = ctypes.cast(library.weir_stream_capsule_destroy, pointer)
        self.schema_destroy = ctypes.cast(library.weir_schema_capsule_destroy, pointer)
        self.capsule = ctypes.PYFUNCTYPE(ctypes.py_object, pointer, pointer, pointer)(("PyCapsule_New", ctypes.pythonapi))


@lru_cache(maxsize=None)
def _library() -> _Library:
    return _Library()


_memory = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int)(
    ("PyMemoryView_FromMemory", ctypes.pythonapi))


def memory_at(address: Optional[int], size: int) -> memoryview:
    """Bytes at an address, which must stay there as long as the view is used."""
    if not address or size <= 0:
        return memoryview(b"")
    view: memoryview = _memory(address, size, _PYBUF_READ)
    return view


def _packed_metadata(entries: Sequence[Tuple[str, str]]) -> Optional[bytes]:
    """As the C data interface has it: a count, then lengths and bytes."""
    if not entries:
        return None
    parts = [struct.pack("<i", len(entries))]
    for text in (text for entry in entries for text in entry):
        encoded = text.encode("utf-8", "surrogateescape")
        parts += [struct.pack("<i", len(encoded)), encoded]
    return b"".join(parts)


def _descriptions(fields: Sequence[Field]) -> ctypes.Array[_Description]:
    descriptions = (_Description * len(fields))()
    for description, field in zip(descriptions, fields):
        metadata = _packed_metadata(field.metadata)
        description.format = field.format.encode()
        description.name = field.name.encode("utf-8", "surrogateescape")
        description.metadata = metadata
        description.metadata_size = len(metadata or b"")
        description.nullable = field.nullable
        description.buffer_count = field.buffer_count
    return descriptions


class Source:
    """An Arrow IPC stream in mapped memory. What is made of it outlives it; each stream begins anew."""

    def __init__(self, descriptor: int) -> None:
        """Maps the whole file; the descriptor may be closed afterwards."""
        library = _library()
        self._release = library.release
        self.size = os.fstat(descriptor).st_size
        self._handle: Optional[int] = library.open(descriptor, self.size)
        if self._handle is None:
            raise OSError(ctypes.get_errno(), "cannot map the result")
        self.address: int = library.address(self._handle) or 0
        try:
            stream = read_stream(memory_at(self.address, self.size), self.address)
        except (Malformed, KeyError, IndexError) as error:
            raise InternalError(f"the program's result is no Arrow stream: {error}") from error
        self.fields, self.rows = stream.fields, stream.rows
        failure = library.describe(self._handle, _descriptions(self.fields), len(self.fields),
                                   stream.numbers.tobytes(), stream.batch_count)
        if failure:
            raise MemoryError

    def __del__(self) -> None:
        handle, self._handle = getattr(self, "_handle", None), None
        if handle is not None:
            self._release(handle)

    def stream_capsule(self) -> object:
        library = _library()
        return self._capsule(library.stream(self._handle), _STREAM_NAME, library.stream_destroy)

    def schema_capsule(self) -> object:
        library = _library()
        return self._capsule(library.schema(self._handle), _SCHEMA_NAME, library.schema_destroy)

    @staticmethod
    def _capsule(pointer: Optional[int], name: ctypes.c_char_p, destroy: ctypes.c_void_p) -> object:
        if pointer is None:
            raise MemoryError
        capsule: object = _library().capsule(pointer, ctypes.cast(name, ctypes.c_void_p), destroy)
        return capsule
