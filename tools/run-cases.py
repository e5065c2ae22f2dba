#!/usr/bin/env python3
"""Runs command-line cases: small text files under test/cli.

A case file holds steps. Each begins with a line "$ command", run by bash in the case's own empty folder with
weir on the PATH, and is followed by what is expected:

    # comment
    $ weir --version
    exit 0              the exit status; 0 when not said
    out weir 0.1.0      one line of standard output, and so on, in order
    err ...             any number of lines (also for out)
    err /^weir: .*/     a line that matches a regular expression
    out? anything       standard output is not looked at (err? for standard error)

Without any "out" (or "err") line the stream must be empty. Cases run in the order of their names, simple ones
first, so the first failure is usually the cause.
usage: tools/run-cases.py [--weir PATH] [FILE.case...]      prints "N passed, N failed"
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 60


class Step:
    def __init__(self, number, command):
        self.number, self.command, self.status = number, command, 0
        self.expected = {"out": [], "err": []}
        self.ignored = set()


def parse(path):
    steps = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        word, _, rest = line.partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if word == "$":
            steps.append(Step(number, rest))
        elif not steps:
            raise SystemExit(f"{path}:{number}: expected a line that begins with $")
        elif word == ">":  # the command goes on
            steps[-1].command += "\n" + rest
        elif word == "exit":
            steps[-1].status = int(rest)
        elif word in ("out", "err"):
            steps[-1].expected[word].append(rest)
        elif word in ("out?", "err?"):
            steps[-1].ignored.add(word[:3])
        else:
            raise SystemExit(f"{path}:{number}: unknown word {word}")
    return steps


def line_matches(expected, line):
    if len(expected) > 2 and expected.startswith("/") and expected.endswith("/"):
        return re.search(expected[1:-1], line) is not None
    return expected == line.rstrip()


def lines_match(expected, lines):
    """Does the list of lines match, where "..." stands for any number of lines?"""
    if not expected:
        return not lines
    if expected[0] == "...":
        return any(lines_match(expected[1:], lines[skip:]) for skip in range(len(lines) + 1))
    return bool(lines) and line_matches(expected[0], lines[0]) and lines_match(expected[1:], lines[1:])


def run_step(step, folder, environment):
    """Returns a list of what went wrong."""
    try:
        run = subprocess.run(["bash", "-c", step.command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return [f"took longer than {TIMEOUT} s"]
    problems = []
    if run.returncode != step.status:
        problems.append(f"exit {run.returncode}, expected {step.status}")
    for stream, data in (("out", run.stdout), ("err", run.stderr)):
        lines = data.decode("utf-8", "replace").splitlines()
        if stream not in step.ignored and not lines_match(step.expected[stream], lines):
            wanted = "\n".join("    | " + line for line in step.expected[stream])
            found = "\n".join("    | " + line for line in lines[:40])
            problems.append(f"std{stream} is\n{found}\n  expected\n{wanted}")
    if problems and run.stderr and "stderr is" not in "".join(problems):
        problems.append("stderr: " + run.stderr.decode("utf-8", "replace")[:2000])
    return problems


def run_case(path, weir):
    folder = tempfile.mkdtemp(prefix="weir-case-")
    environment = dict(os.environ, PATH=f"{Path(weir).resolve().parent}:{os.environ['PATH']}", TMPDIR=folder,
                       WEIR=str(Path(weir).resolve()), LC_ALL="C.UTF-8", XDG_CACHE_HOME=f"{folder}/cache")
    environment.pop("COLUMNS", None)
    work = Path(folder) / "work"
    work.mkdir()
    try:
        for step in parse(path):
            problems = run_step(step, work, environment)
            if problems:
                return f"{path}:{step.number}: $ {step.command}\n  " + "\n  ".join(problems)
        return None
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", default=os.environ.get("WEIR", str(ROOT / "build" / "weir")))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("cases", nargs="*", type=Path)
    options = parser.parse_args()
    cases = options.cases or sorted((ROOT / "test" / "cli").glob("*.case"))
    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda case: run_case(case, options.weir), cases))
    failures = [result for result in results if result]
    print("\n".join(failures))
    print(f"{len(cases) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
