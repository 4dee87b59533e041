"""HTTP of what to change: thresholds and their frontier, and which rule frees the most waiting orders."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Field, Schema

from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import frontiers, levers
from qingdan.policies.api.drafts import TextIn
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Said, Source
from qingdan.policies.drafts import ready


class ThresholdOut(Schema):
    """A number in a rule: its leaf (from 1), and its value (money in fen, durations in microseconds)."""

    rule: str
    leaf: int
    field: str
    type: Literal["money", "int", "duration"]
    value: int


class FrontierIn(Schema):
    """One threshold and the values to try, on a period of history (by the orders' creation)."""

    source: Source
    rule: str = Field(max_length=64)
    leaf: int = Field(ge=1, le=500)
    values: list[int] = Field(min_length=1, max_length=frontiers.MOST_VALUES)
    since: datetime | None = None
    before: datetime | None = None
    minutes: Annotated[float, Field(gt=0, le=120, description="Minutes that a person needs for one order")] = 1.5
    target: Annotated[float, Field(ge=0, le=1, description="Release rate to reach")] = 0.8


class PointOut(Schema):
    """What one value does; ``problem_low`` and ``problem_high`` are one-sided 95 % bounds."""

    value: int
    released: int
    rate: float | None
    problems: int
    problem_low: float | None
    problem_high: float | None
    hours_saved: float


class FrontierOut(Schema):
    """The frontier; ``chosen`` is the place of the point that reaches the target most safely."""

    rule: str
    leaf: int
    field: str
    type: str
    current: int
    orders: int
    points: list[PointOut]
    chosen: int | None


class MissOut(Schema):
    """A condition that decided against orders, and how many."""

    text: Said
    n: int


class LeverOut(Schema):
    """A rule and how many waiting orders it alone stops."""

    id: str
    kind: str
    title: Said
    frees: int
    samples: list[int]
    misses: list[MissOut]


@router.post("/thresholds", auth=Needs(Right.POLICIES_VIEW), response=list[ThresholdOut])
def list_thresholds(request: Request, body: TextIn) -> list[dict[str, Any]]:  # noqa: ARG001 - ninja calls it so
    """Return the numbers of a policy that can be slid."""
    return [asdict(found) for found in frontiers.listed(body.source)]


@router.post("/frontier", auth=Needs(Right.POLICIES_VIEW), response=FrontierOut)
def get_frontier(request: Request, body: FrontierIn) -> dict[str, Any]:
    """Return what each value of a threshold would have released, and what came of those orders."""
    return frontiers.compute(
        request.auth.merchant_id,
        body.source,
        body.rule,
        body.leaf,
        body.values,
        since=body.since,
        before=body.before,
        minutes=body.minutes,
        target=body.target,
    )


@router.post("/levers", auth=Needs(Right.POLICIES_VIEW), response=list[LeverOut])
def get_levers(request: Request, body: TextIn) -> list[dict[str, Any]]:
    """Return the rules by how many waiting orders each alone stops, with the conditions that those miss."""
    return levers.find(request.auth.merchant_id, ready(body.source), timezone.now())
