#!/usr/bin/env python3
"""Many steps under one ceiling: what admission, cells and the ledger cost, beside Dask on the same list.

  load     steps that take 0.01 to 2 GiB in a pool of 4 GiB, 2 % of them more than they ask for
  trivial  steps that do nothing: the cost of one, against a Dask task that does nothing, in turn
  many     steps that do nothing, 10,000 of them: weir's own memory and descriptors

usage: .venv/bin/python bench/batch.py load|trivial|many [--count N] [--seed S] [--rounds N] [--without-dask]
Prints one JSON line; ends with 1 where a promise is broken.
"""
import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import batch_load  # noqa: E402
from measure import note  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
POOL = 4 << 30


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("load", "trivial", "many"))
    parser.add_argument("--weir", default=str(ROOT / "build" / "weir"))
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=int, default=2 << 30, help="largest step, bytes")
    parser.add_argument("--without-dask", action="store_true")
    return parser.parse_args()


def allocate_program():
    subprocess.run(["cmake", "--build", str(ROOT / "build"), "--target", "bench_allocate"], check=True,
                   stdout=subprocess.DEVNULL)
    return str(ROOT / "build" / "bench" / "bench_allocate")


def dask(*arguments):
    done = subprocess.run([sys.executable, str(ROOT / "bench" / "batch_dask.py"), *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


class Watch:
    """Memory and descriptors of one process, looked at now and then."""

    def __init__(self):
        self.peak = self.descriptors = 0

    def look(self, pid):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            self.descriptors = max(self.descriptors, len(os.listdir(f"/proc/{pid}/fd")))
        except OSError:
            return
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                self.peak = max(self.peak, int(line.split()[1]) << 10)


def host_kills():
    for line in Path("/proc/vmstat").read_text().splitlines():
        if line.startswith("oom_kill "):
            return int(line.split()[1])
    return 0


def run_weir(choice, folder, jobs, *extra):
    watch = Watch()
    begin = time.monotonic()
    with open(folder / "log", "w") as log:
        process = subprocess.Popen([choice.weir, "exec", "--batch", str(jobs), "-o", str(folder / "out"), "-q", *extra],
                                   stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        while process.poll() is None:
            watch.look(process.pid)
            time.sleep(0.02)
    return process.returncode, time.monotonic() - begin, watch


def attempts_of(folder):
    with sqlite3.connect(folder / "out" / "ledger.sqlite") as ledger:
        return ledger.execute("SELECT step.name, attempt.verdict, attempt.figure, attempt.peak, attempt.started,"
                              " attempt.ended FROM attempt JOIN step USING (step)").fetchall()


def utilisation(attempts, pool):
    """Share of the pool that was granted, over the time in which something waited; and the most ever granted."""
    begin = min(row[4] for row in attempts)
    changes = sorted([(row[4], row[2]) for row in attempts] + [(row[5], -row[2]) for row in attempts])
    last_start = max(row[4] for row in attempts)
    granted = most = used = 0
    at = begin
    for when, change in changes:
        if when <= last_start:
            used += granted * (when - at)
            at = when
        granted += change
        most = max(most, granted)
    return used / (pool * max(last_start - begin, 1)), most


def load(choice):
    made = {step.name: step for step in batch_load.steps(choice.count or 2000, choice.seed, choice.most)}
    program = allocate_program()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        batch_load.write_jobs(made.values(), program, folder / "jobs.jsonl")
        kills = host_kills()
        status, seconds, watch = run_weir(choice, folder, folder / "jobs.jsonl", "--memory", str(POOL), "--cpus", "64")
        attempts = attempts_of(folder)
    share, most = utilisation(attempts, POOL)
    wrong = [(row[0], row[1]) for row in attempts if (row[1] != "ok") != made[row[0]].liar]
    result = {"steps": len(made), "seed": choice.seed, "seconds": seconds, "status": status,
              "liars": sum(step.liar for step in made.values()), "wrong": wrong[:20], "granted_most": most,
              "utilisation": share, "kills_by_kernel": host_kills() - kills, "peak": watch.peak,
              "descriptors": watch.descriptors}
    if not choice.without_dask:
        result["dask"] = dask("load", "--count", len(made), "--seed", choice.seed, "--pool", POOL, "--program", program,
                              "--most", choice.most)
    return result, not wrong and most <= POOL and share >= 0.85


def trivial_jobs(folder, count, cpus):
    path = folder / "jobs.jsonl"
    path.write_text("".join('{"name":"n%d","command":["true"],"memory":"16MiB","cpus":%s}\n' % (i, cpus)
                            for i in range(count)))
    return path


def trivial(choice):
    """The folders of all rounds are removed at the end: ext4 steps over inodes deleted within the last half minute,
    one by one, for each new file."""
    count, mine, theirs = choice.count or 2000, [], []
    with tempfile.TemporaryDirectory() as name:
        for number in range(choice.rounds):
            folder = Path(name) / str(number)
            folder.mkdir()
            status, seconds, _ = run_weir(choice, folder, trivial_jobs(folder, count, 1), "--memory", str(POOL))
            if status != 0:
                raise RuntimeError((folder / "log").read_text()[-3000:])
            mine.append(seconds / count * 1000)
            if not choice.without_dask:
                theirs.append(dask("trivial", "--count", count)["seconds"] / count * 1000)
            note(f"weir {mine[-1]:.3f} ms, Dask {theirs[-1] if theirs else 0:.3f} ms a step")
    result = {"count": count, "weir_ms": statistics.median(mine)}
    if theirs:
        result |= {"dask_ms": statistics.median(theirs),
                   "dask_over_weir": statistics.median(b / a for a, b in zip(mine, theirs))}
    return result, not theirs or result["dask_over_weir"] >= 1


def many(choice):
    count = choice.count or 10000
    with tempfile.TemporaryDirectory() as name:
        jobs = trivial_jobs(Path(name), count, 0.1)
        status, seconds, watch = run_weir(choice, Path(name), jobs, "--memory", str(POOL), "--jobs", "16", "--cpus", "2")
        verdicts = [row[1] for row in attempts_of(Path(name))]
    result = {"count": count, "seconds": seconds, "peak_mib": watch.peak / (1 << 20), "descriptors": watch.descriptors}
    return result, status == 0 and verdicts == ["ok"] * count and watch.peak < 64 << 20 and \
        watch.descriptors <= 64 + 4 * 16


def main():
    choice = options()
    result, kept = {"load": load, "trivial": trivial, "many": many}[choice.what](choice)
    print(json.dumps(result))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
