#!/usr/bin/env python3
"""Functions and files stay small: no function over 70 lines, no file over 600, few functions over 60.

A function's length is counted from the line of its opening brace to that of its closing brace,
which clang-format puts in the first column.
"""
import re
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_LIMIT = 70
FUNCTION_WARNING = 60
ALLOWED_OVER_WARNING = 2  # a ratchet: lower it when one goes, never raise it
FILE_LIMIT = 600


def functions_of(path):
    """Yields (name, first line, number of lines)."""
    start, name, previous = None, "", ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line == "{":
            start, name = number, previous
        elif line == "}" and start is not None:
            yield name, start, number - start + 1
            start = None
        match = re.match(r"[A-Za-z].*?(\w+)\(", line)
        if match and not line.startswith("#"):
            previous = match.group(1)


def main():
    problems, long_functions, lengths = [], [], []
    paths = sorted(p for folder in ("src", "test", "bench") for p in (ROOT / folder).rglob("*.[ch]"))
    for path in paths:
        place = path.relative_to(ROOT)
        lines = len(path.read_text().splitlines())
        if lines > FILE_LIMIT:
            problems.append(f"{place}: {lines} lines, at most {FILE_LIMIT} are allowed")
        for name, start, length in functions_of(path):
            if place.parts[0] == "src":
                lengths.append(length)
            if length > FUNCTION_LIMIT:
                problems.append(f"{place}:{start}: {name} has {length} lines, at most {FUNCTION_LIMIT} are allowed")
            elif length > FUNCTION_WARNING:
                long_functions.append(f"{place}:{start}: {name} has {length} lines")
    print("\n".join(long_functions))
    if len(long_functions) > ALLOWED_OVER_WARNING:
        problems.append(f"{len(long_functions)} functions are longer than {FUNCTION_WARNING} lines,"
                        f" {ALLOWED_OVER_WARNING} are allowed")
    print("\n".join(problems))
    if lengths:
        lengths.sort()
        print(f"{len(paths)} files; {len(lengths)} functions in src: median {statistics.median(lengths):.0f} lines,"
              f" 90 % up to {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]}; {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
