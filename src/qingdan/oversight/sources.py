"""What is watched: each source's last voice, and what waits for its next."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db import connection

from qingdan.core.flow import silence
from qingdan.fulfilment.adapters import ADAPTERS
from qingdan.fulfilment.wms import Adapter


@dataclass(frozen=True, slots=True)
class Measure:
    """When a silence is too long whatever is usual (``floor``), and of a source without a past (``unknown``), seconds.

    None for ``unknown``: a source without a past is not judged.
    """

    floor: float
    unknown: float | None


MEASURES: Final[Mapping[str, Measure]] = {
    "answers": Measure(300, 600),
    "returns": Measure(900, silence.DAY),
    "carrier": Measure(1800, None),
    "shop": Measure(1800, None),
    "relay": Measure(60, 60),
}
CARRIER_USED: Final = dt.timedelta(days=7)
"""A carrier or a shop that has not spoken for longer is not in use any more."""
SHOP_USED: Final = dt.timedelta(days=30)

_WAREHOUSES: Final = """
SELECT d.merchant_id AS merchant, d.id, d.name, d.adapter, h.breaker, h.last_ok_at, h.last_failure_at, h.last_failure,
       h.checked_at, h.refused_at, w.n AS waits, w.since AS waits_since, coalesce(s.n, 0) AS sent,
       s.since AS sent_since,
       {voice_answers} AS answered_at, {voice_returns} AS returned_at, d.created_at
  FROM fulfilment_destination AS d
  LEFT JOIN fulfilment_health AS h ON h.destination_id = d.id
  CROSS JOIN LATERAL (
       SELECT count(*) AS n, min(p.created_at) AS since FROM fulfilment_push AS p
        WHERE p.destination_id = d.id AND p.state IN ('ready', 'sending', 'unknown') AND p.created_at <= %(now)s
          AND NOT (p.state = 'unknown' AND p.due_at IS NULL)) AS w
  LEFT JOIN (
       SELECT p.destination_id, count(*) AS n, min(p.ended_at) AS since
         FROM orders_order AS o JOIN fulfilment_push AS p ON p.order_id = o.id
        WHERE o.stage = 'sent' AND p.operation = 'create' AND p.state = 'done' AND p.ended_at <= %(now)s
        GROUP BY 1) AS s ON s.destination_id = d.id
 WHERE d.active ORDER BY d.id
"""
_VOICE: Final = """(SELECT v.last_at FROM oversight_voice AS v WHERE v.merchant_id = d.merchant_id AND v.kind = '{kind}'
       AND v.source = d.id::text ORDER BY v.slot DESC LIMIT 1)"""
_SPOKE: Final = """
SELECT merchant_id, source, max(last_at) FROM oversight_voice
 WHERE kind = %s AND slot > %s AND slot <= %s GROUP BY 1, 2 ORDER BY 1, 2
"""
_HABIT: Final = """
WITH mine AS NOT MATERIALIZED (
    SELECT slot, last_at FROM oversight_voice
     WHERE merchant_id = %(merchant)s AND kind = %(kind)s AND source = %(source)s
)
SELECT DISTINCT extract(epoch FROM t.last_at)::float8 FROM unnest(%(begins)s::float8[], %(ends)s::float8[]) AS w (b, e)
 CROSS JOIN LATERAL (
    (SELECT last_at FROM mine WHERE slot <= to_timestamp(w.b) AND last_at <= to_timestamp(w.b)
      ORDER BY slot DESC LIMIT 1)
    UNION ALL
    SELECT last_at FROM mine WHERE slot > to_timestamp(w.b) - interval '5 minutes' AND slot < to_timestamp(w.e)) AS t
 ORDER BY 1
"""
_WRONG: Final = """
SELECT extract(epoch FROM since)::float8, extract(epoch FROM coalesce(closed_at, %s))::float8 FROM oversight_incident
 WHERE merchant_id = %s AND kind = %s AND source = %s AND "end" <> 'person'
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """How one measure of a source stands: silent ``since``, how long is usual and allowed, and how many wait."""

    measure: str
    spoke_at: dt.datetime | None
    since: dt.datetime
    judged: silence.Judged
    waits: int


def warehouses(now: dt.datetime) -> list[dict[str, Any]]:
    """Return every active destination with its health, what waits for its answers and for its reports."""
    voices = {f"voice_{kind}": _VOICE.format(kind=kind) for kind in ("answers", "returns")}
    with connection.cursor() as cursor:
        cursor.execute(_WAREHOUSES.format(**voices), {"now": now})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def spoke(kind: str, now: dt.datetime, used: dt.timedelta) -> list[tuple[int, str, dt.datetime]]:
    """Return the merchant, the source and the last voice of every source of a kind that is in use."""
    with connection.cursor() as cursor:
        cursor.execute(_SPOKE, [kind, now - used, now])
        return list(cursor.fetchall())


def tells(adapter: str) -> bool:
    """Whether a warehouse interface reports what it ships; sheets of paper do not."""
    return isinstance(ADAPTERS.get(adapter), Adapter)


def heard(
    merchant: int,
    measure: str,
    source: str,
    now: dt.datetime,
    *,
    spoke_at: dt.datetime | None,
    waits: int = 0,
    waits_since: dt.datetime | None = None,
) -> Heard | None:
    """Judge how long a source has been silent; None when it is not to be judged.

    Nobody is silent before something is expected of him: ``waits_since`` is when the oldest of what waits began to.
    """
    began = [moment for moment in (spoke_at, waits_since) if moment is not None]
    if not began:
        return None
    since, of = max(began), MEASURES[measure]
    lasted = (now - since).total_seconds()
    if lasted <= of.floor:
        return Heard(measure, spoke_at, since, silence.Judged(lasted, None, of.floor), waits)
    habit = _habit(merchant, measure, source, now)
    if habit is None and of.unknown is None:
        return None
    return Heard(
        measure, spoke_at, since, silence.judge(lasted, habit, floor=of.floor, unknown=of.unknown or 0.0), waits
    )


def _habit(merchant: int, measure: str, source: str, now: dt.datetime) -> float | None:
    """Return the longest silence that is usual for a source at this hour of the week, seconds."""
    if measure == "relay":
        return None
    at = silence.windows(now.timestamp())
    key: dict[str, Any] = {"merchant": merchant, "kind": measure, "source": source}
    kind = "warehouse" if measure in {"answers", "returns"} else measure
    with connection.cursor() as cursor:
        cursor.execute(_HABIT, {**key, "begins": [b for b, _ in at], "ends": [e for _, e in at]})
        moments = np.array([row[0] for row in cursor.fetchall()], dtype=np.float64)
        cursor.execute(_WRONG, [now, merchant, kind, source])
        wrong = [(row[0], row[1]) for row in cursor.fetchall()]
    return silence.usual(moments, at, without=wrong)
