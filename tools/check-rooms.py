#!/usr/bin/env python3
"""Holds the borders between the rooms.

The table of rooms stands twice, for the compiler in CMakeLists.txt (weir_room lines) and for people
in docs/ARCHITECTURE.md. This script checks that the two agree, that a room names only rooms above
it in the list, that every #include in src/ and test/unit/ keeps to the table, and that the header of
an outside library is included only where the room declares that library.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Headers of outside libraries, by the name under which CMakeLists.txt links them.
LIBRARY_OF_HEADER = {
    "snappy-c.h": "snappy", "zstd.h": "zstd", "zstd_errors.h": "zstd", "lz4.h": "lz4", "lz4hc.h": "lz4",
    "lz4frame.h": "lz4",
    "libdeflate.h": "deflate", "brotli/decode.h": "brotlidec", "brotli/encode.h": "brotlienc",
    "xxhash.h": "xxhash", "nettle/sha2.h": "nettle", "sqlite3.h": "sqlite3", "jansson.h": "jansson", "math.h": "m",
}
FREE_FOR_ALL = {"math.h"}  # isnan and the like need no library


def rooms_of_cmake():
    rooms = {}
    text = re.sub(r"#.*", "", (ROOT / "CMakeLists.txt").read_text())
    for words in re.findall(r"^weir_room\(([^)]*)\)", text, re.M):
        part, table = "ROOMS", {"ROOMS": [], "LIBRARIES": []}
        name, *rest = words.split()
        for word in rest:
            if word in table:
                part = word
            else:
                table[part].append(word)
        rooms[name] = table
    return rooms


def rooms_of_documentation():
    """Rows of the form | `room` | what it is | `other` `other` |."""
    rooms = {}
    for line in (ROOT / "docs" / "ARCHITECTURE.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        match = len(cells) == 3 and re.fullmatch(r"`(\w+)`", cells[0])
        if match:
            rooms[match.group(1)] = re.findall(r"`(\w+)`", cells[2])
    return rooms


def check_tables(cmake, documented):
    problems = []
    if list(cmake) != list(documented):
        problems.append(f"docs/ARCHITECTURE.md lists the rooms {list(documented)}, CMakeLists.txt {list(cmake)}")
    above = []
    for room, table in cmake.items():
        if room in documented and documented[room] != table["ROOMS"]:
            problems.append(f"room {room}: docs/ARCHITECTURE.md allows {documented[room]}, CMakeLists.txt {table['ROOMS']}")
        problems += [f"room {room} uses {other}, which is not below it" for other in table["ROOMS"] if other not in above]
        above.append(room)
    folders = {path.name for path in (ROOT / "src").iterdir() if path.is_dir() and any(path.iterdir())}
    problems += [f"src/{folder} is no room of CMakeLists.txt" for folder in sorted(folders - set(cmake) - {"main"})]
    return problems


def check_file(path, room, allowed, libraries):
    problems = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if not match:
            continue
        header = match.group(2)
        if match.group(1) == '"':
            owner = header.split("/")[0] if "/" in header else room
            if owner not in allowed:
                problems.append(f"{path.relative_to(ROOT)}:{number}: room {room} may not include {header}")
        elif header in LIBRARY_OF_HEADER and header not in FREE_FOR_ALL:
            if LIBRARY_OF_HEADER[header] not in libraries:
                problems.append(f"{path.relative_to(ROOT)}:{number}: room {room} declares no library for <{header}>")
    return problems


def check_includes(cmake):
    problems, count = [], 0
    for base, is_test in ((ROOT / "src", False), (ROOT / "test" / "unit", True)):
        for path in sorted(base.glob("*/*.[ch]")):
            room = path.parent.name
            if room == "main":
                allowed, libraries = {"main", *cmake}, []
            elif room in cmake:
                allowed = {room, *cmake[room]["ROOMS"]}
                libraries = cmake[room]["LIBRARIES"]
            else:
                continue
            if is_test:  # a test may look at anything the room is linked with
                libraries = list(LIBRARY_OF_HEADER.values())
            problems += check_file(path, room, allowed, libraries)
            count += 1
    return problems, count


def main():
    cmake = rooms_of_cmake()
    problems = check_tables(cmake, rooms_of_documentation())
    broken, count = check_includes(cmake)
    problems += broken
    print("\n".join(problems + [f"{len(cmake)} rooms, {count} files, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
