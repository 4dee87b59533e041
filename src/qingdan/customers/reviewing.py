"""The orders that wait, reviewed anew after a list changed; what a person decided stays."""

import datetime as dt
from collections.abc import Callable
from typing import Final

import polars as pl
from django.conf import settings
from django.db.models import F, QuerySet
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
from qingdan.policies import history
from qingdan.policies.actions import ensure_live
from qingdan.policies.models import Judged
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
    """Review the orders of a change part by part, unless another process does; it may end at any moment and go on."""
    with alone(_LOCK, change_id) as mine:
        if not mine:
            return False
        rows = Change.objects.filter(pk=change_id, finished_at=None)
        while _part(rows):
            pass
    return True


def _part(rows: QuerySet[Change]) -> bool:
    """Review the next waiting orders; False when there are none, or somebody cancelled the rest."""
    change = rows.first()
    if change is None:
        return False
    if not change.last_order:
        rows.update(waiting=stored.waiting(change.merchant_id))
    some = stored.frame(change.merchant_id, _WAITING, [change.last_order, CHUNK], also=_ALSO)
    if some.is_empty():
        rows.update(waiting=F("seen"), finished_at=Now())
        return False
    concerned = queries.touched(some, change)
    seen = rows.model.objects.filter(pk=change.pk)  # also of one that is being cancelled

    def counted(changed: int) -> None:
        seen.update(
            seen=F("seen") + some.height,
            last_order=int(some["id"][-1]),
            orders=F("orders") + concerned.height,
            orders_done=F("orders_done") + concerned.height,
            orders_changed=F("orders_changed") + changed,
        )

    if concerned.is_empty():
        counted(0)
    else:
        _review(change, concerned, counted)
    return True


def _review(change: Change, concerned: pl.DataFrame, counted: Callable[[int], None]) -> None:
    """Review orders anew and store them with what was judged; ``counted`` gets how many changed, and commits too."""
    merchant, version, now = change.merchant_id, ensure_live(change.merchant_id), timezone.now()
    policy = compiled(version.source)
    known = stored.known_facts(merchant, now).returns
    base = concerned.with_columns(returns_30d=_returns(concerned, known, now))
    fresh = queries.with_facts(base, merchant, now)
    facts = marked(merchant, fresh.select("id", *ORDER_SCHEMA), now).drop("id")
    reviewed = review(facts, policy, as_of=now, zone=settings.SHOP_ZONE)

    def with_it(written: pl.DataFrame) -> None:
        history.keep(
            reviewed, written, merchant=merchant, policy_hash=version.hash, as_of=now, cause=Judged.Cause.REVIEW
        )
        counted(written.height)

    orders.rereview(
        reviewed.hstack(fresh.select(list(_ALSO))),
        merchant=merchant,
        policy_hash=version.hash,
        holds=holds_of(policy),
        actor=Actor("policy", version.hash, ""),
        reason=REVIEWED.text("zh", {"list": LISTS[Kind(change.kind)].zh}),
        with_it=with_it,
    )


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
