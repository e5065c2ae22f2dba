"""What weir answers differently from the corpus on purpose, from conformance-differences.txt."""
import collections
from pathlib import Path

DIFFERENCES = Path(__file__).with_name("conformance-differences.txt")


def accepted_differences():
    """{file: {column: reason}} of the lines "file | column | reason"."""
    found = collections.defaultdict(dict)
    for line in DIFFERENCES.read_text().splitlines() if DIFFERENCES.exists() else []:
        if line.strip() and not line.startswith("#"):
            path, column, reason = (part.strip() for part in line.split("|", 2))
            found[path][column] = reason
    return found
