"""Writes what conformance.py found down as docs/CONFORMANCE.md."""
import collections
import importlib.metadata
import itertools
import subprocess
from pathlib import Path

from conformance_differences import accepted_differences

NAMES = {"weir": "weir", "pyarrow": "pyarrow", "duckdb": "DuckDB", "polars": "Polars", "datafusion": "DataFusion"}
DIGESTS = "--summary --json --raw"
BROKEN = ("unclean", "crash", "hang", "over_memory")
CLASSES = {
    "valid": "two readers or more read it and agree: the same answers",
    "bad": "damaged, nobody reads it: an error",
    "encrypted": "an error",
    "bad_checksum": "a page's checksum is wrong: an error",
    "contested": "its origin calls it damaged, somebody reads it: that answer or an error",
    "one_reader": "one reader reads it: that answer or an error",
    "disputed": "readers differ: what they agree on, or an error",
    "too_big": "expands beyond 2 GiB: its answer or an error, in bounded memory",
}

TEXT = """# Conformance

{files} Parquet files that {sources} other projects keep for their own tests, read by weir and by others. {verdict}
This page is written by `test/oracle/conformance.py`; {command}

## All files

{totals}

right: the expected answer, or an error where the file asks for one. difference: another answer, for a reason given at the
end; only weir's have been looked into. wrong: another answer. refused: an error though the file is sound. accepted: an
answer though the file is damaged or encrypted. unclean: the reader tripped over itself and said so (a panic or internal
error). over memory: more than 1 GiB, or an allocation refused at the limit.

{classes}

## By source

Files that are sound, and how many of them each reader reads rightly:

{origins}

## Damaged variants

{damaged}

## How it was measured

- Answers: the corpus comes with the number of rows of each file, and for each flat top-level column its count of values
  and nulls, exact sum, least and greatest value, and a SHA-256 over every value in row order, as far as at least two of
  pyarrow, DuckDB, Polars and DataFusion agree. Values of nested columns are not compared, of these only
  name and place are: weir decodes them to find damage, and tells nothing of their values.
- weir: `weir inspect --summary --json --raw FILE`, one process a file, at most 2 GiB of address space, 20 s of processor
  time. It decodes every page of every column that it can read, checks the checksums of pages, and so finds damage that
  a reader of the footer alone does not.
- Others: each file in a process of its own with 4 GiB of address space and 60 s, whole file, one thread, checksums
  not verified (their default). Versions: {versions}.
- The answers are what most of these readers say, so they cannot all be wrong here: where only one differs from the
  rest, that one is counted wrong, whoever is right in the end. For them the table shows which files they read;
  for weir, which had no part in making the answers, also whether what it reads is right.
- A reader may have good reasons to accept a file that the corpus calls damaged, checksums above all. pyarrow can verify
  checksums when asked to, and then refuses those files too.
{differences}"""


def table(head, rows):
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in [head, *rows]]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines)


def counts(outcomes):
    return collections.Counter(outcome for outcome, _ in outcomes)


def totals(outcomes):
    kinds = ["right", "difference", "wrong", "refused", "accepted", *BROKEN]
    rows = [[NAMES[name], *(counts(found)[kind] for kind in kinds)] for name, found in outcomes.items()]
    return table(["reader", *(kind.replace("_", " ") for kind in kinds)], rows)


def right_of(records, found, wanted):
    return sum(outcome == "right" for record, (outcome, _) in zip(records, found) if wanted(record))


def by_class(records, outcomes):
    rows = []
    for name, meaning in CLASSES.items():
        count = sum(record["class"] == name for record in records)
        if count:
            right = [right_of(records, found, lambda record: record["class"] == name) for found in outcomes.values()]
            rows.append([name.replace("_", " "), meaning, count, *right])
    return table(["class", "what is expected", "files", *(f"{NAMES[name]} right" for name in outcomes)], rows)


def source_of(record):
    return record["file"].split("/")[0].replace("_", "/", 1)


def by_source(records, outcomes):
    rows = []
    for source in sorted({source_of(record) for record in records}, key=str.lower):
        def wanted(record):
            return record["class"] == "valid" and source_of(record) == source
        count = sum(map(wanted, records))
        if count:
            rows.append([source, count, *(right_of(records, found, wanted) for found in outcomes.values())])
    rows.append(["all", *(sum(column) for column in list(zip(*rows))[1:])])
    return table(["source", "files", *map(NAMES.get, outcomes)], rows)


def same(check, mine, theirs):
    """Whether two answers agree, as the corpus compares them."""
    agreed = [{**column, "agree": ["one", "other"]} for column in theirs["columns"]]
    return not check({"rows": theirs["rows"], "columns": agreed}, mine)


def agreement(check, damaged):
    """A line on the variants that weir and two others read alike."""
    peers = [name for name in damaged if not name.startswith("weir")]
    alike = total = 0
    for i, (ended, mine, _) in enumerate(damaged["weir"]):
        answers = [damaged[peer][i][1] for peer in peers if damaged[peer][i][0] == "ok"]
        agreed = [one for one, other in itertools.combinations(answers, 2) if same(check, other, one)]
        if ended == "ok" and agreed:
            total += 1
            alike += any(same(check, mine, one) for one in agreed)
    return f"Of {total} variants that weir and two others read, these two agreeing, weir gives the same answer in {alike}."


def damaged_part(choice, check, damaged):
    if not damaged:
        return "Not measured in this run."
    kinds = ["ok", "clean_error", *BROKEN]
    rows = []
    for name, found in sorted(damaged.items(), key=lambda item: not item[0].startswith("weir")):
        ended = collections.Counter(kind for kind, _, _ in found)
        rows.append([NAMES.get(name, name) if name != "weir" else f"weir {DIGESTS}", *(ended[kind] for kind in kinds)])
    head = ["reader", "read", "error", *(kind.replace("_", " ") for kind in BROKEN)]
    told = (f"{choice.mutants} variants of these files with bits flipped, lengths and counts changed, pages and footers cut, "
            f"moved or exchanged, always the same ones (`fuzzcli.py --seed {choice.seed}`):")
    bombs = (f"Some variants are bombs: a few bytes that stand for 2,147,483,647 rows, or for terabytes of text. `{DIGESTS}` "
             "hashes every value, which for those takes as long as there are bytes; the other two do not.")
    return "\n\n".join([told, table(head, rows), agreement(check, damaged), bombs])


def verdict(outcomes):
    count = counts(outcomes["weir"])
    broken = sum(count[kind] for kind in BROKEN)
    return (f"weir is right on {count['right']:,}, differs on purpose on {count['difference']}, is wrong on {count['wrong']}, refuses {count['refused']} sound ones, "
            f"accepts {count['accepted']} damaged ones, and ends otherwise on {broken}.")


def differences():
    by_reason = collections.defaultdict(list)
    for path, columns in accepted_differences().items():
        for column, reason in columns.items():
            by_reason[reason].append(f"`{path}`" + ("" if column == "*" else f", column `{column}`"))
    if not by_reason:
        return "- Differences that are accepted: none.\n"
    told = ["- Differences that are accepted (`test/oracle/conformance-differences.txt`):"]
    for reason, places in by_reason.items():
        told.append(f"  - {reason}: {'; '.join(places)}")
    return "\n".join(told) + "\n"


def versions(choice, outcomes):
    mine = subprocess.run([choice.weir, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return ", ".join([mine, *(f"{NAMES[name]} {importlib.metadata.version(name)}" for name in list(outcomes)[1:])])


def command(choice, outcomes):
    peers = ",".join(list(outcomes)[1:])
    lines = ["with the corpus at hand (`tools/corpus.sh` says where) this repeats it:", "", "```sh",
             f".venv/bin/python test/oracle/conformance.py --peers {peers} --mutants {choice.mutants} \\",
             f"    --seed {choice.seed} --report docs/CONFORMANCE.md", "```"]
    return "\n".join(lines)


def write(choice, check, records, outcomes, damaged):
    """outcomes: {reader: [(outcome, why)]}, damaged: {reader: [(ended, answer, message)]}, weir the first of both."""
    Path(choice.report).write_text(TEXT.format(
        files=f"{len(records):,}", sources=len({source_of(record) for record in records}), verdict=verdict(outcomes),
        command=command(choice, outcomes), totals=totals(outcomes), classes=by_class(records, outcomes),
        origins=by_source(records, outcomes), damaged=damaged_part(choice, check, damaged),
        versions=versions(choice, outcomes), differences=differences()))
