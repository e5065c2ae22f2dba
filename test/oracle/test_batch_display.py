"""The live display of a batch on a terminal of its own, whose screen is kept here: what it shows meanwhile goes away,
what is told stays, whatever the size and its changes; Ctrl-C; a death that leaves the terminal usable.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from batches import BatchTest, processes_with
from support import SANITIZED, WEIR

SEQUENCE = re.compile(r"\x1b\[([?]?)([0-9;]*)([A-Za-z])")
TOLD = re.compile(r"\d\d:\d\d:\d\d  (Running 30 jobs as run 1: .*|\d+ of 30 OK job-\d\d \.+ \[OK in .* of 16 MiB\])"
                  r"|Done\. OK=30 FAILED=0 SKIPPED=0 TOTAL=30 in .*|report: weir report .*")
PATIENCE = 60 if SANITIZED else 30


class Row:
    def __init__(self, text="", wrapped=False):
        self.text, self.wrapped = text, wrapped  # wrapped: the next row goes on with this one


class Screen:
    """What a terminal shows of the sequences that weir uses, and what has scrolled out at its top."""

    def __init__(self, columns, lines, reflows):
        self.columns, self.lines, self.reflows = columns, lines, reflows
        self.rows, self.gone = [Row() for _ in range(lines)], []
        self.row = self.column = 0
        self.wraps, self.pending = True, ""
        self.codes = set()

    def feed(self, text):
        text, self.pending = self.pending + text, ""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                match = SEQUENCE.match(text, at)
                if match is None:
                    if len(text) - at > 12:
                        raise AssertionError(f"no sequence that is known: {text[at:at + 20]!r}")
                    self.pending = text[at:]
                    return
                self.obey(*match.groups())
                at = match.end()
            else:
                self.put(text[at])
                at += 1

    def obey(self, private, number, letter):
        self.codes.add(private + number + letter)
        if private:
            if number == "7":
                self.wraps = letter == "h"
        elif letter == "A":
            self.row = max(0, self.row - int(number or 1))
        elif letter == "K":
            self.rows[self.row] = Row(self.rows[self.row].text[:self.column])
        elif letter == "J":
            self.rows[self.row] = Row(self.rows[self.row].text[:self.column])
            self.rows[self.row + 1:] = [Row() for _ in self.rows[self.row + 1:]]
        elif letter != "m":
            raise AssertionError(f"a sequence that is not known: {number}{letter}")

    def put(self, sign):
        if sign == "\r":
            self.column = 0
        elif sign == "\n":
            self.down()
        elif sign >= " ":
            self.put_visible(sign)

    def down(self):
        self.row += 1
        if self.row == self.lines:
            self.gone.append(self.rows.pop(0))
            self.rows.append(Row())
            self.row -= 1

    def put_visible(self, sign):
        if self.column == self.columns and self.wraps:
            self.rows[self.row].wrapped = True
            self.column = 0
            self.down()
        at = min(self.column, self.columns - 1)
        text = self.rows[self.row].text.ljust(at)
        self.rows[self.row].text = text[:at] + sign + text[at + 1:]
        self.column = at + 1

    def resize(self, columns, lines):
        if self.reflows:
            self.reflow(columns)
        else:
            for row in self.rows:
                row.text = row.text[:columns]
        self.columns, self.lines = columns, lines
        self.column = min(self.column, columns)
        while self.row >= lines:
            self.gone.append(self.rows.pop(0))
            self.row -= 1
        self.rows = self.rows[:lines] + [Row() for _ in range(lines - len(self.rows))]

    def reflow(self, columns):
        """The cursor stays where it is in its line."""
        rows, at, text, before = [], 0, "", self.rows
        for index, row in enumerate(before):
            if index == self.row:
                at, offset = len(rows), len(text) + self.column
            text += row.text
            if row.wrapped and index + 1 < len(before):
                continue
            pieces = [text[i:i + columns] for i in range(0, len(text), columns)] or [""]
            rows += [Row(piece, number + 1 < len(pieces)) for number, piece in enumerate(pieces)]
            text = ""
        self.rows, self.row, self.column = rows, at + offset // columns, offset % columns

    def text(self):
        """All lines, also those that have scrolled out, each in one piece."""
        told, text = [], ""
        for row in self.gone + self.rows:
            text += row.text
            if not row.wrapped:
                told.append(text.rstrip())
                text = ""
        return [*told, text] if text else told


class Terminal:
    """weir on a terminal of that size."""

    def __init__(self, test, columns, lines, *arguments, reflows=True, **environment):
        self.screen = Screen(columns, lines, reflows)
        self.bytes = ""
        self.master, slave = pty.openpty()
        self.set_size(columns, lines)
        own = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        own.update(WEIR_TEST_MARK=test.mark, TMPDIR=str(test.temporary), TERM="xterm-256color", LC_ALL="C.UTF-8",
                   **environment)

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([WEIR, "exec", "--batch", "jobs.jsonl", "--env", "WEIR_TEST_MARK",
                                         *map(str, arguments)], cwd=test.folder, env=own, stdin=slave, stdout=slave,
                                        stderr=slave, preexec_fn=take_terminal)
        os.close(slave)
        test.pids.append(self.process.pid)
        test.addCleanup(os.close, self.master)
        test.addCleanup(self.kill)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def set_size(self, columns, lines):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def take(self, seconds):
        """What comes within that time; False at the end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                break
            try:
                text = os.read(self.master, 65536).decode("utf-8", "surrogateescape")
            except OSError:
                return False
            if not text:
                return False
            self.bytes += text
            self.screen.feed(text)
        return True

    def resize(self, columns, lines):
        """While weir stands still, so that nothing is on its way that was drawn for the size before."""
        os.kill(self.process.pid, signal.SIGSTOP)
        self.take(0.02)
        self.set_size(columns, lines)
        self.screen.resize(columns, lines)
        os.kill(self.process.pid, signal.SIGCONT)

    def wait_for(self, word):
        until = time.monotonic() + PATIENCE
        while word not in self.bytes:
            if time.monotonic() > until or not self.take(0.02):
                raise AssertionError(f"{word!r} does not come:\n{self.bytes[-2000:]!r}")

    def finish(self):
        until = time.monotonic() + PATIENCE
        while self.take(0.1):
            if time.monotonic() > until:
                raise AssertionError(f"weir hangs:\n{self.bytes[-2000:]!r}")
        return self.process.wait(timeout=PATIENCE)


class Display(BatchTest):
    def run_thirty(self, columns, lines, sizes=(), **more):
        """Returns the terminal once it is over."""
        self.write_jobs([{"name": f"job-{i:02}", "command": f"sleep 0.{3 + i % 3 if sizes else 1}{i % 5}",
                          "memory": "16MiB", "cpus": 0.1} for i in range(30)])
        self.count = getattr(self, "count", 0) + 1
        terminal = Terminal(self, columns, lines, "--memory", "1GiB", "--cpus", "2", "--jobs", "8", "-o",
                            f"out-{self.count}", **more)
        for size in sizes:
            terminal.wait_for(" of 30 done")
            terminal.take(0.12)
            if terminal.process.poll() is None:
                terminal.resize(*size)
        self.assertEqual(terminal.finish(), 0, terminal.bytes[-2000:])
        return terminal

    def check_screen(self, terminal):
        """Ends of jobs and the summary stand there, each once, and nothing of the display."""
        text = terminal.screen.text()
        self.assertGreater(len(re.findall("of 30 done", terminal.bytes)), 3, "it was never drawn")
        whole = "\n".join(text)
        for i in range(30):
            self.assertEqual(len(re.findall(rf"OK job-{i:02} \.", whole)), 1, whole)
        self.assertEqual([line for line in text if line and not TOLD.fullmatch(line)], [], whole)
        self.assertEqual(len([line for line in text if line]), 33, whole)
        self.assertTrue(text[32].startswith("report: "), whole)
        self.assertTrue(terminal.screen.wraps)
        self.assertFalse({"?25l", "?1049h", "?47h"} & terminal.screen.codes)

    def test_sizes(self):
        for size in ((80, 24), (40, 10), (20, 5), (200, 60), (3, 2)):
            with self.subTest(size=size):
                terminal = self.run_thirty(*size)
                if size[0] > 3:
                    self.check_screen(terminal)
                self.check_nothing_left()

    def test_sizes_that_change_meanwhile(self):
        sizes = [(40, 10), (100, 30), (20, 5), (80, 6), (33, 20)]
        for reflows in (True, False):
            with self.subTest(reflows=reflows):
                terminal = self.run_thirty(80, 24, sizes, reflows=reflows)
                if reflows:
                    self.check_screen(terminal)
                else:
                    self.check_no_display(terminal)

    def check_no_display(self, terminal):
        """Where lines are cut by a narrower terminal, only that nothing of the display stays can be said."""
        for line in terminal.screen.text():
            self.assertNotRegex(line, r" of 30 done| running|memory .* used|█|▒|▏", "\n".join(terminal.screen.text()))

    def test_colours(self):
        colours = re.compile(r"\x1b\[[0-9;]*[1-9][0-9;]*m")
        self.assertRegex(self.run_thirty(80, 24).bytes, colours)
        terminal = self.run_thirty(80, 24, NO_COLOR="1")
        self.assertNotRegex(terminal.bytes, colours)
        self.check_screen(terminal)

    # ---- Ctrl-C ----

    def start_long(self, command, *arguments):
        self.write_jobs([{"name": f"long-{i}", "command": command, "memory": "16MiB", "cpus": 0.1} for i in range(6)])
        terminal = Terminal(self, 80, 24, "--memory", "1GiB", "--cpus", "2", "--jobs", "3", *arguments)
        terminal.wait_for("3 running")
        return terminal

    def test_ctrl_c_asks_to_end(self):
        terminal = self.start_long("trap 'echo $$ >> asked; exit 0' INT; touch begun-$$; while :; do sleep 0.05; done")
        while len(list(self.folder.glob("begun-*"))) < 3:
            terminal.take(0.02)
        os.write(terminal.master, b"\x03")
        self.assertEqual(terminal.finish(), 128 + signal.SIGINT)
        # A shell that has just forked may answer twice.
        self.assertEqual(len(set((self.folder / "asked").read_text().split())), 3)
        text = "\n".join(terminal.screen.text())
        self.assertIn("SIGINT: nothing new is started", text)
        self.assertRegex(text, r"Stopped by SIGINT\. OK=\d FAILED=0 SKIPPED=0 NOT-RUN=\d TOTAL=6")
        self.assertIn("--resume 1", text)
        self.check_no_display(terminal)
        self.check_nothing_left()

    def test_ctrl_c_twice_kills_at_once(self):
        terminal = self.start_long("trap '' INT TERM; while :; do sleep 1; done", "--grace", "50s")
        began = time.monotonic()
        os.write(terminal.master, b"\x03")
        terminal.wait_for("SIGINT")
        terminal.take(0.3)
        self.assertIsNone(terminal.process.poll())
        os.write(terminal.master, b"\x03")
        self.assertEqual(terminal.finish(), 128 + signal.SIGINT)
        self.assertLess(time.monotonic() - began, 20)
        text = "\n".join(terminal.screen.text())
        self.assertIn("another signal", text)
        self.assertIn("Stopped by SIGINT.", text)
        self.check_no_display(terminal)
        self.check_nothing_left()

    # ---- its death ----

    def test_kill_leaves_a_usable_terminal(self):
        terminal = self.start_long("sleep 30")
        before = termios.tcgetattr(terminal.master)
        terminal.take(0.25)
        terminal.process.kill()
        terminal.process.wait()
        terminal.take(0.1)
        self.assertEqual(termios.tcgetattr(terminal.master), before)
        self.assertTrue(terminal.screen.wraps)
        self.assertFalse({"?25l", "?1049h", "?47h"} & terminal.screen.codes)
        self.assertIn(re.findall(r"\x1b\[[0-9;]*m", terminal.bytes)[-1:], ([], ["\x1b[0m"]))
        until = time.monotonic() + 10
        while processes_with(self.mark) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual(processes_with(self.mark), [])
