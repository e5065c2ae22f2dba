"""`weir inspect --summary --json --raw` against the values that were written, over all types and ways to write them."""
import datetime
import hashlib
import json
import struct
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from support import MIB, WRITERS, WeirTest, doubles, keys_table, round_to_double

ROWS = 3000
UNITS = {"s": 10 ** 9, "ms": 10 ** 6, "us": 1000, "ns": 1}


# ---- what is expected -------------------------------------------------------------------------

def whole_numbers(column, width):
    """The stored integers of dates, times and timestamps; None for NULL."""
    plain = column.cast(pa.int32() if width == 32 else pa.int64())
    return plain.to_pylist()


def float_token(value, letter):
    if value != value:
        return "nan"
    return struct.pack(f">{letter}", value).hex()


def decimal_text(unscaled, scale):
    whole, rest = divmod(abs(unscaled), 10 ** scale)
    return "-" * (unscaled < 0) + str(whole) + (f".{rest:0{scale}}" if scale else "")


def unscaled_of(value, scale):
    return int(Fraction(value) * Fraction(10) ** scale)


def summary(kind, present, nulls, tokens):
    digest = hashlib.sha256("".join(token + "\n" for token in tokens).encode()).hexdigest()
    return {"kind": kind, "count": len(present), "nulls": nulls, "sum": None, "min": None, "max": None, "digest": digest}


def of_numbers(kind, values, text=str, total=True):
    """Integers and what is counted by them."""
    present = [int(v) for v in values if v is not None]
    result = summary(kind, present, len(values) - len(present), ["~" if v is None else str(int(v)) for v in values])
    result["sum"] = text(sum(present))
    if present:
        result["min"], result["max"] = text(min(present)), text(max(present))
    return result


def of_floats(values, letter):
    present = [v for v in values if v is not None]
    result = summary("float", present, len(values) - len(present),
                     ["~" if v is None else float_token(v, letter) for v in values])
    finite = sum((Fraction(v) for v in present if v == v and abs(v) != float("inf")), Fraction(0))
    total = round_to_double(finite)
    result["sum"] = None if abs(total) == float("inf") else repr(total)
    ordered = [v for v in present if v == v]
    if ordered:
        result["min"], result["max"] = repr(float(min(ordered))), repr(float(max(ordered)))
    return result


def of_bytes(values):
    values = [v.encode() if isinstance(v, str) else v for v in values]
    present = [v for v in values if v is not None]
    result = summary("bytes", present, len(values) - len(present), ["~" if v is None else v.hex() for v in values])
    if present:
        result["min"], result["max"] = min(present)[:32].hex(), max(present)[:32].hex()
    return result


def expected(column):
    """Of one column as pyarrow holds it."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return expected(column.cast(kind.value_type))
    if pa.types.is_nested(kind):
        return {"kind": None}
    if pa.types.is_null(kind):
        return summary("null", [], len(column), ["~"] * len(column))
    if pa.types.is_boolean(kind):
        return of_numbers("bool", column.to_pylist())
    if pa.types.is_integer(kind):
        return of_numbers("int", column.to_pylist())
    if pa.types.is_floating(kind):
        return of_floats(column.to_pylist(), {16: "e", 32: "f", 64: "d"}[kind.bit_width])
    if pa.types.is_decimal(kind):
        values = [None if v is None else unscaled_of(v, kind.scale) for v in column.to_pylist()]
        return dict(of_numbers("decimal", values, lambda v: decimal_text(v, kind.scale)), scale=kind.scale)
    if pa.types.is_date(kind):
        days = whole_numbers(column, kind.bit_width)
        return of_numbers("date", days if kind.bit_width == 32 else [d and d // 86_400_000 for d in days])
    if pa.types.is_duration(kind):
        return of_numbers("int", whole_numbers(column, 64))
    if pa.types.is_time(kind) or pa.types.is_timestamp(kind):
        name = "time" if pa.types.is_time(kind) else "timestamp"
        return dict(of_numbers(name, whole_numbers(column, kind.bit_width)), unit=kind.unit)
    return of_bytes(column.to_pylist())


# ---- tables of every type -----------------------------------------------------------------------

def some_nulls(values, kind, share, seed):
    mask = np.random.default_rng(seed).random(len(values)) < share
    return pa.array([None if hidden else value for value, hidden in zip(values, mask)], kind)


def integers(bits, signed, rows, rng):
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    edges = [low, high, 0, 1, high - 1, high, low]
    return edges + [int(v) for v in rng.integers(low, high, rows - len(edges), dtype=f"{'' if signed else 'u'}int{bits}")]


def decimals(precision, scale, rows, rng):
    most = 10 ** precision - 1
    numbers = [most, -most, 0, 1, -1] + [int.from_bytes(rng.bytes(32), "little", signed=True) for _ in range(rows - 5)]
    numbers = [abs(v) % (most + 1) * (1 if v >= 0 else -1) for v in numbers]
    return [Decimal((int(v < 0), tuple(map(int, str(abs(v)))), -scale)) for v in numbers]


def texts(rows, rng):
    """Many of one beginning, which is longer than what is told."""
    words = ["", "a", "ab", "z" * 32, "z" * 33, "z" * 33 + "a", "é" * 20, "\0", "a\0b"]
    return [words[i] if i < len(words) else "common beginning of many texts, " * int(rng.integers(0, 3))
            + str(rng.integers(0, 400)) for i in range(rows)]


def every_type(rows=ROWS, share=0.2, seed=1):
    rng = np.random.default_rng(seed)
    columns = {}
    for bits in (8, 16, 32, 64):
        columns[f"int{bits}"] = (integers(bits, True, rows, rng), getattr(pa, f"int{bits}")())
        columns[f"uint{bits}"] = (integers(bits, False, rows, rng), getattr(pa, f"uint{bits}")())
    for kind in ("normal", "wide", "subnormal", "large", "special", "zeros"):
        columns[kind] = (doubles(kind, rows, seed).tolist(), pa.float64())
    with np.errstate(over="ignore"):
        narrow = doubles("special", rows, seed).astype("float32") * np.float32(1e30)
        columns["float"] = (narrow.astype("float64").tolist(), pa.float32())
        columns["half"] = ([np.float16(v) for v in doubles("special", rows, seed + 1)], pa.float16())
    for precision, scale in ((1, 0), (9, 2), (18, 18), (19, 4), (38, 10), (39, 0), (76, 38)):
        kind = pa.decimal128 if precision <= 38 else pa.decimal256
        columns[f"decimal{precision}"] = (decimals(precision, scale, rows, rng), kind(precision, scale))
    columns["bool"] = ([bool(v) for v in rng.integers(0, 2, rows)], pa.bool_())
    columns["date"] = ([datetime.date(1900, 1, 1) + datetime.timedelta(int(v)) for v in rng.integers(0, 99999, rows)], pa.date32())
    columns["string"] = (texts(rows, rng), pa.string())
    columns["large_string"] = (texts(rows, rng), pa.large_string())
    columns["binary"] = ([rng.bytes(int(n)) for n in rng.integers(0, 70, rows)], pa.binary())
    columns["fixed"] = ([rng.bytes(7) for _ in range(rows)], pa.binary(7))
    columns["category"] = (texts(rows, rng), pa.dictionary(pa.int32(), pa.string()))
    columns["null"] = ([None] * rows, pa.null())
    columns["list"] = ([[1, 2]] * rows, pa.list_(pa.int64()))
    columns["struct"] = ([{"a": 1}] * rows, pa.struct([("a", pa.int64())]))
    arrays = {name: some_nulls(values, kind, share, number) for number, (name, (values, kind)) in enumerate(columns.items())}
    stamps = rng.integers(-(1 << 60), 1 << 60, rows)
    for unit in UNITS:
        if unit != "s":
            arrays[f"timestamp_{unit}"] = pa.array(stamps, pa.timestamp(unit))
            arrays[f"duration_{unit}"] = pa.array(stamps, pa.duration(unit))
    arrays["instant"] = pa.array(stamps, pa.timestamp("us", "Europe/Berlin"))
    arrays["time_ms"] = pa.array(rng.integers(0, 86_400_000, rows).astype("int32"), pa.time32("ms"))
    arrays["time_us"] = pa.array(rng.integers(0, 86_400_000_000, rows), pa.time64("us"))
    arrays["time_ns"] = pa.array(rng.integers(0, 86_400 * 10 ** 9, rows), pa.time64("ns"))
    return pa.table(arrays)


class Summaries(WeirTest):
    def summary(self, path, *options):
        lines = self.weir("inspect", "--summary", "--json", "--raw", *options, path).out.splitlines()
        self.assertEqual(len(lines), 1)
        return json.loads(lines[0])

    def check(self, table, path="file.parquet", context=""):
        found = self.summary(path)
        self.assertEqual(found["rows"], table.num_rows)
        self.assertEqual([c["name"] for c in found["columns"]], table.column_names)
        for column in found["columns"]:
            name = column.pop("name")
            with self.subTest(column=name, context=context):
                self.assertEqual(column, expected(table[name].combine_chunks()))

    def check_written(self, table, **options):
        pq.write_table(table, self.folder / "file.parquet", **options)
        self.check(table, context=str(options))

    def test_every_type(self):
        self.check_written(every_type())

    def test_without_nulls(self):
        self.check_written(every_type(share=0.0), compression="none", use_dictionary=False)

    def test_only_nulls(self):
        self.check_written(every_type(rows=50, share=1.1))

    def test_no_rows(self):
        self.check_written(every_type(rows=50).slice(0, 0))

    def test_second_pages(self):
        self.check_written(every_type(), data_page_version="2.0", compression="zstd", row_group_size=700)

    def test_small_pages(self):
        self.check_written(every_type(), data_page_size=300, write_batch_size=50, compression="gzip", dictionary_pagesize_limit=2000)

    def test_codecs(self):
        table = every_type(rows=500)
        for codec in ("snappy", "brotli", "lz4"):
            self.check_written(table, compression=codec, use_dictionary=False, write_page_checksum=True)

    def test_decimals_as_integers(self):
        table = every_type()
        table = table.select([name for name in table.column_names if name.startswith("decimal")])
        self.check_written(table, store_decimal_as_integer=True)

    def test_encodings(self):
        table = every_type()
        flat = table.select([name for name in table.column_names if name not in ("list", "struct", "null")])
        choices = {
            "DELTA_BINARY_PACKED": lambda t: pa.types.is_integer(t) or pa.types.is_temporal(t),
            "DELTA_BYTE_ARRAY": lambda t: pa.types.is_string(t) or pa.types.is_binary(t) or t == pa.binary(7) or pa.types.is_decimal(t),
            "DELTA_LENGTH_BYTE_ARRAY": lambda t: pa.types.is_string(t) or pa.types.is_binary(t),
            "BYTE_STREAM_SPLIT": lambda t: pa.types.is_floating(t) or pa.types.is_decimal(t) or pa.types.is_integer(t),
            "RLE": pa.types.is_boolean,
        }
        for encoding, fits in choices.items():
            part = flat.select([field.name for field in flat.schema if fits(field.type)])
            self.check_written(part, use_dictionary=False, column_encoding=dict.fromkeys(part.column_names, encoding))

    def test_runs_of_one_value(self):
        """Slices of equal values take a way of their own."""
        table = every_type(rows=40, share=0.0)
        flat = table.select([name for name in table.column_names if name not in ("list", "struct")])
        self.check_written(flat.take(pa.array(np.repeat(np.arange(7, 10), 5000))))

    def test_long_runs_end_soon(self):
        table = pa.table({"x": pa.array([1.5, None], pa.float64()).take(pa.array(np.repeat([0, 1], 20_000_000)))})
        pq.write_table(table, self.folder / "file.parquet", row_group_size=1 << 26)
        found = self.summary("file.parquet")["columns"][0]
        self.assertEqual([found[k] for k in ("count", "nulls", "sum", "digest")], [20_000_000, 20_000_000, "30000000.0", None])

    def test_int96(self):
        rng = np.random.default_rng(3)
        table = pa.table({"t": some_nulls([int(v) for v in rng.integers(-(1 << 63), (1 << 63) - 1, ROWS)], pa.int64(), 0.1, 5)
                          .cast(pa.timestamp("ns"))})
        self.check_written(table, use_deprecated_int96_timestamps=True)

    def test_every_writer(self):
        """What another writer makes of a table is read back by pyarrow."""
        for name, writer in WRITERS.items():
            path = self.folder / f"{name}.parquet"
            writer(pa.table({**keys_table(40, 30, "us"), "value": pa.array(doubles("normal", 1200, 7))}), path)
            self.check(pq.read_table(path), path.name, name)

    def test_types_of_polars(self):
        frame = pl.DataFrame({"u8": pl.Series([1, None, 255], dtype=pl.UInt8), "text": ["a", None, "c" * 40],
                              "day": [datetime.date(2024, 2, 29)] * 3, "clock": [datetime.time(1, 2, 3)] * 3,
                              "category": pl.Series(["x", "y", "x"], dtype=pl.Categorical)})
        frame.write_parquet(self.folder / "file.parquet")
        self.check(pq.read_table(self.folder / "file.parquet"))

    def test_memory_does_not_grow_with_rows(self):
        rng = np.random.default_rng(5)
        small = pa.table({"i": rng.integers(0, 1 << 40, 1 << 18), "s": pa.array(rng.integers(0, 999, 1 << 18)).cast(pa.string())})
        pq.write_table(small, self.folder / "small.parquet", row_group_size=1 << 16)
        pq.write_table(pa.concat_tables([small] * 8), self.folder / "large.parquet", row_group_size=1 << 16)
        peaks = [self.weir("inspect", "--summary", "--memory", "8MiB", name).peak for name in ("small.parquet", "large.parquet")]
        self.assertLess(peaks[1], peaks[0] + MIB)

    def test_forms_for_people(self):
        table = pa.table({"d": [datetime.date(2024, 2, 29), None], "t": pa.array([0, 1_500_000], pa.timestamp("us", "UTC")),
                          "m": pa.array([Decimal("-0.05"), Decimal("1.00")]), "f": [0.1, float("nan")], "s": ["x", "y" * 40]})
        pq.write_table(table, self.folder / "file.parquet")
        columns = json.loads(self.weir("inspect", "--summary", "--json", "file.parquet").out)["files"][0]["columns"]
        shown = {c["name"]: (c["sum"], c["minimum"], c["maximum"]) for c in columns}
        self.assertEqual(shown, {
            "d": (None, "2024-02-29", "2024-02-29"),
            "t": (None, "1970-01-01T00:00:00Z", "1970-01-01T00:00:01.500000Z"),
            "m": ("0.95", "-0.05", "1.00"),
            "f": ("0.1", "0.1", "0.1"),
            "s": (None, "x", "y" * 32 + "..."),
        })
        self.assertEqual([c for c in columns if c["name"] == "f"][0]["nan"], 1)
        text = self.weir("inspect", "--summary", "file.parquet").out
        self.assertRegex(text, r"f +double +2 +0 +0\.1 +0\.1 +0\.1 +1 NaN")

    def test_damage_is_told(self):
        pq.write_table(every_type(rows=500), self.folder / "file.parquet", compression="none", write_page_checksum=True)
        data = bytearray((self.folder / "file.parquet").read_bytes())
        data[len(data) // 4] ^= 0x10
        (self.folder / "file.parquet").write_bytes(data)
        result = self.weir_fails("inspect", "--summary", "--json", "--raw", "file.parquet")
        self.assertEqual(result.out, "")

    def test_headers_of_nested_pages_are_read(self):
        table = pa.table({"x": [1, 2, 3], "l": [[1, 2], [], [3]]})
        pq.write_table(table, self.folder / "file.parquet", compression="none", use_dictionary=False)
        self.weir("inspect", "--summary", "file.parquet")
        data = bytearray((self.folder / "file.parquet").read_bytes())
        start = pq.ParquetFile(self.folder / "file.parquet").metadata.row_group(0).column(1).data_page_offset
        data[start:start + 4] = b"\xff" * 4
        (self.folder / "file.parquet").write_bytes(data)
        self.weir_fails("inspect", "--summary", "file.parquet", says="l.list.element")
