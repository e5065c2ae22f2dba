"""Arrow streams of every flat type, as pyarrow, Polars and DuckDB write them: grouped sums as pyarrow's group_by has them.

WEIR_SEED chooses the damage that is done to streams; a failure names it.
"""
import datetime
import io
import itertools
import os
import random
from decimal import Decimal

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.ipc as ipc

from support import FULL, SANITIZED, WeirTest, run

SEED = int(os.environ.get("WEIR_SEED", "1"))
ROWS = 5003
FEW = 40  # different values of a key
SUMS = "sum:v=v,sum:w=w,count:w=n,count:*=rows"
DAMAGES = 1500 if FULL else 30 if SANITIZED else 60
WRITING = [dict(compression=codec, **more) for codec, more in itertools.product(
    (None, "lz4", "zstd"), ({}, {"use_legacy_format": True}, {"metadata_version": ipc.MetadataVersion.V4},
                            {"emit_dictionary_deltas": True}))]


def stream(table, rows=None, **options):
    sink = io.BytesIO()
    with ipc.new_stream(sink, table.schema, options=ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=rows)
    return sink.getvalue()


def polars_stream(frame, **options):
    sink = io.BytesIO()
    frame.write_ipc_stream(sink, **options)
    return sink.getvalue()


def some(rng, values, share=0.2):
    return [None if rng.random() < share else value for value in values]


def flat_types(rng):
    """A few values of every flat type."""
    numbers = range(FEW)
    yield pa.nulls(FEW)
    yield pa.array([i % 3 == 0 for i in numbers])
    for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()):
        bits = kind.bit_width
        low, high = (0, 2**bits - 1) if pa.types.is_unsigned_integer(kind) else (-2**(bits - 1), 2**(bits - 1) - 1)
        yield pa.array([low, high] + [rng.randint(low, high) for _ in range(FEW - 2)], kind)
    for kind in (pa.float16(), pa.float32(), pa.float64()):
        yield pa.array(np.array([rng.random() * 10 - 5 for _ in numbers]).astype(kind.to_pandas_dtype()), kind)
    for make, digits in ((pa.decimal32, 9), (pa.decimal64, 18), (pa.decimal128, 5), (pa.decimal128, 20), (pa.decimal128, 38),
                         (pa.decimal256, 3), (pa.decimal256, 50), (pa.decimal256, 76)):
        most = 10**digits - 1
        yield pa.array([Decimal(rng.randint(-most, most)).scaleb(-2) for _ in numbers], make(digits, 2))
    texts = [str(i) + "".join(rng.choice("abcdé漢") for _ in range(rng.choice((0, 1, 5, 12, 40)))) for i in numbers]
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        yield pa.array([""] + texts[1:], kind)
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        yield pa.array([b""] + [text.encode() + b"\0\xff" for text in texts[1:]], kind)
    for width in (1, 7, 300):
        yield pa.array([rng.randbytes(width) for _ in numbers], pa.binary(width))
    days = pa.array([rng.randint(-100000, 100000) for _ in numbers], pa.int32()).cast(pa.date32())
    yield from (days, days.cast(pa.date64()))
    for kind, most in ((pa.time32("s"), 86399), (pa.time32("ms"), 86399999), (pa.time64("us"), 86399999999), (pa.time64("ns"), 86399999999999)):
        yield pa.array([rng.randint(0, most) for _ in numbers], pa.int32() if kind.bit_width == 32 else pa.int64()).cast(kind)
    for unit, zone in itertools.product(("s", "ms", "us", "ns"), (None, "UTC", "Europe/Berlin")):
        yield pa.array([rng.randint(-10**9, 10**9) for _ in numbers], pa.int64()).cast(pa.timestamp(unit, zone))
    for unit in ("s", "ms", "us", "ns"):
        yield pa.array([rng.randint(-10**9, 10**9) for _ in numbers], pa.int64()).cast(pa.duration(unit))


def taken(few, places):
    """take, of views too."""
    plain = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}.get(few.type, few.type)
    return few.cast(plain).take(pa.array(places, pa.int32())).cast(few.type)


def spread(rng, few, rows=ROWS):
    """Columns of few values: all rows have one, some have none, and those as a dictionary, where that can be."""
    places = [rng.randrange(FEW) for _ in range(rows)]
    index = rng.choice((pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()))
    if pa.types.is_null(few.type):
        return {"all": pa.nulls(rows)}
    holes = pa.concat_arrays([few.slice(0, FEW - 1), pa.nulls(1, few.type)])
    return {"all": taken(few, places), "some": taken(few, some(rng, places)),
            "dictionary": pa.DictionaryArray.from_arrays(pa.array(some(rng, places), index), holes)}


def values(rng, rows=ROWS):
    """Integers, and doubles whose sums are exact in any order."""
    return {"v": pa.array(some(rng, [rng.randint(-10**9, 10**9) for _ in range(rows)]), pa.int64()),
            "w": pa.array(some(rng, [rng.randint(-10**6, 10**6) / 8 for _ in range(rows)]), pa.float64())}


def comparable(column):
    """Values of a column in a type that both sides have."""
    kind = column.type
    if isinstance(column, pa.ChunkedArray):
        return pa.concat_arrays([comparable(chunk) for chunk in column.chunks or [pa.array([], kind)]])
    if pa.types.is_dictionary(kind):
        return comparable(column.dictionary).take(column.indices)
    if pa.types.is_null(kind):
        return column.cast(pa.int8())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string()).cast(pa.binary())
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind):
        return column.cast(pa.binary())
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    if pa.types.is_decimal(kind):
        return column.cast(pa.decimal256(76, kind.scale)).cast(pa.string())
    if pa.types.is_date(kind):
        return column.cast(pa.date32()).cast(pa.int32())
    for is_kind, finest in ((pa.types.is_timestamp, pa.timestamp("ns")), (pa.types.is_duration, pa.duration("ns")),
                            (pa.types.is_time, pa.time64("ns"))):
        if is_kind(kind):
            zoned = pa.timestamp("ns", kind.tz) if pa.types.is_timestamp(kind) else finest
            return column.cast(zoned).cast(pa.int64())
    return column


def grouped(*tables):
    """What pyarrow makes of the tables one behind the other."""
    keys = pa.concat_arrays([comparable(table["k"]) for table in tables])
    rest = pa.concat_tables([table.select(["v", "w"]).cast(pa.schema({"v": pa.int64(), "w": pa.float64()})) for table in tables])
    found = rest.append_column("k", keys).group_by("k", use_threads=False).aggregate([("v", "sum"), ("w", "sum"), ("w", "count"), ([], "count_all")])
    return rows_of(found["k"], [found[name] for name in ("v_sum", "w_sum", "w_count", "count_all")])


def rows_of(keys, columns):
    return dict(zip(keys.to_pylist(), zip(*(column.to_pylist() for column in columns))))


class Streams(WeirTest):
    def feed(self, data):
        """Options for a run whose standard input is these bytes."""
        path = self.folder / "stdin"
        path.write_bytes(data)
        return {"before": lambda: os.dup2(os.open(path, os.O_RDONLY), 0)}

    def sums(self, data, *options, by="k"):
        result = self.weir("sum", "--stdin", "arrow", "--by", by, "--agg", SUMS, "-o", "out.arrow", "--overwrite", *options, **self.feed(data))
        with ipc.open_file(self.folder / "out.arrow") as reader:
            table = reader.read_all()
        return result, table, rows_of(comparable(table[by]), [table[name] for name in ("v", "w", "n", "rows")])

    def check(self, data, *tables, options=()):
        result, found, sums = self.sums(data, *options)
        expected = grouped(*tables)
        self.assertEqual(found.num_rows, len(expected), "a key stands twice, or not at all")
        self.assertEqual(sums, expected)
        return result, found


class FlatTypes(Streams):
    def test_every_type(self):
        """Each with nulls and without, plain and as a dictionary, of a slice in batches of several sizes, written in several ways."""
        rng = random.Random(SEED)
        writing = itertools.cycle(WRITING)
        for few in flat_types(rng):
            rest = values(rng)
            for name, column in spread(rng, few).items():
                rows, options = rng.choice((None, 1000, 4096, 333)), next(writing)
                table = pa.table({"k": column, **rest}).slice(*rng.choice(((0,), (3, ROWS - 10), (8, 4096))))
                with self.subTest(kind=str(few.type), column=name, rows=rows, writing=options, seed=SEED):
                    _, found = self.check(stream(table, rows, **options), table, options=("--threads", rng.choice((1, 2, 4))))
                    if pa.types.is_timestamp(few.type):
                        self.assertEqual(found.schema.field("k").type.tz, few.type.tz)

    def test_several_keys(self):
        rng = random.Random(SEED)
        kinds = (pa.int32(), pa.string_view(), pa.date32(), pa.bool_())
        fews = [few for few in flat_types(rng) if few.type in kinds]
        keys = {f"k{i}": spread(rng, few)["some"] for i, few in enumerate(fews)}
        table = pa.table({**keys, **values(rng)})
        self.weir("sum", "--stdin", "arrow", "--by", ",".join(keys), "--agg", SUMS, "-o", "out.arrow", **self.feed(stream(table, 700)))
        with ipc.open_file(self.folder / "out.arrow") as reader:
            found = reader.read_all()
        sums = zip(*[comparable(found[name]).to_pylist() for name in keys], *[found[name].to_pylist() for name in ("v", "rows")])
        plain = pa.table({**{name: comparable(table[name]) for name in keys}, "v": table["v"]})
        expected = plain.group_by(list(keys), use_threads=False).aggregate([("v", "sum"), ([], "count_all")])
        wanted = zip(*[expected[name].to_pylist() for name in (*keys, "v_sum", "count_all")])
        self.assertEqual(sorted(sums, key=repr), sorted(wanted, key=repr))

    def test_columns_between(self):
        """What cannot be read is passed over where nobody asks for it, whatever it takes of a batch."""
        columns = {
            "a": pa.array([[("x", 1)], None, []], pa.map_(pa.string(), pa.int32())),
            "b": pa.array([{"p": 1, "q": "long enough to be outside"}] * 3, pa.struct([("p", pa.int8()), ("q", pa.string_view())])),
            "c": pa.array([["x"], None, ["y", "z"]], pa.list_(pa.string_view())),
            "d": pa.UnionArray.from_sparse(pa.array([0, 1, 0], pa.int8()), [pa.array([1, 2, 3]), pa.array(["a", "b", "c"])]),
            "e": pa.RunEndEncodedArray.from_arrays(pa.array([3], pa.int32()), pa.array([7])),
            "f": pa.array([[1], [2], None], pa.list_view(pa.int16())),
            "g": pa.array([pa.MonthDayNano([1, 2, 3])] * 3),
            "h": pa.array([["a"], ["b"], ["a"]], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
            "k": pa.array(["short", "one that is too long for a view", None], pa.string_view()),
            "l": pa.array([[1, 2]] * 3, pa.list_(pa.int32(), 2)), "v": pa.array([1, None, 3]), "w": pa.array([0.5, 1.5, None])}
        for options in ({}, {"compression": "zstd"}):
            self.check(stream(pa.table(columns), **options), pa.table(columns))


class Writers(Streams):
    def polars_frame(self, rows=3000):
        texts = [None if i % 7 == 0 else f"text {i % 11}" + " that is long" * (i % 3) for i in range(rows)]
        day, moment = datetime.date(2025, 1, 1), datetime.datetime(2025, 1, 1, 2, 3, 4)
        return pl.DataFrame({
            "string": texts, "binary": [t and t.encode() for t in texts], "categorical": texts, "enum": ["pq"[i % 2] for i in range(rows)],
            "date": [day + datetime.timedelta(i % 9) for i in range(rows)], "moment": [moment + datetime.timedelta(0, i % 9) for i in range(rows)],
            "span": [datetime.timedelta(0, i % 5) for i in range(rows)], "time": [datetime.time(1, 2, i % 60) for i in range(rows)],
            "flag": [None if i % 5 == 0 else i % 2 == 0 for i in range(rows)], "decimal": [Decimal(i % 13).scaleb(-2) for i in range(rows)],
            "small": [i % 100 for i in range(rows)], "v": list(range(rows)), "w": [i / 4 for i in range(rows)],
        }, schema_overrides={"categorical": pl.Categorical, "enum": pl.Enum(["p", "q"]), "small": pl.UInt8})

    def test_polars(self):
        frame = self.polars_frame()
        for name, codec, level in zip((n for n in frame.columns if n not in "vw"), itertools.cycle(("uncompressed", "lz4", "zstd")),
                                      itertools.cycle((pl.CompatLevel.newest(), pl.CompatLevel.oldest()))):
            with self.subTest(column=name, compression=codec, level=level):
                part = frame.select(pl.col(name).alias("k"), "v", "w")
                data = polars_stream(part, compression=codec, compat_level=level)
                self.check(data, ipc.open_stream(data).read_all())

    def test_duckdb(self):
        columns = {
            "i::int": "integer", "(i%250)::utinyint": "byte", "case when i%3=0 then null else 'text '||i%20 end": "text",
            "(i%50)::decimal(12,2)": "decimal", "date '2025-01-01'+(i%9)::int": "date",
            "timestamptz '2025-01-01 00:00:00+00' + interval (i%9) hour": "zoned", "('e'||(i%2))::enum('e0','e1')": "enum",
            "i%2=0": "flag", "('x'||i%3)::blob": "blob", "time '01:02:03' + interval (i%4) second": "time", "null": "nothing"}
        for expression, name in columns.items():
            with self.subTest(column=name):
                rows = duckdb.sql(f"select {expression} k, case when i%4=1 then null else i end v, i/8.0::double w from range(5000) t(i)")
                batches = rows.fetch_record_batch(1024)
                table = batches.read_all()
                self.check(stream(table), table)

    def test_all_in_one_pipe(self):
        """Equal texts in the types of several writers; the number of threads and the memory change nothing."""
        rng = random.Random(SEED)
        texts = [None if i % 7 == 0 else f"text {i % 11}" + " that is long" * (i % 3) for i in range(3000)]
        frame = self.polars_frame().select(pl.col("categorical").alias("k"), "v", "w")
        duck = duckdb.sql("select case when i%5=0 then null else 'text '||i%20 end k, i v, i/8.0::double w from range(5000) t(i)")
        tables = [pa.table({"k": pa.array(texts, kind), **values(rng, 3000)}) for kind in (pa.string(), pa.large_string(), pa.string_view())]
        tables += [pa.table({"k": pa.array(texts).dictionary_encode(), **values(rng, 3000)}), tables[0].slice(0, 0), duck.fetch_record_batch(600).read_all()]
        data = b"".join(stream(table, 500, **next_options) for table, next_options in zip(tables, WRITING))
        data += polars_stream(frame)
        tables.append(ipc.open_stream(polars_stream(frame)).read_all())
        tables = [table.cast(pa.schema({"k": table["k"].type, "v": pa.int64(), "w": pa.float64()})) for table in tables]
        results = []
        for options in (("--threads", 1), ("--threads", 2), ("--threads", 4, "--memory", "128MiB")):
            if SANITIZED and "--memory" in options:
                continue
            results.append(self.check(data, *tables, options=options)[1])
        self.assertTrue(all(result.equals(results[0]) for result in results), "rows in another order")

    def test_dictionaries_that_change(self):
        """Every batch has a dictionary of its own, while other threads still work on those before."""
        rng = random.Random(SEED)
        for deltas in (False, True):
            sink, tables = io.BytesIO(), []
            for number in range(60):
                words = [f"word {i}" for i in range(0 if deltas else number, number + 9)]
                keys = pa.DictionaryArray.from_arrays(pa.array(some(rng, [rng.randrange(9) for _ in range(900)]), pa.int16()), words)
                tables.append(pa.table({"k": keys, **values(rng, 900)}))
            with ipc.new_stream(sink, tables[0].schema, options=ipc.IpcWriteOptions(emit_dictionary_deltas=deltas)) as writer:
                for table in tables:
                    writer.write_table(table)
            self.check(sink.getvalue(), *tables, options=("--threads", 4))

    def test_batches_that_take_turns(self):
        """Batches so large that there is no room for two at once are worked on alone, below the ceiling."""
        if SANITIZED:
            self.skipTest("needs more memory than a ceiling")
        rows = 250_000
        table = pa.table({"k": pa.array(np.arange(rows * 3) % 1000), "v": pa.array(np.arange(rows * 3)), "w": pa.array(np.arange(rows * 3) / 8)})
        for codec in (None, "zstd"):
            data = b"".join(stream(table, size, compression=codec) for size in (4096, rows, 100))
            result, _ = self.check(data, table, table, table, options=("--threads", 4, "--memory", "64MiB"))
            self.assertLessEqual(result.peak, 64 << 20)
        self.weir_fails("sum", "--stdin", "arrow", "--by", "k", "--agg", "sum:v", "--memory", "40MiB", **self.feed(stream(table)))


class Damage(Streams):
    def data(self):
        table = pa.table({
            "k": pa.array(["x", None, "a text that is long"] * 400).dictionary_encode(), "l": pa.array([f"text {i}" for i in range(1200)], pa.string_view()),
            "v": pa.array([1, None, 3] * 400), "w": pa.array(np.arange(1200) / 4)})
        return stream(table, 300) + stream(table, compression="lz4") + stream(table.slice(0, 500), compression="zstd")

    def run_damaged(self, data, by="k,l"):
        return run("sum", "--stdin", "arrow", "--by", by, "--agg", SUMS, "-o", "none.arrow", "--overwrite", cwd=self.folder, **self.feed(data))

    def assert_told(self, result):
        self.assertEqual(result.status, 1, result.err)
        self.assertEqual(len(result.err.strip().splitlines()), 1, result.err)

    def test_truncated(self):
        """Every end within a message is told."""
        data = self.data()
        rng = random.Random(SEED)
        for cut in [1, 3, 4, 7, 9, 100, len(data) - 4] + [rng.randrange(10, len(data) - 8) // 8 * 8 + 4 for _ in range(DAMAGES // 4)]:
            with self.subTest(cut=cut, seed=SEED):
                self.assert_told(self.run_damaged(data[:cut]))
                self.assertFalse((self.folder / "none.arrow").exists())

    def test_flipped_bits(self):
        """A bit that is wrong may make another result; if it is told, then in one line."""
        good = self.data()
        rng = random.Random(SEED)
        told = 0
        for number in range(DAMAGES):
            data = bytearray(good)
            for bit in rng.sample(range(len(data) * 8), rng.choice((1, 1, 5))):
                data[bit // 8] ^= 1 << bit % 8
            with self.subTest(number=number, seed=SEED):
                result = self.run_damaged(bytes(data), by=rng.choice(("k", "l", "k,l")))
                if result.status != 0:
                    self.assert_told(result)
                    told += 1
        self.assertGreater(told, 0)

    def test_values_that_cannot_be(self):
        """Streams that are whole, with values that their types do not have."""
        index = {way: pa.DictionaryArray.from_arrays(pa.array([way], pa.int8()), pa.array(["a"]), safe=False) for way in (5, -1)}
        digits = pa.Array.from_buffers(pa.decimal128(3), 1, [None, pa.py_buffer((10**20).to_bytes(16, "little"))])
        offsets = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(np.array([0, 9, 3], np.int32)), pa.py_buffer(b"abc")])
        never = pa.schema([pa.field("k", pa.int32(), nullable=False), ("v", pa.int64()), ("w", pa.float64())])
        for name, keys in {"index": index[5], "negative": index[-1], "digits": digits, "text": offsets,
                           "seconds": pa.array([2**60], pa.timestamp("s")), "day": pa.array([1], pa.int64()).cast(pa.date64())}.items():
            with self.subTest(value=name):
                self.assert_told(self.run_damaged(stream(pa.table({"k": keys, "v": [1] * len(keys), "w": [1.0] * len(keys)})), by="k"))
        self.assert_told(self.run_damaged(stream(pa.table([pa.array([1, None], pa.int32()), [1, 2], [1.0, 2.0]], schema=never)), by="k"))

    def test_other_forms(self):
        """A file is no stream, and is called by its name."""
        sink = io.BytesIO()
        with ipc.new_file(sink, pa.schema([("k", pa.int64())])):
            pass
        for data, word in ((sink.getvalue(), "Arrow file"), (b"PAR1" + bytes(100), "Parquet file")):
            result = self.run_damaged(data)
            self.assert_told(result)
            self.assertIn(word, result.err)
