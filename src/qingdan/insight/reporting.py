"""The report of a day: what came and went, what waits, money, causes, people; as figures, and as a workbook."""

from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

import polars as pl
from django.db import connection
from django.utils import timezone

from qingdan.core.fields import CATALOGUE, CHANNELS
from qingdan.core.message import Language, Words
from qingdan.insight import diagnosing, forecasting, pulse, queries
from qingdan.insight.messages import REPORT, STEP_NAMES
from qingdan.insight.models import DayReport, Diagnosis
from qingdan.orders import sheets
from qingdan.people import queries as people

_HOURS: Final = """
SELECT hour, coalesce(sum(f.came), 0), coalesce(sum(f.went), 0)
  FROM generate_series(%(since)s::timestamptz, %(since)s::timestamptz + interval '23 hours', interval '1 hour') AS hour
  LEFT JOIN orders_flow AS f
         ON f.merchant_id = %(merchant)s AND f.at >= hour AND f.at < hour + interval '1 hour'
 GROUP BY hour ORDER BY hour
"""


def of(merchant: int, day: date, now: datetime) -> dict[str, Any] | None:
    """Return the report of a day: as kept when it is over, as it stands for today; None when nothing is kept."""
    if day == people.local_day(now):
        return made(merchant, day, now)
    kept = DayReport.objects.filter(merchant_id=merchant, day=day).first()
    return None if kept is None else dict(kept.body)


def days(merchant: int, now: datetime) -> list[date]:
    """Return the days that a report can be opened of, the newest first."""
    kept = DayReport.objects.filter(merchant_id=merchant).order_by("-day").values_list("day", flat=True)[:90]
    today = people.local_day(now)
    return [today, *(day for day in kept if day != today)]


def keep(merchant: int, now: datetime) -> bool:
    """Keep today's report as it stands; each call replaces it, so that the last one of the day remains."""
    day = people.local_day(now)
    _, created = DayReport.objects.update_or_create(
        merchant_id=merchant, day=day, defaults={"made_at": now, "body": made(merchant, day, now)}
    )
    return created


def made(merchant: int, day: date, now: datetime) -> dict[str, Any]:
    """Put the report of ``day``, which is today, together."""
    board = queries.board(merchant, now)
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, {"merchant": merchant, "since": pulse.midnight(day)})
        hours = [{"at": at.isoformat(), "came": int(came), "went": int(went)} for at, came, went in cursor.fetchall()]
    kept = pulse.of(merchant) or {"risk": None, "steps": [], "people": [], "ranking": True}
    diagnosis = Diagnosis.objects.filter(merchant_id=merchant, days=diagnosing.USUAL_DAYS).first()
    body = (diagnosis.body if diagnosis else None) or {"causes": [], "levers": []}
    expected = forecasting.of(merchant)
    return {
        "day": day.isoformat(),
        "made_at": now.isoformat(),
        "came": sum(hour["came"] for hour in hours),
        "went": sum(hour["went"] for hour in hours),
        "backlog": board.backlog,
        "overdue": board.overdue,
        "late": board.late,
        "release_rate": board.release_rate,
        "hours": hours,
        "by_stage": [{"id": share.id, "count": share.count} for share in board.by_stage],
        "by_channel": [{"id": share.id, "count": share.count} for share in board.by_channel],
        "risk": kept["risk"],
        "steps": kept["steps"],
        "people": kept["people"],
        "causes": body["causes"],
        "levers": body["levers"][:5],
        "p50": expected and expected["p50"],
        "p80": expected and expected["p80"],
    }


def workbook(report: dict[str, Any], language: Language) -> BytesIO:
    """Write a report as a workbook of small sheets, in ``language``."""

    def say(key: str) -> str:
        return REPORT[key].text(language)

    file = BytesIO()
    risk = report["risk"] or {"now_fen": 0, "now_orders": 0, "day_fen": 0, "day_orders": 0}
    rate = report["release_rate"]
    totals = [
        (say("day"), report["day"]),
        (say("came"), f"{report['came']:,}"),
        (say("went"), f"{report['went']:,}"),
        (say("backlog"), f"{report['backlog']:,}"),
        (say("overdue"), f"{report['overdue']:,}"),
        (say("late"), f"{report['late']:,}"),
        (say("rate"), "" if rate is None else f"{100 * rate:.1f}%"),
        (say("now_fen"), f"{risk['now_fen'] / 100:,.2f}"),
        (say("day_fen"), f"{risk['day_fen'] / 100:,.2f}"),
        (say("p50"), report["p50"] or ""),
        (say("p80"), report["p80"] or ""),
    ]
    stages = next(field for field in CATALOGUE if field.id == "stage").values
    names = {value.id: Words(value.zh, value.en).text(language) for value in (*CHANNELS, *stages)}
    hours = [(hour["at"], hour["came"], hour["went"]) for hour in report["hours"]]
    sheet: dict[str, tuple[tuple[str, ...], list[Any]]] = {
        "totals": (("figure", "value"), totals),
        "hours": (("hour", "came", "went"), [(_clock(at), came, went) for at, came, went in hours]),
        "stages": (("stage", "orders"), [(names.get(s["id"], s["id"]), s["count"]) for s in report["by_stage"]]),
        "channels": (("channel", "orders"), [(names.get(s["id"], s["id"]), s["count"]) for s in report["by_channel"]]),
        "steps": (
            ("step", "orders", "oldest"),
            [(STEP_NAMES[s["step"]].text(language), s["count"], _stamp(s["oldest"])) for s in report["steps"]],
        ),
        "causes": (
            ("cause", "orders", "hours_lost", "yuan"),
            [(c["title"][language], c["orders"], c["hours"], c["fen"] / 100) for c in report["causes"]],
        ),
        "levers": (
            ("check", "alone", "orders"),
            [(v["text"][language], v["alone"], v["orders"]) for v in report["levers"]],
        ),
        "people": (
            ("person", "orders", "back", "points"),
            [(p["name"], p["orders"], p["back"], p["points"]) for p in report["people"]],
        ),
    }
    with sheets.workbook(file) as book:
        for name, (columns, rows) in sheet.items():
            frame = pl.DataFrame(
                rows, schema=[say(column) for column in columns], orient="row", infer_schema_length=None
            )
            sheets.write_sheet(book, sheets.inert(frame), name=say(f"sheet_{name}"))
    file.seek(0)
    return file


def _stamp(at: str | None) -> str:
    return "" if at is None else timezone.localtime(datetime.fromisoformat(at), pulse.zone()).strftime("%Y-%m-%d %H:%M")


def _clock(at: str) -> str:
    return timezone.localtime(datetime.fromisoformat(at), pulse.zone()).strftime("%H:%M")
