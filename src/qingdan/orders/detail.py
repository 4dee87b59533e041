"""One order with all we know of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from qingdan.core.fields import FIELDS, ORDER_FIELDS, Pii
from qingdan.core.message import Language
from qingdan.core.policy import Compiled, explain
from qingdan.core.policy.snooze import SNOOZED, joined
from qingdan.orders import rows
from qingdan.orders.actions import NotFoundError
from qingdan.orders.messages import NOT_FOUND
from qingdan.orders.models import Order, OrderEvent

_HIDDEN: Final = ("receiver_name", "receiver_phone", "address", "buyer_message", "seller_memo")


def access_order(merchant_id: int, order_id: int) -> Order:
    """Return the merchant's order with its shop; raise ``NotFoundError`` for one that is unknown or another's."""
    order = Order.objects.select_related("shop").filter(merchant_id=merchant_id, id=order_id).first()
    if order is None:
        raise NotFoundError(NOT_FOUND.message(), None)
    return order


def facts(order: Order) -> dict[str, Any]:
    """Every order field, masked, with the id and the version that a decision must name."""
    return {**rows.order_facts(order), "id": order.id, "version": order.version}


def decision(order: Order) -> dict[str, Any]:
    """Where the order stands and by whose decision."""
    decided = order.decided_kind is not None
    return {
        "verdict": order.verdict,
        "tier": order.tier,
        "tier_tentative": order.tier_tentative,
        "reasons": order.reasons,
        "owner_role": order.owner_role,
        "respond_by": order.respond_by,
        "resolve_by": order.resolve_by,
        "ship_by": order.ship_by_effective,
        "policy_hash": order.policy_hash,
        "reviewed_at": order.reviewed_at,
        "decided_by": {"kind": order.decided_kind, "name": order.decided_name} if decided else None,
    }


def explanation(
    order: Order,
    compiled: Compiled,
    language: Language,
    zone: str,
    snoozed: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Say why the order was decided so: the policy version that did it, run again as of that moment.

    ``snoozed`` are the rules that did not count for the order then, each with what is to be said of that.
    """
    known = {**_facts_for_rules(order), SNOOZED: joined(snoozed)}
    told = explain(compiled, known, order.reviewed_at, language, zone=zone)
    titles = {rule.id: rule.title.both() for rule in compiled.policy.rules}
    tiers = [tier.id for tier in compiled.policy.tiers]
    tier = told.tier
    return {
        "policy": {"id": told.policy, "title": compiled.policy.title.both(), "hash": told.policy_hash},
        "rules": [
            {
                "id": rule.id,
                "kind": rule.kind,
                "title": titles[rule.id],
                "result": rule.result,
                "because": [{"text": f.text, "actual": f.actual, "result": f.result} for f in rule.because],
                "snoozed": snoozed[rule.id] if rule.snoozed else None,
            }
            for rule in told.rules
        ],
        "tier": {"id": tier, "title": titles[tier], "row": tiers.index(tier) + 1} if tier else None,
    }


def events(order: Order) -> list[dict[str, Any]]:
    """Every change of the order, the newest first."""
    return [_event(event) for event in OrderEvent.objects.filter(order_id=order.id).order_by("-version")]


def receiver(order: Order) -> dict[str, str | None]:
    """Return the receiver and the notes in full: only for a person with the right, after the access was recorded."""
    return {name: getattr(order, name) for name in _HIDDEN}


def _event(event: OrderEvent) -> dict[str, Any]:
    return {
        "id": str(event.version),
        "at": event.at,
        "kind": event.kind,
        "actor": {"kind": event.actor_kind, "name": event.actor_name},
        "from_stage": event.from_stage,
        "to_stage": event.to_stage,
        "reason": event.reason or None,
        "changes": [_change(name, change) for name, change in (event.changes or {}).items()],
        "alerts": event.alerts or [],
        "policy_hash": event.policy_hash,
    }


def _change(name: str, change: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return one change; of personal data the ledger keeps only that it changed."""
    known = change or {}
    if name in FIELDS and FIELDS[name].pii is not Pii.NONE:
        known = {}
    return {"field": name, "before": known.get("before"), "after": known.get("after")}


def _facts_for_rules(order: Order) -> dict[str, object]:
    values: dict[str, object] = {f.id: getattr(order, f.id) for f in ORDER_FIELDS if f.id != "shop"}
    return {**values, "shop": order.shop.name}
