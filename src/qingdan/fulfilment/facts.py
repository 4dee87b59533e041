"""Orders as deliveries: their facts and lines from the store, weighed to the fen."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from qingdan.core.fields import ORDER_FIELDS
from qingdan.core.message import Message
from qingdan.fulfilment.delivery import AmountsError, Delivery, Line, weigh
from qingdan.fulfilment.models import Push
from qingdan.orders.models import Order, OrderLine

if TYPE_CHECKING:
    from datetime import datetime

_FACTS: Final = tuple(f.id for f in ORDER_FIELDS if f.id != "shop")
_MORE: Final = ("id", "shop__name", "changed_at", "decided_name", "ship_by_effective", "tier")
_LINE: Final = (
    "order_id",
    "line_no",
    "sku_code",
    "title",
    "spec",
    "quantity",
    "unit_price",
    "line_refund_state",
    "gift",
)


def deliveries(
    order_ids: Sequence[int], revisions: Mapping[int, int]
) -> dict[int, tuple[Delivery | None, Message | None]]:
    """Return each order as the delivery of its revision, and what is wrong with its amounts if anything is.

    An order whose amounts contradict each other still has a delivery, so that it can be asked for and stopped.
    """
    if not order_ids:
        return {}
    lines: dict[int, list[Line]] = {order_id: [] for order_id in order_ids}
    for row in OrderLine.objects.filter(order_id__in=order_ids).order_by("order_id", "line_no").values(*_LINE):
        # what is refunded already is not shipped
        if row["line_refund_state"] != "success":
            lines[row["order_id"]].append(
                Line(
                    row["line_no"],
                    row["sku_code"] or "",
                    row["title"],
                    row["spec"],
                    row["quantity"] or 1,
                    0 if row["gift"] else row["unit_price"],
                )
            )
    released: dict[int, datetime] = {}
    warehouse_nos: dict[tuple[int, int], str] = {}
    for order_id, revision, created_at, warehouse_no in (
        Push.objects.filter(order_id__in=order_ids, operation="create")
        .order_by("revision")
        .values_list("order_id", "revision", "created_at", "warehouse_no")
    ):
        released[order_id] = created_at
        warehouse_nos[order_id, revision] = warehouse_no
    found: dict[int, tuple[Delivery | None, Message | None]] = {}
    for row in Order.objects.filter(id__in=order_ids).values(*_MORE, *_FACTS):
        order_id = row["id"]
        problem = None
        facts = {**row, "shop": row["shop__name"]}
        try:
            amounts, weighed = weigh(facts, lines[order_id])
        except AmountsError as error:
            amounts, weighed, problem = None, tuple(lines[order_id]), error.message
        found[order_id] = (
            Delivery(
                order_id,
                revisions[order_id],
                facts,
                weighed,
                amounts,
                released.get(order_id) or row["changed_at"],
                row["decided_name"] or "",
                row["ship_by_effective"],
                row["tier"] == "urgent",
                warehouse_nos.get((order_id, revisions[order_id]), ""),
            ),
            problem,
        )
    return found
