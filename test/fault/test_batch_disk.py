"""The disk, its rights and the limits on files fail under a batch: the ledger stays whole, what was told as finished
stays finished, weir says what to mend, and --resume does the rest.
"""
import errno
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest
from collections import Counter
from pathlib import Path
from unittest import mock

from batches import BatchTest
from support import FULL, SANITIZED

HERE = Path(__file__).resolve().parent


def build_shim(folder):
    """The library that stands between weir and the system."""
    path = Path(folder) / "shim.so"
    subprocess.run(["cc", "-std=gnu17", "-O1", "-shared", "-fPIC", str(HERE / "batch_shim.c"), "-o", str(path)], check=True)
    return path


def shim_environment(shim, **more):
    """Sanitizers want to be loaded first, and do not have to be."""
    options = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
    return {"LD_PRELOAD": str(shim), "ASAN_OPTIONS": options, **more}


class Resumed(BatchTest):
    """Jobs write their names to a file when they begin, so what is done again is seen."""

    def job(self, name, command="true", **more):
        return {"name": name, "command": f"echo {name} >> {shlex.quote(str(self.folder / 'begun'))}; {command}",
                "memory": "32MiB", "cpus": 0.1, **more}

    def begun(self):
        path = self.folder / "begun"
        return Counter(path.read_text().split()) if path.exists() else Counter()

    def told_as_ok(self, out):
        events = [json.loads(line) for line in out.splitlines() if line.endswith("}")]
        return {event["job"] for event in events if event.get("event") == "ended" and event["verdict"] == "ok"}

    def run_json(self, *arguments):
        """Status, jobs that were told as ok, what was said."""
        process = self.start("--memory", "1GiB", "--json", "--grace", "300ms", *arguments)
        out, err = process.communicate(timeout=120)
        self.assertNotIn(b"Sanitizer", err)
        return process.returncode, self.told_as_ok(out.decode()), err.decode()

    def check_resumes(self, finished, count, *arguments, folder="weir-out"):
        """All that was told as ok stays so, the rest is done now."""
        before = self.begun()
        has_run = self.has_run(folder)
        self.assertTrue(has_run or not finished)
        status, _, err = self.run_json(*arguments, *(["--resume", "last"] if has_run else []))
        self.assertEqual(status, 0, err)
        again = {name for name in finished if self.begun()[name] > before[name]}
        self.assertEqual(again, set())
        self.assertEqual(self.ledger("PRAGMA integrity_check", folder=folder), [("ok",)])
        self.assertEqual(self.ledger("SELECT count(*) FROM step WHERE state = 'ok' AND run ="
                                     " (SELECT max(run) FROM run)", folder=folder), [(count,)])
        self.check_nothing_left()

    def path_of_ledger(self, folder):
        return self.folder / folder / "ledger.sqlite"

    def has_run(self, folder):
        path = self.path_of_ledger(folder)
        if not path.exists() or path.stat().st_size == 0:
            return False
        self.assertEqual(self.ledger("PRAGMA integrity_check", folder=folder), [("ok",)])
        tables = self.ledger("SELECT count(*) FROM sqlite_master WHERE name = 'run'", folder=folder)
        return tables != [(0,)] and self.ledger("SELECT count(*) FROM run", folder=folder) != [(0,)]


class SmallDisks(Resumed):
    """Small file systems in a mount namespace of their own, kept by a process that sleeps."""

    def mount(self, name, size, more=""):
        """Mounts it at a folder of the test; what runs weir sees it, and so does this process by another path."""
        place = self.folder / name
        place.mkdir(exist_ok=True)
        script = f'mount -t tmpfs -o size={size}{more} weir-test "$0" && echo ready && exec sleep 600'
        keeper = subprocess.Popen(["unshare", "-m", "--propagation", "private", "sh", "-c", script, str(place)],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(keeper.wait)
        self.addCleanup(keeper.kill)
        self.addCleanup(keeper.stdout.close)
        if keeper.stdout.readline() != "ready\n":
            raise unittest.SkipTest("no right to mount a small file system")
        self.prefix = ("nsenter", "-m", "-t", str(keeper.pid), "sh", "-c", 'cd "$0" && exec "$@"', str(self.folder))
        self.folder_seen = Path(f"/proc/{keeper.pid}/root{place}")
        return self.folder_seen

    def ledger(self, query, *values, folder="weir-out"):
        """Of copies: SQLite follows the path out of the namespace."""
        with tempfile.TemporaryDirectory() as copies:
            for path in (self.folder_seen.parent / folder).glob("ledger.sqlite*"):
                if not path.name.endswith("-shm"):
                    shutil.copy(path, copies)
            with sqlite3.connect(Path(copies) / "ledger.sqlite") as connection:
                return connection.execute(query, values).fetchall()

    def path_of_ledger(self, folder):
        return self.folder_seen.parent / folder / "ledger.sqlite"

    def test_a_job_fills_the_disk_of_the_ledger(self):
        place = self.mount("weir-out", "3m")
        fill = f"cat /dev/zero > {self.folder}/weir-out/fill"
        jobs = [self.job(f"early{i}") for i in range(6)]
        jobs.append(self.job("fills", f"test -e {self.folder}/freed || {{ sleep 0.3; {fill}; }}; true",
                             after=[job["name"] for job in jobs]))
        jobs += [self.job(f"late{i}", "yes | head -c 20000", after=["fills"]) for i in range(30)]
        self.write_jobs(jobs)
        status, finished, err = self.run_json()
        self.assertEqual(status, 125, err)
        self.assertRegex(err, r"(?i)no space (is )?left")
        self.assertIn("resume", err)
        self.assertLessEqual({f"early{i}" for i in range(6)}, finished)
        (place / "fill").unlink()
        (self.folder / "freed").touch()
        self.check_resumes(finished, len(jobs))

    def test_a_disk_that_is_full_from_the_start(self):
        place = self.mount("weir-out", "200k")
        with open(place / "fill", "wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 4096):
                    pass
            except OSError:
                pass
        self.write_jobs([self.job("a"), self.job("b")])
        status, finished, err = self.run_json()
        self.assertEqual((status, finished), (125, set()), err)
        self.assertRegex(err, r"(?i)no space (is )?left.* Try: .*space")
        self.assertEqual(self.begun(), Counter())
        (place / "fill").unlink()
        self.check_resumes(set(), 2)

    def test_temporary_files_fill_their_disk(self):
        """The one that fills it fails, the others do not; where weir cannot begin with it, it says so."""
        place = self.mount("temporary", "1m")
        self.write_jobs([self.job("fills", "cat /dev/zero > $TMPDIR/fill"),
                         *[self.job(f"other{i}", "sleep 0.2; echo well") for i in range(5)]])
        status, finished, err = self.run_json()
        self.assertEqual((status, finished), (1, {f"other{i}" for i in range(5)}), err)
        self.assertEqual(list(place.iterdir()), [])
        place = self.mount("temporary", "1m", ",nr_inodes=1")
        status, finished, err = self.run_json("-o", "other")
        self.assertEqual((status, finished), (125, set()), err)
        self.assertRegex(err, r"temporary folder.*No space left.*TMPDIR|temporary folder.*No space left")

    def test_nothing_may_be_written(self):
        self.mount("weir-out", "1m", ",ro")
        self.write_jobs([self.job("a")])
        status, _, err = self.run_json()
        self.assertEqual(status, 125, err)
        self.assertRegex(err, r"^weir: .*(Read-only file system|may not be written).*weir-out.* Try: ")
        self.assertEqual(self.begun(), Counter())


class Limits(Resumed):
    def test_few_descriptors(self):
        """It works with fewer at once, or says that there are too few."""
        jobs = [self.job(f"j{i}", "sleep 0.05") for i in range(8)]
        self.write_jobs(jobs)
        well = 0
        for limit in (12, 16, 20, 24, 28, 32, 40, 48, 64, 80):
            with self.subTest(limit=limit):
                self.prefix = ("prlimit", f"--nofile={limit}:{limit}")
                folder = f"out-{limit}"
                status, finished, err = self.run_json("-o", folder)
                self.assertIn(status, (0, 1, 125), err)
                if status != 0:
                    self.assertRegex(err, r"Too many open files|cannot open|descriptors")
                self.assertTrue(status == 0 or limit < 32, err)
                well += status == 0
                self.prefix = ()
                self.check_resumes(finished, len(jobs), "-o", folder, folder=folder)
        self.assertGreaterEqual(well, 5)

    def test_files_of_limited_size(self):
        jobs = [self.job(f"j{i}", "head -c 30000 /dev/zero") for i in range(40)]
        self.write_jobs(jobs)
        failed = 0
        for limit in (0, 10000, 100000, 400000):
            with self.subTest(limit=limit):
                folder = f"out-{limit}"
                self.prefix = ("prlimit", f"--fsize={limit}:{limit}")
                status, finished, err = self.run_json("-o", folder)
                self.assertIn(status, (0, 1, 125), err)
                if status == 125:
                    failed += 1
                    self.assertIn("File too large", err)
                    self.assertIn("ulimit -f", err)
                self.prefix = ()
                self.check_resumes(finished, len(jobs), "-o", folder, folder=folder)
        self.assertGreaterEqual(failed, 2)

    def test_the_folder_is_removed_meanwhile(self):
        jobs = [self.job(f"j{i}", "sleep 0.05") for i in range(6)]
        jobs.append(self.job("removes", f"test -e {self.folder}/removed || {{ touch {self.folder}/removed;"
                                        f" rm -rf {self.folder}/weir-out; }}", after=["j1"]))
        jobs += [self.job(f"late{i}", "sleep 0.05", after=["removes"]) for i in range(3)]
        self.write_jobs(jobs)
        status, _, err = self.run_json()
        self.assertEqual(status, 125, err)
        self.assertRegex(err, r"removed or replaced.* Try: ")
        self.check_nothing_left()
        self.check_resumes(set(), len(jobs))

    @unittest.skipUnless(os.geteuid() == 0, "needs another user's rights")
    def test_a_folder_of_another_user(self):
        self.write_jobs([self.job("a")])
        os.chmod(self.folder, 0o755)
        self.prefix = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
        status, _, err = self.run_json()
        self.assertEqual(status, 125, err)
        self.assertRegex(err, r"^weir: .*Permission denied.*weir-out")


class FailingCalls(Resumed):
    """One call after the other fails, until a run passes in which none was left to fail."""

    CALLS = {"write": ("ENOSPC", "EIO"), "pwrite": ("ENOSPC", "EIO"), "fsync": ("EIO",), "ftruncate": ("EIO",),
             "mkdir": ("ENOSPC",), "renameat": ("EIO",), "open": ("EMFILE", "ENOSPC")}
    SPACING = 1 if FULL else 40 if SANITIZED else 17

    def one(self, shim, name, reason, number):
        """Whether a call was left to fail."""
        folder, told = f"out-{name}-{reason}-{number}", self.folder / "told"
        order = f"{name}:{getattr(errno, reason)}:{number}"
        (self.folder / "begun").unlink(missing_ok=True)
        with mock.patch.dict(os.environ, shim_environment(shim, WEIR_SHIM_FAIL=order, WEIR_SHIM_TOLD=str(told))):
            status, finished, err = self.run_json("-o", folder)
        failed = told.exists()
        told.unlink(missing_ok=True)
        with self.subTest(call=name, reason=reason, number=number):
            self.assertIn(status, (0, 1, 125) if failed else (0,), err)
            self.assertTrue(status == 0 or err, "nothing was said")
            self.check_resumes(finished, 3, "-o", folder, folder=folder)
        return failed

    def test_each_call_fails_once(self):
        shim = build_shim(self.folder)
        self.write_jobs([self.job("a", "echo out; echo err >&2"), self.job("b"), self.job("c", after=["a"])])
        first = int(os.environ.get("WEIR_SEED", time.time_ns() // 1000 % 1000)) % self.SPACING + 1
        print(f"from call {first} on, every {self.SPACING}")
        failures = 0
        for name, reasons in self.CALLS.items():
            for reason in reasons if FULL else reasons[:1]:
                number = first if first <= 4 else 1 + first % 4
                while self.one(shim, name, reason, number):
                    failures += 1
                    number += self.SPACING
        self.assertGreater(failures, 5)
