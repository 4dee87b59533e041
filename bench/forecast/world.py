"""Made-up teams: a roster, weekday inflow, and good and bad spells."""

from dataclasses import dataclass

import numpy as np

from qingdan.core.flow.forecast import History

DAYS = 150


@dataclass(frozen=True)
class World:
    """All days of one team, and the backlog at the end of each."""

    days: History
    backlog: np.ndarray

    def until(self, day: int, window: int = 70) -> History:
        """What was known at the end of a day."""
        part = slice(max(day - window + 1, 0), day + 1)
        return History(self.days.done[part], self.days.arrived[part], self.days.heads[part], self.days.weekday[part])


def world(seed: int) -> World:
    """Draw a team with a backlog that never runs out, so that each day tells its pace."""
    rng = np.random.default_rng(seed)
    weekday = np.arange(DAYS) % 7
    heads = np.where(weekday < 5, rng.integers(8, 13, DAYS), rng.integers(2, 6, DAYS)).astype(float)
    pace = _spells(rng, rng.uniform(0.3, 0.8), 0.18)
    tide = _spells(rng, rng.uniform(0.2, 0.6), 0.12)
    shape = np.array([1.1, 1.0, 0.95, 1.0, 1.1, 0.7, 0.6])
    arrived = rng.poisson(500 * shape[weekday] * np.exp(tide))
    done = rng.poisson(50 * heads * np.exp(pace))
    backlog = 40_000 + np.cumsum(arrived - done)
    return World(History(done, arrived, heads, weekday), backlog)


def _spells(rng: np.random.Generator, memory: float, spread: float) -> np.ndarray:
    out = np.zeros(DAYS)
    for day in range(1, DAYS):
        out[day] = memory * out[day - 1] + spread * rng.standard_normal()
    return out
