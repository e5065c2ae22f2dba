"""Files that do not align are summed all the same: every sum is the exact one, and which way was taken is told."""
import json
from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from support import SANITIZED, WeirTest, bits, doubles, expected_sum, keys_table

BY_KEYS = ("sorted", "dense", "any")
LITTLE = "128MiB" if SANITIZED else "32MiB"


def plain_key(value):
    """Keys that weir takes for one are equal here."""
    if isinstance(value, float):
        return "nan" if value != value else value + 0.0
    return value


def exact_groups(tables, by):
    """Key to the exact sum and the number of its values."""
    groups = defaultdict(list)
    for table in tables:
        for *key, value in zip(*(table[name].to_pylist() for name in by), table["value"].to_pylist()):
            groups[tuple(map(plain_key, key))].append(value)
    return {key: (bits(expected_sum(values)), len(values)) for key, values in groups.items()}


class NotAligned(WeirTest):
    def write(self, name, keys, value=None, **options):
        rows = len(next(iter(keys.values())))
        value = value if value is not None else pa.array(doubles("normal", rows, len(name) + ord(name[0])))
        pq.write_table(pa.table({**keys, "value": value}), self.folder / name, **options)

    def summed(self, *files, by="path,Date", ways=BY_KEYS, reason=(), extra=()):
        """Sums, holds the result against the exact one and the way against those that may be; returns the report."""
        names = by.split(",") if by else []
        run = self.weir("sum", *(["--by", by] if by else []), "--agg", "sum:value=total,count:*=rows", "-o", "out.parquet",
                        "--overwrite", "--json", *extra, *files)
        report = json.loads(run.out)["report"]
        self.assertIn(report["way"], ways, report)
        for word in [reason] if isinstance(reason, str) else reason:
            self.assertIn(word, report["way_reason"])
        result = pq.read_table(self.folder / "out.parquet")
        found = {tuple(map(plain_key, row[:-2])): (bits(row[-2]), row[-1])
                 for row in zip(*(result[name].to_pylist() for name in [*names, "total", "rows"]))}
        self.assertEqual(found, exact_groups([pq.read_table(self.folder / name) for name in files], names))
        self.assertEqual(result.num_rows, len(found), "a key stands twice")
        return report

    def test_one_key_differs(self):
        keys = keys_table(20, 30)
        self.write("a.parquet", keys)
        changed = keys["path"].to_pylist()
        changed[417] = 4711
        for options in ({}, {"compression": "zstd"}, {"row_group_size": 100}, {"use_dictionary": False}):
            self.write("b.parquet", {**keys, "path": pa.array(changed)}, **options)
            with self.subTest(options=options):
                report = self.summed("a.parquet", "b.parquet", reason=("aligned", "b.parquet", "4711", "417"))
                self.assertEqual(report["result_rows"], 601)

    def test_one_file_of_many_differs(self):
        """The others keep their way: they are added first."""
        keys = keys_table(20, 30)
        for name in "abcde":
            self.write(f"{name}.parquet", keys)
        self.write("f.parquet", {name: column.take(pa.array(np.arange(600)[::-1])) for name, column in keys.items()})
        for order in ("abcdef", "abfcde"):
            report = self.summed(*(f"{name}.parquet" for name in order), ways=("mixed",), reason="f.parquet")
            self.assertEqual(report["files_aligned"], 5)
        # Where the first is the odd one, another is compared with the others.
        report = self.summed(*(f"{name}.parquet" for name in "fabcde"), ways=("mixed",))
        self.assertEqual(report["files_aligned"], 5)

    def test_two_rows_change_places(self):
        keys = keys_table(20, 30)
        order = np.arange(600)
        order[[100, 101]] = order[[101, 100]]
        self.write("a.parquet", keys)
        self.write("b.parquet", {name: column.take(pa.array(order)) for name, column in keys.items()})
        report = self.summed("a.parquet", "b.parquet", reason=("b.parquet", "row 100"))
        self.assertEqual(report["result_rows"], 600)

    def test_fewer_rows(self):
        self.write("a.parquet", keys_table(20, 30))
        self.write("b.parquet", keys_table(19, 30))
        self.assertIn("different numbers of rows", self.plan("sum", "--by", "path,Date", "--sum", "value", "a.parquet",
                                                             "b.parquet")["plan"]["reason"])
        report = self.summed("a.parquet", "b.parquet", ways=("sorted",))
        self.assertEqual(report["rows_read"], 1170)

    def test_no_rows_beside_some(self):
        self.write("a.parquet", keys_table(20, 30))
        self.write("b.parquet", {name: column.slice(0, 0) for name, column in keys_table(20, 30).items()})
        self.summed("a.parquet", "b.parquet")
        self.summed("b.parquet", "a.parquet")
        self.summed("b.parquet", "a.parquet", by="")

    def test_null_keys_are_keys(self):
        keys = keys_table(20, 30)
        some = [None if i == 5 else v for i, v in enumerate(keys["path"].to_pylist())]
        self.write("a.parquet", {**keys, "path": pa.array(some, pa.int64())})
        self.write("b.parquet", {**keys, "path": pa.array(some, pa.int64())}, compression="gzip")
        self.write("d.parquet", {**keys, "path": pa.array(some, pa.int64())}, row_group_size=100)
        self.summed("a.parquet", "b.parquet", "d.parquet", ways=("aligned",))
        self.assertEqual(pq.read_table(self.folder / "out.parquet")["path"].to_pylist(), some)
        self.write("c.parquet", keys)
        report = self.summed("a.parquet", "c.parquet", reason="c.parquet")
        self.assertEqual(report["result_rows"], 601)

    def test_null_keys_are_one_group(self):
        rng = np.random.default_rng(3)
        for name in "ab":
            path = pa.array(rng.integers(0, 50, 2000), mask=rng.random(2000) < 0.3)
            text = pa.array([f"t{v}" for v in rng.integers(0, 9, 2000)], mask=rng.random(2000) < 0.3)
            self.write(f"{name}.parquet", {"path": path, "Date": text})
        self.summed("a.parquet", "b.parquet", ways=("dense", "any"))
        self.summed("a.parquet", "b.parquet", by="path")
        self.summed("a.parquet", "b.parquet", by="Date", extra=("--sort",))
        self.assertIsNone(pq.read_table(self.folder / "out.parquet")["Date"].to_pylist()[0], "NULL comes first")

    def test_units_of_time(self):
        """The same moments match whatever the unit; the same bytes of another unit do not."""
        plain = keys_table(20, 30)
        numbers = plain["Date"].cast(pa.int64())
        self.write("ms.parquet", plain, use_dictionary=False)
        self.write("us.parquet", {**plain, "Date": plain["Date"].cast(pa.timestamp("us"))}, use_dictionary=False)
        self.write("raw.parquet", {**plain, "Date": numbers.cast(pa.timestamp("us"))}, use_dictionary=False)
        self.write("date.parquet", {**plain, "Date": plain["Date"].cast(pa.date32())}, use_dictionary=False)
        self.assertEqual(self.sum_of_two("ms.parquet", "us.parquet"), 600)
        self.assertEqual(self.sum_of_two("ms.parquet", "raw.parquet"), 1200)
        self.assertEqual(self.sum_of_two("ms.parquet", "date.parquet"), 600)
        self.assertEqual(self.sum_of_two("date.parquet", "us.parquet"), 600)

    def sum_of_two(self, left, right):
        """Rows of the result; each sum is that of the rows at its moment."""
        result = self.sum([left, right], "--sum", "value")
        found = {key: bits(value) for *key, value in
                 zip(*(column.to_pylist() for column in self.as_moments(result).columns)) for key in [tuple(key)]}
        tables = [self.as_moments(pq.read_table(self.folder / name)) for name in (left, right)]
        expected = exact_groups(tables, ["path", "Date"])
        self.assertEqual(found, {key: sum_ for key, (sum_, _) in expected.items()})
        return result.num_rows

    @staticmethod
    def as_moments(table):
        date = table["Date"].cast(pa.timestamp("us")).cast(pa.int64())
        return pa.table({"path": table["path"], "Date": date, "value": table["value"]})

    def test_scale_of_decimals(self):
        keys = keys_table(20, 30)
        for name, type_ in (("a", pa.decimal128(10, 2)), ("b", pa.decimal128(10, 4))):
            raw = pa.Array.from_buffers(type_, 600, [None, pa.array(
                [int(v).to_bytes(16, "little") for v in range(600)], pa.binary(16)).buffers()[1]])
            self.write(f"{name}.parquet", {**keys, "price": raw})
        report = self.summed("a.parquet", "b.parquet", by="price")
        self.assertEqual(report["result_rows"], 1194)  # 0, 0.01 ... 0.05 are in both

    def test_integers_of_other_widths(self):
        keys = keys_table(20, 30)
        types = (pa.int32(), pa.int64(), pa.uint16(), pa.decimal128(19, 0))
        for number, type_ in enumerate(types):
            self.write(f"{number}.parquet", {**keys, "path": keys["path"].cast(type_)})
        for number in range(1, 4):
            with self.subTest(type=types[number]):
                self.assertEqual(self.summed("0.parquet", f"{number}.parquet")["result_rows"], 600)
        self.assertEqual(self.summed(*(f"{number}.parquet" for number in range(4)))["result_rows"], 600)

    def test_repeated_keys(self):
        keys = keys_table(20, 30)
        files = [f"{name}.parquet" for name in "abc"]
        for name in files:
            self.write(name, keys)
        self.summed(*files, by="Date", ways=("folded",), reason=("repeat", "Date"))
        self.summed(*files, by="path", ways=("folded",), reason="repeat")
        self.summed(*files, by="", ways=("folded",))
        # Of fewer files it is not worth adding up the rows first.
        self.summed(*files[:2], by="Date")
        self.summed(*files[:1], by="path")

    def test_repeated_keys_far_apart(self):
        rng = np.random.default_rng(2)
        path = rng.permutation(100000)
        path[99990] = path[3]
        files = [f"{name}.parquet" for name in "abc"]
        for name in files:
            self.write(name, {"path": pa.array(path)})
        report = self.summed(*files, by="path", ways=("folded",), reason=("repeat", str(path[3]), "99990"))
        self.assertEqual(report["result_rows"], 99999)
        self.summed(*files, by="path", ways=("folded", *BY_KEYS), extra=("--memory", LITTLE))
        self.summed(files[0], by="path")

    def test_unordered_unique_keys_are_aligned(self):
        rng = np.random.default_rng(2)
        path = rng.permutation(100000)
        for name in "abc":
            self.write(f"{name}.parquet", {"path": pa.array(path)})
        self.summed("a.parquet", "b.parquet", "c.parquet", by="path", ways=("aligned",), extra=("--memory", LITTLE))
        self.assertEqual(pq.read_table(self.folder / "out.parquet")["path"].to_pylist(), path.tolist())

    def test_nan_and_zero_keys(self):
        """NaN equals NaN and -0.0 equals 0.0 as keys."""
        nan = np.array([0x7FF8000000000001, 0xFFF0000000000001, 0x3FF0000000000000], "uint64").view("float64")
        for name in "abc":
            self.write(f"{name}.parquet", {"path": pa.array([0.0, -0.0, 1.0])})
            self.write(f"{name}-nan.parquet", {"path": pa.array(nan)})
        zeros, nans = [f"{name}.parquet" for name in "abc"], [f"{name}-nan.parquet" for name in "abc"]
        self.assertEqual(self.summed(*zeros, by="path", ways=("folded",), reason="repeat")["result_rows"], 2)
        self.assertEqual(self.summed(*nans, by="path", ways=("folded",), reason="repeat")["result_rows"], 2)
        self.assertEqual(self.summed(zeros[0], by="path")["result_rows"], 2)
        self.assertEqual(self.summed(nans[0], by="path")["result_rows"], 2)
        self.assertEqual(self.summed(zeros[0], nans[0], by="path", ways=(*BY_KEYS, "mixed"))["result_rows"], 3)


class OrderOfRows(WeirTest):
    """Ascending where keys are merged, numbered or asked for so; else the same order each time."""

    def files(self, seed, make, **options):
        rng = np.random.default_rng(seed)
        for number in range(3):
            keys = make(rng)
            table = pa.table({"key": keys, "value": rng.normal(size=len(keys))})
            pq.write_table(table, self.folder / f"{number}.parquet", **options)
        return [f"{number}.parquet" for number in range(3)]

    def keys_of(self, files, *options):
        return self.sum(files, "--sum", "value", *options, by="key")["key"].to_pylist()

    def test_merged_keys_ascend(self):
        files = self.files(1, lambda rng: pa.array(np.sort(rng.permutation(5000)[:4000])))
        keys = self.keys_of(files)
        self.assertEqual(keys, sorted(keys))

    def test_numbered_keys_ascend(self):
        files = self.files(2, lambda rng: pa.array(rng.integers(-50, 50, 4000)))
        self.assertEqual(self.keys_of(files), list(range(-50, 50)))

    def test_any_keys_have_one_order(self):
        """Texts without dictionaries cannot be numbered: threads, memory and the order of files do not matter."""
        files = self.files(3, lambda rng: pa.array([f"{v:x}" for v in rng.integers(0, 1 << 40, 20000)]), use_dictionary=False)
        once = self.keys_of(files, "--threads", "1")
        self.assertTrue(once == self.keys_of(files, "--threads", "4"))
        self.assertTrue(once == self.keys_of(files[::-1], "--memory", LITTLE))
        self.assertFalse(once == sorted(once))
        self.assertTrue(sorted(once) == self.keys_of(files, "--sort"))

    def test_aligned_keys_keep_the_order_of_the_first_file(self):
        order = np.random.default_rng(4).permutation(3000)
        files = self.files(4, lambda rng: pa.array(order))
        self.assertEqual(self.keys_of(files), order.tolist())
        self.assertEqual(self.keys_of(files, "--sort"), sorted(order.tolist()))
