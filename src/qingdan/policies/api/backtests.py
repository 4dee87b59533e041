"""HTTP of backtests."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Field, Query, Schema

from qingdan.orders import rows, search
from qingdan.orders.models import Order
from qingdan.orders.schemas import RowOut
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import backtests
from qingdan.policies.api.actor import actor_of
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Said, Source
from qingdan.policies.models import Backtest

Code = Literal["release", "review", "exception", "held", "none"]


class BacktestIn(Schema):
    """What to try on which period (by the orders' creation); the live policy is the other side."""

    source: Source
    draft: int | None = None
    since: datetime | None = None
    before: datetime | None = None
    against: str | None = Field(default=None, max_length=64, description="Hash of another version to compare with")


class SideOut(Schema):
    """What one policy releases, and what came of it; the bound is one-sided, 95 %."""

    released: int
    rate: float | None
    problems: int
    problem_rate: float | None
    problem_bound: float | None


class TransitionOut(Schema):
    """Orders that the old policy sends one way and the new one another."""

    old: Code
    new: Code
    n: int
    problems: int
    problem_bound: float


class TierMoveOut(Schema):
    """Orders by tier under both."""

    old: str | None
    new: str | None
    n: int


class GroupOut(Schema):
    """Orders of one channel, shop or province."""

    key: str | None
    n: int
    old_released: int
    new_released: int
    problems: int


class RuleCountOut(Schema):
    """What one rule stops; ``alone`` are the orders that it alone keeps from being released."""

    id: str
    kind: str
    title: Said
    hit: int
    hit_problems: int
    alone: int
    alone_problems: int
    alone_bound: float | None


class ProblemCountOut(Schema):
    """Released orders that met one kind of problem, under either policy."""

    id: str
    title: Said
    old: int
    new: int


class ResultOut(Schema):
    """The whole result."""

    orders: int
    old: SideOut
    new: SideOut
    transitions: list[TransitionOut]
    tiers: list[TierMoveOut]
    by: dict[str, list[GroupOut]]
    rules: list[RuleCountOut]
    problems: list[ProblemCountOut]


class BacktestOut(Schema):
    """A backtest and how far it is."""

    id: int
    state: Literal["queued", "running", "done", "failed"]
    draft_id: int | None
    old_hash: str
    new_hash: str
    since: datetime | None
    before: datetime | None
    chunks: int
    done_chunks: int
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    result: ResultOut | None


class CellIn(Schema):
    """A cell of a backtest."""

    old: Code | None = None
    new: Code | None = None
    rule: str | None = Field(None, max_length=64)
    problem: bool | None = None
    group: Literal["channel", "shop", "province"] | None = None
    key: str = Field("", max_length=200)
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.post("/backtests", auth=Needs(Right.POLICIES_EDIT), response=BacktestOut)
def create_backtest(request: Request, body: BacktestIn) -> Backtest:
    """Try a policy on history; it runs in the background. 422 when the policy has errors."""
    return backtests.create(
        request.auth.merchant_id,
        body.source,
        actor_of(request),
        since=body.since,
        before=body.before,
        draft=body.draft,
        against=body.against,
    )


@router.get("/backtests", auth=Needs(Right.POLICIES_VIEW), response=list[BacktestOut])
def list_backtests(request: Request, draft: int | None = None) -> list[Backtest]:
    """List the newest fifty backtests, of one draft when asked."""
    found = Backtest.objects.filter(merchant_id=request.auth.merchant_id)
    if draft is not None:
        found = found.filter(draft_id=draft)
    return list(found.order_by("-id")[:50])


@router.get("/backtests/{int:backtest_id}", auth=Needs(Right.POLICIES_VIEW), response=BacktestOut)
def get_backtest(request: Request, backtest_id: int) -> Backtest:
    """Return one backtest, with its result once it is done."""
    return backtests.get(request.auth.merchant_id, backtest_id)


@router.get("/backtests/{int:backtest_id}/orders", auth=Needs(Right.POLICIES_VIEW), response=list[RowOut])
def get_cell(request: Request, backtest_id: int, query: Query[CellIn]) -> list[dict[str, Any]]:
    """Return the orders behind a cell, as they stand now, the newest first."""
    row = backtests.get(request.auth.merchant_id, backtest_id)
    ids = backtests.cell(
        row,
        old=query.old,
        new=query.new,
        rule=query.rule,
        problem=query.problem,
        key=(query.group, query.key) if query.group else None,
        limit=query.limit,
    )
    return order_rows(request.auth.merchant_id, ids)


def order_rows(merchant: int, ids: list[int]) -> list[dict[str, Any]]:
    """Return orders as rows of the orders page, in the order of ``ids``."""
    now = timezone.now()
    found = Order.objects.filter(merchant_id=merchant, id__in=ids)
    shown = {columns["id"]: rows.row(columns, now) for columns in search.page(found, number=1, size=len(ids) or 1)}
    return [shown[order] for order in ids if order in shown]
