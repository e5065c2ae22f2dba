"""weir inspect --pages against what pyarrow and DuckDB know of the same files."""
import json

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import support
from support import WeirTest, doubles, keys_table, with_nulls

KINDS = {"data v1", "data v2", "dictionary"}


class Pages(WeirTest):
    def chunks(self, name):
        return json.loads(self.weir("inspect", "--pages", "--json", name).out)["files"][0]["columns"]

    def check_chunk(self, chunk, column, group, nulls_known):
        """Pages stand one behind the other from the chunk's begin to its end, and hold its values."""
        begin = column.data_page_offset
        if column.has_dictionary_page and 0 < (column.dictionary_page_offset or 0) < begin:
            begin = column.dictionary_page_offset
        self.assertEqual((chunk["offset"], chunk["bytes"], chunk["values"]), (begin, column.total_compressed_size, column.num_values))
        self.assertEqual(chunk["column"], column.path_in_schema)
        at, rows, values, decoded = begin, 0, 0, 0
        for number, page in enumerate(chunk["pages"]):
            self.assertEqual((page["page"], page["offset"]), (number, at))
            self.assertIn(page["kind"], KINDS)
            at += page["header_bytes"] + page["compressed_bytes"]
            decoded += page["header_bytes"] + page["uncompressed_bytes"]
            if page["kind"] == "dictionary":
                self.assertIsNone(page["first_row"])
                continue
            if "." not in chunk["column"]:
                self.assertEqual(page["first_row"], rows)
            values += page["values"]
            rows += page["values"] if page["rows"] is None else page["rows"]
        self.assertEqual(at, begin + column.total_compressed_size)
        self.assertEqual(decoded, column.total_uncompressed_size)
        self.assertEqual(values, column.num_values)
        if "." not in chunk["column"]:
            self.assertEqual(rows, group.num_rows)
        nulls = [page["nulls"] for page in chunk["pages"] if page["kind"] != "dictionary"]
        if None not in nulls and column.statistics is not None and column.statistics.has_null_count:
            self.assertEqual(sum(nulls), column.statistics.null_count)
        elif nulls_known:
            self.fail("a v2 page tells its nulls")
        self.assertTrue({page["encoding"] for page in chunk["pages"]} <= {e for e in column.encodings} | {"PLAIN"})

    def check_file(self, name):
        metadata = pq.read_metadata(self.folder / name)
        chunks = iter(self.chunks(name))
        count = 0
        for i in range(metadata.num_row_groups):
            group = metadata.row_group(i)
            for j in range(metadata.num_columns):
                chunk = next(chunks)
                self.assertEqual(chunk["row_group"], i)
                v2 = any(page["kind"] == "data v2" for page in chunk["pages"])
                self.check_chunk(chunk, group.column(j), group, v2 and group.column(j).statistics is not None)
                count += len(chunk["pages"])
        self.assertIsNone(next(chunks, None))
        text = self.weir("inspect", "--pages", name).out
        self.assertEqual(sum(any(f" {kind} " in line for kind in KINDS) for line in text.splitlines()), count)
        self.assertFalse(any(line != line.rstrip() for line in text.splitlines()))
        return count

    def test_every_writer(self):
        rows = 1200
        table = pa.table({**keys_table(40, 30), "value": with_nulls(doubles("normal", rows, 1), 0.1, 2)})
        for name, write in support.WRITERS.items():
            with self.subTest(name):
                write(table, self.folder / "x.parquet")
                self.assertGreaterEqual(self.check_file("x.parquet"), 3)

    def test_nested_columns(self):
        table = pa.table({
            "list": pa.array([[i, i + 1] if i % 3 else None for i in range(5000)]),
            "map": pa.array([[("k", 1.0)] * (i % 3) for i in range(5000)], pa.map_(pa.string(), pa.float64())),
            "struct": pa.array([{"a": i, "b": str(i)} for i in range(5000)]),
        })
        for version in ("1.0", "2.0"):
            pq.write_table(table, self.folder / "x.parquet", data_page_version=version, data_page_size=2000, write_batch_size=100,
                           use_dictionary=False)
            self.check_file("x.parquet")
            pages = self.chunks("x.parquet")[0]["pages"]
            self.assertGreater(len(pages), 5)
            if version == "2.0":
                self.assertEqual(sum(page["rows"] for page in pages), 5000)
                self.assertEqual(pages[1]["first_row"], pages[0]["rows"])
            else:
                self.assertIsNone(pages[1]["first_row"])

    def test_bounds_and_checksums(self):
        table = pa.table({"x": pa.array(np.arange(10000)), "s": pa.array([f"{i:05}" for i in range(10000)])})
        pq.write_table(table, self.folder / "x.parquet", data_page_size=4000, write_batch_size=100, use_dictionary=False,
                       write_page_checksum=True)
        for chunk in self.chunks("x.parquet"):
            self.assertGreater(len(chunk["pages"]), 3)
            for page in chunk["pages"]:
                self.assertTrue(page["crc"])
                first, last = page["first_row"], page["first_row"] + page["values"] - 1
                self.assertEqual((int(page["minimum"]), int(page["maximum"])), (first, last))
        pq.write_table(table, self.folder / "y.parquet", write_page_checksum=False, write_statistics=False)
        self.assertEqual({(page["crc"], page["minimum"]) for chunk in self.chunks("y.parquet") for page in chunk["pages"]},
                         {(False, None)})

    def test_duckdb_agrees(self):
        with duckdb.connect() as connection:
            connection.execute(f"COPY (SELECT i AS a, i % 7 AS b, i || '' AS c FROM range(300000) t(i)) TO '{self.folder}/x.parquet' "
                               "(FORMAT parquet, ROW_GROUP_SIZE 100000)")
            rows = connection.execute("SELECT row_group_id, path_in_schema, coalesce(dictionary_page_offset, data_page_offset), "
                                      f"total_compressed_size, num_values FROM parquet_metadata('{self.folder}/x.parquet')").fetchall()
        found = [(c["row_group"], c["column"], c["offset"], c["bytes"], c["values"]) for c in self.chunks("x.parquet")]
        self.assertEqual(sorted(found), sorted(rows))
        self.check_file("x.parquet")

    def test_damage_is_told_after_what_could_be_read(self):
        table = pa.table({"x": pa.array(np.arange(10000))})
        pq.write_table(table, self.folder / "x.parquet", data_page_size=4000, write_batch_size=100, use_dictionary=False)
        pages = self.chunks("x.parquet")[0]["pages"]
        content = bytearray((self.folder / "x.parquet").read_bytes())
        content[pages[3]["offset"]:pages[3]["offset"] + 20] = b"\xff" * 20
        (self.folder / "x.parquet").write_bytes(content)
        result = self.weir_fails("inspect", "--pages", "x.parquet", says=("x.parquet", "column x"))
        self.assertEqual(result.out.count("data v1"), 3)
