"""The programs built beside weir: mass mutants, failing calls, and the fuzz targets over seeds of real writers."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

import support
from support import ROOT, SANITIZED, WeirTest

BUILD = Path(support.WEIR).parent
MUTANTS = ("--count", os.environ.get("WEIR_MASS_MUTANTS", "1000000")) if support.FULL else ("--seconds", "15")
REGRESSIONS = ROOT / "test" / "fault" / "regressions"


class Programs(WeirTest):
    def program(self, *arguments, timeout):
        path = BUILD / "test" / arguments[0]
        if not path.exists():
            raise unittest.SkipTest(f"{path} is not built")
        environment = dict(os.environ, ASAN_OPTIONS="allocator_may_return_null=1")
        result = subprocess.run(["nice", path, *map(str, arguments[1:])], cwd=self.folder, capture_output=True, text=True,
                                errors="replace", timeout=timeout, check=False, env=environment)
        self.assertEqual(result.returncode, 0, f"{result.stdout[-6000:]}\n{result.stderr[-6000:]}")
        return result.stdout.splitlines()[-1]

    def seeds(self):
        subprocess.run([sys.executable, ROOT / "tools" / "fuzz-seeds.py", self.folder / "seeds"], check=True,
                       stdout=subprocess.DEVNULL)
        return self.folder / "seeds"


class Mutants(Programs):
    def test_mass_mutants(self):
        limits = ("--count", 300) if SANITIZED else MUTANTS
        kept = self.folder / "kept"
        kept.mkdir()
        print(self.program("fault/mutate_files", *limits, "--seed", os.environ.get("WEIR_SEED", "1"), "--keep", kept,
                           self.seeds() / "files", timeout=7200))

    def test_replayed_seeds(self):
        seeds = self.seeds()
        for path in sorted((BUILD / "test" / "fuzz").glob("fuzz_*")):
            if path.is_file() and os.access(path, os.X_OK) and (seeds / path.name).exists():
                with self.subTest(target=path.name):
                    self.program(f"fuzz/{path.name}", seeds / path.name, timeout=300)

    def test_damage_that_was_met_before(self):
        for path in sorted(REGRESSIONS.glob("*.parquet")):
            for options in ((), ("--verify",), ("--summary",), ("--pages",), ("--verify", "--json"), ("--summary", "--json")):
                with self.subTest(file=path.name, options=options):
                    result = support.run("inspect", *options, path, cwd=self.folder)
                    self.assertIn(result.status, (0, 1), result.err)
                    self.assertEqual(len(result.err.splitlines()), result.status, result.err)


class FailingCallsInside(Programs):
    def test_each_call(self):
        every = 1 if support.FULL or not SANITIZED else 7
        print(self.program("fault/fail_calls", "--every", every, timeout=1800))
