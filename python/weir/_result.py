"""What a sum gives."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Tuple

from ._documents import Plan, Report
from ._native import Source

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Column(NamedTuple):
    """A column of a result."""

    name: str
    type: str
    nullable: bool


class Written(NamedTuple):
    """A result that went to a file."""

    path: str
    plan: Optional[Plan]  # a sum of frames may have none
    report: Report


class Result:
    """
    The rows of a sum, in memory, as Arrow data that other libraries take without copying it.

    `pyarrow.table(result)`, `polars.DataFrame(result)`, `pandas.DataFrame.from_arrow(result)` and DuckDB's
    `SELECT * FROM result` read it, as often as they like. Their data stays valid when the result is gone.
    """

    def __init__(self, source: Source, plan: Optional[Plan], report: Report) -> None:
        self._source = source
        self.plan = plan
        self.report = report

    @property
    def columns(self) -> Tuple[Column, ...]:
        return tuple(Column(field.name, field.type, field.nullable) for field in self._source.fields)

    @property
    def num_rows(self) -> int:
        return self._source.rows

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the result takes."""
        return self._source.size

    def __len__(self) -> int:
        return self.num_rows

    def __repr__(self) -> str:
        columns = ", ".join(f"{column.name}: {column.type}" for column in self.columns)
        return f"<weir.Result: {self.num_rows:,} rows of {columns}>"

    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> object:
        """A new stream over all rows. Types are as they are: a wish for others is passed over."""
        return self._source.stream_capsule()

    def __arrow_c_schema__(self) -> object:
        return self._source.schema_capsule()

    def to_pyarrow(self) -> "pyarrow.Table":
        import pyarrow
        return pyarrow.table(self)

    def to_polars(self) -> "polars.DataFrame":
        import polars
        return polars.DataFrame(self)

    def to_pandas(self, **options: Any) -> "pandas.DataFrame":
        """Options are those of pyarrow.Table.to_pandas."""
        return self.to_pyarrow().to_pandas(**options)
