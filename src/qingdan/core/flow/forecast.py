"""When the backlog will be gone: a burn-down with a band, from what people did per day and who is on the roster.

Teams have good and bad spells: today's pace tells something of tomorrow's. The usual bootstrap of single days forgets
that and is too sure of itself. Here the log of the daily rate per head follows its mean with memory (AR(1)); each
simulated future first draws how well mean, memory and spread are known, then walks on from today. Inflow follows the
weekdays, with a memory of its own. At last the band is widened or narrowed by how past forecasts of the same horizon
did (adaptive conformal scaling), as a net under what the model has wrong.

A day is a working day or not by the roster: with nobody planned nothing is done. Counts are orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

BAND: Final = 0.8
LEAST_DAYS: Final = 10
"""Days with work that must be known before a forecast is made."""


class TooLittleHistoryError(ValueError):
    """Fewer days are known than a forecast needs."""


@dataclass(frozen=True, slots=True)
class History:
    """The last d days, oldest first: ``done`` and ``arrived`` orders, ``heads`` at work, ``weekday`` 0 = Monday."""

    done: Numbers
    arrived: Numbers
    heads: Floats
    weekday: Numbers

    def __post_init__(self) -> None:
        if not len(self.done) == len(self.arrived) == len(self.heads) == len(self.weekday):
            raise ValueError("the days' arrays do not fit together")


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next h days: ``heads`` by the roster, ``weekday``; ``arrivals`` where better known than by weekday."""

    heads: Floats
    weekday: Numbers
    arrivals: Floats | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """``paths`` (s, h): the backlog at the end of each day in each of s futures; ``scale`` (h,) of the band."""

    paths: Floats
    scale: Floats

    def quantile(self, part: float) -> Floats:
        """Backlog at the end of each day that ``part`` of the futures does not exceed (h,), after scaling."""
        middle = np.median(self.paths, axis=0)
        wide: Floats = middle + (np.quantile(self.paths, part, axis=0) - middle) * self.scale
        return np.maximum(wide, 0.0)

    def band(self, width: float = BAND) -> tuple[Floats, Floats]:
        """Low and high edge of the middle ``width`` (h,), each."""
        return self.quantile((1 - width) / 2), self.quantile((1 + width) / 2)

    def cleared(self, certainty: float, left: float = 0.0) -> int | None:
        """Number of the day (0 = the first) at whose end no more than ``left`` wait, at ``certainty``; None if none.

        A backlog that grows again later was cleared all the same: it is the first day that counts.
        """
        middle = np.median(self.paths, axis=0)
        scaled = middle + (self.paths - middle) * self.scale
        reached = np.maximum.accumulate(scaled <= left + 0.5, axis=1).mean(axis=0)
        days = np.flatnonzero(reached >= certainty)
        return int(days[0]) if len(days) else None


@dataclass(frozen=True, slots=True)
class _Walk:
    """A log-rate that follows its mean with memory: draws of mean, memory, spread (s,), and where it stands now."""

    mean: Floats
    memory: Floats
    spread: Floats
    now: Floats

    def ahead(self, rng: np.random.Generator, steps: int) -> Floats:
        """Log rates of the next days (s, steps)."""
        out = np.empty((len(self.mean), steps))
        level = self.now - self.mean
        for step in range(steps):
            level = self.memory * level + self.spread * rng.standard_normal(len(level))
            out[:, step] = self.mean + level
        return out


def _fit(logs: Floats, rng: np.random.Generator, draws: int) -> _Walk:
    """Fit an AR(1) to a series of n log rates and draw its parameters.

    Memory is estimated by least squares, corrected for the bias of short series (+ (1 + 3 memory) / n, after Kendall);
    the draws follow its sampling spread, the mean's, and the spread's own (inverse chi-square).
    """
    count = len(logs)
    mean = logs.mean()
    off = logs - mean
    early, later = off[:-1], off[1:]
    energy = float(early @ early) or 1e-9
    rough = float(early @ later) / energy
    memory = float(np.clip(rough + (1 + 3 * rough) / count, 0.0, 0.95))
    rest = later - memory * early
    freedom = max(count - 3, 2)
    spread = np.sqrt(max(float(rest @ rest), 1e-12) / rng.chisquare(freedom, draws))
    memories = np.clip(memory + np.sqrt((1 - memory**2) / count) * rng.standard_normal(draws), 0.0, 0.97)
    means = mean + spread / (1 - np.minimum(memories, 0.9)) / np.sqrt(count) * rng.standard_normal(draws)
    return _Walk(means, memories, spread, np.full(draws, logs[-1]))


def forecast(
    history: History,
    ahead: Ahead,
    backlog: float,
    rng: np.random.Generator,
    *,
    scale: Floats | None = None,
    draws: int = 2_000,
) -> Forecast:
    """Simulate the backlog's next days from ``backlog`` orders now.

    ``scale`` (h,) comes from ``adapted``; ones when nothing was scored yet. Raises TooLittleHistoryError below
    ``LEAST_DAYS`` days with work.
    """
    steps = len(ahead.heads)
    worked = (history.heads > 0) & (history.done > 0)
    if int(worked.sum()) < LEAST_DAYS:
        raise TooLittleHistoryError(f"{LEAST_DAYS} days with work are needed, {int(worked.sum())} are known")
    rate = np.log(history.done[worked] / history.heads[worked])
    working = np.flatnonzero(ahead.heads > 0)
    capacity = np.zeros((draws, steps))
    walked = np.exp(_fit(rate, rng, draws).ahead(rng, len(working)))
    capacity[:, working] = walked * ahead.heads[working]
    arrivals = _arrivals(history, ahead, rng, draws)
    paths = np.empty((draws, steps))
    level = np.full(draws, float(backlog))
    for day in range(steps):
        level = np.maximum(level + arrivals[:, day] - capacity[:, day], 0.0)
        paths[:, day] = level
    return Forecast(paths, np.ones(steps) if scale is None else scale)


def _arrivals(history: History, ahead: Ahead, rng: np.random.Generator, draws: int) -> Floats:
    """Orders that come in each day (s, h): the weekday's usual times a level with memory."""
    log = np.log(history.arrived + 0.5)
    overall = log.mean()
    usual = np.array([_shrunk(log[history.weekday == day], float(overall)) for day in range(7)])
    walk = _fit(log - usual[history.weekday], rng, draws)
    levels = walk.ahead(rng, len(ahead.weekday))
    if ahead.arrivals is not None:
        known: Floats = np.exp(levels - walk.mean[:, None]) * ahead.arrivals
        return known
    return np.maximum(np.exp(usual[ahead.weekday] + levels) - 0.5, 0.0)


def _shrunk(values: Floats, overall: float) -> float:
    return float((values.sum() + overall) / (len(values) + 1))


def adapted(
    scale: Floats, low: Floats, high: Floats, real: Floats, *, width: float = BAND, gain: float = 0.05
) -> Floats:
    """Band scales after one more forecast has been scored (h,), nan in ``real`` where its day has not come.

    A miss widens by ``gain`` times ``width`` in the log, a hit narrows by the rest: in the long run the band holds
    ``width`` of the days whatever the model has wrong. Kept between a half and three.
    """
    missed = (real < low) | (real > high)
    step = np.where(np.isnan(real), 0.0, gain * (missed - (1 - width)))
    return np.clip(scale * np.exp(step), 0.5, 3.0)


@dataclass(frozen=True, slots=True)
class Record:
    """Of ``count`` forecasts that could be checked, in so many the backlog lay ``inside`` the band."""

    inside: int
    count: int


def track_record(low: Sequence[float], high: Sequence[float], real: Sequence[float], *, last: int = 30) -> Record:
    """Record of the last forecasts, oldest first; nan in ``real`` where the day has not come."""
    lows, highs, reals = (np.asarray(values, float) for values in (low, high, real))
    known = np.flatnonzero(~np.isnan(reals))[-last:]
    inside = (reals[known] >= lows[known]) & (reals[known] <= highs[known])
    return Record(int(inside.sum()), len(known))


def crps(paths: Floats, real: Floats) -> Floats:
    """Score a day's futures (continuous ranked probability, orders, 0 is perfect): ``paths`` (s, h), ``real`` (h,)."""
    ordered = np.sort(paths, axis=0)
    count = len(ordered)
    weights = (2 * np.arange(1, count + 1) - count - 1)[:, None]
    spread = (weights * ordered).sum(axis=0) / count**2
    score: Floats = np.abs(paths - real).mean(axis=0) - spread
    return score


def bootstrap_days(
    history: History, steps: int, backlog: float, rng: np.random.Generator, draws: int = 2_000
) -> Floats:
    """Backlogs (s, h) by the usual "Monte Carlo": past days drawn at random, whole. The baseline to beat."""
    net = (history.arrived - history.done).astype(float)
    drawn = rng.choice(net, (draws, steps))
    out = np.empty((draws, steps))
    level = np.full(draws, float(backlog))
    for day in range(steps):
        level = np.maximum(level + drawn[:, day], 0.0)
        out[:, day] = level
    return out
