"""weir inspect --verify: files of all writers are in order; one fact changed is the one that is named."""
import json
import struct

import duckdb
import fastparquet
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import support
from support import WeirTest, keys_table

ROWS = 6000


def table():
    rng = np.random.default_rng(5)
    doubles = np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(size=ROWS))
    return pa.table({
        "id": pa.array(np.arange(ROWS) + 1_000_000_000_000),
        "unsigned": pa.array(rng.integers(0, 2 ** 32, ROWS, dtype="uint32")),
        "double": pa.array(doubles),
        "text": pa.array([None if i % 7 == 0 else f"t{i * 7919 % ROWS} \u00e9" for i in range(ROWS)]),
        "long": pa.array([chr(97 + i % 26) * (i % 200) for i in range(ROWS)]),
        "few": pa.array([f"v{i % 40}" for i in range(ROWS)]),
        "bool": pa.array(rng.random(ROWS) < 0.5),
        "decimal": pa.array([None if i % 3 else i - 3000 for i in range(ROWS)], pa.decimal128(20, 3)),
        "half": pa.array(rng.normal(size=ROWS).astype("float16")),
        "fixed": pa.array([rng.bytes(5) for _ in range(ROWS)], pa.binary(5)),
        "when": pa.array(np.arange(ROWS), pa.timestamp("us")),
        "nothing": pa.nulls(ROWS, pa.int32()),
        "list": pa.array([[1, i] for i in range(ROWS)]),
    })


class Thrift:
    """A struct of the compact protocol as a tree whose leaves know where they stand: {field: (value, start, end)}."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def number(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def struct(self):
        fields, last = {}, 0
        while True:
            head = self.data[self.at]
            self.at += 1
            if head & 15 == 0:
                return fields
            last = last + (head >> 4) if head >> 4 else self.number()
            fields[last] = self.leaf(head & 15, False)

    def list(self):
        head = self.data[self.at]
        self.at += 1
        count = head >> 4 if head >> 4 < 15 else self.varint()
        return [self.leaf(head & 15, True) for _ in range(count)]

    def leaf(self, kind, in_list):
        start = self.at
        if kind in (1, 2) and not in_list:
            value = kind == 1
        elif kind in (1, 2, 3):
            value = self.data[self.at]
            self.at += 1
        elif kind in (4, 5, 6):
            value = self.number()
        elif kind == 7:
            value = None
            self.at += 8
        elif kind == 8:
            size = self.varint()
            start = self.at
            self.at += size
            value = bytes(self.data[start:self.at])
        else:
            value = self.list() if kind == 9 else self.struct()
        return value, start, self.at


class Parquet:
    """A file whose facts can be changed in place."""

    def __init__(self, path):
        self.path = path
        self.data = bytearray(path.read_bytes())
        length = struct.unpack("<I", self.data[-8:-4])[0]
        self.footer = Thrift(self.data, len(self.data) - 8 - length).struct()

    def chunk(self, column, row_group=0):
        return self.footer[4][0][row_group][0][1][0][column][0]

    def metadata(self, column):
        return self.chunk(column)[3][0]

    def set_number(self, leaf, value):
        """As many bytes as before, with continuation bytes that carry nothing if need be."""
        _, start, end = leaf
        value = value << 1 if value >= 0 else (-value << 1) - 1
        out = [value >> 7 * i & 0x7F | 0x80 for i in range(end - start)]
        out[-1] &= 0x7F
        assert value >> 7 * (end - start) == 0
        self.data[start:end] = bytes(out)

    def set_bytes(self, leaf, value):
        _, start, end = leaf
        assert len(value) == end - start
        self.data[start:end] = value

    def save(self, path):
        path.write_bytes(self.data)


class Verify(WeirTest):
    def verify(self, path, **options):
        """The document of one file, and what was told on standard error."""
        result = support.run("inspect", "--verify", "--json", path, cwd=self.folder, **options)
        self.assertIn(result.status, (0, 1), result.err)
        document = json.loads(result.out)["files"][0]
        self.assertEqual(result.status, 0 if document["ok"] else 1, result.err)
        return document

    def is_fine(self, path, notes=0):
        document = self.verify(path)
        self.assertEqual(document["problems"], [], path)
        self.assertEqual(len(document["notes"]), notes, document["notes"])
        return document

    def one_problem(self, path, about, column, words, count=1, **place):
        document = self.verify(path)
        shown = json.dumps(document["problems"], indent=1)
        self.assertEqual(document["problem_count"], count, shown)
        first = document["problems"][0]
        self.assertEqual((first["about"], first["column"]), (about, column), shown)
        for name, value in place.items():
            self.assertEqual(first[name], value, shown)
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, first["what"], shown)


class Writers(Verify):
    def test_pyarrow(self):
        path = self.folder / "a.parquet"
        for version in ("1.0", "2.0"):
            for codec in ("none", "snappy", "zstd", "gzip"):
                with self.subTest(version=version, codec=codec):
                    pq.write_table(table(), path, data_page_version=version, compression=codec, write_page_index=True,
                                   write_page_checksum=True, row_group_size=2500, data_page_size=2048)
                    document = self.is_fine(path)
                    self.assertEqual((document["rows"], document["columns"], document["nested_columns"]), (ROWS, 12, 1))
                    self.assertGreater(document["pages"], 60)

    def test_pyarrow_encodings(self):
        path = self.folder / "a.parquet"
        pq.write_table(table(), path, use_dictionary=False, write_page_index=True, data_page_size=2048,
                       column_encoding={"id": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY",
                                        "long": "DELTA_LENGTH_BYTE_ARRAY", "double": "BYTE_STREAM_SPLIT"})
        self.is_fine(path)

    def test_sorted(self):
        path = self.folder / "a.parquet"
        for order in ("ascending", "descending"):
            pq.write_table(table().sort_by([("unsigned", order)]), path, write_page_index=True, data_page_size=2048,
                           sorting_columns=[pq.SortingColumn(1, descending=order == "descending")])
            self.is_fine(path)

    def test_int96_and_no_statistics(self):
        path = self.folder / "a.parquet"
        pq.write_table(table(), path, use_deprecated_int96_timestamps=True, write_page_index=True)
        self.is_fine(path)
        pq.write_table(table(), path, write_statistics=False)
        self.is_fine(path)

    def test_without_rows(self):
        path = self.folder / "a.parquet"
        pq.write_table(table().slice(0, 0), path)
        self.assertEqual(self.is_fine(path)["rows"], 0)

    def test_polars(self):
        path = self.folder / "a.parquet"
        pl.from_arrow(table().drop_columns(["half", "fixed"])).write_parquet(path, data_page_size=4096)
        self.is_fine(path)

    def test_duckdb_with_bloom_filters(self):
        path = self.folder / "a.parquet"
        for options in ("", ", parquet_version v2", ", compression zstd"):
            duckdb.sql(f"copy (select i, i % 100 as k, 'v' || (i % 50) as s, (i % 9)::utinyint as u, i / 3.0 as f, "
                       f"date '2020-01-01' + (i % 100)::int as d from range({ROWS}) r(i)) to '{path}' "
                       f"(format parquet, row_group_size 2048{options})")
            metadata = pq.ParquetFile(path).metadata.row_group(0)
            self.assertTrue(any(metadata.column(i).bloom_filter_offset for i in range(6)))
            self.is_fine(path)

    def test_fastparquet(self):
        path = self.folder / "a.parquet"
        fastparquet.write(str(path), table().drop_columns(["half", "fixed", "list", "decimal"]).to_pandas())
        document = self.verify(path)
        self.assertEqual(document["problems"], [])

    def test_weir_itself(self):
        for i in range(2):
            keys = keys_table()
            rows = len(keys["path"])
            pq.write_table(pa.table({**keys, "value": np.arange(rows) * 0.1}), self.folder / f"in{i}.parquet")
        for codec in ("none", "snappy", "zstd"):
            self.weir("sum", "--by", "path,Date", "--agg", "sum:value,count:*,min:value", "-o", "out.parquet",
                      "--overwrite", "--compression", codec, "in0.parquet", "in1.parquet")
            self.is_fine(self.folder / "out.parquet")


class OneFact(Verify):
    """Columns: 0 id, without nulls; 1 text, with nulls and a dictionary."""

    def setUp(self):
        super().setUp()
        self.good, self.bad = self.folder / "good.parquet", self.folder / "bad.parquet"
        pq.write_table(table().select(["id", "text"]), self.good, write_page_index=True, write_page_checksum=True,
                       compression="none", data_page_size=2048, use_dictionary=["text"])
        self.is_fine(self.good)
        self.file = Parquet(self.good)

    def named(self, about, column, words, **place):
        self.file.save(self.bad)
        self.one_problem(self.bad, about, column, words, **place)

    def locations(self, column):
        return Thrift(self.file.data, self.file.chunk(column)[4][0]).struct()[1][0]

    def column_index(self, column):
        return Thrift(self.file.data, self.file.chunk(column)[6][0]).struct()

    def test_byte_of_a_page(self):
        location = self.locations(0)[2][0]
        self.file.data[location[1][0] + location[2][0] - 1] ^= 1
        self.named("page", "id", "checksum", page=2, offset=location[1][0])

    def test_byte_of_a_dictionary(self):
        self.file.data[self.file.metadata(1)[9][0] - 1] ^= 1
        self.named("page", "text", "checksum", page=None, offset=self.file.metadata(1)[11][0])

    def test_statistics(self):
        statistics = self.file.metadata(0)[12][0]
        self.file.set_bytes(statistics[6], struct.pack("<q", 1_000_000_000_001))
        self.named("statistics", "id", ("1000000000000", "below the minimum", "1000000000001"))
        self.file.set_bytes(statistics[6], struct.pack("<q", 1_000_000_000_000))
        self.file.set_bytes(statistics[5], struct.pack("<q", 1_000_000_005_998))
        self.named("statistics", "id", "above the maximum")

    def test_wider_statistics(self):
        """Wrong because the writer says that its bounds are exact."""
        statistics = self.file.metadata(0)[12][0]
        self.assertTrue(statistics[8][0])
        self.file.set_bytes(statistics[6], struct.pack("<q", 999))
        self.named("statistics", "id", "exactly 999")

    def test_null_count(self):
        self.file.set_number(self.file.metadata(1)[12][0][3], 857)
        self.named("statistics", "text", ("858", "857"))

    def test_offset_of_an_offset_index(self):
        offset = self.locations(0)[1][0][1]
        self.file.set_number(offset, offset[0] + 1)
        self.named("offset index", "id", str(offset[0] + 1), page=1)

    def test_size_in_an_offset_index(self):
        size = self.locations(1)[0][0][2]
        self.file.set_number(size, size[0] - 1)
        self.named("offset index", "text", str(size[0]), page=0)

    def test_first_row_of_an_offset_index(self):
        row = self.locations(0)[3][0][3]
        self.file.set_number(row, row[0] - 1)
        self.named("offset index", "id", str(row[0]), page=3)

    def test_bound_of_a_column_index(self):
        index = self.column_index(0)
        least = index[2][0][2]
        self.file.set_bytes(least, struct.pack("<q", struct.unpack("<q", least[0])[0] + 1))
        self.named("column index", "id", "below the minimum", page=2)

    def test_order_of_a_column_index(self):
        order = self.column_index(0)[4]
        self.assertEqual(order[0], 1)
        self.file.set_number(order, 2)
        self.named("column index", "id", "descending")

    def test_null_count_of_a_column_index(self):
        count = self.column_index(1)[5][0][0]
        self.file.set_number(count, count[0] + 1)
        self.named("column index", "text", f"{count[0]} nulls", page=0)

    def test_null_page_of_a_column_index(self):
        _, start, _ = self.column_index(1)[1][0][0]
        self.file.data[start] = 1
        self.named("column index", "text", "nulls alone", page=0)

    def test_data_page_offset(self):
        offset = self.file.metadata(1)[9]
        self.file.set_number(offset, offset[0] + 1)
        self.named("sizes", "text", "first data page", page=0)

    def test_decompressed_size_is_a_note(self):
        size = self.file.metadata(0)[6]
        self.file.set_number(size, size[0] - 1)
        self.file.save(self.bad)
        self.is_fine(self.bad, notes=1)

    def test_length(self):
        """The column's last page is cut off by one byte; those before are still looked at."""
        length = self.file.metadata(1)[7]
        last = len(self.locations(1)) - 1
        self.file.set_number(length, length[0] - 1)
        self.file.save(self.bad)
        document = self.verify(self.bad)
        self.assertEqual(document["problems"][0]["page"], last)
        self.assertEqual({p["column"] for p in document["problems"]}, {"text"})

    def test_everything_is_listed(self):
        for column in (0, 1):
            for location, _, _ in self.locations(column):
                self.file.data[location[1][0] + location[2][0] - 1] ^= 1
        pages = len(self.locations(0)) + len(self.locations(1))
        self.named("page", "id", "checksum", page=0, count=pages)

    def test_text_that_is_not_utf8(self):
        pq.write_table(pa.table({"s": pa.array([b"fine", b"\xff\xfe", None, b"\xc3\x28"]).cast(pa.binary())}), self.bad)
        self.is_fine(self.bad)
        strings = pa.Array.from_buffers(pa.string(), 4, pa.array([b"fine", b"\xff\xfe", None, b"\xc3\x28"]).buffers())
        pq.write_table(pa.table({"s": strings}), self.bad, store_schema=False)
        self.one_problem(self.bad, "values", "s", "2 texts")


class BloomFilters(Verify):
    def test_bits_that_are_missing(self):
        path = self.folder / "a.parquet"
        duckdb.sql(f"copy (select i % 20 as k from range(2000) r(i)) to '{path}' (format parquet)")
        self.is_fine(path)
        file = Parquet(path)
        place, length = file.metadata(0)[14][0], file.metadata(0)[15][0]
        file.data[place + length - 32:place + length] = bytes(32)
        file.save(path)
        document = self.verify(path)
        self.assertEqual([p["about"] for p in document["problems"]], ["bloom filter"])
        self.assertIn("values", document["problems"][0]["what"])


class Limits(Verify):
    def test_a_page_too_large_for_the_memory(self):
        """Named with the ceiling that would do; what fits is verified."""
        path = self.folder / "a.parquet"
        wide = pa.array(["x" * 1_000_000 + str(i) for i in range(40)])
        pq.write_table(pa.table({"wide": wide, "id": np.arange(40)}), path, use_dictionary=False, compression="zstd",
                       data_page_size=1 << 28, write_statistics=False)
        result = support.run("inspect", "--verify", "--memory", "16MiB", path, cwd=self.folder)
        self.assertEqual(result.status, 1)
        self.assertRegex(result.out, r"column wide, page 0.*Try: --memory \d+MiB")
        if not support.SANITIZED:
            self.assertLess(result.peak, 64 * support.MIB)
        self.weir("inspect", "--verify", "--memory", "256MiB", path)
