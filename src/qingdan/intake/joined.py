"""Rows that join several goods in one cell (``a1;a2``), as the order-level report of Douyin does."""

from typing import Final

import polars as pl

from qingdan.channels.mapping import Table
from qingdan.intake.readers import ROW

_SEPARATOR: Final = r"\s*[;；]\s*"
_PER_LINE: Final = ("line_no", "sku_code", "title", "spec")
_UNKNOWN_AFTER: Final = ("unit_price", "line_paid_amount")


def split(frame: pl.DataFrame, table: Table) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with one line each, and the rows (``row``, ``value``) that can not be split.

    The quantity of such a row is the sum over its goods, so it can be split only when every one is a single piece.
    Amounts stay with the first line: they belong to the order, not to any one of its lines.
    """
    none = pl.DataFrame(schema={ROW: pl.UInt32(), "value": pl.String()})
    if not table.joined_cells or "line_no" not in frame.columns:
        return frame, none
    number = pl.col("line_no").str
    joined = (number.contains(";", literal=True) | number.contains("；", literal=True)).fill_null(value=False)
    if not frame.select(joined.any()).item():
        return frame, none
    several = frame.filter(joined).with_columns(
        parts=pl.col("line_no").str.replace_all(_SEPARATOR, ";").str.strip_chars(";").str.split(";")
    )
    count = pl.col("parts").list.len()
    single = (pl.col("quantity") == count) if "quantity" in frame.columns else pl.lit(value=False)
    single = single.fill_null(value=False)
    whole = several.filter(single)
    return (
        pl.concat([frame.filter(~joined), _explode(whole, table).select(frame.columns)]).sort(ROW),
        several.filter(~single).select(ROW, value="line_no"),
    )


def _explode(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    texts = [name for name in _PER_LINE if name in rows.columns]
    count = pl.col("parts").list.len()
    pieces = {name: pl.col(name).str.replace_all(_SEPARATOR, ";").str.strip_chars(";").str.split(";") for name in texts}
    # A title may hold a semicolon of its own: cells that do not split evenly stay whole on every line.
    even = [
        pl.when(piece.list.len() == count).then(piece).otherwise(pl.col(name).repeat_by(count)).alias(name)
        for name, piece in pieces.items()
    ]
    numbers = pl.int_ranges(0, count, dtype=pl.UInt32).alias("nth")
    exploded = rows.with_columns(*even, numbers).explode([*texts, "nth"])
    first = pl.col("nth") == 0
    return exploded.with_columns(
        quantity=pl.lit(1, pl.Int64),
        **{
            name: pl.when(first).then(name).otherwise(pl.lit(0, pl.Int64))
            for name in table.summed
            if name in rows.columns
        },
        **{name: pl.lit(None, pl.Int64) for name in _UNKNOWN_AFTER if name in rows.columns},
    )
