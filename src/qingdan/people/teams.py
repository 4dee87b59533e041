"""Verbs on teams: members, calendars, shifts, the roster and leave. One durable transaction each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, TypeVar

from django.db import transaction

from qingdan.core.policy.model import OWNERS
from qingdan.core.worktime import Shift as Hours
from qingdan.people import messages
from qingdan.people.errors import BadTeamError, NameInUseError, NotThereError
from qingdan.people.models import LEAVES, MOST_CAP, Calendar, Duty, Leave, Member, Shift, Team, User

LONGEST_LEAVE: Final = timedelta(days=366)
MOST_SKILLS: Final = 50
MOST_DAYS: Final = 400
"""Days of its own that a calendar may have."""
_MOST_SPANS: Final = 6

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MemberOf:
    """A member as a team is saved with."""

    user_id: int
    skills: tuple[str, ...]
    cap: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What the roster is to say of a member's day: a shift, hours of its own, or (both None) what the calendar says."""

    member_id: int
    day: date
    shift_id: int | None
    spans: tuple[str, ...] | None


def save_team(
    merchant_id: int,
    *,
    team_id: int | None,
    name: str,
    role: str,
    calendar_id: int,
    lead_id: int | None,
    active: bool,
    members: Sequence[MemberOf],
) -> Team:
    """Add a team or change one; members that are left out leave it. Raises ``PeopleError``."""
    wanted = {member.user_id: member for member in members}
    people = set(wanted) | ({lead_id} if lead_id is not None else set())
    if role not in OWNERS or len(wanted) != len(members) or any(not _sound(member) for member in members):
        raise BadTeamError(messages.BAD_TEAM)
    with transaction.atomic(durable=True):
        team = Team(merchant_id=merchant_id)
        if team_id is not None:
            team = _ours(Team.objects.select_for_update().filter(merchant_id=merchant_id, pk=team_id).first())
        if Team.objects.filter(merchant_id=merchant_id, name=name).exclude(pk=team.pk).exists():
            raise NameInUseError(name)
        if not Calendar.objects.filter(merchant_id=merchant_id, pk=calendar_id).exists():
            raise NotThereError
        if User.objects.filter(merchant_id=merchant_id, pk__in=people).count() != len(people):
            raise NotThereError
        team.name, team.role, team.calendar_id, team.lead_id, team.active = name, role, calendar_id, lead_id, active
        team.save()
        team.members.exclude(user_id__in=wanted).delete()
        for member in members:
            told = {"skills": sorted(member.skills), "cap": member.cap}
            Member.objects.update_or_create(team=team, user_id=member.user_id, defaults=told)
    return team


def save_calendar(
    merchant_id: int,
    *,
    calendar_id: int | None,
    name: str,
    week: Sequence[Sequence[str]],
    works_holidays: bool,
    make_up_like: int,
    own_days: Mapping[date, Sequence[str]],
) -> Calendar:
    """Add a calendar or change one. Raises ``PeopleError``."""
    if len(week) != 7 or not 0 <= make_up_like < 7 or len(own_days) > MOST_DAYS:
        raise BadTeamError(messages.BAD_CALENDAR)
    for spans in (*week, *own_days.values()):
        check_hours(spans)
    with transaction.atomic(durable=True):
        calendar = Calendar(merchant_id=merchant_id)
        if calendar_id is not None:
            found = Calendar.objects.select_for_update().filter(merchant_id=merchant_id, pk=calendar_id)
            calendar = _ours(found.first())
        if Calendar.objects.filter(merchant_id=merchant_id, name=name).exclude(pk=calendar.pk).exists():
            raise NameInUseError(name)
        calendar.name, calendar.week = name, [list(spans) for spans in week]
        calendar.works_holidays, calendar.make_up_like = works_holidays, make_up_like
        calendar.own_days = {day.isoformat(): list(spans) for day, spans in sorted(own_days.items())}
        calendar.save()
    return calendar


def save_shift(merchant_id: int, *, shift_id: int | None, name: str, spans: Sequence[str]) -> Shift:
    """Add a named shift or change one; days that the roster holds already keep their hours. Raises ``PeopleError``."""
    check_hours(spans)
    with transaction.atomic(durable=True):
        shift = Shift(merchant_id=merchant_id)
        if shift_id is not None:
            shift = _ours(Shift.objects.select_for_update().filter(merchant_id=merchant_id, pk=shift_id).first())
        if Shift.objects.filter(merchant_id=merchant_id, name=name).exclude(pk=shift.pk).exists():
            raise NameInUseError(name)
        shift.name, shift.spans = name, list(spans)
        shift.save()
    return shift


@transaction.atomic
def delete_shift(merchant_id: int, shift_id: int) -> None:
    """Forget a named shift; the roster keeps its hours. Raises ``NotThereError``."""
    if not Shift.objects.filter(merchant_id=merchant_id, pk=shift_id).delete()[0]:
        raise NotThereError


def save_roster(merchant_id: int, team_id: int, cells: Iterable[Cell]) -> None:
    """Write days of a team's roster. Raises ``PeopleError``; then nothing is written."""
    with transaction.atomic(durable=True):
        team = _ours(Team.objects.filter(merchant_id=merchant_id, pk=team_id).first())
        members = set(team.members.values_list("id", flat=True))
        shifts = {shift.pk: shift for shift in Shift.objects.filter(merchant_id=merchant_id)}
        for cell in cells:
            if cell.member_id not in members or (cell.shift_id is not None and cell.shift_id not in shifts):
                raise NotThereError
            if cell.shift_id is None and cell.spans is None:
                Duty.objects.filter(member_id=cell.member_id, day=cell.day).delete()
                continue
            spans = cell.spans if cell.shift_id is None else tuple(shifts[cell.shift_id].spans)
            check_hours(spans or ())
            Duty.objects.update_or_create(
                member_id=cell.member_id,
                day=cell.day,
                defaults={"shift_id": cell.shift_id, "spans": list(spans or ())},
            )


@transaction.atomic
def add_leave(*, by: User, user_id: int, begins_at: datetime, ends_at: datetime, kind: str, note: str) -> Leave:
    """Write down that a colleague is away. Raises ``PeopleError``."""
    user = _ours(User.objects.filter(merchant_id=by.merchant_id, pk=user_id).first())
    if kind not in LEAVES or not begins_at < ends_at <= begins_at + LONGEST_LEAVE:
        raise BadTeamError(messages.BAD_LEAVE)
    return Leave.objects.create(user=user, begins_at=begins_at, ends_at=ends_at, kind=kind, note=note, made_by=by)


@transaction.atomic
def delete_leave(merchant_id: int, leave_id: int) -> None:
    """Take a leave back. Raises ``NotThereError``."""
    if not Leave.objects.filter(user__merchant_id=merchant_id, pk=leave_id).delete()[0]:
        raise NotThereError


def check_hours(spans: Sequence[str]) -> None:
    """Raise ``BadTeamError`` for hours that can not be read or that overlap."""
    try:
        read = sorted(Hours.of(text) for text in spans)
    except ValueError as error:
        raise BadTeamError(messages.bad_hours(str(error).partition("'")[2].rstrip("'"))) from error
    overlap = any(later.start < first.end for first, later in pairwise(read))
    if overlap or len(read) > _MOST_SPANS:
        raise BadTeamError(messages.OVERLAP)


def _sound(member: MemberOf) -> bool:
    return 0 <= member.cap <= MOST_CAP and len(member.skills) <= MOST_SKILLS and all(":" in s for s in member.skills)


def _ours(row: T | None) -> T:
    if row is None:
        raise NotThereError
    return row
