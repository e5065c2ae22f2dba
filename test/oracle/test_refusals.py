"""Files that may not be summed together are refused with words that help, and nothing is written."""
import os
import threading

import pyarrow as pa
import pyarrow.parquet as pq

import support
from support import WeirTest, doubles, keys_table


class Columns(WeirTest):
    ROWS = 600

    def write(self, name, keys, value=None, **options):
        rows = len(keys["path"])
        value = value if value is not None else pa.array(doubles("normal", rows, 1))
        pq.write_table(pa.table({**keys, "value": value}), self.folder / name, **options)

    def refused(self, *files, says=(), by="path,Date", extra=()):
        result = self.weir_fails("sum", "--by", by, "--sum", "value", "-o", "out.parquet", *extra, *files, says=says)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.suffix != ".parquet" or p.stem == "out"], [])
        return result

    def test_keys_that_no_type_holds(self):
        """Local time and UTC, time and number, text and number: chunks of some are byte for byte the same."""
        plain = keys_table(20, 30)
        numbers = plain["Date"].cast(pa.int64())
        of_day = pa.array([v % 86_400_000_000 for v in numbers.to_pylist()])
        dates = [numbers.cast(pa.timestamp("ms")), numbers.cast(pa.timestamp("ms", tz="UTC")), numbers, of_day.cast(pa.time64("us")),
                 numbers.cast(pa.string()), numbers.cast(pa.float64())]
        for number, date in enumerate(dates):
            self.write(f"{number}.parquet", {**plain, "Date": date}, use_dictionary=False)
        for number in range(1, len(dates)):
            with self.subTest(type=dates[number].type):
                result = self.refused("0.parquet", f"{number}.parquet", says=("Date", f"{number}.parquet", "0.parquet"))
                self.assertIn("timestamp", result.err)

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
