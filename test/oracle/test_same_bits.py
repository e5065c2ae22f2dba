"""The same bits for any order of files, number of threads and ceiling; and memory as promised."""
import itertools
import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import support
from support import MIB, WRITERS, WeirTest, doubles


class SameBits(WeirTest):
    """One group of files in mixed layouts, long enough for several tiles and row groups."""

    ROWS = (1200, 100)

    def make_group(self, kinds=("normal", "tails", "wide")):
        keys = support.keys_table(*self.ROWS, unit="us")
        names = ["arrow", "arrow-v2-pages", "arrow-plain", "arrow-split", "arrow-reordered", "polars", "duckdb",
                 "fastparquet", "arrow-index"]
        rows = self.ROWS[0] * self.ROWS[1]
        for number, name in enumerate(names):
            values = pa.array(doubles(kinds[number % len(kinds)], rows, number))
            WRITERS[name](pa.table({**keys, "value": values}), self.folder / f"{number}-{name}.parquet")
        return sorted(path.name for path in self.folder.glob("*.parquet"))

    def digest(self, table):
        return [table[name].combine_chunks().to_numpy(zero_copy_only=False).tobytes() for name in table.column_names]

    def test_order_threads_and_ceiling(self):
        files = self.make_group()
        options = ("--agg", "sum:value,mean:value,min:value,max:value,count:value")
        reference = self.digest(self.sum(files, *options, "--threads", "1"))
        shuffler = random.Random(1)
        ceilings = itertools.cycle(["1GiB"] if support.SANITIZED else ["32MiB", "64MiB", "256MiB", "1GiB"])
        for threads in range(1, 9):
            order = files[:]
            shuffler.shuffle(order)
            ceiling = next(ceilings)
            output = f"result-{threads}.out"
            result = self.weir("sum", "--by", "path,Date", *options, "-o", output, "--format", "parquet",
                               "--threads", threads, "--memory", ceiling, *order)
            table = pq.read_table(self.folder / output)
            self.assertEqual(self.digest(table), reference, f"{threads} threads, {ceiling}, {order}")
            if not support.SANITIZED:
                self.assertLessEqual(result.peak, {"32MiB": 32, "64MiB": 64, "256MiB": 256, "1GiB": 1024}[ceiling] * MIB)

    def test_kernels(self):
        files = self.make_group()
        results = {}
        for kernels in ("scalar", "avx2", "avx512"):
            table = self.sum(files, "--sum", "value", environment={"WEIR_KERNELS": kernels})
            results[kernels] = self.digest(table)
        self.assertEqual(results["scalar"], results["avx2"])
        self.assertEqual(results["scalar"], results["avx512"])

    def test_same_command_gives_the_same_file(self):
        files = self.make_group()[:3]
        for name in ("a", "b"):
            self.weir("sum", "--by", "path,Date", "--sum", "value", "-o", "same.parquet", "--overwrite", *files)
            (self.folder / "same.parquet").rename(self.folder / name)
        self.assertEqual((self.folder / "a").read_bytes(), (self.folder / "b").read_bytes())


class Memory(WeirTest):
    """Peak of the kernel <= figure of the dry run <= ceiling, for whatever layout."""

    def check(self, files, *options):
        command = ("sum", "--by", "path,Date", "--sum", "value", *options, "-o", "m.parquet", *files)
        memory = support.find(self.plan(*command), "memory")
        figure, ceiling = memory["promised_bytes"], memory["ceiling_bytes"]
        self.assertFalse((self.folder / "m.parquet").exists())
        result = self.weir(*command)
        (self.folder / "m.parquet").unlink()
        self.assertLessEqual(result.peak, figure, f"{options} {files}: peak above the promised figure")
        self.assertLessEqual(figure, ceiling, options)
        return result.peak, figure

    def test_every_writer(self):
        keys = support.keys_table(2000, 100, "us")
        for name, writer in WRITERS.items():
            for number in range(3):
                values = pa.array(doubles("tails", 200000, number))
                writer(pa.table({**keys, "value": values}), self.folder / f"{number}.parquet")
            for memory in (("--memory", "64MiB"), ("--memory", "256MiB", "--threads", "4"), ()):
                with self.subTest(writer=name, memory=memory):
                    self.check(["0.parquet", "1.parquet", "2.parquet"], *memory)

    def test_bank_size(self):
        for layout in ("pyarrow", "plain", "zstd"):
            self.weir("synth", layout, "--files", "3", "--layout", layout)
            files = sorted(f"{layout}/{p.name}" for p in (self.folder / layout).iterdir())
            with self.subTest(layout=layout):
                peak, _ = self.check(files, "--memory", "64MiB", "--threads", "2")
                self.assertLess(peak, 64 * MIB)
                self.check(files * 20, "--memory", "48MiB", "--threads", "1")

    def test_too_small_a_ceiling_says_what_would_do(self):
        self.weir("synth", "s", "--files", "2", "--paths", "2000")
        result = self.weir_fails("sum", "--by", "path,Date", "--sum", "value", "--memory", "1MiB", "-o", "x.parquet",
                                 "s", says="MiB")
        self.assertFalse((self.folder / "x.parquet").exists())
        self.assertIn("--memory", result.err)

    def test_the_smallest_ceiling_does(self):
        self.weir("synth", "s", "--files", "2", "--paths", "20000")
        plan = self.plan("sum", "--by", "path,Date", "--sum", "value", "--threads", "2", "-o", "x.parquet", "s")
        smallest = support.find(plan, "memory")["smallest_bytes"]
        result = self.weir("sum", "--by", "path,Date", "--sum", "value", "--threads", "2", "--memory", smallest,
                           "-o", "x.parquet", "s")
        self.assertLessEqual(result.peak, smallest)
