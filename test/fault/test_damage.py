"""Whatever the bytes say: no signal, no hang, never above the ceiling, one line that tells."""
import os
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

import mutants
import support
from support import MIB, SANITIZED, WRITERS, WeirTest, doubles

CEILING = 64 * MIB
MUTANTS = int(os.environ.get("WEIR_MUTANTS", "8000" if support.FULL else "300" if SANITIZED else "2000"))
SEED = int(os.environ.get("WEIR_SEED", "1"))


class Damage(WeirTest):
    def make_originals(self):
        keys = support.keys_table(30, 20)
        originals = {}
        for number, name in enumerate(("arrow", "arrow-v2-pages", "arrow-index", "arrow-delta-v2", "arrow-gzip", "arrow-lz4",
                                       "arrow-brotli", "polars", "duckdb-v2", "fastparquet", "arrow-small-pages")):
            value = support.with_nulls(doubles("tails", 600, number), 0.1 if number % 2 else 0.0, number)
            table = pa.table({**keys, "value": value, "name": pa.array([f"text {i}" for i in range(600)])})
            path = self.folder / f"{name}.parquet"
            WRITERS[name](table, path)
            originals[name] = path
        return originals

    def commands(self, original, damaged, output):
        by = ("--by", "path,Date")
        return [
            ("sum", *by, "--sum", "value", "--memory", "64MiB", "--threads", "2", "-o", output, "--overwrite", original, damaged),
            ("sum", *by, "--agg", "mean:value,max:value,count:*", "--memory", "64MiB", "--threads", "1", damaged),
            ("sum", "--by", "path,Date,name", "--sum", "value", "--memory", "64MiB", "--threads", "1", "-o", output,
             "--overwrite", damaged),
            ("inspect", damaged),
            ("diff", original, damaged, "--by", "path,Date"),
        ]

    def problem_of(self, result, may_differ):
        lines = [line for line in result.err.splitlines() if line.strip() and "weir: memory:" not in line]
        if result.status not in (0, 1):
            return f"exit {result.status}"
        if result.status == 1 and not may_differ and (len(lines) != 1 or not lines[0].startswith("weir: ")):
            return "not one line of error"
        if result.peak > CEILING and not SANITIZED:
            return f"{result.peak} bytes resident"
        if result.seconds > 20:
            return f"{result.seconds:.1f} s"
        return None

    def check_one(self, job):
        name, original, seed = job
        data = mutants.mutant(original.read_bytes(), seed)
        damaged = self.folder / f"damaged-{name}-{seed}.parquet"
        damaged.write_bytes(data)
        problems = []
        output = self.folder / f"out-{name}-{seed}.parquet"
        commands = self.commands(original, damaged, output)
        for command in commands if support.FULL else [commands[seed % len(commands)], commands[0]]:
            result = support.run(*command, cwd=self.folder, timeout=30)
            problem = self.problem_of(result, command[0] == "diff")
            if problem:
                problems.append(f"{name}, seed {seed}: {problem}: weir {' '.join(map(str, command))}\n{result.err[:1500]}")
        if not problems:
            damaged.unlink()
        output.unlink(missing_ok=True)
        return problems

    def test_mutants(self):
        originals = self.make_originals()
        jobs = [(name, path, SEED * 1000003 + seed) for seed in range(MUTANTS // len(originals) + 1)
                for name, path in originals.items()]
        with ThreadPoolExecutor(2) as pool:
            problems = [problem for found in pool.map(self.check_one, jobs) for problem in found]
        self.assertEqual(problems, [], f"{len(problems)} of {len(jobs)} mutants:\n" + "\n".join(problems[:8]))

    def test_every_truncation(self):
        """Each prefix of a small file, and of its footer in steps of one byte."""
        path = self.folder / "small.parquet"
        support.pq.write_table(pa.table({"key": pa.array(range(5)), "value": pa.array([0.5] * 5)}), path)
        data = path.read_bytes()
        step = 1 if support.FULL else 7
        cut = self.folder / "cut.parquet"
        for size in list(range(0, len(data), step)) + [len(data) - 1]:
            cut.write_bytes(data[:size])
            result = support.run("sum", "--by", "key", "--sum", "value", cut, cwd=self.folder)
            self.assertEqual((result.status, self.problem_of(result, False)), (1, None), f"cut at {size}: {result.err}")
            self.assertIn("cut.parquet", result.err)

    def test_not_parquet_at_all(self):
        for content in (b"", b"P", b"PAR1", b"PAR1PAR1", b"PAR1\0\0\0\0PAR1", b"x" * 100000, b"PAR1" + b"\xff" * 5000 + b"PAR1",
                        b"PARE" * 100, b"\0" * 4096):
            (self.folder / "x.parquet").write_bytes(content)
            for command in (("sum", "--by", "a", "--sum", "b", "x.parquet"), ("inspect", "x.parquet")):
                self.weir_fails(*command, says="x.parquet")
