"""What users of other schedulers complained about in public, where it concerns memory or dying; one test a thread.

dask/distributed#1829, #2297, #2986, #5611, #6360, #6110 (a guest with control groups version 2 has that test);
dask/dask#7036, #4701; nextflow#5403, #6436, #6549; ncov#949; argo-workflows#4493, #12849, #721, #7457, #13783;
prefect#21022, #6492; dagster#12299, #8567; airflow#55599, #23; dbt-duckdb#57; snakemake#3901; metaflow#1696.
"""
import json
import re
import signal
import sys
import time

import pyarrow.parquet as pq

from batches import BatchTest
from support import MIB, SANITIZED, WEIR

PYTHON = [sys.executable, "-S", "-E", "-c"]
HUNGRY = "kept = b'x' * (200 << 20)"


def hungry(name, **more):
    return {"name": name, "command": [*PYTHON, HUNGRY], "memory": "64MiB", **more}


class Killers(BatchTest):
    def one(self, job, *arguments, status=1):
        self.write_jobs([{"name": "it", "memory": "64MiB", **job}])
        out, err = self.batch("--memory", "1GiB", *arguments, status=status)
        return self.attempts()[-1][2], out, err

    def test_distributed_1829_the_killer_is_named(self):
        """By its limit, by weir's own clock, by a signal: never "an unknown signal"."""
        for job, verdict, word in ((hungry("it"), "oom-limit", "memory"), ({"command": "sleep 9", "timeout": "50ms"}, "timeout", "stopped after"),
                                   ({"command": "kill -9 $$"}, "signal", "SIGKILL")):
            with self.subTest(verdict=verdict):
                report, _, err = self.one(job)
                self.assertEqual(report["verdict"], verdict)
                self.assertIn(word, err)

    def test_distributed_2297_a_memory_error_is_out_of_memory(self):
        report, _, _ = self.one({"command": [*PYTHON, "bytearray(1 << 50)"]})
        self.assertEqual((report["verdict"], report["exit_status"]), ("oom-limit", 1))
        self.assertIn("MemoryError", report["evidence"] + report["why"])

    def test_distributed_2986_the_cause_stands_in_the_error(self):
        _, _, err = self.one(hungry("it"))
        for word in ("ran out of memory", "limit 64 MiB", "peak", "try:"):
            self.assertIn(word, err)

    def test_dagster_8567_airflow_55599_no_guess_after_signal_9(self):
        """Killed by signal 9 without evidence of memory: memory is not named as the cause."""
        report, _, err = self.one({"command": "kill -9 $$"})
        self.assertEqual((report["verdict"], report["signal"]), ("signal", signal.SIGKILL))
        self.assertNotRegex(err, r"out of memory|ran out")
        self.assertIsNone(report["suggested_bytes"])

    def test_nextflow_6436_6549_the_cause_is_a_word_not_a_number(self):
        for job, verdict in (({"command": "exit 137"}, "error"), (hungry("it"), "oom-limit"),
                             ({"command": "sleep 9", "timeout": "50ms"}, "timeout")):
            report, _, _ = self.one(job)
            self.assertEqual(report["verdict"], verdict)

    def test_prefect_21022_the_last_lines_and_the_peak_are_kept(self):
        code = "print('loading the table', flush=True)\n" + HUNGRY
        report, _, _ = self.one({"command": [*PYTHON, code]})
        self.assertGreater(report["peak_bytes"], 40 * MIB)
        log = self.weir("logs", "last", "it", "--stdout")
        self.assertEqual(log.out, "loading the table\n")

    def test_argo_7457_nothing_stays_running(self):
        self.one(hungry("it"))
        self.assertEqual(self.ledger("SELECT status FROM run"), [("failed",), ])
        self.assertEqual(self.ledger("SELECT state FROM step"), [("failed",)])
        self.check_nothing_left()

    def test_distributed_2986_what_it_told_of_itself_gives_the_figure(self):
        """Killed by memory with a third of its input read: the report says so, and the figure follows."""
        code = ("import os\nwith open(os.environ['WEIR_PROGRESS'], 'w') as f: f.write('phase loading\\nread 30 of 90 files\\n')\n"
                + HUNGRY)
        report, _, err = self.one({"command": [*PYTHON, code]})
        self.assertEqual(report["progress"], {"phase": "loading", "read": 30, "of": 90, "unit": "files"})
        self.assertIn("loading", err)
        self.assertIn("30 of 90 files read (33 %)", err)
        self.assertGreaterEqual(report["suggested_bytes"], 3 * 60 * MIB)

    def test_metaflow_1696_the_same_words_in_both_places(self):
        """What the terminal said is what the record says."""
        _, _, err = self.one(hungry("it"))
        told = self.weir("logs", "last", "it").out
        begin = err.index("error:")
        report = err[begin:err.index("  next:", begin)].splitlines()
        self.assertGreater(len(report), 3)
        for line in report:
            self.assertIn(line, told.splitlines())

    def test_airflow_23_memory_over_time_is_kept(self):
        code = "import time\nkept = []\nfor _ in range(20): kept.append(b'x' * (1 << 20)); time.sleep(0.02)"
        self.one({"command": [*PYTHON, code]}, status=0)
        rows = self.weir("logs", "last", "it", "--memory").out.splitlines()
        samples = [[int(cell) for cell in row.split("\t")] for row in rows if row[:1].isdigit()]
        self.assertGreater(len(samples), 2)
        self.assertGreater(max(row[1] for row in samples), 15 * MIB)


class Figures(BatchTest):
    def figures(self):
        return self.ledger("SELECT step.name, attempt.number, attempt.figure, attempt.verdict FROM attempt"
                           " JOIN step USING (step) ORDER BY attempt.attempt")

    def test_dask_7036_the_figure_is_a_field_that_nothing_drops(self):
        sizes = {f"j{i}": (16 + i) * MIB for i in range(30)}
        self.write_jobs([{"name": name, "command": "true", "memory": size} for name, size in sizes.items()])
        self.batch("--memory", "1GiB", "-q")
        self.assertEqual({name: figure for name, _, figure, _ in self.figures()}, sizes)

    def test_nextflow_5403_beyond_its_memory_it_ends_and_is_tried_with_more(self):
        self.write_jobs([hungry("it", retry_strategy={"stop_after_attempt": 3, "on": ["oom"], "memory": "x4"})])
        self.batch("--memory", "1GiB", "-q")
        found = self.figures()
        self.assertEqual([row[3] for row in found], ["oom-limit", "ok"])
        self.assertGreaterEqual(found[1][2], 4 * found[0][2])

    def test_ncov_949_what_declares_nothing_has_a_limit_too(self):
        self.write_jobs([{"name": "it", "command": [*PYTHON, HUNGRY]}])
        self.batch("--memory", "1GiB", "--job-memory", "64MiB", "-q", status=1)
        self.assertEqual(self.figures(), [("it", 1, 64 * MIB, "oom-limit")])

    def test_argo_4493_only_memory_is_tried_again_with_more(self):
        rule = {"stop_after_attempt": 2, "on": ["oom"], "memory": "x8"}
        self.write_jobs([hungry("hungry", retry_strategy=rule),
                         {"name": "wrong", "command": "exit 1", "memory": "64MiB", "retry_strategy": rule}])
        self.batch("--memory", "1GiB", "-q", status=1)
        self.assertEqual(sorted((row[0], row[3]) for row in self.figures()),
                         [("hungry", "ok"), ("hungry", "oom-limit"), ("wrong", "error")])

    def test_argo_12849_the_figure_does_not_grow_after_another_end(self):
        self.write_jobs([{"name": "it", "command": "kill -9 $$", "memory": "64MiB",
                          "retry_strategy": {"stop_after_attempt": 3, "on": ["oom", "error"], "memory": "x2"}}])
        self.batch("--memory", "1GiB", "-q", status=1)
        self.assertEqual([row[1:] for row in self.figures()], [(i, 64 * MIB, "signal") for i in (1, 2, 3)])


class Room(BatchTest):
    def spans(self):
        """When each job ran and with what figure."""
        return {name: (started, ended, figure) for name, started, ended, figure in self.ledger(
            "SELECT step.name, attempt.started, attempt.ended, attempt.figure FROM attempt JOIN step USING (step)")}

    def granted_most(self):
        spans = self.spans().values()
        return max(sum(other[2] for other in spans if other[0] <= span[0] < other[1]) for span in spans)

    def test_argo_721_beyond_the_ceiling_they_wait_and_do_not_fail(self):
        self.write_jobs([{"command": "sleep 0.05", "memory": "400MiB", "cpus": 0.1} for _ in range(10)])
        self.batch("--memory", "1GiB", "-q")
        self.assertEqual({verdict for _, verdict, _ in self.attempts()}, {"ok"})
        self.assertLessEqual(self.granted_most(), 1024 * MIB)

    def test_dagster_12299_room_is_counted_in_bytes(self):
        """Two large ones are never beside each other, small ones run along."""
        jobs = [{"name": f"large{i}", "command": "sleep 0.2", "memory": "600MiB", "cpus": 0.1} for i in range(2)]
        jobs += [{"name": f"small{i}", "command": "sleep 0.05", "memory": "20MiB", "cpus": 0.1} for i in range(6)]
        self.write_jobs(jobs)
        self.batch("--memory", "1GiB", "--cpus", "2", "-q")
        spans = self.spans()
        first, second = sorted((spans["large0"], spans["large1"]))
        self.assertGreaterEqual(second[0], first[1])
        self.assertTrue(any(spans[f"small{i}"][0] < first[1] for i in range(6)))

    def test_distributed_6360_leaves_wait_for_their_reducers_room(self):
        """Of many groups only those have leaves under way whose reducers would fit."""
        jobs = []
        for group in range(6):
            leaves = [f"leaf{group}.{i}" for i in range(3)]
            jobs += [{"name": name, "command": "sleep 0.02", "memory": "30MiB", "cpus": 0.1} for name in leaves]
            jobs.append({"name": f"reducer{group}", "command": "sleep 0.02", "memory": "500MiB", "cpus": 0.1, "after": leaves})
        self.write_jobs(jobs)
        self.batch("--memory", "1GiB", "--cpus", "4", "-q")
        spans = self.spans()
        for group in range(6):
            begun = min(spans[f"leaf{group}.{i}"][0] for i in range(3))
            under_way = [g for g in range(6) if min(spans[f"leaf{g}.{i}"][0] for i in range(3)) <= begun
                         and spans[f"reducer{g}"][0] > begun]
            self.assertLessEqual(len(under_way), 2, f"group {group}: {under_way}")

    def test_dask_4701_argo_13783_prefect_6492_thousands_of_steps(self):
        """The first begins at once, all end, and weir stays small."""
        count = 300 if SANITIZED else 1500
        self.write_jobs([{"command": ["true"], "memory": "8MiB", "cpus": 0.5} for _ in range(count)])
        process = self.start("--memory", "1GiB", "--cpus", "2", "-q")
        peak = 0
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status") as status:
                    peak = max([peak] + [int(line.split()[1]) for line in status if line.startswith("VmHWM")])
            except OSError:
                pass
            time.sleep(0.02)
        process.communicate()
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.ledger("SELECT count(*) FROM step WHERE state = 'ok'"), [(count,)])
        if not SANITIZED:
            self.assertLess(peak << 10, 64 * MIB)
        self.check_nothing_left()

    def test_distributed_5611_a_mean_by_group_stays_within_its_figure(self):
        """Twenty files by group in a cell that holds a small part of them."""
        self.weir("synth", "s", "--files", 20, "--paths", 5000)
        figure, ceiling = ("800MiB", "256MiB") if SANITIZED else ("32MiB", "24MiB")
        self.write_jobs([{"name": "it", "memory": figure, "command": [
            WEIR, "sum", "--by", "path,Date", "--agg", "mean:value", "--memory", ceiling, "-o", "r.parquet", "s"]}])
        self.batch("--memory", "1GiB", "-q")
        self.assertEqual([verdict for _, verdict, _ in self.attempts()], ["ok"])
        self.assertEqual(len(pq.read_table(self.folder / "r.parquet")), 5000 * 120)

    def test_dask_4701_a_plan_for_140000_steps_is_quick_and_small(self):
        self.write_jobs([{"name": f"j{i}", "command": ["true"], "memory": "1MiB"} for i in range(140000)])
        result = self.weir("exec", "--batch", "jobs.jsonl", "--memory", "1GiB", "--dry-run")
        self.assertIn("140,000", result.out)


class Words(BatchTest):
    def test_snakemake_3901_one_line_a_step(self):
        self.write_jobs([{"name": f"j{i}", "command": "true", "memory": "16MiB"} for i in range(20)])
        _, err = self.batch("--memory", "1GiB")
        lines = [line for line in err.splitlines() if re.search(r"\bj\d+\b", line)]
        self.assertEqual(len(lines), 20)

    def test_distributed_1829_events_for_programs(self):
        """JSON lines hold the verdict of each end."""
        self.write_jobs([hungry("it"), {"name": "well", "command": "true", "memory": "16MiB"}])
        out, _ = self.batch("--memory", "1GiB", "--json", status=1)
        text = [json.loads(line) for line in out.splitlines()]
        verdicts = [event["verdict"] for event in text if "verdict" in event]
        self.assertEqual(sorted(verdicts), ["ok", "oom-limit"])

    def test_dbt_duckdb_57_half_a_result_is_not_seen(self):
        """A sum that is killed at its limit leaves neither an output nor half of one."""
        self.weir("synth", "s", "--files", 2, "--paths", 2000)
        self.write_jobs([{"name": "it", "memory": "4MiB", "command": [
            WEIR, "sum", "--by", "path,Date", "--sum", "value", "--memory", "64MiB", "-o", "out/r.parquet", "s"]}])
        (self.folder / "out").mkdir()
        self.batch("--memory", "1GiB", "-q", status=1)
        self.assertEqual(self.attempts()[0][1], "oom-limit")
        self.assertEqual(list((self.folder / "out").iterdir()), [])
