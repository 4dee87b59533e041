"""Shapes of what the board says over HTTP, by request and by stream."""

from datetime import date, datetime
from typing import Literal

from ninja import Schema

from qingdan.orders.schemas import RowOut


class ShareOut(Schema):
    """Number of orders with one value; ``id`` is null for orders without one."""

    id: str | None
    count: int


class OverdueOut(Schema):
    """How many orders are past their deadline, and those that have been so the longest."""

    count: int
    rows: list[RowOut]


class DueOut(Schema):
    """Backlog that falls due within 2, 12 and 24 hours from now; each includes the shorter ones."""

    h2: int
    h12: int
    h24: int


class FlowOut(Schema):
    """Orders that began to wait for us in the hour that starts at ``at``, and that stopped waiting."""

    at: datetime
    came: int
    went: int


class ChannelRiskOut(Schema):
    """What unshipped orders of one platform cost by now and within a day; fen."""

    channel: str
    now_fen: int
    day_fen: int
    orders: int


class RiskOut(Schema):
    """Money at risk by the platforms' late-shipment rules, fen: due already, and on top of it within 24 hours.

    ``now_orders`` and ``day_orders`` are what the orders page finds with ``risk=now`` and ``risk=day``.
    """

    now_fen: int
    now_orders: int
    day_fen: int
    day_orders: int
    by_channel: list[ChannelRiskOut]


class StepOut(Schema):
    """Orders that wait at one step (``step`` of the orders page), and since when the oldest has been with us."""

    step: Literal["unclaimed", "assigned", "in_hand", "parked", "released", "sent"]
    count: int
    oldest: datetime | None


class ProgressOut(Schema):
    """What a person did today: orders, how many of them came back, and the rest in regular orders' worth of work."""

    id: int
    name: str
    orders: int
    back: int
    points: float


class PulseOut(Schema):
    """What is worked out once a minute, as of ``at``. ``people`` is empty where ``ranking`` is switched off."""

    at: datetime
    risk: RiskOut
    steps: list[StepOut]
    ranking: bool
    people: list[ProgressOut]


class ForecastPointOut(Schema):
    """Backlog at the end of a day: the middle, and the edges of the 80 % band."""

    day: date
    low: int
    middle: int
    high: int


class StandingOut(Schema):
    """Backlog at the start of a day."""

    day: date
    backlog: int


class ForecastOut(Schema):
    """When the backlog will be gone, made at the start of ``day``.

    ``points`` is empty while fewer than ``days_needed`` days with work are known. ``p50`` and ``p80`` are the days by
    whose end nothing waits at that certainty; null beyond ``horizon`` days. Of the last ``scored`` forecasts the next
    day's backlog lay ``inside`` the band.
    """

    day: date
    backlog: int
    days_known: int
    days_needed: int
    points: list[ForecastPointOut]
    past: list[StandingOut]
    p50: date | None
    p80: date | None
    horizon: int
    inside: int
    scored: int


class BoardOut(Schema):
    """Where the orders stand. ``by_stage`` covers all of them, the other shares the backlog.

    ``late`` counts orders, cleared ones too, that have not left by the time promised to the buyer.
    ``flow`` has the last 24 hours, hour by hour, the running one last. ``pulse`` and ``forecast`` are null until they
    are first worked out.
    """

    as_of: datetime
    total: int
    backlog: int
    release_rate: float | None
    by_stage: list[ShareOut]
    by_channel: list[ShareOut]
    by_province: list[ShareOut]
    by_tier: list[ShareOut]
    by_reason: list[ShareOut]
    by_shop: list[ShareOut]
    overdue: OverdueOut
    due: DueOut
    late: int
    flow: list[FlowOut]
    pulse: PulseOut | None
    forecast: ForecastOut | None


class RankingIn(Schema):
    """Whether people's progress is shown on the board."""

    shown: bool


class DiagnosisTextOut(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class DiagnosisCauseOut(Schema):
    """What a cause costs in all: orders, hours beyond what is usual, and fen of penalties."""

    cause: Literal["system_gap", "missing_owner", "fuzzy_rules", "capacity"]
    title: DiagnosisTextOut
    orders: int
    hours: float
    fen: int


class DiagnosisFindingOut(Schema):
    """One sign in one group (``dimension`` and ``value``, empty when it is everywhere), with evidence and advice."""

    cause: Literal["system_gap", "missing_owner", "fuzzy_rules", "capacity"]
    sign: str
    dimension: Literal["", "channel", "shop", "owner", "reasons"]
    value: str
    orders: int
    hours: float
    fen: int
    text: DiagnosisTextOut
    advice: DiagnosisTextOut


class DiagnosisLeverOut(Schema):
    """A check that waiting orders wait for: ``alone`` for nothing else, ``orders`` in all."""

    reason: str
    alone: int
    orders: int
    text: DiagnosisTextOut


class DiagnosisPartOut(Schema):
    """Hours an order spends on one part of its way, before and now; ``sure`` when the change is no luck."""

    part: str
    title: DiagnosisTextOut
    before: float
    after: float
    sure: bool


class DiagnosisBodyOut(Schema):
    """Why orders waited that came from ``since`` until ``until``, compared with those since ``before``.

    ``every``: of many orders only every so many-th was looked at. ``trigger_hours``: hours that released orders waited
    for somebody to start the next step.
    """

    since: datetime
    until: datetime
    before: datetime
    orders: int
    orders_before: int
    every: int
    trigger_hours: float
    causes: list[DiagnosisCauseOut]
    findings: list[DiagnosisFindingOut]
    levers: list[DiagnosisLeverOut]
    parts: list[DiagnosisPartOut]


class DiagnosisOut(Schema):
    """The diagnosis that is kept, and whether a newer one is under way."""

    days: int
    state: Literal["never", "queued", "running", "done", "failed"]
    asked_at: datetime | None
    made_at: datetime | None
    millis: int | None
    body: DiagnosisBodyOut | None


class LengthIn(Schema):
    """Over how many days a diagnosis looks back, as it stands in an address."""

    days: Literal["1", "3", "7", "14", "30"] = "7"


class DiagnoseIn(Schema):
    """Over how many days to look back."""

    days: Literal[1, 3, 7, 14, 30] = 7


class PeriodIn(Schema):
    """Days of the shop's zone that orders came on, both included."""

    since: date
    until: date


class DayIn(Schema):
    """A day of the shop's zone; today by default."""

    day: date | None = None


class DayHourOut(Schema):
    """Orders that began and stopped waiting in the hour from ``at``."""

    at: datetime
    came: int
    went: int


class DayReportOut(Schema):
    """A day's report; ``days`` are those that can be opened."""

    days: list[date]
    day: date
    made_at: datetime
    came: int
    went: int
    backlog: int
    overdue: int
    late: int
    release_rate: float | None
    hours: list[DayHourOut]
    by_stage: list[ShareOut]
    by_channel: list[ShareOut]
    risk: RiskOut | None
    steps: list[StepOut]
    people: list[ProgressOut]
    causes: list[DiagnosisCauseOut]
    levers: list[DiagnosisLeverOut]
    p50: date | None
    p80: date | None
