"""Writes a few files with pyarrow for the demo: the keys of `weir synth`, pyarrow's own layouts.

usage: python tools/demo-data.py FOLDER COUNT
"""
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PATHS, DATES = 50_000, 120
LAYOUTS = [{}, {"compression": "zstd"}, {"data_page_version": "2.0", "compression": "lz4"},
           {"use_dictionary": ["path", "Date"], "column_encoding": {"value": "BYTE_STREAM_SPLIT"}, "compression": "zstd"}]


def keys_like(sample):
    """path and Date in the types that weir synth gives them."""
    schema = pq.read_schema(sample)
    path = pa.array(np.repeat(np.arange(PATHS, dtype="int64"), DATES))
    days = np.datetime64("2025-01-01", "D") + np.tile(np.arange(DATES), PATHS)
    date = pa.array(days.astype("datetime64[ms]"))
    return {"path": path.cast(schema.field("path").type), "Date": date.cast(schema.field("Date").type)}


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    os.makedirs(folder + ".part", exist_ok=True)
    sample = os.path.join(os.path.dirname(folder), "sims", "sim-00000.parquet")
    keys = keys_like(sample)
    for number in range(count):
        values = np.random.default_rng(number).normal(size=PATHS * DATES)
        pq.write_table(pa.table({**keys, "value": values}), f"{folder}.part/pyarrow-{number}.parquet",
                       **LAYOUTS[number % len(LAYOUTS)])
    os.rename(folder + ".part", folder)
    print(f"{count} files by pyarrow {pa.__version__} in {folder}")


if __name__ == "__main__":
    main()
