"""Results: what each library makes of them, where their memory is, and how long it stays."""
import gc
import os
import threading
import unittest

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import weir
from case import Case, mappings, ranges_of_results, table


def all_types():
    """A table with a key, and a column of each type that a result can carry."""
    rows = 100
    times = pa.array(np.arange(rows), pa.int64())
    columns = {
        "key": pa.array(np.arange(rows), pa.int32()),
        "text": pa.array([f"text {i} " + "x" * (i % 20) for i in range(rows)]),
        "some_text": pa.array([None if i % 3 == 0 else str(i) for i in range(rows)]),
        "bytes": pa.array([bytes([i, 255 - i]) for i in range(rows)]),
        "flag": pa.array([i % 2 == 0 for i in range(rows)]),
        "some_flag": pa.array([None if i % 5 == 0 else i % 2 == 0 for i in range(rows)]),
        "date": pa.array(np.arange(rows), pa.int32()).cast(pa.date32()),
        "zoned": times.cast(pa.timestamp("ns", "Europe/Berlin")),
        "milliseconds": times.cast(pa.timestamp("ms")),
        "time": times.cast(pa.time64("us")),
        "time_ms": pa.array(np.arange(rows), pa.int32()).cast(pa.time32("ms")),
        "decimal": pa.array([None if i == 7 else i for i in range(rows)], pa.decimal128(12, 2)),
        "fixed": pa.array([bytes([i]) * 5 for i in range(rows)], pa.binary(5)),
        "half": pa.array(np.arange(rows), pa.float16()),
        "unsigned": pa.array(np.arange(rows), pa.uint8()),
    }
    return pa.table(columns)


class TestLibraries(Case):
    def test_pyarrow(self):
        paths = self.files(nulls=True)
        result = pa.table(weir.sum(paths, by="path,Date", agg="count:value,max:value"))
        result.validate(full=True)
        self.assertEqual(result.select(["path", "Date"]), table().select(["path", "Date"]))
        values = [pq.read_table(path)["value"].to_pylist() for path in paths]
        rows = [[value for value in row if value is not None] for row in zip(*values)]
        self.assertEqual(result["value_count"].to_pylist(), [len(row) for row in rows])
        self.assertEqual(result["value_max"].to_pylist(), [max(row, default=None) for row in rows])

    def test_each_library_has_the_same(self):
        result = self.sum(agg="sum:value,count:*")
        arrow = result.to_pyarrow()
        self.assertTrue(pl.DataFrame(result).equals(pl.from_arrow(arrow)))
        self.assertTrue(result.to_polars().equals(pl.from_arrow(arrow)))
        pd.testing.assert_frame_equal(pd.DataFrame.from_arrow(result), arrow.to_pandas())
        pd.testing.assert_frame_equal(result.to_pandas(), arrow.to_pandas())
        with duckdb.connect() as connection:
            found = connection.sql("SELECT * FROM result").to_arrow_table()
        self.assertEqual(found.to_pylist(), arrow.to_pylist())

    def test_all_types(self):
        """Against the program's own Parquet, read by pyarrow."""
        source = self.folder / "types.parquet"
        pq.write_table(all_types(), source)
        by = [name for name in all_types().column_names if name not in ("half", "unsigned")]
        aggregates = ["sum:half", "max:half", "sum:unsigned", "min:decimal", "max:date", "count:text", "min:zoned"]
        result = weir.sum(source, by=by, agg=aggregates)
        written = weir.sum(source, by=by, agg=aggregates, output=self.folder / "out.parquet")
        expected = pq.read_table(written.path)
        found = pa.table(result)
        found.validate(full=True)
        for name in expected.column_names:
            self.assertEqual(found[name].to_pylist(), expected[name].to_pylist(), name)
        self.assertEqual([column.type for column in result.columns], [str(field.type) for field in found.schema])
        self.assertEqual(pl.DataFrame(result)["some_text"].to_list(), expected["some_text"].to_pylist())

    def test_columns_and_report(self):
        result = self.sum(agg={"total": ("sum", "value"), "rows": "count"})
        self.assertEqual([tuple(column) for column in result.columns],
                         [("path", "int64", True), ("Date", "timestamp[us]", True), ("total", "double", True),
                          ("rows", "int64", False)])
        self.assertEqual((len(result), result.num_rows, result.report.result_rows), (3000, 3000, 3000))
        self.assertEqual((result.plan.files, result.plan.rows, result.report.rows_read), (3, 9000, 9000))
        self.assertGreater(result.plan.memory.promised_bytes, result.report.peak_bytes)
        self.assertIn("3,000 rows of path: int64", repr(result))

    def test_schema_alone(self):
        result = self.sum()
        self.assertEqual(pa.schema(result), pa.table(result).schema)

    def test_no_rows(self):
        pq.write_table(table().slice(0, 0), self.folder / "empty.parquet")
        result = weir.sum(self.folder / "empty.parquet", by="path", agg="sum:value")
        self.assertEqual((len(result), pa.table(result).num_rows, len(pl.DataFrame(result))), (0, 0, 0))
        self.assertEqual(pa.table(result).column_names, ["path", "value_sum"])


class TestMemory(Case):
    def assertInside(self, address, size):
        self.assertTrue(any(first <= address and address + size <= last for first, last in ranges_of_results()),
                        hex(address))

    def test_pyarrow_takes_no_copy(self):
        result = self.sum()
        for chunk in pa.table(result)["value_sum"].chunks:
            self.assertInside(chunk.buffers()[1].address, chunk.buffers()[1].size)

    def test_polars_takes_no_copy(self):
        for chunk in pl.DataFrame(self.sum())["value_sum"].get_chunks():
            self.assertInside(chunk.to_numpy(allow_copy=False).__array_interface__["data"][0], 8 * len(chunk))

    def test_duckdb_lets_go(self):
        def count():
            result = self.sum()
            with duckdb.connect() as connection:
                return connection.sql("SELECT count(*) FROM result").fetchall()
        before = mappings()
        self.assertEqual(count(), [(3000,)])
        self.assertEqual(mappings(), before)

    def test_numpy_takes_no_copy(self):
        chunk = pa.table(self.sum())["value_sum"].chunk(0).to_numpy()
        self.assertInside(chunk.__array_interface__["data"][0], chunk.nbytes)

    def test_data_outlives_result(self):
        before = mappings()
        result = self.sum()
        arrow = pa.table(result)
        sums = arrow["value_sum"].to_pylist()
        del result
        self.assertEqual(mappings(), before + 1)
        self.assertEqual(arrow["value_sum"].to_pylist(), sums)
        column = arrow["value_sum"]
        del arrow
        self.assertEqual(column.to_pylist(), sums)
        del column
        self.assertEqual(mappings(), before)

    def test_result_that_nobody_took(self):
        before = mappings()
        result = self.sum()
        self.assertEqual(mappings(), before + 1)
        del result
        self.assertEqual(mappings(), before)

    def test_capsules_that_nobody_took(self):
        before = mappings()
        result = self.sum()
        capsules = [result.__arrow_c_stream__(), result.__arrow_c_schema__()]
        del result
        self.assertEqual(mappings(), before + 1)
        capsules.clear()
        self.assertEqual(mappings(), before)

    def test_capsule_outlives_result(self):
        class Holder:
            def __init__(self, capsule):
                self.capsule = capsule

            def __arrow_c_stream__(self, requested_schema=None):
                return self.capsule
        holder = Holder(self.sum().__arrow_c_stream__())
        gc.collect()
        self.assertEqual(pa.table(holder).num_rows, 3000)
        with self.assertRaises(Exception):
            pa.table(holder)  # a stream is there once

    def test_each_stream_begins_anew(self):
        result = self.sum()
        first, second = pa.RecordBatchReader.from_stream(result), pa.RecordBatchReader.from_stream(result)
        first.read_next_batch()
        self.assertEqual(second.read_all(), pa.table(result))

    def test_stream_left_half_way(self):
        before = mappings()
        reader = pa.RecordBatchReader.from_stream(self.sum())
        batch = reader.read_next_batch()
        del reader
        self.assertEqual(mappings(), before + 1)
        del batch
        self.assertEqual(mappings(), before)

    def test_columns_moved_out_of_a_batch(self):
        """A consumer may take a child and release its parent at once."""
        before = mappings()
        columns = [pa.RecordBatchReader.from_stream(self.sum()).read_next_batch().column(i) for i in range(3)]
        values = [column.to_pylist() for column in columns]
        for column in reversed(columns):
            self.assertEqual(len(column), len(values[0]))
        del columns, column
        self.assertEqual(mappings(), before)

    def test_let_go_while_an_exception_is_on_its_way(self):
        """What is on the interpreter's stack is dropped while the exception is set."""
        result = self.sum()
        before = mappings()
        for take in (pa.table, pl.DataFrame, lambda data: data.__arrow_c_stream__(), lambda data: data.__arrow_c_schema__(),
                     pa.RecordBatchReader.from_stream):
            for _ in range(3):
                with self.assertRaises(ZeroDivisionError):
                    print(take(result), take(self.sum()), 1 // 0)
        self.assertEqual(mappings(), before)

    def test_cycle(self):
        before = mappings()
        ring = [pa.table(self.sum())]
        ring.append(ring)
        del ring
        self.assertEqual(mappings(), before)

    def test_threads(self):
        """Many take and let go at once."""
        result = self.sum()
        expected = pa.table(result)["value_sum"].to_pylist()
        failures = []

        def work():
            for _ in range(20):
                if pa.table(result)["value_sum"].to_pylist() != expected or len(pl.DataFrame(result)) != len(expected):
                    failures.append("other values")
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_interpreter_ends_with_live_results(self):
        self.files()
        status, out, err = self.python("""
            import sys, threading, weir, pyarrow as pa, polars as pl, duckdb, pandas as pd
            result = weir.sum("part-*.parquet", by="path,Date", agg="sum:value")
            arrow, polars, reader = pa.table(result), pl.DataFrame(result), pa.RecordBatchReader.from_stream(result)
            capsule, frame = result.__arrow_c_stream__(), pd.DataFrame.from_arrow(result)
            sys.kept = [arrow, polars, reader, capsule, result]
            ring = [arrow, reader]
            ring.append(ring)
            duckdb.register("result", arrow)
            relation = duckdb.sql("SELECT * FROM result")
            threading.Thread(target=lambda kept=[arrow]: threading.Event().wait(), daemon=True).start()
            print(len(arrow))
        """)
        self.assertEqual((status, out), (0, "3000\n"), err)
        self.assertNotIn("Traceback", err)
        self.assertNotIn("Fatal", err)

    def test_no_descriptor_is_left(self):
        self.sum()
        before = os.listdir("/proc/self/fd")
        results = [self.sum() for _ in range(3)]
        for call in (lambda: weir.sum("nowhere", by="path", agg="sum:value"), lambda: weir.plan("nowhere", agg="x")):
            with self.assertRaises(weir.Error):
                call()
        self.assertEqual(len(os.listdir("/proc/self/fd")), len(before))
        self.assertEqual(len(results), 3)


if __name__ == "__main__":
    unittest.main()
