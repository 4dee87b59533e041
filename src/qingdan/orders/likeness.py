"""Orders that have something in common with one order: those behind a sign of fake orders."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from qingdan.core.features import WINDOW
from qingdan.orders.models import Order

SIGNS: Final = ("receiver", "phone", "buyer", "minute", "amount", "refunds")
"""What may be in common; ``refunds`` are the receiver's refunded orders."""


def behind(merchant_id: int, order_id: int, sign: str) -> Q:
    """Return the condition for the orders behind a sign of one order, itself included; none for an unknown order.

    They are looked up as they stand now: what was counted at intake may have been shipped or refunded since.
    """
    facts = (
        Order.objects.filter(merchant_id=merchant_id, id=order_id)
        .values("channel", "shop_id", "receiver_key", "receiver_phone", "buyer_token", "paid_amount", "created_at")
        .first()
    )
    known = _condition(facts, sign) if facts is not None else None
    return Q(id=order_id) if known is None and facts is not None else known or Q(pk__in=[])


def _condition(facts: Mapping[str, Any], sign: str) -> Q | None:  # noqa: PLR0911 - one arm a sign
    created: datetime | None = facts["created_at"]
    match sign:
        case "receiver" if facts["receiver_key"]:
            return Q(receiver_key=facts["receiver_key"])
        case "refunds" if facts["receiver_key"] and created is not None:
            since = created - WINDOW
            return Q(receiver_key=facts["receiver_key"], refund_state="success", created_at__gte=since)
        case "phone" if facts["receiver_phone"] and "*" not in facts["receiver_phone"]:
            plain = facts["receiver_phone"].removeprefix("86-")
            return Q(receiver_phone__in=[plain, f"86-{plain}"])
        case "buyer" if facts["buyer_token"]:
            return Q(channel=facts["channel"], buyer_token=facts["buyer_token"])
        case "minute" if created is not None:
            begin = created.replace(second=0, microsecond=0)
            end = begin + timedelta(minutes=1)
            return Q(shop_id=facts["shop_id"], created_at__gte=begin, created_at__lt=end)
        case "amount" if created is not None and facts["paid_amount"]:
            begin = created.replace(minute=0, second=0, microsecond=0)
            return Q(
                shop_id=facts["shop_id"],
                paid_amount=facts["paid_amount"],
                created_at__gte=begin,
                created_at__lt=begin + timedelta(hours=1),
            )
    return None
