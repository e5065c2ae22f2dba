"""Arrow's types in three spellings: the format of the C data interface, Schema.fbs, and words for people.

Source: "The Arrow C data interface" (format strings); Schema.fbs of apache/arrow.
"""
from __future__ import annotations

from functools import lru_cache
from typing import Dict, NamedTuple, Optional, Tuple

from ._flatbuffers import Malformed, Node, Scalar, Table, Text

# Numbers of the union Type in Schema.fbs.
NULL, INT, FLOAT, BINARY, UTF8, BOOL, DECIMAL, DATE, TIME, TIMESTAMP, INTERVAL = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
FIXED_SIZE_BINARY, DURATION, LARGE_BINARY, LARGE_UTF8 = 15, 18, 19, 20
BINARY_VIEW, UTF8_VIEW = 23, 24

_UNITS = "smun"
_UNIT_WORDS = ("s", "ms", "us", "ns")
_INTEGERS = {"c": (8, 1), "C": (8, 0), "s": (16, 1), "S": (16, 0), "i": (32, 1), "I": (32, 0), "l": (64, 1), "L": (64, 0)}
_INTEGER_FORMATS = {value: key for key, value in _INTEGERS.items()}
_FLOATS = "efg"
_PLAIN = {"n": NULL, "z": BINARY, "u": UTF8, "Z": LARGE_BINARY, "U": LARGE_UTF8, "vz": BINARY_VIEW, "vu": UTF8_VIEW,
          "b": BOOL}
_PLAIN_FORMATS = {value: key for key, value in _PLAIN.items()}
_INTERVALS = {"tiM": (0, 32), "tiD": (1, 64), "tin": (2, 128)}
_WORDS = {"n": "null", "z": "binary", "u": "string", "Z": "large_binary", "U": "large_string", "vz": "binary_view",
          "vu": "string_view", "b": "bool", "e": "halffloat", "f": "float", "g": "double", "tdD": "date32[day]",
          "tdm": "date64[ms]", "tiM": "month_interval", "tiD": "day_time_interval", "tin": "month_day_nano_interval"}


class Layout(NamedTuple):
    """How values lie in memory."""

    kind: str  # "null", "bits", "fixed", "text", "view"
    width: int = 0  # bytes of a value, of an offset for text


class Type(NamedTuple):
    """A flat type: the number of its union member and that member's table, for Schema.fbs; its layout."""

    union: int
    table: Node
    layout: Layout


def _short(value: int) -> Scalar:
    return Scalar("h", value)


def _int_node(bits: int, signed: int) -> Node:
    return Node(Scalar("i", bits), Scalar("B", signed))


def _decimal(format: str) -> Optional[Type]:
    parts = [int(part) for part in format[2:].split(",")]
    precision, scale, bits = (parts + [128])[:3]
    return Type(DECIMAL, Node(Scalar("i", precision), Scalar("i", scale), Scalar("i", bits)), Layout("fixed", bits // 8))


def _time_like(format: str) -> Optional[Type]:
    """Formats that begin with t."""
    kind, unit = format[1:2], _UNITS.find(format[2:3])
    if format in ("tdD", "tdm"):
        return Type(DATE, Node(_short(int(format == "tdm"))), Layout("fixed", 8 if format == "tdm" else 4))
    if format in _INTERVALS:
        number, bits = _INTERVALS[format]
        return Type(INTERVAL, Node(_short(number)), Layout("fixed", bits // 8))
    if unit < 0:
        return None
    if kind == "t":
        bits = 32 if unit < 2 else 64
        return Type(TIME, Node(_short(unit), Scalar("i", bits)), Layout("fixed", bits // 8))
    if kind == "D":
        return Type(DURATION, Node(_short(unit)), Layout("fixed", 8))
    zone = format[4:]
    return Type(TIMESTAMP, Node(_short(unit), Text(zone) if zone else None), Layout("fixed", 8)) if kind == "s" else None


@lru_cache(maxsize=256)
def type_of_format(format: str) -> Optional[Type]:
    """None for nested, run-end encoded and unknown types."""
    if format in _INTEGERS:
        bits, signed = _INTEGERS[format]
        return Type(INT, _int_node(bits, signed), Layout("fixed", bits // 8))
    if len(format) == 1 and format in _FLOATS:
        place = _FLOATS.index(format)
        return Type(FLOAT, Node(_short(place)), Layout("fixed", 2 << place))
    if format in _PLAIN:
        return Type(_PLAIN[format], Node(), _plain_layout(format))
    if format.startswith("d:"):
        return _decimal(format)
    if format.startswith("w:"):
        return Type(FIXED_SIZE_BINARY, Node(Scalar("i", int(format[2:]))), Layout("fixed", int(format[2:])))
    return _time_like(format) if format.startswith("t") else None


def _plain_layout(format: str) -> Layout:
    if format == "n":
        return Layout("null")
    if format == "b":
        return Layout("bits")
    if format.startswith("v"):
        return Layout("view", 16)
    return Layout("text", 4 if format in "zu" else 8)


def index_node(format: str) -> Node:
    """The type of a dictionary's indices."""
    return _int_node(*_INTEGERS[format])


def _format_of_time(union: int, table: Table) -> str:
    if union == DATE:
        return "tdm" if table.integer(0, "h", 1) else "tdD"
    if union == INTERVAL:
        return {number: format for format, (number, _) in _INTERVALS.items()}[table.integer(0, "h")]
    unit = _UNITS[table.integer(0, "h", 0 if union == TIMESTAMP else 1)]
    if union == TIMESTAMP:
        return f"ts{unit}:{table.text(1) or ''}"
    return ("tt" if union == TIME else "tD") + unit


def format_of_field(union: int, table: Optional[Table]) -> str:
    """The C data interface's format for a field of a schema message."""
    if union in _PLAIN_FORMATS:
        return _PLAIN_FORMATS[union]
    if table is None:
        raise Malformed("a field has no type")
    if union == INT:
        return _INTEGER_FORMATS[table.integer(0, "i"), table.integer(1, "B")]
    if union == FLOAT:
        return _FLOATS[table.integer(0, "h")]
    if union == DECIMAL:
        precision, scale, bits = table.integer(0, "i"), table.integer(1, "i"), table.integer(2, "i", 128)
        return f"d:{precision},{scale}" + ("" if bits == 128 else f",{bits}")
    if union == FIXED_SIZE_BINARY:
        return f"w:{table.integer(0, 'i')}"
    if union in (DATE, TIME, TIMESTAMP, INTERVAL, DURATION):
        return _format_of_time(union, table)
    raise Malformed(f"a field has a type that is not known ({union})")


def words_for(format: str) -> str:
    """As pyarrow prints the type."""
    if format in _WORDS:
        return _WORDS[format]
    if format in _INTEGERS:
        bits, signed = _INTEGERS[format]
        return f"{'' if signed else 'u'}int{bits}"
    if format.startswith("d:"):
        digits, scale, width = (format[2:].split(",") + ["128"])[:3]
        return f"decimal{width}({digits}, {scale})"
    if format.startswith("w:"):
        return f"fixed_size_binary[{format[2:]}]"
    return _words_for_time(format)


def _words_for_time(format: str) -> str:
    nested: Dict[str, str] = {"+s": "struct", "+l": "list", "+L": "large_list", "+m": "map", "+r": "run_end_encoded"}
    if not format.startswith("t") or format[2:3] not in _UNITS:
        return nested.get(format, f"a type that is not flat ({format})")
    unit = _UNIT_WORDS[_UNITS.index(format[2:3])]
    if format[1] == "s":
        return f"timestamp[{unit}{', tz=' + format[4:] if format[4:] else ''}]"
    kinds: Tuple[str, str] = ("duration", "") if format[1] == "D" else ("time", "32" if unit in ("s", "ms") else "64")
    return f"{kinds[0]}{kinds[1]}[{unit}]"
