#!/usr/bin/env python3
"""Installs the wheel into a fresh environment, runs the tests of the Python package there, and prints
"N passed, N failed, N skipped".

usage: test/python/run.py [--wheel FILE] [-k WORD] [NAME...]    NAME is a file test_NAME.py, all by default

Without --wheel it is built first. The peers (pyarrow, pandas, Polars, DuckDB) are those of the interpreter that
runs this, as a path of the new environment.
"""
import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def build(folder):
    result = subprocess.run([ROOT / "tools" / "build-wheel.sh", folder], stdout=subprocess.PIPE, text=True, check=True)
    return Path(folder) / result.stdout.split()[-1]


def install(wheel, folder):
    """The interpreter of a new environment that has the wheel, from no index."""
    environment = Path(folder) / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps",
                    wheel], check=True, stdin=subprocess.DEVNULL)
    site = subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.strip()
    (Path(site) / "peers.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")) + "\n")
    return python


def run_here(options):
    """Inside the environment."""
    import unittest
    sys.path[:0] = [str(HERE), str(HERE.parent / "oracle")]
    names = options.names or sorted(path.stem[5:] for path in HERE.glob("test_*.py"))
    loader = unittest.TestLoader()
    if options.word:
        loader.testNamePatterns = [f"*{options.word}*"]
    modules = [importlib.import_module(f"test_{name}") for name in names]
    suite = unittest.TestSuite(loader.loadTestsFromModule(module) for module in modules)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(suite)
    failed = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
    for name in sorted(failed):
        print(f"failed: {name}")
    passed = result.testsRun - len(failed) - len(result.skipped)
    print(f"{passed} passed, {len(failed)} failed, {len(result.skipped)} skipped")
    return 1 if failed or result.testsRun == 0 else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheel")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("-k", dest="word", help="only tests whose name holds this")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.inside:
        return run_here(options)
    with tempfile.TemporaryDirectory(prefix="weir-python-") as folder:
        python = install(options.wheel or build(folder), folder)
        words = ["-k", options.word] if options.word else []
        environment = {name: value for name, value in os.environ.items() if name not in ("WEIR_BINARY", "PYTHONPATH")}
        # An interpreter that finds the package in its source would test another one than the wheel's.
        return subprocess.run([python, "-I", __file__, "--inside", *words, *options.names], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
