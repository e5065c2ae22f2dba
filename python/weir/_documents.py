"""The program's JSON documents as objects: what is named here has a type, all else stands in `raw`."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple


@dataclass(frozen=True)
class MemoryPart:
    """A part of a plan's memory."""

    name: str
    bytes: int


@dataclass(frozen=True)
class PlanMemory:
    """What a plan needs: `promised_bytes` is never passed."""

    ceiling_bytes: int
    ceiling_origin: str
    promised_bytes: int
    expected_bytes: int
    smallest_bytes: int
    reason: str
    parts: Tuple[MemoryPart, ...]


@dataclass(frozen=True)
class Plan:
    """How a sum will be done, and why."""

    files: int
    rows: int
    bytes_to_read: int
    way: str
    reason: str
    threads: int
    memory: PlanMemory
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Report:
    """What a sum did."""

    result_rows: int
    rows_read: int
    bytes_read: int
    peak_bytes: int
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class ColumnInfo:
    """A column of a file, and the bytes it takes on disk and in memory."""

    name: str
    type: Optional[str]
    nested: bool
    nullable: Optional[bool]
    on_disk_bytes: Optional[int]
    decoded_bytes: Optional[int]
    arrow_bytes: Optional[int]
    pandas_bytes: Optional[int]
    polars_bytes: Optional[int]
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class FileInfo:
    """A Parquet file."""

    file: str
    file_bytes: Optional[int]
    rows: Optional[int]
    row_groups: Optional[int]
    created_by: Optional[str]
    columns: Tuple[ColumnInfo, ...]
    raw: Mapping[str, Any] = field(repr=False)


def _count(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name)
    return value if isinstance(value, int) else 0


def _text(document: Mapping[str, Any], name: str) -> str:
    return str(document.get(name) or "")


def plan_of(document: Mapping[str, Any]) -> Plan:
    memory = document.get("memory") or {}
    parts = tuple(MemoryPart(_text(part, "name"), _count(part, "bytes")) for part in memory.get("parts") or [])
    figures = PlanMemory(_count(memory, "ceiling_bytes"), _text(memory, "ceiling_origin"), _count(memory, "promised_bytes"),
                         _count(memory, "expected_bytes"), _count(memory, "smallest_bytes"), _text(memory, "reason"), parts)
    return Plan(_count(document, "files"), _count(document, "rows"), _count(document, "bytes_to_read"),
                _text(document, "way"), _text(document, "reason"), _count(document, "threads"), figures, document)


def report_of(document: Mapping[str, Any]) -> Report:
    return Report(_count(document, "result_rows"), _count(document, "rows_read"), _count(document, "bytes_read"),
                  _count(document, "peak_bytes"), document)


def _column_of(document: Mapping[str, Any]) -> ColumnInfo:
    sizes = ("on_disk_bytes", "decoded_bytes", "arrow_bytes", "pandas_bytes", "polars_bytes")
    on_disk, decoded, arrow, pandas, polars = (document.get(name) for name in sizes)
    return ColumnInfo(_text(document, "name"), document.get("type"), bool(document.get("nested")),
                      document.get("nullable"), on_disk, decoded, arrow, pandas, polars, document)


def file_of(document: Mapping[str, Any]) -> FileInfo:
    columns = tuple(_column_of(column) for column in document.get("columns") or [])
    return FileInfo(_text(document, "file"), document.get("file_bytes"), document.get("rows"),
                    document.get("row_groups"), document.get("created_by"), columns, document)
