"""HTTP of alerts: the list, taking note, and the settings of where they go."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Query, Router, Schema

from qingdan.alerts import actions, outlets, queries, setting
from qingdan.alerts.dispatching import outlets_used
from qingdan.alerts.kinds import KINDS
from qingdan.alerts.models import Alert, Delivery, Outlet, Reach, Route
from qingdan.alerts.routing import USUAL, Step, read_steps
from qingdan.people.access import Needs, Request
from qingdan.people.models import User
from qingdan.people.rights import Right

router = Router(tags=["alerts"])

PAGE = 50
State = Literal["open", "acked", "closed"]
OutletKind = Literal["dingtalk", "feishu", "wecom", "mail"]
Text = Annotated[str, Field(max_length=64)]


class AlertOut(Schema):
    """One alert; ``zh`` and ``en`` are its sentence, ``path`` the page that shows what it is about."""

    id: int
    kind: str
    severity: str
    zh: str
    en: str
    path: str
    role: str
    tier: str
    order_id: int | None
    opened_at: datetime
    step: int
    escalate_at: datetime | None
    acked_at: datetime | None
    acked_by: str
    closed_at: datetime | None


class AlertsOut(Schema):
    """A page of alerts, how many there are, and by kind how many nobody has taken note of."""

    rows: list[AlertOut]
    total: int
    open: dict[str, int]


class AckIn(Schema):
    """Which alerts are taken note of: these, or all open ones (of a kind)."""

    ids: list[int] | None = Field(default=None, max_length=1000)
    kind: str | None = None
    all: bool = False


class AckOut(Schema):
    """How many were not taken note of before."""

    acked: int


class OutletIn(Schema):
    """An outlet to add, or to change where ``id`` is given; ``url`` and ``secret`` null keep what is stored."""

    id: int | None = None
    name: str = Field(min_length=1, max_length=64)
    kind: OutletKind
    url: str | None = Field(default=None, max_length=1000)
    secret: str | None = Field(default=None, max_length=200)
    recipients: list[Annotated[str, Field(max_length=254)]] = Field(default=[], max_length=20)
    language: Literal["zh", "en"] = "zh"
    quiet: str = Field(default="", max_length=11)
    quiet_urgent: bool = False
    active: bool = True


class OutletOut(Schema):
    """An outlet and how it does; its address and key are never shown again."""

    id: int
    name: str
    kind: str
    recipients: list[str]
    language: str
    quiet: str
    quiet_urgent: bool
    active: bool
    signed: bool
    used: int
    waiting: int
    last_ok_at: datetime | None
    paused_until: datetime | None
    trouble: str
    trouble_at: datetime | None


class TestOut(Schema):
    """What the outlet said to a test message."""

    outcome: str
    code: str
    said: str


class AlertStepOut(Schema):
    """One step: an outlet (null: the page alone), a role (empty: the alert's), so many minutes after the alert."""

    outlet: int | None
    role: str = Field(max_length=16)
    after: int = Field(ge=0)


class RouteOut(Schema):
    """Which alerts go these steps; empty lists match all."""

    kinds: list[Text] = Field(default=[])
    tiers: list[Text] = Field(default=[])
    roles: list[Text] = Field(default=[])
    steps: list[AlertStepOut] = Field(min_length=1, max_length=6)


class RoutesIn(Schema):
    """All routes, the first that matches decides."""

    routes: list[RouteOut] = Field(max_length=50)


class KindOut(Schema):
    """A kind of alert, in words."""

    id: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    role: str
    severity: str


class ReachOut(Schema):
    """How a colleague is called by name in each vendor's group, and her mail address."""

    user_id: int
    name: str
    dingtalk: str = ""
    feishu: str = ""
    wecom: str = ""
    mail: str = ""


class ReachIn(Schema):
    """How a colleague is called."""

    user_id: int
    dingtalk: str = Field(default="", max_length=254)
    feishu: str = Field(default="", max_length=254)
    wecom: str = Field(default="", max_length=254)
    mail: str = Field(default="", max_length=254)


class AlertSettingsOut(Schema):
    """Kinds, outlets, routes, and how colleagues are called; ``usual`` holds where no route matches.

    ``linked`` says whether messages carry links: only where Qingdan knows its address from outside.
    """

    kinds: list[KindOut]
    outlets: list[OutletOut]
    routes: list[RouteOut]
    usual: list[AlertStepOut]
    reach: list[ReachOut]
    linked: bool


@router.get("", auth=Needs(Right.ALERTS_VIEW), response=AlertsOut)
def list_alerts(
    request: Request,
    state: State = "open",
    kind: str | None = None,
    *,
    mine: bool = False,
    number: Annotated[int, Query(alias="page", ge=1)] = 1,
) -> dict[str, Any]:
    """List alerts, newest first: open, taken note of, or over."""
    found = queries.listed(request.auth, state=state, mine=mine, kinds=[kind] if kind else [])
    return {
        "rows": [_alert(alert) for alert in found[(number - 1) * PAGE : number * PAGE]],
        "total": found.count(),
        "open": queries.counts(request.auth, mine=mine),
    }


@router.post("/ack", auth=Needs(Right.ALERTS_VIEW), response=AckOut)
def acknowledge(request: Request, body: AckIn) -> dict[str, int]:
    """Take note of alerts; that ends their escalation."""
    user = request.auth
    if body.ids is None and body.kind is None and not body.all:
        return {"acked": 0}
    return {"acked": actions.acknowledge(user.merchant_id, ids=body.ids, kind=body.kind, user=user, via="page")}


@router.get("/settings", auth=Needs(Right.ALERTS_EDIT), response=AlertSettingsOut)
def get_settings(request: Request) -> dict[str, Any]:
    """Return where alerts go and how the outlets do."""
    merchant = request.auth.merchant_id
    routes = list(Route.objects.filter(merchant_id=merchant).order_by("position"))
    used = outlets_used(routes)
    return {
        "kinds": [_kind(kind) for kind in KINDS],
        "outlets": [_outlet(o, used) for o in Outlet.objects.filter(merchant_id=merchant).order_by("-active", "name")],
        "routes": [_route(route) for route in routes],
        "usual": [_step(step) for step in USUAL],
        "reach": _reach(merchant),
        "linked": outlets.linked(),
    }


@router.put("/outlets", auth=Needs(Right.ALERTS_EDIT), response=OutletOut)
def save_outlet(request: Request, body: OutletIn) -> dict[str, Any]:
    """Add or change an outlet; its address and key are sealed."""
    saved = outlets.save_outlet(
        request.auth.merchant_id,
        outlet_id=body.id,
        name=body.name.strip(),
        kind=body.kind,
        url=body.url,
        secret=body.secret,
        recipients=body.recipients,
        language=body.language,
        quiet=body.quiet.strip(),
        quiet_urgent=body.quiet_urgent,
        active=body.active,
    )
    return _outlet(saved, outlets_used(Route.objects.filter(merchant_id=request.auth.merchant_id)))


@router.post("/outlets/{int:outlet_id}/test", auth=Needs(Right.ALERTS_EDIT), response=TestOut)
def test_outlet(request: Request, outlet_id: int) -> dict[str, str]:
    """Send a test message and tell what the outlet said."""
    said = outlets.test_outlet(request.auth.merchant_id, outlet_id)
    return {"outcome": said.outcome, "code": said.code, "said": said.said}


@router.put("/routes", auth=Needs(Right.ALERTS_EDIT), response=list[RouteOut])
def save_routes(request: Request, body: RoutesIn) -> list[dict[str, Any]]:
    """Put these routes in place of those there are."""
    wanted = [
        setting.RouteOf(
            tuple(r.kinds), tuple(r.tiers), tuple(r.roles), tuple(Step(s.outlet, s.role, s.after) for s in r.steps)
        )
        for r in body.routes
    ]
    setting.save_routes(request.auth.merchant_id, wanted)
    return [_route(route) for route in Route.objects.filter(merchant_id=request.auth.merchant_id).order_by("position")]


@router.put("/reach", auth=Needs(Right.ALERTS_EDIT), response=list[ReachOut])
def save_reach(request: Request, body: ReachIn) -> list[dict[str, Any]]:
    """Say how a colleague is called by name."""
    values = {"dingtalk": body.dingtalk, "feishu": body.feishu, "wecom": body.wecom, "mail": body.mail}
    setting.save_reach(request.auth.merchant_id, body.user_id, values)
    return _reach(request.auth.merchant_id)


def _alert(alert: Alert) -> dict[str, Any]:
    fields = ("id", "kind", "severity", "path", "role", "tier", "order_id", "opened_at", "step", "escalate_at")
    return {name: getattr(alert, name) for name in (*fields, "acked_at", "closed_at")} | {
        "zh": alert.line["zh"],
        "en": alert.line["en"],
        "acked_by": alert.acked_by.name if alert.acked_by is not None else alert.acked_via,
    }


def _outlet(outlet: Outlet, used: dict[int, int]) -> dict[str, Any]:
    names = ("id", "name", "kind", "recipients", "language", "quiet", "quiet_urgent", "active")
    more = ("last_ok_at", "paused_until", "trouble", "trouble_at")
    return {name: getattr(outlet, name) for name in (*names, *more)} | {
        "signed": outlet.secret is not None,
        "used": used.get(outlet.pk, 0),
        "waiting": Delivery.objects.filter(outlet=outlet, state="ready").count(),
    }


def _route(route: Route) -> dict[str, Any]:
    steps = [_step(step) for step in read_steps(route.steps)]
    return {"kinds": route.kinds, "tiers": route.tiers, "roles": route.roles, "steps": steps}


def _step(step: Step) -> dict[str, Any]:
    return {"outlet": step.outlet, "role": step.role, "after": step.after}


def _kind(kind: str) -> dict[str, Any]:
    known = KINDS[kind]
    meaning = {"meaning_zh": known.meaning.zh, "meaning_en": known.meaning.en}
    return {"id": kind, **known.title.both(), **meaning, "role": known.role, "severity": known.severity}


def _reach(merchant: int) -> list[dict[str, Any]]:
    people = User.objects.filter(merchant_id=merchant, is_active=True).order_by("name", "id")
    rows = {user.pk: {"user_id": user.pk, "name": user.name} for user in people}
    for user_id, kind, value in Reach.objects.filter(user__in=rows).values_list("user_id", "kind", "value"):
        rows[user_id][kind] = value
    return list(rows.values())
