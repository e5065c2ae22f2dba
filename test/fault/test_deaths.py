"""Staged deaths: each has one right verdict, and its neighbours finish.

300 of them with WEIR_FULL, else some of each kind; with control groups and without. The numbers in brackets are
those of public complaints: dask/distributed#1829, #2297, #2986; nextflow#5403, #6436, #6549; dagster#8567;
airflow#55599, #14270, #39543; prefect#21022; argo-workflows#4493, #7457; ncov#949.
"""
import os
import random
import signal
import sys
import threading
import time
import unittest
from pathlib import Path

from batches import WITHOUT_GROUPS, BatchTest, can_hide_groups
from support import FULL

PYTHON = [sys.executable, "-c"]

LEAK = """\
import time
kept = []
while True:
    kept.append(b"x" * (2 << 20))
    time.sleep(0.0005)
"""
BURST = """\
size = 400 << 20
kept = b"x" * size
"""
FUNCTION = """\
def widen(table):
    return [bytes([row % 251]) * 65536 for row in table]

def main():
    return widen(range(8000))

main()
"""
MAPPED = """\
import mmap
area = mmap.mmap(-1, 400 << 20)
for at in range(0, len(area), 4096):
    area[at] = 1
"""
CHILD = """\
import subprocess, sys
subprocess.run([sys.executable, "-c", "kept = b'x' * (400 << 20)"])
"""
CHILDREN = """\
import os, time
for _ in range(40):
    if os.fork() == 0:
        kept = b"x" * (20 << 20)
        time.sleep(30)
        os._exit(0)
time.sleep(30)
"""
ENGINE = """\
import duckdb
connection = duckdb.connect(config={"memory_limit": "20MB", "temp_directory": "", "threads": 1})
connection.execute("SELECT count(DISTINCT md5(range::VARCHAR)) FROM range(3000000)").fetchall()
"""
LIMITED = """\
import resource
resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))
kept = [b"x" * (50 << 20) for _ in range(100)]
"""
TOLD = """\
import os, sys, time
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(60)
"""
NEIGHBOUR = """\
import time
kept = b"x" * (12 << 20)
time.sleep(0.1)
assert kept.count(b"x") == 12 << 20
"""


class Kind:
    """One way to die: command, verdict, and what else must be so."""

    def __init__(self, command, verdict, *, lines=None, status=None, number=None, needs_groups=False, **more):
        self.command, self.verdict = command, verdict
        self.lines, self.status, self.number = lines, status, number
        self.needs_groups, self.more = needs_groups, more


def kinds():
    """@ in a word stands for a path of the job's own."""
    return {
        "leak": Kind([*PYTHON, LEAK], "oom-limit", lines=(4, 5)),                                   # [#2986, #949]
        "burst": Kind([*PYTHON, BURST], "oom-limit", lines=(2,)),                                   # [#5403]
        "function": Kind([*PYTHON, FUNCTION], "oom-limit", lines=(2, 5, 7)),
        "mapped": Kind([*PYTHON, MAPPED], "oom-limit", lines=(3, 4)),
        "child": Kind([*PYTHON, CHILD], "oom-limit"),                                               # [#2297]
        "shell-child": Kind("head -c 400000000 /dev/zero | tail -c 400000000 | wc -c; exit 0", "oom-limit"),
        "children": Kind([*PYTHON, CHILDREN], "oom-limit"),
        "tmpfs": Kind("trap 'rm -f @' EXIT; head -c 400000000 /dev/zero > @", "oom-limit", needs_groups=True),
        "fork-bomb": Kind("while :; do sleep 20 & done", "error", processes=12),
        "killed": Kind([*PYTHON, TOLD, "@"], "signal", number=signal.SIGKILL),                      # [#1829, #8567]
        "own-kill": Kind("kill -9 $$", "signal", number=signal.SIGKILL),                            # [#55599, #39543]
        "segfault": Kind([*PYTHON, "import ctypes; ctypes.string_at(0)"], "signal", number=signal.SIGSEGV),
        "abort": Kind([*PYTHON, "import os; os.abort()"], "signal", number=signal.SIGABRT),
        "terminated": Kind("kill -TERM $$", "signal", number=signal.SIGTERM),
        "status-137": Kind("exit 137", "error", status=137),                                        # [#6436, #14270]
        "status-1": Kind("exit 1", "error", status=1),                                              # [#4493]
        "exception": Kind([*PYTHON, "raise ValueError('out of memory of what was said')"], "error", status=1),
        "timeout": Kind("sleep 60", "timeout", timeout="300ms"),                                    # [#6549]
        "deaf": Kind("trap '' TERM; while :; do sleep 1; done", "timeout", timeout="300ms"),        # [#7457]
        "memory-error": Kind([*PYTHON, "kept = bytearray(1 << 50)"], "oom-limit"),                  # [#2297]
        "own-limit": Kind([*PYTHON, LIMITED], "oom-limit"),
        "engine": Kind([*PYTHON, ENGINE], "oom-limit", memory="512MiB"),
    }


class Deaths(BatchTest):
    has_groups = True

    def staged(self, count, dice):
        """Names of kinds, every kind as often as any other."""
        usable = [name for name, kind in kinds().items() if self.has_groups or not kind.needs_groups]
        names = (usable * (count // len(usable) + 1))[:max(count, len(usable))]
        dice.shuffle(names)
        return names

    def job(self, index, name):
        kind = kinds()[name]
        own = f"/dev/shm/{self.mark}-{index}" if name == "tmpfs" else str(self.folder / f"told-{index}")
        swap = lambda word: word.replace("@", own)  # noqa: E731
        command = swap(kind.command) if isinstance(kind.command, str) else [swap(word) for word in kind.command]
        return {"name": f"{name}.{index}", "command": command, "memory": "64MiB", "cpus": 0.25, **kind.more}

    def kill_told(self, stop):
        """Ends the processes that asked for it, from outside."""
        done = set()
        while not stop.wait(0.02):
            for path in self.folder.glob("told-*"):
                text = path.read_text()
                if path not in done and text:
                    done.add(path)
                    os.kill(int(text), signal.SIGKILL)

    def run_staged(self, names, seed):
        jobs = [self.job(index, name) for index, name in enumerate(names)]
        jobs += [{"name": f"neighbour.{i}", "command": [*PYTHON, NEIGHBOUR], "memory": "64MiB", "cpus": 0.25}
                 for i in range(len(names) // 3)]
        random.Random(seed).shuffle(jobs)
        self.write_jobs(jobs)
        stop = threading.Event()
        killer = threading.Thread(target=self.kill_told, args=(stop,))
        killer.start()
        try:
            self.batch("--memory", "2GiB", "--cpus", "2", "--grace", "200ms", "-q", status=1, timeout=900)
        finally:
            stop.set()
            killer.join()
            for path in Path("/dev/shm").glob(f"{self.mark}-*"):
                path.unlink()
        return len(jobs)

    def check(self, name, verdict, report):
        word = name.split(".")[0]
        if word == "neighbour":
            self.assertEqual(verdict, "ok", f"{name}: {report}")
            return
        kind = kinds()[word]
        self.assertEqual(verdict, kind.verdict, f"{name}: {report}")
        self.assertEqual(report["verdict"], verdict)
        if verdict != "oom-limit":
            evidence = (report["evidence"] or "").replace("not by its memory limit", "")
            self.assertNotIn("memory", evidence, name)
            self.assertIsNone(report["suggested_bytes"], name)
        if kind.lines:
            self.assertIsNotNone(report["line"], f"{name}: {report}")
            self.assertIn(report["line"]["line"], kind.lines, f"{name}: {report}")
        if kind.status is not None:
            self.assertEqual(report["exit_status"], kind.status, name)
        if kind.number is not None:
            self.assertEqual(report["signal"], kind.number, name)

    def test_every_death_has_its_verdict(self):
        seed = int(os.environ.get("WEIR_SEED", time.time_ns() % 1000000))
        print(f"seed {seed}")
        names = self.staged(300 if FULL else 44, random.Random(seed))
        count = self.run_staged(names, seed)
        found = self.attempts()
        self.assertEqual(len(found), count)
        for attempt in found:
            with self.subTest(job=attempt[0], seed=seed):
                self.check(*attempt)
        self.check_nothing_left()


@unittest.skipUnless(can_hide_groups(), "control groups cannot be hidden without root's rights")
class WatchedDeaths(Deaths):
    """Where no control group can be made."""
    prefix = WITHOUT_GROUPS
    has_groups = False
