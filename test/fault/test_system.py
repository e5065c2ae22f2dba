"""The system fails under weir: full disks, failing calls, signals, sudden death. Nothing half-written is ever seen."""
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import support
from support import WeirTest

SUM = ("sum", "--by", "path,Date", "--sum", "value")


class Files(WeirTest):
    """Input in s/, output in out/, temporary files in tmp/."""

    def setUp(self):
        super().setUp()
        for name in ("out", "tmp"):
            (self.folder / name).mkdir()

    def synth(self, files=4, paths=2000):
        self.weir("synth", "s", "--files", files, "--paths", paths)

    def assert_nothing_left(self, allowed=()):
        left = [p.name for name in ("out", "tmp") for p in (self.folder / name).iterdir()]
        self.assertEqual(sorted(left), sorted(allowed))

    def environment(self):
        return {"TMPDIR": str(self.folder / "tmp")}


class Signals(Files):
    def start(self, *more):
        return subprocess.Popen([support.WEIR, *SUM, "-o", "out/r.parquet", "--threads", "2", *more, "s"], cwd=self.folder,
                                env=dict(os.environ, **self.environment()), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def make_long_input(self):
        """Hard links make long work out of a few files."""
        self.synth(files=3, paths=50000)
        for number in range(3, 1500):
            os.link(self.folder / "s" / f"sim-{number % 3:05}.parquet", self.folder / "s" / f"sim-{number:05}.parquet")

    def test_stop_signals(self):
        self.make_long_input()
        for signal_number, delay in ((signal.SIGINT, 0.05), (signal.SIGTERM, 0.4), (signal.SIGINT, 0.9), (signal.SIGTERM, 1.5)):
            process = self.start("--progress", "always")
            time.sleep(delay)
            process.send_signal(signal_number)
            sent = time.monotonic()
            _, err = process.communicate(timeout=20)
            waited = time.monotonic() - sent
            with self.subTest(signal=signal_number, delay=delay):
                self.assertEqual(process.returncode, 128 + signal_number, err)
                self.assertLess(waited, 1.0)
                self.assertIn("stopped by", err)
                self.assert_nothing_left()

    def test_kill_leaves_nothing(self):
        self.synth(files=40, paths=5000)
        delays = [0.002 * n for n in range(1, 60)] if support.FULL else [0.005, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3]
        killed = 0
        for delay in delays:
            process = self.start("--memory", "48MiB")
            time.sleep(delay)
            process.kill()
            process.communicate()
            killed += process.returncode == -9
            files = [p for p in (self.folder / "out").iterdir()]
            if process.returncode == 0 or files:
                self.assertEqual([p.name for p in files], ["r.parquet"])
                self.assertEqual(pq.read_table(files[0]).num_rows, 600000)
                files[0].unlink()
            self.assert_nothing_left()
        self.assertGreater(killed, 0)

    def test_old_result_survives_a_kill(self):
        self.synth(files=20, paths=5000)
        old = self.folder / "out" / "r.parquet"
        old.write_bytes(b"old")
        for delay in (0.02, 0.06, 0.1):
            process = self.start("--overwrite")
            time.sleep(delay)
            process.kill()
            process.communicate()
            if process.returncode == -9 and old.read_bytes() == b"old":
                self.assert_nothing_left(["r.parquet"])

    def test_broken_pipe(self):
        self.synth(files=2, paths=50000)
        command = f"'{support.WEIR}' {' '.join(SUM)} -o - s | head -n 2"
        result = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.folder, capture_output=True, text=True,
                                timeout=60, check=False)
        self.assertEqual(len(result.stdout.splitlines()), 2)
        self.assertLess(len(result.stderr.splitlines()), 4, result.stderr)


class FullDisk(Files):
    def full_folder(self, size):
        """A small file system, where this process may mount one."""
        place = tempfile.mkdtemp(prefix="weir-full-")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "weir-test", place], capture_output=True,
                                 check=False).returncode == 0
        self.addCleanup(shutil.rmtree, place, True)
        if not mounted:
            raise unittest.SkipTest("no right to mount a small file system")
        self.addCleanup(subprocess.run, ["umount", place], check=False)
        return Path(place)

    def test_output_does_not_fit(self):
        self.synth(files=2, paths=10000)
        place = self.full_folder("1m")
        for name in ("r.parquet", "r.csv", "r.arrow", "r.jsonl"):
            with self.subTest(name=name):
                self.weir_fails(*SUM, "-o", place / name, "s", says=("No space left", "space"))
                self.assertEqual(list(place.iterdir()), [])

    def test_temporary_folder_is_full(self):
        self.synth(files=2, paths=10000)
        place = self.full_folder("64k")
        result = support.run(*SUM, "-o", "out/r.parquet", "s", cwd=self.folder, environment={"TMPDIR": str(place)})
        self.assertIn(result.status, (0, 1))
        if result.status == 1:
            self.assertIn("No space left", result.err)
            self.assert_nothing_left()

    def test_standard_output_is_full(self):
        self.synth(files=2)
        for options in (("-o", "-"), ("-o", "-", "--format", "parquet"), (), ("--dry-run",), ("--dry-run", "--json")):
            with self.subTest(options=options), open("/dev/full", "wb") as full:
                result = subprocess.run([support.WEIR, *SUM, *options, "s"], cwd=self.folder, stdout=full,
                                        stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn("No space left", result.stderr)

    def test_file_size_limit(self):
        """EFBIG stands for every write that stops half-way."""
        self.synth(files=2, paths=10000)
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
        result = support.run(*SUM, "-o", "out/r.parquet", "s", cwd=self.folder, before=limit, environment=self.environment())
        self.assertEqual(result.status, 1, result.err)
        self.assert_nothing_left()


class FewDescriptors(Files):
    def test_sixteen_are_enough(self):
        self.synth(files=3, paths=100)
        for number in range(3, 300):
            os.link(self.folder / "s" / f"sim-{number % 3:05}.parquet", self.folder / "s" / f"sim-{number:05}.parquet")
        for limit in (64, 32):
            def before(limit=limit):
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            with self.subTest(limit=limit):
                self.weir(*SUM, "-o", f"out/{limit}.parquet", "--threads", 8, "s", before=before)


def can_trace():
    return shutil.which("strace") and subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True,
                                                     check=False).returncode == 0


@unittest.skipUnless(can_trace(), "strace cannot trace here")
class FailingWrites(Files):
    """The C library writes for printf where no test can stand in its way: here the system fails."""

    COMMANDS = (("inspect", "s"), ("inspect", "--json", "s"), ("inspect", "--summary", "s"), ("inspect", "--verify", "s"),
                ("inspect", "--pages", "s"), ("diff", "--by", "path,Date", "s/sim-00000.parquet", "s/sim-00001.parquet"),
                (*SUM, "s"), (*SUM, "--json", "-o", "out/r.parquet", "s"))

    def fails(self, command, when):
        """Whether one of the calls failed: none is left when there are fewer."""
        with open(self.folder / "shown", "wb") as shown:
            log = self.folder / "trace"
            result = subprocess.run(["strace", "-qq", "-o", log, "-e", "trace=write", "-e",
                                     f"inject=write:error=ENOSPC:when={when}", support.WEIR, *command, "--memory", "256MiB"],
                                    cwd=self.folder, env=dict(os.environ, **self.environment()), stdout=shown,
                                    stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
        lines = log.read_text().splitlines()
        injected = [line for line in lines if "(INJECTED)" in line]
        if injected and "write(1" in injected[0]:
            self.assertEqual(result.returncode, 1, f"{command}, write {when}: {result.stderr}")
            self.assertIn("No space left", result.stderr)
        self.assert_nothing_left(["r.parquet"] if (self.folder / "out" / "r.parquet").exists() else [])
        return bool(injected)

    def test_each_write(self):
        self.synth(files=2, paths=30)
        for command in self.COMMANDS:
            with self.subTest(command=command):
                when = 1
                while self.fails(command, when) and when < 100:
                    when += 1
                self.assertGreater(when, 1)
                (self.folder / "out" / "r.parquet").unlink(missing_ok=True)


@unittest.skipUnless(can_trace(), "strace cannot trace here")
class FailingCalls(Files):
    """Each call of the system fails once, from the first to the last, in a run of its own."""

    CALLS = {"openat": "EIO", "pread64": "EIO", "pwrite64": "ENOSPC", "write": "ENOSPC", "fsync": "EIO", "linkat": "EIO",
             "newfstatat": "EIO", "statx": "EIO", "fstat": "EIO", "mmap": "ENOMEM", "mremap": "ENOMEM", "ftruncate": "EIO",
             "renameat2": "EIO", "getdents64": "EIO", "clone3": "EAGAIN"}
    MOST = 2000 if support.FULL else 100

    def command(self, threads):
        return [support.WEIR, *SUM, "-o", "out/r.parquet", "--threads", threads, "--memory", "64MiB", "-q", "s"]

    def traced(self, *strace_options, threads="2"):
        return subprocess.run(["strace", "-f", "-qq", *strace_options, *self.command(threads)], cwd=self.folder,
                              env=dict(os.environ, **self.environment()), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60, check=False)

    def calls_after_loading(self):
        """For each call: how many the loader makes, and how many there are in all."""
        log = self.folder / "trace"
        result = self.traced("-o", str(log), "-e", "trace=" + ",".join(self.CALLS) + ",execve")
        self.assertEqual(result.returncode, 0, result.stderr)
        (self.folder / "out" / "r.parquet").unlink()
        names = [re.match(r"\d+\s+(\w+)\(", line) for line in log.read_text().splitlines()]
        lines = log.read_text().splitlines()
        loading = max((i for i, line in enumerate(lines) if re.search(r"\.so(\.\d+)*\"", line)), default=0) + 12
        counts = {}
        for call in self.CALLS:
            places = [i for i, match in enumerate(names) if match and match.group(1) == call]
            counts[call] = (sum(i <= loading for i in places), len(places))
        return counts

    def check_failure(self, call, error, when):
        # strace counts the calls of each thread by itself: with two, the error message would be a first write as well.
        result = self.traced("-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}",
                             threads="1" if call == "write" else "2")
        shown = f"{call} number {when} fails with {error}: exit {result.returncode}\n{result.stderr}"
        self.assertIn(result.returncode, (0, 1), shown)
        left = [p for p in (self.folder / "out").iterdir()]
        if result.returncode == 0:
            self.assertEqual([p.name for p in left], ["r.parquet"], shown)
            self.assertTrue(pq.read_table(left[0]).equals(self.expected), shown)
            left[0].unlink()
        else:
            self.assertEqual(left, [], shown)
            lines = [line for line in result.stderr.splitlines() if line.strip()]
            self.assertEqual(len(lines), 1, shown)
        self.assert_nothing_left()
        return result.returncode

    def test_each_call(self):
        self.synth(files=5, paths=500)
        self.expected = self.sum(["s"], "--sum", "value", output="expected.parquet")
        counts = self.calls_after_loading()
        failures = 0
        for call, error in self.CALLS.items():
            first, count = counts[call]
            numbers = range(first + 1, count + 1)
            for when in list(numbers)[::max(1, len(numbers) // self.MOST)]:
                with self.subTest(call=call, when=when):
                    failures += self.check_failure(call, error, when)
        self.assertGreater(failures, 10)
