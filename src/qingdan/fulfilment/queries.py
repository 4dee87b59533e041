"""Reads behind the push page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection

from qingdan.core.message import Words
from qingdan.fulfilment import delivery, dryrun, messages
from qingdan.fulfilment.actions import Held
from qingdan.fulfilment.adapters import ADAPTERS, LABELS, OPTIONAL, REQUIRED
from qingdan.fulfilment.models import LIVE, Destination, Health, Push, Routing
from qingdan.fulfilment.routing import RoutingError
from qingdan.fulfilment.standing import Tried
from qingdan.fulfilment.wms import Adapter, Holding
from qingdan.orders.models import Order

_COUNTS: Final = """
SELECT destination_id, state, count(*), min(created_at) FILTER (WHERE state <> 'failed')
  FROM fulfilment_push WHERE merchant_id = %(merchant)s AND state IN ('ready', 'sending', 'unknown', 'failed')
 GROUP BY 1, 2
"""
_LATELY: Final = """
SELECT destination_id, count(*) FILTER (WHERE ended_at > now() - interval '1 minute'),
       count(*) FILTER (WHERE ended_at > now() - interval '1 hour'), count(*)
  FROM fulfilment_push AS p
 WHERE destination_id = ANY (%(destinations)s) AND state = 'done' AND operation = 'create'
   AND ended_at > now() - interval '1 day'
 GROUP BY 1
"""


def overview(merchant: int) -> dict[str, Any]:
    """Return what waits, flies, is in doubt and failed, in all and a destination; how fast it goes and how old."""
    destinations = list(Destination.objects.filter(merchant_id=merchant).order_by("name"))
    health = {h.pk: h for h in Health.objects.filter(destination__in=destinations)}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"merchant": merchant})
        counted = cursor.fetchall()
        cursor.execute(_LATELY, {"destinations": [d.pk for d in destinations]})
        lately = {row[0]: row[1:] for row in cursor.fetchall()}
    totals = dict.fromkeys((*LIVE, "failed"), 0)
    for _, state, count, _ in counted:
        totals[state] += count
    return {
        "totals": totals,
        "oldest_at": min((oldest for *_, oldest in counted if oldest), default=None),
        "per_minute": sum(row[0] for row in lately.values()),
        "done_1d": sum(row[2] for row in lately.values()),
        "unrouted": sum(count for key, state, count, _ in counted if key is None and state == "ready"),
        "checked_at": max((h.checked_at for h in health.values() if h.checked_at), default=None),
        "destinations": [
            _destination(d, health.get(d.pk), [row[1:] for row in counted if row[0] == d.pk], lately.get(d.pk))
            for d in destinations
        ],
    }


def _destination(
    destination: Destination, health: Health | None, counts: list[Any], lately: tuple[int, int, int] | None
) -> dict[str, Any]:
    by_state = {state: count for state, count, _ in counts}
    minute, hour, _ = lately or (0, 0, 0)
    return {
        "id": destination.pk,
        "name": destination.name,
        "adapter": destination.adapter,
        "adapter_label": words(LABELS.get(destination.adapter)),
        "active": destination.active,
        "concurrency": destination.concurrency,
        "breaker": health.breaker if health else "closed",
        "retry_at": health.retry_at if health else None,
        "last_ok_at": health.last_ok_at if health else None,
        "last_failure_at": health.last_failure_at if health else None,
        "last_failure": health.last_failure if health else "",
        "heard_at": health.heard_at if health else None,
        "answer_ms": health.answer_ms if health else None,
        "ready": by_state.get("ready", 0),
        "sending": by_state.get("sending", 0),
        "unknown": by_state.get("unknown", 0),
        "failed": by_state.get("failed", 0),
        "per_minute": minute,
        "done_1h": hour,
        "oldest_at": min((oldest for *_, oldest in counts if oldest), default=None),
    }


def pushes(
    merchant: int, *, state: str, destination: int | None, number: int, size: int
) -> tuple[list[dict[str, Any]], int]:
    """Return one page of the pushes in one state, and how many there are."""
    found = Push.objects.filter(merchant_id=merchant, state=state)
    if destination is not None:
        found = found.filter(destination_id=destination)
    turn = ("-urgent", "order_id") if state in LIVE else ("-ended_at", "order_id")
    page = list(found.select_related("destination").order_by(*turn)[(number - 1) * size : number * size])
    orders = {
        row["id"]: row
        for row in Order.objects.filter(id__in=[p.order_id for p in page]).values(
            "id", "order_no", "channel", "shop__name", "stage", "version"
        )
    }
    return [_push(push, orders[push.order_id]) for push in page], found.count()


def _push(push: Push, order: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "order_id": push.order_id,
        "operation": push.operation,
        "revision": push.revision,
        "number": delivery.number(push.order_id, push.revision),
        "order_no": order["order_no"],
        "channel": order["channel"],
        "shop": order["shop__name"],
        "stage": order["stage"],
        "state": push.state,
        "urgent": push.urgent,
        "destination": push.destination.name if push.destination else None,
        "reason": words(messages.reason(push.reason)),
        "holdable": _holdable(push, str(order["stage"])),
        "held": push.reason == "held",
        "said": push.said,
        "detail": push.detail,
        "attempt": push.attempt,
        "created_at": push.created_at,
        "sent_at": push.sent_at,
        "due_at": push.due_at,
        "ended_at": push.ended_at,
        "warehouse_no": push.warehouse_no,
    }


def _holdable(push: Push, stage: str) -> bool:
    """Whether the warehouse can be asked to hold it back: it has it, has not shipped it, and knows how."""
    there = push.state == "done" and push.operation == "create" and stage == "sent" and push.destination is not None
    return there and isinstance(ADAPTERS.get(push.destination.adapter if push.destination else ""), Holding)


def warehouses(merchant: int) -> list[dict[str, Any]]:
    """Return a merchant's destinations with their settings; of the secret only whether there is one."""
    return [
        {
            "id": d.pk,
            "name": d.name,
            "adapter": d.adapter,
            "settings": d.settings,
            "has_secret": d.secret is not None,
            "inbound_path": f"/wms/{d.token}",
            "active": d.active,
            "concurrency": d.concurrency,
        }
        for d in Destination.objects.filter(merchant_id=merchant).order_by("name")
    ]


def adapters() -> list[dict[str, Any]]:
    """Return the kinds of interface with their settings; sheets in a folder need no secret."""
    return [
        {
            "id": key,
            "label": LABELS[key].both(),
            "required": REQUIRED[key],
            "optional": OPTIONAL.get(key, ()),
            "wants_secret": isinstance(adapter, Adapter),
        }
        for key, adapter in ADAPTERS.items()
    ]


def tried(result: Tried) -> dict[str, Any]:
    """Return what a test of a connection showed, in words."""
    said = messages.TRIED.get(result.code, messages.TRIED_OTHER)
    return {"ok": result.ok, "words": said.both(), "detail": "" if result.ok else result.words, "ms": result.ms}


def held(result: Held) -> dict[str, Any]:
    """Return what a warehouse answered when it was asked to hold an order back, in words."""
    return {"ok": result.ok, "words": messages.HELD[result.code].both(), "detail": result.detail}


def dry_run(merchant: int, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return where today's waiting orders would go, or what is wrong with the table."""
    try:
        shares = dryrun.run(merchant, rows)
    except RoutingError as error:
        faults = [{"row": f.row, "zh": f.message.text("zh"), "en": f.message.text("en")} for f in error.faults]
        return {"shares": [], "faults": faults}
    return {
        "shares": [
            {
                "row": share.row,
                "to": share.to,
                "released": share.released,
                "reviewed": share.reviewed,
                "examples": [{"order_id": key, "order_no": number} for key, number in share.examples],
            }
            for share in shares
        ],
        "faults": [],
    }


def live_routing(merchant: int) -> Routing | None:
    """Return the routing table that decides now."""
    return Routing.objects.filter(merchant_id=merchant).order_by("-id").first()


def words(said: Words | None) -> dict[str, str] | None:
    """Words as the API gives them."""
    return said.both() if said else None
