"""Keeping every waiting order's place fresh: what ``ranking`` works out, from the store and back."""

import time
from typing import Final

import polars as pl
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from qingdan.core.worktime import micros
from qingdan.data.shipping import packs
from qingdan.desk.models import DeskSettings, Ranking
from qingdan.desk.ranking import NEEDED, PLACED, Hands, place
from qingdan.orders.copying import copy_in, copy_out
from qingdan.people import queries as people
from qingdan.people.models import User
from qingdan.people.rights import Role

_LOCK: Final = 0x71DE
_REST: Final = 20
"""How many times as long as it took the work rests before it is done again."""
_MEASURED: Final = 20
"""Decisions that a tier needs before its own pace replaces the usual one."""
_WAITING: Final = sql.SQL(
    "FROM orders_order AS o JOIN orders_shop AS s ON s.id = o.shop_id WHERE o.merchant_id = %s "
    "AND o.stage IN ('in_review', 'exception', 'held') AND NOT (o.stage = 'held' AND o.hand_decided)"
)
_PACE: Final = """
SELECT tier, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) / 60, count(*) FROM desk_worklog
 WHERE merchant_id = %s AND kind = 'decided' AND seconds > 0 AND at > now() - interval '14 days' GROUP BY 1
"""
_MERGE: Final = """
INSERT INTO desk_rank AS r (order_id, merchant_id, place, why, due, stake, minutes)
SELECT order_id, %(merchant)s, place, why, due, stake, minutes FROM new_rank ORDER BY order_id
ON CONFLICT (order_id) DO UPDATE
   SET place = excluded.place, why = excluded.why, due = excluded.due, stake = excluded.stake,
       minutes = excluded.minutes
 WHERE (r.place, r.why, r.due, r.stake) IS DISTINCT FROM (excluded.place, excluded.why, excluded.due, excluded.stake)
"""
_DROP: Final = """
DELETE FROM desk_rank AS r WHERE r.merchant_id = %(merchant)s
   AND NOT EXISTS (SELECT FROM new_rank AS n WHERE n.order_id = r.order_id)
"""


def refresh(merchant: int, *, older_than: float = 0.0) -> int | None:
    """Work out the places of a merchant's waiting orders; return how many, None when somebody else is at it.

    Nothing is done, either, when they are no older than ``older_than`` seconds.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, merchant % (1 << 31)])
        if not cursor.fetchone()[0]:
            return None
        began, now = time.perf_counter(), timezone.now()
        last = Ranking.objects.filter(pk=merchant).first()
        if last is not None and (now - last.at).total_seconds() < _age(older_than, last.millis / 1000):
            return None
        waiting = copy_out(
            cursor,
            {
                name: (sql.SQL("s.name") if name == "shop" else sql.SQL("o.{}").format(sql.Identifier(name)), dtype)
                for name, dtype in NEEDED.items()
            },
            _WAITING,
            [merchant],
        )
        share = DeskSettings.objects.filter(pk=merchant).values_list("late_share", flat=True).first() or 125
        placed = place(
            waiting,
            packs(),
            now=micros(now),
            hands=hands_of(merchant, waiting["owner_role"].unique().drop_nulls().to_list()),
            minutes=_pace(merchant),
            late_share=share / 1000,
            zone=settings.SHOP_ZONE,
        )
        _store(merchant, placed)
        Ranking.objects.update_or_create(
            merchant_id=merchant,
            defaults={"at": now, "orders": placed.height, "millis": round((time.perf_counter() - began) * 1000)},
        )
        return placed.height


def _age(older_than: float, took: float) -> float:
    """How old places may be: a large backlog takes longer to order, which must not keep the database busy."""
    return max(older_than, took * _REST) if older_than else 0.0


def behind(merchant: int) -> bool:
    """Whether an order waits that has no place yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM orders_order AS o WHERE o.merchant_id = %s "
            "AND o.stage IN ('in_review', 'exception', 'held') AND NOT (o.stage = 'held' AND o.hand_decided) "
            "AND NOT EXISTS (SELECT FROM desk_rank AS r WHERE r.order_id = o.id))",
            [merchant],
        )
        return bool(cursor.fetchone()[0])


def hands_of(merchant: int, roles: list[str]) -> dict[str, Hands]:
    """Return who works on each owner role's orders: those on duty, else everybody of the role, in the team's hours."""
    now = timezone.now()
    duty = people.on_duty(merchant, now)
    known = list(User.objects.filter(merchant_id=merchant, is_active=True).values_list("roles", flat=True))
    found = {}
    for role in {*roles, "supervisor"}:
        team = people.team_of_role(merchant, role)
        there = len({person.user_id for person in duty if person.role == role})
        own = Role.AGENT.value if role == "front_line" else role
        count = there or sum(own in roles_of for roles_of in known)
        found[role] = Hands(max(float(count), 1.0), None if team is None else people.timeline_of(team, now))
    return found


def _pace(merchant: int) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(_PACE, [merchant])
        return {tier: max(float(median), 0.05) for tier, median, count in cursor.fetchall() if count >= _MEASURED}


def _store(merchant: int, placed: pl.DataFrame) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE new_rank ON COMMIT DROP AS SELECT order_id, place, why, due, stake, minutes "
            "FROM desk_rank WITH NO DATA"
        )
        copy_in(cursor, "new_rank", placed.select(list(PLACED)))
        cursor.execute("ANALYZE new_rank")
        cursor.execute(_MERGE, {"merchant": merchant})
        cursor.execute(_DROP, {"merchant": merchant})
        cursor.execute("DROP TABLE new_rank")
