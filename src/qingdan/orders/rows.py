"""Orders as the screens see them: masked, and nothing but plain values."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from qingdan.core.fields import FIELDS, LINE_FIELDS, ORDER_FIELDS, Field
from qingdan.core.lifecycle import BACKLOG, UNSHIPPED
from qingdan.core.masking import mask
from qingdan.orders.models import Order, OrderLine

_MASKED_IN_ROW: Final = ("receiver_name", "buyer_message", "seller_memo")


def row(columns: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Turn the columns of ``search.ROW_COLUMNS`` into a row of the orders page."""
    shown = dict(columns)
    shown["shop"] = shown.pop("shop__name")
    shown["ship_by"] = shown.pop("ship_by_effective")
    for name in _MASKED_IN_ROW:
        shown[name] = _shown(shown[name], FIELDS[name])
    due = shown["due_at"]
    shown["overdue"] = bool(due and due < now and shown["stage"] in BACKLOG)
    promised = shown["ship_by"]
    shown["late"] = bool(promised and promised < now and shown["stage"] in UNSHIPPED)
    return shown


def order_facts(order: Order) -> dict[str, Any]:
    """Every order field of the catalogue, masked."""
    return {
        field.id: order.shop.name if field.id == "shop" else _shown(getattr(order, field.id), field)
        for field in ORDER_FIELDS
    }


def line_facts(lines: Iterable[OrderLine]) -> list[dict[str, Any]]:
    """Every line field of the catalogue, line by line."""
    return [{field.id: _shown(getattr(line, field.id), field) for field in LINE_FIELDS} for line in lines]


def _shown(value: Any, field: Field) -> Any:
    return mask(value, field.pii) if isinstance(value, str) else value
