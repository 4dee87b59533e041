"""Orders find their people: waiting ones go to who is on duty, may take them and has room; absence gives work back.

Who gets what is chosen by ``core.flow.assigning``; a person is asked for nothing beyond her cap, and one with a cap of
0 is never given work. A merchant without teams keeps the pool, where people take the next orders themselves.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection
from django.utils import timezone

from qingdan.alerts.actions import raise_alert
from qingdan.core.flow.assigning import NOBODY, Hands, assign, may_take
from qingdan.core.message import Words
from qingdan.core.worktime import micros
from qingdan.desk import actions, leases
from qingdan.orders.actors import Actor
from qingdan.people.models import Leave, Team
from qingdan.people.queries import OnDuty, on_duty

SHARER: Final = Actor("system", "assigning", "自动分派")
_REASON: Final = "按班次自动分派"
_AWAY: Final = "请假退回"
_MOST: Final = 2_000
_RETURNED: Final = Words(
    "{name}请假，名下 {count} 单已退回待领", "{name} is away; {count} orders went back to the pool"
)

# the case that is open says whose the order is before its tier does
_WAITING: Final = """
SELECT o.id, coalesce(a.role, c.owner_role, o.owner_role), o.channel, coalesce(o.tier, ''), o.reasons
  FROM desk_rank r
  JOIN orders_order o ON o.id = r.order_id
  LEFT JOIN desk_assignment a ON a.order_id = o.id
  LEFT JOIN LATERAL (
       SELECT owner_role FROM cases_case WHERE order_id = o.id AND closed_at IS NULL ORDER BY opened_at LIMIT 1
  ) AS c ON true
 WHERE r.merchant_id = %(merchant)s AND o.stage IN ('in_review', 'exception')
   AND a.user_id IS NULL AND (a.team_id IS NULL OR a.team_id = ANY (%(teams)s))
   AND NOT EXISTS (SELECT FROM desk_lease l WHERE l.order_id = o.id)
   AND NOT EXISTS (SELECT FROM desk_snooze s WHERE s.order_id = o.id AND s.until > now())
 ORDER BY r.place LIMIT %(most)s
"""
_IN_HAND: Final = """
SELECT u.id,
       (SELECT count(*) FROM (
            SELECT a.order_id FROM desk_assignment a JOIN orders_order o ON o.id = a.order_id
             WHERE a.user_id = u.id AND o.stage IN ('in_review', 'exception')
            UNION SELECT l.order_id FROM desk_lease l WHERE l.user_id = u.id) AS mine),
       coalesce((SELECT floor(extract(epoch FROM max(a.at)))::bigint FROM desk_assignment a WHERE a.user_id = u.id), 0)
  FROM unnest(%s::bigint[]) AS u (id)
"""
_STILL_FREE: Final = """
SELECT t.id FROM unnest(%s::bigint[]) AS t (id)
 WHERE NOT EXISTS (SELECT FROM desk_lease l WHERE l.order_id = t.id)
   AND NOT EXISTS (SELECT FROM desk_assignment a WHERE a.order_id = t.id AND a.user_id IS NOT NULL)
"""
_OWNED: Final = """
SELECT a.order_id FROM desk_assignment a JOIN orders_order o ON o.id = a.order_id
 WHERE a.user_id = %s AND o.stage IN ('in_review', 'exception', 'held') ORDER BY a.order_id
"""


def keep_assigned() -> None:
    """Give back what absent people have, and give out what waits, for every merchant that has teams."""
    now = timezone.now()
    return_absent(now)
    for merchant in Team.objects.filter(active=True).order_by("merchant_id").values_list("merchant_id").distinct():
        assign_waiting(merchant[0], now)


def assign_waiting(merchant: int, now: datetime) -> int:
    """Give waiting orders to those on duty, in the order of work; return how many found somebody."""
    by_user: dict[int, list[OnDuty]] = defaultdict(list)
    for one in on_duty(merchant, now):
        if one.cap > 0:
            by_user[one.user_id].append(one)
    people = list(by_user.values())
    if not people:
        return 0
    hands = _hands(people)
    room = int(np.maximum(hands.cap - hands.load, 0).sum())
    if not room:
        return 0
    waiting = _waiting(merchant, sorted({one.team_id for person in people for one in person}), min(_MOST, 4 * room))
    if not waiting:
        return 0
    kinds: dict[tuple[object, ...], int] = {}
    group = np.array([kinds.setdefault(row[1:], len(kinds)) for row in waiting], np.intp)
    may = np.array([[any(_fits(one, kind) for one in person) for person in people] for kind in kinds], np.bool_)
    found = assign(group, may, hands, seed=micros(now) // 3_600_000_000 + merchant)
    given: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, number in zip(waiting, found.person.tolist(), strict=True):
        if number != NOBODY:
            one = next(one for one in people[number] if _fits(one, row[1:]))
            given[one.user_id, one.team_id].append(row[0])
    count = 0
    for (user, team), orders in given.items():
        free = _still_free(orders)
        count += len(actions.assign(free, user, team, merchant=merchant, actor=SHARER, reason=_REASON))
    return count


def return_absent(now: datetime) -> int:
    """Give work of people whose leave has begun back to the pool, once a leave; return how many orders."""
    begun = Leave.objects.filter(begins_at__lte=now, returned_at__isnull=True, user__is_active=True)
    count = 0
    for leave in begun.select_related("user").order_by("begins_at"):
        user = leave.user
        if leave.ends_at > now:
            leases.give_back(user)
            with connection.cursor() as cursor:
                cursor.execute(_OWNED, [user.pk])
                orders = [row[0] for row in cursor.fetchall()]
            actions.assign(orders, None, None, merchant=user.merchant_id, actor=SHARER, reason=_AWAY)
            count += len(orders)
            if orders:
                raise_alert(
                    user.merchant_id,
                    "work_returned",
                    f"work_returned:{leave.pk}",
                    _RETURNED,
                    {"name": user.name, "count": len(orders)},
                    path="/desk",
                )
        Leave.objects.filter(pk=leave.pk).update(returned_at=now)
    return count


def _hands(people: Sequence[Sequence[OnDuty]]) -> Hands:
    """Return caps and loads of people, each with her memberships: she has one pair of hands, whatever her teams."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_HAND, [[person[0].user_id for person in people]])
        known = {row[0]: row[1:] for row in cursor.fetchall()}
    load, last = zip(*(known[person[0].user_id] for person in people), strict=True)
    cap = np.array([max(one.cap for one in person) for person in people], np.int64)
    return Hands(cap, np.array(load, np.int64), np.array(last, np.int64))


def _waiting(merchant: int, teams: list[int], most: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"merchant": merchant, "teams": teams, "most": most})
        return [(*row[:4], frozenset(row[4])) for row in cursor.fetchall()]


def _fits(person: OnDuty, kind: tuple[Any, ...]) -> bool:
    role, channel, tier, reasons = kind
    if person.role != role:
        return False
    wants = {f"channel:{channel}", f"tier:{tier}", *(f"reason:{reason}" for reason in reasons)}
    return may_take(set(person.skills), wants)


def _still_free(orders: list[int]) -> list[int]:
    """Leave out what somebody has taken since: nothing is taken from the hands of who works on it."""
    with connection.cursor() as cursor:
        cursor.execute(_STILL_FREE, [orders])
        return [row[0] for row in cursor.fetchall()]
