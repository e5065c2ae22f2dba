"""weir runs, weir logs and weir report over ledgers that Python's sqlite3 wrote, against Python's own
arithmetic: statistics and numpy for percentiles, numpy for the memory added up over time."""
import json
import math
import os
import pty
import random
import re
import select
import signal
import statistics
import subprocess
import time
import unittest

import numpy as np

from ledgers import SECOND, Ledger
from support import MIB, SANITIZED, WEIR, WeirTest

GIB = 1 << 30
VERDICTS = ["ok"] * 6 + ["error", "oom-limit", "oom-limit", "oom-host", "timeout", "cancelled", "signal", "lost"]


def number_for(peak):
    return -(-(peak + max(peak // 4, 16 * MIB)) // MIB) * MIB


def used_by(attempt):
    """Byte-seconds: the samples as a curve, flat before the first and behind the last."""
    wall = attempt["wall_ns"] / 1e9
    if not attempt["samples"]:
        return attempt["peak"] * wall
    at = [ms / 1e3 for ms, _ in attempt["samples"]]
    memory = [float(size) for _, size in attempt["samples"]]
    at, memory = [0.0, *at], [memory[0], *memory]
    if wall > at[-1]:
        at, memory = [*at, wall], [*memory, memory[-1]]
    return float(np.trapezoid(memory, at))


class Job:
    """What weir report should say of a job, by the rules its help tells."""

    def __init__(self, name, attempts):
        self.name, self.attempts = name, attempts
        self.judged = [a for a in attempts if a["verdict"] != "lost"]
        last = self.last = self.judged[-1] if self.judged else None
        self.granted = sum(a["figure"] * a["wall_ns"] / 1e9 for a in self.judged)
        self.used = sum(used_by(a) for a in self.judged)
        self.peak_most = max((a["peak"] for a in self.judged), default=0)
        died = [a for a in self.judged if a["verdict"] == "oom-limit"]
        self.kind, self.to_try = "within", None
        if died:
            self.kind = "too small"
            self.to_try = number_for(self.peak_most)
            if last["verdict"] != "ok" and died[-1]["suggestion"]:
                self.to_try = died[-1]["suggestion"]
        elif last is None:
            self.kind = "unknown"
        elif last["verdict"] == "ok" and last["figure"] > 2 * last["peak"]:
            if number_for(self.peak_most) < last["figure"]:
                self.kind, self.to_try = "too large", number_for(self.peak_most)

    @property
    def use(self):
        return self.last["peak"] / self.last["figure"] if self.last else None

    @property
    def waste(self):
        return self.granted - self.used


def random_attempt(chance):
    verdict = chance.choice(VERDICTS)
    figure = chance.randrange(1, 1 << chance.randrange(20, 40))
    peak = figure if verdict == "oom-limit" else int(figure * chance.random() ** 2)
    samples = None
    if chance.random() < 0.7:
        times = sorted(chance.randrange(0, 10**6) for _ in range(chance.randrange(0, 30)))
        samples = [[at, chance.randrange(0, peak + 1)] for at in times]
    return {"verdict": verdict, "figure": figure, "peak": peak, "wall_ns": chance.randrange(0, 10**13),
            "samples": samples, "suggestion": chance.choice([None, figure * 2 // MIB * MIB + MIB])}


def report_of(attempt):
    return {"verdict": attempt["verdict"], "command": ["sh"], "suggested_bytes": attempt["suggestion"]}


class HistoryTest(WeirTest):
    def setUp(self):
        super().setUp()
        self.ledger = Ledger(self.folder)
        self.addCleanup(self.ledger.close)

    def fill(self, seed, count):
        chance = random.Random(seed)
        run, jobs = self.ledger.run("failed"), []
        for i in range(count):
            attempts = [random_attempt(chance) for _ in range(chance.choice([0, 1, 1, 1, 2, 3]))]
            step = self.ledger.job(run, f"job-{i}", "waiting" if not attempts else "ok")
            for number, attempt in enumerate(attempts, 1):
                self.ledger.attempt(step, number, attempt["verdict"], attempt["figure"], attempt["peak"],
                                    attempt["wall_ns"], report_of(attempt), attempt["samples"])
            jobs.append(Job(f"job-{i}", attempts))
        self.ledger.commit()
        return run, jobs

    def document(self, *arguments):
        return json.loads(self.weir(*arguments, "--json").out)


class Report(HistoryTest):
    def assert_close(self, found, expected):
        self.assertTrue(math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12), f"{found} {expected}")

    def check_job(self, found, job):
        self.assertEqual(found["figure_is"], job.kind, found)
        self.assertEqual(found["try_bytes"], job.to_try, found)
        self.assertEqual(found["attempts"], len(job.attempts))
        self.assert_close(found["granted_byte_seconds"], job.granted)
        self.assert_close(found["used_byte_seconds"], job.used)
        self.assertEqual(found["peak_most_bytes"], job.peak_most)
        self.assertEqual(found["use"], job.use)
        if job.last:
            self.assertEqual([found["figure_bytes"], found["peak_bytes"], found["wall_ns"], found["verdict"]],
                             [job.last[name] for name in ("figure", "peak", "wall_ns", "verdict")])

    def check_summary(self, found, jobs):
        kinds = [job.kind for job in jobs]
        self.assertEqual(found["jobs"], len(jobs))
        self.assertEqual(found["within"], kinds.count("within") + kinds.count("too large"))
        for name in ("too small", "too large", "unknown"):
            self.assertEqual(found[name.replace(" ", "_")], kinds.count(name))
        verdicts = [attempt["verdict"] for job in jobs for attempt in job.attempts]
        self.assertEqual(found["oom_limit_attempts"], verdicts.count("oom-limit"))
        self.assertEqual(found["oom_host_attempts"], verdicts.count("oom-host"))
        uses = [job.use for job in jobs if job.use is not None]
        if not uses:
            self.assertIsNone(found["use_median"])
            return
        self.assert_close(found["use_median"], statistics.median(uses))
        self.assertEqual(found["use_90"], float(np.percentile(uses, 90, method="inverted_cdf")))
        self.assert_close(found["granted_gib_hours"], sum(job.granted for job in jobs) / GIB / 3600)
        self.assert_close(found["used_gib_hours"], sum(job.used for job in jobs) / GIB / 3600)

    def test_against_python(self):
        for seed, count in enumerate([0, 1, 2, 3, 10, 11, 200, 1001]):
            run, jobs = self.fill(seed, count)
            by_name = {job.name: job for job in jobs}
            found = self.document("report", run, "--limit", 0)
            self.check_summary(found["summary"], jobs)
            self.assertEqual(sorted(job["job"] for job in found["jobs"]), sorted(by_name))
            for job in found["jobs"]:
                self.check_job(job, by_name[job["job"]])
            for name in ("too small", "too large"):
                listed = sorted(job["job"] for job in found[name.replace(" ", "_")])
                self.assertEqual(listed, sorted(job.name for job in jobs if job.kind == name))

    def test_orders(self):
        run, jobs = self.fill(99, 500)
        keys = {"peak": lambda job: job.last["peak"] if job.last else 0,
                "figure": lambda job: job.last["figure"] if job.last else 0,
                "time": lambda job: job.last["wall_ns"] if job.last else 0,
                "waste": lambda job: job.waste}
        slack = max(job.granted for job in jobs) * 1e-12  # differences of large numbers
        for order, key in keys.items():
            for limit in (1, 7, 500):
                found = self.document("report", run, "--sort", order, "--limit", limit)
                self.assertEqual(len(found["jobs"]), limit)
                for place, job in enumerate(found["jobs"][1:], 1):
                    before = next(j for j in jobs if j.name == found["jobs"][place - 1]["job"])
                    here = next(j for j in jobs if j.name == job["job"])
                    self.assertGreaterEqual(key(before) + slack, key(here))
                least = min(key(next(j for j in jobs if j.name == job["job"])) for job in found["jobs"])
                self.assertLessEqual(sum(key(job) > least + slack for job in jobs), limit - 1)

    def test_text_says_the_same(self):
        run, jobs = self.fill(5, 300)
        out = self.weir("report", run).out
        kinds = [job.kind for job in jobs]
        within = len(kinds) - kinds.count("too small") - kinds.count("unknown")
        self.assertIn(f"figures: {within} of 300 jobs stayed within theirs, {kinds.count('too small')} ran out", out)
        self.assertIn("and 280 jobs more", out)
        median = re.search(r"median (\d+) %", out).group(1)
        exact = statistics.median(job.use for job in jobs if job.use is not None) * 100
        self.assertLessEqual(abs(int(median) - exact), 0.51)

    def test_many_jobs_take_little_memory(self):
        """Ten times the jobs: hardly more memory."""
        peaks = []
        for count in (2000, 20000):
            run = self.ledger.run("ok")
            for i in range(count):
                step = self.ledger.job(run, f"a job with a name of some length, number {i}")
                self.ledger.attempt(step, 1, "ok", GIB, MIB * (i % 1000), SECOND, {"verdict": "ok"}, [[0, 1], [500, i]])
            self.ledger.commit()
            peaks.append(self.weir("report", run).peak)
            self.weir("logs", run, f"a job with a name of some length, number {count - 1}", "--memory")
        if not SANITIZED:
            self.assertLess(peaks[1] - peaks[0], 2 * MIB)
            self.assertLess(peaks[1], 32 * MIB)


class Names(HistoryTest):
    def test_hostile_texts_are_harmless(self):
        """Nothing of what a ledger holds reaches a terminal or a document as it is."""
        evil = "a\x1b]0;title\x07\n\u202e\tb"
        raw = b"\xff\xfe\x1b[2J\n"
        run = self.ledger.run("ok", command=evil + "\x1b[31m")
        for name in (evil, raw, "x" * 4000):
            step = self.ledger.job(run, name)
            self.ledger.attempt(step, 1, "ok\x1b[2J" if name is evil else "ok", GIB, MIB, SECOND, {"verdict": "ok"})
        self.ledger.commit()
        for arguments in (["runs"], ["report"], ["logs", "last", evil], ["logs", "last", "y"]):
            for more in ([], ["--json"]):
                result = subprocess.run([WEIR, *arguments, *more], cwd=self.folder, capture_output=True, check=False)
                self.assertNotIn(b"\x1b", result.stdout + result.stderr, arguments)
                self.assertNotIn(b"\x07", result.stdout + result.stderr, arguments)
                result.stdout.decode("utf-8")
                if more:
                    json.loads(result.stdout)

    def test_jobs_are_found_by_any_name(self):
        run = self.ledger.run("ok")
        for name in ("-", "--json", "ein Name", "päth/../x", "x" * 199):
            step = self.ledger.job(run, name)
            self.ledger.attempt(step, 1, "ok", GIB, MIB, SECOND, {"verdict": "ok"}, [[0, 5]])
        self.ledger.commit()
        for name in ("-", "ein Name", "päth/../x", "x" * 199):
            self.assertEqual(self.document("logs", "last", name)["job"], name)
        self.assertEqual(json.loads(self.weir("logs", "last", "--json", "--", "--json").out)["job"], "--json")


class Runs(HistoryTest):
    def test_runs_and_their_counts(self):
        chance, expected = random.Random(1), []
        for i in range(50):
            status = chance.choice(["ok", "failed", "cancelled", "lost"])
            run = self.ledger.run(status, f"command {i}", started=(1_700_000_000 + i) * SECOND, seconds=i)
            states = [chance.choice(["ok", "failed", "waiting"]) for _ in range(chance.randrange(9))]
            for j, state in enumerate(states):
                self.ledger.job(run, str(j), state)
            expected.append((run, status, f"command {i}", len(states), states.count("ok"), states.count("failed"),
                             i * SECOND))
        self.ledger.commit()
        for limit in (0, 1, 20, 50, 1000):
            runs = self.document("runs", "--limit", limit)["runs"]
            found = [(r["run"], r["status"], r["command"], r["jobs"], r["ok"], r["failed"], r["wall_ns"]) for r in runs]
            self.assertEqual(found, expected[::-1][:limit or None])

    def test_dates_as_python_has_them(self):
        started = 1_720_000_000
        self.ledger.run("ok", started=started * SECOND)
        self.ledger.commit()
        for zone in ("UTC0", "America/New_York", "Asia/Kolkata"):
            shown = subprocess.run(["date", "-d", f"@{started}", "+%Y-%m-%d %H:%M:%S"], env={"TZ": zone},
                                   capture_output=True, text=True, check=True).stdout.strip()
            self.assertIn(shown, self.weir("runs", environment={"TZ": zone}).out)

    def test_a_ledger_that_others_write_can_be_read(self):
        """Within a transaction of a living writer that has not ended."""
        self.ledger.run("ok", "first")
        self.ledger.commit()
        self.ledger.run("ok", "second")  # not committed
        self.assertEqual([run["command"] for run in self.document("runs")["runs"]], ["first"])
        self.ledger.commit()
        self.assertEqual(len(self.document("runs")["runs"]), 2)

    def test_damaged_ledgers_are_refused(self):
        self.ledger.run("ok")
        self.ledger.close()
        content = bytearray(self.ledger.path.read_bytes())
        chance = random.Random(3)
        for i in range(40):
            damaged = bytearray(content)
            for _ in range(chance.choice([1, 20, 500])):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            self.ledger.path.write_bytes(damaged[:chance.randrange(1, len(damaged))] if i % 3 == 0 else damaged)
            for command in (["runs"], ["report"], ["logs", "last", "a"]):
                result = subprocess.run([WEIR, *command], cwd=self.folder, capture_output=True, text=True,
                                        errors="replace", timeout=20, check=False)
                self.assertIn(result.returncode, (0, 1), result.stderr)
                self.assertEqual(result.returncode, 1 if result.stderr.startswith("weir: ") and not result.stdout
                                 and "no run is in" not in result.stderr else 0, result.stderr)
        self.ledger = Ledger(self.folder, "again")


class Logs(HistoryTest):
    def job(self, verdict="ok", number=1, **contents):
        run = self.ledger.run("running" if verdict == "running" else "ok")
        step = self.ledger.job(run, "job", "running" if verdict == "running" else "ok")
        self.ledger.attempt(step, number, verdict, GIB, MIB, 12 * SECOND, None if verdict == "running" else
                            {"verdict": verdict, "command": ["sh"]})
        self.ledger.commit()
        return self.ledger.files(run, "job", number, **contents)

    def test_bytes_pass_unchanged(self):
        content = random.Random(2).randbytes(300_000)
        self.job(stdout_log=content, stderr_log=content[::-1])
        for option, expected in (("--stdout", content), ("--stderr", content[::-1])):
            result = subprocess.run([WEIR, "logs", "last", "job", option], cwd=self.folder, capture_output=True,
                                    check=True)
            self.assertEqual(result.stdout, expected)

    def on_terminal(self, *arguments):
        primary, secondary = pty.openpty()
        process = subprocess.Popen([WEIR, "logs", "last", "job", *arguments], cwd=self.folder, stdout=secondary,
                                   stderr=secondary, stdin=subprocess.DEVNULL, close_fds=True,
                                   env=dict(os.environ, TERM="xterm", LC_ALL="C.UTF-8"))
        os.close(secondary)
        seen = b""
        while True:
            try:
                piece = os.read(primary, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        os.close(primary)
        self.assertEqual(process.wait(20), 0)
        return seen

    def test_any_bytes_are_harmless_on_a_terminal(self):
        self.job(stdout_log=random.Random(3).randbytes(100_000) + "é→\n".encode() * 9000)
        seen = self.on_terminal("--stdout")
        self.assertEqual(set(seen) & (set(range(32)) | {127}), set(b"\r\n\t") & set(seen))
        seen.decode("utf-8")
        self.assertEqual(seen.count("é→".encode()), 9000)

    def test_plot_of_the_samples(self):
        rows = "".join(f"{i * 100}\t{i * MIB}\t1\n" for i in range(121))
        self.job(memory_tsv=("at_ms\tmemory\tprocesses\n" + rows).encode())
        seen = self.on_terminal("--memory").decode()
        self.assertIn("12.0 s", seen)
        heights = [line.count("█") for line in seen.splitlines() if "│" in line]
        self.assertEqual(heights, sorted(heights))  # it rises from left to right

    def test_foreign_samples_are_an_error(self):
        self.job(memory_tsv=b"hello\n" * 3)
        primary, secondary = pty.openpty()
        result = subprocess.run([WEIR, "logs", "last", "job", "--memory"], cwd=self.folder, stdout=secondary,
                                stderr=subprocess.PIPE, text=True, check=False)
        os.close(primary)
        os.close(secondary)
        self.assertEqual(result.returncode, 1)
        self.assertIn("line 1 is no sample", result.stderr)

    def test_special_files_are_not_waited_for(self):
        folder = self.job()
        os.mkfifo(folder / "stdout.log")
        self.weir_fails("logs", "last", "job", "--stdout", says="not a regular file", timeout=10)

    def follow(self, *arguments):
        return subprocess.Popen([WEIR, "logs", "last", "job", "--follow", *arguments], cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def read_until(self, process, expected, seconds=20):
        seen, end = b"", time.monotonic() + seconds
        while expected not in seen and time.monotonic() < end:
            if select.select([process.stdout], [], [], 0.2)[0]:
                seen += os.read(process.stdout.fileno(), 65536)
        self.assertIn(expected, seen)
        return seen

    def test_following_until_the_ledger_says_that_it_ended(self):
        folder = self.job("running", stdout_log=b"one\n")
        process = self.follow("--stdout")
        self.read_until(process, b"one\n")
        with open(folder / "stdout.log", "ab") as log:
            log.write(b"two\nend without a line")
        self.read_until(process, b"two\nend without a line")
        self.ledger.database.execute("UPDATE attempt SET verdict = 'ok', ended = started + 1")
        self.ledger.commit()
        out, err = process.communicate(timeout=20)
        self.assertEqual((out, err, process.returncode), (b"", b"", 0))

    def test_following_a_job_that_has_not_begun(self):
        run = self.ledger.run("running")
        step = self.ledger.job(run, "job", "waiting")
        self.ledger.commit()
        process = self.follow("--stdout")
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        folder = self.ledger.files(run, "job", 1, stdout_log=b"begun\n")
        self.ledger.attempt(step, 1, "running", GIB)
        self.ledger.commit()
        self.read_until(process, b"begun\n")
        (folder / "report.json").write_text('{"verdict": "ok", "command": ["sh"]}')
        out, err = process.communicate(timeout=20)
        self.assertEqual((out, err, process.returncode), (b"", b"", 0))

    def test_following_ends_when_its_writer_is_dead(self):
        (self.ledger.folder / "ledger.sqlite-lock").touch()  # that nobody holds
        self.job("running", stdout_log=b"one\n")
        process = self.follow()
        out, _ = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)
        self.assertIn(b"lost: weir died", out)

    def test_a_reader_that_goes_away_ends_the_following(self):
        folder = self.job("running", stdout_log=b"one\n")
        process = self.follow("--stdout")
        self.read_until(process, b"one\n")
        process.stdout.close()
        with open(folder / "stdout.log", "ab") as log:
            log.write(b"two\n")
        self.assertEqual(process.wait(20), 1)
        self.assertIn(b"Broken pipe", process.stderr.read())
        process.stderr.close()

    def test_interrupt(self):
        self.job("running", stdout_log=b"one\n")
        process = self.follow("--stdout")
        self.read_until(process, b"one\n")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"stopped by SIGINT", err)


if __name__ == "__main__":
    unittest.main()
