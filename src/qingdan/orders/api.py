"""HTTP of orders: the page, one order, and what a person does to it."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Query, Router

from qingdan.core.message import Language
from qingdan.desk import leases
from qingdan.orders import actions, detail, export, rows, search
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order
from qingdan.orders.schemas import (
    DecideIn,
    DetailOut,
    ExportIn,
    PageIn,
    PageOut,
    RowOut,
    UnmaskedOut,
    UnmaskIn,
)
from qingdan.people import actions as people
from qingdan.people import queries as accesses
from qingdan.people.access import Needs, Request, address_of
from qingdan.people.errors import RightMissingError
from qingdan.people.models import Access, User
from qingdan.people.rights import Right
from qingdan.policies import queries as policies
from qingdan.policies.snoozed import of_order
from qingdan.web.errors import present
from qingdan.web.files import CONTENT_TYPES, download
from qingdan.web.language import language

router = Router(tags=["orders"])


@router.get("", auth=Needs(Right.ORDERS_VIEW), response=PageOut)
def list_orders(request: Request, query: Query[PageIn]) -> dict[str, Any]:
    """List one page of orders, and exactly how many there are under these filters."""
    now = timezone.now()
    merchant, filters = request.auth.merchant_id, query.to_filters()
    found = search.ordered(search.find(merchant, filters, now), query.sort)
    return {
        "rows": [rows.row(columns, now) for columns in search.page(found, number=query.page, size=query.size)],
        "total": search.count(merchant, filters, now),
        "page": query.page,
        "size": query.size,
    }


@router.post("/export", auth=Needs(Right.ORDERS_EXPORT))
def export_orders(request: Request, body: ExportIn) -> HttpResponseBase:
    """Export the orders that the filters find, with every field of the catalogue; masked unless a reason is given."""
    now = timezone.now()
    if body.unmask and Right.ORDERS_UNMASK not in request.auth.rights:
        raise RightMissingError(Right.ORDERS_UNMASK.value)
    found = search.ordered(search.find(request.auth.merchant_id, body.filters.to_filters(), now), "created_at")
    people.record_access(
        user=request.auth,
        operation=Access.Operation.EXPORT,
        address=address_of(request),
        reason=body.unmask.reason if body.unmask else "",
        details={
            "filters": body.filters.model_dump(mode="json", exclude_defaults=True, by_alias=True),
            "format": body.format,
            "masked": body.unmask is None,
        },
    )
    file = export.write(found, body.format, language(), masked=body.unmask is None)
    return download(request, file, export.file_name(now, body.format), CONTENT_TYPES[body.format])


@router.get("/{int:order_id}", auth=Needs(Right.ORDERS_VIEW), response=DetailOut)
def get_order(request: Request, order_id: int) -> dict[str, Any]:
    """Return one order with its lines, its decision and why, and its events."""
    order = detail.access_order(request.auth.merchant_id, order_id)
    return {
        "order": detail.facts(order),
        "lines": rows.line_facts(order.lines.order_by("line_no")),
        "decision": detail.decision(order),
        "explanation": _explanation(order, language()),
        "events": sorted(
            [*detail.events(order), *map(_look, accesses.accesses_of(order.id))],
            key=lambda event: event["at"],
            reverse=True,
        ),
    }


@router.post("/{int:order_id}/decide", auth=Needs(Right.ORDERS_DECIDE), response=RowOut)
def decide(request: Request, order_id: int, body: DecideIn) -> dict[str, Any] | HttpResponse:
    """Record a person's decision on the version that the person saw; 409 with the row as it is now when that is old."""
    leases.see_free(request.auth, order_id)
    try:
        actions.decide(
            order_id,
            merchant=request.auth.merchant_id,
            version=body.version,
            action=actions.Action(body.action),
            actor=_actor(request.auth),
            reason=body.reason,
            until=body.until,
        )
    except actions.ConflictError as stale:
        now = RowOut.model_validate(_row(request.auth.merchant_id, order_id))
        return present(409, stale.message, {"order": now.model_dump(mode="json")})
    leases.settle(request.auth, order_id)
    return _row(request.auth.merchant_id, order_id)


@router.post("/{int:order_id}/unmask", auth=Needs(Right.ORDERS_UNMASK), response=UnmaskedOut)
def unmask(request: Request, order_id: int, body: UnmaskIn) -> dict[str, str | None]:
    """Return one order's receiver and notes in full; who looked and why is recorded first."""
    order = detail.access_order(request.auth.merchant_id, order_id)
    people.record_access(
        user=request.auth,
        operation=Access.Operation.UNMASK,
        address=address_of(request),
        order_id=order.id,
        reason=body.reason,
    )
    return detail.receiver(order)


def _row(merchant_id: int, order_id: int) -> dict[str, Any]:
    """Return one order as a row of the page."""
    now = timezone.now()
    found = Order.objects.filter(merchant_id=merchant_id, id=order_id)
    return rows.row(search.page(found, number=1, size=1)[0], now)


def _explanation(order: Order, spoken: Language) -> dict[str, Any] | None:
    version = policies.version(order.merchant_id, order.policy_hash)
    if version is None:
        return None
    snoozed = {
        rule: {"until": one.until, "by": one.created_by, "reason": one.reason} for rule, one in of_order(order).items()
    }
    return detail.explanation(order, policies.compiled(version.source), spoken, settings.SHOP_ZONE, snoozed)


def _actor(user: User) -> Actor:
    return Actor("user", str(user.id), user.name)


def _look(access: Access) -> dict[str, Any]:
    return {
        "id": f"access-{access.id}",
        "at": access.at,
        "kind": "unmasked",
        "actor": {"kind": "user", "name": access.user.name},
        "from_stage": None,
        "to_stage": None,
        "reason": access.reason,
        "changes": [],
        "alerts": [],
        "policy_hash": None,
    }
