#!/usr/bin/env python3
"""Writes seeds for the fuzz targets: small files by real writers, cut as each target takes them.

usage: .venv/bin/python tools/fuzz-seeds.py FOLDER     makes FOLDER/files and one folder for each target

Writers: pyarrow, DuckDB, Polars, fastparquet, weir ($WEIR, else build/weir where it is built), and files of the corpus
where there is one ($WEIR_CORPUS, else what tools/corpus.sh prints).
"""
import base64
import datetime
import decimal
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import duckdb
import fastparquet
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "fuzz"))
import pages  # noqa: E402

ROWS = 50
CORPUS_FILES, CORPUS_BYTES = 80, 20000

# Encoding number to the target that decodes it.
TARGETS = {0: "fuzz_plain", 2: "fuzz_dictionary", 3: "fuzz_booleans", 5: "fuzz_delta", 6: "fuzz_delta_lengths",
           7: "fuzz_delta_texts", 8: "fuzz_dictionary", 9: "fuzz_split"}


def table():
    rows = range(ROWS)
    return pa.table({
        "flag": pa.array([i % 3 == 0 for i in rows]),
        "small": pa.array([None if i % 7 == 0 else i for i in rows], pa.int32()),
        "path": pa.array([i // 5 for i in rows], pa.int64()),
        "day": pa.array([datetime.datetime(2025, 1, 1 + i % 28) for i in rows], pa.timestamp("us")),
        "value": pa.array([i * 0.37 - 5 for i in rows], pa.float64()),
        "narrow": pa.array([None if i % 5 == 0 else i / 3 for i in rows], pa.float32()),
        "name": pa.array([None if i % 4 == 0 else f"name {i % 6}" for i in rows]),
        "amount": pa.array([decimal.Decimal(i).scaleb(-2) for i in rows], pa.decimal128(20, 2)),
    })


def arrow(data, **options):
    sink = io.BytesIO()
    pq.write_table(data, sink, **options)
    return sink.getvalue()


def runs():
    """Values that stand still, then more of them than a small dictionary takes."""
    rows = range(3000)
    return pa.table({
        "number": pa.array([i // 120 if i < 2000 else i for i in rows], pa.int64()),
        "text": pa.array([None if i % 500 < 9 else f"t{i // 70 if i < 2000 else i}" for i in rows]),
    })


def arrow_files(whole):
    for codec in ("none", "zstd"):
        yield f"fallback-{codec}", arrow(runs(), compression=codec, dictionary_pagesize_limit=500, write_batch_size=200,
                                         data_page_size=400)
    for codec in ("none", "snappy", "gzip", "zstd", "lz4", "brotli"):
        for version in ("1.0", "2.0"):
            yield f"{codec}-{version}", arrow(whole, compression=codec, data_page_version=version)
    yield "plain", arrow(whole, use_dictionary=False, compression="none", write_page_checksum=True)
    yield "sums", arrow(whole, compression="snappy", write_page_checksum=True, data_page_version="2.0")
    yield "groups", arrow(whole, row_group_size=11, data_page_size=64, write_page_index=True)
    yield "int96", arrow(whole.select(["day", "value"]), use_deprecated_int96_timestamps=True)
    yield "categories", arrow(whole.set_column(6, "name", whole["name"].dictionary_encode()))
    yield "nested", arrow(whole.append_column("list", pa.array([[i, None] if i % 3 else None for i in range(ROWS)])))
    for column, encodings in {"path": ("DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"), "small": ("DELTA_BINARY_PACKED",),
                              "value": ("BYTE_STREAM_SPLIT",), "narrow": ("BYTE_STREAM_SPLIT",),
                              "name": ("DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"), "flag": ("RLE",),
                              "amount": ("DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT")}.items():
        for encoding in encodings:
            for version in ("1.0", "2.0"):
                yield (f"{column}-{encoding.lower()}-{version}",
                       arrow(whole.select([column]), use_dictionary=False, column_encoding=encoding,
                             data_page_version=version, compression="none"))


def duckdb_files(whole, folder):
    connection = duckdb.connect()
    connection.register("whole", whole)
    for version in ("v1", "v2"):
        for codec in ("snappy", "zstd", "gzip", "lz4_raw", "brotli", "uncompressed"):
            path = folder / "duckdb.parquet"
            connection.execute(f"copy whole to '{path}' (format parquet, parquet_version {version}, codec '{codec}')")
            yield f"duckdb-{version}-{codec}", path.read_bytes()


def other_files(whole, folder):
    for codec in ("zstd", "lz4", "snappy", "uncompressed"):
        sink = io.BytesIO()
        pl.from_arrow(whole).write_parquet(sink, compression=codec)
        yield f"polars-{codec}", sink.getvalue()
    sink = io.BytesIO()
    pd.DataFrame({"a": [1.5, None], "b": ["x", "y"]}).to_parquet(sink)
    yield "pandas", sink.getvalue()
    frame = whole.drop_columns(["amount"]).to_pandas()
    for codec in ("SNAPPY", "GZIP", "UNCOMPRESSED"):
        path = folder / "fast.parquet"
        fastparquet.write(str(path), frame, compression=codec, row_group_offsets=20, stats=True)
        yield f"fastparquet-{codec.lower()}", path.read_bytes()


def built_weir():
    """The program, or None."""
    weir = Path(os.environ.get("WEIR", ROOT / "build" / "weir"))
    return weir.resolve() if weir.exists() else None


def weir_files(folder):
    weir = built_weir()
    if weir is None:
        return

    def run(*arguments):
        subprocess.run([weir, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    run("synth", "s", "--files", "2", "--paths", "10", "--dates", "5", "-q")
    for path in sorted((folder / "s").glob("*.parquet"))[:1]:
        yield "weir-synth", path.read_bytes()
    for codec in ("none", "snappy", "zstd", "gzip", "lz4", "brotli"):
        run("sum", "--by", "path,Date", "--sum", "value", "-o", "r.parquet", "--overwrite", "-q", "--compression", codec, "s")
        yield f"weir-{codec}", (folder / "r.parquet").read_bytes()


def corpus_folder():
    if "WEIR_CORPUS" in os.environ:
        return Path(os.environ["WEIR_CORPUS"])
    script = ROOT / "tools" / "corpus.sh"
    found = subprocess.run([script], capture_output=True, text=True, check=False) if script.exists() else None
    return Path(found.stdout.strip()) if found and found.returncode == 0 else None


def corpus_files():
    """Small files spread evenly over the corpus."""
    folder = corpus_folder()
    if folder is None:
        return
    small = [p for p in sorted(folder.rglob("*.parquet")) if 12 < p.stat().st_size <= CORPUS_BYTES]
    for path in small[::max(1, len(small) // CORPUS_FILES)]:
        yield "corpus-" + "-".join(path.relative_to(folder).parts)[-100:], path.read_bytes()


def files(folder):
    whole = table()
    yield from arrow_files(whole)
    yield from duckdb_files(whole, folder)
    yield from other_files(whole, folder)
    yield from weir_files(folder)
    yield from corpus_files()


def decode_head(page):
    """The head of decode.h: type, length, rows, piece, rows passed over."""
    leaf = page.leaf
    return struct.pack("<BBHHH", leaf.physical, max(leaf.length - 1, 0) & 0xFF, min(page.value_count, 0xFFFF), 6, 3)


def page_seeds(page, dictionary):
    """(target, bytes) of a page."""
    yield "fuzz_page_header", page.header
    whole = len(page.body) + (len(page.levels) if page.kind == 0 else 0)
    if 0 < len(page.packed) and whole < 60000:
        yield "fuzz_codec", struct.pack("<BHB", page.codec, whole, 0) + page.packed
    if page.kind != 2 and page.leaf.definition == 1 and page.leaf.repetition == 0 and page.levels:
        levels = page.levels[4:] if page.kind == 0 else page.levels
        yield "fuzz_levels", struct.pack("<BHH", 33, page.value_count & 0xFFFF, 6) + levels
    target = TARGETS.get(page.encoding)
    if page.kind == 2 or target is None:
        return
    if target != "fuzz_dictionary":
        yield target, decode_head(page) + page.body
    elif dictionary is not None:
        sizes = struct.pack("<HH", dictionary.value_count & 0xFFFF, len(dictionary.body))
        yield target, decode_head(page) + sizes + dictionary.body + page.body
        if page.body:
            yield "fuzz_levels", struct.pack("<BHH", min(page.body[0], 32), page.value_count & 0xFFFF, 6) + page.body[1:]


def chunk_seed(content, leaf, meta):
    """A column chunk with the bytes in front that choose column, codec and steps (see fuzz_page.c)."""
    first = leaf.physical | leaf.definition << 3 | meta[4] << 4
    rows = min(meta[5], 0xFFFF)
    return struct.pack("<BBHBB", first, max(leaf.length - 1, 0) & 0xFF, rows, 3, 1) + pages.chunk_bytes(content, meta)


def index_seeds(content, chunk):
    for offset, length in ((4, 5), (6, 7)):
        if chunk.get(offset):
            yield content[chunk[offset]:chunk[offset] + chunk[length]]


def chunk_seeds(content, leaf, chunk, meta):
    for index in index_seeds(content, chunk):
        yield "fuzz_page_index", b"\0" + index
        yield "fuzz_thrift", index
    if leaf.repetition == 0 and leaf.definition <= 1 and meta[7] <= 20000:
        yield "fuzz_page", chunk_seed(content, leaf, meta)
    dictionary = None
    for page in pages.pages_of(content, leaf, meta):
        if len(page.body) > 20000:
            continue
        if page.kind == 2:
            dictionary = page
        yield from page_seeds(page, dictionary)


def metadata_seeds(content):
    footer = pages.footer_bytes(content)
    yield "fuzz_metadata", footer
    yield "fuzz_thrift", footer
    for entry in pages.Thrift(footer).struct().get(5, []):
        if entry.get(1) == b"ARROW:schema" and 2 in entry:
            yield "fuzz_arrow_schema", b"\0" + entry[2]
            yield "fuzz_arrow_schema", b"\1" + base64.b64decode(entry[2] + b"==")
        if entry.get(1) == b"pandas" and 2 in entry:
            yield "fuzz_pandas", entry[2]


def file_seeds(content):
    yield "fuzz_file", content
    yield from metadata_seeds(content)
    for leaf, chunk, meta in pages.chunks_of(content):
        yield from chunk_seeds(content, leaf, chunk, meta)


def framing_seeds():
    """Forms of compression that today's writers do not make, but readers meet."""
    text = b"weir " * 40
    raw = pa.Codec("lz4_raw").compress(text).to_pybytes()
    frame = pa.Codec("lz4").compress(text).to_pybytes()

    def block(codec, packed):
        return "fuzz_codec", struct.pack("<BHB", codec, len(text), 1) + packed

    yield block(2, zlib.compress(text))
    yield block(2, gzip.compress(text))
    yield block(2, gzip.compress(text[:80]) + gzip.compress(text[80:]))
    yield block(5, raw)
    yield block(5, frame)
    yield block(5, struct.pack(">II", len(text), len(raw)) + raw)
    halves = [pa.Codec("lz4_raw").compress(part).to_pybytes() for part in (text[:100], text[100:])]
    yield block(5, b"".join(struct.pack(">II", 100, len(half)) + half for half in halves))
    yield block(5, struct.pack(">I", 200) + b"".join(struct.pack(">I", len(half)) + half for half in halves))
    yield block(6, pa.Codec("zstd").compress(text[:100]).to_pybytes() + pa.Codec("zstd").compress(text[100:]).to_pybytes())
    for codec, name in ((1, "snappy"), (4, "brotli"), (6, "zstd"), (7, "lz4_raw")):
        yield block(codec, pa.Codec(name).compress(text).to_pybytes())
    yield block(0, text)
    yield block(3, text)


def kernel_seeds():
    """Every kernel at some widths, with and without values passed over."""
    noise = bytes(i * 37 & 0xFF for i in range(600))
    for kernel in range(9):
        for width, skip, count in ((1, 0, 64), (3, 5, 200), (8, 0, 500), (13, 1, 300), (32, 3, 100), (57, 0, 70), (64, 2, 60)):
            yield "fuzz_kernels", struct.pack("<BBBH", kernel, width, skip, count) + noise


def pandas_seeds():
    frame = pd.DataFrame({"path": range(ROWS), "value": 0.5, "name": "x"})
    for shown in (frame, frame.set_index("path"), frame.set_index(["path", "name"])):
        metadata = pa.Table.from_pandas(shown).schema.metadata[b"pandas"]
        yield "fuzz_pandas", metadata
        yield "fuzz_pandas", json.dumps(json.loads(metadata), indent=0).encode()


def text_seeds():
    """Characters of every length, beside each other and behind ASCII, whole and cut."""
    texts = ["plain ASCII, eight bytes at a time", "\u00e9\u6f22\U0001f389", "name \u00e4 \u20ac \U0001f600 end",
             "\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"]
    for text in texts:
        for cut in (0, 1):
            content = text.encode()
            yield "fuzz_utf8", bytes([len(content) // 2]) + content[:len(content) - cut]


def jobs_seeds():
    """Files of jobs: every key, chains, leaves with their reducer, circles, and slips."""
    full = {"name": "sum", "command": ["python", "sum.py"], "memory": "500MB", "cpus": 0.5, "processes": 40, "timeout": "1h30m",
            "directory": "there", "environment": {"A": "1", "B": ""}, "after": ["job-1", "\u00e4/2"],
            "retry_strategy": {"stop_after_attempt": 3, "stop_after_delay": 600, "on": ["oom", "timeout", "error"],
                               "memory": "x1.5", "max_memory": "16GB"}}
    slips = [{"cmd": "true"}, {"command": [], "memory": 1}, {"command": "a\u0000b", "name": "\n"}, {"command": [1], "after": 3},
             {"command": "true", "retry_strategy": {"on": ["eror"], "memory": "x0"}}]
    files = [[{"command": "true"}, {"name": "\u00e4/2", "command": "x | y"}, full],
             [{"name": f"n{i}", "command": "true", "after": f"n{i + 1}"} for i in range(5)] + [{"name": "n5", "command": ["true"]}],
             [{"name": f"n{i}", "command": "true", "after": f"n{(i + 1) % 4}"} for i in range(4)],
             [{"name": str(i), "command": ["true"]} for i in range(6)] + [{"command": "true", "after": [str(i) for i in range(6)]}],
             slips, [{"command": "true", key: value} for key, value in full.items() if key != "command"]]
    for jobs in files:
        yield "fuzz_jobs", "\n".join(json.dumps(job) for job in jobs).encode()
    yield "fuzz_jobs", b'\xef\xbb\xbf\r\n# no\n[1]\n{\n{"command": "true"} {}\n{"command": "\xff"}\n'


def filter_seeds():
    """Expressions of every kind, before the types of their columns in turn and some values."""
    texts = ["a = 1 and not (b < -1.5e3 or c is null)", "\"a \"\"b\" in (1, 2.5, 'x', true, 2025-01-01)", "a not between 1 and 2",
             "a >= 2025-01-01T12:30:00.123456789Z or a < '2024-02-29 1:02'", "a == 12:30:59.5", "1 <> a or b", "not not flag and flag = false",
             "a = 'it''s' or a > ''", "a = 'nan' or a <= 'inf' or a < 1e400", "a is not null and (((b != 9223372036854775808)))",
             "a = -0.005 and a = 170141183460469231731687303715884105728", "a in (" + ",".join(map(str, range(300))) + ")",
             "a = '00112233-4455-6677-8899-aabbccddeeff'", "a > -12025-01-01T00:00+02:00", "a = 1 &&", "(a = 1", "a = 1 b"]
    values = [b"", bytes(range(64)), struct.pack("<dqq", float("nan"), -1, 1 << 62), b"2025\xff\x00" * 9]
    for number, text in enumerate(texts * 4):
        yield "fuzz_filter", bytes([number % 11]) + text.encode() + b"\0" + values[number % 4]


# Commands with an end of each kind, as weir can bring them about in an instant.
ENDS = (["--", "true"], ["--", "sh", "-c", "echo out; echo err >&2; exit 7"], ["--", "no-such-program-here"], ["--", "/"],
        ["--memory", "1GiB", "--", "sh", "-c", "kill -SEGV $$"], ["--timeout", "100ms", "--grace", "100ms", "--", "sleep", "9"],
        ["--memory", "200MiB", "--", sys.executable, "-c", "bytearray(1 << 60)"],
        ["--memory", "64MiB", "--", sys.executable, "-c", "x = []\nwhile True:\n    x.append(bytearray(1 << 20))"])


def end_seeds(folder):
    """Reports and memory over time of real commands, as weir exec keeps them."""
    weir = built_weir()
    if weir is None:
        return
    for arguments in ENDS:
        subprocess.run([weir, "exec", "-q", "--report", "report.json", "--samples", "memory.tsv", *arguments], cwd=folder,
                       check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield "fuzz_explain_document", (folder / "report.json").read_bytes()
        yield "fuzz_memory_history", (folder / "memory.tsv").read_bytes()


def numbers_of(kind):
    """Small numbers, some of them null, as a type that counts something."""
    numbers = [None if i % 6 == 0 else i for i in range(20)]
    if pa.types.is_decimal(kind):
        return pa.array([None if i is None else decimal.Decimal(i) for i in numbers], kind)
    if kind == pa.date64():
        return numbers_of(pa.date32()).cast(kind)
    return pa.array(numbers, pa.int64() if kind.bit_width == 64 else pa.int32()).cast(kind)


def stream_tables():
    """Small tables whose columns have every type that an Arrow stream may bring."""
    rows, whole = range(20), table().slice(0, 20)
    narrow = (pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.uint32(), pa.uint64(), pa.float16(), pa.date32(), pa.date64(),
              pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"), pa.timestamp("s"), pa.timestamp("ns", "Europe/Berlin"),
              pa.duration("ms"), pa.decimal32(5, 1), pa.decimal64(12, 2), pa.decimal256(50, 3))
    texts = [None if i % 5 == 0 else "longer than a view holds"[:i * 2] for i in rows]
    yield whole
    yield pa.table([numbers_of(kind) for kind in narrow], [str(kind) for kind in narrow])
    yield pa.table([pa.array(texts, pa.string()).cast(kind) for kind in (pa.large_string(), pa.string_view(), pa.large_binary(), pa.binary_view())]
                   + [pa.nulls(20), pa.array([b"%7d" % i for i in rows], pa.binary(7))], list("abcdef"))
    yield pa.table({"t": pa.array(texts).dictionary_encode(), "n": numbers_of(pa.int16()).dictionary_encode(), "l": pa.array([[i] for i in rows]),
                    "s": pa.array([{"x": "view" * (i % 5)} for i in rows], pa.struct([("x", pa.string_view())])), "last": numbers_of(pa.int32())})
    yield pa.table({"none": pa.array([], pa.int64())})


def stream_seeds():
    """Arrow streams: compressed or not, in batches, in old forms, with dictionaries that grow, and one behind the other."""
    written = []
    forms = ({}, {"compression": "lz4"}, {"compression": "zstd"}, {"use_legacy_format": True}, {"emit_dictionary_deltas": True},
             {"metadata_version": ipc.MetadataVersion.V4})
    for data in stream_tables():
        for form in forms:
            sink = io.BytesIO()
            with ipc.new_stream(sink, data.schema, options=ipc.IpcWriteOptions(**form)) as writer:
                writer.write_table(data, max_chunksize=15)
            written.append(sink.getvalue())
    words = [pa.record_batch([pa.DictionaryArray.from_arrays(pa.array([0, None, count - 1], pa.int8()), pa.array(list("abcd")[:count]))], ["w"])
             for count in (1, 3, 4, 2)]
    for form, batches in (({"emit_dictionary_deltas": True}, words[:3]), ({}, words)):
        sink = io.BytesIO()
        with ipc.new_stream(sink, words[0].schema, options=ipc.IpcWriteOptions(**form)) as writer:
            for batch in batches:
                writer.write_batch(batch)
        written.append(sink.getvalue())
    written += [written[2] + written[-1] + written[6], written[-1] + written[-2] + written[-1]]
    for content in written:
        yield "fuzz_arrow_stream", content


def report_seeds():
    """Reports with every member, with none but one, and with members of other kinds."""
    full = {"verdict": "oom-limit", "command": ["python", "j\u00f6b.py", ""], "started": True, "ended_by_weir": True, "oom_kills": 1,
            "exit_status": None, "signal": 9, "sender": 4711, "evidence": "oom_kill 0 \u2192 1", "why": "it \"grew\"\n",
            "line": {"file": "job.py", "line": 41, "function": "load", "code": "x = read()"}, "weir_exit_status": 137,
            "progress": {"phase": "hash aggregate", "read": 5580, "of": 18000, "unit": "files"},
            "limit_bytes": 2 << 30, "peak_bytes": (2 << 30) - 1, "peak_is_sampled": False, "growth_bytes_per_second": 1 << 26,
            "suggested_bytes": 3 << 30, "watch": "v1", "memory_option": "--memory", "timeout_option": "--timeout",
            "timeout_ns": 10 ** 10, "stopped_by": None, "wall_ns": 12 * 10 ** 9, "cpu_ns": 1, "processes_most": 3, "leftovers": 2,
            "variables_withheld": 9, "cpus_kept": False, "output_bytes": 2 ** 63 - 1, "error_bytes": 5, "error_tail": "a\tb\x1b[2J\n"}
    reports = [full, {"verdict": "ok", "later": [{}]}, {**full, "started": False, "verdict": "error", "weir_exit_status": 127}]
    reports += [{**full, "verdict": word, "stopped_by": 2} for word in ("error", "oom-host", "timeout", "cancelled", "signal", "lost")]
    reports += [{"verdict": "error", key: other} for key in full for other in (-1, "x", [1], {"line": 2 ** 40}) if key != "verdict"]
    for report in reports:
        yield "fuzz_explain_document", json.dumps(report).encode()


def history_seeds():
    """Memory over time in both forms, and slips."""
    points = [(i * 20, i * 4096 % 99991) for i in range(4000)]
    for kept in (points[:0], points[:1], points[:50], points):
        yield "fuzz_memory_history", json.dumps(kept).encode()
        yield "fuzz_memory_history", b"".join(b"%d\t%d\t1\n" % point for point in kept)
    for slip in (b"[[2,1],[1,1]]", b"[[9223372036854775807,9223372036854775807],[9223372036854775808,1]]", b"1\t2\t3\n0\t2\t3\n",
                 b"at_ms\tmemory\tprocesses\n0\t1\t1\n5\t7", b"1\t2\0\n", b"1" * 300):
        yield "fuzz_memory_history", slip


class Folder:
    """Seeds by their target, each content once."""

    def __init__(self, place):
        self.place, self.seen, self.counts = place, set(), {}

    def put(self, target, name, content):
        if (target, content) in self.seen:
            return
        self.seen.add((target, content))
        number = self.counts[target] = self.counts.get(target, 0) + 1
        place = self.place / target
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:05}-{name}").write_bytes(content)


def put_file(folder, name, content):
    folder.put("files", f"{name}.parquet", content)
    try:
        for target, seed in file_seeds(content):
            folder.put(target, name, seed)
    except (IndexError, KeyError, ValueError, OSError, struct.error):
        # The corpus has damaged and encrypted files: what was cut out of them before is kept.
        if not name.startswith("corpus-"):
            raise


def main():
    folder = Folder(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in files(Path(scratch)):
            put_file(folder, name.removesuffix(".parquet"), content)
        for target, content in end_seeds(Path(scratch)):
            folder.put(target, "weir", content)
    for seeds in (framing_seeds(), kernel_seeds(), pandas_seeds(), text_seeds(), jobs_seeds(), stream_seeds(), report_seeds(), history_seeds(),
                  filter_seeds()):
        for target, content in seeds:
            folder.put(target, "made", content)
    print(", ".join(f"{target} {count}" for target, count in sorted(folder.counts.items())))


if __name__ == "__main__":
    main()
