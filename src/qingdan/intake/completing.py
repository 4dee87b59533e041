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
from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.policy import Compiled
from qingdan.customers import queries as customers
from qingdan.finance import queries as finance
from qingdan.intake import keeping
from qingdan.intake.decide import review
from qingdan.intake.joining import Sums, joined
from qingdan.intake.lining import with_lines
from qingdan.orders import queries

_KEY: Final = ("channel", "order_no")


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
    sums: Sums,
) -> Completed:
    """Add to a part's reviewed orders the merchant's stored orders of which it has lines only, reviewed at ``as_of``.

    Orders of which it has no lines keep the open refunds of their stored ones. ``refunds_told`` are the channels of
    which some line of the drop says how its refund stands; for ``sums`` see ``joining``.
    """
    decided = _with_kept_people(decided, seen.merchant, compiled, as_of=as_of, zone=zone)
    decided = _with_corrections(decided, seen.merchant, compiled, as_of=as_of, zone=zone)
    decided = _with_customer_facts(decided, seen.merchant, compiled, as_of=as_of, zone=zone)
    if seen.any_payment:
        decided = _with_payment_match(decided, seen.merchant, compiled, as_of=as_of, zone=zone)
    decided = _with_open_refunds(decided, lines, seen, compiled, as_of=as_of, zone=zone)
    alone = lines.join(decided, on=_KEY, how="anti")
    decided, known = joined(
        decided, lines, seen.merchant, compiled, sums=sums, as_of=as_of, zone=zone, refunds_told=refunds_told
    )
    if alone.is_empty():
        return Completed(decided, known)
    wanted = alone.select(_KEY).unique()
    stored = queries.frame_of(seen.merchant, wanted)
    unmatched = wanted.height - stored.height
    if stored.is_empty():
        return Completed(decided, known, unmatched)
    orders = with_lines(stored, alone, queries.lines(stored["id"]), refunds_told)
    reviewed = review(orders.select(list(ORDER_SCHEMA)), compiled, as_of=as_of, zone=zone)
    whole = pl.concat([decided, reviewed.select(decided.columns)])
    versions = stored.select(*_KEY, "version")
    return Completed(whole, versions if known is None else pl.concat([known, versions]), unmatched)


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
