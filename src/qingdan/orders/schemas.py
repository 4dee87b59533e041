"""Shapes of the orders API: what is asked and what is answered."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from ninja import Field, Schema

from qingdan.orders.likeness import SIGNS
from qingdan.orders.search import SORTS, Filters

PAGE_SIZE_LIMIT: Final = 200
_SORT: Final = rf"^-?({'|'.join(SORTS)})$"

Yuan = Annotated[Decimal, Field(max_digits=14, decimal_places=2)]
Texts = Annotated[list[Annotated[str, Field(max_length=64)]], Field(default_factory=list, max_length=100)]
Ids = Annotated[list[int], Field(default_factory=list, max_length=100)]


class FiltersIn(Schema):
    """Filters of the orders page; days are days of the shop's zone, both ends included, and amounts are yuan."""

    stage: Texts
    channel: Texts
    shop: Ids
    province: Texts
    tier: Texts
    verdict: Texts
    owner_role: Texts
    reason: Texts
    overdue: bool = False
    late: bool = False
    due_within: Annotated[int, Field(ge=1, le=720, description="Hours from now")] | None = None
    q: Annotated[str, Field(max_length=100)] = ""
    created_from: date | datetime | None = None
    created_to: date | datetime | None = None
    amount_min: Yuan | None = None
    amount_max: Yuan | None = None
    imported_by: int | None = Field(None, alias="import", ge=1)
    incident: int | None = Field(None, ge=1)
    like: str | None = Field(
        None,
        pattern=rf"^[1-9]\d{{0,17}}:({'|'.join(SIGNS)})$",
        description="Order id and what others have in common with it",
    )
    alone: bool = Field(default=False, description="Orders that wait for one reason only")
    step: Literal["", "unclaimed", "assigned", "in_hand", "parked", "released", "sent"] = ""
    risk: Literal["", "now", "day"] = Field(
        "", description="Orders whose lateness costs money already, or more in a day"
    )

    def to_filters(self) -> Filters:
        """Return the filters in the store's units."""
        return Filters(
            stage=self.stage,
            channel=self.channel,
            shop=self.shop,
            province=self.province,
            tier=self.tier,
            verdict=self.verdict,
            owner_role=self.owner_role,
            reason=self.reason,
            overdue=self.overdue,
            late=self.late,
            due_within=timedelta(hours=self.due_within) if self.due_within else None,
            q=self.q.replace("\0", ""),
            created_from=_moment(self.created_from),
            created_before=_moment(self.created_to, end=True),
            amount_min=_fen(self.amount_min),
            amount_max=_fen(self.amount_max),
            imported_by=self.imported_by,
            incident=self.incident,
            alone=self.alone,
            step=self.step,
            risk=self.risk,
            like=_like(self.like),
        )


def _like(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    order, _, sign = text.partition(":")
    return int(order), sign


class PageIn(FiltersIn):
    """Filters, sort and page."""

    sort: str = Field("-created_at", pattern=_SORT)
    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(50, ge=1, le=PAGE_SIZE_LIMIT)


class RowOut(Schema):
    """One order as a row; personal data is masked, money is fen, times are UTC."""

    id: int
    version: int
    channel: str
    shop: str
    order_no: str
    stage: str
    verdict: str
    tier: str | None
    reasons: list[str]
    owner_role: str | None
    paid_amount: int | None
    province: str | None
    city: str | None
    receiver_name: str | None
    goods_title: str
    buyer_message: str
    seller_memo: str
    created_at: datetime | None
    paid_at: datetime | None
    ship_by: datetime | None
    respond_by: datetime | None
    resolve_by: datetime | None
    due_at: datetime | None
    overdue: bool
    late: bool
    platform_status: str | None


class PageOut(Schema):
    """One page; ``total`` is exact."""

    rows: list[RowOut]
    total: int
    page: int
    size: int


class ActorOut(Schema):
    """Who did it: a policy, a user, an import or the system."""

    kind: str
    name: str | None


class DecisionOut(Schema):
    """Where the order stands and by whose decision."""

    verdict: str
    tier: str | None
    tier_tentative: bool
    reasons: list[str]
    owner_role: str | None
    respond_by: datetime | None
    resolve_by: datetime | None
    ship_by: datetime | None
    policy_hash: str | None
    reviewed_at: datetime | None
    decided_by: ActorOut | None


class WordsOut(Schema):
    """A text in both languages."""

    zh: str
    en: str


class LeafOut(Schema):
    """One deciding comparison: its text with the limit, the value seen, and what came of it."""

    text: str
    actual: str
    result: str


class SnoozedOut(Schema):
    """A rule that did not count for this order: until when, who let it pass, and why."""

    until: datetime
    by: str
    reason: str


class ExplainedRuleOut(Schema):
    """One rule and why it came out as it did."""

    id: str
    kind: str
    title: WordsOut
    result: str
    because: list[LeafOut]
    snoozed: SnoozedOut | None = None


class PolicyRefOut(Schema):
    """The policy version that decided."""

    id: str
    title: WordsOut
    hash: str


class GivenTierOut(Schema):
    """The tier and the row of the tier table (from 1) that gave it."""

    id: str
    title: WordsOut
    row: int


class ExplanationOut(Schema):
    """Why the order was decided so."""

    policy: PolicyRefOut
    rules: list[ExplainedRuleOut]
    tier: GivenTierOut | None


class ChangeOut(Schema):
    """A field that changed; of personal data only that it changed."""

    field: str
    before: Any
    after: Any


class EventOut(Schema):
    """One event of the order, or one look at its personal data, which changes nothing.

    ``alerts`` says which of the changes matter so much that the order's owner was told.
    """

    id: str
    at: datetime
    kind: str
    actor: ActorOut
    from_stage: str | None
    to_stage: str | None
    reason: str | None
    changes: list[ChangeOut]
    alerts: list[str]
    policy_hash: str | None


class DetailOut(Schema):
    """One order with all we know of it; ``order`` and ``lines`` hold every field of the catalogue, masked."""

    order: dict[str, Any]
    lines: list[dict[str, Any]]
    decision: DecisionOut
    explanation: ExplanationOut | None
    events: list[EventOut]


class DecideIn(Schema):
    """A person's decision; ``version`` is the one the person saw."""

    action: Literal["release", "hold", "exception", "review"]
    reason: str = Field(max_length=500)
    version: int
    until: datetime | None = None


class UnmaskIn(Schema):
    """Why somebody needs to see the receiver."""

    reason: str = Field(min_length=2, max_length=500)


class UnmaskedOut(Schema):
    """The receiver and the notes, in full."""

    receiver_name: str | None
    receiver_phone: str | None
    address: str | None
    buyer_message: str
    seller_memo: str


class ExportIn(Schema):
    """Which orders to export, and how; personal data is masked unless ``unmask`` says why it is needed."""

    filters: FiltersIn
    format: Literal["csv", "xlsx", "zip"]
    unmask: UnmaskIn | None = None


def _moment(value: date | datetime | None, *, end: bool = False) -> datetime | None:
    """Return the first moment of a day (with ``end``, the first after it) in the shop's zone, or the moment itself."""
    if value is None:
        return None
    zone = ZoneInfo(settings.SHOP_ZONE)
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=zone)
        return moment + timedelta(microseconds=1) if end else moment
    day = value + timedelta(days=1) if end else value
    return datetime.combine(day, time(), zone)


def _fen(yuan: Decimal | None) -> int | None:
    return None if yuan is None else int(yuan * 100)
