"""Data frames through a pipe: Arrow streams on standard input, one behind the other, of any writer; and what is none."""
import io
import json
import os
import random
import struct

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import support
from any_keys import plain
from support import FULL, WeirTest

SUM = ("sum", "--stdin", "arrow", "--by", "k", "--agg", "sum:v=v,count:*=n", "--no-cache")


def stream(table, rows=None, **options):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=rows)
    return sink.getvalue()


class Streams(WeirTest):
    def feed(self, data):
        """Options for a run whose standard input is these bytes."""
        path = self.folder / "stdin"
        path.write_bytes(data)
        return {"before": lambda: os.dup2(os.open(path, os.O_RDONLY), 0)}

    def sums(self, data, *options):
        self.weir(*SUM, "-o", "out.parquet", "--overwrite", *options, **self.feed(data))
        table = pq.read_table(self.folder / "out.parquet")
        return dict(zip(plain(table["k"]), zip(table["v"].to_pylist(), table["n"].to_pylist())))

    def table(self, kind=pa.int64(), values=None):
        values = list(range(50)) * 3 if values is None else values
        return pa.table({"k": pa.array(values).cast(kind), "v": np.arange(len(values)) / 4, "unused": ["x"] * len(values)})

    def expected(self, *tables):
        sums = {}
        for table in tables:
            for key, value in zip(plain(table["k"]), table["v"].to_pylist()):
                total, count = sums.get(key, (None, 0))
                sums[key] = (total if value is None else (total or 0.0) + value, count + 1)
        return sums

    def test_writers(self):
        table = self.table()
        frame = io.BytesIO()
        pl.from_arrow(table).write_ipc_stream(frame)
        batches = duckdb.sql("SELECT * FROM \"table\"").fetch_record_batch(64)
        piece = io.BytesIO()
        with pa.ipc.new_stream(piece, batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        for name, data in {"pyarrow": stream(table, 7), "polars": frame.getvalue(), "duckdb": piece.getvalue(),
                           "lz4": stream(table, 50, compression="lz4"), "zstd": stream(table, compression="zstd")}.items():
            for times in (1, 3):
                with self.subTest(writer=name, times=times):
                    self.assertEqual(self.sums(data * times), self.expected(*[table] * times))

    def test_one_after_the_other(self):
        """Streams with other types of one column, other order of columns, empty ones in between."""
        tables = [self.table(pa.int64()), self.table(pa.int16()), self.table(pa.int64(), []), self.table(pa.uint8(), [200, 7, 7]),
                  self.table(pa.int32()).select(["v", "unused", "k"])]
        data = b"".join(stream(table, 20) for table in tables)
        for options in ((), ("--threads", 1), ("--threads", 4, "--memory", "128MiB"), ("--sort",)):
            with self.subTest(options=options):
                self.assertEqual(self.sums(data, *options), self.expected(*tables))

    def test_dictionaries(self):
        values = ["a", None, "b", "", "c" * 300]
        first = pa.table({"k": pa.array(values * 4).dictionary_encode(), "v": np.arange(20) / 2})
        second = pa.table({"k": pa.array(["c" * 300, "z", "a"] * 3).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
                           "v": np.arange(9) / 2})
        text = pa.table({"k": ["a", "z", None], "v": [1.0, 2.0, 3.0]})
        replaced = pa.concat_tables([first.slice(0, 5), pa.table({"k": pa.array(["q", "a"]).dictionary_encode(), "v": [5.0, 6.0]})])
        categories = io.BytesIO()
        pl.DataFrame({"k": ["a", "b", None, "a"], "v": [1.0, 2.0, 3.0, 4.0]}, schema_overrides={"k": pl.Categorical}).write_ipc_stream(
            categories)
        polars = pa.ipc.open_stream(categories.getvalue()).read_all()
        for tables in ((first,), (first, second), (text, first, second), (first, text), (replaced,), (first, replaced)):
            data = b"".join(stream(table) for table in tables)
            self.assertEqual(self.sums(data), self.expected(*tables))
        for before in ((), (first,), (text,)):
            data = b"".join(stream(table) for table in before) + categories.getvalue()
            self.assertEqual(self.sums(data), self.expected(*before, polars))

    def test_dictionary_deltas(self):
        kind = pa.dictionary(pa.int32(), pa.string())
        sink = io.BytesIO()
        words = ["a", "b", "c", "d", "e"]
        options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
        with pa.ipc.new_stream(sink, pa.schema([("k", kind), ("v", pa.float64())]), options=options) as writer:
            for count in (2, 3, 5, 5):
                keys = pa.DictionaryArray.from_arrays(pa.array(range(count), pa.int32()), words[:count])
                writer.write_batch(pa.record_batch({"k": keys, "v": np.full(count, 0.5)}))
        self.assertEqual(self.sums(sink.getvalue()), dict(zip(map(str.encode, words), [(2.0, 4), (2.0, 4), (1.5, 3), (1.0, 2), (1.0, 2)])))

    def test_pipe_that_comes_slowly(self):
        table = self.table()
        data = stream(table, 10)
        command = f"(for i in 0 1 2 3; do tail -c +$((i * {len(data) // 4} + 1)) data | head -c {len(data) // 4}; sleep 0.05; done; " \
                  f"tail -c +$((4 * {len(data) // 4} + 1)) data) | '{support.WEIR}' {' '.join(SUM)} -o out.parquet -q"
        (self.folder / "data").write_bytes(data)
        done = support.subprocess.run(["bash", "-o", "pipefail", "-c", command.replace("count:*", "'count:*'").replace("''", "'")],
                                      cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(pq.read_table(self.folder / "out.parquet")["n"].to_pylist(), [3] * 50)

    def fails(self, data, says=()):
        self.weir_fails(*SUM, "-o", "none.parquet", says=says, **self.feed(data))
        self.assertFalse((self.folder / "none.parquet").exists())

    def test_nothing(self):
        self.fails(b"", says="standard input")
        empty = stream(self.table(pa.int64(), []))
        self.assertEqual(self.sums(empty * 3), {})
        self.fails(stream(pa.table({"k": [1]})), says="v")
        self.fails(stream(pa.table({"v": [1.0], "w": [2]})), says="k")

    def test_types_that_do_not_agree(self):
        good = stream(self.table())
        self.fails(good + stream(self.table(pa.string())), says="k")
        self.fails(good + stream(pa.table({"k": [1], "v": ["text"]})), says="v")
        self.fails(good + stream(pa.table({"k": [1]})), says="v")
        nested = pa.table({"k": pa.array([[1]], pa.list_(pa.int64())), "v": [1.0]})
        self.fails(stream(nested), says="k")

    def test_garbage(self):
        good = stream(self.table(), 30)
        for data in (b"x", b"PAR1", b"\0" * 1000, b"\xff" * 1000, b"ARROW1\0\0" + good, b"k,v\n1,2\n", good + b"rubbish", good[8:],
                     struct.pack("<II", 0xFFFFFFFF, 0x7FFFFFF0) + good, good + b"\0" * 5):
            with self.subTest(data=data[:20]):
                self.fails(data)

    def test_every_end(self):
        """Cut anywhere: an error, but at the end of a message, where Arrow allows a stream to end."""
        table = self.table()
        good = stream(table, 60)
        rng = random.Random(1)
        ends = range(len(good)) if FULL else sorted(rng.sample(range(1, len(good)), 40))
        for end in ends:
            result = support.run(*SUM, "-o", "out.parquet", "--overwrite", "-q", cwd=self.folder, **self.feed(good[:end]))
            with self.subTest(end=end):
                self.assertIn(result.status, (0, 1), result.err)
                if result.status == 1:
                    self.assertEqual(len(result.err.splitlines()), 1, result.err)
                    self.assertFalse((self.folder / "out.parquet").exists())
                else:
                    (self.folder / "out.parquet").unlink()
                    read = pa.ipc.open_stream(good[:end])  # what it took, another reader takes as well
                    self.assertGreaterEqual(read.read_all().num_rows, 0)

    def test_flipped_bytes(self):
        tables = [self.table(), pa.table({"k": pa.array(["a", "b"] * 20).dictionary_encode(), "v": np.arange(40) / 2})]
        for table in tables:
            good = stream(table, 30)
            rng = random.Random(2)
            for seed in range(400 if FULL else 40):
                data = bytearray(good)
                for _ in range(rng.choice((1, 2, 5))):
                    data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
                result = support.run(*SUM, "--memory", "128MiB", "-q", cwd=self.folder, **self.feed(bytes(data)))
                with self.subTest(seed=seed):
                    self.assertIn(result.status, (0, 1), result.err)
                    self.assertEqual(len(result.err.splitlines()), result.status, result.err)

    def test_options_that_do_not_go_together(self):
        for more in (("file.parquet",), ("-",)):
            self.weir_fails(*SUM, *more, status=2, **self.feed(stream(self.table())))
        result = json.loads(self.weir(*SUM, "--json", "-o", "out.parquet", **self.feed(stream(self.table()))).out)
        self.assertEqual(result["report"]["rows_read"], 150)
