"""Files for bench/keys.py: rows of `weir synth` with keys missing, shuffled or turned into text, and the
table of the public db-benchmark. Each set is made once, into a folder of its own, and used again."""
import os
from pathlib import Path

import numpy
import pyarrow
import pyarrow.compute
import pyarrow.parquet as parquet

from measure import measure, note


def folder_with(base, name, count, make):
    """Files of a set; make(place, number) writes one. A file is there whole or not at all."""
    folder = Path(base) / name
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}.parquet" for number in range(count)]
    for number, path in enumerate(paths):
        if not path.exists():
            note(f"writing {path}")
            part = path.with_suffix(".part")
            make(part, number)
            os.replace(part, path)
    return [str(path) for path in paths]


def aligned(weir, base, count, paths, layout="pyarrow"):
    """As bench/sum.py makes them, in the same place."""
    folder = Path(base) / f"{layout}-{paths}"
    present = sorted(folder.glob("*.parquet")) if folder.exists() else []
    if len(present) < count:
        note(f"writing {count} files to {folder}")
        measure([weir, "synth", folder, "--files", count, "--paths", paths, "--layout", layout, "--overwrite", "-q"])
    return [str(path) for path in sorted(folder.glob("*.parquet"))[:count]]


def missing(base, sources):
    """The rows of each source but one in a hundred, at random and others in each file."""
    def make(place, number):
        table = parquet.read_table(sources[number])
        keep = numpy.flatnonzero(numpy.random.default_rng(number).random(len(table)) >= 0.01)
        parquet.write_table(table.take(pyarrow.array(keep)), place)
    return folder_with(base, "missing", len(sources), make)


def shuffle(table, seed):
    return table.take(pyarrow.array(numpy.random.default_rng(seed).permutation(len(table))))


def shuffled(base, sources):
    return folder_with(base, "shuffled", len(sources), lambda place, number: parquet.write_table(
        shuffle(parquet.read_table(sources[number]), number), place))


def as_text(table):
    """path as sim-000123, Date as 2025-01-01 (one a day)."""
    numbers = table["path"].to_numpy()
    names = pyarrow.array([f"sim-{number:06d}" for number in range(int(numbers.max()) + 1)])
    days = table["Date"].combine_chunks().dictionary_encode()
    texts = pyarrow.array([str(day)[:10] for day in days.dictionary.to_pylist()])
    return pyarrow.table({"path": names.take(pyarrow.array(numbers)), "Date": texts.take(days.indices),
                          "value": table["value"]})


def strings(base, sources):
    return folder_with(base, "strings", len(sources), lambda place, number: parquet.write_table(
        shuffle(as_text(parquet.read_table(sources[number])), number), place))


def words(base, sources):
    """One text of both keys: millions of different ones, too many for dictionaries."""
    def make(place, number):
        table = shuffle(as_text(parquet.read_table(sources[number])), number)
        text = pyarrow.compute.binary_join_element_wise(table["path"], table["Date"], "/")
        parquet.write_table(pyarrow.table({"name": text, "value": table["value"]}), place)
    return folder_with(base, "words", len(sources), make)


def database_like(base, rows, groups):
    """The group-by table of the db-benchmark (groupby-datagen.R: N rows, K groups, no NULL, not sorted)."""
    def make(place, number):
        random = numpy.random.default_rng(108)
        many = rows // groups
        ids = pyarrow.array([f"id{number:03d}" for number in range(1, groups + 1)])
        long_ids = pyarrow.array([f"id{number:010d}" for number in range(1, many + 1)])
        pick = lambda count: random.integers(0, count, rows, dtype=numpy.int32)
        parquet.write_table(pyarrow.table({
            "id1": ids.take(pyarrow.array(pick(groups))), "id2": ids.take(pyarrow.array(pick(groups))),
            "id3": long_ids.take(pyarrow.array(pick(many))),
            "id4": pick(groups) + numpy.int32(1), "id5": pick(groups) + numpy.int32(1), "id6": pick(many) + numpy.int32(1),
            "v1": pick(5) + numpy.int32(1), "v2": pick(15) + numpy.int32(1),
            "v3": numpy.round(random.uniform(0, 100, rows), 6)}), place)
    return folder_with(base, f"h2o-{rows}-{groups}", 1, make)
