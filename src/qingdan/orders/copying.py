"""Frames to and from PostgreSQL by COPY, in CSV: Polars and PostgreSQL agree in it on null (nothing) and empty ("")."""

import io
from collections.abc import Mapping
from typing import Final, Protocol

import polars as pl
from psycopg import Copy, sql
from psycopg.abc import Params
from psycopg.sql import Composable

_ROWS_A_WRITE: Final = 8192
_MICROSECONDS: Final = "(date_part('epoch', {}) * 1e6)::bigint"
_LIST_SEPARATOR: Final = "\x1f"


class CopyCursor(Protocol):
    """What is needed of a psycopg cursor, also of one that Django wraps."""

    def copy(self, statement: Composable, params: Params | None = None) -> "_CopyContext":
        """Begin a COPY."""


class _CopyContext(Protocol):
    def __enter__(self) -> Copy: ...
    def __exit__(self, *exception: object) -> bool | None: ...


def copy_in(cursor: CopyCursor, table: str, frame: pl.DataFrame) -> None:
    """Append ``frame`` to ``table``; the frame's column names are the table's.

    Lists must hold plain words (ids); text loses NUL characters, which PostgreSQL can not store.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    )
    ready = frame.select(_as_csv(name, dtype) for name, dtype in frame.schema.items())
    with cursor.copy(statement) as copy:
        for part in ready.iter_slices(_ROWS_A_WRITE):
            buffer = io.BytesIO()
            part.write_csv(buffer, include_header=False)
            copy.write(buffer.getbuffer())


def _as_csv(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.List):
        words = column.cast(pl.List(pl.String)).list.join(",")
        return pl.concat_str(pl.lit("{"), words, pl.lit("}")).alias(name)
    if isinstance(dtype, pl.Datetime):
        # several times faster than a format of its own; Django's connections read a bare time as UTC
        return column.dt.replace_time_zone(None).dt.to_string("iso")
    if isinstance(dtype, pl.String):
        return column.str.replace_all("\0", "", literal=True)
    return column


def copy_out(
    cursor: CopyCursor,
    columns: Mapping[str, tuple[Composable, pl.DataType]],
    rest: Composable,
    params: Params = (),
) -> pl.DataFrame:
    """Fetch a frame: ``columns`` gives each name its SQL expression and Polars type, ``rest`` is FROM and onwards."""
    chosen = sql.SQL(", ").join(_as_sql(expression, dtype) for expression, dtype in columns.values())
    statement = sql.SQL("COPY (SELECT {} {}) TO STDOUT (FORMAT csv)").format(chosen, rest)
    buffer = io.BytesIO()
    with cursor.copy(statement, params) as copy:
        for part in copy:
            buffer.write(part)
    schema = {name: dtype for name, (_, dtype) in columns.items()}
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    buffer.seek(0)
    read = pl.read_csv(
        buffer, has_header=False, schema={name: _csv_type(dtype) for name, dtype in schema.items()}, quote_char='"'
    )
    return read.select(_from_csv(name, dtype) for name, dtype in schema.items())


def _as_sql(expression: Composable, dtype: pl.DataType) -> Composable:
    if isinstance(dtype, pl.Datetime):
        return sql.SQL(_MICROSECONDS).format(expression)
    if isinstance(dtype, pl.List):
        return sql.SQL("array_to_string({}, {})").format(expression, sql.Literal(_LIST_SEPARATOR))
    return expression


def _csv_type(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.Datetime):
        return pl.Int64()
    if isinstance(dtype, pl.Boolean | pl.List | pl.Enum):
        return pl.String()
    return dtype


def _from_csv(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Boolean):
        return column == "t"
    if isinstance(dtype, pl.List):
        empty = pl.lit([], dtype=pl.List(pl.String))
        split = pl.when(column == "").then(empty).otherwise(column.str.split(_LIST_SEPARATOR))
        return split.cast(dtype).alias(name)
    return column.cast(dtype)
