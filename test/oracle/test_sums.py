"""Sums, means, counts and extremes against exact rational arithmetic, over files of every writer."""
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa

import support
from support import WRITERS, WeirTest, assert_columns_equal, doubles, expected_mean, expected_sum

ALL = "sum:value,count:value,min:value,max:value,mean:value,count:*"


def by_key(columns):
    """Values of the files, key by key."""
    return list(zip(*columns))


def smallest(values):
    """SQL order of weir: NaN ranks highest."""
    present = [v for v in values if v is not None]
    return min(present, key=lambda v: (v != v, v)) if present else None


def largest(values):
    present = [v for v in values if v is not None]
    return max(present, key=lambda v: (v != v, v if v == v else 0.0)) if present else None


class EveryWriter(WeirTest):
    def write(self, values, keys, writers):
        """One file a writer, each with its own values."""
        files = []
        for number, ((name, writer), column) in enumerate(zip(writers, values)):
            path = self.folder / f"{number:02}-{name}.parquet"
            writer(pa.table({**keys, "value": column}), path)
            files.append(path.name)
        return files

    def check_kind(self, kind, nulls=0.0):
        keys = support.keys_table(60, 30, "us")
        writers = list(WRITERS.items())
        columns = [support.with_nulls(doubles(kind, 1800, seed), nulls if seed % 2 else 0.0, seed)
                   for seed in range(len(writers))]
        if nulls:
            writers = [(name, writer) for name, writer in writers if not nan_means_null(name)]
            columns = columns[:len(writers)]
        files = self.write(columns, keys, writers)
        result = self.sum(files, "--agg", ALL)
        rows = by_key([column.to_pylist() for column in columns])
        self.check_result(result, rows, kind)

    def check_result(self, result, rows, context):
        self.assertEqual(result.num_rows, len(rows))
        expected = {
            "value_sum": [expected_sum(values) for values in rows],
            "value_mean": [expected_mean(values) for values in rows],
            "value_count": [sum(v is not None for v in values) for values in rows],
            "value_min": [smallest(values) for values in rows],
            "value_max": [largest(values) for values in rows],
            "count": [len(values) for values in rows],
        }
        for name, column in expected.items():
            if name not in result.column_names:
                self.fail(f"no column {name} in {result.column_names}")
            assert_columns_equal(self, result[name].to_pylist(), column, f"{context}, {name}")

    def test_normal(self):
        self.check_kind("normal")

    def test_wide_range(self):
        self.check_kind("wide")

    def test_subnormal(self):
        self.check_kind("subnormal")

    def test_largest(self):
        self.check_kind("large")

    def test_integers(self):
        self.check_kind("integers")

    def test_ties(self):
        self.check_kind("ties")

    def test_tails(self):
        self.check_kind("tails")

    def test_nulls(self):
        self.check_kind("normal", nulls=0.3)

    def test_only_nulls(self):
        self.check_kind("normal", nulls=1.1)

    def test_nulls_in_wide_range(self):
        self.check_kind("wide", nulls=0.5)

    def test_infinities_and_nan(self):
        """Writers that go through pandas store NaN as NULL, so they are left out."""
        keys = support.keys_table(60, 30, "us")
        writers = [(name, writer) for name, writer in WRITERS.items() if not nan_means_null(name)]
        columns = [pa.array(doubles("special", 1800, seed)) for seed in range(len(writers))]
        files = self.write(columns, keys, writers)
        result = self.sum(files, "--agg", "sum:value,count:value,max:value")
        rows = by_key([column.to_pylist() for column in columns])
        assert_columns_equal(self, result["value_sum"].to_pylist(), [expected_sum(r) for r in rows], "sum")
        assert_columns_equal(self, result["value_max"].to_pylist(), [largest(r) for r in rows], "max")
        self.assertEqual(result["value_count"].to_pylist(), [len(r) for r in rows])

    def test_zero_is_positive(self):
        keys = support.keys_table(5, 5)
        columns = [pa.array(doubles("zeros", 25, seed)) for seed in range(3)]
        files = self.write(columns, keys, list(WRITERS.items())[:3])
        result = self.sum(files, "--sum", "value")
        assert_columns_equal(self, result["value"].to_pylist(), [0.0] * 25, "zero")


def nan_means_null(name):
    return name.startswith(("pandas", "fastparquet"))


class Constructed(WeirTest):
    """Sums whose rounding random data never meets."""

    GROUPS = [
        [1e308, 1e308, -1e308],                                # must not overflow on the way
        [1e308, 1e308, 1e308],                                 # an infinity at the end only
        [1e300, 1.0, -1e300],                                  # cancellation leaves 1
        [2.0 ** 53, 1.0, 0.0],                                 # tie to even, down
        [2.0 ** 53 + 2, 1.0, 0.0],                             # tie to even, up
        [2.0 ** 53, 1.0, 2.0 ** -1074],                        # just above the tie
        [2.0 ** 53, 1.0, -2.0 ** -1074],                       # just below the tie
        [-(2.0 ** 53), -1.0, -(2.0 ** -1000)],
        [2.0 ** 53, 2.0 ** -53, 1.0],                          # double rounding goes wrong here
        [1.0, 2.0 ** -53, 2.0 ** -106],
        [1.0, 2.0 ** -53, -2.0 ** -106],
        [1.0 + 2.0 ** -52, 2.0 ** -53, 0.0],
        [5e-324, 5e-324, -5e-324],
        [2.2250738585072014e-308, -5e-324, 0.0],               # normal to subnormal
        [1.7976931348623157e308, 2.0 ** 969, 0.0],             # below half a place: stays finite
        [1.7976931348623157e308, 2.0 ** 970, 0.0],             # half a place: rounds to infinity
        [1.7976931348623157e308, 2.0 ** 970, -(2.0 ** -1074)],  # a hair below half: stays finite
        [-1.7976931348623157e308, -(2.0 ** 970), 0.0],
        [2.0 ** 1023, 2.0 ** 1023, -(2.0 ** 1023)],
        [0.1, 0.2, -0.3],
        [float("inf"), 1.0, 2.0],
        [float("inf"), float("-inf"), 2.0],
        [float("-inf"), 1e308, 1e308],
        [float("nan"), 1.0, float("inf")],
        [-0.0, -0.0, -0.0],
        [1e16, 1.0, -1e16],
        [2.0 ** 70, 2.0 ** 17, -(2.0 ** 70)],
        [2.0 ** 1000, 2.0 ** -1000, -(2.0 ** 1000)],
    ]

    def test_each_in_every_order(self):
        count = len(self.GROUPS)
        keys = {"key": pa.array(range(count), pa.int32())}
        for number in range(3):
            column = pa.array([group[number] for group in self.GROUPS], pa.float64())
            WRITERS["arrow"](pa.table({**keys, "value": column}), self.folder / f"{number}.parquet")
        for order in ("012", "120", "201", "210"):
            files = [f"{c}.parquet" for c in order]
            result = self.sum(files, "--agg", "sum:value,mean:value", by="key")
            assert_columns_equal(self, result["value_sum"].to_pylist(), [expected_sum(g) for g in self.GROUPS], order)
            assert_columns_equal(self, result["value_mean"].to_pylist(), [expected_mean(g) for g in self.GROUPS], order)

    def test_many_files_of_halves(self):
        """Long chains of carries: 700 files of values next to ties, with both signs."""
        rng = np.random.default_rng(5)
        keys = {"key": pa.array(range(64), pa.int64())}
        columns = []
        for number in range(700):
            base = rng.choice([2.0 ** 53, -(2.0 ** 53), 1.0, 0.5, 2.0 ** -30, -(2.0 ** -31), 2.0 ** 80, -(2.0 ** 80)], 64)
            columns.append(base.tolist())
            WRITERS["arrow"](pa.table({**keys, "value": pa.array(base)}), self.folder / f"{number:03}.parquet")
        result = self.sum(["."], "--sum", "value", by="key", output="../out.parquet")
        rows = list(zip(*columns))
        assert_columns_equal(self, result["value"].to_pylist(), [expected_sum(r) for r in rows], "halves")

    def tearDown(self):
        (self.folder.parent / "out.parquet").unlink(missing_ok=True)


class OtherTypes(WeirTest):
    def write(self, columns, keys=None):
        keys = keys or {"key": pa.array(range(len(columns[0])), pa.int64())}
        for number, column in enumerate(columns):
            writer = list(WRITERS.values())[number % 3]
            writer(pa.table({**keys, "value": column}), self.folder / f"{number}.parquet")
        return [f"{number}.parquet" for number in range(len(columns))]

    def test_float32(self):
        rng = np.random.default_rng(1)
        columns = [rng.integers(0, 0x7F800000, 500, dtype="uint32").view("float32") for _ in range(5)]
        result = self.sum(self.write([pa.array(c) for c in columns]), "--agg", ALL, by="key")
        rows = by_key([[float(v) for v in c] for c in columns])
        self.assertEqual(result.schema.field("value_sum").type, pa.float64())
        self.assertEqual(result.schema.field("value_min").type, pa.float32())
        assert_columns_equal(self, result["value_sum"].to_pylist(), [expected_sum(r) for r in rows], "sum")
        assert_columns_equal(self, result["value_mean"].to_pylist(), [expected_mean(r) for r in rows], "mean")
        assert_columns_equal(self, result["value_max"].to_pylist(), [largest(r) for r in rows], "max")

    def test_float16_is_summed_or_refused(self):
        columns = [pa.array(np.arange(10, dtype="float16")) for _ in range(2)]
        files = self.write(columns)
        result = support.run("sum", "--by", "key", "--sum", "value", "-o", "o.parquet", *files, cwd=self.folder)
        self.assertIn(result.status, (0, 1))

    def check_integers(self, type_, low, high, result_type):
        rng = np.random.default_rng(3)
        columns = [pa.array([int(v) for v in rng.integers(low, high, 300, dtype="int64" if low < 0 else "uint64",
                                                          endpoint=True)], type_) for _ in range(4)]
        columns[1] = pa.array([None if i % 7 == 0 else v for i, v in enumerate(columns[1].to_pylist())], type_)
        columns = [pa.array([None if i == 11 else v for i, v in enumerate(c.to_pylist())], type_) for c in columns]
        result = self.sum(self.write(columns), "--agg", ALL, by="key")
        rows = by_key([c.to_pylist() for c in columns])
        present = [[v for v in r if v is not None] for r in rows]
        self.assertEqual(result.schema.field("value_sum").type, result_type)
        self.assertEqual(result.schema.field("value_min").type, type_)
        self.assertEqual(result["value_sum"].to_pylist(), [sum(p) if p else None for p in present])
        self.assertEqual(result["value_min"].to_pylist(), [min(p) if p else None for p in present])
        self.assertEqual(result["value_max"].to_pylist(), [max(p) if p else None for p in present])
        self.assertEqual(result["value_count"].to_pylist(), [len(p) for p in present])
        means = [support.round_to_double(Fraction(sum(p), len(p))) if p else None for p in present]
        assert_columns_equal(self, result["value_mean"].to_pylist(), means, "mean")

    def test_signed_integers(self):
        for width in (8, 16, 32, 64):
            limit = 1 << (width - 1 if width < 64 else 60)
            with self.subTest(width=width):
                self.check_integers(getattr(pa, f"int{width}")(), -limit, limit - 1, pa.int64())

    def test_unsigned_integers(self):
        for width in (8, 16, 32, 64):
            limit = 1 << (width if width < 64 else 61)
            with self.subTest(width=width):
                self.check_integers(getattr(pa, f"uint{width}")(), 0, limit - 1, pa.uint64())

    def test_sums_pass_over_the_limit_and_come_back(self):
        top = (1 << 63) - 1
        columns = [pa.array([top, -top - 1]), pa.array([top, -1]), pa.array([-top, 1])]
        result = self.sum(self.write(columns), "--sum", "value", by="key")
        self.assertEqual(result["value"].to_pylist(), [top, -top - 1])

    def test_overflow_names_the_key(self):
        columns = [pa.array([1, (1 << 63) - 1]), pa.array([1, 1])]
        files = self.write(columns, {"key": pa.array([70, 4711])})
        self.weir_fails("sum", "--by", "key", "--sum", "value", "-o", "o.parquet", *files, says="4711")
        columns = [pa.array([(1 << 64) - 1], pa.uint64()), pa.array([1], pa.uint64())]
        files = self.write(columns, {"key": pa.array([815])})
        self.weir_fails("sum", "--by", "key", "--sum", "value", "-o", "o.parquet", *files, says="815")
        self.assertFalse((self.folder / "o.parquet").exists())

    def check_decimals(self, precision, scale, type_of=pa.decimal128):
        rng = np.random.default_rng(4)
        limit = 10 ** precision
        def draw():
            return int.from_bytes(rng.bytes(32), "little") % (2 * limit - 1) - limit + 1
        import decimal
        with decimal.localcontext(decimal.Context(prec=80)):
            columns = [[Decimal(draw() // 8).scaleb(-scale) for _ in range(100)] for _ in range(5)]
            arrays = [pa.array(c, type_of(precision, scale)) for c in columns]
            rows = by_key(columns)
            sums = [sum(r, Decimal(0)) for r in rows]
        result = self.sum(self.write(arrays), "--agg", "sum:value,min:value,max:value,mean:value", by="key")
        wide = pa.decimal128(38, scale) if precision <= 38 else pa.decimal256(76, scale)
        self.assertEqual(result.schema.field("value_sum").type, wide)
        self.assertEqual(result["value_sum"].to_pylist(), sums)
        self.assertEqual(result["value_min"].to_pylist(), [min(r) for r in rows])
        self.assertEqual(result["value_max"].to_pylist(), [max(r) for r in rows])

    def test_decimals(self):
        for precision, scale in ((4, 2), (9, 0), (9, 4), (18, 4), (19, 3), (28, 10), (37, 2)):
            with self.subTest(precision=precision, scale=scale):
                self.check_decimals(precision, scale)

    def test_wide_decimals(self):
        for precision, scale in ((40, 2), (60, 10), (75, 30)):
            with self.subTest(precision=precision, scale=scale):
                self.check_decimals(precision, scale, pa.decimal256)

    def test_decimals_stored_as_integers(self):
        columns = [[Decimal(i * 7 - n).scaleb(-2) for i in range(50)] for n in range(3)]
        keys = {"key": pa.array(range(50))}
        for number, column in enumerate(columns):
            table = pa.table({**keys, "value": pa.array(column, pa.decimal128(9 if number < 3 else 18, 2))})
            support.write_arrow(store_decimal_as_integer=number != 1)(table, self.folder / f"{number}.parquet")
        result = support.run("sum", "--by", "key", "--sum", "value", "-o", "o.parquet", "0.parquet", "2.parquet",
                             cwd=self.folder)
        self.assertEqual(result.status, 0, result.err)
        found = support.pq.read_table(self.folder / "o.parquet")["value"].to_pylist()
        self.assertEqual(found, [a + b for a, b in zip(columns[0], columns[2])])
