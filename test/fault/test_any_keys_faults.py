"""Sums by any keys while the system fails, files are damaged or change, and keys are chosen to do harm."""
import itertools
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import mutants
import support
from support import FULL, MIB, SANITIZED, WeirTest

SUM = ("sum", "--by", "k", "--agg", "sum:v=v,count:*=n", "--no-cache")
PLAIN = {"use_dictionary": False, "compression": "none"}


class Faults(WeirTest):
    """Input here, output in out/, temporary files in tmp/."""

    def setUp(self):
        super().setUp()
        for name in ("out", "tmp"):
            (self.folder / name).mkdir()

    def write(self, name, keys, values=None, **options):
        values = np.ones(len(keys)) if values is None else values
        pq.write_table(pa.table({"k": keys, "v": values}), self.folder / name, **(options or PLAIN))
        return name

    def write_much(self, keys=800_000 if SANITIZED else 300_000, files=2):
        """More keys than fit into LITTLE, as texts in no order."""
        rng = np.random.default_rng(1)
        for number in range(files):
            texts = np.char.add("a key of some length, number ", rng.permutation(keys).astype(str))
            self.write(f"{number}.parquet", pa.array(texts), row_group_size=50_000, **PLAIN)
        return [f"{number}.parquet" for number in range(files)]

    LITTLE = "96MiB" if SANITIZED else "56MiB"

    def assert_nothing_left(self, allowed=()):
        left = [p.name for name in ("out", "tmp") for p in (self.folder / name).iterdir()]
        self.assertEqual(sorted(left), sorted(allowed))

    def report(self, *arguments, **options):
        return json.loads(self.weir(*SUM, "--json", "-o", "out/r.parquet", "--overwrite", *arguments, **options).out)["report"]


class TemporaryFolder(Faults):
    def fails(self, files, folder, says, **options):
        result = self.weir_fails(*SUM, "-o", "out/r.parquet", "--temp", folder, "--memory", self.LITTLE, *files, says=says, **options)
        self.assert_nothing_left()
        return result

    def mount(self, options):
        place = Path(tempfile.mkdtemp(prefix="weir-full-"))
        self.addCleanup(shutil.rmtree, place, True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "weir-test", place], capture_output=True, check=False).returncode:
            raise unittest.SkipTest("no right to mount a small file system")
        self.addCleanup(subprocess.run, ["umount", place], check=False)
        return place

    def test_no_room(self):
        files = self.write_much()
        for size in ("64k", "1m"):
            place = self.mount(f"size={size}")
            self.fails(files, place, says=(str(place), "--temp"))
            self.assertEqual(list(place.iterdir()), [])

    def test_room_runs_out(self):
        """EFBIG comes while rows are put aside, wherever that is."""
        files = self.write_much()
        for limit in (20_000, 100_000, 400_000):  # error messages fit
            def before(limit=limit):
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            self.fails(files, "tmp", says="tmp", before=before)

    def test_no_such_folder(self):
        files = self.write_much()
        (self.folder / "file").write_text("")
        for folder in ("missing", "file", "file/below", "/proc", "x" * 300):
            self.fails(files, folder, says=folder[:50])
        self.fails(files, self.mount("size=64m,ro"), says="--temp")

    def test_folder_is_not_needed(self):
        """Where nothing is put aside no temporary file is made."""
        self.write("a.parquet", [3, 1, 2])
        report = self.report("--temp", "missing", "a.parquet", "a.parquet")
        self.assertEqual(report["rows_aside"], 0)

    def test_folder_vanishes(self):
        files = self.write_much()
        expected = self.report(*files)["result_rows"]
        command = [support.WEIR, *SUM, "-q", "-o", "out/r.parquet", "--overwrite", "--temp", "tmp", "--memory", self.LITTLE, *files]
        outcomes = set()
        for delay in (0.0, 0.05, 0.15, 0.3, 0.6):
            process = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
            time.sleep(delay)
            shutil.rmtree(self.folder / "tmp")
            _, err = process.communicate(timeout=120)
            outcomes.add(process.returncode)
            self.assertIn(process.returncode, (0, 1), err)
            self.assertEqual(len(err.splitlines()), process.returncode, err)
            if process.returncode == 0:
                self.assertEqual(pq.read_metadata(self.folder / "out" / "r.parquet").num_rows, expected)
            (self.folder / "tmp").mkdir()
        self.assertLessEqual(outcomes, {0, 1})

    def test_folder_from_the_environment(self):
        files = self.write_much()
        result = support.run(*SUM, "-o", "out/r.parquet", "--memory", self.LITTLE, *files, cwd=self.folder,
                             environment={"TMPDIR": str(self.folder / "missing")})
        self.assertEqual(result.status, 1)
        self.assertIn("missing", result.err)
        self.assertGreater(self.report("--memory", self.LITTLE, *files, environment={"TMPDIR": str(self.folder / "tmp")})["rows_aside"], 0)
        self.assert_nothing_left(["r.parquet"])


class Ends(Faults):
    def start(self, files):
        return subprocess.Popen([support.WEIR, *SUM, "-q", "-o", "out/r.parquet", "--temp", "tmp", "--memory", self.LITTLE,
                                 "--threads", "2", *files], cwd=self.folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def wait_for_rows_aside(self, process):
        """Until the temporary file has something in it."""
        while process.poll() is None:
            try:
                for number in os.listdir(f"/proc/{process.pid}/fd"):
                    name = os.readlink(f"/proc/{process.pid}/fd/{number}")
                    if name.startswith(str(self.folder / "tmp")) and os.stat(f"/proc/{process.pid}/fd/{number}").st_size > 100_000:
                        return True
            except OSError:
                pass
        return False

    def test_ends_while_rows_are_aside(self):
        files = self.write_much()
        met = 0
        for kind in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            process = self.start(files)
            if self.wait_for_rows_aside(process):
                met += 1
                process.send_signal(kind)
                sent = time.monotonic()
                _, err = process.communicate(timeout=60)
                with self.subTest(signal=kind):
                    self.assertEqual(process.returncode, -9 if kind == signal.SIGKILL else 128 + kind, err)
                    self.assertLess(time.monotonic() - sent, 1 if not SANITIZED else 10)
                    self.assert_nothing_left()
            process.communicate()
        self.assertGreater(met, 2)

    def test_ends_at_any_moment(self):
        files = self.write_much()
        for delay in [0.02 * n for n in range(60)] if FULL else (0.01, 0.1, 0.25, 0.4, 0.6, 0.8):
            for kind in (signal.SIGKILL, signal.SIGTERM):
                process = self.start(files)
                time.sleep(delay)
                process.send_signal(kind)
                _, err = process.communicate(timeout=60)
                self.assertIn(process.returncode, (-9, 128 + signal.SIGTERM, -signal.SIGTERM, 0), err)
                if process.returncode == 0:
                    (self.folder / "out" / "r.parquet").unlink()
                self.assert_nothing_left()


def can_trace():
    return shutil.which("strace") and subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True,
                                                     check=False).returncode == 0


@unittest.skipIf(SANITIZED, "the leak sanitizer is a tracer of its own")
@unittest.skipUnless(can_trace(), "strace cannot trace here")
class FailingCalls(Faults):
    """Calls of the system fail while rows are put aside and read again."""

    CALLS = {"pwrite64": "ENOSPC", "pread64": "EIO", "openat": "EMFILE", "statfs": "EIO", "mmap": "ENOMEM", "fallocate": "EOPNOTSUPP",
             "mremap": "ENOMEM"}
    NUMBERS = 40 if FULL else 3

    def traced(self, *strace_options):
        command = [support.WEIR, *SUM, "-q", "-o", "out/r.parquet", "--temp", "tmp", "--memory", self.LITTLE, "--threads", "2",
                   "0.parquet", "1.parquet"]
        return subprocess.run(["strace", "-f", "-qq", *strace_options, *command], cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=300, check=False)

    def test_calls(self):
        self.write_much(keys=250_000)
        result = self.traced("-o", "trace", "-e", "trace=" + ",".join(self.CALLS))
        self.assertEqual(result.returncode, 0, result.stderr)
        expected = pq.read_table(self.folder / "out" / "r.parquet")
        (self.folder / "out" / "r.parquet").unlink()
        lines = (self.folder / "trace").read_text().splitlines()
        loading = max(i for i, line in enumerate(lines) if re.search(r"\.so(\.\d+)*\"", line)) + 12
        failures = 0
        for call, error in self.CALLS.items():
            # Each thread's calls are counted by themselves.
            places = [(line.split()[0], i) for i, line in enumerate(lines) if f" {call}(" in line]
            first = 1 + sum(i <= loading for _, i in places)  # what the loader does is not ours
            most = max(Counter(thread for thread, _ in places).values(), default=0)
            for when in np.unique(np.linspace(first, max(most, first), self.NUMBERS).astype(int)):
                result = self.traced("-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}")
                failures += result.returncode
                with self.subTest(call=call, when=when):
                    self.assertIn(result.returncode, (0, 1), result.stderr)
                    self.assertEqual(len(result.stderr.splitlines()), result.returncode, result.stderr)
                    if result.returncode == 0:
                        self.assertTrue(pq.read_table(self.folder / "out" / "r.parquet").equals(expected))
                        (self.folder / "out" / "r.parquet").unlink()
                    self.assert_nothing_left()
        self.assertGreater(failures, 3)


class Changed(Faults):
    """Other files in the place of inputs, while a sum runs."""

    def test_replaced_during_the_run(self):
        count, rows = 40, 20_000
        rng = np.random.default_rng(2)
        keys = rng.permutation(rows)
        (self.folder / "in").mkdir()
        for number in range(count):
            self.write(f"in/{number:02}.parquet", np.roll(keys, number))
        self.write("shorter", keys[:rows // 2])
        self.write("longer", np.concatenate([keys, keys]))
        outcomes = []
        for other, delay in itertools.product(("shorter", "longer"), (0.0, 0.01, 0.03, 0.06, 0.1, 0.2)):
            outcomes.append(self.replace_after(delay, other, count, rows))
        self.assertIn(1, outcomes)

    def replace_after(self, delay, other, count, rows):
        last = self.folder / "in" / f"{count - 1:02}.parquet"
        saved = last.read_bytes()
        process = subprocess.Popen([support.WEIR, *SUM, "-q", "-o", "out/r.parquet", "--overwrite", "--threads", "1", "in"],
                                   cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.wait_for_input(process)
        time.sleep(delay)
        process.send_signal(signal.SIGSTOP)
        shutil.copy(self.folder / other, self.folder / "new")
        os.rename(self.folder / "new", last)
        process.send_signal(signal.SIGCONT)
        _, err = process.communicate(timeout=60)
        (self.folder / "new").write_bytes(saved)
        os.rename(self.folder / "new", last)
        with self.subTest(other=other, delay=delay):
            self.assertIn(process.returncode, (0, 1), err)
            if process.returncode == 1:
                self.assertIn("changed", err)
                self.assertIn(last.name, err)
            else:
                total = sum(pq.read_table(self.folder / "out" / "r.parquet")["n"].to_pylist())
                self.assertIn(total, (count * rows, (count - 1) * rows + (rows // 2 if other == "shorter" else 2 * rows)))
        return process.returncode

    def wait_for_input(self, process):
        while process.poll() is None:
            try:
                if any(".parquet" in os.readlink(f"/proc/{process.pid}/fd/{n}") for n in os.listdir(f"/proc/{process.pid}/fd")):
                    return
            except OSError:
                pass


class DamagedFiles(Faults):
    """Mutants among files that do not align: one line that tells, or a result, never a signal and never too much memory."""

    MUTANTS = int(os.environ.get("WEIR_MUTANTS", "4000" if FULL else "60" if SANITIZED else "200"))

    def originals(self):
        rng = random.Random(3)
        texts = pa.array([f"text {rng.randrange(90)}" for _ in range(600)])
        tables = {
            "sorted": (np.sort(np.random.default_rng(1).choice(2000, 600, False)), PLAIN),
            "sorted-v2": (np.sort(np.random.default_rng(2).choice(2000, 600, False)), {"data_page_version": "2.0", "compression": "zstd"}),
            "dense": (np.random.default_rng(3).integers(0, 300, 600), {"data_page_size": 500, "write_page_index": True}),
            "any": (np.random.default_rng(4).integers(0, 1 << 60, 600), PLAIN),
            "texts": (texts, {"use_dictionary": False, "column_encoding": {"k": "DELTA_BYTE_ARRAY"}, "compression": "snappy"}),
            "dictionary": (texts, {"row_group_size": 200}),
        }
        paths = {}
        for name, (keys, options) in tables.items():
            paths[name] = self.folder / self.write(f"{name}.parquet", keys, **options)
            self.write(f"{name}-2.parquet", keys[::-1] if name[0] in "dat" else keys[1::2], **options)
        return paths

    def test_mutants(self):
        originals = self.originals()
        for seed in range(self.MUTANTS):
            name, path = list(originals.items())[seed % len(originals)]
            damaged = self.folder / "damaged.parquet"
            damaged.write_bytes(mutants.mutant(path.read_bytes(), seed))
            options = random.Random(seed).choice(((), ("--sort",), ("--threads", "4"), ("--where", "v >= 0"), ("--where", "k is not null")))
            files = [damaged, f"{name}-2.parquet", path] if seed % 2 else [path, damaged, f"{name}-2.parquet"]
            result = support.run(*SUM, "--memory", "96MiB", "-q", *options, *files, cwd=self.folder, timeout=60)
            with self.subTest(seed=seed, original=name, options=options):
                self.assertIn(result.status, (0, 1), result.err)
                self.assertEqual(len(result.err.splitlines()), result.status, result.err)
                if not SANITIZED:
                    self.assertLess(result.peak, 96 * MIB)

    def test_truncated(self):
        for name, path in self.originals().items():
            data = path.read_bytes()
            for size in (len(data) - 1, len(data) - 8, len(data) // 2, 4, 0):
                (self.folder / "cut.parquet").write_bytes(data[:size])
                self.weir_fails(*SUM, f"{name}.parquet", "cut.parquet", says="cut.parquet")


STAFFORD = (0x319642B2D24D8EC3, 0x96DE1B173F119089)


def number_with_hash(hashes):
    """The inverse of Stafford's mixer 13: integers whose hashes are these."""
    with np.errstate(over="ignore"):
        hashes = (hashes ^ hashes >> np.uint64(31) ^ hashes >> np.uint64(62)) * np.uint64(STAFFORD[0])
        hashes = (hashes ^ hashes >> np.uint64(27) ^ hashes >> np.uint64(54)) * np.uint64(STAFFORD[1])
        return hashes ^ hashes >> np.uint64(30) ^ hashes >> np.uint64(60)


def xxh3_of_single(bits):
    """XXH3 (64 bits, no seed) of the five bytes that a key of one float has here: a byte of presence, the value."""
    rotated = lambda x, by: x << np.uint64(by) | x >> np.uint64(64 - by)
    bits = bits.astype(np.uint64)
    with np.errstate(over="ignore"):
        first = np.uint64(1) | (bits & np.uint64(0xFFFFFF)) << np.uint64(8)
        mixed = (bits + (first << np.uint64(32))) ^ np.uint64(0xC73AB174C5ECD5A2)
        mixed ^= rotated(mixed, 49) ^ rotated(mixed, 24)
        mixed *= np.uint64(0x9FB21C651E98DF25)
        mixed ^= (mixed >> np.uint64(35)) + np.uint64(5)
        mixed *= np.uint64(0x9FB21C651E98DF25)
        return mixed ^ mixed >> np.uint64(28)


class HostileKeys(Faults):
    """Keys chosen so that a hash table suffers: all come out right, in a time like that of others."""

    KEYS = 1 << 17

    def check(self, name, keys):
        """Each key twice, in two orders; sums of numbers that tell the key."""
        order = np.random.default_rng(1).permutation(len(keys))
        numbers = np.arange(len(keys), dtype="float64")
        files = [self.write("a.parquet", keys, numbers), self.write("b.parquet", keys[order], numbers[order])]
        for options in ((), ("--memory", self.LITTLE)):
            with self.subTest(keys=name, options=options):
                result = self.weir(*SUM, "-o", "out/r.parquet", "--overwrite", "--temp", "tmp", *options, *files)
                self.assertLess(result.seconds, 60 if SANITIZED else 10)
                table = pq.read_table(self.folder / "out" / "r.parquet")
                # Arrow's and pandas' own tables would take long to look these keys up; sorting does not.
                found = np.argsort(table["k"].to_numpy(), kind="stable")
                np.testing.assert_array_equal(table["k"].to_numpy()[found], np.sort(keys))
                np.testing.assert_array_equal(table["v"].to_numpy()[found], 2 * numbers[np.argsort(keys, kind="stable")])
                self.assertEqual(set(table["n"].to_pylist()), {2})

    def test_patterns(self):
        numbers = np.arange(self.KEYS, dtype="int64")
        self.check("multiples of 2^32", numbers << 32)
        self.check("multiples of 2^46", numbers << 46)
        self.check("one bit each, and pairs", np.array(sorted({(1 << a) | (1 << b) for a in range(63) for b in range(63)}), "int64"))
        self.check("low bits alike", numbers * (1 << 40) + 12345)
        self.check("from both ends", np.where(numbers % 2 == 0, numbers, (1 << 62) - numbers))
        self.check("of the whole range", (numbers - self.KEYS // 2) << 47)

    def test_numbers_with_crowded_hashes(self):
        """2^17 numbers whose 64-bit hashes share their first 40 bits, or their last, for keys as numbers."""
        rng = np.random.default_rng(7)
        counter = np.arange(8 * self.KEYS, dtype="uint64")
        for name, hashes in (("first", np.uint64(rng.integers(1 << 40)) << np.uint64(24) | counter),
                             ("last", counter << np.uint64(40) | np.uint64(rng.integers(1 << 40)))):
            numbers = number_with_hash(hashes)
            numbers = np.sort(numbers[numbers < 1 << 62])[:self.KEYS].astype("int64")
            for shift in (0, 1):  # a key's number is its distance to the least key, one more where there may be NULLs
                self.check(f"{name} bits of the hash, {shift}", np.concatenate([[0], numbers[1:] - shift]))

    def test_bytes_with_crowded_hashes(self):
        """Floats, which are keys as bytes, whose XXH3 shares leading bits: found by trying."""
        wanted, found = (15, 1 << 32) if FULL else (7, 1 << 24)
        keys = []
        for begin in range(0, found, 1 << 24):
            bits = np.arange(begin, min(begin + (1 << 24), 0xFF00_0000), dtype="uint32")
            bits = bits[(bits & 0x7FFFFFFF) < 0x7F800000]
            bits = bits[(bits != 0) & (bits != 1 << 31)]
            hashes = xxh3_of_single(bits)
            keys.append(bits[hashes >> np.uint64(64 - wanted) == (5 if wanted < 10 else 12345)])
        keys = np.concatenate(keys).view("float32")
        self.assertGreater(len(keys), self.KEYS // 2)
        self.check("floats", keys[:self.KEYS])

    def test_one_key(self):
        """One key in ten million rows; all keys distinct."""
        rows = 10**9 if FULL else 10**7
        for kind, key in (("int64", 7), ("texts", "a text of some length"), ("null", None)):
            block = pa.table({"k": pa.array([key] * 1000, pa.string() if kind == "texts" else pa.int64()), "v": np.full(1000, 0.1)})
            block = pa.concat_tables([block] * 1000)
            pq.write_table(block, self.folder / "block.parquet", compression="snappy")
            with self.subTest(kind=kind):
                self.write("other.parquet", pa.array([key] * 3, block["k"].type))
                report = self.report("other.parquet", *["block.parquet"] * (rows // 10**6), "--memory", self.LITTLE, timeout=900)
                table = pq.read_table(self.folder / "out" / "r.parquet")
                expected = support.round_to_double(support.Fraction(0.1) * rows + 3)
                self.assertEqual(table.to_pylist(), [{"k": key, "v": expected, "n": rows + 3}])
                self.assertEqual(report["rows_aside"], 0)

    @unittest.skipUnless(FULL, "takes minutes and gigabytes")
    def test_hundred_million_keys(self):
        count = 10**8
        for number in range(2):
            with pq.ParquetWriter(self.folder / f"{number}.parquet", pa.schema([("k", pa.int64()), ("v", pa.float64())]),
                                  use_dictionary=False, compression="none") as writer:
                for begin in range(0, count, 10**7):
                    place = np.arange(begin, begin + 10**7) * 7919 % count if number else np.arange(begin, begin + 10**7) * 104729 % count
                    writer.write_table(pa.table({"k": place * 92233720368, "v": place / 2}))
        report = self.report("0.parquet", "1.parquet", "--memory", "512MiB", "--temp", "tmp", timeout=3600)
        self.assertEqual(report["result_rows"], count)
        self.assertGreater(report["rows_aside"], 0)
        for batch in pq.ParquetFile(self.folder / "out" / "r.parquet").iter_batches():
            np.testing.assert_array_equal(batch["v"].to_numpy(), batch["k"].to_numpy() // 92233720368)


class LargeKeys(Faults):
    def test_keys_of_a_hundred_megabytes(self):
        size = 100_000_000
        keys = pa.array([b"x" * size, b"small"], pa.binary())
        self.write("a.parquet", keys, use_dictionary=False, compression="snappy", row_group_size=1)
        self.write("b.parquet", keys[::-1], use_dictionary=False, compression="snappy", row_group_size=1)
        result = self.weir_fails(*SUM, "-o", "out/r.parquet", "--memory", "128MiB", "a.parquet", "b.parquet", says="would do")
        self.assertLess(result.peak, (400 if SANITIZED else 128) * MIB)
        result = support.run(*SUM, "-o", "out/r.parquet", "--memory", "3GiB", "a.parquet", "b.parquet", cwd=self.folder, timeout=120)
        self.assertEqual(result.status, 0, result.err)
        self.assertLess(result.peak, 3 << 30)
        table = pq.read_table(self.folder / "out" / "r.parquet")
        self.assertEqual(sorted(len(key.as_py()) for key in table["k"]), [5, size])
        self.assertEqual(table["v"].to_pylist(), [2.0] * 2)

    MOST = 64  # key columns

    def test_many_key_columns(self):
        names = [f"c{i}" for i in range(self.MOST + 1)]
        columns = {name: pa.array([i, 1, 2, i], pa.int32()) for i, name in enumerate(names)}
        for name, order in (("a", [0, 1, 2]), ("b", [2, 0, 1, 0])):
            table = pa.table({**columns, "v": [1.0, 2.0, 4.0, 8.0]}).take(order)
            pq.write_table(table, self.folder / f"{name}.parquet", **PLAIN)
        files = ("a.parquet", "b.parquet")
        by = ("--by", ",".join(names[:30]), "--by", ",".join(names[30:self.MOST]))
        self.weir("sum", *by, "--sum", "v", "--no-cache", "-o", "out/r.parquet", *files)
        table = pq.read_table(self.folder / "out" / "r.parquet")
        self.assertEqual(table.column_names, [*names[:self.MOST], "v"])
        found = dict(zip(zip(*(column.to_pylist() for column in table.columns[:-1])), table["v"].to_pylist()))
        rows = list(zip(*(columns[name].to_pylist() for name in names[:self.MOST])))
        self.assertEqual(found, {rows[0]: 3.0, rows[1]: 4.0, rows[2]: 8.0})
        self.weir_fails("sum", "--by", ",".join(names), "--sum", "v", *files, status=2, says=("65", "64"))

    def test_a_hundred_thousand_key_columns(self):
        self.write("a.parquet", [1, 2])
        many = [word for n in range(40) for word in ("--by", ",".join(f"no{n}x{i}" for i in range(2500)))]
        for by in (many[:2], many, ["--by", "k,k"], ["--by", ",".join(["k"] * 4000)], ["--by", ",".join(["k"] * 5000)]):
            result = self.weir_fails("sum", *by, "--sum", "v", "--no-cache", "a.parquet", status=2)
            self.assertLess(len(result.err), 1000)
