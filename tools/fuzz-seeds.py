#!/usr/bin/env python3
"""Writes seeds for the fuzz targets: small files by real writers, cut as each target takes them.

usage: .venv/bin/python tools/fuzz-seeds.py FOLDER     makes FOLDER/fuzz_file, fuzz_metadata, fuzz_page, fuzz_codec
"""
import datetime
import decimal
import io
import sys
import zlib
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

PHYSICAL = {"BOOLEAN": 0, "INT32": 1, "INT64": 2, "INT96": 3, "FLOAT": 4, "DOUBLE": 5, "BYTE_ARRAY": 6,
            "FIXED_LEN_BYTE_ARRAY": 7}
CODECS = {"UNCOMPRESSED": 0, "SNAPPY": 1, "GZIP": 2, "BROTLI": 4, "ZSTD": 6, "LZ4": 7}
ROWS = 50


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


def files():
    whole = table()
    plain = whole.select(["path", "value"])
    for codec in ("none", "snappy", "gzip", "zstd", "lz4", "brotli"):
        for version in ("1.0", "2.0"):
            yield f"{codec}-{version}", write(whole, compression=codec, data_page_version=version)
    yield "plain", write(whole, use_dictionary=False, compression="none", write_page_checksum=True)
    yield "delta", write(plain, use_dictionary=False, column_encoding={"path": "DELTA_BINARY_PACKED",
                                                                       "value": "BYTE_STREAM_SPLIT"})
    yield "texts", write(whole.select(["name"]), use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY")
    yield "lengths", write(whole.select(["name"]), use_dictionary=False, column_encoding="DELTA_LENGTH_BYTE_ARRAY")
    yield "groups", write(whole, row_group_size=11, data_page_size=64, write_page_index=True)
    sink = io.BytesIO()
    pl.from_arrow(plain).write_parquet(sink)
    yield "polars", sink.getvalue()
    sink = io.BytesIO()
    pd.DataFrame({"a": [1.5, None], "b": ["x", "y"]}).to_parquet(sink)
    yield "pandas", sink.getvalue()


def write(data, **options):
    sink = io.BytesIO()
    pq.write_table(data, sink, **options)
    return sink.getvalue()


def chunks(content):
    """Column chunks with the bytes in front that choose column, codec and steps (see fuzz_page.c)."""
    footer = pq.read_metadata(io.BytesIO(content))
    for index in range(footer.num_columns):
        column = footer.row_group(0).column(index)
        optional = footer.schema.column(index).max_definition_level
        start = column.dictionary_page_offset or column.data_page_offset
        first = PHYSICAL[column.physical_type] | optional << 3 | CODECS[column.compression] << 4
        yield bytes([first, 8, column.num_values, 0, 3, 1]) + content[start:start + column.total_compressed_size]


def main():
    folder = Path(sys.argv[1])

    def put(target, name, content):
        place = folder / target
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)

    for name, content in files():
        put("fuzz_file", name, content)
        put("fuzz_metadata", name, content[-8 - int.from_bytes(content[-8:-4], "little"):-8])
        for index, chunk in enumerate(chunks(content)):
            put("fuzz_page", f"{name}-{index}", chunk)
    put("fuzz_codec", "gzip", bytes([2, 200, 0]) + zlib.compress(b"weir " * 40))


if __name__ == "__main__":
    main()
