"""
weir: grouped sums of Parquet files and frames, exact, in a fixed amount of memory.

    import weir
    total = weir.sum("sims/*.parquet", by="path,Date", agg="sum:value", memory="64MiB")
    total.to_pandas()

The package runs the program weir that it carries; see sum(), plan() and inspect().
"""
from ._api import inspect, plan, sum
from ._documents import ColumnInfo, FileInfo, MemoryPart, Plan, PlanMemory, Report
from ._errors import (
    CancelledError, ChangedError, Error, ExistsError, FileError, InputError, InternalError, KilledError,
    MemoryLimitError, MismatchError, ProgramNotFoundError, RangeError, UnsupportedError, UsageError,
)
from ._program import program
from ._result import Column, Result, Written
from ._version import __version__

__all__ = [
    "CancelledError", "ChangedError", "Column", "ColumnInfo", "Error", "ExistsError", "FileError", "FileInfo",
    "InputError", "InternalError", "KilledError", "MemoryLimitError", "MemoryPart", "MismatchError", "Plan",
    "PlanMemory", "ProgramNotFoundError", "RangeError", "Report", "Result", "UnsupportedError", "UsageError",
    "Written", "__version__", "inspect", "plan", "program", "sum",
]
