"""Letting a rule not count for one buyer, receiver or SKU for a while; ``core.policy.snooze`` says what that means.

It counts for verdicts given from its beginning until its end. A verdict stays what it was until the order is judged
again, so what waits is judged anew when a snooze begins and when it ends.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django import app
from psycopg import sql
from psycopg.sql import Composable

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.fields import Pii
from qingdan.core.masking import mask
from qingdan.core.policy import Kind
from qingdan.core.policy.model import FIELD_MISSING
from qingdan.core.policy.snooze import SNOOZABLE, SNOOZED
from qingdan.orders import actions as orders
from qingdan.orders import queries as stored
from qingdan.orders.actors import Actor
from qingdan.orders.alone import alone
from qingdan.orders.models import Order
from qingdan.policies import history, queries, waiting
from qingdan.policies.actions import ensure_live
from qingdan.policies.drafts import note
from qingdan.policies.errors import NotNowError, NotThereError
from qingdan.policies.messages import SNOOZE_BEGAN, SNOOZE_ENDED
from qingdan.policies.models import Judged, Snooze
from qingdan.policies.snoozed import marked
from qingdan.policies.waking import requeue

RUN: Final = "policies.review_snoozed"
QUEUE: Final = "policies"
LONGEST: Final = timedelta(days=180)
CLOCK: Final = Actor("system", "snoozes", "暂免到期")
_LOCK: Final = 0x71DA
_CHUNK: Final = 5_000
_WAITING: Final = sql.SQL("o.stage IN ('in_review', 'exception', 'held') AND NOT o.hand_decided AND o.id > %s AND {}")
_CONCERNED: Final[dict[str, Composable]] = {
    Snooze.Kind.BUYER: sql.SQL("o.channel = %s AND o.buyer_token = %s"),
    Snooze.Kind.RECEIVER: sql.SQL("o.receiver_key = %s"),
    Snooze.Kind.SKU: sql.SQL("EXISTS (SELECT FROM orders_orderline AS l WHERE l.order_id = o.id AND l.sku_code = %s)"),
}


def create(
    merchant: int,
    order_id: int,
    actor: Actor,
    *,
    rule: str,
    kind: str,
    until: datetime,
    reason: str,
    sku: str = "",
    queue: bool = True,
) -> Snooze:
    """Let a rule not count for the buyer, the receiver or a SKU of an order until a moment.

    Raises ``NotThereError`` for an unknown order or rule, and ``NotNowError``: ``snooze_until`` for a moment that is
    past or too far, ``snooze_subject`` when the order does not say who its buyer or receiver is or has no such SKU.
    """
    order = Order.objects.filter(merchant_id=merchant, pk=order_id).first()
    policy = queries.compiled(ensure_live(merchant).source).policy
    known = {one.id for one in policy.rules if one.kind in SNOOZABLE}
    if order is None or rule not in known:
        raise NotThereError
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise NotNowError("snooze_until")
    channel, subject, shown = _subject(order, kind, sku)
    with transaction.atomic(durable=True):
        made = Snooze.objects.create(
            merchant_id=merchant,
            rule=rule,
            kind=kind,
            channel=channel,
            subject=subject,
            shown=shown,
            reason=reason,
            since=now,
            until=until,
            created_id=actor.id,
            created_by=actor.name,
        )
        note(merchant, "snoozed", made.pk, actor, rule=rule, whom=kind, until=until.isoformat(), reason=reason)
        if queue:
            _wake(made.pk)
    made.refresh_from_db()
    return made


def _subject(order: Order, kind: str, sku: str) -> tuple[str, str, str]:
    """Whom a snooze is for: channel, value, and how it is shown."""
    facts: Mapping[str, Any] = vars(order)
    found = {
        Snooze.Kind.BUYER: (facts["channel"], facts["buyer_token"], mask(facts["buyer_token"] or "", Pii.ACCOUNT)),
        Snooze.Kind.RECEIVER: ("", facts["receiver_key"], mask(facts["receiver_name"] or "", Pii.NAME)),
        Snooze.Kind.SKU: ("", sku if order.lines.filter(sku_code=sku).exists() else "", sku),
    }[Snooze.Kind(kind)]
    if not found[1]:
        raise NotNowError("snooze_subject")
    return found


def end(merchant: int, snooze_id: int, actor: Actor, *, queue: bool = True) -> Snooze:
    """Let the rule count again. Raises ``NotThereError``; one that has ended stays as it is."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        open_ones = Snooze.objects.filter(merchant_id=merchant, pk=snooze_id, ended_at=None, until__gt=now)
        if open_ones.update(ended_at=now, ended_by=actor.name, pending=True):
            note(merchant, "snooze_ended", snooze_id, actor)
            if queue:
                _wake(snooze_id)
    found = Snooze.objects.filter(merchant_id=merchant, pk=snooze_id).first()
    if found is None:
        raise NotThereError
    return found


def expire(now: datetime | None = None) -> None:
    """End the snoozes whose time is over, and take up what a dead worker left."""
    over = Snooze.objects.filter(ended_at=None, until__lte=now or timezone.now())
    for merchant, key in over.values_list("merchant_id", "pk"):
        with transaction.atomic(durable=True):
            if over.filter(pk=key).update(ended_at=F("until"), ended_by=CLOCK.name, pending=True):
                note(merchant, "snooze_ended", key, CLOCK)
    for key in Snooze.objects.filter(pending=True).values_list("pk", flat=True):
        requeue(RUN, QUEUE, key, snooze_id=key)


def _wake(key: int) -> None:
    app.configure_task(RUN, queue=QUEUE).defer(snooze_id=key)


def run(snooze_id: int) -> None:
    """Judge anew what waits and is concerned, unless another worker does; running it again changes nothing more."""
    with alone(_LOCK, snooze_id) as mine:
        row = Snooze.objects.filter(pk=snooze_id, pending=True).first() if mine else None
        if row is None:
            return
        seen = row.ended_at
        for some in _waiting(row):
            _review(row, some)
        Snooze.objects.filter(pk=snooze_id, ended_at=seen).update(pending=False)


def _waiting(row: Snooze) -> Iterable[pl.DataFrame]:
    where = _WAITING.format(_CONCERNED[Snooze.Kind(row.kind)]) + sql.SQL(" ORDER BY o.id LIMIT %s")
    subject = [row.channel, row.subject] if row.kind == Snooze.Kind.BUYER else [row.subject]
    last = 0
    while (some := stored.frame(row.merchant_id, where, [last, *subject, _CHUNK], also=waiting.ALSO)).height:
        yield some
        last = int(some["id"][-1])


def _review(row: Snooze, some: pl.DataFrame) -> None:
    version, now = ensure_live(row.merchant_id), timezone.now()
    compiled = queries.compiled(version.source)
    facts = marked(row.merchant_id, some, now)
    facts = facts.select(*ORDER_SCHEMA, *(name for name in (SNOOZED,) if name in facts.columns))
    reviewed = facts.hstack(waiting.judged(compiled, facts, now))
    kept = [name for name in waiting.ALSO if name not in reviewed.columns]
    titles = {rule.id: rule.title.zh for rule in compiled.policy.rules}
    said = SNOOZE_BEGAN if row.ended_at is None else SNOOZE_ENDED
    until = row.until.astimezone(ZoneInfo(settings.SHOP_ZONE)).strftime("%Y-%m-%d %H:%M")
    values = {"rule": titles.get(row.rule, row.rule), "until": until, "reason": row.reason}

    def with_it(written: pl.DataFrame) -> None:
        history.keep(
            reviewed,
            written,
            merchant=row.merchant_id,
            policy_hash=version.hash,
            as_of=now,
            cause=Judged.Cause.REVIEW,
        )

    orders.rereview(
        reviewed.hstack(some.select(kept)),
        merchant=row.merchant_id,
        policy_hash=version.hash,
        actor=Actor("policy", version.hash, ""),
        holds=frozenset({FIELD_MISSING, *(rule.id for _, rule in compiled.policy.of(Kind.HOLD))}),
        reason=said.text("zh", values),
        with_it=with_it,
    )
