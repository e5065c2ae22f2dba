"""Runs programs as children and measures what the kernel says of them."""
import atexit
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

# What weir keeps of keys between runs: for these measurements alone, and never the user's.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="weir-bench-cache-")
atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], True)


@dataclass
class Cost:
    cpu: float   # user and system time, seconds
    wall: float  # seconds
    peak: int    # bytes resident at most


def measure(command, cwd=None, environment=None):
    """Runs a command to its end; raises with its output when it fails. A small process stands between
    this one and the command, since the kernel counts what stood in memory before exec as the child's."""
    with tempfile.NamedTemporaryFile("r") as figures, tempfile.TemporaryFile("w+") as log:
        started = time.monotonic()
        status = subprocess.run(["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", figures.name, *map(str, command)],
                                cwd=cwd, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False,
                                env=dict(os.environ, **(environment or {}))).returncode
        wall = time.monotonic() - started
        if status != 0:
            log.seek(0)
            raise RuntimeError(f"{' '.join(map(str, command))}: exit {status}\n{log.read()[-3000:]}")
        user, system, peak = figures.read().split()
        return Cost(float(user) + float(system), wall, int(peak) * 1024)


def warm(files):
    """Brings files into the page cache."""
    for path in files:
        with open(path, "rb") as file:
            while file.read(1 << 22):
                pass


def drop(files):
    """Takes files out of the page cache; true where that can be trusted."""
    os.sync()
    try:
        with open("/proc/sys/vm/drop_caches", "w") as switch:
            switch.write("3\n")
        return True
    except OSError:
        for path in files:
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
        return False


def in_turn(commands, rounds, before=lambda: None):
    """Costs of two commands or more run A B A B ...: machines drift, ratios of neighbours do not."""
    costs = tuple([] for _ in commands)
    for _ in range(rounds):
        for which, command in enumerate(commands):
            before()
            costs[which].append(command())
    return costs


def median_ratio(mine, other, what):
    """The median of other / mine over pairs of neighbours."""
    return statistics.median(getattr(b, what) / max(getattr(a, what), 1e-9) for a, b in zip(mine, other))


def median(costs, what):
    return statistics.median(getattr(cost, what) for cost in costs)


def note(text):
    print(text, file=sys.stderr, flush=True)
