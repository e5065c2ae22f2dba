#!/usr/bin/env python3
"""What weir sum costs beside others, as ratios of runs in turn on the same machine.

usage: .venv/bin/python bench/sum.py [--files 100] [--layout pyarrow|plain|zstd] [--peers duckdb,polars,...] [--cold]

Peers: duckdb, polars, datafusion, numpy (all to the same Parquet result), cat (the files to /dev/null) and
decompress (a small C program that reads and decompresses the same chunks). A ratio of 20 says that the
peer takes 20 times what weir takes; for cat and decompress the ratio is turned: what weir takes of theirs.
"""
import argparse
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measure import drop, in_turn, measure, median, median_ratio, note, warm  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
LEAST = {"cat", "decompress"}  # the least there is to do: weir is held against them, not they against weir
GOALS = {
    ("duckdb", "pyarrow"): "20x CPU, 15x wall", ("polars", "pyarrow"): "20x wall", ("datafusion", "pyarrow"): "20x wall",
    ("numpy", "pyarrow"): "4x CPU", ("cat", "pyarrow"): "at most 2.5x CPU", ("cat", "plain"): "at most 2.5x CPU",
    ("decompress", "zstd"): "at most 1.25x CPU", ("dd", "pyarrow"): "at least 85 %",
}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weir", default=str(ROOT / "build" / "weir"))
    parser.add_argument("--data", default=str(ROOT / "weir-demo" / "bench"), help="folder for the files")
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--paths", type=int, default=50000)
    parser.add_argument("--layout", default="pyarrow")
    parser.add_argument("--peers", default="")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="64MiB")
    parser.add_argument("--cold", action="store_true", help="against dd iflag=direct with an empty page cache")
    return parser.parse_args()


def make_files(choice):
    folder = Path(choice.data) / f"{choice.layout}-{choice.paths}"
    present = sorted(folder.glob("*.parquet")) if folder.exists() else []
    if len(present) < choice.files:
        note(f"writing {choice.files} files to {folder}")
        measure([choice.weir, "synth", folder, "--files", choice.files, "--paths", choice.paths, "--layout",
                 choice.layout, "--overwrite", "-q"])
    return [str(path) for path in sorted(folder.glob("*.parquet"))[:choice.files]]


class Jobs:
    def __init__(self, choice, files):
        self.choice, self.files = choice, files
        self.output = Path(choice.data) / "result"

    def clean(self):
        if self.output.is_dir():
            shutil.rmtree(self.output)
        else:
            self.output.unlink(missing_ok=True)

    def weir(self):
        self.clean()
        return measure([self.choice.weir, "sum", "--by", "path,Date", "--sum", "value", "--memory", self.choice.memory,
                        "--threads", self.choice.threads, "-o", self.output, "--format", "parquet", "-q", "--no-cache", *self.files])

    def peer(self, name):
        if name == "cat":
            return measure(["sh", "-c", 'cat "$@" > /dev/null', "sh", *self.files])
        if name == "decompress":
            return measure([Path(self.choice.weir).parent / "bench" / "bench_decompress", "path,Date,value", *self.files])
        self.clean()
        return measure([sys.executable, ROOT / "bench" / "peers.py", name, self.choice.threads, self.output, *self.files],
                       environment={"POLARS_MAX_THREADS": str(self.choice.threads), "OMP_NUM_THREADS": "1"})


def compare(jobs, name, rounds):
    warm(jobs.files)
    mine, other = in_turn((jobs.weir, lambda: jobs.peer(name)), rounds)
    cpu, wall = median_ratio(mine, other, "cpu"), median_ratio(mine, other, "wall")
    if name in LEAST:
        ratio = f"weir takes {1 / cpu:.2f}x its CPU, {1 / wall:.2f}x its wall"
    else:
        ratio = f"{cpu:.1f}x the CPU, {wall:.1f}x the wall of weir"
    figures = "; ".join(f"{who} {median(costs, 'cpu'):.2f} CPU s, {median(costs, 'wall'):.2f} s, {median(costs, 'peak') / 2**20:.0f} MiB"
                        for who, costs in (("weir", mine), (name, other)))
    goal = GOALS.get((name, jobs.choice.layout), "")
    print(f"{name:11} {jobs.choice.layout:8} {len(jobs.files):4} files  {ratio:45} [{goal}]  ({figures})", flush=True)


def compare_cold(jobs, rounds):
    """Throughput from the disk itself, against a program that does nothing else."""
    total = sum(os.path.getsize(path) for path in jobs.files)
    trusted = drop(jobs.files)

    def empty_cache():
        drop(jobs.files)
        # The files are to be cold, not the programs and their libraries.
        measure([jobs.choice.weir, "--version"])
        measure(["dd", "if=/dev/null", "of=/dev/null", "status=none"])

    dd = lambda: measure(["sh", "-c", 'for f; do dd if="$f" of=/dev/null bs=4M iflag=direct status=none; done', "sh", *jobs.files])
    mine, other = in_turn((jobs.weir, dd), rounds, before=empty_cache)
    ratio = median_ratio(mine, other, "wall")
    print(f"dd          {jobs.choice.layout:8} {len(jobs.files):4} files  weir has {100 * ratio:.0f} % of its throughput"
          f"{'':14} [{GOALS['dd', 'pyarrow']}]  (weir {total / median(mine, 'wall') / 1e9:.2f} GB/s,"
          f" dd {total / median(other, 'wall') / 1e9:.2f} GB/s{'' if trusted else '; the cache could not be emptied for certain'})")


def main():
    choice = options()
    jobs = Jobs(choice, make_files(choice))
    if choice.cold:
        compare_cold(jobs, choice.rounds)
    for name in [name for name in choice.peers.split(",") if name]:
        compare(jobs, name, choice.rounds)
    if not choice.cold and not choice.peers:
        cost = jobs.weir()
        print(f"weir {choice.layout} {len(jobs.files)} files: {cost.cpu:.2f} CPU s, {cost.wall:.2f} s, {cost.peak / 2**20:.1f} MiB")
    jobs.clean()


if __name__ == "__main__":
    main()
