"""A delivery as 旺店通 旗舰版 writes it: a raw trade, and its lines."""

from typing import Any, Final

from qingdan.fulfilment.delivery import Delivery, Line
from qingdan.fulfilment.wms import Access
from qingdan.fulfilment.wms.numbers import amount, moment
from qingdan.fulfilment.wms.receiver import check_codes, receiver, whoever

NO_TOKENS: Final[frozenset[str]] = frozenset()
"""A shop of one's own has plain receivers: no platform's token means anything there."""

_TO_SHIP: Final = 30
_REFUNDED: Final = 80


def line_id(delivery: Delivery, line: Line) -> str:
    """Name a line by a number that is the same whenever it is pushed, and unique among all our lines."""
    return f"{delivery.number}_{line.line_no}"


def line_no(delivery_number: str, line: str) -> str:
    """Return the number of a line by its id; empty when it is not one of that delivery's."""
    return line.removeprefix(f"{delivery_number}_") if line.startswith(f"{delivery_number}_") else ""


def trade(delivery: Delivery, to: Access, *, stop: bool = False) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Write the trade and its lines, or with ``stop`` the trade as refunded in full, which takes it back.

    ``receivable`` is the sum of the lines' amounts less their shares of the discount, plus the freight: to the fen what
    the buyer pays, since the shares add up. Raises ``NotSendableError``.
    """
    facts = delivery.facts
    if stop:
        who, amounts = whoever(delivery), delivery.roughly
    else:
        check_codes(delivery)
        who, amounts = receiver(delivery, NO_TOKENS), delivery.weighed
    cod = facts.get("pay_method") == "cod"
    paid = 0 if cod else amounts.total
    head = {
        "tid": delivery.number,
        "process_status": 10,
        "trade_status": _REFUNDED if stop else _TO_SHIP,
        "refund_status": 3 if stop else 0,
        "pay_status": 0 if cod else 2,
        "order_count": len(delivery.lines),
        "goods_count": sum(line.quantity for line in delivery.lines),
        "pay_method": 7 if facts.get("pay_method") == "alipay" else 8 if facts.get("pay_method") == "wechat" else 1,
        "trade_time": moment(facts.get("created_at") or facts.get("paid_at") or delivery.released_at),
        "pay_time": moment(facts.get("paid_at")),
        "end_time": None,
        "buyer_nick": (delivery.text("buyer_token") or who.name)[:100],
        "buyer_message": delivery.text("buyer_message")[:1024],
        "receiver_name": who.name,
        "receiver_area": " ".join(part for part in (who.province, who.city, who.district) if part),
        "receiver_address": who.town + who.address,
        "receiver_mobile": who.phone,
        "post_amount": amount(amounts.freight),
        "other_amount": 0,
        "discount": amount(amounts.discount),
        "receivable": amount(amounts.total),
        "paid": amount(paid),
        "received": amount(paid),
        "cod_amount": amount(amounts.total if cod else 0),
        "platform_cost": 0,
        "delivery_term": 2 if cod else 1,
        "pay_id": delivery.text("payment_no")[:40],
        "remark": _remark(delivery),
        "cust_data": delivery.text("order_no"),
        "logistics_type": -1,
        "is_auto_wms": False,
        "warehouse_no": to.setting("warehouse_no"),
        "to_deliver_time": moment(delivery.ship_by),
    }
    return head, [_line(delivery, line, stop=stop) for line in delivery.lines]


def _line(delivery: Delivery, line: Line, *, stop: bool) -> dict[str, Any]:
    """Write a line; what a price of whole fen can not hold is in ``adjust_amount``."""
    return {
        "tid": delivery.number,
        "oid": line_id(delivery, line),
        "status": _REFUNDED if stop else _TO_SHIP,
        "refund_status": 5 if stop else 0,
        "goods_id": line.sku_code,
        "spec_id": line.sku_code,
        "goods_no": line.sku_code,
        "spec_no": line.sku_code,
        "goods_name": line.title or line.sku_code,
        "spec_name": line.spec,
        "num": line.quantity,
        "price": amount(line.price),
        "discount": 0,
        "share_discount": amount(line.discount),
        "adjust_amount": amount(line.total - line.price * line.quantity),
        "total_amount": amount(line.total),
        "refund_amount": amount(line.amount) if stop else 0,
        "remark": "",
        "json": "",
    }


def _remark(delivery: Delivery) -> str:
    """Say which order of which shop it is: people at the warehouse look for it by that."""
    origin = f"{delivery.text('shop')} {delivery.text('order_no')}".strip()
    return " ".join(part for part in (delivery.text("seller_memo"), origin) if part)[:1024]
