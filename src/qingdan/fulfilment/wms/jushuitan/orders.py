"""A delivery as 聚水潭 writes it."""

from typing import Any, Final

from qingdan.fulfilment.delivery import Delivery, Line
from qingdan.fulfilment.wms import Access
from qingdan.fulfilment.wms.numbers import amount, moment, whole
from qingdan.fulfilment.wms.receiver import Receiver, check_codes, receiver, whoever
from qingdan.fulfilment.wms.wangdian.orders import line_id

TOKENS: Final = frozenset({"taobao"})
"""Channels whose token 聚水潭 takes as ``oaid``; the other platforms' ciphers need more fields than an export has."""
_FLAGS: Final = {"red": 1, "yellow": 2, "green": 3, "blue": 4, "purple": 5}
_ENCRYPTED: Final = "平台加密"


def order(delivery: Delivery, to: Access, *, stop: bool = False) -> dict[str, Any]:
    """Write an order, or with ``stop`` the order as closed; raises ``NotSendableError``.

    The amounts of the lines plus the freight are ``pay_amount`` to the fen, and so is the payment: otherwise the ERP
    would keep the order unpaid.
    """
    facts = delivery.facts
    if stop:
        who, amounts = whoever(delivery), delivery.roughly
    else:
        check_codes(delivery)
        who, amounts = receiver(delivery, TOKENS), delivery.weighed
    cod = facts.get("pay_method") == "cod"
    made: dict[str, Any] = {
        "shop_id": whole(to.setting("shop_id")),
        "so_id": delivery.number,
        "order_date": moment(facts.get("created_at") or facts.get("paid_at") or delivery.released_at),
        "shop_status": "TRADE_CLOSED" if stop else "WAIT_SELLER_SEND_GOODS",
        "shop_buyer_id": (delivery.text("buyer_token") or delivery.number)[:50],
        **_receiver(who),
        "pay_amount": amount(amounts.total),
        "freight": amount(amounts.freight),
        "buyer_message": delivery.text("buyer_message")[:400],
        "remark": delivery.text("seller_memo")[:1000],
        "outer_so_id": delivery.text("order_no")[:50],
        "is_cod": cod,
        "items": [_item(delivery, line) for line in delivery.lines],
    }
    if flag := _FLAGS.get(delivery.text("flag_color")):
        made["seller_flag"] = flag
    if delivery.urgent:
        made["labels"] = "加急"
    if delivery.ship_by:
        made["plan_delivery_date"] = moment(delivery.ship_by)
    if to.setting("wms_co_id"):
        made["wms_co_id"] = whole(to.setting("wms_co_id"))
    if not cod:
        made["pay"] = {
            "outer_pay_id": (delivery.text("payment_no") or delivery.number)[:50],
            "pay_date": moment(facts.get("paid_at") or delivery.released_at),
            "payment": delivery.text("pay_method")[:20] or "其他",
            "seller_account": delivery.text("shop")[:50],
            "buyer_account": (delivery.text("buyer_token") or delivery.number)[:50],
            "amount": amount(amounts.total),
        }
    return made


def _item(delivery: Delivery, line: Line) -> dict[str, Any]:
    return {
        "sku_id": line.sku_code,
        "shop_sku_id": line.sku_code,
        "properties_value": line.spec[:100],
        "name": (line.title or line.sku_code)[:100],
        "qty": line.quantity,
        "amount": amount(line.amount),
        "base_price": amount(line.price),
        "price": round(line.amount / line.quantity / 100, 4) if line.quantity else 0,
        "outer_oi_id": line_id(delivery, line),
        "is_gift": line.total == 0,
    }


def _receiver(who: Receiver) -> dict[str, str]:
    """Write the receiver; keys of the region are left out where they are not known, as the interface asks."""
    region = {
        "receiver_state": who.province,
        "receiver_city": who.city,
        "receiver_district": who.district,
        "receiver_town": who.town,
    }
    known = {key: value for key, value in region.items() if value}
    if who.token:
        # the ERP fetches name, phone and address by the token; the masked ones would end on a label
        return {**known, "oaid": who.token, "receiver_name": _ENCRYPTED, "receiver_address": _ENCRYPTED}
    return {
        **known,
        "receiver_name": who.name[:50],
        "receiver_address": who.address[:200],
        "receiver_mobile": who.phone,
    }
