"""HTTP of users, teams, calendars, rosters and leave."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from qingdan.people import actions, queries, rosters, teams
from qingdan.people.access import Needs, Request
from qingdan.people.errors import NotThereError
from qingdan.people.models import MOST_CAP, Calendar, Leave, Shift, Team, User
from qingdan.people.rights import Right, Role

router = Router(tags=["people"])

Hours = Annotated[str, Field(max_length=11)]
Day = list[Hours]
Owner = Literal["supervisor", "front_line", "risk", "finance", "warehouse"]
LeaveKind = Literal["annual", "sick", "personal", "training", "other"]


class ColleagueOut(Schema):
    """A user of the merchant's; ``teams`` are the names of hers."""

    id: int
    login: str
    name: str
    roles: list[Role]
    active: bool
    last_login: datetime | None
    teams: list[str]


class NewUserIn(Schema):
    """A user to create."""

    login: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._@-]+$")
    name: str = Field(min_length=1, max_length=64)
    roles: list[Role] = Field(min_length=1)
    password: str = Field(max_length=256)


class UserIn(Schema):
    """What can be changed of a user."""

    name: str = Field(min_length=1, max_length=64)
    roles: list[Role] = Field(min_length=1)
    active: bool = True


class PasswordIn(Schema):
    """A new password."""

    password: str = Field(max_length=256)


class MemberIn(Schema):
    """A member as the team is saved with; ``skills`` are texts ``kind:value``."""

    user_id: int
    skills: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=teams.MOST_SKILLS)
    cap: int = Field(default=30, ge=0, le=MOST_CAP)


class TeamMemberOut(MemberIn):
    """A member of a team."""

    id: int
    name: str
    active: bool


class TeamIn(Schema):
    """A team to add, or to change where ``id`` is given."""

    id: int | None = None
    name: str = Field(min_length=1, max_length=64)
    role: Owner
    calendar_id: int
    lead_id: int | None = None
    active: bool = True
    members: list[MemberIn] = Field(default=[], max_length=500)


class TeamOut(Schema):
    """A team with its members."""

    id: int
    name: str
    role: str
    calendar_id: int
    lead_id: int | None
    active: bool
    members: list[TeamMemberOut]


class CalendarIn(Schema):
    """A calendar to add, or to change where ``id`` is given; ``week`` is Monday to Sunday."""

    id: int | None = None
    name: str = Field(min_length=1, max_length=64)
    week: list[Day] = Field(min_length=7, max_length=7)
    works_holidays: bool = False
    make_up_like: int = Field(default=0, ge=0, le=6)
    own_days: dict[date, Day] = Field(default={}, max_length=teams.MOST_DAYS)


class CalendarOut(Schema):
    """A calendar."""

    id: int
    name: str
    week: list[list[str]]
    works_holidays: bool
    make_up_like: int
    own_days: dict[str, list[str]]


class ShiftIn(Schema):
    """A named shift to add, or to change where ``id`` is given."""

    id: int | None = None
    name: str = Field(min_length=1, max_length=32)
    spans: Day = Field(default=[])


class ShiftOut(Schema):
    """A named shift."""

    id: int
    name: str
    spans: list[str]


class RosterPersonOut(Schema):
    """Somebody who can be put into a team."""

    id: int
    name: str
    roles: list[str]


class TeamsOut(Schema):
    """All that the roster is made of."""

    teams: list[TeamOut]
    calendars: list[CalendarOut]
    shifts: list[ShiftOut]
    people: list[RosterPersonOut]


class OnDutyOut(Schema):
    """Somebody who works now, and until when."""

    user_id: int
    name: str
    team_id: int
    role: str
    since: datetime
    until: datetime
    cap: int
    lead: bool


class CapacityOut(Schema):
    """What a team has today, in people and minutes."""

    team_id: int
    role: str
    people: int
    minutes: int
    minutes_left: int


class NowOut(Schema):
    """Who is on duty now, and what the teams can do today."""

    at: datetime
    on_duty: list[OnDutyOut]
    capacity: list[CapacityOut]


class DayKindOut(Schema):
    """What a day is publicly: ``holiday``, ``make_up`` or nothing special."""

    day: date
    kind: str
    name: str
    known: bool


class YearDayOut(DayKindOut):
    """A day under a calendar: its minutes of work, and whether it was set by hand."""

    minutes: int
    own: bool


class CellOut(Schema):
    """A member's day; ``leave`` are the ids of leaves that touch it."""

    day: date
    from_calendar: bool
    shift_id: int | None
    spans: list[str]
    minutes: int
    leave: list[int]


class RosterRowOut(Schema):
    """A member's week."""

    member_id: int
    user_id: int
    name: str
    active: bool
    cap: int
    cells: list[CellOut]


class LeaveOut(Schema):
    """Hours that somebody is away."""

    id: int
    user_id: int
    begins_at: datetime
    ends_at: datetime
    kind: str
    note: str


class RosterOut(Schema):
    """A team's week."""

    team_id: int
    monday: date
    days: list[DayKindOut]
    members: list[RosterRowOut]
    leaves: list[LeaveOut]


class RosterCellIn(Schema):
    """A member's day: a shift, hours of its own (an empty list is a day off), or neither: as the calendar says."""

    member_id: int
    day: date
    shift_id: int | None = None
    spans: Day | None = None


class RosterIn(Schema):
    """Days of the roster to write."""

    cells: list[RosterCellIn] = Field(max_length=2000)


class LeaveIn(Schema):
    """Leave to write down."""

    user_id: int
    begins_at: datetime
    ends_at: datetime
    kind: LeaveKind
    note: str = Field(default="", max_length=200)


@router.get("/users", auth=Needs(Right.USERS_MANAGE), response=list[ColleagueOut])
def list_users(request: Request) -> list[dict[str, Any]]:
    """List the merchant's users, active ones first."""
    found = User.objects.filter(merchant_id=request.auth.merchant_id).prefetch_related("memberships__team")
    return [_colleague(user) for user in found.order_by("-is_active", "name", "id")]


@router.post("/users", auth=Needs(Right.USERS_MANAGE), response=ColleagueOut)
def create_user(request: Request, body: NewUserIn) -> dict[str, Any]:
    """Create a user."""
    made = actions.create_user(
        login=body.login,
        name=body.name,
        merchant_id=request.auth.merchant_id,
        roles=body.roles,
        password=body.password,
    )
    return _colleague(made)


@router.put("/users/{int:user_id}", auth=Needs(Right.USERS_MANAGE), response=ColleagueOut)
def change_user(request: Request, user_id: int, body: UserIn) -> dict[str, Any]:
    """Change a user's name and roles, or switch the account off or on."""
    return _colleague(
        actions.change_user(by=request.auth, user_id=user_id, name=body.name, roles=body.roles, active=body.active)
    )


@router.post("/users/{int:user_id}/password", auth=Needs(Right.USERS_MANAGE), response={204: None})
def set_password(request: Request, user_id: int, body: PasswordIn) -> Status[None]:
    """Set a user's password, which ends the sessions of that user."""
    user = User.objects.filter(merchant_id=request.auth.merchant_id, pk=user_id).first()
    if user is None:
        raise NotThereError
    actions.change_password(login=user.login, password=body.password)
    return Status(204, None)


@router.get("/teams", auth=Needs(Right.TEAMS_VIEW), response=TeamsOut)
def list_teams(request: Request) -> dict[str, Any]:
    """List teams, calendars, shifts, and the people that teams can be made of."""
    merchant = request.auth.merchant_id
    people = User.objects.filter(merchant_id=merchant, is_active=True).order_by("name", "id")
    found = Team.objects.filter(merchant_id=merchant).prefetch_related("members__user")
    return {
        "teams": [_team(team) for team in found.order_by("-active", "name")],
        "calendars": list(Calendar.objects.filter(merchant_id=merchant).order_by("name")),
        "shifts": list(Shift.objects.filter(merchant_id=merchant).order_by("name")),
        "people": list(people),
    }


@router.put("/teams", auth=Needs(Right.TEAMS_EDIT), response=TeamOut)
def save_team(request: Request, body: TeamIn) -> dict[str, Any]:
    """Add or change a team; members that are left out leave it."""
    members = [teams.MemberOf(m.user_id, tuple(m.skills), m.cap) for m in body.members]
    saved = teams.save_team(
        request.auth.merchant_id,
        team_id=body.id,
        name=body.name.strip(),
        role=body.role,
        calendar_id=body.calendar_id,
        lead_id=body.lead_id,
        active=body.active,
        members=members,
    )
    return _team(saved)


@router.get("/teams/now", auth=Needs(Right.TEAMS_VIEW), response=NowOut)
def who_is_on_duty(request: Request) -> dict[str, Any]:
    """Tell who is on duty now and until when, and what each team can still do today."""
    at, merchant = timezone.now(), request.auth.merchant_id
    return {
        "at": at,
        "on_duty": queries.on_duty(merchant, at),
        "capacity": [found._asdict() for found in queries.capacity_on(merchant, at)],
    }


@router.put("/teams/calendars", auth=Needs(Right.TEAMS_EDIT), response=CalendarOut)
def save_calendar(request: Request, body: CalendarIn) -> Calendar:
    """Add or change a calendar."""
    return teams.save_calendar(
        request.auth.merchant_id,
        calendar_id=body.id,
        name=body.name.strip(),
        week=body.week,
        works_holidays=body.works_holidays,
        make_up_like=body.make_up_like,
        own_days=body.own_days,
    )


@router.get("/teams/calendars/{int:calendar_id}/days", auth=Needs(Right.TEAMS_VIEW), response=list[YearDayOut])
def calendar_days(
    request: Request, calendar_id: int, year: Annotated[int, Query(ge=2005, le=2100)] = 2026
) -> list[dict[str, Any]]:
    """Return every day of a year under a calendar, with public holidays and make-up workdays."""
    calendar = Calendar.objects.filter(merchant_id=request.auth.merchant_id, pk=calendar_id).first()
    if calendar is None:
        raise NotThereError
    return rosters.year_of(calendar, year)


@router.put("/teams/shifts", auth=Needs(Right.TEAMS_EDIT), response=ShiftOut)
def save_shift(request: Request, body: ShiftIn) -> Shift:
    """Add or change a named shift."""
    return teams.save_shift(request.auth.merchant_id, shift_id=body.id, name=body.name.strip(), spans=body.spans)


@router.delete("/teams/shifts/{int:shift_id}", auth=Needs(Right.TEAMS_EDIT), response={204: None})
def delete_shift(request: Request, shift_id: int) -> Status[None]:
    """Forget a named shift; the roster keeps its hours."""
    teams.delete_shift(request.auth.merchant_id, shift_id)
    return Status(204, None)


@router.get("/teams/{int:team_id}/roster", auth=Needs(Right.TEAMS_VIEW), response=RosterOut)
def get_roster(request: Request, team_id: int, monday: date | None = None) -> dict[str, Any]:
    """Return a team's week from ``monday`` on, or this week."""
    today = queries.local_day(timezone.now())
    first = monday or date.fromordinal(today.toordinal() - today.weekday())
    return rosters.week_of(_team_of(request, team_id), first)


@router.put("/teams/{int:team_id}/roster", auth=Needs(Right.TEAMS_EDIT), response={204: None})
def save_roster(request: Request, team_id: int, body: RosterIn) -> Status[None]:
    """Write days of a team's roster, all or none."""
    cells = [
        teams.Cell(c.member_id, c.day, c.shift_id, tuple(c.spans) if c.spans is not None else None) for c in body.cells
    ]
    teams.save_roster(request.auth.merchant_id, team_id, cells)
    return Status(204, None)


@router.post("/teams/leave", auth=Needs(Right.TEAMS_EDIT), response=LeaveOut)
def add_leave(request: Request, body: LeaveIn) -> Leave:
    """Write down that a colleague is away; her orders go back to the pool when it begins."""
    return teams.add_leave(
        by=request.auth,
        user_id=body.user_id,
        begins_at=body.begins_at,
        ends_at=body.ends_at,
        kind=body.kind,
        note=body.note,
    )


@router.delete("/teams/leave/{int:leave_id}", auth=Needs(Right.TEAMS_EDIT), response={204: None})
def delete_leave(request: Request, leave_id: int) -> Status[None]:
    """Take a leave back."""
    teams.delete_leave(request.auth.merchant_id, leave_id)
    return Status(204, None)


def _team_of(request: Request, team_id: int) -> Team:
    team = Team.objects.filter(merchant_id=request.auth.merchant_id, pk=team_id).select_related("calendar").first()
    if team is None:
        raise NotThereError
    return team


def _colleague(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "login": user.login,
        "name": user.name,
        "roles": user.roles,
        "active": user.is_active,
        "last_login": user.last_login,
        "teams": sorted(member.team.name for member in user.memberships.all()),
    }


def _team(team: Team) -> dict[str, Any]:
    members = sorted(team.members.all(), key=lambda member: (member.user.name, member.pk))
    return {
        "id": team.pk,
        "name": team.name,
        "role": team.role,
        "calendar_id": team.calendar_id,
        "lead_id": team.lead_id,
        "active": team.active,
        "members": [
            {
                "id": member.pk,
                "user_id": member.user_id,
                "name": member.user.name,
                "active": member.user.is_active,
                "skills": member.skills,
                "cap": member.cap,
            }
            for member in members
        ],
    }
