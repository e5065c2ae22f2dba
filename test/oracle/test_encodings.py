"""Every encoding, codec and page form that writers have, mixed in one group: as keys of any type and as values."""
import datetime
import io
import itertools
import json
import struct
import uuid
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

import support
from support import WeirTest, assert_columns_equal, duckdb, fastparquet, pl

ROWS = 150
EPOCH_DAY = datetime.date(1970, 1, 1)

# Encodings that pyarrow writes, by physical type; "DICTIONARY" stands for use_dictionary.
ENCODINGS = {
    "BOOLEAN": ["PLAIN", "RLE"],
    "INT32": ["DICTIONARY", "PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "INT64": ["DICTIONARY", "PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "INT96": ["DICTIONARY", "PLAIN"],
    "FLOAT": ["DICTIONARY", "PLAIN", "BYTE_STREAM_SPLIT"],
    "DOUBLE": ["DICTIONARY", "PLAIN", "BYTE_STREAM_SPLIT"],
    "BYTE_ARRAY": ["DICTIONARY", "PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    "FIXED_LEN_BYTE_ARRAY": ["DICTIONARY", "PLAIN", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"],
}

# What else differs from file to file, taken in turn beside the encodings.
LAYOUTS = [
    {"compression": "snappy"},
    {"compression": "zstd", "data_page_version": "2.0", "data_page_size": 64, "write_batch_size": 16},
    {"compression": "gzip", "row_group_size": 41, "write_page_checksum": True},
    {"compression": "lz4", "write_page_index": True, "max_rows_per_page": 13},
    {"compression": "none", "data_page_version": "2.0", "write_page_checksum": True, "max_rows_per_page": 1},
    {"compression": "brotli", "row_group_size": 64, "dictionary_pagesize_limit": 32, "write_batch_size": 8},
    {"compression": "none", "max_rows_per_page": 29, "write_statistics": False, "store_schema": False},
    {"compression": "snappy", "data_page_version": "2.0", "use_content_defined_chunking": True},
    {"compression": "gzip", "data_page_version": "2.0", "row_group_size": 1, "write_page_index": True},
    {"compression": "zstd", "data_page_size": 1, "write_batch_size": 3},
]


def physical_types(table, options):
    """Column name to physical type, as pyarrow writes it."""
    buffer = io.BytesIO()
    pq.write_table(table.slice(0, 1), buffer, **options)
    schema = pq.ParquetFile(buffer).schema
    return {schema.column(i).path: schema.column(i).physical_type for i in range(len(schema))}


def write(table, path, number, **common):
    """File number of a group: its own layout, and for each column its own encoding."""
    options = {**LAYOUTS[number % len(LAYOUTS)], **common}
    encodings, dictionaries = {}, []
    for place, (name, physical) in enumerate(physical_types(table, options).items()):
        choices = ENCODINGS[physical]
        if name in table.column_names and pa.types.is_dictionary(table.schema.field(name).type):
            choices = choices[:2]  # from others pyarrow itself does not read a dictionary back
        choice = choices[(number + place) % len(choices)]
        if choice == "DICTIONARY":
            dictionaries.append(name)
        else:
            encodings[name] = choice
    pq.write_table(table, path, use_dictionary=dictionaries, column_encoding=encodings, **options)


def required(table, names):
    """The same table whose columns of those names may not be NULL."""
    fields = [field.with_nullable(field.nullable and field.name not in names) for field in table.schema]
    return pa.table(table.columns, schema=pa.schema(fields))


def taken(column, places):
    """Rows by number, None for NULL; views have no such kernel."""
    if pa.types.is_dictionary(column.type):
        indices = pa.array([None if i is None else column.indices[i].as_py() for i in places], column.type.index_type)
        return pa.DictionaryArray.from_arrays(indices, column.dictionary, ordered=column.type.ordered)
    if "view" in str(column.type):
        return pa.array([None if i is None else column[i].as_py() for i in places], column.type)
    return column.take(pa.array(places))


def decimals(type_, step):
    """Growing decimals with the type's scale, and its greatest and least."""
    with localcontext(Context(prec=90)):
        top = 10 ** type_.precision - 1
        whole = [-top, *range(-step * (ROWS // 2), step * (ROWS - 2 - ROWS // 2), step), top]
        return pa.array([Decimal(v).scaleb(-type_.scale) for v in whole], type_)


def integers(type_):
    """Growing integers over the type's whole range."""
    width, is_signed = type_.bit_width, pa.types.is_signed_integer(type_)
    low = -(1 << (width - 1)) if is_signed else 0
    span = (1 << width) - 1
    return pa.array([low + span * i // (ROWS - 1) for i in range(ROWS)], type_)


def moments(unit, zone=None):
    """Timestamps over a thousand years, before and after 1970; nanoseconds reach not so far."""
    steps = {"s": 1, "ms": 1000, "us": 10 ** 6, "ns": 10 ** 9}[unit]
    return pa.array([(i - ROWS // 2) * 86400 * 1000 * steps + i for i in range(ROWS)], pa.timestamp(unit, tz=zone))


def texts():
    """Unique strings, sharing starts, some long, one empty, with letters of one to four bytes."""
    return sorted({"", *(f"näme/{i // 10:04}/{'x' * (i % 7)}{i}" for i in range(ROWS - 3)), "z" * 300, "\U0001f600"},
                  key=lambda text: text.encode())


def floats(type_):
    """Growing floats, with infinities, subnormals, both ends, and NaN last."""
    limits = np.finfo(type_)
    some = [-np.inf, limits.min, -1.5, -limits.tiny / 2, 0.0, limits.tiny / 4, 0.1, limits.max, np.inf]
    rest = np.linspace(2, 60000 if type_ is np.float16 else 1e6, ROWS - 1 - len(some))
    return np.array(sorted(some + rest.tolist()) + [np.nan]).astype(type_)


def key_types():
    """Name to a column of unique keys of that type."""
    columns = {f"int{w}": integers(getattr(pa, f"int{w}")()) for w in (8, 16, 32, 64)}
    columns |= {f"uint{w}": integers(getattr(pa, f"uint{w}")()) for w in (8, 16, 32, 64)}
    columns |= {f"timestamp_{unit}": moments(unit) for unit in ("s", "ms", "us", "ns")}
    columns |= {f"timestamp_{unit}_utc": moments(unit, "UTC") for unit in ("s", "ms", "us", "ns")}
    columns["timestamp_zone"] = moments("us", "Europe/Zurich")
    columns["timestamp_offset"] = moments("ns", "+05:30")
    columns |= {f"duration_{unit}": moments(unit).cast(pa.int64()).cast(pa.duration(unit)) for unit in ("s", "ms", "us", "ns")}
    columns["time_s"] = pa.array([i * 500 for i in range(ROWS)], pa.time32("s"))
    columns["time_ms"] = pa.array([i * 500_000 + i for i in range(ROWS)], pa.time32("ms"))
    columns["time_us"] = pa.array([i * 500_000_000 + i for i in range(ROWS)], pa.time64("us"))
    columns["time_ns"] = pa.array([i * 500_000_000_000 + i for i in range(ROWS)], pa.time64("ns"))
    columns["date32"] = pa.array([EPOCH_DAY + datetime.timedelta(days=(i - 70) * 9000) for i in range(ROWS)], pa.date32())
    columns["date64"] = pa.array([EPOCH_DAY + datetime.timedelta(days=(i - 70) * 9000) for i in range(ROWS)], pa.date64())
    for type_ in (pa.decimal32(5, 2), pa.decimal32(9, 0), pa.decimal64(18, 6), pa.decimal128(3, 3), pa.decimal128(12, 2),
                  pa.decimal128(38, 10), pa.decimal256(39, 0), pa.decimal256(60, 20), pa.decimal256(76, 76)):
        columns[str(type_).replace(", ", ".")] = decimals(type_, 3)
    names = texts()
    columns |= {str(type_): pa.array(names, type_) for type_ in (pa.string(), pa.large_string(), pa.string_view())}
    columns |= {str(type_): pa.array([n.encode() for n in names], type_)
                for type_ in (pa.binary(), pa.large_binary(), pa.binary_view())}
    columns["category"] = pa.array(names).dictionary_encode()
    columns["category_int16"] = pa.DictionaryArray.from_arrays(pa.array(range(ROWS), pa.int16()), pa.array(names), ordered=True)
    columns |= {f"fixed{n}": pa.array([struct.pack(">q", i * 7).rjust(n, b"k")[-n:] for i in range(ROWS)], pa.binary(n))
                for n in (2, 3, 8, 70)}
    columns["uuid"] = pa.array([uuid.UUID(int=i << 64 | 0xff).bytes for i in range(ROWS)], pa.uuid())
    columns["json"] = pa.array([f'{{"n": {i:03}}}' for i in range(ROWS)], pa.json_())
    columns |= {str(pa.from_numpy_dtype(t)): pa.array(floats(t)) for t in (np.float16, np.float32, np.float64)}
    return columns


def plain(column):
    """Values to compare: dictionaries, extensions and views by what they hold, floats by their bits."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) or pa.types.is_duration(column.type) or pa.types.is_time64(column.type):
        column = column.cast(pa.int64())
    values = column.to_pylist()
    return [support.bits(float(v)) if isinstance(v, (float, np.floating)) else v for v in values]


class Group(WeirTest):
    """A group of files with the same keys, each written in its own way, and what its sum must be."""

    def check_sum(self, found, columns, name="value"):
        """Doubles of the files, summed by exact arithmetic."""
        rows = zip(*[column.to_pylist() for column in columns])
        assert_columns_equal(self, found[name].to_pylist(), [support.expected_sum(row) for row in rows], name)

    def check_key(self, found, first, name, context):
        """The result has the key as the first file has it: values, Arrow's type, Parquet's type."""
        expected = pq.ParquetFile(self.folder / first)
        result = pq.ParquetFile(self.folder / found)
        self.assertEqual(result.schema_arrow.field(name).type, expected.schema_arrow.field(name).type, context)
        there, here = (f.schema.column(f.schema_arrow.get_field_index(name)) for f in (expected, result))
        for trait in ("physical_type", "logical_type", "converted_type", "length", "precision", "scale", "max_definition_level"):
            if trait != "logical_type":
                self.assertEqual(getattr(here, trait), getattr(there, trait), f"{context}: {trait}")
            else:
                self.assertEqual(str(here.logical_type), str(there.logical_type), context)
        self.assertEqual(plain(result.read([name])[name]), plain(expected.read([name])[name]), context)


class KeysOfEveryType(Group):
    FILES = 5

    def check(self, key, context, start=0, order=None, **options):
        """The column alone is the key; copied for Parquet, decoded to be sorted. order: of its rows, ascending."""
        columns = []
        files = [f"{number}.parquet" for number in range(self.FILES)]
        for number, name in enumerate(files):
            values = support.with_nulls(np.random.default_rng(number).normal(size=len(key)), 0.1 * (number % 2), number)
            place = pa.array(range(len(key)), pa.int32()) if number == 0 else pa.array([0] * len(key), pa.int32())
            table = pa.table({"key": key, "value": values, "place": place})
            table = required(table, ["key", "value", "place"] if number % 3 == 0 and not key.null_count else [])
            table = table if number % 3 or not values.null_count else table.set_column(1, "value", values)
            write(table, self.folder / name, start + number, **options)
            columns.append(values)
        aggregates = ("--agg", "sum:value,sum:place")
        result = self.sum(files, *aggregates, by="key")
        self.check_sum(result, columns, "value_sum")
        self.assertEqual(result["place_sum"].to_pylist(), list(range(len(key))), context)
        self.check_key("out.parquet", "0.parquet", "key", context)
        self.check_sorted(files, aggregates, order, context)

    def check_sorted(self, files, aggregates, order, context):
        result = self.sum(files, *aggregates, "--sort", by="key", output="sorted.parquet")
        first = pq.read_table(self.folder / "0.parquet")
        expected = plain(first["key"])
        places = result["place_sum"].to_pylist()
        self.assertEqual(order or sorted(places), places if order else list(range(len(expected))), context)
        self.assertEqual(plain(result["key"]), [expected[i] for i in places], context)
        self.assertEqual(result.schema.field("key").type, first.schema.field("key").type, context)

    def test_each_alone(self):
        for start, (name, key) in enumerate(key_types().items()):
            with self.subTest(type=name):
                self.check(key, name, start, list(range(ROWS)))

    def test_with_one_null(self):
        for start, (name, key) in enumerate(key_types().items()):
            with self.subTest(type=name):
                self.check(taken(key, [None if i == 70 else i for i in range(ROWS)]), name, start)

    def test_no_order(self):
        """Uniqueness is then proven by a table of hashes."""
        order = np.random.default_rng(0).permutation(ROWS).tolist()
        for start, (name, key) in enumerate(key_types().items()):
            with self.subTest(type=name):
                self.check(taken(key, order), name, start, np.argsort(order).tolist())

    def test_booleans(self):
        for number, values in enumerate(([True, False], [None, True, False], [False, None])):
            with self.subTest(values=values):
                self.check(pa.array(values), "bool", number)

    def test_null_type(self):
        self.check(pa.nulls(1), "null", data_page_version="1.0")

    def test_int96(self):
        key = pa.array([(i - 75) * 10 ** 15 + i for i in range(ROWS)], pa.timestamp("ns"))
        self.check(key, "int96", use_deprecated_int96_timestamps=True, store_schema=False)

    def test_decimals_stored_as_integers(self):
        for type_ in (pa.decimal128(9, 2), pa.decimal128(18, 4), pa.decimal64(18, 0), pa.decimal32(7, 7)):
            with self.subTest(type=type_):
                self.check(decimals(type_, 3), str(type_), store_decimal_as_integer=True)

    def test_all_at_once(self):
        """Half a hundred keys side by side, whose pages end at different rows."""
        keys = {"id": pa.array(range(ROWS), pa.int64()), "flag": pa.array([i % 3 == 0 for i in range(ROWS)]), **key_types()}
        files, columns = [f"{number}.parquet" for number in range(4)], []
        for number, name in enumerate(files):
            columns.append(pa.array(np.random.default_rng(number).normal(size=ROWS)))
            write(pa.table({**keys, "value": columns[-1]}), self.folder / name, number)
        for option in ([], ["--sort"]):
            result = self.sum(files, "--sum", "value", *option, by=",".join(keys))
            self.check_sum(result, columns)
            for name in keys:
                self.check_key("out.parquet", "0.parquet", name, name)
        self.weir("sum", "--by", ",".join(keys), "--sum", "value", "-o", "out.arrow", *files)
        result = pa.ipc.open_file(self.folder / "out.arrow").read_all()
        self.check_sum(result, columns)
        for name, key in keys.items():
            seconds = pa.types.is_temporal(key.type) and "[s" in str(key.type)  # in milliseconds, as Parquet has them
            self.assertEqual(plain(result[name].cast(key.type) if seconds else result[name]), plain(key), name)

    def test_a_difference_is_seen(self):
        """In each type and form: one key of the last file is another one, so that its value goes elsewhere."""
        order = list(range(ROWS))
        order[100] = 101
        for number, (name, key) in enumerate(key_types().items()):
            with self.subTest(type=name):
                for file, column in enumerate((key, taken(key, order))):
                    table = pa.table({"key": column, "value": pa.array(np.arange(ROWS, dtype="float64"))})
                    write(table, self.folder / f"{file}.parquet", number + file * 3)
                report = json.loads(self.weir("sum", "--by", "key", "--agg", "sum:value,count:*", "-o", "out.parquet", "--json",
                                              "--overwrite", "0.parquet", "1.parquet").out)["report"]
                self.assertIn("row 100 has", report["way_reason"])
                self.assertIn("1.parquet", report["way_reason"])
                result = pq.read_table(self.folder / "out.parquet")
                rows = sorted(zip(result["value_sum"].to_pylist(), result["count"].to_pylist()))
                expected = {i: (2.0 * i, 2) for i in range(ROWS)} | {100: (100.0, 1), 101: (302.0, 3)}
                self.assertEqual(rows, sorted(expected.values()))


def half_values(seed):
    bits = np.random.default_rng(seed).integers(0, 0x7c00, ROWS, dtype="uint16")
    return pa.array((bits | np.random.default_rng(seed + 99).choice([0, 0x8000], ROWS).astype("uint16")).view("float16"))


def value_types():
    """Name to a function that draws a column of that type."""
    def ints(type_):
        low, high = np.iinfo(type_).min, np.iinfo(type_).max
        if type_ in ("int64", "uint64"):
            low, high = low // 64, high // 64
        return lambda seed: pa.array(np.random.default_rng(seed).integers(low, high, ROWS, type_, endpoint=True))

    def decimal_of(type_):
        def draw(seed):
            rng = np.random.default_rng(seed)
            with localcontext(Context(prec=90)):
                top = 10 ** type_.precision // (64 if type_.precision in (38, 76) else 1)
                return pa.array([Decimal(int.from_bytes(rng.bytes(33), "little") % (2 * top - 1) - top + 1)
                                 .scaleb(-type_.scale) for _ in range(ROWS)], type_)
        return draw

    types = {f"{sign}int{width}": ints(f"{sign}int{width}") for sign in ("", "u") for width in (8, 16, 32, 64)}
    types["float16"] = half_values
    types["float"] = lambda seed: pa.array(support.doubles("normal", ROWS, seed).astype("float32"))
    for kind in ("normal", "tails", "special", "subnormal"):
        types[f"double {kind}"] = lambda seed, kind=kind: pa.array(support.doubles(kind, ROWS, seed))
    types["bool"] = lambda seed: pa.array(np.random.default_rng(seed).random(ROWS) < 0.5)
    for type_ in (pa.decimal32(9, 3), pa.decimal64(18, 2), pa.decimal128(2, 1), pa.decimal128(17, 0), pa.decimal128(38, 38),
                  pa.decimal256(39, 2), pa.decimal256(76, 0)):
        types[str(type_)] = decimal_of(type_)
    return types


def exact(value):
    return Fraction(int(value)) if isinstance(value, bool) else Fraction(value)


class ValuesOfEveryType(Group):
    """Each type under every encoding that it can have, files with NULLs and required ones in turn."""

    AGGREGATES = "sum:value,mean:value,min:value,max:value,count:value"

    def write_group(self, draw, count, **options):
        keys, files, columns = pa.array(range(ROWS), pa.int32()), [], []
        for number in range(count):
            column = draw(number)
            if number % 2:
                column = column.take(pa.array([None if (i * 7 + number) % 5 == 0 or i == 3 else i for i in range(ROWS)]))
            table = required(pa.table({"key": keys, "value": column}), [] if number % 2 else ["key", "value"])
            files.append(f"{number:02}.parquet")
            write(table, self.folder / files[-1], number, **options)
            columns.append(column.to_pylist())
        return files, list(zip(*columns))

    def check_numbers(self, result, rows, context):
        present = [[v for v in row if v is not None] for row in rows]
        with localcontext(Context(prec=120)):
            sums = [sum(map(exact, values)) if values else None for values in present]
            found = [None if v is None else exact(v) for v in result["value_sum"].to_pylist()]
        self.assertEqual(found, sums, context)
        means = [support.round_to_double(s / len(v)) if v else None for s, v in zip(sums, present)]
        assert_columns_equal(self, result["value_mean"].to_pylist(), means, context)
        self.assertEqual(result["value_min"].to_pylist(), [min(v, default=None) for v in present], context)
        self.assertEqual(result["value_max"].to_pylist(), [max(v, default=None) for v in present], context)

    def check_floats(self, result, rows, context):
        rows = [[None if v is None else float(v) for v in row] for row in rows]
        present = [[v for v in row if v is not None] for row in rows]
        rank = {"key": lambda v: (v != v, v), "default": None}
        expected = {"value_sum": [support.expected_sum(row) for row in rows],
                    "value_mean": [support.expected_mean(row) for row in rows],
                    "value_min": [min(values, **rank) for values in present],
                    "value_max": [max(values, **rank) for values in present]}
        for name, column in expected.items():
            found = [None if v is None else float(v) for v in result[name].to_pylist()]
            assert_columns_equal(self, found, column, f"{context}: {name}")

    def check(self, draw, context, **options):
        files, rows = self.write_group(draw, len(LAYOUTS) + 2, **options)
        result = self.sum(files, "--agg", self.AGGREGATES, by="key")
        type_ = pq.read_schema(self.folder / files[0]).field("value").type
        self.assertEqual(result.schema.field("value_min").type, type_, context)
        self.assertEqual(result["value_count"].to_pylist(), [sum(v is not None for v in row) for row in rows])
        check = self.check_floats if pa.types.is_floating(type_) else self.check_numbers
        check(result, rows, context)

    def test_each(self):
        for name, draw in value_types().items():
            with self.subTest(type=name):
                self.check(draw, name)

    def test_decimals_stored_as_integers(self):
        for name in ("decimal32(9, 3)", "decimal64(18, 2)", "decimal128(2, 1)", "decimal128(17, 0)"):
            with self.subTest(type=name):
                self.check(value_types()[name], name, store_decimal_as_integer=True)

    def test_least_and_greatest_of_others(self):
        """Types without a sum: times, dates, fixed bytes."""
        for number, (name, column) in enumerate(key_types().items()):
            type_ = column.type
            if not (pa.types.is_temporal(type_) or pa.types.is_fixed_size_binary(type_)):
                continue
            with self.subTest(type=name):
                draw = lambda seed, column=column: column.take(pa.array(np.random.default_rng(seed).permutation(ROWS)))
                files, _ = self.write_group(draw, 5)
                result = self.sum(files, "--agg", "min:value,max:value", by="key")
                columns = [plain(pq.read_table(self.folder / file)["value"]) for file in files]
                rows = [[v for v in row if v is not None] for row in zip(*columns)]
                self.assertEqual(plain(result["value_min"]), [min(row) for row in rows])
                self.assertEqual(plain(result["value_max"]), [max(row) for row in rows])
                self.assertEqual(result.schema.field("value_min").type,
                                 pq.read_schema(self.folder / files[0]).field("value").type)

    def test_every_codec_with_every_encoding(self):
        """One group of all 60 files: doubles and 64-bit integers by codec, encoding and page version."""
        files, doubles, longs = [], [], []
        for number, (codec, encoding, version) in enumerate(itertools.product(
                ("none", "snappy", "gzip", "brotli", "lz4", "zstd"),
                ("DICTIONARY", "PLAIN", "BYTE_STREAM_SPLIT", "DELTA_BINARY_PACKED", "mixed"), ("1.0", "2.0"))):
            files.append(f"{number}.parquet")
            rng = np.random.default_rng(number)
            doubles.append(pa.array(rng.integers(-50, 50, ROWS) / 8))
            longs.append(pa.array(rng.integers(-50, 50, ROWS)))
            table = pa.table({"key": pa.array(range(ROWS)), "double": doubles[-1], "long": longs[-1]})
            named = {"long": encoding, "double": "PLAIN" if encoding.startswith("DELTA") else encoding, "key": "PLAIN"}
            pq.write_table(table, self.folder / files[-1], compression=codec, data_page_version=version,
                           use_dictionary=encoding in ("DICTIONARY", "mixed"), max_rows_per_page=20 + number,
                           dictionary_pagesize_limit=100 if encoding == "mixed" else None, write_batch_size=10,
                           column_encoding=None if encoding in ("DICTIONARY", "mixed") else named)
        result = self.sum(files, "--agg", "sum:double,sum:long", by="key")
        self.check_sum(result, doubles, "double_sum")
        self.assertEqual(result["long_sum"].to_pylist(), [sum(row) for row in zip(*[c.to_pylist() for c in longs])])


def duckdb_writers():
    codecs = ("uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw")
    return {f"duckdb-{codec}-{version}": support.write_duckdb(f", COMPRESSION {codec}, PARQUET_VERSION {version}{more}")
            for codec, version, more in zip(codecs, itertools.cycle(["v1", "v2"]), itertools.cycle(
                ["", ", ROW_GROUP_SIZE 2048", ", DICTIONARY_SIZE_LIMIT 1"]))}


def polars_writers():
    codecs = ("uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4")
    return {f"polars-{codec}": support.write_polars(compression=codec, row_group_size=size, data_page_size=100)
            for codec, size in zip(codecs, (None, 40, 1000, 7, 150, 64))}


def fastparquet_writers():
    def writer(**options):
        return lambda table, path: fastparquet.write(str(path), table.to_pandas(), write_index=False, **options)
    return {f"fastparquet-{codec}": writer(compression=codec, row_group_offsets=size, has_nulls=nulls, stats=size != 40)
            for codec, size, nulls in ((None, None, True), ("SNAPPY", 40, False), ("GZIP", 77, True), ("ZSTD", 150, False),
                                       ("BROTLI", 10, True), ("LZ4_RAW", 64, False))}


class WritersInOneGroup(Group):
    """Files of one group by pyarrow, DuckDB, Polars and fastparquet, in every form each of them has."""

    def check(self, keys, writers, values=None):
        columns, files = [], []
        for number, (name, writer) in enumerate(writers.items()):
            column = values(number) if values is not None else pa.array(support.doubles("normal", ROWS, number))
            columns.append(column)
            files.append(f"{number:02}-{name}.parquet")
            writer(pa.table({**keys, "value": column}), self.folder / files[-1])
        result = self.sum(files, "--sum", "value", by=",".join(keys))
        for name in keys:
            self.check_key("out.parquet", files[0], name, name)
        return result, columns

    def test_keys_that_all_write_alike(self):
        types = key_types()
        keys = {name: types[name] for name in ("int32", "int64", "string", "timestamp_us")}
        keys["double"] = types["double"].slice(0, ROWS - 1).take(pa.array([*range(ROWS - 1), 0]))  # NaN is NULL to pandas
        pyarrow = {f"pyarrow-{n}": lambda table, path, n=n: write(table, path, n) for n in range(6)}
        writers = pyarrow | duckdb_writers() | polars_writers() | fastparquet_writers()
        result, columns = self.check(keys, writers)
        self.check_sum(result, columns)

    def test_keys_of_all_but_fastparquet(self):
        types = key_types()
        names = ("int8", "int16", "uint8", "uint16", "uint32", "uint64", "date32", "binary", "float")
        pyarrow = {f"pyarrow-{n}": lambda table, path, n=n: write(table, path, n) for n in range(6)}
        self.check_sum(*self.check({name: types[name] for name in names}, pyarrow | duckdb_writers() | polars_writers()))

    def test_values_with_nulls(self):
        keys = {"key": pa.array(range(ROWS), pa.int64())}
        writers = {f"pyarrow-{n}": lambda table, path, n=n: write(table, path, n) for n in range(6)}
        writers |= duckdb_writers() | polars_writers()
        result, columns = self.check(keys, writers, lambda n: support.with_nulls(support.doubles("normal", ROWS, n), 0.4, n))
        self.check_sum(result, columns)

    def test_integers_and_booleans(self):
        keys = {"key": pa.array(range(ROWS), pa.int64())}
        writers = {f"pyarrow-{n}": lambda table, path, n=n: write(table, path, n) for n in range(6)}
        writers |= duckdb_writers() | polars_writers() | fastparquet_writers()
        for type_ in (pa.int32(), pa.int64(), pa.bool_()):
            with self.subTest(type=type_):
                result, columns = self.check(keys, writers, lambda n: pa.array(
                    [(i * (n + 3)) % 11 > 4 if pa.types.is_boolean(type_) else (i * (n + 3)) % 11 for i in range(ROWS)], type_))
                self.assertEqual(result["value"].to_pylist(), [sum(row) for row in zip(*[c.to_pylist() for c in columns])])

    def test_enums_and_categories(self):
        """A dictionary in Arrow, Categorical and Enum in Polars, all of unique texts."""
        names = [f"c{i}" for i in range(ROWS)]
        values = [support.doubles("normal", ROWS, n) for n in range(3)]
        frame = pl.DataFrame({"key": names, "value": values[0]})
        frame.with_columns(key=pl.col("key").cast(pl.Enum(names))).write_parquet(self.folder / "0.parquet")
        frame.with_columns(key=pl.col("key").cast(pl.Categorical), value=values[1]).write_parquet(self.folder / "1.parquet")
        category = pa.array(names).dictionary_encode()
        write(pa.table({"key": category, "value": values[2]}), self.folder / "2.parquet", 1)
        result = self.sum(["2.parquet", "0.parquet", "1.parquet"], "--sum", "value", by="key")
        self.check_sum(result, [pa.array(v) for v in values])
        self.check_key("out.parquet", "2.parquet", "key", "category")
        self.sum(["0.parquet", "1.parquet", "2.parquet"], "--sum", "value", by="key")
        self.check_key("out.parquet", "0.parquet", "key", "enum")

    def test_keys_of_duckdb(self):
        """UUID, HUGEINT as double, intervals, TIME WITH TIME ZONE and others, as DuckDB stores them."""
        types = ["UUID", "TIMESTAMPTZ", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "TIME", "TIMETZ", "DATE", "BLOB",
                 "DECIMAL(4,1)", "DECIMAL(9,2)", "DECIMAL(18,3)", "DECIMAL(38,4)", "UTINYINT", "UBIGINT", "HUGEINT", "INTERVAL"]
        made = {
            "UUID": "('00000000-0000-0000-0000-' || lpad(i::VARCHAR, 12, '0'))::UUID", "BLOB": "('b' || i)::BLOB",
            "DATE": "DATE '1990-01-01' + i::INTEGER", "TIME": "TIME '00:00:00' + to_seconds(i)",
            "TIMETZ": "('00:' || lpad((i // 60)::VARCHAR, 2, '0') || ':' || lpad((i % 60)::VARCHAR, 2, '0') || '+00')::TIMETZ",
            "INTERVAL": "to_days(i::INTEGER)"}
        for type_ in types:
            source = made.get(type_, f"(TIMESTAMP '1960-01-01' + to_hours(i))::{type_}" if "TIMESTAMP" in type_
                              else f"(i - CASE WHEN '{type_}'[1] = 'U' THEN 0 ELSE 70 END)::{type_}")
            with self.subTest(type=type_), duckdb.connect() as connection:
                for number, form in enumerate(("v1", "v2")):
                    connection.execute(f"COPY (SELECT {source} AS key, i / 8 AS value FROM range({ROWS}) t(i)) TO "
                                       f"'{self.folder}/{number}.parquet' (FORMAT parquet, PARQUET_VERSION {form})")
                for option in ([], ["--sort"]):
                    self.weir("sum", "--by", "key", "--sum", "value", *option, "-o", "out.parquet", "--overwrite",
                              "0.parquet", "1.parquet")
                    select = "SELECT key::VARCHAR, {} * \"value\", typeof(key) FROM '{}/{}.parquet' ORDER BY \"value\""
                    found = connection.execute(select.format(1, self.folder, "out")).fetchall()
                    self.assertEqual(found, connection.execute(select.format(2, self.folder, "0")).fetchall())


class Beside(Group):
    """What stands beside the columns of the sum is passed over, whatever it is."""

    def test_nested_columns_of_any_kind(self):
        nested = {
            "list": pa.array([[i, None] if i % 3 else None for i in range(ROWS)]),
            "lists": pa.array([[["a"], []] for _ in range(ROWS)]),
            "struct": pa.array([{"key": i, "value": {"value": str(i)}} for i in range(ROWS)]),
            "map": pa.array([[("key", i)] for i in range(ROWS)], pa.map_(pa.string(), pa.int64())),
            "fixed_list": pa.array([[1.0, 2.0]] * ROWS, pa.list_(pa.float32(), 2)),
            "large": pa.array([[{"a": [i]}] for i in range(ROWS)]),
        }
        keys = {"key": pa.array(range(ROWS)), "text": pa.array(texts())}
        columns = [pa.array(support.doubles("wide", ROWS, n)) for n in range(4)]
        for number, column in enumerate(columns):
            beside = list(nested.items())[: 2 * number]  # before, between and after; in no file the same
            table = pa.table({**dict(beside[::2]), "key": keys["key"], **dict(beside[1::2]), "value": column, "text": keys["text"]})
            pq.write_table(table, self.folder / f"{number}.parquet", row_group_size=50 + number,
                           data_page_version="2.0" if number % 2 else "1.0", compression=["zstd", "snappy"][number % 2])
        result = self.sum([f"{n}.parquet" for n in (3, 0, 1, 2)], "--sum", "value", by="key,text")
        self.assertEqual(result.column_names, ["key", "text", "value"])
        self.assertEqual(result["text"].to_pylist(), keys["text"].to_pylist())
        self.check_sum(result, columns)

    def test_columns_in_another_order_and_case(self):
        columns = [pa.array(support.doubles("normal", ROWS, n)) for n in range(3)]
        for number, column in enumerate(columns):
            parts = [("key", pa.array(range(ROWS))), ("value", column), ("Value", pa.nulls(ROWS)), ("KEY", pa.array(texts()))]
            parts = parts[number:] + parts[:number]
            write(pa.table(dict(parts)), self.folder / f"{number}.parquet", 0, data_page_version="1.0")
        result = self.sum(["0.parquet", "1.parquet", "2.parquet"], "--sum", "value", by="key")
        self.check_sum(result, columns)
