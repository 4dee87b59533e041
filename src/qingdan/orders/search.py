"""The orders page: filters, sort, one page of rows, and the exact number of orders that a filter finds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from qingdan.core.lifecycle import BACKLOG, UNSHIPPED
from qingdan.orders import likeness
from qingdan.orders.models import Counter, Order, OrderLine

NO_VALUE: Final = frozenset({"-", "none"})
"""Either stands in a filter for an order that has no province, tier or owner."""

SORTS: Final = (
    "created_at",
    "paid_at",
    "paid_amount",
    "due_at",
    "respond_by",
    "resolve_by",
    "ship_by",
    "order_no",
    "received_at",
    "changed_at",
)
_COLUMN_OF_SORT: Final = {"ship_by": "ship_by_effective"}

STEPS: Final[dict[str, Q]] = {
    "unclaimed": Q(stage__in=sorted(BACKLOG), lease__isnull=True)
    & ~Q(stage="held", hand_decided=True)
    & Q(assignment__user__isnull=True),
    "assigned": Q(stage__in=sorted(BACKLOG), lease__isnull=True)
    & ~Q(stage="held", hand_decided=True)
    & Q(assignment__user__isnull=False),
    "in_hand": Q(stage__in=sorted(BACKLOG), lease__isnull=False),
    "parked": Q(stage="held", hand_decided=True, lease__isnull=True),
    "released": Q(stage="released"),
    "sent": Q(stage="sent"),
}
"""Where an order waits: with nobody, with its owner, in somebody's hands, put aside, for its push, for the parcel.
Each unshipped order is at one step."""
RISKS: Final[dict[str, Q]] = {
    "now": Q(exposure__now_fen__gt=0),
    "day": Q(exposure__day_fen__gt=F("exposure__now_fen")),
}
"""Orders that cost money by being late: already, and more within a day; as of the board's last look."""

_SEARCHED: Final = ("goods_title", "buyer_message", "seller_memo", "city")
_PHONE: Final = re.compile(r"1\d{10}")
_NUMBER: Final = re.compile(r"[A-Za-z]{0,3}[\d-]{6,}")
_CODE: Final = re.compile(r"(?=.*[A-Za-z])(?=.*\d)[A-Za-z\d][\w./-]{2,63}", re.ASCII)
"""A merchant's code has letters and digits; looking through the lines for anything else would find little."""

ROW_COLUMNS: Final = (
    "id",
    "version",
    "channel",
    "shop__name",
    "order_no",
    "stage",
    "verdict",
    "tier",
    "reasons",
    "owner_role",
    "paid_amount",
    "province",
    "city",
    "receiver_name",
    "goods_title",
    "buyer_message",
    "seller_memo",
    "created_at",
    "paid_at",
    "ship_by_effective",
    "respond_by",
    "resolve_by",
    "due_at",
    "platform_status",
)
"""Columns of one row of the page, as they stand in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What narrows the orders; values of one filter are alternatives, filters add up.

    ``shop`` holds shop ids. Times are half-open: ``created_from`` ≤ created < ``created_before``. Amounts are fen,
    both ends included. ``overdue`` and ``due_within`` look at our own deadlines, so at the backlog only; ``late`` at
    the platform's: paid orders that have not left by the time promised to the buyer. ``imported_by`` is the import that
    changed the order last, ``incident`` one that the order stood behind, ``like`` an order and
    what others have in common with it (``likeness.SIGNS``). ``alone`` keeps orders that wait for one reason only,
    ``step`` those at one of ``STEPS``, ``risk`` those of ``RISKS``.
    """

    stage: Sequence[str] = ()
    channel: Sequence[str] = ()
    shop: Sequence[int] = ()
    province: Sequence[str] = ()
    tier: Sequence[str] = ()
    verdict: Sequence[str] = ()
    owner_role: Sequence[str] = ()
    reason: Sequence[str] = ()
    overdue: bool = False
    late: bool = False
    due_within: timedelta | None = None
    q: str = ""
    created_from: datetime | None = None
    created_before: datetime | None = None
    amount_min: int | None = None
    amount_max: int | None = None
    imported_by: int | None = None
    incident: int | None = None
    like: tuple[int, str] | None = None
    alone: bool = False
    step: str = ""
    risk: str = ""

    @property
    def counted(self) -> bool:
        """Whether the counters know the number of orders that this finds."""
        beyond = (self.verdict, self.owner_role, self.reason, self.overdue, self.late, self.due_within, self.q.strip())
        bounds = (self.created_from, self.created_before, self.amount_min, self.amount_max)
        of = (self.imported_by, self.incident, self.like)
        if self.alone or self.step or self.risk:
            return False
        return not any(beyond) and all(bound is None for bound in (*bounds, *of))


def find(merchant_id: int, filters: Filters, now: datetime) -> QuerySet[Order]:
    """Return the merchant's orders that ``filters`` let through, in no order."""
    return Order.objects.filter(*_choices(filters), *_bounds(merchant_id, filters, now), merchant_id=merchant_id)


def _choices(filters: Filters) -> Iterator[Q]:
    """Yield a condition for each filter that lists values."""
    if filters.shop:
        yield Q(shop_id__in=filters.shop)
    for name in ("stage", "channel", "verdict"):
        if values := getattr(filters, name):
            yield Q(**{f"{name}__in": values})
    for name in ("province", "tier", "owner_role"):
        if values := getattr(filters, name):
            known = Q(**{f"{name}__in": [v for v in values if v not in NO_VALUE]})
            yield known | Q(**{f"{name}__isnull": True}) if NO_VALUE.intersection(values) else known
    if filters.reason:
        # the index on reasons holds orders that have any, and is used only when the condition says so too
        yield Q(reasons__overlap=list(filters.reason)) & ~Q(reasons=[])


def _bounds(merchant_id: int, filters: Filters, now: datetime) -> Iterator[Q]:
    """Yield a condition for each filter on a deadline, a time, an amount or a text."""
    if filters.overdue:
        yield Q(stage__in=sorted(BACKLOG), due_at__lt=now)
    if filters.late:
        yield Q(stage__in=sorted(UNSHIPPED), ship_by_effective__lt=now)
    if filters.due_within:
        yield Q(stage__in=sorted(BACKLOG), due_at__gte=now, due_at__lt=now + filters.due_within)
    limits = {
        "created_at__gte": filters.created_from,
        "created_at__lt": filters.created_before,
        "paid_amount__gte": filters.amount_min,
        "paid_amount__lte": filters.amount_max,
        "last_import": filters.imported_by,
        "affected__incident": filters.incident,
    }
    yield from (Q(**{name: limit}) for name, limit in limits.items() if limit is not None)
    if filters.alone:
        yield Q(reasons__len=1)
    if filters.step:
        yield STEPS[filters.step]
    if filters.risk:
        yield RISKS[filters.risk]
    if filters.like is not None:
        yield likeness.behind(merchant_id, *filters.like)
    if words := filters.q.strip():
        yield _text(merchant_id, words)


def count(merchant_id: int, filters: Filters, now: datetime) -> int:
    """Return exactly how many orders ``filters`` let through: from the counters when they know, else by counting."""
    if not filters.counted:
        return find(merchant_id, filters, now).count()
    counters = Counter.objects.filter(merchant_id=merchant_id)
    if filters.shop:
        counters = counters.filter(shop_id__in=filters.shop)
    for name in ("stage", "channel"):
        if values := getattr(filters, name):
            counters = counters.filter(**{f"{name}__in": values})
    for name in ("province", "tier"):
        if values := getattr(filters, name):
            counters = counters.filter(**{f"{name}__in": ["" if v in NO_VALUE else v for v in values]})
    total: int = counters.aggregate(n=Coalesce(Sum("n"), 0))["n"]
    return total


def ordered(found: QuerySet[Order], sort: str) -> QuerySet[Order]:
    """Sort by one of ``SORTS``, downwards with a leading ``-``; equal orders follow their ids, so pages never overlap.

    The database puts missing values last upwards and first downwards, which is how its indexes lie.
    """
    sign, name = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    return found.order_by(f"{sign}{_COLUMN_OF_SORT.get(name, name)}", f"{sign}id")


def page(found: QuerySet[Order], *, number: int, size: int) -> list[dict[str, Any]]:
    """Return one page of rows with ``ROW_COLUMNS``; pages count from 1."""
    start = (number - 1) * size
    return list(found.values(*ROW_COLUMNS)[start : start + size])


def _text(merchant_id: int, words: str) -> Q:
    """Match numbers and codes by their beginning, anything else in titles, notes and the receiver's exact name."""
    by_number = Q(order_no__startswith=words)
    if _CODE.fullmatch(words):
        lines = OrderLine.objects.filter(merchant_id=merchant_id, sku_code__istartswith=words)
        by_number |= Q(id__in=lines.values("order_id"))
    if _PHONE.fullmatch(words):
        return by_number | Q(receiver_phone=words)
    if _NUMBER.fullmatch(words):
        return by_number  # an index finds it; looking at every text as well would not
    found = by_number | Q(receiver_name=words)
    for name in _SEARCHED:
        found |= Q(**{f"{name}__icontains": words})
    return found
