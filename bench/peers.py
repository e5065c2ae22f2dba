"""The same result by others: aggregates by key of many files, to one Parquet file.

usage: python bench/peers.py [--by COLUMNS] [--agg LIST] [--memory SIZE] [--seconds FILE] NAME THREADS OUTPUT FILE...

Without --by and --agg it is the sum of value by path and Date. LIST is weir's, always with a name: sum:v1=v1,count:*=rows.
"""
import argparse
import glob
import os
import time
from pathlib import Path

# Engines are imported inside the functions: each run pays for its own only.


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--by", default="path,Date", type=lambda text: text.split(","))
    parser.add_argument("--agg", default="sum:value=value")
    parser.add_argument("--memory", help="the engine's own limit, where it has one")
    parser.add_argument("--seconds", help="file for the seconds of the job alone, without the start of the program")
    parser.add_argument("name")
    parser.add_argument("threads", type=int)
    parser.add_argument("output")
    parser.add_argument("files", nargs="+")
    return parser.parse_args()


def aggregates(text):
    """(function, column, name) of each."""
    for part in text.split(","):
        function, _, rest = part.partition(":")
        yield (function, *rest.split("="))


def select_list(job):
    functions = {"mean": "avg"}
    keys = [f'"{key}"' for key in job.by]
    values = ["count(*)" if column == "*" else f'{functions.get(function, function)}("{column}")'
              for function, column, _ in aggregates(job.agg)]
    return keys, ", ".join(keys + [f'{value} AS "{name}"' for value, (_, _, name) in zip(values, aggregates(job.agg))])


def duckdb(job):
    import duckdb as engine
    limits = {"memory_limit": job.memory, "temp_directory": f"{job.output}.duckdb"} if job.memory else {}
    connection = engine.connect(config={"threads": job.threads, **limits})
    connection.execute("SET preserve_insertion_order = false")
    names = ", ".join(f"'{path}'" for path in job.files)
    return lambda: connection.execute(f"COPY (SELECT {select_list(job)[1]} FROM read_parquet([{names}]) GROUP BY ALL)"
                                      f" TO '{job.output}' (FORMAT parquet)")


def polars(job):
    import polars as engine
    expressions = [(engine.len() if column == "*" else getattr(engine.col(column), function)()).alias(name)
                   for function, column, name in aggregates(job.agg)]
    return lambda: engine.scan_parquet(job.files).group_by(*job.by).agg(*expressions).sink_parquet(
        job.output, compression="snappy")


def datafusion(job):
    import datafusion as engine
    config = engine.SessionConfig().with_target_partitions(job.threads)
    context = engine.SessionContext(config)
    keys, columns = select_list(job)

    def run():
        folder = os.path.dirname(job.files[0])
        if sorted(glob.glob(os.path.join(folder, "*.parquet"))) == sorted(job.files):
            context.register_parquet("t", folder)
        else:
            for number, path in enumerate(job.files):
                context.register_parquet(f"t{number}", path)
            context.sql("CREATE VIEW t AS " + " UNION ALL ".join(f"SELECT * FROM t{i}" for i in range(len(job.files))))
        context.sql(f"SELECT {columns} FROM t GROUP BY {', '.join(keys)}").write_parquet(job.output)
    return run


def numpy(job):
    """Trusts that all files hold the same keys in the same order; rounds at each addition. Only the usual job."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    pa.set_cpu_count(job.threads)

    def run():
        first = pq.read_table(job.files[0])
        total = first["value"].to_numpy().copy()
        for path in job.files[1:]:
            at = 0
            for chunk in pq.read_table(path, columns=["value"])["value"].chunks:
                values = chunk.to_numpy()
                total[at:at + len(values)] += values
                at += len(values)
        pq.write_table(first.set_column(2, "value", pa.array(total)), job.output)
    return run


def main():
    job = options()
    run = {"duckdb": duckdb, "polars": polars, "datafusion": datafusion, "numpy": numpy}[job.name](job)
    started = time.monotonic()
    run()
    if job.seconds:
        Path(job.seconds).write_text(f"{time.monotonic() - started}\n")


if __name__ == "__main__":
    main()
