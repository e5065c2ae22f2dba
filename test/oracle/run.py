#!/usr/bin/env python3
"""Runs the oracle and fault tests and prints "N passed, N failed, N skipped".

usage: test/oracle/run.py [--fault] [-k WORD] [NAME...]    NAME is a file test_NAME.py, all by default
"""
import argparse
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent


# A test that takes longer than this is named with its time.
LONG_SECONDS = 5


class Result(unittest.TextTestResult):
    """Counts every sub-test that fails; prints what took long, and failures at once."""

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        taken = time.monotonic() - self.started
        if taken > LONG_SECONDS:
            print(f"{taken:7.1f} s  {test.id()}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", action="store_true", help="the tests of test/fault instead")
    parser.add_argument("-k", dest="word", help="only tests whose name holds this")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    folder = HERE.parent / "fault" if options.fault else HERE
    sys.path[:0] = [str(HERE), str(folder)]
    names = options.names or sorted(path.stem[5:] for path in folder.glob("test_*.py"))
    loader = unittest.TestLoader()
    if options.word:
        loader.testNamePatterns = [f"*{options.word}*"]
    suite = loader.loadTestsFromNames([f"test_{name}" for name in names])
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Result, verbosity=0).run(suite)
    failed_tests = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
    passed = result.testsRun - len(failed_tests) - len(result.skipped)
    for name in sorted(failed_tests):
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed_tests)} failed, {len(result.skipped)} skipped")
    return 1 if failed_tests or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
