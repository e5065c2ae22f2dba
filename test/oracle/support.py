"""What the oracle tests share: running weir under measure, files of many writers, exact sums.

Run all with test/oracle/run.py. The binary is $WEIR, else build/weir.
"""
import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import fastparquet
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent.parent
WEIR = str(Path(os.environ.get("WEIR", ROOT / "build" / "weir")).resolve())
FULL = os.environ.get("WEIR_FULL") == "1"
SANITIZED = os.environ.get("WEIR_SANITIZED") == "1"  # such a binary needs more memory and time
MIB = 1 << 20
HUNG = -1

# What weir keeps of keys between runs: for these tests alone, and never the user's.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="weir-oracle-cache-")
atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], True)


@dataclass
class Run:
    status: int  # exit status; 128 and more: a signal; HUNG: it had to be killed
    out: str
    err: str
    peak: int  # bytes resident at most
    seconds: float


def run(*arguments, cwd=None, timeout=60, before=None, environment=None):
    """Runs weir under /usr/bin/time: the kernel counts what stood in memory before exec as the child's
    own, and a Python process with pandas in it is large, so a small process must stand between."""
    started = time.monotonic()
    with tempfile.NamedTemporaryFile("r") as peak, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(["/usr/bin/time", "-q", "-f", "%M", "-o", peak.name, WEIR, *map(str, arguments)],
                                   stdout=out, stderr=err, stdin=subprocess.DEVNULL, cwd=cwd, preexec_fn=before,
                                   env=dict(os.environ, **(environment or {})), start_new_session=True)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status = HUNG
        seconds = time.monotonic() - started
        out.seek(0)
        err.seek(0)
        return Run(status, out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace"),
                   int(peak.read() or 0) * 1024, seconds)


def find(document, name):
    """The first value of that name anywhere in a JSON document."""
    if isinstance(document, dict):
        if name in document:
            return document[name]
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            found = find(part, name)
            if found is not None:
                return found
    return None


class WeirTest(unittest.TestCase):
    """A folder for each test, and short ways to say what is expected."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="weir-oracle-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def weir(self, *arguments, **options):
        result = run(*arguments, cwd=self.folder, **options)
        self.assertEqual(result.status, 0, f"weir {' '.join(map(str, arguments))}\n{result.err}")
        return result

    def weir_fails(self, *arguments, status=1, says=(), **options):
        """Fails as it should: its status, one line on standard error, the words named, nothing written."""
        result = run(*arguments, cwd=self.folder, **options)
        shown = f"weir {' '.join(map(str, arguments))}\nexit {result.status}\n{result.err}"
        self.assertEqual(result.status, status, shown)
        lines = [line for line in result.err.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, shown)
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, result.err, shown)
        return result

    def plan(self, *arguments):
        result = self.weir(*arguments, "--dry-run", "--json")
        return json.loads(result.out)

    def sum(self, files, *options, by="path,Date", output="out.parquet", **run_options):
        """Sums and returns the result as an Arrow table."""
        self.weir("sum", "--by", by, *options, "-o", output, "--overwrite", *files, **run_options)
        return pq.read_table(self.folder / output)


# ---- exact arithmetic -------------------------------------------------------------------------

def fraction_of(value):
    return Fraction(value)


def round_to_double(value):
    """A Fraction, correctly rounded: Python divides integers with one rounding, ties to even."""
    if value == 0:
        return 0.0
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


SCALE = 1074  # every finite double is an integer times 2^-1074


def exact_float_sum(values):
    """(Fraction or special float, count) of doubles; None stands for NULL."""
    total, count, specials = 0, 0, set()
    for value in values:
        if value is None:
            continue
        count += 1
        if value != value:
            specials.add("nan")
        elif value in (float("inf"), float("-inf")):
            specials.add(value)
        else:
            numerator, denominator = value.as_integer_ratio()
            total += (numerator << SCALE) // denominator
    if "nan" in specials or len(specials) > 1:
        return float("nan"), count
    if specials:
        return specials.pop(), count
    return Fraction(total, 1 << SCALE), count


def expected_sum(values):
    """What SUM gives for doubles: rounded once; None when all are NULL."""
    total, count = exact_float_sum(values)
    if count == 0:
        return None
    return round_to_double(total) if isinstance(total, Fraction) else total


def expected_mean(values):
    total, count = exact_float_sum(values)
    if count == 0:
        return None
    return round_to_double(total / count) if isinstance(total, Fraction) else total


def bits(value):
    """Comparable form in which NaNs are equal and -0.0 is not 0.0."""
    if value is None:
        return None
    return "nan" if value != value else np.float64(value).tobytes()


# ---- tables -----------------------------------------------------------------------------------

def keys_table(paths=40, dates=30, unit="ms"):
    """The bank's keys in small: path int64, Date timestamp."""
    path = np.repeat(np.arange(paths, dtype="int64"), dates)
    days = np.datetime64("2025-01-01") + np.tile(np.arange(dates), paths)
    return {"path": pa.array(path), "Date": pa.array(days.astype("datetime64[ms]")).cast(pa.timestamp(unit))}


def doubles(kind, rows, seed):
    """Doubles of one character."""
    rng = np.random.default_rng(seed)
    if kind == "normal":
        return rng.normal(size=rows)
    if kind == "wide":  # every exponent, subnormals included
        return rng.integers(0, 0x7FF0_0000_0000_0000, rows).view("float64") * rng.choice([-1.0, 1.0], rows)
    if kind == "subnormal":
        return rng.integers(0, 1 << 52, rows).view("float64") * rng.choice([-1.0, 1.0], rows)
    if kind == "large":
        return rng.uniform(0.5, 1.0, rows) * 1.7e308 * rng.choice([-1.0, 1.0], rows)
    if kind == "integers":
        return rng.integers(-(1 << 53), 1 << 53, rows).astype("float64")
    if kind == "ties":  # halves of the last place of 2^53
        return rng.choice([9007199254740992.0, 1.0, 0.5, 0.25, 2.0 ** -52, 2.0 ** -60, -2.0 ** -60, 3.0], rows)
    if kind == "tails":  # mostly usual, a few far out
        values = rng.normal(size=rows)
        return np.where(rng.random(rows) < 0.01, values * 10.0 ** rng.integers(-300, 300, rows), values)
    if kind == "special":
        values = rng.normal(size=rows)
        place = rng.random(rows)
        values[place < 0.02] = np.nan
        values[(place > 0.02) & (place < 0.05)] = np.inf
        values[(place > 0.05) & (place < 0.07)] = -np.inf
        return values
    if kind == "zeros":
        return rng.choice([0.0, -0.0], rows)
    raise ValueError(kind)


def with_nulls(values, share, seed):
    """An Arrow array of doubles with some NULLs."""
    mask = np.random.default_rng(seed).random(len(values)) < share
    return pa.array(values, mask=mask)


# ---- writers ----------------------------------------------------------------------------------

def write_arrow(**options):
    return lambda table, path: pq.write_table(table, path, **options)


def write_pandas(table, path):
    table.to_pandas().to_parquet(path)


def write_polars(**options):
    return lambda table, path: pl.from_arrow(table).write_parquet(path, **options)


def write_duckdb(options=""):
    def write(table, path):
        with duckdb.connect() as connection:
            connection.register("input", table)
            connection.execute(f"COPY (SELECT * FROM input) TO '{path}' (FORMAT parquet{options})")
    return write


def write_fastparquet(**options):
    return lambda table, path: fastparquet.write(str(path), table.to_pandas(), **options)


def reordered(table, path):
    names = list(reversed(table.column_names))
    pq.write_table(table.select(names), path, row_group_size=777)


WRITERS = {
    "arrow": write_arrow(),
    "arrow-v2-pages": write_arrow(data_page_version="2.0", compression="zstd"),
    "arrow-v2-none": write_arrow(data_page_version="2.0", compression="none", use_dictionary=False),
    "arrow-gzip": write_arrow(compression="gzip"),
    "arrow-brotli": write_arrow(compression="brotli"),
    "arrow-lz4": write_arrow(compression="lz4"),
    "arrow-plain": write_arrow(compression="none", use_dictionary=False),
    "arrow-small-pages": write_arrow(data_page_size=512, write_batch_size=64, row_group_size=1000),
    "arrow-index": write_arrow(write_page_index=True, write_page_checksum=True, compression="zstd"),
    "arrow-split": write_arrow(use_dictionary=False, column_encoding={
        "path": "DELTA_BINARY_PACKED", "Date": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"}),
    "arrow-delta-v2": write_arrow(use_dictionary=False, data_page_version="2.0", compression="zstd", column_encoding={
        "path": "DELTA_BINARY_PACKED", "Date": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"}),
    "arrow-reordered": reordered,
    "pandas": write_pandas,
    "polars": write_polars(),
    "polars-snappy": write_polars(compression="snappy", row_group_size=500),
    "duckdb": write_duckdb(),
    "duckdb-v2": write_duckdb(", PARQUET_VERSION v2, COMPRESSION zstd, ROW_GROUP_SIZE 2048"),
    "fastparquet": write_fastparquet(),
    "fastparquet-gzip": write_fastparquet(compression="GZIP", row_group_offsets=600),
}


def assert_columns_equal(test, found, expected, context=""):
    """Two lists of values with the same bits; names the first difference."""
    test.assertEqual(len(found), len(expected), context)
    for row, (left, right) in enumerate(zip(found, expected)):
        same = bits(left) == bits(right) if isinstance(right, float) or isinstance(left, float) else left == right
        if not same:
            test.fail(f"{context}: row {row} is {left!r}, expected {right!r}")
