"""The same result by others: sum of value by path and Date of many files, to one Parquet file.

usage: python bench/peers.py NAME THREADS OUTPUT FILE...
"""
import glob
import os
import sys

THREADS = 2


def duckdb(output, files):
    import duckdb as engine
    connection = engine.connect(config={"threads": THREADS})
    connection.execute("SET preserve_insertion_order = false")
    names = ", ".join(f"'{path}'" for path in files)
    connection.execute(f"COPY (SELECT path, \"Date\", sum(\"value\") AS \"value\" FROM read_parquet([{names}]) GROUP BY ALL)"
                       f" TO '{output}' (FORMAT parquet)")


def polars(output, files):
    import polars as engine
    query = engine.scan_parquet(files).group_by("path", "Date").agg(engine.col("value").sum())
    query.sink_parquet(output, compression="snappy")


def datafusion(output, files):
    import datafusion as engine
    config = engine.SessionConfig().with_target_partitions(THREADS)
    context = engine.SessionContext(config)
    folder = os.path.dirname(files[0])
    if sorted(glob.glob(os.path.join(folder, "*.parquet"))) == sorted(files):
        context.register_parquet("t", folder)
    else:
        context.register_listing_table("t", files) if len(files) == 1 else [
            context.register_parquet(f"t{i}", path) for i, path in enumerate(files)]
        union = " UNION ALL ".join(f'SELECT path, "Date", "value" FROM t{i}' for i in range(len(files)))
        context.sql(f'CREATE VIEW t AS {union}')
    context.sql('SELECT path, "Date", sum("value") AS "value" FROM t GROUP BY path, "Date"').write_parquet(output)


def numpy(output, files):
    """Trusts that all files hold the same keys in the same order; rounds at each addition."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    pa.set_cpu_count(THREADS)
    first = pq.read_table(files[0])
    total = first["value"].to_numpy().copy()
    for path in files[1:]:
        at = 0
        for chunk in pq.read_table(path, columns=["value"])["value"].chunks:
            values = chunk.to_numpy()
            total[at:at + len(values)] += values
            at += len(values)
    pq.write_table(first.set_column(2, "value", pa.array(total)), output)


def main():
    global THREADS
    name, threads, output, *files = sys.argv[1:]
    THREADS = int(threads)
    {"duckdb": duckdb, "polars": polars, "datafusion": datafusion, "numpy": numpy}[name](output, files)


if __name__ == "__main__":
    main()
