"""What the board shows and what takes longer than a page may: worked out once a minute, kept with its moment.

Every figure is the number of orders that a filter of the orders page finds: money at risk by the rows of
``Exposure``, steps by ``STEPS``.
"""

import time
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.shiprules import terms
from qingdan.core.shiprules.evaluate import COLUMNS
from qingdan.core.worktime import HOUR, micros
from qingdan.data.shipping import packs
from qingdan.insight.models import BoardSetting, Pulse
from qingdan.orders.copying import copy_in, copy_out
from qingdan.orders.search import STEPS

_LOCK: Final = 0x9A15
_AT_ONCE: Final = 100_000
_DAY: Final = 24 * HOUR
_UNSHIPPED: Final = sql.SQL(
    "FROM orders_order AS o JOIN orders_shop AS s ON s.id = o.shop_id WHERE o.merchant_id = %s "
    "AND o.stage IN ('in_review', 'exception', 'held', 'released', 'sent')"
)
_REPLACE: Final = (
    (
        "DELETE FROM insight_exposure AS e WHERE e.merchant_id = %(merchant)s "
        "AND NOT EXISTS (SELECT FROM new_exposure AS n WHERE n.order_id = e.order_id)"
    ),
    (
        "INSERT INTO insight_exposure AS e (order_id, merchant_id, now_fen, day_fen) "
        "SELECT order_id, %(merchant)s, now_fen, day_fen FROM new_exposure ORDER BY order_id "
        "ON CONFLICT (order_id) DO UPDATE SET now_fen = excluded.now_fen, day_fen = excluded.day_fen "
        "WHERE (e.now_fen, e.day_fen) <> (excluded.now_fen, excluded.day_fen)"
    ),
)
_STEPS: Final = """
SELECT step, count(*), min(received_at) FROM (
    SELECT o.received_at,
           CASE WHEN o.stage IN ('released', 'sent') THEN o.stage WHEN l.order_id IS NOT NULL THEN 'in_hand'
                WHEN o.stage = 'held' AND o.hand_decided THEN 'parked'
                WHEN a.user_id IS NOT NULL THEN 'assigned' ELSE 'unclaimed' END AS step
      FROM orders_order AS o LEFT JOIN desk_lease AS l ON l.order_id = o.id
      LEFT JOIN desk_assignment AS a ON a.order_id = o.id
     WHERE o.merchant_id = %s AND o.stage IN ('in_review', 'exception', 'held', 'released', 'sent')) AS standing
 GROUP BY 1
"""
_PACE: Final = """
SELECT tier, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) / 60, count(*) FROM desk_worklog
 WHERE merchant_id = %s AND kind = 'decided' AND seconds > 0 AND at > now() - interval '14 days' GROUP BY 1
"""
_MEASURED: Final = 20
USUAL_MINUTES: Final = {"urgent": 3.0, "exception": 4.0, "regular": 1.5}
_OTHER_MINUTES: Final = 2.0
_WORK: Final = """
SELECT u.id, u.name, w.tier, count(*), count(*) FILTER (WHERE back)
  FROM (SELECT DISTINCT ON (w.user_id, w.order_id) w.user_id, w.order_id, w.tier,
               w.code = 'release' AND o.stage IN ('in_review', 'exception', 'held')
               OR EXISTS (SELECT FROM desk_verdict AS v WHERE v.order_id = w.order_id AND v.user_id = w.user_id
                             AND v.at >= %(since)s AND v.undone_at IS NOT NULL) AS back
          FROM desk_worklog AS w JOIN orders_order AS o ON o.id = w.order_id
         WHERE w.merchant_id = %(merchant)s AND w.kind = 'decided' AND w.at >= %(since)s AND w.seconds IS NOT NULL
         ORDER BY w.user_id, w.order_id, w.id DESC) AS w
  JOIN people_user AS u ON u.id = w.user_id
 GROUP BY 1, 2, 3
"""
"""An order counts once a person; what she took back herself, or what is open again after her release, does not. Bulk
verdicts have no seconds and are no work of this kind."""


def refresh(merchant: int) -> Pulse | None:
    """Work out a merchant's pulse and keep it; None when somebody else is at it."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, merchant % (1 << 31)])
        if not cursor.fetchone()[0]:
            return None
        began, now = time.perf_counter(), timezone.now()
        body = {"risk": _risk(merchant, now), "steps": _steps(merchant), "people": progress(merchant, now)}
        millis = round((time.perf_counter() - began) * 1000)
        made, _ = Pulse.objects.update_or_create(
            merchant_id=merchant, defaults={"at": now, "millis": millis, "body": body}
        )
        return made


def of(merchant: int) -> dict[str, Any] | None:
    """Return the pulse as it was last kept, without people where ranking is switched off."""
    kept = Pulse.objects.filter(pk=merchant).first()
    if kept is None:
        return None
    ranking = shows_people(merchant)
    return {"at": kept.at, "ranking": ranking, **kept.body, "people": kept.body["people"] if ranking else []}


def shows_people(merchant: int) -> bool:
    """Whether people's progress is shown."""
    setting = BoardSetting.objects.filter(pk=merchant).first()
    return setting is None or setting.ranking


def set_ranking(merchant: int, *, shown: bool) -> None:
    """Show or hide people's progress."""
    BoardSetting.objects.update_or_create(merchant_id=merchant, defaults={"ranking": shown})


def _risk(merchant: int, now: datetime) -> dict[str, Any]:
    """Replace the rows of ``Exposure`` and return their sums, in all and by platform, the costliest first."""
    columns = {
        "id": (sql.SQL("o.id"), pl.Int64()),
        **{
            name: (sql.SQL("s.name") if name == "shop" else sql.Identifier("o", name), ORDER_SCHEMA[name])
            for name in COLUMNS
        },
    }
    with connection.cursor() as cursor:
        orders = copy_out(cursor, columns, _UNSHIPPED, [merchant])
        exposed = _exposed(orders, micros(now))
        cursor.execute(
            "CREATE TEMP TABLE new_exposure ON COMMIT DROP AS SELECT order_id, now_fen, day_fen "
            "FROM insight_exposure WITH NO DATA"
        )
        copy_in(cursor, "new_exposure", exposed.select("order_id", "now_fen", "day_fen"))
        for statement in _REPLACE:
            cursor.execute(statement, {"merchant": merchant})
        cursor.execute("DROP TABLE new_exposure")
    by_channel = (
        exposed.group_by("channel")
        .agg(pl.col("now_fen").sum(), pl.col("day_fen").sum(), pl.len().alias("orders"))
        .sort("day_fen", "channel", descending=[True, False])
    )
    late = exposed.filter(pl.col("now_fen") > 0)
    coming = exposed.filter(pl.col("day_fen") > pl.col("now_fen"))
    return {
        "now_fen": int(exposed["now_fen"].sum()),
        "now_orders": late.height,
        "day_fen": int((coming["day_fen"] - coming["now_fen"]).sum()),
        "day_orders": coming.height,
        "by_channel": by_channel.to_dicts(),
    }


def _exposed(orders: pl.DataFrame, now: int) -> pl.DataFrame:
    """Orders that cost something by now or within a day: ``order_id``, ``channel``, ``now_fen``, ``day_fen``."""
    parts = []
    for part in orders.iter_slices(_AT_ONCE):
        schedule = terms(part, packs(), zone=settings.SHOP_ZONE)
        due, later = schedule.penalty_at(now), schedule.penalty_at(now + _DAY)
        some = np.flatnonzero(later)
        parts.append(
            part.select(pl.col("id").alias("order_id"), "channel")[some].with_columns(
                pl.Series("now_fen", due[some]), pl.Series("day_fen", later[some])
            )
        )
    schema = {"order_id": pl.Int64(), "channel": ORDER_SCHEMA["channel"], "now_fen": pl.Int64(), "day_fen": pl.Int64()}
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def _steps(merchant: int) -> list[dict[str, Any]]:
    """How many orders wait at each step and since when the oldest has been with us, in the order of the way."""
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [merchant])
        found = {step: (count, oldest) for step, count, oldest in cursor.fetchall()}
    return [
        {
            "step": step,
            "count": found.get(step, (0, None))[0],
            "oldest": found[step][1].isoformat() if step in found else None,
        }
        for step in STEPS
    ]


def progress(merchant: int, now: datetime) -> list[dict[str, Any]]:
    """What each person did today, in regular orders' worth of work; the most first.

    An order weighs by how long its tier usually takes, so that picking the easy ones gains nothing.
    """
    since = day_start(now)
    with connection.cursor() as cursor:
        cursor.execute(_PACE, [merchant])
        measured = {tier: float(median) for tier, median, count in cursor.fetchall() if count >= _MEASURED}
        cursor.execute(_WORK, {"merchant": merchant, "since": since})
        rows = cursor.fetchall()
    minutes = USUAL_MINUTES | measured
    regular = max(minutes["regular"], 0.05)
    people: dict[int, dict[str, Any]] = {}
    for user, name, tier, count, back in rows:
        one = people.setdefault(user, {"id": user, "name": name, "orders": 0, "back": 0, "points": 0.0})
        one["orders"] += count
        one["back"] += back
        one["points"] += (count - back) * minutes.get(tier, _OTHER_MINUTES) / regular
    for one in people.values():
        one["points"] = round(one["points"], 1)
    return sorted(people.values(), key=lambda one: (-one["points"], one["name"]))


def day_start(at: datetime) -> datetime:
    """Return the beginning of the shop's day that a moment lies in."""
    return midnight(at.astimezone(zone()).date())


def zone() -> ZoneInfo:
    """Return the shop's zone."""
    return ZoneInfo(settings.SHOP_ZONE)


def midnight(day: date) -> datetime:
    """Return the beginning of a day of the shop's."""
    return datetime.combine(day, datetime.min.time(), zone())


def busy() -> list[int]:
    """Return the merchants that have orders."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id FROM orders_merchant AS m "
            "WHERE EXISTS (SELECT FROM orders_counter AS c WHERE c.merchant_id = m.id) ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]
