"""Which rules do not count for which orders at a moment.

An order is concerned by a snooze for its buyer (of that channel), for its receiver, or for a SKU when every line of it
is of a SKU for which the rule is snoozed: what another line brings with it is not excused.
"""

from datetime import datetime
from typing import Any, Final

import polars as pl
from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.policy import Compiled, review_columns
from qingdan.core.policy.snooze import SNOOZED
from qingdan.core.shipping import read_ship_defaults
from qingdan.data.shipping import defaults_text
from qingdan.orders import queries as stored
from qingdan.orders.models import Order, OrderEvent
from qingdan.policies.models import Snooze

_KEY: Final = ("channel", "order_no")


def active(merchant: int, at: datetime) -> QuerySet[Snooze]:
    """Return the snoozes that count at a moment."""
    ends = Coalesce("ended_at", "until")
    return Snooze.objects.annotate(ends=ends).filter(merchant_id=merchant, since__lte=at, ends__gt=at)


def marked(merchant: int, found: pl.DataFrame, as_of: datetime, lines: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return orders with the column ``snoozed``, as of a moment; without it when nothing is snoozed at all.

    ``found`` has the columns of ``ORDER_SCHEMA``; ``lines`` those of ``LINE_SCHEMA``, and are fetched when left out
    and needed, for which ``found`` must have the ids.
    """
    rules = pl.DataFrame(
        list(active(merchant, as_of).values_list("rule", "kind", "channel", "subject")),
        schema=dict.fromkeys(("rule", "kind", "channel", "subject"), pl.String()),
        orient="row",
    )
    if rules.is_empty():
        return found
    numbered = found.select(
        *(pl.col(name).cast(pl.String) for name in (*_KEY, "buyer_token", "receiver_key"))
    ).with_row_index("place")
    hits = [
        numbered.join(
            _of(rules, Snooze.Kind.BUYER).rename({"subject": "buyer_token"}), on=["channel", "buyer_token"]
        ).select("place", "rule"),
        numbered.join(
            _of(rules, Snooze.Kind.RECEIVER).drop("channel").rename({"subject": "receiver_key"}), on="receiver_key"
        ).select("place", "rule"),
    ]
    of_sku = _of(rules, Snooze.Kind.SKU)
    if of_sku.height:
        own = stored.lines(found["id"]) if lines is None else lines
        hits.append(_by_lines(numbered, own, of_sku))
    told = (
        pl.concat(hits)
        .unique()
        .sort("place", "rule")
        .group_by("place")
        .agg(pl.col("rule").str.join(";").alias(SNOOZED))
    )
    return found.hstack(numbered.join(told, on="place", how="left", maintain_order="left").select(SNOOZED))


def _of(rules: pl.DataFrame, kind: str) -> pl.DataFrame:
    return rules.filter(pl.col("kind") == str(kind)).drop("kind").unique()


def _by_lines(numbered: pl.DataFrame, lines: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Orders of which every line is of a SKU for which a rule is snoozed."""
    own = lines.select(*(pl.col(name).cast(pl.String) for name in (*_KEY, "sku_code"))).join(
        numbered.select(*_KEY, "place"), on=_KEY
    )
    every = own.group_by("place").len("lines")
    hit = own.join(rules.select("rule", sku_code="subject"), on="sku_code").group_by("place", "rule").len("hits")
    return hit.join(every, on="place").filter(pl.col("hits") == pl.col("lines")).select("place", "rule")


def rejudged(
    merchant: int, reviewed: pl.DataFrame, lines: pl.DataFrame, compiled: Compiled, as_of: datetime
) -> pl.DataFrame:
    """Return reviewed orders with the verdicts of those that a snooze concerns as it makes them; row order may change.

    What comes in is judged where no database is; the few orders concerned are judged again here.
    """
    orders_in = marked(merchant, reviewed, as_of, lines)
    if SNOOZED not in orders_in.columns:
        return reviewed
    concerned = orders_in.filter(pl.col(SNOOZED).is_not_null())
    if concerned.is_empty():
        return reviewed
    facts = concerned.select(*ORDER_SCHEMA, SNOOZED)
    shipping = read_ship_defaults(defaults_text())
    again = facts.hstack(review_columns(compiled, facts, as_of, zone=settings.SHOP_ZONE, shipping=shipping))
    others = [name for name in concerned.columns if name not in again.columns]
    again = again.hstack(concerned.select(others)).select(orders_in.columns)
    return pl.concat([orders_in.filter(pl.col(SNOOZED).is_null()), again])


def _judged_at(order: Order) -> datetime:
    """When an order got its verdict: by an import, or when it was reviewed anew, which leaves ``reviewed_at`` alone."""
    again = OrderEvent.objects.filter(order_id=order.pk, kind="reviewed").order_by("-version")
    last: datetime | None = again.values_list("at", flat=True).first()
    return max(order.reviewed_at, last) if last is not None else order.reviewed_at


def of_order(order: Order, at: datetime | None = None) -> dict[str, Snooze]:
    """Return the snoozes that concerned one stored order at a moment, by rule; of several the one that lasts longest.

    The moment is that of its verdict when left out.
    """
    at = at or _judged_at(order)
    facts: dict[str, Any] = vars(order)
    asked = Q(kind=Snooze.Kind.SKU)
    if facts["buyer_token"]:
        asked |= Q(kind=Snooze.Kind.BUYER, channel=facts["channel"], subject=facts["buyer_token"])
    if facts["receiver_key"]:
        asked |= Q(kind=Snooze.Kind.RECEIVER, subject=facts["receiver_key"])
    found = list(active(order.merchant_id, at).filter(asked).order_by("until"))
    skus = {one.subject for one in found if one.kind == Snooze.Kind.SKU}
    codes = list(order.lines.values_list("sku_code", flat=True)) if skus else []
    told: dict[str, Snooze] = {}
    for one in found:
        covered = {s.subject for s in found if s.kind == Snooze.Kind.SKU and s.rule == one.rule}
        if one.kind != Snooze.Kind.SKU or (codes and set(codes) <= covered):
            told[one.rule] = one
    return told
