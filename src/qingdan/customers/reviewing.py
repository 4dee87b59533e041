"""The orders that wait, reviewed anew after a list changed; what a person decided stays."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

import polars as pl
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from psycopg import sql

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.features import WINDOW
from qingdan.customers import queries
from qingdan.customers.messages import LISTS, REVIEWED
from qingdan.customers.models import Change, Kind
from qingdan.intake.decide import holds_of, review
from qingdan.orders import actions as orders
from qingdan.orders import queries as stored
from qingdan.orders.actors import Actor
from qingdan.orders.alone import alone
from qingdan.policies.actions import ensure_live
from qingdan.policies.queries import compiled
from qingdan.policies.snoozed import marked

CHUNK: Final = 5_000
_LOCK: Final = 0x71D3
_ALSO: Final[dict[str, pl.DataType]] = {
    "id": pl.Int64(),
    "version": pl.Int64(),
    "shop_id": pl.Int64(),
    "reviewed_at": TIME,
    "last_import": pl.Int64(),
}
_WAITING: Final = sql.SQL(
    "o.stage IN ('in_review', 'exception', 'held') AND NOT o.hand_decided AND o.id > %s ORDER BY o.id LIMIT %s"
)


def run(change_id: int) -> bool:
    """Review the orders of a change, unless another process does; running it again goes on where none was changed."""
    with alone(_LOCK, change_id) as mine:
        if not mine:
            return False
        change = Change.objects.get(pk=change_id)
        if change.finished_at is None:
            _run(change)
            Change.objects.filter(pk=change_id).update(finished_at=Now())
    return True


def _run(change: Change) -> None:
    version = ensure_live(change.merchant_id)
    policy = compiled(version.source)
    now = timezone.now()
    known = stored.known_facts(change.merchant_id, now).returns.drop_nulls("buyer_token")
    Change.objects.filter(pk=change.pk).update(orders=0, orders_done=0, orders_changed=0)
    reason = REVIEWED.text("zh", {"list": LISTS[Kind(change.kind)].zh})
    for waiting in _chunks(change.merchant_id):
        concerned = queries.touched(waiting, change)
        changed = 0
        if concerned.height:
            base = concerned.with_columns(returns_30d=_returns(concerned, known, now))
            fresh = queries.with_facts(base, change.merchant_id, now)
            facts = marked(change.merchant_id, fresh.select("id", *ORDER_SCHEMA), now).drop("id")
            reviewed = review(facts, policy, as_of=now, zone=settings.SHOP_ZONE)
            changed = orders.rereview(
                reviewed.hstack(fresh.select(list(_ALSO))),
                merchant=change.merchant_id,
                policy_hash=version.hash,
                holds=holds_of(policy),
                actor=Actor("policy", version.hash, ""),
                reason=reason,
            )
        Change.objects.filter(pk=change.pk).update(
            orders=F("orders") + concerned.height,
            orders_done=F("orders_done") + concerned.height,
            orders_changed=F("orders_changed") + changed,
        )


def _chunks(merchant: int) -> Iterator[pl.DataFrame]:
    last = 0
    while (some := stored.frame(merchant, _WAITING, [last, CHUNK], also=_ALSO)).height:
        yield some
        last = int(some["id"][-1])


def _returns(some: pl.DataFrame, known: pl.DataFrame, now: dt.datetime) -> pl.Series:
    """Other refunded orders of each order's buyer that the store knows, created in the 30 days before ``now``."""
    recent = known.filter(pl.col("created_at").is_between(now - WINDOW, now))
    counts = recent.group_by("channel", "buyer_token").agg(n=pl.len().cast(pl.Int64))
    own = some.join(
        recent.select("channel", "order_no", own=pl.lit(1, pl.Int64)),
        on=["channel", "order_no"],
        how="left",
        maintain_order="left",
    )["own"]
    found = some.join(counts, on=["channel", "buyer_token"], how="left", maintain_order="left")["n"]
    return (found.fill_null(0) - own.fill_null(0)).alias("returns_30d")
