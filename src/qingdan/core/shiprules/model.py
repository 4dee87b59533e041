"""What a pack of ship-by rules holds.

Money is integer fen, spans are microseconds, percentages are basis points (1 % = 100). Dates are days in the shop's
zone. Nothing here is known to be a platform's current text: each rule names its source, and ``verify`` asks the
supervisor to compare it with the shop's back office before relying on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from qingdan.core.message import Words
from qingdan.core.policy.model import Problem
from qingdan.core.worktime import HOUR


class Event(StrEnum):
    """What a platform wants to see by a deadline."""

    SHIP = "ship"
    PICKUP = "pickup"
    SIGN = "sign"


class Start(StrEnum):
    """When the time allowed begins: an event of the order, or the deadline of the step before."""

    PAID = "paid"
    CREATED = "created"
    SHIP_DUE = "ship_due"
    PICKUP_DUE = "pickup_due"


class Per(StrEnum):
    """What a penalty is counted by."""

    ORDER = "order"
    ITEM = "item"
    KIND = "kind"


class Adds(StrEnum):
    """How the amounts of later steps are meant: the new total, or more on top."""

    TOTAL = "total"
    EXTRA = "extra"


class Effect(StrEnum):
    """What an exemption window does to a deadline inside it: no penalty at all, or the window's end as deadline."""

    WAIVE = "waive"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class Band:
    """Amount for orders paid below ``below`` (fen; None: any): flat plus a share of what was paid, within limits."""

    below: int | None = None
    flat: int = 0
    rate: int = 0
    floor: int = 0
    cap: int | None = None

    def amount(self, paid: int) -> int:
        """Fen for an order paid ``paid`` fen; halves round up."""
        value = max(self.flat + (paid * self.rate + 5_000) // 10_000, self.floor)
        return value if self.cap is None else min(value, self.cap)


@dataclass(frozen=True, slots=True)
class Step:
    """What falls due ``after`` the deadline, and again ``times`` more, ``every`` so long (per detection)."""

    after: int
    bands: tuple[Band, ...]
    every: int = 24 * HOUR
    times: int = 0


@dataclass(frozen=True, slots=True)
class Exemption:
    """Deadlines on days ``since``..``until`` (both included) in these provinces (none: all) do not bite."""

    since: date
    until: date
    effect: Effect = Effect.WAIVE
    provinces: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One deadline of a platform and what missing it costs.

    Holds for orders whose start lies on days ``since`` up to, not including, ``until``; for ``shops`` by name (none:
    all); for presale orders only, others only, or both (None). ``promise``: the platform's own moment on the order
    goes before ``within``. ``share`` is the part of such cases that is really charged, in basis points: below
    10,000 where only a complaint triggers it.
    """

    id: str
    title: Words
    event: Event
    start: Start
    within: int
    steps: tuple[Step, ...] = ()
    adds: Adds = Adds.TOTAL
    per: Per = Per.ORDER
    cap: int | None = None
    share: int = 10_000
    since: date = date.min
    until: date = date.max
    shops: tuple[str, ...] = ()
    presale: bool | None = None
    promise: bool = True
    exemptions: tuple[Exemption, ...] = ()
    source: str = ""
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Leads:
    """Usual spans (µs) from our release to each event, for ``shops`` (none: all)."""

    ship: int
    pickup: int
    sign: int
    shops: tuple[str, ...] = ()

    def of(self, event: Event) -> int:
        """Span from release to an event."""
        return {Event.SHIP: self.ship, Event.PICKUP: self.pickup, Event.SIGN: self.sign}[event]


DEFAULT_LEADS = Leads(ship=6 * HOUR, pickup=18 * HOUR, sign=96 * HOUR)


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules of one channel. ``checked`` is the day on which somebody last compared them with their sources."""

    id: str
    title: Words
    channel: str
    checked: date
    rules: tuple[Rule, ...]
    leads: tuple[Leads, ...] = ()
    verify: str = ""
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    def by_precedence(self) -> tuple[Rule, ...]:
        """Rules so that of those that fit an order the first is in force: own shop first, then presale, then newest."""
        return tuple(sorted(self.rules, key=lambda r: (not r.shops, r.presale is None, -r.since.toordinal(), r.id)))

    def leads_by_precedence(self) -> tuple[Leads, ...]:
        """Leads so that the first that fits a shop counts; the usual ones come last."""
        return (*sorted(self.leads, key=lambda leads: not leads.shops), DEFAULT_LEADS)


def by_channel(packs: Sequence[Pack]) -> dict[str, Pack]:
    """Packs by their channel. Raises ValueError when two are for one: which is in force is for people to say."""
    found = {pack.channel: pack for pack in packs}
    if len(found) < len(packs):
        raise ValueError("two packs of ship-by rules are for the same channel")
    return found
