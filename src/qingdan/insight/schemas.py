"""Shapes of what the board says over HTTP, by request and by stream."""

from datetime import datetime

from ninja import Schema

from qingdan.orders.schemas import RowOut


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


class FlowOut(Schema):
    """Orders that began to wait for us in the hour that starts at ``at``, and that stopped waiting."""

    at: datetime
    came: int
    went: int


class BoardOut(Schema):
    """Where the orders stand. ``by_stage`` covers all of them, the other shares the backlog.

    ``late`` counts orders, cleared ones too, that have not left by the time promised to the buyer.
    ``flow`` has the last 24 hours, hour by hour, the running one last.
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
    flow: list[FlowOut]
