"""The catalogue as Polars columns: the shape that intake makes, review reads and the ledger stores."""

from typing import Final

import polars as pl

from qingdan.core.fields import FIELDS, LINE_FIELDS, ORDER_FIELDS, Field, Source, Type

TIME: Final = pl.Datetime("us", "UTC")

_PLAIN: Final[dict[Type, pl.DataType]] = {
    Type.TEXT: pl.String(),
    Type.INT: pl.Int64(),
    Type.MONEY: pl.Int64(),
    Type.TIME: TIME,
    Type.DURATION: pl.Int64(),
    Type.BOOL: pl.Boolean(),
}


def dtype(field: Field) -> pl.DataType:
    """Polars type of a field: money in fen, durations in microseconds, times in UTC."""
    if field.type is Type.ENUM:
        return pl.Enum(field.value_ids)
    if field.type is Type.ENUM_LIST:
        return pl.List(pl.Enum(field.value_ids))
    return _PLAIN[field.type]


ORDER_SCHEMA: Final[dict[str, pl.DataType]] = {f.id: dtype(f) for f in ORDER_FIELDS if f.source is not Source.LEDGER}
"""Columns of an orders frame, one row an order; ``stage`` is the ledger's and not among them."""

LINE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "channel": dtype(FIELDS["channel"]),
    "order_no": pl.String(),
    **{f.id: dtype(f) for f in LINE_FIELDS},
}
"""Columns of a lines frame, one row a line, joined to orders by (channel, order_no)."""
