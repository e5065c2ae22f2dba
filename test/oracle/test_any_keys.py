"""Sums by any keys: every way gives the same bits, those of exact rational arithmetic in Python.

WEIR_SEED chooses the first seed, WEIR_CASES how many there are. A failure names its seed: WEIR_SEED=N WEIR_CASES=1 does it again.
"""
import json
import os
import re
from collections import Counter

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

import any_keys
import support
from any_keys import Case, found, key_order
from support import FULL, SANITIZED, WeirTest

SEED = int(os.environ.get("WEIR_SEED", "1"))
CASES = int(os.environ.get("WEIR_CASES", "2000" if FULL else "30" if SANITIZED else "90"))
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
