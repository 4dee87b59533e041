"""HTTP of publishing: rollouts, shadow runs, what is live, and applying it to what waits."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from qingdan.orders.schemas import RowOut
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import applying, queries, rollouts, shadows
from qingdan.policies.api.actor import actor_of
from qingdan.policies.api.backtests import order_rows
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Source
from qingdan.policies.models import Act, Application, Rollout


class ProposeIn(Schema):
    """A policy to publish and the backtest that was seen."""

    name: str = Field(min_length=1, max_length=80)
    source: Source
    backtest: int


class PublishIn(Schema):
    """When it takes effect and when it ends; at once and for good when left out."""

    at: datetime | None = None
    until: datetime | None = None
    skip_shadow: str = Field("", max_length=500, description="Why it goes live without a shadow run")


class RolloutOut(Schema):
    """A policy on its way."""

    id: int
    state: Literal["proposed", "shadow", "scheduled", "live", "ended", "withdrawn"]
    name: str
    hash: str
    source: str
    backtest_id: int | None
    needs_approval: bool
    proposed_at: datetime
    proposed_by: str
    approved_at: datetime | None
    approved_by: str
    shadow_since: datetime | None
    shadow_skipped: str
    starts_at: datetime | None
    ends_at: datetime | None
    live_since: datetime | None


class ShadowMoveOut(Schema):
    """Orders that live sends to ``old`` and the shadow to ``new``."""

    old: str
    new: str
    n: int


class VerdictOut(Schema):
    """One policy's verdict on an order; reasons are rule ids joined by ``;``."""

    stage: str
    tier: str | None
    reasons: str


class ShadowDifferenceOut(Schema):
    """An order on which the two differ."""

    live: VerdictOut
    shadow: VerdictOut
    order: RowOut


class ShadowOut(Schema):
    """How a shadow does beside the live policy; the newest differences."""

    orders: int
    differing: int
    moves: list[ShadowMoveOut]
    differences: list[ShadowDifferenceOut]


class PublicationOut(Schema):
    """A version that was made live."""

    hash: str
    title_zh: str
    title_en: str
    at: datetime
    actor_name: str
    live: bool


class ActOut(Schema):
    """One line of the audit trail."""

    id: int
    kind: str
    subject: str
    at: datetime
    actor_name: str
    details: dict[str, Any]


class ApplicationOut(Schema):
    """The live policy on its way through the waiting orders."""

    id: int
    state: Literal["queued", "running", "done", "cancelled"]
    waiting: int
    done: int
    changed: int
    created_at: datetime
    created_by: str
    finished_at: datetime | None


@router.get("/rollouts", auth=Needs(Right.POLICIES_VIEW), response=list[RolloutOut])
def list_rollouts(request: Request) -> list[Rollout]:
    """List the newest fifty rollouts."""
    return list(Rollout.objects.filter(merchant_id=request.auth.merchant_id).order_by("-id")[:50])


@router.post("/rollouts", auth=Needs(Right.POLICIES_EDIT), response=RolloutOut)
def propose(request: Request, body: ProposeIn) -> Rollout:
    """Propose a policy; 409 without a finished backtest of just this text against the live policy."""
    actor = actor_of(request)
    return rollouts.propose(request.auth.merchant_id, body.name, body.source, actor, backtest=body.backtest)


@router.get("/rollouts/{int:rollout_id}", auth=Needs(Right.POLICIES_VIEW), response=RolloutOut)
def get_rollout(request: Request, rollout_id: int) -> Rollout:
    """Return one rollout."""
    return rollouts.get(request.auth.merchant_id, rollout_id)


@router.post("/rollouts/{int:rollout_id}/shadow", auth=Needs(Right.POLICIES_EDIT), response=RolloutOut)
def start_shadow(request: Request, rollout_id: int) -> Rollout:
    """Judge every incoming order by it, too, without any effect."""
    return rollouts.shadow(request.auth.merchant_id, rollout_id, actor_of(request))


@router.get("/rollouts/{int:rollout_id}/shadow", auth=Needs(Right.POLICIES_VIEW), response=ShadowOut)
def get_shadow(request: Request, rollout_id: int) -> dict[str, Any]:
    """Return how the shadow run went so far, with the orders on which the two differ."""
    merchant = request.auth.merchant_id
    told = shadows.compare(rollouts.get(merchant, rollout_id).pk)
    rows = {row["id"]: row for row in order_rows(merchant, [d["id"] for d in told["differences"]])}
    shown = [{**d, "order": rows[d["id"]]} for d in told["differences"] if d["id"] in rows]
    return {**told, "differences": shown}


@router.post("/rollouts/{int:rollout_id}/approve", auth=Needs(Right.POLICIES_EDIT), response=RolloutOut)
def approve(request: Request, rollout_id: int) -> Rollout:
    """Agree to a rollout; 403 for its own author."""
    return rollouts.approve(request.auth.merchant_id, rollout_id, actor_of(request))


@router.post("/rollouts/{int:rollout_id}/publish", auth=Needs(Right.POLICIES_EDIT), response=RolloutOut)
def publish(request: Request, rollout_id: int, body: PublishIn) -> Rollout:
    """Make it live, now or at a moment; 403 while it needs approval, 409 without a shadow run or a reason."""
    merchant = request.auth.merchant_id
    why = body.skip_shadow.strip()
    return rollouts.go_live(merchant, rollout_id, actor_of(request), at=body.at, until=body.until, skip_shadow=why)


@router.post("/rollouts/{int:rollout_id}/withdraw", auth=Needs(Right.POLICIES_EDIT), response=RolloutOut)
def withdraw(request: Request, rollout_id: int) -> Rollout:
    """Take back a rollout that is not live yet."""
    return rollouts.withdraw(request.auth.merchant_id, rollout_id, actor_of(request))


@router.get("/publications", auth=Needs(Right.POLICIES_VIEW), response=list[PublicationOut])
def list_publications(request: Request) -> list[dict[str, Any]]:
    """List which policy was live since when, the newest first."""
    rows = queries.history(request.auth.merchant_id)[:100]
    return [
        {
            "hash": row.version.hash,
            "title_zh": row.version.title_zh,
            "title_en": row.version.title_en,
            "at": row.at,
            "actor_name": row.actor_name,
            "live": place == 0,
        }
        for place, row in enumerate(rows)
    ]


@router.post("/rollback", auth=Needs(Right.POLICIES_EDIT), response=list[PublicationOut])
def roll_back(request: Request) -> list[dict[str, Any]]:
    """Make the version live that was live before the present one; return the publications."""
    rollouts.roll_back(request.auth.merchant_id, actor_of(request))
    return list_publications(request)


@router.get("/acts", auth=Needs(Right.POLICIES_VIEW), response=list[ActOut])
def list_acts(request: Request) -> list[Act]:
    """List the newest two hundred lines of the audit trail."""
    return list(Act.objects.filter(merchant_id=request.auth.merchant_id).order_by("-id")[:200])


@router.post("/applications", auth=Needs(Right.POLICIES_EDIT), response=ApplicationOut)
def apply(request: Request) -> Application:
    """Apply the live policy to the orders that wait, in the background; ``/impact`` is its dry run."""
    return applying.create(request.auth.merchant_id, actor_of(request))


@router.get("/applications", auth=Needs(Right.POLICIES_VIEW), response=list[ApplicationOut])
def list_applications(request: Request) -> list[Application]:
    """List the newest twenty applications with their progress."""
    return list(Application.objects.filter(merchant_id=request.auth.merchant_id).order_by("-id")[:20])


@router.post("/applications/{int:application_id}/cancel", auth=Needs(Right.POLICIES_EDIT), response=ApplicationOut)
def cancel(request: Request, application_id: int) -> Application:
    """Stop an application; what it has done stays."""
    return applying.cancel(request.auth.merchant_id, application_id, actor_of(request))


@router.post("/applications/{int:application_id}/resume", auth=Needs(Right.POLICIES_EDIT), response=ApplicationOut)
def resume(request: Request, application_id: int) -> Application:
    """Go on with an application that was stopped."""
    return applying.resume(request.auth.merchant_id, application_id, actor_of(request))
