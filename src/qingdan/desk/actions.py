"""Verbs on whose orders they are: assign, hand over, end what a hold waited for, save a queue, set the desk up.

Each is one durable transaction. Leases are in ``leases``, verdicts in ``verdicts``, many at once in ``bulk``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, connection, transaction

from qingdan.core.lifecycle import Stage
from qingdan.desk import leases, messages, telling
from qingdan.desk.errors import NoSuchThingError, RefusedError
from qingdan.desk.models import Ask, DeskSettings, Hold, Notice, Queue
from qingdan.orders import deciding
from qingdan.orders.actors import Actor
from qingdan.people.models import Team, User

_ASSIGN: Final = """
WITH own AS (
    SELECT o.id FROM orders_order AS o
     WHERE o.id = ANY (%(orders)s) AND o.merchant_id = %(merchant)s ORDER BY o.id FOR NO KEY UPDATE
), given AS (
    INSERT INTO desk_assignment AS a (order_id, merchant_id, user_id, team_id, role, reason, by_name, at)
    SELECT id, %(merchant)s, %(user)s, %(team)s, %(role)s, %(reason)s, %(by)s, now() FROM own
    ON CONFLICT (order_id) DO UPDATE
       SET user_id = excluded.user_id, team_id = excluded.team_id, role = coalesce(excluded.role, a.role),
           reason = excluded.reason, by_name = excluded.by_name, at = now()
    RETURNING order_id
), ended AS (
    DELETE FROM desk_lease AS l USING given AS g
     WHERE l.order_id = g.order_id AND %(user)s::bigint IS NOT NULL AND l.user_id <> %(user)s
    RETURNING l.merchant_id, l.order_id, l.user_id, l.token, l.taken_at
), returned AS (
    INSERT INTO desk_worklog (merchant_id, order_id, user_id, kind, token, seconds, code, at)
    SELECT merchant_id, order_id, user_id, 'returned', token, extract(epoch FROM clock_timestamp() - taken_at),
           'assigned', clock_timestamp()
      FROM ended
), woken AS (
    DELETE FROM desk_snooze AS s USING given AS g WHERE s.order_id = g.order_id AND s.user_id IS DISTINCT FROM %(user)s
), logged AS (
    INSERT INTO desk_worklog (merchant_id, order_id, user_id, kind, note, at)
    SELECT %(merchant)s, order_id, %(user)s, 'assigned', %(reason)s, clock_timestamp()
      FROM given WHERE %(user)s::bigint IS NOT NULL
)
SELECT order_id FROM given
"""
_HAND_OVER: Final = """
WITH held AS (
    UPDATE desk_lease SET user_id = %(to)s, token = nextval('desk_token'), taken_at = clock_timestamp(),
           expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
     WHERE user_id = %(from)s AND merchant_id = %(merchant)s RETURNING order_id, token
), owned AS (
    UPDATE desk_assignment SET user_id = %(to)s, by_name = %(by)s, reason = %(reason)s, at = now()
     WHERE user_id = %(from)s AND merchant_id = %(merchant)s RETURNING order_id
), later AS (
    UPDATE desk_snooze SET user_id = %(to)s WHERE user_id = %(from)s AND merchant_id = %(merchant)s RETURNING order_id
), asked AS (
    UPDATE desk_ask SET user_id = %(to)s WHERE user_id = %(from)s AND merchant_id = %(merchant)s RETURNING order_id
), moved AS (
    SELECT order_id FROM held UNION SELECT order_id FROM owned UNION SELECT order_id FROM later
    UNION SELECT order_id FROM asked
), logged AS (
    INSERT INTO desk_worklog (merchant_id, order_id, user_id, kind, note, at)
    SELECT %(merchant)s, order_id, %(from)s, 'handed_over', %(reason)s, clock_timestamp() FROM moved
)
SELECT order_id FROM moved ORDER BY order_id
"""


def assign(
    orders: Sequence[int],
    user: int | None,
    team: int | None,
    *,
    merchant: int,
    actor: Actor,
    reason: str = "",
    role: str | None = None,
) -> set[int]:
    """Give orders to a person, a team, or (neither) back to their tier's role; return those of the merchant's.

    An order that somebody else works on goes from her hands; what she has in view can no longer be decided by her
    lease. Raises ``NoSuchThingError`` for a person or team that is not the merchant's or no longer active.
    """
    if user is not None and not User.objects.filter(pk=user, merchant_id=merchant, is_active=True).exists():
        raise NoSuchThingError(messages.NO_SUCH_PERSON)
    if team is not None and not Team.objects.filter(pk=team, merchant_id=merchant, active=True).exists():
        raise NoSuchThingError(messages.NO_SUCH_PERSON)
    params: dict[str, Any] = {"orders": sorted(orders), "merchant": merchant, "user": user, "team": team, "role": role}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_ASSIGN, {**params, "reason": reason, "by": actor.name})
        return {row[0] for row in cursor.fetchall()}


def hand_over(giver: int, taker: int, *, merchant: int, actor: Actor, reason: str = "") -> list[int]:
    """Move all that a person has, leases, assignments, snoozes and questions, to a colleague; return the orders.

    The leases get new tokens, so what the giver still has on her screen can no longer be decided by them.
    """
    people = {u.pk: u for u in User.objects.filter(pk__in=[giver, taker], merchant_id=merchant)}
    if set(people) != {giver, taker} or not people[taker].is_active or giver == taker:
        raise NoSuchThingError(messages.NO_SUCH_PERSON)
    params: dict[str, Any] = {"from": giver, "to": taker, "merchant": merchant, "by": actor.name, "reason": reason}
    params["seconds"] = leases.settings_of(merchant).lease_minutes * 60
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_HAND_OVER, params)
        moved = [row[0] for row in cursor.fetchall()]
        if moved:
            told = {"name": people[giver].name, "count": len(moved), "orders": moved[:50]}
            telling.tell(merchant, "handed_over", user=taker, params=told)
    return moved


def hold_met(orders: Sequence[int], kind: str, *, merchant: int, actor: Actor) -> set[int]:
    """End holds that wait for ``kind``, because it came true: stock arrived, the buyer replied, the refund settled.

    The orders go back to review, and who held them is told. Returns those that waited for just that.
    """
    with transaction.atomic(durable=True):
        locked = deciding.lock(orders, merchant=merchant)
        waiting = {
            hold.order_id: hold
            for hold in Hold.objects.filter(pk__in=list(locked), kind=kind, ended_at__isnull=True)
            if locked[hold.order_id].stage is Stage.HELD
        }
        said = messages.HOLD_ENDED[kind].zh
        ended = deciding.end_holds(
            [locked[key] for key in sorted(waiting)], actor=actor, reasons=dict.fromkeys(waiting, said)
        )
        # that what it waited for changed the order is no question to anybody
        Ask.objects.filter(pk__in=list(ended)).delete()
        Notice.objects.filter(merchant_id=merchant, kind="asks", order_id__in=list(ended)).delete()
        by_user: dict[int, list[int]] = {}
        for key in sorted(ended):
            by_user.setdefault(waiting[key].user_id, []).append(key)
        for user, mine in by_user.items():
            told: dict[str, Any] = {"why": messages.HOLD_ENDED[kind].both(), "orders": mine[:50]}
            telling.tell(merchant, "hold_ended", user=user, order_id=mine[0] if len(mine) == 1 else None, params=told)
    return set(ended)


@dataclass(frozen=True, slots=True)
class Setup:
    """New values of the desk's settings, by name; see ``models.DeskSettings``."""

    values: Mapping[str, int]


def set_up(merchant: int, setup: Setup) -> DeskSettings:
    """Change how the desk works."""
    try:
        with transaction.atomic(durable=True):
            found, _ = DeskSettings.objects.update_or_create(merchant_id=merchant, defaults=dict(setup.values))
    except IntegrityError as error:
        raise RefusedError(messages.BAD_SETTINGS) from error
    found.refresh_from_db()
    return found


def save_queue(user: User, *, name: str, query: str, shared: bool) -> Queue:
    """Keep a queue under its name; saving under a name one already uses replaces that queue."""
    with transaction.atomic(durable=True):
        return Queue.objects.update_or_create(
            user=user, name=name, defaults={"merchant_id": user.merchant_id, "query": query, "shared": shared}
        )[0]


def delete_queue(user: User, queue_id: int) -> None:
    """Delete one of the person's own queues; raise ``NoSuchThingError``."""
    if not Queue.objects.filter(pk=queue_id, user=user).delete()[0]:
        raise NoSuchThingError(messages.NO_SUCH_QUEUE)
