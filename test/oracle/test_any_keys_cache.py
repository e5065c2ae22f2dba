"""Known keys: a second run reads no key column, and nothing that has changed is believed."""
import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import support
from support import WeirTest


class KnownKeys(WeirTest):
    FILES, ROWS = 4, 20000

    @classmethod
    def setUpClass(cls):
        """Files of all tests are made at once and get old together."""
        cls.shared = Path(tempfile.mkdtemp(prefix="weir-oracle-"))
        cls.addClassCleanup(support.shutil.rmtree, cls.shared, True)
        for name in unittest.defaultTestLoader.getTestCaseNames(cls):
            (cls.shared / name).mkdir()
            for number in range(cls.FILES):
                cls.write_to(cls.shared / name / f"{number}.parquet", number, np.arange(cls.ROWS) * 7)
        cls.settle()

    def setUp(self):
        super().setUp()
        os.rename(self.shared / self._testMethodName, self.folder / "in")

    @classmethod
    def write_to(cls, path, number, keys):
        rng = np.random.default_rng(number)
        pq.write_table(pa.table({"k": keys, "v": rng.normal(size=len(keys))}), path, use_dictionary=False, compression="none",
                       row_group_size=5000)

    def write(self, number, keys, folder="in"):
        self.write_to(self.folder / folder / f"{number}.parquet", number, keys)

    @staticmethod
    def settle():
        """An entry made within two seconds of a file's change is not believed."""
        time.sleep(2.2)

    def run_sum(self, *options, output="out.parquet", cache="cache", **run_options):
        result = self.weir("sum", "--by", "k", "--sum", "v", "--cache", cache, "--json", "-o", output, "--overwrite", *options, "in",
                           **run_options)
        return json.loads(result.out)["report"], pq.read_table(self.folder / output)

    def test_second_run_reads_no_keys(self):
        first, expected = self.run_sum()
        self.assertEqual((first["files_known"], first["way"]), (0, "aligned"))
        key_bytes = self.FILES * self.ROWS * 8
        for threads in (1, 2, 4):
            second, table = self.run_sum("--threads", threads)
            self.assertEqual((second["files_known"], second["way"]), (self.FILES, "aligned"))
            # The result needs the keys of one file.
            self.assertLess(second["bytes_read"], first["bytes_read"] - key_bytes * (self.FILES - 1) // self.FILES + 20000)
            self.assertTrue(table.equals(expected))
        checked, table = self.run_sum("--verify-keys")
        self.assertEqual(checked["files_known"], 0)
        self.assertGreaterEqual(checked["bytes_read"], first["bytes_read"] - 20000)
        self.assertTrue(table.equals(expected))
        without, table = self.run_sum("--no-cache")
        self.assertEqual(without["files_known"], 0)

    def test_no_cache_writes_nothing(self):
        self.weir("sum", "--by", "k", "--sum", "v", "--no-cache", "-o", "out.parquet", "in",
                  environment={"XDG_CACHE_HOME": str(self.folder / "home")})
        self.assertFalse((self.folder / "home").exists())

    def test_cache_of_the_user(self):
        environment = {"XDG_CACHE_HOME": str(self.folder / "home")}
        for known in (0, self.FILES):
            result = self.weir("sum", "--by", "k", "--sum", "v", "--json", "-o", "out.parquet", "--overwrite", "in",
                               environment=environment)
            self.assertEqual(json.loads(result.out)["report"]["files_known"], known)
        self.assertTrue((self.folder / "home" / "weir" / "keys").is_dir())
        (self.folder / "file").write_text("")
        for home in (self.folder / "file", "/nonexistent/home", "/dev/null", ""):
            result = self.weir("sum", "--by", "k", "--sum", "v", "--json", "-o", "out.parquet", "--overwrite", "in",
                               environment={"XDG_CACHE_HOME": str(home), "HOME": str(home)})
            self.assertEqual(json.loads(result.out)["report"]["files_known"], 0)

    def test_changed_file(self):
        """Same size, same time of change as far as a program can set it: the keys are looked at again."""
        _, expected = self.run_sum()
        path = self.folder / "in" / "2.parquet"
        before = path.stat()
        keys = np.arange(self.ROWS) * 7
        keys[100], keys[-1] = keys[100] + 1, keys[-1] - 1
        self.write(2, keys)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        after = path.stat()
        self.assertEqual((after.st_size, after.st_mtime_ns), (before.st_size, before.st_mtime_ns))
        report, table = self.run_sum()
        self.assertLess(report["files_known"], self.FILES)
        self.assertEqual(table.num_rows, expected.num_rows + 2)
        self.assertIn(keys[100], table["k"].to_pylist())

    def test_changed_in_place(self):
        """One byte of a key overwritten, footer and all else as before."""
        self.run_sum()
        path = self.folder / "in" / "1.parquet"
        before = path.stat()
        data = bytearray(path.read_bytes())
        at = data.index((7 * 1234).to_bytes(8, "little") + (7 * 1235).to_bytes(8, "little"))
        with open(path, "r+b") as file:
            file.seek(at)
            file.write((7 * 1234 + 1).to_bytes(8, "little"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        for wait in (False, True):
            if wait:
                self.settle()
            report, table = self.run_sum("--no-cache" if wait else "--json")
            self.assertEqual(table.num_rows, self.ROWS + 1, report)
            self.assertLess(report["files_known"], self.FILES)

    def test_another_file_in_its_place(self):
        self.run_sum()
        os.rename(self.folder / "in" / "0.parquet", self.folder / "other")
        (self.folder / "elsewhere").mkdir()
        self.write(0, np.arange(self.ROWS) * 7 + 1, folder="elsewhere")
        os.rename(self.folder / "elsewhere" / "0.parquet", self.folder / "in" / "0.parquet")
        _, table = self.run_sum()
        self.assertEqual(table.num_rows, 2 * self.ROWS)

    def test_other_keys_are_other_entries(self):
        self.run_sum()
        for number in range(self.FILES):
            table = pq.read_table(self.folder / "in" / f"{number}.parquet")
            self.assertEqual(table.num_rows, self.ROWS)
        result = self.weir("sum", "--by", "v", "--agg", "count:k", "--cache", "cache", "--json", "-o", "out.parquet", "--overwrite", "in")
        report = json.loads(result.out)["report"]
        self.assertEqual((report["files_known"], report["result_rows"]), (0, self.FILES * self.ROWS))

    def test_damaged_entries(self):
        """Whatever stands in the folder: the same result, and no complaint."""
        _, expected = self.run_sum()
        entries = sorted(path for path in (self.folder / "cache").rglob("*") if path.is_file())
        contents = {path: path.read_bytes() for path in entries}
        self.assertGreaterEqual(len([data for data in contents.values() if data]), 1)
        rng = np.random.default_rng(5)
        for kind in ("flip", "flip", "flip", "cut", "empty", "long", "noise", "swap", "folder"):
            for path, data in contents.items():
                self.damage(path, data, kind, rng, contents)
            with self.subTest(kind=kind):
                report, table = self.run_sum()
                self.assertTrue(table.equals(expected))
                self.assertEqual(report["files_known"], 0)
            for path, data in contents.items():
                if path.is_dir():
                    path.rmdir()
                path.write_bytes(data)

    def damage(self, path, data, kind, rng, contents):
        changed = bytearray(data)
        if kind == "flip" and changed:
            changed[rng.integers(len(changed))] ^= 1 << rng.integers(8)
        elif kind in ("cut", "empty"):
            changed = changed[:len(changed) // 2 if kind == "cut" else 0]
        elif kind == "long":
            changed += b"x" * 100_000
        elif kind == "noise":
            changed = rng.bytes(len(changed))
        elif kind == "swap":
            paths = list(contents)
            changed = contents[paths[(paths.index(path) + 1) % len(paths)]]
        path.unlink()
        if kind == "folder":
            path.mkdir()
        else:
            path.write_bytes(changed)

    def test_two_at_once(self):
        """Many processes with one cache: all right, nothing half-written stays."""
        _, expected = self.run_sum(cache="alone")
        command = [support.WEIR, "sum", "--by", "k", "--sum", "v", "--cache", "cache", "-q", "--overwrite", "in"]
        for _ in range(3):
            processes = [subprocess.Popen([*command, "-o", f"{number}.parquet"], cwd=self.folder) for number in range(6)]
            self.assertEqual([process.wait(60) for process in processes], [0] * 6)
            for number in range(6):
                self.assertTrue(pq.read_table(self.folder / f"{number}.parquet").equals(expected))
        report, _ = self.run_sum()
        self.assertEqual(report["files_known"], self.FILES)

    def test_killed_while_it_writes(self):
        _, expected = self.run_sum(cache="alone")
        command = [support.WEIR, "sum", "--by", "k", "--sum", "v", "--cache", "cache", "-q", "--overwrite", "-o", "x.parquet", "in"]
        for delay in (0.002, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02):
            process = subprocess.Popen(command, cwd=self.folder)
            time.sleep(delay)
            process.kill()
            process.wait()
            _, table = self.run_sum()
            self.assertTrue(table.equals(expected))
            support.shutil.rmtree(self.folder / "cache", True)

    def test_a_folder_that_cannot_be_used(self):
        (self.folder / "file").write_text("")
        for cache in ("file", "file/cache", "/proc/weir"):
            self.weir_fails("sum", "--by", "k", "--sum", "v", "--cache", cache, "-o", "out.parquet", "in", says=cache)
            self.assertFalse((self.folder / "out.parquet").exists())
