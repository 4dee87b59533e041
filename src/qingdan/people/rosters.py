"""The week of a team as the roster screen shows it, and the days of a calendar."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from qingdan.core.rota import overlap
from qingdan.core.worktime import DAY_MINUTES, MINUTE, Shift, micros
from qingdan.data.workdays import china_public_days
from qingdan.people.models import Calendar, Duty, Leave, Team
from qingdan.people.queries import rotas_of, work_calendar

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayKind:
    """What a day is publicly: ``holiday`` or ``make_up`` with its name, else empty; ``known`` where it is published."""

    day: date
    kind: str
    name: str
    known: bool


def day_kind(day: date) -> DayKind:
    """Look a day up in the yearly notice of public holidays."""
    public = china_public_days()
    if day in public.holidays:
        return DayKind(day, "holiday", public.holidays[day], known=True)
    if day in public.make_up:
        return DayKind(day, "make_up", public.make_up[day], known=True)
    return DayKind(day, "", "", known=public.knows(day))


def text_of(shift: Shift) -> str:
    """Write hours as people do: ``22:00-06:00``."""
    ends = shift.end - DAY_MINUTES if shift.end > DAY_MINUTES else shift.end
    return f"{shift.start // 60:02}:{shift.start % 60:02}-{ends // 60:02}:{ends % 60:02}"


def week_of(team: Team, monday: date, days: int = 7) -> dict[str, Any]:
    """Return a team's roster from ``monday`` on: the days, and each member's hours, minutes of work and leave."""
    last = monday + (days - 1) * _DAY
    members = list(team.members.select_related("user", "team__calendar").order_by("user__name", "id"))
    rotas = rotas_of(members, monday, last)
    duties = {(d.member_id, d.day): d for d in Duty.objects.filter(member__in=members, day__range=(monday, last))}
    zone, public = ZoneInfo(settings.SHOP_ZONE), china_public_days()
    calendar = work_calendar(team.calendar)
    bounds = [datetime.combine(monday + n * _DAY, datetime.min.time(), zone) for n in range(days + 1)]
    away: dict[int, list[Leave]] = {}
    for leave in Leave.objects.filter(
        user__in=[member.user_id for member in members], begins_at__lt=bounds[-1], ends_at__gt=bounds[0]
    ).order_by("begins_at"):
        away.setdefault(leave.user_id, []).append(leave)
    rows = []
    for member in members:
        spans = rotas[member.pk].spans(monday, last, public)
        cells = []
        for number in range(days):
            day = monday + number * _DAY
            duty = duties.get((member.pk, day))
            hours = duty.spans if duty else [text_of(shift) for shift in calendar.shifts_on(day, public)]
            begin, end = bounds[number], bounds[number + 1]
            cells.append(
                {
                    "day": day,
                    "from_calendar": duty is None,
                    "shift_id": duty.shift_id if duty else None,
                    "spans": hours,
                    "minutes": overlap(spans, micros(begin), micros(end)) // MINUTE,
                    "leave": [x.pk for x in away.get(member.user_id, ()) if x.begins_at < end and x.ends_at > begin],
                }
            )
        rows.append(
            {
                "member_id": member.pk,
                "user_id": member.user_id,
                "name": member.user.name,
                "active": member.user.is_active,
                "cap": member.cap,
                "cells": cells,
            }
        )
    return {
        "team_id": team.pk,
        "monday": monday,
        "days": [day_kind(monday + n * _DAY) for n in range(days)],
        "members": rows,
        "leaves": [leave for found in away.values() for leave in found],
    }


def year_of(row: Calendar, year: int) -> list[dict[str, Any]]:
    """Return every day of a year under a calendar: minutes of work, what it is publicly, whether it is set by hand."""
    calendar, public = work_calendar(row), china_public_days()
    days = []
    day = date(year, 1, 1)
    while day.year == year:
        kind = day_kind(day)
        shifts = calendar.shifts_on(day, public)
        days.append(
            {
                "day": day,
                "minutes": sum(shift.end - shift.start for shift in shifts),
                "kind": kind.kind,
                "name": kind.name,
                "known": kind.known,
                "own": day in calendar.own_days,
            }
        )
        day += _DAY
    return days
