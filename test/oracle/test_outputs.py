"""What weir writes is read back with the same values and logical types by everybody."""
import datetime
import io
import json
import struct
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

import support
from support import WeirTest, duckdb, fastparquet, pd, pl

ROWS = 3000


def typed_keys():
    """A key column of every logical type."""
    base = list(range(ROWS))
    day = datetime.date(1969, 11, 1)
    moment = np.datetime64("1999-12-31T23:59:59") + np.arange(ROWS)
    return {
        "i8": pa.array([i % 100 - 50 for i in base], pa.int8()),
        "u16": pa.array([i * 7 for i in base], pa.uint16()),
        "i32": pa.array([-i for i in base], pa.int32()),
        "u64": pa.array([(1 << 63) + i for i in base], pa.uint64()),
        "flag": pa.array([i % 2 == 0 for i in base]),
        "text": pa.array([f"näme, \"{i}\"\n" if i % 5 else "" for i in base]),
        "large_text": pa.array([str(i) for i in base], pa.large_string()),
        "category": pa.array([f"c{i % 7}" for i in base]).dictionary_encode(),
        "blob": pa.array([struct.pack("<I", i) for i in base], pa.binary()),
        "fixed": pa.array([struct.pack(">I", i) for i in base], pa.binary(4)),
        "day": pa.array([day + datetime.timedelta(days=i) for i in base]),
        "ms": pa.array(moment.astype("datetime64[ms]"), pa.timestamp("ms")),
        "us_utc": pa.array(moment.astype("datetime64[us]"), pa.timestamp("us", tz="UTC")),
        "ns_zone": pa.array(moment.astype("datetime64[ns]"), pa.timestamp("ns", tz="Europe/Zurich")),
        "time": pa.array([i * 1000 for i in base], pa.time64("us")),
        "price": pa.array([Decimal(i * 3 - 100).scaleb(-2) for i in base], pa.decimal128(12, 2)),
        "float": pa.array([i / 8 for i in base], pa.float32()),
        "nullable": pa.array([None if i % 3 == 0 else i for i in base], pa.int64()),
    }


class EveryType(WeirTest):
    """Each type as a key beside a unique number."""

    def setUp(self):
        super().setUp()
        self.keys = {"id": pa.array(range(ROWS), pa.int64()), **typed_keys()}
        self.columns = [pa.array(np.random.default_rng(n).normal(size=ROWS)) for n in range(3)]
        for number, column in enumerate(self.columns):
            pq.write_table(pa.table({**self.keys, "value": column}), self.folder / f"{number}.parquet",
                           row_group_size=[3000, 1000, 700][number], compression=["snappy", "zstd", "none"][number])
        self.files = ["0.parquet", "1.parquet", "2.parquet"]
        self.by = ",".join(self.keys)
        rows = zip(*[column.to_pylist() for column in self.columns])
        self.sums = [support.expected_sum(row) for row in rows]

    def check_table(self, table):
        for name, column in self.keys.items():
            wanted = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
            found = table[name].combine_chunks()
            if pa.types.is_dictionary(found.type):
                found = found.cast(wanted)
            self.assertEqual(table.schema.field(name).type, column.type, name)
            self.assertTrue(found.equals(column.cast(wanted)), name)
        support.assert_columns_equal(self, table["value"].to_pylist(), self.sums, "value")

    def test_parquet_by_pyarrow(self):
        for codec in ("snappy", "zstd:7", "gzip", "lz4", "brotli", "none"):
            with self.subTest(codec=codec):
                self.check_table(self.sum(self.files, "--sum", "value", "--compression", codec, by=self.by))

    def test_sorted(self):
        result = self.sum(self.files, "--sum", "value", "--sort", by=self.by)
        self.assertEqual(result["id"].to_pylist(), list(range(ROWS)))
        self.check_table(result)

    def test_keys_in_another_order(self):
        names = list(self.keys)[::-1]
        result = self.sum(self.files, "--sum", "value", by=",".join(names))
        self.assertEqual(result.column_names, names + ["value"])
        self.check_table(result)

    def test_statistics_and_index(self):
        self.sum(self.files, "--sum", "value", by=self.by)
        metadata = pq.ParquetFile(self.folder / "out.parquet").metadata
        table = pq.read_table(self.folder / "out.parquet")
        row = 0
        for group in range(metadata.num_row_groups):
            count = metadata.row_group(group).num_rows
            for index in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(index)
                if chunk.path_in_schema in ("id", "value", "day", "ms"):
                    values = table[chunk.path_in_schema].slice(row, count).to_pylist()
                    self.assertTrue(chunk.is_stats_set, chunk.path_in_schema)
                    self.assertEqual(chunk.statistics.min, min(values), chunk.path_in_schema)
                    self.assertEqual(chunk.statistics.max, max(values), chunk.path_in_schema)
                    self.assertEqual(chunk.statistics.null_count, 0)
            row += count
        self.assertTrue(metadata.row_group(0).column(0).has_offset_index)
        pq.ParquetFile(self.folder / "out.parquet", page_checksum_verification=True).read()

    def test_provenance(self):
        self.sum(self.files, "--sum", "value", by=self.by)
        metadata = pq.ParquetFile(self.folder / "out.parquet").metadata.metadata
        text = b" ".join(value for key, value in metadata.items() if key.startswith(b"weir")).decode()
        self.assertIn("--sum value", text)
        self.assertIn("2.parquet", text)

    def test_parquet_by_duckdb(self):
        self.sum(self.files, "--sum", "value", by=self.by)
        for name in ("0.parquet", "out.parquet"):
            found = duckdb.sql(f"DESCRIBE SELECT * FROM '{self.folder / name}'").fetchall()
            types = {row[0]: row[1] for row in found}
            if name == "0.parquet":
                expected = types
        self.assertEqual(types, expected)
        rows = duckdb.sql(f"SELECT id, text, day, price, \"value\" FROM '{self.folder}/out.parquet' ORDER BY id").fetchall()
        self.assertEqual([row[4] for row in rows], self.sums)
        self.assertEqual([row[1] for row in rows], self.keys["text"].to_pylist())
        self.assertEqual([row[3] for row in rows], self.keys["price"].to_pylist())

    def test_parquet_by_polars(self):
        self.sum(self.files, "--sum", "value", by=self.by)
        first = pl.read_parquet(self.folder / "0.parquet")
        found = pl.read_parquet(self.folder / "out.parquet")
        self.assertEqual(found.schema, first.schema)
        self.assertTrue(found.drop("value").equals(first.drop("value")))
        self.assertEqual(found["value"].to_list(), self.sums)

    def test_parquet_by_pandas(self):
        self.sum(self.files, "--sum", "value", by=self.by)
        first = pd.read_parquet(self.folder / "0.parquet")
        found = pd.read_parquet(self.folder / "out.parquet")
        pd.testing.assert_frame_equal(found.drop(columns="value"), first.drop(columns="value"))
        self.assertEqual(found["value"].tolist(), self.sums)

    def test_parquet_by_fastparquet(self):
        names = ["id", "i32", "text", "day", "ms", "us_utc", "value"]
        self.sum(self.files, "--sum", "value", by=",".join(names[:-1]))
        found = fastparquet.ParquetFile(str(self.folder / "out.parquet")).to_pandas()
        self.assertEqual(found["value"].tolist(), self.sums)
        self.assertEqual(found["i32"].tolist(), self.keys["i32"].to_pylist())
        self.assertEqual(list(found["ms"]), list(self.keys["ms"].to_pandas()))

    def test_arrow_file(self):
        self.weir("sum", "--by", self.by, "--sum", "value", "-o", "out.arrow", *self.files)
        with pa.ipc.open_file(self.folder / "out.arrow") as reader:
            table = reader.read_all()
        self.check_plain(table)
        self.assertEqual(pl.read_ipc(self.folder / "out.arrow")["value"].to_list(), self.sums)

    def test_arrow_stream(self):
        import subprocess
        found = subprocess.run([support.WEIR, "sum", "--by", self.by, "--sum", "value", "-o", "-", "--format", "arrow",
                                *self.files], cwd=self.folder, capture_output=True, check=True).stdout
        self.check_plain(pa.ipc.open_stream(io.BytesIO(found)).read_all())

    def check_plain(self, table):
        for name, column in self.keys.items():
            found = table[name].combine_chunks()
            if pa.types.is_dictionary(column.type):
                column, found = column.cast(pa.string()), found.cast(pa.string())
            if pa.types.is_large_string(column.type):
                found = found.cast(pa.large_string())
            self.assertEqual(found.type, column.type, name)
            self.assertTrue(found.equals(column), name)
        support.assert_columns_equal(self, table["value"].to_pylist(), self.sums, "value")

    def test_csv(self):
        by = "id,i8,u64,flag,text,day,ms,price,nullable"
        self.weir("sum", "--by", by, "--sum", "value", "-o", "out.csv", *self.files)
        options = pa.csv.ConvertOptions(column_types={"text": pa.string(), "u64": pa.uint64(), "ms": pa.timestamp("ms"),
                                                      "price": pa.decimal128(12, 2)}, strings_can_be_null=False)
        table = pa.csv.read_csv(self.folder / "out.csv", convert_options=options,
                                parse_options=pa.csv.ParseOptions(newlines_in_values=True))
        for name in by.split(","):
            self.assertEqual(table[name].to_pylist(), self.keys[name].to_pylist(), name)
        support.assert_columns_equal(self, table["value"].to_pylist(), self.sums, "value")
        found = duckdb.sql(f"SELECT sum(\"value\"), count(*) FROM read_csv('{self.folder}/out.csv')").fetchall()
        self.assertEqual(found[0][1], ROWS)

    def test_json_lines(self):
        by = "id,u64,flag,text,day,nullable"
        self.weir("sum", "--by", by, "--sum", "value", "-o", "out.jsonl", *self.files)
        rows = [json.loads(line) for line in (self.folder / "out.jsonl").read_text().splitlines()]
        self.assertEqual([row["value"] for row in rows], self.sums)
        self.assertEqual([row["text"] for row in rows], self.keys["text"].to_pylist())
        self.assertEqual([int(row["u64"]) for row in rows], self.keys["u64"].to_pylist())
        self.assertEqual([row["day"] for row in rows], [str(day) for day in self.keys["day"].to_pylist()])
        self.assertEqual([row.get("nullable") for row in rows], self.keys["nullable"].to_pylist())

    def test_result_is_an_input(self):
        self.sum(self.files, "--sum", "value", by=self.by, output="a.parquet")
        again = self.sum(["a.parquet", "0.parquet"], "--sum", "value", by=self.by, output="b.parquet")
        expected = [support.expected_sum(row) for row in zip(self.sums, self.columns[0].to_pylist())]
        support.assert_columns_equal(self, again["value"].to_pylist(), expected, "twice")


class OtherWriters(WeirTest):
    """The logical types of keys that other writers store come through."""

    def check(self, write, read_types):
        keys = support.keys_table(50, 20, "us")
        for number in range(2):
            table = pa.table({**keys, "name": pa.array([f"n{i}" for i in range(1000)]),
                              "value": pa.array(support.doubles("normal", 1000, number))})
            write(table, self.folder / f"{number}.parquet")
        self.sum(["0.parquet", "1.parquet"], "--sum", "value", by="path,Date,name")
        self.assertEqual(read_types(self.folder / "out.parquet"), read_types(self.folder / "0.parquet"))

    def test_duckdb(self):
        self.check(support.write_duckdb(), lambda p: [r[:2] for r in duckdb.sql(f"DESCRIBE SELECT * FROM '{p}'").fetchall()])

    def test_polars(self):
        self.check(support.write_polars(), lambda p: pl.read_parquet_schema(p))

    def test_fastparquet(self):
        self.check(support.write_fastparquet(), lambda p: list(fastparquet.ParquetFile(str(p)).dtypes.items()))

    def test_pandas(self):
        self.check(support.write_pandas, lambda p: list(pd.read_parquet(p).dtypes.items()))

    def test_pandas_index_is_not_carried_over(self):
        frame = pd.DataFrame({"k": range(10), "value": np.arange(10.0)}, index=pd.Index(range(100, 110), name="row"))
        frame.to_parquet(self.folder / "0.parquet")
        self.sum(["0.parquet"], "--sum", "value", by="k")
        found = pd.read_parquet(self.folder / "out.parquet")
        self.assertEqual(list(found.columns), ["k", "value"])
        self.assertEqual(found["value"].tolist(), list(np.arange(10.0)))


class Diff(WeirTest):
    def write(self, name, key, value, **more):
        pq.write_table(pa.table({"key": pa.array(key), "value": pa.array(value), **more}), self.folder / name)

    def diff(self, *arguments, status):
        result = support.run("diff", *arguments, "--json", cwd=self.folder)
        self.assertEqual(result.status, status, result.err)
        return json.loads(result.out)

    def test_counts_against_pandas(self):
        rng = np.random.default_rng(8)
        left_keys, right_keys = np.arange(0, 5000), rng.permutation(np.arange(40, 5100))
        left = pd.DataFrame({"key": left_keys, "value": rng.normal(size=5000)})
        right = pd.DataFrame({"key": right_keys})
        right = right.merge(left, on="key", how="left").fillna(0.0)
        right.loc[right["key"] % 17 == 0, "value"] += 1e-6
        right.loc[right["key"] == 170, "value"] += 5.0
        self.write("l.parquet", left["key"], left["value"])
        self.write("r.parquet", right["key"], right["value"])
        both = left.merge(right, on="key")
        gap = (both["value_x"] - both["value_y"]).abs()
        found = self.diff("l.parquet", "r.parquet", "--by", "key", status=1)
        self.assertEqual(found["keys_both"], len(both))
        self.assertEqual(found["keys_only_left"], 40)
        self.assertEqual(found["keys_only_right"], 100)
        self.assertEqual(found["values_different"], int((gap > 0).sum()))
        self.assertEqual(found["largest_difference"], gap.max())
        self.assertIn("170", found["differences"][0]["key"])
        sizes = [row["difference"] for row in found["differences"]]
        self.assertEqual(sizes, sorted(sizes, reverse=True))
        found = self.diff("l.parquet", "r.parquet", "--by", "key", "--tolerance", "1e-5", status=1)
        self.assertEqual(found["values_different"], 1)

    def test_equal_in_another_order(self):
        self.write("l.parquet", list(range(1000)), [i / 3 for i in range(1000)])
        self.write("r.parquet", list(range(999, -1, -1)), [i / 3 for i in range(999, -1, -1)])
        self.assertTrue(self.diff("l.parquet", "r.parquet", "--by", "key", status=0)["equal"])

    def test_nan_and_null(self):
        self.write("l.parquet", [1, 2, 3, 4], [float("nan"), None, 1.0, None])
        self.write("r.parquet", [1, 2, 3, 4], [float("nan"), None, None, 1.0])
        found = self.diff("l.parquet", "r.parquet", "--by", "key", status=1)
        self.assertEqual(found["values_different"], 2)

    def test_sorting_under_a_small_limit(self):
        rng = np.random.default_rng(9)
        keys = rng.permutation(400000)
        self.write("l.parquet", keys, keys / 7)
        self.write("r.parquet", np.arange(400000), np.arange(400000) / 7)
        result = support.run("diff", "l.parquet", "r.parquet", "--by", "key", "--memory", "32MiB", cwd=self.folder)
        self.assertEqual(result.status, 0, result.out + result.err)
        self.assertLess(result.peak, 64 << 20)


class Inspect(WeirTest):
    def test_against_pyarrow(self):
        keys = support.keys_table(100, 30)
        for name, writer in support.WRITERS.items():
            table = pa.table({**keys, "value": support.with_nulls(support.doubles("normal", 3000, 1), 0.1, 1)})
            path = self.folder / f"{name}.parquet"
            writer(table, path)
            document = json.loads(self.weir("inspect", "--json", path.name).out)["files"][0]
            metadata = pq.ParquetFile(path).metadata
            with self.subTest(writer=name):
                self.assertEqual(document["rows"], metadata.num_rows)
                self.assertEqual(support.find(document, "row_groups"), metadata.num_row_groups)
                self.assertEqual([c["name"] for c in document["columns"]], metadata.schema.names)
                self.assertIn(table.num_rows, (document["rows"],))

    def test_arrow_footprint(self):
        """Arrow's own count of a table without NULLs is what weir says it would occupy."""
        keys = support.keys_table(1000, 120)
        table = pa.table({**keys, "value": pa.array(support.doubles("normal", 120000, 1))})
        pq.write_table(table, self.folder / "a.parquet")
        columns = json.loads(self.weir("inspect", "--json", "a.parquet").out)["files"][0]["columns"]
        found = sum(column["arrow_bytes"] for column in columns)
        self.assertAlmostEqual(found / pq.read_table(self.folder / "a.parquet").nbytes, 1.0, delta=0.02)
        first = pq.read_table(self.folder / "a.parquet").to_pandas()
        found = sum(column["pandas_bytes"] for column in columns)
        self.assertAlmostEqual(found / first.memory_usage(index=False).sum(), 1.0, delta=0.02)
        found = sum(column["polars_bytes"] for column in columns)
        self.assertAlmostEqual(found / pl.read_parquet(self.folder / "a.parquet").estimated_size(), 1.0, delta=0.02)
