"""Orders of which only some rows come, while others are stored: corrected rows, and exports of some sub-orders.

What an order has from all its rows (amounts that add up, goods, refunds) is made from the stored rows and the new ones
together. Stored rows do not keep their share of every amount, so where some rows are known and others new, only what
was paid can be told, by the lines; the other amounts become unknown, and the order waits until its whole export comes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.fields import FIELDS
from qingdan.core.policy import Compiled
from qingdan.intake.decide import review
from qingdan.intake.lining import with_lines
from qingdan.orders import queries

_KEY: Final = ("channel", "order_no")
_LINE_KEY: Final = (*_KEY, "line_no")
_STATES: Final = FIELDS["platform_state"].value_ids
_WAITING, _CLOSED = (_STATES.index(value) for value in ("waiting", "closed"))

Sums = Mapping[str, Sequence[str]]
"""Channels of whose orders each row is a line, and the amounts that their rows carry in parts."""


def joined(
    decided: pl.DataFrame,
    lines: pl.DataFrame,
    merchant: int,
    compiled: Compiled,
    *,
    sums: Sums,
    as_of: datetime,
    zone: str,
    refunds_told: frozenset[str],
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Join orders that came without some of their stored lines with these, and review them anew.

    Returns the orders, and the ``version`` of the stored ones that were joined, as it was read.
    """
    came = lines.filter(pl.col("channel").cast(pl.String).is_in(sorted(sums))).join(decided, on=_KEY, how="semi")
    if came.is_empty():
        return decided, None
    partly = queries.with_other_lines(merchant, came.select(_LINE_KEY))
    if partly.is_empty():
        return decided, None
    stored = queries.frame_of(merchant, partly)
    kept = queries.lines(stored["id"])
    mine = came.join(partly, on=_KEY, how="semi")
    whole = with_lines(_bases(decided.select(list(ORDER_SCHEMA)), stored, mine, kept, sums), mine, kept, refunds_told)
    again = review(whole.select(list(ORDER_SCHEMA)), compiled, as_of=as_of, zone=zone)
    others = decided.join(partly, on=_KEY, how="anti", maintain_order="left")
    return pl.concat([others, again.select(decided.columns)]), stored.select(*_KEY, "version")


def _bases(
    decided: pl.DataFrame, stored: pl.DataFrame, mine: pl.DataFrame, kept: pl.DataFrame, sums: Sums
) -> pl.DataFrame:
    """Orders before their lines are counted: amounts and states of all rows, other facts of the last word."""
    known = mine.join(kept, on=_LINE_KEY, how="semi").group_by(_KEY).agg(known=pl.len())
    counted = mine.group_by(_KEY).agg(came=pl.len()).join(known, on=_KEY, how="left")
    state = counted.select(
        *_KEY, fresh=pl.col("known").is_null(), mixed=pl.col("known").is_not_null() & (pl.col("known") < pl.col("came"))
    )
    paid = _paid_by_lines(mine, kept)
    made = []
    for channel, summed in sums.items():
        here = pl.col("channel").cast(pl.String) == channel
        now = decided.filter(here).join(state, on=_KEY).join(paid, on=_KEY)
        was = stored.filter(here).select(list(ORDER_SCHEMA))
        both = now.join(was, on=_KEY, suffix="_was", maintain_order="left")
        fresh = both.filter("fresh")
        made += [
            fresh.select(*(_first(name, summed) for name in ORDER_SCHEMA)),
            both.filter(~pl.col("fresh")).select(*(_later(name, summed) for name in ORDER_SCHEMA)),
        ]
    return pl.concat(made)


def _paid_by_lines(mine: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    columns = [*_LINE_KEY, "line_paid_amount"]
    lines = pl.concat([kept.join(mine, on=_LINE_KEY, how="anti").select(columns), mine.select(columns)])
    amount = pl.col("line_paid_amount")
    return lines.group_by(_KEY).agg(paid=pl.when(amount.null_count() == 0).then(amount.sum()))


def _first(name: str, summed: Sequence[str]) -> pl.Expr:
    """Field of an order whose rows come for the first time: the stored rows are as they were."""
    now, was = pl.col(name), pl.col(name if name in _KEY else f"{name}_was")
    if name in summed:
        added = was + now
        return (added if name == "paid_amount" else pl.coalesce(added, was, now)).alias(name)
    if name == "platform_state":
        code, before = now.to_physical().cast(pl.Int64), was.to_physical().cast(pl.Int64)
        mixed = (code != before) & (pl.min_horizontal(code, before) == _WAITING)
        mixed &= pl.max_horizontal(code, before) < _CLOSED
        partly = pl.lit("partly_shipped", ORDER_SCHEMA[name])
        return pl.when(mixed).then(partly).when(now.is_not_null()).then(was).alias(name)
    if name == "platform_hold":
        return pl.when(was == "none").then(now).otherwise(was).alias(name)
    return was.alias(name)


def _later(name: str, summed: Sequence[str]) -> pl.Expr:
    """Field of an order of which some rows that came are stored: the last word, but for amounts of all rows."""
    if name not in summed:
        return pl.col(name)
    unknown = pl.col("paid") if name == "paid_amount" else pl.lit(None, pl.Int64)
    return pl.when("mixed").then(unknown).otherwise(f"{name}_was").alias(name)
