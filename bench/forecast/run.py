"""The forecast held against 30 made-up teams, day after day, beside the usual bootstrap of days."""

from typing import Any

import numpy as np

from bench.forecast.world import DAYS, world
from qingdan.core.flow.forecast import Ahead, adapted, bootstrap_days, crps, forecast

HORIZON = 7
FIRST = 60


def score(worlds: int, *, every: int = 1, draws: int = 600) -> dict[str, np.ndarray]:
    """Coverage and CRPS (h,) of ours and the bootstrap's, over rolling origins of ``worlds`` teams."""
    hits, wide, ours, theirs, bad = ([] for _ in range(5))
    for seed in range(worlds):
        made = world(seed)
        rng = np.random.default_rng(10_000 + seed)
        scale = np.ones(HORIZON)
        bands: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        for day in range(FIRST, DAYS - HORIZON, every):
            days = slice(day + 1, day + 1 + HORIZON)
            known = made.until(day)
            ahead = Ahead(made.days.heads[days], made.days.weekday[days])
            scale = _learned(scale, bands, made.backlog, day)
            said = forecast(known, ahead, float(made.backlog[day]), rng, scale=scale, draws=draws)
            low, high = said.band()
            bands[day] = (low, high)
            real = made.backlog[days].astype(float)
            hits.append((low <= real) & (real <= high))
            wide.append(high - low)
            ours.append(crps(said.paths, real))
            usual = bootstrap_days(known, HORIZON, float(made.backlog[day]), rng, draws)
            theirs.append(crps(usual, real))
            edges = np.quantile(usual, [0.1, 0.9], axis=0)
            bad.append((edges[0] <= real) & (real <= edges[1]))
    named = {"cover": hits, "width": wide, "crps": ours, "bootstrap_crps": theirs, "bootstrap_cover": bad}
    return {name: np.mean(rows, axis=0) for name, rows in named.items()}


def _learned(
    scale: np.ndarray, bands: dict[int, tuple[np.ndarray, np.ndarray]], backlog: np.ndarray, day: int
) -> np.ndarray:
    """Score today's backlog against the bands that past days said for it."""
    low, high, real = (np.full(HORIZON, np.nan) for _ in range(3))
    for ago in range(1, HORIZON + 1):
        if day - ago in bands:
            low[ago - 1], high[ago - 1] = (edge[ago - 1] for edge in bands[day - ago])
            real[ago - 1] = backlog[day]
    return adapted(scale, low, high, real)


def measure() -> list[dict[str, Any]]:
    """Rows for the benchmark table."""
    found = score(30)
    rows = [
        {
            "name": f"forecast: 80 % band holds, {day + 1} days ahead",
            "value": round(float(found["cover"][day]), 3),
            "unit": "of forecasts",
            "target": "0.76 to 0.84",
            "peer": f"bootstrap of days {found['bootstrap_cover'][day]:.3f}",
            "ratio": None,
        }
        for day in range(HORIZON)
    ]
    for day in (0, 2, 6):
        ratio = float(found["crps"][day] / found["bootstrap_crps"][day])
        rows.append(
            {
                "name": f"forecast: CRPS, {day + 1} days ahead",
                "value": round(float(found["crps"][day]), 1),
                "unit": "orders",
                "target": "below the bootstrap",
                "peer": f"bootstrap of days {found['bootstrap_crps'][day]:.1f}",
                "ratio": round(ratio, 3),
            }
        )
    return rows
