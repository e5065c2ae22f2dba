"""The package's annotations: whole in themselves, and what callers see."""
import subprocess
import sys
import unittest
from pathlib import Path

import weir
from case import Case

CALLER = """
import weir
result: weir.Result = weir.sum("x", by=["a"], agg={"t": ("sum", "v"), "n": "count"}, memory=1 << 26)
written: weir.Written = weir.sum(["x"], by="a", agg="sum:v", output="y.parquet")
rows: int = len(result) + weir.plan("x", agg="sum:v").memory.promised_bytes + weir.inspect("x")[0].columns[0].raw["x"]
"""
WRONG = "import weir\nweir.sum('x', agg=5)\nwritten: weir.Written = weir.sum('x', agg='sum:v')\nweir.sum('x')\n"


class TestTyping(Case):
    def check(self, *arguments):
        done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", self.folder / "cache",
                               "--ignore-missing-imports", *arguments], cwd=self.folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def test_package(self):
        status, said = self.check("-p", "weir")
        self.assertEqual(status, 0, said)
        self.assertTrue((Path(weir.__file__).parent / "py.typed").exists())

    def test_callers(self):
        (self.folder / "caller.py").write_text(CALLER)
        status, said = self.check("caller.py")
        self.assertEqual(status, 0, said)
        (self.folder / "wrong.py").write_text(WRONG)
        status, said = self.check("wrong.py")
        self.assertEqual((status, said.count("error:")), (1, 3), said)


if __name__ == "__main__":
    unittest.main()
