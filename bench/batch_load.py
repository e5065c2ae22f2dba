"""The load of bench/batch.py: steps that really take memory, written as jobs for weir and as tasks for Dask.

A step takes its memory, touches it, keeps it a while and ends. Half of the steps are Python, half a small
program (bench/allocate.c). A liar takes more than it asks for.
"""
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass

MIB = 1 << 20
PYTHON_BASE = 24 * MIB  # what an interpreter takes before it takes anything
SMALL = 2 * MIB

TAKE = "import sys, time\nkept = bytearray(int(sys.argv[1]))\nfor i in range(0, len(kept), 4096): kept[i] = 1\ntime.sleep(float(sys.argv[2]))\n"


@dataclass
class Step:
    name: str
    asks: int       # bytes
    takes: int      # bytes beside the program itself
    seconds: float  # it keeps them
    python: bool
    liar: bool


def steps(count, seed, most=2 << 30):
    """Sizes from 10 MiB to most, spread evenly over their logarithm; 2 % liars."""
    dice = random.Random(seed)
    made = []
    for i in range(count):
        takes = int(10 * MIB * (most * 0.9 / (10 * MIB)) ** dice.random())
        python, liar = dice.random() < 0.5, dice.random() < 0.02
        asks = takes + takes // 50 + (PYTHON_BASE if python else SMALL)
        made.append(Step(f"step-{i}", asks // 3 if liar else asks, takes, dice.uniform(0.02, 1.0), python, liar))
    return made


def command(step, program):
    words = [sys.executable, "-S", "-E", "-c", TAKE] if step.python else [program]
    return [*words, str(step.takes), f"{step.seconds:.3f}"]


def write_jobs(made, program, path):
    with open(path, "w") as file:
        for step in made:
            json.dump({"name": step.name, "command": command(step, program), "memory": step.asks, "cpus": 1}, file)
            file.write("\n")


def take_in_worker(size, seconds):
    """What a Dask task does: the same, within the worker's process."""
    kept = bytearray(size)
    for i in range(0, len(kept), 4096):
        kept[i] = 1
    time.sleep(seconds)
    return len(kept)


def take_in_program(words):
    subprocess.run(words, check=True)
    return 0
