"""What an import or a review came to, as counts."""

from typing import Any, Final

import polars as pl

_GROUPS: Final = ("channel", "verdict", "stage", "tier")


def totals(decided: pl.DataFrame, refused: int) -> dict[str, Any]:
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
        "release_rate": round(released / waiting, 4) if waiting else None,
        "paid_amount": int(decided["paid_amount"].sum() or 0),
        "refused": refused,
        **{f"by_{name}": _counts(decided.select(name)) for name in _GROUPS},
        "by_reason": _counts(reasons),
    }


def _counts(column: pl.DataFrame) -> dict[str, int]:
    """Count each value, most frequent first; orders without one are not counted."""
    name = column.columns[0]
    counted = column.select(pl.col(name).cast(pl.String)).drop_nulls().group_by(name).len("n")
    return dict(counted.sort("n", name, descending=[True, False]).iter_rows())
