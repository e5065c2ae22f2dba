"""Progress: what the program writes to the file that WEIR_PROGRESS names, handed to whoever shows it.

The file has lines "phase adding" and "read 5580 of 18000 files"; the program writes it ten times a second.
In Jupyter an updating display shows them, on a terminal one line on standard error.
"""
from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import time
from typing import Any, Callable, Dict, Optional, Union

VARIABLE = "WEIR_PROGRESS"
INTERVAL = 0.1  # seconds between two looks
_FIRST_SHOWN = 0.3  # seconds, so that nothing flashes for what is over at once
_READ = re.compile(r"(\d+)(?: of (\d+))?(?: (.+))?")

Told = Dict[str, Any]
Listener = Callable[[Told], object]
Progress = Union[None, bool, Listener]


def parse(text: str) -> Told:
    """phase, done, total, unit; None for what is not told. The last line of each kind counts."""
    told: Told = {"phase": None, "done": None, "total": None, "unit": None}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        read = _READ.fullmatch(rest) if word == "read" else None
        if word == "phase":
            told["phase"] = rest
        elif read:
            told.update(done=int(read[1]), total=int(read[2]) if read[2] else None, unit=read[3])
    return told


def sentence(told: Told) -> str:
    """Progress in words: "adding, 44 % of 5.2 GiB"."""
    done, total, unit = told["done"] or 0, told["total"], told["unit"] or ""
    phase = told["phase"] or "starting"
    if total:
        whole = _size(total) if unit == "bytes" else f"{total:,} {unit}".rstrip()
        return f"{phase}, {100 * min(done, total) // total} % of {whole}"
    return f"{phase}, {_size(done) if unit == 'bytes' else f'{done:,} {unit}'.rstrip()}" if done else phase


def _size(count: float) -> str:
    for name in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            break
        count /= 1024
    else:
        name = "TiB"
    return f"{count:.0f} {name}" if name == "B" else f"{count:.3g} {name}" if count < 1000 else f"{count:.0f} {name}"


class _TerminalLine:
    """One line on standard error, drawn over, gone at the end."""

    def __init__(self) -> None:
        self._drawn = False

    def __call__(self, told: Told) -> None:
        width = _terminal_width() - 1
        sys.stderr.write("\r" + f"weir: {sentence(told)}"[:width] + "\033[K")
        sys.stderr.flush()
        self._drawn = True

    def close(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


class _NotebookDisplay:
    """A display of the cell that is updated in place."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._handle: Any = None

    def _show(self, text: str) -> None:
        data = {"text/plain": text}
        if self._handle is None:
            self._handle = self._display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def __call__(self, told: Told) -> None:
        done, total = told["done"] or 0, told["total"]
        filled = 20 * min(done, total) // total if total else 0
        self._show(f"▕{'█' * filled}{' ' * (20 - filled)}▏ {sentence(told)}")

    def close(self) -> None:
        if self._handle is not None:
            self._show("weir: done")


def _notebook() -> Optional[_NotebookDisplay]:
    """In a kernel that shows displays; IPython is asked only where it is loaded already."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display
    return _NotebookDisplay(display)


def _has_terminal() -> bool:
    try:
        return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    except ValueError:  # closed
        return False


def _listener_for(progress: Progress) -> Optional[Listener]:
    if callable(progress):
        return progress
    if progress is False:
        return None
    return _notebook() or (_TerminalLine() if progress or _has_terminal() else None)


class Watch:
    """Looks at the program's progress while it runs. A context: at its end the display and the file are gone."""

    def __init__(self, progress: Progress) -> None:
        self._listener = _listener_for(progress)
        self._at_once = callable(progress)
        self._began = time.monotonic()
        self._last: Optional[Told] = None
        self._own: Optional[str] = None
        self.path = os.environ.get(VARIABLE)  # whoever watches this process wants to know as well

    def __enter__(self) -> "Watch":
        if self._listener is not None and self.path is None:
            with contextlib.suppress(OSError):  # where no file can be made nothing is shown
                descriptor, self._own = tempfile.mkstemp(prefix="weir-progress-")
                os.close(descriptor)
                self.path = self._own
        return self

    def __exit__(self, *_: object) -> None:
        if self._own is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._own)
        close = getattr(self._listener, "close", None)
        if close is not None and not self._at_once:
            close()

    @property
    def interval(self) -> Optional[float]:
        """Seconds between two looks; None: nobody wants any."""
        return INTERVAL if self._listener is not None and self.path is not None else None

    def look(self) -> None:
        """Tells the listener what is new."""
        elapsed = time.monotonic() - self._began
        if self._listener is None or self.path is None or (elapsed < _FIRST_SHOWN and not self._at_once):
            return
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                told = parse(file.read(4096))
        except OSError:
            return
        if told != self._last and told["phase"] is not None:
            self._last = told
            self._listener(dict(told, elapsed=elapsed))
