"""The death of weir, kill -9 included, ends all that its cells started, at once and without another weir: processes
that became daemons, control groups, temporary folders, in the end the guardian itself. And the cells of test_exec
once more in a PID namespace.
"""
import os
import random
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

import test_exec
from batches import WITHOUT_GROUPS, BatchTest, can_hide_groups, processes_with
from support import FULL, WEIR

# Leaves its session twice, keeps nothing open, stands in the root folder, and takes some time on the way.
DAEMON = """\
import os, sys, time
for _ in range(2):
    if os.fork():
        os._exit(0)
    os.setsid()
open(os.path.join(os.environ["TMPDIR"], "kept-%d" % os.getpid()), "w").close()
os.chdir("/")
os.closerange(0, 256)
time.sleep(1000)
"""
WITHIN = 30  # seconds until what is at once on a busy machine too


def allows_namespaces():
    return subprocess.run([WEIR, "exec", "-q", "--pid-namespace", "--", "true"], capture_output=True).returncode == 0


def comm(pid):
    try:
        return (Path("/proc") / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def children(pid):
    try:
        return [int(word) for word in (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text().split()]
    except OSError:
        return []


class Killed(BatchTest):
    """weir is killed while its cells make daemons."""

    options = ()

    def setUp(self):
        super().setUp()
        (self.folder / "daemon.py").write_text(DAEMON)

    def start_exec(self, *command):
        environment = dict(os.environ, WEIR_TEST_MARK=self.mark, TMPDIR=str(self.temporary))
        process = subprocess.Popen([*self.prefix, WEIR, "exec", "-q", *self.options, "--env", "WEIR_TEST_MARK", "--",
                                    *command], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment, start_new_session=True)
        self.pids.append(process.pid)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        """A test that failed leaves weir running."""
        if process.poll() is None:
            self.kill(process)

    def kill(self, process):
        """Also weir's whole process group, as a terminal's or a service's manager does."""
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def wait_for_daemons(self, count):
        until = time.monotonic() + WITHIN
        while len(list(self.temporary.glob("**/kept-*"))) < count:
            self.assertLess(time.monotonic(), until, "no daemon has begun")
            time.sleep(0.01)

    def test_command_with_daemons(self):
        process = self.start_exec("sh", "-c", f"{sys.executable} daemon.py & {sys.executable} daemon.py & sleep 1000")
        self.wait_for_daemons(2)
        self.kill(process)
        self.check_nothing_left(WITHIN)

    def test_at_random_moments(self):
        seed = int(os.environ.get("WEIR_SEED", time.time_ns() % 1000000))
        print(f"seed {seed}")
        dice = random.Random(seed)
        for _ in range(100 if FULL else 8):
            process = self.start_exec("sh", "-c", f"{sys.executable} daemon.py & sleep 1000")
            time.sleep(dice.uniform(0.0, 0.2))
            self.kill(process)
        self.check_nothing_left(WITHIN)

    def test_batch_with_daemons(self):
        self.write_jobs([{"name": f"job-{i}", "memory": "32MiB",
                          "command": ["sh", "-c", f"{sys.executable} daemon.py & sleep 1000"]} for i in range(4)])
        process = self.start("--memory", "128MiB", "--cpus", "4", "-q", *self.options)
        self.wait_for_daemons(4)
        self.kill(process)
        self.check_nothing_left(WITHIN)

    def test_a_stopped_cell(self):
        process = self.start_exec("sh", "-c", f"{sys.executable} daemon.py & sleep 0.1; kill -STOP $$")
        self.wait_for_daemons(1)
        self.kill(process)
        self.check_nothing_left(WITHIN)

    def test_another_weir_is_unharmed(self):
        other = self.start_exec("sh", "-c", f"{sys.executable} daemon.py & read line < go; touch $TMPDIR/mine && exit 7")
        os.mkfifo(self.folder / "go")
        self.wait_for_daemons(1)
        mark, self.mark, mine = self.mark, self.mark + "-2", self.pids.pop()
        process = self.start_exec("sh", "-c", f"{sys.executable} daemon.py & sleep 1000")
        self.wait_for_daemons(2)
        self.kill(process)
        until = time.monotonic() + WITHIN
        while processes_with(self.mark) and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual(processes_with(self.mark), [])
        self.assertIsNone(other.poll())
        (self.folder / "go").write_text("go\n")
        _, err = other.communicate(timeout=WITHIN)
        self.assertEqual(other.returncode, 7, err.decode())
        self.pids.append(mine)
        self.mark = mark
        self.check_nothing_left(WITHIN)

    def test_a_weir_that_ends_well_leaves_no_guardian(self):
        process = self.start_exec("sh", "-c", "read line < go")
        os.mkfifo(self.folder / "go")
        until = time.monotonic() + WITHIN
        while "weir-guardian" not in map(comm, children(process.pid)) and time.monotonic() < until:
            time.sleep(0.01)
        self.assertIn("weir-guardian", map(comm, children(process.pid)))
        (self.folder / "go").write_text("go\n")
        self.assertEqual(process.communicate(timeout=WITHIN)[1], b"")
        self.assertEqual(process.returncode, 0)
        self.check_nothing_left()


@unittest.skipUnless(can_hide_groups(), "control groups cannot be hidden without root's rights")
class KilledWithoutGroups(Killed):
    prefix = WITHOUT_GROUPS


@unittest.skipUnless(allows_namespaces(), "no PID namespace is allowed here")
class KilledWithNamespace(Killed):
    options = ("--pid-namespace",)

    def test_a_daemon_without_environment(self):
        """No marker is needed where the kernel ends all."""
        process = self.start_exec("sh", "-c", f"env -i TMPDIR=$TMPDIR {sys.executable} daemon.py {self.mark}; sleep 1000")
        self.wait_for_daemons(1)
        number, = [path.name for path in Path("/proc").glob("[0-9]*")
                   if command_of(path).endswith(f"daemon.py\0{self.mark}\0".encode())]
        self.kill(process)
        until = time.monotonic() + WITHIN
        while is_alive(number) and time.monotonic() < until:
            time.sleep(0.01)
        self.assertFalse(is_alive(number))
        self.check_nothing_left(WITHIN)


def command_of(path):
    try:
        return (path / "cmdline").read_bytes()
    except OSError:
        return b""


def is_alive(number):
    try:
        return "\nState:\tZ" not in (Path("/proc") / number / "status").read_text()
    except OSError:
        return False


# ---- the cells of test_exec in a PID namespace ----

class Inside:
    """Everything is the same but the numbers that a program sees."""

    def start(self, *arguments, **options):
        return super().start("--pid-namespace", *arguments, **options)


@unittest.skipUnless(allows_namespaces(), "no PID namespace is allowed here")
class MemoryInside(Inside, test_exec.Memory):
    pass


@unittest.skipUnless(allows_namespaces(), "no PID namespace is allowed here")
class EndsInside(Inside, test_exec.OtherEnds):
    def test_killed_from_outside(self):
        """Its number outside is another one."""
        process = self.start("--json", "--memory", test_exec.LIMIT, "--", "sh", "-c", "echo $$; exec sleep 60")
        self.addCleanup(process.kill)
        self.assertEqual(int(process.stdout.readline()), 2)
        until = time.monotonic() + WITHIN
        while not (found := [pid for pid in children(process.pid) if comm(pid) == "sleep"]):
            self.assertLess(time.monotonic(), until, "no child of weir has become the program")
        number, = found
        os.kill(number, signal.SIGKILL)
        ended = self.finish(process)
        self.assertEqual((ended.report["verdict"], ended.report["signal"], ended.status), ("signal", 9, 137))

    def test_it_harms_nobody_outside(self):
        """[tries to kill its parent] Neither weir nor a program of the same user is in its reach."""
        bystander = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        try:
            report = self.expect("error", 5, "--", "bash", "-c", "kill -9 -1; kill -9 1; kill -9 -- -1; exit 5")
            self.assertFalse(report["ended_by_weir"])
            self.assertIsNone(bystander.poll())
        finally:
            bystander.kill()
            bystander.wait()

    def test_its_parent_is_out_of_reach(self):
        """A shell's PPID is 0 then, to which kill means the own process group."""
        self.assertEqual(self.expect("signal", 137, "--", "sh", "-c", "kill -9 $PPID; sleep 60")["signal"], 9)

    def test_processes_are_listed_as_they_are_inside(self):
        ended = self.exec("-q", "--", "sh", "-c", "ls /proc | grep -c '^[0-9]'; ps -e -o comm= 2>/dev/null | sort -u")
        self.assertLess(int(ended.out.split()[0]), 6)
        self.assertNotIn(b"weir\n", ended.out)


@unittest.skipUnless(allows_namespaces() and can_hide_groups(), "needs root's rights")
class WatchedMemoryInside(Inside, test_exec.WatchedMemory):
    pass


@unittest.skipUnless(allows_namespaces() and can_hide_groups(), "needs root's rights")
class WatchedEndsInside(EndsInside):
    prefix = WITHOUT_GROUPS


@unittest.skipUnless(allows_namespaces(), "no PID namespace is allowed here")
class BatchInside(BatchTest):
    def test_all_jobs_share_one_namespace(self):
        self.write_jobs([{"name": f"job-{i}", "memory": "32MiB", "command": ["sh", "-c", "echo $PPID $(cat /proc/1/comm)"]}
                         for i in range(20)])
        self.batch("--memory", "128MiB", "-q", "--pid-namespace")
        self.assertEqual([verdict for _, verdict, _ in self.attempts()], ["ok"] * 20)
        for log in self.folder.glob("weir-out/work/*/*/*/stdout.log"):
            self.assertEqual(log.read_text(), "0 weir-init\n")
        self.check_nothing_left()


class NotAllowed(test_exec.ExecTest):
    prefix = ("setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin")

    def test_is_told(self):
        ended = self.exec("--pid-namespace", "--", "true")
        if ended.status == 127:
            self.skipTest("no setpriv")
        self.assertEqual(ended.status, 125, ended.err)
        self.assertIn(b"PID namespace", ended.err)
        self.assertIn(b"CAP_SYS_ADMIN", ended.err)


if __name__ == "__main__":
    unittest.main()
