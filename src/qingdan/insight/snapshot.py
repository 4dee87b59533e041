"""The board as a page shows it: the figures, and the orders that have been late the longest."""

from dataclasses import asdict
from datetime import datetime

from qingdan.insight import forecasting, pulse, queries
from qingdan.insight.schemas import BoardOut
from qingdan.orders import rows, search


def board(merchant_id: int, now: datetime) -> BoardOut:
    """Return a merchant's board as of ``now``."""
    figures = queries.board(merchant_id, now)
    overdue = search.ordered(search.find(merchant_id, search.Filters(overdue=True), now), "due_at")
    return BoardOut.model_validate(
        {
            **asdict(figures),
            "overdue": {
                "count": figures.overdue,
                "rows": [rows.row(r, now) for r in search.page(overdue, number=1, size=queries.OVERDUE_ROWS)],
            },
            "due": {"h2": figures.due_2h, "h12": figures.due_12h, "h24": figures.due_24h},
            "flow": [asdict(hour) for hour in queries.flow(merchant_id, now)],
            "pulse": pulse.of(merchant_id),
            "forecast": forecasting.of(merchant_id),
        }
    )
