"""Jobs that misuse the machine, weir and their own work folder, beside jobs that behave.

The right verdict for each, nothing outside its work folder written by weir, all neighbours finish, and nothing is
left; with control groups and without.
"""
import json
import os
import sqlite3
import subprocess
import sys
import time
import unittest
from pathlib import Path

from batches import WITHOUT_GROUPS, BatchTest, can_hide_groups, processes_with
from support import FULL, MIB, SANITIZED, WEIR

PYTHON = [sys.executable, "-S", "-E", "-c"]
PRINTED = 1 << 30 if FULL else 100 * MIB
FILES = 1000000 if FULL else 20000
LOG = 1 * MIB

DAEMON = """\
import ctypes, os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if os.fork() == 0:
        os.closerange(0, 64)
        libc = ctypes.CDLL(None)
        libc.prctl(15, b"kworker/0:1", 0, 0, 0)
        environment = {} if sys.argv[1] == "cleared" else dict(os.environ)
        os.execve(sys.executable, ["sleep", "-S", "-E", "-c", "import time; time.sleep(60)"], environment)
    os._exit(0)
time.sleep(0.3)
"""
PRINTS = """\
import os, sys, threading
line = (b"%07d " % 7 + b"x" * 91 + b"\\n") * 656
def put(descriptor):
    view, left = memoryview(line), int(sys.argv[1])
    while left > 0:
        left -= os.write(descriptor, view[:min(left, len(line))])
threads = [threading.Thread(target=put, args=(d,)) for d in (1, 2)]
[t.start() for t in threads]
[t.join() for t in threads]
os.write(1, b"the end\\n")
"""
MAKES_FILES = """\
import os, sys
within = os.environ["TMPDIR"]
for i in range(int(sys.argv[1])):
    if i % 5000 == 0:
        within = os.path.join(within, "more")
        os.mkdir(within)
    os.close(os.open(f"{within}/{i}", os.O_CREAT | os.O_WRONLY))
os.mkdir(within + "/locked")
open(within + "/locked/f", "w").close()
os.chmod(within + "/locked", 0)
os.chmod(within, 0)
"""
GARBAGE = """\
import os, sys
folder, outside = sys.argv[1:3]
print("before", flush=True)
print("before", file=sys.stderr, flush=True)
import time
until = time.time() + 20
while not os.path.exists(folder + "/stdout.log") and time.time() < until:
    time.sleep(0.02)
for name in ("stdout.log", "stderr.log", "memory.tsv", "report.json", ".weir", "run.sh"):
    path = folder + "/" + name
    try:
        os.unlink(path)
    except OSError:
        pass
    if sys.argv[3] == "links":
        os.symlink(outside + "/" + name, path)
    elif sys.argv[3] == "hard":
        os.link(outside + "/" + name, path)
    elif sys.argv[3] == "folders":
        os.mkdir(path)
    elif sys.argv[3] == "pipes":
        os.mkfifo(path)
    else:
        with open(path, "wb") as file:
            file.write(os.urandom(5000))
time.sleep(0.1)
print("after", flush=True)
print("after", file=sys.stderr, flush=True)
"""
SWAPPED = """\
import os, shutil, sys, time
folder, outside, levels = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("before", flush=True)
target = folder
for _ in range(levels):
    target = os.path.dirname(target)
os.rename(target, target + ".gone")
os.symlink(outside, target)
os.makedirs(os.path.join(outside, os.path.relpath(folder, target)), exist_ok=True)
time.sleep(0.1)
print("after", flush=True)
"""


class Misuse(BatchTest):
    has_groups = True

    def setUp(self):
        super().setUp()
        self.outside = self.folder / "outside"
        self.outside.mkdir()
        for name in ("stdout.log", "stderr.log", "memory.tsv", "report.json", ".weir", "run.sh"):
            (self.outside / name).write_text("not yours\n")

    def neighbours(self, count=4):
        return [{"name": f"neighbour{i}", "memory": "32MiB", "cpus": 0.1, "command": "sleep 0.2; echo well"}
                for i in range(count)]

    def run_beside(self, jobs, *arguments, status=1):
        """Neighbours before and behind; they all finish. Returns verdicts and reports by name."""
        usual = [{"memory": "64MiB", "cpus": 0.1, **job} for job in jobs]
        neighbours = self.neighbours()
        self.write_jobs(neighbours[:2] + usual + neighbours[2:])
        out, err = self.batch("--memory", "1GiB", "--cpus", "2", "--grace", "200ms", "--log-size", LOG, *arguments,
                              status=status, timeout=900 if FULL else 120)
        found = {name: (verdict, report) for name, verdict, report in self.attempts()}
        for job in neighbours:
            self.assertEqual(found[job["name"]][0], "ok", err)
        self.assertEqual(self.ledger("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(len(found), len(usual) + 4)
        return found, out, err

    def work(self, name, attempt=1):
        return self.folder / "weir-out" / "work" / "1" / name / str(attempt)

    # ---- processes ----

    def test_forks_daemons_and_deaf_ones(self):
        jobs = [
            {"name": "forks", "command": "while :; do sleep 60 & done", "cpus": 0.7},
            {"name": "bounded", "command": "while :; do sleep 60 & done", "processes": 20},
            {"name": "daemon", "command": [*PYTHON, DAEMON, "cleared" if self.has_groups else "kept"]},
            # Without a group it has left parents, session and environment: found when no cell runs any more.
            {"name": "hidden", "command": [*PYTHON, DAEMON, "cleared"]},
            {"name": "deaf", "command": "trap '' TERM INT HUP; while :; do sleep 1; done", "timeout": "300ms"},
            {"name": "stopped", "command": "kill -STOP $$; echo went on", "timeout": "300ms"},
            {"name": "closed", "command": "exec >&- 2>&-; sleep 0.3; exit 7"},
        ]
        found, _, err = self.run_beside(jobs)
        verdicts = {name: verdict for name, (verdict, _) in found.items() if not name.startswith("neighbour")}
        self.assertEqual(verdicts, {"forks": "oom-limit", "bounded": "error", "daemon": "ok", "hidden": "ok",
                                    "deaf": "timeout", "stopped": "timeout", "closed": "error"}, err)
        self.assertEqual(found["closed"][1]["exit_status"], 7)
        self.assertEqual(found["daemon"][1]["leftovers"], 1)
        self.check_nothing_left()
        self.assertEqual([path for path in Path("/proc").glob("[0-9]*/comm") if "kworker/0:1\n" == read(path)
                          and b"time.sleep(60)" in read(path.parent / "cmdline", "rb")], [])

    def test_signals_to_weir_by_a_job(self):
        """TERM stops weir as it would from anybody; KILL ends all of it, and --resume goes on."""
        once = "test -e {0} || {{ touch {0}; sleep 0.3; kill -{1} $PPID; sleep 60; }}"
        for name, status in (("TERM", 143), ("KILL", -9)):
            with self.subTest(signal=name):
                folder = f"out-{name}"
                jobs = self.neighbours() + [{"name": "it", "memory": "32MiB", "command": once.format(name, name)}]
                self.write_jobs(jobs)
                arguments = ("--memory", "1GiB", "--cpus", "2", "--grace", "300ms", "-q", "-o", folder)
                self.batch(*arguments, status=status)
                self.wait_until_nothing_runs()
                self.batch(*arguments, "--resume", "last")
                self.assertEqual(self.ledger("SELECT count(*) FROM step WHERE state = 'ok'", folder=folder), [(5,)])
                self.check_nothing_left()

    def wait_until_nothing_runs(self):
        """A killed weir's processes end at once, but not before it is gone."""
        until = time.monotonic() + 10
        while processes_with(self.mark) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual(processes_with(self.mark), [])

    # ---- output ----

    def test_prints_without_end(self):
        """On both outputs: logs are bounded with their ends in them, and weir stays small."""
        command = ["nice", *PYTHON, PRINTS, str(PRINTED)]
        self.write_jobs([{"name": "prints", "command": command, "memory": "64MiB", "cpus": 0.1}, *self.neighbours()])
        process = self.start("--memory", "1GiB", "--cpus", "2", "--log-size", LOG, "-q")
        peak = 0
        while process.poll() is None:
            peak = max(peak, resident_peak(process.pid))
            time.sleep(0.02)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 0, err)
        if not SANITIZED:
            self.assertLess(peak, 32 * MIB)
        found = {name: report for name, _, report in self.attempts()}
        self.assertEqual(found["prints"]["error_bytes"], PRINTED)
        self.assertEqual(found["prints"]["output_bytes"], PRINTED + 8)
        for name in ("stdout.log", "stderr.log"):
            text = (self.work("prints") / name).read_bytes()
            self.assertGreaterEqual(len(text), LOG)
            self.assertLess(len(text), LOG + 65536)
            self.assertIn(b"bytes are missing here]", text)
        self.assertTrue((self.work("prints") / "stdout.log").read_bytes().endswith(b"the end\n"))
        self.check_nothing_left()

    def test_text_that_would_change_a_terminal(self):
        """Of what a job prints and is called, no control character and no broken UTF-8 reaches the terminal."""
        bad = r"printf '\033[31mred\033]0;title\007 \302\233 \377\376\300\200 \010\r\n\000' >&2; exit 1"
        jobs = [{"name": "bad", "command": bad}, {"name": "żółć/../😀 'q\" $(x) \\", "command": bad},
                {"name": "w" * 200, "command": [WEIR, "\x1b[2J\x07\x9b1m"]}]
        _, out, err = self.run_beside(jobs)
        told = [out, err, self.weir("report", "last").out, self.weir("runs").out]
        for job in jobs:
            document = self.weir("logs", "last", job["name"], "--json").out
            self.assertIn("error", json.loads(document)["verdict"])
            self.assertNotRegex(document, r"[\x00-\x09\x0b-\x1f\x7f]")
            head, _, logs = self.weir("logs", "last", job["name"]).out.partition("==> stderr")
            self.assertIn("exit status", head)
            told.append(head)
        for text in told:
            for sign in text:
                self.assertFalse((ord(sign) < 0x20 and sign != "\n") or 0x7f <= ord(sign) <= 0x9f, repr(text))
                self.assertNotEqual(sign, "\ufffd", repr(text))
        self.assertEqual((self.work("bad") / "stderr.log").read_bytes()[:8], b"\x1b[31mred")

    # ---- its folders ----

    def check_outside(self):
        found = {path.name: path.read_text() for path in self.outside.iterdir() if path.is_file()}
        self.assertEqual(set(found.values()), {"not yours\n"})
        self.assertEqual(len(found), 6)
        folders = [path for path in self.outside.rglob("*") if path.is_dir()]
        self.assertEqual([path for folder in folders for path in folder.iterdir() if not path.is_dir()], [])

    def test_garbage_in_its_work_folder(self):
        jobs = [{"name": kind, "command": [*PYTHON, GARBAGE, str(self.work(kind)), str(self.outside), kind]}
                for kind in ("links", "hard", "folders", "pipes", "files")]
        found, _, err = self.run_beside(jobs, status=0)
        self.assertEqual({verdict for verdict, _ in found.values()}, {"ok"})
        self.check_outside()
        self.assertIn("is not whole", err)
        for kind in ("links", "hard", "pipes", "files"):  # made anew, whatever was there
            report = self.work(kind) / "report.json"
            self.assertFalse(report.is_symlink())
            self.assertEqual(json.loads(report.read_text())["verdict"], "ok")
        for name in ("links", "pipes", "folders", "files"):
            shown = self.run_weir("logs", "last", name)
            self.assertIn(shown.returncode, (0, 1), shown.stderr)
            shown = self.run_weir("logs", "last", name, "--json")
            if shown.returncode != 0:  # garbage where its samples should be
                self.assertRegex(shown.stderr, rb"^weir: .*\(file .*/memory\.tsv\)\n$")
        self.assertIn("links", self.weir("report", "last").out)
        self.check_nothing_left()

    def run_weir(self, *arguments):
        return subprocess.run([WEIR, *arguments], cwd=self.folder, capture_output=True, timeout=20, check=False,
                              stdin=subprocess.DEVNULL)

    def test_its_folder_removed_or_exchanged(self):
        jobs = [{"name": "removed", "command": f"echo before; rm -rf {self.work('removed')}; sleep 0.1; echo after"},
                {"name": "gone", "directory": str(self.folder / "gone"), "command": "rmdir $PWD; cd /; echo after"},
                {"name": "climbs", "command": "mkdir -p $TMPDIR/a; cd $TMPDIR/a; rmdir $PWD; rm -rf $TMPDIR; echo well"}]
        (self.folder / "gone").mkdir()
        for levels in range(2):
            name = f"swapped{levels}"
            (self.outside / name).mkdir()
            jobs.append({"name": name, "command": [*PYTHON, SWAPPED, str(self.work(name)), str(self.outside / name),
                                                   str(levels)]})
        found, _, err = self.run_beside(jobs, status=0)
        self.assertEqual({verdict for verdict, _ in found.values()}, {"ok"})
        self.check_outside()
        self.assertFalse(self.work("removed").exists())
        self.assertRegex(err, r"note: .*report\.json")
        self.assertIn("after", (self.work("gone") / "stdout.log").read_text())
        for name in ("removed", "swapped0"):
            self.assertEqual(json.loads(self.weir("logs", "last", name, "--json").out)["verdict"], "ok")
        self.check_nothing_left()

    def test_many_files_and_locked_folders(self):
        found, _, _ = self.run_beside([{"name": "makes", "command": [*PYTHON, MAKES_FILES, str(FILES)],
                                        "memory": "256MiB", "cpus": 1.5}], status=0)
        self.assertEqual(found["makes"][0], "ok")
        self.check_nothing_left()

    # ---- what it is given ----

    def test_long_commands_and_large_environments(self):
        (self.folder / "file").touch()
        jobs = [
            {"name": "words", "command": ["sh", "-c", "echo $#", "sh", *["w" * 95 + str(i) for i in range(10000)]]},
            {"name": "signs", "command": ["sh", "-c", "echo $#", "sh", *["\x01" * 100] * 10000]},
            {"name": "beyond", "command": ["sh", "-c", "true", *["y" * 100000] * 60]},
            {"name": "large", "command": "echo ${#LARGE}", "environment": {"LARGE": "x" * 100000}},
            {"name": "file", "command": "true", "directory": str(self.folder / "file")},
            {"name": "nowhere", "command": "true", "directory": "/nowhere/at/all"},
        ]
        found, _, err = self.run_beside(jobs)
        verdicts = {name: verdict for name, (verdict, _) in found.items() if not name.startswith("neighbour")}
        self.assertEqual(verdicts, {"words": "ok", "signs": "ok", "beyond": "error", "large": "ok", "file": "error",
                                    "nowhere": "error"}, err)
        for name, text in (("words", "10000\n"), ("signs", "10000\n"), ("large", "100000\n")):
            self.assertEqual((self.work(name) / "stdout.log").read_text(), text)
        self.assertIn("Argument list too long", err)
        self.assertIn("Not a directory", err)
        self.assertIn("more)", found["words"][1]["command"][-1])
        self.weir("logs", "last", "words")
        json.loads(self.weir("logs", "last", "signs", "--json").out)

    def test_names_of_any_bytes(self):
        names = ["a/b", "..", ".", "-rf", "a b", "'", '"', "$(touch x)", "ü" * 100, "日本語", "😀", "%s%n", "\\", "a:b", "A",
                 "a", "~", "*", "e\u0301", "é", "#", "null", "con.txt", "x" * 200, "x" * 199 + "y", "1", "../../../etc"]
        self.write_jobs([{"name": name, "command": ["echo", name], "memory": "16MiB", "cpus": 0.1} for name in names])
        self.batch("--memory", "1GiB", "--cpus", "2", "-q")
        self.assertEqual(sorted(name for name, _, _ in self.attempts()), sorted(names))
        folders = [path for path, in self.ledger("SELECT folder FROM attempt")]
        self.assertEqual(len({os.path.realpath(self.folder / path) for path in folders}), len(names))
        within = str((self.folder / "weir-out" / "work" / "1").resolve()) + os.sep
        for name, folder in self.ledger("SELECT step.name, folder FROM attempt JOIN step USING (step)"):
            self.assertTrue(os.path.realpath(self.folder / folder).startswith(within), folder)
            self.assertEqual((self.folder / folder / "stdout.log").read_text(), name + "\n")
            shown = self.run_weir("logs", "--stdout", "last", "--", name)
            self.assertEqual(shown.stdout.decode(), name + "\n", shown.stderr)
        self.assertFalse((self.folder / "x").exists())


@unittest.skipUnless(can_hide_groups(), "control groups cannot be hidden without root's rights")
class WatchedMisuse(Misuse):
    """Where no control group can be made."""
    prefix = WITHOUT_GROUPS
    has_groups = False


class DamagedLedgers(BatchTest):
    """A job may write into the ledger: it is the same user. The next start says so, and does not crash."""

    WAYS = {
        "middle": "import sys; f = open(sys.argv[1], 'r+b'); f.seek(5000); f.write(b'garbage!' * 2000)",
        "head": "import sys; f = open(sys.argv[1], 'r+b'); f.write(b'garbage!' * 100)",
        "short": "import sys; f = open(sys.argv[1], 'r+b'); f.truncate(100)",
        "half": "import sys; f = open(sys.argv[1], 'r+b'); f.truncate(9000)",
        "log": "import sys; f = open(sys.argv[1] + '-wal', 'r+b'); f.write(b'garbage!' * 4000)",
        "exchanged": "import os, sys; os.unlink(sys.argv[1]); open(sys.argv[1], 'wb').write(b'x' * 100000)",
        "removed": "import os, sys; os.unlink(sys.argv[1])",
    }

    def jobs(self, code, path):
        return [{"name": "first", "command": "true", "memory": "16MiB"},
                {"name": "it", "command": [*PYTHON, code, path], "memory": "64MiB", "after": ["first"]},
                {"name": "next", "command": "sleep 0.1", "memory": "16MiB", "after": ["it"]}]

    def check_start(self, folder, *resume):
        """Ends well or says what is wrong; returns what was said."""
        process = self.start("--memory", "1GiB", "-q", "-o", folder, *resume)
        _, err = process.communicate(timeout=60)
        text = err.decode()
        self.assertIn(process.returncode, (0, 1, 2, 125), f"{resume}: {text}")
        self.assertEqual(process.returncode == 0, text == "", text)
        if text:
            self.assertRegex(text, r"^weir: .*(ledger|no run).* Try: .*\n$")
        return text

    def test_damaged_by_a_job(self):
        told = {}
        for way, code in self.WAYS.items():
            with self.subTest(way=way):
                folder = f"out-{way}"
                path = str(self.folder / folder / "ledger.sqlite")
                self.write_jobs([{"name": f"j{i}", "command": "true", "memory": "16MiB"} for i in range(50)])
                self.assertEqual(self.check_start(folder), "")
                self.write_jobs(self.jobs(code, path))
                told[way] = [self.check_start(folder, *more) for more in ((), ("--resume", "last"), ("--resume", "last"))]
                self.assertIsNone(self.unsound(path, told[way][-1]), told[way])
                self.check_nothing_left()
        self.assertIn("removed or replaced", told["removed"][0])
        self.assertTrue(any("damaged" in text or "not a database" in text for said in told.values() for text in said), told)

    def unsound(self, path, told):
        """What SQLite says of the file where weir said nothing."""
        if told or not os.path.exists(path):
            return None
        with sqlite3.connect(path) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
        return None if found == [("ok",)] else found


def read(path, mode="r"):
    try:
        with open(path, mode) as file:
            return file.read()
    except OSError:
        return "" if mode == "r" else b""


def resident_peak(pid):
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10
    return 0
