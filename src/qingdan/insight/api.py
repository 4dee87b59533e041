"""HTTP of the board."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Router, Schema

from qingdan.insight import queries
from qingdan.orders import rows, search
from qingdan.orders.schemas import RowOut
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right

router = Router(tags=["board"])


class ShareOut(Schema):
    """Number of orders with one value; ``id`` is null for orders without one."""

    id: str | None
    count: int


class OverdueOut(Schema):
    """How many orders are past their deadline, and those that have been so the longest."""

    count: int
    rows: list[RowOut]


class DueOut(Schema):
    """Backlog that falls due within 2, 12 and 24 hours from now; each includes the shorter ones."""

    h2: int
    h12: int
    h24: int


class BoardOut(Schema):
    """Where the orders stand. ``by_stage`` covers all of them, the other shares the backlog.

    ``late`` counts orders, cleared ones too, that have not left by the time promised to the buyer.
    """

    as_of: datetime
    total: int
    backlog: int
    release_rate: float | None
    by_stage: list[ShareOut]
    by_channel: list[ShareOut]
    by_province: list[ShareOut]
    by_tier: list[ShareOut]
    by_reason: list[ShareOut]
    by_shop: list[ShareOut]
    overdue: OverdueOut
    due: DueOut
    late: int


@router.get("", auth=Needs(Right.BOARD_VIEW), response=BoardOut)
def get_board(request: Request) -> dict[str, Any]:
    """Return the board; every number is the total of the orders page under the matching filter."""
    now = timezone.now()
    merchant = request.auth.merchant_id
    board = queries.board(merchant, now)
    overdue = search.ordered(search.find(merchant, search.Filters(overdue=True), now), "due_at")
    return {
        **asdict(board),
        "overdue": {
            "count": board.overdue,
            "rows": [rows.row(r, now) for r in search.page(overdue, number=1, size=queries.OVERDUE_ROWS)],
        },
        "due": {"h2": board.due_2h, "h12": board.due_12h, "h24": board.due_24h},
    }
