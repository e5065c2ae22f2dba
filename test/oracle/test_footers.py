"""What footers say, as real writers write them: told by inspect as other readers tell it, refused where values cannot be had."""
import base64
import json
import re
import struct

import duckdb
import fastparquet
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from support import SANITIZED, WeirTest, keys_table


def inspect(test, *arguments):
    return json.loads(test.weir("inspect", "--json", *arguments).out)["files"][0]


class Kms(pe.KmsClient):
    """A key service that hides nothing."""

    def wrap_key(self, key_bytes, master_key_identifier):
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key, master_key_identifier):
        return base64.b64decode(wrapped_key)


class OtherFiles(WeirTest):
    def test_a_summary_of_other_files(self):
        table = pa.table({**keys_table(10, 10), "value": pa.array(range(100), pa.float64())})
        collected = []
        pq.write_to_dataset(table, self.folder / "set", metadata_collector=collected)
        for metadata in collected:
            metadata.set_file_path("part-0.parquet")
        pq.write_metadata(table.schema, self.folder / "_metadata", collected)
        pq.write_metadata(table.schema, self.folder / "_common_metadata")
        shown = inspect(self, "_metadata")
        self.assertEqual((shown["rows"], shown["values_in_file"]), (100, "part-0.parquet"))
        self.assertIn("other files (part-0.parquet)", self.weir("inspect", "_metadata").out)
        self.weir_fails("sum", "--by", "path,Date", "--sum", "value", "_metadata", says=("part-0.parquet", "summary"))
        self.weir_fails("inspect", "--pages", "_metadata", says="part-0.parquet")
        self.assertEqual(inspect(self, "_common_metadata")["rows"], 0)
        self.assertIsNone(inspect(self, "_common_metadata")["values_in_file"])
        self.assertEqual(self.sum(["_common_metadata"], "--sum", "value").num_rows, 0)

    def test_fastparquet_hive(self):
        frame = pd.DataFrame({"path": [1, 2], "Date": pd.to_datetime(["2025-01-01", "2025-01-02"]), "value": [1.0, 2.0]})
        fastparquet.write(str(self.folder / "hive"), frame, file_scheme="hive")
        self.assertEqual(inspect(self, "hive/_metadata")["values_in_file"], "part.0.parquet")
        self.weir_fails("sum", "--by", "path,Date", "--sum", "value", "hive/_metadata", says="part.0.parquet")

    def test_encrypted(self):
        table = pa.table({**keys_table(10, 10), "value": pa.array(range(100), pa.float64())})
        factory = pe.CryptoFactory(lambda configuration: Kms())
        for plaintext in (False, True):
            configuration = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["value"]}, plaintext_footer=plaintext)
            properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), configuration)
            with pq.ParquetWriter(self.folder / "x.parquet", table.schema, encryption_properties=properties) as writer:
                writer.write_table(table)
            if not plaintext:
                self.weir_fails("inspect", "x.parquet", says="encrypted")
                continue
            shown = inspect(self, "x.parquet")
            self.assertEqual([column["encrypted"] for column in shown["columns"]], [False, False, True])
            self.weir_fails("sum", "--by", "path", "--sum", "value", "x.parquet", says=('"value" is encrypted', "x.parquet"))
            pages = inspect(self, "--pages", "x.parquet")["columns"]
            self.assertEqual([len(chunk["pages"]) > 0 for chunk in pages], [True, True, False])

    def test_files_of_other_formats(self):
        table = pa.table({"path": [1, 2, 3], "value": [1.0, 2.0, 3.0]})
        import pyarrow.csv, pyarrow.feather, pyarrow.orc
        pyarrow.feather.write_feather(table, self.folder / "arrow.parquet")
        pyarrow.orc.write_table(table, self.folder / "orc.parquet")
        pyarrow.csv.write_csv(table, self.folder / "csv.parquet")
        table.to_pandas().to_json(self.folder / "json.parquet")
        table.to_pandas().to_pickle(self.folder / "pickle.parquet")
        table.to_pandas().to_csv(self.folder / "gzip.parquet", compression="gzip")
        duckdb.connect(self.folder / "duck.db").close()
        (self.folder / "duck.db").rename(self.folder / "duckdb.parquet")
        for name, word in {"arrow": "Arrow", "orc": "ORC", "csv": "CSV", "json": "JSON", "pickle": "pickle", "gzip": "gzip",
                           "duckdb": "DuckDB"}.items():
            with self.subTest(name):
                self.weir_fails("inspect", f"{name}.parquet", says=("not a Parquet file", word))


class Shapes(WeirTest):
    def shape(self, kind):
        """Arrow's own words, less the names of elements."""
        text = re.sub(r"(list|large_list)<[a-z_]+: ", "list<", str(kind))
        return re.sub(r" not null| ?\('[a-z_]+'\)|large_|32\[day\]", "", text)

    def test_nested_columns(self):
        kinds = [
            pa.list_(pa.int64()), pa.list_(pa.list_(pa.string())), pa.struct([("a", pa.int32()), ("b", pa.string())]),
            pa.map_(pa.string(), pa.float64()), pa.map_(pa.int32(), pa.list_(pa.struct([("x", pa.date32())]))),
            pa.struct([("deep", pa.struct([("er", pa.list_(pa.bool_()))]))]), pa.large_list(pa.float32()),
            pa.list_(pa.struct([("element", pa.int8())])),
        ]
        table = pa.table({f"c{i}": pa.array([None], kind) for i, kind in enumerate(kinds)})
        for old in (False, True):
            pq.write_table(table, self.folder / "x.parquet", use_compliant_nested_type=not old)
            shown = inspect(self, "x.parquet")["columns"]
            self.assertEqual([column["type"] for column in shown], [self.shape(kind) for kind in kinds])
        self.weir_fails("sum", "--by", "c0", "--sum", "c1", "x.parquet", says=("nested", "list<int64>"))

    def test_deep_nesting(self):
        for depth, status in ((100, 0), (200, 1)):
            kind = pa.int64()
            for _ in range(depth):
                kind = pa.list_(kind)
            pq.write_table(pa.table({"x": pa.array([None], kind)}), self.folder / "deep.parquet")
            if status:
                self.weir_fails("inspect", "deep.parquet", says="too deeply")
            else:
                self.assertTrue(inspect(self, "deep.parquet")["columns"][0]["type"].startswith("list<list<"))


class Names(WeirTest):
    def test_names_of_all_kinds(self):
        names = ["", "a.b", 'quo"te', "new\nline", "tab\there", "\x01", "é", "x" * 100_000, "日本", "a,b", "\\"]
        table = pa.table({name: pa.array([1.5]) for name in names})
        pq.write_table(table, self.folder / "x.parquet")
        shown = inspect(self, "x.parquet")
        self.assertEqual([column["name"] for column in shown["columns"]], names)
        text = self.weir("inspect", "x.parquet").out
        self.assertLess(max(map(len, text.splitlines())), 400)
        self.assertNotIn("\x01", text)
        self.assertEqual(len(inspect(self, "--pages", "x.parquet")["columns"]), len(names))
        self.assertLess(len(self.weir_fails("sum", "--by", "y" * 100_000, "--sum", "é", "x.parquet", says="...").err), 2000)
        for name in ("a.b", 'quo"te', "new\nline", "日本"):
            self.assertEqual(self.sum(["x.parquet"], "--agg", "sum:é=s", by=name)["s"].to_pylist(), [1.5])

    def test_a_name_twice(self):
        table = pa.table([pa.array([1]), pa.array([2.0]), pa.array([3.0])], names=["k", "v", "v"])
        pq.write_table(table, self.folder / "x.parquet")
        self.assertEqual(len(inspect(self, "x.parquet")["columns"]), 3)
        self.weir_fails("sum", "--by", "k", "--sum", "v", "x.parquet", says="2 columns \"v\"")

    def test_bytes_that_are_no_text(self):
        pq.write_table(pa.table({"nnnn": [1], "zzzz": [2]}), self.folder / "x.parquet", store_schema=False)
        content = (self.folder / "x.parquet").read_bytes()
        (self.folder / "y.parquet").write_bytes(content.replace(b"nnnn", b"\xff\xfe\xfd\xfc").replace(b"zzzz", b"\0\0z\0"))
        names = [column["name"] for column in inspect(self, "y.parquet")["columns"]]
        self.assertEqual(names, ["\\xff\\xfe\\xfd\\xfc", "␀␀z␀"])
        self.weir("inspect", "y.parquet")
        self.weir("inspect", "--pages", "y.parquet")


class Details(WeirTest):
    def test_rows_and_columns_may_lack(self):
        schema = pa.schema([("k", pa.int64()), ("v", pa.float64())])
        pq.write_table(schema.empty_table(), self.folder / "rows.parquet")
        self.assertEqual(inspect(self, "rows.parquet")["rows"], 0)
        self.assertEqual(self.sum(["rows.parquet"], "--sum", "v", by="k").num_rows, 0)
        pq.write_table(pa.table({}), self.folder / "columns.parquet")
        self.assertEqual(inspect(self, "columns.parquet")["columns"], [])
        self.weir_fails("sum", "--by", "k", "--sum", "v", "columns.parquet", says="no columns")
        with pq.ParquetWriter(self.folder / "groups.parquet", schema) as writer:
            for values in ([], [1], [], [2, 3], []):
                writer.write_table(pa.table([pa.array(values, pa.int64()), pa.array(values, pa.float64())], schema=schema))
        self.assertEqual(inspect(self, "groups.parquet")["row_groups"], 5)
        self.assertEqual(self.sum(["groups.parquet"], "--sum", "v", by="k")["k"].to_pylist(), [1, 2, 3])

    def test_metadata_order_and_aids(self):
        table = pa.table({"a": pa.array(range(1000)), "b": pa.array([str(i) for i in range(1000)])})
        table = table.replace_schema_metadata({"short": "value", "long": "x" * 5000, "empty": "", "odd\n": "\xff"})
        sorting = [pq.SortingColumn(0), pq.SortingColumn(1, descending=True, nulls_first=True)]
        pq.write_table(table, self.folder / "x.parquet", sorting_columns=sorting, write_page_index=True, row_group_size=300,
                       write_page_checksum=True)
        shown = inspect(self, "x.parquet")
        expected = pq.read_metadata(self.folder / "x.parquet").metadata
        self.assertEqual({entry["key"].encode(): entry["bytes"] for entry in shown["key_values"]},
                         {key: len(value) for key, value in expected.items()})
        values = {entry["key"]: entry["value"] for entry in shown["key_values"]}
        self.assertEqual((values["short"], values["long"], values["empty"]), ("value", None, ""))
        self.assertEqual(shown["sorting"], [{"column": "a", "descending": False, "nulls_first": False},
                                            {"column": "b", "descending": True, "nulls_first": True}])
        self.assertEqual((shown["column_chunks"], shown["chunks_with_page_index"], shown["page_checksums"]), (8, 8, True))
        text = self.weir("inspect", "x.parquet").out
        for words in ("short (5 B)", "sorted by a, b descending nulls first", "page index: all columns", "checksums: all pages"):
            self.assertIn(words, text)
        self.assertNotIn("xxxxx", text)

    def test_bloom_filters(self):
        with duckdb.connect() as connection:
            connection.execute(f"COPY (SELECT i % 100 AS a, i AS b FROM range(5000) t(i)) TO '{self.folder}/x.parquet' (FORMAT parquet)")
            found = connection.execute(f"SELECT count(bloom_filter_offset) FROM parquet_metadata('{self.folder}/x.parquet')").fetchone()
        self.assertEqual(inspect(self, "x.parquet")["chunks_with_bloom_filter"], found[0])
        self.assertGreater(found[0], 0)

    def test_the_beginning(self):
        pq.write_table(pa.table({"k": [1], "v": [2.0]}), self.folder / "x.parquet")
        content = bytearray((self.folder / "x.parquet").read_bytes())
        content[0:1] = b"Z"
        (self.folder / "x.parquet").write_bytes(content)
        self.assertFalse(inspect(self, "x.parquet")["begins_with_magic"])
        self.assertIn("does not begin with PAR1", self.weir("inspect", "x.parquet").out)
        self.assertEqual(self.sum(["x.parquet"], "--sum", "v", by="k").num_rows, 1)


class Limits(WeirTest):
    def large(self, value):
        table = pa.table({"k": [1], "v": [2.0]})
        with pq.ParquetWriter(self.folder / "x.parquet", table.schema, store_schema=False) as writer:
            writer.write_table(table)
            writer.add_key_value_metadata({"large": value})

    def test_a_footer_of_a_hundred_megabytes(self):
        self.large(b"x" * 100_000_000)
        if not SANITIZED:
            self.assertLess(self.weir("inspect", "x.parquet").peak, 256 << 20)
        self.weir_fails("inspect", "--memory", "64MiB", "x.parquet", says="memory")

    def test_a_footer_that_is_not_there(self):
        self.large(b"")
        content = bytearray((self.folder / "x.parquet").read_bytes())
        for length in (len(content) - 11, 1 << 30, (1 << 32) - 1):
            content[-8:-4] = struct.pack("<I", length)
            (self.folder / "x.parquet").write_bytes(content)
            self.weir_fails("inspect", "x.parquet", says="longer than the file")

    def test_many_chunks(self):
        """10^5 column chunks in a footer that is read in a moment."""
        table = pa.table({f"column {i}": pa.array([1.0]) for i in range(1000)})
        with pq.ParquetWriter(self.folder / "x.parquet", table.schema, compression="none", use_dictionary=False) as writer:
            for _ in range(100):
                writer.write_table(table)
        result = self.weir("inspect", "x.parquet", timeout=60)
        self.assertLess(result.seconds, 20 if SANITIZED else 2)
        listed = self.weir("inspect", "--pages", "x.parquet", timeout=120)
        self.assertEqual(listed.out.count("data v1"), 100_000)
        if not SANITIZED:
            self.assertLess(listed.peak, 128 << 20)
        failed = self.weir_fails("inspect", "--pages", "--json", "x.parquet", says="memory")
        self.assertIn("files", json.loads(failed.out))
