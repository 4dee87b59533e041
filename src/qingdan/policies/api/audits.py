"""HTTP of the audit sample, and of what the owners of policies are told."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Self

from django.http import HttpResponse
from ninja import Field, Schema
from pydantic import model_validator

from qingdan.core.fields import ORDER_FIELDS, Source
from qingdan.core.policy import Kind
from qingdan.orders import rows
from qingdan.orders.schemas import RowOut
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right
from qingdan.policies import audits, notices, queries
from qingdan.policies.api.actor import actor_of
from qingdan.policies.api.backtests import order_rows
from qingdan.policies.api.routing import router
from qingdan.policies.api.shapes import Said
from qingdan.policies.models import Audit, AuditSetting, Notice

_TELLING = frozenset({"platform_state", "platform_status"}) | {f.id for f in ORDER_FIELDS if f.source is Source.LEDGER}
"""Fields that would tell what was decided, or what became of the order."""
_STOPPING = (Kind.CHECK, Kind.EXCEPTION, Kind.HOLD)


class NamedRuleOut(Schema):
    """A rule that may stop an order."""

    id: str
    kind: str
    title: Said


class AuditBlindOut(Schema):
    """An order to look at, without what was decided; ``rules`` are those that can be named."""

    id: int
    order: dict[str, Any]
    lines: list[dict[str, Any]]
    rules: list[NamedRuleOut]


class AuditNextOut(Schema):
    """The next order to look at, and how many wait."""

    waiting: int
    audit: AuditBlindOut | None


class AuditAnswerIn(Schema):
    """Would you have released it? ``reason`` is needed with no, ``rule`` names the rule that should have stopped it."""

    release: bool
    reason: str = Field("", max_length=500)
    rule: str = Field("", max_length=64)

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if not self.release and not self.reason.strip():
            raise ValueError("a no needs a reason")
        return self


class AuditAnswerOut(Schema):
    """What had been decided, and what the answer led to."""

    released: bool
    agreed: bool
    held: bool
    paused: list[NamedRuleOut]


class MeasuredOut(Schema):
    """One check, or all releases together (``rule`` empty); bounds are one-sided, 95 %."""

    rule: str
    title: Said | None
    looked_at: int
    wrong: int
    rate: float | None
    at_most: float | None
    at_least: float
    evidence: float
    over: bool


class AuditSettingIn(Schema):
    """Share of orders to draw, and the defect rate that a check may have; parts of one."""

    share: Annotated[float, Field(ge=0, le=1)]
    limit: Annotated[float, Field(ge=0.001, le=0.5)]
    controls: bool


class AuditSettingOut(AuditSettingIn):
    """The same, and who set it."""

    changed_at: datetime
    changed_by: str


class AuditCountsOut(Schema):
    """Orders drawn, waiting to be looked at, released and looked at (and wrong), stopped and looked at (in vain)."""

    drawn: int
    waiting: int
    looked_at: int
    wrong: int
    stopped: int
    in_vain: int


class AuditsOut(Schema):
    """What the sample says."""

    setting: AuditSettingOut
    counts: AuditCountsOut
    measured: list[MeasuredOut]


class AnsweredOut(Schema):
    """An answer that differs from what was decided."""

    id: int
    released: bool
    rule: str
    reason: str
    answered_at: datetime
    answered_by: str
    order: RowOut


class PolicyNoticeOut(Schema):
    """Something that a policy's owner is told."""

    id: int
    kind: str
    at: datetime
    details: dict[str, Any]


class NoticesSeenIn(Schema):
    """Notices that were seen."""

    ids: list[int] = Field(max_length=200)


@router.get("/audits", auth=Needs(Right.POLICIES_VIEW), response=AuditsOut)
def get_audits(request: Request) -> dict[str, Any]:
    """Return what people said of the audit sample: each check's defect rate with its bounds."""
    merchant = request.auth.merchant_id
    setting = audits.setting(merchant)
    titles = {rule.id: rule.title.both() for rule in queries.compiled(queries.live_source(merchant)).policy.rules}
    return {
        "setting": setting,
        "counts": audits.summary(merchant),
        "measured": [{**asdict(m), "title": titles.get(m.rule)} for m in audits.measure(merchant, setting.limit)],
    }


@router.put("/audits/setting", auth=Needs(Right.POLICIES_EDIT), response=AuditSettingOut)
def set_audits(request: Request, body: AuditSettingIn) -> AuditSetting:
    """Set how much is drawn and when a check is paused."""
    return audits.change(request.auth.merchant_id, actor_of(request), **body.model_dump())


@router.get("/audits/next", auth=Needs(Right.ORDERS_DECIDE), response=AuditNextOut)
def next_audit(request: Request) -> dict[str, Any]:
    """Return the next order of the sample without its verdict."""
    found, waiting = audits.following(request.auth.merchant_id)
    return {"waiting": waiting, "audit": _blind(found) if found is not None else None}


def _blind(row: Audit) -> dict[str, Any]:
    order = row.order
    facts = rows.order_facts(order)
    return {
        "id": row.pk,
        "order": {"id": order.pk, **{name: value for name, value in facts.items() if name not in _TELLING}},
        "lines": rows.line_facts(order.lines.order_by("line_no")),
        "rules": _named(row),
    }


def _named(row: Audit) -> list[dict[str, Any]]:
    policy = audits.policy_of(row)
    return [
        {"id": rule.id, "kind": rule.kind.value, "title": rule.title.both()}
        for rule in policy.rules
        if rule.kind in _STOPPING
    ]


@router.post("/audits/{int:audit_id}/answer", auth=Needs(Right.ORDERS_DECIDE), response=AuditAnswerOut)
def answer_audit(request: Request, audit_id: int, body: AuditAnswerIn) -> dict[str, Any]:
    """Say whether the order should be released; 409 when somebody was faster, 422 for a no without a reason."""
    told = audits.answer(
        request.auth.merchant_id,
        audit_id,
        actor_of(request),
        would_release=body.release,
        reason=body.reason.strip(),
        rule=body.rule,
    )
    released = told.audit.released
    return {
        "released": released,
        "agreed": released == body.release,
        "held": told.held,
        "paused": [rule for rule in _named(told.audit) if rule["id"] in told.paused],
    }


@router.get("/audits/answers", auth=Needs(Right.POLICIES_VIEW), response=list[AnsweredOut])
def list_answers(request: Request, rule: str | None = None) -> list[dict[str, Any]]:
    """List the newest two hundred answers that differ from what was decided, of one rule when asked."""
    found = Audit.objects.filter(merchant_id=request.auth.merchant_id).exclude(answered_at=None)
    found = found.exclude(released=True, would_release=True).exclude(released=False, would_release=False)
    if rule is not None:
        found = found.filter(rule=rule)
    told = list(found.order_by("-answered_at")[:200])
    shown = {row["id"]: row for row in order_rows(request.auth.merchant_id, [one.order_id for one in told])}
    return [
        {
            "id": one.pk,
            "released": one.released,
            "rule": one.rule,
            "reason": one.reason,
            "answered_at": one.answered_at,
            "answered_by": one.answered_by,
            "order": shown[one.order_id],
        }
        for one in told
        if one.order_id in shown
    ]


@router.get("/notices", auth=Needs(Right.POLICIES_VIEW), response=list[PolicyNoticeOut])
def list_notices(request: Request) -> list[Notice]:
    """List what I am told about policies and have not seen: a check was paused."""
    return notices.unread(request.auth.merchant_id, request.auth.id, request.auth.roles)


@router.post("/notices/read", auth=Needs(Right.POLICIES_VIEW), response={204: None})
def read_notices(request: Request, body: NoticesSeenIn) -> HttpResponse:
    """Mark such notices as seen."""
    notices.read(request.auth.merchant_id, request.auth.id, request.auth.roles, body.ids)
    return HttpResponse(status=204)
