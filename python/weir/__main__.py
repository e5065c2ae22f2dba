"""Runs the program weir in place of Python: python -m weir sum --help."""
import os
import sys

from ._errors import ProgramNotFoundError
from ._program import program


def main() -> None:
    try:
        path = program()
    except ProgramNotFoundError as error:
        sys.exit(f"weir: {error}")
    os.execv(path, [path, *sys.argv[1:]])


if __name__ == "__main__":
    main()
