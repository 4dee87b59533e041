"""A clean-up played through: orders with a reason, people with skills and shifts, one event after the other.

The loop is exact and knows no clock: the same orders, floor and drawn times give the same run, bit for bit. A world
draws times and arrivals from a ``numpy`` Generator; two plans played with the same seed meet the same orders with the
same difficulty, so that their difference is the plans'.

Moments are µs UTC, minutes are working minutes, money is fen.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingdan.core.flow.handling import Handling
from qingdan.core.worktime import HOUR, MINUTE, Micros, Timeline

NEVER: Final = np.iinfo(np.int64).max

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Rule = Callable[[NDArray[np.intp], int], NDArray[np.intp]]
"""Asked at a moment to put the rows that wait into the order of work; see ``flow.priority``."""


@dataclass(frozen=True, slots=True)
class Orders:
    """n orders: ``reason`` (n,) as an index, ``arrive`` (n,) when each can be worked on.

    ``step_at``, ``step_fen`` (n, k): charges by the moment of release that still avoids them; ``NEVER``, 0 unused.
    """

    reason: Numbers
    arrive: Micros
    step_at: Micros
    step_fen: Numbers

    @classmethod
    def plain(cls, reason: Numbers, arrive: Micros) -> "Orders":
        """Orders that cost nothing when late."""
        none = np.zeros((len(reason), 0), np.int64)
        return cls(reason, arrive, none, none)

    def joined(self, more: "Orders") -> "Orders":
        """Both, one after the other; both have as many steps."""
        return Orders(
            np.concatenate([self.reason, more.reason]),
            np.concatenate([self.arrive, more.arrive]),
            np.concatenate([self.step_at, more.step_at]),
            np.concatenate([self.step_fen, more.step_fen]),
        )


@dataclass(frozen=True, slots=True)
class Floor:
    """P people in T teams.

    ``team`` (P,) of each person; ``serves`` (T, R): which reasons a team works on; ``can`` (P, R): which a person is
    able to; ``shifts`` of each person, breaks included. ``factor`` (R, P): part of a reason's time the person takes;
    ``factor_error`` (R, P): the standard error of its log, None when it is known.
    """

    team: Numbers
    serves: Flags
    can: Flags
    factor: Floats
    shifts: tuple[Timeline, ...]
    factor_error: Floats | None = None

    def __post_init__(self) -> None:
        people, reasons = self.can.shape
        fits = len(self.team) == len(self.shifts) == people and self.factor.shape == (reasons, people)
        if not fits or self.serves.shape[1:] != (reasons,):
            raise ValueError("the floor's arrays do not fit together")

    @property
    def skills(self) -> Flags:
        """What each person works on where they stand now (P, R)."""
        skills: Flags = self.serves[self.team] & self.can
        return skills

    def moved(self, people: Sequence[int], team: int) -> "Floor":
        """Give the floor with these people in another team."""
        teams = self.team.copy()
        teams[list(people)] = team
        return replace(self, team=teams)

    def only(self, people: Sequence[int]) -> "Floor":
        """Give the floor of these people alone; a person named twice stands for one more like them."""
        rows = list(people)
        error = None if self.factor_error is None else self.factor_error[:, rows]
        shifts = tuple(self.shifts[row] for row in rows)
        return Floor(self.team[rows], self.serves, self.can[rows], self.factor[:, rows], shifts, error)

    def drawn(self, rng: np.random.Generator) -> "Floor":
        """Give one world's floor: everybody as quick or slow as the measurement leaves open."""
        if self.factor_error is None:
            return self
        # person by person, so that the first ones draw the same however many there are
        off = rng.standard_normal(self.factor.T.shape).T
        return replace(self, factor=self.factor * np.exp(self.factor_error * off), factor_error=None)


@dataclass(frozen=True, slots=True)
class Inflow:
    """Orders still to come: ``rate`` (h,) expected in each hour from ``begin``; they resemble the rows of ``like``.

    Each takes reason and charges, shifted in time, of a drawn row. ``like`` has the steps of the orders it joins.
    """

    begin: int
    rate: Floats
    like: Orders

    def draw(self, rng: np.random.Generator) -> Orders:
        """Draw the orders of one world."""
        counts = rng.poisson(self.rate)
        hours = np.repeat(np.arange(len(self.rate)), counts)
        arrive = np.sort(self.begin + hours * HOUR + (rng.random(len(hours)) * HOUR).astype(np.int64))
        rows = rng.integers(0, len(self.like.reason), len(hours))
        template = self.like.step_at[rows]
        shift = (arrive - self.like.arrive[rows])[:, None]
        at = np.where(template < NEVER, template + np.where(template < NEVER, shift, 0), NEVER)
        return Orders(self.like.reason[rows], arrive, at, self.like.step_fen[rows])


@dataclass(frozen=True, slots=True)
class Run:
    """What happened to n orders: ``begin``, ``finish`` (n,), ``NEVER`` where not; ``person`` (n,), -1 where nobody."""

    orders: Orders
    begin: Micros
    finish: Micros
    person: Numbers

    @property
    def end(self) -> int:
        """When the last order was done; ``NEVER`` when some was not."""
        return int(self.finish.max()) if len(self.finish) else 0

    @property
    def penalty(self) -> int:
        """Fen charged in all."""
        return int(np.sum(self.orders.step_fen, where=self.orders.step_at < self.finish[:, None]))

    @property
    def late(self) -> int:
        """How many orders were done too late for one of their charges."""
        return int(np.any((self.orders.step_at < self.finish[:, None]) & (self.orders.step_fen > 0), axis=1).sum())


def draw(
    orders: Orders, handling: Sequence[Handling], inflow: Inflow | None, rng: np.random.Generator
) -> tuple[Orders, Floats]:
    """One world: the orders with those that come, and the minutes each takes before the person's factor (n,)."""
    everything = orders.joined(inflow.draw(rng)) if inflow else orders
    minutes = np.empty(len(everything.reason))
    for number, times in enumerate(handling):
        mine = np.flatnonzero(everything.reason == number)
        minutes[mine] = times.draw(rng, len(mine))
    return everything, minutes


def run(
    floor: Floor,
    orders: Orders,
    minutes: Floats,
    *,
    start: int,
    rule: Rule | None = None,
    replan: int = 30 * MINUTE,
) -> Run:
    """Play from ``start`` until all is done or every shift is over.

    People take the first of the orders they may work on: by ``rule``, asked again after each ``replan`` µs, else first
    come first served. An order begun is finished by the same person, across breaks and nights.
    """
    count, people = len(minutes), len(floor.team)
    reason = orders.reason.tolist()
    arrive = np.maximum(orders.arrive, start)
    skills = [np.flatnonzero(row).tolist() for row in floor.skills]
    able = [np.flatnonzero(column).tolist() for column in floor.skills.T]
    factor = floor.factor.T.tolist()
    hours = {id(line): _Hours(line) for line in floor.shifts}
    hour = [hours[id(line)] for line in floor.shifts]
    base = (minutes * MINUTE).tolist()
    queues: list[list[tuple[int, int]]] = [[] for _ in range(floor.can.shape[1])]
    coming = np.argsort(arrive, kind="stable").tolist()
    moments = arrive.tolist()
    free = [(hour[person].opening(start), person) for person in range(people)]
    free = [entry for entry in free if entry[0] < NEVER]
    heapify(free)
    idle: list[int] = []
    begun, finish, by = [NEVER] * count, [NEVER] * count, [-1] * count
    place, planned = 0, start
    if rule:
        planned = start - replan
    while free or (idle and place < count):
        if place < count and (not free or moments[coming[place]] <= free[0][0]):
            row = coming[place]
            place += 1
            # until the next plan a new order stands behind those that have their place
            heappush(queues[reason[row]], (moments[row], row))
            woken = _woken(idle, able[reason[row]], hour, moments[row]) if idle else None
            if woken and woken[0] < NEVER:
                heappush(free, woken)
            continue
        now, person = heappop(free)
        if rule and now - planned >= replan and any(queues):
            _replan(queues, reason, rule, now)
            planned = now
        best: list[tuple[int, int]] | None = None
        for number in skills[person]:
            queue = queues[number]
            if queue and (best is None or queue[0] < best[0]):
                best = queue
        if best is None:
            idle.append(person)
            continue
        row = heappop(best)[1]
        done = hour[person].after(now, int(base[row] * factor[person][reason[row]]))
        begun[row], by[row], finish[row] = now, person, done
        again = hour[person].opening(done) if done < NEVER else NEVER
        if again < NEVER:
            heappush(free, (again, person))
    return Run(orders, np.array(begun, np.int64), np.array(finish, np.int64), np.array(by, np.int64))


def _woken(idle: list[int], able: list[int], hour: list["_Hours"], now: int) -> tuple[int, int] | None:
    """Take the idle person out who is able and can begin first: (moment, person)."""
    found = [(hour[person].opening(now), place) for place, person in enumerate(idle) if person in able]
    if not found:
        return None
    at, place = min(found)
    return at, idle.pop(place)


def _replan(queues: list[list[tuple[int, int]]], reason: list[int], rule: Rule, now: int) -> None:
    waiting = sorted(row for queue in queues for _, row in queue)
    for queue in queues:
        queue.clear()
    for rank, row in enumerate(rule(np.array(waiting, np.intp), now).tolist()):
        # ranks lie far below any moment, so that orders which come later stand behind
        queues[reason[row]].append((rank - NEVER, row))


class _Hours:
    """A person's shifts as plain lists: single look-ups are many times faster than with arrays."""

    def __init__(self, line: Timeline) -> None:
        self._starts: list[int] = line.starts.tolist()
        self._ends: list[int] = line.ends.tolist()
        self._before: list[int] = line.before.tolist()
        self._total = line.total

    def opening(self, at: int) -> int:
        """Now, or when the person next works; ``NEVER`` after the last shift."""
        index = bisect_right(self._ends, at)
        return max(at, self._starts[index]) if index < len(self._starts) else NEVER

    def after(self, at: int, span: int) -> int:
        """When so much working time has passed; ``NEVER`` when the shifts do not last."""
        index = bisect_right(self._starts, at) - 1
        target = self._before[index] + min(at, self._ends[index]) - self._starts[index] + span
        if target <= self._before[index] + self._ends[index] - self._starts[index]:
            return at + span
        if target > self._total:
            return NEVER
        index = bisect_left(self._before, target) - 1
        return self._starts[index] + target - self._before[index]
