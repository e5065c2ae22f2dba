"""From Python's arguments to the program's command line."""
from __future__ import annotations

import glob
import os
from typing import Any, Iterable, List, Mapping, Optional, Sequence, Set, Tuple, Union

from ._c_data import is_frame
from ._errors import UsageError

PathLike = Union[str, "os.PathLike[str]"]
Aggregate = Union[str, Tuple[str, str], Tuple[str, str, str]]
Aggregates = Union[str, Sequence[Aggregate], Mapping[str, Union[str, Tuple[str, str]]]]
Names = Union[None, str, Sequence[str]]
# Bytes of paths beyond which they are handed over as a list on standard input.
_PATHS_ON_COMMAND_LINE = 1 << 16


def _escaped(name: str, special: str) -> str:
    for character in "\\" + special:
        name = name.replace(character, "\\" + character)
    return name


def _split(text: str) -> List[str]:
    """At commas that no backslash stands before."""
    pieces, piece, at = [], "", 0
    while at < len(text):
        step = 2 if text[at] == "\\" else 1
        if text[at] == ",":
            pieces.append(piece)
            piece = ""
        else:
            piece += text[at:at + step]
        at += step
    return pieces + [piece]


def _unescaped(text: str) -> str:
    result, at = "", 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1:at + 2] and text[at + 1] in ",:=\\":
            at += 1
        result += text[at]
        at += 1
    return result


def key_names(by: Names) -> List[str]:
    """A text is split at commas, as the command line does; the names of a list are taken as they are."""
    if by is None:
        return []
    if isinstance(by, str):
        return [_unescaped(piece) for piece in _split(by)]
    names = list(by)
    for name in names:
        _check_name(name)
    return names


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"a column's name is a string, not {name!r}")
    if "\0" in name:
        raise UsageError("a column's name holds a NUL byte")


def by_arguments(by: Names) -> List[str]:
    names = key_names(by)
    return ["--by=" + ",".join(_escaped(name, ",") for name in names)] if names else []


def _aggregate_item(function: str, column: str, name: Optional[str]) -> str:
    for text in (function, column, *([] if name is None else [name])):
        _check_name(text)
    item = f"{function}:{_escaped(column, ',=')}"
    return item if name is None else f"{item}={_escaped(name, ',=')}"


def _item_of(aggregate: Aggregate, name: Optional[str] = None) -> str:
    if isinstance(aggregate, str):
        function, _, column = aggregate.partition(":")
        if name is None:
            return aggregate
        return f"{function}:{column or '*'}={_escaped(name, ',=')}"
    if not isinstance(aggregate, tuple) or not 2 <= len(aggregate) <= 3 or (name is not None and len(aggregate) == 3):
        raise TypeError(f"an aggregate is (function, column) or 'function:column', not {aggregate!r}")
    return _aggregate_item(aggregate[0], aggregate[1], name if len(aggregate) == 2 else aggregate[2])


def aggregate_items(agg: Aggregates) -> List[str]:
    """Items of --agg."""
    if isinstance(agg, str):
        return _split(agg)
    if isinstance(agg, Mapping):
        for name in agg:
            _check_name(name)
        return [_item_of(aggregate, name) for name, aggregate in agg.items()]
    if isinstance(agg, tuple) and len(agg) in (2, 3) and isinstance(agg[0], str) and ":" not in agg[0]:
        return [_item_of(agg)]
    return [piece for each in agg for piece in (_split(each) if isinstance(each, str) else [_item_of(each)])]


def aggregate_columns(items: Iterable[str]) -> Set[str]:
    """The columns that items are computed of."""
    columns = set()
    for item in items:
        text, at = item.partition(":")[2], 0
        while at < len(text) and text[at] != "=":
            at += 2 if text[at] == "\\" else 1
        columns.add(_unescaped(text[:at]))
    return columns - {"*", ""}


def rename_arguments(rename: Optional[Mapping[str, str]]) -> List[str]:
    """{"old": "new"}"""
    arguments = []
    for old, new in (rename or {}).items():
        _check_name(old)
        _check_name(new)
        arguments.append(f"--rename={_escaped(old, ',=')}={_escaped(new, ',=')}")
    return arguments


def size_text(size: Union[int, str]) -> str:
    """Bytes, or a text as "64MiB"."""
    if isinstance(size, bool) or not isinstance(size, (int, str)):
        raise TypeError(f"a size is a number of bytes or a text such as '64MiB', not {size!r}")
    return f"{size}B" if isinstance(size, int) else size


# ---- inputs -----------------------------------------------------------------------------------

def _is_pathlike(value: object) -> bool:
    return isinstance(value, (str, os.PathLike))


def paths_of(inputs: Any) -> Optional[List[PathLike]]:
    """Where inputs are paths: all of them. None: they are frames, or an iterable that gives some."""
    if _is_pathlike(inputs):
        return [inputs]
    if is_frame(inputs) or not isinstance(inputs, (list, tuple, set, frozenset)):
        return None
    paths = [each for each in inputs if _is_pathlike(each)]
    if paths and len(paths) < len(inputs):
        raise TypeError("files and frames cannot be added up in one call; read the files as frames, or write the frames")
    return paths if paths or not inputs else None


def _path_text(path: PathLike) -> str:
    """A text is what the command line takes; a path object is that file or folder, whatever its name."""
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError(f"a path is a string, not {text!r}")
    if "\0" in text:
        raise UsageError("a path holds a NUL byte", file=text)
    if isinstance(path, str):
        if text == "-":
            raise UsageError("standard input is no list of files here", hint="give the paths as a Python list")
        return text
    return "./" + text if text.startswith(("@", "-")) else text


def _expanded(text: str) -> List[str]:
    """A list on standard input knows no patterns."""
    if text.startswith("@"):
        raise UsageError(f"{text} cannot stand among so many paths", hint="give it alone")
    if any(mark in text for mark in "*?[") and not os.path.exists(text):
        found = sorted(glob.glob(text))
        return found or [text]
    return [text]


def path_arguments(paths: Sequence[PathLike]) -> Tuple[List[str], Optional[bytes]]:
    """Arguments, and where there are too many, a list for standard input."""
    texts = [_path_text(path) for path in paths]
    if not texts:
        raise UsageError("there is nothing to add up: no path was given")
    if sum(len(text) + 1 for text in texts) <= _PATHS_ON_COMMAND_LINE:
        return ["--", *texts], None
    lines = [line for text in texts for line in _expanded(text)]
    broken = next((line for line in lines if "\n" in line or "\r" in line), None)
    if broken is not None:
        raise UsageError("a path holds a line break", file=broken, hint="rename the file, or give fewer paths")
    return ["--", "-"], b"".join(os.fsencode(line) + b"\n" for line in lines)
