"""HTTP of live impact: what a text would change for the orders that wait now."""

from typing import Any

from django.utils import timezone
from ninja import Schema

from qingdan.orders.schemas import RowOut
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import waiting
from qingdan.policies.api.backtests import order_rows
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Source
from qingdan.policies.drafts import ready


class ImpactIn(Schema):
    """A policy's text; ``samples`` asks for the sampled orders as rows, too."""

    source: Source
    samples: bool = False


class MoveOut(Schema):
    """Waiting orders that stand in ``old`` and would stand in ``new``, with the ids of some."""

    old: str | None
    new: str | None
    n: int
    samples: list[int]


class ImpactOut(Schema):
    """What would change; orders that a person decided are kept where they are and counted in ``kept_by_hand``."""

    waiting: int
    kept_by_hand: int
    changed: int
    released: int
    stages: list[MoveOut]
    tiers: list[MoveOut]
    orders: list[RowOut]


@router.post("/impact", auth=Needs(Right.POLICIES_VIEW), response=ImpactOut)
def get_impact(request: Request, body: ImpactIn) -> dict[str, Any]:
    """Return what a policy would change for the orders that wait; nothing is changed. 422 when it has errors."""
    merchant = request.auth.merchant_id
    told = waiting.impact(merchant, ready(body.source), timezone.now())
    moving = [move for key in ("stages", "tiers") for move in told[key] if move["old"] != move["new"]]
    ids = list(dict.fromkeys(order for move in moving for order in move["samples"])) if body.samples else []
    return {**told, "orders": order_rows(merchant, ids[:50])}
