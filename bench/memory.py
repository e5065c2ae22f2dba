#!/usr/bin/env python3
"""Peak resident memory over 10, 100 and 18,000 files under --memory 64MiB and ulimit -n 64: it must not grow.

The 18,000 files are hard links to 20 distinct ones. Prints "N passed, N failed".
usage: .venv/bin/python bench/memory.py [--weir PATH] [--counts 10,100,18000] [--paths 50000]
"""
import argparse
import os
import resource
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measure import measure, note  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
CEILING = 64 << 20


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weir", default=str(ROOT / "build" / "weir"))
    parser.add_argument("--data", default=str(ROOT / "weir-demo" / "bench"))
    parser.add_argument("--counts", default="10,100,18000")
    parser.add_argument("--paths", type=int, default=50000)
    parser.add_argument("--layout", default="pyarrow")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def originals(choice):
    folder = Path(choice.data) / f"{choice.layout}-{choice.paths}"
    if len(list(folder.glob("*.parquet"))) < 20:
        measure([choice.weir, "synth", folder, "--files", 20, "--paths", choice.paths, "--layout", choice.layout,
                 "--overwrite", "-q"])
    return sorted(folder.glob("*.parquet"))[:20]


def links(choice, count):
    folder = Path(choice.data) / f"links-{count}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = originals(choice)
    for number in range(count):
        os.link(files[number % len(files)], folder / f"link-{number:06}.parquet")
    return folder


def main():
    choice = options()
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    failed, peaks = 0, []
    for count in map(int, choice.counts.split(",")):
        folder = links(choice, count)
        note(f"{count} files")
        cost = measure([choice.weir, "sum", "--by", "path,Date", "--sum", "value", "--memory", "64MiB", "--threads",
                        choice.threads, "-o", Path(choice.data) / "memory.parquet", "--overwrite", "-q", folder])
        peaks.append(cost.peak)
        good = cost.peak < CEILING
        failed += not good
        print(f"{'ok' if good else 'FAILED'}: {count} files, {cost.peak / 2**20:.1f} MiB at most, {cost.wall:.1f} s,"
              f" {cost.cpu:.1f} CPU s", flush=True)
        shutil.rmtree(folder)
    spread = (max(peaks) - min(peaks)) / 2**20
    print(f"peaks differ by {spread:.1f} MiB")
    print(f"{len(peaks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
