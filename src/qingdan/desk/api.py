"""HTTP of the desk: queues, leases, verdicts, whose orders they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import ValidationError

from qingdan.desk import actions, bulk, leases, queries, telling, undoing, verdicts
from qingdan.desk.errors import StaleError
from qingdan.desk.models import Queue
from qingdan.desk.queries import Wanted
from qingdan.desk.schemas import (
    BulkIn,
    BulkOut,
    BulkTrialOut,
    CandidatesOut,
    ClaimIn,
    DeskAssignIn,
    DeskNoticesOut,
    DeskNoticesReadIn,
    DeskPageIn,
    DeskPageOut,
    DeskRowOut,
    DeskSettingsOut,
    HandOverIn,
    KeepIn,
    LastOut,
    LeasesOut,
    MetIn,
    OrdersOut,
    PaceOut,
    PeopleOut,
    QueueIn,
    QueuesOut,
    RenewedOut,
    RenewIn,
    ReturnedOut,
    ReturnIn,
    RuledOut,
    SavedQueueOut,
    SettingsIn,
    SkipIn,
    SnoozeIn,
    TakeIn,
    UndoIn,
    VerdictIn,
)
from qingdan.desk.verdicts import Ruled, Ruling, actor_of
from qingdan.orders import search
from qingdan.orders.detail import access_order
from qingdan.orders.models import Order
from qingdan.people.access import Needs, Request
from qingdan.people.errors import RightMissingError
from qingdan.people.models import User
from qingdan.people.rights import Right

router = Router(tags=["desk"])


def wanted_of(query: Any) -> Wanted:
    """Return which orders a query of the desk asks for."""
    return Wanted(query.queue, query.to_filters(), query.user, query.team, query.bulk, query.outcome)


@router.get("/queues", auth=Needs(Right.ORDERS_VIEW), response=QueuesOut)
def list_queues(request: Request) -> dict[str, Any]:
    """List every queue with its exact count, and how many orders wait by reason, platform and tier."""
    user, now = request.auth, timezone.now()
    ranked = queries.ranking(user.merchant_id)
    return {
        "built_in": queries.counts(user, now),
        "saved": [_queue(row, user, now) for row in queries.saved(user)],
        "facets": queries.facets(user),
        "ranked_at": ranked.at if ranked else None,
    }


@router.post("/queues", auth=Needs(Right.ORDERS_VIEW), response=SavedQueueOut)
def save_queue(request: Request, body: QueueIn) -> dict[str, Any]:
    """Keep a queue under its name, replacing the person's queue of that name; sharing asks for views.share."""
    if body.shared and Right.VIEWS_SHARE not in request.auth.rights:
        raise RightMissingError(Right.VIEWS_SHARE.value)
    made = actions.save_queue(request.auth, name=body.name, query=body.query, shared=body.shared)
    return _queue(made, request.auth, timezone.now())


@router.delete("/queues/{int:queue_id}", auth=Needs(Right.ORDERS_VIEW), response={204: None})
def delete_queue(request: Request, queue_id: int) -> Status[None]:
    """Delete one of the person's own queues."""
    actions.delete_queue(request.auth, queue_id)
    return Status(204, None)


@router.get("/orders", auth=Needs(Right.ORDERS_VIEW), response=DeskPageOut)
def list_orders(request: Request, query: Query[DeskPageIn]) -> dict[str, Any]:
    """List one page of a queue in the order of work, each row with why it stands there."""
    user, now = request.auth, timezone.now()
    chosen = queries.found(user, wanted_of(query), now)
    turned = queries.in_turn(chosen) if query.sort == "turn" else search.ordered(chosen, query.sort)
    ranked = queries.ranking(user.merchant_id)
    return {
        "rows": queries.page(user, turned, now, number=query.page, size=query.size),
        "total": chosen.count(),
        "page": query.page,
        "size": query.size,
        "ranked_at": ranked.at if ranked else None,
    }


@router.post("/claim", auth=Needs(Right.DESK_WORK), response=LeasesOut)
def claim(request: Request, body: ClaimIn) -> dict[str, Any]:
    """Lease the next orders that the person may take, in the order of work; returns all that she now holds."""
    user, now = request.auth, timezone.now()
    set_up = queries.settings_of(user.merchant_id)
    only = None
    if body.queue != "all" or body.filters is not None:
        wanted = Wanted(body.queue, body.filters.to_filters() if body.filters else None)
        only = list(queries.in_turn(queries.found(user, wanted, now)).values_list("id", flat=True)[:5_000])
    leases.claim(user, body.n or set_up.batch, only=only)
    return _leases(user)


@router.get("/leases", auth=Needs(Right.DESK_WORK), response=LeasesOut)
def list_leases(request: Request) -> dict[str, Any]:
    """List the orders that the person holds, in the order of work."""
    return _leases(request.auth)


@router.post("/leases/renew", auth=Needs(Right.DESK_WORK), response=RenewedOut)
def renew(request: Request, body: RenewIn) -> dict[str, Any]:
    """Give leases their full time again, while the person works; says which were lost."""
    held = leases.renew(request.auth, {lease.order_id: lease.token for lease in body.leases})
    kept = {lease.order_id for lease in held}
    return {
        "held": [{"order_id": h.order_id, "token": h.token, "expires_at": h.expires_at} for h in held],
        "lost": [lease.order_id for lease in body.leases if lease.order_id not in kept],
    }


@router.post("/leases/return", auth=Needs(Right.DESK_WORK), response=ReturnedOut)
def give_back(request: Request, body: ReturnIn) -> dict[str, Any]:
    """Return orders, or all that the person holds, to the pool."""
    return {"orders": sorted(leases.give_back(request.auth, body.orders or None))}


@router.post("/orders/{int:order_id}/take", auth=Needs(Right.DESK_WORK), response=DeskRowOut)
def take(request: Request, order_id: int, body: TakeIn) -> dict[str, Any]:
    """Lease one order that the person chose; 409 when somebody else has it."""
    if body.override and Right.DESK_MANAGE not in request.auth.rights:
        raise RightMissingError(Right.DESK_MANAGE.value)
    leases.take(request.auth, order_id, override=body.override)
    return _row(request.auth, order_id)


@router.post("/orders/{int:order_id}/skip", auth=Needs(Right.DESK_WORK), response=ReturnedOut)
def skip(request: Request, order_id: int, body: SkipIn) -> dict[str, Any]:
    """Return an order that the person would not do, with the reason; she does not get it again for a while."""
    access_order(request.auth.merchant_id, order_id)
    leases.skip(request.auth, order_id, code=body.code, note=body.note)
    return {"orders": [order_id]}


@router.post("/orders/{int:order_id}/verdict", auth=Needs(Right.DESK_WORK), response=RuledOut)
def rule(request: Request, order_id: int, body: VerdictIn) -> dict[str, Any]:
    """Give a verdict on the version that the person saw, else 409 with what changed since. Sent twice, done once."""
    ruling = Ruling(body.verdict, body.version, body.reason, body.hold, body.until, body.token, body.role)
    with _newest_shown(request.auth, order_id):
        ruled = verdicts.rule(request.auth, order_id, ruling)
    return _ruled(request.auth, ruled)


@router.post("/orders/{int:order_id}/undo", auth=Needs(Right.DESK_WORK), response=RuledOut)
def undo(request: Request, order_id: int, body: UndoIn) -> dict[str, Any]:
    """Take the person's last verdict on an order back; a release within 8 seconds never leaves."""
    with _newest_shown(request.auth, order_id):
        ruled = undoing.undo(request.auth, order_id, body.version)
    return _ruled(request.auth, ruled)


@router.post("/orders/{int:order_id}/snooze", auth=Needs(Right.DESK_WORK), response=DeskRowOut)
def snooze(request: Request, order_id: int, body: SnoozeIn) -> dict[str, Any]:
    """See an order again later; it stays the person's and is handed to nobody until then."""
    verdicts.snooze(request.auth, order_id, body.until, body.note)
    return _row(request.auth, order_id)


@router.post("/orders/{int:order_id}/keep", auth=Needs(Right.DESK_WORK), response=DeskRowOut)
def keep(request: Request, order_id: int, body: KeepIn) -> dict[str, Any]:
    """Answer that the decision stands although the order changed since."""
    with _newest_shown(request.auth, order_id):
        verdicts.keep(request.auth, order_id, body.version)
    return _row(request.auth, order_id)


@router.get("/orders/{int:order_id}/merge", auth=Needs(Right.ORDERS_VIEW), response=CandidatesOut)
def list_merge_candidates(request: Request, order_id: int) -> dict[str, Any]:
    """List other orders of the same shop and receiver that have not left."""
    access_order(request.auth.merchant_id, order_id)
    return {
        "rows": queries.merge_candidates(request.auth, order_id, timezone.now()),
        "buffer_minutes": queries.settings_of(request.auth.merchant_id).merge_buffer_minutes,
    }


@router.get("/last", auth=Needs(Right.DESK_WORK), response=list[LastOut])
def list_last(request: Request) -> list[dict[str, Any]]:
    """List the person's newest verdicts that she may still take back."""
    return queries.my_last(request.auth)


@router.post("/holds/met", auth=Needs(Right.DESK_WORK), response=OrdersOut)
def holds_met(request: Request, body: MetIn) -> dict[str, Any]:
    """Say that what orders waited for came true; they go back to review. Returns those that waited for just that."""
    user = request.auth
    return {"orders": sorted(actions.hold_met(body.orders, body.kind, merchant=user.merchant_id, actor=actor_of(user)))}


@router.post("/assign", auth=Needs(Right.DESK_MANAGE), response=OrdersOut)
def assign(request: Request, body: DeskAssignIn) -> dict[str, Any]:
    """Give orders to a person or a team, or back to their tier's role."""
    user = request.auth
    given = actions.assign(
        body.orders, body.user, body.team, merchant=user.merchant_id, actor=actor_of(user), reason=body.reason
    )
    return {"orders": sorted(given)}


@router.post("/hand-over", auth=Needs(Right.DESK_MANAGE), response=OrdersOut)
def hand_over(request: Request, body: HandOverIn) -> dict[str, Any]:
    """Move all that one person has to a colleague."""
    user = request.auth
    moved = actions.hand_over(
        body.giver, body.taker, merchant=user.merchant_id, actor=actor_of(user), reason=body.reason
    )
    return {"orders": moved}


@router.get("/people", auth=Needs(Right.ORDERS_VIEW), response=PeopleOut)
def list_people(request: Request) -> dict[str, Any]:
    """List who has how much and did how much in the last day."""
    merchant = request.auth.merchant_id
    return {"people": queries.people(merchant), "teams": queries.members(merchant)}


@router.get("/pace", auth=Needs(Right.ORDERS_VIEW), response=list[PaceOut])
def list_pace(request: Request, days: int = 14) -> list[dict[str, Any]]:
    """List how many seconds decisions took, by day and tier, from the work log."""
    return queries.pace(request.auth.merchant_id, max(1, min(days, 90)))


@router.post("/bulk/dry-run", auth=Needs(Right.DESK_BULK), response=BulkTrialOut)
def try_bulk(request: Request, body: BulkIn) -> dict[str, Any]:
    """Say what one verdict on all orders that match would do now: how many, and why others are left alone."""
    found = bulk.dry_run(request.auth, _plan(body), _selected(request.auth, body))
    return {"total": sum(found.values()), "would": found.get("ok", 0), "outcomes": queries.told_outcomes(found)}


@router.post("/bulk", auth=Needs(Right.DESK_BULK), response=BulkOut)
def start_bulk(request: Request, body: BulkIn) -> dict[str, Any]:
    """Give one verdict on all orders that match now, in the background; what changes before its turn is left alone."""
    query = urlencode(body.select.model_dump(mode="json", exclude_defaults=True, by_alias=True), doseq=True)
    made = bulk.create(request.auth, _plan(body), _selected(request.auth, body), query=query[:2000])
    return queries.told_bulk(made)


@router.get("/bulk", auth=Needs(Right.DESK_WORK), response=list[BulkOut])
def list_bulks(request: Request) -> list[dict[str, Any]]:
    """List the newest twenty bulk runs with their progress."""
    return [queries.told_bulk(row) for row in queries.bulks(request.auth.merchant_id)]


@router.get("/bulk/{int:bulk_id}", auth=Needs(Right.DESK_WORK), response=BulkOut)
def get_bulk(request: Request, bulk_id: int) -> dict[str, Any]:
    """Return one bulk run; ``GET /desk/orders?bulk=…&outcome=failed`` lists what it left alone."""
    return queries.told_bulk(bulk.get(request.auth.merchant_id, bulk_id))


@router.post("/bulk/{int:bulk_id}/cancel", auth=Needs(Right.DESK_BULK), response=BulkOut)
def cancel_bulk(request: Request, bulk_id: int) -> dict[str, Any]:
    """Stop a run; what it has done stays."""
    return queries.told_bulk(bulk.cancel(request.auth.merchant_id, bulk_id))


@router.post("/bulk/{int:bulk_id}/resume", auth=Needs(Right.DESK_BULK), response=BulkOut)
def resume_bulk(request: Request, bulk_id: int) -> dict[str, Any]:
    """Go on with a run that was stopped."""
    return queries.told_bulk(bulk.resume(request.auth.merchant_id, bulk_id))


@router.get("/settings", auth=Needs(Right.ORDERS_VIEW), response=DeskSettingsOut)
def get_settings(request: Request) -> Any:
    """Return how the desk works."""
    return queries.settings_of(request.auth.merchant_id)


@router.put("/settings", auth=Needs(Right.DESK_MANAGE), response=DeskSettingsOut)
def put_settings(request: Request, body: SettingsIn) -> Any:
    """Change how the desk works."""
    values = body.model_dump(exclude_none=True)
    return actions.set_up(request.auth.merchant_id, actions.Setup(values))


@router.get("/notices", auth=Needs(Right.ORDERS_VIEW), response=DeskNoticesOut)
def list_notices(request: Request) -> dict[str, Any]:
    """List the person's newest unread notices of the desk."""
    return telling.unread(request.auth)


@router.post("/notices/read", auth=Needs(Right.ORDERS_VIEW), response=DeskNoticesOut)
def read_notices(request: Request, body: DeskNoticesReadIn) -> dict[str, Any]:
    """Mark notices as read; returns those that are left."""
    telling.read(request.auth, body.ids, every=body.all)
    return telling.unread(request.auth)


def _plan(body: BulkIn) -> bulk.Plan:
    return bulk.Plan(body.verdict, body.reason, body.hold, body.until)


def _selected(user: User, body: BulkIn) -> QuerySet[Order]:
    return bulk.selected(user, wanted_of(body.select), body.select.orders)


def _leases(user: User) -> dict[str, Any]:
    return {
        "rows": queries.of_ids(user, queries.mine(user), timezone.now()),
        "seconds": queries.settings_of(user.merchant_id).lease_minutes * 60,
    }


def _row(user: User, order_id: int) -> dict[str, Any]:
    return queries.of_ids(user, [order_id], timezone.now())[0]


@contextmanager
def _newest_shown(user: User, order_id: int) -> Iterator[None]:
    """Give a refusal over an old version the row as it is now, as every 409 of the API does."""
    try:
        yield
    except StaleError as stale:
        stale.details["order"] = DeskRowOut.model_validate(_row(user, order_id)).model_dump(mode="json")
        raise


def _ruled(user: User, ruled: Ruled) -> dict[str, Any]:
    return {"row": _row(user, ruled.order_id), "recall_until": ruled.recall_until, "repeated": ruled.repeated}


def _queue(row: Queue, user: User, now: datetime) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "query": row.query,
        "shared": row.shared,
        "mine": row.user_id == user.pk,
        "owner": {"id": row.user_id, "name": row.user.name},
        "count": queries.found(user, wanted_of(_parsed(row.query)), now).count(),
    }


def _parsed(query: str) -> DeskPageIn:
    """Read a saved query; what it holds beyond the filters, or can not be read any more, narrows nothing."""
    given = QueryDict(query)
    several = {name for name, field in DeskPageIn.model_fields.items() if field.default_factory is list}
    values = {name: given.getlist(name) if name in several else given[name] for name in given}
    try:
        return DeskPageIn.model_validate(values)
    except ValidationError:
        return DeskPageIn.model_validate({})
