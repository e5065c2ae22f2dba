#!/usr/bin/env python3
"""Runs the tests of this folder in guests of their own. Prints "N passed, N failed[, N skipped]".

usage: test/guest/run.sh [-k WORD...]    weir and its unit tests are those of $WEIR_BUILD, else of build/
"""
import argparse
import sys
import time
import unittest

import guest
import test_kernel
import test_units
import test_weir

MODULES = (test_units, test_weir, test_kernel)  # the longest first


class Counts(unittest.TextTestResult):
    """Counts what passed, and says how long each test took."""
    passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        print(f"{time.monotonic() - self.started:7.1f} s  {test.id()}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skipped: {test}: {reason}")


def tests_in(suite):
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from tests_in(part)
        else:
            yield part


def summary(passed, failed, skipped):
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or passed + skipped == 0 else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", dest="word", nargs="+", help="only tests whose name holds one of these")
    options = parser.parse_args()
    loader = unittest.TestLoader()
    if options.word:
        loader.testNamePatterns = [f"*{word}*" for word in options.word]
    suite = unittest.TestSuite(loader.loadTestsFromModule(module) for module in MODULES)
    if guest.missing():
        print(f"no guest can be started here: {guest.missing()}")
        return summary(0, 0, suite.countTestCases())
    for kind in dict.fromkeys(type(test) for test in tests_in(suite)):
        kind.begin()
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Counts, verbosity=0).run(suite)
    failed = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
    return summary(result.passed, len(failed), len(result.skipped))


if __name__ == "__main__":
    sys.exit(main())
