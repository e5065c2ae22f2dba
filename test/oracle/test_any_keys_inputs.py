"""What files of one sum may differ in, and what they may say wrongly of themselves: types, names, statistics, keys named."""
import itertools
import json
import random
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import any_keys
import support
from any_keys import plain
from support import WeirTest, fastparquet


class Inputs(WeirTest):
    def write(self, name, columns, **options):
        pq.write_table(pa.table(columns), self.folder / name, **options)
        return name

    def sum_of(self, files, *options, by="k", agg="sum:v=v", output="out.parquet"):
        """The report and the result."""
        by = () if by is None else ("--by", by)
        result = self.weir("sum", *by, "--agg", agg, "--no-cache", "--json", "-o", output, "--overwrite", *options, *files)
        return json.loads(result.out)["report"], pq.read_table(self.folder / output)

    def sums(self, files, *options, **more):
        report, table = self.sum_of(files, *options, **more)
        return dict(zip(plain(table["k"]), table["v"].to_pylist())), report


class LooseTypes(Inputs):
    """Equal values of other types are one key, whatever the order of files."""

    ALIKE = [
        ([1, 2, 300], (pa.int16(), pa.int32(), pa.int64(), pa.uint16(), pa.uint32(), pa.uint64())),
        ([1, 2, -3], (pa.int8(), pa.int32(), pa.float32(), pa.float64())),
        ([1, 2, -3], (pa.int8(), pa.int64(), pa.decimal128(21, 2), pa.decimal256(40, 1))),
        ([0, 86400, 86400 * 20000], (pa.date32(), pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("us"), pa.timestamp("ns"))),
        ([0, 5, 86399], (pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"))),
        ([0, 5, 10**6], (pa.timestamp("s", "UTC"), pa.timestamp("us", "UTC"), pa.timestamp("ns", "Europe/Berlin"))),
        (["a", "", "ä"], (pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string()), pa.string_view(), pa.binary())),
        ([0.5, -2.0, 0.0], (pa.float16(), pa.float32(), pa.float64())),
        ([None], (pa.null(), pa.int32(), pa.string(), pa.float64())),
    ]
    APART = [pa.int64(), pa.float64(), pa.string(), pa.date32(), pa.timestamp("us", "UTC"), pa.time64("us"), pa.bool_(),
             pa.binary(16)]

    def array(self, values, kind):
        if pa.types.is_dictionary(kind):
            return pa.array(values, kind.value_type).dictionary_encode().cast(kind)
        if pa.types.is_date32(kind):
            return pa.array([v // 86400 for v in values], pa.int32()).cast(kind)
        if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
            factor = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
            wide = pa.array([v * factor for v in values], pa.int64())
            return wide.cast(pa.int32()).cast(kind) if pa.types.is_time32(kind) else wide.cast(kind)
        if pa.types.is_floating(kind):
            return pa.array(values).cast(pa.float64()).cast(kind)
        return pa.array(values).cast(kind) if pa.types.is_decimal(kind) else pa.array(values, kind)

    def test_alike(self):
        for values, kinds in self.ALIKE:
            pairs = itertools.permutations(kinds, 2) if values[0] is not None else [(kinds[0], kind) for kind in kinds[1:]]
            for left, right in pairs:
                for int96 in (False, True) if pa.types.is_timestamp(left) and left.tz is None else (False,):
                    with self.subTest(left=str(left), right=str(right), int96=int96):
                        self.check_pair(values, left, right, int96)

    def check_pair(self, values, left, right, int96):
        n = len(values)
        twice = list(reversed(values)) * 2
        files = [self.write("a.parquet", {"k": self.array(values, left), "v": [1.0] * n}, use_deprecated_int96_timestamps=int96),
                 self.write("b.parquet", {"k": self.array(twice, right), "v": [0.25] * 2 * n})]
        if pa.types.is_null(left) and not pa.types.is_null(right):
            files.append(self.write("c.parquet", {"k": self.array(values, right), "v": [0.0] * n}))
        sums, _ = self.sums(files)
        self.assertEqual(len(sums), len(set(values)))
        self.assertEqual(set(sums.values()), {1.5})

    def test_of_three_types(self):
        rng = random.Random(1)
        for values, kinds in self.ALIKE[:-1]:
            for chosen in ([rng.choice(kinds) for _ in range(4)] for _ in range(3)):
                with self.subTest(kinds=list(map(str, chosen))):
                    files = [self.write(f"{i}.parquet", {"k": self.array(values[i % 2:], kind), "v": [1.0] * (len(values) - i % 2)})
                             for i, kind in enumerate(chosen)]
                    sums, _ = self.sums(files)
                    self.assertEqual(sorted(sums.values()), [2.0] + [4.0] * (len(values) - 1))

    def test_apart(self):
        for left, right in itertools.permutations(self.APART, 2):
            with self.subTest(left=str(left), right=str(right)):
                self.write("left.parquet", {"k": pa.array([None], left), "v": [1.0]})
                self.write("right.parquet", {"k": pa.array([None, None], right), "v": [1.0, 2.0]})
                self.weir_fails("sum", "--by", "k", "--sum", "v", "--no-cache", "left.parquet", "right.parquet",
                                says=("left.parquet", "right.parquet", "column k"))

    def test_a_value_beyond(self):
        """Types that agree, values that do not: never another key in silence."""
        cases = [(pa.array([2**63 + 1], pa.uint64()), pa.array([-1], pa.int64())),
                 (pa.array([2**40], pa.int64()).cast(pa.timestamp("s")), pa.array([1], pa.timestamp("ns")))]
        for left, right in cases:
            for files in (("a.parquet", "b.parquet"), ("b.parquet", "a.parquet")):
                self.write("a.parquet", {"k": left, "v": [1.0]})
                self.write("b.parquet", {"k": pa.concat_arrays([right, right]), "v": [1.0, 2.0]})
                self.weir_fails("sum", "--by", "k", "--sum", "v", "--no-cache", *files, says=("a.parquet", "no equal"))


class FloatKeys(Inputs):
    """-0 is 0, and each NaN is NaN, on every way."""

    BITS = {"float16": ("uint16", (0, 0x8000, 0x3C00, 0x7E00, 0xFE01, 0x7C01, 0xFFFF)),
            "float32": ("uint32", (0, 1 << 31, 0x3F800000, 0x7FC00000, 0xFFC00001, 0x7F800001, 0xFFFFFFFF)),
            "float64": ("uint64", (0, 1 << 63, 0x3FF0 << 48, 0x7FF8 << 48, 0xFFF8 << 48 | 1, (0x7FF0 << 48) + 1, (1 << 64) - 1))}

    def test_zeros_and_nans(self):
        for name, (bits, patterns) in self.BITS.items():
            keys = pa.array(np.array(patterns, bits).view(name), from_pandas=False)
            for other, dictionary, more in itertools.product((keys, keys[::-1], keys[3:]), (True, False), (False, True)):
                files = [self.write(f"{number}.parquet", {"k": column, **({"z": [1] * len(column)} if more else {}),
                                                          "v": [1.0] * len(column)}, use_dictionary=dictionary)
                         for number, column in enumerate((keys, keys, other))]
                expected = {0.0: 6.0 if len(other) == 7 else 4.0, 1.0: 3.0 if len(other) == 7 else 2.0, any_keys.NAN: 12.0}
                with self.subTest(type=name, other=other.to_pylist(), dictionary=dictionary, two_columns=more):
                    report, table = self.sum_of(files, by="k,z" if more else "k")
                    self.assertEqual(table.num_rows, 3, f"by way {report['way']}")
                    self.assertEqual(dict(zip(plain(table["k"]), table["v"].to_pylist())), expected)


class Renamed(Inputs):
    def test_rename(self):
        files = [self.write("new.parquet", {"k": [1, 2, 3], "v": [1.0, 2.0, 4.0]}),
                 self.write("old.parquet", {"key, old": [3, 1, 7], "v": [8.0, 16.0, 32.0]}),
                 self.write("older.parquet", {"ancient": [7, 7], "value": [64.0, 128.0]})]
        renames = ("--rename", "key\\, old=k", "--rename", "ancient=k", "--rename", "value=v")
        for order in itertools.permutations(files):
            with self.subTest(order=order):
                sums, _ = self.sums(order, *renames)
                self.assertEqual(sums, {1: 17.0, 2: 2.0, 3: 12.0, 7: 224.0})
        self.weir_fails("sum", "--by", "k", "--sum", "v", "--no-cache", *files, says=("old.parquet", "k"))

    def test_the_name_itself_comes_first(self):
        self.write("both.parquet", {"k": [1, 2], "old": [5, 6], "v": [1.0, 2.0]})
        sums, _ = self.sums(["both.parquet", "both.parquet"], "--rename", "old=k")
        self.assertEqual(sums, {1: 2.0, 2: 4.0})


def lie(path, column, low, high):
    """Writes other bounds of a column into all chunks of a footer."""
    metadata = fastparquet.ParquetFile(str(path)).fmd
    for group in metadata.row_groups:
        for chunk in group.columns:
            if chunk.meta_data.path_in_schema in ([column], [column.encode()]):
                statistics = chunk.meta_data.statistics
                statistics.min_value = statistics.min = low
                statistics.max_value = statistics.max = high
    content = path.read_bytes()
    footer = metadata.to_bytes()
    path.write_bytes(content[:-8 - struct.unpack("<I", content[-8:-4])[0]] + footer + struct.pack("<I", len(footer)) + b"PAR1")


class LyingStatistics(Inputs):
    """Bounds in footers that do not hold: the sum begins again, and is right."""

    def expected(self, files):
        sums = {}
        for name in files:
            table = pq.ParquetFile(self.folder / name).read()
            for key, value in zip(table["k"].to_pylist(), table["v"].to_pylist()):
                sums[key] = sums.get(key, 0.0) + value
        return sums

    def make(self, rng, ascending, dictionary, kind):
        files = []
        for number in range(3):
            keys = rng.integers(0, 5000, 3000)
            keys = np.sort(keys) if ascending else keys
            files.append(self.write(f"{number}.parquet", {"k": pa.array(keys).cast(kind), "v": rng.integers(0, 99, 3000) / 4},
                                    row_group_size=1000, use_dictionary=dictionary, data_page_size=1000))
        return files

    def test_bounds_that_do_not_hold(self):
        begun_again = 0
        for seed, (ascending, dictionary, kind) in enumerate(itertools.product(
                (True, False), (True, False), (pa.int64(), pa.int32()))):
            pack = "<q" if kind == pa.int64() else "<i"  # of types without annotation, which fastparquet writes back as they were
            for low, high in ((10, 20), (0, 4990), (3, 6000), (5000, 0), (2**31 - 3, 2**31 - 1), (0, 0)):
                files = self.make(np.random.default_rng(seed), ascending, dictionary, kind)
                expected = self.expected(files)
                for name in files[:1 + seed % 3]:
                    lie(self.folder / name, "k", struct.pack(pack, low), struct.pack(pack, high))
                for options in (("--threads", 1), ("--threads", 2, "--sort")):
                    with self.subTest(ascending=ascending, dictionary=dictionary, kind=str(kind), bounds=(low, high), options=options):
                        sums, report = self.sums(files, *options)
                        self.assertEqual(sums, expected)
                        begun_again += report["begun_again"]
        self.assertGreater(begun_again, 0)

    def test_bounds_of_the_wrong_length(self):
        files = self.make(np.random.default_rng(1), False, False, pa.int64())
        expected = self.expected(files)
        for low, high in ((b"", b""), (b"\1", b"\2"), (b"x" * 100, b"y" * 100), (None, b"\0" * 8)):
            files = self.make(np.random.default_rng(1), False, False, pa.int64())
            lie(self.folder / files[1], "k", low, high)
            with self.subTest(low=low, high=high):
                self.assertEqual(self.sums(files)[0], expected)

    def test_files_that_claim_to_be_sorted(self):
        """Ascending but for one row, late in the last file."""
        keys = [np.arange(0, 50000, 1 + number) for number in range(3)]
        keys[2][-2], keys[2][-1] = keys[2][-1], keys[2][-2]
        files = [self.write(f"{number}.parquet", {"k": column, "v": np.full(len(column), 0.5)},
                            sorting_columns=[pq.SortingColumn(0)]) for number, column in enumerate(keys)]
        for threads in (1, 2, 4):
            sums, report = self.sums(files, "--threads", threads)
            self.assertEqual(sums, self.expected(files))
            self.assertEqual((report["begun_again"], report["way"] == "sorted"), (1, False))


class KeysNamed(Inputs):
    def test_no_keys(self):
        files = [self.write("a.parquet", {"k": [1, 2], "v": [1e300, 1.0]}), self.write("b.parquet", {"k": [9], "v": [-1e300]}),
                 self.write("c.parquet", {"k": pa.array([], pa.int64()), "v": pa.array([], pa.float64())})]
        agg = "sum:v=s,count:v=n,count:*=rows,min:v=low,mean:v=mean"
        for chosen in (files, files[::-1], files[:2]):
            _, table = self.sum_of(chosen, by=None, agg=agg)
            self.assertEqual(table.to_pylist(), [{"s": 1.0, "n": 3, "rows": 3, "low": -1e300, "mean": 1 / 3}])
        for chosen in (files[2:], files[2:] * 3):
            _, table = self.sum_of(chosen, by=None, agg=agg)
            self.assertEqual(table.to_pylist(), [{"s": None, "n": 0, "rows": 0, "low": None, "mean": None}])
        _, table = self.sum_of(files, "--where", "k > 100", by=None, agg=agg)
        self.assertEqual(table.to_pylist(), [{"s": None, "n": 0, "rows": 0, "low": None, "mean": None}])

    def test_each_subset_of_columns(self):
        """--by some of several key columns of aligned files."""
        keys = support.keys_table(40, 12)
        rng = np.random.default_rng(3)
        keys["kind"] = pa.array(rng.choice(["x", "y", None], 480).tolist(), pa.string())
        files = []
        for number in range(4):
            values = rng.normal(size=480) * 10.0**rng.integers(-300, 300, 480)
            files.append(self.write(f"{number}.parquet", {**keys, "v": values}, row_group_size=100))
        for count in (1, 2, 3):
            for names in itertools.permutations(keys, count):
                with self.subTest(by=names):
                    self.check_subset(files, names)

    def check_subset(self, files, names):
        rows = {}
        for name in files:
            table = pq.read_table(self.folder / name)
            for row in zip(*(plain(table[column]) for column in (*names, "v"))):
                rows.setdefault(row[:-1], []).append(row[-1])
        report, table = self.sum_of(files, by=",".join(names), agg="sum:v=v,count:*=n")
        found = {row[:-2]: row[-2:] for row in zip(*(plain(table[column]) for column in (*names, "v", "n")))}
        expected = {key: (any_keys.plain_float(support.expected_sum(values)), len(values)) for key, values in rows.items()}
        self.assertEqual(found, expected)
        self.assertIn(report["way"], ("aligned", "folded"))

    def test_many_empty_files(self):
        empty = {"k": pa.array([], pa.int64()), "v": pa.array([], pa.float64())}
        files = [self.write(f"{number}.parquet", empty if number % 3 else {"k": [number % 5], "v": [1.0]}) for number in range(60)]
        for order in (files, files[::-1], files[1:3]):
            sums, _ = self.sums(order)
            self.assertEqual(sum(sums.values()), 20.0 if len(order) == 60 else 0)
            self.assertEqual(set(sums), set(range(5)) if len(order) == 60 else set())
