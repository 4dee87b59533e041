"""When the backlog will be gone: one forecast a day, kept, so that later days tell how good it was.

A day is the shop's. What is *done* is what stopped waiting without having come in the same moment: orders that review
released on arrival are neither work nor backlog, and count on neither side.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from qingdan.core.flow.forecast import (
    LEAST_DAYS,
    Ahead,
    Floats,
    History,
    Record,
    TooLittleHistoryError,
    adapted,
    forecast,
    track_record,
)
from qingdan.core.lifecycle import BACKLOG
from qingdan.core.rota import overlap
from qingdan.core.worktime import micros
from qingdan.data.workdays import china_public_days
from qingdan.insight import pulse
from qingdan.insight.models import DailyForecast
from qingdan.orders.models import Counter
from qingdan.people import queries as people
from qingdan.people.models import Member

STEPS: Final = 7
"""Days that the band is scored on."""
HORIZON: Final = 21
"""Days that are looked ahead for the day on which the backlog is gone."""
KNOWN_DAYS: Final = 60
CERTAINTIES: Final = {"p50": 0.5, "p80": 0.8}
_FLOW: Final = """
SELECT (at AT TIME ZONE %(zone)s)::date, sum(came - least(came, went)), sum(went - least(came, went))
  FROM orders_flow WHERE merchant_id = %(merchant)s AND at >= %(since)s AND at < %(until)s GROUP BY 1
"""
_DECIDERS: Final = """
SELECT (at AT TIME ZONE %(zone)s)::date, count(DISTINCT user_id)
  FROM desk_worklog WHERE merchant_id = %(merchant)s AND kind = 'decided' AND at >= %(since)s AND at < %(until)s
 GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class _Days:
    """What the last days were like, oldest first, and who works on the next ones."""

    history: History
    ahead: Ahead


def keep_today(merchant: int, now: datetime) -> bool:
    """Make the day's forecast if it is not there yet; return whether it was made."""
    today = people.local_day(now)
    if DailyForecast.objects.filter(merchant_id=merchant, day=today).exists():
        return False
    standing = _backlog(merchant)
    _, created = DailyForecast.objects.get_or_create(
        merchant_id=merchant,
        day=today,
        defaults={"made_at": now, "backlog": standing, "body": _made(merchant, today, standing, now)},
    )
    return created


def of(merchant: int) -> dict[str, Any] | None:
    """Return the newest forecast with its record, or None before the first one was made."""
    rows = list(DailyForecast.objects.filter(merchant_id=merchant).order_by("-day")[: KNOWN_DAYS + STEPS])
    if not rows:
        return None
    newest = rows[0]
    record = _record(rows[::-1])
    body = newest.body or {}
    return {
        "day": newest.day.isoformat(),
        "backlog": newest.backlog,
        "days_known": body.get("days_known", 0),
        "days_needed": LEAST_DAYS,
        "points": body.get("points", []),
        "p50": body.get("p50"),
        "p80": body.get("p80"),
        "horizon": HORIZON,
        "inside": record.inside,
        "scored": record.count,
        "past": [{"day": row.day.isoformat(), "backlog": row.backlog} for row in reversed(rows[:8])],
    }


def _made(merchant: int, today: date, standing: int, now: datetime) -> dict[str, Any]:
    """Forecast from the days before today; the seed is the day, so that a forecast can be made again."""
    days = _days(merchant, today, now)
    known = int(((days.history.heads > 0) & (days.history.done > 0)).sum())
    rng = np.random.default_rng([merchant, today.toordinal()])
    scale = _scale(merchant)
    try:
        made = forecast(days.history, days.ahead, standing, rng, scale=np.pad(scale, (0, HORIZON - STEPS), mode="edge"))
    except TooLittleHistoryError:
        return {"days_known": known, "points": [], "scale": scale.tolist()}
    low, high = made.band()
    middle = made.quantile(0.5)
    gone = {name: made.cleared(certainty) for name, certainty in CERTAINTIES.items()}
    return {
        "days_known": known,
        "scale": scale.tolist(),
        "points": [
            {
                "day": (today + timedelta(days=step)).isoformat(),
                "low": round(float(low[step])),
                "middle": round(float(middle[step])),
                "high": round(float(high[step])),
            }
            for step in range(HORIZON)
        ],
        **{name: None if step is None else (today + timedelta(days=step)).isoformat() for name, step in gone.items()},
    }


def _days(merchant: int, today: date, now: datetime) -> _Days:
    first = today - timedelta(days=KNOWN_DAYS)
    begins_at = pulse.day_start(now)
    params: dict[str, Any] = {
        "merchant": merchant,
        "zone": settings.SHOP_ZONE,
        "since": begins_at - timedelta(days=KNOWN_DAYS),
        "until": begins_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FLOW, params)
        flow = {day: (int(came), int(went)) for day, came, went in cursor.fetchall()}
        cursor.execute(_DECIDERS, params)
        deciders: dict[date, int] = dict(cursor.fetchall())
    begins = min(flow, default=today)
    past = [first + timedelta(days=n) for n in range(KNOWN_DAYS) if first + timedelta(days=n) >= begins]
    coming = [today + timedelta(days=n) for n in range(HORIZON)]
    rostered = _rostered(merchant, past + coming)
    if rostered is None:
        heads = [max(deciders.get(day, 0), 1 if flow.get(day, (0, 0))[1] else 0) for day in past]
        usual = [_usual(past, heads, day.weekday()) for day in coming]
    else:
        heads = [rostered[day] for day in past]
        usual = [float(rostered[day]) for day in coming]
    history = History(
        np.array([flow.get(day, (0, 0))[1] for day in past], np.int64),
        np.array([flow.get(day, (0, 0))[0] for day in past], np.int64),
        np.array(heads, float),
        _weekdays(past),
    )
    return _Days(history, Ahead(np.array(usual, float), _weekdays(coming)))


def _rostered(merchant: int, days: list[date]) -> dict[date, int] | None:
    """How many people the roster has on each day; None while the merchant has no teams."""
    members = list(
        Member.objects.filter(team__merchant_id=merchant, team__active=True, user__is_active=True).select_related(
            "user", "team__calendar"
        )
    )
    if not members or not days:
        return None
    rotas = people.rotas_of(members, days[0], days[-1])
    counts = dict.fromkeys(days, 0)
    for member in members:
        spans = rotas[member.pk].spans(days[0], days[-1], china_public_days())
        for day in days:
            begin = micros(pulse.midnight(day))
            counts[day] += overlap(spans, begin, micros(pulse.midnight(day + timedelta(days=1)))) > 0
    return counts


def _usual(past: list[date], heads: list[int], weekday: int) -> float:
    """Mean number of people on this weekday; on any day before one of this weekday is known."""
    same = [count for day, count in zip(past, heads, strict=True) if day.weekday() == weekday]
    chosen = same or heads
    return float(np.mean(chosen)) if chosen else 0.0


def _weekdays(days: list[date]) -> NDArray[np.int64]:
    return np.array([day.weekday() for day in days], np.int64)


def _scale(merchant: int) -> Floats:
    """Widths of the band by day ahead, after all forecasts whose days have come."""
    rows = list(DailyForecast.objects.filter(merchant_id=merchant).order_by("-day")[: KNOWN_DAYS + STEPS])[::-1]
    scale = np.ones(STEPS)
    for low, high, real in _scored(rows):
        scale = adapted(scale, low, high, real)
    return scale


def _scored(rows: list[DailyForecast]) -> list[tuple[Floats, Floats, Floats]]:
    """Band and outcome by day ahead of each forecast that had points; nan where the day has not come."""
    standing = {row.day: row.backlog for row in rows}
    scored = []
    for row in rows:
        points = (row.body or {}).get("points", [])[:STEPS]
        if not points:
            continue
        real = [standing.get(row.day + timedelta(days=step + 1), np.nan) for step in range(STEPS)]
        low, high = (np.array([point[edge] for point in points], float) for edge in ("low", "high"))
        scored.append((low, high, np.array(real, float)))
    return scored


def _record(rows: list[DailyForecast]) -> Record:
    """How often the backlog of the next day lay in the band that was given the day before."""
    scored = _scored(rows)
    return track_record(
        [float(low[0]) for low, _, _ in scored],
        [float(high[0]) for _, high, _ in scored],
        [float(real[0]) for _, _, real in scored],
    )


def _backlog(merchant: int) -> int:
    rows = Counter.objects.filter(merchant_id=merchant, stage__in=sorted(BACKLOG)).values_list("n", flat=True)
    return sum(rows)
