"""What can go wrong, as exceptions: weir.Error, and a subclass for each code that the program has."""
from __future__ import annotations

import signal as signals
from typing import Any, Mapping, Optional, Tuple, Type


class Error(Exception):
    """Something failed. `what` says what, the other fields where and what to try; None where they do not apply."""

    code: str = "error"

    def __init__(self, what: str, *, file: Optional[str] = None, row_group: Optional[int] = None,
                 column: Optional[str] = None, offset: Optional[int] = None, hint: Optional[str] = None,
                 code: Optional[str] = None) -> None:
        super().__init__(what)
        self.what = what
        self.file = file
        self.row_group = row_group
        self.column = column
        self.offset = offset
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        places = [
            self.file,
            None if self.row_group is None else f"row group {self.row_group}",
            None if self.column is None else f"column {self.column}",
            None if self.offset is None else f"offset {self.offset}",
        ]
        place = ", ".join(part for part in places if part)
        return self.what + (f" ({place})" if place else "") + (f". Try: {self.hint}" if self.hint else "")

    def __reduce__(self) -> Tuple[Any, ...]:
        return _again, (type(self), self.what, dict(self.__dict__))


class UsageError(Error, ValueError):
    """The call asks for what cannot be done: an unknown function, two results with one name."""

    code = "usage"


class InputError(Error, ValueError):
    """Bytes of a file or a frame are not what their format says, or no file was found."""

    code = "input"


class UnsupportedError(Error, NotImplementedError):
    """Valid input of a kind that weir does not handle, such as nested columns."""

    code = "unsupported"


class FileError(Error, OSError):
    """The operating system refused to open, read or write."""

    code = "io"


class ChangedError(Error):
    """A file is no longer the file that was planned with."""

    code = "changed"


class MemoryLimitError(Error, MemoryError):
    """More memory is needed than `memory` or the machine allows; the hint says how much."""

    code = "memory"


class MismatchError(Error, ValueError):
    """Files that must agree (columns, types, keys) do not."""

    code = "mismatch"


class RangeError(Error, OverflowError):
    """An exact result does not fit its type."""

    code = "overflow"


class ExistsError(Error, FileExistsError):
    """The output is there already."""

    code = "exists"


class CancelledError(Error):
    """The program was asked by a signal to stop."""

    code = "cancelled"


class InternalError(Error):
    """A defect of weir itself."""

    code = "internal"


class KilledError(Error):
    """The program was ended by a signal, whose number is `signal`."""

    code = "killed"

    def __init__(self, what: str, *, signal: int = 0, **fields: Any) -> None:
        super().__init__(what, **fields)
        self.signal = signal


class ProgramNotFoundError(Error, FileNotFoundError):
    """There is no program weir to run."""

    code = "program"


_CLASSES: Tuple[Type[Error], ...] = (
    UsageError, InputError, UnsupportedError, FileError, ChangedError, MemoryLimitError, MismatchError, RangeError,
    ExistsError, CancelledError, InternalError,
)
_BY_CODE: Mapping[str, Type[Error]] = {each.code: each for each in _CLASSES}


def _again(kind: Type[Error], what: str, fields: Mapping[str, Any]) -> Error:
    """An error as it was before it was pickled."""
    error = kind(what)
    error.__dict__.update(fields)
    return error


def error_of_document(document: Mapping[str, Any]) -> Error:
    """From the object that the program writes with --json."""
    code = str(document.get("code", "error"))
    return _BY_CODE.get(code, Error)(
        str(document.get("message", "the program failed")), file=document.get("file"),
        row_group=document.get("row_group"), column=document.get("column"), offset=document.get("offset"),
        hint=document.get("hint"), code=code)


def error_of_signal(number: int) -> KilledError:
    """For a program that ended by a signal without a word."""
    try:
        name = signals.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    hint = ("if memory ran out on this machine, weir was not the only one to use it: see the kernel's log"
            if number == signals.SIGKILL else None)
    return KilledError(f"the program weir was ended by {name}", signal=number, hint=hint)
