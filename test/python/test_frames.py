"""Frames in: what stands in the streams that the program gets, held against pyarrow's reader."""
import io
import os
import time
import unittest
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

import weir
from weir import _api, _ipc_write
from weir._c_data import Frame
from case import Case, table


def streams_of(frames, names):
    """The tables that pyarrow reads from what would be sent."""
    needed = _api._Needed(set(names), "")
    sent = b"".join(bytes(piece) for message in _api._messages(frames, needed) for piece in message)
    source, tables = io.BytesIO(sent), []
    while source.tell() < len(sent):
        with pa.ipc.open_stream(source) as reader:
            found = reader.read_all()
        found.validate(full=True)
        tables.append(found)
    return tables


class Batches:
    """Record batches just as they are, slices and all."""

    def __init__(self, *batches):
        self.batches = batches

    def __arrow_c_stream__(self, requested_schema=None):
        return pa.RecordBatchReader.from_batches(self.batches[0].schema, self.batches).__arrow_c_stream__()


def many_types(rows=1000, seed=3):
    random = np.random.default_rng(seed)
    numbers = random.integers(0, 200, rows)
    missing = random.random(rows) < 0.3

    def column(values, type=None):
        return pa.array([None if gone else value for value, gone in zip(values, missing)], type)
    texts = ["" if n % 7 == 0 else f"{'long text ' * (n % 4)}{n}" for n in numbers]
    whole = [int(n) for n in numbers]
    columns = {"bool": column([n % 2 == 0 for n in whole]), "null": pa.nulls(rows)}
    for type in (pa.string(), pa.large_string(), pa.string_view()):
        columns[str(type)] = column(texts, type)
    for type in (pa.binary(), pa.large_binary(), pa.binary_view()):
        columns[str(type)] = column([text.encode() for text in texts], type)
    for type in (pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64(),
                 pa.float32(), pa.float64(), pa.float16(), pa.date32(), pa.time32("s"), pa.time32("ms"), pa.time64("us"),
                 pa.time64("ns"), pa.timestamp("s"), pa.timestamp("ms", "UTC"), pa.timestamp("us", "Europe/Berlin"),
                 pa.timestamp("ns"), pa.duration("s"), pa.duration("ns"), pa.decimal32(9, 2), pa.decimal64(18, 4),
                 pa.decimal128(20, 3), pa.decimal256(60, 5)):
        small = [n % 100 for n in whole]
        columns[str(type)] = column([np.float16(n) for n in small] if type == pa.float16() else small, type)
    columns["date64"] = column([86400000 * n for n in whole], pa.int64()).cast(pa.date64())
    columns["fixed"] = column([bytes([n]) * 3 for n in whole], pa.binary(3))
    columns["dictionary"] = columns["string"].dictionary_encode()
    columns["dictionary of views"] = pa.DictionaryArray.from_arrays(
        pa.array(numbers % 3, pa.uint8()), pa.array(["a", None, "a text of some length"], pa.string_view()))
    columns["uuid"] = pa.ExtensionArray.from_storage(pa.uuid(), column([bytes([n]) * 16 for n in whole], pa.binary(16)))
    return pa.table(columns)


class TestStreams(Case):
    def assertSent(self, frame, expected):
        found, = streams_of([frame], expected.column_names)
        self.assertEqual(found.schema.names, expected.schema.names)
        for name in expected.column_names:
            self.assertEqual(found[name].type, expected[name].type)
            self.assertEqual(found[name].to_pylist(), expected[name].to_pylist(), name)

    def test_every_type(self):
        self.assertSent(many_types(), many_types())

    def test_slices(self):
        whole = many_types().combine_chunks().to_batches()[0]
        for begin, length in ((0, 0), (0, 1), (1, 1), (1, 999), (7, 9), (8, 16), (13, 500), (999, 1), (1000, 0)):
            piece = whole.slice(begin, length)
            with self.subTest(begin=begin, length=length):
                self.assertSent(Batches(piece), pa.Table.from_batches([piece]))

    def test_slices_of_slices(self):
        """Offsets of the frame and of its columns add up."""
        whole = many_types().combine_chunks()
        columns = [whole[name].chunk(0).slice(3, 900) for name in whole.column_names]
        batch = pa.RecordBatch.from_arrays(columns, whole.column_names).slice(5, 77)
        self.assertSent(Batches(batch), pa.Table.from_batches([batch]))
        struct = pa.StructArray.from_arrays(columns, whole.column_names).slice(5, 77)

        class Structs:
            def __arrow_c_array__(self, requested_schema=None):
                return struct.__arrow_c_array__()
        self.assertSent(Structs(), pa.Table.from_batches([batch]))

    def test_views_on_large_buffers(self):
        """A few rows of many send their own text, not everybody's."""
        texts = [f"a text that is longer than twelve bytes {i} " + "x" * 400 for i in range(10_000)]
        texts[5001] = None
        batch = pa.record_batch({"text": pa.array(texts, pa.string_view())})
        piece = Batches(batch.slice(5000, 50))
        self.assertSent(piece, pa.Table.from_batches([batch.slice(5000, 50)]))
        size = sum(len(part) for message in _api._messages([piece], _api._Needed({"text"}, "")) for part in message)
        self.assertLess(size, 100_000)

    def test_dictionaries_change(self):
        batches = [pa.record_batch({"k": pa.array(words).dictionary_encode(), "n": list(range(len(words)))})
                   for words in (["a", "b", "a"], ["c", "b"], ["a"], [None, "d"])]
        again = batches[1].slice(1)
        found, = streams_of([Batches(*batches, batches[1], again)], ["k", "n"])
        self.assertEqual(found["k"].to_pylist(), ["a", "b", "a", "c", "b", "a", None, "d", "c", "b", "b"])

    def test_dictionary_that_stays_is_sent_once(self):
        whole = pa.record_batch({"k": pa.array(["a", "b"] * 500).dictionary_encode()})
        frame = Frame(Batches(*[whole.slice(at, 10) for at in range(0, 1000, 10)]))
        columns = _ipc_write.chosen_columns(frame.schema.value, lambda name: True, lambda name: True)
        self.assertEqual(sum(1 for _ in _ipc_write.write_frame(frame, columns)), 1 + 1 + 100)

    def test_libraries(self):
        arrow = pa.table({"k": ["a", None, "c"], "v": [1.5, None, -2.0], "n": [1, 2, 3]})
        polars, pandas = pl.from_arrow(arrow), arrow.to_pandas()
        with duckdb.connect() as connection:
            for frame in (arrow, arrow.to_batches()[0], arrow.to_reader(), polars, pandas,
                          connection.sql("SELECT * FROM arrow"), polars.slice(1), polars.with_columns(
                              pl.col("k").cast(pl.Categorical)), pandas.astype({"k": "category"})):
                with self.subTest(type=type(frame).__name__):
                    rows = [tuple(row.values()) for row in arrow.to_pylist()]
                    found, = streams_of([frame], ["k", "v", "n"])
                    values = [tuple(row[name] for name in ("k", "v", "n")) for row in found.to_pylist()]
                    self.assertEqual(values, rows[-len(values):])
                    self.assertGreaterEqual(len(values), 2)

    def test_only_what_is_named_is_sent(self):
        frame = pa.table({"k": [1], "v": [2.0], "other": ["x"], "nested": [[1]], "w": [3]})
        needed = _api._needed("k", "sum:v", "w > 1", None)
        sent = b"".join(bytes(part) for message in _api._messages([frame], needed) for part in message)
        self.assertEqual(pa.ipc.open_stream(sent).read_all().column_names, ["k", "v", "w"])

    def test_renamed_columns_are_sent(self):
        frame = pa.table({"old": [1], "v": [2.0], "older": [1]})
        needed = _api._needed("k", "sum:v", None, {"old": "k", "older": "x"})
        sent = b"".join(bytes(part) for message in _api._messages([frame], needed) for part in message)
        self.assertEqual(pa.ipc.open_stream(sent).read_all().column_names, ["old", "v"])

    def test_many_frames(self):
        found = streams_of((table(seed=seed) for seed in range(3)), ["path", "value"])
        self.assertEqual(found, [table(seed=seed).select(["path", "value"]) for seed in range(3)])

    def test_no_columns(self):
        found, = streams_of([table()], [])
        self.assertEqual((found.num_columns, found.num_rows), (0, 3000))

    def test_frames_are_let_go(self):
        """A generator's frames are not kept: each is gone before the next but one comes."""
        import weakref
        alive = []

        def frames():
            for seed in range(5):
                frame = pl.from_arrow(table(seed=seed))
                alive.append(weakref.ref(frame))
                self.assertLessEqual(sum(each() is not None for each in alive), 2)
                yield frame
        streams_of(frames(), ["value"])


class TestRefusals(Case):
    def refused(self, kind, frames, says, **options):
        self.program("exec cat >/dev/null")
        with self.assertRaises(kind) as raised:
            weir.sum(frames, **dict({"by": "k", "agg": "sum:v"}, **options))
        self.assertIn(says, str(raised.exception))
        return raised.exception

    def test_nested_column_that_is_needed(self):
        error = self.refused(weir.UnsupportedError, pa.table({"k": [[1]], "v": [1]}), "list")
        self.assertEqual(error.column, "k")

    def test_no_frames(self):
        self.refused(weir.UsageError, [], "nothing to add up")
        self.refused(weir.UsageError, iter(()), "nothing to add up")

    def test_no_frame_at_all(self):
        self.refused(TypeError, 5, "int is neither")
        self.refused(TypeError, [5], "int has no __arrow_c_stream__")
        self.refused(TypeError, [pl.LazyFrame({"k": [1], "v": [1]}).drop("v"), 5][1:], "int has no")
        self.refused(TypeError, {"k": 1}, "str has no __arrow_c_stream__")

    def test_mixed(self):
        self.refused(TypeError, [table(), "x.parquet"], "files and frames")

    def test_single_column(self):
        self.refused(weir.InputError, [pl.Series("k", [1])], "single column")

    def test_stream_taken_before(self):
        reader = table().to_reader()
        reader.read_all()
        taken = pa.table({"k": [1], "v": [1]}).to_reader()
        capsule = taken.__arrow_c_stream__()

        class Again:
            def __arrow_c_stream__(self, requested_schema=None):
                return capsule
        streams_of([Again()], ["k"])
        with self.assertRaises(weir.InputError):
            streams_of([Again()], ["k"])

    def test_stream_that_fails(self):
        schema = pa.schema([("k", pa.int64()), ("v", pa.int64())])

        def batches():
            yield pa.record_batch([[1], [2]], schema=schema)
            raise RuntimeError("the source is gone")
        error = self.refused(weir.InputError, pa.RecordBatchReader.from_batches(schema, batches()), "the source is gone")
        self.assertEqual(error.code, "input")

    def test_generator_that_fails(self):
        def frames():
            yield pa.table({"k": [1], "v": [1]})
            raise LookupError("no more")
        self.refused(LookupError, frames(), "no more")

    def test_rows_that_are_null(self):
        struct = pa.StructArray.from_arrays([pa.array([1, 2]), pa.array([1, 2])], ["k", "v"], mask=pa.array([True, False]))

        class Structs:
            def __arrow_c_array__(self, requested_schema=None):
                return struct.__arrow_c_array__()
        self.refused(weir.InputError, Structs(), "NULL as a whole")


class TestSums(Case):
    """Through the program: the same bits as from files."""

    def frames(self):
        return [table(seed=seed, nulls=True) for seed in range(3)]

    def test_frames_and_files(self):
        files = pa.table(weir.sum(self.files(nulls=True), by="path,Date", agg="sum:value,count:*", sort=True))
        for name, convert in {"arrow": lambda each: each, "polars": pl.from_arrow, "pandas": pa.Table.to_pandas,
                              "reader": pa.Table.to_reader, "duckdb": duckdb.from_arrow}.items():
            with self.subTest(library=name):
                frames = (convert(each) for each in self.frames())
                found = pa.table(weir.sum(frames, by="path,Date", agg="sum:value,count:*", sort=True))
                expected = files.drop_columns("value_sum") if name == "pandas" else files  # whose NULLs are NaN
                self.assertEqual(found.select(expected.column_names).cast(expected.schema), expected)

    def test_one_frame(self):
        frame = pa.table({"k": ["b", "a", "b", None], "v": [0.1, 0.2, -0.1, 1e300]})
        found = pa.table(weir.sum(frame, by="k", agg="sum:v=v,count:*=n", sort=True)).to_pylist()
        expected = [{"k": "a", "v": 0.2, "n": 1}, {"k": "b", "v": 0.0, "n": 2}, {"k": None, "v": 1e300, "n": 1}]
        self.assertEqual(sorted(found, key=str), sorted(expected, key=str))

    def test_every_type_as_a_key(self):
        whole = many_types(rows=300)
        for name in whole.column_names:
            with self.subTest(column=name):
                frame = pa.table({"k": whole[name], "v": [1] * 300})
                found = pa.table(weir.sum(frame, by="k", agg="sum:v=v"))
                self.assertEqual(sum(found["v"].to_pylist()), 300)
                column = whole[name].cast(pa.int64()) if name == "time64[ns]" else whole[name]  # finer than Python's
                self.assertEqual(len(found), len(set(map(str, column.to_pylist()))))

    def test_every_type_counted(self):
        """Values arrive in their rows: counts, and minima where there are any, against pyarrow's."""
        whole = many_types(rows=300)
        keys = pa.array(np.arange(300) % 7)
        for name in whole.column_names:
            with self.subTest(column=name):
                frame = pa.table({"k": keys, "v": whole[name]})
                found = pa.table(weir.sum([frame.slice(0, 101), frame.slice(101)], by="k", agg="count:v=n", sort=True))
                values = whole[name].to_pylist()
                self.assertEqual(found["n"].to_pylist(),
                                 [sum(value is not None for value in values[key::7]) for key in range(7)])

    def test_where_and_rename(self):
        frames = [pa.table({"k": [1, 2, 3], "v": [1.0, 2.0, 4.0], "other": [1, 2, 3]}),
                  pa.table({"old": [3, 2, 1], "v": [8.0, 16.0, 32.0], "other": [3, 1, 2]})]
        found = pa.table(weir.sum(frames, by="k", agg="sum:v=v", where="other > 1", rename={"old": "k"}, sort=True))
        self.assertEqual(found.to_pydict(), {"k": [1, 2, 3], "v": [32.0, 2.0, 12.0]})

    def test_no_key(self):
        found = pa.table(weir.sum(iter(self.frames()), agg="count:*=rows,count:value=n"))
        expected = sum(each["value"].length() - each["value"].null_count for each in self.frames())
        self.assertEqual(found.to_pydict(), {"rows": [9000], "n": [expected]})

    def test_killed_on_the_way(self):
        """What was sent of frames is not taken for all of them when the interpreter is killed between two."""
        text = """
            import os, signal, weir, pyarrow as pa
            def frames():
                yield pa.table({"k": [1], "v": [1]})
                yield pa.table({"k": [2], "v": [1]})
                print(os.getpid(), flush=True)
                os.kill(os.getpid(), signal.SIGKILL)
            weir.sum(frames(), by="k", agg="sum:v", output="out.parquet")"""
        status, out, _ = self.python(text)
        self.assertEqual(status, -9)
        self.until_no_weir_writes(self.folder)
        self.assertEqual(list(self.folder.iterdir()), [])

    def until_no_weir_writes(self, folder):
        """Waits until no program runs in the folder."""
        for _ in range(600):
            places = []
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    places.append(os.readlink(process / "cwd"))
                except OSError:
                    pass
            if str(folder) not in places:
                return
            time.sleep(0.05)
        self.fail("the program still runs")

    def test_exception_on_the_way(self):
        def frames():
            yield pa.table({"k": [1], "v": [1]})
            raise LookupError("no more")
        with self.assertRaises(LookupError):
            weir.sum(frames(), by="k", agg="sum:v", output=self.folder / "out.parquet")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_frame_that_lacks_a_column(self):
        with self.assertRaises(weir.MismatchError):
            weir.sum([table(), table().drop_columns("value")], by="path", agg="sum:value")


if __name__ == "__main__":
    unittest.main()
