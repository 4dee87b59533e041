"""How long an order takes by reason and person: measured from what was done, drawn for a simulated world.

The time of an order is the reason's time, drawn for the order, times the person's factor for that reason. What was
measured from few cases is uncertain, so each world first draws how far the measurement may be off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

PRIOR_SIGMA: Final = 0.7
"""Spread of the log time where too little was measured to tell it."""
PRIOR_FREEDOM: Final = 4.0
"""How many cases that usual spread counts for."""
PRIOR_CASES: Final = 8.0
"""How many cases a person needs before their own pace counts as much as the team's."""


class Handling(Protocol):
    """Time of one reason."""

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Minutes of ``count`` orders in one world (count,); measurement error is drawn once for the world."""


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Log-normal time: ``median`` minutes and ``sigma`` of the log.

    ``error`` is the standard error of the log median and ``freedom`` the degrees of freedom behind ``sigma``: 0 and
    None when both are known.
    """

    median: float
    sigma: float
    error: float = 0.0
    freedom: float | None = None

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Minutes of orders in one world."""
        shift = self.error * rng.standard_normal()
        sigma = self.sigma if self.freedom is None else self.sigma * (self.freedom / rng.chisquare(self.freedom)) ** 0.5
        minutes: Floats = self.median * np.exp(shift + sigma * rng.standard_normal(count))
        return minutes


@dataclass(frozen=True, slots=True)
class Empirical:
    """The times that were measured (m,), m > 0, drawn with replacement from a resample of themselves (bootstrap)."""

    minutes: Floats

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Minutes of orders in one world."""
        world = rng.choice(self.minutes, len(self.minutes))
        return rng.choice(world, count)


@dataclass(frozen=True, slots=True)
class Measured:
    """``times`` of each of R reasons; ``factor`` (R, P): the part of that time each person takes.

    ``factor_error`` (R, P) is the standard error of the log of ``factor``.
    """

    times: tuple[LogNormal, ...]
    factor: Floats
    factor_error: Floats


def measure(reason: Numbers, person: Numbers, minutes: Floats, *, people: int, usual: Sequence[float]) -> Measured:
    """Learn times from m finished orders: ``reason``, ``person`` (m,) as indexes, ``minutes`` (m,) > 0.

    ``usual`` (R,) are minutes to assume per reason: they count as a few cases, so a reason never seen has them. A
    person's pace is drawn to the team's by ``PRIOR_CASES``. Raises ValueError for times that are not positive.
    """
    if len(minutes) and not minutes.min() > 0:
        raise ValueError("a handling time is positive")
    logs = np.log(minutes)
    reasons = len(usual)
    factor, error = np.zeros((reasons, people)), np.zeros((reasons, people))
    times: list[LogNormal] = []
    for number in range(reasons):
        mine = reason == number
        own, who = logs[mine], person[mine]
        count = len(own)
        # the times counted as seen beforehand: one case at the usual, so that a wrong guess fades quickly
        centre = (own.sum() + np.log(usual[number])) / (count + 1)
        cases = np.bincount(who, minlength=people)
        off = np.bincount(who, weights=own - centre, minlength=people)
        factor[number] = off / (cases + PRIOR_CASES)
        rest = own - centre - factor[number][who]
        # the fit of centre and paces took some freedom from the residuals; a few cases at the usual spread come back
        freedom = max(count - 1 - float(np.sum(cases / (cases + PRIOR_CASES))), 0.0) + PRIOR_FREEDOM
        sigma = float(np.sqrt((np.sum(rest**2) + PRIOR_FREEDOM * PRIOR_SIGMA**2) / freedom))
        error[number] = sigma / np.sqrt(cases + PRIOR_CASES)
        times.append(LogNormal(float(np.exp(centre)), sigma, sigma / float(np.sqrt(count + 1)), freedom))
    return Measured(tuple(times), np.exp(factor), error)
