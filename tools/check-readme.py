#!/usr/bin/env python3
"""Runs what the README shows.

Every line of a ```sh block is run by bash in a folder made by the demo's own steps: `weir` on the
PATH, files under sims/ and weir-demo/sims/. A block behind <!-- not run: reason --> is passed over,
and the reason is printed. Prints "N passed, N failed".
usage: tools/check-readme.py WEIR
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def blocks_of(text):
    """Yields (reason to pass over or None, text of the block)."""
    pattern = r"(?:<!-- not run: (?P<reason>[^>]*?) -->\s*\n)?```sh\n(?P<body>.*?)^```"
    for match in re.finditer(pattern, text, re.S | re.M):
        yield match.group("reason"), match.group("body")


def commands_of(body):
    joined = re.sub(r"\\\n\s*", " ", body)
    lines = [re.sub(r"^\$ ", "", line.strip()) for line in joined.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def prepare(folder, weir):
    environment = dict(os.environ, PATH=f"{Path(weir).resolve().parent}:{os.environ['PATH']}",
                       XDG_CACHE_HOME=f"{folder}/.cache")
    make = f"{weir} synth sims --files 4 --paths 100 --dates 12 && mkdir weir-demo && cp -r sims weir-demo/sims"
    subprocess.run(["bash", "-c", make], cwd=folder, env=environment, check=True, stdin=subprocess.DEVNULL,
                   capture_output=True)
    return environment


def main():
    weir = str(Path(sys.argv[1]).resolve())
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        environment = prepare(folder, weir)
        for reason, body in blocks_of((ROOT / "README.md").read_text()):
            for command in commands_of(body):
                if reason is not None:
                    print(f"not run ({reason}): {command}")
                    continue
                run = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, text=True,
                                     stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
                if run.returncode == 0:
                    passed += 1
                else:
                    failed += 1
                    print(f"FAILED with exit {run.returncode}: {command}\n{run.stdout}{run.stderr}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
