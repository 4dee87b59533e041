"""What an order has from its lines, those that are stored and those that come."""

from typing import Final

import polars as pl

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.features import with_goods
from qingdan.intake.meaning import REFUND_RANKS, UNKNOWN_REFUND

_KEY: Final = ("channel", "order_no")
_LINE_KEY: Final = (*_KEY, "line_no")
_STATES: Final = {rank: state for rank, state in enumerate(REFUND_RANKS) if state is not None}
_RANK_OF: Final = {state: rank for rank, state in _STATES.items()}


def with_lines(
    stored: pl.DataFrame, came: pl.DataFrame, kept: pl.DataFrame, refunds_told: frozenset[str]
) -> pl.DataFrame:
    """Compute what orders have from their lines: goods, and the most open of their refunds.

    ``came`` are the lines that come now, ``kept`` those that are stored; for ``refunds_told`` see ``completing``.
    """
    # a table with refunds gives every line one, so none is a word that nobody knows
    told = pl.col("channel").cast(pl.String).is_in(sorted(refunds_told))
    came = _ranked(came)
    came = came.with_columns(rank=pl.when(told).then(pl.col("rank").fill_null(UNKNOWN_REFUND)).otherwise("rank"))
    lines = pl.concat([_ranked(kept).join(came, on=_LINE_KEY, how="anti"), came])
    refunds = lines.group_by(_KEY).agg(pl.col("rank").max())
    counted = stored.with_columns(item_total="item_count", kind_total="kind_count")
    orders = with_goods(counted, lines.select(list(LINE_SCHEMA)))
    rank = orders.select(_KEY).join(refunds, on=_KEY, how="left", maintain_order="left")["rank"]
    state = pl.lit(rank).replace_strict(_STATES, default=None, return_dtype=ORDER_SCHEMA["refund_state"])
    return orders.with_columns(refund_state=pl.when(pl.lit(rank).is_null()).then("refund_state").otherwise(state))


def _ranked(lines: pl.DataFrame) -> pl.DataFrame:
    state = pl.col("line_refund_state").cast(pl.String)
    rank = state.replace_strict(_RANK_OF, default=None, return_dtype=pl.Int64)
    return lines.select(*LINE_SCHEMA, rank=rank)
