"""The frontier of a threshold: for each value of one number in one rule, what is released and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from qingdan.core.policy.backtest import Judge
from qingdan.core.policy.bounds import lower, upper
from qingdan.core.policy.frontier import Slider, Threshold, thresholds
from qingdan.policies import history, outcomes
from qingdan.policies.drafts import ready
from qingdan.policies.errors import NotThereError
from qingdan.policies.history import Chunk
from qingdan.policies.replay import Replay, over

MOST_VALUES: Final = 60
_Counts = npt.NDArray[np.int64]


def listed(source: str) -> list[Threshold]:
    """Return the thresholds of a policy that can be slid. Raises ``FaultyError``."""
    return thresholds(ready(source).policy.rules)


def compute(
    merchant: int,
    source: str,
    rule: str,
    leaf: int,
    values: Sequence[int],
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    minutes: float = 1.5,
    target: float = 0.8,
) -> dict[str, Any]:
    """Return the frontier of one threshold over the history of a period.

    Each point has the orders released, the problems among them with one-sided 95 % bounds on both sides, and the
    reviewer hours saved against the present value at ``minutes`` an order. ``chosen`` is the place of the value that
    reaches the ``target`` release rate with the lowest bound, else of the one that releases most. Raises
    ``NotThereError`` when the rule has no such threshold.
    """
    judge = Judge(ready(source))
    found = next((t for t in listed(source) if (t.rule, t.leaf) == (rule, leaf)), None)
    if found is None:
        raise NotThereError
    grid = sorted({*values, found.value})
    slider = Slider(judge, rule, leaf, grid)
    known = outcomes.known(merchant, since, before)
    replay = Replay((judge,), known, since=since, before=before, fields=slider.fields)

    def some(batch: Sequence[Chunk]) -> _Counts:
        orders = replay.orders(batch)
        return counted(slider, orders) if orders.height else np.zeros((len(grid), 3), np.int64)

    parts = over(history.chunks(merchant, since, before), some)
    sums = np.sum(parts, axis=0) if parts else np.zeros((len(grid), 3), np.int64)
    usual = int(sums[grid.index(found.value)][1])
    points = [_point(value, row, usual, minutes) for value, row in zip(grid, sums.tolist(), strict=True)]
    return {
        "rule": rule,
        "leaf": leaf,
        "field": found.field,
        "type": found.type.value,
        "current": found.value,
        "orders": int(sums[0][0]),
        "points": points,
        "chosen": _chosen(points, target),
    }


def counted(slider: Slider, orders: pl.DataFrame) -> _Counts:
    """Return, for each value, the orders, those released, and those released that met a problem."""
    bad = orders["problems"].to_numpy() != 0
    rows = [(orders.height, int(out.sum()), int((out & bad).sum())) for out in slider.released(orders)]
    return np.array(rows, np.int64)


def _point(value: int, counts: Sequence[int], usual: int, minutes: float) -> dict[str, Any]:
    orders, released, bad = counts
    return {
        "value": value,
        "released": released,
        "rate": released / orders if orders else None,
        "problems": bad,
        "problem_low": lower(bad, released) if released else None,
        "problem_high": upper(bad, released) if released else None,
        "hours_saved": round((released - usual) * minutes / 60, 2),
    }


def _chosen(points: Sequence[dict[str, Any]], target: float) -> int | None:
    places = [place for place, point in enumerate(points) if point["rate"] is not None]
    if not places:
        return None
    reach = [place for place in places if points[place]["rate"] >= target]
    if reach:
        return min(reach, key=lambda p: (points[p]["problem_high"], -points[p]["released"]))
    return max(places, key=lambda p: points[p]["released"])
