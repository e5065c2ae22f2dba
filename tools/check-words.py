#!/usr/bin/env python3
"""Words that may not stand in the code: functions with no bound, memory beside its room, notes to self."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# (what, where it is allowed, why)
BANNED_CALLS = [
    (r"strcpy|strcat|sprintf|vsprintf|strtok|alloca|gets|atoi|atol|atof", (), "has no bound or no error"),
    (r"system|popen", (), "runs a shell"),
    (r"malloc|calloc|realloc|free|strdup|strndup|posix_memalign|aligned_alloc",
     ("src/mem/", "src/cli/library_memory.c", "test/", "bench/"), "memory comes from mem_alloc"),
    (r"abort", ("test/", "bench/"), "bad input is an error, never the end of the process"),
    (r"exit|_exit", ("src/main/", "src/os/", "src/cli/library_memory.c", "test/", "bench/"), "only main ends the process"),
    (r"printf|puts|putchar", ("src/cli/", "src/main/", "src/term/", "test/", "bench/"), "library code never prints"),
]
NOTES = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
GOTO = re.compile(r"\bgoto\b")


def strip(text):
    """Code without comments and strings, line numbers kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def problems_of(path):
    place = path.relative_to(ROOT).as_posix()
    text = path.read_text()
    for number, line in enumerate(text.splitlines(), 1):
        if NOTES.search(line):
            yield f"{place}:{number}: note to self: {line.strip()}"
    for number, line in enumerate(strip(text).splitlines(), 1):
        for names, allowed, why in BANNED_CALLS:
            match = re.search(rf"(?<![\w.>])({names})\s*\(", line)
            if match and not place.startswith(allowed):
                yield f"{place}:{number}: {match.group(1)}(): {why}"
        if GOTO.search(line) and not re.search(r"\bgoto\s+(cleanup|done|out|fail|failed)\s*;", line):
            yield f"{place}:{number}: goto may only lead forward to the cleanup of the function"


def main():
    paths = [p for folder in ("src", "test", "bench") for p in sorted((ROOT / folder).rglob("*.[ch]"))]
    problems = [problem for path in paths for problem in problems_of(path)]
    print("\n".join(problems + [f"{len(paths)} files, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
