"""Shapes of the API of clean-ups."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from qingdan.orders.schemas import FiltersIn

Kind = Literal["regular", "urgent", "address", "payment", "exception"]
OwnerRole = Literal["front_line", "supervisor", "risk", "finance", "warehouse"]


class SaidOut(Schema):
    """A text in both languages."""

    zh: str
    en: str


class PersonRefOut(Schema):
    """A person."""

    id: int
    name: str


class CampaignIn(Schema):
    """A clean-up to be made: ``filters`` as on the orders page, ``query`` the same as that page's address has them."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    filters: FiltersIn
    query: Annotated[str, Field(max_length=2000)] = ""
    goal_at: datetime
    grows: bool = True


class CampaignChangeIn(Schema):
    """What of a clean-up can be changed."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    goal_at: datetime
    grows: bool
    step: Annotated[int, Field(ge=1, le=4)]
    calendar_id: int | None = None


class LaneIn(Schema):
    """A group: name, whose team's orders, kinds of work, people."""

    name: Annotated[str, Field(min_length=1, max_length=32)]
    team_id: int
    kinds: list[Kind]
    people: Annotated[list[int], Field(max_length=200)]


class LanesIn(Schema):
    """All groups; the first one is A."""

    lanes: Annotated[list[LaneIn], Field(min_length=1, max_length=10)]


class MoveAcceptIn(Schema):
    """Which of a checkpoint's moves."""

    move: Annotated[int, Field(ge=0, le=20)]


class HandNoteIn(Schema):
    """What the next shift should know."""

    text: Annotated[str, Field(max_length=1000)]


class AuthoriseIn(Schema):
    """A temporary authorisation; ``limit`` is fen, null for any amount."""

    role: OwnerRole
    kind: Kind
    limit: Annotated[int, Field(gt=0)] | None = None
    ends_at: datetime


class PreventionIn(Schema):
    """What is to change, by whom and by when."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    cause: Annotated[str, Field(max_length=200)] = ""
    owner_id: int
    due: date


class PreventionDoneIn(Schema):
    """Whether it is done."""

    done: bool


class RehearsalIn(Schema):
    """Which days are played, from which day on, and how many times as much comes."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    first_day: date
    last_day: date
    play_day: date
    scale: Annotated[float, Field(gt=0, le=20)] = 1.0


class CampaignTemplateIn(Schema):
    """Name under which the live rules are kept."""

    name: Annotated[str, Field(min_length=1, max_length=64)]


class CampaignRowOut(Schema):
    """A clean-up as a line of the list; figures are counts of the very orders."""

    id: int
    name: str
    state: Literal["planned", "running", "closed"]
    step: int
    goal_at: datetime
    created_at: datetime
    created_by: str
    started_at: datetime | None
    closed_at: datetime | None
    query: str
    grows: bool
    total: int
    done: int
    by_rules: int
    left: int
    parked: int
    overdue: int
    late: int
    p50: datetime | None
    p80: datetime | None
    chance: float | None


class CampaignKindOut(Schema):
    """How far one kind of work is."""

    kind: Kind
    label: SaidOut
    total: int
    done: int
    by_rules: int
    left: int
    parked: int
    overdue: int
    late: int


class ForecastKindOut(Schema):
    """What the simulation assumed and found of a kind; ``measured`` decisions stand behind ``minutes``."""

    kind: Kind
    left: int
    minutes: float
    measured: int
    p80: datetime | None


class ForecastLaneOut(Schema):
    """What the simulation found of a group."""

    lane: int
    people: int
    left: int
    minutes: int
    p80: datetime | None


class CampaignForecastOut(Schema):
    """When it will be done in half, 80 % and 95 % of the worlds, null when not within three weeks; fen of penalty."""

    at: datetime
    left: int
    p50: datetime | None
    p80: datetime | None
    p95: datetime | None
    chance: float
    late: int
    penalty: int
    kinds: list[ForecastKindOut]
    lanes: list[ForecastLaneOut]


class PileRowOut(Schema):
    """So many wait with this value."""

    value: str
    count: int


class PileOut(Schema):
    """What waits, by platform, age since paid, kind of work, tier and reason."""

    channel: list[PileRowOut]
    age: list[PileRowOut]
    kind: list[PileRowOut]
    tier: list[PileRowOut]
    reason: list[PileRowOut]


class LaneOut(Schema):
    """A group."""

    id: int
    letter: str
    name: str
    team: PersonRefOut
    kinds: list[Kind]
    people: list[PersonRefOut]


class DoneByOut(Schema):
    """So many of the orders that are done were decided by this person; null for the rules."""

    user_id: int | None
    name: str | None
    orders: int


class AuthorisationOut(Schema):
    """A temporary authorisation."""

    id: int
    role: str
    kind: Kind
    limit: int | None
    ends_at: datetime
    given_by: str
    given_at: datetime
    ended_at: datetime | None
    ended_by: str


class StaffMoveOut(Schema):
    """People from one group to another: hours earlier, fewer late orders, fen saved, on average."""

    people: list[PersonRefOut]
    source: int
    target: int
    hours: float
    late: int
    fen: int
    shortens: float
    text: SaidOut


class CheckpointOut(Schema):
    """What was seen at a moment; ``pace`` is orders per person-hour since the checkpoint before."""

    id: int
    at: datetime
    total: int
    done: int
    left: int
    pace: float | None
    p50: datetime | None
    p80: datetime | None
    chance: float | None
    late: int
    penalty: int
    moves: list[StaffMoveOut]
    accepted: int | None
    accepted_by: str
    accepted_at: datetime | None
    note: str
    note_by: str


class PreventionOut(Schema):
    """A line of the prevention list."""

    id: int
    text: str
    cause: str
    owner: PersonRefOut
    due: date
    done_at: datetime | None


class CampaignLogOut(Schema):
    """A line of the log."""

    at: datetime
    kind: str
    by: str
    text: SaidOut


class CampaignOut(CampaignRowOut):
    """All that the page of a clean-up shows; ``unowned`` exceptions lack a type or a person."""

    calendar_id: int | None
    forecast: CampaignForecastOut | None
    kinds: list[CampaignKindOut]
    pile: PileOut
    unowned: int
    lanes: list[LaneOut]
    done_by: list[DoneByOut]
    authorisations: list[AuthorisationOut]
    checkpoints: list[CheckpointOut]
    preventions: list[PreventionOut]
    log: list[CampaignLogOut]


class UnownedOut(Schema):
    """An exception without a type or a person who answers for it."""

    id: int
    order_no: str
    channel: str
    reasons: list[str]
    type: str | None
    owner: str | None


class PlanTeamOut(Schema):
    """A team and who is in it."""

    id: int
    name: str
    role: str
    members: list[int]


class KindLabelOut(Schema):
    """A kind of work."""

    id: Kind
    label: SaidOut


class PlanChoicesOut(Schema):
    """What a plan is put together from."""

    teams: list[PlanTeamOut]
    people: list[PersonRefOut]
    calendars: list[PersonRefOut]
    kinds: list[KindLabelOut]


class SplitPersonOut(Schema):
    """Where a person would work."""

    user: PersonRefOut
    now: int
    proposed: int


class SplitOut(Schema):
    """The proposed split of people and what it would come to, against the present one."""

    people: list[SplitPersonOut]
    now: CampaignForecastOut
    proposed: CampaignForecastOut


class CampaignReportOut(Schema):
    """The close-out report; see ``reports.report`` for its parts."""

    id: int
    name: str
    state: str
    report: dict[str, Any]
    preventions: list[PreventionOut]
    moves: list[SaidOut]


class SopStepOut(Schema):
    """A step as it was done: how often, usual minutes, by whom."""

    step: str
    choice: str
    times: int
    minutes: float
    people: list[str]
    skipped: int


class CampaignSopOut(Schema):
    """What was really done about one type of problem."""

    type: str
    title: SaidOut
    steps: list[SopStepOut]


class ReadinessPartOut(Schema):
    """A part of the score: ``share`` of its ``weight`` points, why, and where to put it right."""

    key: str
    title: SaidOut
    weight: int
    share: float
    text: SaidOut
    link: str


class ReadinessOut(Schema):
    """How ready we are for a peak of ``factor`` times the usual inflow."""

    score: int
    factor: float
    at: datetime
    parts: list[ReadinessPartOut]


class RehearsalOut(Schema):
    """A rehearsal; see ``rehearsing`` for the parts of its result."""

    id: int
    name: str
    first_day: date
    last_day: date
    play_day: date
    scale: float
    created_by: str
    created_at: datetime
    result: dict[str, Any]
