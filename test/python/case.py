"""What the tests of the Python package share."""
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import weir


def mappings():
    """Results that are mapped into this process."""
    gc.collect()
    return sum("weir-result" in line for line in Path("/proc/self/maps").read_text().splitlines())


def ranges_of_results():
    """(first, last) address of each mapped result."""
    lines = [line for line in Path("/proc/self/maps").read_text().splitlines() if "weir-result" in line]
    return [tuple(int(part, 16) for part in line.split()[0].split("-")) for line in lines]


def table(rows=3000, seed=1, nulls=False):
    """Keys path and Date in order, value of many exponents."""
    random = np.random.default_rng(seed)
    path = np.repeat(np.arange(rows // 30, dtype="int64"), 30)
    date = np.datetime64("2025-01-01", "us") + np.tile(np.arange(30), rows // 30) * np.timedelta64(1, "D")
    value = random.normal(size=len(path)) * 10.0 ** random.integers(-9, 9, len(path))
    mask = random.random(len(path)) < 0.1 if nulls else None
    return pa.table({"path": path, "Date": date, "value": pa.array(value, mask=mask)})


class Case(unittest.TestCase):
    """A folder for each test."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="weir-python-test-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def files(self, count=3, **options):
        """Paths of aligned files."""
        paths = [self.folder / f"part-{seed}.parquet" for seed in range(count)]
        for seed, path in enumerate(paths):
            pq.write_table(table(seed=seed, **options), path)
        return paths

    def sum(self, **options):
        return weir.sum(self.files(), by="path,Date", **dict({"agg": "sum:value"}, **options))

    def environment(self, **values):
        """Environment variables for this test."""
        for name, value in values.items():
            before = os.environ.get(name)
            self.addCleanup(lambda name=name, before=before: os.environ.pop(name, None) if before is None
                            else os.environ.__setitem__(name, before))
            os.environ[name] = str(value)

    def program(self, text):
        """Another program in weir's place: a shell script."""
        path = self.folder / "program"
        path.write_text("#!/bin/sh\n" + textwrap.dedent(text))
        path.chmod(0o755)
        self.environment(WEIR_BINARY=path)
        return path

    def python(self, text, timeout=60):
        """Another interpreter, run to its end: (status, output, errors)."""
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(text)], stdin=subprocess.DEVNULL, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)
        return done.returncode, done.stdout, done.stderr
