"""Shapes of the desk's API: what is asked and what is answered."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Schema

from qingdan.orders.schemas import FiltersIn, RowOut, WordsOut

Reason = Annotated[str, Field(max_length=500)]
OrderIds = Annotated[list[int], Field(min_length=1, max_length=500)]
QueueName = Literal[
    "all",
    "mine",
    "team",
    "asks",
    "urgent",
    "regular",
    "exception",
    "address",
    "payment",
    "overdue",
    "escalated",
    "back",
    "parked",
    "snoozed",
    "leased",
    "unassigned",
]
VerdictName = Literal["release", "hold", "refuse", "exception", "escalate", "review"]
HoldName = Literal["time", "stock", "reply", "refund"]
RoleName = Literal["supervisor", "front_line", "risk", "finance", "warehouse"]


class NamedOut(Schema):
    """A person or a team."""

    id: int
    name: str


class LeaseOut(Schema):
    """Who has the order before her, until when; the token is given to the holder alone."""

    user: NamedOut
    mine: bool
    token: int | None
    expires_at: datetime


class OwnerOut(Schema):
    """Whose order it is beyond its tier's owner; ``level`` counts escalations."""

    user: NamedOut | None
    team: NamedOut | None
    role: str | None
    level: int
    reason: str
    by: str
    at: datetime


class HoldOut(Schema):
    """What a person's hold waits for, or what ended it."""

    kind: HoldName
    until: datetime | None
    note: str
    at: datetime
    ended_at: datetime | None
    ended_by: str


class AskOut(Schema):
    """The order changed after it was decided; ``reopened``: it was taken back meanwhile."""

    seen_version: int
    reopened: bool
    at: datetime


class DeskOut(Schema):
    """What the desk knows of an order; ``why`` says why it stands where it stands, ``stake`` is fen."""

    place: int | None
    why: WordsOut
    due: datetime | None
    stake: int
    lease: LeaseOut | None
    owner: OwnerOut | None
    snoozed_until: datetime | None
    hold: HoldOut | None
    ask: AskOut | None


class DeskRowOut(RowOut):
    """An order as a row of a queue."""

    desk: DeskOut


class DeskPageOut(Schema):
    """One page of a queue; ``total`` is exact, ``ranked_at`` when the order of work was last worked out."""

    rows: list[DeskRowOut]
    total: int
    page: int
    size: int
    ranked_at: datetime | None


class DeskPageIn(FiltersIn):
    """Which orders: a built-in queue, filters of the orders page, whose, or a bulk run's outcome."""

    queue: QueueName = "all"
    user: int | None = None
    team: int | None = None
    bulk: int | None = None
    outcome: Annotated[str, Field(max_length=32)] = ""
    sort: Literal["turn", "due_at", "-created_at", "created_at", "-paid_amount", "ship_by"] = "turn"
    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(50, ge=1, le=200)


class SelectionIn(FiltersIn):
    """Which orders a bulk verdict is for: all that match, or the ones of ``orders`` among them."""

    queue: QueueName = "all"
    user: int | None = None
    team: int | None = None
    bulk: int | None = None
    outcome: Annotated[str, Field(max_length=32)] = ""
    orders: Annotated[list[int], Field(default_factory=list, max_length=500)]


class BuiltInOut(Schema):
    """A queue that every desk has, with its exact count."""

    id: str
    name: WordsOut
    count: int


class SavedQueueOut(Schema):
    """A saved queue; ``query`` is the query part of its address."""

    id: int
    name: str
    query: str
    shared: bool
    mine: bool
    owner: NamedOut
    count: int


class FacetOut(Schema):
    """So many waiting orders have this value."""

    value: str
    count: int


class FacetsOut(Schema):
    """Waiting orders by reason, platform and tier."""

    reason: list[FacetOut]
    channel: list[FacetOut]
    tier: list[FacetOut]


class QueuesOut(Schema):
    """Every queue with its exact count."""

    built_in: list[BuiltInOut]
    saved: list[SavedQueueOut]
    facets: FacetsOut
    ranked_at: datetime | None


class QueueIn(Schema):
    """A queue to keep."""

    name: str = Field(min_length=1, max_length=64)
    query: str = Field(max_length=2000)
    shared: bool = False


class ClaimIn(Schema):
    """How many orders to lease next (the setting's number by default), of which queue."""

    n: Annotated[int, Field(ge=1, le=50)] | None = None
    queue: QueueName = "all"
    filters: FiltersIn | None = None


class LeasesOut(Schema):
    """The person's orders in the order of work; ``seconds`` is how long a lease lasts unless renewed."""

    rows: list[DeskRowOut]
    seconds: int


class HeldIn(Schema):
    """A lease that the person holds."""

    order_id: int
    token: int


class RenewIn(Schema):
    """Leases to be renewed."""

    leases: Annotated[list[HeldIn], Field(max_length=100)]


class HeldOut(Schema):
    """A lease that still holds, and until when."""

    order_id: int
    token: int
    expires_at: datetime


class RenewedOut(Schema):
    """Leases that hold, and orders that were lost meanwhile."""

    held: list[HeldOut]
    lost: list[int]


class ReturnIn(Schema):
    """Orders to give back; none named: all that the person holds."""

    orders: Annotated[list[int], Field(default_factory=list, max_length=100)]


class ReturnedOut(Schema):
    """Orders that went back to the pool."""

    orders: list[int]


class TakeIn(Schema):
    """Take an order, if need be from whoever holds it (that asks for desk.manage)."""

    override: bool = False


class SkipIn(Schema):
    """Why the person would not do this order now."""

    code: Literal["unsure", "waiting_info", "needs_other", "own_order", "other"]
    note: Reason = ""


class VerdictIn(Schema):
    """A verdict on the version that the person saw."""

    verdict: VerdictName
    version: int
    reason: Reason = ""
    hold: HoldName = "time"
    until: datetime | None = None
    role: RoleName | None = None
    token: int | None = None


class RuledOut(Schema):
    """What came of a verdict: the row as it is now, and until when a release can still be recalled here."""

    row: DeskRowOut
    recall_until: datetime | None
    repeated: bool


class UndoIn(Schema):
    """Take back the verdict that made this version; none named: the last one."""

    version: int | None = None


class SnoozeIn(Schema):
    """When to see the order again."""

    until: datetime
    note: Reason = ""


class KeepIn(Schema):
    """The decision stands; ``version`` is what the person saw."""

    version: int


class MetIn(Schema):
    """What orders waited for came true."""

    orders: OrderIds
    kind: HoldName


class DeskAssignIn(Schema):
    """Whose the orders are: a person's, a team's, or (neither) their tier's role again."""

    orders: OrderIds
    user: int | None = None
    team: int | None = None
    reason: Reason = ""


class HandOverIn(Schema):
    """Move all that one person has to another."""

    giver: int
    taker: int
    reason: Reason = ""


class OrdersOut(Schema):
    """Orders that it was done to."""

    orders: list[int]


class DeskPersonOut(Schema):
    """A person's work now, and what she did in the last day."""

    id: int
    name: str
    roles: list[str]
    leases: int
    assigned: int
    decided_1d: int
    seconds_median: float | None


class TeamRefOut(Schema):
    """A team that orders can be given to."""

    id: int
    name: str
    role: str


class PeopleOut(Schema):
    """Who and which teams there are."""

    people: list[DeskPersonOut]
    teams: list[TeamRefOut]


class PaceOut(Schema):
    """Seconds that decisions of one day and tier took."""

    day: date
    tier: str | None
    orders: int
    median: float
    p90: float


class DeskSettingsOut(Schema):
    """How the desk works; ``late_share`` is per mille, ``refuse_limit`` fen."""

    lease_minutes: int
    batch: int
    late_share: int
    merge_buffer_minutes: int
    escalate_minutes: int
    refuse_limit: int


class SettingsIn(Schema):
    """New settings; those left out stay."""

    lease_minutes: Annotated[int, Field(ge=1, le=120)] | None = None
    batch: Annotated[int, Field(ge=1, le=50)] | None = None
    late_share: Annotated[int, Field(ge=100, le=150)] | None = None
    merge_buffer_minutes: Annotated[int, Field(ge=0, le=1440)] | None = None
    escalate_minutes: Annotated[int, Field(ge=0, le=1440)] | None = None
    refuse_limit: Annotated[int, Field(ge=0)] | None = None


class DeskNoticeOut(Schema):
    """Something the person should know."""

    id: int
    kind: str
    at: datetime
    order_id: int | None
    text: WordsOut
    orders: list[int]


class DeskNoticesOut(Schema):
    """The newest unread notices, and how many there are in all."""

    rows: list[DeskNoticeOut]
    total: int


class DeskNoticesReadIn(Schema):
    """Which notices were read, or all that there are."""

    ids: Annotated[list[int], Field(default_factory=list, max_length=100)]
    all: bool = False


class LastOut(Schema):
    """A verdict of the person's that she may still take back."""

    order_id: int
    version: int
    verdict: str
    at: datetime
    order_no: str
    reason: str


class BulkIn(Schema):
    """One verdict on many orders."""

    verdict: Literal["release", "hold", "refuse", "exception", "review"]
    reason: Reason = ""
    hold: HoldName = "time"
    until: datetime | None = None
    select: SelectionIn


class OutcomeOut(Schema):
    """So many orders came to this."""

    outcome: str
    text: WordsOut
    count: int


class BulkTrialOut(Schema):
    """What a bulk verdict would do now: how many orders, and why the others are left alone."""

    total: int
    would: int
    outcomes: list[OutcomeOut]


class BulkOut(Schema):
    """A bulk run and how far it is."""

    id: int
    state: str
    verdict: str
    reason: str
    query: str
    total: int
    done: int
    failed: int
    created_at: datetime
    finished_at: datetime | None
    by: str
    outcomes: list[OutcomeOut]


class CandidatesOut(Schema):
    """Orders that could go in one parcel with this one, and the buffer that orders wait for such."""

    rows: list[DeskRowOut]
    buffer_minutes: int
