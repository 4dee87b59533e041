"""What an earlier import knew of this one's orders, and this one of an earlier one's.

Lines whose orders came before complete those orders. An order that comes without its lines keeps the open refund that
they had: an order list says nothing of refunds, and silence must not release what is held.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import polars as pl

from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.features import with_goods
from qingdan.core.policy import Compiled
from qingdan.intake.batch import Notice
from qingdan.intake.decide import Decided, review
from qingdan.intake.meaning import REFUND_RANKS, UNKNOWN_REFUND
from qingdan.intake.messages import message
from qingdan.orders import queries

_KEY: Final = ("channel", "order_no")
_LINE_KEY: Final = (*_KEY, "line_no")
_UNMATCHED: Final = "orders_missing_for_lines"
_STATES: Final = {rank: state for rank, state in enumerate(REFUND_RANKS) if state is not None}
_RANK_OF: Final = {state: rank for rank, state in _STATES.items()}


@dataclass(frozen=True, slots=True)
class Completed:
    """``decided`` with the stored orders that its lines belong to; ``seen`` has their ``version`` as it was read."""

    decided: Decided
    seen: pl.DataFrame | None


def complete(decided: Decided, merchant: int, compiled: Compiled, *, as_of: datetime, zone: str) -> Completed:
    """Add to ``decided`` the merchant's stored orders of which the drop has lines only, reviewed at ``as_of``.

    Orders of which it has no lines keep the open refunds of their stored ones. Orders that nobody knows are counted in
    a notice.
    """
    decided = _with_open_refunds(decided, merchant, compiled, as_of=as_of, zone=zone)
    alone = decided.batch.lines.join(decided.orders, on=_KEY, how="anti")
    if alone.is_empty():
        return Completed(decided, None)
    wanted = alone.select(_KEY).unique()
    stored = queries.frame_of(merchant, wanted)
    notices = [notice for notice in decided.batch.notices if notice.message.id != _UNMATCHED]
    if unknown := wanted.height - stored.height:
        notices.append(Notice("", message(_UNMATCHED, count=unknown)))
    batch = replace(decided.batch, notices=tuple(notices))
    if stored.is_empty():
        return Completed(Decided(batch, decided.orders), None)
    orders = _with_lines(stored, alone, queries.lines(stored["id"]))
    reviewed = review(orders.select(list(ORDER_SCHEMA)), compiled, as_of=as_of, zone=zone)
    return Completed(
        Decided(batch, pl.concat([decided.orders, reviewed.select(decided.orders.columns)])),
        stored.select(*_KEY, "version"),
    )


def _with_open_refunds(decided: Decided, merchant: int, compiled: Compiled, *, as_of: datetime, zone: str) -> Decided:
    bare = decided.orders.filter(pl.col("refund_state") == "none").join(decided.batch.lines, on=_KEY, how="anti")
    if bare.is_empty():
        return decided
    kept = bare.drop("refund_state").join(queries.open_refunds(merchant), on=_KEY)
    if kept.is_empty():
        return decided
    again = review(kept.select(list(ORDER_SCHEMA)), compiled, as_of=as_of, zone=zone)
    others = decided.orders.join(kept, on=_KEY, how="anti")
    return replace(decided, orders=pl.concat([others, again.select(decided.orders.columns)]))


def _with_lines(stored: pl.DataFrame, came: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Compute what an order has from its lines: goods, and the most open of their refunds."""
    # a table with refunds gives every line one, so none is a word that nobody knows
    told = came.group_by("channel").agg(told=pl.col("line_refund_state").is_not_null().any())
    came = _ranked(came).join(told, on="channel", how="left")
    came = came.with_columns(rank=pl.when("told").then(pl.col("rank").fill_null(UNKNOWN_REFUND)).otherwise("rank"))
    lines = pl.concat([_ranked(kept).join(came, on=_LINE_KEY, how="anti"), came.drop("told")])
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
