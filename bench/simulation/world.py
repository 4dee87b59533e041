"""Made-up clean-ups: what is really true of them, and what the team has measured so far."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from qingdan.core.flow.handling import LogNormal, Measured, measure
from qingdan.core.flow.simulate import NEVER, Floor, Inflow, Orders
from qingdan.core.flow.staffing import Case
from qingdan.core.worktime import HOUR, Timeline, WorkCalendar, every_day

USUAL = (2.0, 6.0, 8.0)
"""Minutes per reason that a team would guess: plain orders, addresses, payments."""
OFFICE = every_day("09:00-12:00", "13:00-18:00")
LATE = every_day("12:00-16:00", "16:30-21:00")
FIRST, LAST = date(2026, 11, 12), date(2026, 12, 31)


def line(calendar: WorkCalendar) -> Timeline:
    return calendar.timeline(FIRST, LAST)


@dataclass(frozen=True)
class World:
    """One team and its pile: ``truth`` is how long orders really take, ``known`` what was measured of it."""

    truth: Case
    known: Case
    floor: Floor
    true_floor: Floor


def world(seed: int, *, count: int = 200, cases: int = 150) -> World:
    """Draw a team of 5 to 9 people in three teams, not placed where the work is, and what they measured."""
    rng = np.random.default_rng(seed)
    lines = (line(OFFICE), line(LATE))
    people = int(rng.integers(5, 10))
    team = np.concatenate([[0, 1, 2], rng.integers(0, 3, people - 3)])
    reasons = len(USUAL)
    true = tuple(
        LogNormal(float(median * np.exp(0.35 * rng.standard_normal())), float(rng.uniform(0.5, 0.9)))
        for median in USUAL
    )
    factor = np.exp(0.2 * rng.standard_normal((reasons, people)))
    shifts = tuple(lines[int(rng.random() < 0.4)] for _ in range(people))
    serves, can = np.eye(3, dtype=np.bool_), np.ones((people, reasons), np.bool_)
    start = lines[0].begin + 9 * HOUR
    since = start - (rng.exponential(20, count) * HOUR).astype(np.int64)
    mix = rng.dirichlet([8.0, 4.0, 3.0])
    due = (since + 48 * HOUR)[:, None]
    fen = np.full((count, 1), 300)
    orders = Orders(rng.choice(reasons, count, p=mix), since, np.where(due >= start, due, NEVER), fen)
    inflow = Inflow(start, np.full(24, count / 100), orders)
    seen = _measured(rng, true, factor, cases)
    floor = Floor(team, serves, can, seen.factor, shifts, seen.factor_error)
    return World(
        Case(orders, true, start, inflow),
        Case(orders, seen.times, start, inflow),
        floor,
        Floor(team, serves, can, factor, shifts),
    )


def _measured(rng: np.random.Generator, true: tuple[LogNormal, ...], factor: np.ndarray, cases: int) -> Measured:
    reason = rng.integers(0, len(true), cases)
    person = rng.integers(0, factor.shape[1], cases)
    sigma, median = np.array([t.sigma for t in true]), np.array([t.median for t in true])
    minutes = median[reason] * factor[reason, person] * np.exp(sigma[reason] * rng.standard_normal(cases))
    return measure(reason, person, minutes, people=factor.shape[1], usual=USUAL)
