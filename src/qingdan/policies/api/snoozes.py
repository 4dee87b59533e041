"""HTTP of snoozes: rules that do not count for one buyer, receiver or SKU for a while."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import Q
from django.utils import timezone
from ninja import Field, Schema

from qingdan.core.message import Words
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import queries, snoozes
from qingdan.policies.api.actor import actor_of
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Said
from qingdan.policies.models import Snooze


class RuleSnoozeIn(Schema):
    """Let a rule of the live policy not count for the buyer, the receiver or a SKU of an order until a moment."""

    order: int
    rule: str = Field(max_length=64)
    kind: Literal["buyer", "receiver", "sku"]
    sku: str = Field("", max_length=200)
    until: datetime
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class RuleSnoozeOut(Schema):
    """A snooze; ``shown`` says whom it is for, masked."""

    id: int
    rule: str
    title: Said
    kind: Literal["buyer", "receiver", "sku"]
    channel: str
    shown: str
    reason: str
    since: datetime
    until: datetime
    active: bool
    created_by: str
    ended_at: datetime | None
    ended_by: str


@router.get("/snoozes", auth=Needs(Right.POLICIES_VIEW), response=list[RuleSnoozeOut])
def list_snoozes(request: Request) -> list[dict[str, Any]]:
    """List the snoozes that count now, then the newest two hundred that ended."""
    now, merchant = timezone.now(), request.auth.merchant_id
    counts = Q(ended_at=None, until__gt=now)
    found = Snooze.objects.filter(merchant_id=merchant)
    listed = [*found.filter(counts).order_by("until"), *found.exclude(counts).order_by("-id")[:200]]
    return [_shown(one, _titles(merchant), now) for one in listed]


@router.post("/snoozes", auth=Needs(Right.POLICIES_EDIT), response=RuleSnoozeOut)
def create_snooze(request: Request, body: RuleSnoozeIn) -> dict[str, Any]:
    """Snooze a rule; what waits and is concerned is judged anew in the background."""
    merchant = request.auth.merchant_id
    made = snoozes.create(
        merchant,
        body.order,
        actor_of(request),
        rule=body.rule,
        kind=body.kind,
        sku=body.sku,
        until=body.until,
        reason=body.reason.strip(),
    )
    return _shown(made, _titles(merchant), timezone.now())


@router.post("/snoozes/{int:snooze_id}/end", auth=Needs(Right.POLICIES_EDIT), response=RuleSnoozeOut)
def end_snooze(request: Request, snooze_id: int) -> dict[str, Any]:
    """Let the rule count again at once."""
    merchant = request.auth.merchant_id
    return _shown(snoozes.end(merchant, snooze_id, actor_of(request)), _titles(merchant), timezone.now())


def _titles(merchant: int) -> dict[str, Words]:
    return {rule.id: rule.title for rule in queries.compiled(queries.live_source(merchant)).policy.rules}


def _shown(one: Snooze, titles: dict[str, Words], now: datetime) -> dict[str, Any]:
    names = ("rule", "kind", "channel", "shown", "reason", "since", "until", "created_by", "ended_at", "ended_by")
    return {
        "id": one.pk,
        **{name: getattr(one, name) for name in names},
        "title": titles.get(one.rule, Words(one.rule, one.rule)).both(),
        "active": one.ended_at is None and one.until > now,
    }
