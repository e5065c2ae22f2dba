#!/usr/bin/env python3
"""What decoding one column costs beside pyarrow, for each type, encoding, codec, page version, with and without nulls.

usage: .venv/bin/python bench/decode.py [--program build/bench/bench_decode] [--full] [-k WORD...] [--rounds 5]

Both read the whole column and do nothing with it. weir gives slices of decoded values in a page's memory, with the
dictionary looked up, texts as address and length, and nulls as a byte a row beside the dense values; each word of a
slice is looked at once. pyarrow gives an Arrow table of the same values, dictionary looked up, in fresh memory
(ParquetFile(pre_buffer=False).read(use_threads=False), else pyarrow's defaults). Opening the file counts in both. Each
stays in its process, is warm, and takes turns with the other; figures are processor time. A ratio of 2 says that
pyarrow takes twice what weir takes. Cycles are processor time times the processor's nominal clock.
"""
import argparse
import itertools
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy
import pyarrow
import pyarrow.compute
import pyarrow.parquet

ROOT = Path(__file__).resolve().parent.parent
GOAL = "goal: no ratio below 1, median at least 1.5"
CODECS = ["none", "snappy", "gzip", "lz4", "zstd", "brotli"]  # lz4 is what the format calls LZ4_RAW
SMALL, LARGE = 100, 50_000                                    # entries of a dictionary
PLAIN, SPLIT, DELTA = "PLAIN", "BYTE_STREAM_SPLIT", "DELTA_BINARY_PACKED"
DICTIONARIES = ["dictionary-small", "dictionary-large"]
TEXTS = [PLAIN, *DICTIONARIES, "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]
ENCODINGS = {
    "int32": [PLAIN, *DICTIONARIES, DELTA, SPLIT],
    "int64": [PLAIN, *DICTIONARIES, DELTA, SPLIT],
    "float": [PLAIN, *DICTIONARIES, SPLIT],
    "double": [PLAIN, *DICTIONARIES, SPLIT],
    "bool": [PLAIN, "RLE"],
    "text-short": TEXTS,
    "text-long": TEXTS,
    "fixed16": [PLAIN, *DICTIONARIES, SPLIT, "DELTA_BYTE_ARRAY"],
    "decimal128": [PLAIN, *DICTIONARIES, SPLIT],
    "timestamp": [PLAIN, *DICTIONARIES, DELTA],
}
# Without --full, the other codecs only where the encoding is one that writers choose by themselves.
EVERYDAY = {("int64", PLAIN), ("double", PLAIN), ("double", "dictionary-large"), ("text-short", PLAIN),
            ("text-short", "dictionary-small"), ("int32", DELTA)}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build" / "bench" / "bench_decode"))
    parser.add_argument("--data", default=str(ROOT / "weir-demo" / "decode"), help="folder for the files")
    parser.add_argument("--values", type=int, default=2_000_000, help="a quarter of it for long texts")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--full", action="store_true", help="every combination (about 1,000 files)")
    parser.add_argument("-k", dest="words", nargs="*", default=[], help="only cases whose name holds all of these")
    return parser.parse_args()


def cases(choice):
    """(type, encoding, codec, nulls, page version), the everyday ones first."""
    for kind, encodings in ENCODINGS.items():
        for encoding, codec, nulls, version in itertools.product(encodings, CODECS, (0, 10), (1, 2)):
            plain_case = codec == "none" and version == 1
            everyday = (kind, encoding) in EVERYDAY and (nulls == 0 or codec in ("none", "snappy"))
            name = f"{kind} {encoding} {codec} v{version} {'nulls' if nulls else 'full'}"
            if (choice.full or plain_case or everyday) and all(word in name.split() for word in choice.words):
                yield kind, encoding, codec, nulls, version


def texts(random, count, least, most):
    """Words with a common beginning here and there, as names and addresses have it."""
    stems = numpy.array(["alpha", "beta/", "gamma", "delta"])
    numbers = random.integers(0, 1 << 40, count).astype(str)
    words = numpy.char.add(stems[random.integers(0, 4, count)], numbers)
    if most > 20:
        words = numpy.char.add(words, numpy.char.multiply("x", random.integers(least, most, count)))
    else:
        words = numpy.array([word[:size] for word, size in zip(words, random.integers(least, most + 1, count))])
    return words


def entries(kind, random, count):
    """So many values of a type, different for the most part."""
    if kind in ("int32", "int64", "timestamp"):
        width = 31 if kind == "int32" else 50
        values = pyarrow.array(random.integers(0, 1 << width, count), "int64")
        return values.cast({"int32": "int32", "int64": "int64"}.get(kind, pyarrow.timestamp("us")))
    if kind in ("float", "double"):
        return pyarrow.array(random.normal(1000, 100, count)).cast({"float": "float32"}.get(kind, "float64"))
    if kind == "bool":
        return pyarrow.array(random.integers(0, 2, count) == 1)
    if kind.startswith("text"):
        return pyarrow.array(texts(random, count, *((3, 12) if kind == "text-short" else (40, 100))))
    raw = random.bytes(16 * count)
    if kind == "fixed16":
        return pyarrow.FixedSizeBinaryArray.from_buffers(pyarrow.binary(16), count, [None, pyarrow.py_buffer(raw)])
    pairs = numpy.frombuffer(raw, "int64").reshape(-1, 2).copy()
    pairs[:, 1] >>= 10  # the high half, so that 38 digits are enough
    return pyarrow.Array.from_buffers(pyarrow.decimal128(38, 4), count, [None, pyarrow.py_buffer(pairs.tobytes())])


def column_of(kind, encoding, nulls, count):
    random = numpy.random.default_rng(7)
    if encoding.startswith("dictionary"):
        indices = random.integers(0, SMALL if encoding.endswith("small") else LARGE, count)
        values = entries(kind, random, SMALL if encoding.endswith("small") else LARGE).take(pyarrow.array(indices))
    elif encoding == DELTA:  # what this encoding is for: values that grow by a little
        steps = pyarrow.array(numpy.cumsum(random.integers(0, 1000, count)))
        values = steps.cast("int32") if kind == "int32" else steps.cast(entries(kind, random, 1).type)
    elif encoding == "DELTA_BYTE_ARRAY":  # and this: values in order
        values = entries(kind, random, count)
        values = values.take(pyarrow.compute.sort_indices(values))
    else:
        values = entries(kind, random, count)
    if nulls:
        values = pyarrow.compute.if_else(pyarrow.array(random.random(count) >= nulls / 100), values, None)
    return values


def write(path, kind, encoding, codec, nulls, version, count):
    by_dictionary = encoding.startswith("dictionary")
    table = pyarrow.table({"c": column_of(kind, encoding, nulls, count)})
    if not nulls:
        table = table.cast(pyarrow.schema([pyarrow.field("c", table.schema.field(0).type, nullable=False)]))
    part = path.with_suffix(".part")
    pyarrow.parquet.write_table(
        table, part, compression=codec, data_page_version=f"{version}.0", use_dictionary=by_dictionary,
        dictionary_pagesize_limit=64 << 20, column_encoding=None if by_dictionary else {"c": encoding},
        row_group_size=1 << 20)
    check(part, encoding)
    part.rename(path)


def check(path, encoding):
    """The file must hold what the case says: writers fall back to others without a word."""
    chunk = pyarrow.parquet.read_metadata(path).row_group(0).column(0)
    wanted = "RLE_DICTIONARY" if encoding.startswith("dictionary") else encoding
    if wanted not in chunk.encodings or (wanted == "RLE_DICTIONARY") != chunk.has_dictionary_page:
        raise SystemExit(f"{path}: holds {chunk.encodings}, not {wanted}")


def file_of(choice, case):
    kind, encoding, codec, nulls, version = case
    count = choice.values // 4 if kind == "text-long" else choice.values
    path = Path(choice.data) / f"{kind}-{encoding}-{codec}-{nulls}-v{version}-{count}.parquet"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, *case, count)
    return path, count


class Weir:
    """One process that reads what it is told."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, path):
        """Seconds of processor time, values, rows."""
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer or answer[0] == "error":
            raise SystemExit(f"{path}: {' '.join(answer) or 'bench_decode has died'}")
        return int(answer[3]) / 1e9, int(answer[0]), int(answer[1])


def pyarrow_read(path):
    begin = time.process_time()
    table = pyarrow.parquet.ParquetFile(path, pre_buffer=False).read(use_threads=False)
    took = time.process_time() - begin
    return took, table.num_rows - table.column(0).null_count, table.num_rows


def measure(weir, path, rounds):
    """Medians of seconds of weir, of pyarrow, and of the ratios of neighbouring runs."""
    first, other = weir.read(path), pyarrow_read(path)
    if first[1:] != other[1:]:
        raise SystemExit(f"{path}: weir reads {first[1:]} values and rows, pyarrow {other[1:]}")
    pairs = [(weir.read(path)[0], pyarrow_read(path)[0]) for _ in range(rounds)]
    return (*(statistics.median(column) for column in zip(*pairs)), statistics.median(b / a for a, b in pairs))


def clock():
    """The processor's nominal clock in Hz."""
    return float(re.search(r"cpu MHz\s*:\s*([\d.]+)", Path("/proc/cpuinfo").read_text()).group(1)) * 1e6


def main():
    choice = options()
    weir, hertz = Weir(choice.program), clock()
    ratios = []
    print(f"pyarrow {pyarrow.__version__}, {choice.rounds} rounds, cycles a row at {hertz / 1e9:.2f} GHz")
    print(f"{'type':11}{'encoding':24}{'codec':8}{'pages':6}{'nulls':6}{'weir':>8}{'pyarrow':>9}{'ratio':>7}")
    for case in cases(choice):
        path, count = file_of(choice, case)
        mine, theirs, ratio = measure(weir, path, choice.rounds)
        ratios.append(ratio)
        kind, encoding, codec, nulls, version = case
        print(f"{kind:11}{encoding:24}{codec:8}v{version:<5}{nulls:3} %  {mine * hertz / count:7.2f}"
              f"{theirs * hertz / count:9.2f}{ratio:7.2f}", flush=True)
    if not ratios:
        raise SystemExit("no case has such a name")
    print(f"{len(ratios)} cases: smallest ratio {min(ratios):.2f}, median {statistics.median(ratios):.2f}; "
          f"{sum(ratio < 1 for ratio in ratios)} below 1, {sum(ratio < 1.5 for ratio in ratios)} below 1.5 ({GOAL})")


if __name__ == "__main__":
    sys.exit(main())
