"""What an import or a review came to, as counts."""

from collections import Counter
from typing import Any, Final

import polars as pl

_GROUPS: Final = ("channel", "verdict", "stage", "tier")
_SUMS: Final = ("orders", "waiting", "released", "paid_amount", "refused")
_COUNTS: Final = tuple(f"by_{name}" for name in (*_GROUPS, "reason"))

Totals = dict[str, Any]


def totals(decided: pl.DataFrame, refused: int) -> Totals:
    """Count reviewed orders by channel, verdict, stage, tier and reason.

    ``decided`` has the columns of an orders frame and of ``review_columns``. The release rate is of the orders that
    wait to ship, in 0..1; null when none does.
    """
    waiting = decided.filter(pl.col("verdict") != "none").height
    released = decided.filter(pl.col("verdict") == "release").height
    reasons = decided.select(pl.col("reasons").str.split(";").explode()).filter(pl.col("reasons").fill_null("") != "")
    return {
        "orders": decided.height,
        "waiting": waiting,
        "released": released,
        "release_rate": _rate(released, waiting),
        "paid_amount": int(decided["paid_amount"].sum() or 0),
        "refused": refused,
        **{f"by_{name}": _counts(decided.select(name)) for name in _GROUPS},
        "by_reason": _counts(reasons),
    }


def added(one: Totals, other: Totals) -> Totals:
    """Totals of two parts of the same orders."""
    made: Totals = {name: one[name] + other[name] for name in _SUMS}
    made["release_rate"] = _rate(made["released"], made["waiting"])
    for name in _COUNTS:
        counts: Counter[str] = Counter(one[name]) + Counter(other[name])
        made[name] = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return made


def _rate(released: int, waiting: int) -> float | None:
    return round(released / waiting, 4) if waiting else None


def _counts(column: pl.DataFrame) -> dict[str, int]:
    """Count each value, most frequent first; orders without one are not counted."""
    name = column.columns[0]
    counted = column.select(pl.col(name).cast(pl.String)).drop_nulls().group_by(name).len("n")
    return dict(counted.sort("n", name, descending=[True, False]).iter_rows())


NO_TOTALS: Final[Totals] = {
    **dict.fromkeys(_SUMS, 0),
    "release_rate": None,
    **{name: {} for name in _COUNTS},
}
