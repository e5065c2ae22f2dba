"""Leaves of nested columns: what writers make of them is in order, and damage in them is found by --summary and --verify."""
import json
import struct
from decimal import Decimal

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import support
from support import WeirTest
from test_verify import Parquet, Thrift

ROWS = 2000
LEAVES = {
    "int32": (pa.int32(), lambda rng, i: int(rng.integers(-2 ** 31, 2 ** 31))),
    "int64": (pa.int64(), lambda rng, i: i * 1000 + int(rng.integers(0, 900))),
    "double": (pa.float64(), lambda rng, i: float(rng.normal())),
    "text": (pa.string(), lambda rng, i: f"t{i % 37} é" * (i % 4)),
    "bool": (pa.bool_(), lambda rng, i: i % 3 == 0),
    "decimal": (pa.decimal128(20, 3), lambda rng, i: Decimal(i - 900).scaleb(-3)),
    "fixed": (pa.binary(5), lambda rng, i: rng.bytes(5)),
    "half": (pa.float16(), lambda rng, i: np.float16(rng.normal())),
    "when": (pa.timestamp("us"), lambda rng, i: i * 1_000_000),
}


class Maker:
    """Values of a nested type with nulls and empty lists at each level that allows them."""

    def __init__(self, leaf, nulls=0.15, seed=3):
        self.kind, self.value = LEAVES[leaf]
        self.nulls, self.rng, self.count = nulls, np.random.default_rng(seed), 0

    def leaf(self):
        self.count += 1
        return self.value(self.rng, self.count)

    def make(self, kind, nullable=True):
        if nullable and self.rng.random() < self.nulls:
            return None
        if pa.types.is_map(kind):
            return [(f"k{i}", self.make(kind.item_type)) for i in range(self.rng.integers(0, 4))]
        if pa.types.is_fixed_size_list(kind):
            return [self.make(kind.value_type, kind.value_field.nullable) for _ in range(kind.list_size)]
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            return [self.make(kind.value_type, kind.value_field.nullable) for _ in range(self.rng.integers(0, 4))]
        if pa.types.is_struct(kind):
            return {field.name: self.make(field.type, field.nullable) for field in kind}
        return self.leaf()

    def column(self, kind, nullable, rows):
        return pa.array([self.make(kind, nullable) for _ in range(rows)], kind)


def shapes(kind):
    """Name to type; of a required column the name begins with an R."""
    required = pa.field("element", kind, nullable=False)
    pair = pa.struct([pa.field("a", kind), pa.field("b", kind, nullable=False)])
    return {
        "list": pa.list_(kind),
        "R_list": pa.list_(required),
        "large": pa.large_list(kind),
        "three": pa.list_(kind, 3),
        "struct": pair,
        "R_struct": pair,
        "deep": pa.struct([("s", pa.struct([("t", pair)]))]),
        "map": pa.map_(pa.string(), kind),
        "list_of_lists": pa.list_(pa.list_(kind)),
        "three_lists": pa.list_(pa.list_(pa.list_(required))),
        "list_of_structs": pa.list_(pair),
        "structs_of_lists": pa.list_(pa.struct([("l", pa.list_(pair))])),
        "map_of_lists": pa.map_(pa.string(), pa.list_(kind)),
    }


def table(leaf, rows=ROWS, nulls=0.15):
    maker = Maker(leaf, nulls)
    fields, arrays = [pa.field("row", pa.int64())], [pa.array(np.arange(rows))]
    for name, kind in shapes(maker.kind).items():
        nullable = not name.startswith("R_")
        fields.append(pa.field(name, kind, nullable))
        arrays.append(maker.column(kind, nullable, rows))
    return pa.table(arrays, pa.schema(fields))


class Nested(WeirTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "a.parquet"

    def document(self, path=None):
        result = support.run("inspect", "--verify", "--json", path or self.path, cwd=self.folder)
        self.assertIn(result.status, (0, 1), result.err)
        return json.loads(result.out)["files"][0]

    def is_fine(self, context=""):
        document = self.document()
        self.assertEqual((document["problems"], document["notes"], document["unverified_chunks"]), ([], [], 0), context)
        summary = json.loads(self.weir("inspect", "--summary", "--json", "--raw", self.path).out)
        schema = pq.read_schema(self.path)
        for found in summary["columns"]:
            if pa.types.is_nested(schema.field(found["name"]).type):
                self.assertEqual(found, {"name": found["name"], "kind": None}, context)
        return document

    def write(self, data, **options):
        pq.write_table(data, self.path, **options)
        return self.is_fine(str(options))

    def is_refused(self, column, *words):
        """Both ways to look at the values name the column, and what is wrong."""
        document = self.document()
        self.assertFalse(document["ok"])
        self.assertEqual(document["problems"][0]["column"], column, document["problems"])
        failed = self.weir_fails("inspect", "--summary", self.path, says=(column,))
        for word in words:
            self.assertIn(word, document["problems"][0]["what"])
            self.assertIn(word, failed.err)


class Writers(Nested):
    def test_every_leaf_of_every_shape(self):
        for leaf in LEAVES:
            data = table(leaf)
            for version in ("1.0", "2.0"):
                for codec in ("none", "snappy", "zstd"):
                    document = self.write(data, data_page_version=version, compression=codec, write_page_index=True,
                                          write_page_checksum=True, row_group_size=700, data_page_size=1024)
                    self.assertEqual((document["rows"], document["columns"]), (ROWS, 1))
                    self.assertEqual(document["nested_columns"], pq.ParquetFile(self.path).metadata.num_columns - 1)

    def test_codecs(self):
        data = table("text", 500)
        for codec in ("gzip", "brotli", "lz4"):
            for version in ("1.0", "2.0"):
                self.write(data, compression=codec, data_page_version=version)

    def test_encodings(self):
        choices = {"int32": ("DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT", "PLAIN"),
                   "int64": ("DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT", "PLAIN"),
                   "double": ("BYTE_STREAM_SPLIT", "PLAIN"), "bool": ("RLE", "PLAIN"),
                   "half": ("BYTE_STREAM_SPLIT", "PLAIN"), "fixed": ("BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY", "PLAIN"),
                   "text": ("DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN")}
        for leaf, encodings in choices.items():
            data = table(leaf, 800)
            pq.write_table(data, self.path)
            metadata = pq.ParquetFile(self.path).metadata
            kind = metadata.schema.column(1).physical_type
            columns = [metadata.schema.column(i).path for i in range(metadata.num_columns)
                       if metadata.schema.column(i).physical_type == kind and "key" not in metadata.schema.column(i).path.split(".")]
            for encoding in encodings:
                for version in ("1.0", "2.0"):
                    self.write(data, use_dictionary=False, column_encoding=dict.fromkeys(columns, encoding),
                               data_page_version=version, write_page_index=True)

    def test_nulls_alone_and_none(self):
        for nulls in (0.0, 1.0):
            for version in ("1.0", "2.0"):
                self.write(table("int64", 600, nulls), data_page_version=version, write_page_index=True)
        self.write(table("text", 10).slice(0, 0))

    def test_pages_read_in_pieces(self):
        """Uncompressed values of fixed width, in pages of more than 128 KiB."""
        lists = pa.array([list(range(i % 40)) if i % 11 else None for i in range(40_000)], pa.list_(pa.int64()))
        pairs = pa.array([{"a": i} if i % 5 else None for i in range(40_000)], pa.struct([("a", pa.int64())]))
        for version in ("1.0", "2.0"):
            self.write(pa.table({"l": lists, "s": pairs}), compression="none", use_dictionary=False,
                       data_page_size=1 << 22, data_page_version=version, write_page_checksum=True)

    def test_deep_levels(self):
        kind = pa.int32()
        for _ in range(40):
            kind = pa.list_(kind)
        value = 7
        for _ in range(40):
            value = [value]
        for version in ("1.0", "2.0"):
            self.write(pa.table({"deep": pa.array([value, None, [None], [[]], [[[None]]]] * 100, kind)}), data_page_version=version)

    def test_duckdb_and_polars(self):
        for codec in ("snappy", "zstd", "uncompressed"):
            for version in ("v1", "v2"):
                duckdb.sql(f"copy (select i, case when i % 7 = 0 then null else [i, null, i % 5] end as l, "
                           f"{{'a': i % 9, 'b': case when i % 4 = 0 then null else 't' || (i % 30) end}} as s, "
                           f"map {{'k' || (i % 3): i}} as m from range(5000) r(i)) to '{self.path}' "
                           f"(format parquet, codec {codec}, parquet_version {version}, row_group_size 2048)")
                self.is_fine(f"{codec} {version}")
        frame = pl.DataFrame({"l": [[1, None], [], None, [3]] * 900, "s": [{"a": 1.5, "b": "x"}, None, {"a": None, "b": ""}, None] * 900})
        frame.write_parquet(self.path, data_page_size=2000)
        self.is_fine("polars")

    def test_bloom_filters(self):
        data = pa.table({"l": pa.array([[f"v{i % 300}", None] for i in range(3000)])})
        pq.write_table(data, self.path, bloom_filter_options={"l.list.element": {"ndv": 300}})
        self.assertNotIn(None, [Parquet(self.path).metadata(0).get(14)])
        self.is_fine("bloom filter")


class Damage(Nested):
    """One leaf; its page is the last thing before the footer."""

    def start(self, column, **options):
        pq.write_table(pa.table({"x": column}), self.path, **{"compression": "none", "use_dictionary": False, **options})
        self.is_fine()
        self.file = Parquet(self.path)
        meta = self.file.metadata(0)
        at = meta[9][0]
        thrift = Thrift(self.file.data, at)
        thrift.struct()
        self.body, self.end = thrift.at, min(meta[9][0], meta.get(11, meta[9])[0]) + meta[7][0]

    def levels(self):
        """(start, end) of the repetition levels and of the definition levels of a v1 page, behind their lengths."""
        found, at = [], self.body
        for _ in range(2):
            size, = struct.unpack_from("<I", self.file.data, at)
            found.append((at + 4, at + 4 + size))
            at += 4 + size
        return found

    def change(self, start, end, byte):
        self.file.data[start:end] = bytes([byte]) * (end - start)
        self.file.save(self.path)

    def test_index_beyond_the_dictionary(self):
        for version in ("1.0", "2.0"):
            self.start(pa.array([["a", "b", "c", "a"], ["c", "b", "a", "b"]] * 20), use_dictionary=True, data_page_version=version)
            self.change(self.end - 1, self.end, 0xFF)
            self.is_refused("x.list.element", "dictionary")

    def test_length_of_a_text(self):
        self.start(pa.array([["abc", None], [], ["de"]]))
        at = self.file.data.index(b"\3\0\0\0abc")
        self.change(at, at + 2, 0x77)
        self.is_refused("x.list.element")

    def test_definition_level_above_the_maximum(self):
        """5 is the most that two lists of nullable values come to, of 3 bits."""
        self.start(pa.array([[[1, None], []], None, [None, [2]]] * 8))
        _, (start, end) = self.levels()
        self.change(start + 1, end, 0xFF)
        self.is_refused("x.list.element.list.element", "definition levels")

    def test_repetition_level_above_the_maximum(self):
        """Two lists have levels up to 2, of 2 bits."""
        self.start(pa.array([[[1, None], []], None, [None, [2]]] * 8))
        (start, end), _ = self.levels()
        self.change(start + 1, end, 0xFF)
        self.is_refused("x.list.element.list.element", "repetition levels")

    def test_length_of_levels(self):
        for which in range(2):
            self.start(pa.array([[1, None], [], [2]] * 8))
            at = self.levels()[which][0]
            self.change(at - 4, at - 2, 0xFF)
            self.is_refused("x.list.element", "levels make no sense")

    def test_checksum(self):
        self.start(pa.array([[1.5, None]]), write_page_checksum=True)
        self.change(self.end - 1, self.end, 0xFF)
        self.is_refused("x.list.element", "checksum")

    def test_statistics(self):
        """Bounds and nulls of a nested leaf are those of its entries."""
        self.start(pa.array([[5, 6, None], [], None] * 10))
        statistics = self.file.metadata(0)[12][0]
        self.file.set_bytes(statistics[5], struct.pack("<q", 5))
        self.file.save(self.path)
        found = self.document()["problems"]
        self.assertTrue(any(p["about"] == "statistics" and "above the maximum" in p["what"] for p in found), found)

    def test_too_many_nulls(self):
        self.start(pa.array([[5, 6, None], [], None] * 10))
        statistics = self.file.metadata(0)[12][0]
        self.file.set_number(statistics[3], 31)
        self.file.save(self.path)
        self.assertIn("30 nulls, where 31 are said", [p["what"] for p in self.document()["problems"]])
        self.file.set_number(statistics[3], 10)
        self.file.save(self.path)
        document = self.document()
        self.assertEqual(document["problems"], [])
        self.assertEqual([note["what"] for note in document["notes"]], ["30 entries without a value, of which 10 are said to be nulls"])

    def test_rows_of_a_struct(self):
        """A leaf that is not repeated has a value or a null for each row."""
        self.start(pa.array([{"a": i} for i in range(20)], pa.struct([("a", pa.int32())])))
        self.file.set_number(self.file.metadata(0)[5], 19)
        self.file.save(self.path)
        self.assertIn("it has 19 values, where its row group has 20 rows", [p["what"] for p in self.document()["problems"]])

    def test_any_byte(self):
        """Whatever a byte becomes: an answer or a clean refusal."""
        for version in ("1.0", "2.0"):
            self.start(pa.array([[[1, None], []], None, [None, [2]]] * 4), use_dictionary=version == "1.0", data_page_version=version)
            start = min(self.file.metadata(0)[9][0], self.file.metadata(0).get(11, self.file.metadata(0)[9])[0])
            good = bytes(self.file.data)
            for at in range(start, self.end, 1 if support.FULL else 3):
                self.file.data[at] ^= 0xFF
                self.file.save(self.path)
                for options in (("--summary",), ("--verify",)):
                    result = support.run("inspect", *options, self.path, cwd=self.folder)
                    self.assertIn(result.status, (0, 1), f"byte {at}: {result.err}")
                    self.assertEqual(result.status == 1, bool(result.err), f"byte {at}: {result.err}")
                self.file.data[:] = good
