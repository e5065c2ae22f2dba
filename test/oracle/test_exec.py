"""Real deaths under "weir exec": the verdict, the exit status, and that nothing is left behind.

The numbers in brackets are those of public complaints in which a scheduler did not know or say why a
process had died: dask/distributed#1829, #2297, #2986; dagster#8567; airflow#55599, #39543; prefect#21022;
nextflow#5403, #6436; metaflow#1696.
"""
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import unittest

from batches import WITHOUT_GROUPS, MarkedTest, can_hide_groups
from support import MIB, SANITIZED, WEIR

LEAK = """\
import time
kept = []

def load(step):
    kept.append(bytearray(b"x") * step)
    time.sleep(0.001)

for _ in range(100000):
    load(4 << 20)
"""
LIMIT = "96MiB"


class Ended:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def report(self):
        return json.loads(self.err.decode().splitlines()[-1])


class ExecTest(MarkedTest):
    """One command each."""

    def start(self, *arguments, **options):
        environment = dict(os.environ, WEIR_TEST_MARK=self.mark, TMPDIR=str(self.temporary), SECRET_KEY="hidden")
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen([*self.prefix, WEIR, "exec", "--env", "WEIR_TEST_MARK", *arguments],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                                   start_new_session=True, **options)
        self.pids.append(process.pid)
        return process

    def finish(self, process, given=None):
        try:
            out, err = process.communicate(given, timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            self.fail(f"weir {process.args} hangs")
        self.check_nothing_left()
        return Ended(process.returncode, out, err)

    def exec(self, *arguments, given=None):
        options = {} if given is None else {"stdin": subprocess.PIPE}
        return self.finish(self.start(*arguments, **options), given)

    def expect(self, verdict, status, *arguments, given=None):
        ended = self.exec("--json", *arguments, given=given)
        report = ended.report
        self.assertEqual((report["verdict"], ended.status), (verdict, status), ended.err[-3000:])
        self.assertEqual(report["weir_exit_status"], status)
        if verdict not in ("oom-limit", "oom-host"):
            self.assertIsNone(report["suggested_bytes"])
        return report

    def script(self, text, name="job.py"):
        (self.folder / name).write_text(text)
        return [sys.executable, name]


class Memory(ExecTest):
    lines = (5,)  # where the kernel stops it

    def test_leak_in_python_names_the_line(self):
        """[#2986, #21022, #1696] The cause stands in the report, with the line and a figure to try."""
        report = self.expect("oom-limit", 137, "--memory", LIMIT, "--", *self.script(LEAK))
        self.assertEqual(report["limit_bytes"], 96 * MIB)
        self.assertGreater(report["peak_bytes"], 60 * MIB)
        self.assertLess(report["peak_bytes"], 112 * MIB)
        self.assertGreater(report["suggested_bytes"], 96 * MIB)
        self.assertTrue(report["evidence"])
        self.assertIsNotNone(report["line"], report)
        self.assertTrue(report["line"]["file"].endswith("job.py"))
        self.assertEqual(report["line"]["function"], "load")
        self.assertIn(report["line"]["line"], self.lines)
        self.assertEqual(report["line"]["code"], LEAK.splitlines()[report["line"]["line"] - 1].strip())

    def test_the_same_as_text(self):
        ended = self.exec("--memory", LIMIT, "--", *self.script(LEAK))
        text = ended.err.decode()
        self.assertEqual(ended.status, 137, text)
        self.assertRegex(text, r"(?m)^error: .*job\.py ran out of memory$")
        self.assertRegex(text, r"(?m)^  limit 96 MiB \(--memory\)")
        self.assertRegex(text, r"(?m)^  line:  .*job\.py:[56] in load: `")
        self.assertRegex(text, r"(?m)^  try:   --memory \d+[MG]iB$")

    def test_one_large_allocation(self):
        self.expect("oom-limit", 137, "--memory", LIMIT, "--",
                    sys.executable, "-c", "x = bytearray(b'x') * (400 << 20); print(len(x))")

    def test_leak_without_python(self):
        """A shell variable that doubles."""
        report = self.expect("oom-limit", 137, "--memory", LIMIT, "--",
                             "bash", "-c", "x=0123456789abcdef; while :; do x=$x$x; done")
        self.assertIsNone(report["line"])

    def test_leak_in_a_child(self):
        """[#5403] The whole tree counts; that the parent says 0 hides nothing."""
        self.script(LEAK)
        for behind in ("wait", "wait $!"):
            with self.subTest(behind):
                self.expect("oom-limit", 137, "--memory", LIMIT, "--",
                            "sh", "-c", f"{sys.executable} job.py & {behind}")

    def test_memory_error_is_told_by_the_program(self):
        """[#2297] The interpreter's own MemoryError is the evidence; the status stays its own."""
        report = self.expect("oom-limit", 1, "--memory", "200MiB", "--",
                             sys.executable, "-c", "x = bytearray(1 << 60)")
        self.assertIn("MemoryError", report["evidence"])

    def test_enough_memory(self):
        report = self.expect("ok", 0, "--memory", "300MiB", "--",
                             sys.executable, "-c", "import time; x = bytearray(b'x') * (100 << 20); time.sleep(0.4)")
        self.assertGreater(report["peak_bytes"], 100 * MIB)
        self.assertLess(report["peak_bytes"], 140 * MIB)

    def test_without_a_limit_it_is_watched(self):
        report = self.expect("ok", 0, "--",
                             sys.executable, "-c", "import time; x = bytearray(b'x') * (100 << 20); time.sleep(0.4)")
        self.assertIsNone(report["limit_bytes"])
        self.assertGreater(report["peak_bytes"], 100 * MIB)


class OtherEnds(ExecTest):
    def test_own_statuses_pass(self):
        """[#8567, #55599] 137 by itself is no word about memory."""
        for status in (1, 7, 124, 125, 137, 255):
            with self.subTest(status=status):
                report = self.expect("error", status, "--memory", LIMIT, "--", "sh", "-c", f"exit {status}")
                self.assertEqual(report["exit_status"], status)
                self.assertNotRegex(report["why"] or "", "memory")

    def test_killed_from_outside(self):
        """[#1829, #39543] A SIGKILL without evidence of memory is a signal."""
        process = self.start("--json", "--memory", LIMIT, "--", "sh", "-c", "echo $$; exec sleep 60")
        os.kill(int(process.stdout.readline()), signal.SIGKILL)
        ended = self.finish(process)
        self.assertEqual((ended.report["verdict"], ended.report["signal"], ended.status), ("signal", 9, 137))

    def test_segmentation_fault(self):
        report = self.expect("signal", 139, "--", "sh", "-c", "kill -SEGV $$")
        self.assertEqual(report["signal"], signal.SIGSEGV)

    def test_not_found_and_not_executable(self):
        (self.folder / "plain").write_text("no program")
        self.assertFalse(self.expect("error", 127, "--", "no-such-program-here")["started"])
        self.assertFalse(self.expect("error", 126, "--", "./plain")["started"])

    def test_timeout(self):
        started = time.monotonic()
        report = self.expect("timeout", 124, "--timeout", "300ms", "--", "sleep", "60")
        self.assertLess(time.monotonic() - started, 5)
        self.assertGreaterEqual(report["wall_ns"], 300e6)

    def test_timeout_of_one_that_ignores_sigterm(self):
        started = time.monotonic()
        self.expect("timeout", 124, "--timeout", "300ms", "--grace", "200ms", "--",
                    "sh", "-c", "trap '' TERM; while :; do sleep 0.05; done")
        self.assertGreater(time.monotonic() - started, 0.45)
        self.assertLess(time.monotonic() - started, 5)

    def test_weir_is_stopped(self):
        """The command is told, has its grace, and weir ends as the signal says."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                process = self.start("--json", "--", "sh", "-c",
                                     "trap 'echo told; exit 0' TERM INT HUP; echo ready; while :; do sleep 0.02; done")
                process.stdout.readline()
                process.send_signal(number)
                ended = self.finish(process)
                self.assertEqual((ended.report["verdict"], ended.status), ("cancelled", 128 + number))
                self.assertIn(b"told", ended.out)

    def test_stopped_twice(self):
        """A second signal ends at once what ignores the first."""
        process = self.start("--json", "--", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.02; done")
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        ended = self.finish(process)
        self.assertLess(time.monotonic() - started, 3)
        self.assertEqual((ended.report["verdict"], ended.status), ("cancelled", 143))

    def test_what_is_left_running_is_ended(self):
        report = self.expect("ok", 0, "--", "sh", "-c",
                             "setsid sleep 60 > /dev/null 2>&1 & (sleep 60 > /dev/null 2>&1 &) ; sleep 0.2")
        self.assertGreaterEqual(report["leftovers"], 1)

    def test_weir_killed(self):
        """Nothing outlives it, and the next start finds all as it should be (more in test_guardian)."""
        process = self.start("--memory", LIMIT, "--", "sh", "-c", "echo $TMPDIR; sleep 60 & sleep 60")
        process.stdout.readline()
        process.kill()
        process.communicate()
        self.check_nothing_left(within=30)
        self.expect("ok", 0, "--", "true")


@unittest.skipUnless(can_hide_groups(), "control groups cannot be hidden without root's rights")
class WatchedMemory(Memory):
    """The same where no control group can be made: weir watches the processes itself."""
    prefix = WITHOUT_GROUPS
    lines = (5, 6)  # where it was when weir looked

    def test_processes_are_counted(self):
        report = self.expect("error", 137, "--processes", "5", "--",
                             "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 30 & done; wait")
        self.assertIn("5 processes", report["evidence"])

    def test_a_limit_that_is_not_kept_is_told(self):
        ended = self.exec("--cpus", "1", "--", "true")
        self.assertIn(b"--cpus is not kept", ended.err)


@unittest.skipUnless(can_hide_groups(), "control groups cannot be hidden without root's rights")
class WatchedEnds(OtherEnds):
    prefix = WITHOUT_GROUPS


class Streams(ExecTest):
    def test_fifty_megabytes_pass_unchanged(self):
        program = ("import os\nfor i in range(800):\n"
                   "    block = bytes([i % 251]) * 65536\n"
                   "    os.write({0}, block) == len(block) or exit(9)\n")
        for number in (1, 2):
            with self.subTest(descriptor=number):
                ended = self.exec("-q", "--", sys.executable, "-c", program.format(number))
                got = ended.out if number == 1 else ended.err
                self.assertEqual(ended.status, 0)
                self.assertTrue(got == b"".join(bytes([i % 251]) * 65536 for i in range(800)))

    def test_standard_input_passes(self):
        given = os.urandom(4 << 20)
        ended = self.exec("-q", "--", "cat", given=given)
        self.assertEqual(ended.status, 0)
        self.assertTrue(ended.out == given)

    def test_a_reader_that_goes_away(self):
        """yes | head: the command gets its SIGPIPE."""
        process = self.start("-q", "--", "yes")
        process.stdout.read(10)
        process.stdout.close()
        process.stdout = None
        self.assertEqual(self.finish(process).status, 128 + signal.SIGPIPE)
        self.check_nothing_left()

    def test_the_environment_has_no_secrets(self):
        ended = self.exec("-q", "--", "env")
        self.assertNotIn(b"SECRET_KEY", ended.out)
        self.assertIn(b"PATH=", ended.out)
        self.assertIn(b"SECRET_KEY=hidden", self.exec("-q", "--env-all", "--", "env").out)

    def test_curve_on_a_terminal(self):
        """Drawn below what the command wrote, also within a line, and erased in the end."""
        master, slave = pty.openpty()
        process = subprocess.Popen([WEIR, "exec", "--memory", "300MiB", "--", "sh", "-c",
                                    "printf half; sleep 0.8; echo ' a line'"], stdin=subprocess.DEVNULL,
                                   stdout=slave, stderr=slave, start_new_session=True,
                                   env=dict(os.environ, TERM="xterm", LC_ALL="C.UTF-8", TMPDIR=str(self.temporary)))
        self.pids.append(process.pid)
        os.close(slave)
        text = b""
        try:
            while select.select([master], [], [], 20)[0] and (got := os.read(master, 65536)):
                text += got
        except OSError:
            pass
        os.close(master)
        self.assertEqual(process.wait(20), 0)
        text = text.decode()
        self.assertRegex(text, r"half\x1bD\x1b\[A\x1b7\r+\n▁+ · memory .* of 300 MiB · peak ")
        self.assertRegex(text, r"\x1b7\r+\n\x1b\[J\x1b8 a line\r+\n")
        self.assertRegex(re.sub(r"\x1b7.*?\x1b8", "", text, flags=re.S).replace("\x1bD\x1b[A", ""),
                         r"^half a line\r+\nweir: ok in ")


if __name__ == "__main__":
    unittest.main()
