#!/usr/bin/env python3
"""What weir sum costs where keys do not align, beside others: ratios of runs in turn on the same machine.

usage: .venv/bin/python bench/keys.py [CASE,...] [--rounds 3] [--memory 256MiB] [--small]

Cases (all unless some are named):
  missing     10 files, 1 % of the keys missing at random in each, in order     against DuckDB and Polars
  shuffled    10 files, rows in no order                                        against DuckDB and Polars
  strings     the same with text as keys, under --memory, against weir without it; what DuckDB and Polars do so limited
  words       the same with one key of millions of texts, too many for dictionaries
  one-column  --by Date and --by path of 100 aligned files                      against DuckDB
  h2o         the group-by queries of the public db-benchmark that are sums, counts, means, minima and maxima
  second-run  bytes read when keys are known from the run before
  python      weir.sum against weir sum

Every run is a process of its own that writes its result as Parquet, with two threads; weir runs without its cache
of keys except in second-run. A ratio of 2 says that the peer takes twice what weir takes. For h2o, whose queries
take fractions of a second, the peer's query alone counts: without the start of Python and the import of the engine.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet

sys.path.insert(0, str(Path(__file__).resolve().parent))
import keys_data  # noqa: E402
from measure import Cost, in_turn, measure, median, median_ratio, note, warm  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
QUERIES = (
    ("q1", "id1", "sum:v1=v1"),
    ("q2", "id1,id2", "sum:v1=v1"),
    ("q3", "id3", "sum:v1=v1,mean:v3=v3"),
    ("q4", "id4", "mean:v1=v1,mean:v2=v2,mean:v3=v3"),
    ("q5", "id6", "sum:v1=v1,sum:v2=v2,sum:v3=v3"),
    ("q7", "id3", "max:v1=v1,min:v2=v2"),
    ("q10", "id1,id2,id3,id4,id5,id6", "sum:v3=v3,count:*=count"),
)
TOLERANCE = 1e-5  # peers round at each addition


@dataclass
class Job:
    name: str
    files: list
    by: str = "path,Date"
    agg: str = "sum:value=value"


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="?", default=",".join(CASES))
    parser.add_argument("--weir", default=str(ROOT / "build" / "weir"))
    parser.add_argument("--data", default=str(ROOT / "weir-demo" / "bench"), help="folder for the files")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="256MiB", help="the ceiling of strings and words")
    parser.add_argument("--wheel", help="the wheel of python; built if not named")
    parser.add_argument("--small", action="store_true", help="a hundredth of the rows, to see that all works")
    choice = parser.parse_args()
    choice.paths = 500 if choice.small else 50000
    if choice.small:
        choice.data = str(Path(choice.data) / "small")
    return choice


class Bench:
    def __init__(self, choice):
        self.choice = choice
        self.base = Path(choice.data)
        self.base.mkdir(parents=True, exist_ok=True)

    # ---- files ----

    def aligned(self, count, layout="pyarrow"):
        return keys_data.aligned(self.choice.weir, self.base, count, self.choice.paths, layout)

    def database_like(self):
        return keys_data.database_like(self.base, 10**5 if self.choice.small else 10**7, 100)

    # ---- runs ----

    def output(self, who):
        """The place of a result, cleared of the one before."""
        path = self.base / f"result-{who}.parquet"
        path.unlink(missing_ok=True)
        shutil.rmtree(f"{path}.duckdb", ignore_errors=True)
        return path

    def sum_command(self, job, output, *more):
        return [self.choice.weir, "sum", "--by", job.by, "--agg", job.agg, "--threads", str(self.choice.threads),
                "--temp", str(self.base), "-o", str(output), "-q", *more, *job.files]

    def weir(self, job, *more):
        return measure(self.sum_command(job, self.output("weir"), "--no-cache", *more))

    def peer_command(self, who, job, output, memory=None):
        limit = ["--memory", memory] if memory else []
        return [sys.executable, ROOT / "bench" / "peers.py", "--by", job.by, "--agg", job.agg, *limit,
                "--seconds", self.base / "seconds", who, self.choice.threads, output, *job.files]

    def peer(self, who, job, memory=None, cell=()):
        """Its cost; `alone` is what the query took without the start of Python and the import."""
        cost = measure([*cell, *self.peer_command(who, job, self.output(who), memory)],
                       environment={"POLARS_MAX_THREADS": str(self.choice.threads)})
        cost.alone = float((self.base / "seconds").read_text())
        return cost

    def check(self, who, job):
        """Both have left the same result."""
        found = subprocess.run([self.choice.weir, "diff", "--by", job.by, "--tolerance", str(TOLERANCE),
                                self.base / "result-weir.parquet", self.base / f"result-{who}.parquet"],
                               capture_output=True, text=True, check=False)
        if found.returncode != 0:
            raise RuntimeError(f"{job.name}: the results of weir and {who} differ\n{found.stdout}{found.stderr}")

    def beside(self, job, peers):
        """Costs of weir and of each peer, in turn."""
        warm(job.files)
        runs = [lambda: self.weir(job)] + [lambda who=who: self.peer(who, job) for who in peers]
        mine, *others = in_turn(runs, self.choice.rounds)
        for who in peers:
            self.check(who, job)
        return mine, dict(zip(peers, others))

    def table(self, who):
        return parquet.read_table(self.base / f"result-{who}.parquet")

    def close(self):
        for path in [*self.base.glob("result-*"), self.base / "seconds"]:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def figures(costs):
    return f"{median(costs, 'cpu'):.2f} CPU s, {median(costs, 'wall'):.2f} s, {median(costs, 'peak') / 2**20:.0f} MiB"


def say(case, text, goal="", details=""):
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"{case:20} {text:58} [{goal}]  ({details}; {load})", flush=True)


def compare(bench, job, goals):
    """Ratios against each of the peers that goals names."""
    mine, others = bench.beside(job, list(goals))
    for who, costs in others.items():
        cpu, wall, peak = (median_ratio(mine, costs, what) for what in ("cpu", "wall", "peak"))
        say(job.name, f"{who}: {cpu:.1f}x the CPU, {wall:.1f}x the wall, {peak:.1f}x the peak of weir", goals[who],
            f"weir {figures(mine)}; {who} {figures(costs)}")


# ---- cases ----


def missing(bench):
    files = keys_data.missing(bench.base, bench.aligned(10))
    compare(bench, Job("missing", files), {"duckdb": "8x wall", "polars": "6x wall"})


def shuffled(bench):
    files = keys_data.shuffled(bench.base, bench.aligned(10))
    goal = "1.5x wall, 4x peak, of the better"
    compare(bench, Job("shuffled", files), {"duckdb": goal, "polars": goal})


def one_column(bench):
    for key in ("Date", "path"):
        compare(bench, Job(f"one-column {key}", bench.aligned(100), key), {"duckdb": "15x wall"})


def outcome(run):
    """What a limited run came to: its figures, or what was said of its end."""
    try:
        return f"finishes: {figures([run()])}"
    except RuntimeError as failure:
        first, *lines = str(failure).splitlines()
        telling = [line.strip() for line in lines if "ran out of memory" in line or "Error" in line or "limit" in line]
        return f"fails, {first.rpartition(': ')[2]}: {'; '.join(telling[:2])[:240]}"


def megabytes(size):
    """A size of weir's as DuckDB takes it, never more."""
    return size.replace("iB", "B")


def limited(bench, job):
    memory = bench.choice.memory
    warm(job.files)
    free, held = in_turn((lambda: bench.weir(job), lambda: bench.weir(job, "--memory", memory)), bench.choice.rounds)
    say(job.name, f"--memory {memory}: {median_ratio(free, held, 'wall'):.2f}x the wall of weir without it, "
        f"peak {max(cost.peak for cost in held) / 2**20:.0f} MiB", "at most 2.5x, below the ceiling",
        f"free {figures(free)}; held {figures(held)}")
    cell = [bench.choice.weir, "exec", "--env-all", "--memory", memory, "--"]
    for who, run in (("duckdb", lambda: bench.peer("duckdb", job)), ("polars", lambda: bench.peer("polars", job))):
        say(job.name, f"{who} without a limit {outcome(run)}")
        bench.check(who, job)
    say(job.name, "duckdb, memory_limit: " + outcome(lambda: bench.peer("duckdb", job, megabytes(memory))))
    say(job.name, "duckdb, memory_limit, in a cell: "
        + outcome(lambda: bench.peer("duckdb", job, megabytes(memory), cell)))
    say(job.name, "polars in a cell: " + outcome(lambda: bench.peer("polars", job, cell=cell)))


def strings(bench):
    limited(bench, Job("strings", keys_data.strings(bench.base, bench.aligned(10))))


def words(bench):
    limited(bench, Job("words", keys_data.words(bench.base, bench.aligned(10)), "name"))


def alone(costs):
    return [Cost(0, cost.alone, 0) for cost in costs]


def h2o(bench):
    files, slowest, faster = bench.database_like(), 0.0, 0
    for name, by, agg in QUERIES:
        mine, others = bench.beside(Job(f"h2o {name}", files, by, agg), ["duckdb", "polars"])
        ratios = {who: (median_ratio(mine, alone(costs), "wall"), median_ratio(mine, costs, "wall"))
                  for who, costs in others.items()}
        slowest, faster = max(slowest, 1 / ratios["duckdb"][0]), faster + (ratios["duckdb"][0] > 1)
        say(f"h2o {name}", ", ".join(f"{who} {query:.2f}x ({whole:.1f}x as a process)" for who, (query, whole) in ratios.items()),
            by, f"weir {figures(mine)}; " + "; ".join(
                f"{who} {median(alone(costs), 'wall'):.2f} s the query alone, {figures(costs)}" for who, costs in others.items()))
    say("h2o", f"at worst {slowest:.2f}x the wall of DuckDB's query alone, faster on {faster} of {len(QUERIES)}",
        "within 1.5x on all, faster on three")


def same_bits(job, left, right):
    """Two tables hold the same rows; numbers are compared as the bits they are."""
    for table in (left, right):
        if table.column_names != left.column_names or len(table) != len(left):
            raise RuntimeError(f"{job.name}: the results have other columns or rows")
    for name in left.column_names:
        one, other = (table[name].combine_chunks() for table in (left, right))
        if pyarrow.types.is_floating(one.type):
            one, other = one.view(pyarrow.int64()), other.view(pyarrow.int64())
        if not one.equals(other):
            raise RuntimeError(f"{job.name}: the results differ in {name}")


def second_run(bench):
    job = Job("second-run", bench.aligned(40, "plain"))
    with_cache = bench.base / "keys"
    shutil.rmtree(with_cache, ignore_errors=True)
    # A file as young as that is not trusted to stay as it is.
    time.sleep(max(0.0, max(os.stat(path).st_ctime for path in job.files) + 3 - time.time()))
    reports = []
    for who in ("first", "second"):
        command = bench.sum_command(job, bench.output(who), "--cache", str(with_cache), "--json")
        reports.append(json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["report"])
    same_bits(job, bench.table("first"), bench.table("second"))
    shutil.rmtree(with_cache)
    first, second = (report["bytes_read"] for report in reports)
    say(job.name, f"the second run reads {second / first:.3f} of the bytes of the first", "a third",
        f"{first / 2**20:,.1f} MiB, {second / 2**20:,.1f} MiB")


def package(bench):
    """The package weir of a wheel, installed beside the files."""
    wheel = bench.choice.wheel
    if not wheel:
        note("building the wheel")
        told = subprocess.run([ROOT / "tools" / "build-wheel.sh", bench.base], stdout=subprocess.PIPE, text=True, check=True)
        wheel = bench.base / told.stdout.split()[-1]
    folder = bench.base / "package"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", folder, wheel],
                   check=True, stdin=subprocess.DEVNULL)
    sys.path.insert(0, str(folder))
    import weir
    return weir


def timed(run):
    """Its wall time, and what it gave."""
    started = time.monotonic()
    result = run()
    cost = Cost(0, time.monotonic() - started, 0)
    cost.result = result
    return cost


def from_python(bench):
    """Both run the program that the package carries."""
    weir = package(bench)
    bench.choice.weir = weir.program()
    rounds = max(5, bench.choice.rounds)

    def program(job, who, *more):
        return lambda: timed(lambda: subprocess.run(bench.sum_command(job, bench.output(who), "--no-cache", *more), check=True))

    def call(job, **more):
        return weir.sum(job.files, by=job.by, agg=job.agg, threads=bench.choice.threads, cache=False, temp=str(bench.base),
                        progress=False, **more)

    def against(job, what, mine, other, result):
        costs = in_turn((mine, other), rounds)
        same_bits(job, bench.table("weir"), result(costs[1][-1].result))
        more = 100 * median_ratio(*costs, "wall") - 100
        say(job.name, f"weir.sum to {what}: {more:+.1f} % time, same bits", "under 5 %",
            ", ".join(f"{median(each, 'wall'):.3f} s" for each in costs))

    for job in (Job("python aligned", bench.aligned(100)),
                Job("python shuffled", keys_data.shuffled(bench.base, bench.aligned(10)))):
        warm(job.files)
        against(job, "a Parquet file", program(job, "weir"), lambda: timed(lambda: call(job, output=bench.output("python"))),
                lambda _: bench.table("python"))
        # The program writes an Arrow file; the package has the rows in memory.
        against(job, "a pyarrow table", program(job, "stream", "--format", "arrow"),
                lambda: timed(lambda: pyarrow.table(call(job))), lambda table: table)


CASES = {"missing": missing, "shuffled": shuffled, "strings": strings, "words": words, "one-column": one_column,
         "h2o": h2o, "second-run": second_run, "python": from_python}


def main():
    choice = options()
    unknown = [name for name in choice.cases.split(",") if name not in CASES]
    if unknown:
        raise SystemExit(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    bench = Bench(choice)
    for name in choice.cases.split(","):
        note(f"{name} ...")
        CASES[name](bench)
    bench.close()


if __name__ == "__main__":
    main()
