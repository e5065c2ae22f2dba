"""What the tests in a guest share: commands that run in one start, the programs under test, and shell functions."""
import concurrent.futures
import json
import os
import unittest
from pathlib import Path

import guest
from guest import Guest

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("WEIR_BUILD", ROOT / "build"))
WEIR = BUILD / "weir"
# Seconds, on any machine: a guest that hangs is told from one that is slow by nothing else.
TIMEOUT = int(os.environ.get("WEIR_GUEST_TIMEOUT", "600"))
# Guests run side by side, but no more than there are processors to emulate theirs.
MACHINES = concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(os.sched_getaffinity(0))))

# Shell functions for groups. `inside GROUP COMMAND...` is as a cell does it: enter, then exec.
GROUPS = """
cd /sys/fs/cgroup
echo '+memory +pids +cpu' >cgroup.subtree_control
make() { mkdir "$1"; echo "$2" >"$1/memory.max"; }
inside() { group=$PWD/$1; shift; sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@"; }
count() { sed -n "s/^$3 //p" "$1/$2"; }
# until_true COMMAND...: a condition, as long as a slow machine may need.
until_true() {
    tries=0
    until "$@" || [ $((tries += 1)) -gt 600 ]; do sleep 0.1; done
}
"""


class GuestTest(unittest.TestCase):
    """The commands of a class run in one start, each once; a test looks at the outcome of its own."""
    memory_mib = 512
    disk_mib = 0
    python = False
    weir = False
    commands = {}
    fetch = ()
    begun = None

    @classmethod
    def begin(cls):
        """Starts the guest of the class, if it has one: its end is waited for by the first test."""
        if cls.commands and not guest.missing() and not (cls.weir and not WEIR.exists()):
            cls.begun = MACHINES.submit(cls.run_guest)

    @classmethod
    def run_guest(cls):
        machine = Guest(cls.memory_mib, python=cls.python, disk_mib=cls.disk_mib)
        if cls.weir:
            machine.archive.add_program(WEIR, "/usr/bin/weir")
            machine.archive.add_program("/usr/bin/unshare")
        return machine.run([GROUPS + command for command in cls.commands.values()], TIMEOUT, fetch=cls.fetch)

    @classmethod
    def setUpClass(cls):
        if guest.missing():
            raise unittest.SkipTest(guest.missing())
        if cls.weir and not WEIR.exists():
            raise unittest.SkipTest(f"no {WEIR}")
        if cls.begun:
            cls.outcome = cls.begun.result()
            cls.results = dict(zip(cls.commands, cls.outcome.results))

    def values(self, name, status=0):
        """What the command printed, lines of the form word=value."""
        result = self.results[name]
        self.assertEqual(result.status, status, result)
        return dict(line.split("=", 1) for line in result.out.splitlines() if "=" in line)

    def documents(self, name):
        """The JSON documents that it printed, a line each: reports on standard error, else events."""
        result = self.results[name]
        lines = (result.err + result.out).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def report(self, name, number=0):
        documents = self.documents(name)
        self.assertGreater(len(documents), number, self.results[name])
        return documents[number]

    def ended(self, name):
        """The last end of each job of a batch, by its name."""
        events = self.documents(name)
        self.assertTrue(events, self.results[name])
        return {event["job"]: event for event in events if event.get("event") == "ended"}
