"""Who gets which order of a clean-up: groups' people are given their next hours of work, roles what they may decide.

All of it is the desk's assignment, so that the desk, its rights and its log know nothing of clean-ups.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from qingdan.campaigns import messages, scope
from qingdan.campaigns.kinds import KIND, KINDS, PARKED, USUAL_MINUTES, WAITS
from qingdan.campaigns.models import Authorisation, Campaign, Entry, Seat
from qingdan.cases import opening
from qingdan.desk import actions as desk
from qingdan.desk.models import Assignment
from qingdan.orders.actors import Actor

SHARER: Final = Actor("system", "campaign", "清理分工")
_HOURS: Final = 2.0
"""People have so many hours of work before them: no more, so that moves of people change what is done next."""
_FREE: Final = f"""
SELECT o.id, {KIND} FROM campaigns_item AS i JOIN orders_order AS o ON o.id = i.order_id
  LEFT JOIN desk_assignment AS a ON a.order_id = o.id LEFT JOIN desk_rank AS r ON r.order_id = o.id
 WHERE i.campaign_id = %s AND {WAITS} AND NOT {PARKED} AND a.user_id IS NULL
   AND NOT EXISTS (SELECT FROM desk_lease AS l WHERE l.order_id = o.id)
   AND NOT EXISTS (SELECT FROM desk_snooze AS s WHERE s.order_id = o.id AND s.until > now())
 ORDER BY r.place NULLS LAST, o.id
"""  # noqa: S608 - put together from our own texts
_HELD: Final = f"""
SELECT a.user_id, count(*) FROM desk_assignment AS a JOIN campaigns_item AS i USING (order_id)
  JOIN orders_order AS o ON o.id = a.order_id
 WHERE i.campaign_id = %s AND a.user_id IS NOT NULL AND {WAITS} AND NOT {PARKED} GROUP BY 1
"""  # noqa: S608
_OWN: Final = f"""
SELECT a.order_id FROM desk_assignment AS a JOIN campaigns_item AS i USING (order_id)
  JOIN orders_order AS o ON o.id = a.order_id
 WHERE i.campaign_id = %s AND a.user_id = ANY (%s) AND {WAITS}
   AND NOT EXISTS (SELECT FROM desk_lease AS l WHERE l.order_id = a.order_id)
"""  # noqa: S608
_MAY: Final = f"""
SELECT o.id FROM campaigns_item AS i JOIN orders_order AS o ON o.id = i.order_id
  LEFT JOIN desk_assignment AS a ON a.order_id = o.id
 WHERE i.campaign_id = %s AND {WAITS} AND {KIND} = %s AND (%s::bigint IS NULL OR coalesce(o.paid_amount, 0) <= %s)
   AND a.user_id IS NULL AND a.team_id IS NULL AND a.role IS NULL
"""  # noqa: S608


def share(campaign: Campaign, now: datetime) -> int:  # noqa: ARG001 - the desk's clock decides what is free
    """Give each person the next orders of her group, in the order of work; return how many were given."""
    seats = list(campaign.seats.select_related("lane", "user").order_by("id"))
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [campaign.pk])
        free: dict[str, list[int]] = defaultdict(list)
        for order, kind in cursor.fetchall():
            free[kind].append(order)
        cursor.execute(_HELD, [campaign.pk])
        held = dict(cursor.fetchall())
    minutes = _minutes(campaign)
    room = {seat.user_id: _room(seat, minutes) - held.get(seat.user_id, 0) for seat in seats}
    given: dict[int, list[int]] = defaultdict(list)
    for lane in {seat.lane_id: seat.lane for seat in seats}.values():
        queue = [order for kind in lane.kinds for order in free[kind]]
        mates = [seat.user_id for seat in seats if seat.lane_id == lane.pk]
        while queue and any(room[mate] > 0 for mate in mates):
            for mate in mates:
                if queue and room[mate] > 0:
                    given[mate].append(queue.pop(0))
                    room[mate] -= 1
    return sum(len(_give(campaign, orders, user)) for user, orders in given.items())


def release(campaign: Campaign, people: list[int]) -> None:
    """Put what people have and do not work on just now back, so that their old group's colleagues get it."""
    with connection.cursor() as cursor:
        cursor.execute(_OWN, [campaign.pk, people])
        orders = [row[0] for row in cursor.fetchall()]
    if orders:
        desk.assign(orders, None, None, merchant=campaign.merchant_id, actor=SHARER, reason=messages.OWNED.zh)


def give_owners(campaign: Campaign, now: datetime) -> int:
    """Open the cases of exceptions without one, and give those that are nobody's to their group's people in turn."""
    lacking = scope.unowned(campaign, now)
    if any(row["type"] is None for row in lacking):
        opening.reconcile(campaign.merchant_id, orders=[row["id"] for row in lacking])
    seats = list(campaign.seats.select_related("lane").order_by("id"))
    if not seats:
        return 0
    by_kind = {kind: [s for s in seats if kind in s.lane.kinds] or seats for kind in KINDS}
    kinds = _kinds_of([row["id"] for row in lacking if row["owner"] is None])
    given: dict[int, list[int]] = defaultdict(list)
    for number, (order, kind) in enumerate(kinds):
        mates = by_kind[kind]
        given[mates[number % len(mates)].user_id].append(order)
    return sum(len(_give(campaign, orders, user)) for user, orders in given.items())


def apply_authorisations(campaign: Campaign) -> int:
    """Let roles decide what they were authorised for: those orders become theirs; return how many."""
    count = 0
    for one in campaign.authorisations.filter(ended_at=None).order_by("id"):
        with connection.cursor() as cursor:
            cursor.execute(_MAY, [campaign.pk, one.kind, one.limit, one.limit])
            orders = [row[0] for row in cursor.fetchall()]
        if orders:
            given = desk.assign(
                orders,
                None,
                None,
                merchant=campaign.merchant_id,
                actor=Actor("user", "", one.given_by),
                reason=_mark(one),
                role=one.role,
            )
            count += len(given)
    return count


def withdraw(one: Authorisation, by: str, now: datetime) -> None:
    """End an authorisation: what its role has not decided is its tier's owner's again."""
    Assignment.objects.filter(
        Q(merchant_id=one.campaign.merchant_id), Q(reason=_mark(one)), user__isnull=True, team__isnull=True
    ).delete()
    if Authorisation.objects.filter(pk=one.pk, ended_at=None).update(ended_at=now, ended_by=by):
        Entry.objects.create(
            campaign=one.campaign, kind="withdrawn", by_name=by, params={"role": one.role, "kind": one.kind}
        )


def end_due(now: datetime) -> None:
    """End the authorisations whose time is over."""
    due = Authorisation.objects.filter(ended_at=None, ends_at__lte=now).select_related("campaign")
    for one in due:
        withdraw(one, "", now)


def _mark(one: Authorisation) -> str:
    return f"{messages.AUTHORISED.zh} #{one.pk}"


def _give(campaign: Campaign, orders: list[int], user: int) -> set[int]:
    return desk.assign(orders, user, None, merchant=campaign.merchant_id, actor=SHARER, reason=messages.OWNED.zh)


def _minutes(campaign: Campaign) -> dict[str, float]:
    told: list[dict[str, Any]] = (campaign.forecast or {}).get("kinds", [])
    return {**USUAL_MINUTES, **{row["kind"]: row["minutes"] for row in told}}


def _room(seat: Seat, minutes: dict[str, float]) -> int:
    quickest = min((minutes[kind] for kind in seat.lane.kinds), default=5.0)
    return max(int(_HOURS * timedelta(hours=1).total_seconds() / 60 / max(quickest, 0.5)), 1)


def _kinds_of(orders: list[int]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT o.id, {KIND} FROM orders_order AS o WHERE o.id = ANY (%s) ORDER BY o.id",  # noqa: S608
            [orders],
        )
        return list(cursor.fetchall())
