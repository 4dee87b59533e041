"""HTTP of the way out: what waits, flies, is in doubt and failed, and what a person does about it."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Query, Router, Schema, Status

from qingdan.fulfilment import actions, queries
from qingdan.orders.actors import Actor
from qingdan.people.access import Needs, Request
from qingdan.people.models import User
from qingdan.people.rights import Right

router = Router(tags=["pushes"])

State = Literal["ready", "sending", "unknown", "failed", "done", "cancelled"]


class PushWordsOut(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class PushSaidOut(PushWordsOut):
    """A sentence with what to do about it."""

    advice_zh: str
    advice_en: str


class PushTotalsOut(Schema):
    """How many pushes are in each state that asks for attention."""

    ready: int
    sending: int
    unknown: int
    failed: int


class DestinationOut(PushTotalsOut):
    """How one warehouse interface does."""

    id: int
    name: str
    adapter: str
    adapter_label: PushWordsOut | None
    active: bool
    concurrency: int
    breaker: Literal["closed", "open", "half_open"]
    retry_at: datetime | None
    last_ok_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str
    heard_at: datetime | None
    answer_ms: int | None
    per_minute: int
    done_1h: int
    oldest_at: datetime | None


class PushOverviewOut(Schema):
    """The whole way out at a glance. ``checked_at`` is when a relay last looked; none runs when it is long ago."""

    totals: PushTotalsOut
    oldest_at: datetime | None
    per_minute: int
    done_1d: int
    unrouted: int
    checked_at: datetime | None
    destinations: list[DestinationOut]


class PushOut(Schema):
    """One push with its order, and why it stands where it does."""

    order_id: int
    operation: Literal["create", "cancel"]
    revision: int
    number: str
    order_no: str
    channel: str
    shop: str
    stage: str
    state: State
    urgent: bool
    destination: str | None
    reason: PushWordsOut | None
    holdable: bool
    held: bool
    said: PushSaidOut | None
    detail: str
    attempt: int
    created_at: datetime
    sent_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    warehouse_no: str


class PushesOut(Schema):
    """One page of pushes, and how many there are."""

    rows: list[PushOut]
    total: int


class PushesIn(Schema):
    """Which pushes."""

    state: State = "failed"
    destination: int | None = None
    page: int = Field(1, ge=1, le=10_000)
    size: int = Field(20, ge=1, le=100)


class SettleIn(Schema):
    """What a person does about one push; ``destination`` goes with a resend."""

    operation: Literal["create", "cancel"]
    revision: int = Field(ge=1)
    action: Literal["retry", "cancel", "arrived", "resend"]
    destination: int | None = None


class HoldPushIn(Schema):
    """Hold an order back at its warehouse, or with ``restore`` let it go on."""

    restore: bool = False


class HoldAnswerOut(Schema):
    """What the warehouse answered; ``detail`` holds its own words."""

    ok: bool
    words: PushWordsOut
    detail: str


class WarehouseOut(Schema):
    """A warehouse interface and its settings; the secret is never shown."""

    id: int
    name: str
    adapter: str
    settings: dict[str, Any]
    has_secret: bool
    inbound_path: str
    active: bool
    concurrency: int


class WarehouseIn(Schema):
    """A warehouse interface to be connected or changed; an empty secret keeps the one there is."""

    name: str = Field(min_length=1, max_length=40)
    adapter: str
    settings: dict[str, Any]
    secret: str = Field("", max_length=500)
    active: bool = True
    concurrency: int = Field(8, ge=1, le=64)


class RouteRow(Schema):
    """Orders for which ``when`` is true go ``to`` that warehouse; the last row's condition is empty."""

    when: str = Field("", max_length=2000)
    to: str


class RoutingOut(Schema):
    """The table that decides which warehouse an order goes to."""

    rows: list[RouteRow]


class AdapterOut(Schema):
    """A kind of interface and its settings."""

    id: str
    label: PushWordsOut
    required: list[str]
    optional: list[str]
    wants_secret: bool


class TriedOut(Schema):
    """What a test of a connection showed; ``detail`` holds the warehouse's own words."""

    ok: bool
    words: PushWordsOut
    detail: str
    ms: int | None


class RoutedOut(Schema):
    """An order that a row of the table would take."""

    order_id: int
    order_no: str


class RouteShareOut(Schema):
    """How many orders one row would take: released ones, and those still under review."""

    row: int
    to: str
    released: int
    reviewed: int
    examples: list[RoutedOut]


class RouteFaultOut(PushWordsOut):
    """What is wrong with one row, counted from 1; 0 is the whole table."""

    row: int


class DryRunOut(Schema):
    """Where today's waiting orders would go; nothing when the table has faults."""

    shares: list[RouteShareOut]
    faults: list[RouteFaultOut]


@router.get("", auth=Needs(Right.PUSHES_VIEW), response=PushesOut)
def list_pushes(request: Request, query: Query[PushesIn]) -> dict[str, Any]:
    """List one page of pushes in one state: live ones in their turn, ended ones the latest first."""
    rows, total = queries.pushes(
        request.auth.merchant_id,
        state=query.state,
        destination=query.destination,
        number=query.page,
        size=query.size,
    )
    return {"rows": rows, "total": total}


@router.get("/overview", auth=Needs(Right.PUSHES_VIEW), response=PushOverviewOut)
def get_overview(request: Request) -> dict[str, Any]:
    """Return what waits, flies, is in doubt and failed; throughput, oldest age, and each interface's health."""
    return queries.overview(request.auth.merchant_id)


@router.post("/{int:order_id}/settle", auth=Needs(Right.PUSHES_SETTLE), response={204: None})
def settle(request: Request, order_id: int, body: SettleIn) -> Status[None]:
    """Retry, cancel, mark as arrived, or send anew; 409 when the push has moved on."""
    actions.settle(
        order_id,
        body.operation,
        body.revision,
        actions.Settle(body.action),
        merchant=request.auth.merchant_id,
        actor=_actor(request.auth),
        destination=body.destination,
    )
    return Status(204, None)


@router.post("/{int:order_id}/hold", auth=Needs(Right.PUSHES_SETTLE), response=HoldAnswerOut)
def hold(request: Request, order_id: int, body: HoldPushIn) -> dict[str, Any]:
    """Have the warehouse hold back an order that it has not picked, or let it go on; say what it answered."""
    user = request.auth
    told = actions.hold(order_id, merchant=user.merchant_id, actor=_actor(user), restore=body.restore)
    return queries.held(told)


@router.get("/warehouses", auth=Needs(Right.WAREHOUSES_EDIT), response=list[WarehouseOut])
def list_warehouses(request: Request) -> list[dict[str, Any]]:
    """List the connected warehouses."""
    return queries.warehouses(request.auth.merchant_id)


@router.put("/warehouses", auth=Needs(Right.WAREHOUSES_EDIT), response={204: None})
def save_warehouse(request: Request, body: WarehouseIn) -> Status[None]:
    """Connect a warehouse, or change the one of that name."""
    actions.save_destination(request.auth.merchant_id, **body.model_dump())
    return Status(204, None)


@router.get("/adapters", auth=Needs(Right.WAREHOUSES_EDIT), response=list[AdapterOut])
def list_adapters(request: Request) -> list[dict[str, Any]]:  # noqa: ARG001 - the same for everybody
    """List the kinds of interface with the settings that each asks for."""
    return queries.adapters()


@router.post("/warehouses/{int:warehouse_id}/test", auth=Needs(Right.WAREHOUSES_EDIT), response=TriedOut)
def test_warehouse(request: Request, warehouse_id: int) -> dict[str, Any]:
    """Try whether a saved warehouse can be reached and knows our key; nothing is sent to be shipped."""
    return queries.tried(actions.test_destination(request.auth.merchant_id, warehouse_id))


@router.post("/routing/dry-run", auth=Needs(Right.WAREHOUSES_EDIT), response=DryRunOut)
def dry_run(request: Request, body: RoutingOut) -> dict[str, Any]:
    """Return where the orders that wait today would go by a table that is not published, or its faults row by row."""
    return queries.dry_run(request.auth.merchant_id, [row.model_dump() for row in body.rows])


@router.get("/routing", auth=Needs(Right.PUSHES_VIEW), response=RoutingOut)
def get_routing(request: Request) -> dict[str, Any]:
    """Return where orders go."""
    live = queries.live_routing(request.auth.merchant_id)
    return {"rows": live.rows if live else []}


@router.put("/routing", auth=Needs(Right.WAREHOUSES_EDIT), response={204: None})
def put_routing(request: Request, body: RoutingOut) -> Status[None]:
    """Say where orders go from now on; what waits is routed anew."""
    actions.publish_routing(request.auth.merchant_id, [row.model_dump() for row in body.rows], _actor(request.auth))
    return Status(204, None)


def _actor(user: User) -> Actor:
    return Actor("user", str(user.id), user.name)
