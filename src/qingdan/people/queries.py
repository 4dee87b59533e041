"""Reads about people: views, accesses; who is on duty, until when, and how much can be done today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from qingdan.core.rota import Rota, overlap
from qingdan.core.worktime import ALWAYS, MINUTE, Shift, Timeline, WorkCalendar, micros, moment
from qingdan.data.workdays import china_public_days
from qingdan.people.models import Access, Calendar, Duty, Leave, Member, SavedView, Team, User

_DAY: Final = timedelta(days=1)
_AHEAD: Final = timedelta(days=60)
"""How far a timeline looks; the longest holiday and the longest deadline fit in."""


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A person who works at a moment: in which team and role, since and until when (UTC), what she takes.

    ``skills`` and ``cap`` as in ``models.Member``; ``lead`` says that she leads the team.
    """

    user_id: int
    name: str
    team_id: int
    role: str
    since: datetime
    until: datetime
    skills: tuple[str, ...]
    cap: int
    lead: bool


class Capacity(NamedTuple):
    """What a team has on a local day: people who work at all, their minutes in all and those still to come."""

    team_id: int
    role: str
    people: int
    minutes: int
    minutes_left: int


def views_for(user: User) -> list[SavedView]:
    """Return the person's own views and those that colleagues of the same merchant share, by name."""
    return list(
        SavedView.objects.filter(Q(user=user) | Q(shared=True, user__merchant_id=user.merchant_id))
        .select_related("user")
        .order_by("name", "id")
    )


def accesses_of(order_id: int) -> list[Access]:
    """Return who saw an order's personal data, in order of time."""
    return list(Access.objects.filter(order_id=order_id).select_related("user").order_by("at", "id"))


def work_calendar(row: Calendar) -> WorkCalendar:
    """Read a stored calendar."""
    return WorkCalendar(
        week=tuple(_shifts(day) for day in row.week),
        works_holidays=row.works_holidays,
        make_up_like=row.make_up_like,
        own_days={date.fromisoformat(day): _shifts(spans) for day, spans in row.own_days.items()},
        zone=settings.SHOP_ZONE,
    )


def calendar_of(team: Team | None) -> WorkCalendar:
    """Return when a team works; round the clock for None, as long as a merchant has no team for a role."""
    return ALWAYS if team is None else work_calendar(team.calendar)


def team_of_role(merchant_id: int, role: str) -> Team | None:
    """Return the first active team that answers for the orders of an owner role, or None."""
    found = Team.objects.filter(merchant_id=merchant_id, role=role, active=True).select_related("calendar", "lead")
    return found.order_by("id").first()


def timeline_of(team: Team | None, start: datetime, finish: datetime | None = None) -> Timeline:
    """Return a team's working time from a week before ``start`` to 60 days after ``finish`` (or ``start``).

    Chinese public holidays and make-up workdays are in it; see ``core.worktime.Timeline`` for what it answers.
    """
    first, last = local_day(start) - 7 * _DAY, local_day(finish or start) + _AHEAD
    return calendar_of(team).timeline(first, last, china_public_days())


def timeline_of_role(merchant_id: int, role: str, start: datetime, finish: datetime | None = None) -> Timeline:
    """Return the working time of the team that answers for an owner role; round the clock where there is none."""
    return timeline_of(team_of_role(merchant_id, role), start, finish)


def on_duty(merchant_id: int, at: datetime, *, team_id: int | None = None, role: str | None = None) -> list[OnDuty]:
    """Return who works at a moment, by team and name; leave, roster, holidays and make-up workdays are heeded."""
    members = _members(merchant_id, team_id=team_id, role=role)
    today = local_day(at)
    rotas = rotas_of(members, today - _DAY, today + _DAY)
    found = []
    for member in members:
        span = rotas[member.pk].span_at(micros(at), today, china_public_days())
        if span is None:
            continue
        found.append(
            OnDuty(
                user_id=member.user_id,
                name=member.user.name,
                team_id=member.team_id,
                role=member.team.role,
                since=moment(span[0]),
                until=moment(span[1]),
                skills=tuple(member.skills),
                cap=member.cap,
                lead=member.team.lead_id == member.user_id,
            )
        )
    return found


def capacity_on(merchant_id: int, at: datetime) -> list[Capacity]:
    """Return what each active team has on the local day of ``at``, and from ``at`` on."""
    members = _members(merchant_id)
    today = local_day(at)
    rotas = rotas_of(members, today, today)
    day = (micros(_midnight(today)), micros(_midnight(today + _DAY)))
    sums: dict[tuple[int, str], list[int]] = {
        (team.pk, team.role): [0, 0, 0] for team in Team.objects.filter(merchant_id=merchant_id, active=True)
    }
    for member in members:
        spans = rotas[member.pk].spans(today, today, china_public_days())
        whole, left = overlap(spans, *day), overlap(spans, micros(at), day[1])
        parts = sums[member.team_id, member.team.role]
        parts[0] += whole > 0
        parts[1] += whole // MINUTE
        parts[2] += left // MINUTE
    return [Capacity(team, role, *parts) for (team, role), parts in sums.items()]


def rotas_of(members: Sequence[Member], first: date, last: date) -> dict[int, Rota]:
    """Return each member's work for the local days between ``first`` and ``last``, by member id: two queries in all."""
    duties: dict[int, dict[date, tuple[Shift, ...]]] = {member.pk: {} for member in members}
    days = (first - _DAY, last + _DAY)
    for member_id, day, spans in Duty.objects.filter(member__in=members, day__range=days).values_list(
        "member_id", "day", "spans"
    ):
        duties[member_id][day] = _shifts(spans)
    leave: dict[int, list[tuple[int, int]]] = {}
    begin, end = _midnight(days[0]), _midnight(days[1] + _DAY)
    away = Leave.objects.filter(user__in=[m.user_id for m in members], begins_at__lt=end, ends_at__gt=begin)
    for user_id, begins_at, ends_at in away.values_list("user_id", "begins_at", "ends_at"):
        leave.setdefault(user_id, []).append((micros(begins_at), micros(ends_at)))
    calendars = {member.team_id: calendar_of(member.team) for member in members}
    return {
        member.pk: Rota(calendars[member.team_id], duties[member.pk], tuple(leave.get(member.user_id, ())))
        for member in members
    }


def local_day(at: datetime) -> date:
    """Return the day of the shop's zone that a moment lies in."""
    return at.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo(settings.SHOP_ZONE))


def _members(merchant_id: int, *, team_id: int | None = None, role: str | None = None) -> list[Member]:
    found = Member.objects.filter(team__merchant_id=merchant_id, team__active=True, user__is_active=True)
    if team_id is not None:
        found = found.filter(team_id=team_id)
    if role is not None:
        found = found.filter(team__role=role)
    return list(found.select_related("user", "team__calendar").order_by("team_id", "user__name", "id"))


def _shifts(spans: Iterable[str]) -> tuple[Shift, ...]:
    return tuple(Shift.of(text) for text in spans)
