"""The package's functions."""
from __future__ import annotations

import os
from itertools import chain
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple, Union
from typing import overload

from . import _arguments as arguments
from ._arguments import Aggregates, Names, PathLike
from ._c_data import Frame, is_frame
from ._documents import FileInfo, Plan, file_of, plan_of, report_of
from ._errors import UsageError
from ._ipc_write import Buffer, chosen_columns, write_frame, write_streams
from ._native import Source
from ._progress import Progress, Watch
from ._result import Result, Written
from ._run import Input, Ran, run

Inputs = Union[PathLike, Iterable[Any], Any]
Cache = Union[None, bool, PathLike]


def _options(*, by: Names, agg: Aggregates, memory: Union[None, int, str], threads: Optional[int], where: Optional[str],
             sort: bool, rename: Optional[Mapping[str, str]], temp: Optional[PathLike], cache: Cache,
             verify_keys: bool) -> List[str]:
    """What sum and plan have in common."""
    items = arguments.aggregate_items(agg)
    if not items:
        raise UsageError("there is nothing to compute", hint="agg='sum:value'")
    options = ["sum", *arguments.by_arguments(by), "--agg=" + ",".join(items), "--json", "--progress=never"]
    named: Dict[str, Optional[str]] = {
        "memory": None if memory is None else arguments.size_text(memory),
        "threads": None if threads is None else str(threads),
        "where": where,
        "temp": None if temp is None else os.fspath(temp),
        "cache": None if cache is None or isinstance(cache, bool) else os.fspath(cache),
    }
    options += [f"--{name}={value}" for name, value in named.items() if value is not None]
    flags = {"sort": sort, "verify-keys": verify_keys, "no-cache": cache is False}
    options += [f"--{name}" for name, wanted in flags.items() if wanted]
    return options + arguments.rename_arguments(rename)


class _Needed(NamedTuple):
    """Which columns of a frame are sent."""

    must: Set[str]
    where: str

    def needs(self, name: str) -> bool:
        """A filter is not parsed here: a column that it may name is sent."""
        return name in self.must or name.replace('"', '""') in self.where


def _needed(by: Names, agg: Aggregates, where: Optional[str], rename: Optional[Mapping[str, str]]) -> _Needed:
    must = set(arguments.key_names(by)) | arguments.aggregate_columns(arguments.aggregate_items(agg))
    old = {before for before, after in (rename or {}).items() if after in must or after in (where or "")}
    return _Needed(must | old, where or "")


def _each_frame(inputs: Any) -> Iterator[Any]:
    if is_frame(inputs):
        yield inputs
        return
    try:
        frames = iter(inputs)
    except TypeError:
        raise TypeError(f"{type(inputs).__name__} is neither a path nor data with __arrow_c_stream__") from None
    for frame in frames:
        if not is_frame(frame):
            hint = " (call collect())" if hasattr(frame, "collect") else ""
            raise TypeError(f"{type(frame).__name__} has no __arrow_c_stream__{hint}")
        yield frame


def _streams(inputs: Any, needed: _Needed) -> Iterator[Iterator[List[Buffer]]]:
    for data in _each_frame(inputs):
        frame = Frame(data)
        columns = chosen_columns(frame.schema.value, needed.needs, needed.must.__contains__)
        yield write_frame(frame, columns)


def _messages(inputs: Any, needed: _Needed) -> Iterator[List[Buffer]]:
    """The first frame is looked at before the program is started: what is no frame at all is told at once."""
    streams = _streams(inputs, needed)
    first = next(streams, None)
    if first is None:
        raise UsageError("there is nothing to add up: no frame was given")
    return write_streams(chain([first], streams))


class _Call(NamedTuple):
    """A command line and what goes to the program's standard input."""

    arguments: List[str]
    input: Input

    def run(self, rows_on_output: bool, progress: Progress) -> Ran:
        return run(self.arguments, rows_on_output=rows_on_output, watch=Watch(progress), input=self.input)


def _files_call(options: List[str], paths: Sequence[PathLike]) -> _Call:
    inputs, listed = arguments.path_arguments(paths)
    return _Call([*options, *inputs], listed)


def _call(options: List[str], inputs: Any, needed: Callable[[], _Needed]) -> _Call:
    paths = arguments.paths_of(inputs)
    if paths is not None:
        return _files_call(options, paths)
    return _Call([*options, "--stdin=arrow"], _messages(inputs, needed()))


def _output_options(output: Optional[PathLike], format: Optional[str], compression: Optional[str],
                    overwrite: bool) -> List[str]:
    if output is None:
        if format is not None or compression is not None or overwrite:
            raise UsageError("format, compression and overwrite are for a file", hint="output='total.parquet'")
        return ["--output=-", "--format=arrow"]
    path = os.fspath(output)
    if path == "-":
        raise UsageError("standard output is no file", hint="leave output out to have the rows in memory")
    options = ["--output=" + path]
    options += [f"--format={format}"] if format is not None else []
    options += [f"--compression={compression}"] if compression is not None else []
    return options + (["--overwrite"] if overwrite else [])


@overload
def sum(inputs: Inputs, *, by: Names = ..., agg: Aggregates, where: Optional[str] = ..., sort: bool = ...,
        rename: Optional[Mapping[str, str]] = ..., memory: Union[None, int, str] = ..., threads: Optional[int] = ...,
        temp: Optional[PathLike] = ..., cache: Cache = ..., verify_keys: bool = ..., progress: Progress = ...,
        output: None = ..., format: None = ..., compression: None = ..., overwrite: bool = ...) -> Result: ...


@overload
def sum(inputs: Inputs, *, by: Names = ..., agg: Aggregates, where: Optional[str] = ..., sort: bool = ...,
        rename: Optional[Mapping[str, str]] = ..., memory: Union[None, int, str] = ..., threads: Optional[int] = ...,
        temp: Optional[PathLike] = ..., cache: Cache = ..., verify_keys: bool = ..., progress: Progress = ...,
        output: PathLike, format: Optional[str] = ..., compression: Optional[str] = ...,
        overwrite: bool = ...) -> Written: ...


def sum(inputs: Inputs, *, by: Names = None, agg: Aggregates, where: Optional[str] = None, sort: bool = False,
        rename: Optional[Mapping[str, str]] = None, memory: Union[None, int, str] = None, threads: Optional[int] = None,
        temp: Optional[PathLike] = None, cache: Cache = None, verify_keys: bool = False, progress: Progress = None,
        output: Optional[PathLike] = None, format: Optional[str] = None, compression: Optional[str] = None,
        overwrite: bool = False) -> Union[Result, Written]:
    """
    Adds up Parquet files or frames by key, exactly.

    inputs: a path, a folder, a pattern such as "sims/*.parquet", "@list.txt", or a list of them; or a frame or an
    iterable of frames of pandas, Polars, PyArrow or DuckDB, which are taken one after the other: a generator may
    load them one by one.

    by: key columns, "path,Date" or ["path", "Date"]; without it there is one row.
    agg: "sum:value=total,mean:value,count:*"; or {"total": ("sum", "value"), "rows": "count"}; or a list of
    ("sum", "value") or ("sum", "value", "total"). Functions: sum, count, min, max, mean.
    where: which rows take part, as "Date >= 2025-01-01 and path < 1000".
    sort: rows ascending by key. rename: {"old": "new"}, for columns that have another name in some files.
    memory: what the program may take at most, "64MiB" or bytes; the result itself comes on top.
    threads: 0 is one for each processor. temp: the folder for what does not fit. cache: the folder for what is
    known of keys, False for none. verify_keys: compare keys although they are known.
    progress: a function that is called with a dict of phase, done, total, unit and elapsed; False for no display.
    output: a file for the rows, with format, compression and overwrite as on the command line.

    Gives a Result, or with output what was Written. Raises weir.Error.
    """
    options = _options(by=by, agg=agg, memory=memory, threads=threads, where=where, sort=sort, rename=rename, temp=temp,
                       cache=cache, verify_keys=verify_keys)
    options += _output_options(output, format, compression, overwrite)
    call = _call(options, inputs, lambda: _needed(by, agg, where, rename))
    ran = call.run(output is None, progress)
    try:
        plan = plan_of(ran.document["plan"]) if ran.document.get("plan") else None
        report = report_of(ran.document.get("report") or {})
        if output is not None:
            return Written(os.fspath(output), plan, report)
        return Result(Source(ran.output), plan, report)
    finally:
        os.close(ran.output)


def plan(inputs: Inputs, *, by: Names = None, agg: Aggregates, where: Optional[str] = None, sort: bool = False,
         rename: Optional[Mapping[str, str]] = None, memory: Union[None, int, str] = None, threads: Optional[int] = None,
         temp: Optional[PathLike] = None, cache: Cache = None, verify_keys: bool = False) -> Plan:
    """How a sum of files would be done, and the memory it would take, from their footers alone."""
    paths = arguments.paths_of(inputs)
    if paths is None:
        raise TypeError("plan() looks at files; frames are known only when they come")
    options = _options(by=by, agg=agg, memory=memory, threads=threads, where=where, sort=sort, rename=rename, temp=temp,
                       cache=cache, verify_keys=verify_keys)
    ran = _files_call([*options, "--dry-run"], paths).run(False, False)
    os.close(ran.output)
    return plan_of(ran.document["plan"])


def inspect(inputs: Union[PathLike, Sequence[PathLike]], *, summary: bool = False, verify: bool = False,
            pages: bool = False, memory: Union[None, int, str] = None) -> Tuple[FileInfo, ...]:
    """What Parquet files hold, one FileInfo a file. What summary, verify or pages tell stands in its `raw`."""
    flags = {"summary": summary, "verify": verify, "pages": pages}
    options = ["inspect", "--json", *[f"--{name}" for name, wanted in flags.items() if wanted]]
    if memory is not None:
        options.append(f"--memory={arguments.size_text(memory)}")
    paths = arguments.paths_of(inputs)
    if paths is None:
        raise TypeError("inspect() looks at files")
    ran = _files_call(options, paths).run(False, False)
    os.close(ran.output)
    return tuple(file_of(file) for file in ran.document["files"])
