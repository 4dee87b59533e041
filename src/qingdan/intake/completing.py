"""What an earlier import knew of this one's orders, and this one of an earlier one's.

Lines whose orders came before complete those orders. An order that comes without its lines keeps the open refund that
they had: an order list says nothing of refunds, and silence must not release what is held.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

import polars as pl

from qingdan.cases import corrections
from qingdan.core.columns import LINE_SCHEMA, ORDER_SCHEMA
from qingdan.core.features import with_goods
from qingdan.core.policy import Compiled
from qingdan.customers import queries as customers
from qingdan.finance import queries as finance
from qingdan.intake import keeping
from qingdan.intake.decide import review
from qingdan.intake.meaning import REFUND_RANKS, UNKNOWN_REFUND
from qingdan.orders import queries

_KEY: Final = ("channel", "order_no")
_LINE_KEY: Final = (*_KEY, "line_no")
_STATES: Final = {rank: state for rank, state in enumerate(REFUND_RANKS) if state is not None}
_RANK_OF: Final = {state: rank for rank, state in _STATES.items()}


@dataclass(frozen=True, slots=True)
class Completed:
    """Reviewed orders with the stored ones that the lines belong to.

    ``seen`` has the ``version`` of those as it was read; ``unmatched`` counts the orders that nobody knows.
    """

    orders: pl.DataFrame
    seen: pl.DataFrame | None
    unmatched: int = 0


class Seen:
    """What is looked up once for a whole import."""

    def __init__(self, merchant: int) -> None:
        self.merchant = merchant

    @cached_property
    def open_refunds(self) -> pl.DataFrame:
        """Stored orders of which a line has an open refund."""
        return queries.open_refunds(self.merchant)

    @cached_property
    def any_payment(self) -> bool:
        """Whether bills say anything of the merchant's orders."""
        return finance.any_payment(self.merchant)


def complete(
    decided: pl.DataFrame,
    lines: pl.DataFrame,
    seen: Seen,
    compiled: Compiled,
    *,
    as_of: datetime,
    zone: str,
    refunds_told: frozenset[str],
) -> Completed:
    """Add to a part's reviewed orders the merchant's stored orders of which it has lines only, reviewed at ``as_of``.

    Orders of which it has no lines keep the open refunds of their stored ones. ``refunds_told`` are the channels of
    which some line of the drop says how its refund stands.
    """
    decided = _with_kept_people(decided, seen.merchant, compiled, as_of=as_of, zone=zone)
    decided = _with_corrections(decided, seen.merchant, compiled, as_of=as_of, zone=zone)
    decided = _with_customer_facts(decided, seen.merchant, compiled, as_of=as_of, zone=zone)
    if seen.any_payment:
        decided = _with_payment_match(decided, seen.merchant, compiled, as_of=as_of, zone=zone)
    decided = _with_open_refunds(decided, lines, seen, compiled, as_of=as_of, zone=zone)
    alone = lines.join(decided, on=_KEY, how="anti")
    if alone.is_empty():
        return Completed(decided, None)
    wanted = alone.select(_KEY).unique()
    stored = queries.frame_of(seen.merchant, wanted)
    unmatched = wanted.height - stored.height
    if stored.is_empty():
        return Completed(decided, None, unmatched)
    orders = _with_lines(stored, alone, queries.lines(stored["id"]), refunds_told)
    reviewed = review(orders.select(list(ORDER_SCHEMA)), compiled, as_of=as_of, zone=zone)
    whole = pl.concat([decided, reviewed.select(decided.columns)])
    return Completed(whole, stored.select(*_KEY, "version"), unmatched)


def _with_kept_people(
    decided: pl.DataFrame, merchant: int, compiled: Compiled, *, as_of: datetime, zone: str
) -> pl.DataFrame:
    """Give orders of a masked export the personal data that is stored of them, and review them with it."""
    known = keeping.kept(decided.select(list(ORDER_SCHEMA)), merchant)
    if known.is_empty():
        return decided
    again = review(known, compiled, as_of=as_of, zone=zone)
    others = decided.join(known, on=_KEY, how="anti", maintain_order="left")
    return pl.concat([others, again.select(decided.columns)])


def _with_corrections(
    decided: pl.DataFrame, merchant: int, compiled: Compiled, *, as_of: datetime, zone: str
) -> pl.DataFrame:
    """Give orders whose receiver somebody put right that receiver, and review them with it."""
    known = corrections.applied(decided.select(list(ORDER_SCHEMA)), merchant, queries.frame_of)
    if known.is_empty():
        return decided
    again = review(known, compiled, as_of=as_of, zone=zone)
    others = decided.join(known, on=_KEY, how="anti", maintain_order="left")
    return pl.concat([others, again.select(decided.columns)])


_TOLD_BY_LISTS: Final = (*customers.FACT_OF.values(), "returns_30d")


def _with_customer_facts(
    decided: pl.DataFrame, merchant: int, compiled: Compiled, *, as_of: datetime, zone: str
) -> pl.DataFrame:
    """Give orders what the customer lists say, and review those anew of which they say something."""
    told = customers.with_facts(decided.select(list(ORDER_SCHEMA)), merchant, as_of)
    differs = pl.any_horizontal(pl.lit(decided[name]).ne_missing(pl.col(name)) for name in _TOLD_BY_LISTS)
    spoken = told.filter(differs)
    if spoken.is_empty():
        return decided
    again = review(spoken, compiled, as_of=as_of, zone=zone)
    others = decided.join(spoken, on=_KEY, how="anti", maintain_order="left")
    return pl.concat([others, again.select(decided.columns)])


def _with_payment_match(
    decided: pl.DataFrame, merchant: int, compiled: Compiled, *, as_of: datetime, zone: str
) -> pl.DataFrame:
    """Give orders what bills say of their payments, and review those anew of which they say something."""
    spoken = finance.with_match(decided.select(list(ORDER_SCHEMA)), merchant).filter(pl.col("payment_match") != "none")
    if spoken.is_empty():
        return decided
    again = review(spoken, compiled, as_of=as_of, zone=zone)
    others = decided.join(spoken, on=_KEY, how="anti", maintain_order="left")
    return pl.concat([others, again.select(decided.columns)])


def _with_open_refunds(
    decided: pl.DataFrame, lines: pl.DataFrame, seen: Seen, compiled: Compiled, *, as_of: datetime, zone: str
) -> pl.DataFrame:
    bare = decided.filter(pl.col("refund_state") == "none").join(lines, on=_KEY, how="anti")
    if bare.is_empty():
        return decided
    kept = bare.drop("refund_state").join(seen.open_refunds, on=_KEY)
    if kept.is_empty():
        return decided
    again = review(kept.select(list(ORDER_SCHEMA)), compiled, as_of=as_of, zone=zone)
    return pl.concat([decided.join(kept, on=_KEY, how="anti"), again.select(decided.columns)])


def _with_lines(
    stored: pl.DataFrame, came: pl.DataFrame, kept: pl.DataFrame, refunds_told: frozenset[str]
) -> pl.DataFrame:
    """Compute what an order has from its lines: goods, and the most open of their refunds."""
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
