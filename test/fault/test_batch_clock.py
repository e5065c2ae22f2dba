"""The clock of dates jumps by years, back and forth, while a batch runs: durations, limits of time and what is told
afterwards do not follow it.
"""
import json
import os
import re
import time
import unittest
from unittest import mock

from batches import WITHOUT_GROUPS, BatchTest, can_hide_groups
from support import SANITIZED
from test_batch_disk import build_shim, shim_environment

SECOND = 10 ** 9
SLACK = 20 if SANITIZED else 5  # seconds; a jump is of years


class JumpingClock(BatchTest):
    def setUp(self):
        super().setUp()
        self.shim = build_shim(self.folder)

    def run_jumping(self, jobs, *arguments, status=1):
        self.write_jobs([{"memory": "32MiB", "cpus": 0.1, **job} for job in jobs])
        began = time.monotonic()
        with mock.patch.dict(os.environ, shim_environment(self.shim, WEIR_SHIM_CLOCK="1")):
            out, err = self.batch("--memory", "1GiB", "--cpus", "2", "--grace", "300ms", "--json", *arguments,
                                  status=status)
        return [json.loads(line) for line in out.splitlines()], err, time.monotonic() - began

    def jobs(self):
        return [{"name": "quick", "command": "true"},
                {"name": "second", "command": "sleep 0.6"},
                {"name": "in-time", "command": "sleep 0.6", "timeout": "30s"},
                {"name": "late", "command": "sleep 60", "timeout": "500ms"},
                {"name": "deaf", "command": "trap '' TERM; while :; do sleep 1; done", "timeout": "300ms"},
                {"name": "again", "command": "exit 1",
                 "retry_strategy": {"stop_after_attempt": 3, "on": ["error"]}},
                *[{"name": f"j{i}", "command": f"sleep 0.0{i}"} for i in range(10)]]

    def test_the_clock_does_jump(self):
        """Else this tests nothing."""
        self.run_jumping([{"command": "sleep 0.05"} for _ in range(40)], "--jobs", "2", status=0)
        started = [row[0] for row in self.ledger("SELECT started FROM attempt ORDER BY attempt")]
        self.assertTrue(any(later < sooner - 300 * 86400 * SECOND for sooner, later in zip(started, started[1:])), started)

    def test_limits_of_time_and_durations(self):
        events, err, took = self.run_jumping(self.jobs())
        self.assertLess(took, SLACK + 5)
        found = {name: report for name, _, report in self.attempts()}
        verdicts = {name: report["verdict"] for name, report in found.items() if not re.match(r"j\d", name)}
        self.assertEqual(verdicts, {"quick": "ok", "second": "ok", "in-time": "ok", "late": "timeout", "deaf": "timeout",
                                    "again": "error"}, err)
        self.assertGreaterEqual(found["late"]["wall_ns"], 0.5 * SECOND)
        self.assertGreaterEqual(found["second"]["wall_ns"], 0.55 * SECOND)
        for name, report in found.items():
            self.assertLess(report["wall_ns"], SLACK * SECOND, name)
        self.check_numbers(events, "events")
        self.check_ledger()
        self.check_told()
        self.check_nothing_left()

    def check_numbers(self, document, place):
        """No number is below zero, and no duration is of years."""
        if isinstance(document, dict):
            for name, part in document.items():
                self.check_numbers(part, f"{place}.{name}")
                if isinstance(part, (int, float)) and re.search(r"wall|cpu|elapsed|took|duration", name):
                    self.assertLess(part, 3600 * SECOND, f"{place}.{name}")
        elif isinstance(document, list):
            for part in document:
                self.check_numbers(part, place)
        elif isinstance(document, (int, float)):
            self.assertGreaterEqual(document, 0, place)

    def check_ledger(self):
        bad = self.ledger("SELECT * FROM attempt WHERE started <= 0 OR ended < started OR wall_ns < 0 OR cpu_ns < 0")
        self.assertEqual(bad, [])
        self.assertEqual(self.ledger("SELECT count(*) FROM run WHERE started <= 0 OR ended < started"), [(0,)])
        for samples, in self.ledger("SELECT samples FROM attempt"):
            times = [at for at, _ in json.loads(samples)]
            self.assertEqual(times, sorted(times))
            self.assertTrue(all(0 <= at < SLACK * 1000 for at in times), times)
        for path in self.folder.glob("weir-out/work/*/*/*/memory.tsv"):
            times = [int(line.split("\t")[0]) for line in path.read_text().splitlines()[1:]]
            self.assertEqual(times, sorted(times))

    def check_told(self):
        """By weir with the same clock."""
        environment = shim_environment(self.shim, WEIR_SHIM_CLOCK="1")
        for _ in range(4):
            for command in (("runs",), ("report", "last"), ("logs", "last", "late")):
                told = self.weir(*command, environment=environment)
                self.assertNotRegex(told.out, r"-\d+(\.\d+)? ?(ns|us|ms|s|min|h|d)\b")
                self.assertNotRegex(told.out, r"\d{4,} (h|days)")
                document = json.loads(self.weir(*command, "--json", environment=environment).out)
                self.check_numbers(document, command[0])
            time.sleep(0.03)

    def test_told_while_it_runs(self):
        """A run that began years from now has not run for a negative time."""
        self.write_jobs([{"name": "it", "command": "sleep 2", "memory": "32MiB"}])
        environment = shim_environment(self.shim, WEIR_SHIM_CLOCK="1")
        with mock.patch.dict(os.environ, environment):
            process = self.start("--memory", "1GiB", "-q")
        while not (self.folder / "weir-out" / "work" / "1").exists() and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.1)
        for _ in range(8):
            for command in (("runs",), ("report", "last"), ("logs", "last", "it")):
                told = self.weir(*command, environment=environment)
                self.assertNotRegex(told.out, r"(^|\s)-\d+(\.\d+)? ?(ns|us|ms|s|min|h|d)\b")
            for run in json.loads(self.weir("runs", "--json", environment=environment).out)["runs"]:
                self.assertGreaterEqual(run["wall_ns"] or 0, 0)
            time.sleep(0.02)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)


@unittest.skipUnless(can_hide_groups(), "control groups cannot be hidden without root's rights")
class WatchedJumpingClock(JumpingClock):
    """Where no control group can be made."""
    prefix = WITHOUT_GROUPS
