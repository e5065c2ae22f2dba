"""Files that may not be summed together are refused with words that help, and nothing is written."""
import os
import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import support
from support import WeirTest, doubles, keys_table


class Alignment(WeirTest):
    ROWS = 600

    def write(self, name, keys, value=None, **options):
        rows = len(keys["path"])
        value = value if value is not None else pa.array(doubles("normal", rows, 1))
        pq.write_table(pa.table({**keys, "value": value}), self.folder / name, **options)

    def refused(self, *files, says=(), by="path,Date", extra=()):
        result = self.weir_fails("sum", "--by", by, "--sum", "value", "-o", "out.parquet", *extra, *files, says=says)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.suffix != ".parquet" or p.stem == "out"], [])
        return result

    def test_one_key_differs(self):
        keys = keys_table(20, 30)
        self.write("a.parquet", keys)
        changed = keys["path"].to_pylist()
        changed[417] = 4711
        for options in ({}, {"compression": "zstd"}, {"row_group_size": 100}, {"use_dictionary": False}):
            self.write("b.parquet", {**keys, "path": pa.array(changed)}, **options)
            with self.subTest(options=options):
                result = self.refused("a.parquet", "b.parquet", says=("b.parquet", "4711", "aligned"))
                self.assertIn("417", result.err)

    def test_two_rows_change_places(self):
        keys = keys_table(20, 30)
        order = np.arange(600)
        order[[100, 101]] = order[[101, 100]]
        self.write("a.parquet", keys)
        self.write("b.parquet", {name: column.take(pa.array(order)) for name, column in keys.items()})
        self.refused("a.parquet", "b.parquet", says=("b.parquet", "100"))

    def test_fewer_rows(self):
        self.write("a.parquet", keys_table(20, 30))
        self.write("b.parquet", keys_table(19, 30))
        self.refused("a.parquet", "b.parquet", says=("600", "570"))

    def test_null_keys_are_keys(self):
        keys = keys_table(20, 30)
        some = [None if i == 5 else v for i, v in enumerate(keys["path"].to_pylist())]
        self.write("a.parquet", {**keys, "path": pa.array(some, pa.int64())})
        self.write("b.parquet", {**keys, "path": pa.array(some, pa.int64())}, compression="gzip")
        result = self.sum(["a.parquet", "b.parquet"], "--sum", "value", output="nulls.parquet")
        self.assertEqual(result["path"].to_pylist(), some)
        self.write("c.parquet", keys)
        self.refused("a.parquet", "c.parquet", says="c.parquet")

    def test_unit_zone_and_scale_are_part_of_the_type(self):
        """Chunks of these are byte for byte the same."""
        plain = keys_table(20, 30)
        numbers = plain["Date"].cast(pa.int64())
        types = [pa.timestamp("ms"), pa.timestamp("us"), pa.timestamp("ms", tz="UTC"), pa.int64(), pa.time64("us")]
        for number, type_ in enumerate(types):
            values = pa.array([v % 86400000000 for v in numbers.to_pylist()]) if pa.types.is_time(type_) else numbers
            self.write(f"{number}.parquet", {**plain, "Date": values.cast(type_)}, use_dictionary=False)
        for number in range(1, len(types)):
            with self.subTest(type=types[number]):
                self.refused("0.parquet", f"{number}.parquet", says=("Date", f"{number}.parquet"))

    def test_scale_of_decimals(self):
        keys = keys_table(20, 30)
        number = pa.array(range(600), pa.int64())
        for name, type_ in (("a", pa.decimal128(10, 2)), ("b", pa.decimal128(10, 4))):
            raw = pa.Array.from_buffers(type_, 600, [None, pa.array(
                [int(v).to_bytes(16, "little") for v in range(600)], pa.binary(16)).buffers()[1]])
            self.write(f"{name}.parquet", {**keys, "price": raw})
        self.refused("a.parquet", "b.parquet", by="price", says="price")

    def test_value_of_another_type(self):
        keys = keys_table(20, 30)
        self.write("a.parquet", keys)
        self.write("b.parquet", keys, pa.array(range(600), pa.int64()))
        self.write("c.parquet", keys, pa.array([str(i) for i in range(600)]))
        self.refused("a.parquet", "b.parquet", says=("value", "b.parquet"))
        self.refused("c.parquet", says="value")

    def test_missing_column(self):
        keys = keys_table(20, 30)
        self.write("a.parquet", keys)
        pq.write_table(pa.table({**keys, "valeu": pa.array(doubles("normal", 600, 1))}), self.folder / "b.parquet")
        self.refused("a.parquet", "b.parquet", says=("value", "b.parquet", "valeu"))
        self.refused("b.parquet", says=("value", "valeu"))

    def test_nested_columns_are_passed_over_or_named(self):
        keys = keys_table(20, 30)
        nested = pa.array([[1, 2]] * 600)
        self.write("a.parquet", {**keys, "list": nested, "struct": pa.array([{"a": 1}] * 600)})
        self.assertEqual(self.sum(["a.parquet"], "--sum", "value").num_rows, 600)
        self.weir_fails("sum", "--by", "path,list", "--sum", "value", "a.parquet", says="DuckDB")

    def test_repeated_keys(self):
        keys = keys_table(20, 30)
        self.write("a.parquet", keys)
        self.write("b.parquet", keys)
        self.refused("a.parquet", "b.parquet", by="Date", says=("repeat", "Date"))
        self.refused("a.parquet", "b.parquet", by="path", says="repeat")

    def test_repeated_keys_far_apart(self):
        rng = np.random.default_rng(2)
        path = rng.permutation(200000)
        path[199990] = path[3]
        table = {"path": pa.array(path)}
        self.write("a.parquet", table)
        result = self.refused("a.parquet", by="path", says=("repeat", str(path[3])))
        self.assertIn("199990", result.err)
        self.refused("a.parquet", by="path", says="repeat", extra=("--memory", "32MiB"))

    def test_unordered_unique_keys_are_fine(self):
        rng = np.random.default_rng(2)
        path = rng.permutation(300000)
        values = []
        for name in "ab":
            value = doubles("normal", 300000, ord(name))
            values.append(value)
            self.write(f"{name}.parquet", {"path": pa.array(path)}, pa.array(value))
        result = self.sum(["a.parquet", "b.parquet"], "--sum", "value", "--memory", "32MiB", by="path")
        self.assertEqual(result["path"].to_pylist(), path.tolist())
        self.assertEqual(result["value"].to_pylist(), (values[0] + values[1]).tolist())

    def test_nan_and_zero_keys(self):
        """NaN equals NaN and -0.0 equals 0.0 as keys."""
        self.write("a.parquet", {"path": pa.array([0.0, -0.0, 1.0])})
        self.refused("a.parquet", by="path", says="repeat")
        self.write("b.parquet", {"path": pa.array([float("nan"), 1.0, float("nan")])})
        self.refused("b.parquet", by="path", says="repeat")


class ChangedMeanwhile(WeirTest):
    """Files that vanish or change while weir reads them."""

    def start_and(self, change):
        self.weir("synth", "s", "--files", "12", "--paths", "20000")
        files = sorted((self.folder / "s").iterdir())
        failures = 0
        for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
            saved = files[7].read_bytes()
            timer = threading.Timer(delay, change, [files[7]])
            timer.start()
            result = support.run("sum", "--by", "path,Date", "--sum", "value", "-o", "out.parquet", "--overwrite",
                                 "--threads", "1", "s", cwd=self.folder)
            timer.join()
            self.assertIn(result.status, (0, 1), result.err)
            if result.status == 1:
                failures += 1
                self.assertIn("sim-00007", result.err)
                self.assertEqual(len([line for line in result.err.splitlines() if line.strip()]), 1)
            temporary = files[7].with_suffix(".new")
            temporary.write_bytes(saved)
            os.replace(temporary, files[7])
        self.assertGreater(failures, 0, "no run was early enough to see the change")

    def test_vanished(self):
        self.start_and(lambda path: path.unlink(missing_ok=True))

    def test_truncated(self):
        self.start_and(lambda path: os.truncate(path, 1000))

    def test_replaced(self):
        def replace(path):
            other = path.with_name("sim-00003.parquet").read_bytes()
            temporary = path.with_suffix(".new")
            temporary.write_bytes(other)
            os.replace(temporary, path)
        self.start_and(replace)
