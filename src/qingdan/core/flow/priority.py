"""Which order next: the rescue plan, and the usual rules it is measured against.

In a pile-up the common "most overdue first" makes each lost order drag the next one down with it. The rescue plan first
saves what can be saved. It walks the orders by the moment at which the next charge falls due; whenever the people at
hand can not do all of them in time, it gives up that charge of the order that saves least per minute of work (after
Moore and Hodgson, weighted), and looks at that order again for its following charge. A share of the capacity goes to
orders that are late or have waited longer than the age cap, the overaged first, then by penalty still to come per
minute, so that nobody starves; late orders that are worth saving anyway count towards the share. Every order gets a
reason why it stands where it stands.

Moments are µs UTC, money is fen, work is minutes. Charges are steps: releasing up to ``step_at`` avoids ``step_fen``
(``shiprules.Schedule.release_steps`` makes them; an internal deadline is one more step with a shadow price).
"""

from dataclasses import dataclass
from enum import IntEnum
from heapq import heappop, heappush
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingdan.core.worktime import HOUR, MINUTE, Micros, Timeline

NEVER: Final = np.iinfo(np.int64).max
LATE_SHARE: Final = 0.125
"""Least part of the capacity that goes to late and overaged orders while there are any."""
AGE_CAP: Final = 72 * HOUR

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


class Why(IntEnum):
    """Why an order stands where it stands; ``flow.messages.why`` says it in words."""

    SAVE = 0
    NEXT_CHARGE = 1
    AGE = 2
    LATE = 3
    GIVEN_UP = 4
    WAITING = 5


@dataclass(frozen=True, slots=True)
class Work:
    """n orders that wait.

    ``step_at`` and ``step_fen`` (n, k), unused steps ``NEVER`` and 0; ``minutes`` (n,) of work each takes; ``since``
    (n,) when each began to wait. Raises ValueError for other shapes and for work that takes no time.
    """

    step_at: Micros
    step_fen: Numbers
    minutes: Floats
    since: Micros

    def __post_init__(self) -> None:
        count = len(self.minutes)
        if self.step_at.shape != self.step_fen.shape or len(self.step_at) != count or self.since.shape != (count,):
            raise ValueError("the orders' arrays do not fit together")
        if count and not self.minutes.min() > 0:
            raise ValueError("every order takes some work")

    def sorted_steps(self) -> tuple[Micros, Numbers]:
        """Steps in time order by row, unused ones last."""
        at = np.where(self.step_fen > 0, self.step_at, NEVER)
        place = np.argsort(at, axis=1, kind="stable")
        return np.take_along_axis(at, place, axis=1), np.take_along_axis(self.step_fen, place, axis=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """The order of work and its reasons.

    ``order`` (n,) row numbers, next one first. By row (n,): ``why`` codes, and the charge that the place is meant to
    avoid, or that was given up: ``due`` (``NEVER``: none) and ``stake`` in fen.
    """

    order: NDArray[np.intp]
    why: NDArray[np.int8]
    due: Micros
    stake: Numbers


def rescue(
    work: Work,
    now: int,
    hands: float,
    *,
    late_share: float = LATE_SHARE,
    age_cap: int = AGE_CAP,
    timeline: Timeline | None = None,
) -> Plan:
    """Order the work for ``hands`` people who work in parallel.

    With a ``timeline`` only its working time until a charge counts as capacity. Ties keep the older order first, then
    the lower row, so that the same input always gives the same plan.
    """
    if not 0 <= late_share < 1:
        raise ValueError("late_share is a part of one")
    at, fen = work.sorted_steps()
    count, depth = at.shape
    passed = np.sum(at < now, axis=1)
    kept, step = _walk(work, (at, fen), passed, _room(at, now, hands, timeline))
    # an order's place: the charge it is kept for, else the last one that was given up for it
    shown = np.clip(np.where(kept, step, np.maximum(step - 1, 0)), 0, max(depth - 1, 0))
    rows = np.arange(count)
    due = at[rows, shown] if depth else np.full(count, NEVER)
    stake = np.where(due < NEVER, fen[rows, shown], 0) if depth else np.zeros(count, np.int64)
    due = np.where(due < now, NEVER, due)
    stake = np.where(due < NEVER, stake, 0)
    aged = ~kept & (now - work.since > age_cap)
    why = np.select(
        [kept & (passed > 0), kept, aged, (due < NEVER), passed > 0],
        [Why.NEXT_CHARGE, Why.SAVE, Why.AGE, Why.GIVEN_UP, Why.LATE],
        Why.WAITING,
    ).astype(np.int8)
    first = np.flatnonzero(kept)
    first = first[np.lexsort((first, work.since[first], due[first]))]
    urgency = np.where(aged, np.inf, _rates(at, fen, now, work.minutes))
    ranked = np.lexsort((rows, work.since, -urgency))
    late = (passed > 0) | aged
    order = _shared(first, ranked[late[ranked]], late, work.minutes, late_share)
    rest = ranked[~kept[ranked] & ~late[ranked]]
    return Plan(np.concatenate([order, rest]), why, due, stake)


def _room(at: Micros, now: int, hands: float, timeline: Timeline | None) -> Floats:
    """Minutes of work that can be done from now until each step; infinite where there is none."""
    real = at < NEVER
    end = np.clip(np.where(real, at, now), now, None)
    span = end - now if timeline is None else timeline.between(np.array(now), np.minimum(end, timeline.finish))
    return np.where(real, span / MINUTE * hands, np.inf)


def _walk(
    work: Work, steps: tuple[Micros, Numbers], passed: NDArray[np.intp], room: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Choose which charge each order is kept for: (kept (n,), number of its step (n,), one past the last given up)."""
    at, fen = steps
    count, depth = at.shape
    reached = passed.copy()
    if not depth:
        return np.zeros(count, np.bool_), reached
    rows = np.arange(count)
    moment = at[rows, np.minimum(reached, depth - 1)]
    first = np.flatnonzero((reached < depth) & (moment < NEVER))
    first = first[np.lexsort((first, moment[first]))]
    entries = zip(
        moment[first].tolist(),
        room[first, reached[first]].tolist(),
        (fen[first, reached[first]] / work.minutes[first]).tolist(),
        work.minutes[first].tolist(),
        first.tolist(),
        strict=True,
    )
    # orders come by the moment of their next charge; those given up come again later, for their following one
    again: list[tuple[int, float, float, float, int]] = []
    cheapest: list[tuple[float, float, int]] = []
    load = 0.0
    entry = next(entries, None)
    while entry or again:
        if entry is None or (again and again[0] < entry):
            _, space, value, minutes, row = heappop(again)
        else:
            _, space, value, minutes, row = entry
            entry = next(entries, None)
        heappush(cheapest, (value, minutes, row))
        load += minutes
        while load > space and cheapest:
            _, less, dropped = heappop(cheapest)
            load -= less
            reached[dropped] += 1
            step = reached[dropped]
            if step < depth and at[dropped, step] < NEVER:
                value = float(fen[dropped, step]) / less
                heappush(again, (int(at[dropped, step]), float(room[dropped, step]), value, less, dropped))
    kept = np.zeros(count, np.bool_)
    kept[[row for _, _, row in cheapest]] = True
    return kept, reached


def _rates(at: Micros, fen: Numbers, now: int, minutes: Floats) -> Floats:
    """Penalty still to come per minute of work and per hour until it falls due, in fen."""
    coming = (at >= now) & (at < NEVER)
    hours = np.where(coming, at - now, 0) / HOUR + 1.0
    rates: Floats = np.sum(np.where(coming, fen / hours, 0.0), axis=1) / minutes
    return rates


def _shared(
    first: NDArray[np.intp], lane: NDArray[np.intp], late: NDArray[np.bool_], minutes: Floats, share: float
) -> NDArray[np.intp]:
    """Merge the orders to save with the lane of late ones, so that ``share`` of the minutes goes to the lane.

    An order that is in both stands where it comes first. Late ones among ``first`` cost the lane's share, not the rest.
    """
    ahead = np.cumsum(np.where(late[first], 0.0, minutes[first])) / (1 - share)
    behind = np.cumsum(minutes[lane]) / share if share else np.full(len(lane), np.inf)
    both = np.concatenate([first, lane])
    both = both[np.argsort(np.concatenate([ahead, behind]), kind="stable")]
    return both[np.sort(np.unique(both, return_index=True)[1])]


def fifo(work: Work) -> NDArray[np.intp]:
    """First come, first served."""
    return np.argsort(work.since, kind="stable")


def edf(work: Work) -> NDArray[np.intp]:
    """Earliest first deadline first: what a list "most overdue first" does."""
    return np.lexsort((work.since, np.min(_used(work), axis=1, initial=NEVER)))


def c_mu(work: Work, now: int) -> NDArray[np.intp]:
    """Most penalty still to come per minute of work, whenever it falls due (cμ)."""
    coming = np.sum(work.step_fen, axis=1, where=_used(work) >= now)
    return np.lexsort((work.since, -coming / work.minutes))


def atc(work: Work, now: int, *, patience: float = 2.0) -> NDArray[np.intp]:
    """Apparent tardiness cost: penalty per minute, discounted by slack in multiples of the mean work.

    ``patience`` is the rule's look-ahead. Slack is measured in the work of an average order times the square root of
    the queue's length: with the textbook's single order the rule is blind to hours, and a weak opponent.
    """
    if not len(work.minutes):
        return np.zeros(0, np.intp)
    at, fen = work.sorted_steps()
    coming = (at >= now) & (at < NEVER)
    slack = np.where(coming, (at - now) / MINUTE, 0.0) - work.minutes[:, None]
    scale = patience * float(work.minutes.mean()) * len(work.minutes) ** 0.5
    index = np.sum(np.where(coming, fen * np.exp(-np.maximum(slack, 0) / scale), 0.0), axis=1) / work.minutes
    return np.lexsort((work.since, -index))


def _used(work: Work) -> Micros:
    return np.where(work.step_fen > 0, work.step_at, NEVER)
