"""Will the clean-up be done in time, how few people suffice, and which move of people helps most.

Every answer comes from worlds played through by ``simulate.run``. Plans are compared world by world with the same
orders, arrivals and difficulty, so that a difference is the plan's and not luck's.

Moments are µs UTC, money is fen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingdan.core.flow.handling import Handling
from qingdan.core.flow.priority import Work, rescue
from qingdan.core.flow.simulate import NEVER, Floor, Inflow, Orders, Rule, Run, draw, run
from qingdan.core.worktime import HOUR, MINUTE, Micros, Timeline

CERTAIN: Final = 0.95
"""Part of the worlds in which a move must shorten the finish before it is promised."""

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be cleaned up from ``start`` on, with which handling times, and what else comes in.

    ``rule`` makes, for the orders of a world, the rule that puts them in their order of work (``by_rescue``); without
    one it is first come, first served.
    """

    orders: Orders
    handling: Sequence[Handling]
    start: int
    inflow: Inflow | None = None
    rule: Callable[[Orders], Rule] | None = None
    replan: int = 30 * MINUTE

    def play(self, floor: Floor, seed: int) -> Run:
        """One world, the same for every floor."""
        everything, minutes = draw(self.orders, self.handling, self.inflow, np.random.default_rng((seed, 0)))
        drawn = floor.drawn(np.random.default_rng((seed, 1)))
        rule = self.rule(everything) if self.rule else None
        return run(drawn, everything, minutes, start=self.start, rule=rule, replan=self.replan)


def by_rescue(usual: Floats, hands: float, *, timeline: Timeline | None = None) -> Callable[[Orders], Rule]:
    """Give the rescue plan as a rule: ``usual`` (R,) minutes each reason is expected to take, ``hands`` at work.

    Planned with what is expected, not with what a world has drawn: nobody knows an order's time beforehand.
    """

    def of(orders: Orders) -> Rule:
        work = Work(orders.step_at, orders.step_fen, usual[orders.reason], orders.arrive)

        def order(rows: NDArray[np.intp], now: int) -> NDArray[np.intp]:
            some = Work(work.step_at[rows], work.step_fen[rows], work.minutes[rows], work.since[rows])
            return rows[rescue(some, now, hands, timeline=timeline).order]

        return order

    return of


@dataclass(frozen=True, slots=True)
class Outlook:
    """What w worlds came to.

    ``end`` (w,) of each, ``NEVER`` where the shifts do not suffice; ``late`` orders and ``penalty`` (w,) in fen;
    ``reason_end`` (w, R): when the last order of each reason was done; ``left`` (w, m): orders that wait at each moment
    asked for.
    """

    end: Micros
    late: Numbers
    penalty: Numbers
    reason_end: Micros
    left: Numbers

    def finish(self, certainty: float) -> int:
        """Moment by which all is done in ``certainty`` of the worlds (0.5, 0.8, 0.95); ``NEVER`` when not planned for.

        The upper order statistic of w worlds and one unknown: with it the promise holds in that share of the cases.
        """
        rank = int(np.ceil(certainty * (len(self.end) + 1))) - 1
        return int(np.sort(self.end)[rank]) if rank < len(self.end) else NEVER

    def chance(self, goal: int) -> float:
        """Part of the worlds that end by ``goal``."""
        return float(np.mean(self.end <= goal))


def outlook(case: Case, floor: Floor, *, worlds: int = 200, seed: int = 0, at: Micros | Sequence[int] = ()) -> Outlook:
    """Play ``worlds`` worlds with the seeds ``seed``, ``seed`` + 1, ... .

    ``at`` (m,): moments, checkpoints for example, at which to count the orders that have arrived and are not done.
    """
    moments = np.asarray(at, np.int64)
    runs = [case.play(floor, seed + number) for number in range(worlds)]
    reasons = floor.can.shape[1]
    ends = np.array([[_end_of(each, number) for number in range(reasons)] for each in runs], np.int64)
    return Outlook(
        np.array([each.end for each in runs], np.int64),
        np.array([each.late for each in runs], np.int64),
        np.array([each.penalty for each in runs], np.int64),
        ends.reshape(worlds, reasons),
        np.array([_left(each, moments) for each in runs], np.int64).reshape(worlds, len(moments)),
    )


def _left(each: Run, moments: Micros) -> Numbers:
    come = np.searchsorted(np.sort(each.orders.arrive), moments, side="right")
    done = np.searchsorted(np.sort(each.finish), moments, side="right")
    return (come - done).astype(np.int64)


def _end_of(each: Run, reason: int) -> int:
    return int(np.max(each.finish, where=each.orders.reason == reason, initial=0))


@dataclass(frozen=True, slots=True)
class Staffing:
    """The least staff found: people of each team (T,), the finish that is kept at the asked certainty, None in vain."""

    people: Numbers
    finish: int | None


def least_staff(
    case: Case, floor: Floor, goal: int, *, certainty: float = 0.8, most: int = 60, worlds: int = 60, seed: int = 0
) -> Staffing:
    """Fewest people with whom all is done by ``goal`` at ``certainty``.

    Starts with the first person of each team and adds, one at a time, one more like the team's members, in turn, to the
    team whose reasons are done last; then takes away whoever is not needed after all. ``most`` people at the most.
    """
    teams = len(floor.serves)
    members = [np.flatnonzero(floor.team == team).tolist() for team in range(teams)]
    chosen = [rows[:1] for rows in members]
    while True:
        seen = outlook(case, _built(floor, chosen), worlds=worlds, seed=seed)
        finish = seen.finish(certainty)
        if finish <= goal:
            break
        if sum(map(len, chosen)) >= most:
            return Staffing(np.array([len(rows) for rows in chosen]), None)
        team = _last_team(seen, floor, members)
        chosen[team].append(members[team][len(chosen[team]) % len(members[team])])
    for team in range(teams):
        while len(chosen[team]) > 1:
            fewer = [rows[:-1] if number == team else rows for number, rows in enumerate(chosen)]
            without = outlook(case, _built(floor, fewer), worlds=worlds, seed=seed).finish(certainty)
            if without > goal:
                break
            chosen, finish = fewer, without
    return Staffing(np.array([len(rows) for rows in chosen]), finish)


def _built(floor: Floor, chosen: list[list[int]]) -> Floor:
    return floor.only([row for rows in chosen for row in rows])


def _last_team(seen: Outlook, floor: Floor, members: list[list[int]]) -> int:
    """Team that ends last in most worlds, of those that have anybody."""
    ends = np.stack([np.max(seen.reason_end, axis=1, where=serves, initial=0) for serves in floor.serves], axis=1)
    ends[:, [not rows for rows in members]] = -1
    unfinished = ends >= NEVER
    return int(np.lexsort((np.median(ends, axis=0), unfinished.mean(axis=0)))[-1])


@dataclass(frozen=True, slots=True)
class Move:
    """``people`` (row numbers) from one team to another, and what it saves against leaving all as it is.

    ``hours`` earlier at P50 (negative: later), ``late`` fewer orders and ``fen`` saved on average; ``shortens`` is the
    part of the worlds that end earlier; ``promised`` whether it is enough to promise that.
    """

    people: tuple[int, ...]
    source: int
    target: int
    hours: float
    late: float
    fen: float
    shortens: float
    promised: bool


def moves(
    case: Case,
    floor: Floor,
    *,
    counts: Sequence[int] = (1, 2),
    worlds: int = 60,
    seed: int = 0,
    least_hours: float = 0.25,
) -> list[Move]:
    """Moves between teams worth making, the best first: most yuan saved among the promised, then most hours.

    Considers moving 1, 2, ... people (``counts``) who are able to the other team's work, those quickest at it first,
    and leaves nobody's team empty. A move is promised when it shortens the finish in ``CERTAIN`` of the worlds and by
    ``least_hours`` in the middle.
    """
    usual = outlook(case, floor, worlds=worlds, seed=seed)
    found = []
    for source, target in np.ndindex(len(floor.serves), len(floor.serves)):
        candidates = _candidates(floor, source, target)
        size = int((floor.team == source).sum())
        for count in counts:
            if source == target or count > len(candidates) or count >= size:
                continue
            people = tuple(candidates[:count])
            other = outlook(case, floor.moved(people, target), worlds=worlds, seed=seed)
            found.append(_compared(people, (source, target), usual, other, least_hours))
    return sorted(found, key=lambda m: (not m.promised, -round(m.fen), -m.hours, m.people))


def _candidates(floor: Floor, source: int, target: int) -> list[int]:
    """Members of a team who can do some of the other team's work, those quickest at it first."""
    work = floor.serves[target]
    rows = [row for row in np.flatnonzero(floor.team == source).tolist() if (floor.can[row] & work).any()]
    return sorted(rows, key=lambda row: (float(floor.factor[floor.can[row] & work, row].mean()), row))


def _compared(
    people: tuple[int, ...], teams: tuple[int, int], usual: Outlook, other: Outlook, least_hours: float
) -> Move:
    both = (usual.end < NEVER) & (other.end < NEVER)
    # a world that did not end at all and now does counts as shortened, not with hours
    shortens = float(np.mean(other.end < usual.end))
    hours = float(np.median(usual.end[both] - other.end[both]) / HOUR) if both.any() else 0.0
    return Move(
        people,
        *teams,
        hours,
        float(np.mean(usual.late - other.late)),
        float(np.mean(usual.penalty - other.penalty)),
        shortens,
        shortens >= CERTAIN and hours >= least_hours,
    )
