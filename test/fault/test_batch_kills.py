"""kill -9 of weir at random moments of a batch, and --resume: nothing finished is done again, nothing is left.

500 kills with WEIR_FULL, else 25. Each job writes its name to a file when it begins, so a job that is begun again
after the ledger had it as finished is seen there.
"""
import os
import random
import signal
import time
import unittest
from collections import Counter

from batches import WITHOUT_GROUPS, BatchTest, can_hide_groups
from support import FULL

KILLS = 500 if FULL else 25


class Kills(BatchTest):
    def jobs(self, dice):
        """Short ones, some after others, one that leaves a process of its own behind."""
        made = []
        for i in range(40):
            job = {"name": f"j{i}", "memory": "32MiB", "cpus": 0.25,
                   "command": f"echo j{i} >> begun; sleep {dice.uniform(0, 0.03):.3f}"}
            if i % 9 == 4:
                job["command"] = f"echo j{i} >> begun; (setsid sleep 30 &) ; touch $TMPDIR/f; sleep 0.01"
            if i > 5 and dice.random() < 0.5:
                job["after"] = sorted({f"j{dice.randrange(i)}" for _ in range(2)})
            made.append(job)
        return made

    def begun(self):
        path = self.folder / "begun"
        return Counter(path.read_text().split()) if path.exists() else Counter()

    def finished(self):
        """Jobs that the ledger has as finished."""
        if not self.has_run():
            return set()
        self.assertEqual(self.ledger("PRAGMA integrity_check", folder=self.out), [("ok",)])
        return {name for name, in self.ledger("SELECT name FROM step WHERE state = 'ok'", folder=self.out)}

    def has_run(self):
        if not (self.folder / self.out / "ledger.sqlite").exists():
            return False
        tables = self.ledger("SELECT count(*) FROM sqlite_master WHERE name = 'run'", folder=self.out)
        return tables != [(0,)] and self.ledger("SELECT count(*) FROM run", folder=self.out) != [(0,)]

    def arguments(self, resume):
        return "-o", self.out, "--memory", "1GiB", "--cpus", "2", "-q", *(["--resume", "last"] if resume else [])

    def kill_once(self, dice, resume):
        """Whether it was still running."""
        process = self.start(*self.arguments(resume))
        time.sleep(dice.uniform(0.0, 0.25))
        os.kill(process.pid, signal.SIGKILL)
        _, err = process.communicate()
        self.assertIn(process.returncode, (-signal.SIGKILL, 0), err.decode()[-3000:])
        return process.returncode != 0

    def check_not_again(self, finished, before):
        """What had finished before this start has not begun again."""
        now = self.begun()
        self.assertEqual({name for name in finished if now[name] > before[name]}, set())

    def run_until_killed(self, dice, kills):
        """One batch to its end; returns how many of its starts were killed."""
        done = 0
        while len(self.finished()) < 40:
            finished, before, resume = self.finished(), self.begun(), self.has_run()
            if done < kills:
                done += self.kill_once(dice, resume)
            else:
                self.batch(*self.arguments(resume))
            self.check_not_again(finished, before)
        finished, before = self.finished(), self.begun()
        self.batch(*self.arguments(True))
        self.check_not_again(finished, before)
        self.check_nothing_left(within=30)
        return done

    def test_killed_and_resumed(self):
        seed = int(os.environ.get("WEIR_SEED", time.time_ns() % 1000000))
        print(f"seed {seed}")
        dice, kills = random.Random(seed), 0
        while kills < KILLS:
            with self.subTest(seed=seed, kills=kills):
                self.out = f"out-{kills}"
                self.write_jobs(self.jobs(dice))
                kills += max(self.run_until_killed(dice, KILLS - kills), 1)
                (self.folder / "begun").unlink(missing_ok=True)


@unittest.skipUnless(can_hide_groups(), "control groups cannot be hidden without root's rights")
class WatchedKills(Kills):
    """Where no control group can be made."""
    prefix = WITHOUT_GROUPS
