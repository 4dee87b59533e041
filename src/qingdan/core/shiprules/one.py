"""Terms of one order, told with the rules they come from. Plain arithmetic: no frame, no arrays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from qingdan.core.shiprules.model import DEFAULT_LEADS, Adds, Band, Effect, Event, Pack, Per, Rule, Start, by_channel
from qingdan.core.shiprules.steps import timetable
from qingdan.core.worktime import SHANGHAI


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline of an order: when, whether assumed, by which rule (None: the platform's promise alone)."""

    event: Event
    at: datetime
    assumed: bool
    rule: Rule | None
    latest_release: datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """So many fen more from just after ``at``; avoided by a release up to ``release_by``."""

    event: Event
    at: datetime
    release_by: datetime
    fen: int


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """Deadlines and charges of one order, charges in time order."""

    deadlines: tuple[Due, ...]
    charges: tuple[Charge, ...]

    @property
    def latest_release(self) -> datetime | None:
        """Last moment of release that meets every deadline; None when there is none."""
        return min((due.latest_release for due in self.deadlines), default=None)

    def penalty_at(self, at: datetime) -> int:
        """Fen due at a moment if nothing has happened until then."""
        return sum(charge.fen for charge in self.charges if charge.at < at)

    def next_step(self, at: datetime) -> tuple[datetime, int] | None:
        """Give the moment after which more is due and how much more; None when nothing is to come."""
        coming = [charge for charge in self.charges if charge.at >= at]
        if not coming:
            return None
        when = coming[0].at
        return when, sum(charge.fen for charge in coming if charge.at == when)

    def avoided(self, at: datetime) -> int:
        """Fen saved by a release at a moment, against none at all."""
        return sum(charge.fen for charge in self.charges if charge.release_by >= at)


def terms_one(
    order: Mapping[str, object],
    packs: Sequence[Pack],
    *,
    zone: str = SHANGHAI,
    events: Collection[Event] = tuple(Event),
) -> OrderTerms:
    """Work out the terms of one order, given as field → value; the same figures as ``terms`` gives for its row.

    Raises ValueError when two packs are for one channel.
    """
    reader = _Reader(order, ZoneInfo(zone))
    pack = by_channel(packs).get(str(order.get("channel")))
    due: dict[Event, datetime] = {}
    found: list[Due] = []
    charges: list[Charge] = []
    for event in Event:
        promise = reader.promise(event)
        fitting = (r for r in pack.by_precedence() if r.event is event and reader.fits(r, due)) if pack else ()
        rule = next(iter(fitting), None)
        start = reader.start(rule.start, due) if rule else None
        assumed, at = False, promise
        if rule and start and not (promise and rule.promise):
            assumed, at = True, start + timedelta(microseconds=rule.within)
        if at is None:
            continue
        at, waived = reader.exempted(rule, at) if rule else (at, False)
        due[event] = at
        if event not in events:
            continue
        lead = timedelta(microseconds=reader.lead(pack, event))
        found.append(Due(event, at, assumed, rule, at - lead))
        if rule and not waived:
            charges += [
                Charge(event, at + offset, at + offset - lead, fen) for offset, fen in reader.charged(rule) if fen
            ]
    return OrderTerms(tuple(found), tuple(sorted(charges, key=lambda c: (c.at, list(Event).index(c.event)))))


class _Reader:
    """One order's values, and what rules say of them."""

    def __init__(self, order: Mapping[str, object], zone: ZoneInfo) -> None:
        self._order, self._zone = order, zone

    def time(self, name: str) -> datetime | None:
        value = self._order.get(name)
        return value if isinstance(value, datetime) else None

    def number(self, name: str, unknown: int) -> int:
        value = self._order.get(name)
        return value if isinstance(value, int) else unknown

    def promise(self, event: Event) -> datetime | None:
        return {Event.SHIP: self.time("ship_by"), Event.PICKUP: self.time("pickup_by")}.get(event)

    def start(self, start: Start, due: Mapping[Event, datetime]) -> datetime | None:
        match start:
            case Start.SHIP_DUE:
                return due.get(Event.SHIP)
            case Start.PICKUP_DUE:
                return due.get(Event.PICKUP)
            case Start.CREATED:
                return self.time("created_at")
            case Start.PAID:
                return self.time("paid_at") or self.time("created_at")

    def fits(self, rule: Rule, due: Mapping[Event, datetime]) -> bool:
        start = self.start(rule.start, due)
        if start is None and not (rule.promise and self.promise(rule.event)):
            return False
        if rule.shops and self._order.get("shop") not in rule.shops:
            return False
        if rule.presale is not None and ((self._order.get("presale_step") or "none") != "none") != rule.presale:
            return False
        day = self.time("created_at") if rule.start is Start.CREATED else self.start(Start.PAID, due)
        if rule.since > date.min and (day is None or self._day(day) < rule.since):
            return False
        return not (rule.until < date.max and (day is None or self._day(day) >= rule.until))

    def exempted(self, rule: Rule, at: datetime) -> tuple[datetime, bool]:
        waived = False
        for window in rule.exemptions:
            inside = window.since <= self._day(at) <= window.until
            if not inside or (window.provinces and self._order.get("province") not in window.provinces):
                continue
            if window.effect is Effect.EXTEND:
                after = window.until + timedelta(days=1)
                at = datetime(after.year, after.month, after.day, tzinfo=self._zone).astimezone(UTC)
            else:
                waived = True
        return at, waived

    def lead(self, pack: Pack | None, event: Event) -> int:
        leads = pack.leads_by_precedence() if pack else (DEFAULT_LEADS,)
        shop = self._order.get("shop")
        return next(lead.of(event) for lead in leads if not lead.shops or shop in lead.shops)

    def charged(self, rule: Rule) -> list[tuple[timedelta, int]]:
        paid = self.number("paid_amount", 0)
        counts = {Per.ORDER: 1, Per.ITEM: self.number("item_count", 1), Per.KIND: self.number("kind_count", 1)}
        units = max(counts[rule.per], 1)
        rows, own, repeats, charged = [], 0, 0, 0
        for offset, repeat, bands in timetable(rule):
            amount = _first(bands, paid) * units
            if repeat:
                repeats += amount
            else:
                own = own + amount if rule.adds is Adds.EXTRA else max(own, amount)
            total = own + repeats if rule.cap is None else min(own + repeats, rule.cap)
            rows.append((timedelta(microseconds=offset), total * rule.share // 10_000 - charged))
            charged = total * rule.share // 10_000
        return rows

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()


def _first(bands: tuple[Band, ...], paid: int) -> int:
    return next((band.amount(paid) for band in bands if band.below is None or paid < band.below), 0)
