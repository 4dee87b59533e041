"""What the desk does by itself: fresh places, lapsed leases, holds whose condition came true, escalation in time."""

from datetime import timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from qingdan.core.lifecycle import BACKLOG
from qingdan.core.worktime import MINUTE, OutsideCalendarError, micros
from qingdan.desk import actions, leases, messages, refreshing, telling
from qingdan.desk.models import Hold, Notice
from qingdan.orders import deciding
from qingdan.orders.actors import Actor
from qingdan.orders.deciding import Choice
from qingdan.people import queries as people

WATCH: Final = Actor("system", "desk", "工作台")
FRESH_SECONDS: Final = 9.0
_AT_ONCE: Final = 500
_MOST_ESCALATED: Final = 50
"""Open escalations by time a merchant's supervisors get at most: a pile-up is not solved by handing it upwards."""
_NOTICE_DAYS: Final = timedelta(days=30)
_LEFT_OVER: Final = ("desk_assignment", "desk_lease", "desk_snooze", "desk_hold", "desk_ask", "desk_rank")
_SETTLED: Final = """
SELECT h.order_id FROM desk_hold AS h JOIN orders_order AS o ON o.id = h.order_id
 WHERE h.merchant_id = %s AND h.kind = 'refund' AND h.ended_at IS NULL AND o.stage = 'held'
   AND coalesce(o.refund_state, 'none') NOT IN ('requested', 'in_progress')
 ORDER BY h.order_id LIMIT %s
"""
_DUE_SOON: Final = """
SELECT o.id, coalesce(a.role, o.owner_role), o.due_at
  FROM orders_order AS o LEFT JOIN desk_assignment AS a ON a.order_id = o.id
 WHERE o.merchant_id = %(merchant)s AND o.stage IN ('in_review', 'exception', 'held')
   AND NOT (o.stage = 'held' AND o.hand_decided) AND o.due_at > now() AND o.due_at <= now() + interval '7 days'
   AND coalesce(a.role, o.owner_role) IN ('front_line', 'finance', 'warehouse', 'risk') AND coalesce(a.level, 0) = 0
   AND NOT EXISTS (SELECT FROM desk_lease AS l WHERE l.order_id = o.id)
   AND NOT EXISTS (SELECT FROM desk_snooze AS s WHERE s.order_id = o.id AND s.until > now())
 ORDER BY o.due_at, o.id LIMIT 2000
"""
_ESCALATED_OPEN: Final = """
SELECT count(*) FROM desk_assignment AS a JOIN orders_order AS o ON o.id = a.order_id
 WHERE a.merchant_id = %s AND a.level > 0 AND o.stage IN ('in_review', 'exception', 'held')
"""


def keep_order() -> None:
    """Refresh the places of every merchant with orders that wait, and sweep leases."""
    leases.sweep()
    for merchant in _busy():
        refreshing.refresh(merchant, older_than=FRESH_SECONDS)


def keep_time() -> None:
    """End holds that came true, escalate what is due soon, forget what is over."""
    for merchant in _busy():
        end_settled(merchant)
        escalate_due(merchant)
    tidy()


def _busy() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id FROM orders_merchant AS m WHERE EXISTS (SELECT FROM orders_order AS o "
            "WHERE o.merchant_id = m.id AND o.stage IN ('in_review', 'exception', 'held')) "
            "OR EXISTS (SELECT FROM desk_rank AS r WHERE r.merchant_id = m.id)"
        )
        return [row[0] for row in cursor.fetchall()]


def end_settled(merchant: int) -> int:
    """End holds that wait for a refund which the platform no longer has open; return how many."""
    ended = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLED, [merchant, _AT_ONCE])
            some = [row[0] for row in cursor.fetchall()]
        done = actions.hold_met(some, "refund", merchant=merchant, actor=WATCH) if some else set()
        ended += len(done)
        if len(some) < _AT_ONCE or not done:
            return ended


def escalate_due(merchant: int) -> list[int]:
    """Hand orders upwards that nobody is at and whose working time is nearly over; return which.

    Working time is that of the team that answers for the order. Orders that are late already are not escalated: the
    order of work gives them their share.
    """
    limit = leases.settings_of(merchant).escalate_minutes
    if not limit:
        return []
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_ESCALATED_OPEN, [merchant])
        room = _MOST_ESCALATED - int(cursor.fetchone()[0])
        cursor.execute(_DUE_SOON, {"merchant": merchant})
        waiting = cursor.fetchall()
    if room <= 0 or not waiting:
        return []
    timelines = {role: people.timeline_of_role(merchant, role, now) for role in {row[1] for row in waiting}}
    soon: dict[int, int] = {}
    for key, role, due in waiting:
        left = _minutes_left(timelines[role], now, due)
        if left is not None and left <= limit and len(soon) < room:
            soon[key] = left
    return _escalate(merchant, soon) if soon else []


def _minutes_left(timeline: Any, now: Any, due: Any) -> int | None:
    try:
        return int(timeline.between_one(micros(now), micros(due)) // MINUTE)
    except OutsideCalendarError:
        return None


def _escalate(merchant: int, soon: dict[int, int]) -> list[int]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        locked = deciding.lock(soon, merchant=merchant, skip_locked=True)
        choices = [
            Choice(key, order.version, None, messages.DUE_SOON.text("zh", {"minutes": soon[key]}))
            for key, order in sorted(locked.items())
            if order.stage in BACKLOG
        ]
        done = sorted(deciding.decide(choices, actor=WATCH))
        cursor.execute(
            "INSERT INTO desk_assignment AS a (order_id, merchant_id, role, level, reason, by_name, at) "
            "SELECT id, %s, 'supervisor', 1, 'due_soon', %s, now() FROM unnest(%s::bigint[]) AS t (id) "
            "ON CONFLICT (order_id) DO UPDATE SET user_id = NULL, team_id = NULL, role = 'supervisor', "
            "level = a.level + 1, reason = 'due_soon', by_name = excluded.by_name, at = now()",
            [merchant, WATCH.name, done],
        )
        if done:
            telling.tell(merchant, "due_soon", role="supervisor", params={"count": len(done), "orders": done[:50]})
    return done


def tidy() -> None:
    """Forget notices that nobody looks at any more, and rows beside orders that an undone import took away."""
    Notice.objects.filter(at__lt=timezone.now() - _NOTICE_DAYS).delete()
    with connection.cursor() as cursor:
        for table in _LEFT_OVER:
            cursor.execute(
                f"DELETE FROM {table} AS t WHERE NOT EXISTS (SELECT FROM orders_order AS o WHERE o.id = t.order_id)"  # noqa: S608
            )
    Hold.objects.filter(ended_at__lt=timezone.now() - _NOTICE_DAYS).delete()
