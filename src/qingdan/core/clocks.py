"""The three clocks of an order: answered, done, and the cause pinned the same day, counted in working time.

A clock starts at a moment under a team's calendar. It stops while the team waits for the customer, goes on under
another calendar when the order changes teams, and ends when what it waits for happens. What passed before a change
stays counted; what comes after follows the new calendar.

A clock's life is a list of phases in time order: from each phase's moment on a timeline counts, or none does (a
pause). For many clocks the phases are one flat table, sorted by clock and moment, with teams as indexes into a list of
timelines and ``PAUSED`` for none. The functions for one and for many give the same results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingdan.core.worktime import Micros, Timeline

PAUSED: Final = -1
"""Team of a phase in which the clock stands still."""
SAME_DAY: Final = -1
"""Limit of a clock that ends with the working day it started on, instead of after a span."""
NEVER: Final = np.iinfo(np.int64).max
"""Due moment of a clock that stands still: as long as it does, it can not run out."""


class Clock(StrEnum):
    """What a clock waits for."""

    RESPOND = "respond"
    RESOLVE = "resolve"
    CAUSE = "cause"


class Phase(NamedTuple):
    """From ``at`` (µs) on, ``timeline`` counts; None while waiting for the customer."""

    at: int
    timeline: Timeline | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock shows at a moment.

    ``due`` is the moment it runs out if nothing changes, None while it stands still with time left. ``passed`` and
    ``left`` are working µs; ``left`` is negative once late. ``late_at`` is when it ran out, None if it has not: an
    alarm at ``late_at`` is never early, and as the moment does not move afterwards, there is one for each clock.
    """

    due: int | None
    passed: int
    left: int
    paused: bool
    late_at: int | None


@dataclass(frozen=True, slots=True)
class Readings:
    """``Reading`` of many clocks as arrays (n,); ``due`` and ``late_at`` are ``NEVER`` where a reading has None."""

    due: Micros
    passed: Micros
    left: Micros
    paused: NDArray[np.bool_]
    late_at: Micros


def read_clock(limit: int, phases: Sequence[Phase], now: int) -> Reading:
    """Read one clock at ``now``, or at the moment it was stopped.

    ``limit`` is working µs, or ``SAME_DAY``. ``phases`` is not empty and sorted by moment; the first starts the clock,
    and phases after ``now`` are ignored. Raises ValueError when there is no phase yet.
    """
    known = [phase for phase in phases if phase.at <= now]
    if not known:
        raise ValueError("a clock has at least one phase that has begun")
    passed, due, late_at = 0, None, None
    run_start = known[0].at
    resumed = True
    for phase, following in pairwise([*known, Phase(now, None)]):
        if phase.timeline is None:
            due, resumed = late_at, True
            continue
        if resumed:
            run_start, resumed = phase.at, False
        if late_at is not None:
            due = late_at
        elif limit == SAME_DAY:
            due = _day_end(phase.timeline, phase.at, run_start)
        else:
            due = phase.timeline.after_one(phase.at, limit - passed)
        if late_at is None and due < following.at:
            late_at = due
        passed += phase.timeline.between_one(phase.at, following.at)
    paused = known[-1].timeline is None
    return Reading(due, passed, _left(limit, known[-1], due, passed, now), paused, late_at)


def _day_end(timeline: Timeline, start: int, run_start: int) -> int:
    """Close of the day the run started on, by this team; after that, of the day this team takes over."""
    end = timeline.same_day_one(run_start)
    return end if end > start else timeline.same_day_one(start)


def _left(limit: int, last: Phase, due: int | None, passed: int, now: int) -> int:
    if limit != SAME_DAY:
        return limit - passed
    if due is None or last.timeline is None:
        return 0
    return last.timeline.between_one(now, due)


def read_clocks(
    limits: Micros,
    *,
    clock: NDArray[np.int64],
    at: Micros,
    team: NDArray[np.int64],
    now: Micros,
    timelines: Sequence[Timeline],
) -> Readings:
    """Read many clocks (n,) from a flat table of phases (p,).

    ``limits`` (n,) as in ``read_clock``; ``clock`` (p,) numbers the clock 0..n-1 of each phase, ``at`` its moment,
    ``team`` its index into ``timelines`` or ``PAUSED``; sorted by clock, then moment. ``now`` (n,) is the moment of
    reading, or when the clock was stopped. Phases after it are ignored. Raises ValueError for a clock without one.
    """
    begun = at <= now[clock]
    clock, at, team = clock[begun], at[begun], team[begun]
    count = len(limits)
    if len(np.unique(clock)) != count:
        raise ValueError("a clock has at least one phase that has begun")
    first = np.searchsorted(clock, np.arange(count))
    order = np.arange(len(clock)) - first[clock]
    size = np.bincount(clock, minlength=count)
    passed, due = np.zeros(count, np.int64), np.full(count, NEVER)
    late_at, run_start = np.full(count, NEVER), at[first].copy()
    resumed = np.ones(count, dtype=np.bool_)
    # clocks have few phases: one pass for the first phase of all, one for the second, and so on
    for step in range(int(size.max()) if count else 0):
        rows = np.flatnonzero(order == step)
        paused = rows[team[rows] == PAUSED]
        who = clock[paused]
        due[who], resumed[who] = late_at[who], True
        for number, timeline in enumerate(timelines):
            mine = rows[team[rows] == number]
            if not len(mine):
                continue
            who, start = clock[mine], at[mine]
            last = step + 1 == size[who]
            stop = np.where(last, now[who], at[np.minimum(mine + 1, len(at) - 1)])
            run_start[who] = np.where(resumed[who], start, run_start[who])
            resumed[who] = False
            due[who] = np.where(late_at[who] < NEVER, late_at[who], NEVER)
            open_ = late_at[who] == NEVER
            days, spans = open_ & (limits[who] == SAME_DAY), open_ & (limits[who] != SAME_DAY)
            due[who[spans]] = timeline.after(start[spans], limits[who[spans]] - passed[who[spans]])
            end = timeline.same_day(run_start[who[days]])
            gone = end <= start[days]
            end[gone] = timeline.same_day(start[days][gone])
            due[who[days]] = end
            late = open_ & (due[who] < stop)
            late_at[who[late]] = due[who[late]]
            passed[who] += timeline.between(start, stop)
    return _readings(limits, timelines, team[first + size - 1], now, (due, passed, late_at))


def _readings(
    limits: Micros,
    timelines: Sequence[Timeline],
    last_team: NDArray[np.int64],
    now: Micros,
    found: tuple[Micros, Micros, Micros],
) -> Readings:
    due, passed, late_at = found
    left = np.where(limits == SAME_DAY, 0, limits - passed)
    for number, timeline in enumerate(timelines):
        mine = (limits == SAME_DAY) & (last_team == number)
        left[mine] = timeline.between(now[mine], due[mine])
    return Readings(due, passed, left, last_team == PAUSED, late_at)
