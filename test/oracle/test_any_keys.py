"""Sums by any keys: every way gives the same bits, those of exact rational arithmetic in Python.

WEIR_SEED chooses the first seed, WEIR_CASES how many there are. A failure names its seed: WEIR_SEED=N WEIR_CASES=1 does it again.
"""
import json
import os
import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq

import any_keys
import support
from any_keys import Case, found, key_order
from support import FULL, MIB, SANITIZED, WeirTest

SEED = int(os.environ.get("WEIR_SEED", "1"))
CASES = int(os.environ.get("WEIR_CASES", "2000" if FULL else "30" if SANITIZED else "70"))
WAYS = {"aligned", "folded", "sorted", "dense", "any", "mixed"}


class AnyKeys(WeirTest):
    """Files in folders of their own, results with their reports."""

    def write_layout(self, case, name, files):
        folder = self.folder / name.replace(" ", "-")
        folder.mkdir()
        paths = []
        for number, rows in enumerate(files):
            path = folder / f"{number}.parquet"
            any_keys.write(case.table(rows, case.loose_types()), path, case.rng, case.decimals_as_integers)
            paths.append(path)
        return paths

    def write_streams(self, case, files):
        """All files as Arrow streams, one behind the other in one file."""
        path = self.folder / "streams"
        with open(path, "wb") as sink:
            for rows in files:
                table = case.table(rows)
                with pa.ipc.new_stream(sink, table.schema) as writer:
                    for batch in table.to_batches(max_chunksize=case.rng.choice((1, 10, 1000))):
                        writer.write_batch(batch)
                        if case.rng.random() < 0.1:
                            writer.write_batch(batch.slice(0, 0))
        return path

    def run_sum(self, case, inputs, *options, output="out.parquet", stream=None):
        """The report; with the memory that weir asks for where --memory is too little."""
        command = ["sum", "--by", ",".join(case.key_names), "--agg", case.agg, "--json", "--no-cache", "--overwrite", "-o", output,
                   *options, *inputs]
        before = None if stream is None else lambda: os.dup2(os.open(stream, os.O_RDONLY), 0)
        result = support.run(*command, cwd=self.folder, before=before)
        wanted = re.search(r"Try: --memory (\d+)MiB", result.err)
        if result.status == 1 and wanted and "--memory" in command:
            ceiling = int(wanted.group(1))
            command[command.index("--memory") + 1] = f"{ceiling}MiB"
            self.assertLess(ceiling, 160)
            result = support.run(*command, cwd=self.folder, before=before)
        self.assertEqual(result.status, 0, result.err)
        report = json.loads(result.out)
        if "--memory" in command and not SANITIZED:
            self.assertLessEqual(result.peak, report["plan"]["memory"]["ceiling_bytes"])
        return report["report"]

    def assert_same(self, results, expected):
        self.assertEqual(set(results) - set(expected), set(), "keys that are in no file")
        self.assertEqual(set(expected) - set(results), set(), "keys that are missing")
        wrong = {key: (result, expected[key]) for key, result in results.items() if result != expected[key]}
        self.assertEqual(dict(list(wrong.items())[:3]), {}, f"{len(wrong)} of {len(expected)} keys are wrong")

    def check(self, case, table, report, options, first_keys, expected):
        keys, results = found(case, table)
        self.assertEqual(len(set(keys)), len(keys), "a key stands twice")
        self.assert_same(dict(zip(keys, results)), expected)
        self.assertEqual(report["result_rows"], len(keys))
        if "--sort" in options or report["way"] in ("sorted", "dense"):
            self.assertEqual(keys, sorted(keys, key=key_order), "not ascending")
        elif report["way"] == "aligned":
            self.assertEqual(keys, first_keys, "not in the order of the first file")


class Properties(AnyKeys):
    def random_options(self, rng):
        options = ["--threads", rng.choice((1, 2, 4))]
        options += rng.choice(((), (), ("--sort",)))
        return options + (["--memory", rng.choice(("80MiB", "256MiB"))] if rng.random() < 0.5 and not SANITIZED else [])

    def one_case(self, seed, ways):
        case = Case(seed)
        expected = case.expected()
        for name, files in case.layouts():
            paths = self.write_layout(case, name, files)
            options = self.random_options(case.rng)
            with self.subTest(seed=seed, layout=name, options=options, structure=case.structure, types=list(map(str, case.types))):
                report = self.run_sum(case, paths, *options)
                ways[report["way"]] += 1
                self.check(case, pq.read_table(self.folder / "out.parquet"), report, options, [k for k, _ in files[0]], expected)
                if name == "original":
                    self.check_again(case, paths, options)
        self.check_streams(case, ways, expected)

    def check_streams(self, case, ways, expected):
        rows = case.rows()
        case.rng.shuffle(rows)
        files = case.split(rows, case.rng.randint(1, 4))
        options = self.random_options(case.rng)
        with self.subTest(seed=case.seed, layout="streams", options=options, types=list(map(str, case.types))):
            report = self.run_sum(case, ("--stdin", "arrow"), *options, stream=self.write_streams(case, files))
            ways["stream " + report["way"]] += 1
            self.check(case, pq.read_table(self.folder / "out.parquet"), report, options, None, expected)

    def check_again(self, case, paths, options):
        """The same files with other threads and another format: the same rows in the same order."""
        first = pq.read_table(self.folder / "out.parquet")
        sort = ["--sort"] if "--sort" in options else []
        self.run_sum(case, paths, "--threads", case.rng.choice((1, 2, 4)), *sort, output="again.arrow")
        again = pa.ipc.open_file(self.folder / "again.arrow").read_all()
        self.assertEqual(found(case, again), found(case, first))

    def test_random_cases(self):
        ways = Counter()
        for seed in range(SEED, SEED + CASES):
            with self.subTest(seed=seed):
                self.one_case(seed, ways)
            for path in list(self.folder.iterdir()):
                support.shutil.rmtree(path, True) if path.is_dir() else path.unlink()
        print(f"seeds {SEED} to {SEED + CASES - 1}: {dict(ways)}", flush=True)
        if CASES >= 30:
            self.assertLessEqual(WAYS, set(ways))


class PutAside(AnyKeys):
    """More keys than memory has room for: rows wait in a temporary file, and nothing else changes."""

    KEYS = 3_000_000 if FULL else 250_000
    FILES = 3

    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(SEED)
        self.rows = np.concatenate([rng.permutation(self.KEYS) for _ in range(self.FILES)])
        self.values = rng.integers(-(1 << 40), 1 << 40, len(self.rows))
        self.noise = rng.normal(size=len(self.rows)) * 10.0**rng.integers(-200, 200, len(self.rows))

    def write_files(self, keys):
        names = []
        for number, part in enumerate(np.array_split(np.arange(len(self.rows)), self.FILES + 1)):
            table = pa.table({"key": keys.take(pa.array(self.rows[part])), "whole": self.values[part].astype("float64"),
                              "wide": self.noise[part], "count": pa.array(self.values[part], mask=self.values[part] % 3 == 0)})
            names.append(f"{number}.parquet")
            pq.write_table(table, self.folder / names[-1], use_dictionary=False, compression="none")
        return names

    AGG = "sum:whole=whole,sum:wide=wide,sum:count=sum,count:count=count,max:wide=max,count:*=rows"

    def run_with(self, names, *options):
        result = self.weir("sum", "--by", "key", "--agg", self.AGG, "--no-cache", "--json", "-o", "out.parquet", "--overwrite",
                           "--temp", self.folder, *options, *names, timeout=600)
        self.assertEqual(sorted(self.folder.glob(".weir*")), [])
        report = json.loads(result.out)["report"]
        if "--memory" in options and not SANITIZED:
            self.assertLessEqual(result.peak, int(options[options.index("--memory") + 1][:-3]) * MIB)
        return report, pq.read_table(self.folder / "out.parquet")

    def smallest(self, names, *options):
        """MiB that are just enough, as weir says itself; too little for the program alone is said before files are known."""
        memory = 16
        for _ in range(3):
            result = support.run("sum", "--by", "key", "--agg", self.AGG, "--no-cache", "-o", "out.parquet", "--overwrite", "--temp",
                                 self.folder, "--memory", f"{memory}MiB", *options, *names, cwd=self.folder, timeout=600)
            if result.status == 0:
                return memory
            memory = int(re.search(r"Try: --memory (\d+)MiB", result.err).group(1))
        self.fail(f"what weir says to be enough is not: {result.err}")

    def check_numbers(self, keys, table):
        """By position: each key is its number's."""
        order = pc.index_in(table["key"].combine_chunks(), keys).to_numpy(zero_copy_only=False)
        self.assertEqual(len(np.unique(order)), self.KEYS)
        whole = np.bincount(self.rows, self.values.astype("float64"), self.KEYS)  # exact: integers below 2^53
        present = self.values % 3 != 0
        expected = {"whole": whole, "rows": np.full(self.KEYS, self.FILES), "count": np.bincount(self.rows[present], minlength=self.KEYS),
                    "sum": np.bincount(self.rows[present], self.values[present].astype("float64"), self.KEYS)}
        for name, column in expected.items():
            np.testing.assert_array_equal(table[name].to_numpy().astype("float64"), np.where(
                (expected["count"] == 0) & (name == "sum"), np.nan, column)[order], name)

    def check_exactly_some(self, keys, table):
        positions = {key: row for row, key in enumerate(table["key"].to_pylist())}
        for number in range(0, self.KEYS, self.KEYS // 50):
            values = self.noise[self.rows == number].tolist()
            row = positions[keys[number].as_py()]
            self.assertEqual(support.bits(table["wide"][row].as_py()), support.bits(support.expected_sum(values)))
            self.assertEqual(table["max"][row].as_py(), max(values))

    def check_keys(self, keys):
        names = self.write_files(keys)
        report, free = self.run_with(names, "--threads", 2)
        self.assertEqual(report["rows_aside"], 0)
        self.check_numbers(keys, free)
        self.check_exactly_some(keys, free)
        for options in (("--threads", 1), ("--threads", 2), ("--threads", 4, "--sort")):
            with self.subTest(options=options, keys=str(keys.type)):
                report, table = self.run_with(names, *options, "--memory", f"{self.smallest(names, *options)}MiB")
                self.assertEqual(report["way"], "any")
                self.assertGreater(report["rows_aside"], 0)
                if "--sort" not in options:
                    self.assertTrue(table.equals(free), "other values or another order than with all memory")
                self.assertTrue(table.sort_by("key").equals(free.sort_by("key")))

    def test_integers(self):
        self.check_keys(pa.array(np.random.default_rng(SEED).permutation(self.KEYS) * 0x10001_0001 - (1 << 50)))

    def test_strings(self):
        numbers = np.random.default_rng(SEED).permutation(self.KEYS)
        self.check_keys(pa.array([f"key number {n} {'x' * (n % 7)}" for n in numbers.tolist()]))
