"""What the tests of batches share: jobs as JSON lines, weir in a folder with a mark of its own, the ledger read by
Python's sqlite3, and a look at what is left behind."""
import json
import os
import signal
import sqlite3
import subprocess
import time
import uuid
from pathlib import Path

from support import WEIR, WeirTest

WITHOUT_GROUPS = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/fs/cgroup && exec "$0" "$@"')


def can_hide_groups():
    return subprocess.run([*WITHOUT_GROUPS, "true"], capture_output=True).returncode == 0


def processes_with(mark):
    """Command lines of processes whose environment has the mark, zombies left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes() and b"State:\tZ" not in (folder / "status").read_bytes():
                found.append((folder / "cmdline").read_bytes())
        except OSError:
            pass
    return found


def groups_of(pids):
    """os.walk minds no folder that goes while it is read."""
    starts = tuple(f"weir-{pid}-" for pid in pids)
    return [f"{folder}/{name}" for folder, names, _ in os.walk("/sys/fs/cgroup") for name in names
            if name.startswith(starts)]


class MarkedTest(WeirTest):
    """A mark in the environment of everything that runs and a folder for temporary files, so that what is left
    behind can be found."""

    prefix = ()  # what runs weir

    def setUp(self):
        super().setUp()
        self.mark = "weir-" + uuid.uuid4().hex
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir()
        self.pids = []  # of weirs

    def check_nothing_left(self, within=0):
        """within: seconds, where a weir was killed just before."""
        until = time.monotonic() + within
        while time.monotonic() < until and (processes_with(self.mark) or any(self.temporary.iterdir())):
            time.sleep(0.01)
        self.assertEqual(processes_with(self.mark), [])
        self.assertEqual(groups_of(self.pids), [])
        self.assertEqual(list(self.temporary.iterdir()), [])


class BatchTest(MarkedTest):
    """Jobs in jobs.jsonl, results in weir-out."""

    def write_jobs(self, jobs, name="jobs.jsonl"):
        path = self.folder / name
        path.write_text("".join(json.dumps(job) + "\n" for job in jobs))
        return path

    def start(self, *arguments, jobs="jobs.jsonl"):
        environment = dict(os.environ, WEIR_TEST_MARK=self.mark, TMPDIR=str(self.temporary))
        process = subprocess.Popen([*self.prefix, WEIR, "exec", "--batch", str(jobs), "--env", "WEIR_TEST_MARK",
                                    *map(str, arguments)], cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                                   start_new_session=True)
        self.pids.append(process.pid)
        return process

    def batch(self, *arguments, status=0, jobs="jobs.jsonl", timeout=300):
        """Runs to the end; returns what was printed."""
        process = self.start(*arguments, jobs=jobs)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            self.fail(f"weir hangs\n{err.decode()[-3000:]}")
        self.assertEqual(process.returncode, status, err.decode()[-3000:])
        return out.decode(), err.decode()

    def ledger(self, query, *values, folder="weir-out"):
        with sqlite3.connect(self.folder / folder / "ledger.sqlite") as connection:
            return connection.execute(query, values).fetchall()

    def attempts(self, folder="weir-out"):
        """Name of the job, verdict, report."""
        rows = self.ledger("SELECT step.name, attempt.verdict, attempt.report FROM attempt JOIN step USING (step)"
                           " ORDER BY attempt.attempt", folder=folder)
        return [(name, verdict, json.loads(report) if report else None) for name, verdict, report in rows]
