"""Where the program weir is."""
from __future__ import annotations

import os
import shutil
from pathlib import Path

from ._errors import ProgramNotFoundError

CARRIED = Path(__file__).resolve().parent / "bin" / "weir"


def program() -> str:
    """The path of the program: what WEIR_BINARY names, else the one in this package, else one on PATH."""
    named = os.environ.get("WEIR_BINARY")
    if named:
        return named
    if os.access(CARRIED, os.X_OK):
        return str(CARRIED)
    found = shutil.which("weir")
    if found is None:
        raise ProgramNotFoundError("the program weir is neither in the package nor on PATH",
                                   hint="install the wheel weirflow, or name the program in WEIR_BINARY")
    return found
