"""What raises alerts by itself: deadlines, a growing backlog, pushes in doubt. Found in sets, each occasion once.

A deadline is *soon* by working time, not by the clock: what falls due before the team is back is told while somebody
is still there. An order that got another deadline is another occasion.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from qingdan.alerts import actions
from qingdan.alerts.kinds import KINDS
from qingdan.alerts.models import Alert, Level
from qingdan.core.lifecycle import BACKLOG
from qingdan.core.message import Words
from qingdan.core.policy.model import OWNERS
from qingdan.core.worktime import MINUTE, OutsideCalendarError, Timeline, micros, moment
from qingdan.orders.models import Merchant
from qingdan.people.queries import timeline_of_role

LEADS: Final = {"urgent": 30, "exception": 60, "regular": 120}
"""Minutes of working time before a deadline at which it is told, by tier; other tiers as ``regular``."""
GROWTH_LEAST: Final = 50
GROWTH_SHARE: Final = 0.2
"""The backlog grows when within an hour it gained this many orders and this share of what waited."""
UNKNOWN_AFTER: Final = timedelta(minutes=10)
"""A push may settle by asking the warehouse; after this it is a person's."""

_LOCK: Final = 0x71696E61
"""Advisory lock of the sweep: one sender of all looks."""
_HOUR: Final = timedelta(hours=1)
_STEP: Final = timedelta(minutes=10)

_DUE_SOON: Final = Words("订单尾号 {no}：{due} 到时限，请先处理", "Order ending in {no} is due at {due}; take it next")
_OVERDUE: Final = Words("订单尾号 {no}：{due} 已到时限，还没处理完", "Order ending in {no} was due at {due} and waits")
_UNKNOWN: Final = Words(
    "订单尾号 {no}：推给“{place}”后没有回音，请核对", "Order ending in {no}: “{place}” never answered; please check"
)
_GROWTH: Final = Words(
    "待处理的单一小时内从 {before} 涨到 {now}", "Orders waiting grew from {before} to {now} within an hour"
)

# the deadline is part of the key: an order that gets another one is told of again
_KEY: Final = "%(kind)s || ':' || o.id || ':' || floor(extract(epoch FROM o.due_at))::bigint"
_RAISE: Final = f"""
INSERT INTO alerts_alert (merchant_id, kind, key, severity, line, path, role, tier, order_id, opened_at)
SELECT o.merchant_id, %(kind)s, {_KEY}, CASE o.tier WHEN 'urgent' THEN 'urgent' ELSE %(severity)s END,
       jsonb_build_object('zh', replace(replace(%(zh)s, '{{no}}', right(o.order_no, 4)), '{{due}}', at.due),
                          'en', replace(replace(%(en)s, '{{no}}', right(o.order_no, 4)), '{{due}}', at.due)),
       '/orders?open=' || o.id, coalesce(o.owner_role, %(role)s), coalesce(o.tier, ''), o.id, %(now)s
  FROM unnest(%(roles)s::text[], %(tiers)s::text[], %(untils)s::timestamptz[]) AS t (role, tier, until)
  JOIN orders_order o ON coalesce(o.owner_role, %(role)s) = t.role
   AND CASE WHEN o.tier = ANY (%(known)s) THEN o.tier ELSE 'regular' END = t.tier,
  LATERAL (SELECT to_char(o.due_at AT TIME ZONE %(zone)s, 'MM-DD HH24:MI')) AS at (due)
 WHERE o.merchant_id = %(merchant)s AND o.stage = ANY (%(backlog)s) AND o.due_at > %(after)s AND o.due_at <= t.until
   AND NOT EXISTS (SELECT FROM alerts_alert a WHERE a.merchant_id = o.merchant_id AND a.key = {_KEY})
ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together from our own texts
_CLOSE: Final = """
UPDATE alerts_alert a SET closed_at = %(now)s, escalate_at = NULL
 WHERE a.merchant_id = %(merchant)s AND a.closed_at IS NULL AND a.kind IN ('due_soon', 'overdue')
   AND NOT EXISTS (
       SELECT FROM orders_order o
        WHERE o.id = a.order_id AND o.stage = ANY (%(backlog)s) AND (a.kind = 'overdue' OR o.due_at > %(now)s)
          AND a.key = a.kind || ':' || o.id || ':' || floor(extract(epoch FROM o.due_at))::bigint)
"""
_UNKNOWN_KEY: Final = "'push_unknown:' || p.order_id || ':' || p.operation || ':' || p.revision"
_RAISE_UNKNOWN: Final = f"""
INSERT INTO alerts_alert (merchant_id, kind, key, severity, line, path, role, tier, order_id, opened_at)
SELECT p.merchant_id, 'push_unknown', {_UNKNOWN_KEY}, %(severity)s,
       jsonb_build_object('zh', replace(replace(%(zh)s, '{{no}}', right(o.order_no, 4)), '{{place}}', d.name),
                          'en', replace(replace(%(en)s, '{{no}}', right(o.order_no, 4)), '{{place}}', d.name)),
       '/pushes?state=unknown', %(role)s, coalesce(o.tier, ''), o.id, %(now)s
  FROM fulfilment_push p
  JOIN orders_order o ON o.id = p.order_id
  JOIN fulfilment_destination d ON d.id = p.destination_id
 WHERE p.state = 'unknown' AND p.sent_at < %(before)s
   AND NOT EXISTS (SELECT FROM alerts_alert a WHERE a.merchant_id = p.merchant_id AND a.key = {_UNKNOWN_KEY})
ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together from our own texts
_CLOSE_UNKNOWN: Final = f"""
UPDATE alerts_alert a SET closed_at = %(now)s, escalate_at = NULL
 WHERE a.closed_at IS NULL AND a.kind = 'push_unknown'
   AND NOT EXISTS (SELECT FROM fulfilment_push p
                    WHERE p.order_id = a.order_id AND p.state = 'unknown' AND a.key = {_UNKNOWN_KEY})
"""  # noqa: S608 - put together from our own texts
_RAISE_PAUSED: Final = """
INSERT INTO alerts_alert (merchant_id, kind, key, severity, line, path, role, tier, opened_at)
SELECT p.merchant_id, 'rule_paused', 'rule_paused:' || p.id, %(severity)s,
       jsonb_build_object(
           'zh', format('“%%s”抽查 %%s 单，错了 %%s 单，已自动停用', p.details #>> '{title,zh}',
                        p.details ->> 'looked_at', p.details ->> 'wrong'),
           'en', format('“%%s” was wrong in %%s of %%s audited orders and is paused', p.details #>> '{title,en}',
                        p.details ->> 'wrong', p.details ->> 'looked_at')),
       '/policy', %(role)s, '', %(now)s
  FROM policies_act p
 WHERE p.kind = 'rule_paused' AND p.at > %(now)s - interval '1 day'
ON CONFLICT DO NOTHING
"""
_HAPPENED: Final = ("rule_paused", "work_returned", "outlet_down", "other")
"""Kinds that tell of something that happened and does not last: over once somebody has taken note."""
_WAITING: Final = """
SELECT coalesce(sum(n), 0) FROM orders_counter WHERE merchant_id = %s AND stage = ANY (%s)
"""


def sweep(now: datetime) -> bool:
    """Look for what must be told, and close what is over; returns False where another sender is at it."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return False
        for merchant in Merchant.objects.values_list("id", flat=True):
            _deadlines(merchant, now)
            _growth(merchant, now)
        _doubts(now)
        _events(now)
    return True


def _deadlines(merchant: int, now: datetime) -> None:
    common: dict[str, Any] = {
        "merchant": merchant,
        "now": now,
        "backlog": sorted(stage.value for stage in BACKLOG),
        "zone": settings.SHOP_ZONE,
        "known": list(LEADS),
        "role": "front_line",
    }
    places = [(role, tier) for role in OWNERS for tier in LEADS]
    roles, tiers = [role for role, _ in places], [tier for _, tier in places]
    soon = _untils(merchant, now)
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, common)
        for kind, words, after, untils in (
            ("due_soon", _DUE_SOON, now, [soon[place] for place in places]),
            ("overdue", _OVERDUE, now - timedelta(days=30), [now] * len(places)),
        ):
            severity = "warning" if kind == "overdue" else KINDS[kind].severity
            told = {"kind": kind, "severity": severity, "zh": words.zh, "en": words.en, "after": after}
            cursor.execute(_RAISE, common | told | {"roles": roles, "tiers": tiers, "untils": untils})


def _untils(merchant: int, now: datetime) -> dict[tuple[str, str], datetime]:
    """Until when a deadline counts as soon, by owner role and tier: so much working time from now."""
    found = {}
    for role in OWNERS:
        line = timeline_of_role(merchant, role, now)
        for tier, minutes in LEADS.items():
            try:
                found[role, tier] = moment(_last_with(line, line.after_one(micros(now), minutes * MINUTE)))
            except OutsideCalendarError:
                # a calendar without a working hour in sight: the clock on the wall is all there is
                found[role, tier] = now + timedelta(minutes=minutes)
    return found


def _last_with(line: Timeline, at: int) -> int:
    """Return the last moment up to which no more working time passes than up to ``at``: a night counts for nothing."""
    return int(line.next_open(np.array([at], np.int64))[0])


def _growth(merchant: int, now: datetime) -> None:
    at = now - timedelta(minutes=now.minute % 10, seconds=now.second, microseconds=now.microsecond)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [merchant, sorted(stage.value for stage in BACKLOG)])
        waiting = int(cursor.fetchone()[0])
    Level.objects.bulk_create([Level(merchant_id=merchant, at=at, waiting=waiting)], ignore_conflicts=True)
    earlier = Level.objects.filter(merchant_id=merchant, at__gte=now - _HOUR - _STEP, at__lte=now - _HOUR + _STEP)
    before = earlier.order_by("at").values_list("waiting", flat=True).first()
    grows = before is not None and waiting - before >= max(GROWTH_LEAST, GROWTH_SHARE * before)
    open_ = Alert.objects.filter(merchant_id=merchant, kind="backlog_growth", closed_at__isnull=True)
    if not grows:
        open_.update(closed_at=now, escalate_at=None)
    elif not open_.exists():
        actions.raise_alert(
            merchant,
            "backlog_growth",
            f"backlog_growth:{now:%Y-%m-%dT%H}",
            _GROWTH,
            {"before": before, "now": waiting},
            path="/board",
        )


def _doubts(now: datetime) -> None:
    kind = KINDS["push_unknown"]
    given: dict[str, Any] = {
        "severity": kind.severity,
        "role": kind.role,
        "zh": _UNKNOWN.zh,
        "en": _UNKNOWN.en,
        "now": now,
        "before": now - UNKNOWN_AFTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RAISE_UNKNOWN, given)
        cursor.execute(_CLOSE_UNKNOWN, given)


def _events(now: datetime) -> None:
    kind = KINDS["rule_paused"]
    with connection.cursor() as cursor:
        cursor.execute(_RAISE_PAUSED, {"severity": kind.severity, "role": kind.role, "now": now})
    over = Alert.objects.filter(kind__in=_HAPPENED, acked_at__isnull=False, closed_at__isnull=True)
    over.update(closed_at=now)
