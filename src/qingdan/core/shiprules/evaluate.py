"""Deadlines and penalties of a frame of orders under ship-by rules, as arrays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingdan.core.columns import ORDER_SCHEMA
from qingdan.core.shiprules.model import DEFAULT_LEADS, Effect, Event, Exemption, Pack, Per, Rule, Start, by_channel
from qingdan.core.shiprules.steps import increments
from qingdan.core.worktime import SHANGHAI, Micros, micros

NEVER: Final = np.iinfo(np.int64).max
PROMISES: Final = {Event.SHIP: "ship_by", Event.PICKUP: "pickup_by"}
COLUMNS: Final = (
    "channel",
    "shop",
    "province",
    "paid_at",
    "created_at",
    "ship_by",
    "pickup_by",
    "paid_amount",
    "item_count",
    "kind_count",
    "presale_step",
)
"""Fields of an order that rules read; those that a frame lacks count as unknown."""

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Terms of n orders. Moments are µs UTC, ``NEVER`` where there is none; money is fen.

    ``due`` and ``assumed`` (n,) by event: the true deadline, and whether it is our assumption, not the platform's word.
    ``rule`` (n,) by event: index into ``rules``, -1 where none fits. ``step_at`` and ``step_fen`` (n, k): from just
    after each moment so much more is due if the event is still missing. ``step_lead`` (n, k): how long before that
    moment we must have released. ``latest_release`` (n,): the last moment of release that meets every deadline.
    """

    rules: tuple[Rule, ...]
    due: Mapping[Event, Micros]
    assumed: Mapping[Event, Flags]
    rule: Mapping[Event, Numbers]
    step_at: Micros
    step_fen: Numbers
    step_lead: Micros
    latest_release: Micros

    def penalty_at(self, at: Micros | int) -> Numbers:
        """Fen that are due at each moment if nothing has happened until then."""
        return _summed(self.step_fen, self.step_at < _column(at))

    def next_step(self, at: Micros | int) -> tuple[Micros, Numbers]:
        """Give the moment after which more is due, and how much more; ``NEVER`` and 0 when nothing is to come."""
        coming = (self.step_at >= _column(at)) & (self.step_fen > 0)
        when = np.min(np.where(coming, self.step_at, NEVER), axis=1, initial=NEVER)
        return when, _summed(self.step_fen, coming & (self.step_at == when[:, None]))

    def release_steps(self) -> tuple[Micros, Numbers]:
        """Steps by the moment of release that still avoids them: (n, k) moments and (n, k) fen, for the priority."""
        used = self.step_fen > 0
        return np.where(used, self.step_at - np.where(used, self.step_lead, 0), NEVER), self.step_fen

    def penalty_if_released(self, at: Micros | int) -> Numbers:
        """Fen that will have been due in the end if an order is released at ``at`` and takes the usual time."""
        moments, fen = self.release_steps()
        return _summed(fen, moments < _column(at))

    def avoided(self, at: Micros | int, otherwise: Micros | int = NEVER) -> Numbers:
        """Fen saved by releasing at ``at`` instead of at ``otherwise`` (never, by default)."""
        return self.penalty_if_released(otherwise) - self.penalty_if_released(at)


def terms(
    orders: pl.DataFrame,
    packs: Sequence[Pack],
    *,
    zone: str = SHANGHAI,
    events: Collection[Event] = tuple(Event),
) -> Schedule:
    """Work out the terms of every order of a frame (columns as in the catalogue, see ``COLUMNS``).

    ``events`` are those still to come: leave out ``SHIP`` for orders that have shipped. An order of a channel without
    a pack, or that no rule fits, keeps the platform's promise as its deadline and costs nothing. An unknown amount
    counts as zero, an unknown count of items as one. Raises ValueError when two packs are for one channel.
    """
    packs = tuple(by_channel(packs).values())
    facts = _Facts(orders, zone)
    rules = tuple(rule for pack in packs for rule in pack.by_precedence())
    channels = [pack.channel for pack in packs for _ in pack.rules]
    due: dict[Event, Micros] = {}
    assumed: dict[Event, Flags] = {}
    chosen: dict[Event, Numbers] = {}
    columns: list[tuple[Micros, Numbers, Micros]] = []
    latest = np.full(facts.count, NEVER)
    for event in Event:
        promise = facts.time(PROMISES[event]) if event in PROMISES else np.full(facts.count, NEVER)
        due[event], assumed[event] = promise.copy(), np.zeros(facts.count, np.bool_)
        chosen[event] = np.full(facts.count, -1)
        lead = facts.leads(packs, event)
        depth = max((sum(1 + s.times for s in r.steps) for r in rules if r.event is event), default=0)
        at, fen = np.full((facts.count, depth), NEVER), np.zeros((facts.count, depth), np.int64)
        for number, rule in enumerate(rules):
            if rule.event is not event:
                continue
            start = facts.start(rule, due)
            fits = (chosen[event] < 0) & facts.fits(rule, channels[number], start)
            rows = np.flatnonzero(fits & ((start < NEVER) | ((promise < NEVER) & rule.promise)))
            chosen[event][rows] = number
            own = (promise[rows] < NEVER) & rule.promise
            until = np.where(own, promise[rows], np.where(start[rows] < NEVER, start[rows], 0) + rule.within)
            assumed[event][rows] = ~own
            until, waived = facts.exempted(rule, rows, until)
            due[event][rows] = until
            for place, (offset, amount) in enumerate(increments(rule, facts.paid[rows], facts.units(rule.per)[rows])):
                at[rows, place] = until + offset
                fen[rows, place] = np.where(waived, 0, amount)
        if event in events:
            columns.append((at, fen, np.broadcast_to(lead[:, None], at.shape)))
            latest = np.minimum(latest, np.where(due[event] < NEVER, due[event] - lead, NEVER))
    step_at, step_fen, step_lead = (np.concatenate(parts, axis=1) for parts in zip(*columns, strict=True))
    return Schedule(rules, due, assumed, chosen, step_at, step_fen, step_lead, latest)


class _Facts:
    """Columns of the frame as arrays."""

    def __init__(self, orders: pl.DataFrame, zone: str) -> None:
        self.count, self.zone = orders.height, ZoneInfo(zone)
        missing = [pl.lit(None, dtype=ORDER_SCHEMA[name]).alias(name) for name in COLUMNS if name not in orders.columns]
        self._frame = orders.select(pl.col(*[c for c in COLUMNS if c in orders.columns]), *missing)
        self.paid = self._integers("paid_amount", 0)
        self._units = {Per.ITEM: self._integers("item_count", 1), Per.KIND: self._integers("kind_count", 1)}
        self._presale = self._frame["presale_step"].cast(pl.String).fill_null("none").ne("none").to_numpy()

    def time(self, name: str) -> Micros:
        return self._frame[name].cast(pl.Int64).fill_null(NEVER).to_numpy()

    def units(self, per: Per) -> Numbers:
        """How often the amount counts."""
        return np.maximum(self._units[per], 1) if per in self._units else np.ones(self.count, np.int64)

    def start(self, rule: Rule, due: Mapping[Event, Micros]) -> Micros:
        if rule.start is Start.SHIP_DUE:
            return due[Event.SHIP]
        if rule.start is Start.PICKUP_DUE:
            return due[Event.PICKUP]
        created = self.time("created_at")
        if rule.start is Start.CREATED:
            return created
        paid = self.time("paid_at")
        return np.where(paid < NEVER, paid, created)

    def fits(self, rule: Rule, channel: str, start: Micros) -> Flags:
        """Which orders a rule is for; its days are those of the payment, or creation, whatever it starts from."""
        day = start
        if rule.start in {Start.SHIP_DUE, Start.PICKUP_DUE}:
            paid = self.time("paid_at")
            day = np.where(paid < NEVER, paid, self.time("created_at"))
        fit = self._is("channel", [channel])
        if rule.shops:
            fit &= self._is("shop", rule.shops)
        if rule.presale is not None:
            fit &= self._presale == rule.presale
        if rule.since > date.min:
            fit &= (day >= self.midnight(rule.since)) & (day < NEVER)
        if rule.until < date.max:
            fit &= day < self.midnight(rule.until)
        return fit

    def exempted(self, rule: Rule, rows: NDArray[np.intp], until: Micros) -> tuple[Micros, Flags]:
        """Deadlines after exemption windows, and which cost nothing."""
        waived = np.zeros(len(rows), np.bool_)
        for window in rule.exemptions:
            first, end = self.window(window)
            inside = (until >= first) & (until < end)
            if window.provinces:
                inside &= self._is("province", window.provinces)[rows]
            if window.effect is Effect.EXTEND:
                until = np.where(inside, end, until)
            else:
                waived |= inside
        return until, waived

    def leads(self, packs: Sequence[Pack], event: Event) -> Micros:
        lead = np.full(self.count, DEFAULT_LEADS.of(event))
        for pack in packs:
            mine = self._is("channel", [pack.channel])
            for leads in reversed(pack.leads_by_precedence()):
                lead[mine & self._is("shop", leads.shops) if leads.shops else mine] = leads.of(event)
        return lead

    def window(self, window: Exemption) -> tuple[int, int]:
        return self.midnight(window.since), self.midnight(window.until + timedelta(days=1))

    def midnight(self, day: date) -> int:
        return micros(datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC))

    def _is(self, name: str, values: Collection[str]) -> Flags:
        return self._frame[name].cast(pl.String).is_in(list(values)).fill_null(value=False).to_numpy().copy()

    def _integers(self, name: str, unknown: int) -> Numbers:
        return self._frame[name].cast(pl.Int64).fill_null(unknown).to_numpy()


def _column(at: Micros | int) -> Micros:
    return np.reshape(np.asarray(at, np.int64), (-1, 1))


def _summed(fen: Numbers, where: Flags) -> Numbers:
    total: Numbers = np.sum(fen, axis=1, where=where, dtype=np.int64)
    return total
